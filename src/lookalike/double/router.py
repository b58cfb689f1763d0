"""Routes that are declared once and for all, and taken over by as many mocks as like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, cast

from lookalike.double import source
from lookalike.double.asked import Asked, Path
from lookalike.double.conditions import Condition, asked_with
from lookalike.double.misuse import habits_of, names_of
from lookalike.double.source import Place, caller
from lookalike.double.url_regex import behind
from lookalike.errors import UsageError
from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.double.conditions import Condition
    from lookalike.double.mock import MockDouble
    from lookalike.double.route import Route

__tracebackhide__ = True

# What is only known once there is a contract can't be tried before.
_NEEDS_A_CONTRACT = frozenset({"respond_like"})


class Router:
    """A base that tests extend: `router.get("/todos").respond(json=[])` once, `api.mock(router=router)` in each test.

    prefix:   in front of each path, `/v2`
    base_url: where the API is, if it isn't that of the mock: paths then are below it

    Each mock declares the routes anew, so counts and positions are its own, and its contract judges the replies. They
    may stay unused. Of several that match the newest wins, so what a test declares overrides what it took over.
    Raises UsageError at the line that declares what no mock could.
    """

    def __init__(self, *, prefix: str = "", base_url: str | None = None) -> None:
        self.prefix = checked_prefix(prefix, "Router()")
        self.base_url = base_url.rstrip("/") if base_url is not None else None
        if self.base_url is not None:
            split_url(self.base_url)
        self._parts: list[_Planned | tuple[Router, str]] = []

    def get(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for GET; see `route`."""
        return self._plan("get", (path,), asked_with(condition, asked))

    def post(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for POST; see `route`."""
        return self._plan("post", (path,), asked_with(condition, asked))

    def put(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for PUT; see `route`."""
        return self._plan("put", (path,), asked_with(condition, asked))

    def patch(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for PATCH; see `route`."""
        return self._plan("patch", (path,), asked_with(condition, asked))

    def delete(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for DELETE; see `route`."""
        return self._plan("delete", (path,), asked_with(condition, asked))

    def head(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for HEAD; see `route`."""
        return self._plan("head", (path,), asked_with(condition, asked))

    def options(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for OPTIONS; see `route`."""
        return self._plan("options", (path,), asked_with(condition, asked))

    def route(self, method: str, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for a method, `"*"` for any; what a mock's `route` takes, and the same replies after it."""
        return self._plan("route", (method, path), asked_with(condition, asked))

    def mount(self, path: str, app: Any, **asked: Any) -> Route:
        """Let a WSGI or ASGI app answer all below a path; what a mock's `mount` takes."""
        return self._plan("mount", (path, app), asked)

    def pass_through(self, path: str = "/", **asked: Any) -> Route:
        """Let the real API answer all below a path; what a mock's `pass_through` takes."""
        return self._plan("pass_through", (path,), asked)

    def include(self, router: Router, *, prefix: str = "") -> Router:
        """Take over another router's routes, those that it declares later too; returns this router.

        Raises UsageError where one would contain itself.
        """
        checked_router(router)
        if router is self or self in router.routers():
            raise UsageError("router.include(): a router can't contain itself")
        self._parts.append((router, checked_prefix(prefix, "router.include()")))
        return self

    def routers(self) -> Iterator[Router]:
        """The routers in it, at any depth."""
        for part in self._parts:
            if isinstance(part, tuple):
                yield part[0]
                yield from part[0].routers()

    def declare(self, mock: MockDouble, prefix: str = "", base_url: str | None = None) -> Iterator[Route]:
        """Declare its routes anew in a mock, in order."""
        base_url, prefix = (self.base_url, self.prefix) if self.base_url else (base_url, prefix + self.prefix)
        for part in tuple(self._parts):
            if isinstance(part, tuple):
                yield from part[0].declare(mock, prefix + part[1], base_url)
            else:
                yield part.declare(mock, (base_url or "") + prefix)

    def __dir__(self) -> list[str]:
        return names_of(self)

    def _plan(self, verb: str, args: tuple[Any, ...], asked: Mapping[str, Any]) -> Route:
        planned = _Planned(self, verb, args, asked)
        self._parts.append(planned)
        # What it takes and returns is a route's, as checkers should see it.
        return cast("Route", planned)

    def forget(self, planned: _Planned) -> None:
        """Its declaration failed."""
        self._parts = [part for part in self._parts if part is not planned]


habits_of(
    Router,
    "a router",
    dict.fromkeys(
        ("mock", "start", "activate", "calls", "routes"), "a mock takes it over: with api.mock(router=router) as mock"
    ),
)


class _Planned:
    """A route as it is to be declared: what was said of it, step by step. Each step is tried when it is said."""

    def __init__(self, router: Router, verb: str, args: tuple[Any, ...], asked: Mapping[str, Any]) -> None:
        from lookalike.double.mock import MockDouble

        self._router = router
        self._verb, self._args, self._asked = verb, args, dict(asked)
        self._place = caller()
        self._steps: list[tuple[str, tuple[Any, ...], dict[str, Any], Place]] = []
        trial = MockDouble("router", router.base_url or "https://router.invalid")
        self._trial = self._begin(trial, "")

    def _begin(self, mock: MockDouble, prefix: str) -> Route:
        args = [_below(prefix, one) for one in self._args] if prefix else self._args
        route: Route = getattr(mock, self._verb)(*args, **self._asked)
        return route

    def declare(self, mock: MockDouble, prefix: str) -> Route:
        """Declare it in a mock; messages name the lines of the router."""
        with source.standing_at(self._place):
            route = self._begin(mock, prefix)
        for name, args, keywords, place in self._steps:
            with source.standing_at(place):
                _do(route, name, args, keywords)
        return route.optional()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        trial = self._trial
        if name == "then":
            _ = trial.then if not self._untried() else None
            return self._said("then", (), {})
        made = getattr(trial, name)
        if not callable(made) or name.startswith("assert_"):
            raise UsageError(
                f"a router's route is declared anew in each mock, so it has no .{name}; ask the mock's own: "
                f'mock["NAME"].{name}, where the router says name="NAME"'
            )
        return lambda *args, **keywords: self._step(name, args, keywords)

    def _step(self, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> _Planned:
        once = [value for value in (*args, *keywords.values()) if hasattr(value, "__next__")]
        if once:
            self._router.forget(self)
            raise UsageError(
                f".{name}(): {once[0]!r} runs once, but a router's route answers in many mocks; give a list, or a "
                "function that makes it"
            )
        if name not in _NEEDS_A_CONTRACT and not self._untried():
            try:
                _do(self._trial, name, args, keywords)
            except UsageError:
                self._router.forget(self)
                raise
        return self._said(name, args, keywords)

    def _untried(self) -> bool:
        return any(name in _NEEDS_A_CONTRACT for name, *_ in self._steps)

    def _said(self, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> _Planned:
        self._steps.append((name, args, keywords, caller()))
        return self

    def __dir__(self) -> list[str]:
        return names_of(self._trial)

    def __repr__(self) -> str:
        return f"<a router's route {self._trial.label}, declared at {self._place}>"


def _below(prefix: str, value: Any) -> Any:
    """A path behind the prefix; what is no path as it is."""
    if isinstance(value, re.Pattern):
        return behind(prefix, value)
    return prefix + value if isinstance(value, str) and value.startswith("/") else value


def _do(route: Route, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    step = getattr(route, name)
    if name != "then":
        step(*args, **keywords)


def checked_router(router: object) -> Router:
    """The router, if it is one. Raises UsageError."""
    if not isinstance(router, Router):
        raise UsageError(f"{router!r} is no router; make one: router = lookalike.Router()")
    return router


def checked_routers(routers: object) -> tuple[Router, ...]:
    """One router or several, as a tuple. Raises UsageError."""
    if isinstance(routers, Sequence) and not isinstance(routers, str | bytes):
        return tuple(map(checked_router, routers))
    return (checked_router(routers),)


def checked_prefix(prefix: object, call: str) -> str:
    """What is put in front of paths, without a trailing slash. Raises UsageError."""
    if not isinstance(prefix, str) or (prefix and not prefix.startswith("/")):
        raise UsageError(f'{call}: prefix={prefix!r}: a prefix begins with a slash: prefix="/v2"')
    return prefix.rstrip("/")
