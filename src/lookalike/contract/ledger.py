"""The evidence behind a learned contract: what each recording counted, what is disputed, and where eras begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any

from lookalike.contract.counts import BodyCounts, OperationCounts, RecordingCounts
from lookalike.contract.openapi import is_index, is_json, pointer_keys
from lookalike.contract.operation import Operation
from lookalike.contract.paths import normal
from lookalike.contract.skeleton import Key, collapse
from lookalike.contract.templates import NOT_FOUND, Look, Path, Template, find_templates
from lookalike.errors import FileError, UsageError
from lookalike.shape.policy import derive
from lookalike.shape.shape import Shape

_LOOK_DEPTH = 3
_GRADES = ("assumed", "likely", "firm")
_Counted = dict[tuple[str, str], OperationCounts]
# Keywords of a schema that hold other schemas, or that speak of them: what changes there is not said of the place.
_BELOW = frozenset({"properties", "items", "required", "anyOf", "oneOf", "allOf", "prefixItems", "patternProperties"})
PINNED = "x-pinned"


LABELS = 8


def few(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels as they are kept: the first few in order, so that it doesn't matter in which order they are added."""
    return tuple(sorted({label for label in labels if label})[:LABELS])


@dataclass(frozen=True)
class Recording:
    """What one recording counted, with its day (`YYYY-MM-DD`, `""` where unknown); counts are read when first used.

    data:   the counts as they are written; source: the file that they are from, for messages
    labels: what the recording was called where it was learned, sorted, at most LABELS; of two learnings both
    """

    day: str
    data: Mapping[str, Any]
    source: str = field(default="", compare=False)
    labels: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> RecordingCounts:
        """The counts. Raises FileError where what was written is broken."""
        try:
            return RecordingCounts.from_json(self.data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FileError(
                self.source or "evidence",
                f"broken counts: {type(error).__name__} {error}",
                hint="Restore the file from version control, or delete it and learn again.",
            ) from None

    @classmethod
    def of(cls, counts: RecordingCounts, day: str, labels: Iterable[str] = ()) -> Recording:
        """A recording of counts that are at hand."""
        made = cls(day, counts.to_json(), labels=few(labels))
        made.__dict__["counts"] = counts
        return made


@dataclass(frozen=True, slots=True)
class Era:
    """From which day on an operation's evidence is read, without the recordings of that day that came before it."""

    day: str
    without: frozenset[str] = frozenset()

    def reads(self, id: str, recording: Recording) -> bool:  # noqa: A002  the word of the files
        """Whether a recording belongs to the era."""
        return recording.day >= self.day and id not in self.without


_ALWAYS = Era("")


@dataclass(frozen=True, slots=True)
class Learned:
    """One operation as the evidence knows it, in its current era.

    skeletons: the skeletons that its template stands for
    counts:    what was seen in the current era
    """

    method: str
    path: str
    skeletons: tuple[Path, ...]
    counts: OperationCounts

    @property
    def key(self) -> str:
        """`GET /todos/{id}`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Ledger:
    """Everything in NAME.evidence.json.

    recordings: by id, an order-free hash of the recording's exchanges
    disputed:   by operation (`METHOD /template`), then by id: answers that contradict and aren't read until accepted
    eras:       by operation, for its answers below 400; by operation and status (`GET /todos/{id} 404`) for an error
    document:   the OpenAPI document that lookalike wrote last, to tell a person's edits from its own
    base_url:   where the exchanges were seen
    """

    recordings: Mapping[str, Recording] = field(default_factory=dict)
    disputed: Mapping[str, Mapping[str, Recording]] = field(default_factory=dict)
    eras: Mapping[str, Era] = field(default_factory=dict)
    document: Mapping[str, Any] | None = None
    base_url: str = ""

    @cached_property
    def _total(self) -> dict[Key, OperationCounts]:
        """Counts of all recordings, eras not regarded: what templates are found in."""
        return _sum(self.recordings.values())

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """The path templates, over all recordings and eras, so that a new era doesn't change what an operation is."""
        looks: dict[Path, dict[str, Look]] = {}
        for (method, path), counts in self._total.items():
            looks.setdefault(path, {})[method] = _look(counts)
        return tuple(find_templates(looks))

    @property
    def latest(self) -> str:
        """The day on which the last era began, `""` where none did."""
        return max((era.day for era in self.eras.values()), default="")

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Learned]:
        """Operations by method and normal path (`/todos/{}`), as their current eras say; those without any left out."""
        paths = {normal(template.path): template for template in self.templates}
        return {
            key: Learned(key[0], paths[key[1]].path, paths[key[1]].skeletons, counts)
            for key, counts in self._sides[0].items()
        }

    @cached_property
    def _sides(self) -> tuple[_Counted, _Counted]:
        """Counts by operation that the current eras read, and what came before them."""
        now: _Counted = {}
        before: _Counted = {}
        for _, key, read, unread in self._parts():
            for side, part in ((now, read), (before, unread)):
                if part is not None:
                    side[key] = side[key] + part if key in side else part
        order = sorted((key for key, one in now.items() if one.answers), key=lambda key: (key[1], key[0]))
        return {key: now[key] for key in order}, before

    def _parts(self) -> Iterator[tuple[str, tuple[str, str], OperationCounts, OperationCounts | None]]:
        """What each recording says of each operation: its id, the operation, what its era reads, the rest."""
        wanted = {skeleton: template for template in self.templates for skeleton in template.skeletons}
        eras: dict[tuple[str, str], dict[str, Era]] = {}
        for name, era in self.eras.items():
            key, status = era_key(name)
            eras.setdefault(key, {})[status] = era
        for id_, recording in sorted(self.recordings.items()):
            for (method, skeleton), one in recording.counts.operations.items():
                template = wanted.get(skeleton) or wanted[_widest(skeleton, wanted)]
                key = (method, normal(template.path))
                yield id_, key, *_by_era(one, id_, recording, eras.get(key))

    @cached_property
    def _by_recording(self) -> dict[tuple[str, str], list[tuple[Recording, OperationCounts]]]:
        found: dict[tuple[str, str], list[tuple[Recording, OperationCounts]]] = {}
        for id_, key, read, _ in self._parts():
            found.setdefault(key, []).append((self.recordings[id_], read))
        return found

    def by_recording(self, operation: Operation) -> list[tuple[Recording, OperationCounts]]:
        """What each recording says of an operation in its current era, in the order of their ids."""
        return list(self._by_recording.get((operation.method, normal(operation.path)), ()))

    def past_counts_of(self, operation: Operation) -> OperationCounts | None:
        """What was seen of an operation's answers before their current eras; None where there was nothing."""
        return self._sides[1].get((operation.method, normal(operation.path)))

    def past_of(self, operation: Operation, status: int, kind: str = "") -> Shape | None:
        """What a reply's JSON body was before its current era; None where the operation has no earlier one."""
        counts = self.past_counts_of(operation)
        answer = counts.answers.get(str(status)) if counts is not None else None
        if answer is None:
            return None
        key = (operation.key, "past", str(status), kind)
        if key not in self._shapes:
            self._shapes[key] = _shape(answer.media, kind)
        return self._shapes[key]

    def counts_of(self, operation: Operation) -> OperationCounts | None:
        """What the current era says of an operation of the document; None where nothing was seen."""
        found = self.operations.get((operation.method, normal(operation.path)))
        return found.counts if found is not None else None

    @cached_property
    def _shapes(self) -> dict[tuple[str, str, str, str], Shape | None]:
        return {}

    def shape_of(self, operation: Operation, status: int, kind: str = "") -> Shape | None:
        """The learned shape of a reply's JSON body; of a media type, or of whichever JSON one was seen most."""
        key = (operation.key, "answer", str(status), kind)
        if key not in self._shapes:
            counts = self.counts_of(operation)
            answer = counts.answers.get(str(status)) if counts is not None else None
            self._shapes[key] = _shape(answer.media, kind) if answer is not None else None
        return self._shapes[key]

    def request_shape(self, operation: Operation, kind: str = "") -> Shape | None:
        """The learned shape of an accepted request's JSON body."""
        key = (operation.key, "request", "", kind)
        if key not in self._shapes:
            counts = self.counts_of(operation)
            self._shapes[key] = _shape(counts.accepted.media, kind) if counts is not None else None
        return self._shapes[key]

    def by_hand(self, root: Mapping[str, Any], pointer: str, *, missing: bool = False) -> bool:
        """Whether a person wrote or pinned what the document says at a pointer; with `missing`, that it is required."""
        return written_by_hand(self.document, root, pointer_keys(pointer), missing=missing)

    def merge(self, other: Ledger) -> Ledger:
        """The union of both. Raises UsageError where one id has two contents."""
        disputed = {
            key: _union(self.disputed.get(key, {}), other.disputed.get(key, {}))
            for key in sorted({*self.disputed, *other.disputed})
        }
        return replace(
            self,
            recordings=_union(self.recordings, other.recordings),
            disputed=disputed,
            eras={
                key: max(
                    (era for era in (self.eras.get(key), other.eras.get(key)) if era is not None),
                    key=lambda era: (era.day, sorted(era.without)),
                )
                for key in sorted({*self.eras, *other.eras})
            },
            base_url=self.base_url or other.base_url,
        )


