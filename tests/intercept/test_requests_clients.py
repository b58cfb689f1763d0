"""requests and urllib3 over the http.client seam: the same table with the fast lane and without it."""

from __future__ import annotations

import gzip
import io
import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from lookalike.errors import DoubleError, UnmatchedRequest
from lookalike.messages import Fault, Request, Response

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]

pytestmark = pytest.mark.usefixtures("lane")


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def test_a_get_with_parameters_is_answered(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(200, JSON, b'{"id": 1}')) as double:
        answer = session.get(f"{URL}/todos", params={"a": ["1", "2"], "b": "x y"}, timeout=(1, 7))
    assert answer.json() == {"id": 1}
    assert (answer.status_code, answer.reason, answer.ok) == (200, "OK", True)
    assert answer.url == f"{URL}/todos?a=1&a=2&b=x+y"
    assert double.last.url == answer.url
    assert double.last.params.get_all("a") == ["1", "2"]
    assert double.last.timeout == 7
    assert answer.elapsed.total_seconds() > 0


def test_the_double_sees_the_header_as_it_goes_over_the_wire(doubled: Any, session: requests.Session) -> None:
    with doubled(Response()) as double:
        session.get(f"{URL}/x", headers={"X-Token": "a: b"}, cookies={"c": "d"}, auth=("me", "pw"))
    names = [name for name, _ in double.last.headers.pairs]
    assert names == [
        "Host",
        "User-Agent",
        "Accept-Encoding",
        "Accept",
        "Connection",
        "X-Token",
        "Cookie",
        "Authorization",
    ]
    assert double.last.headers["host"] == "api.example.com"
    assert double.last.headers["x-token"] == "a: b"
    assert double.last.cookies == {"c": "d"}
    assert double.last.headers["authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_json_bodies_arrive(doubled: Any, session: requests.Session, method: str) -> None:
    with doubled(Response(201, JSON, b"{}")) as double:
        assert session.request(method, f"{URL}/x", json={"é": [1]}).status_code == 201
    assert double.last.method == method
    assert double.last.json() == {"é": [1]}
    assert double.last.content_type == "application/json"


def pieces() -> Iterator[bytes]:
    yield b"one "
    yield b"two"


@pytest.mark.since(urllib3="2.0")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"data": b"\0\xff"}, b"\0\xff", id="bytes"),
        pytest.param({"data": "grün"}, "grün".encode(), id="text"),
        pytest.param({"data": {"a": "1", "b": "x y"}}, b"a=1&b=x+y", id="form"),
        pytest.param({"data": pieces}, b"one two", id="iterator, chunked"),
        pytest.param({"data": lambda: io.BytesIO(b"from a file")}, b"from a file", id="file"),
        pytest.param({"data": b""}, b"", id="empty"),
        pytest.param({}, b"", id="none"),
    ],
)
def test_bodies_of_each_kind_arrive(
    doubled: Any, session: requests.Session, options: dict[str, Any], expected: bytes
) -> None:
    with doubled(Response()) as double:
        session.post(f"{URL}/x", **{name: made() if callable(made) else made for name, made in options.items()})
    assert double.last.content == expected


def test_multipart_files_arrive(doubled: Any, session: requests.Session) -> None:
    with doubled(Response()) as double:
        session.post(f"{URL}/x", files={"f": ("a.txt", b"hello", "text/plain")}, data={"k": "v"})
    assert double.last.content_type == "multipart/form-data"
    assert b'filename="a.txt"' in double.last.content
    assert b"hello" in double.last.content


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(doubled: Any, session: requests.Session, status: int) -> None:
    with doubled(Response(status, [("ETag", '"x"')], b"ignored")):
        answer = session.get(f"{URL}/x")
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (status, b"", '"x"')
        assert session.get(f"{URL}/x").status_code == status


def test_head_has_the_header_of_get_and_no_body(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(200, JSON, b'{"id": 1}')):
        answer = session.head(f"{URL}/x")
        assert (answer.content, answer.headers["content-length"]) == (b"", "9")
        assert session.get(f"{URL}/x").content == b'{"id": 1}'


