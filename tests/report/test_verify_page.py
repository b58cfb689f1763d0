"""A verification as a page: what it says, that nothing in it is markup, and what it does in a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.browser import NEEDS_BROWSER, Browser, PageError, browsing

from lookalike.contract.decisions import Decision
from lookalike.contract.drift import DeclaredMock, Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.past import Run, Timeline, run_of
from lookalike.contract.reads import Reader
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.report.verify_page import verification_page
from lookalike.report.verify_page.data import MOST_RUNS, page_data

EVIL = "</script><img src=x onerror=alert(1)>\u2028'\"&\u202e\ud800evil"
BEGIN = datetime(2026, 11, 2, 4, 17, tzinfo=UTC)
URL = "https://api.test"
MOCKS = tuple(DeclaredMock("", "GET", "/todos", 200, [], f"tests/test_todos.py:{line}") for line in range(1, 15))
RENAMED = Drift(
    "field-renamed", Severity.BREAKING, (("GET /todos", "json[].title"), ("GET /todos/{id}", "json.title")),
    "title: string in all 200 values", "summary: string in all 200 objects", "summary", fingerprint="79af4cfc96bc",
    suggestion="correct code and mocks; if the API is meant to be so now: lookalike accept 79af4cfc96bc", mocks=MOCKS,
    used="read", readers=(
        Reader("tests/test_todos.py::test_shown", "services.py:12", True),
        Reader("tests/test_todos.py::test_total", "services.py:12", True),
        Reader("tests/test_todos.py::test_total", "venv/pydantic/main.py:253", False),
        Reader("", "views.py:48", True),
    ),
)  # fmt: skip
ADDED = Drift(
    "field-added", Severity.ADDITIVE, (("GET /todos", "json[].likes"),), "never seen", "integer", fingerprint="a1",
    used="unseen",
    suggestion="lookalike verify --update learns it",
)  # fmt: skip
SUSPECT = Drift(
    "became-nullable", Severity.BREAKING, (("GET /todos/{id}", "json.due"),), "string", "null", certainty="suspect",
    fingerprint="c0ffee", used="unknown",
)  # fmt: skip
IGNORED = Drift(
    "header-removed", Severity.BREAKING, (("GET /todos", "header Link"),), "all", "none", fingerprint="dead"
)
OUT = "the connection was refused; check the port"


def report(*drifts: Drift, out: bool = False, api: str = "todos", **changed: Any) -> ApiReport:
    operations = ("GET /todos", "GET /todos/{id}")
    results = tuple(
        OperationResult(one, Verdict.UNREACHABLE, 0, OUT, "2026-10-20") if out
        else OperationResult(one, Verdict.of(drift for drift in drifts if one in drift.operations), 3)
        for one in operations
    )  # fmt: skip
    made = ApiReport(api, URL, "2026-11-10", results, drifts, OUT if out else "")
    return replace(made, **changed)


def timelines(*reports: ApiReport) -> dict[tuple[str, str], Timeline]:
    return Timeline.of(run_of(one, BEGIN + timedelta(days=day)) for day, one in enumerate(reports))


FULL = report(RENAMED, ADDED, SUSPECT, ignored=(IGNORED,), remarks=("ignored until 2026-12-31",))
RUNS = timelines(
    report(), report(SUSPECT, ADDED), report(ADDED), report(out=True), report(ADDED, SUSPECT), report(ADDED), FULL
)


def data_in(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_what_it_says() -> None:
    text = verification_page([FULL], timelines=RUNS, when="2026-11-08T04:17:02.000000Z")
    assert "<title>todos: DRIFT</title>" in text
    assert '<p id="told">2026-11-08 04:17 UTC</p>' in text
    [api] = data_in(text)["apis"]
    renamed, added, suspect, ignored = api["findings"]
    assert renamed["suggestion"] == "correct code and mocks"
    assert renamed["commands"] == {
        "accept": "lookalike accept 79af4cfc96bc todos",
        "ignore": 'lookalike ignore 79af4cfc96bc todos --until 2026-12-10 --why "..."',
    }
    assert renamed["mocks_total"] == len(renamed["mocks"]) == 14
    assert renamed["past"]["words"] == "new, not found in the 5 runs before"
    assert added["past"]["words"] == "since 2026-11-03, in 5 of 5 runs"
    assert suspect["past"]["words"] == "since 2026-11-03, in 3 of 5 runs, flapping (it comes and goes)"
    assert list(suspect["commands"]) == ["ignore"]
    assert (ignored["ignored"], ignored["commands"]) == (True, {})
    runs = api["timeline"]["runs"]
    assert [run["verdict"] for run in runs] == [
        "OK", "SUSPECT", "ADDITIVE", "UNREACHABLE", "SUSPECT", "ADDITIVE", "DRIFT",
    ]  # fmt: skip
    assert runs[-1]["came"] == ["79af4cfc96bc", "c0ffee", "dead"]
    assert runs[5]["went"] == ["c0ffee"]
    assert {one["fingerprint"]: one["marks"] for one in api["timeline"]["findings"]} == {
        "79af4cfc96bc": "      +", "a1": " ++?+++", "c0ffee": " +-?+-+", "dead": "      +",
    }  # fmt: skip
    assert text == verification_page([FULL], timelines=RUNS, when="2026-11-08T04:17:02.000000Z")


def test_several_apis_and_none() -> None:
    both = [FULL, report(api="weather"), report(api="sky")]
    text = verification_page(both, timelines={}, arguments={"todos": "contracts/my todos.yaml"})
    assert "<title>3 APIs: 1 DRIFT, 2 OK</title>" in text
    assert '<p id="told">2026-11-10</p>' in text
    first, second, _ = data_in(text)["apis"]
    assert first["findings"][0]["commands"]["accept"] == "lookalike accept 79af4cfc96bc 'contracts/my todos.yaml'"
    assert second["timeline"]["runs"] == []
    assert "<title>Nothing was verified</title>" in verification_page([])


def test_ids_are_the_pages_own() -> None:
    both = [report(ADDED), report(ADDED, api="other"), report(replace(ADDED, fingerprint=""), api="third")]
    data = page_data(both, timelines={})
    assert [api["findings"][0]["id"] for api in data["apis"]] == ["a1", "a1-2", "finding"]
    assert data["apis"][2]["findings"][0]["commands"] == {}


def test_a_page_shows_the_last_runs_alone() -> None:
    runs = [run_of(report(), BEGIN + timedelta(days=day)) for day in range(MOST_RUNS + 5)]
    [api] = page_data([report()], timelines=Timeline.of(runs))["apis"]
    assert (len(api["timeline"]["runs"]), api["timeline"]["total"]) == (MOST_RUNS, MOST_RUNS + 5)


def test_nothing_is_markup_and_nothing_is_asked_for() -> None:
    hostile = report(
        replace(RENAMED, at=((f"GET /{EVIL}", f'json["{EVIL}"]'),), before=EVIL, now=EVIL, suggestion=EVIL),
        api=EVIL, remarks=(EVIL,),
    )  # fmt: skip
    text = verification_page([hostile], timelines=timelines(hostile))
    assert "<img" not in text
    assert "innerHTML" not in text
    assert text.count("<script") == 2
    assert not re.search(r"""\s(on\w+|style|src)=["']""", text)
    [policy] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', text)
    assert policy.startswith("default-src 'none'; ")
    script = text.rpartition("<script>")[2].partition("</script>")[0]
    style = text.partition("<style>")[2].partition("</style>")[0]
    for kind, content in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "\u202e" not in text
    assert "\\\\u202e\\\\ud800evil" in text  # shown as it is written


