"""What counts state: sizes, grades, required, nullable, maps, unions, tuples, enums, formats and ranges."""

from typing import Any

import pytest

from lookalike.shape import formats
from lookalike.shape.evidence import Counts
from lookalike.shape.learn import learn
from lookalike.shape.policy import DEFAULT, Policy, Prior, derive, grade, is_drift, judge, p_at_least, size
from lookalike.shape.schema import Validator, to_schema


def shape_of(values: Any, targets: Any = (), **how: Any) -> Any:
    return derive(learn(values, targets=targets, **how))


@pytest.mark.parametrize(
    ("n", "targets", "expected"),
    [(0, 0, 0.0), (1, 1, 1.0), (1, 0, 1.0), (30, 30, 30.0), (200, 1, 1 + 199**0.5), (10, 50, 10.0)],
)
def test_size_lies_between_targets_and_values(n: Any, targets: Any, expected: Any) -> None:
    assert size(n, targets) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("sized", "targets", "expected"),
    [(1, 1, "assumed"), (4.9, 4, "assumed"), (5, 1, "likely"), (29.9, 9, "likely"), (30, 3, "firm"), (99, 2, "likely")],
)
def test_grades(sized: Any, targets: Any, expected: Any) -> None:
    assert grade(sized, targets) == expected


@pytest.mark.parametrize(("s", "expected"), [(1, 0.25), (5, 0.0833), (30, 0.0161)])
def test_a_single_contradiction_is_as_likely_as_the_evidence_says(s: Any, expected: Any) -> None:
    assert p_at_least(1, 1, s) == pytest.approx(expected, abs=1e-4)


def test_contradictions_add_up_to_drift() -> None:
    assert p_at_least(0, 5, 10) == 1.0
    assert p_at_least(6, 5, 10) == 0.0
    falling = [p_at_least(k, 5, 10) for k in range(6)]
    assert falling == sorted(falling, reverse=True)
    assert not is_drift(1, 1, 5, "present")
    assert is_drift(1, 1, 30, "present")
    assert is_drift(3, 3, 5, "kind")
    skeptic = Policy(priors={"not_null": Prior(2.0, 2.0)})
    assert not is_drift(1, 1, 30, "not_null", skeptic)
    assert p_at_least(2, 2, 3, Prior(1, 1)) == pytest.approx(1 / 5 * 2 / 6)


@pytest.mark.parametrize("statement", ["present", "kind", "status"])
@pytest.mark.parametrize("s", [1, 2, 3, 9.5])
def test_what_an_api_changes_is_suspect_at_the_first_and_drift_within_five(statement: Any, s: float) -> None:
    found = [judge(k, k, s, statement) for k in range(1, 6)]
    assert (found[0], found[-1]) == ("suspect", "drift")


@pytest.mark.parametrize("statement", ["sometimes", "not_null", "values", "format", "header"])
def test_what_traffic_varies_is_chance_until_much_was_seen(statement: Any) -> None:
    assert [judge(1, 1, s, statement) for s in (1, 3, 8, 10, 30)] == ["chance", "chance", "chance", "suspect", "drift"]
    assert judge(5, 5, 1, statement) == "drift"


def test_required_and_nullable() -> None:
    shape = shape_of([{"a": 1, "b": None}, {"a": 2.5, "b": "x", "c": True}])
    found = shape.properties
    assert {key: (found[key].required, found[key].present, found[key].of) for key in found} == {
        "a": (True, 2, 2), "b": (True, 2, 2), "c": (False, 1, 2),
    }  # fmt: skip
    assert found["a"].shape.kinds == ("number",)
    assert found["a"].shape.kind_counts == {"integer": 1, "number": 1}
    assert found["b"].shape.nullable
    assert to_schema(shape) == {
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"type": ["string", "null"]}, "c": {"type": "boolean"}},
        "required": ["a", "b"],
    }


def test_only_null_and_only_empty_arrays_say_nothing_of_the_type() -> None:
    schema = to_schema(shape_of([{"a": None, "b": []}] * 40))
    assert schema["properties"] == {"a": {}, "b": {"type": "array"}}
    assert to_schema(derive(learn([]))) == {}


def test_grade_needs_distinct_targets() -> None:
    values = [{"id": index} for index in range(40)]
    assert shape_of(values).grade == "likely"
    assert shape_of(values, [f"/{index}" for index in range(40)]).grade == "firm"
    assert shape_of(values, ["/a"] * 40).targets == 1


