"""What the first bytes of a connection are taken for, where its requests go, and what hostile ones meet."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import certifi
import pycurl
import pytest
import requests
import trustme

from lookalike.api.doubles import Mock
from lookalike.double.mock import MockDouble
from lookalike.errors import BlockedConnection
from lookalike.messages import FaultKind, Response
from lookalike.serve import Limits, Server
from lookalike.serve.everything import Everything

Connect = Callable[[str], Any]


@pytest.fixture
def mock() -> MockDouble:
    mock = MockDouble("api", "https://api.example.com")
    mock.get("/a").respond(text="hello")
    return mock


@pytest.fixture
def server(mock: MockDouble) -> Iterator[Everything]:
    server = Everything(mock, allow=lambda host: host == "allowed.invalid")
    with server:
        yield server


@pytest.fixture
def wire(server: Everything, connect: Connect) -> Any:
    return connect(server.url)


def secure(wire: Any, server: Everything, name: str | None, check: str | None = None, **_: Any) -> Any:
    """Speak TLS on a raw connection; `name` is sent, `check` is compared with the certificate."""
    context = ssl.create_default_context(cafile=str(server.bundle))
    if name is None:
        context.check_hostname = False
    wire.socket = context.wrap_socket(wire.socket, server_hostname=name)
    if check is not None:
        names = {value for _, value in wire.socket.getpeercert()["subjectAltName"]}
        assert check in names
    return wire


def through(wire: Any, target: str) -> str:
    wire.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Connection: keep-alive\r\n\r\n".encode())
    return str(wire.head())


def test_certificates_are_forgotten_one_day(server: Everything, connect: Connect, monkeypatch: Any) -> None:
    monkeypatch.setattr("lookalike.serve.authority._HOSTS", 2)
    monkeypatch.setattr("lookalike.serve.junction._MEMOS", 2)
    for name in ("a.test", "b.test", "c.test", "a.test"):
        through(wire := connect(server.url), "api.example.com:443")
        assert secure(wire, server, name, name).get("/a").response()[0] == 502


# -- where requests go -------------------------------------------------------------------------------------------------


def urls(mock: MockDouble) -> list[str]:
    return [call.request.url for call in mock.calls]


def test_plain_http_is_for_the_api_itself(mock: MockDouble, wire: Any) -> None:
    assert wire.get("/a").response()[2] == b"hello"
    assert urls(mock) == ["https://api.example.com/a"]


def test_absolute_form_is_for_the_host_that_it_names(mock: MockDouble, wire: Any) -> None:
    for _ in range(2):
        assert wire.get("http://api.example.com/a").response()[2] == b"hello"
    assert urls(mock) == ["http://api.example.com/a"] * 2


def test_what_is_for_the_proxy_doesnt_reach_the_double(mock: MockDouble, wire: Any) -> None:
    wire.get("http://api.example.com/a", "Proxy-Connection: keep-alive", "proxy-authorization: Basic eA==", "X-Own: 1")
    assert wire.response()[0] == 200
    assert [name.lower() for name, _ in mock.calls.last.request.headers.pairs] == ["host", "x-own"]


def test_a_host_that_leads_here_is_meant(connect: Connect) -> None:
    mock = Mock("two hosts", "https://api.example.com")
    mock.get("https://b.example.com/b").respond(text="b")
    mock.get("/c").respond(text="c")
    with Everything(mock) as url:
        wire = connect(url)
        assert wire.send(b"GET /b HTTP/1.1\r\nHost: b.example.com\r\n\r\n").response()[2] == b"b"
        assert wire.send(b"GET /c HTTP/1.1\r\nHost: any thing\r\n\r\n").response()[2] == b"c"
        assert wire.send(b"GET /c HTTP/1.1\r\nHost: other.example.com\r\n\r\n").response()[2] == b"c"
    assert urls(mock) == ["http://b.example.com/b", "https://api.example.com/c", "https://api.example.com/c"]


def test_the_server_itself_under_every_spelling(mock: MockDouble, server: Everything, connect: Connect) -> None:
    port = server.port
    assert connect(server.url).get(f"http://localhost:{port}/a").response()[0] == 200
    wire = connect(server.url)
    assert through(wire, f"127.0.0.1:{port}").startswith("HTTP/1.1 200 ")
    assert wire.get("/a").response()[0] == 200
    assert secure(connect(server.url), server, "localhost", "localhost").get("/a").response()[0] == 200
    assert secure(connect(server.url), server, "127.0.0.1", "127.0.0.1").get("/a").response()[0] == 200
    assert urls(mock) == ["https://api.example.com/a"] * 4


def test_the_name_in_the_tls_decides(mock: MockDouble, server: Everything, connect: Connect) -> None:
    wire = secure(connect(server.url), server, "API.example.com", "api.example.com")
    assert wire.socket.selected_alpn_protocol() is None
    assert wire.get("/a").response()[2] == b"hello"
    assert urls(mock) == ["https://api.example.com/a"]


@pytest.mark.parametrize("offered", [["h2", "http/1.1"], ["h2"]])
def test_http_2_is_not_offered(offered: list[str], server: Everything, wire: Any) -> None:
    context = ssl.create_default_context(cafile=str(server.bundle))
    context.set_alpn_protocols(offered)
    with context.wrap_socket(wire.socket, server_hostname="api.example.com") as secured:
        assert secured.selected_alpn_protocol() == ("http/1.1" if len(offered) == 2 else None)


def test_the_port_is_in_the_host_header_where_there_is_no_tunnel(connect: Connect) -> None:
    mock = MockDouble("api", "https://api.example.com:8443")
    mock.get("/a").respond(text="hello")
    server = Everything(mock)
    with server:
        wire = secure(connect(server.url), server, "api.example.com")
        asked = b"GET /a HTTP/1.1\r\nHost: api.example.com:8443\r\n\r\n"
        assert wire.send(asked).response()[2] == b"hello"


@pytest.mark.parametrize(
    ("target", "tls", "url"),
    [
        ("api.example.com:443", True, "https://api.example.com/a"),
        ("API.example.com.:443", True, "https://api.example.com/a"),
        ("api.example.com:80", False, "http://api.example.com/a"),
    ],
)
def test_a_tunnel_to_what_the_double_covers(
    target: str, tls: bool, url: str, mock: MockDouble, server: Everything, wire: Any
) -> None:
    assert through(wire, target).startswith("HTTP/1.1 200 ")
    if tls:
        secure(wire, server, "api.example.com", "api.example.com")
    for _ in range(2):
        assert wire.get("/a").response()[2] == b"hello"
    assert urls(mock) == [url] * 2


def test_without_a_name_the_tunnels_target_is_the_host(mock: MockDouble, server: Everything, wire: Any) -> None:
    through(wire, "api.example.com:443")
    assert secure(wire, server, None, "api.example.com").get("/a").response()[2] == b"hello"
    assert urls(mock) == ["https://api.example.com/a"]


def test_a_name_that_nobody_covers_is_told_so_in_its_tls(mock: MockDouble, server: Everything, wire: Any) -> None:
    through(wire, "api.example.com:443")
    status, headers, text = secure(wire, server, "other.example.com", "other.example.com").get("/a").response()
    assert (status, headers["x-lookalike"]) == (502, "blocked")
    assert b"other.example.com:443 was blocked" in text
    assert [type(one) for one in mock.failures] == [BlockedConnection]


def test_the_same_bytes_on_different_names_are_different_requests(connect: Connect) -> None:
    mock = MockDouble("any")
    for name in "ab":
        mock.get(f"https://{name}.example.com/x").respond(text=name)
    server = Everything(mock)
    with server:
        wires = {name: secure(connect(server.url), server, f"{name}.example.com") for name in "ab"}
        for name in "abab":
            assert wires[name].get("/x").response()[2] == name.encode()
    assert len(mock.calls) == 4


def test_a_proxy_that_is_asked_over_tls(mock: MockDouble, server: Everything) -> None:
    handle = pycurl.Curl()
    heard: list[bytes] = []
    for option, value in {
        pycurl.URL: "https://api.example.com/a",
        pycurl.PROXY: server.url.replace("http://127.0.0.1", "https://localhost"),
        pycurl.CAINFO: str(server.bundle),
        pycurl.PROXY_CAINFO: str(server.bundle),
        pycurl.WRITEFUNCTION: heard.append,
    }.items():
        handle.setopt(option, value)
    handle.perform()
    handle.close()
    assert (heard, urls(mock)) == ([b"hello"], ["https://api.example.com/a"])


def test_a_tunnel_byte_by_byte(mock: MockDouble, wire: Any) -> None:
    for byte in b"CONNECT api.example.com:80 HTTP/1.1\r\nHost: x\r\n\r\n":
        wire.send(bytes([byte]))
    assert "200" in wire.head()
    for byte in b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n":
        wire.send(bytes([byte]))
    assert wire.response()[2] == b"hello"


def test_a_client_that_doesnt_wait_for_its_tunnel(mock: MockDouble, wire: Any) -> None:
    wire.send(b"CONNECT api.example.com:80 HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert "200" in wire.head()
    assert wire.response()[2] == b"hello"


def test_a_stream_and_large_bodies_over_tls(server: Everything, mock: MockDouble, wire: Any) -> None:
    large = bytes(range(256)) * 20_000
    mock.post("/large", content=large).respond(content=large)
    secure(wire, server, "api.example.com")
    # Not sent by another thread: before Python 3.13 one SSLSocket can't be read and written at once.
    wire.send(b"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(large), large))
    assert wire.response()[2] == large


def test_pipelined_over_tls_and_the_goodbye(server: Everything, wire: Any) -> None:
    secure(wire, server, "api.example.com")
    wire.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" * 99 + b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert wire.rest().count(b"hello") == 100  # and the end is a goodbye, else reading would raise


# -- what is hostile ---------------------------------------------------------------------------------------------------


def still_alive(server: Everything, connect: Connect) -> None:
    assert connect(server.url).get("/a").response()[2] == b"hello"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\x01\x02garbage\r\n\r\n", b"400"),
        (b"CONNEC\r\n\r\n", b"400"),
        (b"CONNECT nonsense HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT api.example.com:0 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT api.example.com:99999 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT http://api.example.com:443 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT api example.com:443 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT api.example.com:443\r\n\r\n", b"400"),
        (b"CONNECT [::zz]:443 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT " + b"a" * 20_000, b"414"),
        (b"CONNECT a.test:443 HTTP/1.1\r\nX: " + b"a" * 90_000, b"431"),
        (b"CONNECT other.example.com:443 HTTP/1.1\r\n\r\n", b"502"),
        (b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n", b"502"),
        (b"CONNECT 10.0.0.1:22 HTTP/1.1\r\n\r\n", b"502"),
        (b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET http://other.example.com/ HTTP/1.1\r\nHost: api.example.com\r\n\r\n", b"502"),
        (b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nCONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"501"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"505"),
    ],
)  # fmt: skip
def test_what_is_refused(sent: bytes, status: bytes, server: Everything, wire: Any, connect: Connect) -> None:
    with contextlib.suppress(ConnectionError):
        wire.send(sent)
    answers = wire.rest()
    assert re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answers)[-1] == status
    assert b"Connection: close" in answers
    still_alive(server, connect)


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    "hello",
    [b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16\xff\xff\xff\xff" + b"x" * 70_000],
)
def test_a_hello_that_is_half_or_none(hello: bytes, inside: bool, server: Everything, connect: Connect) -> None:
    wire = connect(server.url)
    if inside:
        through(wire, "api.example.com:443")
    with contextlib.suppress(OSError):
        wire.send(hello)
        wire.socket.shutdown(socket.SHUT_WR)
        wire.rest()
    still_alive(server, connect)


def test_a_name_for_which_there_is_no_certificate(server: Everything, wire: Any, connect: Connect) -> None:
    context = ssl.create_default_context(cafile=str(server.bundle))
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        context.wrap_socket(wire.socket, server_hostname="a_b.example.com")
    still_alive(server, connect)


def test_a_tunnels_target_for_which_there_is_no_certificate(connect: Connect) -> None:
    mock = MockDouble("odd", "https://a_b.example.com")
    mock.get("/a").respond(text="hello")
    with Everything(mock) as url:
        wire = connect(url)
        assert "200" in through(wire, "a_b.example.com:443")
        wire.send(b"\x16\x03\x01")
        assert b"no certificate can be made for a_b.example.com" in wire.rest()


def test_a_client_that_doesnt_trust_is_told_of(
    server: Everything, wire: Any, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context(cafile=certifi.where()).wrap_socket(wire.socket, server_hostname="api.example.com")
    still_alive(server, connect)
    for _ in range(200):
        if caplog.text:
            break
        time.sleep(0.01)
    assert "a client refused the certificate" in caplog.text
    assert "SSL_CERT_FILE of server.env" in caplog.text


def test_garbage_after_the_handshake(server: Everything, wire: Any, connect: Connect) -> None:
    secured = secure(wire, server, "api.example.com").socket
    with socket.socket(fileno=socket.dup(secured.fileno())) as raw:
        raw.sendall(b"no TLS at all")
        raw.settimeout(5)
        while raw.recv(4096):
            pass
    still_alive(server, connect)


@pytest.mark.parametrize(
    ("sent", "answer"), [(b"", b""), (b"CONNECT a", b"408"), (b"\x16\x03\x01", b""), (b"CON", b"")]
)
def test_who_says_nothing_more_is_sent_away(sent: bytes, answer: bytes, mock: MockDouble, connect: Connect) -> None:
    with Everything(mock, limits=Limits(idle=0.1)) as url:
        heard = b""
        with contextlib.suppress(ConnectionResetError):
            heard = connect(url).send(sent).rest()
        assert answer in heard


def test_a_tunnel_in_which_nothing_moves_is_closed(mock: MockDouble, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as real, Everything(mock, limits=Limits(idle=0.1)) as url:
        wire = connect(url)
        through(wire, f"127.0.0.1:{real.getsockname()[1]}")
        with contextlib.suppress(ConnectionResetError):
            assert wire.rest() == b""


# -- tunnels to what is real -------------------------------------------------------------------------------------------


@pytest.fixture
def echo() -> Iterator[int]:
    """Sends back what it gets, upper-cased, and says `bye` when the client has sent all."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listener.accept()
        with sock:
            while data := sock.recv(65536):
                sock.sendall(data.upper())
            sock.sendall(b"bye")

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(10)
    listener.close()


