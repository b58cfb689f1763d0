"""What a stand-in for a response says, read without touching it: a Mock's configuration, or somebody's own class."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from types import FunctionType
from typing import Any

from lookalike.audit.ear import Ear, Heard
from lookalike.response_parts import UNSET

__tracebackhide__ = True

_STATUSES = ("status_code", "status", "code")
_BODIES = ("text", "content", "data")
_READERS = ("read", "text")


def is_mock(value: Any) -> bool:
    """Whether something is one of unittest.mock's, or of its backport's."""
    return "_mock_children" in getattr(value, "__dict__", ())


def mock_behind(value: Any) -> Any:
    """The Mock itself, where autospec has put a function in front of it."""
    behind = getattr(value, "mock", None) if isinstance(value, FunctionType) else None
    return behind if behind is not None and is_mock(behind) else value


class Bodies:
    """Hears bodies that only a call tells: `json()` of somebody's own class, or with a side effect."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self.waiting: dict[int, tuple[Any, Heard]] = {}  # a mock of `json`, and for what
        self._wrapped: dict[int, tuple[Any, list[Heard]]] = {}  # with the object, so that its id stays its own

    def read(self, result: Any, one: Heard) -> None:
        """Fill in what a result says."""
        if is_mock(result):
            self._read_mock(_entered(result), one)
        elif isinstance(result, BytesIO):
            one.content = result.getvalue()
        elif not isinstance(result, dict | list | str | bytes | int | float | bool | type(None)):
            self._read_object(result, one)

    def called(self, mock: Any, value: Any) -> None:
        """A mock that tells a body was called."""
        waiting = self.waiting.get(id(mock))
        if waiting is not None and not is_mock(value):
            waiting[1].says(value)

    def _read_mock(self, result: Any, one: Heard) -> None:
        own, children = vars(result), result._mock_children
        for name in _STATUSES:
            status = _value(result, name)
            if isinstance(status, int) and not isinstance(status, bool):
                one.status = int(status)
                break
        headers = _value(result, "headers")
        one.headers = _pairs(headers) if isinstance(headers, dict) else None
        said = mock_behind(children.get("json"))
        if is_mock(said):
            value = _returned(said)
            if value is not UNSET:
                one.says(value)
                return
            if vars(said).get("_mock_side_effect") is not None:
                self.waiting[id(said)] = (said, one)
                self._ear.endings.append(self.waiting.clear)
                return
        elif inspect.isfunction(own.get("json")):
            self._listen(result, one, own["json"])
            return
        for name in _BODIES:
            body = _value(result, name)
            if isinstance(body, str | bytes) and body:
                one.content = body.encode() if isinstance(body, str) else body
                return
        for name in _READERS:
            body = _returned(mock_behind(children.get(name))) if is_mock(mock_behind(children.get(name))) else UNSET
            if isinstance(body, str | bytes) and body:
                one.content = body.encode() if isinstance(body, str) else body
                return

    def _read_object(self, result: Any, one: Heard) -> None:
        own = getattr(result, "__dict__", None)
        if own is None:
            return
        for name in _STATUSES:
            status = own.get(name, getattr(type(result), name, None))
            if isinstance(status, int) and not isinstance(status, bool):
                one.status = int(status)
                break
        headers = own.get("headers")
        one.headers = _pairs(headers) if hasattr(headers, "items") and headers else None
        content = own.get("_content", own.get("content", own.get("text")))
        if isinstance(content, str | bytes) and content:
            one.content = content.encode() if isinstance(content, str) else content
            return
        reader = getattr(type(result), "json", None)
        # A client's own response whose body isn't there yet is read when it is.
        if inspect.isfunction(reader) and type(result).__module__.split(".")[0] not in ("requests", "httpx", "aiohttp"):
            self._listen(result, one, result.json)

    def _listen(self, result: Any, one: Heard, original: Callable[..., Any]) -> None:
        """Hear what `json()` gives, until the test is over."""
        known = self._wrapped.get(id(result))
        if known is not None:
            known[1].append(one)
            return
        pending = [one]
        before = result.__dict__.get("json", UNSET)

        def told(value: Any) -> None:
            for waiting in pending:
                waiting.says(value)
            pending.clear()

        @wraps(original)
        def heard_json(*args: Any, **kwargs: Any) -> Any:
            value = original(*args, **kwargs)
            if inspect.iscoroutine(value):
                return _awaited(value, told)
            told(value)
            return value

        try:
            result.__dict__["json"] = heard_json
        except TypeError:
            return
        self._wrapped[id(result)] = (result, pending)

        def undo() -> None:
            self._wrapped.pop(id(result), None)
            if result.__dict__.get("json") is heard_json:
                if before is UNSET:
                    del result.__dict__["json"]
                else:
                    result.__dict__["json"] = before

        self._ear.endings.append(undo)


async def _awaited(coroutine: Any, told: Callable[[Any], None]) -> Any:
    value = await coroutine
    told(value)
    return value


def _entered(result: Any) -> Any:
    """What `with` or `async with` gives of it, where the test has said that."""
    for name in ("__enter__", "__aenter__"):
        entering = mock_behind(result._mock_children.get(name))
        if is_mock(entering):
            inner = _returned(entering)
            if is_mock(inner):
                return inner
    return result


def _returned(mock: Any) -> Any:
    """A mock's return value, where the test has set one that isn't a mock's own; UNSET otherwise."""
    own = vars(mock)
    value = own.get("_mock_return_value", UNSET)
    if own.get("_mock_side_effect") is not None or _is_default(value):
        return UNSET
    return value if not is_mock(value) or value._mock_children or len(vars(value)) else UNSET


def _is_default(value: Any) -> bool:
    return value is UNSET or (type(value).__name__ == "_SentinelObject" and getattr(value, "name", "") == "DEFAULT")


def _value(mock: Any, name: str) -> Any:
    """An attribute that the test has set, None for one that the mock would make up."""
    own = vars(mock)
    if name in own:
        return own[name]
    of_class = vars(type(mock)).get(name)
    return _returned(of_class) if of_class is not None and is_mock(of_class) else None


def _pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in headers.items())
