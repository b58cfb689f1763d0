"""A verification as Markdown, short enough for a comment on a pull request: a table, and the findings folded below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from lookalike.counted import counted
from lookalike.report.data import data_of_run, is_suspect, notes_told, told
from lookalike.report.verification import Verification
from lookalike.visible import visible

#: A comment on GitHub holds 65,536 characters.
LIMIT = 65_536
_ROOM_FOR_ENDING = 200
_LONGEST = 1_000
_RUNS = re.compile("`+")
_FENCE = re.compile(r"\s+")


def markdown(run: Verification) -> str:
    """The report of a run."""
    return as_markdown(data_of_run(run))


def as_markdown(data: Mapping[str, Any], *, limit: int = LIMIT) -> str:
    """The text of a report, ending in a newline, at most `limit` characters long.

    What an API, a document or a test names is code, so that it is no markup, no link and no mention of anybody.
    """
    head = [
        f"### lookalike verify: {data['verdict']}",
        "",
        "| API | verdict | operations | findings |",
        "|---|---|---|---|",
    ]
    blocks = [block for api in data["apis"] for block in _blocks(api)]
    room = limit - _ROOM_FOR_ENDING
    kept, used = [], len("\n".join(head))
    for row in (_row(api) for api in data["apis"]):
        if used + len(row) + 1 > room:
            break
        used += len(row) + 1
        kept.append(row)
    rows_missing = len(data["apis"]) - len(kept)
    shown = 0
    text = "\n".join([*head, *kept]) + "\n"
    for block in blocks:
        if len(text) + len(block) + 1 > room:
            break
        text += f"\n{block}"
        shown += 1
    missing = [(rows_missing, "API"), (len(blocks) - shown, "finding")]
    left = " and ".join(counted(count, word) for count, word in missing if count)
    return f"{text}\n{left} more: a comment holds no more. The other reports have all of it.\n" if left else text


def _row(api: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in api["counts"].items())
    firm = [one for one in api["findings"] if not is_suspect(one)]
    words = [
        (sum(one["severity"] == word for one in firm), word) for word in dict.fromkeys(o["severity"] for o in firm)
    ]
    words.append((len(api["findings"]) - len(firm), "suspect"))
    words.append((len(api["ignored"]), "ignored"))
    findings = ", ".join(f"{count} {word}" for count, word in words if count)
    return f"| {_cell(api['api'])} | **{api['verdict']}** | {counts or 'none'} | {findings or 'none'} |"


def _blocks(api: Mapping[str, Any]) -> Iterator[str]:
    if api["message"]:
        yield f"{code(api['api'])}: {code(api['message'])}\n"
    for finding in api["findings"]:
        if finding["note"]:
            continue
        head = "suspect" if is_suspect(finding) else finding["severity"]
        summary = f"<b>{head}</b> <code>{_inline(finding['sentence'])}</code> <code>{_inline(api['api'])}</code>"
        lines = [f"- {label}: {code(text)}" for label, text in told(finding)]
        yield "\n".join(["<details>", f"<summary>{summary}</summary>", "", *lines, "", "</details>", ""])
    notes = notes_told((one["at"][0]["operation"], 1) for one in api["findings"] if one["note"])
    if notes:
        yield f"<sub>{_inline(api['api'])}: <code>{_inline(notes)}</code></sub>\n"


def code(text: str) -> str:
    """A text as a code span, in which nothing is markup (CommonMark, section 6.1)."""
    flat = _flat(text)
    longest = max((len(run) for run in _RUNS.findall(flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return f"{fence}{pad}{flat or '-'}{pad}{fence}"


def _cell(text: str) -> str:
    # A table is cut into cells before anything else is read, code included.
    return code(text).replace("|", "\\|")


def _inline(text: str) -> str:
    """A text for inside an element of HTML; in one line, as an empty one would end it."""
    return escape(_flat(text))


def _flat(text: str) -> str:
    flat = _FENCE.sub(" ", visible(text)).strip()
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 3] + "..."
