"""Writes the generated parts of README.md and docs/: tables that the code knows better than a page does.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a function of PARTS.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence, Set
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

ROOT = Path(__file__).parent.parent
_PART = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


class _Names(dict[str, str]):
    """The blanks of a sentence, in italics."""

    def __missing__(self, key: str) -> str:
        return f"*{key}*"


def drift_kinds() -> str:
    from lookalike.contract.kinds import KINDS

    rows = [
        (
            f"`{kind.id}`",
            kind.severity,
            kind.sentence.format_map(_Names()),
            ", ".join(kind.found) + (f": {kind.why}" if kind.why else ""),
        )
        for kind in KINDS.values()
    ]
    return table(("kind", "severity", "what happened", "looked for in"), rows)


def commands() -> str:
    """Each command with its description, its parameters and an example, as the functions themselves say them."""
    from lookalike.cli.app import COMMANDS

    return "\n".join(_command(name, import_module(f"lookalike.cli.{name}")) for name in COMMANDS)


def _command(name: str, module: ModuleType) -> str:
    function = getattr(module, name)
    parameters = [_parameter(one) for one in inspect.signature(function, eval_str=True).parameters.values()]
    arguments = " ".join(f"`{shown}`" for shown, _, is_argument in parameters if is_argument)
    lines = [f"## lookalike {name}", "", inspect.getdoc(function) or "", ""]
    if parameters:
        rows = [(f"`{shown}`", words) for shown, words, _ in parameters]
        lines.append(table((f"lookalike {name} {arguments}".strip(), ""), rows))
    example = "".join(f"$ {line}\n" for line in module.EXAMPLE.strip().splitlines())
    lines.append(f"<!-- picture -->\n```text\n{example}```\n")
    return "\n".join(lines)


def _parameter(parameter: inspect.Parameter) -> tuple[str, str, bool]:
    """How a parameter is written, what it means, and whether it is an argument and no option."""
    info = next(one for one in parameter.annotation.__metadata__ if hasattr(one, "param_decls"))
    words = info.help or ""
    required = parameter.default is inspect.Parameter.empty
    if type(info).__name__ == "ArgumentInfo":
        metavar = info.metavar or parameter.name.upper()
        many = "..." if "list" in str(parameter.annotation) else ""
        return metavar + many, words, True
    flag = parameter.annotation.__origin__ is bool
    # In Annotated, Typer's first name stands where a default would.
    names = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str) and one.startswith("-")]
    names = names or [f"--{parameter.name.replace('_', '-')}"]
    shown = ", ".join(names) + ("" if flag else f" {info.metavar or _KINDS[str(parameter.annotation.__origin__)]}")
    default = info.show_default if isinstance(info.show_default, str) else parameter.default
    if required:
        words += " Required."
    elif not flag and default not in (None, ""):
        words += f" Default: {default}."
    return shown, words, False


_KINDS = {"<class 'str'>": "TEXT", "<class 'int'>": "NUMBER", "<class 'float'>": "NUMBER", "float | None": "NUMBER"}


#: Which seam of `intercept` a client passes, with its name in tests/versions.toml, `""` for Python's own.
CLIENTS = (
    ("requests", "requests", "http_client"),
    ("urllib3", "urllib3", "http_client"),
    ("urllib.request", "", "http_client"),
    ("httplib2", "httplib2", "http_client"),
    ("botocore, boto3", "botocore", "http_client"),
    ("httpx, sync and async", "httpx", "httpcore"),
    ("httpx2, sync and async", "httpx2", "httpcore"),
    ("aiohttp", "aiohttp", "aiohttp"),
    ("tornado, sync and async, over libcurl too", "tornado", "tornado"),
    ("niquests, sync and async", "niquests", "urllib3_future"),
)


def clients() -> str:
    """The covered clients, each with the releases that it is tested with."""
    known = tomllib.loads((ROOT / "tests" / "versions.toml").read_text(encoding="utf-8"))
    rows = []
    for client, name, seam in CLIENTS:
        if not (ROOT / "src" / "lookalike" / "intercept" / f"{seam}.py").exists():
            raise FileNotFoundError(f"{client} passes {seam}, which is no seam")
        version = f"{known[name]['oldest']} to {known[name]['newest']}" if name else "Python's own"
        rows.append((client, version, f"`{seam}`"))
    return table(("client", "version", "where it is taken over"), rows)


def client_names() -> str:
    """The covered clients in one sentence."""
    names = [client.partition(",")[0] for client, _, _ in CLIENTS]
    return f"Covered without a word in the code under test: {', '.join(names)} ([releases](docs/isolation.md)).\n"


def packs() -> str:
    """The ready-made APIs."""
    from lookalike import packs as rooms

    found = [rooms.load(name) for name in rooms.names()]
    return "".join(f"- `{one.name}`, {one.base_url}: {one.summary}\n" for one in found)


#: What the README tells of `make bench`: what is said, and the client, body and routes of the rows.
SPEED = (
    ("`requests`, 1 route", "requests.Session", "small", 1),
    ("`requests`, 1,000 routes", "requests.Session", "small", 1000),
    ("`requests`, 1 MB", "requests.Session", "1 MB", 1),
    ("`httpx`, 1 route", "httpx.Client", "small", 1),
    ("`httpx`, 1,000 routes", "httpx.Client", "small", 1000),
    ("`aiohttp`, 1 route", "aiohttp", "small", 1),
)


def recordings() -> str:
    from lookalike.traffic.formats import FORMATS

    return table(["`--format`", "is"], [(f"`{one.name}`", one.label) for one in FORMATS])


def exports() -> str:
    from lookalike.export.formats import FORMATS

    return table(["`--to`", "is"], [(f"`{one.name}`", one.label) for one in FORMATS])


def speed() -> str:
    """What `make bench` measured last, a line a case and a column a tool; nothing where it wasn't run."""
    path = ROOT / "benchmarks" / "results.json"
    if not path.exists():
        return ""
    rows = json.loads(path.read_text(encoding="utf-8"))["results"].get("in_process", ())
    found = {(row["client"], row["body"], row["routes"], row["tool"]): row for row in rows if row["microseconds"]}
    tools = dict.fromkeys(row["tool"] for row in rows if any((*case[1:], row["tool"]) in found for case in SPEED))
    tools.pop("lookalike with contract", None)
    lines = []
    for said, *case in SPEED:
        mine = {tool: row for tool in tools if (row := found.get((*case, tool)))}
        if "floor" not in mine:
            continue
        own = (row["microseconds"] for tool, row in mine.items() if row.get("genuine") and tool != "floor")
        first = min(own, default=0.0)
        cells = (_microseconds(mine.get(tool), first) for tool in tools)
        lines.append((said, *cells))
    if not lines:
        return ""
    return (
        table(("microseconds a GET", *tools), lines)
        + "\nBold: the first of those under which the client's own stack runs, down to its connections; aiohttp's "
        "floor is a bare server on loopback ([all figures, and how they were measured](docs/benchmarks.md)). "
        "![CPU time of a GET over the number of routes](docs/benchmarks-routes.svg)\n"
    )


