"""Evidence: the counts of each recording under its id, so that the same recording twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b, sha256
from typing import Any, Generic, Protocol, Self, TypeVar

from lookalike.errors import UsageError
from lookalike.shape.counts import EMPTY, Counts

__all__ = ["EMPTY", "Counted", "Counts", "Evidence", "Identity", "Sealed", "recording_id"]


class Counted(Protocol):
    """Anything that counts: `+` is associative and commutative, equal counts give equal JSON."""

    def __add__(self, other: Any, /) -> Any: ...

    def to_json(self) -> dict[str, Any]: ...


C = TypeVar("C", bound=Counted)


@dataclass(frozen=True, slots=True)
class Sealed(Generic[C]):
    """The counts of one whole recording, and the day of it (`YYYY-MM-DD`, `""` if unknown)."""

    counts: C
    day: str = ""


class Evidence(Generic[C]):
    """Recordings by id. A value: each change makes new evidence.

    Merging is the union of the maps: associative, commutative, idempotent. `empty` is the identity of the counts, the
    total of no recording.
    """

    __slots__ = ("empty", "recordings")

    def __init__(self, empty: C, recordings: Mapping[str, Sealed[C]] | None = None) -> None:
        self.empty = empty
        self.recordings: dict[str, Sealed[C]] = dict(sorted((recordings or {}).items()))

    def sealed(self, counts: C, *, id: str, day: str = "") -> Evidence[C]:  # noqa: A002  the word of the files
        """This evidence with one more recording. Raises UsageError where the id is taken by another content."""
        return self.merge(Evidence(self.empty, {id: Sealed(counts, day)}))

    def merge(self, other: Evidence[C]) -> Evidence[C]:
        """The recordings of both. Raises UsageError where one id has two contents."""
        for id_ in sorted(self.recordings.keys() & other.recordings.keys()):
            mine, theirs = self.recordings[id_], other.recordings[id_]
            if mine.day != theirs.day or mine.counts.to_json() != theirs.counts.to_json():
                raise UsageError(
                    f"recording {id_} has two contents; one of the evidence files was changed by hand or made by"
                    " another version: learn that recording again"
                )
        return Evidence(self.empty, {**other.recordings, **self.recordings})

    def total(self, *, since: str = "") -> C:
        """The sum of the recordings from the day `since` on; recordings without a day count only without `since`."""
        chosen = (sealed.counts for sealed in self.recordings.values() if sealed.day >= since)
        return reduce(lambda one, other: one + other, chosen, self.empty)

    @property
    def days(self) -> tuple[str, ...]:
        """The days of the recordings, sorted, each once."""
        return tuple(sorted({sealed.day for sealed in self.recordings.values() if sealed.day}))

    def to_json(self) -> dict[str, Any]:
        """A JSON object; read back by `from_json`."""
        return {id_: {"day": kept.day, "counts": kept.counts.to_json()} for id_, kept in self.recordings.items()}

    @classmethod
    def from_json(cls, data: Any, empty: C, read: Callable[[Any], C]) -> Self:
        """Read what `to_json` wrote; `read` reads the counts. Raises UsageError for anything else."""
        if not isinstance(data, dict):
            raise UsageError(f"evidence is an object of recordings, not {type(data).__name__}")
        recordings = {}
        for id_, kept in data.items():
            if not isinstance(kept, dict) or not isinstance(kept.get("day"), str) or "counts" not in kept:
                raise UsageError(f"recording {id_} isn't complete: it needs a day and its counts")
            try:
                recordings[id_] = Sealed(read(kept["counts"]), kept["day"])
            except UsageError as error:
                raise UsageError(f"recording {id_}: {error}") from None
        return cls(empty, recordings)

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Evidence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __len__(self) -> int:
        return len(self.recordings)

    def __repr__(self) -> str:
        return f"<Evidence of {len(self.recordings)} recordings>"


class Identity:
    """The identity of a recording as its exchanges come: the sum of their hashes, whatever their order and parts.

    It needs the same memory for any number of them, and identities of parts add up to that of the whole.

    total: sum of the exchanges' SHA-256, modulo 2**256;  n: how many
    """

    __slots__ = ("n", "total")

    def __init__(self, total: int = 0, n: int = 0) -> None:
        self.total = total
        self.n = n

    def add(self, digests: Iterable[bytes]) -> None:
        """Add exchanges, in place; each is given as its SHA-256."""
        numbers = [int.from_bytes(digest, "big") for digest in digests]
        self.n += len(numbers)
        self.total = (self.total + sum(numbers)) & _IDENTITY

    def __add__(self, other: Identity) -> Identity:
        return Identity((self.total + other.total) & _IDENTITY, self.n + other.n)

    @property
    def id(self) -> str:
        """The recording's id: 16 hexadecimal digits."""
        return blake2b(b"%x:%x" % (self.n, self.total), digest_size=8).hexdigest()


_IDENTITY = 2**256 - 1


def recording_id(exchanges: Iterable[bytes]) -> str:
    """The id of a recording: a hash of its exchanges, whatever their order; each is given as its bytes."""
    identity = Identity()
    identity.add(sha256(exchange).digest() for exchange in exchanges)
    return identity.id
