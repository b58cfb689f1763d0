"""YAML as values, built from a parser's events: nothing is executed, and what could grow without bound is refused.

Texts stay texts: `Typed` ones say what YAML 1.2 takes them for. Tags are data that a table names, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lookalike.errors import FileError
from lookalike.traffic.bodies import Unreadable, base64_body
from lookalike.traffic.opened import Limits
from lookalike.yaml_events import Parser

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


@contextmanager
def refusals(using: Parser) -> Iterator[None]:
    """Within it, what the parser refuses is a BadYaml."""
    try:
        yield
    except using.error as error:
        raise _refused(error) from None
    except StopIteration:
        raise BadYaml("it ends too early") from None
    except RecursionError:
        raise BadYaml("nested too deeply") from None
    except FileError:
        raise
    except ValueError as error:  # what an escape or a directive says can be out of range
        raise BadYaml(f"not YAML: {error}") from None


def _refused(error: Exception) -> BadYaml:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    words = " ".join(str(part).strip() for part in (problem, getattr(error, "context", None)) if part)
    return BadYaml(
        f"not YAML: {words.splitlines()[0] if words.strip() else 'broken'}", -1 if mark is None else mark.line
    )


class Builder:
    """Builds values from events. Anchors last from one value to the next, as they do in a file.

    limits: its `depth` and `aliases` hold for each value that is built
    """

    def __init__(self, limits: Limits, using: Parser) -> None:
        self._limits = limits
        self._using = using
        self._anchors: dict[str, tuple[Any, int]] = {}

    @property
    def anchored(self) -> int:
        """How many anchors are kept."""
        return len(self._anchors)

    def forget(self) -> None:
        """Drop every anchor, so that memory stays bounded."""
        self._anchors.clear()

    def value(self, event: Any, following: Callable[[], Any]) -> Any:
        """The value that begins with `event`. Raises BadYaml, and what the parser raises."""
        using = self._using
        scalar, sequence, mapping, ends = using.scalar, using.sequence, using.mapping, using.ends
        suspect, depth = _SUSPECT, self._limits.depth
        outer: list[tuple[Any, Any, Any, Any, int]] = []
        # The collection that is open: its list or mapping, the key that waits for its value, the event that began it,
        # and how many values there were before it.
        inside: Any = None
        key: Any = None
        begun: Any = None
        before = count = aliased = 0  # values built, those of aliases written out; values that came from aliases
        is_list = False
        while True:
            kind = type(event)
            if kind is scalar:
                count += 1
                done = event.value
                if event.tag is not None:
                    done = _tagged(event)
                elif not event.style and done[:1] in suspect:
                    done = _plain(done)
                if event.anchor is not None:
                    self._anchors[event.anchor] = (done, 1)
            elif kind is mapping or kind is sequence:
                if len(outer) >= depth:
                    raise BadYaml(f"nested deeper than {depth} levels", event.start_mark.line)
                if not is_list and begun is not None and key is None:
                    raise BadYaml("a key that is no text", event.start_mark.line)
                outer.append((inside, is_list, key, begun, before))
                is_list = kind is sequence
                inside = [] if is_list else {}
                key, begun, before = None, event, count
                event = following()
                continue
            elif kind in ends and begun is not None:
                count += 1
                done = inside if is_list or "<<" not in inside else _merged(inside)
                if begun.tag is not None:
                    done = _collection(begun, done)
                if begun.anchor is not None:
                    self._anchors[begun.anchor] = (done, count - before)
                inside, is_list, key, begun, before = outer.pop()
            elif kind is using.alias:
                done, size = self._named(event, aliased)
                count += size
                aliased += size
            else:
                raise BadYaml("it ends too early")
            if is_list:
                inside.append(done)
            elif begun is None:
                return done
            elif key is not None:
                inside[key] = done
                key = None
            elif type(done) is str:
                key = done
            else:
                key = _key(done, event)
            event = following()

    def _named(self, event: Any, aliased: int) -> tuple[Any, int]:
        """What an alias stands for, and how many values that are; `aliased`: how many came from aliases before."""
        found = self._anchors.get(event.anchor)
        if found is None:
            raise BadYaml(f"nothing before *{event.anchor} has that anchor", event.start_mark.line)
        if aliased + found[1] > self._limits.aliases:
            why = f"its aliases stand for more than {self._limits.aliases:,} values; write them out"
            raise BadYaml(why, event.start_mark.line)
        return found


def _key(value: Any, event: Any) -> str:
    if value is None:
        return str(getattr(event, "value", ""))
    if not isinstance(value, str):
        raise BadYaml("a key that is no text", event.start_mark.line)
    return str(value)


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


def _tagged(event: Any) -> Any:
    name = str(event.tag)
    if name in _BYTES:
        try:
            return base64_body(event.value)
        except Unreadable:
            raise BadYaml("its base64 is broken", event.start_mark.line) from None
    if _TEXTS.fullmatch(name) is None and not (_COLLECTIONS.fullmatch(name) and event.value == ""):
        raise BadYaml(f"the tag {_shown(name)} isn't read", event.start_mark.line)
    if event.style or name.endswith(("str", "unicode")):
        return event.value
    return _plain(event.value)


def _collection(begun: Any, value: Any) -> Any:
    name = str(begun.tag)
    if _COLLECTIONS.fullmatch(name) is None and not name.startswith(_RUBY_STRING):
        raise BadYaml(f"the tag {_shown(name)} isn't read", begun.start_mark.line)
    if name.startswith(_RUBY_STRING):  # a text with instance variables: {str: ..., "@_charset": ...}
        return value.get("str", "") if type(value) is dict else ""
    return value


_RUBY_STRING = ("!str", "!ruby/string", _CORE + "ruby/string")


def _shown(tag: str) -> str:
    return tag.replace(_CORE, "!!")[:80]
