"""The table of what was measured: on a terminal, as Markdown and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.accuracy.measure import CAUSES, WITHIN, Score

from lookalike.codec import encode_json

# At most these shares of other answers, by how many responses were learned: (DRIFT, SUSPECT).
TARGETS = {1: (0.02, 0.10), 3: (0.01, 0.10)}
_HEADS = (
    "recordings", "endpoints", "learned from", "others checked", "DRIFT", "SUSPECT", "SUSPECT, later answers",
    "planted: noticed at the first", f"planted: DRIFT within {WITHIN}", "planted in any other answer: noticed",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What was measured on one folder of recordings with contracts from `learned` responses of each endpoint."""

    name: str
    endpoints: int
    learned: int
    score: Score


def _share(some: int, of: int) -> str:
    return f"{some / of:.1%}" if of else "-"


def _planted(found: dict[str, list[int]]) -> str:
    hits, of = (sum(counts[at] for counts in found.values()) for at in (0, 1))
    return f"{_share(hits, of)} of {of:,}" if of else "-"


def _cells(row: Row) -> tuple[str, ...]:
    score = row.score
    return (
        row.name, str(row.endpoints), str(row.learned), f"{score.checked:,}", _share(score.drift, score.checked),
        _share(score.suspect, score.checked), _share(score.later_suspect, score.later), _planted(score.first),
        _planted(score.within), _planted(score.anyhow),
    )  # fmt: skip


def as_text(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    table = [_HEADS, *map(_cells, rows)]
    widths = [max(len(line[at]) for line in table) for at in range(len(_HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in table)


def as_markdown(rows: Sequence[Row]) -> str:
    """The table as Markdown, a line a row."""
    lines = ["| " + " | ".join(_HEADS) + " |", "|" + "---|" * len(_HEADS)]
    return "\n".join([*lines, *("| " + " | ".join(_cells(row)) + " |" for row in rows)]) + "\n"


def as_json(rows: Sequence[Row]) -> bytes:
    """What was counted, for other programs."""
    return encode_json([
        {
            "recordings": row.name, "endpoints": row.endpoints, "learned": row.learned, "checked": row.score.checked,
            "drift": row.score.drift, "suspect": row.score.suspect, "later": row.score.later,
            "later_drift": row.score.later_drift, "later_suspect": row.score.later_suspect,
            "first": row.score.first, "within": row.score.within,
            "anyhow": row.score.anyhow,
        }
        for row in rows
    ]) + b"\n"  # fmt: skip


def causes(row: Row) -> str:
    """What findings and missed changes were about, the most frequent first."""
    found = [f"{row.name}, from {row.learned}:"]
    found += [f"  {n:5} {' '.join(cause)}" for cause, n in row.score.causes.most_common(CAUSES)]
    found += [f"  {n:5} missed {what}" for what, n in Counter(row.score.missed).most_common(CAUSES)]
    return "\n".join(found)
