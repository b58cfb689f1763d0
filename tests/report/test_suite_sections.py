"""The page's sections of coverage and of what real APIs answer, in a real browser, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser import NEEDS_BROWSER, Browser, browsing

from lookalike.contract.coverage import Coverage, OperationCoverage
from lookalike.report.suite_page import suite_page
from lookalike.report.suite_page.asked import asked_section
from lookalike.report.suite_page.coverage import coverage_section

EVIL = "</script><img src=x onerror=alert(1)>"
SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def coverage() -> Coverage:
    found = Coverage(f"sky {EVIL}", (OperationCoverage(f"GET /{n}/{EVIL}", ("200", "404")) for n in range(130)))
    called, mocked, *_ = found.operations.values()
    called.called["200"] = 3
    called.places = {"json.a", f"json.{EVIL}"}
    called.met = {"json.a"}
    mocked.mocked.add("200")
    mocked.expected = 6
    found.strangers["GET /nowhere"] = 2
    return found


def page() -> str:
    tests = [f"tests/test_a.py::test_{n}" for n in range(9)]
    differences = [("sky", f"GET /: json.a: missing {EVIL} Bearer {SECRET}", tests), ("sky", "GET /: b", [])]
    lists = [("not compared", ["x"]), ("learned", []), ("new", [f"{n}" for n in range(2_100)])]
    asked = asked_section(differences, lists, against="the mocks", asked=4)
    return suite_page([asked, coverage_section([coverage(), Coverage("empty")])])


def test_what_the_sections_say() -> None:
    text = page()
    assert "2 places differ from the mocks, 4 requests made by the tests" in text
    assert "1 of 130 operations called, 1 of 8 places met" in text
    assert SECRET not in text
    assert "<img" not in text
    assert page() == text
    nothing = asked_section((), (), against="the contract", asked=0)
    assert nothing.told == "no difference from the contract, 0 requests made by the tests"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@NEEDS_BROWSER
@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_draws_them(browser: Browser, tmp_path: Path, width: int) -> None:
    path = tmp_path / "run.html"
    path.write_text(page(), encoding="utf-8")
    browser.open(path, width=width, look="dark" if width == 400 else "light")
    assert browser.run("document.documentElement.scrollWidth") == width
    said = browser.run("document.getElementById('coverage').innerText")
    for words in (
        "0 % operations called, 1 of 130", "0 % statuses met, 1 of 260", "12 % places met, 1 of 8",
        "mocked, never called", "never mocked", "Its contract has no operation.", "Called, and not in the contract",
    ):  # fmt: skip
        assert words in said
    assert browser.run("document.querySelectorAll('#coverage tbody tr').length") == 100 + 1
    browser.run("document.querySelector('#coverage .more').click()")
    assert browser.run("document.querySelectorAll('#coverage tbody tr').length") == 130 + 1
    asked = browser.run("document.getElementById('asked').innerText")
    for words in ("The real APIs differ from the mocks", "9 tests", "outside of a test", "Not compared", "2,100"):
        assert words in asked
    assert browser.run("document.querySelectorAll('#asked details[open]').length") == 1
    assert browser.run("document.querySelectorAll('img').length") == 0
    browser.check()


@NEEDS_BROWSER
def test_nothing_to_say_is_said(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    path.write_text(suite_page([asked_section((), (), against="the mocks", asked=3)]), encoding="utf-8")
    browser.open(path)
    assert "nothing differs from the mocks" in browser.run("document.body.innerText")
