"""URLs as other libraries write them, and the same as a route's path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.nodes import code, dotted, expression, text_of

ANYWHERE = 're.compile(r"https?://.*")'
_BEGINS = re.compile(r"\^?\(?(https?|\{)")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
#: What of an expression looks into the query, which a route's path hasn't; without `(?=`, `(?<!`, `(?P<id>`.
_ASKS_QUERY = re.compile(r"\\\?|\[[^\]]*\?|[=&]")
_GROUP = re.compile(r"\(\?(?:P?<\w+>|P=|<?[=!:])")
_FORMATTED = re.compile(r"""(?P<prefix>[rRfFbBuU]+)(?P<quote>'''|\"\"\"|'|")(?P<inner>.*)(?P=quote)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL asks for, as source text.

    url: the path; query: its query as a dict; where: a function of the request; `""` where it has none
    """

    url: str
    query: str = ""
    where: str = ""


class Bound(Mapping[str, str]):
    """The regular expressions that names are bound to; `texts` are those bound to one text alone."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._patterns = patterns
        self._texts: dict[str, str | None] = {}

    def note(self, name: str, text: str | None) -> None:
        """A name is bound to a text, or to something else."""
        self._texts[name] = text if self._texts.get(name, text) == text else None

    @property
    def texts(self) -> Mapping[str, str]:
        """What names are bound to, where that is the same text everywhere."""
        return {name: text for name, text in self._texts.items() if text is not None}

    def __getitem__(self, name: str) -> str:
        return self._patterns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._patterns)

    def __len__(self) -> int:
        return len(self._patterns)


def place_of(node: cst.BaseExpression, *, prefix_only: bool, patterns: Bound) -> Place:
    """The path of a route for a URL.

    prefix_only: an expression matches from the beginning (responses); else anywhere (requests-mock), where a URL may
                 also lack its scheme or its host
    patterns:    the regular expressions that names of the module are bound to

    Raises CantRewrite for a scheme that isn't HTTP.
    """
    if isinstance(node, cst.Call) and dotted(node.func) in ("re.compile", "compile"):
        return _regex(node, prefix_only=prefix_only)
    if dotted(node) in patterns:
        if not patterns[dotted(node)] or _asks_query(patterns[dotted(node)]):
            return _by_whole_url(code(node), prefix_only=prefix_only)
        if _ESCAPED.search(patterns[dotted(node)]):
            return Place(_whole(patterns[dotted(node)], prefix_only=prefix_only))
        anywhere = not prefix_only and not _BEGINS.match(patterns[dotted(node)])
        return Place(_of_named_regex(code(node), anywhere=anywhere))
    text = text_of(node)
    if text is not None:
        return _literal(text, code(node), lenient=not prefix_only)
    if isinstance(node, cst.FormattedString):
        return _formatted(code(node), lenient=not prefix_only)
    if prefix_only and isinstance(node, cst.BinaryOperation):
        return _joined(node)
    text = patterns.texts.get(dotted(node))
    if prefix_only and text is not None and "?" in text:
        return _literal(text, repr_of(text), lenient=False)
    return Place(code(node))


def host_of(node: cst.BaseExpression) -> str:
    """`https://api.example.com` of a URL that is written out, also at the beginning of an f-string; else `""`."""
    text = text_of(node)
    if text is None and isinstance(node, cst.FormattedString):
        first = node.parts[0] if node.parts else None
        text = first.value if isinstance(first, cst.FormattedStringText) else None
    if text is None and isinstance(node, cst.BinaryOperation):
        return host_of(node.left)
    if text is None and isinstance(node, cst.Call) and dotted(node.func) == "re.compile" and node.args:
        pattern = text_of(node.args[0].value) or ""
        found = re.match(r"\^?(https?://(?:[\w-]|\\?\.)+)(?=/)", pattern)
        return found[1].replace("\\", "") if found and ".." not in found[1] else ""
    found = re.match(r"(https?)://([\w.-]+(?::\d+)?)(?=[/?]|\Z)", text or "")
    return found[0] if found else ""


def _literal(text: str, source: str, *, lenient: bool) -> Place:
    if lenient:
        if text.startswith("//"):
            return Place(repr_of("https:" + text))
        if text.startswith("/"):
            return Place(repr_of("*" + text))
        if not text.lower().startswith(("http://", "https://")):
            raise CantRewrite(
                f"{text!r} is no HTTP URL", 'route an absolute URL or a path: mock.get("https://api.example.com/x")'
            )
        return Place(source)
    query = urlsplit(text).query
    if not query:
        return Place(source)
    return Place(repr_of(text.partition("?")[0]), _pairs(parse_qsl(query, keep_blank_values=True)))


def _joined(node: cst.BinaryOperation) -> Place:
    """`URL + "/x?page=1"`: the query of what is written out at the end."""
    path, mark, query = (text_of(node.right) or "").partition("?")
    if not mark or not isinstance(node.operator, cst.Add):
        return Place(code(node))
    whole = node.with_changes(right=expression(repr_of(path))) if path else node.left
    return Place(code(whole), query_of(query))


def _pairs(pairs: list[tuple[str, str]]) -> str:
    names = list(dict.fromkeys(name for name, _ in pairs))
    found = {name: [value for other, value in pairs if other == name] for name in names}
    shown = (
        f"{repr_of(name)}: {repr_of(values[0]) if len(values) == 1 else '[' + ', '.join(map(repr_of, values)) + ']'}"
        for name, values in found.items()
    )
    return "{" + ", ".join(shown) + "}"


def query_of(text: str) -> str:
    """Source text of a query string as a dict."""
    return _pairs(parse_qsl(text, keep_blank_values=True))


def repr_of(text: str) -> str:
    """A text as source, in double quotes where that needs no escape."""
    shown = repr(text)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in shown else shown


def _formatted(source: str, *, lenient: bool) -> Place:
    found = _FORMATTED.fullmatch(source)
    if found is None:
        return Place(source)
    prefix, quote, inner = found["prefix"], found["quote"], found["inner"]
    if lenient:
        if inner.startswith("//"):
            return Place(f"{prefix}{quote}https:{inner}{quote}")
        return Place(f"{prefix}{quote}*{inner}{quote}") if inner.startswith("/") else Place(source)
    at = _outside_braces(inner, "?")
    if at < 0:
        return Place(source)
    pairs = []
    for part in _split_outside(inner[at + 1 :], "&"):
        name, equal, value = _partition_outside(part, "=")
        if not equal:
            raise CantRewrite(
                f"the query of {source} is only known when the test runs", "give it as params=exactly({...})"
            )
        shown = f"{prefix}{quote}{value}{quote}" if "{" in value else repr_of(value)
        key = f"{prefix}{quote}{name}{quote}" if "{" in name else repr_of(name)
        pairs.append(f"{key}: {shown}")
    path = inner[:at]
    return Place(f"{prefix}{quote}{path}{quote}", "{" + ", ".join(pairs) + "}")


def _outside_braces(text: str, wanted: str) -> int:
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == wanted and not depth:
            return at
    return -1


def _split_outside(text: str, mark: str) -> list[str]:
    parts = []
    while (at := _outside_braces(text, mark)) >= 0:
        parts.append(text[:at])
        text = text[at + 1 :]
    return [*parts, text]


def _partition_outside(text: str, mark: str) -> tuple[str, str, str]:
    at = _outside_braces(text, mark)
    return (text, "", "") if at < 0 else (text[:at], mark, text[at + 1 :])


def _asks_query(pattern: str) -> bool:
    return _ASKS_QUERY.search(_GROUP.sub("(", pattern)) is not None


def _by_whole_url(source: str, *, prefix_only: bool) -> Place:
    """Any URL that the expression finds: it may look into the query. The default binds it now, in a loop too."""
    how = "match" if prefix_only else "search"
    return Place(ANYWHERE, where=f"lambda request, url={source}: url.{how}(request.url)")


def _regex(node: cst.Call, *, prefix_only: bool) -> Place:
    """An expression that has to match from end to end, as one that had to match a part did."""
    first = node.args[0].value if node.args else None
    source = code(first) if first is not None else ""
    found = re.fullmatch(
        r"""(?P<prefix>[rRfFuU]*)(?P<quote>'''|\"\"\"|'|")(?P<inner>.*)(?P=quote)""", source, re.DOTALL
    )
    flags = "".join(f", {code(one.value)}" for one in node.args[1:])
    if found is None or _asks_query(found["inner"]):
        return _by_whole_url(code(node), prefix_only=prefix_only)
    inner = _end_to_end(found["inner"], prefix_only=prefix_only)
    return Place(f"{code(node.func)}({found['prefix']}{found['quote']}{inner}{found['quote']}{flags})")


def _end_to_end(inner: str, *, prefix_only: bool) -> str:
    if not _BEGINS.match(inner):
        inner = ("https?://" if prefix_only else "https?://.*") + inner.removeprefix("^")
    # What is compared is percent-decoded.
    inner = _ESCAPED.sub(lambda found: re.escape(unquote(found[0])), inner)
    return inner if inner.endswith((".*", "$", ".+")) else inner + ".*"


def _whole(pattern: str, *, prefix_only: bool) -> str:
    return f're.compile(r"{_end_to_end(pattern, prefix_only=prefix_only)}")'


def _of_named_regex(source: str, *, anywhere: bool) -> str:
    before = "https?://.*" if anywhere else ""
    return f're.compile(f"{before}(?:{{{source}.pattern}}).*")'
