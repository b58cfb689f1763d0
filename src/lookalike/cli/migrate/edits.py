"""What a rewriting of one file is: its new text, and what is left to do by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Left:
    """Something that was not rewritten: on which line, why, and what to write there."""

    line: int
    what: str
    reason: str
    form: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file's new text.

    count: how many calls, decorators and attributes were rewritten
    left:  what was not, in the order of the lines
    """

    text: str
    count: int
    left: tuple[Left, ...]


class CantRewrite(Exception):
    """A call has no form here that is known to mean the same; never leaves this room."""

    def __init__(self, reason: str, form: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.form = form
