"""YAML as values, built from a parser's events: nothing is executed, and what could grow without bound is refused.

Texts stay texts: `Typed` ones say what YAML 1.2 takes them for. Tags are data that a table names, or refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from lookalike.traffic.opened import Limits

_CORE = "tag:yaml.org,2002:"


class BadYaml(Exception):
    """Why a part can't be read, in words that follow "skipped: "; `line` counts from 0 in what was parsed, or -1."""

    def __init__(self, why: str, line: int = -1) -> None:
        super().__init__(why)
        self.line = line


class Typed(str):
    """A plain scalar that is a number or a boolean in YAML 1.2's core schema (section 10.3.2): its text, as written.

    value: the number or the boolean
    """

    __slots__ = ("value",)
    value: float | bool


def typed(value: Any) -> Any:
    """The same value with its `Typed` texts as what they are."""
    if type(value) is Typed:
        return value.value
    if type(value) is list:
        return [typed(item) for item in value]
    if type(value) is dict:
        return {str(key): typed(item) for key, item in value.items()}
    return value


class Parser(NamedTuple):
    """events: the events of YAML bytes; the others: their classes, and the error that each library raises."""

    events: Callable[[Any], Iterable[Any]]
    scalar: type
    alias: type
    sequence: type
    mapping: type
    ends: tuple[type, ...]
    document: type
    error: type[Exception]


@cache
def parser(name: str = "") -> Parser:
    """The fastest YAML parser that is installed; `name` is `libyaml` (of PyYAML or ruamel.yaml) or `python`.

    All give the same events. Raises ImportError where `libyaml` is asked for and isn't there.
    """
    for module, make in _PARSERS[name]:
        try:
            return make()
        except ImportError:
            if module == _PARSERS[name][-1][0]:
                raise
    raise ImportError(name)


def _pyyaml() -> Parser:
    libyaml, events, yaml = (import_module(name) for name in ("yaml._yaml", "yaml.events", "yaml"))

    def parsed(source: Any) -> Iterator[Any]:
        return iter(libyaml.CParser(source).get_event, None)

    return _of(events, parsed, yaml.YAMLError)


def _ruamel(pure: bool) -> Callable[[], Parser]:
    def make() -> Parser:
        from ruamel.yaml import YAML, events
        from ruamel.yaml.error import YAMLError

        if not pure:
            import_module("_ruamel_yaml")  # without it YAML() falls back without a word

        def parsed(source: Any) -> Iterable[Any]:
            events_of: Iterable[Any] = YAML(typ="safe", pure=pure).parse(source)
            return events_of

        return _of(events, parsed, YAMLError)

    return make


def _of(events: Any, parsed: Callable[[Any], Iterable[Any]], error: type[Exception]) -> Parser:
    ends = (events.SequenceEndEvent, events.MappingEndEvent)
    return Parser(
        parsed, events.ScalarEvent, events.AliasEvent, events.SequenceStartEvent, events.MappingStartEvent, ends,
        events.DocumentStartEvent, error,
    )  # fmt: skip


_LIBYAML = (("yaml", _pyyaml), ("_ruamel_yaml", _ruamel(pure=False)))
_PYTHON = (("ruamel.yaml", _ruamel(pure=True)),)
_PARSERS = {"": (*_LIBYAML, *_PYTHON), "libyaml": _LIBYAML, "python": _PYTHON}


class Events:
    """The events of one YAML text, asked for one by one.

    Raises BadYaml for what the parser refuses, with the line.
    """

    def __init__(self, source: Any, parser: Parser) -> None:
        self._parser = parser
        self._next = iter(parser.events(source)).__next__

    def __call__(self) -> Any:
        try:
            return self._next()
        except StopIteration:
            raise BadYaml("it ends too early") from None
        except self._parser.error as error:
            raise _refused(error) from None
        except RecursionError:
            raise BadYaml("nested too deeply") from None
        except ValueError as error:  # what a scalar's escapes or a directive say can be out of range
            raise BadYaml(f"not YAML: {error}") from None


