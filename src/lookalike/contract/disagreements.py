"""Where a vendor's document and the evidence beside it disagree: what is promised, and what was seen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lookalike.contract.compare_form import Form, form_of
from lookalike.contract.compare_places import ITEMS, ROOT, VALUES, key_place
from lookalike.contract.counts import MANY, AnswerCounts, BodyCounts, OperationCounts
from lookalike.contract.openapi import is_json, media_for
from lookalike.contract.operation import Answer, Media, Operation
from lookalike.contract.schemas import locate
from lookalike.counted import counted
from lookalike.secrets import is_secret_name

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract
    from lookalike.shape.counts import Counts

# What each kind of disagreement is, in words that follow an operation and a place.
KINDS: Mapping[str, str] = {
    "operation-unnamed": "no document names this operation",
    "status-unnamed": "no document names this status",
    "media-unnamed": "no document names this media type",
    "parameter-unnamed": "no document names this parameter",
    "required-missing": "what is required was missing",
    "type-contradicted": "another type came",
    "null-contradicted": "null came where it isn't allowed",
    "enum-exceeded": "a value came that isn't one of those listed",
    "field-unnamed": "no document names this field",
}
# Who asks too often, who has it already, and what fails on the way: said of no operation in particular.
_UNSAID = frozenset({"304", "401", "403", "429"})
_VARIABLE = re.compile(r"\{[^{}]*\}")
_DEEPEST = 24
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One promise that traffic breaks, or one thing seen that nobody promises.

    kind:      a key of `KINDS`
    operation: `METHOD /template`; of one that no document names, as the evidence has it
    status:    as it was seen, `""` where it is about requests
    place:     `json[].owner.login`, `status`, `header content-type`, `query page`, `operation`
    promise:   what the document says, in words; `""` where it says nothing
    seen:      what was seen, with how often
    source:    where the document speaks of it
    """

    kind: str
    operation: str
    status: str
    place: str
    promise: str
    seen: str
    source: str

    @property
    def text(self) -> str:
        """One line: `200 json[].plan: no document names this field; seen in 3 of 10 objects`."""
        where = " ".join(filter(None, (self.status if self.place != "status" else "", self.place)))
        promise = f", {self.promise}" if self.promise else ""
        return f"{where}: {KINDS[self.kind]}{promise}; {self.seen}"


def disagreements(contract: Contract) -> list[Disagreement]:
    """Every disagreement between a vendor's document and its evidence, sorted; none for a learned contract.

    Evidence is what `learn` wrote beside the document; who asks is left out (401, 403, 429), and so are errors of a
    server (5xx). Raises FileError where the document is broken.
    """
    if contract.learned or contract.evidence is None:
        return []
    found: list[Disagreement] = []
    for key, (operation, counts) in _by_operation(contract).items():
        if operation is None:
            found += _unnamed(key, counts)
        else:
            found += _Comparison(contract, operation).of(counts)
    order = list(KINDS)
    return sorted(found, key=lambda one: (one.operation.partition(" ")[2], one.operation, one.status, one.place,
                                          order.index(one.kind)))  # fmt: skip


def causes(found: Sequence[Disagreement]) -> list[list[Disagreement]]:
    """Disagreements by what they are about: one schema that many operations share is one cause, the widest first."""
    groups: dict[tuple[str, str], list[Disagreement]] = {}
    for one in found:
        groups.setdefault((one.kind, one.source), []).append(one)
    return sorted(groups.values(), key=lambda group: -len({one.operation for one in group}))


def remarks(contract: Contract, *, told: Collection[tuple[str, str]] = (), most: int = 20) -> tuple[str, ...]:
    """A sentence for each cause, for a report; the rest is counted.

    told: pairs of an operation and a place that the report speaks of already
    """
    groups = causes([one for one in disagreements(contract) if (one.operation, one.place) not in told])
    found = []
    for group in groups[:most]:
        others = len({one.operation for one in group}) - 1
        more = f" (and {counted(others, 'operation')} more)" if others else ""
        found.append(f"document and traffic disagree: {group[0].operation} {group[0].text}{more}")
    if len(groups) > most:
        found.append(
            f"document and traffic disagree on {len(groups) - most} more; see: lookalike show {contract.source}"
        )
    return tuple(found)


