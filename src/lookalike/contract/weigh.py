"""What a finding means to the code that really reads the API, or doesn't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.reads import Reader, Reads, Used
from lookalike.counted import counted

#: Why a finding names nobody who reads its place.
UNREAD: Mapping[str, str] = {
    "unseen": "nothing in your code was seen to read it",
    "unreceived": "not known: no test that was watched received an answer of it",
}
_MOST_READERS = 100

_B, _R, _I = Severity.BREAKING, Severity.RISKY, Severity.INFO

# By kind of change to a place in an answer's body: its severity where something reads the place (None: as it is), and
# where nothing was seen to. Kinds that aren't here are about a whole answer, or about a request.
_WEIGHTS: Mapping[str, tuple[Severity | None, Severity]] = {
    "field-removed": (_B, _I),
    "optional-field-removed": (_B, _I),
    "field-became-optional": (None, _R),
    "became-nullable": (_B, _R),
    "type-changed": (None, _R),
    "type-widened": (None, _R),
    "item-type-changed": (None, _R),
    "format-changed": (None, _R),
    "field-renamed": (_B, _I),
    "field-moved": (_B, _I),
    "discriminator-gone": (_B, _I),
    "enum-value-added": (None, _I),
    "constant-changed": (None, _I),
    "id-form-changed": (None, _I),
    "union-branch-added": (None, _I),
    "object-became-map": (None, _I),
}


def weigh(drifts: Sequence[Drift], reads: Reads | None) -> list[Drift]:
    """The same findings, the worst first, each with who reads its places and the severity that follows.

    A field that is gone breaks what reads it; where nothing was seen to read it that is a note. A place that may be
    read unseen keeps the finding's own severity, and so does everything where `reads` is None.
    What is suspect stays so.
    """
    if reads is None:
        return list(drifts)
    weighed = [_weighed(drift, reads) for drift in drifts]
    return sorted(weighed, key=lambda drift: drift.severity.rank)


def _weighed(drift: Drift, reads: Reads) -> Drift:
    weights = _WEIGHTS.get(drift.kind)
    if weights is None:
        return drift
    used = _used([reads.used(operation, place) for operation, place in drift.at])
    read, unread = weights
    severity = drift.severity
    if used == "read" and read is not None:
        severity = min(severity, read, key=lambda one: one.rank)
    elif used == "unseen":
        severity = max(severity, unread, key=lambda one: one.rank)
    found: set[Reader] = set()
    for operation, place in drift.at:
        found.update(reads.readers(operation, place))
    readers = sorted(found, key=lambda one: (not one.own, one.test, one.where))
    return replace(drift, severity=severity, used=used, readers=tuple(readers[:_MOST_READERS]))


def _used(found: Sequence[Used]) -> Used:
    """Of several places, one that is read decides, then one of which nobody knows."""
    order: tuple[Used, ...] = ("read", "unknown", "unreceived")
    return next((one for one in order if one in found), "unseen")


def told(readers: Sequence[Reader], most: int = 3) -> str:
    """`tests/test_a.py::test_b at services.py:12`; tests that share a line are told together."""
    lines: dict[tuple[str, bool], list[str]] = {}
    for one in readers:
        lines.setdefault((one.where, one.own), []).append(one.test or "code outside of a test")
    parts = []
    for (where, own), tests in list(lines.items())[:most]:
        names = list(dict.fromkeys(tests))
        shown = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
        parts.append(f"{shown}{f' at {where}' if where else ''}{'' if own else ', through a package'}")
    more = len(lines) - most
    return "; ".join(parts) + (f"; and {counted(more, 'more line')}" if more > 0 else "")
