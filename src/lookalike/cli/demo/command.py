"""The command: a folder for the files, the six steps, and nothing left behind."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from lookalike.cli.demo.stage import Stage
from lookalike.cli.demo.steps import play
from lookalike.cli.screen import out
from lookalike.errors import UsageError

EXAMPLE = """
lookalike demo
lookalike demo --keep my-demo
"""
_NEEDED = ("pytest", "requests", "httptools")


def demo(
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the files in this folder, which must be new or empty.")
    ] = None,
) -> None:
    """Show the main job in six steps, in under a minute.

    With a real API on a loopback port: learn it, hold mocks to it, notice when it changes. Nothing is left behind.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"the demo needs {' and '.join(missing)}\nInstall what it needs: pip install 'lookalike[all]'")
    with _stoppable(), _folder(keep) as folder, Stage(folder, out()) as stage:
        play(stage)
    if keep is not None:
        out().say(f"The files are in {keep}.", "dim")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="lookalike-demo-") as name:
            yield Path(name).resolve()
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise UsageError(f"{keep} is not an empty folder\nName one that is new or empty: lookalike demo --keep my-demo")
    existed = keep.exists()
    keep.mkdir(parents=True, exist_ok=True)
    try:
        yield keep.resolve()
    except BaseException:
        if not existed and not any(keep.iterdir()):
            shutil.rmtree(keep)
        raise


@contextmanager
def _stoppable() -> Iterator[None]:
    """A SIGTERM ends the demo as an exception does, so its processes and files go too."""

    def stop(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
