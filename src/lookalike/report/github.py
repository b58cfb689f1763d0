"""A verification as GitHub's workflow commands, which its runner turns into annotations of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.report.data import data_of_run, is_suspect, told
from lookalike.report.verification import Verification
from lookalike.visible import visible

# GitHub shows ten of each level in a step; the rest would only fill the log.
_MOST = 10
_LEVELS = ("error", "warning", "notice")
_OUTAGES = {"AUTH": "error", "UNREACHABLE": "error"}


def github(run: Verification) -> str:
    """The annotations of a run."""
    return as_annotations(data_of_run(run))


def as_annotations(data: Mapping[str, Any]) -> str:
    """A line an annotation: a finding, or an API that couldn't be asked; at most ten of each level, the worst first.

    Where there are more, the last of a level says how many. What asks nothing of anybody is left out.
    A finding points at the mock that it makes false, else at the own code that reads what changed, else into the
    contract. Nothing that an API says can begin a command of its own.
    """
    lines: dict[str, list[str]] = {level: [] for level in _LEVELS}
    for level, line in _annotations(data):
        lines[level].append(line)
    return "".join(f"{line}\n" for level in _LEVELS for line in _shown(level, lines[level]))


def _shown(level: str, lines: Sequence[str]) -> Sequence[str]:
    more = len(lines) - _MOST + 1
    if more <= 1:
        return lines
    told = f"{more} more of this level: GitHub shows {_MOST} in a step. The other reports have all of them."
    return [*lines[: _MOST - 1], _command(level, {"title": f"lookalike: {more} more"}, told)]


def _annotations(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for api in data["apis"]:
        if api["message"]:
            level = _OUTAGES.get(api["verdict"], "warning")
            yield level, _command(level, {"title": f"{api['api']}: {api['verdict']}"}, api["message"])
        for finding in api["findings"]:
            if finding["note"]:
                continue
            level = _level(finding)
            # The words of a severity are the readers' own; `suspect` is none of them.
            head = "suspect" if is_suspect(finding) else finding["severity"]
            where = {**_where(api, finding), "title": f"{api['api']}: {head}: {finding['sentence']}"}
            yield level, _command(level, where, "\n".join(f"{label}: {text}" for label, text in told(finding)))


def _level(finding: Mapping[str, Any]) -> str:
    if finding["fails"]:
        return "warning" if finding["severity"] == "risky" else "error"
    return "warning" if is_suspect(finding) else "notice"


def _where(api: Mapping[str, Any], finding: Mapping[str, Any]) -> dict[str, str]:
    own = [one for one in finding["readers"] if one["own"]]
    sites = [{"file": api["contract"], "line": one["line"]} for one in finding["at"]] if api["contract"] else []
    for place in (*finding["mocks"], *own, *sites):
        return {"file": place["file"]} | ({"line": str(place["line"])} if place["line"] is not None else {})
    return {}


def _command(level: str, properties: Mapping[str, str], message: str) -> str:
    told_as = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {told_as}::{_data(message)}"


def _data(text: str) -> str:
    """As the runner's own toolkit escapes a message."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
