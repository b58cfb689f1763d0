"""What `api.replay` was asked for, checked: the sources, the recording mode, what is compared, how old it may be."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from lookalike.api.placeholders import Placeholders
from lookalike.double.compared import ADDRESS, EVERYTHING, Comparison
from lookalike.double.misuse import nearest
from lookalike.errors import UsageError

__tracebackhide__ = True

StrPath = str | os.PathLike[str]
RecordMode = Literal["none", "once", "new_episodes", "all"]
Expired = Literal["fail", "warn", "record"]

MODES: Mapping[str, str] = {
    "none": "what is recorded answers, anything else is an error (default)",
    "once": "a file that isn't there is recorded; one that is there is replayed, and anything else is an error",
    "new_episodes": "what is recorded answers, anything else goes to the real API and is added",
    "all": "everything goes to the real API and is recorded anew",
}
_MODES_ELSEWHERE = {"rewrite": "all", "new": "new_episodes", "never": "none", "replay": "none", "record": "all"}
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What `api.replay` was asked for, checked.

    writes: the file that a recording mode writes, None where none may be written
    """

    sources: tuple[str, ...]
    mode: RecordMode
    comparison: Comparison
    nearest: bool
    max_age: timedelta | None
    expired: Expired
    timing: float
    placeholders: Placeholders
    format: str
    unchecked: str

    @property
    def writes(self) -> Path | None:
        """The file that is written in a recording mode."""
        return Path(self.sources[0]) if self.mode != "none" else None

    def in_mode(self, mode: str) -> Plan:
        """The same in another recording mode; a source that can't be recorded stays replayed."""
        one = len(self.sources) == 1 and not is_many(self.sources[0])
        return replace(self, mode=checked_mode(mode)) if mode and one else self


def checked_mode(mode: object) -> RecordMode:
    """A recording mode. Raises UsageError for another."""
    if isinstance(mode, str) and mode in MODES:
        return mode  # type: ignore[return-value]  # one of MODES
    meant = _MODES_ELSEWHERE.get(str(mode))
    hint = f'write "{meant}"' if meant else nearest(str(mode), MODES)
    listed = "\n".join(f'  "{name}": {what}' for name, what in MODES.items())
    raise UsageError(f"api.replay(record={mode!r}) is no mode{'; ' + hint if hint else ''}\n{listed}")


def planned(
    sources: Sequence[StrPath],
    *,
    record: str,
    order: str,
    match: Sequence[object] | None,
    ignore: Sequence[str],
    max_age: str | timedelta | None,
    expired: str,
    timing: bool | float,
    placeholders: Mapping[str, str] | None,
    format: str,  # noqa: A002 - as `lookalike.traffic.read` has it
    unchecked: str,
) -> Plan:
    """What was asked for. Raises UsageError for what can't be done."""
    names = tuple(os.fspath(one) for one in sources)
    if not names or not all(isinstance(one, str) for one in names):
        raise UsageError('api.replay() names no recording; write api.replay("session.har")')
    if order not in ("recorded", "nearest"):
        hint = 'write "nearest"' if order in ("best", "best-match") else 'write "recorded" or "nearest"'
        raise UsageError(f"api.replay(order={order!r}): {hint}")
    if expired not in ("fail", "warn", "record"):
        raise UsageError(f'api.replay(expired={expired!r}): write "fail", "warn" or "record"')
    if isinstance(timing, bool) or (isinstance(timing, int | float) and timing >= 0):
        speed = float(timing)
    else:
        raise UsageError(f"api.replay(timing={timing!r}): write timing=True, or how much of the recorded time, 0.5 say")
    comparison = Comparison(
        match if match is not None else ADDRESS if order == "nearest" else EVERYTHING,  # type: ignore[arg-type]  # Comparison checks it
        ignore,
    )
    mode = checked_mode(record)
    if (mode != "none" or expired == "record") and (len(names) > 1 or is_many(names[0])):
        raise UsageError(
            f'api.replay(record="{mode}"): a recording is one file; name it, api.replay("session.har", ...)'
        )
    return Plan(
        names, mode, comparison, order == "nearest", _age(max_age), expired, speed,  # type: ignore[arg-type]  # checked above
        Placeholders(placeholders or {}), format, unchecked,
    )  # fmt: skip


def is_many(name: str) -> bool:
    """Whether a source may be several files: a pattern, a folder, an address."""
    return "://" in name or name == "-" or os.path.isdir(name) or any(sign in name for sign in "*?")


def _age(age: object) -> timedelta | None:
    if age is None or (isinstance(age, timedelta) and age > timedelta()):
        return age
    found = re.fullmatch(r"(\d+) ?([hdw])", age) if isinstance(age, str) else None
    if found is None:
        raise UsageError(f'api.replay(max_age={age!r}): write "30d" (h, d or w), or a timedelta')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
