"""Path templates: `/todos/{id}`, with converters `/todos/{id:int}`, as Starlette and FastAPI spell them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from lookalike.double.misuse import nearest
from lookalike.errors import UsageError
from lookalike.messages import Request, SplitUrl


class Converter(NamedTuple):
    """What a parameter fits and what its text becomes; `sample` is a text that only as general a parameter fits."""

    regex: str
    convert: Callable[[str], Any] | None
    sample: str


def _uuid(text: str) -> Any:
    # Here, as the module costs those who don't ask for one.
    from uuid import UUID

    return UUID(text)


# Numbers are ASCII: `\d` would take digits of every script.
CONVERTERS: dict[str, Converter] = {
    "str": Converter(".+", None, "{}"),
    "int": Converter("-?[0-9]+", int, "-9007199254740993"),
    "float": Converter(r"-?[0-9]+(?:\.[0-9]+)?", float, "-9007199.0625"),
    "uuid": Converter(
        "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", _uuid, "0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa"
    ),
    "date": Converter("[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat, "1583-10-15"),
    "path": Converter(".+", None, "{}/{}"),
}
"""`{name:int}` and so on; `{name:re:[a-z]+}` is a regular expression of the test's own."""


_WORDS = {"int": "integer", "float": "number", "uuid": "UUID", "date": "date"}


class Parameter(NamedTuple):
    """One `{name}` or `{name:converter}`; `path` may stand for several segments."""

    name: str
    converter: Converter
    path: bool


def pieces_of(template: str) -> Iterator[str]:
    """The template's parts in order, parameters with their braces; one in a parameter (`{id:re:x{2}}`) is its own."""
    if "{" not in template:  # most paths; each is read several times
        yield template
        return
    start = at = depth = 0
    for at, sign in enumerate(template):
        if sign == "{":
            if not depth:
                yield template[start:at]
                start = at
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if not depth:
                yield template[start : at + 1]
                start = at + 1
    yield template[start:]


def outside(template: str, sign: str) -> tuple[str, str]:
    """The template up to the first `sign` that is in no parameter, and what follows it."""
    whole = ""
    pieces = list(pieces_of(template))
    for at, piece in enumerate(pieces):
        if at % 2 == 0 and sign in piece:
            before, _, after = piece.partition(sign)
            return whole + before, after + "".join(pieces[at + 1 :])
        whole += piece
    return whole, ""


