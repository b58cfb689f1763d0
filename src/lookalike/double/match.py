"""Why a request doesn't match a route. A match is an empty explanation: there is no second way to find one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lookalike.double.bodies import Content, JsonBody, TextBody
from lookalike.double.check import Check as Check
from lookalike.double.check import Wanted
from lookalike.double.conditions import All, Condition
from lookalike.double.kinds import check_kinds
from lookalike.double.named import HeaderValues, NamedValues
from lookalike.double.target import authority, below, canonical
from lookalike.double.template import PathPattern, segments_of
from lookalike.double.url_regex import RegexPattern
from lookalike.errors import UsageError
from lookalike.messages import MultiDict, Request
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_text

if TYPE_CHECKING:
    from lookalike.double.route import Route

_SLASHES = re.compile("//+")


def explain(route: Route, request: Request) -> list[Mismatch]:
    """Every reason why the request doesn't match: method, host, path, then what the route asks for. [] is a match."""
    return list(reasons_of(route, request))


def reasons_of(route: Route, request: Request) -> Iterator[Mismatch]:
    """The same one by one, for those who only ask whether there is any."""
    yield from of_address(route, request)
    for check in route.checks:
        yield from check.explain(request)


def of_address(route: Route, request: Request) -> Iterator[Mismatch]:
    """What differs in method, host and path."""
    target = route.target
    if route.method is not None and route.method != request.method:
        yield Mismatch("method", route.method, request.method)
    owner = authority(request.host, request.port)
    if target.hosts is not None:
        if target.hosts.fullmatch(owner) is None:
            yield Mismatch("host", _host_of(target.label), owner)
    elif target.authority is not None and target.authority != owner:
        yield Mismatch("host", target.authority, owner)
    pattern = target.pattern
    if pattern.find(request) is None:
        shown = below(request.path, route.home) if target.relative is not None or pattern.of_home else None
        wanted = pattern.written if shown is None else pattern.below(route.home)
        yield Mismatch("path", wanted, shown or request.path, hint=_path_hint(pattern, request.path))


def _host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _path_hint(pattern: PathPattern | RegexPattern, got: str) -> str:
    wanted = pattern.template
    other = got[:-1] if got.endswith("/") else f"{got}/"
    if isinstance(pattern, PathPattern) and pattern.match(segments_of(other)) is not None:
        return "a trailing slash makes another path"
    if canonical(wanted).rstrip("/") == canonical(got).rstrip("/"):
        return "a trailing slash makes another path"
    single = _SLASHES.sub("/", got)
    if single != got and isinstance(pattern, PathPattern) and pattern.match(segments_of(single)) is not None:
        return "a doubled slash makes another path"
    if wanted.lower() == got.lower():
        return "case matters in paths"
    return mask_text(pattern.misfit(got)) if isinstance(pattern, PathPattern) else ""


class Scheme(Check):
    """http or https, where a route asks for one."""

    of_url = True

    def __init__(self, wanted: Any) -> None:
        if wanted not in ("http", "https"):
            raise UsageError(f'scheme= is "http" or "https", not {wanted!r}')
        self._wanted: str = wanted

    @property
    def wanted(self) -> Wanted:
        return (("scheme", self._wanted),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        if request.scheme != self._wanted:
            yield Mismatch("scheme", self._wanted, request.scheme)


class Where(Check):
    """A function of the test's own: the request matches where it returns something true."""

    pure = False

    def __init__(self, function: Any) -> None:
        if not callable(function):
            raise UsageError(f"where= takes a function of the request, where=lambda request: ..., not {function!r}")
        self._function: Callable[[Request], object] = function
        self._name = getattr(function, "__qualname__", repr(function)).rpartition(".")[2]

    @property
    def wanted(self) -> Wanted:
        return (("where", f"{self._name} to be true"),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        try:
            result = self._function(request)
        except Exception as error:
            # A rule that reads a body or a key fails on requests without one: they don't match, and the miss says why.
            yield Mismatch("where", f"{self._name} to be true", f"{type(error).__name__}: {error}")
            return
        if not result:
            yield Mismatch("where", f"{self._name} to be true", repr(result))


def _of(file: str, name: str) -> Callable[[Any], Check]:
    """A check whose file costs only those who ask for it."""

    def make(wanted: Any) -> Check:
        check: Check = getattr(import_module(f"lookalike.double.{file}"), name)(wanted)
        return check

    return make


_CHECKS: dict[str, Callable[[Any], Check]] = {
    "scheme": Scheme,
    "params": lambda wanted: NamedValues("query", "params", wanted, _params),
    "headers": HeaderValues,
    "auth": _of("auth", "Auth"),
    "cookies": lambda wanted: NamedValues("cookie", "cookies", wanted, _cookies),
    "client": _of("client", "ClientTold"),
    "json": JsonBody,
    "form": _of("forms", "FormBody"),
    "files": _of("forms", "Files"),
    "text": TextBody,
    "xml": _of("xml", "XmlBody"),
    "content": Content,
    "where": lambda wanted: wanted if isinstance(wanted, Condition) else Where(wanted),
}
"""What a route can ask for, the cheapest first."""


def _params(request: Request) -> MultiDict:
    return request.params


def _cookies(request: Request) -> MultiDict:
    return request.cookies


def compile_checks(asked: Mapping[str, Any]) -> tuple[Check, ...]:
    """The checks of a route from its keywords. Raises UsageError for a value that no request could fit."""
    check_kinds(asked)
    checks = (make(asked[keyword]) for keyword, make in _CHECKS.items() if keyword in asked)
    return tuple(part for check in checks for part in (check.checks if isinstance(check, All) else (check,)))
