"""The plot of docs/benchmarks.md: time a request over the number of routes, a line a tool.

The same results make the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PANELS = ("requests.Session", "httpx.Client")
# A tool has its colour (of Okabe and Ito, which most colour-blind people tell apart) and mark in both panels.
STYLES = {
    "lookalike": ("#000000", "o"),
    "responses": ("#D55E00", "s"),
    "requests-mock": ("#0072B2", "^"),
    "respx": ("#CC79A7", "D"),
    "pytest-httpx": ("#8A6D00", "v"),
    "pook": ("#009E73", "P"),
    "vcrpy": ("#56B4E9", "X"),
    "mocket": ("#E69F00", "<"),
    "httpretty": ("#7F3C8D", ">"),
    "pytest-httpserver": ("#666666", "*"),
}


def draw(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write the plot as SVG; the figures are those of the tables."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    options = {"svg.hashsalt": "lookalike", "svg.fonttype": "none", "font.size": 9, "path.simplify": True}
    with mpl.rc_context(options):
        figure, axes = pyplot.subplots(1, len(PANELS), figsize=(9, 4.2), sharey=True, layout="constrained")
        for axis, client in zip(axes, PANELS, strict=True):
            _panel(axis, client, rows)
        axes[0].set_ylabel("CPU microseconds a request")
        shown = [
            row["microseconds"]
            for row in rows
            if row["client"] in PANELS and row["body"] == "small" and row["microseconds"] is not None
        ]
        if shown:
            axes[0].set_ylim(min(shown) / 1.5, max(shown) * 4)  # the legend is above the lines
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)


def _panel(axis: Any, client: str, rows: Sequence[Mapping[str, Any]]) -> None:
    lines: dict[str, dict[int, float]] = {}
    for row in rows:
        if row["client"] == client and row["body"] == "small" and row["microseconds"] is not None:
            lines.setdefault(row["tool"], {})[row["routes"]] = row["microseconds"]
    for tool in sorted(STYLES, key=lambda tool: -max(lines.get(tool, {0: 0}).values())):
        if tool not in lines:
            continue
        colour, mark = STYLES[tool]
        own = tool == "lookalike"
        axis.plot(
            list(lines[tool]), list(lines[tool].values()), color=colour, marker=mark, markersize=5,
            linewidth=2.6 if own else 1.2, zorder=3 if own else 2, label=tool,
        )  # fmt: skip
    floor = lines.get("floor")
    if floor:
        axis.plot(list(floor), list(floor.values()), color="#999999", linestyle=":", label="floor")
    axis.set(xscale="log", yscale="log", title=client, xlabel="routes declared")
    axis.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axis.minorticks_off()
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.grid(which="major", color="#dddddd", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(loc="upper left", frameon=False, fontsize=8)
