"""Learning by columns equals a plain definition of every statistic, and nothing secret gets into counts."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.errors import UsageError
from lookalike.shape import formats
from lookalike.shape.columns import hash_target
from lookalike.shape.counts import Counts
from lookalike.shape.learn import learn
from lookalike.shape.parts import CAPS, Caps, Numbers, digits
from lookalike.shape.words import is_telling_key, key_form, looks_like_identifier, privacy

LOW = Caps(targets=2, keys=4, key_sets=3, values=3, tag_values=2, prefixes=1, positions=3, depth=3)
KINDS = {
    dict: "object",
    list: "array",
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


class Plain:
    """The definition: each statistic straight from all values of a place, one place after the other.

    A value comes with its owner: the index of its response, and the pooled keys that it is under.
    """

    def __init__(self, targets: Sequence[str], caps: Caps) -> None:
        self.targets = targets
        self.caps = caps

    def place(self, found: list[tuple[Any, tuple[Any, ...], str]], depth: int = 0) -> dict[str, Any]:
        """Found: value, owner and privacy of each."""
        written: dict[str, Any] = {"n": len(found), "r": len({owner for _, owner, _ in found})}
        hashes = {hash_target(self.targets[owner[0]]) for _, owner, _ in found} if self.targets else set()
        if hashes:
            written["targets"] = "many" if len(hashes) > self.caps.targets else sorted(hashes)
        by_kind: dict[str, list[Any]] = {}
        for value, owner, above in found:
            by_kind.setdefault(KINDS[type(value)], []).append((value, owner, above))
        if by_kind:
            written["kinds"] = {
                kind: [len(some), len({owner for _, owner, _ in some})] for kind, some in by_kind.items()
            }
        if depth >= self.caps.depth:
            return written
        if strings := by_kind.get("string"):
            written["text"] = self.text(strings)
        if numbers := by_kind.get("integer", []) + by_kind.get("number", []):
            written["numbers"] = self.numbers([value for value, _, _ in numbers])
        if arrays := by_kind.get("array"):
            written["array"] = self.array(arrays, depth)
        if objects := by_kind.get("object"):
            written["object"] = self.object(objects, depth)
        return written

    def values_of(self, found: list[tuple[Any, tuple[Any, ...], str]]) -> Counter[str] | None:
        """Distinct strings, None once absorbed."""
        strings = [(value, above) for value, _, above in found if isinstance(value, str)]
        if any(above != "open" or not looks_like_identifier(value) for value, above in strings):
            return None
        counted = Counter(value for value, _ in strings)
        return counted if len(counted) <= self.caps.values else None

    def text(self, found: list[tuple[str, tuple[Any, ...], str]]) -> dict[str, Any]:
        strings = [value for value, _, _ in found]
        written: dict[str, Any] = {"lengths": [min(map(len, strings)), max(map(len, strings))]}
        names = [form.name for form in formats.FORMATS if all(formats.has_format(s, form.name) for s in strings)]
        if names:
            written["formats"] = names
        prefixes: Counter[str] | None = Counter()
        for value, _, above in found:
            match = re.fullmatch(r"([A-Za-z]{1,7}[_-])(?=[A-Za-z]*(?:[0-9]|[a-z][A-Z]))[A-Za-z0-9]{6,}", value)
            if match is None or above != "open" or prefixes is None:
                prefixes = None
                break
            prefixes[match[1]] += 1
        if prefixes is None or len(prefixes) > self.caps.prefixes:
            written["prefixes"] = "many"
        else:
            written["prefixes"] = dict(prefixes)
        counted = self.values_of(found)
        written["values"] = "many" if counted is None else dict(counted)
        return written

    @staticmethod
    def numbers(found: list[float]) -> dict[str, Any]:
        sizes = [digits(number) for number in found]
        counted = {
            "negative": sum(number < 0 for number in found),
            "integral": sum(isinstance(number, float) and number == int(number) for number in found),
            "beyond": sum(abs(number) > 2**53 for number in found),
        }
        return {"digits": [min(sizes), max(sizes)], **{name: n for name, n in counted.items() if n}}

    def array(self, found: list[tuple[list[Any], tuple[Any, ...], str]], depth: int) -> dict[str, Any]:
        sizes = [len(value) for value, _, _ in found]
        written: dict[str, Any] = {"lengths": [min(sizes), max(sizes)]}
        if 0 in sizes:
            written["empty"] = sizes.count(0)
        items = [(item, owner, above) for value, owner, above in found for item in value]
        if items:
            written["items"] = self.place(items, depth + 1)
        if min(sizes) == max(sizes) and 2 <= sizes[0] <= self.caps.positions:
            written["positions"] = [
                dict(Counter(KINDS[type(value[position])] for value, _, _ in found)) for position in range(sizes[0])
            ]
        return written

    def object(self, found: list[tuple[dict[str, Any], tuple[Any, ...], str]], depth: int) -> dict[str, Any]:
        names = {key for value, _, _ in found for key in value if not is_telling_key(key)}
        full = len(names) > self.caps.keys
        under: dict[str, list[Any]] = {}
        rest: list[Any] = []
        forms: Counter[str] = Counter()
        for value, owner, above in found:
            for key, inner in value.items():
                forms[key_form(key)] += 1
                if full or is_telling_key(key):
                    rest.append((inner, (*owner, key), privacy(key, above)))
                else:
                    under.setdefault(key, []).append((inner, owner, privacy(key, above)))
        written: dict[str, Any] = {"keys": {key: self.place(some, depth + 1) for key, some in under.items()}}
        if rest:
            written["rest"] = self.place(rest, depth + 1)
        if full:
            written["full"] = True
        if forms:
            written["forms"] = dict(forms)
        sets = Counter(tuple(sorted(key for key in value if not is_telling_key(key))) for value, _, _ in found)
        if full or len(sets) > self.caps.key_sets:
            written["sets"] = "many"
            return written
        order = sorted(sets)
        written["sets"] = [[sets[keys], sorted(names - set(keys))] for keys in order]
        tags: dict[str, Any] = {}
        for key in names if len(sets) > 1 and depth + 1 < self.caps.depth else ():
            values = self.values_of(under[key])
            if values is None or not 0 < len(values) <= self.caps.tag_values:
                continue
            together = Counter(
                (value[key], order.index(tuple(sorted(name for name in value if not is_telling_key(name)))))
                for value, _, _ in found
                if isinstance(value.get(key), str)
            )
            tags[key] = {}
            for (value, index), n in sorted(together.items()):
                tags[key].setdefault(value, []).append([index, n])
        if tags:
            written["tags"] = tags
        return written


texts = st.sampled_from(
    ["", "open", "closed", "a b", "cus_NffrFeUfNV2Hib", "sub_1MowQVLkdIwHu7ixeRlq", "12", "1.5", "2026-01-02", "c0ffee",
     "2026-01-02T03:04:05Z", "ada@example.com", "https://example.com/a", "http://a.b/c d", "x\ny", "\n", "#abc", "::1"]
)  # fmt: skip
keys = st.sampled_from(
    ["id", "type", "user", "token", "email", "1", "42", "550e8400-e29b-41d4-a716-446655440000", "a@b.example", "USD"]
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.integers(-12, 12),
    st.floats(allow_nan=False, allow_infinity=False), texts, texts,
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=16,
)
tagged = st.fixed_dictionaries(
    {"type": st.sampled_from(["cat", "dog"]), "id": scalars},
    optional=dict.fromkeys(("a", "b", "c", "d", "user", "kind"), values),
)


def as_written(plain: Any, caps: Any) -> Any:
    """The plain definition, which says targets and days at each place, as it is written: once where they agree."""
    return orjson.loads(orjson.dumps(Counts.from_json(orjson.loads(orjson.dumps(plain)), caps=caps).to_json()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(values, tagged, st.lists(tagged, max_size=4)), max_size=9),
    st.sampled_from([CAPS, LOW]),
    st.booleans(),
    st.integers(1, 9),
)
def test_columns_count_what_the_plain_definition_counts(bodies: Any, caps: Any, asked: Any, batch: Any) -> None:
    targets = [f"/{index % 4}" for index in range(len(bodies))] if asked else []
    plain = Plain(targets, caps).place([(body, (index,), "open") for index, body in enumerate(bodies)])
    learned = learn(bodies, targets=targets, caps=caps, batch=batch)
    assert orjson.loads(orjson.dumps(learned.to_json())) == as_written(plain, caps)


def test_many_optional_keys_take_the_other_way_through_and_count_the_same() -> None:
    bodies = [{"id": index, **{f"k{(index * 7 + step) % 40}": step for step in range(5)}} for index in range(30)]
    plain = Plain([], CAPS).place([(body, (index,), "open") for index, body in enumerate(bodies)])
    assert orjson.loads(orjson.dumps(learn(bodies).to_json())) == as_written(plain, CAPS)


def test_an_iterator_is_read_a_batch_at_a_time() -> None:
    read: list[int] = []

    def bodies() -> Iterator[Any]:
        for index in range(10):
            read.append(index)
            yield {"id": index}

    assert learn(bodies(), batch=3) == learn([{"id": index} for index in range(10)])
    assert read == list(range(10))


@pytest.mark.parametrize("targets", [["/a"], ["/a", "/b", "/c"]])
def test_targets_and_values_must_be_as_many(targets: Any) -> None:
    with pytest.raises(UsageError, match="give one for each, or none"):
        learn([1, 2], targets=targets)


@pytest.mark.parametrize("value", [object(), {1: 2}, [{"a": {1, 2}}], [1, b"x"], {"a": [[b"", 1]]}])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="no JSON"):
        learn([value])


def test_subclasses_count_as_what_they_extend() -> None:
    class Text(str):
        __slots__ = ()

    class Record(dict[str, Any]):
        pass

    assert learn([Record(a=Text("x")), (1, 2)]) == learn([{"a": "x"}, [1, 2]])


def test_values_nested_deeper_than_the_cap_are_counted_down_to_it() -> None:
    body: Any = 1
    for _ in range(100_000):
        body = [body]
    counts = learn([body])
    assert Counts.from_json(orjson.loads(orjson.dumps(counts.to_json()))) == counts


def test_days_are_kept_at_each_place() -> None:
    counts = learn([{"a": [{"b": 1}]}], day="2026-02-01") + learn([{"a": []}], day="2026-01-01")
    assert counts.object is not None
    child = counts.object.keys["a"]
    assert child.array is not None
    assert (counts.first, counts.last) == (child.first, child.last) == ("2026-01-01", "2026-02-01")
    assert (child.array.items.first, child.array.items.last) == ("2026-02-01", "2026-02-01")


SECRETS = [
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "ada@example.com", "+1-555-0100-123", "4111111111111111",
    "4111-1111-1111-1111", "550e8400-e29b-41d4-a716-446655440000", "c4ca4238a0b923820dcc509a6f75849b", "Zx9Qw7Ert5Yui3",
    "Ada Lovelace", "DE89370400440532013000", "078-05-1120",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_enters_counts_as_a_value_or_as_a_key(secret: Any) -> None:
    assert not looks_like_identifier(secret)
    bodies = [{"note": secret, secret: secret, "list": [secret, {"deep": secret}]} for _ in range(30)]
    written = orjson.dumps(learn(bodies, targets=[f"/?key={secret}"] * 30).to_json()).decode()
    assert secret not in written or secret == "Ada Lovelace"


@pytest.mark.parametrize("key", ["password", "api_key", "userName", "email", "lastName", "city", "phone", "owner_name"])
def test_values_under_telling_names_are_not_kept(key: Any) -> None:
    written = orjson.dumps(learn([{key: "hunter2"}, {key: ["hunter2"]}] * 20).to_json()).decode()
    assert "hunter2" not in written


@pytest.mark.parametrize("key", ["login", "owner", "customer", "userName", "password"])
def test_beginnings_under_telling_names_are_not_kept(key: Any) -> None:
    bodies = [{key: "anna_smith2000"}] * 20
    assert b"anna" not in orjson.dumps(learn(bodies).to_json())
    assert b'"anna_"' in orjson.dumps(learn([{"kind": "anna_smith2000"}]).to_json())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (["user", "type"], "open"), (["owner", "name"], "personal"), (["credentials", "type"], "secret"),
        (["plan_name"], "open"), (["user_type"], "open"), (["status"], "open"), (["1"], "open"),
    ],
)  # fmt: skip
def test_privacy_of_a_place(path: Any, expected: Any) -> None:
    above = "open"
    for key in path:
        above = privacy(key, above)
    assert above == expected


def test_a_number_leaves_only_its_digits() -> None:
    assert learn([{"salary": 123456}]).to_json()["object"]["keys"]["salary"]["numbers"] == {"digits": [6, 6]}


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, 0), (0.5, 0), (-0.5, 0), (1, 1), (9.99, 1), (10, 2), (-250, -3), (10**40, 41), (-(10**400), -401)],
)
def test_digits_of_a_number(number: Any, expected: Any) -> None:
    assert digits(number) == expected


def test_numbers_that_json_lacks_do_not_depend_on_order() -> None:
    inf, nan = float("inf"), float("nan")
    forward, backward = Numbers(), Numbers()
    forward.feed([inf, 1.5, nan], whole=False)
    backward.feed([nan, inf], whole=False)
    backward.feed([1.5], whole=False)
    assert forward.to_json() == backward.to_json()


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("42", "digits"), ("2026-01-02", "date"), ("en-US", "locale"), ("USD", "capitals"), ("a@b.io", "email"),
        ("https://x.io/a", "url"), ("10.0.0.1", "ip"), ("1.2.3", "version"), ("c4ca4238a0b923820dcc", "hash"),
        ("cus_Nff4FeUfNV2", "prefixed"), ("created_at", "name"), ("two words", "other"),
        ("550e8400-e29b-41d4-a716-446655440000", "uuid"),
    ],
)  # fmt: skip
def test_forms_of_keys(key: Any, form: Any) -> None:
    assert key_form(key) == form


@pytest.mark.parametrize(
    ("key", "telling"),
    [("created_at", False), ("content-type", False), ("@type", False), ("2026-01-02", False), ("\ud800", True),
     ("x" * 100, True), ("https://a.example/?token=x", True), ("12345678", True), ("é", False)],
)  # fmt: skip
def test_keys_that_tell_too_much(key: Any, telling: Any) -> None:
    assert is_telling_key(key) is telling


BROKEN: list[Any] = [
    None, [], {}, {"n": 1}, {"n": -1, "r": 0}, {"n": "1", "r": 1}, {"n": 1, "r": 1, "kinds": {"widget": [1, 1]}},
    {"n": 1, "r": 1, "kinds": {"string": [1]}}, {"n": 1, "r": 1, "text": {}},
    {"n": 1, "r": 1, "text": {"lengths": [2, 1]}},
    {"n": 1, "r": 1, "object": {"keys": []}},
    {"n": 1, "r": 1, "object": {"keys": {}, "sets": [[1, []]], "tags": {"a": {"b": [[7, 1]]}}}},
    {"n": 1, "r": 1, "array": {"lengths": ["a", "b"]}}, {"n": 1, "r": 1, "days": ["2026"]},
]  # fmt: skip


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_counts_is_one_clear_error(data: Any) -> None:
    with pytest.raises(UsageError, match="these are no counts"):
        Counts.from_json(data)


def test_counts_say_what_they_are() -> None:
    counts = learn([1, "x"])
    assert repr(counts) == "<Counts of 2 values in 2 responses: integer 1, string 1>"
    assert repr(Counts()) == "<Counts of 0 values in 0 responses: nothing>"
    assert counts
    assert not Counts()
    assert counts != 3
    with pytest.raises(TypeError):
        counts + 1  # type: ignore[operator]  # what is tested
