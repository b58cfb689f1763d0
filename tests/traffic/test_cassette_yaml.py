"""Cassettes in YAML: hostile, broken and odd ones, with libyaml and without it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike import yaml_events
from lookalike.errors import FileError
from lookalike.traffic import yaml_items
from lookalike.traffic.cassette import read
from lookalike.traffic.opened import Limits, Opened
from lookalike.traffic.yaml_items import Item, items
from lookalike.traffic.yaml_values import typed
from lookalike.yaml_events import parser

PARSERS = ("", "libyaml", "python")
LIMITS = Limits()


def opened(text: str | bytes, said: list[str], limits: Limits = LIMITS) -> Opened:
    data = text.encode() if isinstance(text, str) else text

    def skip(entry: str, why: str) -> None:
        said.append(f"{entry}: {why}")

    return Opened("a.yaml", io.BufferedReader(io.BytesIO(data)), data[:65536], skip, limits)


def found(text: str | bytes, library: str = "", limits: Limits = LIMITS) -> list[Item]:
    return list(items(opened(text, [], limits), library=library))


def values(text: str | bytes, library: str = "", limits: Limits = LIMITS) -> list[Any]:
    return [item.value for item in found(text, library, limits)]


LISTS = [
    ("interactions: []\n", []),
    ("interactions:\n", []),
    ("interactions:\nversion: 1\n", []),
    ("interactions: null\n", []),
    ("interactions:\n- a\n- b\n", ["a", "b"]),
    ("interactions:\n  - a\n  - b\nversion: 1\n", ["a", "b"]),
    ("version: 1\ninteractions:\n- a\n", ["a"]),
    ("version: 1\nmetadata:\n  x:\n  - 1\nhttp_interactions:\n- a\n", ["a"]),
    ('"interactions":\n- a\n', ["a"]),
    ("interactions: # these\n# and these\n\n- a\n# between\n- b\n", ["a", "b"]),
    ("interactions: &all !!seq\n- a\n", ["a"]),
    ("%YAML 1.1\n---\ninteractions:\n- a\n...\n", ["a"]),
    ("--- !tape\nname: x\ninteractions:\n- a\n", ["a"]),
    ("--- # c\ninteractions:\n- a\n---\nother: 1\n", ["a"]),
    ("- a\n- b\n", ["a", "b"]),
    ("\n---\n-\n  a: b\n-\n  c\n", [{"a": "b"}, "c"]),
    ("interactions:\r\n- a: 1\r\n  b: |\r\n    x\r\n    y\r\n- c\r\n", [{"a": "1", "b": "x\ny\n"}, "c"]),
    ("interactions:\n-   a: b\n    c: d\n", [{"a": "b", "c": "d"}]),
    ("interactions:\n- a: |\n    x\n\n    - y\n- b\n", [{"a": "x\n\n- y\n"}, "b"]),
    ("interactions:\n- a:\n  - b\n  - c\n- d", [{"a": ["b", "c"]}, "d"]),
    ("interactions: [a, {b: c}]\n", ["a", {"b": "c"}]),
    ("{version: 1, interactions: [a, b], more: [1]}", ["a", "b"]),
    ("{other: {interactions: [x]}, interactions: [a]}", ["a"]),
    ("{interactions: null}", []),
    ("[a, b]", ["a", "b"]),
    ("---\n{interactions: []}", []),
]


@pytest.mark.parametrize("library", PARSERS)
@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_lists_as_recorders_write_them(text: str, expected: list[Any], library: str) -> None:
    assert values(text, library) == expected


@pytest.mark.parametrize("text", ["", "a: 1\n", "# nothing\n", "{a: 1}", "interactions: {a: b}\n", "text\n", "---\n"])
def test_yaml_without_a_list_is_one_clear_error(text: str) -> None:
    with pytest.raises(FileError, match="no list of interactions in it"):
        found(text)


SCALARS = [
    ("plain text", "plain text"), ("'no'", "no"), ("no", "no"), ("~", None), ("null", None), ("''", ""),
    ("'null'", "null"),
    ("true", True), ("'true'", "true"), ("FALSE", False), ("12", 12), ("-3", -3), ("0o17", 15), ("0x1F", 31),
    ("1.5e3", 1500.0), ("12:30", "12:30"), ("2026-11-20", "2026-11-20"), (".nan", ".nan"),
    ("1_000", "1_000"),
    ("9" * 500, "9" * 500), ('"\\u00e9\\n\\x00"', "é\n\0"), ("|\n    a\n    b", "a\nb\n"), (">-\n    a\n    b", "a b"),
    ("'a\n    b'", "a b"), ("!!binary AP8=", b"\0\xff"), ("!!binary |\n    AP\n    8=", b"\0\xff"), ("!!str 12", "12"),
    ("!!int 12", 12), ("! 12", 12), ("!!python/unicode 'x'", "x"), ("!!python/str 12", "12"),
    ("!binary AP8=", b"\0\xff"),
    ("!!python/tuple [a, b]", ["a", "b"]), ("!ruby/hash:ActiveSupport::HashWithIndifferentAccess {a: b}", {"a": "b"}),
    ("!ruby/object:VCR::Response {a: b}", {"a": "b"}), ("{a: 1, a: 2}", {"a": 2}),
    ("{~: 1, null: 2}", {"~": 1, "null": 2}),
    ("{1: a, true: b}", {"1": "a", "true": "b"}), ("{a, b: }", {"a": None, "b": None}), ("[]", []), ("{}", {}),
    ("!ruby/string {str: x}", "x"), ("!str {}", ""), ("!str []", ""), ("!!set {a, b}", {"a": None, "b": None}),
]  # fmt: skip


@pytest.mark.parametrize("library", PARSERS)
@pytest.mark.parametrize(("text", "expected"), SCALARS)
def test_values_are_those_of_yaml_1_2(text: str, expected: Any, library: str) -> None:
    (value,) = values(f"interactions:\n- x: {text}\n", library)
    assert typed(value) == {"x": expected}
    assert type(typed(value)["x"]) is type(expected)


def test_numbers_keep_their_text() -> None:
    (value,) = values("- {a: 0x1F, b: 1.0}\n")
    assert value == {"a": "0x1F", "b": "1.0"}


ALIASES = [
    ("- &a {x: 1}\n- [*a, *a]\n", [{"x": 1}, [{"x": 1}, {"x": 1}]]),
    ("- {a: &s text, b: *s}\n", [{"a": "text", "b": "text"}]),
    ("- &a 1\n- &a 2\n- *a\n", [1, 2, 2]),
    ("- &a {x: 1, y: 2}\n- {<<: *a, y: 3}\n", [{"x": 1, "y": 2}, {"x": 1, "y": 3}]),
    ("- &a {x: 1}\n- &b {x: 2, z: 3}\n- {<<: [*a, *b]}\n", [{"x": 1}, {"x": 2, "z": 3}, {"x": 1, "z": 3}]),
    ("- {<<: text}\n", [{"<<": "text"}]),
]


@pytest.mark.parametrize("library", PARSERS)
@pytest.mark.parametrize(("text", "expected"), ALIASES)
def test_anchors_last_from_one_item_to_the_next(text: str, expected: list[Any], library: str) -> None:
    assert [typed(value) for value in values(text, library)] == expected


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "- " + "\n  ".join(lines) + "\n- fine\n"


HOSTILE = [
    (laughs(9), "line 4: its aliases stand for more than 10,000 values; write them out"),
    ("- &a [*a]\n- fine\n", "line 1: nothing before *a has that anchor"),
    ("- x: *nobody\n- fine\n", "line 1: nothing before *nobody has that anchor"),
    ("- x: !!python/object/apply:os.system ['id']\n- fine\n",
     "line 1: the tag !!python/object/apply:os.system isn't read"),
    ("- x: !!python/name:os.system ''\n- fine\n", "line 1: the tag !!python/name:os.system isn't read"),
    ("- x: !!python/object/new:os.Popen {}\n- fine\n", "line 1: the tag !!python/object/new:os.Popen isn't read"),
    ("- x: !ruby/object:Gem::Installer {}\n- fine\n", "line 1: the tag !ruby/object:Gem::Installer isn't read"),
    ("- x: !!binary '?'\n- fine\n", "line 1: its base64 is broken"),
    ("- {[a]: b}\n- fine\n", "line 1: a key that is no text"),
    ("- {!!binary AP8=: b}\n- fine\n", "line 1: a key that is no text"),
    ("- a: b\n   c: d\n- fine\n", "line 2: not YAML"),
    ("- a: 'b\n- fine\n", "line 2: not YAML"),
    ("- a: b\n\tc: d\n- fine\n", "line 2: not YAML"),
    ("- a: @b\n- fine\n", "line 1: not YAML"),
    ("- a: %b\n- fine\n", "line 1: not YAML"),
    ('- a: "\\q"\n- fine\n', "line 1: not YAML"),
    ("- [[[a\n- fine\n", "not YAML"),
    ("- a\nrubbish\n- fine\n", "line 3: not YAML"),
]  # fmt: skip


@pytest.mark.parametrize("library", PARSERS)
@pytest.mark.parametrize(("text", "why"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_refused_is_said_and_the_rest_is_read(text: str, why: str, library: str) -> None:
    first, *others = found(text, library)
    if first.value is None:
        assert why in first.why or first.why.startswith(("line ", "not YAML"))
        assert len(first.why) < 200
    assert [item.value for item in others][-1:] == ["fine"] or "fine" in str(first.value)


@pytest.mark.parametrize(("text", "why"), HOSTILE, ids=range(len(HOSTILE)))
def test_the_words_of_each_refusal(text: str, why: str) -> None:
    (first, fine) = found(text, "libyaml")
    assert why in first.why
    assert (first.entry, fine.entry, fine.value) == ("interaction 1", "interaction 2", "fine")


@pytest.mark.parametrize(
    ("opening", "library"),
    [("[", "libyaml"), ("{a: ", "libyaml"), ("- ", "libyaml"), ("? ", "libyaml"), ("- ", "python"), ("? ", "python")],
)
def test_nesting_a_million_deep_is_refused_at_once(opening: str, library: str) -> None:
    deep = opening * ((1_000_000 if library == "libyaml" else 50_000) // len(opening))
    (first, fine) = found(f"- {deep}\n- fine\n", library)
    assert first.why in ("line 1: nested deeper than 500 levels", "line 1: a key that is no text")
    assert fine.value == "fine"
    (first,) = found(f"[{deep}", library)
    assert first.why.startswith("line 1: ")


def test_nesting_in_what_is_passed_over_is_refused_too() -> None:
    (only,) = found("{x: " + "[" * 1000 + ", interactions: [a]}")
    assert only.why.startswith("line 1: nested deeper than 500 levels")


def test_one_item_beyond_the_limit_is_left_out() -> None:
    text = "interactions:\n- a\n- " + "\n  ".join(["word"] * 200_000) + "\n- b\n"
    first, second, third = found(text, limits=Limits(entry=100_000))
    assert (first.value, second.why, third.value) == ("a", "it is larger than 100,000 bytes", "b")
    first, second = found(text[: -len("- b\n")], limits=Limits(entry=100_000))
    assert (first.value, second.why) == ("a", "it is larger than 100,000 bytes")


def test_a_list_in_brackets_has_the_same_limit() -> None:
    text = "interactions: [a,\n" + "word\n" * 200_000 + ", b]"
    *_, last = found(text, limits=Limits(entry=100_000))
    assert last.why == "it is larger than 100,000 bytes; what follows isn't read"


def test_a_line_without_end_is_one_clear_error() -> None:
    with pytest.raises(FileError, match="a line of more than 300,000 bytes"):
        found("interactions:\n- " + "x" * 900_000, limits=Limits(entry=300_000))


def test_anchors_are_forgotten_before_they_fill_the_memory() -> None:
    text = "".join(f"- &a{n} {'x' * 900}\n" for n in range(100)) + "- *a0\n- *a99\n"
    *_, old, new = found(text, limits=Limits(entry=20_000))
    assert old.why == "line 101: nothing before *a0 has that anchor"
    assert new.value == "x" * 900


def test_memory_doesnt_grow_with_the_file() -> None:
    item = (
        b"- request: {method: GET, uri: 'https://a.example/'}\n  response: {status: 200, body: '"
        + b"x" * 2000
        + b"'}\n"
    )

    def peak(count: int) -> int:
        class Endless(io.RawIOBase):
            def __init__(self) -> None:
                self.left = count
                self.rest = b"interactions:\n"

            def readable(self) -> bool:
                return True

            def readinto(self, buffer: Any, /) -> int:
                if not self.rest and self.left:
                    self.left -= 1
                    self.rest = item
                taken = self.rest[: len(buffer)]
                buffer[: len(taken)] = taken
                self.rest = self.rest[len(taken) :]
                return len(taken)

        source = Opened("a", io.BufferedReader(Endless()), b"interactions:\n", lambda entry, why: None)
        tracemalloc.start()
        try:
            assert sum(1 for _ in read(source)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(1500) < peak(300) * 1.5


ENCODINGS = [
    (b"- caf\xe9\n- \x80uro\n", ["café", "€uro"]),
    (b"- caf\xc3\xa9\n", ["café"]),
    (b"- 'a\x01b\x7f'\n", ["a\ufffdb\ufffd"]),
    (b"- 'a\xef\xbb\xbfb'\n", ["a\ufffdb"]),
    (b"- '\x00'\n", ["\ufffd"]),
]


@pytest.mark.parametrize("library", PARSERS)
@pytest.mark.parametrize(("text", "expected"), ENCODINGS)
def test_bytes_that_are_no_yaml_are_read_as_near_as_may_be(text: bytes, expected: list[str], library: str) -> None:
    assert [value.replace("\ufeff", "\ufffd").replace("\x7f", "\ufffd") for value in values(text, library)] == expected


def test_what_follows_the_list_is_told() -> None:
    said: list[str] = []
    text = "interactions:\n- {request: 1}\ngrpc_interactions:\n- a\nws_interactions:\n- b\n"
    list(items(opened(text, said)))
    assert said == [
        "grpc_interactions: what isn't HTTP over requests and responses isn't read (gRPC)",
        "ws_interactions: what isn't HTTP over requests and responses isn't read (WebSockets)",
    ]
    said.clear()
    assert len(list(items(opened("interactions:\n- request: 1\nversion: 1\n- request: 2\n", said)))) == 1
    assert said == ["after interaction 1: a line ends the list there, and what follows isn't read"]


def test_lines_are_counted_over_the_whole_file() -> None:
    text = "# first\ninteractions:\n" + "- a: |\n    b\n" * 20_000 + "- [\n"
    *_, last = found(text)
    assert last.why.startswith("line 40004: not YAML") or last.why.startswith("line 40003: not YAML")
    assert last.entry == "interaction 20001"


def test_a_list_that_doesnt_begin_soon_is_none() -> None:
    with pytest.raises(FileError, match="no list of interactions"):
        found("a: 1\n" * 300_000 + "interactions:\n- a\n")


def test_the_file_ends_inside_the_last_item() -> None:
    first, last = found("interactions:\n- a\n- 'b")
    assert (first.value, first.last) == ("a", False)
    assert last.why.endswith("; the file ends there")


def test_without_libyaml_the_python_parser_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(yaml_events, "import_module", missing)
    parser.cache_clear()
    try:
        assert values("interactions:\n- {a: [1]}\n") == [{"a": ["1"]}]
        with pytest.raises(ImportError):
            parser("libyaml")
    finally:
        parser.cache_clear()


PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")


def scalar(value: Any) -> str:
    """A scalar as JSON has it, but for characters beyond 16 bits: of two surrogates YAML makes no character."""
    return PAIR.sub(lambda pair: f"\\U{ord(json.loads(chr(34) + pair[0] + chr(34))):08x}", json.dumps(value))


def dump(value: Any, indent: int = 0) -> Iterator[str]:
    """YAML in blocks, texts in double quotes, as JSON writes them (JSON's are YAML's)."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield f"{pad}{scalar(key)}:"
            yield from dump(one, indent + 1)
    elif isinstance(value, list) and value:
        for one in value:
            yield f"{pad}-"
            yield from dump(one, indent + 1)
    else:
        yield pad + scalar(value)


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
LAWS = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(st.lists(JSON, min_size=1, max_size=4), st.sampled_from(PARSERS))
@LAWS
def test_law_what_is_written_is_read(written: list[Any], library: str) -> None:
    text = "interactions:\n" + "".join("-\n" + "\n".join(dump(one, 2)) + "\n" for one in written) + "version: 1\n"
    assert [typed(value) for value in values(text, library)] == written


