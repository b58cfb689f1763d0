"""What differs between the value that a test expects and the one that came: nothing, or the places that do.

One function says whether values fit and why they don't: they fit when there is no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any

import orjson

from lookalike.codec import encode_json
from lookalike.double.arrays import aligned
from lookalike.double.matcher import MISSING, Matcher, combining
from lookalike.double.wording import child, named, words
from lookalike.errors import UsageError
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_text

_READ = 1000
_BEFORE = 24
_BYTES = 8
_EXACT = 2**63
_LARGE = 32
_DEEPEST = 200  # as for the body of a reply


_KINDS: dict[type, tuple[str, tuple[type, ...]]] = {
    str: ("a string", (str,)),
    bool: ("a boolean", (bool,)),
    int: ("an integer", (int,)),
    float: ("a number", (int, float)),
    list: ("an array", (list,)),
    dict: ("an object", (dict,)),
    type(None): ("null", (type(None),)),
}


class Kind(Matcher):
    """Any value of one JSON kind; a test writes it as the Python type: `json={"name": str}`."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._expected, self._types = _KINDS[kind]

    @property
    def expected(self) -> str:
        return self._expected

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        fits = isinstance(got, self._types) and (self._kind is bool or not isinstance(got, bool))
        # 1.0 is an integer in JSON, which has one kind of number (JSON Schema 2020-12, section 6.1.1).
        if not fits and not (self._kind is int and isinstance(got, float) and got.is_integer()):
            yield Mismatch(where, self._expected, words(got))

    def on_text(self, where: str) -> Matcher:
        if self._kind not in _TEXTS:
            raise UsageError(f"{where}: {self._expected} never comes as text; write {', '.join(_KINDS_OF_TEXT)} or ANY")
        return KindOfText(self._kind)

    def __repr__(self) -> str:
        return self._kind.__name__


