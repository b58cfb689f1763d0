"""The http.client seam under http.client itself, urllib.request, httplib2 and botocore."""

from __future__ import annotations

import gc
import http.client
import http.cookiejar
import io
import select
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import httplib2  # type: ignore[import-untyped]  # without types
import pytest
import requests
from botocore.config import Config  # type: ignore[import-untyped]  # without types
from botocore.exceptions import HTTPClientError  # type: ignore[import-untyped]  # without types

from lookalike import passage
from lookalike.errors import BlockedConnection, UnmatchedRequest
from lookalike.intercept.fake_socket import FakeSocket
from lookalike.messages import Fault, PassThrough, Request, Response

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]


def echo(request: Request) -> Response:
    return Response(200, [("X-Method", request.method)], request.content)


@pytest.fixture
def s3() -> Iterator[Any]:
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, connect_timeout=1, read_timeout=1),
    )
    yield client
    client.close()


class TestHttpClient:
    def test_a_request_in_one_call(self, doubled: Any) -> None:
        with doubled(echo) as double:
            connection = http.client.HTTPSConnection("api.example.com", timeout=3)
            connection.request("POST", "/x?a=1", body="grüß", headers={"X": "1"})
            answer = connection.getresponse()
            assert (answer.status, answer.read(), answer.getheader("x-method")) == (
                200,
                "grüß".encode("latin-1"),
                "POST",
            )
            connection.close()
        assert (double.last.url, double.last.timeout, double.last.headers["x"]) == (f"{URL}/x?a=1", 3, "1")

    def test_a_request_step_by_step(self, doubled: Any) -> None:
        with doubled(echo) as double:
            connection = http.client.HTTPSConnection("api.example.com")
            connection.connect()
            connection.putrequest("PUT", "/x")
            connection.putheader("Content-Length", "6")
            connection.putheader("X-Two", "a", "b")
            connection.endheaders()
            connection.send(b"abc")
            connection.send(io.BytesIO(b"def"))
            assert connection.getresponse().read() == b"abcdef"
            connection.close()
        assert double.last.headers["x-two"] == "a b"

    def test_chunked_bodies_are_put_together(self, doubled: Any) -> None:
        with doubled(echo):
            connection = http.client.HTTPSConnection("api.example.com")
            connection.request("POST", "/x", body=iter([b"one ", b"two"]), encode_chunked=True)
            assert connection.getresponse().read() == b"one two"
            connection.close()

    def test_one_connection_carries_many_requests(self, doubled: Any) -> None:
        with doubled(echo) as double:
            connection = http.client.HTTPSConnection("api.example.com")
            for number in range(3):
                connection.request("POST", "/x", body=str(number))
                answer = connection.getresponse()
                assert answer.read() == str(number).encode()
                assert isinstance(connection.sock, FakeSocket)
            connection.close()
        assert len(double.calls) == 3

    def test_an_unread_answer_blocks_the_next_as_ever(self, doubled: Any) -> None:
        with doubled(echo):
            connection = http.client.HTTPSConnection("api.example.com")
            connection.request("POST", "/x", body="abc")
            connection.getresponse()
            connection.request("GET", "/y")
            with pytest.raises(http.client.ResponseNotReady):
                connection.getresponse()
            connection.close()

    def test_reading_line_by_line_and_peeking(self, doubled: Any) -> None:
        with doubled(Response(200, (), b"one\ntwo\n")):
            connection = http.client.HTTPSConnection("api.example.com")
            connection.request("GET", "/x")
            answer = connection.getresponse()
            assert answer.peek(3)[:3] == b"one"
            assert answer.readline() == b"one\n"
            assert answer.read1(3) == b"two"
            assert answer.read() == b"\n"
            connection.close()

    def test_expect_continue_is_answered_before_the_body(self, doubled: Any) -> None:
        with doubled(echo) as double:
            connection = http.client.HTTPSConnection("api.example.com")
            connection.putrequest("PUT", "/x")
            connection.putheader("Content-Length", "3")
            connection.putheader("Expect", "100-continue")
            connection.endheaders()
            assert readable(connection.sock)
            with connection.sock.makefile("rb", 0) as file:
                assert file.readline() == b"HTTP/1.1 100 Continue\r\n"
                assert file.readline() == b"\r\n"
            assert not readable(connection.sock)
            assert len(double.calls) == 0
            connection.send(b"abc")
            assert readable(connection.sock)
            assert connection.getresponse().read() == b"abc"
            assert not readable(connection.sock)
            connection.close()

    def test_a_client_that_does_not_wait_for_continue_gets_the_answer(self, doubled: Any) -> None:
        with doubled(echo):
            connection = http.client.HTTPSConnection("api.example.com")
            connection.request("PUT", "/x", body=b"abc", headers={"Expect": "100-continue"})
            assert connection.getresponse().read() == b"abc"
            connection.close()

    def test_a_tunnel_goes_to_the_host_that_was_asked_for(self, doubled: Any) -> None:
        with doubled(echo) as double:
            connection = http.client.HTTPSConnection("proxy.test", 3128)
            connection.set_tunnel("api.example.com", 443, {"Proxy-Authorization": "x"})
            connection.request("GET", "/x")
            assert connection.getresponse().status == 200
            connection.close()
        assert double.last.url == f"{URL}/x"

    def test_the_absolute_form_names_the_host(self, doubled: Any) -> None:
        with doubled(echo, "http://api.example.com") as double:
            connection = http.client.HTTPConnection("proxy.test", 3128)
            for target in ("http://API.example.com/x//y?z", "http://api.example.com:80?z", "http://api.example.com"):
                connection.request("GET", target)
                connection.getresponse().read()
            connection.close()
        assert [call.request.url for call in double.calls] == [
            "http://api.example.com/x//y?z",
            "http://api.example.com/?z",
            "http://api.example.com/",
        ]

    def test_ipv6_and_the_server_itself(self, doubled: Any) -> None:
        with doubled(echo, "http://[::1]:81") as double:
            connection = http.client.HTTPConnection("::1", 81)
            connection.request("OPTIONS", "*")
            assert connection.getresponse().status == 200
            connection.close()
        assert double.last.url == "http://[::1]:81/"

    def test_the_default_timeout_is_the_socket_s(self, doubled: Any) -> None:
        socket.setdefaulttimeout(4)
        try:
            with doubled(echo) as double:
                connection = http.client.HTTPSConnection("api.example.com")
                connection.request("GET", "/x")
                assert connection.sock.gettimeout() == 4
                connection.getresponse().close()
                connection.close()
        finally:
            socket.setdefaulttimeout(None)
        assert double.last.timeout == 4

    def test_the_fake_answers_what_a_socket_answers(self, doubled: Any) -> None:
        with doubled(echo):
            connection = http.client.HTTPSConnection("api.example.com")
            connection.connect()
            sock = connection.sock
            with pytest.raises(OSError, match="no request"):
                sock.getpeername()
            connection.request("POST", "/x", body=b"abc")
            assert sock.getpeername() == ("api.example.com", 443)
            assert sock.getsockname()[0] == "127.0.0.1"
            assert (sock.getpeercert(), sock.getpeercert(True), sock.selected_alpn_protocol()) == ({}, None, None)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0
            sock.setblocking(True)
            assert sock.gettimeout() is None
            sock.setblocking(False)
            assert sock.gettimeout() == 0
            buffer = bytearray(8)
            assert sock.recv(9) == b"HTTP/1.1"[:9] + b" "
            assert sock.recv_into(buffer, 3) == 3
            assert bytes(buffer[:3]) == b"200"
            sock.shutdown(socket.SHUT_RD)
            assert sock.recv(10) == b""
            with sock as same:
                assert same.fileno() >= 0
            assert sock.fileno() == -1
            assert sock.send(b"late") == 4
            connection.close()

    def test_a_connection_opened_before_the_double_is_taken_over(self, doubled: Any, server: Any) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/before")
        connection.getresponse().read()
        with doubled(Response(200, (), b"double"), server.url):
            connection.request("GET", "/during")
            assert connection.getresponse().read() == b"double"
        connection.request("GET", "/after")
        assert connection.getresponse().read() == b'{"real": true}'
        connection.close()
        assert [path for _, path, _ in server.hits] == ["/before", "/after"]

    def test_an_answer_under_way_is_read_to_its_end_after_the_double(self, doubled: Any, server: Any) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        with doubled(Response(200, (), b"0123456789"), server.url):
            connection.request("GET", "/during")
            answer = connection.getresponse()
            assert answer.read(3) == b"012"
        assert answer.read() == b"3456789"
        connection.close()
        connection.request("GET", "/after")
        assert connection.getresponse().read() == b'{"real": true}'
        connection.close()
        assert [path for _, path, _ in server.hits] == ["/after"]

    def test_a_connection_under_way_looks_dropped_afterwards(self, doubled: Any) -> None:
        connection = http.client.HTTPSConnection("api.example.com")
        with doubled(Response(200, (), b"0123456789")):
            connection.request("GET", "/during")
            answer = connection.getresponse()
        assert readable(connection.sock)
        answer.close()
        connection.close()

    def test_live_s_own_connections_pass(self, doubled: Any, server: Any) -> None:
        with doubled(echo, server.url) as double:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.lookalike_passes = True  # type: ignore[attr-defined]  # the seam's own mark
            connection.request("GET", "/live")
            assert connection.getresponse().read() == b'{"real": true}'
            connection.close()
        assert len(double.calls) == 0

    def test_an_open_passage_passes(self, doubled: Any, server: Any) -> None:
        with doubled(echo, server.url) as double:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", "/double")
            connection.getresponse().read()
            with passage.opened():
                connection.request("GET", "/real")
                assert connection.getresponse().read() == b'{"real": true}'
            connection.request("GET", "/double")
            connection.getresponse().read()
            connection.close()
        assert len(double.calls) == 2
        assert [path for _, path, _ in server.hits] == ["/real"]

    def test_a_class_made_meanwhile_with_its_own_connect_is_covered(self, doubled: Any) -> None:
        with doubled(echo) as double:

            class Eager(http.client.HTTPConnection):
                def connect(self) -> None:
                    self.sock = socket.create_connection((self.host, self.port))

            connection = Eager("api.example.com")
            connection.connect()
            connection.request("GET", "/x")
            assert connection.getresponse().status == 200
            connection.close()
            own = vars(Eager)["connect"]
        assert len(double.calls) == 1
        assert vars(Eager)["connect"] is not own


