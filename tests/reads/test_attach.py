"""Where tracking takes hold, and that nothing of it is left."""

import json
import marshal

import orjson
import yaml

from lookalike.double.journal import Journal
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.messages import Request, Response
from lookalike.reads import Observer, Source
from lookalike.reads.attach import begin
from lookalike.reads.tracked import TrackedDict

SOURCE = Source("https://api.example", "GET", "https://api.example/a", 200)


def test_doubles_are_heard_and_everything_is_put_back() -> None:
    before = (json.JSONDecoder.decode, orjson.loads, orjson.dumps, marshal.dumps, Journal.note, Journal.record)
    observer = Observer()
    stop = begin(observer, when_imported=when_imported, patches=Patches())
    try:
        observer.begin("t::test")
        journal = Journal(base_url="https://api.example")
        journal.note(Request("GET", "https://api.example/a?q=1"), Response(json={"k": {"v": 1}}))
        value = json.loads('{"k":{"v":1}}')
        assert type(value) is TrackedDict
        assert value["k"]["v"] == 1
        observer.end()
    finally:
        stop()
    assert before == (json.JSONDecoder.decode, orjson.loads, orjson.dumps, marshal.dumps, Journal.note, Journal.record)
    assert type(json.loads('{"k":{"v":1}}')) is dict
    assert TrackedDict not in yaml.SafeDumper.yaml_representers
    assert list(observer.reads) == [SOURCE]
