"""What a part of a recording says: counts by host, and what was left out. Parts add up in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from lookalike.contract.counts import RecordingCounts
from lookalike.shape.evidence import Identity

SKIPPED_CAP = 1000


@dataclass(slots=True)
class Side:
    """Exchanges that are counted together.

    n: how many; identity: of them as a recording
    """

    counts: RecordingCounts = field(default_factory=RecordingCounts)
    identity: Identity = field(default_factory=Identity)

    @property
    def n(self) -> int:
        """How many exchanges."""
        return self.identity.n

    def __add__(self, other: Side) -> Side:
        return Side(self.counts + other.counts, self.identity + other.identity)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; read back by `from_json`."""
        return {
            "counts": self.counts.to_json(),
            "n": self.identity.n,
            "identity": f"{self.identity.total:x}",
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Side:
        """Read what `to_json` wrote. Raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        return cls(RecordingCounts.from_json(data["counts"]), Identity(int(data["identity"], 16), int(data["n"])))


@dataclass(slots=True)
class Host:
    """What was seen of one host.

    answers: what its API answers;  pages: HTML pages with what belongs to them, which a browser asked for
    json:    answers of JSON, of any status;  secure: whether https was seen
    elsewhere: exchanges that aren't below the base URL
    """

    answers: Side = field(default_factory=Side)
    pages: Side = field(default_factory=Side)
    json: int = 0
    secure: bool = False
    elsewhere: int = 0

    @property
    def n(self) -> int:
        """How many exchanges."""
        return self.answers.n + self.pages.n + self.elsewhere

    @property
    def taught(self) -> int:
        """How many of them were counted."""
        return self.answers.n + self.pages.n

    def __add__(self, other: Host) -> Host:
        return Host(
            self.answers + other.answers,
            self.pages + other.pages,
            self.json + other.json,
            self.secure or other.secure,
            self.elsewhere + other.elsewhere,
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object; read back by `from_json`."""
        return {
            "answers": self.answers.to_json(),
            "pages": self.pages.to_json(),
            "json": self.json,
            "secure": self.secure,
            "elsewhere": self.elsewhere,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Host:
        """Read what `to_json` wrote."""
        return cls(
            Side.from_json(data["answers"]),
            Side.from_json(data["pages"]),
            int(data["json"]),
            bool(data["secure"]),
            int(data["elsewhere"]),
        )


@dataclass(slots=True)
class Tally:
    """What a part of one file says.

    hosts:      by host, with the port where it isn't a usual one
    unanswered: exchanges without a response, or of a method that says nothing of a resource
    lines:      lines of an NDJSON file that the part had
    skipped:    entries that couldn't be read: where (a number of a line of this part, or words) and why, the first of
                them;  left_out: how many they are in all
    """

    hosts: dict[str, Host] = field(default_factory=dict)
    unanswered: int = 0
    lines: int = 0
    skipped: list[tuple[int | str, str]] = field(default_factory=list)
    left_out: int = 0

    @property
    def n(self) -> int:
        """How many exchanges were counted."""
        return sum(host.n for host in self.hosts.values())

    def skip(self, where: int | str, why: str) -> None:
        """Note an entry that can't be read."""
        self.left_out += 1
        if len(self.skipped) < SKIPPED_CAP:
            self.skipped.append((where, why))

    def to_json(self) -> dict[str, Any]:
        """A JSON object; read back by `from_json`."""
        return {
            "hosts": {name: host.to_json() for name, host in sorted(self.hosts.items())},
            "unanswered": self.unanswered,
            "lines": self.lines,
            "skipped": [list(one) for one in self.skipped],
            "left_out": self.left_out,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tally:
        """Read what `to_json` wrote. Raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        return cls(
            {name: Host.from_json(host) for name, host in data["hosts"].items()},
            int(data["unanswered"]),
            int(data["lines"]),
            [(where, why) for where, why in data["skipped"]],
            int(data["left_out"]),
        )


def whole(parts: Iterable[Tally]) -> Tally:
    """The parts of a file, in their order, as one: numbers of lines become those of the file."""
    return reduce(_joined, parts, Tally())


def _joined(one: Tally, other: Tally) -> Tally:
    moved = [(where + one.lines if isinstance(where, int) else where, why) for where, why in other.skipped]
    hosts = dict(one.hosts)
    for name, host in other.hosts.items():
        hosts[name] = hosts[name] + host if name in hosts else host
    return Tally(
        hosts,
        one.unanswered + other.unanswered,
        one.lines + other.lines,
        [*one.skipped, *moved][:SKIPPED_CAP],
        one.left_out + other.left_out,
    )
