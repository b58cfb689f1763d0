"""The elements of an array in a JSON document, whatever its size and damage."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.traffic import elements as module
from lookalike.traffic.elements import elements
from lookalike.traffic.opened import DEFAULT_LIMITS, Limits, Opened
from lookalike.traffic.pieces import Pieces

Path = tuple[str, ...]
LOG: Path = ("log", "entries")


def pieces_of(content: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def walk(
    content: bytes, *paths: Path, limits: Limits = DEFAULT_LIMITS, size: int = 1 << 20
) -> tuple[list[tuple[int, Any]], list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    stream = cast("BinaryIO", Pieces(pieces_of(content, size)))  # each read gives one piece
    opened = Opened("x", stream, content[:100], lambda entry, why: told.append((entry, why)), limits)
    return list(elements(opened, *(paths or (LOG,)))), told


@pytest.mark.parametrize(
    ("content", "paths", "found"),
    [
        (b'{"log": {"entries": [1, "a", null, {"b": []}]}}', (LOG,), [1, "a", None, {"b": []}]),
        (b'{"log": {"version": "1.2", "pages": [{"entries": [9]}], "entries": [1]}}', (LOG,), [1]),
        (b'{"entries": [1], "log": {"entries": [2]}}', (LOG, ("entries",)), [1, 2]),
        (b"[1, 2]", ((),), [1, 2]),
        (b"[1, 2] [3]\n[4]", ((),), [1, 2, 3, 4]),
        (b'{"log": {"entries": []}}', (LOG,), []),
        (b'{"log": {"entries": {"a": 1}}}', (LOG,), []),
        (b'{"log": [1], "other": 5}', (LOG,), []),
        (b'{"l\\u006fg": {"entries": [1.5e3]}}', (LOG,), [1500.0]),
        (b'{"a}\\"]": "]}", "log": {"x": "\\\\", "entries": ["}],", {"a": "{[\\""}]}}', (LOG,), ["}],", {"a": '{["'}]),
        (b"", (LOG,), []),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_elements_are_found_where_the_path_leads(
    content: bytes, paths: tuple[Path, ...], found: list[Any], size: int
) -> None:
    assert walk(content, *paths, size=size) == (list(enumerate(found, 1)), [])


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (b'{"a": NaN}', "nan"),
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b'{"a": "x\ny"}', {"a": "x\ny"}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
    ],
)
def test_what_only_a_tolerant_parser_reads_is_read(element: bytes, value: Any) -> None:
    found, told = walk(b'{"log": {"entries": [' + element + b', {"b": 1}]}}')
    assert not told
    assert found[1] == (2, {"b": 1})
    if value == "nan":
        assert found[0][1]["a"] != found[0][1]["a"]
    else:
        assert found[0] == (1, value)


def test_an_element_that_is_no_json_costs_itself_alone() -> None:
    found, told = walk(b'{"log": {"entries": [{"a": 1}, {"a" 2}, {"a": tru}, {"a": 4}]}}')
    assert found == [(1, {"a": 1}), (4, {"a": 4})]
    assert [entry for entry, _ in told] == ["entry 2", "entry 3"]
    assert all(why.startswith("it isn't JSON: ") for _, why in told)


def test_nesting_without_end_is_refused_as_that_element() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    found, told = walk(b'{"log": {"entries": [' + deep + b', {"a": 1}]}}')
    assert found == [(2, {"a": 1})]
    assert told[0][0] == "entry 1"


@pytest.mark.parametrize(
    "element", [b'{"a": "%s"}' % (b"x" * 500), b'"%s"' % (b"\\" * 600), b"[%s1]" % (b"1," * 300), b"1" * 500]
)
@pytest.mark.parametrize("size", [3, 64, 1 << 20])
def test_an_element_beyond_the_limit_is_passed_over(element: bytes, size: int) -> None:
    content = b'{"log": {"entries": [{"a": 1}, ' + element + b', {"a": 3}]}}'
    found, told = walk(content, limits=Limits(entry=100), size=size)
    assert found == [(1, {"a": 1}), (3, {"a": 3})]
    assert told == [("entry 2", "it is larger than 100 bytes")]


def test_a_key_that_is_no_text_is_passed_over() -> None:
    assert walk(b'{"\\q": [1], "log": {"entries": [2]}}') == ([(1, 2)], [])


def test_a_key_beyond_the_limit_is_passed_over() -> None:
    content = b'{"%s": 1, "log": {"entries": [1]}}' % (b"k" * 500)
    assert walk(content, limits=Limits(entry=100), size=10)[0] == [(1, 1)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"log": {"entries": [{"a": 1}, {"a": ', ("entry 2", "the file ends within it")),
        (b'{"log": {"entries": [{"a": 1}, ', ("after entry 1", "the file ends too early")),
        (b'{"log": {"entries": [', ("", "the file ends too early")),
        (b'{"log": {"pages": "abc', ("", "the file ends too early")),
        (b'{"log": {"entries": [{"a": 1}] ] }', ("after entry 1", "what follows isn't JSON (at byte 31)")),
        (b'{"log": {"entries": [{"a": 1}} ]', ("after entry 1", "what follows isn't JSON (at byte 29)")),
        (b'{"log": {entries: 1}}', ("", "what follows isn't JSON (at byte 9)")),
        (b'{"log" 1}', ("", "what follows isn't JSON (at byte 7)")),
        (b'{"log": :}', ("", "what follows isn't JSON (at byte 8)")),
    ],
)
def test_where_it_ends_is_told(content: bytes, told: tuple[str, str]) -> None:
    assert walk(content)[1] == [told]


_DOCUMENT = json.dumps(
    {
        "log": {
            "pages": [{"id": "é]}"}],
            "entries": [{"a": [1, {"b": '}\\" {['}]}, {"a": None}, {"c": "ü" * 9}, 12, "s"],
        }
    },
    ensure_ascii=False,
).encode()


def test_cut_off_anywhere_the_whole_elements_are_there() -> None:
    whole, _ = walk(_DOCUMENT)
    counts = []
    for end in range(len(_DOCUMENT)):
        found, told = walk(_DOCUMENT[:end], size=11)
        assert found == whole[: len(found)]
        assert told or not _DOCUMENT[:end].strip()
        counts.append(len(found))
    assert counts == sorted(counts)
    assert counts[-1] == len(whole)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(_VALUES, max_size=8), st.integers(1, 40), st.booleans())
def test_in_pieces_as_the_parser_has_it_whole(values: list[Any], size: int, indent: bool) -> None:
    option = orjson.OPT_INDENT_2 if indent else 0
    content = orjson.dumps({"log": {"x": values, "entries": values}}, option=option)
    whole = orjson.loads(content)["log"]["entries"]
    assert walk(content, size=size) == (list(enumerate(whole, 1)), [])


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\ 1alogentris', max_size=80).map(str.encode))
def test_any_bytes_end_without_an_error(content: bytes) -> None:
    found, told = walk(content, LOG, ("entries",), (), size=5)
    numbers = [number for number, _ in found]
    assert numbers == sorted(set(numbers))
    assert all(why for _, why in told)


def test_alike_elements_are_found_by_the_beginning_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without looking for the next element's beginning the same is found."""
    entries = [{"id": n, "tags": [{"id": "x"}, {"id": '"},{"id"'}], "text": "y" * (n % 50)} for n in range(300)]
    content = orjson.dumps({"log": {"entries": entries}})
    quick = walk(content)
    monkeypatch.setattr(module, "_TRUST", 0)
    assert quick == walk(content) == (list(enumerate(entries, 1)), [])


def test_memory_stays_flat() -> None:
    entry = orjson.dumps({"a": "x" * 20_000, "b": list(range(500))})

    def pieces() -> Iterator[bytes]:
        yield b'{"log": {"pages": "'
        for _ in range(500):
            yield b"p" * 20_000
        yield b'", "entries": ['
        for number in range(5000):
            yield entry if not number else b"," + entry
        yield b"]}}"

    opened = Opened("x", io.BufferedReader(Pieces(pieces())), b"", lambda entry, why: pytest.fail(why))
    tracemalloc.start()
    try:
        assert sum(1 for _ in elements(opened, LOG)) == 5000  # 120 MB
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
