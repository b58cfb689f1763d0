"""Refusals that name a field: what is learned from them of the request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.contract.counts import RecordingCounts
from lookalike.contract.learning import learn
from lookalike.contract.recording import learn_exchanges
from lookalike.contract.refusals import named
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # GitHub
        ({"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing_field"}]},
         {"title": "missing"}),
        ({"errors": [{"resource": "Label", "code": "already_exists", "field": "name"}]}, {"name": "invalid"}),
        # Linode
        ({"errors": [{"field": "region", "reason": "region is required"}, {"reason": "Not found"}]},
         {"region": "missing"}),
        # Rails, Django REST framework
        ({"errors": {"title": ["can't be blank"], "size": ["is too long"]}}, {"title": "missing", "size": "invalid"}),
        ({"title": ["This field is required."], "non_field_errors": ["No."]}, {"title": "missing"}),
        # FastAPI
        ({"detail": [{"loc": ["body", "lines", 0, "sku"], "msg": "field required", "type": "value_error.missing"}]},
         {"lines.sku": "missing"}),
        # JSON:API
        ({"errors": [{"source": {"pointer": "/data/attributes/title"}, "detail": "is too short"}]},
         {"title": "invalid"}),
        ({"errors": [{"source": {"parameter": "sort"}, "title": "Invalid"}]}, {"sort": "invalid"}),
        # Stripe
        ({"error": {"code": "parameter_missing", "param": "items[0][price]", "type": "invalid_request_error"}},
         {"items.price": "missing"}),
        # Google, Microsoft, RFC 9457
        ({"error": {"code": 400, "details": [{"fieldViolations": [{"field": "page.size", "description": "bad"}]}]}},
         {"page.size": "invalid"}),
        ({"error": {"code": "BadArgument", "target": "ContactInfo", "details": [
            {"code": "NullValue", "target": "Phone", "message": "must not be null"}]}},
         {"ContactInfo": "invalid", "Phone": "missing"}),
        ({"title": "Invalid", "invalid-params": [{"name": "age", "reason": "must be positive"}]}, {"age": "invalid"}),
        # what names nothing
        ({"message": "Bad Request"}, {}), ("no", {}), ([], {}), ({"error": {"name": "x"}}, {}),
        # what may not be kept
        ({"errors": [{"field": "ada@example.com", "code": "invalid"}, {"field": "a b c", "code": "invalid"}]}, {}),
    ],
)  # fmt: skip
def test_fields_that_refusals_name(body: Any, expected: Any) -> None:
    assert named(body) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["field", "title", "is required", "", "a.b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["errors", "field", "loc", "source", "detail", "name", "code"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_read(body: Any) -> None:
    assert set(named(body).values()) <= {"missing", "invalid"}


def sent(body: Any, status: int, answer: Any) -> Exchange:
    request = Request("POST", BASE + "/orders", {"Content-Type": "application/json"}, json.dumps(body).encode())
    return Exchange(request, Response(status, json=answer))


REFUSED = sent({"note": "x"}, 422, {"errors": [{"field": "customer", "code": "missing_field"}]})


def test_the_document_says_what_was_refused_and_why() -> None:
    accepted = sent({"customer": 7, "note": "x"}, 201, {"id": 1})
    body = learn([accepted, REFUSED], base_url=BASE).document.root["paths"]["/orders"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert schema["properties"]["customer"] == {"type": "integer", "x-refused": ["missing"]}
    assert schema["required"] == ["customer", "note"]


def test_a_parameter_is_required_only_where_a_refusal_is_about_it() -> None:
    def asked(query: str, status: int, answer: Any) -> Exchange:
        return Exchange(Request("GET", f"{BASE}/search{query}"), Response(status, json=answer))

    refused = asked("", 422, {"errors": [{"field": "q", "code": "missing"}]})
    found = learn([asked("?q=a&sort=b", 200, [{"id": 1}]), refused], base_url=BASE).document.root
    needed = {one["name"]: one.get("required", False) for one in found["paths"]["/search"]["get"]["parameters"]}
    assert needed == {"q": True, "sort": False}


def test_what_refusals_name_adds_up_and_is_read_again() -> None:
    both = learn_exchanges([REFUSED, REFUSED], base_url=BASE)
    one = learn_exchanges([REFUSED], base_url=BASE)
    assert (one + one).to_json() == both.to_json() == RecordingCounts.from_json(both.to_json()).to_json()
    assert both.operations["POST", ("orders",)].refused.named == {"customer": {"missing": 2}}