_TEXTS: dict[type, tuple[str, re.Pattern[str]]] = {
    str: ("any text", re.compile(".*", re.DOTALL)),
    bool: ("true or false", re.compile("true|false", re.IGNORECASE)),
    int: ("an integer", re.compile("-?[0-9]+")),
    float: ("a number", re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")),
}
_KINDS_OF_TEXT = [kind.__name__ for kind in _TEXTS]


class KindOfText(Matcher):
    """Any text that a value of one kind is written as: `params={"page": int}`."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._expected, self._form = _TEXTS[kind]

    @property
    def expected(self) -> str:
        return self._expected

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if not isinstance(got, str) or self._form.fullmatch(got) is None:
            yield Mismatch(where, self._expected, words(got))

    def __repr__(self) -> str:
        return self._kind.__name__


class TooDeep(UsageError):
    """A value that is nested deeper than is compared."""


class Equal(Matcher):
    """An object of the user's own that decides by `==`, as those of dirty-equals do. It may depend on the time."""

    pure = False

    def __init__(self, value: Any) -> None:
        self._value = value
        # Now: dirty-equals shows the value that an object was found equal to last.
        try:
            self._shown = repr(value)
        except Exception:
            self._shown = object.__repr__(value)

    @property
    def expected(self) -> str:
        return self._shown

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        try:
            fits = got is not MISSING and bool(self._value == got)
        except Exception as error:  # arrays of NumPy can't say whether they are equal, for one
            yield Mismatch(where, self.expected, f"{words(got)} ({type(error).__name__}: {error})")
            return
        if not fits:
            yield Mismatch(where, self.expected, words(got))

    def __repr__(self) -> str:
        return self._shown


def prepare(value: Any, where: str = "json", depth: int = 0) -> Any:
    """The expected value as JSON would carry it, with matchers in it kept.

    Raises UsageError for what can't be in JSON, and for what is nested deeper than 200 levels, or contains itself.
    Types become their kind, regular expressions and functions matchers, tuples lists, dates and the like their JSON
    text; other objects decide by `==`.
    """
    if isinstance(value, (str, int, float, Matcher)) or value is None:
        return value
    if depth > _DEEPEST and isinstance(value, (Mapping, list, tuple)):
        raise TooDeep(f"{where.partition('.')[0].partition('[')[0]}: a value nested deeper than {_DEEPEST} levels")
    if isinstance(value, Mapping):
        return {str(key): prepare(item, child(where, str(key)), depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [prepare(item, child(where, at), depth + 1) for at, item in enumerate(value)]
    matcher = combining().matcher_for(value)
    if matcher is not None:
        return matcher
    if isinstance(value, (bytes, bytearray, set, frozenset, complex, type, UnionType)):
        raise UsageError(f"{where}: {named(value)} is never in JSON, so no request would match")
    try:
        return orjson.loads(encode_json(value))
    except UsageError:
        return Equal(value)


def is_pure(value: Any) -> bool:
    """Whether a prepared value always decides the same about the same."""
    if isinstance(value, dict):
        return all(map(is_pure, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(is_pure, value))
    return value.pure if isinstance(value, Matcher) else True


def differences(expected: Any, got: Any, where: str = "json", *, part: bool = False) -> Iterator[Mismatch]:
    """Each place where `got` isn't what a prepared `expected` asks for: True isn't 1, but 1 is 1.0.

    part: objects may have further keys and arrays further items, at every depth
    """
    if isinstance(expected, Matcher):
        yield from expected.explain(got, where)
    elif isinstance(expected, dict) and isinstance(got, dict):
        if not _same_bytes(expected, got):
            yield from _of_objects(expected, got, where, part)
    elif isinstance(expected, list) and isinstance(got, list):
        if _same_bytes(expected, got):
            return
        yield from (_of_parts if part else _of_arrays)(expected, got, where)
    elif not _same(expected, got):
        yield Mismatch(where, *_told_apart(expected, got))


def _told_apart(expected: Any, got: Any) -> tuple[str, str]:
    """Two values in words; of two long texts that begin alike, what is around the first difference."""
    told = words(expected), words(got)
    if isinstance(expected, bytes) and isinstance(got, bytes) and not (_is_text(expected) or _is_text(got)):
        return _bytes_apart(expected, got)
    if not (isinstance(expected, str) and isinstance(got, str) and told[0] == told[1] and told[0].endswith("…")):
        return told
    at = _first_difference(expected, got)
    # Before they are cut: half of a credential no longer looks like one.
    around = [mask_text(text[max(at - _READ, 0) : at + _READ]) for text in (expected, got)]
    at = _first_difference(*around)
    if around[0] == around[1]:
        return told
    cut = slice(max(at - _BEFORE, 0), at + _BEFORE)
    return f"…{words(around[0][cut])}", f"…{words(around[1][cut])}"


def _is_text(content: bytes) -> bool:
    try:
        return content.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _bytes_apart(expected: bytes, got: bytes) -> tuple[str, str]:
    """Bytes that are no text, from the first that differs on."""
    at = _first_difference(expected, got)

    def told(content: bytes) -> str:
        shown = content[at : at + _BYTES].hex(" ") or "nothing more"
        return f"{len(content)} bytes, from byte {at} on {shown}{'…' if len(content) > at + _BYTES else ''}"

    return told(expected), told(got)


def _first_difference(one: Sequence[Any], other: Sequence[Any]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (here, there) in enumerate(pairs) if here != there), min(len(one), len(other)))


def _same_bytes(expected: Any, got: Any) -> bool:
    """Whether large values are plainly the same: much cheaper to find than item by item."""
    if len(expected) < _LARGE or len(expected) != len(got):
        return False
    try:
        return bool(orjson.dumps(expected) == orjson.dumps(got))
    except TypeError:
        return False  # a matcher is in it, or what only a user's own == compares


def _same(expected: Any, got: Any) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(got, float) and isinstance(expected, int) and abs(expected) > _EXACT:
        # The decoder reads integers beyond 64 bits as floating point.
        return float(expected) == got
    return bool(expected == got)


def _of_objects(expected: dict[str, Any], got: dict[str, Any], where: str, part: bool) -> Iterator[Mismatch]:
    for key, value in expected.items():
        item = got.get(key, MISSING)
        if item is MISSING and not isinstance(value, Matcher):
            yield Mismatch(child(where, key), words(value), "missing")
        else:
            yield from differences(value, item, child(where, key), part=part)
    if not part:
        for key, value in got.items():
            if key not in expected:
                yield Mismatch(child(where, key), "no such key", words(value))


def _of_arrays(expected: list[Any], got: list[Any], where: str) -> Iterator[Mismatch]:
    if len(expected) == len(got):
        for at, (value, item) in enumerate(zip(expected, got, strict=True)):
            yield from differences(value, item, child(where, at))
        return
    # First: who only asks whether they differ, needs no more.
    yield Mismatch(where, _items(len(expected)), _items(len(got)))
    for ours, theirs in aligned(expected, got, lambda one, other: next(differences(one, other), None) is None):
        if theirs is None and ours is not None:
            yield Mismatch(child(where, ours), words(expected[ours]), "missing")
        elif ours is None and theirs is not None:
            yield Mismatch(child(where, theirs), "no such item", words(got[theirs]))
        elif ours is not None and theirs is not None:
            yield from differences(expected[ours], got[theirs], child(where, theirs))


def _items(count: int) -> str:
    return f"{count} item" if count == 1 else f"{count} items"


def _of_parts(expected: list[Any], got: list[Any], where: str) -> Iterator[Mismatch]:
    """Each expected item needs an item of its own: augmenting paths, as ANY may hold what another one needs."""
    fitting = [
        [at for at, item in enumerate(got) if next(differences(value, item, where, part=True), None) is None]
        for value in expected
    ]
    holder: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for at in fitting[one]:
            if at not in tried:
                tried.add(at)
                if at not in holder or place(holder[at], tried):
                    holder[at] = one
                    return True
        return False

    for one, value in enumerate(expected):
        if not place(one, set()):
            yield Mismatch(where, f"an item like {words(value)}", _misfits(len(got)))


def _misfits(count: int) -> str:
    return {0: "[]", 1: "1 item that doesn't fit"}.get(count, f"{count} items that don't fit")
