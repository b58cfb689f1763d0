"""What a project reads of an API, as a tree of rows: each place with the lines that read it and their tests."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lookalike.contract.compare_places import ITEMS, ROOT
from lookalike.contract.reads import Reader, Reads
from lookalike.report.terminal import Style

_HEAD = re.compile("(?:│  |   )*(?:├─ |└─ )?")
_LINES = 2
_TESTS = 2


@dataclass(frozen=True, slots=True)
class Use:
    """One place: its name with the branches of the tree before it, the lines that read it, their tests, and a doubt."""

    name: str
    lines: str = ""
    tests: str = ""
    doubt: str = ""


def stacked(rows: Sequence[Use], room: int) -> Iterator[tuple[str, Style]]:
    """The rows for a screen that is too narrow for columns: below each place who reads it, the tree's lines drawn on.

    room: characters of a line; a name or a path that is longer is told whole all the same
    """
    heads = [_HEAD.match(row.name) for row in rows]
    depths = [found.end() if found is not None else 0 for found in heads]
    for at, row in enumerate(rows):
        yield row.name, ""
        on = row.name[: depths[at]].replace("├─ ", "│  ").replace("└─ ", "   ")
        below = at + 1 < len(rows) and depths[at + 1] > depths[at]
        indent = f"{on}{'│' if below else ' '}  "
        said: tuple[tuple[str, Style], ...] = ((row.lines, ""), (row.tests, "dim"), (row.doubt, "warn"))
        for text, style in said:
            for line in textwrap.wrap(text, max(room - len(indent), 1), break_long_words=False, break_on_hyphens=False):
                yield indent + line, style


@dataclass(slots=True)
class _Branch:
    readers: set[Reader] = field(default_factory=set)
    whole: bool = False
    blind: bool = False
    below: dict[str, _Branch] = field(default_factory=dict)


def uses(reads: Reads, operation: str) -> Iterator[Use]:
    """The rows of one operation's answers, the body first."""
    root = _Branch()
    for path, readers, whole, blind in reads.places(operation):
        branch = root
        for step in path:
            branch = branch.below.setdefault(step, _Branch())
        branch.readers |= readers
        branch.whole, branch.blind = whole, blind
    yield from _drawn(ROOT, root, "", "")


def _drawn(name: str, branch: _Branch, head: str, indent: str) -> Iterator[Use]:
    # Items have no name of their own: what is known of them belongs to their list.
    while ITEMS in branch.below and not (branch.readers and branch.blind):
        items = branch.below.pop(ITEMS)
        items.readers |= branch.readers
        items.blind, items.whole = items.blind or branch.blind, items.whole or branch.whole
        items.below.update(branch.below)
        name, branch = name + ITEMS, items
    doubt = "may be read elsewhere too: an answer was not parsed, or left no trace" if branch.blind else ""
    yield Use(
        head + name + (" (all keys)" if branch.whole else ""), _lines(branch.readers), _tests(branch.readers), doubt
    )
    below = sorted(branch.below.items())
    for number, (step, child) in enumerate(below, 1):
        last = number == len(below)
        yield from _drawn(
            step.removeprefix("."), child, indent + ("└─ " if last else "├─ "), indent + ("   " if last else "│  ")
        )


def _lines(readers: set[Reader]) -> str:
    own = sorted({one.where for one in readers if one.own and one.where})
    through = sorted({f"{one.where} through a package" for one in readers if not one.own} - {f"{one} " for one in own})
    return _some([*own, *through], _LINES)


def _tests(readers: set[Reader]) -> str:
    return _some(sorted({one.test.partition("::")[2] or one.test for one in readers if one.test}), _TESTS)


def _some(names: list[str], most: int) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
