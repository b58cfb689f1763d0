"""HAR 1.2 as browsers, proxies and recorders write it."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike import traffic
from lookalike.codec import coding_library
from lookalike.messages import Exchange
from lookalike.traffic import har
from lookalike.traffic.opened import DEFAULT_LIMITS, Limits, Opened
from lookalike.traffic.pieces import Pieces

URL = "https://api.test/todos/1"
FORM = "application/x-www-form-urlencoded"


def entry(**parts: Any) -> dict[str, Any]:
    """An entry as a browser writes one; `request`, `response` and `content` add to what it has, None takes away."""
    content = {"size": 8, "mimeType": "application/json", "text": '{"id":1}', **parts.pop("content", {})}
    asked = {
        "method": "GET",
        "url": URL,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Accept", "value": "*/*"}],
        "queryString": [],
        "headersSize": -1,
        "bodySize": 0,
        **parts.pop("request", {}),
    }
    got = {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": 8,
        **parts.pop("response", {}),
    }
    whole = {
        "startedDateTime": "2026-11-20T10:00:00.000Z",
        "time": 250,
        "request": asked,
        "response": got,
        "cache": {},
        "timings": {"send": 0, "wait": 250, "receive": 0},
        **parts,
    }
    return {name: value for name, value in whole.items() if value is not None}


def document(*entries: Any, **log: Any) -> bytes:
    whole = {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, **log, "entries": list(entries)}}
    return json.dumps(whole).encode()


def read(content: bytes, *, name: str = "session.har", limits: Limits = DEFAULT_LIMITS, size: int = 1 << 20) -> Read:
    told: list[tuple[str, str]] = []
    pieces = (content[at : at + size] for at in range(0, len(content), size))
    opened = Opened(
        name,
        cast("BinaryIO", Pieces(pieces)),  # each read gives one piece
        content[:65536],
        lambda entry, why: told.append((entry, why)),
        limits,
    )
    return list(har.read(opened)), told


Read = tuple[list[Exchange], list[tuple[str, str]]]


def one(**parts: Any) -> Exchange:
    exchanges, told = read(document(entry(**parts)))
    assert told == []
    assert len(exchanges) == 1
    return exchanges[0]


def why(**parts: Any) -> str:
    exchanges, told = read(document(entry(**parts)))
    assert exchanges == []
    assert [place for place, _ in told] == ["entry 1"]
    return told[0][1]


def answer(**parts: Any) -> Any:
    response = one(**parts).response
    assert response is not None
    return response


def test_a_plain_entry() -> None:
    exchange = one()
    assert exchange.request.method == "GET"
    assert exchange.request.url == URL
    assert exchange.request.headers.pairs == (("Accept", "*/*"),)
    assert exchange.request.content == b""
    assert exchange.response is not None
    assert exchange.response.status == 200
    assert exchange.response.reason == "OK"
    assert exchange.response.headers.pairs == (("Content-Type", "application/json"),)
    assert exchange.response.json() == {"id": 1}
    assert exchange.elapsed == 0.25
    assert exchange.day == "2026-11-20"


@pytest.mark.parametrize(
    ("head", "name", "known"),
    [
        (b'{"log": {"version": "1.2"', "x", True),
        (b'\n{ "log" :{', "x.json", True),
        (b'{"$schema": "x", "log": {"entries": [{"startedDateTime": ', "x.json", True),
        (b'{"entries": [{"startedDateTime": "2026", "request": {', "x.json", True),
        (b"{", "x.har", True),
        (b'{"a": 1}', "recording.HAR.gz", True),
        (b'{"log": "x"}', "x.json", False),
        (b'[{"log": {', "x.har", False),
        (b'{"data": {"pairs": []}}', "x.json", False),
        (b"log: {}", "x.har", False),
    ],
)
def test_it_is_told_by_its_beginning(head: bytes, name: str, known: bool) -> None:
    assert har.recognises(name, head) is known


class TestBodies:
    """Where a body is, and in what form."""

    @pytest.mark.parametrize(
        ("content", "kind", "body"),
        [
            ({"text": "caf\u00e9"}, "application/json; charset=latin-1", "caf\u00e9".encode()),
            ({"text": "caf\u00e9"}, "text/plain; charset=iso-8859-1", b"caf\xe9"),
            ({"text": "\u4e2d"}, "text/plain; charset=iso-8859-1", "\u4e2d".encode()),
            ({"text": "caf\u00e9"}, 'text/plain; charset="no-such"', "caf\u00e9".encode()),
            ({"text": "\ud83d\ude00 \ud800"}, "text/plain", "\U0001f600 \ufffd".encode()),
            ({"text": "aGk=", "encoding": "base64"}, "text/plain", b"hi"),
            ({"text": "a-_\n8", "encoding": "BASE64"}, "image/png", base64.b64decode("a+/8")),
            ({"text": "aGk", "encoding": "base64"}, "text/plain", b"hi"),
            ({"text": "8950", "_isBinary": True}, "image/png", b"\x89P"),
            ({"text": '["x"]', "_isBinary": False}, "text/plain", b'["x"]'),
            ({"text": "hi", "encoding": None}, "text/plain", b"hi"),
            ({"text": "hi", "encoding": "utf-8"}, "text/plain", b"hi"),
        ],
    )
    def test_of_the_answer(self, content: dict[str, Any], kind: str, body: bytes) -> None:
        found = answer(content=content, response={"headers": [{"name": "content-type", "value": kind}]})
        assert found.content == body
        assert found.headers["content-type"] == kind

    def test_its_content_type_is_the_recorders_where_the_headers_have_none(self) -> None:
        assert answer(response={"headers": []}).headers.pairs == (("content-type", "application/json"),)
        stated: Any
        for stated in ("x-unknown", "", None, 5, []):
            assert "content-type" not in answer(response={"headers": []}, content={"mimeType": stated}).headers
        # Polly.JS has the list of a header's values.
        assert answer(response={"headers": []}, content={"mimeType": ["text/html"]}).content_type == "text/html"

    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd", "identity", "gzip, br", "", "GZIP"])
    def test_stored_decoded_no_header_speaks_of_the_wire(self, coding: str) -> None:
        fields = [
            {"name": "Content-Encoding", "value": coding},
            {"name": "Content-Length", "value": "9999"},
            {"name": "transfer-encoding", "value": "chunked"},
            {"name": "ETag", "value": "x"},
        ]
        found = answer(response={"headers": fields})
        assert found.json() == {"id": 1}
        assert found.headers.pairs == (("ETag", "x"), ("content-type", "application/json"))

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate", "br", "zstd", "gzip, br"])
    def test_stored_as_on_the_wire_it_is_decoded(self, coding: str) -> None:
        body = b'{"id": 1, "text": "' + b"x" * 100 + b'"}'
        coded = _encoded(body, coding)
        found = answer(
            response={"headers": [{"name": "content-encoding", "value": coding.removeprefix("raw ")}]},
            content={"text": base64.b64encode(coded).decode(), "encoding": "base64"},
        )
        assert found.content == body
        assert "content-encoding" not in found.headers

    def test_compressed_bytes_as_characters(self) -> None:
        coded = gzip.compress(b'{"id": 1}', mtime=0)
        fields = [{"name": "content-encoding", "value": "gzip"}]
        assert answer(response={"headers": fields}, content={"text": coded.decode("latin-1")}).json() == {"id": 1}
        damaged = coded.decode("utf-8", "replace")
        assert (
            why(response={"headers": fields}, content={"text": damaged}) == "its body was damaged when it was recorded"
        )

    def test_compressed_and_cut_off(self) -> None:
        coded = base64.b64encode(gzip.compress(b'{"id": 1}')[:-9]).decode()
        fields = [{"name": "content-encoding", "value": "gzip"}]
        said = why(response={"headers": fields}, content={"text": coded, "encoding": "base64"})
        assert said == "its body is cut off or damaged (gzip)"

    def test_an_unknown_coding_stays_with_its_header(self) -> None:
        found = answer(response={"headers": [{"name": "content-encoding", "value": "aes128gcm"}]})
        assert found.headers["content-encoding"] == "aes128gcm"
        assert found.content == b'{"id":1}'

    @pytest.mark.parametrize("form", ["hex", "base64"])
    def test_chunks_of_polly(self, form: str) -> None:
        coded = gzip.compress(b'{"id": 7}', mtime=0)
        chunks = [coded[:10], coded[10:]]
        texts = [chunk.hex() if form == "hex" else base64.b64encode(chunk).decode() for chunk in chunks]
        content = {"text": json.dumps(texts), "_isBinary": True, **({"encoding": form} if form == "base64" else {})}
        assert answer(
            response={"headers": [{"name": "content-encoding", "value": "gzip"}]}, content=content
        ).json() == {"id": 7}

    @pytest.mark.parametrize("text", ['["a", 1]', '["zz"]', '["a"', '["ab"]x'])
    def test_what_only_looks_like_chunks(self, text: str) -> None:
        fields = [{"name": "content-encoding", "value": "br"}]
        assert answer(response={"headers": fields}, content={"text": text}).text == text

    @pytest.mark.parametrize("content", [{"text": "x", "encoding": "base64"}, {"text": "\u00e9", "encoding": "base64"}])
    def test_no_base64(self, content: dict[str, Any]) -> None:
        assert why(content=content) == "its body is said to be base64 and isn't"

    def test_a_bomb_is_refused(self) -> None:
        for coding in ("gzip", "br", "zstd", "deflate"):
            coded = base64.b64encode(_encoded(b"\0" * 3_000_000, coding)).decode()
            content = document(
                entry(
                    response={"headers": [{"name": "content-encoding", "value": coding}]},
                    content={"text": coded, "encoding": "base64"},
                )
            )
            _, told = read(content, limits=Limits(body=1_000_000))
            assert told == [("entry 1", "its body is larger than 1,000,000 bytes")]
        _, told = read(document(entry()), limits=Limits(body=5))
        assert told == [("entry 1", "its body is larger than 5 bytes")]

    @pytest.mark.parametrize(
        ("content", "response"),
        [
            ({"size": 5000, "text": None}, {}),
            ({"size": 5000, "text": ""}, {}),
            ({"size": "5000", "text": ""}, {}),
            ({"size": -1, "text": None}, {"bodySize": 12}),
            ({"size": 0, "text": None}, {"bodySize": -1}),  # JSON is never empty: Chrome dropped it
            ({"size": 0, "text": None}, {"headers": [{"name": "content-length", "value": "257"}]}),
            ({"size": None, "text": None}, {"bodySize": None}),
            (
                {"size": -1, "text": None},
                {"bodySize": -1, "headers": [{"name": "transfer-encoding", "value": "chunked"}]},
            ),
        ],
    )
    def test_a_body_that_was_not_recorded_is_no_empty_one(
        self, content: dict[str, Any], response: dict[str, Any]
    ) -> None:
        assert why(content=content, response=response) == "its body wasn't recorded"

    @pytest.mark.parametrize(
        ("content", "response", "request_"),
        [
            ({"size": 0, "text": ""}, {"bodySize": 0}, {}),
            ({"size": 0, "text": None}, {"headers": [{"name": "A", "value": "b"}], "bodySize": 0}, {}),
            ({"size": 0, "text": None}, {"headers": [], "bodySize": -1}, {}),
            ({"size": -1, "text": None}, {"headers": [], "bodySize": -1}, {}),
            ({"size": 9, "text": None}, {"headers": [{"name": "content-length", "value": "0"}]}, {}),
            ({"size": None, "text": ""}, {"bodySize": None}, {}),
            ({"size": 900, "text": None}, {"status": 204}, {}),
            ({"size": 900, "text": "cached"}, {"status": 304}, {}),
            ({"size": 900, "text": None}, {}, {"method": "HEAD"}),
        ],
    )
    def test_an_answer_without_a_body(
        self, content: dict[str, Any], response: dict[str, Any], request_: dict[str, Any]
    ) -> None:
        assert answer(content=content, response=response, request=request_).content == b""

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("redirect", ["", "https://api.test/next"])
    def test_a_redirect_that_was_followed_has_no_body_and_is_there(self, status: int, redirect: str) -> None:
        # As Chrome writes it: 20 bytes of gzip that it never opened.
        headers = {"Content-Length": "20", "Content-Encoding": "gzip", "Content-Type": "text/html"}
        if not redirect:
            headers["Location"] = "https://api.test/next"
        pairs = [{"name": name, "value": value} for name, value in headers.items()]
        content = {"size": 0, "mimeType": "x-unknown", "text": None}
        found = answer(
            content=content,
            response={"status": status, "headers": pairs, "redirectURL": redirect, "bodySize": -1},
        )
        assert (found.status, found.content) == (status, b"")
        assert [name for name, _ in found.headers.pairs] in (["Content-Type", "Location"], ["Content-Type", "location"])

    @pytest.mark.parametrize(
        ("status", "kind", "target"),
        [(300, "text/html", "/a"), (303, "application/json", "/a"), (302, "text/html", ""), (200, "text/html", "/a")],
    )
    def test_what_is_no_redirect_or_tells_something_needs_its_body(self, status: int, kind: str, target: str) -> None:
        headers = {"Content-Length": "20", "Content-Type": kind, **({"Location": target} if target else {})}
        pairs = [{"name": name, "value": value} for name, value in headers.items()]
        response = {"status": status, "headers": pairs, "redirectURL": "", "bodySize": -1}
        assert why(content={"size": 0, "text": None}, response=response) == "its body wasn't recorded"

    def test_an_answer_without_content(self) -> None:
        assert answer(response={"content": None, "headers": [], "bodySize": 0}).content == b""
        assert answer(response={"content": [], "headers": [], "bodySize": 0}).content == b""

    def test_a_body_that_is_no_text(self) -> None:
        assert why(content={"text": {"id": 1}}) == "its body is no text"

    def test_a_redirect_has_its_target(self) -> None:
        empty = {"size": 0, "text": None}
        found = answer(response={"status": 302, "headers": [], "redirectURL": "/next", "bodySize": 0}, content=empty)
        assert found.headers["location"] == "/next"
        fields = [{"name": "Location", "value": "/a"}]
        found = answer(response={"status": 302, "headers": fields, "redirectURL": "/b", "bodySize": 0}, content=empty)
        assert found.headers.get_all("location") == ["/a"]
        assert "location" not in answer(response={"redirectURL": "/b"}).headers


class TestAttached:
    """Bodies in files beside, as Playwright attaches them."""

    def har(self, folder: Path, name: str) -> tuple[list[Exchange], list[str]]:
        (folder / "session.har").write_bytes(document(entry(content={"text": None, "_file": name})))
        told: list[str] = []
        found = list(traffic.read(folder / "session.har", skipped=lambda skipped: told.append(str(skipped))))
        return found, told

    def test_read(self, tmp_path: Path) -> None:
        (tmp_path / "abc.json").write_bytes(b'{"id": 5}')
        found, told = self.har(tmp_path, "abc.json")
        assert told == []
        assert found[0].response is not None
        assert found[0].response.json() == {"id": 5}

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("gone.json", "its body is in a file beside, 'gone.json', which isn't there"),
            ("../abc.json", "its body is said to be in '../abc.json', which is no file's plain name"),
            (".hidden", "its body is said to be in '.hidden', which is no file's plain name"),
            ("/etc/passwd", "its body is said to be in '/etc/passwd', which is no file's plain name"),
            ("a\0b", "its body is in a file beside, 'a\\x00b', which isn't there"),
        ],
    )
    def test_not_read(self, tmp_path: Path, name: str, said: str) -> None:
        found, told = self.har(tmp_path, name)
        assert found == []
        assert told == [f"{tmp_path / 'session.har'}, entry 1: {said}"]

    def test_a_name_that_no_disk_has(self, tmp_path: Path) -> None:
        found, told = self.har(tmp_path, "x" * 300)
        assert found == []
        assert "its body is in " in told[0]

    def test_too_large(self, tmp_path: Path) -> None:
        (tmp_path / "abc.json").write_bytes(b"12345678")
        content = document(entry(content={"text": None, "_file": "abc.json"}))
        _, told = read(content, name=str(tmp_path / "session.har"), limits=Limits(body=7))
        assert told == [("entry 1", "its body is larger than 7 bytes")]

    def test_only_from_a_disk(self) -> None:
        content = document(entry(request={"method": "POST", "postData": {"_file": "abc.json"}}))
        _, told = read(content, name="s3://bucket/session.har")
        assert told == [("entry 1", "its body is in a file beside, 'abc.json', which is only read from a disk")]


class TestRequests:
    """What was asked."""

    @pytest.mark.parametrize(
        ("data", "fields", "body", "kind"),
        [
            ({"mimeType": "application/json", "text": '{"a": 1}'}, [], b'{"a": 1}', "application/json"),
            ({"mimeType": "text/plain", "text": "x"}, [("content-type", "a/b")], b"x", "a/b"),
            ({"mimeType": "", "text": "x"}, [], b"x", ""),
            ({"mimeType": "text/json", "text": "eyJhIjogMX0=", "encoding": "base64"}, [], b'{"a": 1}', "text/json"),
            ({"text": "", "params": [{"name": "a b", "value": "1&2"}, {"name": "c", "value": None}, {"name": 5}, "x"]},
             [], b"a+b=1%262&c=&5=", FORM),
            ({"mimeType": FORM, "text": "a=1", "params": [{"name": "a", "value": "2"}]}, [], b"a=1", FORM),
            ({"mimeType": "text/plain", "params": []}, [], b"", ""),
            ({"mimeType": "text/plain"}, [("content-type", "a/b")], b"", "a/b"),
            (None, [], b"", ""),
            ([], [], b"", ""),
            ({"mimeType": ["application/json"], "text": "{}"}, [], b"{}", "application/json"),
        ],
    )  # fmt: skip
    def test_bodies(self, data: Any, fields: list[tuple[str, str]], body: bytes, kind: str) -> None:
        headers = [{"name": name, "value": value} for name, value in fields]
        request = one(request={"method": "POST", "postData": data, "headers": headers}).request
        assert request.content == body
        assert request.headers.get("content-type", "") == kind

    @pytest.mark.parametrize("kind", ["multipart/form-data; boundary=abc", "multipart/form-data"])
    def test_a_multipart_form(self, kind: str) -> None:
        params = [
            {"name": "a", "value": "1"},
            {"name": 'f"', "fileName": "x\r\n.txt", "contentType": "text/plain", "value": "hello"},
        ]
        request = one(request={"method": "POST", "postData": {"mimeType": kind, "params": params}}).request
        boundary = request.headers["content-type"].partition("boundary=")[2]
        assert boundary == ("abc" if "abc" in kind else "lookalike")
        assert request.content.decode() == (
            f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="f%22"; filename="x%0D%0A.txt"\r\n'
            f"Content-Type: text/plain\r\n\r\nhello\r\n--{boundary}--\r\n"
        )

    @pytest.mark.parametrize(
        ("url", "parts", "asked"),
        [
            (f"{URL}#top", {}, URL),
            (f" {URL} ", {}, URL),
            ("HTTPS://API.test/a", {}, "HTTPS://API.test/a"),
            ("https://api.test/caf\u00e9 x?q=\u00fc", {}, "https://api.test/caf%C3%A9%20x?q=%C3%BC"),
            ("https://b\u00fccher.test/a", {}, "https://xn--bcher-kva.test/a"),
            (
                URL,
                {"queryString": [{"name": "a", "value": "1 2"}, {"name": "b"}, {"value": "x"}, 5]},
                f"{URL}?a=1+2&b=",
            ),
            (f"{URL}?a=1", {"queryString": [{"name": "b", "value": "2"}]}, f"{URL}?a=1"),
            (f"{URL}#x", {"queryString": [{"name": "b", "value": "2"}]}, f"{URL}?b=2"),
            (f"{URL}#x", {"queryString": ["b"]}, URL),
            ("/todos/1", {"headers": [{"name": ":authority", "value": "api.test"}]}, URL),
            ("/todos/1", {"headers": ["x", {"name": "Host", "value": "api.test"}]}, URL),
        ],
    )
    def test_urls(self, url: str, parts: dict[str, Any], asked: str) -> None:
        assert one(request={"url": url, **parts}).request.url == asked

    def test_methods_are_names(self) -> None:
        assert one(request={"method": " post "}).request.method == "POST"
        for bad in ("", None, "GE T", 5, "G\u00cbT"):
            assert why(request={"method": bad}).startswith("its method is ")

    def test_cookies_where_only_their_list_has_them(self) -> None:
        cookies = [{"name": "a", "value": "1"}, {"name": "b", "value": None}, {"value": "x"}, "y"]
        assert one(request={"cookies": cookies}).request.cookies.pairs == (("a", "1"), ("b", ""))
        fields = [{"name": "Cookie", "value": "c=3"}]
        assert one(request={"cookies": cookies, "headers": fields}).request.cookies.pairs == (("c", "3"),)
        given_ = [
            {
                "name": "a",
                "value": "1",
                "path": "/",
                "domain": "x.test",
                "httpOnly": True,
                "secure": True,
                "sameSite": "Lax",
            },
            {"name": "b", "value": "2", "httpOnly": False, "expires": "2026"},
        ]
        found = answer(response={"cookies": given_}).headers.get_all("set-cookie")
        assert found == ["a=1; Path=/; Domain=x.test; HttpOnly; Secure; SameSite=Lax", "b=2"]
        fields = [{"name": "set-cookie", "value": "c=3"}]
        assert answer(response={"cookies": given_, "headers": fields}).headers.get_all("set-cookie") == ["c=3"]

    @pytest.mark.parametrize(
        ("headers", "pairs"),
        [
            ([{"name": ":method", "value": "GET"}, {"name": "accept", "value": "a"}], (("accept", "a"),)),
            ([{"name": "a", "value": ["1", "2"]}, {"name": "b", "value": 5}], (("a", "1"), ("a", "2"), ("b", "5"))),
            ([{"name": "a b", "value": "1"}, {"name": "c"}, {"value": "x"}, None, {"name": "d", "value": True}], ()),
            ({"a": "1", "b": ["2"]}, (("a", "1"), ("b", "2"))),
            ([["a", "1"], ["b", "2"], ["c"]], (("a", "1"), ("b", "2"))),
            (["a", "1", "b", "2"], (("a", "1"), ("b", "2"))),
            ([{"name": "a", "value": " x\r\n  y\n"}], (("a", "x y"),)),
            ([{"name": "a", "value": "\ud800"}], (("a", "\ufffd"),)),
            (None, ()),
            ("x", ()),
        ],
    )
    def test_headers(self, headers: Any, pairs: tuple[tuple[str, str], ...]) -> None:
        assert one(request={"headers": headers}).request.headers.pairs == pairs

    def test_cookies_a_line_each(self) -> None:
        fields = [{"name": "Set-Cookie", "value": "a=1; Path=/\nb=2"}, {"name": "content-type", "value": "x/y"}]
        assert answer(response={"headers": fields}).headers.get_all("set-cookie") == ["a=1; Path=/", "b=2"]


class TestLeftOut:
    """What is no exchange of HTTP."""

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("data:text/plain,hi", "its URL is a data: URL, not HTTP"),
            ("blob:https://x.test/1", "its URL is a blob: URL, not HTTP"),
            ("chrome-extension://abc/x.js", "its URL is a chrome-extension: URL, not HTTP"),
            ("wss://x.test/live", "its URL is a wss: URL, not HTTP"),
            ("about:blank", "its URL is a about: URL, not HTTP"),
            ("", "it has no URL"),
            (None, "it has no URL"),
            (7, "it has no URL"),
            ("/todos", "its URL is '/todos', not absolute"),
            ("https:///x", "its URL is 'https:///x', which is none"),
            ("https://x.test:99999/", "its URL is 'https://x.test:99999/', which is none"),
            ("https://\u00fc" + "x" * 99 + ".test/", "its URL is 'https://\u00fcxxx"),
        ],
    )
    def test_urls(self, url: Any, said: str) -> None:
        assert why(request={"url": url}).startswith(said)

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            ({"response": {"status": 0}}, "no answer came (its status is 0)"),
            ({"response": {"status": 101}}, "101 is no final answer"),
            ({"response": {"status": None}}, "its status is None"),
            ({"response": {"status": -1}}, "its status is -1"),
            ({"response": {"status": 1000}}, "its status is 1000"),
            ({"response": {"status": True}}, "its status is True"),
            ({"response": {"status": []}}, "its status is a list"),
            ({"response": {"status": "OK"}}, "its status is 'OK'"),
            ({"response": {"_error": "net::ERR_ABORTED"}}, "its answer was cut off ('net::ERR_ABORTED')"),
            ({"response": {"_error": {"a": 1}}}, "its answer was cut off (an object)"),
            ({"_resourceType": "websocket"}, "it is a WebSocket"),
            ({"_webSocketMessages": [{"type": "send"}]}, "it is a WebSocket"),
        ],
    )
    def test_answers(self, parts: dict[str, Any], said: str) -> None:
        assert why(**parts) == said

    @pytest.mark.parametrize("status", ["200", 200.0, " 200 "])
    def test_a_status_that_is_a_number_all_the_same(self, status: Any) -> None:
        assert answer(response={"status": status}).status == 200

    def test_entries_that_are_none(self) -> None:
        found, told = read(document(None, 5, "x", [], {}, {"request": {}}, {"request": [], "response": {}}, entry()))
        assert len(found) == 1
        assert told == [
            ("entry 1", "it is None, not an object"),
            ("entry 2", "it is 5, not an object"),
            ("entry 3", "it is 'x', not an object"),
            ("entry 4", "it is a list, not an object"),
            ("entry 5", "it has no request"),
            ("entry 6", "it has no response"),
            ("entry 7", "it has no request"),
        ]

    @pytest.mark.parametrize("content", [document(), b'{"log": {}}', b"{}"])
    def test_a_file_without_entries(self, content: bytes) -> None:
        assert read(content) == ([], [("", "it holds no entry")])


@pytest.mark.parametrize(
    ("started", "day"),
    [
        ("2026-11-20T10:00:00.000Z", "2026-11-20"),
        ("2026-11-20T23:30:00-05:00", "2026-11-21"),
        ("2026-11-20T10:00:00.1234567+02:00", "2026-11-20"),
        ("2026-11-20T10:00:00.123456789Z", "2026-11-20"),
        ("2026-11-20 10:00:00", "2026-11-20"),
        ("2026-11-20", "2026-11-20"),
        ("20261120T100000Z", "2026-11-20"),
        ("2026/11/20 10:00", "2026-11-20"),
        ("Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20"),
        (1795168800, "2026-11-20"),
        (1795168800000.5, "2026-11-20"),
        ("1970-01-01T00:00:18.682Z", ""),
        ("2026-13-40T00:00:00Z", ""),
        ("9999-12-31T23:59:59-14:00", ""),
        ("soon", ""),
        ("", ""),
        (-5, ""),
        (1e300, ""),
        (True, ""),
        ([], ""),
    ],
)
def test_days(started: Any, day: str) -> None:
    assert one(startedDateTime=started).day == day


@pytest.mark.parametrize(
    ("time", "elapsed"),
    [
        (250, 0.25),
        ("250", 0.25),
        (-1, 0.0),
        ("x", 0.0),
        (True, 0.0),
        ([], 0.0),
        (0, 0.0),
        (10**400, 0.0),
        (1e308, 1e305),
    ],
)
def test_durations(time: Any, elapsed: float) -> None:
    assert one(time=time).elapsed == pytest.approx(elapsed)


def test_numbers_that_are_none() -> None:
    content = document(entry(time=-0.5)).replace(b"-0.5", b"NaN")
    assert read(content)[0][0].elapsed == 0.0
    content = document(entry(time=-0.5)).replace(b"-0.5", b"Infinity")
    assert read(content)[0][0].elapsed == 0.0


_SMALL = document(
    entry(),
    entry(request={"method": "POST", "url": "https://b\u00fccher.test/", "postData": {"text": "\u00e9"}}),
    entry(content={"text": "aGk=", "encoding": "base64"}, response={"headers": {"x": "]}"}}),
    pages=[{"id": "}]"}],
)


def test_cut_off_anywhere_the_whole_entries_are_there() -> None:
    whole, _ = read(_SMALL)
    assert len(whole) == 3
    counts = []
    for end in range(len(_SMALL)):
        found, told = read(_SMALL[:end], size=100)
        assert found == whole[: len(found)]
        assert told
        counts.append(len(found))
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3}


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([URL, "GET", "base64"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "text"]), inner),
    max_leaves=6,
)
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "method": _JSON,
        "url": _JSON | st.sampled_from([URL, "http://[::1", "http://a b/\u00e9"]),
        "headers": _JSON | st.lists(st.fixed_dictionaries({"name": st.just("content-encoding"), "value": _JSON})),
        "cookies": _JSON,
        "queryString": _JSON,
        "postData": _JSON | st.dictionaries(st.sampled_from(["mimeType", "text", "params", "encoding"]), _JSON),
        "status": _JSON | st.integers(-1, 700),
        "content": _JSON
        | st.dictionaries(st.sampled_from(["size", "text", "mimeType", "encoding", "_isBinary", "_file"]), _JSON),
        "redirectURL": _JSON,
        "bodySize": _JSON,
        "_error": _JSON,
    },
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "request": st.just({"method": "GET", "url": URL}).flatmap(
                    lambda base: _FIELDS.map(lambda more: base | more)
                )
            },
            optional={"response": _FIELDS | _JSON, "startedDateTime": _JSON, "time": _JSON, "_resourceType": _JSON},
        )
        | _JSON,
        max_size=4,
    )
)
def test_whatever_an_entry_holds_it_is_an_exchange_or_told(entries: list[Any]) -> None:
    content = document(*entries)
    found, told = read(content)
    assert len(found) + len(told) == max(len(entries), 1)
    assert read(content, size=9) == (found, told)
    for exchange in found:
        assert exchange.response is not None
        assert 200 <= exchange.response.status <= 999
        assert exchange.request.host
        assert exchange.request.params is not None
        assert exchange.response.text is not None
        exchange.request.url.encode("ascii")


def test_memory_stays_flat() -> None:
    one_entry = orjson.dumps(entry(content={"text": '{"text":"' + "x" * 20_000 + '"}'}))

    def pieces() -> Iterator[bytes]:
        yield b'{"log":{"version":"1.2","entries":['
        for number in range(5000):
            yield one_entry if not number else b"," + one_entry
        yield b"]}}"

    stream = io.BufferedReader(Pieces(pieces()))
    tracemalloc.start()
    try:
        count = sum(1 for _ in har.read(Opened("x.har", stream, b"", lambda place, said: pytest.fail(said))))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 5000  # 105 MB
    assert peak < 8_000_000


def _encoded(body: bytes, coding: str) -> bytes:
    for name in coding.split(", "):
        if name == "gzip":
            body = gzip.compress(body, mtime=0)
        elif name == "deflate":
            body = zlib.compress(body)
        elif name == "raw deflate":
            raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            body = raw.compress(body) + raw.flush()
        else:
            body = coding_library(name).compress(body)
    return body
