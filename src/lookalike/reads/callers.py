"""Whose code reads: the user's own, that of an installed package, or ours."""

from __future__ import annotations

import os
import sysconfig
from functools import cache
from types import CodeType, FrameType
from typing import Literal

from lookalike.double.source import Place

Whose = Literal["own", "package", "ours"]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_INSTALLED = tuple(
    os.path.realpath(path) + os.sep
    for path in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)


@cache
def of_file(file: str) -> Whose:
    """Whose a source file is; what has none (`<string>`, generated methods) is a package's."""
    if file.startswith("<"):
        return "package"
    real = os.path.realpath(file)
    if real.startswith(_OURS):
        return "ours"
    parts = real.split(os.sep)
    return "package" if real.startswith(_INSTALLED) or {"site-packages", "dist-packages"} & {*parts} else "own"


def of_code(code: CodeType) -> Whose:
    """Whose a function is."""
    return of_file(code.co_filename)


def own_frame(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of the user's own code that led here."""
    while frame is not None and of_file(frame.f_code.co_filename) != "own":
        frame = frame.f_back
    return frame


def line_of(frame: FrameType | None) -> str:
    """`services.py:12`, relative to the working directory; `""` for no frame."""
    return str(Place(frame.f_code.co_filename, frame.f_lineno)) if frame is not None else ""
