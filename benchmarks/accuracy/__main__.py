"""`make accuracy RECORDINGS=DIR`: false alarms and planted changes, measured over a folder of recordings."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.accuracy.endpoints import Endpoint, endpoints
from benchmarks.accuracy.held_out import GRID, held_out
from benchmarks.accuracy.measure import Score, measure
from benchmarks.accuracy.table import Row, as_json, as_markdown, as_text, causes

from lookalike.errors import FileError
from lookalike.messages import Exchange
from lookalike.traffic import files, read_file

_OUT = Path(".accuracy")
LEARNED = (1, 3)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("recordings", help="a folder of recordings, in any format that lookalike reads")
    parser.add_argument("--splits", type=int, default=8, help="random splits of each endpoint (default: 8)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=_OUT, help="folder for accuracy.md and accuracy.json")
    parser.add_argument("--causes", action="store_true", help="print what findings and misses were about")
    parser.add_argument("--held-out", action="store_true", help="each folder by priors tuned on all the others")
    given = parser.parse_args()
    if given.held_out:
        _held_out(given)
        return
    rows, totals = [], {learned: Score() for learned in LEARNED}
    for name, found in sorted(_sources(Path(given.recordings)).items()):
        for learned in LEARNED:
            score = measure(found, learned, splits=given.splits, seed=given.seed)
            totals[learned].add(score)
            rows.append(Row(name, len(found), learned, score))
            if given.causes:
                print(causes(rows[-1]))
    every = sum(row.endpoints for row in rows) // len(LEARNED)
    rows += [Row("all", every, learned, totals[learned]) for learned in LEARNED]
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "accuracy.md").write_text(as_markdown(rows), encoding="utf-8")
    (given.out / "accuracy.json").write_bytes(as_json(rows))
    print(as_text(rows))
    print(f"written to {given.out / 'accuracy.md'} and accuracy.json")


def _held_out(given: argparse.Namespace) -> None:
    rows = held_out(_sources(Path(given.recordings)), LEARNED, splits=given.splits, seed=given.seed, grid=GRID)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "held_out.md").write_text(as_markdown(rows), encoding="utf-8")
    print(as_text(rows))
    print(f"written to {given.out / 'held_out.md'}")


def _sources(folder: Path) -> dict[str, list[Endpoint]]:
    """The endpoints of each folder directly below, and of the files beside these folders, by its name; where an API is
    recorded in two of them, each counts for itself.
    """
    parts: dict[str, list[str]] = {}
    for name in files(str(folder)):
        inside = Path(name).relative_to(folder).parts
        parts.setdefault(inside[0] if len(inside) > 1 else folder.name, []).append(name)
    found = {part: endpoints(_exchanges(names)) for part, names in parts.items()}
    return {part: some for part, some in found.items() if some}


def _exchanges(names: Iterable[str]) -> Iterator[Exchange]:
    for name in names:
        try:
            yield from read_file(name, skipped=lambda _: None)
        except FileError:  # a licence, a document
            continue


if __name__ == "__main__":
    main()
