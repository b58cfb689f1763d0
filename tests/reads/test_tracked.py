"""Tracked objects: every operation gives what it gives on built-in ones, and says which keys it read."""

import copy
import json
import marshal
import operator
import pickle
import pprint
from collections import ChainMap, Counter, OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from ruamel.yaml import YAML

from lookalike.contract.reads import Reads
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.reads import Observer, Source
from lookalike.reads.attach import begin

SOURCE = Source("https://api.example", "GET", "https://api.example/a", 200)
VALUE = {"a": 1, "b": {"c": [{"d": 1}, {"d": 2, "e": None}]}, "z": "text"}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def observer() -> Iterator[Observer]:
    observer = Observer()
    stop = begin(observer, when_imported=when_imported, patches=Patches())
    yield observer
    stop()


def received(observer: Observer, value: Any) -> Any:
    text = json.dumps(value)
    observer.received(SOURCE, text)
    return json.loads(text)


def outcome(operation: Callable[[Any], Any], value: Any) -> Any:
    try:
        return operation(value)
    except Exception as error:
        return type(error), str(error)


def merged(**more: Any) -> dict[str, Any]:
    return more


def matched(value: Any) -> Any:
    match value:
        case {"a": a, **rest}:
            return a, rest
        case [first, *others]:
            return first, others
        case dict():
            return "an object"
        case _:
            return value


def changed(value: Any) -> Any:
    value["new"] = 1
    value |= {"newer": 2}
    del value["new"]
    return value, value.pop("a", None), value.setdefault("b", 3), value.popitem(), len(value)


class Model(BaseModel):
    a: Any = None
    b: Any = None


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "dumps": json.dumps,
    "dumps sorted": lambda value: json.dumps(value, indent=1, sort_keys=True),
    "orjson": lambda value: orjson.dumps(value),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "pickle 0": lambda value: pickle.loads(pickle.dumps(value, 0)),
    "marshal": lambda value: marshal.loads(marshal.dumps(value)),
    "yaml": yaml.safe_dump,
    "yaml dump": yaml.dump,
    "pprint": lambda value: pprint.pformat(value, width=9),
    "repr": repr,
    "str": str,
    "format": lambda value: f"{value}",
    "bool": bool,
    "len": len,
    "list": list,
    "sorted": lambda value: sorted(value, key=str),
    "reversed": lambda value: list(reversed(value)),
    "dict": dict,
    "unpacked": lambda value: {**value},
    "called": lambda value: merged(**value),
    "or": lambda value: value | {"q": 1},
    "or from the right": lambda value: {"q": 1} | value,
    "in": lambda value: "a" in value,
    "a key": operator.itemgetter("a"),
    "no key": lambda value: value["nothing"],
    "a key of no kind": lambda value: value[[]],
    "get": lambda value: value.get("a", 5),
    "keys": lambda value: sorted(value.keys() & {"a", "b"}),
    "items": lambda value: list(value.items()),
    "values": lambda value: list(value.values()),
    "match": matched,
    "changed": changed,
    "hash": hash,
    "equal": lambda value: (value == VALUE, value != VALUE, value == VALUE),
    "less": lambda value: value < value,
    "slice": lambda value: value[0:1],
    "chained": lambda value: dict(ChainMap({}, value)),
    "ordered": OrderedDict,
    "counted": lambda value: Counter(list(value)),
    "rebuilt": lambda value: type(value)((key, 1) for key in value),
    "fromkeys": lambda value: type(value).fromkeys("ab"),
    "copied": lambda value: value.copy(),
    "isinstance": lambda value: (isinstance(value, dict), isinstance(value, list)),
    "pydantic": lambda value: Model.model_validate(value).model_dump(),
    "percent": lambda value: "%(a)s" % value,  # noqa: UP031 - it is what is asked for
    "formatted": lambda value: "{a}".format_map(value),
}


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=25)
@given(value=values)
def test_the_same_as_on_the_built_in_ones(observer: Observer, name: str, value: Any) -> None:
    plain = json.loads(json.dumps(value))
    tracked = received(observer, value)
    operation = OPERATIONS[name]
    expected, got = outcome(operation, plain), outcome(operation, tracked)
    assert expected == got
    assert plain == tracked, "what it did to the value itself"


def test_pickles_have_no_trace_of_it(observer: Observer) -> None:
    assert b"lookalike" not in pickle.dumps(received(observer, VALUE))
    assert type(pickle.loads(pickle.dumps(received(observer, VALUE)))["b"]) is dict


