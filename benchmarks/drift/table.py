"""What was measured: by kind and in sum, on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.drift.measure import CERTAIN, Again, Tally

# Shares that have to be found: of removals, types, statuses and wraps, and of all; and shares of breaking findings in
# what merely varies that there may be.
CERTAIN_TARGET, TARGET, FALSE_TARGET = 1.0, 0.95, 0.01


@dataclass
class Measured:
    """All that was measured: planted into answers and into documents, by kind, and re-recordings by learning size."""

    answers: dict[str, Tally] = field(default_factory=dict)
    documents: dict[str, Tally] = field(default_factory=dict)
    unchanged: dict[int, Again] = field(default_factory=dict)

    def add(self, other: Measured) -> None:
        """Add what was measured with another seed."""
        for mine, theirs in ((self.answers, other.answers), (self.documents, other.documents)):
            for kind, tally in theirs.items():
                mine.setdefault(kind, Tally()).add(tally)
        for size, again in other.unchanged.items():
            self.unchanged.setdefault(size, Again()).add(again)

    def _tallies(self) -> list[tuple[str, Tally]]:
        return [*self.answers.items(), *self.documents.items()]

    @property
    def planted(self) -> int:
        """All changes."""
        return sum(tally.planted for _, tally in self._tallies())

    def recall(self, kinds: frozenset[str] | None = None) -> float:
        """The share of planted changes that is found, of these kinds or of all."""
        chosen = [tally for kind, tally in self._tallies() if kinds is None or kind in kinds]
        return sum(one.found for one in chosen) / max(1, sum(one.planted for one in chosen))

    @property
    def false(self) -> float:
        """The share of unchanged re-recordings with a breaking finding."""
        again = self.unchanged.values()
        return sum(one.breaking for one in again) / max(1, sum(one.recordings for one in again))

    def misses(self) -> list[str]:
        """Targets that aren't met, in words."""
        return [
            words
            for holds, words in (
                (self.recall(CERTAIN) >= CERTAIN_TARGET, "a removal, type, status or wrap change was missed"),
                (self.recall() >= TARGET, f"less than {TARGET:.0%} of the planted changes were found"),
                (self.false <= FALSE_TARGET, f"more than {FALSE_TARGET:.0%} of what varies raised a breaking finding"),
            )
            if not holds
        ]


def as_text(measured: Measured, *, names: bool = True) -> str:
    """Every kind, then misses and false alarms by name."""
    rows = [("kind", "answers: found of planted", "told alone", "suspect", "documents: found of planted")]
    for kind in dict.fromkeys([*measured.answers, *measured.documents]):
        one, other = measured.answers.get(kind), measured.documents.get(kind)
        alone = f"{one.alone}" if one else "-"
        rows.append((kind, _of(one), alone, f"{one.suspect}" if one else "-", _of(other)))
    told = [_lines(rows), "", as_markdown(measured)]
    for title, found in _named(measured) if names else ():
        told += ["", title, *(f"  {one}" for one in found)]
    return "\n".join(told)


def _named(measured: Measured) -> Iterable[tuple[str, list[str]]]:
    tallies = [*measured.answers.values(), *measured.documents.values()]
    for title, found in (
        ("missed (what was told instead):", [name for one in tallies for name in one.missed]),
        ("told besides:", [name for one in tallies for name in one.beside]),
        ("alarms where nothing changed:", [name for one in measured.unchanged.values() for name in one.alarms]),
    ):
        if found:
            yield title, found


def as_markdown(measured: Measured) -> str:
    """The sums, as a table."""
    lines = ["| planted | changes | found | told alone |", "|---|---|---|---|"]
    for title, tallies in (
        ("in answers: removals, types, statuses, wraps", _chosen(measured.answers, certain=True)),
        ("in answers: all other kinds", _chosen(measured.answers, certain=False)),
        ("in documents", list(measured.documents.values())),
    ):
        planted, found, alone = (sum(getattr(one, name) for one in tallies) for name in ("planted", "found", "alone"))
        lines.append(f"| {title} | {planted:,} | {_share(found, planted)} | {_share(alone, planted)} |")
    titles = ("re-recordings", "a breaking finding", "only a risky one", "SUSPECT", "information")
    lines += ["", f"| nothing planted: learned from | {' | '.join(titles)} |"]
    lines.append("|---|---|---|---|---|---|")
    for size, one in [*sorted(measured.unchanged.items()), ("all", _sum(measured.unchanged.values()))]:
        shares = " | ".join(_share(n, one.recordings) for n in (one.breaking, one.risky, one.suspect, one.informed))
        lines.append(f"| {size} | {one.recordings:,} | {shares} |")
    return "\n".join(lines) + "\n"


def _sum(found: Iterable[Again]) -> Again:
    total = Again()
    for one in found:
        total.add(one)
    return total


def _chosen(tallies: Mapping[str, Tally], *, certain: bool) -> list[Tally]:
    return [tally for kind, tally in tallies.items() if (kind in CERTAIN) is certain]


def _of(tally: Tally | None) -> str:
    return f"{tally.found} of {tally.planted}" if tally else "-"


def _share(some: int, of: int) -> str:
    return f"{some / of:.1%}" if of else "-"


def _lines(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
