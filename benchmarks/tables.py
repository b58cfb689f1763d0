"""What was measured, as the tables of docs/benchmarks.md: a row a tool, a column a measurement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
OWN = "lookalike"
SERVER = "bare loopback server"  # what stands for a floor with aiohttp, which has no trivial transport

LEGEND = (
    "**Bold** is the first of a column among the tools under which the client's own stack runs, down to what carries "
    "its bytes (its pools, retries, timeouts and exceptions: the second column); *italic* is the first of all, where "
    "that is another. A floor is no tool."
)


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def shown(value: float) -> str:
    """A figure with three digits, or as a whole number from 100 on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def pivot(
    rows: Sequence[Row], columns: Sequence[str], *, column: str, value: str, ratio: str = "", said: Sequence[str] = ()
) -> str:
    """A table with a line a tool; `column` and `value` name the fields of a row, `said` heads the columns.

    A tool that failed has its note instead of figures. Without a field `genuine` there is one first a column.
    """
    tools = list(dict.fromkeys(row["tool"] for row in rows))
    cells = {(row["tool"], row[column]): row for row in rows}
    staged = any("genuine" in row for row in rows)
    first = {
        name: (leader(rows, column, name, value, genuine=True) if staged else None, leader(rows, column, name, value))
        for name in columns
    }
    found = []
    for tool in sorted(tools, key=lambda tool: _order(cells, tool, columns, value)):
        mine = [cells.get((tool, name)) for name in columns]
        line = [tool]
        if staged:
            line.append("yes" if any(row and row["genuine"] for row in mine) else "no")
        note = next((row["note"] for row in mine if row and row["note"]), "")
        for name, row in zip(columns, mine, strict=True):
            line.append(_cell(row, tool, first[name], value, ratio))
        found.append([*line, note])
    noted = any(line[-1] for line in found)
    head = ["tool", *(["own stack"] if staged else []), *(said or columns), *([""] if noted else [])]
    return grid(head, found if noted else [line[:-1] for line in found])


def leader(rows: Sequence[Row], column: str, name: str, value: str, *, genuine: bool = False) -> str | None:
    """The first tool of a column, of all or of those with the client's own stack."""
    running = [
        (row[value], row["tool"])
        for row in rows
        if row[column] == name and row[value] is not None and row["tool"] != "floor" and (not genuine or row["genuine"])
    ]
    return min(running)[1] if running else None


def _cell(row: Row | None, tool: str, first: tuple[str | None, str | None], value: str, ratio: str) -> str:
    if row is None or row[value] is None:
        return ""
    text = shown(row[value])
    text = f"**{text}**" if tool == first[0] else f"*{text}*" if tool == first[1] else text
    return f"{text} ({row[ratio]:.2f})" if ratio and row[ratio] is not None and tool != "floor" else text


def _order(cells: Mapping[Any, Row], tool: str, columns: Sequence[str], value: str) -> tuple[bool, float]:
    known = [row[value] for name in columns if (row := cells.get((tool, name))) and row[value] is not None]
    return tool != "floor", known[0] if known else float("inf")


def _case(row: Row) -> str:
    routes = "1 route" if row["routes"] == 1 else f"{row['routes']:,} routes"
    return routes if row["body"] == "small" else f"{row['body']} body"


def in_process(rows: Sequence[Row]) -> str:
    """A table a client, and what the targets came to."""
    parts = [f"Microseconds a request, and how many times the floor's. {LEGEND}", targets(rows)]
    for client in dict.fromkeys(row["client"] for row in rows):
        mine = [{**row, "case": _case(row)} for row in rows if row["client"] == client]
        table = pivot(mine, list(dict.fromkeys(row["case"] for row in mine)), column="case", value="microseconds",
                      ratio="ratio")  # fmt: skip
        if client.startswith("aiohttp"):
            table = table.replace("| floor |", f"| {SERVER} |", 1)
        version = next((row["version"] for row in mine if row["version"]), "")
        parts.append(f"### {client}\n{version}\n\n{table}")
    return "\n\n".join(parts)


def targets(rows: Sequence[Row]) -> str:
    """Each target with what was measured, kept or missed."""
    lines = []
    for client in dict.fromkeys(row["client"] for row in rows):
        mine = [{**row, "case": _case(row)} for row in rows if row["client"] == client]
        took = {(row["tool"], row["case"]): row["microseconds"] for row in mine}
        for case in dict.fromkeys(row["case"] for row in mine):
            first = leader([row for row in mine if row["tool"] != f"{OWN} with contract"], "case", case,
                           "microseconds", genuine=True)  # fmt: skip
            if first not in (OWN, None):
                lines.append(f"`{client}`, {case}: {first} is first ({shown(took[first, case])}), then lookalike "
                             f"({shown(took[OWN, case])})")  # fmt: skip
        one, many = took.get((OWN, "1 route")), took.get((OWN, "1,000 routes"))
        if one and many and many > 1.15 * one:
            lines.append(f"`{client}`: {shown(many)} at 1,000 routes where one takes {shown(one)}: not flat")
        for other in ("floor", "aioresponses") if client.startswith("aiohttp") else ():
            if (took.get((other, "1 route")) or float("inf")) < (one or float("inf")):
                name = SERVER if other == "floor" else other
                lines.append(f"`{client}`: {name} takes {shown(took[other, '1 route'])}, lookalike {shown(one or 0)}")
    aim = (
        "The targets: lookalike is first in each column among the tools under which the client's own stack runs, takes "
        "as long with 1,000 routes as with one (within 15 %), and with aiohttp is faster than a bare server on loopback"
        " and than aioresponses. "
    )
    return aim + ("All of them were met." if not lines else "Missed:\n\n" + "\n".join(f"- {line}" for line in lines))


def per_test(rows: Sequence[Row]) -> str:
    """Tools by what is imported."""
    columns = list(dict.fromkeys(row["imported"] for row in rows))
    table = pivot(rows, columns, column="imported", value="microseconds")
    return f"Microseconds a test, by the clients that are imported.\n\n{table}"


def memory(rows: Sequence[Row]) -> str:
    """Tools by client."""
    columns = list(dict.fromkeys(row["client"] for row in rows))
    return f"Megabytes.\n\n{pivot(rows, columns, column='client', value='megabytes')}"


def startup(rows: Sequence[Row]) -> str:
    """Tools by what is started."""
    mine = [{**row, "case": f"{row['what']}, {row['on_top_of']}"} for row in rows]
    columns = list(dict.fromkeys(row["case"] for row in mine))
    aims = "; ".join(
        f"lookalike's {row['what']} over {row['on_top_of']} at most {row['target']:g}" for row in rows if row["target"]
    )
    return f"Milliseconds over the floor. Targets: {aims}.\n\n" + pivot(
        mine, columns, column="case", value="milliseconds"
    )


#: The benchmarks whose rows are not shown as they are.
PAGES = {"in_process": in_process, "per_test": per_test, "memory": memory, "startup": startup}
