"""Each kind of drift that answers show: the smallest pair that shows it, and one that must not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
JSON = {"Content-Type": "application/json"}
Body = Callable[[int], Any]


def exchange(path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(Request("GET", BASE + path), Response(status, {**JSON, **(headers or {})}, content))


def items(body: Body, count: int, **more: Any) -> list[Exchange]:
    return [exchange(f"/things/{i}", body(i), **more) for i in range(1, count + 1)]


def learned(exchanges: Sequence[Exchange]) -> Contract:
    return learn(exchanges, base_url=BASE, name="things", day="2026-11-20")


def document(schema: Any, path: str = "/things/{id}", **answer: Any) -> Contract:
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}] if "{" in path else []
    root = {
        "openapi": "3.1.0",
        "info": {"title": "things", "version": "1"},
        "servers": [{"url": BASE}],
        "paths": {
            path: {
                "get": {
                    "parameters": parameters,
                    "responses": {
                        "200": {"description": "", "content": {"application/json": {"schema": schema}}, **answer}
                    },
                }
            }
        },
    }
    return Contract(Document(root, "things.yaml"))


def kinds(drifts: Sequence[Drift]) -> list[str]:
    return [drift.kind for drift in drifts]


def targets(count: int) -> list[str]:
    return [f"/things/{i}" for i in range(1, count + 1)]


THING = {"id": 1, "title": "a", "done": True}
WORDS = ["open", "closed", "draft"]


def thing(i: int, **more: Any) -> dict[str, Any]:
    return {"id": i, "title": f"words of {i}", "done": i % 2 == 0, **more}


def without(name: str) -> Body:
    return lambda i: {key: value for key, value in thing(i).items() if key != name}


untitled = without("title")


def uuid(i: int) -> str:
    return f"8f14e45f-ceea-467f-a9f1-{i:012x}"


# (kind, learned from, fresh answers that show it, fresh answers that don't, place)
CASES: list[tuple[str, Body, Body, Body, str]] = [
    ("field-removed", thing, without("done"), thing, "json.done"),
    ("field-removed", thing, lambda i: {"error": "no"}, thing, "json.done"),
    (
        "field-became-optional",
        lambda i: [thing(i)] * 30,
        lambda i: [thing(i), without("done")(i)],
        lambda i: [thing(i)],
        "json[].done",
    ),
    (
        "optional-field-removed",
        lambda i: [thing(i, note="some words"), thing(i)] * 20,
        lambda i: [thing(i)] * 40,
        lambda i: [thing(i, note="other words"), thing(i)],
        "json[].note",
    ),
    ("became-nullable", thing, lambda i: thing(i, title=None), thing, "json.title"),
    ("type-changed", thing, lambda i: thing(i, id=f"x-{i}"), thing, "json.id"),
    (
        "type-changed",
        lambda i: thing(i, o={"a": 1}),
        lambda i: thing(i, o=[1]),
        lambda i: thing(i, o={"a": 2}),
        "json.o",
    ),
    (
        "type-widened",
        lambda i: [thing(i)] * 30,
        lambda i: [thing(i), thing(i, id=str(i))],
        lambda i: [thing(i)],
        "json[].id",
    ),
    ("type-widened", thing, lambda i: thing(i, id=i + 0.5), thing, "json.id"),
    (
        "item-type-changed",
        lambda i: thing(i, tags=["a b", "c d"]),
        lambda i: thing(i, tags=[1, 2]),
        lambda i: thing(i, tags=["e f", "g h"]),
        "json.tags[]",
    ),
    ("field-added", thing, lambda i: thing(i, priority=1), thing, "json.priority"),
    (
        "enum-value-added",
        lambda i: thing(i, state=WORDS[i % 3]),
        lambda i: thing(i, state="deleted"),
        lambda i: thing(i, state="open"),
        "json.state",
    ),
    (
        "constant-changed",
        lambda i: thing(i, object="thing"),
        lambda i: thing(i, object="item"),
        lambda i: thing(i, object="thing"),
        "json.object",
    ),
    (
        "format-changed",
        lambda i: thing(i, at=f"2026-11-{i % 28 + 1:02}T10:00:00Z"),
        lambda i: thing(i, at=f"2026-11-{i % 28 + 1:02}"),
        lambda i: thing(i, at="2026-01-01T00:00:00+01:00"),
        "json.at",
    ),
    (
        "id-form-changed",
        lambda i: thing(i, charge=f"cus_{i:06}Xy"),
        lambda i: thing(i, charge=f"acct_{i:06}Xy"),
        lambda i: thing(i, charge="cus_000099Zz"),
        "json.charge",
    ),
    (
        "union-branch-added",
        lambda i: [{"type": "card", "last": f"no {i}"}, {"type": "bank", "iban": f"of {i}"}] * 10,
        lambda i: [{"type": "crypto", "coin": "B"}],
        lambda i: [{"type": "bank", "iban": "E"}],
        "json[].type",
    ),
    (
        "discriminator-gone",
        lambda i: [{"type": "card", "last": f"no {i}"}, {"type": "bank", "iban": f"of {i}"}] * 10,
        lambda i: [{"last": "no 4"}, {"iban": "of 4"}],
        lambda i: [{"type": "card", "last": "9"}],
        "json[].type",
    ),
    ("body-wrapped", thing, lambda i: {"data": thing(i)}, thing, "json"),
    ("body-wrapped", lambda i: [thing(i)], lambda i: {"items": [thing(i)], "next": None}, lambda i: [thing(i)], "json"),
    ("body-wrapped", lambda i: {"data": thing(i)}, thing, lambda i: {"data": thing(i)}, "json"),
    ("field-renamed", thing, lambda i: {"finished": True, **without("done")(i)}, thing, "json.done"),
    (
        "field-moved",
        lambda i: thing(i, street="a b", city="c d"),
        lambda i: thing(i, address={"street": "a b", "city": "c d"}),
        lambda i: thing(i, street="e f", city="g h"),
        "json.street",
    ),
]


@pytest.mark.parametrize(("kind", "old", "new", "same", "place"), CASES, ids=[f"{c[0]} {c[4]}" for c in CASES])
def test_the_smallest_pair_shows_it_and_its_twin_does_not(
    kind: str, old: Body, new: Body, same: Body, place: str
) -> None:
    contract = learned(items(old, 40))
    assert kinds(compare(contract, items(same, 5))) == []
    found = compare(contract, items(new, 5))
    shown = [drift for drift in found if drift.kind == kind]
    assert len(shown) == 1, kinds(found)
    assert place in shown[0].places
    assert shown[0].operations == ("GET /things/{id}",)
    assert not shown[0].suspect
    assert "answers" in KINDS[kind].found
    # One finding for one cause; a new field beside the change is one of its own.
    assert set(kinds(found)) <= {kind, "field-added"}


@pytest.mark.parametrize(("kind", "old", "new", "same", "place"), CASES, ids=[f"{c[0]} {c[4]}" for c in CASES])
def test_evidence_shows_it_to_evidence_as_surely_and_under_the_same_mark(
    kind: str, old: Body, new: Body, same: Body, place: str
) -> None:
    contract = learned(items(old, 40))
    assert diff(contract, learned(items(same, 5))) == []
    found, asked = diff(contract, learned(items(new, 5))), compare(contract, items(new, 5))
    assert [(one.kind, one.at, one.severity, one.certainty, one.fingerprint) for one in found] == [
        (one.kind, one.at, one.severity, one.certainty, one.fingerprint) for one in asked
    ]
    assert {"evidence", "answers"} <= {*KINDS[kind].found}


def test_a_document_is_certain_at_the_first_answer() -> None:
    contract = document({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]})
    (drift,) = compare(contract, [exchange("/things/7", {"id": "7"})])
    assert (drift.kind, drift.certainty, drift.before) == ("type-changed", "firm", "integer, says the document")
    assert compare(contract, [exchange("/things/7", {"id": 7})]) == []


def test_what_only_one_kind_of_objects_has_is_not_gone_where_that_kind_does_not_come() -> None:
    def entry(kind: str, i: int, **more: Any) -> dict[str, Any]:
        return {"kind": kind, "data": {"id": i, "note": "w w", **more}}

    both: Body = lambda i: [entry("comment", i, text="x y"), entry("post", i)] * 20  # noqa: E731  the table's type
    contract = learned(items(both, 9))
    posts = items(lambda i: [entry("post", i)] * 40, 5)
    assert {one.severity for one in compare(contract, posts)} <= {Severity.INFO}
    without_text = items(lambda i: [entry("comment", i), entry("post", i)] * 20, 5)
    assert {(one.kind, one.place) for one in compare(contract, without_text)} == {
        ("optional-field-removed", "json[].data.text")
    }


def test_the_page_of_one_answer_does_not_say_what_is_gone_that_came_sometimes() -> None:
    contract = learned(items(lambda i: [thing(i, note="some words"), thing(i)] * 20, 9))
    page: Body = lambda i: [thing(i)] * 40  # noqa: E731  the table's type
    assert compare(contract, items(page, 1)) == []
    assert kinds(compare(contract, items(page, 2))) == ["optional-field-removed"]


def test_a_rename_among_several_needs_names_alike() -> None:
    old: Body = lambda i: {"first_name": "a b", "last_name": "c d", "id": i}  # noqa: E731  it has the type of the table
    contract = learned(items(old, 40))
    found = compare(contract, items(lambda i: {"firstName": "a b", "lastName": "c d", "id": i}, 5))
    assert [(drift.kind, drift.place, drift.detail) for drift in found] == [
        ("field-renamed", "json.first_name", "firstName"),
        ("field-renamed", "json.last_name", "lastName"),
    ]
    found = compare(contract, items(lambda i: {"uvw": "a b", "xyz": "c d", "id": i}, 5))
    assert sorted(kinds(found)) == ["field-added", "field-added", "field-removed", "field-removed"]


def test_a_new_field_of_another_type_is_no_rename() -> None:
    found = compare(learned(items(thing, 40)), items(lambda i: {"finished": "yes", **without("done")(i)}, 5))
    assert sorted(kinds(found)) == ["field-added", "field-removed"]


def test_a_subtree_that_is_gone_is_one_finding() -> None:
    contract = learned(items(lambda i: thing(i, owner={"name": {"first": "a b"}, "id": 1}), 40))
    assert [(one.kind, one.places) for one in compare(contract, items(thing, 5))] == [
        ("field-removed", ("json.owner",))
    ]


def test_an_object_of_which_nothing_is_left_is_one_finding_with_its_places() -> None:
    found = compare(learned(items(thing, 40)), items(lambda i: {"error": "gone"}, 5))
    (removed,) = [drift for drift in found if drift.kind == "field-removed"]
    assert removed.places == ("json.done", "json.id", "json.title")
    assert removed.sentence == "the field done, id, title is gone"


def test_what_changes_inside_an_envelope_is_found_too() -> None:
    found = compare(learned(items(thing, 40)), items(lambda i: {"data": thing(i, title=None)}, 5))
    assert [(drift.kind, drift.place) for drift in found] == [
        ("body-wrapped", "json"),
        ("became-nullable", "json.title"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (lambda i: thing(i, note=None), lambda i: thing(i, note="text")),
        (lambda i: thing(i, tags=[]), lambda i: thing(i, tags=[{"a": 1}])),
        (lambda i: thing(i, note=None), lambda i: thing(i, note={"deep": [1]})),
    ],
)
def test_a_value_where_only_null_or_nothing_was_seen_is_learning(old: Body, new: Body) -> None:
    found = compare(learned(items(old, 40)), items(new, 5))
    assert [(one.kind, one.severity) for one in found] == [("first-value", Severity.INFO)]
    assert Verdict.of(found) is Verdict.OK


def test_integral_values_where_integers_were_are_only_risky() -> None:
    contract = learned(items(thing, 40))
    assert [d.severity for d in compare(contract, items(lambda i: thing(i, id=float(i)), 5))] == [Severity.RISKY]
    assert [d.severity for d in compare(contract, items(lambda i: thing(i, id=i + 0.5), 5))] == [Severity.BREAKING]


def test_an_integer_where_numbers_were_is_nothing() -> None:
    contract = learned(items(lambda i: thing(i, price=i + 0.5), 40))
    assert compare(contract, items(lambda i: thing(i, price=i), 5)) == []


def test_map_keys_are_data() -> None:
    contract = learned(items(lambda i: {"rates": {f"2026-01-{d:02}": 1.5 for d in range(1, 28)}}, 40))
    assert compare(contract, items(lambda i: {"rates": {"2027-02-01": 2.5}}, 5)) == []
    (drift,) = compare(contract, items(lambda i: {"rates": {"2027-02-01": "2.5"}}, 5))
    assert (drift.kind, drift.place) == ("type-changed", "json.rates.*")


def test_keys_that_are_data_are_one_addition_without_their_names() -> None:
    contract = learned(items(thing, 40))
    (drift,) = compare(contract, items(lambda i: thing(i, **{f"bob{n}@example.com": 1 for n in range(40)}), 5))
    assert (drift.kind, drift.place, drift.now) == ("field-added", "json.*", "40 keys, in 5 answers")


@pytest.mark.parametrize(("value", "shown"), [("deleted", '"deleted"'), ("Bob Miller, 4 Elm Street", "another value")])
def test_a_new_value_is_shown_only_where_it_looks_like_a_word_of_a_program(value: str, shown: str) -> None:
    contract = learned(items(lambda i: thing(i, state=WORDS[i % 3]), 40))
    (drift,) = compare(contract, items(lambda i: thing(i, state=value), 5))
    assert drift.before.startswith('"closed", "draft", "open" in all 40 strings seen')
    assert drift.now == f"{shown} in all 5 values, in 5 answers"


def test_evidence_is_said_before_and_now() -> None:
    contract = learned([exchange("/things", [thing(i) for i in range(200)])])
    fresh = exchange("/things", [thing(i, done="yes") for i in range(200)])
    (drift,) = compare(contract, [fresh])
    assert drift.before == "boolean in all 200 values seen, in 1 response, on 2026-11-20"
    assert drift.now == "string in all 200 values, in 1 answer"
    assert drift.sentence == "done has another type"


class TestCertainty:
    def test_a_contradiction_of_little_evidence_is_a_suspicion(self) -> None:
        contract = learned(items(thing, 3))
        (drift,) = compare(contract, items(untitled, 1))
        assert (drift.kind, drift.certainty, drift.suspect) == ("field-removed", "suspect", True)
        assert "too little was seen" in drift.suggestion

    @pytest.mark.parametrize("count", [1, 3])
    def test_a_null_where_little_was_seen_is_what_traffic_does(self, count: int) -> None:
        contract = learned(items(thing, count))
        (drift,) = compare(contract, items(lambda i: thing(i, title=None), 1))
        assert (drift.kind, drift.severity, drift.suspect) == ("became-nullable", Severity.INFO, False)
        assert Verdict.of([drift]) is Verdict.OK

    def test_a_null_where_much_was_seen_is_suspect(self) -> None:
        (drift,) = compare(learned(items(thing, 12)), items(lambda i: thing(i, title=None), 1))
        assert drift.suspect

    def test_many_nulls_on_a_page_are_more_than_one(self) -> None:
        contract = learned([exchange("/things", [thing(i) for i in range(100)])])
        some = compare(contract, [exchange("/things", [thing(i, title=None if i < 2 else "t") for i in range(200)])])
        every = compare(contract, [exchange("/things", [thing(i, title=None) for i in range(200)])])
        assert [Verdict.of(some), Verdict.of(every)] == [Verdict.SUSPECT, Verdict.DRIFT]

    @pytest.mark.parametrize("change", ["removed", "null", "type"])
    def test_more_answers_to_distinct_requests_decide(self, change: str) -> None:
        changed = {"removed": untitled, "null": lambda i: thing(i, title=None), "type": lambda i: thing(i, title=i)}
        contract = learned(items(thing, 1))
        found = [Verdict.of(compare(contract, items(changed[change], count))) for count in range(1, 6)]
        assert found[0] is (Verdict.OK if change == "null" else Verdict.SUSPECT)
        assert found[-1] is Verdict.DRIFT
        assert found == sorted(found, key=[Verdict.OK, Verdict.SUSPECT, Verdict.DRIFT].index)

    def test_one_target_asked_again_is_one_fact(self) -> None:
        contract = learned(items(thing, 1))
        again = [exchange("/things/1", untitled(1)) for _ in range(10)]
        assert [drift.suspect for drift in compare(contract, again)] == [True]

    def test_one_target_that_was_sent_different_bodies_is_as_many_facts(self) -> None:
        def made(i: int, body: Any) -> Exchange:
            sent = Request("POST", BASE + "/things", JSON, json.dumps({"title": f"t{i}"}).encode())
            return Exchange(sent, Response(201, JSON, json.dumps(body).encode()))

        contract = learned([made(0, thing(1))])
        found = [Verdict.of(compare(contract, [made(i, untitled(i)) for i in range(count)])) for count in (1, 5)]
        assert found == [Verdict.SUSPECT, Verdict.DRIFT]

    def test_a_body_that_is_refused_says_nothing_of_others(self) -> None:
        def sent(title: str, status: int) -> Exchange:
            request = Request("POST", BASE + "/things", JSON, json.dumps({"title": title}).encode())
            return Exchange(request, Response(status, JSON, b"{}"))

        contract = learned([sent("a", 201)])
        assert kinds(compare(contract, [sent("", 422)])) == ["error-status-added"]
        assert compare(contract, [sent("", 422)], known_good={"/things"})[0].kind == "success-gone"

    def test_json_that_was_broken_before_is_no_news(self) -> None:
        broken = [exchange("/things", thing(1)), exchange("/things?x=1", b'{"id": <<ID>>}')]
        assert compare(learned(broken), [exchange("/things?x=2", b'{"id": <<OTHER>>}')]) == []
        (drift,) = compare(learned(broken[:1]), broken[1:])
        assert (drift.kind, drift.suspect) == ("json-malformed", True)

    def test_operations_that_show_the_same_add_up(self) -> None:
        exchanges = [exchange("/things", [thing(i) for i in range(4)]), *items(thing, 4)]
        fresh = [
            exchange("/things", [untitled(i) for i in range(4)]),
            *items(untitled, 1),
        ]
        contract = learned(exchanges)
        assert [drift.suspect for drift in compare(contract, fresh[:1])] == [True]
        (drift,) = compare(contract, fresh)
        assert not drift.suspect
        assert drift.at == (("GET /things", "json[].title"), ("GET /things/{id}", "json.title"))


class TestFingerprints:
    def test_they_stay_the_same_whatever_was_sampled(self) -> None:
        exchanges = [exchange("/things", [thing(i) for i in range(200)]), *items(thing, 10)]
        contract = learned(exchanges)
        mixed = exchange("/things", [thing(1), thing(2, id="2")])
        one = compare(contract, [mixed])
        other = compare(contract, items(lambda i: thing(i, id=str(i)), 3))
        both = compare(contract, [mixed, *items(lambda i: thing(i, id=str(i)), 3)])
        assert len({drift.fingerprint for drift in (*one, *other, *both)}) == 1
        assert [drift.kind for drift in both] == ["type-widened"]

    def test_they_differ_by_place_and_kind(self) -> None:
        contract = learned(items(thing, 40))
        found = compare(contract, items(lambda i: {"id": None, "title": None}, 5))
        assert len({drift.fingerprint for drift in found}) == len(found) == 3


def test_things_of_one_name_with_other_keys_are_apart() -> None:
    old = [
        *[exchange(f"/a/{i}/things", [{"id": i, "size": 1}] * 5) for i in range(10, 40)],
        *[exchange(f"/b/{i}/things", [{"id": i, "colour": "red", "shade": "dark red"}] * 5) for i in range(10, 40)],
    ]
    fresh = [
        *[exchange(f"/a/{i}/things", [{"id": None, "size": 1}] * 5) for i in range(10, 14)],
        *[exchange(f"/b/{i}/things", [{"id": None, "colour": "red", "shade": "dark red"}] * 5) for i in range(10, 14)],
    ]
    fresh.append(exchange("/a/9/things", [{"id": 3, "size": 1}]))
    contract = learned([*old, exchange("/c", {"x": 1})])
    found = compare(contract, [*fresh, exchange("/c", {"x": 1})])
    assert [len(drift.operations) for drift in found] == [1, 1]
    assert len({drift.fingerprint for drift in found}) == 2


def test_what_every_operation_shows_is_one_finding_of_the_api() -> None:
    names = ("/things", "/users", "/orders")
    contract = learned([exchange(name, [{"id": i, name[1:3]: 1} for i in range(200)]) for name in names])
    fresh = [exchange(name, {"data": [{"id": i, name[1:3]: 1} for i in range(200)]}) for name in names]
    (drift,) = compare(contract, fresh)
    assert (drift.kind, len(drift.operations)) == ("body-wrapped", 3)


def test_the_items_of_a_list_say_where_they_lie() -> None:
    pages = [exchange(f"/things?page={page}", [thing(30 * page + i) for i in range(30)]) for page in (1, 2)]
    fresh = [
        exchange(one.request.url.removeprefix(BASE), {"data": one.response.json()}) for one in pages if one.response
    ]
    (drift,) = compare(learned(pages), fresh)
    assert (drift.kind, drift.suspect) == ("body-wrapped", False)


def test_a_subtree_that_moved_is_one_finding_wherever_it_shows() -> None:
    def old(i: int) -> dict[str, Any]:
        return thing(i, address={"city": "a b", "zip": "c d"})

    def new(i: int) -> dict[str, Any]:
        return thing(i, contact={"address": {"city": "a b", "zip": "c d"}})

    def answers(body: Body) -> list[Exchange]:
        return [exchange("/things", [body(i) for i in range(8)]), *items(body, 8)]

    found = compare(learned(answers(old)), answers(new))
    assert kinds(found) == ["field-moved"]
    assert found[0].sentence == "the field address seems to have moved to json.contact.address"
    assert found[0].at == (("GET /things", "json[].address"), ("GET /things/{id}", "json.address"))
    # Its mark doesn't depend on which of them was asked.
    alone = compare(learned(items(old, 8)), items(new, 8))
    assert [drift.fingerprint for drift in alone] == [found[0].fingerprint]


def test_a_list_inside_a_body_is_the_same_thing_as_its_own_operation() -> None:
    exchanges = [
        exchange("/things", [thing(i) for i in range(200)]),
        exchange("/db", {"things": [thing(i) for i in range(200)], "n": 1}),
    ]
    fresh = [
        exchange("/things", [thing(i, title=None) for i in range(200)]),
        exchange("/db", {"things": [thing(i, title=None) for i in range(200)], "n": 1}),
    ]
    (drift,) = compare(learned(exchanges), fresh)
    assert drift.at == (("GET /db", "json.things[].title"), ("GET /things", "json[].title"))


def test_exchanges_of_others_say_nothing() -> None:
    contract = learned(items(thing, 5))
    elsewhere = Exchange(Request("GET", "https://other.test/things/1"), Response(200, JSON, b"[]"))
    unknown = exchange("/nothing", {"a": 1})
    unanswered = Exchange(Request("GET", BASE + "/things/1"))
    assert compare(contract, [elsewhere, unknown, unanswered]) == []


def test_a_new_status_hides_nothing_of_the_body() -> None:
    def renamed(i: int) -> dict[str, Any]:
        one = thing(i)
        return {"id": one["id"], "heading": one["title"], "done": one["done"]}

    contract = learned(items(thing, 40))
    found = compare(contract, items(renamed, 3, status=202), known_good=targets(3))
    assert {one.kind for one in found} == {"success-status-changed", "field-renamed"}
    (moved,) = [one for one in found if one.kind == "field-renamed"]
    assert moved.places == ("json.title",)
    assert kinds(compare(contract, items(thing, 3, status=202), known_good=targets(3))) == ["success-status-changed"]
    assert kinds(compare(contract, [exchange("/things/1", b"", 204)], known_good=targets(1))) == ["body-empty"]
