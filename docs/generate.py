"""Writes the generated parts of README.md and docs/: tables that the code knows better than a page does.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a function of PARTS.
"""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

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
        (f"`{kind.id}`", kind.severity, kind.sentence.format_map(_Names()), ", ".join(kind.found) or "not yet")
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


#: Which seam of `intercept` a client passes, with the name of what is installed, `""` for Python's own.
CLIENTS = (
    ("requests", "requests", "http_client"),
    ("urllib3", "urllib3", "http_client"),
    ("urllib.request", "", "http_client"),
    ("httplib2", "httplib2", "http_client"),
    ("botocore, boto3", "boto3", "http_client"),
    ("httpx, sync and async", "httpx", "httpcore"),
    ("httpx2, sync and async", "httpx2", "httpcore"),
)


def clients() -> str:
    """The covered clients, each with the oldest version that the tests' dependencies allow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [one for one in project["dependency-groups"]["test"] if isinstance(one, str)]
    rows = []
    for client, distribution, seam in CLIENTS:
        if not (ROOT / "src" / "lookalike" / "intercept" / f"{seam}.py").exists():
            raise FileNotFoundError(f"{client} passes {seam}, which is no seam")
        version = "Python's own"
        if distribution:
            version = next(one for one in wanted if re.match(rf"{distribution}(?![\w-])", one))[len(distribution) :]
        rows.append(
            (client, version.removeprefix(">=") + (" and newer" if ">=" in version else "") or "any", f"`{seam}`")
        )
    return table(("client", "version", "where it is taken over"), rows)


def packs() -> str:
    """The ready-made APIs."""
    from lookalike import packs as rooms

    found = [rooms.load(name) for name in rooms.names()]
    return table(("ready-made API", "of", ""), ((f"`{one.name}`", one.base_url, one.summary) for one in found))


def speed() -> str:
    """One sentence of what `make bench` measured last; nothing where it wasn't run."""
    path = ROOT / "benchmarks" / "results.json"
    if not path.exists():
        return ""
    rows = json.loads(path.read_text(encoding="utf-8"))["results"].get("in_process", ())
    parts = []
    for client in ("requests.Session", "httpx.Client"):
        found = {
            row["tool"]: row["ratio"]
            for row in rows
            if (row["client"], row["body"], row["routes"]) == (client, "small", 1) and row["tool"] != "floor"
        }
        told = ", ".join(f"{tool} {ratio:.1f}" for tool, ratio in sorted(found.items(), key=lambda item: item[1]))
        if told:
            parts.append(f"`{client}`: {told}")
    if not parts:
        return ""
    words = "A mocked GET, as a multiple of the client's own work"
    return f"{words}: {'; '.join(parts)} ([all figures](docs/benchmarks.md)).\n"


PARTS: dict[str, Callable[[], str]] = {
    "drift-kinds": drift_kinds,
    "commands": commands,
    "clients": clients,
    "packs": packs,
    "speed": speed,
}


def renewed(text: str) -> str:
    """A page with its generated parts written anew. Raises KeyError for a part that nothing makes."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[3]}", text)


def main() -> None:
    for page in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]):
        text = page.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"renewed {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
