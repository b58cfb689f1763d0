"""The nine laws of evidence, over generated JSON."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from functools import reduce
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.errors import UsageError
from lookalike.shape.counts import EMPTY, Counts
from lookalike.shape.evidence import Evidence, recording_id
from lookalike.shape.explain import explain
from lookalike.shape.learn import learn
from lookalike.shape.parts import CAPS, Caps
from lookalike.shape.policy import Policy, derive
from lookalike.shape.schema import Validator, to_schema

LOW = Caps(targets=2, keys=4, key_sets=3, values=3, tag_values=2, prefixes=1, positions=3, depth=3)
EAGER = Policy(
    enum_n=1, enum_unseen=2.0, format_n=1, prefix_n=1, range_n=1, map_after=1, union_branch=1, tuple_n=1, map_capitals=1
)

texts = st.one_of(
    st.sampled_from(
        [
            "", "open", "closed", "push_event", "a b", "cus_NffrFeUfNV2Hib", "sub_1MowQVLkdIwHu7ixeRlq", "12", "1.50",
            "2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "ada@example.com", "https://example.com/a",
            "c0ffee", "550e8400-e29b-41d4-a716-446655440000", "x\ny", "en-US", "#aabbcc", "127.0.0.1", "::1",
        ]
    ),
    st.text(max_size=6),
)  # fmt: skip
keys = st.one_of(
    st.sampled_from(
        ["id", "type", "name", "email", "kind", "1", "42", "2026-01-02", "550e8400-e29b-41d4-a716-446655440000", "USD"]
    ),
    st.text(alphabet="abc", min_size=1, max_size=2),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.integers(-12, 12),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=12,
)
# Bodies of one operation resemble each other: the same few keys, so that statistics really meet.
records = st.lists(
    st.fixed_dictionaries(
        {"id": scalars, "type": st.sampled_from(["cat", "dog", "bird"])},
        optional={"tail": st.booleans(), "wings": values, "tags": st.lists(texts, max_size=3), "at": texts},
    ),
    max_size=5,
)
bodies = st.lists(st.one_of(values, records), max_size=8)
caps = st.sampled_from([CAPS, LOW])
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(counts: Counts) -> bytes:
    return orjson.dumps(counts.to_json(), option=orjson.OPT_SORT_KEYS)


def named(values: list[object]) -> list[str]:
    """A request target for each value that depends on the value only, so that it stays with it in any order."""
    return [f"/{len(repr(value)) % 4}" for value in values]


def counted(values: list[object], limits: Caps, day: str = "") -> Counts:
    return learn(values, targets=named(values), day=day, caps=limits, batch=3)


@quick
@given(bodies, bodies, bodies, caps)
def test_law_1_adding_is_associative(xs: Any, ys: Any, zs: Any, limits: Any) -> None:
    x, y, z = (counted(part, limits) for part in (xs, ys, zs))
    assert written((x + y) + z) == written(x + (y + z))


@quick
@given(bodies, bodies, caps)
def test_law_2_adding_is_commutative(xs: Any, ys: Any, limits: Any) -> None:
    x, y = counted(xs, limits, "2026-01-01"), counted(ys, limits, "2026-02-02")
    assert written(x + y) == written(y + x)


@quick
@given(bodies, caps)
def test_law_3_empty_counts_are_the_identity(xs: Any, limits: Any) -> None:
    x = counted(xs, limits, "2026-01-01")
    assert written(x + EMPTY) == written(EMPTY + x) == written(x)
    assert written(learn([])) == written(EMPTY) == b'{"n":0,"r":0}'


@quick
@given(bodies, st.randoms(use_true_random=False), caps, st.integers(1, 4))
def test_law_4_learning_is_a_homomorphism_for_every_split_and_permutation(
    xs: Any, rng: Any, limits: Any, parts: Any
) -> None:
    whole = counted(xs, limits, "2026-01-01")
    shuffled = rng.sample(xs, len(xs))
    cuts = sorted(rng.randint(0, len(xs)) for _ in range(parts - 1))
    split = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(xs)], strict=True)]
    learned = [counted(part, limits, "2026-01-01") for part in split]
    assert written(Counts.total(learned)) == written(whole)
    assert written(reduce(lambda one, other: one + other, learned, EMPTY)) == written(whole)


@quick
@given(bodies, caps, st.sampled_from([Policy(), EAGER]))
def test_law_5_what_was_learned_fits(xs: Any, limits: Any, policy: Any) -> None:
    shape = derive(counted(xs, limits), policy)
    schema = to_schema(shape)
    validator = Validator(schema)
    for value in xs:
        assert validator.is_valid(value)
        assert explain(validator, value, shape=shape) == []
        assert explain(schema, value) == []


def kinds_and_keys(counts: Counts, path: str = "") -> set[str]:
    """Every kind and key that counts know of, by place; pooled keys have no names."""
    found = {f"{path} is {kind}" for kind in counts.kinds}
    if counts.array is not None:
        found |= kinds_and_keys(counts.array.items, path + "[]")
    if counts.object is not None and not counts.object.full:
        for key, child in counts.object.keys.items():
            found |= {f"{path}.{key} {child.n > 0}"} | kinds_and_keys(child, f"{path}.{key}")
    return found


@quick
@given(bodies, bodies, caps)
def test_law_6_support_only_grows_up_to_its_cap(xs: Any, ys: Any, limits: Any) -> None:
    x, y = counted(xs, limits), counted(ys, limits)
    total = x + y
    if "object" not in str(total.to_json()) or '"full":true' not in written(total).decode():
        assert kinds_and_keys(x) | kinds_and_keys(y) == kinds_and_keys(total)
    assert total.n == x.n + y.n
    assert total.r == x.r + y.r
    assert set(total.kinds) == x.kinds.keys() | y.kinds.keys()


@st.composite
def three_evidences(draw: st.DrawFn) -> list[Evidence[Counts]]:
    """Three files of evidence over one pool of recordings, in which an id always has the same content."""
    pool = draw(st.lists(bodies, min_size=1, max_size=4))
    made = []
    for _ in range(3):
        evidence = Evidence(EMPTY)
        for at in draw(st.permutations(range(len(pool))).flatmap(lambda order: st.sampled_from(_starts(order)))):
            evidence = evidence.sealed(learn(pool[at]), id=f"recording {at}", day=f"2026-01-0{at + 1}")
        made.append(evidence)
    return made


def _starts(order: Sequence[int]) -> list[Sequence[int]]:
    return [order[:end] for end in range(len(order) + 1)]


@quick
@given(three_evidences())
def test_law_7_merging_evidence_is_associative_commutative_and_idempotent(found: list[Evidence[Counts]]) -> None:
    x, y, z = found
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert x.merge(y) == y.merge(x)
    assert x.merge(x) == x
    assert x.merge(y).merge(y) == x.merge(y)
    assert x.merge(y).recordings.keys() == x.recordings.keys() | y.recordings.keys()
    assert written(x.merge(y).total()) == written(y.merge(x).total())


@quick
@given(bodies, caps)
def test_law_8_write_then_read_is_the_identity(xs: Any, limits: Any) -> None:
    counts = counted(xs, limits, "2026-01-01")
    read = Counts.from_json(orjson.loads(written(counts)), caps=limits)
    assert written(read) == written(counts)
    assert written(read + counts) == written(counts + counts)
    sealed = Evidence(EMPTY).sealed(counts, id="x", day="2026-01-01")
    back = Evidence.from_json(orjson.loads(orjson.dumps(sealed.to_json())), EMPTY, Counts.from_json)
    assert back == sealed
    assert back.total() == counts


def states(counts: Counts) -> dict[str, bool]:
    """Which statistics of a place have been absorbed."""
    text, seen = counts.text, counts.object
    return {
        "targets": counts.targets is None,
        "values": text is not None and text.values is None,
        "prefixes": text is not None and text.prefixes is None,
        "sets": seen is not None and seen.sets is None,
        "keys": seen is not None and seen.full,
    }


@quick
@given(bodies, bodies)
def test_law_9_every_cap_absorbs(xs: Any, ys: Any) -> None:
    before = states(counted(xs, LOW))
    after = states(counted(xs, LOW) + counted(ys, LOW))
    assert all(after[name] for name, absorbed in before.items() if absorbed)


def test_the_low_caps_are_really_hit() -> None:
    """Otherwise the laws above would say nothing about absorbing states."""
    many = [{f"{letter}{i}": f"v{letter}" for i in range(2)} for letter in "abcdef"]
    counts = learn(many, targets=list("abcdef"), caps=LOW)
    assert counts.targets is None
    assert counts.object is not None
    assert counts.object.full
    assert counts.object.sets is None
    assert not counts.object.keys
    assert counts.object.rest.n == 12
    assert counts.object.rest.text is not None
    assert counts.object.rest.text.values is None
    some = learn([{"a": 1}, {"b": 1}, {"c": 1}, {"a": 1, "b": 2}], caps=LOW)
    assert some.object is not None
    assert some.object.sets is None
    assert set(some.object.keys) == {"a", "b", "c"}


def test_one_id_with_two_contents_is_an_error() -> None:
    one = Evidence(EMPTY).sealed(learn([1]), id="x")
    with pytest.raises(UsageError, match="recording x has two contents"):
        one.merge(Evidence(EMPTY).sealed(learn([2.5]), id="x"))
    with pytest.raises(UsageError, match="recording x has two contents"):
        one.sealed(learn([1]), id="x", day="2026-01-01")


def test_total_reads_the_recordings_from_a_day_on() -> None:
    made = Evidence(EMPTY)
    for at in (1, 2, 3):
        made = made.sealed(learn([{"id": at}, "x"]), id=f"recording {at}", day=f"2026-01-0{at}")
    assert made.days == ("2026-01-01", "2026-01-02", "2026-01-03")
    assert made.total().n == 6
    assert made.total(since="2026-01-02").n == 4
    assert made.total(since="2027-01-01") == EMPTY


def test_the_id_of_a_recording_does_not_depend_on_the_order_of_its_exchanges() -> None:
    assert recording_id([b"a", b"b", b"b"]) == recording_id([b"b", b"a", b"b"])
    assert recording_id([b"a", b"b"]) != recording_id([b"a", b"b", b"b"])
    assert recording_id([b"ab"]) != recording_id([b"a", b"b"])


SCRIPT = """
import orjson
from lookalike.shape.learn import learn
from lookalike.shape.policy import derive
from lookalike.shape.sample import sample
from lookalike.shape.schema import to_schema
values = orjson.loads(input())
counts = learn(values, targets=[str(i % 5) for i in range(len(values))])
schema = to_schema(derive(counts))
print(orjson.dumps([counts.to_json(), schema, sample(schema)]).decode())
"""


def test_no_order_of_a_set_shows() -> None:
    """The same bytes under different seeds of string hashing, written without sorting keys."""
    rng = random.Random(7)
    values = [
        {
            "type": rng.choice(["a", "b", "c"]),
            **{rng.choice("klmnop"): rng.choice([1, "x", None, [1, "y"]]) for _ in "xyz"},
        }
        for _ in range(60)
    ]
    body = orjson.dumps(values).decode()
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=body, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(outputs) == 1