@given(st.lists(JSON, min_size=1, max_size=3), st.data())
@LAWS
def test_law_a_file_cut_anywhere_gives_the_whole_items_before_it(written: list[Any], data: st.DataObject) -> None:
    text = ("interactions:\n" + "".join("-\n" + "\n".join(dump(one, 2)) + "\n" for one in written)).encode()
    end = data.draw(st.integers(0, len(text)))
    try:
        got = found(text[:end])
    except FileError:
        return
    assert [typed(item.value) for item in got[:-1]] == written[: max(len(got) - 1, 0)]
    assert all(item.last for item in got[-1:] if not item.why)


SOUP = st.lists(
    st.sampled_from([
        "- ", "-\n", "  ", "\n", "\n- ", "\n  ", "a", ": ", "? ", "[", "]", "{", "}", ", ", "'", '"', "&a ", "*a",
        "!!binary ",
        "!x ", "|\n", ">", "#", "%YAML 1.1\n", "---", "...", "\t", "\r\n", "é", "\0", "<<", "~", "1", "request",
        "response",
        "interactions:", "!!python/tuple ", "\\", "@", "`", "\ud800", "\x85", "\u2028", "!<tag:x> ", "!ruby/string ",
    ]),
    max_size=40,
)  # fmt: skip


@given(SOUP, st.sampled_from(["", "interactions:\n- ", "- request:\n", "interactions: ["]), st.sampled_from(PARSERS))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_law_no_soup_of_yaml_is_more_than_said(soup: list[str], start: str, library: str) -> None:
    text = (start + "".join(soup)).encode("utf-8", "surrogatepass")
    try:
        got = found(text, library)
    except FileError:
        return
    for item in got:
        assert item.why or item.value is None or typed(item.value) == typed(item.value)
        assert "Traceback" not in item.why


@given(
    st.binary(max_size=60),
    st.sampled_from([b"interactions:\n- ", b"interactions: [", b"version = 1\n[[interactions]]\n"]),
)
@LAWS
def test_law_no_bytes_are_more_than_said(soup: bytes, start: bytes) -> None:
    said: list[str] = []
    with contextlib.suppress(FileError):
        for one in read(opened(start + soup, said)):
            assert one.response is not None
    assert all(len(line) < 1000 for line in said)


@given(st.lists(JSON, min_size=1, max_size=3))
@LAWS
def test_law_both_parsers_say_the_same(written: list[Any]) -> None:
    text = "".join("-\n" + "\n".join(dump(one, 2)) + "\n" for one in written)
    assert values(text, "libyaml") == values(text, "python")


def test_items_of_a_file_in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    from lookalike.traffic import lines

    monkeypatch.setattr(lines, "BLOCK", 7)
    text = "version: 1\ninteractions:\n" + "".join(f"- a: {n}\n  b: |\n    - x\n" for n in range(50)) + "more: 1\n"
    assert [typed(value) for value in values(text)] == [{"a": n, "b": "- x\n"} for n in range(50)]
    assert yaml_items.LISTS[0] == "interactions"
