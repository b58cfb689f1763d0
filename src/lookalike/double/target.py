"""What a route is declared for: a path template below the API, or an absolute URL of any host."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lookalike.errors import UsageError
from lookalike.messages import DEFAULT_PORTS, SplitUrl, split_url

_PARAMETER = re.compile(r"\{([^{}/]*)\}")

# A parameter as Flask and Django write it, `<int:id>`, and as Express, Rails and Sinatra do, `:id`: a whole segment.
_FOREIGN = re.compile(r"/(?:<(?:\w+:)?(?P<angle>\w+)>|:(?P<colon>[A-Za-z_]\w*))(?=/|\?|\Z)")


def authority(host: str, port: int) -> str:
    """Host and port as routes compare them: the default ports of http and https are equal."""
    name = f"[{host}]" if ":" in host else host
    return name if port in (80, 443) else f"{name}:{port}"


def segments_of(path: str) -> list[str]:
    """The path's segments without percent-encoding; an encoded slash stays inside of its segment."""
    parts = path[1:].split("/")
    return [unquote(part, errors="surrogateescape") for part in parts] if "%" in path else parts


def canonical(path: str) -> str:
    """One spelling for paths that differ only in percent-encoding."""
    if "%" not in path:
        return path
    return "/" + "/".join(part.replace("%", "%25").replace("/", "%2F") for part in segments_of(path))


class PathPattern:
    """A path whose `{name}` each stand for one segment, or for a part of one (`{id}.json`), never for nothing.

    template: as it was written, the base URL's own path in front
    names:    the parameters, in order
    segments: a literal segment as text, one with parameters as a regular expression
    """

    __slots__ = ("fixed", "names", "segments", "template", "whole")

    def __init__(self, template: str) -> None:
        self.template = template
        self.names: list[str] = []
        self.segments: list[str | re.Pattern[str]] = [self._segment(part) for part in template[1:].split("/")]
        self.fixed = tuple(at for at, part in enumerate(self.segments) if isinstance(part, str))
        # Where every parameter is a whole segment, an index that compared the fixed ones has nearly matched.
        self.whole = all(isinstance(part, str) or part.pattern == "(.+)" for part in self.segments)
        if len(set(self.names)) < len(self.names):
            raise UsageError(f"{template}: each parameter of a path template needs a name of its own")

    def _segment(self, part: str) -> str | re.Pattern[str]:
        pieces = _PARAMETER.split(part)
        if "{" in "".join(pieces[::2]) or "}" in "".join(pieces[::2]) or "" in pieces[1::2]:
            raise UsageError(
                f"{self.template}: {part!r} is not a template; write a parameter as {{id}} and a literal brace as %7B"
            )
        if len(pieces) == 1:
            return unquote(part, errors="surrogateescape")
        self.names.extend(pieces[1::2])
        literals = [re.escape(unquote(piece, errors="surrogateescape")) for piece in pieces[::2]]
        return re.compile("(.+)".join(literals), re.DOTALL)

    @property
    def is_literal(self) -> bool:
        """Whether it has no parameters."""
        return not self.names

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The parameters' values in a path's decoded segments, None where the path doesn't match."""
        if len(segments) != len(self.segments):
            return None
        values: list[str] = []
        for wanted, got in zip(self.segments, segments, strict=True):
            if isinstance(wanted, str):
                if wanted != got:
                    return None
            else:
                found = wanted.fullmatch(got)
                if found is None:
                    return None
                values.extend(found.groups())
        return dict(zip(self.names, values, strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a route listens.

    label:     as messages show it: the path below the base URL, or the whole URL
    pattern:   the path, with the base URL's own path in front
    authority: host and port (`api.test:8080`), None for any
    hosts:     the same where the host is a template, for one `{name}` per label of the host
    relative:  the template below the base URL, None where the route isn't the API's own
    query:     parameters from a query in the path
    """

    label: str
    pattern: PathPattern
    authority: str | None
    hosts: re.Pattern[str] | None
    relative: str | None
    query: tuple[tuple[str, str], ...]


def parse_target(path: Any, base_url: str | None, call: str) -> Target:
    """Read what a test gave as a route's path; `call` is the call up to it, for messages: `mock.get(`.

    Raises UsageError that shows the wrong spelling and the right one.
    """
    if not isinstance(path, str) or not (path.startswith("/") or _is_url(path)):
        raise _not_a_path(path, call)
    foreign = _FOREIGN.search(path.partition("?")[0])
    if foreign is not None:
        right = _FOREIGN.sub(lambda found: f"/{{{found['angle'] or found['colon']}}}", path)
        literal = "" if foreign["angle"] else " (a literal colon is %3A)"
        raise UsageError(
            f'{call}{path!r}): {foreign[0][1:]!r} is no parameter here; one is written as {{name}}, {call}"{right}")'
            + literal
        )
    if "#" in path:
        raise UsageError(f"{call}{path!r}): what follows # is never sent; leave it out")
    whole, _, query = path.partition("?")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    home = split_url(base_url) if base_url else None
    if whole.startswith("/"):
        prefix = home.path.rstrip("/") if home else ""
        owner = authority(home.host, home.port) if home else None
        return Target(whole, PathPattern(prefix + whole), owner, None, whole, pairs)
    return _absolute(whole, home, pairs)


def _is_url(path: str) -> bool:
    return path.lower().startswith(("http://", "https://"))


def _absolute(url: str, home: SplitUrl | None, pairs: tuple[tuple[str, str], ...]) -> Target:
    # urlsplit would take a brace in the host as it is, but not one in the port.
    parts = urlsplit(url)
    pattern = PathPattern(parts.path or "/")
    if "{" in parts.netloc:
        host, _, port = parts.netloc.rpartition("@")[2].lower().partition(":")
        regex = "([^.]+)".join(re.escape(piece) for piece in _PARAMETER.split(host)[::2])
        suffix = "" if not port or int(port) in DEFAULT_PORTS.values() else f":{port}"
        return Target(url, pattern, None, re.compile(regex + re.escape(suffix)), None, pairs)
    split = split_url(url)
    owner = authority(split.host, split.port)
    relative = below(split.path, home) if home and owner == authority(home.host, home.port) else None
    return Target(url, pattern, owner, None, relative, pairs)


def below(path: str, home: SplitUrl | None) -> str | None:
    """The path below the base URL's own path, None where it isn't below."""
    prefix = home.path.rstrip("/") if home else ""
    if not prefix:
        return path
    if path == prefix:
        return "/"
    return path[len(prefix) :] if path.startswith(prefix + "/") else None


def _not_a_path(path: object, call: str) -> UsageError:
    lines = [
        f"{call}{path!r}): a route's path begins with / or is an absolute URL.",
        f"  wrong: {call}{path!r})",
    ]
    dotted = isinstance(path, str) and re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", path)
    if dotted and call == "mock.patch(":
        lines += [
            f'  right: {call}"/todos/1")   declares the answer to an HTTP PATCH',
            f"  right: unittest.mock.patch({path!r})   replaces a Python object, if that was meant",
        ]
    else:
        guess = path.strip().lstrip(".") if isinstance(path, str) and path.strip() and not dotted else "todos/1"
        lines.append(f'  right: {call}"/{guess}") or {call}"https://api.example.com/{guess}")')
    return UsageError("\n".join(lines))
