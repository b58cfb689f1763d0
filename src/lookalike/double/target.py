"""What a route is declared for: a path template below the API, or an absolute URL of any host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from lookalike.double.template import PathPattern as PathPattern
from lookalike.double.template import outside, pieces_of
from lookalike.double.template import segments_of as segments_of
from lookalike.double.url_regex import RegexPattern
from lookalike.errors import UsageError
from lookalike.messages import DEFAULT_PORTS, SplitUrl, split_url

# A parameter as Flask and Django write it, `<int:id>`, and as Express, Rails and Sinatra do, `:id`: a whole segment.
_FOREIGN = re.compile(r"/(?:<(?:(?P<kind>\w+):)?(?P<angle>\w+)>|:(?P<colon>[A-Za-z_]\w*))(?=/|\?|\Z)")


def authority(host: str, port: int) -> str:
    """Host and port as routes compare them: the default ports of http and https are equal."""
    name = f"[{host}]" if ":" in host else host
    return name if port in (80, 443) else f"{name}:{port}"


def canonical(path: str) -> str:
    """One spelling for paths that differ only in percent-encoding."""
    if "%" not in path:
        return path
    return "/" + "/".join(part.replace("%", "%25").replace("/", "%2F") for part in segments_of(path))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a route listens.

    label:     as messages show it: the path below the base URL, or the whole URL
    pattern:   the path, with the base URL's own path in front; or a regular expression
    authority: host and port (`api.test:8080`), None for any
    hosts:     the same where the host is a template, for one `{name}` per label of the host
    relative:  the template below the base URL, as a contract has it; None where the route isn't the API's own, or where
               that can't be told (a regular expression)
    query:     parameters from a query in the path
    """

    label: str
    pattern: PathPattern | RegexPattern
    authority: str | None
    hosts: re.Pattern[str] | None
    relative: str | None
    query: tuple[tuple[str, str], ...]


def parse_target(path: Any, base_url: str | None, call: str) -> Target:
    """Read what a test gave as a route's path; `call` is the call up to it, for messages: `mock.get(`.

    Raises UsageError that shows the wrong spelling and the right one.
    """
    if isinstance(path, re.Pattern):
        return _of_regex(path, split_url(base_url) if base_url else None, call)
    if not isinstance(path, str) or not (path.startswith(("/", _ANY_HOST)) or _is_url(path)):
        raise _not_a_path(path, call)
    return _of_text(path, base_url, call)


@lru_cache(maxsize=2048)  # test after test declares the same routes
def _of_text(path: str, base_url: str | None, call: str) -> Target:
    home = split_url(base_url) if base_url else None
    whole, query = outside(path, "?")
    foreign = _FOREIGN.search("".join(list(pieces_of(whole))[::2]))
    if foreign is not None:
        right = _FOREIGN.sub(_ours, path)
        literal = "" if foreign["angle"] else " (a literal colon is %3A)"
        raise UsageError(
            f'{call}{path!r}): {foreign[0][1:]!r} is no parameter here; one is written as {{name}}, {call}"{right}")'
            + literal
        )
    if "#" in "".join([*list(pieces_of(whole))[::2], query]):
        raise UsageError(f"{call}{path!r}): what follows # is never sent; leave it out")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    if whole.startswith(_ANY_HOST):
        return Target(whole, PathPattern(whole[1:]), None, None, None, pairs)
    if whole.startswith("/"):
        prefix = home.path.rstrip("/") if home else ""
        owner = authority(home.host, home.port) if home else None
        pattern = PathPattern(prefix + whole)
        return Target(whole, pattern, owner, None, pattern.template[len(prefix) :], pairs)
    return _absolute(whole, home, pairs)


_ANY_HOST = "*/"
_KINDS = {"int": "int", "float": "float", "uuid": "uuid", "path": "path"}


def _ours(found: re.Match[str]) -> str:
    kind = _KINDS.get(found["kind"] or "", "")
    return f"/{{{found['angle'] or found['colon']}{':' + kind if kind else ''}}}"


def _of_regex(regex: re.Pattern[Any], home: SplitUrl | None, call: str) -> Target:
    if not isinstance(regex.pattern, str):
        raise UsageError(f'{call}{regex!r}): the expression is of bytes; URLs are text, re.compile(r"...")')
    pattern = RegexPattern(regex, home)
    if not pattern.absolute and not re.match(r"(\(\?[aimsux]+\))*(\^|\\A)?[\\/.(\[]", regex.pattern):
        raise UsageError(
            f"{call}{regex!r}): the expression matches a path, which begins with /, or a whole URL, from end to end; "
            f'write {call}re.compile(r"/.*{regex.pattern.lstrip("^")}"))'
        )
    owner = authority(home.host, home.port) if home and not pattern.absolute else None
    return Target(regex.pattern, pattern, owner, pattern.hosts, None, ())


def _is_url(path: str) -> bool:
    return path.lower().startswith(("http://", "https://"))


def _absolute(url: str, home: SplitUrl | None, pairs: tuple[tuple[str, str], ...]) -> Target:
    authority_at = url.find("://") + 3
    netloc = outside(url[authority_at:], "/")[0]
    pattern = PathPattern(url[authority_at + len(netloc) :] or "/")
    if "{" in netloc:
        host, _, port = netloc.rpartition("@")[2].lower().partition(":")
        regex = "([^.]+)".join(re.escape(piece) for piece in list(pieces_of(host))[::2])
        suffix = "" if not port or int(port) in DEFAULT_PORTS.values() else f":{port}"
        return Target(url, pattern, None, re.compile(regex + re.escape(suffix)), None, pairs)
    split = split_url(f"{url[:authority_at]}{netloc}/")
    owner = authority(split.host, split.port)
    ours = home is not None and owner == authority(home.host, home.port)
    return Target(url, pattern, owner, None, below(pattern.template, home) if ours else None, pairs)


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
