"""One file opened, whatever holds its bytes and however they are packed."""

from __future__ import annotations

import gzip
import io
import sys
import tracemalloc
from collections import deque
from importlib import import_module
from pathlib import Path

import fsspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import FileError, UsageError
from lookalike.traffic import compressed
from lookalike.traffic.opened import DEFAULT_LIMITS, Limits
from lookalike.traffic.opening import HEAD, opening
from lookalike.traffic.pieces import CHUNK, Pieces, as_utf8

TEXT = '{"log": "é"}\n'.encode() * 10


def content_of(name: object, limits: Limits = DEFAULT_LIMITS) -> tuple[bytes, list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    with opening(str(name), lambda entry, why: told.append((entry, why)), limits) as opened:
        content = opened.stream.read()
        assert opened.head == content[:HEAD]
        assert opened.limits is limits
    assert opened.stream.closed
    return content, told


@pytest.mark.parametrize(
    "packed",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:]),
        zstandard.compress(TEXT),
        zstandard.compress(TEXT[:40]) + zstandard.compress(TEXT[40:]),
        b"\xef\xbb\xbf" + TEXT,
        gzip.compress(b"\xef\xbb\xbf" + TEXT),
        TEXT.decode().encode("utf-16"),
        b"\xfe\xff" + TEXT.decode().encode("utf-16-be"),
    ],
    ids=["plain", "gzip", "members", "zstd", "frames", "mark", "gzip mark", "utf-16", "utf-16-be"],
)
def test_packed_text_is_the_text_whatever_its_name(tmp_path: Path, packed: bytes) -> None:
    for name in ("x.har", "x.har.gz", "x"):
        (tmp_path / name).write_bytes(packed)
        assert content_of(tmp_path / name) == (TEXT, [])


_STDLIB = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


@pytest.mark.parametrize("name", ["zstandard", _STDLIB])
def test_zstandard_by_each_library(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library = import_module(name)
    monkeypatch.setattr(compressed, "coding_library", lambda coding: library)
    content = b"x" * (CHUNK * 5)
    (tmp_path / "x.zst").write_bytes(library.compress(content))
    assert content_of(tmp_path / "x.zst") == (content, [])
    (tmp_path / "x.zst").write_bytes(library.compress(TEXT)[:-4])
    found, told = content_of(tmp_path / "x.zst")
    assert TEXT.startswith(found)
    assert [entry for entry, _ in told] == [""]
    assert told[0][1].startswith("its Zstandard data is cut off or damaged after ")


def test_zstandard_without_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "coding_library", lambda coding: None)
    (tmp_path / "x.zst").write_bytes(zstandard.compress(TEXT))
    with pytest.raises(UsageError, match=r'Zstandard needs a library; run: pip install "lookalike\[encodings\]"'):
        content_of(tmp_path / "x.zst")


def test_damaged_data_ends_where_it_is_damaged_and_is_told(tmp_path: Path) -> None:
    content = b"".join(b'{"n": %d}\n' % n for n in range(200_000))
    packed = gzip.compress(content)
    for damaged in (packed[: len(packed) // 2], packed[: len(packed) // 2] + b"\xff" * 100 + packed[-1000:]):
        (tmp_path / "x.gz").write_bytes(damaged)
        found, told = content_of(tmp_path / "x.gz")
        assert len(found) > len(content) // 4
        assert content.startswith(found[: len(content) // 4])
        assert len(told) == 1
        assert told[0][0] == ""
        assert told[0][1].startswith(f"its gzip data is cut off or damaged after {len(found):,} bytes of content (")


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    assert content_of(tmp_path / "x") == (b"", [])


def test_a_bomb_takes_no_memory_and_ends_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"\0" * 50_000_000))
    tracemalloc.start()
    try:
        with opening(str(tmp_path / "x.gz"), lambda entry, why: None, Limits(file=20_000_000)) as opened:
            with pytest.raises(FileError) as caught:
                deque(iter(lambda: opened.stream.read(10_000), b""), maxlen=0)
            assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert "more than 20,000,000 bytes, which is the limit of one file" in str(caught.value)


def test_a_file_system_of_fsspec() -> None:
    fsspec.filesystem("memory").pipe("/opening/x.har.gz", gzip.compress(TEXT))
    assert content_of("memory://opening/x.har.gz") == (TEXT, [])


def test_standard_input_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO(gzip.compress(TEXT))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    told: list[str] = []
    with opening("-", lambda entry, why: told.append(why)) as opened:
        assert opened.name == "standard input"
        assert opened.stream.read() == TEXT
    assert not raw.closed


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.har", "no such file or folder"),
        ("folder", "this is a folder"),
        ("memory://opening/gone.har", "no such file or folder"),
        ("nosuch://x", "Protocol not known: nosuch"),
    ],
)
def test_what_can_not_be_opened(tmp_path: Path, name: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=f"^{name}: {said}"):
        content_of(name)


def test_a_connection_that_breaks_is_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [b"{" * 100]

    class Breaking(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            if not pieces:
                raise ConnectionResetError(104, "Connection reset by peer")
            return pieces.pop()

    memory = fsspec.filesystem("memory")
    monkeypatch.setattr(type(memory), "open", lambda self, path, mode: Breaking())
    with pytest.raises(FileError, match=r"memory://x: can't be read: Connection reset by peer"):
        content_of("memory://x")


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.integers(1, 9))
def test_any_text_in_any_pieces_as_utf_8(text: str, encoding: str, size: int) -> None:
    content = text.encode(encoding)
    if encoding == "utf-8" and text.startswith("\ufeff"):
        text = text[1:]
    pieces = (content[at : at + size] for at in range(0, len(content), size))
    found = list(as_utf8(pieces))
    assert b"".join(found).decode() == text
    assert all(found)


def test_utf_16_that_ends_in_the_middle() -> None:
    assert b"".join(as_utf8(iter([b"\xff\xfea\0\xff"]))) == "a\ufffd".encode()


@given(st.lists(st.binary(min_size=1, max_size=20)), st.integers(1, 30))
def test_pieces_are_a_file(pieces: list[bytes], size: int) -> None:
    stream = io.BufferedReader(Pieces(iter(pieces)), size)
    assert stream.readable()
    assert b"".join(iter(lambda: stream.read(size), b"")) == b"".join(pieces)
