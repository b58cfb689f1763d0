"""All benchmarks in one run: `python -m benchmarks [--quick] [NAME ...]`.

NAMES are modules beside this one with `rows(quick=...)`: values with the same fields, a row a measurement. It runs in a
process of its own, so that what one imports slows no other. Writes benchmarks/results.json, docs/benchmarks.md and
its plot; `--page` writes the latter two anew. Read ratios, not figures, and compare only what one run measured.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import tables

HERE = Path(__file__).parent
ROOT = HERE.parent
NAMES = (
    "in_process",
    "per_test",
    "memory",
    "startup",
    "learning",
    "scale",
    "server",
    "audit",
    "reads",
    "verify",
    "diff",
)
RESULTS = HERE / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "benchmarks-routes.svg"

Row = Mapping[str, Any]
_MARK = "lookalike-rows: "


def main() -> None:
    """Run what is asked for, print its tables, and write both files where all of it was run in full."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all of them for none")
    parser.add_argument("--quick", action="store_true", help="rough figures in minutes; nothing is written")
    parser.add_argument("--keep", action="store_true", help="write them all the same")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--page", action="store_true", help="measure nothing; write the page anew")
    asked = parser.parse_args()
    if asked.page:
        write(json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    if asked.one:
        print(_MARK + json.dumps([_plain(row) for row in _module(asked.one).rows(quick=asked.quick)]))
        return
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    began = time.monotonic()
    run = {"when": time.strftime("%Y-%m-%d"), "machine": machine(), "quick": asked.quick, "results": {}}
    for name in asked.names or NAMES:
        print(f"{name}: {summary(name)}", flush=True)
        run["results"][name] = rows = measured(name, quick=asked.quick)
        print(aligned(rows), flush=True)
    print(f"took {time.monotonic() - began:.0f} seconds")
    if asked.keep or not asked.quick:
        keep(run)


def measured(name: str, *, quick: bool) -> list[Row]:
    """The rows of one benchmark, measured in a process of its own. Raises SystemExit where that fails."""
    command = [sys.executable, "-m", "benchmarks", "--one", name, *(["--quick"] if quick else [])]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not lines:
        raise SystemExit(f"the benchmark {name} ended with {done.returncode}\n{done.stdout}")
    rows: list[Row] = json.loads(lines[-1].removeprefix(_MARK))
    return rows


def keep(run: Mapping[str, Any]) -> None:
    """Write the results; what this run didn't measure stays as it was."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results = {**before.get("results", {}), **run["results"]}
    kept = {**run, "results": {name: results[name] for name in NAMES if name in results}}
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written: {RESULTS.relative_to(ROOT)}")
    write(kept)


def write(run: Mapping[str, Any]) -> None:
    """The page and its plot."""
    from benchmarks.plot import draw

    PAGE.write_text(page(run), encoding="utf-8")
    draw(run["results"].get("in_process", ()), PLOT)
    print(f"written: {PAGE.relative_to(ROOT)}, {PLOT.relative_to(ROOT)}")


def page(run: Mapping[str, Any]) -> str:
    """The page of the documentation."""
    how = (
        f"Written by `make bench` on {run['when']}: {run['machine']}. Medians, side by side in one run. Read ratios, "
        "not figures: another machine has others, and one that is busy has others a minute later."
    )
    if run["quick"]:
        how += " This was a quick run: rough figures."
    parts = ["# Benchmarks", how]
    for name, rows in run["results"].items():
        parts.append(f"## {name.replace('_', ' ').capitalize()}\n{summary(name)}")
        if name == "in_process":
            parts.append(f"![CPU time a request over the number of routes]({PLOT.name})")
        parts.append(tables.PAGES.get(name, markdown)(rows))
    return "\n\n".join(parts) + "\n"


def markdown(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    head, *cells = _cells(rows)
    return tables.grid(head, cells)


def aligned(rows: Sequence[Row]) -> str:
    """Rows as columns of text."""
    lines = _cells(rows)
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "".join(
        "  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def _cells(rows: Sequence[Row]) -> list[list[str]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [[name.replace("_", " ") for name in names], *([_shown(row.get(name)) for name in names] for row in rows)]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def summary(name: str) -> str:
    """What a benchmark measures: the first line of its module."""
    return (_module(name).__doc__ or name).strip().partition("\n")[0]


def machine() -> str:
    """What it ran on, in a few words."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = f", {names[0]}" if names else ""
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores{model}"
    )


def _module(name: str) -> Any:
    return importlib.import_module(f"benchmarks.{name}")


def _plain(row: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        derived = {name: getattr(row, name) for name, one in vars(type(row)).items() if isinstance(one, property)}
        return dataclasses.asdict(row) | derived
    if hasattr(row, "_asdict"):
        return dict(row._asdict())
    return dict(row)


if __name__ == "__main__":
    main()
