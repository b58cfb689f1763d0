"""Requests and responses as bytes: http.client reads what is written, and what it writes is read back."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import UsageError
from lookalike.intercept import faults, wire
from lookalike.messages import Fault, Response


class Sock:
    """What http.client needs of a socket to read a response or write a request."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self.sent = b""

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self.data)

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        """Nothing to close."""


def parsed(response: Response, method: str = "GET") -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(Sock(b"".join(wire.encode(response, method))), method=method)  # type: ignore[arg-type]  # what it reads of a socket
    answer.begin()
    return answer


NAMES = st.from_regex(r"\AX-[A-Za-z0-9]{1,10}\Z")
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)


@given(
    st.integers(200, 599),
    st.lists(st.tuples(NAMES, VALUES), max_size=5),
    st.binary(max_size=50),
    st.sampled_from(["GET", "HEAD", "POST"]),
    st.sampled_from(["1.1", "1.0"]),
)
def test_a_client_reads_the_response_that_was_written(
    status: int, headers: list[tuple[str, str]], content: bytes, method: str, version: str
) -> None:
    answer = parsed(Response(status, headers, content, http_version=version), method)
    assert answer.status == status
    for name in {name.lower() for name, _ in headers}:
        assert answer.headers.get_all(name) == [value for key, value in headers if key.lower() == name]
    assert answer.read() == (b"" if method == "HEAD" or status in (204, 304) else content)


@given(st.lists(st.binary(max_size=20), max_size=6), st.sampled_from(["1.1", "1.0"]))
def test_a_stream_is_its_chunks(chunks: list[bytes], version: str) -> None:
    assert parsed(Response(200, (), chunks=lambda: chunks, http_version=version)).read() == b"".join(chunks)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6), st.booleans())
def test_a_chunked_body_is_read_back_when_it_is_complete(chunks: list[bytes], trailer: bool) -> None:
    body = b"".join(b"%X;x=y\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n"
    whole = body + (b"X-Trailer: 1\r\n\r\n" if trailer else b"\r\n")
    assert wire.read_chunked(whole) == b"".join(chunks)
    for end in range(len(body)):
        assert wire.read_chunked(whole[:end]) is None


@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.one_of(st.none(), st.binary(max_size=40)),
)
def test_the_head_that_a_client_writes_is_read_back(method: str, headers: dict[str, str], body: bytes | None) -> None:
    connection = http.client.HTTPConnection("api.example.com")
    sock = Sock()
    connection.sock = sock
    connection.request(method, "/a//b?c=%20", body=body, headers=headers)
    data, _, content = sock.sent.partition(b"\r\n\r\n")
    head = wire.read_head(data)
    assert (head.method, head.target) == (method, "/a//b?c=%20")
    assert head.length == len(content) == len(body or b"")
    assert [pair for pair in head.headers if pair[0] in headers] == list(headers.items())


def test_heads_out_of_the_ordinary() -> None:
    head = wire.read_head(b"PUT /x HTTP/1.1\r\nX: a\r\n\tb\r\nExpect: 100-Continue\r\nTransfer-Encoding: Chunked")
    assert head.headers[0] == ("X", "a b")
    assert (head.length, head.expects_continue) == (None, True)
    assert wire.read_head(b"GET /x HTTP/1.1\r\nContent-Length: many").length == 0


@pytest.mark.parametrize(
    ("scheme", "host", "port", "target", "url"),
    [
        ("https", "a.test", 443, "/x?y", "https://a.test/x?y"),
        ("http", "a.test", 443, "/x", "http://a.test:443/x"),
        ("http", "::1", 80, "//x", "http://[::1]//x"),
        ("http", "a.test", 80, "*", "http://a.test/"),
        ("http", "a.test", 80, "?q", "http://a.test/?q"),
    ],
)
def test_absolute_urls(scheme: str, host: str, port: int, target: str, url: str) -> None:
    assert wire.absolute_url(scheme, host, port, target) == url


@pytest.mark.parametrize(
    ("response", "method", "framing"),
    [
        (Response(), "GET", "length"),
        (Response(), "HEAD", "none"),
        (Response(204), "GET", "none"),
        (Response(304, [("Content-Length", "5")]), "GET", "none"),
        (Response(200, [("Content-Length", "5")]), "GET", "length"),
        (Response(200, [("Transfer-Encoding", "chunked")]), "GET", "chunked"),
        (Response(200, [("Transfer-Encoding", "chunked")]), "HEAD", "none"),
        (Response(200, (), chunks=list), "GET", "chunked"),
        (Response(200, (), chunks=list), "HEAD", "none"),
        (Response(200, (), chunks=list, http_version="1.0"), "GET", "close"),
        (Response(200, (), chunks=list, http_version="1.0"), "HEAD", "none"),
    ],
)
def test_framing(response: Response, method: str, framing: str) -> None:
    assert wire.frame(response, method)[1] == framing


def test_a_header_that_breaks_out_is_a_usage_error() -> None:
    for pair in (("X", "a\r\nb"), ("X\nY", "a"), ("X", "\0")):
        with pytest.raises(UsageError, match="line break"):
            list(wire.encode(Response(200, [pair]), "GET"))


def test_fields_beyond_latin_1_are_utf_8() -> None:
    assert "日本".encode() in next(wire.encode(Response(200, [("X", "日本")]), "GET"))


def test_faults_that_send_something_first() -> None:
    assert list(faults.encode(Fault("closed"), "GET")) == []
    assert faults.broken(Fault("dns")) is None
    empty = b"".join(faults.encode(Fault("closed-mid-body", Response(200)), "GET"))
    assert b"Content-Length: 1\r\n" in empty
    bad = b"".join(faults.encode(Fault("bad-chunk", Response(200, (), b"abc")), "GET"))
    assert bad.endswith(b"3\r\nabc\r\nnot a size\r\n")