def _sum(recordings: Any) -> dict[Key, OperationCounts]:
    return dict(reduce(RecordingCounts.__add__, (one.counts for one in recordings), RecordingCounts()).operations)


def era_key(name: str) -> tuple[tuple[str, str], str]:
    """The operation and the scope that an era is named after: a status from 400 on, `""` for all below."""
    operation, _, status = name.partition(" ")[2].partition(" ")
    return (name.partition(" ")[0], normal(operation)), status


def _scope(status: str) -> str:
    """An API's successes and redirects change together; each error stands for itself."""
    return status if status >= "4" else ""


def _by_era(
    one: OperationCounts, id_: str, recording: Recording, eras: Mapping[str, Era] | None
) -> tuple[OperationCounts, OperationCounts | None]:
    """What of an operation's counts the current eras read, and what came before; what its requests were stays."""
    gone = {
        status for status in one.answers if (eras or {}).get(_scope(status), _ALWAYS).reads(id_, recording) is False
    }
    if not gone:
        return one, None
    past = {status: answer for status, answer in one.answers.items() if status in gone}
    left = {status: answer for status, answer in one.answers.items() if status not in gone}
    before = replace(one, n=sum(answer.n for answer in past.values()), answers=past)
    succeeds = any(status.startswith("2") for status in left)
    n = sum(answer.n for answer in left.values())
    return replace(one, n=n, answers=left, targets=one.targets if succeeds else ()), before