def test_bytes_pass_as_they_are_until_both_have_said_all(mock: MockDouble, wire: Any, echo: int) -> None:
    assert "200" in through(wire, f"localhost:{echo}")
    large = b"abc" * 1_000_000
    sender = threading.Thread(target=wire.send, args=(large,))
    sender.start()
    assert wire.read(len(large)) == large.upper()
    sender.join()
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest() == b"bye"
    assert mock.journal.passed == (f"localhost:{echo} (loopback)",)


@pytest.mark.parametrize("slow", ["server", "client"])
def test_who_reads_slowly_holds_the_other_back(slow: str, wire: Any) -> None:
    """Neither side's bytes pile up in between: the sender waits until the reader reads."""
    with socket.create_server(("127.0.0.1", 0)) as real:
        through(wire, f"127.0.0.1:{real.getsockname()[1]}")
        sock, _ = real.accept()
        with sock:
            sender, reader = (wire.socket, sock) if slow == "server" else (sock, wire.socket)
            sender.settimeout(0.5)
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < 200_000_000:
                    sent += sender.send(b"x" * 1_000_000)
            assert sent < 200_000_000
            sender.shutdown(socket.SHUT_WR)
            got = 0
            while data := reader.recv(1_000_000):
                got += len(data)
            assert got == sent


