"""A verification as SARIF 2.1.0 (OASIS), which code hosts show beside the code: a result for each finding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from lookalike.contract.kinds import KINDS
from lookalike.report.data import data_of_run, is_suspect, told
from lookalike.report.verification import Verification
from lookalike.visible import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"breaking": "error", "risky": "warning"}
_RANKS = {"error": 0, "warning": 1, "note": 2}
# https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
_MOST_RESULTS = 25_000
_OUTAGES = frozenset({"AUTH", "UNREACHABLE"})
_DRIVE = re.compile(r"[A-Za-z]:")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def sarif(run: Verification, *, version: str) -> bytes:
    """The report of a run, ending in a newline; version: lookalike's own."""
    return as_sarif(data_of_run(run), version=version).encode()


def as_sarif(data: Mapping[str, Any], *, version: str) -> str:
    """What `data_of` gave, as text.

    version: lookalike's own. A result lies in the contract, and names the tests that declare or read what changed as
    related locations; where no contract's line is known it lies in the first of the tests. Its fingerprint is the same
    from run to run, so that hosts follow it. What somebody ignored is suppressed. An outage is a notification and no
    result.
    """
    kinds = sorted({one["kind"] for api in data["apis"] for one in (*api["findings"], *api["ignored"])})
    index = {kind: at for at, kind in enumerate(kinds)}
    results = [
        _result(api, finding, index, ignored=ignored)
        for api in data["apis"]
        for ignored, findings in ((False, api["findings"]), (True, api["ignored"]))
        for finding in findings
    ]
    notes = list(_notifications(data))
    left = results[_MOST_RESULTS:]
    if left:
        results = sorted(results, key=lambda one: _RANKS[one["level"]])[:_MOST_RESULTS]
        told = (
            f"{len(left):,} more results are left out: a run holds {_MOST_RESULTS:,}. The JSON report has all of them."
        )
        notes.append({"level": "warning", "message": {"text": told}})
    run = {
        "tool": {"driver": {"name": "lookalike", "version": version, "rules": [_rule(kind) for kind in kinds]}},
        "automationDetails": {"id": "lookalike/verify/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": all(one["level"] != "error" for one in notes), "toolExecutionNotifications": notes}
        ],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _rule(kind: str) -> dict[str, Any]:
    row = KINDS[kind]
    sentence = row.sentence.format(name="NAME", detail="DETAIL")
    return {
        "id": kind,
        "shortDescription": {"text": f"{sentence[:1].upper()}{sentence[1:]}."},
        "defaultConfiguration": {"level": _LEVELS.get(row.severity, "note")},
        "properties": {"tags": [str(row.side), str(row.severity)]},
    }


def _result(
    api: Mapping[str, Any], finding: Mapping[str, Any], index: Mapping[str, int], *, ignored: bool
) -> dict[str, Any]:
    level = "warning" if is_suspect(finding) else _LEVELS.get(finding["severity"], "note")
    lines = [f"{api['api']}: {finding['sentence']}", *(f"{label}: {text}" for label, text in told(finding))]
    places = list(_in_contract(api, finding))
    tests = list(_in_tests(finding))
    result: dict[str, Any] = {
        "ruleId": finding["kind"],
        "ruleIndex": index[finding["kind"]],
        "level": level,
        "message": {"text": _unlinked("\n".join(lines))},
        "locations": places[:1] or tests[:1] or [_logical(api, finding)],
        "relatedLocations": [{**one, "id": number} for number, one in enumerate((*places[1:], *tests), 1)],
        "properties": {"severity": finding["severity"], "certainty": finding["certainty"], "api": api["api"]},
    }
    if finding["fingerprint"]:
        result["partialFingerprints"] = {"lookalike/v1": f"{api['api']}:{finding['fingerprint']}"}
    if ignored:
        result["suppressions"] = [_suppression(finding["decision"])]
    return result


def _suppression(decision: Mapping[str, str] | None) -> dict[str, str]:
    """Why somebody left it out, in a file of its own: not in the source (section 3.35.2)."""
    if decision is None:
        return {"kind": "external"}
    return {"kind": "external", "status": "accepted", "justification": f"{decision['why']} (until {decision['until']})"}


def _in_contract(api: Mapping[str, Any], finding: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if api["contract"]:
        for site in finding["at"]:
            told_as = f"{site['operation']} {site['place']}"
            physical = _physical(api["contract"], site["line"])
            yield {"physicalLocation": physical, "message": {"text": _unlinked(told_as)}} | _logical_of(told_as)


def _in_tests(finding: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for mock in finding["mocks"]:
        text = "this mock is false now"
        yield {"physicalLocation": _physical(mock["file"], mock["line"]), "message": {"text": text}}
    for reader in finding["readers"]:
        if reader["own"]:
            text = _unlinked(f"read here, in {reader['test']}")
            yield {"physicalLocation": _physical(reader["file"], reader["line"]), "message": {"text": text}}


def _logical(api: Mapping[str, Any], finding: Mapping[str, Any]) -> dict[str, Any]:
    site = finding["at"][0] if finding["at"] else {"operation": "", "place": ""}
    return _logical_of(f"{api['api']} {site['operation']} {site['place']}".strip())


def _logical_of(name: str) -> dict[str, Any]:
    return {"logicalLocations": [{"fullyQualifiedName": name}]}


def _physical(file: str, line: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {"artifactLocation": _artifact(file)}
    return found if line is None else {**found, "region": {"startLine": line}}


def _artifact(file: str) -> dict[str, str]:
    """A path as a URI: relative to the source's root, or absolute (section 3.4)."""
    path = file.replace("\\", "/")
    if _DRIVE.match(path):
        return {"uri": f"file:///{quote(path, safe='/:')}"}
    if path.startswith("/"):
        return {"uri": f"file://{quote('/' + path.lstrip('/'))}"}
    return {"uri": quote(str(PurePosixPath(path))), "uriBaseId": "%SRCROOT%"}


def _notifications(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for api in data["apis"]:
        messages = [api["message"]] if api["message"] else []
        messages += [one["detail"] for one in api["operations"] if one["verdict"] in _OUTAGES and one["detail"]]
        for text in dict.fromkeys(messages):
            yield {"level": "error", "message": {"text": _unlinked(f"{api['api']}: {text}")}}


def _unlinked(text: str) -> str:
    """A plain text in which nothing is an embedded link or a placeholder (sections 3.11.5 and 3.11.6)."""
    return _PLACEHOLDER.sub(r"{{\1}}", visible(text).replace("](", "] ("))
