"""`lookalike scan`: secrets in recordings that exist already."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.screen import Screen, err, out
from lookalike.errors import FileError, UsageError
from lookalike.traffic.leaks import Leak
from lookalike.traffic.leaks import scan as leaks_in
from lookalike.traffic.opened import Skipped

EXAMPLE = """
lookalike scan tests/cassettes
lookalike scan tests/cassettes --json > leaks.json
lookalike scan tests/cassettes --baseline leaks.json
"""

_FINGERPRINT = re.compile(r"[0-9a-f]{16}\Z")


def scan(
    sources: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders, globs or URLs: recordings and any text.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
    credentials: Annotated[
        bool, typer.Option("--credentials", help="No e-mail addresses, telephone and card numbers.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="FINGERPRINT", help="A finding that is none; may be given again."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Findings that are known: an earlier --json, or a list."),
    ] = None,
) -> None:
    """Find secrets in recordings, and in any other file.

    Credentials by their name and by their form, e-mail addresses, telephone and card numbers: each value once a file,
    at its first place, never shown in full. Exit code 1 where there is one. A recording is made anew without its
    secrets by `lookalike export FILE --to har -o NEW`.
    """
    known = {_checked(one) for one in allow or ()} | (_known(baseline) if baseline is not None else set())
    skipped: list[Skipped] = []
    found = leaks_in(*sources, personal=not credentials, allowed=known, skipped=skipped)
    number = _json(found) if as_json else _told(out(), found)
    by_file: dict[str, list[Skipped]] = {}
    for one in skipped:
        by_file.setdefault(one.file, []).append(one)
    for file, left in by_file.items():
        many = f"{len(left)} of its entries" if len(left) > 1 else left[0].entry or "it"
        err().say(f"{file} was read as text too, as {many} couldn't be read: {left[0].why}", "dim")
    if number:
        raise typer.Exit(1)


def _checked(text: str) -> str:
    if not _FINGERPRINT.match(text):
        raise UsageError(f"--allow takes a fingerprint of 16 hexadecimal digits, as the findings have it, not {text!r}")
    return text


def _known(path: Path) -> set[str]:
    """The fingerprints of a baseline. Raises FileError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(path, f"can't be read: {getattr(error, 'strerror', None) or error}") from None
    if text.lstrip().startswith("["):
        try:
            return {_checked(str(one["fingerprint"])) for one in json.loads(text)}
        except (ValueError, KeyError, TypeError):
            raise FileError(path, "isn't what `lookalike scan --json` writes") from None
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return {_checked(line) for line in lines if line}


def _json(found: Iterable[Leak]) -> int:
    screen, number = out(), 0
    for number, leak in enumerate(found, 1):
        screen.write(("[\n  " if number == 1 else ",\n  ") + json.dumps(asdict(leak)))
    screen.write("\n]\n" if number else "[]\n")
    return number


def _told(screen: Screen, found: Iterable[Leak]) -> int:
    number = 0
    files = 0
    for file, group in groupby(found, key=lambda leak: leak.file):
        leaks = list(group)
        number += len(leaks)
        files += 1
        screen.say(file, "strong")
        screen.table(
            (
                (leak.entry, "dim"),
                (leak.place, ""),
                (leak.kind, "bad"),
                (leak.masked, ""),
                (leak.fingerprint, "dim"),
            )
            for leak in leaks
        )
    if number:
        screen.say()
        screen.say(f"{number:,} secret{'s' * (number != 1)} in {files:,} file{'s' * (files != 1)}", "bad")
    else:
        screen.say("no secret found", "good")
    return number
