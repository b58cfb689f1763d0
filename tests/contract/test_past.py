"""What runs say of a finding, as laws over any history and as a table of small ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.past import QUIET, Past, Run, Timeline, instant, run_of
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.errors import UsageError

BEGIN = datetime(2026, 11, 2, 4, 17, tzinfo=UTC)
GONE = Drift(
    "field-removed", Severity.BREAKING, (("GET /a", "json.x"), ("GET /b", "json.x")), "1", "2", fingerprint="f1"
)
OTHER = Drift("field-added", Severity.ADDITIVE, (("GET /a", "json.y"),), "1", "2", fingerprint="f2")


def run(day: int, marks: str, *, url: str = "https://api.test") -> Run:
    """A run: `+` the finding is there, `-` it isn't, `?` the API couldn't be asked, `a` only GET /a answered."""
    told = {"+": Verdict.DRIFT, "-": Verdict.OK, "?": Verdict.UNREACHABLE, "a": Verdict.OK}[marks]
    second = Verdict.UNVERIFIED if marks == "a" else told
    results = (OperationResult("GET /a", told), OperationResult("GET /b", second))
    drifts = (GONE,) if marks == "+" else ()
    return run_of(ApiReport("api", url, "2026-11-02", results, drifts), BEGIN + timedelta(days=day))


def past(marks: str) -> Past:
    [timeline] = Timeline.of(run(day, mark) for day, mark in enumerate(marks)).values()
    return timeline.pasts["f1"]


MARKS = st.text("+-?a", max_size=40).filter(lambda marks: "+" in marks)


@pytest.mark.parametrize(
    ("marks", "words", "flapping"),
    [
        ("+", "first seen 2026-11-02", False),
        ("-+", "new, not found in the run before", False),
        ("-?-a-+", "new, not found in the 3 runs before", False),
        ("++", "since 2026-11-02, in 2 of 2 runs", False),
        ("+?+", "since 2026-11-02, in 2 of 2 runs", False),
        ("+a+", "since 2026-11-02, in 2 of 2 runs", False),
        ("+?", "first seen 2026-11-02", False),
        ("+-", "since 2026-11-02 until 2026-11-02, in 1 of 1 run", False),
        ("+++--", "since 2026-11-02 until 2026-11-04, in 3 of 3 runs", False),
        ("+-+-+++-+", "since 2026-11-02, in 6 of 9 runs, flapping (it comes and goes)", True),
        ("+-+-", "since 2026-11-02 until 2026-11-04, in 2 of 3 runs, flapping (it comes and goes)", True),
        # One return may be a change that was rolled back and made again.
        ("+-+", "since 2026-11-02, in 2 of 3 runs", False),
        ("++--++", "since 2026-11-02, in 4 of 6 runs", False),
        ("+-+?-+", "since 2026-11-02, in 3 of 5 runs, flapping (it comes and goes)", True),
        ("+-+-" + "+" * (QUIET - 2), "since 2026-11-02, in 10 of 12 runs, flapping (it comes and goes)", True),
        ("+-+-" + "+" * (QUIET - 1), "since 2026-11-02, in 11 of 13 runs", False),
        ("+" + "-" * QUIET + "+", "new, not found in the 10 runs before", False),
        ("+" + "-" * (QUIET - 1) + "+", "since 2026-11-02, in 2 of 11 runs", False),
    ],
)
def test_in_words(marks: str, words: str, flapping: bool) -> None:
    found = past(marks)
    assert (found.words, found.flapping) == (words, flapping)
    assert found.to_json()["words"] == words


def test_a_story_that_begins_anew_remembers_the_first_day() -> None:
    found = past("++" + "-" * QUIET + "+-")
    assert (found.first[:10], found.since[:10], found.last[:10], found.ended[:10]) == (
        "2026-11-02", "2026-11-14", "2026-11-14", "2026-11-15",
    )  # fmt: skip
    assert not found.open
    assert found.before == QUIET


@given(MARKS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_runs_say_nothing(marks: str, random: object) -> None:
    runs = [run(day, mark) for day, mark in enumerate(marks)]
    shuffled = runs * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random
    [expected] = Timeline.of(runs).values()
    [found] = Timeline.of(shuffled).values()
    one_by_one = Timeline("api", "https://api.test")
    for one in shuffled:
        one_by_one = one_by_one.add(one)
    assert found == expected == one_by_one
    assert found.pasts == expected.pasts
    assert found.steps == one_by_one.steps


@given(MARKS)
def test_what_cannot_tell_is_neither_presence_nor_absence(marks: str) -> None:
    runs = [run(day, mark) for day, mark in enumerate(marks)]
    [everything] = Timeline.of(runs).values()
    [telling] = Timeline.of(one for one, mark in zip(runs, marks, strict=True) if mark in "+-").values()
    assert everything.pasts == telling.pasts


@given(MARKS)
def test_counts_and_flapping(marks: str) -> None:
    told = marks.replace("?", "").replace("a", "").lstrip("-")
    # The story: after the last pause that is long enough.
    story = told
    while (pause := story.find("-" * QUIET + "+")) >= 0:
        story = story[pause:].lstrip("-")
    whole = story.rstrip("-")
    found = past(marks)
    assert (found.times, found.runs) == (whole.count("+"), len(whole))
    assert found.open == told.endswith("+")
    assert (found.ended == "") is found.open
    assert found.returns == story.count("-+")
    recent = story[-QUIET - 1 :]
    assert found.flapping == (recent.count("-+") + recent.count("+-") >= 3)
    assert found.first <= found.since <= found.last
    if not found.returns:
        assert found.times == found.runs


@given(MARKS)
def test_what_came_and_went_adds_up(marks: str) -> None:
    [timeline] = Timeline.of(run(day, mark) for day, mark in enumerate(marks)).values()
    there: set[str] = set()
    for step in timeline.steps:
        there |= {one.fingerprint for one in step.came}
        there -= {one.fingerprint for one in step.went}
        if step.run.findings:
            assert there == set(step.run.by_fingerprint)
    assert there == {one.fingerprint for one in timeline.pasts.values() if one.open}
    data = timeline.to_json(most=5)
    assert len(data["runs"]) == min(5, len(marks))
    assert data["total"] == len(marks)
    assert [one["fingerprint"] for one in data["findings"]] == list(timeline.pasts)


def test_places_have_timelines_of_their_own() -> None:
    runs = [run(1, "+"), run(2, "-", url="https://staging.test/")]
    found = Timeline.of(runs)
    assert list(found) == [("api", "https://api.test"), ("api", "https://staging.test")]
    assert found["api", "https://api.test"].pasts["f1"].open


def test_nothing_secret_is_kept() -> None:
    secret = "sk_live_51Hx8s2KJq0ZyXwVuTsRqPoNm"
    drift = Drift("field-removed", Severity.BREAKING, (("GET /a", f'json["{secret}"]'),), "", "", fingerprint="f")
    report = ApiReport(
        "api", f"https://me:{secret}@api.test/", "2026-11-02", (OperationResult("GET /a", Verdict.DRIFT),), (drift,),
        message=f"refused with Authorization: Bearer {secret}",
    )  # fmt: skip
    assert secret not in repr(run_of(report, BEGIN))


def test_names_that_no_file_can_hold_are_written_out() -> None:
    half = "\ud83d"
    drift = Drift("field-removed", Severity.BREAKING, ((f"GET /{half}", f"json.{half}"),), "", "", fingerprint="f")
    found = run_of(ApiReport(half, half, "2026-11-02", (OperationResult(f"GET /{half}", Verdict.OK),), (drift,)), BEGIN)
    assert found.id
    assert (found.api, found.base_url, found.findings[0].operations) == ("\\ud83d", "\\ud83d", ("GET /\\ud83d",))


def test_ignored_findings_are_there_still() -> None:
    report = ApiReport("api", "x", "2026-11-02", (OperationResult("GET /a", Verdict.OK),), ignored=(OTHER,))
    [sighting] = run_of(report, BEGIN).findings
    assert (sighting.fingerprint, sighting.ignored, sighting.operations) == ("f2", True, ("GET /a",))


def test_instants_are_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    assert instant(datetime(2026, 11, 2, 4, 17, tzinfo=east)) == "2026-11-01T19:17:00.000000Z"
    with pytest.raises(UsageError, match="no time zone"):
        instant(datetime(2026, 11, 2))
