"""A verification as JUnit XML, in the form that Jenkins' schema `junit-10.xsd` describes: a test case an operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from lookalike.report.data import data_of_run, findings_by_operation, is_suspect, notes_told, told
from lookalike.report.verification import Verification
from lookalike.visible import visible

_OUTCOMES = ("failure", "error", "skipped")
_OUTCOME_OF = {"AUTH": "error", "UNREACHABLE": "error", "UNVERIFIED": "skipped"}


def junit(run: Verification) -> bytes:
    """The report of a run, ending in a newline."""
    return as_junit(data_of_run(run)).encode()


def as_junit(data: Mapping[str, Any]) -> str:
    """What `data_of` gave, as text.

    An operation with a finding that fails the run is a failure; one that couldn't be asked is an error; one that has no
    safe request is skipped. What else was found is the output of its test case.
    """
    suites = [_suite(api) for api in data["apis"]]
    sums = {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", "failures", "errors")}
    root = ElementTree.Element("testsuites", {"name": "lookalike verify", **sums})
    root.extend(suites)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(api: Mapping[str, Any]) -> ElementTree.Element:
    found = findings_by_operation(api)
    results = {one["operation"]: one for one in api["operations"]}
    cases = [_case(api, name, results.get(name), findings) for name, findings in found.items()]
    if not cases:
        # An API that couldn't be asked must not be a suite in which all is well.
        cases = [_case(api, "(all operations)", {"verdict": api["verdict"], "detail": api["message"]}, ())]
    counts = {outcome: sum(case.find(outcome) is not None for case in cases) for outcome in _OUTCOMES}
    suite = ElementTree.Element(
        "testsuite",
        {
            "name": visible(api["api"]),
            "tests": str(len(cases)),
            "failures": str(counts["failure"]),
            "errors": str(counts["error"]),
            "skipped": str(counts["skipped"]),
        },
    )
    if api["day"]:
        suite.set("timestamp", f"{api['day']}T00:00:00")
    properties = ElementTree.SubElement(suite, "properties")
    for name in ("base_url", "verdict", "contract"):
        if api[name]:
            ElementTree.SubElement(properties, "property", {"name": name, "value": visible(api[name])})
    suite.extend(cases)
    texts = [api["message"], *api["remarks"], *(_ignored(one) for one in api["ignored"])]
    if any(texts):
        ElementTree.SubElement(suite, "system-out").text = visible("\n".join(text for text in texts if text))
    return suite


def _case(
    api: Mapping[str, Any], name: str, result: Mapping[str, Any] | None, findings: Sequence[Mapping[str, Any]]
) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"name": visible(name), "classname": visible(api["api"])})
    failing = [one for one in findings if one["fails"]]
    rest = [one for one in findings if not one["fails"] and not one["note"]]
    notes = notes_told([(name, sum(one["note"] for one in findings))])
    outcome = _OUTCOME_OF.get(result["verdict"]) if result is not None else None
    if failing:
        sentences = "; ".join(one["sentence"] for one in failing)
        attributes = {"type": visible(failing[0]["kind"]), "message": visible(sentences)}
        ElementTree.SubElement(case, "failure", attributes).text = visible(_text(failing))
    elif outcome is not None and result is not None:
        attributes = {"type": visible(result["verdict"]), "message": visible(result["detail"] or api["message"])}
        ElementTree.SubElement(case, outcome, attributes)
    texts = [text for text in (_text(rest), notes) if text]
    if texts:
        ElementTree.SubElement(case, "system-out").text = visible("\n\n".join(texts))
    return case


def _ignored(finding: Mapping[str, Any]) -> str:
    decision = finding["decision"]
    return f"ignored: {finding['sentence']}" + (f" ({decision['why']})" if decision is not None else "")


def _text(findings: Sequence[Mapping[str, Any]]) -> str:
    blocks = []
    for one in findings:
        head = "suspect" if is_suspect(one) else one["severity"]
        lines = [f"{head}: {one['sentence']}", *(f"  {label}: {text}" for label, text in told(one))]
        if one["fingerprint"]:
            lines.append(f"  fingerprint: {one['fingerprint']}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
