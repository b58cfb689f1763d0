"""The file of decisions, which people review: `lookalike-decisions.yaml` beside pyproject.toml."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from lookalike import config
from lookalike.contract.decisions import Decision, settle
from lookalike.contract.disk import replace_file
from lookalike.contract.text import round_trip
from lookalike.contract.verdict import ApiReport
from lookalike.contract.yaml import read_yaml
from lookalike.errors import FileError

NAME = "lookalike-decisions.yaml"
_FIELDS = ("api", "fingerprint", "what", "why", "until")
_HEAD = "# Findings of `lookalike verify` that are ignored, each until its day. Written by `lookalike ignore`.\n"


def decisions_file() -> Path:
    """Where decisions are kept: beside the project's pyproject.toml, or here where there is none."""
    project = config.load().path
    return (project.parent if project is not None else Path.cwd()) / NAME


def settled(report: ApiReport) -> ApiReport:
    """The report as the project has decided: without what it ignores, and with the severity that fails a run."""
    project = config.load()
    settings = project.apis.get(report.api)
    fail_on = settings.fail_on if settings is not None else project.fail_on
    return replace(settle(report, read_decisions(decisions_file())), fail_on=fail_on)


def read_decisions(path: Path) -> list[Decision]:
    """The decisions of the file, none where there is no file. Raises FileError, which names the entry."""
    if not path.exists():
        return []
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise FileError(path, "not UTF-8 text", hint="Save it as UTF-8 text.") from None
    except OSError as error:
        raise FileError(path, f"can't be read: {error.strerror}") from None
    found = read_yaml(text, str(path))
    if not isinstance(found, list | None):
        raise FileError(path, "not a list of decisions", hint="Each one begins with `- api: NAME`.")
    return [_decision(one, f"entry {number}", path) for number, one in enumerate(found or (), 1)]


def _decision(entry: Any, place: str, path: Path) -> Decision:
    fields = entry if isinstance(entry, dict) else {}
    missing = [name for name in _FIELDS if not isinstance(fields.get(name), str) or not fields[name].strip()]
    unknown = sorted(set(fields) - set(_FIELDS))
    if missing or unknown:
        said = f"{missing[0]} is missing or no text" if missing else f"{unknown[0]} is not known"
        raise FileError(path, said, place=place, hint=f"A decision has {', '.join(_FIELDS)}.")
    if not is_day(fields["until"]):
        raise FileError(path, f"until is no day: {fields['until']}", place=place, hint="Write it as 2027-01-31.")
    return Decision(**{name: fields[name] for name in _FIELDS})


def is_day(text: str) -> bool:
    """Whether this is a day, `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def keep_decision(path: Path, decision: Decision) -> None:
    """Add a decision to the file, in place of an earlier one about the same finding. Comments stay.

    Raises FileError.
    """
    read_decisions(path)
    yaml = round_trip()
    entries = yaml.load(path.read_text("utf-8")) if path.exists() else None
    fresh = {name: getattr(decision, name) for name in _FIELDS}
    for entry in entries or ():
        if (entry["api"], entry["fingerprint"]) == (decision.api, decision.fingerprint):
            entry.update(fresh)
            break
    else:
        entries = entries if entries is not None else []
        entries.append(fresh)
    text = io.StringIO()
    yaml.dump(entries, text)
    head = "" if path.exists() else _HEAD
    replace_file(path, (head + text.getvalue()).encode())
