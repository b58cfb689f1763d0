"""`make accuracy`: changes planted into simulated recordings and documents, and recordings in which nothing changed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.drift.measure import plant_all, rewrite_all, unchanged
from benchmarks.drift.table import Measured, as_markdown, as_text

_OUT = Path(".accuracy")


def main() -> int:
    """Measure, print and write the tables; 1 where a target isn't met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many times, each with other recordings (default: 5)")
    parser.add_argument("--each", type=int, default=8, help="changes of each kind a seed (default: 8)")
    parser.add_argument("--times", type=int, default=3, help="re-recordings of each endpoint a seed (default: 3)")
    parser.add_argument("--out", type=Path, default=_OUT, help="folder for drift.md")
    given = parser.parse_args()
    measured = Measured(documents=rewrite_all(each=given.each))
    for seed in range(given.seeds):
        measured.add(Measured(plant_all(each=given.each, seed=seed), {}, unchanged(times=given.times, seed=seed)))
    print(as_text(measured))
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "drift.md").write_text(as_markdown(measured), encoding="utf-8")
    print(f"written to {given.out / 'drift.md'}")
    for words in measured.misses():
        print(f"target missed: {words}", file=sys.stderr)
    return 1 if measured.misses() else 0


if __name__ == "__main__":
    sys.exit(main())
