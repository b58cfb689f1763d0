"""The command: finds the files, rewrites them in place or shows what would change."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from lookalike.cli.screen import Screen, out
from lookalike.counted import counted
from lookalike.errors import FileError, UsageError
from lookalike.report.terminal import Style

if TYPE_CHECKING:
    from lookalike.cli.migrate.edits import Rewritten

EXAMPLE = """
lookalike migrate tests --diff
lookalike migrate tests
"""
T = TypeVar("T")
_SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv"}


def migrate(
    path: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Test files, or folders of them with all that is below.")
    ],
    diff: Annotated[bool, typer.Option("--diff", help="Show what would change, and change nothing.")] = False,
) -> None:
    """Rewrite tests that use responses, requests-mock, vcrpy, pytest-recording or Betamax.

    What has no form that surely means the same stays as it is, and is told by its line, with what to write there. A
    second run changes nothing.
    """
    if find_spec("libcst") is None:
        raise UsageError("lookalike migrate needs libcst\nInstall what it needs: pip install 'lookalike[migrate]'")
    from lookalike.cli.migrate import making, replayed
    from lookalike.cli.migrate.edits import Rewritten
    from lookalike.cli.migrate.finishing import Shared, rewrite

    sources = {one: text for one in _files(path) if _mentions(text := _read(one)) or replayed.mentions(text)}
    shared, recorders = Shared(), making.SharedRecorders()
    done: dict[Path, Rewritten] = {}
    for one, text in sources.items():
        _of(one, partial(shared.read, text))
        recorders.read(text)
    for one, text in sources.items():
        mocked = _of(one, partial(rewrite, text, shared)) if _mentions(text) else Rewritten(text, 0, ())
        again = replayed.rewrite(mocked.text, recorders, one)
        moved = again.text.count("\n") - mocked.text.count("\n")
        left = [*(dataclasses.replace(each, line=each.line + moved) for each in mocked.left), *again.left]
        done[one] = Rewritten(again.text, mocked.count + again.count, tuple(sorted(left)))
    screen = out()
    for one, result in done.items():
        if result.text == sources[one]:
            continue
        if diff:
            _show(screen, one, sources[one], result.text)
        else:
            _write(one, result.text)
    _tell(screen, done, diff)


def _of(path: Path, make: Callable[[], T]) -> T:
    """What is made of a file; an error names it."""
    try:
        return make()
    except UsageError as error:
        raise UsageError(f"{path}:{error}") from None


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                one for one in path.rglob("*.py")
                if not any(part in _SKIPPED or part.startswith(".") for part in one.relative_to(path).parts)
            )  # fmt: skip
        elif path.exists():
            yield path
        else:
            raise FileError(path, "there is no such file or folder", hint="Name test files, or folders of them.")


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        raise FileError(path, f"it is no UTF-8: {error.reason} at byte {error.start}") from None


def _mentions(text: str) -> bool:
    return "responses" in text or "requests_mock" in text or "rsps" in text


def _write(path: Path, text: str) -> None:
    """Beside, then in its place: an interrupted run leaves a whole file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        beside.chmod(path.stat().st_mode)
        beside.replace(path.resolve())
    finally:
        beside.unlink(missing_ok=True)


def _show(screen: Screen, path: Path, before: str, after: str) -> None:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    for line in lines:
        style: Style = "good" if line.startswith("+") else "bad" if line.startswith("-") else ""
        screen.write(screen.paint(line.rstrip("\r\n"), style) + "\n")


def _tell(screen: Screen, done: Mapping[Path, Rewritten], diff: bool) -> None:
    changed = [one for one in done.values() if one.count]
    left = [(path, one) for path, result in done.items() for one in result.left]
    for path, one in left:
        screen.write(f"{path}:{one.line}: {screen.paint(one.what, 'strong')}: {one.reason}\n    write: {one.form}\n")
    verb = "would be rewritten" if diff else "rewritten"
    screen.say(
        f"{counted(len(changed), 'file')} {verb}, {counted(sum(one.count for one in changed), 'place')}; "
        f"{counted(len(left), 'place')} left to do by hand", "warn" if left else "good",
    )  # fmt: skip