def _refused(error: Exception) -> BadYaml:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    context = getattr(error, "context", None)
    words = " ".join(part for part in (str(problem).strip(), str(context).strip() if context else "") if part)
    return BadYaml(f"not YAML: {words.splitlines()[0] if words else 'broken'}", -1 if mark is None else mark.line)


class _Collection:
    """A list or a mapping that is being built."""

    __slots__ = ("add", "anchor", "before", "key", "tag", "value")

    def __init__(self, value: Any, event: Any, before: int) -> None:
        self.value = value
        self.tag = event.tag
        self.anchor = event.anchor
        self.before = before
        self.key: Any = None
        self.add = value.append if type(value) is list else None


class Builder:
    """Builds values from events. Anchors last from one value to the next, as they do in a file.

    limits: its `depth` and `aliases` hold for each value that is built
    """

    def __init__(self, limits: Limits, parser: Parser) -> None:
        self._limits = limits
        self._parser = parser
        self._anchors: dict[str, tuple[Any, int]] = {}

    @property
    def anchored(self) -> int:
        """How many anchors are kept."""
        return len(self._anchors)

    def forget(self) -> None:
        """Drop every anchor, so that memory stays bounded."""
        self._anchors.clear()

    def value(self, event: Any, following: Callable[[], Any]) -> Any:
        """The value that begins with `event`. Raises BadYaml."""
        scalar, sequence, mapping = self._parser.scalar, self._parser.sequence, self._parser.mapping
        stack: list[_Collection] = []
        count = 0  # the values built so far, those of aliases written out
        aliased = 0
        depth = self._limits.depth
        while True:
            kind = type(event)
            if kind is scalar:
                count += 1
                tag = event.tag
                if tag is not None:
                    done = _tagged(tag, event)
                elif event.style:
                    done = event.value
                else:
                    text = event.value
                    done = text if text[:1] not in _SUSPECT else _plain(text)
                if event.anchor is not None:
                    self._anchors[event.anchor] = (done, 1)
            elif kind is mapping or kind is sequence:
                if len(stack) >= depth:
                    raise BadYaml(f"nested deeper than {depth} levels", event.start_mark.line)
                if stack and stack[-1].add is None and stack[-1].key is None:
                    raise BadYaml("a key that is no text", event.start_mark.line)
                stack.append(_Collection({} if kind is mapping else [], event, count))
                event = following()
                continue
            elif kind in self._parser.ends:
                inner = stack.pop()
                done = inner.value
                count += 1
                if inner.tag is not None:
                    done = _collection(inner.tag, done, event)
                elif type(done) is dict and "<<" in done:
                    done = _merged(done)
                if inner.anchor is not None:
                    self._anchors[inner.anchor] = (done, count - inner.before)
            elif kind is self._parser.alias:
                done, size = self._named(event)
                count += size
                aliased += size
                if aliased > self._limits.aliases:
                    raise BadYaml(
                        f"its aliases stand for more than {self._limits.aliases:,} values; write them out",
                        event.start_mark.line,
                    )
            else:
                raise BadYaml("it ends too early", event.start_mark.line)
            if not stack:
                return done
            top = stack[-1]
            if top.add is not None:
                top.add(done)
            elif top.key is None:
                if done is None:
                    done = event.value if kind is scalar else ""
                elif not isinstance(done, str):
                    raise BadYaml("a key that is no text", event.start_mark.line)
                top.key = done
            else:
                top.value[top.key] = done
                top.key = None
            event = following()

    def _named(self, event: Any) -> tuple[Any, int]:
        found = self._anchors.get(event.anchor)
        if found is None:
            raise BadYaml(f"nothing before *{event.anchor} has that anchor", event.start_mark.line)
        return found


def _merged(value: dict[Any, Any]) -> dict[Any, Any]:
    """A mapping with what `<<` names under its own keys (YAML's merge key, of 1.1)."""
    given = value["<<"]
    parts = given if type(given) is list else [given]
    if not all(type(part) is dict for part in parts):
        return value
    result: dict[Any, Any] = {}
    for part in reversed(parts):
        result.update(part)
    result.update((key, item) for key, item in value.items() if key != "<<")
    return result


