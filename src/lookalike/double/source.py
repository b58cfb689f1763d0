"""Where in the tests something was declared."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source file; as text relative to the working directory, as editors and terminals link it."""

    file: str
    line: int

    def __str__(self) -> str:
        file = self.file
        here = os.getcwd() + os.sep
        if file.startswith(here):
            file = file[len(here) :]
        return f"{file.replace(os.sep, '/')}:{self.line}"


def caller() -> Place:
    """The line outside of lookalike that is running now."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)