def test_a_client_that_leaves_before_its_tunnel_is_there(server: Everything, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as real:
        for _ in range(20):
            wire = connect(server.url)
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.send(f"CONNECT localhost:{real.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
            wire.close()
    still_alive(server, connect)


def test_a_server_that_speaks_and_leaves_first(wire: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as real:
        assert "200" in through(wire, f"127.0.0.1:{real.getsockname()[1]}")
        sock, _ = real.accept()
        with sock:
            sock.sendall(b"220 welcome\r\n")
        assert wire.rest() == b"220 welcome\r\n"


def test_what_is_allowed_and_cant_be_reached(server: Everything, mock: MockDouble, wire: Any, connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert "502" in through(wire, f"127.0.0.1:{port}")
    assert "502" in through(connect(server.url), "allowed.invalid:443")
    assert "502" in through(connect(server.url), "no..name.localhost:443")
    passed = f"127.0.0.1:{port} (loopback)", "allowed.invalid:443 (allowed)", "no..name.localhost:443 (loopback)"
    assert mock.journal.passed == passed
    assert mock.failures == []


def test_the_real_hosts_certificate_is_verified(connect: Connect, tmp_path: Any, monkeypatch: Any) -> None:
    """A tunnel is no man in the middle: the client meets the real host's TLS, and the roots that it knew before."""
    roots = trustme.CA()
    (tmp_path / "roots.pem").write_bytes(roots.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    roots.issue_cert("localhost").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listener.accept()
        with context.wrap_socket(sock, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nreal")

    thread = threading.Thread(target=serve)
    thread.start()
    server = Everything(MockDouble("api", "https://api.example.com"))
    with server as url:
        port = listener.getsockname()[1]
        answer = requests.get(
            f"https://localhost:{port}/", timeout=5, proxies={"https": url}, verify=str(server.bundle)
        )
    assert answer.text == "real"
    thread.join()
    listener.close()


def test_plain_requests_to_what_is_real_are_sent_on() -> None:
    real, mock = MockDouble("real", "http://real.test"), Mock("api", "https://api.example.com")
    real.post("/echo", json={"a": 1}).respond(201, json={"b": 2}, headers={"X-Real": "yes"})
    with Server(real) as there, mock.serve(everything=True) as url:
        answer = requests.post(f"{there}/echo", json={"a": 1}, timeout=5, proxies={"http": url})
    assert (answer.status_code, answer.json(), answer.headers["x-real"]) == (201, {"b": 2}, "yes")
    assert mock.calls == mock.calls[:0]


def test_others_dont_reach_this_machines_services(mock: MockDouble, connect: Connect) -> None:
    server = Everything(mock, host="0.0.0.0")
    with socket.create_server(("127.0.0.1", 0)) as real, server:
        assert server.env["HTTP_PROXY"] == f"http://127.0.0.1:{server.port}"
        wire = connect(f"http://127.0.0.1:{server.port}")
        assert "502" in through(wire, f"127.0.0.1:{real.getsockname()[1]}")
    assert [type(one) for one in mock.failures] == [BlockedConnection]


def test_a_stop_ends_tunnels_and_handshakes(mock: MockDouble, connect: Connect) -> None:
    server = Everything(mock)
    with socket.create_server(("127.0.0.1", 0)) as real:
        url = server.start()
        wires = [connect(url) for _ in range(4)]
        through(wires[0], f"127.0.0.1:{real.getsockname()[1]}")
        wires[1].send(b"\x16\x03\x01")
        wires[2].send(b"CONNECT a")
        assert connect(url).get("/a").response()[0] == 200
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 4
        for wire in wires:
            with contextlib.suppress(ConnectionResetError):
                assert wire.rest() == b""


# -- faults ------------------------------------------------------------------------------------------------------------

_RESET = (requests.exceptions.ConnectionError,)
FAULTS: dict[FaultKind, tuple[type[Exception], ...]] = {
    "dns": _RESET,
    "refused": _RESET,
    "reset": _RESET,
    "closed": _RESET,
    "tls": (requests.exceptions.SSLError,),
    "connect-timeout": (requests.exceptions.ReadTimeout,),
    "read-timeout": (requests.exceptions.ReadTimeout,),
    "closed-mid-body": (requests.exceptions.ChunkedEncodingError,),
    "bad-chunk": (requests.exceptions.ChunkedEncodingError,),
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_a_client_behind_the_proxy_meets(
    kind: FaultKind, scheme: str, server: Everything, mock: MockDouble
) -> None:
    mock.get("/fails").fail(kind)
    expected = FAULTS[kind] if (kind, scheme) != ("tls", "http") else _RESET
    with pytest.raises(expected):
        requests.get(f"{scheme}://api.example.com/fails", timeout=0.3 if "timeout" in kind else 5)


def test_an_answer_without_tls_stays_readable_on_a_real_socket(mock: MockDouble, server: Everything) -> None:
    mock.get("/slow").respond(delay=0.05, text="slow")
    begun = time.monotonic()
    assert requests.get("https://api.example.com/slow", timeout=5).text == "slow"
    assert time.monotonic() - begun >= 0.05
    assert isinstance(mock.calls.last.response, Response)
