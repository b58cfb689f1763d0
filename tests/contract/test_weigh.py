"""What a finding means to code that reads what changed, or doesn't."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.reads import Reader, Reads
from lookalike.contract.weigh import UNREAD, told, weigh
from lookalike.report.terminal import render_drifts

LINE = Reader("tests/test_a.py::test_b", "services.py:12", own=True)
PACKAGE = Reader("tests/test_a.py::test_b", "services.py:14", own=False)


def noted(reads: Reads, operation: str, path: tuple[str, ...], reader: Reader) -> None:
    reads.note(operation, path, reader.where, [reader.test], own=reader.own)


def read_set() -> Reads:
    """`title` of the items is read; `owner` is handed to something that leaves no trace; `page` is never taken."""
    reads = Reads()
    reads.received("GET /todos", "tests/test_a.py::test_b")
    noted(reads, "GET /todos", ("[]", ".title"), LINE)
    noted(reads, "GET /todos", ("[]", ".owner"), LINE)
    reads.cant_see("GET /todos", ("[]", ".owner"))
    return reads


def drift(kind: str, place: str, severity: Severity, operation: str = "GET /todos") -> Drift:
    return Drift(kind, severity, ((operation, place),), "before", "now", fingerprint="0" * 12)


@pytest.mark.parametrize(
    ("kind", "place", "before", "after", "used"),
    [
        ("field-removed", "json[].title", "breaking", "breaking", "read"),
        ("optional-field-removed", "json[].title", "risky", "breaking", "read"),
        ("field-removed", "json[].page", "breaking", "info", "unseen"),
        ("field-removed", "json[].page.next", "breaking", "info", "unseen"),
        ("field-removed", "json[].owner.name", "breaking", "breaking", "unknown"),
        ("became-nullable", "json[].title", "breaking", "breaking", "read"),
        ("became-nullable", "json[].page", "breaking", "risky", "unseen"),
        ("type-changed", "json[].page", "breaking", "risky", "unseen"),
        ("enum-value-added", "json[].page", "risky", "info", "unseen"),
        ("enum-value-added", "json[].title", "risky", "risky", "read"),
        ("field-removed", "404 json.error", "breaking", "breaking", "unreceived"),
        ("field-added", "json[].page", "additive", "additive", ""),
        ("success-gone", "status", "breaking", "breaking", ""),
    ],
)
def test_severity_follows_who_reads(kind: str, place: str, before: str, after: str, used: str) -> None:
    (found,) = weigh([drift(kind, place, Severity(before))], read_set())
    assert (found.severity, found.used) == (after, used)
    assert bool(found.readers) is (used == "read")


def test_an_operation_of_which_nothing_was_received_keeps_its_severity() -> None:
    (found,) = weigh([drift("field-removed", "json.a", Severity.BREAKING, "GET /users")], read_set())
    assert (found.severity, found.used, found.readers) == (Severity.BREAKING, "unreceived", ())


def test_without_a_read_set_nothing_is_weighed() -> None:
    one = drift("field-removed", "json[].page", Severity.BREAKING)
    assert weigh([one], None) == [one]


def test_one_place_that_is_read_decides_for_all() -> None:
    both = Drift(
        "field-removed", Severity.BREAKING, (("GET /todos", "json[].page"), ("GET /todos", "json[].title")), "", ""
    )
    assert weigh([both], read_set())[0].severity is Severity.BREAKING


def test_the_report_names_tests_and_lines() -> None:
    found = weigh(
        [
            drift("field-removed", "json[].page", Severity.BREAKING),
            drift("field-removed", "json[].title", Severity.BREAKING),
        ],
        read_set(),
    )
    text = render_drifts(found)
    assert "read by  tests/test_a.py::test_b at services.py:12" in text
    assert UNREAD["unseen"] in text
    assert text.index("services.py:12") < text.index(UNREAD["unseen"])


def test_why_nobody_knows_who_reads_it_is_said() -> None:
    found = weigh([drift("field-removed", "json.name", Severity.BREAKING, "GET /users")], read_set())
    assert "read by  not known: no test that was watched received an answer of it\n" in render_drifts(found)
    both = replace(found[0], at=(("GET /users", "json.name"), ("GET /todos", "json[].page")))
    assert weigh([both], read_set())[0].used == "unreceived"
    blind = replace(found[0], at=(("GET /users", "json.name"), ("GET /todos", "json[].owner.name")))
    assert weigh([blind], read_set())[0].used == "unknown"


def test_reads_by_packages_are_told_apart() -> None:
    assert told([LINE, PACKAGE]).endswith("tests/test_a.py::test_b at services.py:14, through a package")
    assert told([Reader("", f"a.py:{line}", own=True) for line in range(9)]).endswith("; and 6 more lines")


readers = st.builds(Reader, st.sampled_from("ab"), st.sampled_from("cd"), st.booleans())
paths = st.lists(st.sampled_from([".a", ".b", "[]", ".*"]), max_size=3).map(tuple)


@st.composite
def read_sets(draw: st.DrawFn) -> Reads:
    reads = Reads()
    for operation in draw(st.lists(st.sampled_from(["GET /a", "GET /b"]))):
        reads.received(operation, draw(st.sampled_from("ab")))
        for path in draw(st.lists(paths, max_size=4)):
            what = draw(st.sampled_from(["key", "all", "blind"]))
            if what == "key":
                noted(reads, operation, path, draw(readers))
            elif what == "all":
                who = draw(readers)
                reads.note_whole(operation, path, who.where, [who.test], own=who.own)
            else:
                reads.cant_see(operation, path)
    return reads


@given(read_sets(), read_sets())
def test_read_sets_add_up_in_any_order_and_survive_json(one: Reads, other: Reads) -> None:
    there, back = Reads(), Reads()
    for reads in (one, other):
        there.add(reads)
    for reads in (other, one):
        back.add(Reads.from_json(reads.to_json()))
    assert there.to_json() == back.to_json()


@given(read_sets(), st.sampled_from(["json.a", "json.a.b", "json[].a", "json.a[].b", "json.*.b"]))
def test_what_a_blind_reader_had_is_never_unseen(reads: Reads, place: str) -> None:
    reads.received("GET /a", "t")
    reads.cant_see("GET /a", ())
    assert reads.used("GET /a", place) in ("read", "unknown")


@given(read_sets(), st.sampled_from(["json.a", "json.a.b", "json[].a", "json.a[].b", "json.*.b"]))
def test_more_reads_never_make_a_place_unread(reads: Reads, place: str) -> None:
    before = reads.used("GET /a", place)
    more = Reads()
    more.add(reads)
    noted(more, "GET /a", (".a",), LINE)
    if before == "read":
        assert more.used("GET /a", place) == "read"