# What a plain scalar that is no text begins with: `~` and nothing are null, the rest number, true, false or null.
_SUSPECT = frozenset(("", *"~-+.0123456789tTfFnN"))
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"([-+]?[0-9]+)|(0o[0-7]+)|(0x[0-9a-fA-F]+)|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
)
_LONGEST_NUMBER = 400


def _plain(text: str) -> Any:
    """None, a `Typed` text, or the text itself."""
    value: Any
    if text in _WORDS:
        value = _WORDS[text]
        if value is None:
            return None
    else:
        match = _NUMBER.fullmatch(text) if len(text) < _LONGEST_NUMBER else None
        if match is None:
            return text
        whole, octal, hexadecimal = match.groups()
        if whole is not None:
            value = int(whole)
        elif octal is not None or hexadecimal is not None:
            value = int(text[2:], 8 if octal is not None else 16)
        else:
            value = float(text)
    result = Typed(text)
    result.value = value
    return result


# Tags that only say what data is anyway. PyYAML and Psych wrote them for their own languages' texts and structures:
# vcrpy before 1.0 and on Python 2, Ruby VCR before 2.0. None of them is ever asked to build anything.
_TEXTS = re.compile(
    _CORE
    + r"(?:str|null|bool|int|float|timestamp|value|python/(?:unicode|str|int|long|float|bool|none)"
    + r"|ruby/(?:symbol|sym|string.*))|!(?:str(?::.*)?|ruby/(?:symbol|sym|string)(?::.*)?)?"
)
_BYTES = frozenset((_CORE + "binary", _CORE + "python/bytes", "!binary"))
_COLLECTIONS = re.compile(
    _CORE
    + r"(?:map|seq|set|omap|pairs|python/(?:tuple|list|dict|object:vcr\.request\.(?:Request|HeadersDict)"
    + r"|object/new:(?:_io\.(?:BytesIO|StringIO)|io\.(?:BytesIO|StringIO)|vcr\.request\.(?:Request|HeadersDict)"
    + r"|requests\.structures\.CaseInsensitiveDict|aiohttp\.[a-z_.]*|multidict\.[A-Za-z_.]*|yarl\.[A-Za-z_.]*)"
    + r"|object/apply:(?:__builtin__|builtins)\.(?:frozenset|iter|set|tuple|list)))"
    + r"|!ruby/(?:struct|object|hash|array|hash-with-ivars)(?::(?:VCR::|ActiveSupport::|HashWithIndifferentAccess|Hash"
    + r"|Array|Struct|Net::HTTP)[A-Za-z:]*)?|!(?:tape|map|seq)?"
)


def _tagged(tag: Any, event: Any) -> Any:
    name = str(tag)
    if name in _BYTES:
        return from_base64(event.value)
    if _TEXTS.fullmatch(name) is None and not (_COLLECTIONS.fullmatch(name) and event.value == ""):
        raise BadYaml(f"the tag {_shown(name)} isn't read", event.start_mark.line)
    if event.style or name.endswith(("str", "unicode")):
        return event.value
    return _plain(event.value)


def _collection(tag: Any, value: Any, event: Any) -> Any:
    name = str(tag)
    if _COLLECTIONS.fullmatch(name) is None and not name.startswith(_RUBY_STRING):
        raise BadYaml(f"the tag {_shown(name)} isn't read", event.start_mark.line)
    if name.startswith(_RUBY_STRING):  # a text with instance variables: {str: ..., "@_charset": ...}
        return value.get("str", "") if type(value) is dict else ""
    return value


_RUBY_STRING = ("!str", "!ruby/string", _CORE + "ruby/string")


def _shown(tag: str) -> str:
    return tag.replace(_CORE, "!!")[:80]


def from_base64(text: str) -> bytes:
    """The bytes of base64 with line breaks (RFC 2045). Raises BadYaml."""
    try:
        return base64.b64decode(text.encode("ascii"))
    except (binascii.Error, ValueError):
        raise BadYaml("its base64 is broken") from None
