"""Running a function inside of something: plain, coroutine and generator functions, and the tests of a class.

What runs around a call is a context manager, a fresh one for each call; what it gives goes to one parameter by keyword.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from lookalike.errors import UsageError

__tracebackhide__ = True

Opener = Callable[[tuple[Any, ...]], AbstractContextManager[Any]]

_TAKEN = "__lookalike_into__"


@dataclass(frozen=True, slots=True)
class Around:
    """What runs around calls of one function.

    open: makes the context manager for a call with these positional arguments
    name: the parameter that gets what it gives, or None
    """

    open: Opener
    name: str | None

    def fill(self, options: dict[str, Any], value: Any) -> dict[str, Any]:
        """The keyword arguments with the value; one that the caller gave stays."""
        return options if self.name is None else {self.name: value, **options}


def around(function: Any, open: Opener, *, into: str | None = None, first: bool = True) -> Any:  # noqa: A002  the module's own word
    """The function, run inside of what `open` makes.

    into:  the parameter that gets what the context manager gives, where the function has it (or takes any keyword)
    first: refuse a parameter that another decorator of this kind fills already; else that one keeps it

    Tools that look at the signature (pytest, Hypothesis) don't see the parameter. Raises UsageError.
    """
    if isinstance(function, staticmethod | classmethod):
        return type(function)(around(function.__func__, open, into=into, first=first))
    _check_function(function)
    name, signature = _passing(function, into, first)
    kind = next((make for fits, make in _KINDS if fits(function)), _plain)
    wrapper = kind(function, Around(open, name))
    functools.update_wrapper(wrapper, function)
    if name is not None:
        setattr(wrapper, _TAKEN, frozenset({*getattr(function, _TAKEN, ()), name}))
        wrapper.__signature__ = signature  # type: ignore[attr-defined]  # inspect reads it
    return wrapper


def parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    """The parameters of a callable; none where it doesn't tell."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _check_function(function: Any) -> None:
    # A fixture is an object of its own since pytest 8.4, and before that a function with a mark.
    if type(function).__name__ == "FixtureFunctionDefinition" or hasattr(function, "_pytestfixturefunction"):
        raise UsageError("a fixture is decorated before it is a fixture: put @pytest.fixture above, the mock below it")
    if not callable(function):
        raise UsageError(f"{function!r} can't be decorated: it is no function, coroutine function or class")


def _passing(function: Any, into: str | None, first: bool) -> tuple[str | None, inspect.Signature]:
    """The name under which the value is passed, or None, and the signature without it."""
    known = parameters(function)
    taken = getattr(function, _TAKEN, ())
    if into is not None and into in taken:
        if not first:
            return None, inspect.Signature()
        raise UsageError(
            f"two doubles would go to the parameter {into!r} of {function.__qualname__}; name another parameter "
            f'for one of them: @api.mock(into="other")'
        )
    parameter = known.get(into) if into is not None else None
    if parameter is not None and parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise UsageError(
            f"the parameter {into!r} of {function.__qualname__} is positional-only; it is passed by keyword"
        )
    variable = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
    named = parameter is not None and parameter.kind not in variable
    if not named and not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values()):
        return None, inspect.Signature()
    rest = [one for one in known.values() if not (named and one.name == into)]
    return into, inspect.signature(function).replace(parameters=rest)


def _plain(function: Callable[..., Any], run: Around) -> Callable[..., Any]:
    def wrapper(*args: Any, **options: Any) -> Any:
        opened = run.open(args)
        value = opened.__enter__()
        try:
            result = function(*args, **run.fill(options, value))
        except BaseException as error:
            opened.__exit__(type(error), error, error.__traceback__)
            raise
        if inspect.iscoroutine(result):
            # Some other decorator hides a coroutine function behind a plain one: it is over when its result is.
            return _awaited(result, opened)
        opened.__exit__(None, None, None)
        return result

    return wrapper


async def _awaited(result: Any, opened: AbstractContextManager[Any]) -> Any:
    try:
        value = await result
    except BaseException as error:
        opened.__exit__(type(error), error, error.__traceback__)
        raise
    opened.__exit__(None, None, None)
    return value


def _coroutine(function: Callable[..., Any], run: Around) -> Callable[..., Any]:
    async def wrapper(*args: Any, **options: Any) -> Any:
        with run.open(args) as value:
            return await function(*args, **run.fill(options, value))

    return wrapper


def _generator(function: Callable[..., Any], run: Around) -> Callable[..., Any]:
    def wrapper(*args: Any, **options: Any) -> Generator[Any, Any, Any]:
        with run.open(args) as value:
            return (yield from function(*args, **run.fill(options, value)))

    return wrapper


def _async_generator(function: Callable[..., Any], run: Around) -> Callable[..., Any]:
    async def wrapper(*args: Any, **options: Any) -> AsyncIterator[Any]:
        with run.open(args) as value:
            inner = function(*args, **run.fill(options, value))
            try:
                item = await anext(inner)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        item = await inner.athrow(error)
                    else:
                        item = await inner.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await inner.aclose()

    return wrapper


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Callable[..., Any], Around], Callable[..., Any]]], ...] = (
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.isgeneratorfunction, _generator),
    (inspect.iscoroutinefunction, _coroutine),
)
