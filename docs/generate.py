"""Writes the generated parts of README.md and docs/: tables that the code knows better than a page does.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a function of PARTS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PART = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def drift_kinds() -> str:
    from lookalike.contract.kinds import KINDS

    rows = [
        (f"`{kind.id}`", kind.severity, kind.sentence.format(name="*name*"), ", ".join(kind.found) or "not yet")
        for kind in KINDS.values()
    ]
    return table(("kind", "severity", "what happened", "looked for in"), rows)


def commands() -> str:
    """Each command's own help."""
    import subprocess
    import sys

    from lookalike.cli.app import COMMANDS

    parts = []
    for name in COMMANDS:
        said = subprocess.run(
            [sys.executable, "-m", "lookalike.cli", name, "--help"],
            capture_output=True,
            text=True,
            check=True,
            env={
                "NO_COLOR": "1",
                "COLUMNS": "100",
                "PATH": "/usr/bin:/bin",
                "TERMINAL_WIDTH": "100",
                "LANG": "C.UTF-8",
            },
        ).stdout
        body = "\n".join(line.rstrip() for line in said.strip().splitlines()).strip()
        parts.append(f"## lookalike {name}\n\n<!-- picture -->\n```text\n{body}\n```\n")
    return "\n".join(parts)


PARTS: dict[str, Callable[[], str]] = {
    "drift-kinds": drift_kinds,
    "commands": commands,
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