def _widest(skeleton: Path, wanted: Mapping[Path, Template]) -> Path:
    """The skeleton that this one became when the total reached its cap."""
    for candidate in wanted:
        both = collapse({("", candidate): 0, ("", skeleton): 0}, lambda one, other: one)
        if len(both) == 1:
            return candidate
    return skeleton


def _union(one: Mapping[str, Recording], other: Mapping[str, Recording]) -> dict[str, Recording]:
    for id_ in sorted(one.keys() & other.keys()):
        if one[id_].data != other[id_].data or one[id_].day != other[id_].day:
            raise UsageError(
                f"recording {id_} has two contents; one of the evidence files was changed by hand. Restore it from"
                " version control, or learn its source again."
            )
    union = {**one, **other}
    return {id_: _labelled(union[id_], one.get(id_)) for id_ in sorted(union)}


def _labelled(recording: Recording, other: Recording | None) -> Recording:
    """The recording with the labels of the same one learned elsewhere."""
    labels = recording.labels if other is None else few((*recording.labels, *other.labels))
    return recording if labels == recording.labels else replace(recording, labels=labels)


def _shape(media: Mapping[str, BodyCounts], kind: str) -> Shape | None:
    bodies = {name: body for name, body in media.items() if is_json(name) and body.n > body.empty + body.broken}
    if kind in bodies:
        return shape_of_body(bodies[kind])
    best = max(sorted(bodies), key=lambda name: bodies[name].n, default=None)
    return shape_of_body(bodies[best]) if best is not None else None


def shape_of_body(body: BodyCounts) -> Shape:
    """The shape of JSON bodies. That they are lists is as sure as what is known of their items, if that is surer:
    whoever saw two pages of a hundred items has not seen two values.
    """
    shape = derive(body.shape)
    if shape.kinds != ("array",) or shape.items is None:
        return shape
    return replace(shape, grade=max(shape.grade, shape.items.grade, key=_GRADES.index))


def _look(counts: OperationCounts) -> Look:
    """The places of the successful JSON answers of an operation, to a depth."""
    if set(counts.answers) == {"404"}:
        return NOT_FOUND
    places: set[str] = set()
    for status, answer in counts.answers.items():
        shape = _shape(answer.media, "") if status.startswith("2") else None
        if shape is not None:
            _places(shape, "", 0, places)
    return frozenset(places)


def _places(shape: Shape, place: str, depth: int, found: set[str]) -> None:
    if depth > _LOOK_DEPTH:
        return
    if shape.items is not None:
        found.add(place + "[]")
        _places(shape.items, place + "[]", depth, found)
    for name, one in shape.properties.items():
        found.add(f"{place}.{name}")
        _places(one.shape, f"{place}.{name}", depth + 1, found)


def written_by_hand(
    base: Mapping[str, Any] | None, root: Mapping[str, Any], keys: list[str], *, missing: bool = False
) -> bool:
    """Whether a person wrote or pinned the node at `keys` of `root`; `base` is what lookalike wrote last.

    missing: ask whether a person wrote that the property at `keys` is required, rather than what it looks like
    """
    node: Any = root
    for key in keys:
        if isinstance(node, Mapping) and node.get(PINNED) is True:
            return True
        node = _child(node, key)
    if isinstance(node, Mapping) and node.get(PINNED) is True:
        return True
    if missing and len(keys) > 1 and keys[-2] == "properties":
        name, holder = keys[-1], keys[:-2]
        return (name in _required(_walk(root, holder))) != (name in _required(_walk(base, holder)))
    machine = _walk(base, keys)
    return machine is None or _own(node) != _own(machine)


def _walk(node: Any, keys: list[str]) -> Any:
    for key in keys:
        node = _child(node, key)
    return node


def _child(node: Any, key: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(key)
    if isinstance(node, list) and is_index(key) and int(key) < len(node):
        return node[int(key)]
    return None


def _own(node: Any) -> Any:
    if not isinstance(node, Mapping):
        return node
    return {key: value for key, value in node.items() if key not in _BELOW and not str(key).startswith("x-")}


def _required(node: Any) -> list[Any]:
    found = node.get("required") if isinstance(node, Mapping) else None
    return found if isinstance(found, list) else []
