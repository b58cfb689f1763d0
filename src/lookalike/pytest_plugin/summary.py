"""The summary at the end of a run: what was unknown, doubtful, said on purpose, or drifted."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from lookalike.counted import counted
from lookalike.pytest_plugin.run import Run
from lookalike.visible import visible

_SHOWN = 10
_ASKING = ("verify", "live", "record")
_NUMBER = re.compile(r"(\d+)")
_SIDE = re.compile(r": the (reply|request) of ")
_BOTH = ": the reply and the request of "


def write(terminal: pytest.TerminalReporter, run: Run, *, verbose: bool) -> None:
    """Write what there is to say; nothing where there is nothing."""
    parts = sections(run)
    if not parts:
        return
    terminal.write_sep("=", "lookalike")
    for title, lines, colour in parts:
        terminal.write_line(title, **{colour: True})
        for line in lines if verbose else lines[:_SHOWN]:
            terminal.write_line(visible(f"  {line}"))
        if len(lines) > _SHOWN and not verbose:
            terminal.write_line(f"  ... and {len(lines) - _SHOWN} more (-v shows all)")


def sections(run: Run) -> list[tuple[str, list[str], str]]:
    """Title, lines and colour of each part."""
    found: list[tuple[str, list[str], str]] = []
    if run.findings:
        against = "the mocks" if run.mode == "verify" else "the contract"
        lines = [f"{one.api}: {one.what}   ({_tests(one.tests)})" for one in run.findings]
        found.append((f"drift: the real API differs from {against} in {_places(len(lines))}", lines, "red"))
    for title, lines, colour in (
        ("not compared" if run.mode in _ASKING else "not kept", sorted(run.notes), "yellow"),
        ("new in the real API (lookalike verify --update learns it)", sorted(run.additions), "green"),
        ("gone from the real API, and nothing in your code was seen to read it", sorted(run.unread), "yellow"),
        ("learned", sorted(run.learned), "green"),
        ("not learned", sorted(run.not_learned), "yellow"),
        ("never seen by the contract", _named(run.warnings), "yellow"),
        ("replies that may contradict the contract (unchecked)", _named(run.lies), "yellow"),
    ):
        if lines:
            found.append((title, lines, colour))
    if run.unknown:
        lines = [
            f"{name}: {counted(len(places), 'reply', 'replies')} declared at {_some(sorted(places, key=_natural))}"
            for name, places in sorted(run.unknown.items())
        ]
        found.append(("declared against nothing known (learn a contract: lookalike learn --help)", lines, "yellow"))
    return found


def _named(pairs: set[tuple[str, str]]) -> list[str]:
    """The lines in the order of files and lines; what is said of a reply and of its request too is said once."""
    sides: dict[str, set[str]] = {}
    for name, text in pairs:
        side = _SIDE.search(text)
        whole = _SIDE.sub(_BOTH, text, count=1) if side is not None else text
        sides.setdefault(f"{name}: {whole}", set()).add(side.group(1) if side is not None else "")
    told = (
        line if len(found) > 1 else line.replace(_BOTH, f": the {next(iter(found))} of ", 1)
        for line, found in sides.items()
    )
    return sorted(told, key=_natural)


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that puts line 14 before line 107."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(text)]


def _tests(tests: Sequence[str]) -> str:
    return _some([test for test in tests if test] or ["outside of a test"])


def _some(names: Sequence[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def _places(count: int) -> str:
    return counted(count, "place", "places")
