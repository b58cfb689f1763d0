"""Laws of comparing: what was learned from is never drift, and what is compared with itself doesn't differ."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.contract.compare import compare
from lookalike.contract.compare_contracts import diff
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
KEYS = st.sampled_from(["id", "name", "type", "data", "items", "at", "odd key", "x"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-99, 99)
    | st.floats(-9, 9)
    | st.sampled_from(["a", "b c", "2026-01-01", ""])
)
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exchanges(bodies: list[Any]) -> list[Exchange]:
    return [
        Exchange(
            Request("GET", f"{BASE}/things/{index}"),
            Response(200, {"Content-Type": "application/json"}, json.dumps(body).encode()),
        )
        for index, body in enumerate(bodies)
    ]


def serious(drifts: list[Drift]) -> list[Drift]:
    return [drift for drift in drifts if drift.severity in (Severity.BREAKING, Severity.RISKY)]


@RELAXED
@given(st.lists(BODIES, min_size=1, max_size=6))
def test_what_was_learned_from_is_no_drift(bodies: list[Any]) -> None:
    seen = exchanges(bodies)
    assert serious(compare(learn(seen, base_url=BASE), seen)) == []


@RELAXED
@given(st.lists(BODIES, min_size=1, max_size=6))
def test_a_contract_does_not_differ_from_itself(bodies: list[Any]) -> None:
    contract = learn(exchanges(bodies), base_url=BASE)
    assert diff(contract, contract) == []


@RELAXED
@given(st.lists(BODIES, min_size=1, max_size=6), st.lists(BODIES, min_size=1, max_size=3), st.randoms())
def test_findings_do_not_depend_on_the_order_of_answers(old: list[Any], new: list[Any], random: Any) -> None:
    contract, fresh = learn(exchanges(old), base_url=BASE), exchanges(new)
    shuffled = list(fresh)
    random.shuffle(shuffled)
    found = compare(contract, fresh)
    assert compare(contract, shuffled) == found
    assert len({drift.fingerprint for drift in found}) == len(found)
    for drift in found:
        assert drift.kind in KINDS
        assert "answers" in KINDS[drift.kind].found
        assert drift.sentence
        assert drift.at


@RELAXED
@given(st.lists(BODIES, min_size=1, max_size=4), st.lists(BODIES, min_size=1, max_size=4))
def test_any_two_contracts_can_be_compared(old: list[Any], new: list[Any]) -> None:
    found = diff(learn(exchanges(old), base_url=BASE), learn(exchanges(new), base_url=BASE))
    assert {drift.kind for drift in found} <= {kind.id for kind in KINDS.values() if "evidence" in kind.found}
    assert len({drift.fingerprint for drift in found}) == len(found)