def _by_operation(contract: Contract) -> dict[str, tuple[Operation | None, OperationCounts]]:
    """What was seen by operation of the document; paths that it doesn't have as the evidence has them."""
    found: dict[str, tuple[Operation | None, OperationCounts]] = {}
    ledger = contract.evidence
    for _, recording in sorted(ledger.recordings.items()) if ledger is not None else ():
        for (method, skeleton), counts in recording.counts.operations.items():
            path = "/" + "/".join(skeleton)
            # A value of the form that the skeleton names, so that a document's own patterns and literals fit.
            operation = contract.find(method, _VARIABLE.sub("1", path))
            key = operation.key if operation is not None else f"{method} {path}"
            known = found.get(key)
            found[key] = (operation, counts if known is None else known[1] + counts)
    return found


def _unnamed(key: str, counts: OperationCounts) -> Iterator[Disagreement]:
    statuses = {status: answer.n for status, answer in counts.answers.items() if status < "4"}
    if statuses:  # what only fails may not be there
        seen = ", ".join(f"{status} {_times(n)}" for status, n in sorted(statuses.items()))
        yield Disagreement("operation-unnamed", key, "", "operation", "", f"answered {seen}", key)


class _Comparison:
    """One operation of the document, and what was seen of it."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation

    def of(self, counts: OperationCounts) -> Iterator[Disagreement]:
        yield from self._parameters(counts)
        for status, answer in sorted(counts.answers.items()):
            if status in _UNSAID or status >= "5" or status < "2":
                continue
            said = self._operation.answer(int(status))
            if said is not None:
                yield from self._media(status, said, answer)
            elif self._operation.responses:
                names = " or ".join(sorted(self._operation.responses))
                times = f"{status} came {_times(answer.n)}"
                yield self._one(
                    "status-unnamed", status, "status", f"which has {names}", times, self._operation.pointer
                )

    def _one(self, kind: str, status: str, place: str, promise: str, seen: str, pointer: str) -> Disagreement:
        source = self._contract.document.shown(pointer)
        return Disagreement(kind, self._operation.key, status, place, promise, seen, source)

    def _parameters(self, counts: OperationCounts) -> Iterator[Disagreement]:
        known = self._contract.query_names(self._operation)
        if known is None:
            return
        security = self._contract.document.security_parameters()
        plain = {name.partition("[")[0] for name in known}
        for name, seen in sorted(counts.accepted.query.items()):
            if name == MANY or name.partition("[")[0] in plain:
                continue
            if is_secret_name(name) or ("query", name.lower()) in security:
                continue
            times = f"sent with {seen.n:,} of {counted(counts.accepted.n, 'request')}"
            yield self._one(
                "parameter-unnamed", "", f"query {name}", "", times, f"{self._operation.pointer} query {name}"
            )

    def _media(self, status: str, said: Answer, answer: AnswerCounts) -> Iterator[Disagreement]:
        for kind, body in sorted(answer.media.items()):
            sent = body.n - body.empty
            if kind == MANY or not sent:
                continue
            media = media_for(said.media, kind) or _same_json(said, kind)
            if media is not None:
                yield from self._body(status, media, kind, body)
            elif kind:
                names = "which has " + (" or ".join(sorted(said.media)) if said.media else "no body")
                seen = f"{kind} came {_times(sent)}"
                yield self._one("media-unnamed", status, "header content-type", names, seen, f"{said.pointer} {kind}")

    def _body(self, status: str, media: Media, kind: str, body: BodyCounts) -> Iterator[Disagreement]:
        if not is_json(kind) or media.schema is None or not body.shape.n:
            return
        walk = _Walk(self._contract, media)
        for found_kind, place, promise, seen, pointer in walk.differences(body.shape):
            yield self._one(found_kind, status, place, promise, seen, pointer)


_Found = tuple[str, str, str, str, str]


class _Walk:
    """A body's schema and its counts, walked through side by side."""

    def __init__(self, contract: Contract, media: Media) -> None:
        self._document = contract.document
        self._media = media
        self._form = form_of(contract.schema(media))

    def differences(self, counts: Counts) -> Iterator[_Found]:
        """(kind, place, promise, seen, pointer), from the root down."""
        return self._at(self._form, counts, ROOT, [])

    def _at(self, form: Form, counts: Counts, place: str, path: list[str | int]) -> Iterator[_Found]:
        if len(path) > _DEEPEST:
            return
        yield from self._kinds(form, counts, place, path)
        if counts.text is not None and form.enum:
            yield from self._enum(form, counts, place, path)
        if counts.array is not None and form.items is not None:
            yield from self._at(form.items, counts.array.items, place + ITEMS, [*path, 0])
        if counts.object is not None and counts.kinds.get("object"):
            yield from self._object(form, counts, place, path)

    def _pointer(self, path: list[str | int]) -> str:
        return locate(self._document, self._media.pointer, path)

    def _kinds(self, form: Form, counts: Counts, place: str, path: list[str | int]) -> Iterator[_Found]:
        if form.unknown or form.anything:
            return
        allowed = form.kinds | ({"integer"} if "number" in form.kinds else set())
        # A whole number with a fraction of nought is an integer to JSON Schema; counts don't tell it from others.
        allowed = allowed | ({"number"} if "integer" in form.kinds else set())
        for kind, (n, _) in sorted(counts.kinds.items()):
            many = f"{kind} in {n:,} of {counted(counts.n, 'value')}"
            if kind == "null":
                if not form.nullable:
                    yield "null-contradicted", place, f"where {form.words} is promised", many, self._pointer(path)
            elif kind not in allowed:
                yield "type-contradicted", place, f"where {form.words} is promised", many, self._pointer(path)

    def _enum(self, form: Form, counts: Counts, place: str, path: list[str | int]) -> Iterator[_Found]:
        values = counts.text.values if counts.text is not None else None
        known = set(map(str, form.enum))
        others = {value: n for value, n in (values or {}).items() if value not in known}
        if others:
            shown = ", ".join(f'"{value}" {_times(n)}' for value, n in sorted(others.items())[:_SHOWN])
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            listed = " | ".join(map(str, form.enum[:_SHOWN])) + (" | ..." if len(form.enum) > _SHOWN else "")
            yield "enum-exceeded", place, f"which are {listed}", shown + more, self._pointer(path)

    def _object(self, form: Form, counts: Counts, place: str, path: list[str | int]) -> Iterator[_Found]:
        held = counts.object
        objects = counts.kinds["object"][0]
        if held is None or ("object" not in form.kinds and not form.fields):
            return
        if form.values is not None and not form.fields:
            for name, child in sorted(held.keys.items()):
                yield from self._at(form.values, child, place + VALUES, [*path, name])
            return
        yield from self._missing(form, counts, objects, place, path)
        for name, child in sorted(held.keys.items()):
            below = form.fields.get(name)
            if below is not None:
                yield from self._at(below.form, child, key_place(place, name), [*path, name])
            elif form.fields and not form.takes_more:
                seen = f"seen in {child.n:,} of {counted(objects, 'object')}"
                yield "field-unnamed", key_place(place, name), "", seen, f"{self._pointer(path)} {name}"

    def _missing(self, form: Form, counts: Counts, objects: int, place: str, path: list[str | int]) -> Iterator[_Found]:
        held = counts.object
        # Keys that evidence doesn't keep by name may be those.
        if held is None or held.full or held.rest.n:
            return
        for name in form.required:
            child = held.keys.get(name)
            absent = objects - (child.n if child is not None else 0)
            if absent:
                seen = f"absent in {absent:,} of {counted(objects, 'object')}"
                yield "required-missing", key_place(place, name), "", seen, f"{self._pointer(path)} required {name}"


def _same_json(said: Answer, kind: str) -> Media | None:
    if not is_json(kind):
        return None
    return next((media for name, media in said.media.items() if is_json(name)), None)


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"
