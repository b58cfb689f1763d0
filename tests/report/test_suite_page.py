"""The page of a test run: what it says, that nothing in it is markup, and what it does in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser import NEEDS_BROWSER, Browser, browsing

from lookalike.contract.audited import Audit, AuditedApi, Said
from lookalike.contract.coverage import Coverage, OperationCoverage
from lookalike.report.audit import sections
from lookalike.report.suite_page import suite_page
from lookalike.report.suite_page.audit import audit_section

EVIL = "</script><img src=x onerror=alert(1)>"


def audit(lies: int = 2) -> Audit:
    found = Audit()
    coverage = Coverage("todos", [OperationCoverage("GET /todos", ("200", "404")), OperationCoverage(EVIL, ("200",))])
    coverage.operations["GET /todos"].called["200"] += 1
    api = found.apis["todos"] = AuditedApi("todos", coverage, "contracts/todos.yaml")
    for at in range(lies):
        mock = api.mock("GET /todos", "responses", f"tests/test_{EVIL}.py:{at}")
        mock.received, mock.tests, mock.statuses = 3, {f"test::{EVIL}", "test::b", "test::c", "test::d"}, {"200", ""}
        mock.said[Said(f"json[].n{at % 40}", "a string", EVIL)] = mock.tests
    strange = api.mock("GET /nowhere", "unittest.mock", "tests/test_x.py:2")
    strange.said[Said("path", "an operation of the contract", "GET /nowhere", hint="did you mean?", stranger=True)] = {
        ""
    }
    strange.said[Said("json.x", "a string", "1", level="warning")] = {""}
    found.unnamed = {"": {"a.py:1"}, "elsewhere.test": {f"a.py:{line}" for line in range(9)}}
    found.unread = {"other": "no contract is named"}
    found.troubles = {"vcrpy: KeyError: 1"}
    return found


def test_an_audit_is_the_same_through_json_and_added_to_nothing() -> None:
    one = audit(30)
    other = Audit.from_json(one.to_json())
    assert other.to_json() == one.to_json()
    empty = Audit()
    empty.add(other)
    assert suite_page([audit_section(empty)]) == suite_page([audit_section(one)])
    twice = Audit.from_json(one.to_json())
    twice.add(other)
    assert [mock.received for mock in twice.apis["todos"].lying] == [6] * 30
    assert (twice.mocks, twice.lying) == (one.mocks, one.lying)


def test_the_page_is_one_file_in_which_nothing_foreign_is_markup() -> None:
    text = suite_page([audit_section(audit())])
    assert "<img" not in text
    assert text.count("<script") == 2
    assert "31 mocks of 1 API, 30 lie, 2 hosts without a contract" in suite_page([audit_section(audit(30))])


def test_the_text_is_short_unless_it_is_to_be_whole() -> None:
    lines = [line for line, _ in sections(audit(30))]
    of_api = lines[: lines.index("    ... and 20 more (-v shows all)")]
    said = [line for line in of_api if line.startswith("    GET ")]
    assert len(said) == 10
    assert of_api[-1].startswith("      ")  # the last finding is told with its place
    whole = [line for line, _ in sections(audit(30), verbose=True)]
    assert not any("more (-v" in line for line in whole)
    assert len(whole) > len(lines)
    assert "  addresses without a host: 1 mock at a.py:1" in lines
    assert "  elsewhere.test: 9 mocks at a.py:0, a.py:1, a.py:2 and 6 more" in lines
    assert "not held to a contract: other: no contract is named" in lines
    assert "not seen because of an error of lookalike's own: vcrpy: KeyError: 1" in lines


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as one:
        yield one


@NEEDS_BROWSER
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_draws_it_without_asking_for_anything(
    browser: Browser, tmp_path: Path, width: int, look: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(suite_page([audit_section(audit(30))]), encoding="utf-8")
    browser.open(path, width=width, look="dark" if look == "dark" else "light")
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    rows = "document.querySelectorAll('details.bad tbody tr').length"
    assert browser.run(rows) == 25
    browser.run("document.querySelector('details.bad .more').click()")
    assert browser.run(rows) == 30
    assert "expected a string" in browser.run("document.querySelector('details.bad tbody').innerText")
    browser.check()


def shared() -> Audit:
    """One thing that is wrong in several operations with long names, and one where the document contradicts itself."""
    found = Audit()
    paths = [f"GET /organizations/{{organization_id}}/environments/{{environment_id}}/places/{n}" for n in range(4)]
    coverage = Coverage("todos", [OperationCoverage(path, ("200",)) for path in paths])
    api = found.apis["todos"] = AuditedApi("todos", coverage, "contracts/todos.yaml")
    for at, path in enumerate(paths):
        mock = api.mock(path, "responses", "tests/helpers.py:7")
        mock.tests = {"test::a"}
        evidence = "the document says so: #/components/schemas/Owner/properties/id"
        mock.said[Said(f"json.{'x' * at}owner.id", "an integer", f'"{at}"', evidence)] = mock.tests
        evidence = "the document says so: #/components/schemas/Owner/properties/name"
        mock.said[Said("json.name", "a string", "null", evidence, disputed=True)] = mock.tests
    return found


@NEEDS_BROWSER
@pytest.mark.parametrize("width", [1280, 800, 400])
def test_what_operations_share_is_one_row_and_no_name_breaks(browser: Browser, tmp_path: Path, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(suite_page([audit_section(shared())]), encoding="utf-8")
    browser.open(path, width=width)
    assert browser.run("document.querySelectorAll('details.bad tbody tr').length") == 1
    assert browser.run("document.querySelectorAll('details.warn tbody tr').length") == 1
    browser.run("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    names = "[...document.querySelectorAll('.op')].filter((one) => one.offsetParent)"
    assert browser.run(f"{names}.length") >= 12
    assert browser.run(f"{names}.every((one) => one.getClientRects().length === 1 && one.offsetHeight < 40)")
    row = browser.run("document.querySelector('details.bad tbody tr').innerText")
    assert all(one in row for one in ("and 3 more operations", "json.owner.id", '"0", "1", "2" and 1 more', "4 mocks"))
    assert "contradicts itself" in browser.run("document.querySelector('details.warn summary').innerText")
    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    browser.check()


@NEEDS_BROWSER
def test_an_audit_of_nothing_says_so(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(suite_page([audit_section(Audit())]), encoding="utf-8")
    browser.open(path)
    assert "No test received an answer" in browser.run("document.body.innerText")
