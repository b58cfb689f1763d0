"""Leaving out the tests that hit the real API."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

from lookalike.api.classes import of_arity, test_methods
from lookalike.api.wrap import around, parameters
from lookalike.errors import UsageError

__tracebackhide__ = True

REASON = "Skipping tests that hit the real API server."
_FALSE = frozenset({"", "0", "false", "no"})
# What a class does before its tests may reach the real API as well.
_SETUPS = ("setUpClass", "setup_class", "setUp", "setup_method", "setup", "asyncSetUp")

C = TypeVar("C", bound=type)
P = ParamSpec("P")
R = TypeVar("R")


def skips_real() -> bool:
    """Whether the environment variable SKIP_REAL says so now: anything but `""`, `0`, `false` and `no` in any case."""
    return os.environ.get("SKIP_REAL", "").strip().lower() not in _FALSE


class _SkipReal:
    def __enter__(self) -> None:
        if skips_real():
            import unittest

            raise unittest.SkipTest(REASON)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing ends."""


@overload
def skip_real(target: C) -> C: ...
@overload
def skip_real(target: Callable[P, R]) -> Callable[P, R]: ...
def skip_real(target: Any) -> Any:
    """Skip a test function, coroutine function or test class while SKIP_REAL says so, read when the test is called.

    It raises `unittest.SkipTest`, which pytest, unittest and nose show as a skip with the reason. In a class it covers
    each `test*` method and what is set up before them. Raises UsageError for what can't be decorated.
    """
    if not isinstance(target, type):
        return around(target, lambda args: _SkipReal())
    covered = test_methods(target)
    if not covered:
        raise UsageError(f"{target.__name__} has no method that begins with 'test', so there is nothing to skip")
    for name, function in covered.items():
        setattr(target, name, around(function, lambda args: _SkipReal()))
    for name in _SETUPS:
        home = next((base for base in target.__mro__ if name in vars(base)), None)
        # The empty ones of unittest reach nothing, so they stay.
        if home is not None and home.__module__.partition(".")[0] != "unittest":
            setattr(target, name, _setup(vars(home)[name]))
    return target


def _setup(function: Any) -> Any:
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_setup(function.__func__))
    covered = around(function, lambda args: _SkipReal())
    if inspect.iscoroutinefunction(function):
        return covered
    return functools.update_wrapper(of_arity(len(parameters(function)), covered), function)
