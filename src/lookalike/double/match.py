"""Why a request doesn't match a route. A match is an empty explanation: there is no second way to find one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lookalike.codec import encode_json
from lookalike.double import multipart
from lookalike.double.diff import MISSING, Matcher, differences, has_matcher, prepare, words
from lookalike.double.matchers import absent, including
from lookalike.double.target import authority, below, canonical, segments_of
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import MultiDict, Request
from lookalike.mismatch import Mismatch

if TYPE_CHECKING:
    from lookalike.double.route import Route


def explain(route: Route, request: Request) -> list[Mismatch]:
    """Every reason why the request doesn't match: method, host, path, then what the route asks for. [] is a match."""
    return list(reasons_of(route, request))


def reasons_of(route: Route, request: Request) -> Iterator[Mismatch]:
    """The same one by one, for those who only ask whether there is any."""
    yield from _of_address(route, request)
    for check in route.checks:
        yield from check.explain(request)


def _of_address(route: Route, request: Request) -> Iterator[Mismatch]:
    target = route.target
    if route.method is not None and route.method != request.method:
        yield Mismatch("method", route.method, request.method)
    owner = authority(request.host, request.port)
    if target.hosts is not None:
        if target.hosts.fullmatch(owner) is None:
            yield Mismatch("host", _host_of(target.label), owner)
    elif target.authority is not None and target.authority != owner:
        yield Mismatch("host", target.authority, owner)
    if target.pattern.match(segments_of(request.path)) is None:
        shown = below(request.path, route.home) if target.relative is not None else None
        wanted = target.pattern.template if shown is None else target.relative or ""
        yield Mismatch("path", wanted, shown or request.path, hint=_path_hint(target.pattern.template, request.path))


def _host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _path_hint(wanted: str, got: str) -> str:
    if canonical(wanted).rstrip("/") == canonical(got).rstrip("/"):
        return "a trailing slash makes another path"
    return "case matters in paths" if wanted.lower() == got.lower() else ""


class Check(ABC):
    """One thing that a route asks of a request beyond its method, host and path.

    pure:   the same request always gets the same explanation
    of_url: it looks at the URL alone
    """

    pure = True
    of_url = False

    @abstractmethod
    def explain(self, request: Request) -> Iterator[Mismatch]:
        """Why the request isn't what is asked."""

    def same_as(self, other: Check) -> bool:
        """Whether both ask for the same, as far as can be told."""
        return type(self) is type(other) and vars(self) == vars(other)


class NamedValues(Check):
    """Parameters, headers or cookies: each named one must fit, others may be there."""

    def __init__(self, what: str, wanted: Mapping[str, Any], values: Callable[[Request], MultiDict]) -> None:
        self._what = what
        self.of_url = what == "query"
        self._wanted = wanted
        self._values = values

    def explain(self, request: Request) -> Iterator[Mismatch]:
        values = self._values(request)
        for name, wanted in self._wanted.items():
            got = values.get_all(name)
            yield from _of_values(wanted, got, f"{self._what} {name}")


class HeaderValues(Check):
    """Header fields: the name compares without case, repeated fields are one joined by commas (RFC 9110, 5.3)."""

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        self._wanted = wanted

    def explain(self, request: Request) -> Iterator[Mismatch]:
        for name, wanted in self._wanted.items():
            got = request.headers.get_all(name)
            if len(got) > 1 and not isinstance(wanted, list):
                got = [request.headers[name]]
            yield from _of_values(wanted, got, f"header {name}")


def _of_values(wanted: Any, got: list[str], where: str) -> Iterator[Mismatch]:
    if not isinstance(wanted, list):
        value: Any = got[0] if len(got) == 1 else got or MISSING
        yield from differences(wanted, value, where)
    elif len(wanted) == len(got):
        for one, item in zip(wanted, got, strict=True):
            yield from differences(one, item, where)
    else:
        yield Mismatch(where, words(wanted), words(got or MISSING))


class _Truth(Matcher):
    """A bool among query parameters: clients write it as True or as true."""

    def __init__(self, value: bool) -> None:
        self._text = "true" if value else "false"

    @property
    def expected(self) -> str:
        return words(self._text)

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if not isinstance(got, str) or got.lower() != self._text:
            yield Mismatch(where, self.expected, words(got))

    def __repr__(self) -> str:
        return self._text


def plain_values(values: Any, keyword: str) -> dict[str, Any]:
    """Expected names and values as the wire has them: numbers as text, None as absent. Raises UsageError."""
    if not isinstance(values, Mapping):
        raise UsageError(f'{keyword}= takes a dict of names and values, {keyword}={{"name": "value"}}, not {values!r}')
    return {str(name): _plain(value, f"{keyword}[{str(name)!r}]") for name, value in values.items()}


def _plain(value: Any, where: str) -> Any:
    if value is None:
        return absent
    if isinstance(value, bool):
        return _Truth(value)
    if isinstance(value, (str, Matcher)):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one, where) for one in value]
    if callable(value) or isinstance(value, (Mapping, set, frozenset, bytes)):
        raise UsageError(
            f"{where} is {value!r}, which no text fits; give a str, a number, a list of them or a matcher, "
            "or where=lambda request: ... for a rule of your own"
        )
    return prepare(value, where)