def test_ruamel_writes_it(observer: Observer) -> None:
    import io

    written, expected = io.StringIO(), io.StringIO()
    YAML(typ="safe", pure=True).dump(received(observer, VALUE), written)
    YAML(typ="safe", pure=True).dump(VALUE, expected)
    assert written.getvalue() == expected.getvalue()


def reads_of(observer: Observer, act: Callable[[Any], Any], value: Any = VALUE, loads: Any = json.loads) -> Reads:
    observer.begin("t::test")
    observer.reads.clear()
    text = json.dumps(value)
    observer.received(SOURCE, text.encode())
    act(loads(text))
    observer.end()
    return observer.by_operation(lambda source: ("api", "GET /a"))["api"]


@pytest.mark.parametrize("loads", [json.loads, lambda text: orjson.loads(text.encode())])
def test_a_key_that_is_read_is_noted_with_its_line(observer: Observer, loads: Any) -> None:
    reads = reads_of(observer, lambda value: value["b"]["c"][1]["d"], loads=loads)
    (reader,) = reads.readers("GET /a", "json.b.c[].d")
    assert (reader.test, reader.own) == ("t::test", True)
    assert "test_tracked.py:" in reader.where
    assert reads.used("GET /a", "json.b.c[].e") == "unseen"
    assert reads.used("GET /a", "json.a") == "unseen"
    assert reads.used("GET /a", "json.b.c") == "read"


BLIND: dict[str, Callable[[Any], Any]] = {
    "an object that went away": lambda value: value["b"],
    "nothing at all": lambda value: None,
    "unbound": lambda value: dict.get(value, "a"),
}


@pytest.mark.parametrize("name", BLIND)
def test_what_leaves_no_trace_is_never_unread(observer: Observer, name: str) -> None:
    assert reads_of(observer, BLIND[name]).used("GET /a", "json.b.other") == "unknown"


@pytest.mark.parametrize("name", ["dumps", "orjson", "marshal", "pickle", "yaml", "repr", "dict", "unpacked", "items"])
def test_whoever_takes_all_reads_all(observer: Observer, name: str) -> None:
    reads = reads_of(observer, OPERATIONS[name])
    assert reads.used("GET /a", "json.z") == "read"
    assert reads.used("GET /a", "json.other") == "read"
    assert reads.used("GET /a", "json.b.c[].d") in ("read", "unknown")


def test_a_model_reads_its_fields(observer: Observer) -> None:
    reads = reads_of(observer, Model.model_validate)
    assert reads.used("GET /a", "json.a") == "read"
    assert reads.used("GET /a", "json.z") != "unseen" or reads.readers("GET /a", "json.a")


@pytest.mark.parametrize("given", [None, b"\xff\xfe", '{"a": 1}', b'{"a": ' + b" " * 4_000_001 + b"1}"])
def test_a_body_that_no_known_parser_got_is_never_unread(given: Any) -> None:
    observer = Observer()
    observer.begin("t::test")
    observer.received(SOURCE, given)
    observer.end()
    assert observer.by_operation(lambda source: ("api", "GET /a"))["api"].used("GET /a", "json.a") == "unknown"


def test_hooks_of_the_decoder_leave_no_trace(observer: Observer) -> None:
    reads = reads_of(
        observer, lambda value: value["a"], loads=lambda text: json.loads(text, object_hook=lambda one: one)
    )
    assert reads.used("GET /a", "json.z") == "unknown"


def test_a_stranger_s_text_stays_what_it_is(observer: Observer) -> None:
    assert type(json.loads('{"never": "received"}')) is dict
    assert json.loads(b'{"never": "received"}') == orjson.loads(bytearray(b'{"never": "received"}'))


def test_an_object_with_a_great_many_keys_is_a_table(observer: Observer) -> None:
    table = {f"k{number}": {"v": 1} for number in range(700)}
    reads = reads_of(observer, lambda value: [one["v"] for one in value.values()], table)
    assert reads.used("GET /a", "json.*.v") == "read"
    assert reads.used("GET /a", "json.*.w") == "unknown"


def test_bodies_deeper_than_python_s_frames_stay_themselves(observer: Observer) -> None:
    deep = '{"a":' * 900 + "1" + "}" * 900
    observer.received(SOURCE, deep)
    assert json.dumps(json.loads(deep)).replace(" ", "") == deep
