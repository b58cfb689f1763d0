"""What a file is, told by its content."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike import traffic
from lookalike.errors import FileError, UsageError
from lookalike.traffic.detect import format_named, format_of, kind_of
from lookalike.traffic.formats import FORMATS
from lookalike.traffic.opened import Opened, Skipped

HAR = (
    b'{"log": {"entries": [{"request": {"method": "GET", "url": "https://api.test/a"},'
    b' "response": {"status": 200, "content": {"text": "hi"}}}]}}'
)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "holds only white space"),
        (b"PK\x03\x04abc", "is a zip archive (unpack it, or name what is in it as zip://*.har::FILE)"),
        (b"\x89PNG\r\n", "is a PNG image"),
        (b"SQLite format 3\0", "is an SQLite database"),
        (b"abc\0def", "is binary"),
        (b"\n<!DOCTYPE html><html>", "is an HTML page"),
        (b"<html lang=de>", "is an HTML page"),
        (b'<?xml version="1.0"?>', "is XML"),
        (b"<feed>", "is XML"),
        (b'{"openapi": "3.1.0"}', "is an OpenAPI document"),
        (b'{"info": 1, "swagger": "2.0"}', "is an OpenAPI document"),
        (b"# a\nopenapi: 3.0.0\n", "is an OpenAPI document"),
        (b'{"a": 1}', "is JSON of another kind"),
        (b"[1, 2]", "is JSON of another kind"),
        (b"MIT License\n\nCopyright", "is text"),
        (b"caf\xe9 au lait, gar\xe7on", "is neither UTF-8 text nor a known binary format"),
        ("é".encode()[:1], "is text"),
    ],
)
def test_what_a_file_is_instead(head: bytes, words: str) -> None:
    assert kind_of(head) == words


@pytest.mark.parametrize("content", [b"", b"MIT License", b"\x89PNG\r\n", b'{"a": 1}', b"\x1f\x8b\x08broken"])
def test_named_it_is_an_error_found_it_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(content)
    (tmp_path / "b.har").write_bytes(HAR)
    with pytest.raises(FileError, match=r"a\.bin: .*, no recorded traffic"):
        list(traffic.read(tmp_path / "a.bin"))
    for source in (tmp_path, tmp_path / "*.*"):
        told: list[Skipped] = []
        found = list(traffic.read(source, skipped=told.append))
        assert [exchange.request.url for exchange in found] == ["https://api.test/a"]
        assert {one.file for one in told} == {str(tmp_path / "a.bin")}
        assert told[-1].why.endswith(", no recorded traffic")


def test_the_error_says_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"hello")
    with pytest.raises(FileError) as caught:
        list(traffic.read(tmp_path / "x.txt"))
    assert caught.value.hint.startswith("What is read: HAR, ")
    (tmp_path / "x.txt").write_bytes(b"")
    with pytest.raises(FileError) as caught:
        list(traffic.read(tmp_path / "x.txt"))
    assert str(caught.value) == f"{tmp_path / 'x.txt'}: is empty, no recorded traffic"


def test_a_format_that_is_said_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b'{"first": 1, "log": {"entries": []}}')
    told: list[str] = []
    assert list(traffic.read(tmp_path / "x", format="har", skipped=lambda one: told.append(one.why))) == []
    assert told == ["it holds no entry"]


def test_no_such_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        traffic.read(tmp_path, format="hra")
    names = ", ".join(sorted(one.name for one in FORMATS))
    assert str(caught.value) == f"no format 'hra'; did you mean 'har'? There are {names}."
    with pytest.raises(UsageError, match="no format 'xxxxxx'; there are "):
        format_named("xxxxxx")


def test_every_format_is_a_reader() -> None:
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    for one in FORMATS:
        assert format_named(one.name) is one
        assert one.label
        assert callable(one.reader.recognises)
        assert callable(one.reader.read)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode), st.sampled_from(["x.har", "x.yaml", "x"]))
def test_any_head_is_a_format_or_said_to_be_something(head: bytes, name: str) -> None:
    opened = Opened(name, io.BytesIO(head), head, lambda entry, why: None)
    try:
        said = format_of(opened).name
    except FileError as error:
        said = error.problem
    assert said.startswith(("is ", "holds ")) or said in {one.name for one in FORMATS}


def test_sources_are_read_in_turn_each_closed(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(HAR)
    (tmp_path / "b.har.gz").write_bytes(gzip.compress(HAR.replace(b"/a", b"/b")))
    found = [exchange.request.path for exchange in traffic.read(tmp_path / "b.har.gz", tmp_path)]
    assert found == ["/b", "/a"]
    reading: Any = traffic.read(tmp_path)
    assert next(reading).request.path == "/a"
    reading.close()


def test_a_source_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file or folder"):
        traffic.read(tmp_path / "gone.har")


def test_a_file_that_goes_after_it_was_found(tmp_path: Path) -> None:
    told: list[Skipped] = []
    assert list(traffic.read_file(tmp_path / "gone.har", skipped=told.append, named=False)) == []
    assert [str(one) for one in told] == [f"{tmp_path / 'gone.har'}: no such file or folder"]
    with pytest.raises(FileError, match="no such file or folder"):
        list(traffic.read_file(tmp_path / "gone.har"))


def test_nobody_has_to_listen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    assert list(traffic.read(tmp_path)) == []
