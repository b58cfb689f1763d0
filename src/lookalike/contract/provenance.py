"""Where a statement of a learned contract comes from: recordings, their days, and how often each has seen it."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lookalike.contract.compare_places import ITEMS, VALUES, split_place, steps
from lookalike.contract.counts import AnswerCounts, BodyCounts, OperationCounts
from lookalike.contract.ledger import Ledger
from lookalike.contract.operation import Operation
from lookalike.secrets import mask_text
from lookalike.shape.counts import Counts

_LONGEST = 200
_REQUEST = "request "


@dataclass(frozen=True, slots=True)
class Source:
    """One recording that has seen something.

    labels: what the recording is called, empty where nobody said
    day:    its day, `YYYY-MM-DD`, or `""`
    count:  how many values, headers, parameters or answers of it were seen
    """

    labels: tuple[str, ...]
    day: str
    count: int

    def __str__(self) -> str:
        name = ", ".join(self.labels) or "a recording"
        return f"{name}{f' of {self.day}' if self.day else ''}: {self.count:,}"


def label(name: str, *, below: str = "") -> str:
    """What a source is called in evidence: a path relative to `below`, else a bare file name; no credentials.

    name:  a path, or a URL, whose user, password, query and fragment are left out
    below: the folder that paths are relative to, such as the working directory
    """
    scheme, mark, _ = name.partition("://")
    if mark and len(scheme) > 1:
        try:
            parts = urlsplit(name)
            name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        except ValueError:
            name = scheme
    else:
        name = _relative(name.replace("\\", "/"), below.replace("\\", "/"))
    return mask_text(name)[:_LONGEST]


def _relative(path: str, below: str) -> str:
    path = posixpath.normpath(path) if path else ""
    if not (posixpath.isabs(path) or ntpath.splitdrive(path)[0]):
        return posixpath.basename(path) if path.startswith("..") else path
    root = posixpath.normpath(below) if below else ""
    if root and path.startswith(root.rstrip("/") + "/"):
        return path[len(root.rstrip("/")) + 1 :]
    return posixpath.basename(path)


def sources(ledger: Ledger, operation: Operation, status: str, place: str) -> list[Source]:
    """The recordings that have seen a place, the latest first.

    status: of the answers, all for `""`; place: `json[].title`, `header Link`, `status`, `query page`,
            `request json.title`; a status before it (`404 json.error`) counts where `status` is `""`
    """
    before, inside = split_place(place)
    status = status or (before if before.isdigit() else "")
    place = inside if before.isdigit() else place
    totals: dict[tuple[str, tuple[str, ...]], int] = {}
    for recording, counts in ledger.by_recording(operation):
        seen = _seen(counts, status, place)
        if seen:
            key = (recording.day, recording.labels)
            totals[key] = totals.get(key, 0) + seen
    found = [Source(labels, day, count) for (day, labels), count in sorted(totals.items())]
    return sorted(found, key=lambda one: one.day, reverse=True)


def _seen(counts: OperationCounts, status: str, place: str) -> int:
    """How often an operation's counts have seen a place."""
    kind, _, name = place.partition(" ")
    if place.startswith(_REQUEST):
        return _values(counts.accepted.media, place.removeprefix(_REQUEST))
    if kind == "query":
        return counts.accepted.query[name].n if name in counts.accepted.query else 0
    answers = [one for known, one in counts.answers.items() if not status or known == status]
    if kind == "header":
        return sum(_header(one, name.lower()) for one in answers)
    if place.startswith("json"):
        return sum(_values(one.media, place) for one in answers)
    return sum(one.n for one in answers)


def _header(answer: AnswerCounts, name: str) -> int:
    if name == "content-type":
        return sum(body.n for kind, body in answer.media.items() if kind)
    return answer.headers.get(name, 0)


def _values(media: Mapping[str, BodyCounts], place: str) -> int:
    return sum(_at([body.shape], steps(place)) for body in media.values())


def _at(found: Iterable[Counts], path: list[str]) -> int:
    """How many values are at the end of a way through counts."""
    here = list(found)
    for step in path:
        below: list[Counts] = []
        for one in here:
            if step == ITEMS:
                below += [one.array.items] if one.array is not None else []
            elif one.object is not None and step == VALUES:
                below += [*one.object.keys.values(), one.object.rest]
            elif one.object is not None and step[1:] in one.object.keys:
                below.append(one.object.keys[step[1:]])
        here = below
    return sum(one.n for one in here)