def test_redirects_are_followed_with_their_cookies(doubled: Any, session: requests.Session) -> None:
    def handle(request: Request) -> Response:
        if request.path == "/a":
            return Response(302, [("Location", "/b"), ("Set-Cookie", "s=1; Path=/")])
        return Response(200, JSON, request.headers.get("cookie", "").encode())

    with doubled(handle) as double:
        answer = session.post(f"{URL}/a", data="x")
    assert [one.status_code for one in answer.history] == [302]
    assert (answer.url, answer.text) == (f"{URL}/b", "s=1")
    assert [call.request.method for call in double.calls] == ["POST", "GET"]


def test_two_cookies_are_two(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(200, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/")])):
        answer = session.get(f"{URL}/x")
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
    assert answer.raw.headers.getlist("set-cookie") == ["a=1", "b=2; Path=/"]
    original: Any = answer.raw._original_response
    assert original.msg.get_all("Set-Cookie") == ["a=1", "b=2; Path=/"]
    assert original.headers["set-cookie"] == "a=1"


def test_gzip_is_undone_by_the_client(doubled: Any, session: requests.Session) -> None:
    packed = gzip.compress(b'{"packed": true}')
    with doubled(Response(200, [*JSON, ("Content-Encoding", "gzip")], packed)):
        assert session.get(f"{URL}/x").json() == {"packed": True}
        with session.get(f"{URL}/x", stream=True) as answer:
            assert answer.raw.read() == packed


def test_a_stream_is_read_in_pieces(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(200, (), b"0123456789")):
        with session.get(f"{URL}/x", stream=True) as answer:
            assert list(answer.iter_content(4)) == [b"0123", b"4567", b"89"]
        with session.get(f"{URL}/x", stream=True) as answer:
            assert answer.raw.read(3) == b"012"
            assert answer.raw.tell() == 3
        with session.get(f"{URL}/x", stream=True) as answer:
            assert list(answer.iter_lines()) == [b"0123456789"]
        with session.get(f"{URL}/x", stream=True) as answer:
            assert answer.raw.isclosed() is False


def test_chunks_keep_their_boundaries_and_are_made_when_asked_for(doubled: Any, session: requests.Session) -> None:
    made: list[int] = []
    ended: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            for number in range(5):
                made.append(number)
                yield b"chunk %d" % number
        finally:
            ended.append("ended")

    with doubled(Response(200, (), chunks=chunks)):
        with session.get(f"{URL}/x", stream=True) as answer:
            assert answer.headers["transfer-encoding"] == "chunked"
            assert len(made) <= 1
            stream = answer.iter_content(None)
            assert next(stream) == b"chunk 0"
            assert made == [0] or made == [0, 1]
            assert list(stream) == [b"chunk 1", b"chunk 2", b"chunk 3", b"chunk 4"]
        assert session.get(f"{URL}/x").content == b"chunk 0chunk 1chunk 2chunk 3chunk 4"
    assert ended == ["ended"] * 2


def test_a_response_that_is_thrown_away_ends_its_chunks(doubled: Any, session: requests.Session) -> None:
    ended: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            while True:
                yield b"more"
        finally:
            ended.append("ended")

    with doubled(Response(200, (), chunks=chunks)), session.get(f"{URL}/x", stream=True) as answer:
        assert next(answer.iter_content(None)) == b"more"
    assert ended == ["ended"]


def test_a_mounted_retry_really_retries(doubled: Any, session: requests.Session) -> None:
    session.mount("https://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=0)))
    with doubled([Response(503), Response(503), Response(200, JSON, b"[]")]) as double:
        answer = session.get(f"{URL}/x")
    assert answer.json() == []
    assert len(double.calls) == 3
    retries: Any = answer.raw.retries
    assert [one.status for one in retries.history] == [503, 503]


def test_retries_that_are_used_up_raise_the_client_s_error(doubled: Any, session: requests.Session) -> None:
    session.mount("https://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=0)))
    with doubled(Response(503)) as double, pytest.raises(requests.exceptions.RetryError):
        session.get(f"{URL}/x")
    assert len(double.calls) == 3


def test_a_failure_to_connect_is_retried_as_one(doubled: Any, session: requests.Session) -> None:
    session.mount("https://", HTTPAdapter(max_retries=Retry(connect=1, read=0, backoff_factor=0)))
    with doubled([Fault("refused"), Response(200, JSON, b"[]")]) as double:
        assert session.get(f"{URL}/x").json() == []
    assert len(double.calls) == 2


@pytest.mark.since(urllib3="2.0")
def test_fewer_bytes_than_announced_are_an_error(doubled: Any, session: requests.Session) -> None:
    with (
        doubled(Response(200, [("Content-Length", "20")], b"short")),
        pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"),
    ):
        session.get(f"{URL}/x")


def test_responses_can_be_pickled(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(200, JSON, b'{"a": 1}')):
        answer = pickle.loads(pickle.dumps(session.get(f"{URL}/x")))
    assert answer.json() == {"a": 1}


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ("https://API.Example.COM/x", "https://api.example.com/x"),
        ("https://api.example.com:443/x", "https://api.example.com/x"),
        ("http://api.example.com:80/x", "http://api.example.com/x"),
        ("http://api.example.com/x", "http://api.example.com/x"),
        ("https://api.example.com//edam/user", "https://api.example.com//edam/user"),
        ("https://api.example.com", "https://api.example.com/"),
        ("https://api.example.com/a%2Fb?q=%20", "https://api.example.com/a%2Fb?q=%20"),
        ("https://api.example.com/grün", "https://api.example.com/gr%C3%BCn"),
    ],
)
def test_urls_as_sdks_write_them(doubled: Any, session: requests.Session, asked: str, seen: str) -> None:
    with doubled(Response()) as double:
        session.get(asked)
    assert double.last.url == seen


def test_the_host_header_may_leave_the_port_out(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(), "http://api.example.com:8080") as double:
        session.get("http://api.example.com:8080/x", headers={"Host": "api.example.com"})
        assert double.last.headers["host"] == "api.example.com"
        session.get("http://api.example.com:8080/x")
    assert double.last.headers["host"] == "api.example.com:8080"
    assert double.last.url == "http://api.example.com:8080/x"


@pytest.mark.parametrize("proxy", ["http://proxy.test:3128", "https://proxy.test:3128"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_make_no_difference(
    doubled: Any, session: requests.Session, monkeypatch: pytest.MonkeyPatch, scheme: str, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with doubled(Response(200, JSON, b'{"a": 1}')) as double, warnings.catch_warnings():
        if scheme == "http":  # requests verifies no certificate for an http URL, a TLS proxy's neither: urllib3 warns
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        for _ in range(2):
            assert session.get(f"{scheme}://api.example.com/x?y=1").json() == {"a": 1}
    assert double.last.url == f"{scheme}://api.example.com/x?y=1"


@pytest.mark.since(urllib3="2.0")
@pytest.mark.parametrize("kind", ["dns", "refused"])
def test_a_failure_behind_a_proxy_is_a_connection_error(
    doubled: Any, session: requests.Session, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    with doubled(Fault(kind)), pytest.raises(requests.ConnectionError) as caught:
        session.get(f"{URL}/x")
    assert type(caught.value) is requests.ConnectionError


def test_a_delay_beyond_the_timeout_is_a_timeout_at_once(doubled: Any, session: requests.Session) -> None:
    with doubled(Response(200, delay=3600)):
        with pytest.raises(requests.exceptions.ReadTimeout):
            session.get(f"{URL}/x", timeout=(7200, 1))
        assert session.get(f"{URL}/x", timeout=7200).ok
        assert session.get(f"{URL}/x").ok


def test_the_double_s_errors_come_out_unwrapped(doubled: Any, session: requests.Session) -> None:
    with doubled() as double:
        with pytest.raises(UnmatchedRequest, match=r"GET https://api\.example\.com/x"):
            session.get(f"{URL}/x")
        with pytest.raises(DoubleError):
            session.get("https://elsewhere.test/x")
    assert double.calls.__len__() == 0


def test_header_values_that_break_out_are_refused_by_the_client(doubled: Any, session: requests.Session) -> None:
    with doubled(Response()) as double:
        with pytest.raises(requests.exceptions.InvalidHeader):
            session.get(f"{URL}/x", headers={"X": "a\r\nb"})
        session.get(f"{URL}/x", headers={"X": b"bytes"})
        assert double.last.headers["x"] == "bytes"
        session.get(f"{URL}/x", headers={"X": "gr\xfcn"})
        assert double.last.headers["x"] == "gr\xfcn"


@pytest.mark.since(requests="2.32")
def test_no_verification_is_warned_about_as_ever(doubled: Any, session: requests.Session) -> None:
    with doubled(Response()):
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            session.get(f"{URL}/x", verify=False)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert session.get(f"{URL}/x").ok


def test_odd_answers_are_as_over_a_socket(doubled: Any, session: requests.Session) -> None:
    answers = [
        Response(299, [("X-Utf8", "grün"), ("X-Space", "  x  ")], b"a", reason="Custom Words"),
        Response(200, [("Connection", "close")], b"b"),
        Response(200, (), b"c", http_version="1.0"),
        Response(200, [("Transfer-Encoding", "chunked")], b"d"),
        Response(999, (), b"e"),
        Response(200, (), chunks=lambda: [b"f", b"", b"g"], http_version="1.0"),
    ]
    with doubled(list(answers)):
        got = [session.get(f"{URL}/x") for _ in answers]
    assert [one.content for one in got] == [b"a", b"b", b"c", b"d", b"e", b"fg"]
    assert got[0].reason == "Custom Words"
    assert got[0].headers["x-utf8"].encode("latin-1") == b"gr\xc3\xbcn" or got[0].headers["x-utf8"] == "grün"
    assert [one.raw.version for one in got] == [11, 11, 10, 11, 11, 10]
    assert got[4].status_code == 999


def test_hooks_and_prepared_requests_run(doubled: Any, session: requests.Session) -> None:
    seen: list[int] = []
    with doubled(Response(418)):
        prepared: Any = session.prepare_request(requests.Request("GET", f"{URL}/x"))
        prepared.register_hook("response", lambda answer, **_: seen.append(answer.status_code))
        answer = session.send(prepared)
    assert seen == [418]
    with pytest.raises(requests.HTTPError, match=r"418 Client Error: I'm a [Tt]eapot"):
        answer.raise_for_status()


@pytest.mark.since(urllib3="2.0")
def test_urllib3_itself(doubled: Any) -> None:
    with doubled(Response(200, JSON, b'{"a": 1}')) as double, urllib3.PoolManager() as pool:
        answer = pool.request("GET", f"{URL}/x", fields={"q": "1"})
        assert (answer.status, answer.json(), answer.version, answer.version_string) == (200, {"a": 1}, 11, "HTTP/1.1")
        assert double.last.url == f"{URL}/x?q=1"
        assert double.last.headers["user-agent"].startswith("python-urllib3/")
        assert pool.request("POST", f"{URL}/x", json={"b": 2}).status == 200
        assert double.last.json() == {"b": 2}
        answer = pool.request("GET", f"{URL}/x", preload_content=False)
        assert answer.read(4) == b'{"a"'
        answer.shutdown()
        answer.release_conn()
        assert pool.request("GET", f"{URL}/x", headers={"User-Agent": urllib3.util.SKIP_HEADER}).status == 200
        assert "user-agent" not in double.last.headers
        assert pool.request("POST", f"{URL}/x").status == 200
        assert double.last.headers["content-length"] == "0"


def test_a_length_that_is_no_number_is_the_client_s_to_judge(doubled: Any) -> None:
    with doubled(Response(200, [("Content-Length", "ten")], b"abc")), urllib3.PoolManager() as pool:
        assert pool.request("GET", f"{URL}/x").data == b"abc"


def test_a_large_body(doubled: Any, session: requests.Session) -> None:
    body = bytes(range(256)) * 4096
    with doubled(Response(200, (), body)) as double:
        assert session.post(f"{URL}/x", data=body).content == body
    assert double.last.content == body
