"""From sources of recorded traffic to contracts: what the files say, whose it is, and what it teaches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from lookalike.contract import learning
from lookalike.contract.contract import Contract
from lookalike.contract.counts import RecordingCounts
from lookalike.contract.provenance import label
from lookalike.errors import LookalikeError
from lookalike.learning.jobs import Runner
from lookalike.learning.plan import Chunk, Work, chunks
from lookalike.learning.resume import Kept
from lookalike.learning.tally import Host, Tally, whole
from lookalike.traffic.opened import Skipped
from lookalike.traffic.sources import shown

Moved = Callable[[int, int], None]  # told of the bytes that are done, and of the exchanges in them


@dataclass(slots=True)
class Traffic:
    """What sources say.

    tallies: of each file, in the order of the sources;  failed: files that couldn't be read, and why
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    failed: dict[str, LookalikeError] = field(default_factory=dict)

    @property
    def skipped(self) -> Iterator[Skipped]:
        """Entries that were left out, the first of each file."""
        for name, tally in self.tallies.items():
            for where, why in tally.skipped:
                yield Skipped(shown(name), f"line {where}" if isinstance(where, int) else where, why)

    @property
    def left_out(self) -> int:
        """How many entries were left out."""
        return sum(tally.left_out for tally in self.tallies.values())

    @property
    def hosts(self) -> dict[str, Host]:
        """What was seen of each host, but for its counts: they stay with their files. By name."""
        found: dict[str, Host] = {}
        for tally in self.tallies.values():
            for name, host in tally.hosts.items():
                into = found.setdefault(name, Host())
                into.answers.identity += host.answers.identity
                into.pages.identity += host.pages.identity
                into.json += host.json
                into.secure = into.secure or host.secure
                into.elsewhere += host.elsewhere
        return dict(sorted(found.items()))


def read(works: Sequence[Work], runner: Runner, *, base_url: str = "", kept: Kept, moved: Moved) -> Traffic:
    """Learn from files, chunk by chunk, and put each together again.

    runner: who learns chunks;  kept: what an earlier run did
    """
    parts: dict[str, dict[int, Tally]] = {work.name: {} for work in works}
    traffic = Traffic()

    def arrived(chunk: Chunk, tally: Tally) -> None:
        moved(chunk.size, tally.n)
        parts[chunk.work.name][chunk.index] = tally

    waiting = []
    for chunk in (chunk for work in works for chunk in chunks(work)):
        tally = _tally(kept.get(chunk))
        if tally is None:
            waiting.append(chunk)
        else:
            arrived(chunk, tally)
    for chunk, outcome in runner(waiting, base_url) if waiting else ():
        if isinstance(outcome, LookalikeError):
            traffic.failed.setdefault(chunk.work.name, outcome)
            continue
        kept.put(chunk, outcome)
        arrived(chunk, Tally.from_json(orjson.loads(outcome)))
    for work in works:
        if work.name not in traffic.failed:
            found = parts.pop(work.name)
            traffic.tallies[work.name] = whole(found[index] for index in sorted(found))
    traffic.failed = {work.name: traffic.failed[work.name] for work in works if work.name in traffic.failed}
    return traffic


def _tally(content: bytes | None) -> Tally | None:
    """What was kept, None for what is damaged."""
    if content is None:
        return None
    try:
        return Tally.from_json(orjson.loads(content))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def candidates(hosts: Mapping[str, Host]) -> list[str]:
    """The hosts that may be the API, the likeliest alone where one is: those that answer JSON, else those that
    answer something that is no page, else all.
    """
    for found in (
        [name for name, host in hosts.items() if host.json],
        [name for name, host in hosts.items() if host.answers.n],
        [name for name, host in hosts.items() if host.pages.n],
    ):
        if found:
            return found
    return []


def base_url_of(name: str, host: Host) -> str:
    """The root of a host; https where that was seen."""
    return f"{'https' if host.secure else 'http'}://{name}"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of one host's traffic.

    contract: with what it taught;  counted: recordings by id;  answers: how many taught
    pages:    how many were left out for being pages;  files: in how many files those that taught were
    """

    contract: Contract
    counted: Mapping[str, RecordingCounts]
    answers: int
    pages: int
    files: int = 0


def teach(contract: Contract, traffic: Traffic, host: str, *, html: bool = False) -> Lesson:
    """A contract taught by the traffic with one host, each file a recording.

    HTML pages and what browsers ask for with them are no answers of an API, unless `html` says so, the contract has
    such answers, or nothing else came.
    """
    found = {name: tally.hosts[host] for name, tally in traffic.tallies.items() if host in tally.hosts}
    with_pages = html or not any(one.answers.n for one in found.values()) or _has_pages(contract)
    counted: dict[str, RecordingCounts] = {}
    labels: dict[str, list[str]] = {}
    answers = pages = files = 0
    for name, one in found.items():
        side = one.answers + one.pages if with_pages and one.pages.n else one.answers
        pages += 0 if with_pages else one.pages.n
        answers += side.n
        files += side.n > 0
        if side.counts.operations:
            counted[side.identity.id] = side.counts
            labels.setdefault(side.identity.id, []).append(label(name, below=os.getcwd()))
    return Lesson(learning.fold_counts(contract, counted, labels=labels), counted, answers, pages, files)


def _has_pages(contract: Contract) -> bool:
    ledger = contract.evidence
    if ledger is None:
        return False
    return any(
        "text/html" in answer.media
        for learned in ledger.operations.values()
        for status, answer in learned.counts.answers.items()
        if status.startswith("2")
    )
