"""Requests, responses and exchanges: frozen values, URLs as real clients send them, headers and parameters."""

from __future__ import annotations

import contextvars
import copy
import gzip
import pickle
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike import passage, urls
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import (
    Exchange,
    Fault,
    Headers,
    MultiDict,
    PassThrough,
    Request,
    Response,
    decode_path,
    split_url,
)
from lookalike.mismatch import Mismatch

URLS = [
    # url, scheme, host, port, path, query
    ("https://api.test", "https", "api.test", 443, "/", ""),
    ("http://api.test/", "http", "api.test", 80, "/", ""),
    ("HTTPS://API.Test/Path", "https", "api.test", 443, "/Path", ""),
    ("https://api.test:443/x", "https", "api.test", 443, "/x", ""),
    ("http://api.test:443/x", "http", "api.test", 443, "/x", ""),
    ("http://api.test:8080/x?a=1&b=2", "http", "api.test", 8080, "/x", "a=1&b=2"),
    ("https://api.test?a=1", "https", "api.test", 443, "/", "a=1"),
    ("https://api.test//edam/user", "https", "api.test", 443, "//edam/user", ""),
    ("https://api.test///", "https", "api.test", 443, "///", ""),
    ("https://api.test/x/?", "https", "api.test", 443, "/x/", ""),
    ("https://[::1]/x", "https", "::1", 443, "/x", ""),
    ("http://[2001:DB8::1]:8080/", "http", "2001:db8::1", 8080, "/", ""),
    ("https://user:pass@api.test:8443/x", "https", "api.test", 8443, "/x", ""),
    ("https://api.test/a%2Fb%20c", "https", "api.test", 443, "/a%2Fb%20c", ""),
    ("https://api.test/a;v=1/b@c:d", "https", "api.test", 443, "/a;v=1/b@c:d", ""),
    ("https://api.test/x?u=http://other.test/?y", "https", "api.test", 443, "/x", "u=http://other.test/?y"),
    ("https://api.test/x#part", "https", "api.test", 443, "/x", ""),
    ("http://127.0.0.1:0/x", "http", "127.0.0.1", 0, "/x", ""),
    ("https://9JJ-DSN.Algolia.net/1/indexes", "https", "9jj-dsn.algolia.net", 443, "/1/indexes", ""),
]


@pytest.mark.parametrize(("url", "scheme", "host", "port", "path", "query"), URLS)
def test_urls(url: str, scheme: str, host: str, port: int, path: str, query: str) -> None:
    request = Request("GET", url)
    assert (request.scheme, request.host, request.port) == (scheme, host, port)
    assert (request.path, request.query) == (path, query)
    assert request.target == (f"{path}?{query}" if query else path)
    assert request.url == url
    assert split_url(url) == split_url(url)


@pytest.mark.parametrize(
    "url",
    ["", "/todos", "api.test/todos", "//api.test/todos", "ftp://api.test/", "https://", "https:///x", "http://:80/x",
     "https://api.test:port/", "https://api.test:99999/", "https://[::1/x", "mailto:a@b.test"],
)  # fmt: skip
def test_what_is_no_absolute_url_is_told(url: str) -> None:
    with pytest.raises(UsageError, match="URL"):
        split_url(url)
    with pytest.raises(UsageError):
        _ = Request("GET", url).path


@given(
    st.builds(
        "{}://{}{}{}{}".format,
        st.sampled_from(["http", "https", "HTTP"]),
        st.text("ab.-_A1@[]:%é", max_size=6),
        st.sampled_from(["", ":80", ":443", ":8080", ":70000", ":", ":0"]),
        st.text("/ab?#&=%2\t \n\x7f\"'é;\\{}", max_size=8).map("/".__add__) | st.just(""),
        st.text("?#a=&/ ", max_size=5),
    )
)
def test_law_the_short_way_to_split_a_url_agrees_with_the_long_one(url: str) -> None:
    try:
        expected = urls._split_any(url)
    except UsageError:
        with pytest.raises(UsageError):
            split_url(url)
    else:
        assert split_url(url) == expected


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=8))
def test_law_parameters_are_read_as_they_were_written(pairs: list[tuple[str, str]]) -> None:
    # An empty pair can't be written: `a=1&&b=2` has none.
    request = Request("GET", "https://api.test/x?" + urlencode(pairs))
    assert request.params.pairs == tuple(pairs)
    form = Request("POST", "https://api.test/x", (), urlencode(pairs).encode())
    assert form.form.pairs == tuple(pairs)


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in (".", "..")))
def test_law_a_segment_survives_its_encoding(segment: str) -> None:
    path = "/" + quote(segment, safe="")
    assert Request("GET", "https://api.test" + path).path == path
    assert decode_path(path) == "/" + segment


