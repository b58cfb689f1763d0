"""A double around each test of a class: from before setUp until after tearDown, a fresh one for each test."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import TracebackType
from typing import Any

from lookalike.api.session import Session
from lookalike.api.wrap import around, parameters
from lookalike.errors import UsageError

__tracebackhide__ = True

PREFIX = "test"
# What a runner calls before and after each test: pytest, unittest, and nose with its successors.
PAIRS = (("setup_method", "teardown_method"), ("setUp", "tearDown"), ("setup", "teardown"))
_SESSIONS = "_lookalike_sessions"


def cover_class(cls: type, make: Callable[[], Session[Any]], into: str) -> type:
    """Let each `test*` method of the class, inherited ones too, run inside of a session of its own; returns the class.

    The session begins before setUp (setup_method). What went wrong inside is raised when the test method ends, so the
    test fails; the double answers until tearDown (teardown_method) is over. Raises UsageError where there is no test.
    """
    tests = test_methods(cls)
    if not tests:
        raise UsageError(f"{cls.__name__} has no method that begins with {PREFIX!r}, so there is nothing to cover")
    cover = _Cover(make, into)
    for name, function in tests.items():
        setattr(cls, name, around(function, cover.of_test, into=into, first=False))
    is_case = hasattr(cls, "addCleanup") and hasattr(cls, "setUp")
    for before, after in PAIRS:
        if is_case and before == "setUp":
            cls.setUp = cover.setup(cls.setUp, case=True)  # type: ignore[attr-defined]  # unittest's
        elif not is_case and (hasattr(cls, before) or hasattr(cls, after)):
            setattr(cls, before, cover.setup(getattr(cls, before, _nothing), case=False))
            setattr(cls, after, cover.teardown(getattr(cls, after, _nothing)))
    return cls


def test_methods(cls: type) -> dict[str, Any]:
    """The `test*` methods of a class by name, as they stand in the class body (static methods unbound)."""
    found = ((name, inspect.getattr_static(cls, name)) for name in dir(cls) if name.startswith(PREFIX))
    return {
        name: value
        for name, value in found
        if inspect.isfunction(value) or isinstance(value, staticmethod | classmethod)
    }


def of_arity(count: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with so many positional parameters (0 to 2).

    pytest counts them in the code of a setup to see whether it wants the test's method or class.
    """
    return (
        lambda: function(),
        lambda one: function(one),
        lambda one, other: function(one, other),
    )[min(count, 2)]


def _nothing(self: Any) -> None:
    """In place of a setup or teardown that a class doesn't have."""


class _Cover:
    """The sessions of one decorated class, kept by the test's own instance."""

    def __init__(self, make: Callable[[], Session[Any]], into: str) -> None:
        self._make = make
        self._into = into

    def _sessions(self, test: Any) -> dict[_Cover, Session[Any]]:
        sessions: dict[_Cover, Session[Any]] = test.__dict__.setdefault(_SESSIONS, {})
        return sessions

    def of_test(self, args: tuple[Any, ...]) -> Session[Any] | _Checked:
        """What runs around a test: the session that its setup began, else one of its own."""
        begun = self._sessions(args[0]).get(self) if args and hasattr(args[0], "__dict__") else None
        return _Checked(begun) if begun is not None else self._make()

    def setup(self, original: Callable[..., Any], *, case: bool) -> Callable[..., Any]:
        known = parameters(original)
        wanted = self._into if self._into in known else None

        def begin(test: Any, *args: Any) -> Any:
            sessions = self._sessions(test)
            if self in sessions:
                return original(test, *args, **({wanted: sessions[self].double} if wanted else {}))
            session = self._make()
            double = session.begin()
            sessions[self] = session
            if case:
                test.addCleanup(self._close, test)
            try:
                return original(test, *args, **({wanted: double} if wanted else {}))
            except BaseException as error:
                del sessions[self]
                session.end(error)
                raise

        return _named(of_arity(len([name for name in known if name != wanted]), begin), original, wanted)

    def teardown(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def end(test: Any, *args: Any) -> Any:
            try:
                return original(test, *args)
            finally:
                self._close(test)

        return _named(of_arity(len(parameters(original)), end), original, None)

    def _close(self, test: Any) -> None:
        session = self._sessions(test).pop(self, None)
        if session is not None:
            session.undo()


class _Checked:
    """Around a test whose session goes on until its teardown: what went wrong is raised at the end of the test."""

    def __init__(self, session: Session[Any]) -> None:
        self._session = session

    def __enter__(self) -> Any:
        return self._session.double

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.check(error)


def _named(wrapper: Callable[..., Any], original: Callable[..., Any], hidden: str | None) -> Callable[..., Any]:
    functools.update_wrapper(wrapper, original)
    if hidden is not None:
        signature = inspect.signature(original)
        rest = [one for one in signature.parameters.values() if one.name != hidden]
        wrapper.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]  # inspect reads it
    return wrapper
