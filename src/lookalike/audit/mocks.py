"""unittest.mock, its backport and pytest-mock: patches of functions that send requests, and mocks called with a URL."""

from __future__ import annotations

import inspect
import sys
from functools import cache, wraps
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.configured import Bodies, is_mock, mock_behind
from lookalike.audit.ear import Declared, Ear, Heard, is_own, place_of, place_outside, played
from lookalike.audit.known import SENDERS, VERBS, asked, sender_of

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True

LIBRARY = "unittest.mock"
_PLACE = "_lookalike_place"
_NOWHERE = ("", 0)
_SENDING = VERBS | SENDERS


# These patch a client themselves, and tell what they answer in places of their own.
_LIBRARIES = frozenset({"aioresponses", "httpretty", "mocket", "pook", "requests_mock", "responses", "respx", "vcr"})
_BETWEEN = frozenset({"contextlib", "functools", "lookalike", "mock", "pytest_mock", "unittest"})


@cache
def _package(module: str) -> str:
    return module.partition(".")[0]


def _maker() -> tuple[str, int] | None:
    """The line that makes a patch, `("", 0)` where it is in nobody's own code; None where a mock library makes it."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        package = _package(str(frame.f_globals.get("__name__", "")))
        if package not in _BETWEEN:
            break
        frame = frame.f_back
    if frame is not None and package in _LIBRARIES:
        return None
    while frame is not None and not is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else _NOWHERE


class Patched:
    """The mocks that stand for functions that send requests, and what their calls came to."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self.bodies = Bodies(ear)
        self._known: dict[int, tuple[Any, str | None, str]] = {}  # the mock itself, so that its id stays its own

    def register(self, new: Any, sender: str, place: str) -> Any:
        """Something stands in for a function that sends requests. What to put there: a function is heard by another."""
        mock = mock_behind(new)
        if is_mock(mock):
            self._known[id(mock)] = (mock, sender, place)
            return new
        if not inspect.isfunction(new) or not sender:
            return new
        return self._heard_function(new, sender, place)

    def leave(self, new: Any) -> None:
        """Something stands in for such a function, and tells what it answers by itself."""
        mock = mock_behind(new)
        if is_mock(mock):  # nobody hears of calls of anything else
            self._known[id(mock)] = (mock, None, "")

    def drop(self, new: Any) -> None:
        """A patch ended."""
        if self._known:
            self._known.pop(id(mock_behind(new)), None)

    def ended(self, patch: Any) -> None:
        """A patch of unittest.mock is about to end."""
        if self._known and hasattr(patch, "target"):
            self.drop(getattr(patch.target, "__dict__", {}).get(patch.attribute))

    def _heard_function(self, new: Any, sender: str, place: str) -> Any:
        if inspect.iscoroutinefunction(new):

            @wraps(new)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                result = await new(*args, **kwargs)
                with self.ear.quietly(LIBRARY):
                    self._note(sender, args, kwargs, result, place)
                return result

            return awaited

        @wraps(new)
        def called(*args: Any, **kwargs: Any) -> Any:
            result = new(*args, **kwargs)
            with self.ear.quietly(LIBRARY):
                self._note(sender, args, kwargs, result, place)
            return result

        return called

    def called(self, mock: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """A mock was called: one that tells a body, one that stands for a sender, or one that was given a URL."""
        key = id(mock)
        if key in self.bodies.waiting:
            self.bodies.called(mock, result)
            return
        own = vars(mock)
        known = self._known.get(key)
        name = known[1] if known is not None else own.get("_mock_new_name") or own.get("_mock_name")
        if (
            not isinstance(name, str)
            or name not in _SENDING
            or (own.get("_mock_wraps") is not None and known is not None)
        ):
            return
        place = known[2] if known is not None else self._place_above(mock)
        self._note(name, args, kwargs, result, place or "", sure=place is not None)

    def _place_above(self, mock: Any) -> str | None:
        """The line that patched the module or class which this mock is a part of; None where none did."""
        above = vars(mock).get("_mock_new_parent")
        while above is not None:
            known = self._known.get(id(above))
            if known is not None:
                return known[2]
            above = vars(above).get("_mock_new_parent")
        return None

    def _note(
        self, sender: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, place: str, *, sure: bool = True
    ) -> None:
        request = asked(sender, args, kwargs)
        if request is None or (not sure and "://" not in request[1]):
            return
        method, url = request
        one = Heard(method, url, Declared(LIBRARY, place), self.ear.test, place or self.ear.place)
        self.bodies.read(result, one)
        said = one.status is not None or one.content is not None or self._waits(one)
        if (sure or said) and not played(Declared(LIBRARY, place, status=one.status is not None)):
            self.ear.heard.append(one)
            self._followed(one)

    def _followed(self, one: Heard) -> None:
        """What a `json()` gives is the test's own object, and stays it: only texts can be followed."""
        if self.ear.reader is not None:
            content = b"" if one.status == 204 else one.content
            self.ear.reader(one.method, one.url, one.status or 200, content)

    def _waits(self, one: Heard) -> bool:
        return any(waiting is one for _, waiting in self.bodies.waiting.values())


_patched: dict[int, Patched] = {}


def patched_of(ear: Ear) -> Patched:
    """What an ear knows of patches: one for unittest.mock, its backport and pytest's monkeypatch together."""
    found = _patched.get(id(ear))
    if found is None or found.ear is not ear:
        _patched.clear()
        found = _patched[id(ear)] = Patched(ear)
    return found


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Hear patches, and calls of mocks."""
    known = patched_of(ear)
    _observe_patches(module._patch, known, patches)
    call = module.CallableMixin._execute_mock_call

    @wraps(call)
    def heard_call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        result = call(self, *args, **kwargs)
        try:
            known.called(self, args, kwargs, result)
        except Exception as error:  # whatever it is, the test's outcome is its own
            ear.trouble(LIBRARY, error)
        return result

    patches.set(module.CallableMixin, "_execute_mock_call", heard_call)
    awaited = module.AsyncMockMixin._execute_mock_call

    @wraps(awaited)
    async def heard_await(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        result = await awaited(self, *args, **kwargs)
        try:
            known.called(self, args, kwargs, result)
        except Exception as error:  # as above
            ear.trouble(LIBRARY, error)
        return result

    patches.set(module.AsyncMockMixin, "_execute_mock_call", heard_await)


def _observe_patches(patch: Any, known: Patched, patches: Patching) -> None:
    make, enter, leave = patch.__init__, patch.__enter__, patch.__exit__

    @wraps(make)
    def noted_make(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        with known.ear.quietly(LIBRARY):
            setattr(self, _PLACE, _maker())

    @wraps(enter)
    def noted_enter(self: Any) -> Any:
        result = enter(self)
        with known.ear.quietly(LIBRARY):
            sender = sender_of(self.temp_original)
            made = getattr(self, _PLACE, _NOWHERE) if sender is not None else None
            if sender is not None and made is None:
                known.leave(result)
            elif sender is not None and made is not None:
                target, name = self.target, self.attribute
                new = vars(target).get(name)
                ours = known.register(new, sender, place_of(*made) if made[0] else place_outside())
                if ours is not new:
                    setattr(target, name, ours)
        return result

    @wraps(leave)
    def noted_leave(self: Any, *args: Any) -> Any:
        with known.ear.quietly(LIBRARY):
            known.ended(self)
        return leave(self, *args)

    patches.set(patch, "__init__", noted_make)
    patches.set(patch, "__enter__", noted_enter)
    patches.set(patch, "__exit__", noted_leave)