def test_parameters_keep_what_repeats_and_what_is_empty() -> None:
    request = Request("GET", "https://api.test/x?id=1&id=2&q=&flag&t=a+b%2Bc")
    assert request.params.get_all("id") == ["1", "2"]
    assert (request.params["id"], request.params["q"], request.params["flag"]) == ("1", "", "")
    assert request.params["t"] == "a b+c"
    assert request.params is request.params


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("application/x-www-form-urlencoded; charset=utf-8", {"a": "1"}),
        ("", {"a": "1"}),
        ("application/json", {}),
        ("multipart/form-data; boundary=x", {}),
    ],
)
def test_a_form_is_read_where_the_body_is_one(kind: str, fields: dict[str, str]) -> None:
    headers = {"content-type": kind} if kind else {}
    assert Request("POST", "https://api.test/", headers, b"a=1").form == fields


def test_cookies() -> None:
    request = Request("GET", "https://api.test/", [("Cookie", 'a=1; b="x=y";c'), ("cookie", "d=")])
    assert request.cookies.pairs == (("a", "1"), ("b", '"x=y"'), ("d", ""))


# -- names and values ----------------------------------------------------------------------------------------------

TOKENS = st.text("abcXYZ-", min_size=1, max_size=4)
PAIRS = st.lists(st.tuples(TOKENS, st.text("abc, ", max_size=4)), max_size=6)


@given(PAIRS)
def test_law_headers_are_found_in_any_case_and_all_of_them(pairs: list[tuple[str, str]]) -> None:
    headers = Headers(pairs)
    assert headers.pairs == tuple(pairs)
    assert len(headers) == len({name.lower() for name, _ in pairs}) == len(list(headers))
    for name, _ in pairs:
        values = [value for other, value in pairs if other.lower() == name.lower()]
        assert headers.get_all(name.swapcase()) == values
        assert headers[name.upper()] == ", ".join(values)
        assert name.title() in headers
    shouted = Headers((name.upper(), value) for name, value in pairs)
    assert shouted == headers
    assert hash(shouted) == hash(headers)


@given(PAIRS)
def test_law_parameters_differ_in_case(pairs: list[tuple[str, str]]) -> None:
    values = MultiDict(pairs)
    for name, _ in pairs:
        assert values.get_all(name) == [value for other, value in pairs if other == name]
        assert values[name] == values.get_all(name)[0]
    assert MultiDict(values) == values
    assert MultiDict({name: values.get_all(name) for name in values}) == values
    assert pickle.loads(pickle.dumps(values)) == copy.deepcopy(values) == values


def test_headers() -> None:
    headers = Headers({"Accept": "a/b", "X-Id": ["1", "2"]})
    assert (headers["accept"], headers["x-id"], headers.get("nope"), headers.get_all("nope")) == (
        "a/b",
        "1, 2",
        None,
        [],
    )
    assert list(headers) == ["Accept", "X-Id"]
    assert headers == {"accept": "a/b", "x-id": ["1", "2"]}
    assert headers != {"accept": "a/b"}
    assert headers != {"accept": 7}
    assert headers != {1: "x"}
    assert headers != "accept"
    odd: Any = 7
    assert odd not in headers
    assert headers.get(7) is None  # type: ignore[call-overload]  # wrong on purpose
    assert repr(headers) == "Headers([('Accept', 'a/b'), ('X-Id', '1'), ('X-Id', '2')])"
    with pytest.raises(KeyError):
        headers["nope"]
    with pytest.raises(TypeError):
        headers["accept"] = "x"  # type: ignore[index]  # wrong on purpose


def test_two_cookies_are_never_joined() -> None:
    headers = Headers([("Set-Cookie", "a=1"), ("set-cookie", "b=2, c")])
    assert headers["SET-COOKIE"] == "a=1"
    assert headers.get_all("set-cookie") == ["a=1", "b=2, c"]


# -- bodies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "kind", "is_json"),
    [
        ("application/json; charset=utf-8", "application/json", True),
        ("Application/JSON", "application/json", True),
        ("application/vnd.github+json", "application/vnd.github+json", True),
        ("text/json", "text/json", True),
        ("application/json-seq", "application/json-seq", False),
        ("text/plain", "text/plain", False),
        ("", "", False),
    ],
)
def test_media_types(content_type: str, kind: str, is_json: bool) -> None:
    response = Response(200, {"content-type": content_type})
    assert (response.content_type, response.is_json) == (kind, is_json)