class PathPattern:
    """A path whose `{name}` each stand for one segment, or for a part of one (`{id}.json`), never for nothing.

    written:  as it was written, the base URL's own path in front
    template: the same without converters, as a contract has it
    names:    the parameters, in order
    segments: a literal segment as text, one with parameters as a regular expression
    fixed:    the positions of the literal ones
    tail:     the position of the segment that may be several, None where there is none
    sample:   a path that only patterns match which are as general as this one
    """

    __slots__ = ("_convert", "fixed", "names", "of_home", "sample", "segments", "tail", "template", "written")

    def __init__(self, template: str) -> None:
        self.written = template
        self.names: list[str] = []
        self.of_home = False
        self._convert: list[Callable[[str], Any] | None] = []
        self.tail: int | None = None
        parts = [self._pieces(part) for part in _segments(template)]
        if len(set(self.names)) < len(self.names):
            raise UsageError(f"{template}: each parameter of a path template needs a name of its own")
        self.segments: list[str | re.Pattern[str]] = [self._segment(part, at) for at, part in enumerate(parts)]
        self.fixed = tuple(at for at, part in enumerate(self.segments) if isinstance(part, str))
        self.template = "/" + "/".join("".join(map(_plain, part)) for part in parts)
        self.sample = "/" + "/".join("".join(map(_sample, part)) for part in parts)
        if not any(self._convert):
            self._convert = []

    def _pieces(self, part: str) -> list[str | Parameter]:
        pieces = list(pieces_of(part))
        odd = any("}" in piece for piece in pieces[::2]) or any(not _NAMED.match(piece) for piece in pieces[1::2])
        if odd or len(pieces) % 2 == 0:
            raise UsageError(
                f"{self.written}: {part!r} is not a template; write a parameter as {{id}} and a literal brace as %7B"
            )
        found: list[str | Parameter] = []
        for at, piece in enumerate(pieces):
            found.append(self._parameter(piece[1:-1]) if at % 2 else piece)
        return found

    def _parameter(self, written: str) -> Parameter:
        name, colon, kind = written.partition(":")
        self.names.append(name)
        if kind.startswith("re:"):
            converter = Converter(_expression(self.written, kind[3:]), None, f"{{{kind}}}")
        elif not colon:
            converter = CONVERTERS["str"]
        else:
            if kind not in CONVERTERS or not name:
                hint = nearest(kind, CONVERTERS)
                known = ", ".join(f"{{{name or 'id'}:{one}}}" for one in CONVERTERS)
                raise UsageError(
                    f"{self.written}: {{{written}}} has no such converter{'; ' + hint if hint else '.'} "
                    f"There are {known}, and {{{name or 'id'}:re:[a-z]+}} for a regular expression."
                )
            converter = CONVERTERS[kind]
        self._convert.append(converter.convert)
        return Parameter(name, converter, kind == "path")

    def _segment(self, pieces: list[str | Parameter], at: int) -> str | re.Pattern[str]:
        parameters = [piece for piece in pieces if isinstance(piece, Parameter)]
        if not parameters:
            return unquote("".join(map(str, pieces)), errors="surrogateescape")
        if any(one.path for one in parameters):
            if self.tail is not None or sum(one.path for one in parameters) > 1:
                raise UsageError(f"{self.written}: only one parameter of a template may be a {{name:path}}")
            self.tail = at
        regex = "".join(
            f"({piece.converter.regex})" if isinstance(piece, Parameter)
            else re.escape(unquote(piece, errors="surrogateescape"))
            for piece in pieces
        )  # fmt: skip
        return re.compile(regex, re.DOTALL)

    @property
    def is_literal(self) -> bool:
        """Whether it has no parameters."""
        return not self.names

    def below(self, home: SplitUrl | None) -> str:
        """As it was written below the base URL."""
        return self.written.removeprefix(home.path.rstrip("/")) if home else self.written

    def find(self, request: Request) -> dict[str, Any] | None:
        """The parameters' values in a request's path, None where it doesn't match."""
        return self.match(segments_of(request.path))

    def match(self, segments: Sequence[str]) -> dict[str, Any] | None:
        """The parameters' values in a path's decoded segments, converted; None where the path doesn't match."""
        if len(segments) != len(self.segments) and (self.tail is None or len(segments) < len(self.segments)):
            return None
        if self.tail is not None:
            end = self.tail + 1 + len(segments) - len(self.segments)
            segments = [*segments[: self.tail], "/".join(segments[self.tail : end]), *segments[end:]]
        values: list[Any] = []
        for wanted, got in zip(self.segments, segments, strict=True):
            if isinstance(wanted, str):
                if wanted != got:
                    return None
            else:
                found = wanted.fullmatch(got)
                if found is None:
                    return None
                values.extend(found.groups())
        return dict(zip(self.names, values, strict=True)) if not self._convert else self._converted(values)

    def misfit(self, path: str) -> str:
        """Which parameter a path's text is none of, `"x" is no integer`; empty where something else is wrong too."""
        segments = segments_of(path)
        if self.tail is not None or len(segments) != len(self.segments):
            return ""
        if any(segments[at] != self.segments[at] for at in self.fixed):
            return ""
        for written, got in zip(_segments(self.written), segments, strict=True):
            if got and PathPattern("/" + written).match([got]) is None:
                _, _, kind = written.strip("{}").partition(":")
                what = _WORDS.get(kind) if written == f"{{{written.strip('{}')}}}" else None
                return f'"{got}" is no {what}' if what else f'"{got}" doesn\'t fit {written}'
        return ""

    def _converted(self, values: list[str]) -> dict[str, Any] | None:
        try:
            return {
                name: value if convert is None else convert(value)
                for name, value, convert in zip(self.names, values, self._convert, strict=True)
            }
        except ValueError:
            return None  # `2026-02-31` looks like a date and is none.


def _segments(template: str) -> list[str]:
    """The template's segments; a slash in a parameter (`{id:re:[^/]+}`) is its own."""
    segments = [""]
    for at, piece in enumerate(pieces_of(template[1:])):
        first, *rest = piece.split("/") if at % 2 == 0 else [piece]
        segments[-1] += first
        segments += rest
    return segments


def _plain(piece: str | Parameter) -> str:
    return f"{{{piece.name}}}" if isinstance(piece, Parameter) else piece


def _sample(piece: str | Parameter) -> str:
    if not isinstance(piece, Parameter):
        return piece
    return "/".join(quote(part, safe="") for part in piece.converter.sample.split("/"))


_NAMED = re.compile(r"\{[^{}]+\}|\{[^{}:]+:re:")
_GROUP = re.compile(r"(\\.)|\((?!\?)|\(\?P<\w+>")


def _expression(template: str, regex: str) -> str:
    """A test's own regular expression; it fits its own text too, which stands for all that it fits."""
    plain = _GROUP.sub(lambda found: found[1] or "(?:", regex)
    try:
        re.compile(f"({plain})")
    except re.error as error:
        raise UsageError(f"{template}: {regex!r} is not a regular expression that can stand here: {error}") from None
    return f"(?:{plain})|{re.escape('{re:' + regex + '}')}"


def segments_of(path: str) -> list[str]:
    """The path's segments without percent-encoding; an encoded slash stays inside of its segment."""
    parts = path[1:].split("/")
    return [unquote(part, errors="surrogateescape") for part in parts] if "%" in path else parts