STATES = ["open", "closed", "merged"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (STATES * 10, ("closed", "merged", "open")),
        (STATES * 6, ()),  # fewer than 20 values
        ([*STATES * 10, "draft"], ()),  # one of 31 was seen once: 3 % are still unseen
        ([*STATES * 20, "draft"], ("closed", "draft", "merged", "open")),
        ([f"v{index % 51}" for index in range(510)], ()),  # more than 50 values
        (["open for all"] * 40, ()),  # no identifier
    ],
)
def test_enums(values: Any, expected: Any) -> None:
    assert shape_of([{"state": value} for value in values]).properties["state"].shape.enum == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["550e8400-e29b-41d4-a716-446655440000"] * 5, "uuid"),
        (["2026-01-02T03:04:05Z"] * 5, "date-time"),
        (["2026-01-02T03:04:05Z"] * 4, ""),  # too few
        (["2026-01-02T03:04:05Z"] * 5 + ["2026-01-02 03:04:05"], "date-time-like"),
        (["12", "345"] * 3, "digits"),
        (["12", "345.5", "-1"] * 3, "decimal"),
        (["c0ffee", "00"] * 3, "hex"),
        (["https://a.example/b", "ftp://a.example"] * 3, "uri"),
        (["https://a.example/b", "http://c d"] * 3, ""),
        (["https://", "https://x"] * 3, ""),
        (["ada@example.com"] * 5, "email"),
        (["127.0.0.1"] * 5, "ipv4"),
        (["2001:db8::1", "::1"] * 5, "ipv6"),
        (["2026-01-02"] * 5, "date"),
        (["12:30:00"] * 5, "time"),
        (["P3DT4H", "PT5M"] * 5, "duration"),
        (["en-US", "de-DE"] * 5, "locale"),
        (["#fff", "#aabbcc"] * 5, "color"),
        (["www.example.com"] * 5, "hostname"),
        (["/a/b", "/"] * 5, "path"),
        (["https://a\nhttps://b"] * 5, ""),
        (["12", ""] * 5, ""),
        (["", "12"] * 5, ""),
        (["ab", ""] * 5, ""),
    ],
)
def test_the_most_specific_format_that_all_strings_have(values: Any, expected: Any) -> None:
    assert shape_of([{"x": value} for value in values]).properties["x"].shape.format == expected


@pytest.mark.parametrize("form", formats.FORMATS, ids=lambda form: form.name)
def test_a_column_has_a_format_exactly_where_each_string_has_it(form: Any) -> None:
    bit = formats.mask([form.name])
    samples = [
        "550e8400-e29b-41d4-a716-446655440000", "2026-01-02", "12", "-1.5", "ab", "https://x.io/a b", "https://x.io",
        "::1", "x", "", "a@b.io", "\u0661", "https://x\u00a0y", "/x",
    ]  # fmt: skip
    for one in samples:
        for other in samples:
            each = formats.has_format(one, form.name) and formats.has_format(other, form.name)
            assert bool(formats.matching([one, other]) & bit) is each, (one, other)


def test_prefixes_of_ids() -> None:
    values = [{"id": f"cus_Nffr{index}UfNV2Hib"} for index in range(9)]
    assert shape_of(values).properties["id"].shape.prefixes == ("cus_",)
    assert shape_of([*values, {"id": "x"}]).properties["id"].shape.prefixes == ()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (range(1, 21), (1, 100)), (range(20), (0, 100)), (range(19), (None, None)), (range(-5, 20), (-10, 100)),
        ([0.5, -0.5] * 10, (-1, 1)), ([-250] * 20, (-1000, -100)), ([float("inf")] * 20, (None, None)),
    ],
)  # fmt: skip
def test_ranges_to_a_power_of_ten_from_twenty_values_on(numbers: Any, expected: Any) -> None:
    shape = shape_of([{"x": number} for number in numbers]).properties["x"].shape
    assert (shape.minimum, shape.maximum) == expected


def test_numbers_beyond_what_a_double_holds_are_counted() -> None:
    assert shape_of([2**53, 2**53 + 1, -(2**60), 1.5]).beyond == 2


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([{"1": 1, "2": 1}], "digits"),
        ([{"2026-01-02": 1, "2026-01-03": 2}] * 2, "date"),
        ([{"en-US": "a", "de-DE": "b"}] * 2, "locale"),
        ([{"USD": 1.5, "EUR": 2, "JPY": 3, "GBP": 4}] * 2, "capitals"),
        ([{f"k{index}": {"n": 1}, f"j{index}": {"n": 2, "m": 1}} for index in range(8)], "name"),
        ([{f"key{index}": index for index in range(600)}], "name"),
        ([{"notes.txt": {"size": 1}}], "file"),  # of files one is enough
        ([{"EUR": 1, "USD": 2}], "capitals"),  # amounts by currency
        ([{"EUR": 1, "USD": 2}, {"EUR": 1, "CHF": 2}], "capitals"),
        ([{"550e8400-e29b-41d4-a716-446655440000": 1, "6ba7b810-9dad-11d1-80b4-00c04fd430c8": 1}], "uuid"),
    ],
)
def test_maps(values: Any, form: Any) -> None:
    shape = shape_of(values)
    assert shape.map_values is not None
    assert shape.map_form == form
    assert not shape.properties
    assert "additionalProperties" in to_schema(shape)