@pytest.mark.parametrize(
    ("content_type", "content", "text"),
    [
        ("", "é".encode(), "é"),
        ("text/plain; charset=latin-1", b"\xe9", "é"),
        ('text/plain; a=b; Charset="ISO-8859-1"', b"\xe9", "é"),
        ("text/plain; charset=nonsense", "é".encode(), "é"),
        ("text/plain; charset=base64", b"aa", "aa"),
        ("text/plain; charset=u\0tf", b"aa", "aa"),
        ("text/plain", b"\xff", "\ufffd"),
    ],
)
def test_text(content_type: str, content: bytes, text: str) -> None:
    assert Response(200, {"content-type": content_type}, content).text == text


def test_json_is_decoded_once_whatever_its_coding() -> None:
    response = Response(200, {"content-encoding": "gzip"}, gzip.compress(b'{"a":[1]}'))
    assert response.body == b'{"a":[1]}'
    assert response.json() == {"a": [1]}
    assert response.json() is response.json()
    with pytest.raises(InvalidJson, match="line 1, column 1"):
        Response(200, (), b"<html>").json()


def test_of_a_key_given_twice_the_last_counts_and_it_is_no_syntax_error() -> None:
    from lookalike.codec import json_faults

    twice = Response(200, (), b'{"a":1,"a":2}')
    assert twice.json() == {"a": 2}
    assert json_faults(twice.content) == ["key 'a' given twice"]


# -- values --------------------------------------------------------------------------------------------------------

REQUEST = Request("POST", "https://api.test/x?a=1", [("A", "1"), ("a", "2")], b"{}", timeout=3)
RESPONSE = Response(201, {"a": "1"}, b"{}", delay=1.5, reason="Made", http_version="2")
EXCHANGE = Exchange(REQUEST, RESPONSE, elapsed=1.0, day="2026-11-22")


@pytest.mark.parametrize("value", [REQUEST, RESPONSE, EXCHANGE, Fault("closed-mid-body", RESPONSE), PassThrough()])
def test_values_are_frozen_and_can_be_copied_and_pickled(value: Any) -> None:
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert other == value
        assert hash(other) == hash(value)
    for name in ("status", "url", "request", "kind", "observe", "anything"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, 1)
    with pytest.raises((AttributeError, TypeError)):
        del value.headers


def test_a_frozen_value_says_what_to_do() -> None:
    with pytest.raises(AttributeError, match="Request is frozen; make a new one to change 'url'"):
        REQUEST.url = "x"
    with pytest.raises(AttributeError, match="Response is frozen; 'status' can't be deleted"):
        del RESPONSE.status


def test_pickled_requests_keep_all_and_streams_become_content() -> None:
    again = pickle.loads(pickle.dumps(REQUEST))
    assert (again.headers.pairs, again.timeout, again.params["a"]) == (REQUEST.headers.pairs, 3, "1")
    streamed = Response(200, (), chunks=lambda: [b"a", b"b"])
    kept = pickle.loads(pickle.dumps(RESPONSE))
    assert (kept.delay, kept.reason, kept.http_version) == (1.5, "Made", "2")
    assert pickle.loads(pickle.dumps(streamed)).content == b"ab"


def test_equality() -> None:
    assert Request("GET", "https://a.test/", {"A": "1"}) == Request("GET", "https://a.test/", {"a": "1"})
    assert Request("GET", "https://a.test/") != Request("GET", "https://a.test/", (), b"x")
    assert Response(200) == Response(200, delay=5)
    assert Response(200) != Response(201)
    assert Response(200) != 200
    assert Request("GET", "https://a.test/") != "GET"


def test_repr_and_ok() -> None:
    assert repr(REQUEST) == "<Request POST https://api.test/x?a=1>"
    assert repr(Response(204)) == "<Response 204 without a content type, 0 bytes>"
    assert repr(Response(200, {"content-type": "a/b; c"}, b"xy")) == "<Response 200 a/b, 2 bytes>"
    assert Response(399).ok
    assert not Response(400).ok


# -- one reason, and who may pass ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mismatch", "text"),
    [
        (Mismatch("path", "/a", "/b"), "path: expected /a, got /b"),
        (
            Mismatch("json.a", "a string", "null", "seen", 'did you mean "b"?'),
            'json.a: expected a string, got null (seen); did you mean "b"?',
        ),
    ],
)
def test_a_mismatch_in_words(mismatch: Mismatch, text: str) -> None:
    assert str(mismatch) == text
    assert mismatch.level == "violation"