def test_no_credentials() -> None:
    secret = "sk_live_51Hx8s2KJq0ZyXwVuTsRqPoNm"
    told = report(
        replace(RENAMED, before=f"Bearer {secret}", now=secret), base_url=f"https://me:{secret}@api.test",
        message=f"refused: Authorization: Bearer {secret}",
    )  # fmt: skip
    assert secret not in verification_page([told], timelines=timelines(told))


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(verification_page([FULL, report(api="weather")], timelines=RUNS), encoding="utf-8")
    browser.open(path)
    return path


def count(browser: Browser, selector: str) -> int:
    found: int = browser.run(
        f"[...document.querySelectorAll({json.dumps(selector)})].filter((one) => !one.hidden).length"
    )
    return found


@NEEDS_BROWSER
def test_an_error_of_the_page_is_an_error_of_its_test(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    text = verification_page([FULL], timelines=RUNS)
    path.write_text(text.replace('"verdict":"DRIFT"', '"verdict":null'), encoding="utf-8")
    with pytest.raises(PageError, match="TypeError"):
        browser.open(path)
    path.write_text(text.replace("<h1>", "<img src=//other.test/x><h1>"), encoding="utf-8")
    with pytest.raises(PageError, match="Content Security Policy"):
        browser.open(path)


@NEEDS_BROWSER
def test_notes_are_folded_and_decisions_told(browser: Browser, tmp_path: Path) -> None:
    note = Drift(
        "string-longer", Severity.INFO, (("GET /todos", "json[].title"),), "x" * 3_000, "12", fingerprint="70f3"
    )
    decided = (Decision("todos", "dead", IGNORED.sentence, "ticket 4711", "2026-12-31"),)
    path = tmp_path / "page.html"
    path.write_text(verification_page([report(RENAMED, note, ignored=(IGNORED,), decided=decided)]), encoding="utf-8")
    browser.open(path)
    fold = "document.querySelector('.notes')"
    assert browser.run(f"[{fold}.open, {fold}.querySelector('h3').textContent]") == [
        False, "1 note that asks nothing of anybody"
    ]  # fmt: skip
    browser.open(path, fragment="#70f3")
    assert browser.run(f"{fold}.open && document.getElementById('70f3').open")
    # A long text scrolls, and keys reach it.
    side = "document.querySelector('[id=\\'70f3\\'] .before p')"
    assert browser.run(f"[{side}.tabIndex, {side}.scrollHeight > {side}.clientHeight]") == [0, True]
    browser.open(path, fragment="#dead")
    assert "Ignored until 2026-12-31: ticket 4711" in browser.run("document.getElementById('dead').innerText")
    browser.open(path)
    browser.run(
        "[...document.querySelectorAll('.toggle')].find((one) => one.textContent.startsWith('breaking')).click()"
    )
    assert browser.run(f"{fold}.hidden")
    browser.check()


@NEEDS_BROWSER
def test_nothing_lies_under_the_bar(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(verification_page([FULL], timelines=RUNS), encoding="utf-8")
    for width in (1280, 900, 400):
        browser.open(path, fragment="#c0ffee", width=width, height=500)
        top, bar = browser.run(
            "[document.getElementById('c0ffee').getBoundingClientRect().top, "
            "getComputedStyle(document.getElementById('filters')).position === 'sticky' "
            "? document.getElementById('filters').getBoundingClientRect().bottom : 0]"
        )
        assert top >= bar
        assert browser.run("document.documentElement.scrollWidth") == width


@NEEDS_BROWSER
@pytest.mark.parametrize("width", [1280, 400])
def test_the_timeline_shows_whole_titles(width: int, browser: Browser, tmp_path: Path) -> None:
    at = tuple(("GET /todos", f"json[].a_rather_long_name_of_field_{number}") for number in range(4))
    long = replace(RENAMED, kind="field-removed", at=at)
    told = report(long)
    path = tmp_path / "page.html"
    path.write_text(verification_page([told], timelines=timelines(report(), told)), encoding="utf-8")
    browser.open(path, width=width, height=900)
    cut, told_as, height = browser.run(
        "(() => { const one = document.querySelector('.lanes tr:last-child th'), look = getComputedStyle(one);"
        "return [one.scrollWidth > one.clientWidth || look.textOverflow === 'ellipsis' || look.whiteSpace === 'nowrap',"
        "one.innerText, one.clientHeight]; })()"
    )
    assert not cut
    assert all(place.rpartition(".")[2] in told_as for _, place in at)
    assert height > 40, "on several lines"


@NEEDS_BROWSER
def test_findings_are_drawn(browser: Browser, shown: Path) -> None:
    assert browser.run("[...document.querySelectorAll('.finding:not([hidden]) h3')].map((one) => one.textContent)") == [
        "the field title seems to be renamed to summary", "there is a new field likes", "due may be null now",
    ]  # fmt: skip
    sides = browser.run("[...document.querySelectorAll('.finding .side p')].map((one) => one.textContent)")
    assert sides[:2] == [RENAMED.before, RENAMED.now]
    said = browser.run("document.getElementById('79af4cfc96bc').innerText")
    for words in (
        "lookalike accept 79af4cfc96bc todos",
        "tests/test_todos.py:12",
        "and 2 more",
        "History: new, not found",
    ):
        assert words in said
    assert "No test was seen to read it." in browser.run("document.getElementById('a1').innerText")
    assert "can’t be told" in browser.run("document.getElementById('c0ffee').innerText")
    assert browser.run("document.querySelector('#api-1 .calm').textContent") == "Nothing differs that matters."
    assert count(browser, "#api-0 button.run") == 7
    assert count(browser, "#api-0 .lanes tr") == 6  # days, runs, and four findings


@NEEDS_BROWSER
def test_filters(browser: Browser, shown: Path) -> None:
    def press(name: str) -> None:
        browser.run(
            f"[...document.querySelectorAll('.toggle')].find((one) => one.innerText.startsWith('{name}')).click()"
        )

    def type_in(text: str) -> None:
        browser.run(f"search.value = {json.dumps(text)}; search.dispatchEvent(new Event('input'))")

    assert browser.run("document.querySelector('#filters [role=status]').textContent") == "3 of 4 findings"
    press("additive")
    assert count(browser, ".finding") == 1
    press("suspect")
    assert count(browser, ".finding") == 2
    press("flapping")
    assert count(browser, ".finding") == 1
    press("flapping")
    press("read by your code")
    assert count(browser, ".finding") == 0
    for name in ("additive", "suspect", "read by your code"):
        press(name)
    type_in("TITLE todos")
    assert count(browser, ".finding") == 1
    type_in("nothing like this")
    assert count(browser, ".finding") == 0
    assert count(browser, ".none") == 1
    type_in("")
    press("ignored")
    assert count(browser, ".finding") == 4


@NEEDS_BROWSER
@pytest.mark.parametrize("name", ["c0ffee", "dead"])
def test_an_address_leads_to_a_finding(browser: Browser, shown: Path, name: str) -> None:
    browser.open(shown, fragment=f"#{name}")
    assert browser.run("document.querySelector('.target').id") == name
    assert browser.run("document.querySelector('.target').open")
    assert browser.run("document.querySelector('.target').getBoundingClientRect().top < innerHeight")
    browser.open(shown, fragment="#no-such-finding")
    assert count(browser, ".target") == 0


@NEEDS_BROWSER
def test_a_lane_leads_to_its_finding(browser: Browser, shown: Path) -> None:
    browser.run(
        "new Promise((done) => { addEventListener('hashchange', () => setTimeout(done));"
        " document.querySelector('.lanes a').click(); })"
    )
    assert browser.run("document.querySelector('.target').id") == RENAMED.fingerprint
    assert browser.run("document.activeElement.parentElement.id") == RENAMED.fingerprint


@NEEDS_BROWSER
def test_runs_by_keyboard(browser: Browser, shown: Path) -> None:
    browser.run("document.querySelector('#api-0 button.run[tabindex=\"0\"]').focus()")
    assert "UNREACHABLE" not in browser.run("document.querySelector('#api-0 .panel').innerText")
    for _ in range(3):
        browser.press("ArrowLeft")
    said = browser.run("document.querySelector('#api-0 .panel').innerText")
    assert said.startswith("UNREACHABLE 2026-11-05 04:17 UTC 0 of 2 operations answered")
    assert OUT in said
    assert browser.run("document.activeElement.getAttribute('aria-label')").startswith(
        "2026-11-05 04:17 UTC: UNREACHABLE"
    )
    browser.press("Home")
    assert "2026-11-02" in browser.run("document.querySelector('#api-0 .panel').innerText")
    browser.press("ArrowLeft")
    assert count(browser, "#api-0 button.run[tabindex='0']") == 1
    browser.run("document.activeElement.blur()")
    browser.press("/")
    assert browser.run("document.activeElement.id") == "search"


@NEEDS_BROWSER
def test_a_command_is_copied_or_selected(browser: Browser, shown: Path) -> None:
    said = browser.run(
        "(async () => { const button = document.querySelector('.copy'); button.click();"
        " while (button.textContent === 'Copy') await new Promise((done) => setTimeout(done, 5));"
        " return [button.textContent, String(getSelection())]; })()"
    )
    assert said[0] in ("Copied", "Selected")
    assert said[1] == ("" if said[0] == "Copied" else "lookalike accept 79af4cfc96bc todos")
    browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    browser.run("document.querySelectorAll('.copy')[1].click()")
    assert browser.run("String(getSelection())").startswith("lookalike ignore 79af4cfc96bc todos --until 2026-12-10")


LONG = "a_very_long_name_that_never_ends_" * 8
HOSTILE = report(
    replace(RENAMED, at=((f"GET /{LONG}", f'json["{EVIL}"]'),), before=LONG, now=EVIL, suggestion=LONG, detail=LONG),
    *(replace(ADDED, fingerprint=f"{number:012x}", at=((f"GET /{LONG}", LONG),)) for number in range(40)),
    api=EVIL, base_url=f"https://api.test/{LONG}", remarks=(LONG,),
)  # fmt: skip
LOOKS: dict[str, tuple[list[ApiReport], dict[tuple[str, str], Timeline]]] = {
    "full": ([FULL], RUNS),
    "none": ([report()], timelines(report())),
    "nothing": ([], {}),
    "unreachable": ([report(out=True)], timelines(report(ADDED, SUSPECT), report(), report(ADDED), report(out=True))),
    "unverified": ([ApiReport("x", URL, "2026-11-10", message=OUT)], {}),
    "hostile": ([HOSTILE], timelines(HOSTILE, HOSTILE)),
    "long": ([FULL], {("todos", URL): Timeline("todos", URL, tuple(
        run_of(FULL if day % 3 else report(), BEGIN + timedelta(days=day)) for day in range(MOST_RUNS)))}),
}  # fmt: skip


@NEEDS_BROWSER
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", LOOKS)
def test_every_look_fits_and_has_no_error(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    path = tmp_path / "page.html"
    reports, runs = LOOKS[name]
    path.write_text(verification_page(reports, timelines=runs), encoding="utf-8")
    browser.open(path, width=width, look="dark" if width == 400 else "light")
    assert browser.run("document.documentElement.scrollWidth") <= width
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; one.draw?.(); })")
    browser.run("document.querySelectorAll('.more').forEach((one) => one.click())")
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert count(browser, "img") == 0
    browser.check()


_CONTRAST = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return parse(getComputedStyle(document.body).backgroundColor);
  };
  const poor = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.checkVisibility() || ["SCRIPT", "STYLE"].includes(one.tagName)) continue;
    const [front, back] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (ratio < 4.5) poor.push(one.className + ": " + one.textContent.slice(0, 30) + " " + ratio.toFixed(2));
  }
  return poor;
})()"""


@NEEDS_BROWSER
@pytest.mark.parametrize("look", ["light", "dark"])
def test_text_can_be_read(browser: Browser, shown: Path, look: Any) -> None:
    """WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to what is behind it."""
    browser.open(shown, look=look)
    assert browser.run(_CONTRAST) == []


@NEEDS_BROWSER
def test_what_can_be_used_has_a_name(browser: Browser, shown: Path) -> None:
    nameless = browser.run(
        "[...document.querySelectorAll('button, a, input, summary')].filter((one) => !(one.getAttribute('aria-label')"
        " || one.textContent.trim())).length"
    )
    assert nameless == 0
    assert browser.run("[...document.querySelectorAll('[id]')].map((one) => one.id).length === new Set("
                       "[...document.querySelectorAll('[id]')].map((one) => one.id)).size")  # fmt: skip
    assert count(browser, "h1") == 1


@NEEDS_BROWSER
def test_it_prints_with_everything_open(browser: Browser, shown: Path) -> None:
    before = count(browser, "details[open]")
    browser.run(
        "addEventListener('beforeprint', () => (window.printed = document.querySelectorAll('details[open]').length))"
    )
    assert browser.pdf().startswith(b"%PDF")
    assert browser.run("window.printed") > before
    assert count(browser, "details[open]") == before
    browser.check()


def test_timelines_of_other_places_are_not_shown() -> None:
    other: dict[tuple[str, str], Timeline] = {
        ("todos", "https://staging.test"): Timeline("todos", "https://staging.test")
    }
    runs: list[Run] = page_data([FULL], timelines=other)["apis"][0]["timeline"]["runs"]
    assert runs == []
