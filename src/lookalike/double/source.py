"""Where in the tests something was declared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# An import statement's own frames lie between it and what watches imports.
_NOBODY_S = (_PACKAGE, "<frozen importlib")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source file; as text relative to the working directory, as editors and terminals link it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{relative(self.file).replace(os.sep, '/')}:{self.line}"


def relative(file: str) -> str:
    """A file as seen from the working directory, where it is below it; else as it was given."""
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else file


_standing: ContextVar[Place | None] = ContextVar("lookalike_standing", default=None)


@contextmanager
def standing_at(place: Place) -> Iterator[None]:
    """Let what is declared meanwhile be declared at this place: where a person wrote it, not where it is repeated."""
    token = _standing.set(place)
    try:
        yield
    finally:
        _standing.reset(token)


def caller() -> Place:
    """The line outside of lookalike that is running now."""
    standing = _standing.get()
    if standing is not None:
        return standing
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_NOBODY_S) and frame.f_back is not None:
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)
