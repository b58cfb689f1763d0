"""The spellings of one thing: context manager, decorator, start and stop."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from lookalike.api.session import Session
from lookalike.double.double import Double
from lookalike.double.source import Place, caller
from lookalike.errors import NoSuchAttribute, UsageError

__tracebackhide__ = True

D = TypeVar("D", bound=Double)
C = TypeVar("C", bound=type)
P = ParamSpec("P")
R = TypeVar("R")


class Patcher(Generic[D]):
    """Puts a double in an API's place: `with`, `async with`, as a decorator, or by `start` and `stop`.

    Each use makes a fresh double. As a decorator of a function, coroutine function, generator (a fixture, say) or test
    class, it passes the double by keyword to one parameter, where the function has it.
    """

    def __init__(self, make: Callable[[], Session[D]], *, into: str, spelled: str) -> None:
        if not isinstance(into, str) or not into.isidentifier():
            raise UsageError(f'{spelled}: into={into!r} is not the name of a parameter; write into="mock"')
        self._make = make
        self._into = into
        self._spelled = spelled
        self._session: Session[D] | None = None
        self._started: Place | None = None

    if not TYPE_CHECKING:  # a checker knows by itself

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            raise NoSuchAttribute(
                f"{self._spelled} is not begun, so it has no .{name}; the double is what begins it gives\n"
                f"  with {self._spelled} as {self._into}: {self._into}.{name}...\n"
                f"  {self._into} = patcher.start(); {self._into}.{name}...; patcher.stop()"
            )

    def start(self) -> D:
        """Begin; returns the double. Raises UsageError where it was begun and not yet ended."""
        if self._session is not None:
            raise UsageError(
                f"this {self._spelled} was started at {self._started} and isn't stopped; stop() it, or start another"
            )
        session = self._begun_at(caller())
        double = session.begin(self)
        self._session, self._started = session, session.place
        return double

    def stop(self) -> None:
        """End, and raise what went wrong inside. Raises UsageError where it wasn't started."""
        self._end(None)

    def session(self) -> Session[D]:
        """One use of it, not begun; for what begins and ends a double by its own rules."""
        return self._make()

    def _end(self, error: BaseException | None) -> None:
        session, self._session = self._session, None
        if session is None:
            raise UsageError(f"this {self._spelled} isn't started, or is stopped already; call start() first")
        session.end(error)

    def __enter__(self) -> D:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)

    async def __aenter__(self) -> D:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)

    @overload
    def __call__(self, target: C) -> C: ...
    @overload
    def __call__(self, target: Callable[P, R]) -> Callable[P, R]: ...
    def __call__(self, target: Any) -> Any:
        """Decorate a function or a test class. Raises UsageError for what can't be decorated."""
        # Imported when used: most tests use `with` or a fixture.
        from lookalike.api.classes import cover_class
        from lookalike.api.wrap import around

        place = caller()
        if isinstance(target, type):
            return cover_class(target, lambda: self._begun_at(place), self._into)
        return around(target, lambda args: self._begun_at(place), into=self._into)

    def _begun_at(self, place: Place) -> Session[D]:
        session = self._make()
        session.place = place
        return session
