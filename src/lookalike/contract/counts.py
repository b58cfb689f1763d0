"""What is counted of an operation and of a recording; counts add up, in any order and in any parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lookalike.contract.header_words import few
from lookalike.contract.key_order import either, read_order
from lookalike.contract.skeleton import Key, collapse
from lookalike.contract.sorting import NO_LIST, Sorting
from lookalike.shape.evidence import EMPTY as NOTHING
from lookalike.shape.evidence import Counts
from lookalike.shape.parts import read_count

K = TypeVar("K")
V = TypeVar("V")

TARGETS_CAP = 8
NAMES_CAP = 256
MANY = "*"


def _merged(one: Mapping[K, V], other: Mapping[K, V], add: Callable[[V, V], V]) -> dict[K, V]:
    result = dict(one)
    for key, value in other.items():
        result[key] = add(result[key], value) if key in result else value
    return result


def _sums(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return _merged(one, other, int.__add__)


def _numbers(data: Mapping[str, Any], *names: str) -> list[int]:
    return [read_count(data.get(name, 0)) for name in names]


def _counted(data: Mapping[str, Any]) -> dict[str, int]:
    return {name: read_count(n) for name, n in data.items()}


def _words(*found: Any) -> tuple[str, ...]:
    if not all(isinstance(one, str) for one in found):
        raise TypeError(f"{found!r} is no text")
    return found


def _first(one: str, other: str) -> str:
    return min(one, other) if one and other else one or other


def _sorted_json(items: Mapping[str, Any]) -> dict[str, Any]:
    return {key: items[key] for key in sorted(items)}


def _filled(**items: Any) -> dict[str, Any]:
    return {key: value for key, value in items.items() if value not in (0, "", {}, [], False, None)}


@dataclass(frozen=True, slots=True)
class BodyCounts:
    """Bodies of one media type.

    n: bodies; empty: those without a byte; broken: those that claim to be JSON and aren't; shape: the JSON ones
    order: how the lists of answers are sorted; keys: in which order the keys of answers come, see `key_order`
    """

    n: int = 0
    empty: int = 0
    broken: int = 0
    shape: Counts = field(default_factory=lambda: NOTHING)
    order: Sorting = NO_LIST
    keys: str = ""

    def __add__(self, other: BodyCounts) -> BodyCounts:
        return BodyCounts(
            self.n + other.n, self.empty + other.empty, self.broken + other.broken, self.shape + other.shape,
            self.order + other.order, either(self.keys, other.keys),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        shape = self.shape.to_json() if self.n > self.empty + self.broken else None
        return _filled(
            n=self.n, empty=self.empty, broken=self.broken, shape=shape, order=self.order.to_json(), keys=self.keys
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BodyCounts:
        shape = Counts.from_json(data["shape"]) if "shape" in data else NOTHING
        n, empty, broken = _numbers(data, "n", "empty", "broken")
        return cls(n, empty, broken, shape, Sorting.from_json(data.get("order")), read_order(data.get("keys")))


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Answers with one status.

    media:    by media type in lower case, `""` where none was named
    headers:  answers that had the header, by its name in lower case; every class, secrets' names without values
    words:    what the values of some headers said, by name, with how often
    """

    n: int = 0
    media: Mapping[str, BodyCounts] = field(default_factory=dict)
    headers: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    first: str = ""
    last: str = ""

    def __add__(self, other: AnswerCounts) -> AnswerCounts:
        return AnswerCounts(
            self.n + other.n,
            capped(_merged(self.media, other.media, BodyCounts.__add__), BodyCounts()),
            capped(_sums(self.headers, other.headers), 0),
            capped({name: few(by) for name, by in _merged(self.words, other.words, _sums).items()}, {}),
            _first(self.first, other.first),
            max(self.last, other.last),
        )

    def to_json(self) -> dict[str, Any]:
        media = {kind: body.to_json() for kind, body in sorted(self.media.items())}
        words = {name: _sorted_json(by) for name, by in sorted(self.words.items())}
        return _filled(
            n=self.n, media=media, headers=_sorted_json(self.headers), words=words, first=self.first, last=self.last
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AnswerCounts:
        media = {kind: BodyCounts.from_json(body) for kind, body in data.get("media", {}).items()}
        first, last = _words(data.get("first", ""), data.get("last", ""))
        words = {name: _counted(by) for name, by in data.get("words", {}).items()}
        return cls(read_count(data["n"]), media, _counted(data.get("headers", {})), words, first, last)


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """One query parameter: requests that had it, those that repeated it, and the forms of its values."""

    n: int = 0
    repeated: int = 0
    forms: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: ParameterCounts) -> ParameterCounts:
        return ParameterCounts(self.n + other.n, self.repeated + other.repeated, _sums(self.forms, other.forms))

    def to_json(self) -> dict[str, Any]:
        return _filled(n=self.n, repeated=self.repeated, forms=_sorted_json(self.forms))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ParameterCounts:
        n, repeated = _numbers(data, "n", "repeated")
        return cls(n, repeated, _counted(data.get("forms", {})))


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Requests with one outcome: those that were accepted (2xx), or those that were refused (400, 422 and the like).

    bare:  requests without a body
    media: bodies by media type
    query: parameters by name
    named: of refusals, the fields that they name, each with how often it was `missing` and `invalid`
    """

    n: int = 0
    bare: int = 0
    media: Mapping[str, BodyCounts] = field(default_factory=dict)
    query: Mapping[str, ParameterCounts] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __add__(self, other: RequestCounts) -> RequestCounts:
        return RequestCounts(
            self.n + other.n,
            self.bare + other.bare,
            capped(_merged(self.media, other.media, BodyCounts.__add__), BodyCounts()),
            capped(_merged(self.query, other.query, ParameterCounts.__add__), ParameterCounts()),
            capped(_merged(self.named, other.named, _sums), {}),
        )

    def to_json(self) -> dict[str, Any]:
        media = {kind: body.to_json() for kind, body in sorted(self.media.items())}
        query = {name: one.to_json() for name, one in sorted(self.query.items())}
        named = {name: _sorted_json(why) for name, why in sorted(self.named.items())}
        return _filled(n=self.n, bare=self.bare, media=media, query=query, named=named)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RequestCounts:
        media = {kind: BodyCounts.from_json(body) for kind, body in data.get("media", {}).items()}
        query = {name: ParameterCounts.from_json(one) for name, one in data.get("query", {}).items()}
        named = {name: _counted(why) for name, why in data.get("named", {}).items()}
        n, bare = _numbers(data, "n", "bare")
        return cls(n, bare, media, query, named)


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """What was seen of one method on one skeleton.

    answers:  by status
    accepted: the requests that were answered with 2xx; refused: those that were refused for what they said
    targets:  up to eight concrete targets (`/todos/1?x=y`, relative to the base URL) that were answered with 2xx and
              can be asked again, without secrets, those with the smallest hashes
    """

    n: int = 0
    answers: Mapping[str, AnswerCounts] = field(default_factory=dict)
    accepted: RequestCounts = field(default_factory=RequestCounts)
    refused: RequestCounts = field(default_factory=RequestCounts)
    targets: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

    def __add__(self, other: OperationCounts) -> OperationCounts:
        return OperationCounts(
            self.n + other.n,
            _merged(self.answers, other.answers, AnswerCounts.__add__),
            self.accepted + other.accepted,
            self.refused + other.refused,
            bottom({*self.targets, *other.targets}),
            _first(self.first, other.first),
            max(self.last, other.last),
        )

    def to_json(self) -> dict[str, Any]:
        return _filled(
            n=self.n,
            answers={status: answer.to_json() for status, answer in sorted(self.answers.items())},
            accepted=self.accepted.to_json(),
            refused=self.refused.to_json(),
            targets=list(self.targets),
            first=self.first,
            last=self.last,
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OperationCounts:
        first, last = _words(data.get("first", ""), data.get("last", ""))
        return cls(
            read_count(data["n"]),
            {status: AnswerCounts.from_json(answer) for status, answer in data.get("answers", {}).items()},
            RequestCounts.from_json(data.get("accepted", {})),
            RequestCounts.from_json(data.get("refused", {})),
            _words(*data.get("targets", ())),
            first,
            last,
        )


@dataclass(frozen=True, slots=True)
class RecordingCounts:
    """What one recording says: counts by method and skeleton."""

    operations: Mapping[Key, OperationCounts] = field(default_factory=dict)

    def __add__(self, other: RecordingCounts) -> RecordingCounts:
        return RecordingCounts(
            collapse(_merged(self.operations, other.operations, OperationCounts.__add__), OperationCounts.__add__)
        )

    def to_json(self) -> dict[str, Any]:
        """`{"GET /todos/{int}": counts}`, sorted."""
        return {
            f"{method} /{'/'.join(path)}": counts.to_json()
            for (method, path), counts in sorted(self.operations.items(), key=lambda item: (item[0][1], item[0][0]))
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RecordingCounts:
        """Read what `to_json` wrote. Raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        operations: dict[Key, OperationCounts] = {}
        for name, counts in data.items():
            method, _, path = name.partition(" /")
            operations[method, tuple(path.split("/")) if path else ()] = OperationCounts.from_json(counts)
        return cls(operations)


def bottom(targets: Iterable[str]) -> tuple[str, ...]:
    """The eight targets with the smallest hashes: a sample that is the same in whatever order they came."""
    return tuple(sorted(targets, key=lambda target: (hashlib.sha1(target.encode()).digest(), target))[:TARGETS_CAP])  # noqa: S324  no secret rests on it


def capped(items: dict[str, V], zero: V) -> dict[str, V]:
    """Too many names are no names but values. A name that nobody sends marks it, so that the cap absorbs."""
    return {MANY: zero} if MANY in items or len(items) > NAMES_CAP else items