def _microseconds(row: dict[str, Any] | None, first: float) -> str:
    if row is None:
        return ""
    shown = f"{row['microseconds']:,.0f}"
    return f"**{shown}**" if row["microseconds"] == first and row["tool"] != "floor" else shown


#: What is left out: these three are no HTTP.
ELSEWHERE = frozenset({"gRPC", "WebSocket", "raw TCP (Redis …)"})


def peer_rows() -> list[dict[str, object]]:
    """The rows of the table that this project answers for: section, feature and who has it."""
    rows: list[dict[str, object]] = tomllib.loads((ROOT / "docs" / "peers.toml").read_text(encoding="utf-8"))["rows"]
    return [row for row in rows if not ELSEWHERE & {row["section"], row["feature"]}]


def peer_marks() -> dict[str, list[str]]:
    """The tests that carry the mark `peer`, by its row: `tests/double/test_x.py::test_y`, or a file for a parameter."""
    found: dict[str, set[str]] = {}
    features = {row["feature"] for row in peer_rows()}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.peer(" not in text:
            continue
        tree = ast.parse(text)
        inside: dict[ast.AST, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside.update((part, node.name) for one in node.decorator_list for part in ast.walk(one))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "peer":
                name = f"::{inside[node]}" if node in inside else ""
                for row in _rows_of(node.args[0], tree, features):
                    found.setdefault(row, set()).add(f"{path.relative_to(ROOT)}{name}")
    return {row: sorted(tests) for row, tests in found.items()}


def _rows_of(said: ast.expr, tree: ast.Module, features: Set[object]) -> set[str]:
    """What a mark names: its text, or where a table's entries give it, each row that the file's table spells out."""
    if isinstance(said, ast.Constant):
        return {str(said.value)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts & features


def peers() -> str:
    """Each feature with the tools that have it fully, and the test here that shows it."""
    tools: dict[str, str] = tomllib.loads((ROOT / "docs" / "peers.toml").read_text(encoding="utf-8"))["tools"]
    marks, sections = peer_marks(), dict.fromkeys(str(row["section"]) for row in peer_rows())
    parts = []
    for section in sections:
        rows = []
        for row in (one for one in peer_rows() if one["section"] == section):
            who = [tools[name] for name in cast(list[str], row["who"])]
            tests = marks.get(str(row["feature"]), [])
            shown = f"[{tests[0].rpartition('/')[2]}](../{tests[0].partition('::')[0]})" if tests else "missing"
            rows.append((row["feature"], ", ".join(who) or "nobody", shown))
        parts.append(f"## {section}\n" + table(("feature", "others that have it fully", "here, shown by"), rows))
    return "\n".join(parts)


def accuracy() -> str:
    """What `make accuracy` measured last for this page."""
    return (ROOT / "benchmarks" / "accuracy" / "results" / "accuracy.md").read_text(encoding="utf-8")


def planted() -> str:
    """What `make accuracy` measured last on simulated services."""
    return (ROOT / "benchmarks" / "drift" / "results" / "drift.md").read_text(encoding="utf-8")


def held_out() -> str:
    """What `make accuracy` measured last with priors tuned on other recordings."""
    return (ROOT / "benchmarks" / "accuracy" / "results" / "held_out.md").read_text(encoding="utf-8")


PARTS: dict[str, Callable[[], str]] = {
    "accuracy": accuracy,
    "held-out": held_out,
    "planted": planted,
    "peers": peers,
    "drift-kinds": drift_kinds,
    "commands": commands,
    "clients": clients,
    "client-names": client_names,
    "packs": packs,
    "recordings": recordings,
    "exports": exports,
    "speed": speed,
}


def renewed(text: str) -> str:
    """A page with its generated parts written anew. Raises KeyError for a part that nothing makes."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[3]}", text)


def main() -> None:
    for page in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("**/*.md")]):
        text = page.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"renewed {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