def test_the_passage_is_open_for_the_block_and_its_context_alone() -> None:
    assert not passage.is_open()
    with passage.opened():
        assert passage.is_open()
        assert not contextvars.Context().run(passage.is_open)
        with passage.opened():
            assert passage.is_open()
        assert passage.is_open()
    assert not passage.is_open()
    with pytest.raises(KeyError), passage.opened():
        raise KeyError
    assert not passage.is_open()


class TestMakingAResponse:
    """As a test's own function writes it."""

    @pytest.mark.parametrize(
        ("made", "headers", "content"),
        [
            (Response(201, json={"a": 1}), (("content-type", "application/json"),), b'{"a":1}'),
            (Response(HTTPStatus.CREATED, json=None), (("content-type", "application/json"),), b"null"),
            (Response(201, text="é"), (("content-type", "text/plain; charset=utf-8"),), "é".encode()),
            (Response(201, {"Content-Type": "a/b+json"}, json=1), (("Content-Type", "a/b+json"),), b"1"),
            (Response(201, content="é"), (), "é".encode()),
            (Response(201, {"X-Left": 3}, b"a"), (("X-Left", "3"),), b"a"),
            (Response(201, {"A": ["1", "2"]}, b"a"), (("A", "1"), ("A", "2")), b"a"),
            (Response(201, {}), (), b""),
        ],
        ids=repr,
    )
    def test_what_it_takes(self, made: Response, headers: tuple[tuple[str, str], ...], content: bytes) -> None:
        assert (type(made.status), made.status) == (int, 201)
        assert (made.headers.pairs, type(made.content), made.content) == (headers, bytes, content)

    @pytest.mark.parametrize(
        ("given", "keywords", "told"),
        [
            (({"a": 1},), {}, "the status comes first and is a number, not {'a': 1}; write Response(200, json=...)"),
            (("200",), {}, "the status comes first and is a number, not '200'"),
            ((True,), {}, "the status comes first"),
            ((200, "text"), {}, 'headers are a dict of texts, {"x-total-count": "3"}, or pairs of them, not \'text\''),
            ((200, {"a": None}), {}, "headers are a dict of texts"),
            ((200, {"a": [1]}), {}, "headers are a dict of texts"),
            ((200, {1: "a"}), {}, "headers are a dict of texts"),
            ((200, 7), {}, "headers are a dict of texts"),
            ((200, {}, {"a": 1}), {}, "content is bytes or a str, not {'a': 1}; write json=... for a value"),
            ((200,), {"json": 1, "text": "a"}, "a response has one body, and here are json and text; keep one of them"),
            ((200,), {"json": 1, "content": b"a"}, "a response has one body: json=, text=, content= or chunks="),
            ((200,), {"text": "a", "chunks": list}, "a response has one body"),
            ((200,), {"text": b"a"}, "text is a str, not b'a'"),
            ((200,), {"json": {1j}}, "can't be written as JSON"),
            ((200,), {"chunks": [b"a"]}, "chunks is a function that returns or yields the chunks, not [b'a']"),
            ((), {"status_code": 404}, "no keyword 'status_code'; the status comes first, Response(404). There are st"),
            ((), {"body": "a"}, "no keyword 'body'; a body is json=..., text=... or content=..."),
            ((), {"stream": []}, "no keyword 'stream'; chunks=function is for a stream"),
            ((), {"colour": 1}, "Response() has no keyword 'colour'. There are status, headers, content, json, text"),
        ],
    )
    def test_what_it_refuses(self, given: tuple[Any, ...], keywords: dict[str, Any], told: str) -> None:
        with pytest.raises(UsageError, match=re.escape(told)):
            Response(*given, **keywords)

    def test_bytes_of_another_kind_are_bytes(self) -> None:
        for content in (bytearray(b"a"), memoryview(b"a")):
            assert Response(content=content).content == b"a"  # type: ignore[arg-type]  # wrong on purpose

    @pytest.mark.parametrize("status", [103, 204, 304])
    def test_an_altered_one_without_a_body_has_none(self, status: int) -> None:
        real = Response(200, {"Content-Length": "7", "ETag": '"a"', "X": "y", "Content-Type": "a/b"}, b'{"a":1}')
        bare = real.altered(status=status, headers={"A": "b"})
        assert (bare.status, bare.headers.pairs, bare.content) == (
            status, (("ETag", '"a"'), ("X", "y"), ("A", "b")), b"",
        )  # fmt: skip
        streamed = Response(200, chunks=lambda: [b"a"])
        assert streamed.altered(status=status).chunks is None
        assert Response(status, {"ETag": '"a"'}).altered(headers={"X": "y"}).headers["etag"] == '"a"'
        with pytest.raises(UsageError, match=f"an answer of {status} has no body"):
            real.altered(status=status, json={})