@pytest.mark.parametrize(
    "values",
    [
        [{"1": 1}],  # one key
        [{"2026-01-02": 1, "2026-01-03": 2}],  # one object alone
        [{"USD": 1, "EUR": 2}] * 2,  # two capitals may be names
        [{"URL": "x", "TAG": "y"}],
        [{"id": 1, "on": 2}] * 9,
        [{f"k{index}": index % 2 or "x"} for index in range(9)],  # values that aren't alike
        [{"id": 1, "name": "x", "at": 1, f"k{index}": 1} for index in range(4)],  # too few objects
    ],
)
def test_records_that_are_no_maps(values: Any) -> None:
    assert shape_of(values).map_values is None


def test_an_object_with_telling_keys_beside_names_stays_open() -> None:
    shape = shape_of([{"id": 1, "ada@example.com": True}])
    assert shape.open_keys
    assert to_schema(shape)["additionalProperties"] is True


CAT, DOG = {"type": "cat", "lives": 9}, {"type": "dog", "tail": True}


def test_a_tag_that_implies_the_keys_makes_a_union() -> None:
    shape = shape_of([[CAT, DOG] * 6]).items
    assert shape.union.tag == "type"
    assert {value: sorted(branch.properties) for value, branch in shape.union.branches.items()} == {
        "cat": ["lives", "type"], "dog": ["tail", "type"],
    }  # fmt: skip
    assert shape.union.branches["cat"].properties["lives"].required
    schema = to_schema(shape)
    assert [branch["properties"]["type"].get("const") for branch in schema["oneOf"]] == ["cat", "dog", None]


@pytest.mark.parametrize(
    "values",
    [
        [CAT, DOG] * 4,  # fewer than five a branch
        [CAT, {**CAT, "type": "dog"}] * 6,  # both have the same keys
        [CAT, DOG, {"tail": True}] * 6,  # without a tag
        [{"type": "cat", "a": 1}, {"type": "cat", "b": 1}, {"type": "dog", "a": 1}, {"type": "dog", "b": 1}] * 6,
    ],
)
def test_otherwise_it_is_one_merged_record(values: Any) -> None:
    shape = shape_of([values]).items
    assert shape.union is None
    assert "type" in shape.properties


def test_a_union_that_may_be_null() -> None:
    shape = shape_of([[CAT, DOG, None] * 6])
    assert to_schema(shape)["items"]["oneOf"][-1] == {"type": "null"}


def test_tuples_are_arrays_of_one_length_whose_positions_differ() -> None:
    shape = shape_of([["EUR", index] for index in range(6)])
    assert shape.tuple_items == (("string",), ("integer",))
    assert to_schema(shape) == {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}
    assert shape_of([[1, 2]] * 6).tuple_items == ()
    assert shape_of([["EUR", 1]] * 4).tuple_items == ()
    mixed = shape_of([["EUR", 1], ["USD", "x"]] * 5)
    assert to_schema(mixed)["prefixItems"][1] == {"type": ["integer", "string"]}


def test_lengths_and_empty_arrays() -> None:
    shape = shape_of([[], [1], [1, 2, 3]])
    assert (shape.lengths, shape.empty, shape.items.n) == ((0, 3), 1, 4)


def test_the_default_policy_is_the_one_that_derive_uses() -> None:
    counts = learn([{"state": "open"}] * 20)
    assert derive(counts) == derive(counts, DEFAULT)
    assert derive(counts, Policy(enum_n=21)).properties["state"].shape.enum == ()


@pytest.mark.parametrize("part", ["object", "array", "numbers"])
def test_evidence_that_contradicts_itself_gives_a_shape_all_the_same(part: str) -> None:
    data = learn([{"a": [[1, 2]] * 30}] * 30).to_json()
    inner = data["object"]["keys"]["a"]["array"]["items"]
    if part == "numbers":
        inner["array"]["items"]["numbers"]["digits"] = [-(10**12), 5]
    else:
        (data if part == "object" else inner)["kinds"] = {"string": [30, 30]}
    shape = derive(Counts.from_json(data))
    assert shape.n == 30
    assert Validator(to_schema(shape)).is_valid("text") is (part == "object")
