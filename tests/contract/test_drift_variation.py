"""What real answers lack that isn't gone: they are older, asked for by somebody else, of another variant, or an echo;
beside each the twin that is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.learning import learn
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
JSON = {"Content-Type": "application/json"}
SCOPES = {"X-OAuth-Scopes": "repo"}


def answer(
    body: Any, path: str = "/things/1", *, day: str = "", sent: Any = None, headers: Mapping[str, str] | None = None,
    asked: Mapping[str, str] | None = None, method: str = "", status: int = 200,
) -> Exchange:  # fmt: skip
    content = json.dumps(sent).encode() if sent is not None else b""
    request = Request(method or ("POST" if content else "GET"), BASE + path, asked or {}, content)
    response = Response(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode())
    return Exchange(request, response, day=day)


def held(known: Sequence[Exchange], *fresh: Exchange) -> list[Drift]:
    return compare(learn(known, base_url=BASE), fresh)


def told(drifts: Sequence[Drift]) -> list[tuple[str, str]]:
    return sorted(
        (one.kind, place) for one in drifts if one.severity.rank <= Severity.RISKY.rank for place in one.places
    )


NOW = {"id": 1, "name": "a", "node": "x", "owner": {"id": 2, "node": "y"}}
OLD = {"id": 1, "name": "a", "owner": {"id": 2}}


def test_an_older_answer_of_another_representation_is_history() -> None:
    drifts = held([answer(NOW, day="2024-01-01")], answer(OLD, day="2020-01-01"))
    assert {(one.kind, one.severity) for one in drifts} == {("field-removed", Severity.INFO)}
    assert all("older" in one.now for one in drifts)
    assert Verdict.of(drifts) is Verdict.OK


@pytest.mark.parametrize("day", ["2024-01-01", "2025-01-01", ""])
def test_the_same_in_an_answer_that_is_no_older_is_told(day: str) -> None:
    drifts = held([answer(NOW, day="2024-01-01")], answer(OLD, day=day))
    assert told(drifts) == [("field-removed", "json.node"), ("field-removed", "json.owner.node")]
    assert Verdict.of(drifts) is Verdict.SUSPECT


def test_a_single_key_that_an_older_answer_lacks_is_told() -> None:
    fresh = {key: value for key, value in NOW.items() if key != "name"}
    drifts = held([answer(NOW, day="2024-01-01")], answer(fresh, day="2020-01-01"))
    assert told(drifts) == [("field-removed", "json.name")]


def test_a_single_key_whose_name_older_answers_are_known_to_lack_is_history() -> None:
    known = [
        answer({**NOW, "node": "x"}, "/things/1", day="2024-01-01"),
        answer({"id": 1, "name": "a", "owner": {"id": 2, "node": "y"}}, "/things/2", day="2023-01-01"),
    ]
    older = answer(OLD, "/things/3", day="2020-01-01")
    assert told(held(known, older)) == []
    elsewhere = {"id": 1, "name": "a", "node": "x", "owner": {"id": 2}}
    assert told(held(known, answer(elsewhere, "/things/3", day="2020-01-01"))) == [("field-removed", "json.owner.node")]


def test_among_older_answers_a_fresh_one_still_tells() -> None:
    known = [answer(NOW, day="2024-01-01")]
    fresh = [answer(OLD, f"/things/{n}", day="2020-01-01") for n in (2, 3)]
    fresh.append(answer(OLD, "/things/4", day="2025-01-01"))
    drifts = held(known, *fresh)
    assert told(drifts) == [("field-removed", "json.node"), ("field-removed", "json.owner.node")]
    assert all(one.suspect for one in drifts)


def test_some_items_without_keys_in_an_older_answer_are_history() -> None:
    known = [answer([NOW] * 40, f"/things?page={n}", day="2024-01-01") for n in range(6)]
    some = [NOW, OLD]
    assert told(held(known, answer(some, "/things?page=9", day="2020-01-01"))) == []
    assert told(held(known, answer(some, "/things?page=9", day="2025-01-01"))) != []


FULL = {"id": 1, "name": "a", "plan": "x", "disk": 3}
LESS = {"id": 1, "name": "a"}
SIGNED = {"Authorization": "Bearer x"}


def test_who_asks_without_credentials_sees_less() -> None:
    known = [answer(FULL, headers=SCOPES, asked=SIGNED)]
    assert told(held(known, answer(LESS, "/things/2"))) == []


@pytest.mark.parametrize(
    ("known", "fresh"),
    [
        (answer(FULL, headers=SCOPES), answer(LESS, "/things/2", headers=SCOPES)),
        (answer(FULL, headers=SCOPES), answer(LESS, "/things/2", asked=SIGNED)),
        (answer(FULL), answer(LESS, "/things/2")),
    ],
)
def test_who_asks_with_the_same_credentials_is_told(known: Exchange, fresh: Exchange) -> None:
    assert told(held([known], fresh)) == [("field-removed", "json.disk"), ("field-removed", "json.plan")]


@pytest.mark.parametrize(
    ("known", "fresh", "expected"),
    [
        ({"type": "card", "card": {"n": 1}}, {"type": "iban"}, []),
        ({"type": "card", "card": {"n": 1}}, {"type": "card"}, [("field-removed", "json.card")]),
        ({"by": {"type": "Org-Unit"}, "org_unit": 1}, {"by": {"type": "User"}}, []),
        ({"by": {"type": "User"}, "org_unit": 1}, {"by": {"type": "Bot"}}, [("field-removed", "json.org_unit")]),
        ({"type": "card", "card": {"n": 1}}, {"type": None}, [("field-removed", "json.card")]),
    ],
)
def test_a_key_that_a_tag_names_comes_with_that_tag(known: Any, fresh: Any, expected: Any) -> None:
    drifts = held([answer({"id": 1, **known})], answer({"id": 2, **fresh}, "/things/2"))
    assert [one for one in told(drifts) if one[0] == "field-removed"] == expected


def test_items_of_a_variant_never_seen_are_no_removal() -> None:
    known = [answer([{"id": 1, "type": "message", "content": "x", "role": "r"}])]
    call = {"id": 2, "type": "call", "arguments": "y"}
    assert told(held(known, answer([call], "/things/2"))) == []
    same = {"id": 2, "type": "message", "arguments": "y"}
    assert ("field-removed", "json[].role") in told(held(known, answer([same], "/things/2")))
    fewer = {"id": 2, "type": "call"}
    assert ("field-removed", "json[].role") in told(held(known, answer([fewer], "/things/2")))


def test_what_merely_mirrors_the_request_is_whoever_asks() -> None:
    def echo(rule: Any, said: Any = None) -> Exchange:
        return answer({"id": 1, "rules": {"inbound": [said or rule]}}, sent={"rules": {"inbound": [rule]}})

    both = {"ports": "80", "action": "drop"}
    assert told(held([echo(both)], echo({"action": "drop"}))) == []
    assert told(held([echo(both)], echo(both, {"action": "drop"}))) == [("field-removed", "json.rules.inbound[].ports")]
    added = echo({"action": "drop"}, {"action": "drop", "label": "x"})
    assert told(held([echo(both)], added)) == [("field-removed", "json.rules.inbound[].ports")]
    broken = answer({"id": 1, "rules": {"inbound": [{"action": "drop"}]}}, sent=1)
    broken = Exchange(Request("POST", BASE + "/things/1", {}, b"{"), broken.response)
    assert told(held([echo(both)], broken)) == [("field-removed", "json.rules.inbound[].ports")]


def monitor(number: int, sent: Any, made: Any = None, **options: Any) -> Exchange:
    return answer(
        {"id": number, **(sent if made is None else made)}, f"/things/{number}", sent=sent, asked=JSON, **options
    )


FULL = {"name": "a", "priority": 3, "options": {"timeout": 5, "locked": True, "message": "x"}, "tags": ["a"]}


def test_what_came_as_it_was_sent_is_not_gone_where_it_was_left_out() -> None:
    without = {"name": "b", "options": {"timeout": 5}}
    assert told(held([monitor(1, FULL)], monitor(2, without))) == []
    # inside of what somebody made a single one says enough
    deep = {"config": {"proxy": {"host": "a", "port": 1}}}
    assert told(held([monitor(1, deep)], monitor(2, {"config": {"proxy": {"host": "a"}}}))) == []
    # ... and at the top it says nothing: the API may have filled it in
    alone = {name: value for name, value in FULL.items() if name != "priority"}
    assert told(held([monitor(1, FULL)], monitor(2, alone))) == [("field-removed", "json.priority")]
    # ... as it does here for the others that were left out
    filled = {**without, "tags": [], "options": FULL["options"]}
    assert told(held([monitor(1, FULL)], monitor(2, without, filled))) == [("field-removed", "json.priority")]


def test_what_the_api_gave_and_was_sent_back_is_gone() -> None:
    linked = FULL | {"_links": {"self": {"href": "/1", "hints": {"allow": ["GET"]}}}}
    lost = {"id": 2, **FULL, "_links": {"self": {"href": "/1"}}}
    assert told(held([monitor(1, linked)], monitor(2, FULL, lost))) == [("field-removed", "json._links.self.hints")]


def test_links_of_another_state_are_other_links() -> None:
    link = {"href": "/x"}
    active = answer({"id": 1, "_links": {"self": link, "deactivate": link}})
    assert told(held([active], answer({"id": 2, "_links": {"self": link, "activate": link}}, "/things/2"))) == []
    fewer = answer({"id": 2, "_links": {"self": link}}, "/things/2")
    assert told(held([active], fewer)) == [("field-removed", "json._links.deactivate")]
    other = answer({"id": 2, "_links": {"deactivate": link, "factors": link}}, "/things/2")
    assert told(held([active], other)) == [("field-renamed", "json._links.self")]
    many = [answer({"id": n, "_links": {"self": link, "deactivate": link}}, f"/things/{n}") for n in range(40)]
    renamed = answer({"id": 2, "_links": {"self": link, "activate": link}}, "/things/2")
    assert told(held(many, renamed)) == [("field-renamed", "json._links.deactivate")]


def test_what_was_sent_and_does_not_come_is_gone() -> None:
    lost = {"name": "b", "priority": 1, "options": {"timeout": 5, "message": "y"}, "tags": []}
    assert told(held([monitor(1, FULL)], monitor(2, FULL, lost))) == [("field-removed", "json.options.locked")]
    # what is only ever sent is missing in all answers, and no company for what is gone
    secret = FULL | {"password": "p"}
    plain = {name: value for name, value in FULL.items() if name != "priority"}
    assert told(held([monitor(1, secret, FULL)], monitor(2, plain))) == [("field-removed", "json.priority")]


def test_a_change_of_a_part_leaves_out_what_stays() -> None:
    patch = {"name": "b"}
    lost = {name: value for name, value in FULL.items() if name not in ("priority", "tags")}
    drifts = held([monitor(1, FULL, method="PATCH")], monitor(2, patch, lost, method="PATCH"))
    assert told(drifts) == [("field-removed", "json.priority"), ("field-removed", "json.tags")]


def test_what_was_not_always_sent_is_filled_in() -> None:
    known = [monitor(1, FULL), monitor(2, {"name": "a"}, FULL)]
    lost = {"name": "b", "options": FULL["options"]}
    assert told(held(known, monitor(3, lost))) == [("field-removed", "json.priority"), ("field-removed", "json.tags")]


def test_what_was_sent_in_another_form_comes_in_that_form() -> None:
    listed = FULL | {"options": [1]}
    assert told(held([monitor(1, FULL)], monitor(2, listed))) == []
    assert told(held([monitor(1, FULL)], monitor(2, FULL, listed))) == [("type-changed", "json.options")]
    deep = {"definition": {"requests": {"fill": {"q": "x"}, "size": {"q": "y"}}, "title": "t", "show": True}}
    wrapped = {"definition": {"view": deep["definition"]}}
    assert told(held([monitor(1, deep)], monitor(2, wrapped))) == []
    assert told(held([monitor(1, deep)], monitor(2, deep, wrapped))) == [("body-wrapped", "json.definition")]


@pytest.mark.parametrize("envelope", [lambda made: {"data": made}, lambda made: {"data": [made], "errors": []}])
def test_what_was_sent_is_found_inside_of_an_envelope(envelope: Any) -> None:
    without = {"name": "b", "options": FULL["options"]}
    assert told(held([monitor(1, FULL, envelope(FULL))], monitor(2, without, envelope(without)))) == []


@pytest.mark.parametrize("query", ["fields=id,name", "$select=id,name", "fields[things]=id,name", "fl=id%20name"])
def test_what_was_not_picked_by_name_is_not_gone(query: str) -> None:
    known = [answer([NOW], "/things")]
    picked = answer([{"id": 2, "name": "b"}], f"/things?{query}")
    assert told(held(known, picked)) == []
    lost = answer([{"id": 2}], f"/things?{query}")
    assert told(held(known, lost)) == [("field-removed", "json[].name")]


@pytest.mark.parametrize("query", ["fields=*", "fields=full", "page=id", "fields=other"])
def test_what_picks_no_keys_explains_nothing(query: str) -> None:
    lost = answer([{"id": 2, "node": "y", "owner": NOW["owner"]}], f"/things?{query}")
    assert told(held([answer([NOW], "/things")], lost)) == [("field-removed", "json[].name")]


def test_what_all_requests_picked_and_got_is_not_left_out() -> None:
    known = [answer([NOW], "/things?fields=id,name")]
    assert told(
        held(known, answer([{"id": 2, "name": "b", "owner": NOW["owner"]}], "/things?fields=id,name&page=2"))
    ) == [("field-removed", "json[].node")]


def test_what_is_inside_of_something_picked_came_with_it() -> None:
    known, lost = [answer([NOW], "/things")], {"id": 1, "owner": {"id": 2}}
    assert told(held(known, answer([lost], "/things?fields=id,owner"))) == [("field-removed", "json[].owner.node")]
    assert told(held(known, answer([lost], "/things?fields=id,owner(id)"))) == []


def test_one_page_in_which_some_lack_a_key_is_what_pages_do() -> None:
    def page(number: int, *lacking: int) -> Exchange:
        things = [{"id": n, "name": "x", "note": f"{n}"} for n in range(20)]
        for at in lacking:
            del things[at]["note"]
        return answer(things, f"/things?page={number}")

    known = [page(n) for n in range(3)]
    assert told(held(known, page(9, 4))) == []
    assert told(held(known, page(9, *range(11)))) == [("field-became-optional", "json[].note")]
    assert told(held(known, page(9, *range(20)))) == [("field-removed", "json[].note")]
    assert Verdict.of(held([page(n) for n in range(60)], *(page(90 + n, 4) for n in range(3)))) is Verdict.DRIFT


def test_not_found_that_speaks_of_what_was_sent_says_nothing_of_the_path() -> None:
    def chat(model: str, status: int, body: Any) -> Exchange:
        return answer(body, "/chat", sent={"model": model, "n": 1}, status=status)

    known = [chat("gpt-5", 200, {"id": 1, "text": "x"})]
    missing = chat("no-such", 404, {"error": {"message": "The model `no-such` does not exist."}})
    assert [one.kind for one in held(known, missing)] == ["error-status-added"]
    for body in ({"error": {"message": "Not found."}}, {"model": "no-such"}, {"error": "a no-such-thing is missing"}):
        assert [one.kind for one in held(known, chat("no-such", 404, body))] == ["path-gone"]


def test_a_value_that_was_asked_for_by_name_is_no_news() -> None:
    known = [answer([{"id": n, "status": "open"} for n in range(40)], f"/things?page={n}") for n in range(6)]
    closed = [{"id": 1, "status": "closed"}]
    assert told(held(known, answer(closed, "/things?status=closed"))) == []
    assert told(held(known, answer(closed, "/things?page=9"))) == [("constant-changed", "json[].status")]
