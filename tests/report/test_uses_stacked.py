"""What a project reads, on screens of any width: in columns where there is room, else below each place."""

from __future__ import annotations

import sys
from functools import partial

import pytest

from lookalike.cli.screen import Screen
from lookalike.cli.uses import _cells
from lookalike.report.uses import Use, stacked

LINE, TEST = "src/company/github/repositories.py:127", "TestListing::test_license_is_shown"
ROWS = [
    Use("json[]"),
    Use("├─ name", f"{LINE}, {LINE}", f"{TEST}, {TEST}"),
    Use("├─ owner (all keys)", LINE, TEST, "may be read elsewhere too"),
    Use("│  └─ login", LINE, TEST),
    Use("└─ topics", "", "", "may be read elsewhere too: an answer was not parsed, or left no trace"),
]
NARROW = f"""\
json[]
├─ name
│     {LINE},
│     {LINE}
│     {TEST}, {TEST}
├─ owner (all keys)
│  │  {LINE}
│  │  {TEST}
│  │  may be read elsewhere too
│  └─ login
│        {LINE}
│        {TEST}
└─ topics
      may be read elsewhere too: an answer was not parsed, or left no trace"""


def test_below_each_place_where_there_is_no_room() -> None:
    assert "\n".join(text for text, _ in stacked(ROWS, 77)) == NARROW


@pytest.mark.parametrize("room", range(1, 140, 7))
def test_no_line_is_longer_than_the_room_but_for_one_word(room: int) -> None:
    for text, _ in stacked(ROWS, room):
        assert len(text) <= room or len(text.lstrip("│├└─ ").split()) == 1 or text in [row.name for row in ROWS]


@pytest.mark.parametrize(
    ("width", "terminal", "in_columns"), [(60, True, False), (80, True, False), (200, True, True), (60, False, True)]
)
def test_columns_are_for_screens_that_have_room(
    width: int, terminal: bool, in_columns: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(sys.stdout)
    screen.width, screen.terminal = width, terminal
    screen.table(map(_cells, ROWS), narrow=partial(stacked, ROWS))
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines) == len(ROWS)) is in_columns
    if in_columns:
        assert lines[3].index(LINE) == lines[2].index(LINE) == lines[1].index(LINE)
        assert lines[4].index("may be") == lines[3].index(TEST), "a doubt alone makes no column of its own"
        assert max(map(len, lines)) <= 200