def readable(sock: Any) -> bool:
    return bool(select.select([sock], [], [], 0)[0])


class TestUrllibRequest:
    def test_get_and_post(self, doubled: Any) -> None:
        with doubled(echo) as double:
            with urllib.request.urlopen(f"{URL}/x", data=b"abc", timeout=5) as answer:
                assert (answer.status, answer.read(), answer.geturl()) == (200, b"abc", f"{URL}/x")
            assert double.last.timeout == 5

    def test_errors_redirects_and_cookies(self, doubled: Any) -> None:
        def handle(request: Request) -> Response:
            if request.path == "/a":
                return Response(301, [("Location", "/b"), ("Set-Cookie", "s=1")])
            return Response(200 if "s=1" in request.headers.get("cookie", "") else 403, (), b"there")

        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        with doubled(handle):
            with pytest.raises(urllib.error.HTTPError, match="403") as caught:
                opener.open(f"{URL}/b")
            assert caught.value.read() == b"there"
            caught.value.close()
            with opener.open(f"{URL}/a") as answer:
                assert (answer.geturl(), answer.read()) == (f"{URL}/b", b"there")

    def test_behind_proxies(self, doubled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
        monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
        with doubled(Response(200, (), b"x")) as double:
            for scheme in ("http", "https"):
                opener = urllib.request.build_opener()
                with opener.open(f"{scheme}://api.example.com/x") as answer:
                    assert answer.read() == b"x"
                assert double.last.url == f"{scheme}://api.example.com/x"

    def test_misses_come_out(self, doubled: Any) -> None:
        with doubled(), pytest.raises(UnmatchedRequest):
            urllib.request.urlopen("https://elsewhere.test/")


class TestHttplib2:
    def test_get_post_head_and_gzip(self, doubled: Any) -> None:
        client = httplib2.Http(timeout=3)
        with doubled(echo) as double:
            for method, expected in (("GET", b""), ("POST", b"abc"), ("HEAD", b"")):
                response, content = client.request(f"{URL}/x", method, body=b"abc" if method == "POST" else None)
                assert (response.status, content, response["x-method"]) == (200, expected, method)
            assert double.last.timeout == 3
        client.close()

    def test_misses_come_out(self, doubled: Any) -> None:
        with doubled(), pytest.raises(UnmatchedRequest):
            httplib2.Http().request(f"{URL}/x")


class TestBotocore:
    def test_put_waits_for_continue_and_sends_its_body(self, doubled: Any, s3: Any) -> None:
        with doubled(Response(200, [("ETag", '"x"')]), "https://bucket.s3.eu-west-1.amazonaws.com") as double:
            assert s3.put_object(Bucket="bucket", Key="a/b", Body=b"content" * 10)["ETag"] == '"x"'
            assert s3.put_object(Bucket="bucket", Key="a/b", Body=io.BytesIO(b"file"))["ETag"] == '"x"'
        first, second = (call.request for call in double.calls)
        assert first.headers["expect"] == "100-continue"
        assert b"content" * 10 in first.content
        assert b"file" in second.content
        assert first.path == "/a/b"

    def test_get_streams(self, doubled: Any, s3: Any) -> None:
        with doubled(Response(200, (), b"0123456789"), "https://bucket.s3.eu-west-1.amazonaws.com"):
            body = s3.get_object(Bucket="bucket", Key="a")["Body"]
            assert list(body.iter_chunks(4)) == [b"0123", b"4567", b"89"]

    def test_misses_are_the_cause_of_its_error(self, doubled: Any, s3: Any) -> None:
        with doubled(), pytest.raises(HTTPClientError, match="matches none of 0 routes") as caught:
            s3.get_object(Bucket="bucket", Key="a")
        chain = [caught.value.__cause__, caught.value.__context__]
        assert any(isinstance(error, UnmatchedRequest) for error in chain)


def test_a_connection_that_is_gone_can_pass_nothing_through(doubled: Any) -> None:
    with doubled(PassThrough()):
        connection = http.client.HTTPSConnection("api.example.com")
        connection.putrequest("GET", "/x")
        fake: Any = connection.sock
        del connection
        gc.collect()
        with pytest.raises(ConnectionAbortedError, match="thrown away"):
            fake.sendall(b"GET /x HTTP/1.1\r\n\r\n")
        fake.drop()
        assert readable(fake)
        fake.close()


def test_a_fake_without_a_request_takes_and_gives_nothing(doubled: Any) -> None:
    with doubled(echo):
        connection = http.client.HTTPSConnection("api.example.com")
        connection.connect()
        connection.sock.sendall(b"ignored")
        assert connection.sock.recv(1) == b""
        assert not readable(connection.sock)
        connection.close()


def test_a_blocked_connect_says_so(doubled: Any) -> None:
    with doubled(), pytest.raises(BlockedConnection, match=r"10\.1\.2\.3:80"), socket.socket() as sock:
        sock.connect(("10.1.2.3", 80))


@pytest.mark.usefixtures("lane")
def test_a_fault_in_a_sequence_ends(doubled: Any) -> None:
    with doubled([Fault("reset"), Response(200, (), b"fine")]), requests.Session() as session:
        with pytest.raises(requests.ConnectionError):
            session.get(f"{URL}/x")
        assert session.get(f"{URL}/x").text == "fine"


class Peculiar(http.client.HTTPConnection):
    """Connects by an address of its own, or not at all."""

    address: Any = None

    def connect(self) -> None:
        self.sock = socket.socket()
        if self.address is not None:
            try:
                self.sock.connect(self.address)
            except OSError:
                self.sock.close()
                raise


@pytest.mark.parametrize("address", [None, ("10.255.255.1", 80)], ids=["no address", "an address"])
def test_a_peculiar_connect_fails_with_the_fault_too(doubled: Any, address: Any) -> None:
    with doubled(Fault("refused")):
        connection = Peculiar("api.example.com")
        connection.address = address
        with pytest.raises(ConnectionRefusedError):
            connection.request("GET", "/x")
        connection.close()


def test_bytes_that_come_in_pieces_and_too_late(doubled: Any) -> None:
    with doubled(echo) as double:
        connection = http.client.HTTPSConnection("api.example.com")
        connection.putrequest("POST", "/x")
        fake: Any = connection.sock
        fake.sendall(b"POST /x HTTP/1.1\r\nContent-")
        assert not readable(fake)
        fake.sendall(b"Length: 3\r\n\r\na")
        assert not readable(fake)
        fake.sendall(b"bc")
        assert readable(fake)
        fake.sendall(b"too late")
        assert fake.recv(15) == b"HTTP/1.1 200 OK"
        fake.close()
    assert double.last.content == b"abc"


def test_an_answer_asked_for_too_early_is_given(doubled: Any) -> None:
    with doubled(echo) as double:
        connection = http.client.HTTPSConnection("api.example.com")
        connection.putrequest("POST", "/x")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"abc")
        assert connection.getresponse().read() == b"abc"
        connection.close()
    assert double.last.content == b"abc"
