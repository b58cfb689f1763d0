"""What the commands write: coloured on a terminal, plain in a pipe, never coloured where NO_COLOR is set."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style as RichStyle

from lookalike.report.terminal import Style
from lookalike.visible import one_line, visible

_LOOKS: dict[Style, str] = {
    "bad": "bold red",
    "warn": "yellow",
    "good": "green",
    "dim": "dim",
    "strong": "bold",
    "": "",
}
# An escape of ours is told from one that somebody else's text holds by a word that nobody can guess.
_ESCAPE = "\x1b"
_OURS = f"{_ESCAPE}{secrets.token_hex(8)}"
_OURS_SHOWN = visible(_OURS)


class Screen:
    """One stream of the command line.

    coloured: it is a terminal that takes colours, and NO_COLOR isn't set
    terminal: whether it is one
    width:    of its lines
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        console = Console(file=stream)
        self.coloured = console.is_terminal and not console.no_color and not console.is_dumb_terminal
        self.terminal = console.is_terminal
        self.width = console.width if console.is_terminal else 120

    def paint(self, text: str, style: Style) -> str:
        """The text with its look, or as it is where the stream takes no colour."""
        look = _LOOKS[style]
        if not look or not self.coloured or not text:
            return text
        return RichStyle.parse(look).render(visible(text), color_system=ColorSystem.STANDARD).replace(_ESCAPE, _OURS)

    def say(self, text: str = "", style: Style = "") -> None:
        """Write one line, or several."""
        self.write(self.paint(text, style) + "\n")

    def write(self, text: str) -> None:
        """Write with its controls and what turns or hides text written out, and at once: what reads a pipe waits."""
        self.repeat(visible(text).replace(_OURS_SHOWN, _ESCAPE))

    def repeat(self, text: str) -> None:
        """Write as it is what a command of ours has written, looks included."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()

    def table(
        self,
        rows: Iterable[Sequence[tuple[str, Style]]],
        *,
        indent: str = "  ",
        narrow: Callable[[int], Iterable[tuple[str, Style]]] | None = None,
    ) -> None:
        """Write rows of (text, style) cells in aligned columns, two spaces between them.

        narrow: gives the lines to write instead on a terminal that has no room for the columns, by that room
        """
        kept = [[(one_line(text), style) for text, style in row] for row in rows]
        if not kept:
            return
        columns = max(len(row) for row in kept)
        widths = [max((len(row[at][0]) for row in kept if at < len(row)), default=0) for at in range(columns)]
        room = self.width - len(indent)
        if narrow is not None and self.terminal and sum(widths) + 2 * (columns - 1) > room:
            for text, style in narrow(room):
                self.write((indent + self.paint(one_line(text), style)).rstrip() + "\n")
            return
        for row in kept:
            cells = [self.paint(text, style) + " " * (widths[at] - len(text)) for at, (text, style) in enumerate(row)]
            self.write((indent + "  ".join(cells)).rstrip() + "\n")


def out() -> Screen:
    """The screen for results; made at each use, so that a redirected stream counts."""
    return Screen(sys.stdout)


def err() -> Screen:
    """The screen for errors and progress."""
    return Screen(sys.stderr)
