"""Where tracking ends: what is too much, too deep or of no known form is never taken for unread."""

from __future__ import annotations

import json
import pprint
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from lookalike.double.journal import Journal
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.messages import Exchange, Fault, Request, Response
from lookalike.reads import Observer, Source, attach
from lookalike.reads.tracked import TrackedDict

SOURCE = Source("https://api.test", "GET", "https://api.test/a", 200)
URL = "https://api.test/a"


@pytest.fixture
def observer() -> Iterator[Observer]:
    one = Observer()
    stop = attach.begin(one, when_imported=when_imported, patches=Patches())
    one.begin("t::test")
    yield one
    one.end()
    stop()


def used(observer: Observer, place: str, operation: str = "GET /a") -> str:
    observer.end()
    found = observer.by_operation(lambda source: ("api", "GET /a"))
    return found["api"].used(operation, place) if found else "nothing"


def test_what_a_journal_records_is_heard_as_what_it_notes_is(observer: Observer) -> None:
    journal = Journal(base_url="https://api.test")
    request = Request("GET", URL)
    journal.record(Exchange(request, Response(json={"a": 1})))
    journal.record(lambda: Exchange(request, Response(json={"a": 2, "b": 3})))
    journal.record(Exchange(request, None))
    journal.note(request, Fault("refused"))
    assert json.loads('{"a":1}')["a"] == 1
    assert json.loads('{"a":2,"b":3}')["b"] == 3
    assert (used(observer, "json.a"), used(observer, "json.b"), used(observer, "json.c")) == ("read", "read", "unseen")


def test_an_answer_without_a_body_says_nothing_and_a_stream_is_not_known(observer: Observer) -> None:
    journal = Journal(base_url="https://api.test")
    journal.note(Request("HEAD", URL), Response(json={"a": 1}))
    observer.end()
    assert observer.reads == {}
    observer.begin("t::other")
    journal.note(Request("GET", URL), Response(chunks=lambda: [b'{"a":', b"1}"]))
    assert used(observer, "json.a") == "unknown"


def test_what_fails_while_it_takes_hold_lets_go_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    before = json.JSONDecoder.decode

    def fails(name: str, hook: Any) -> Any:
        if name == "orjson":
            raise KeyError(name)
        return when_imported(name, hook)

    with pytest.raises(KeyError):
        attach.begin(Observer(), when_imported=fails, patches=Patches())
    assert json.JSONDecoder.decode is before


def test_libraries_that_lack_what_is_watched_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other releases have other functions and other representers."""
    old = ModuleType("lookalike_old_library")
    old.Dumper = type("Dumper", (), {"yaml_representers": {}})  # type: ignore[attr-defined]  # a module of ours
    monkeypatch.setitem(sys.modules, old.__name__, old)
    monkeypatch.setattr(attach, "PARSERS", {old.__name__: ("loads",)})
    monkeypatch.setattr(attach, "READERS", {old.__name__: ("dumps",)})
    monkeypatch.setattr(attach, "_YAML", {old.__name__: ("Dumper",)})
    monkeypatch.setattr(attach, "_PRINTERS", {old.__name__: "Printer"})
    before = dict(vars(old))
    attach.begin(Observer(), when_imported=when_imported, patches=Patches())()
    assert vars(old) == before
    assert old.Dumper.yaml_representers == {}


def test_a_parser_that_is_given_nothing_says_so_itself(observer: Observer) -> None:
    import orjson

    with pytest.raises(TypeError):
        orjson.loads()  # type: ignore[call-arg]  # as a slip would


def test_more_bodies_and_sources_than_are_kept_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.reads.observer._MOST_BODIES", 2)
    monkeypatch.setattr("lookalike.reads.observer._MOST_SOURCES", 2)
    one = Observer()
    stop = attach.begin(one, when_imported=when_imported, patches=Patches())
    try:
        one.begin("t::test")
        for number in range(4):
            text = f'{{"a":{number}}}'
            one.received(Source("https://api.test", "GET", f"https://api.test/{number}", 200), text)
            assert json.loads(text)["a"] == number
        one.end()
    finally:
        stop()
    assert len(one.reads) == 2


def test_of_an_object_with_more_keys_than_are_followed_no_key_is_told(
    observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookalike.reads.tracked._MOST_KEYS", 3)
    table = '{"few":{"a":{},"b":{}},"many":{"a":{},"b":{},"c":{},"d":{}}}'
    observer.received(SOURCE, table)
    found = json.loads(table)
    kept = [key for key, one in found["many"].items() if isinstance(one, TrackedDict)]
    assert kept == ["a", "b", "c"]
    assert found["few"]["a"] == {}
    assert found["many"]["a"] == found["many"]["d"] == {}
    assert (used(observer, "json.few.a"), used(observer, "json.few.b")) == ("read", "unseen")


def test_a_value_deeper_than_python_s_frames_is_not_followed(
    observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decoder in C goes deeper than Python's frames do."""

    def deep(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr("lookalike.reads.observer.tracked", deep)
    observer.received(SOURCE, '{"a":1}')
    assert json.loads('{"a":1}') == {"a": 1}
    assert used(observer, "json.a") == "unknown"


def test_what_is_no_text_is_nobody_s_body(observer: Observer) -> None:
    observer.received(SOURCE, '{"a":1}')
    assert observer.parsed(5, {"a": 1}, sys._getframe()) == {"a": 1}
    assert type(observer.parsed(b"\xff", {"a": 1}, sys._getframe())) is dict
    assert type(observer.parsed(memoryview(b'{"a":1}'), {"a": 1}, sys._getframe())) is TrackedDict


def test_keys_that_json_has_not_are_no_reads(observer: Observer) -> None:
    class Name(str):
        __slots__ = ()

    observer.received(SOURCE, '{"a":1,"b":2}')
    value = json.loads('{"a":1,"b":2}')
    assert (value.get(5), value[Name("b")]) == (None, 2)
    assert (used(observer, "json.a"), used(observer, "json.b")) == ("unseen", "read")


def test_whoever_reduces_an_object_gets_a_dict_and_reads_all(observer: Observer) -> None:
    observer.received(SOURCE, '{"a":1}')
    value = json.loads('{"a":1}')
    made, arguments, _, _, items = value.__reduce__()
    assert (made, arguments, list(items)) == (dict, (), [("a", 1)])
    assert used(observer, "json.b") == "read"


def test_a_printer_lays_it_out_as_a_dict(observer: Observer) -> None:
    observer.received(SOURCE, '{"b":[{"c":1}],"a":"x"}')
    value = json.loads('{"b":[{"c":1}],"a":"x"}')
    assert pprint.pformat(value, width=8) == pprint.pformat({"a": "x", "b": [{"c": 1}]}, width=8)
    assert used(observer, "json.z") == "read"