class JsonBody(Check):
    """The JSON body as a whole; `including(...)` for a part."""

    def __init__(self, wanted: Any) -> None:
        self._wanted = prepare(wanted)
        self._encoded = None if has_matcher(self._wanted) else encode_json(self._wanted)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        # Encoded once, when the route was declared; most clients in tests send the same compact bytes.
        if request.content == self._encoded and request.content:
            return
        if not request.content:
            yield Mismatch("body", "JSON", "no body")
            return
        try:
            got = request.json()
        except InvalidJson as error:
            yield Mismatch("body", "JSON", str(error))
            return
        yield from differences(self._wanted, got)


class FormBody(Check):
    """All fields of an urlencoded or multipart form; `including(...)` for some."""

    def __init__(self, wanted: Any) -> None:
        self._part = isinstance(wanted, including)
        self._wanted = plain_values(wanted.part if isinstance(wanted, including) else wanted, "form")

    def explain(self, request: Request) -> Iterator[Mismatch]:
        got = _fields(request)
        for name, wanted in self._wanted.items():
            yield from _of_values(wanted, got.get_all(name), f"form {name}")
        if not self._part:
            for name in got:
                if name not in self._wanted:
                    yield Mismatch(f"form {name}", "no such field", words(got[name]))


def _fields(request: Request) -> MultiDict:
    if request.content_type == "multipart/form-data":
        return MultiDict(
            (part.name, part.content.decode("utf-8", "replace"))
            for part in multipart.parts(request)
            if part.filename is None
        )
    return request.form


class Files(Check):
    """All files of a multipart form: each by name as bytes, text, (filename, content) or a matcher of the content."""

    def __init__(self, wanted: Any) -> None:
        self._part = isinstance(wanted, including)
        named = wanted.part if isinstance(wanted, including) else wanted
        if not isinstance(named, Mapping):
            raise UsageError(f'files= takes a dict, files={{"upload": b"..."}}, not {named!r}')
        self._wanted = {str(name): _file(value, str(name)) for name, value in named.items()}

    def explain(self, request: Request) -> Iterator[Mismatch]:
        got = {part.name: part for part in multipart.parts(request) if part.filename is not None}
        for name, (filename, content) in self._wanted.items():
            part = got.get(name)
            if part is None:
                if content is not absent:
                    yield Mismatch(f"file {name}", "a file", "missing")
                continue
            if filename is not None and part.filename != filename:
                yield Mismatch(f"file {name} name", words(filename), words(part.filename))
            yield from _of_bytes(content, part.content, part.content, f"file {name}")
        if not self._part:
            for name in got:
                if name not in self._wanted:
                    yield Mismatch(f"file {name}", "no such file", f"{len(got[name].content)} bytes")


def _file(value: Any, name: str) -> tuple[str | None, bytes | Matcher]:
    filename, content = value if isinstance(value, tuple) and len(value) == 2 else (None, value)
    if hasattr(content, "read"):
        raise UsageError(f"files[{name!r}] is an open file; give what is in it, as bytes or text, or ANY")
    return filename, _content(content, f"files[{name!r}]")


class Content(Check):
    """The body's bytes, as they were sent or with their content coding undone."""

    def __init__(self, wanted: Any) -> None:
        self._wanted = _content(wanted, "content")

    def explain(self, request: Request) -> Iterator[Mismatch]:
        return _of_bytes(self._wanted, request.content, request.body, "body")


def _content(wanted: Any, where: str) -> bytes | Matcher:
    if isinstance(wanted, Matcher):
        return wanted
    if isinstance(wanted, str):
        return wanted.encode()
    if isinstance(wanted, (bytes, bytearray)):
        return bytes(wanted)
    raise UsageError(f"{where} takes bytes, text or a matcher, not {wanted!r}")


def _of_bytes(wanted: bytes | Matcher, raw: bytes, decoded: bytes, where: str) -> Iterator[Mismatch]:
    if isinstance(wanted, Matcher):
        yield from wanted.explain(decoded, where)
    elif wanted not in (raw, decoded):
        yield Mismatch(where, words(wanted), words(decoded))


class Scheme(Check):
    """http or https, where a route asks for one."""

    of_url = True

    def __init__(self, wanted: Any) -> None:
        if wanted not in ("http", "https"):
            raise UsageError(f'scheme= is "http" or "https", not {wanted!r}')
        self._wanted: str = wanted

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

    def explain(self, request: Request) -> Iterator[Mismatch]:
        try:
            result = self._function(request)
        except Exception as error:
            # A rule that reads a body or a key fails on requests without one: they don't match, and the miss says why.
            yield Mismatch("where", f"{self._name} to be true", f"{type(error).__name__}: {error}")
            return
        if not result:
            yield Mismatch("where", f"{self._name} to be true", repr(result))


_CHECKS: dict[str, Callable[[Any], Check]] = {
    "scheme": Scheme,
    "params": lambda wanted: NamedValues("query", plain_values(wanted, "params"), _params),
    "headers": lambda wanted: HeaderValues(plain_values(wanted, "headers")),
    "cookies": lambda wanted: NamedValues("cookie", plain_values(wanted, "cookies"), _cookies),
    "json": JsonBody,
    "form": FormBody,
    "files": Files,
    "content": Content,
    "where": Where,
}
"""What a route can ask for, the cheapest first."""


def _params(request: Request) -> MultiDict:
    return request.params


def _cookies(request: Request) -> MultiDict:
    return request.cookies


def compile_checks(asked: Mapping[str, Any]) -> tuple[Check, ...]:
    """The checks of a route from its keywords. Raises UsageError for a value that no request could fit."""
    return tuple(make(asked[keyword]) for keyword, make in _CHECKS.items() if keyword in asked)
