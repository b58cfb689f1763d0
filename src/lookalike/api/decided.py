"""The file of decisions, which people review: `lookalike-decisions.yaml` beside pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike import config
from lookalike.contract.decisions import Acceptance, Decision, settle
from lookalike.contract.disk import replace_file
from lookalike.contract.text import round_trip, yaml_bytes
from lookalike.contract.verdict import ApiReport
from lookalike.contract.yaml import read_yaml
from lookalike.errors import FileError
from lookalike.visible import one_line

if TYPE_CHECKING:
    from ruamel.yaml import YAML

NAME = "lookalike-decisions.yaml"
_IGNORED = ("api", "fingerprint", "what", "why", "until")
_ACCEPTED = ("api", "fingerprint", "what", "accepted", "at")
_OPTIONAL = ("by", "why")
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_HEAD = """\
# Decisions about findings of `lookalike verify`. What has `until` is ignored to that day (`lookalike ignore`);
# what has `accepted` is how the API was taken to be on that day (`lookalike accept`), and leaves nothing out.
"""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the file says, in its order."""

    ignored: tuple[Decision, ...] = ()
    accepted: tuple[Acceptance, ...] = ()


def decisions_file() -> Path:
    """Where decisions are kept: beside the project's pyproject.toml, or here where there is none."""
    project = config.load().path
    return (project.parent if project is not None else Path.cwd()) / NAME


def settled(report: ApiReport) -> ApiReport:
    """The report as the project has decided: without what it ignores, and with the severity that fails a run."""
    project = config.load()
    settings = project.apis.get(report.api)
    fail_on = settings.fail_on if settings is not None else project.fail_on
    return replace(settle(report, read_decisions(decisions_file()).ignored), fail_on=fail_on)


def read_decisions(path: Path) -> Decisions:
    """The decisions of the file, none where there is no file. Raises FileError, which names the entry."""
    entries = _entries(_text(path), path)
    found = [_read(one, f"entry {number}", path) for number, one in enumerate(entries, 1)]
    return Decisions(
        tuple(one for one in found if isinstance(one, Decision)),
        tuple(one for one in found if isinstance(one, Acceptance)),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise FileError(path, "not UTF-8 text", hint="Next: save it as UTF-8 text.") from None
    except OSError as error:
        raise FileError(
            path, f"can't be read: {error.strerror}", hint="Next: let it be read, or move it away: it is decided anew."
        ) from None


def _entries(text: str, path: Path) -> list[Any]:
    found = read_yaml(text, str(path))
    if isinstance(found, list | None):
        return found or []
    what = f"a mapping that begins with `{next(iter(found), '')}`" if isinstance(found, dict) else "no list"
    raise FileError(
        path,
        f"this is {what}, where a list of decisions is expected",
        hint="Next: begin each decision with `- api: NAME`, as `lookalike ignore` and `lookalike accept` write them.",
    )


def _read(entry: Any, place: str, path: Path) -> Decision | Acceptance:
    fields = entry if isinstance(entry, dict) else {}
    accepted = "accepted" in fields
    needed, day = (_ACCEPTED, "accepted") if accepted else (_IGNORED, "until")
    missing = [name for name in needed if not _is_said(name, fields.get(name))]
    unknown = sorted(str(name) for name in fields if name not in (*needed, *(_OPTIONAL if accepted else ())))
    if missing or unknown:
        said = f"`{missing[0]}` is missing or no text" if missing else f"`{unknown[0]}` is not known"
        what = f"what was accepted has {', '.join(_ACCEPTED)}, and may have {' and '.join(_OPTIONAL)}"
        hint = f"Next: a finding that is ignored has {', '.join(_IGNORED)}; {what}. Correct the entry, or delete it."
        raise FileError(path, said, place=place, hint=hint)
    if not is_day(fields[day]):
        raise FileError(
            path, f"`{day}` is no day: {fields[day]}", place=place, hint=f'Next: write it as {day}: "2027-01-31".'
        )
    if not accepted:
        return Decision(**{name: fields[name] for name in _IGNORED})
    optional = {name: str(fields.get(name) or "") for name in _OPTIONAL}
    return Acceptance(**{name: fields[name] for name in _ACCEPTED if name != "at"}, at=tuple(fields["at"]), **optional)


def _is_said(name: str, value: Any) -> bool:
    if name == "at":
        return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str) and bool(value.strip())


def is_day(text: str) -> bool:
    """Whether this is a day, `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def keep_decision(path: Path, decision: Decision) -> None:
    """Add a decision to the file, in place of an earlier one about the same finding; all else stays as it is.

    Raises FileError.
    """
    fresh = {name: one_line(getattr(decision, name)) for name in _IGNORED}
    own = (decision.api, decision.fingerprint)
    if not any((one.api, one.fingerprint) == own for one in read_decisions(path).ignored):
        _append(path, fresh)
        return
    text = _text(path)
    yaml = _yaml(text)
    entries = yaml.load(text)
    for entry in entries:
        if "until" in entry and (entry["api"], entry["fingerprint"]) == own:
            entry.update(fresh)
    replace_file(path, yaml_bytes(yaml, entries))


def keep_acceptance(path: Path, acceptance: Acceptance) -> None:
    """Add the record of an acceptance to the file; all else stays as it is, and so does one that is there already.

    Raises FileError.
    """
    said: dict[str, Any] = {name: one_line(getattr(acceptance, name)) for name in _ACCEPTED if name != "at"}
    said["at"] = [one_line(one) for one in acceptance.at]
    said |= {name: one_line(value) for name in _OPTIONAL if (value := getattr(acceptance, name))}
    read_decisions(path)
    if said not in _entries(_text(path), path):
        _append(path, said)


def _append(path: Path, entry: Mapping[str, Any]) -> None:
    """Write the file with one more entry: where its list is written line by line, byte for byte as it was before it."""
    text = _text(path)
    known = _entries(text, path)
    yaml = _yaml(text)
    more = yaml_bytes(yaml, [dict(entry)]).decode()
    before = text if text.endswith("\n") or not text else f"{text}\n"
    after = (before if path.exists() else _HEAD) + more
    if not _says(after, [*known, dict(entry)], path):  # a list in brackets, say
        entries = yaml.load(text)
        entries.append(dict(entry))
        after = yaml_bytes(yaml, entries).decode()
    replace_file(path, after.encode())


def _says(text: str, entries: list[Any], path: Path) -> bool:
    try:
        return _entries(text, path) == entries
    except FileError:
        return False


def _yaml(text: str) -> YAML:
    """What writes a list as the file has it, indented or not."""
    yaml = round_trip()
    found = _ITEM.search(text)
    offset = len(found[1]) if found is not None else 0
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml
