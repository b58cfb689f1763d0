"""Kinds of drift that answers show, beside those of test_drift_answers.py: the smallest pair, and a near miss."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
Body = Callable[[int], Any]
INFO, RISKY, BREAKING = Severity.INFO, Severity.RISKY, Severity.BREAKING


def exchange(path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Exchange:
    content = json.dumps(body).encode()
    told = {"Content-Type": "application/json", **(headers or {})}
    return Exchange(Request("GET", BASE + path), Response(status, told, content))


def answers(body: Body, count: int, first: int = 1) -> list[Exchange]:
    return [exchange(f"/things/{i}", body(i)) for i in range(first, first + count)]


def learned(exchanges: Sequence[Exchange]) -> Contract:
    return learn(exchanges, base_url=BASE, name="things", day="2026-11-20")


def told(drifts: Sequence[Drift]) -> list[tuple[str, str, Severity]]:
    return [(one.kind, one.place, one.severity) for one in drifts]


class Pair(NamedTuple):
    """What 40 answers taught, 20 that show the kind, 20 that nearly do, and where and how severe it is told."""

    kind: str
    old: Body
    new: Body
    near: Body
    place: str = "json.a"
    severity: Severity = INFO


def one(value: Any) -> dict[str, Any]:
    return {"a": value}


VARIANTS = ({"type": "card", "last": "no 4"}, {"type": "bank", "iban": "of x"})
PAIRS = [
    Pair("first-value", lambda i: one(None), lambda i: one("text"), lambda i: one(None)),
    Pair("first-value", lambda i: one([]), lambda i: one([{"b": 1}]), lambda i: one([]), "json.a[]"),
    # Sizes are told beyond the next power of two.
    Pair("string-longer", lambda i: one("w " * (i % 20)), lambda i: one("w " * 33), lambda i: one("w " * 32)),
    Pair("number-outside-range", lambda i: one(i), lambda i: one(101), lambda i: one(99)),
    Pair("number-outside-range", lambda i: one(i), lambda i: one(-1), lambda i: one(1)),
    Pair(
        "number-outside-range",
        lambda i: one(10**15),
        lambda i: one(2**53 + 1),
        lambda i: one(10**15 + i),
        severity=RISKY,
    ),
    Pair(
        "array-length-changed", lambda i: one([1] * (i % 4 + 1)), lambda i: one([]), lambda i: one([2]), severity=RISKY
    ),
    Pair("array-length-changed", lambda i: one([1] * (i % 4)), lambda i: one([1] * 5), lambda i: one([1] * 4)),
    Pair("array-length-changed", lambda i: one([1, 2, 3]), lambda i: one([1, 2]), lambda i: one([3, 2, 1])),
    Pair(
        "tuple-changed",
        lambda i: one(["x y", i]),
        lambda i: one([i, "x y"]),
        lambda i: one(["z", 0]),
        severity=BREAKING,
    ),
    Pair(
        "tuple-changed",
        lambda i: one(["x y", i]),
        lambda i: one(["x", 1, 2]),
        lambda i: one(["", 1]),
        severity=BREAKING,
    ),
    Pair(
        "object-became-map",
        lambda i: one({"day": i, "month": i}),
        lambda i: one({str(1000 + i): i, str(2000 + i): i}),
        lambda i: one({"month": 1, "day": 1}),
        severity=RISKY,
    ),
    Pair(
        "object-became-map",
        lambda i: one({f"2026-01-{i % 28 + 1:02}": i, "2026-02-01": 1}),
        lambda i: one({str(1000 + i): i, str(2000 + i): i}),
        lambda i: one({"2027-03-01": 7}),
        severity=RISKY,
    ),
    Pair(
        "union-branch-gone",
        lambda i: [*VARIANTS] * 5,
        lambda i: [VARIANTS[0]] * 5,
        lambda i: [VARIANTS[i % 2]] * 5,
        "json[].type",
    ),
    Pair(
        "enum-value-gone",
        lambda i: one(["open", "closed"][i % 2]),
        lambda i: one("open"),
        lambda i: one("open" if i > 1 else "closed"),
    ),
    Pair("type-narrowed", lambda i: one([i, "x y"][i % 2]), lambda i: one(i), lambda i: one(i if i > 1 else "z y")),
    Pair("became-firmer", lambda i: one([i, None][i % 2]), lambda i: one(i), lambda i: one(i if i > 1 else None)),
    Pair("became-firmer", lambda i: [{}, one(i)][i % 2], lambda i: one(i), lambda i: one(i) if i > 1 else {}),
    Pair(
        "presence-rule-broken",
        lambda i: {"id": i, **({"a": i, "b": i} if i % 2 else {})},
        lambda i: {"id": i, **({}, {"a": i}, {"a": i, "b": i})[i % 3]},
        lambda i: {"id": i, **({}, {"a": i, "b": i})[i % 2]},
        severity=RISKY,
    ),
]


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{at} {pair.kind}" for at, pair in enumerate(PAIRS)])
def test_the_smallest_pair_shows_it_and_a_near_miss_does_not(pair: Pair) -> None:
    contract = learned(answers(pair.old, 40))
    assert told(compare(contract, answers(pair.near, 20))) == []
    assert told(compare(contract, answers(pair.new, 20))) == [(pair.kind, pair.place, pair.severity)]
    assert "answers" in KINDS[pair.kind].found


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{at} {pair.kind}" for at, pair in enumerate(PAIRS)])
def test_information_changes_no_verdict_and_marks_stay_the_same(pair: Pair) -> None:
    contract = learned(answers(pair.old, 40))
    found = compare(contract, answers(pair.new, 20))
    later = compare(learned(answers(pair.old, 41)), answers(pair.new, 30, first=2)[::-1])
    assert [one.fingerprint for one in found] == [one.fingerprint for one in later]
    assert (Verdict.of(found) is Verdict.OK) is (pair.severity is INFO)


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{at} {pair.kind}" for at, pair in enumerate(PAIRS)])
def test_evidence_shows_it_to_evidence(pair: Pair) -> None:
    old, new, near = (learned(answers(body, 40)) for body in (pair.old, pair.new, pair.near))
    assert told(diff(old, near)) == []
    found = diff(old, new)
    assert told(found) == [(pair.kind, pair.place, pair.severity)]
    assert [one.fingerprint for one in found] == [one.fingerprint for one in compare(old, answers(pair.new, 20))]
    assert diff(old, old) == []


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{at} {pair.kind}" for at, pair in enumerate(PAIRS)])
def test_one_answer_after_one_answer_is_never_drift(pair: Pair) -> None:
    found = compare(learned(answers(pair.old, 1)), answers(pair.new, 1))
    assert Verdict.of(found) is not Verdict.DRIFT
