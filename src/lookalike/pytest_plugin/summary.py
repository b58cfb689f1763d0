"""The summary at the end of a run: what was unknown, doubtful, said on purpose, or drifted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lookalike.pytest_plugin.run import Run

_SHOWN = 10


def write(terminal: pytest.TerminalReporter, run: Run, *, verbose: bool) -> None:
    """Write what there is to say; nothing where there is nothing."""
    parts = sections(run)
    if not parts:
        return
    terminal.write_sep("=", "lookalike")
    for title, lines, colour in parts:
        terminal.write_line(title, **{colour: True})
        for line in lines if verbose else lines[:_SHOWN]:
            terminal.write_line(f"  {line}")
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
        ("not compared", sorted(run.notes), "yellow"),
        ("new in the real API (lookalike verify --update learns it)", sorted(run.additions), "green"),
        ("learned", sorted(run.learned), "green"),
        ("not learned", sorted(run.not_learned), "yellow"),
        ("never seen by the contract", _named(run.warnings), "yellow"),
        ("replies that may contradict the contract (unchecked)", _named(run.lies), "yellow"),
    ):
        if lines:
            found.append((title, lines, colour))
    if run.unknown:
        lines = [
            f"{name}: {_count(len(places), 'reply', 'replies')} declared at {_some(sorted(places))}"
            for name, places in sorted(run.unknown.items())
        ]
        found.append(("declared against nothing known (learn a contract: lookalike learn --help)", lines, "yellow"))
    return found


def _named(pairs: set[tuple[str, str]]) -> list[str]:
    return [f"{name}: {text}" for name, text in sorted(pairs)]


def _tests(tests: Sequence[str]) -> str:
    return _some([test for test in tests if test] or ["outside of a test"])


def _some(names: Sequence[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def _places(count: int) -> str:
    return _count(count, "place", "places")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
