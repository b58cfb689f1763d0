"""Every way in which the real API can fail to answer, on real sockets, each with its reason within its time limit."""

from __future__ import annotations

import gzip
import http.client
import pickle
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lookalike import passage
from lookalike.errors import CredentialsRefused, RealApiError, Unreachable, UsageError
from lookalike.live import wire
from lookalike.live.ask import REASONS, Asker, retry_after
from lookalike.live.credentials import Credentials
from lookalike.live.pages import looks_like_html
from lookalike.live.reasons import reason_of
from lookalike.messages import Request, Response

TLS = Path(__file__).parent / "tls"
Script = bytes | Callable[[socket.socket], None]


class FaultyServer:
    """Plays scripts, one a connection, the last one again and again; `heads` are the requests it got."""

    def __init__(self, *scripts: Script, certificate: str = "") -> None:
        self.scripts = scripts
        self.heads: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(TLS / certificate)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with suppress(OSError):
                self._play(connection)

    def _play(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True) as peer:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = peer.recv(65536)
                if not piece:
                    return
                head += piece
            script = self.scripts[min(len(self.heads), len(self.scripts) - 1)]
            self.heads.append(head)
            if callable(script):
                script(peer)
            else:
                peer.sendall(script)

    def close(self) -> None:
        # Closing alone doesn't wake a thread that waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def answer(status: str = "200 OK", body: bytes = b'{"id":1}', kind: str = "application/json", **headers: str) -> bytes:
    """The bytes of a whole answer."""
    named = {
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def reset(connection: socket.socket) -> None:
    """Close with RST, as a crashed peer's kernel does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.fixture
def serve() -> Iterator[Callable[..., FaultyServer]]:
    """Makes faulty servers, and closes them."""
    servers: list[FaultyServer] = []

    def make(*scripts: Script, certificate: str = "") -> FaultyServer:
        servers.append(FaultyServer(*scripts, certificate=certificate))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


Ask = Callable[..., Asker]
Serve = Callable[..., FaultyServer]
SECRET = "s3cr3t-t0ken"
LOGIN = b"<!doctype html><html><form><input type='password'></form></html>"
CHUNKED = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def get(server: FaultyServer, path: str = "/things", **headers: str) -> Request:
    return Request("GET", server.url + path, headers)


def drip(connection: socket.socket) -> None:
    """One byte at a time, each well within the limit for a wait."""
    with suppress(OSError):
        for byte in answer(body=b" " * 500):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


def silence(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(1)


def ask(asker: Asker, server: FaultyServer, **options: Any) -> Unreachable:
    began = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        asker.ask(get(server), **options)
    assert time.monotonic() - began < 5
    return caught.value


class TestAnswers:
    def test_an_answer_arrives_whole(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer(body=b'{"id": 7}', ETag="x"))
        response = asker().ask(get(server))
        assert (response.status, response.json(), response.headers["etag"]) == (200, {"id": 7}, "x")
        head = server.heads[0].decode()
        assert head.startswith("GET /things HTTP/1.1\r\n")
        for line in ("Accept: application/json", "Accept-Encoding: gzip", "User-Agent: lookalike", "Connection: close"):
            assert line in head

    @pytest.mark.parametrize(
        ("raw", "body"),
        [
            (CHUNKED.encode() + b"3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n", b"[1,2]"),
            (b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[1]", b"[1]"),
            (b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer("404 Not Found", b"{}"), b"{}"),
            (answer("204 No Content", b""), b""),
        ],
    )
    def test_framings(self, serve: Serve, asker: Ask, raw: bytes, body: bytes) -> None:
        assert asker().ask(get(serve(raw))).content == body

    def test_gzip_is_undone_by_the_body_and_kept_on_the_wire(self, serve: Serve, asker: Ask) -> None:
        packed = gzip.compress(b'{"id":1}')
        response = asker().ask(get(serve(answer(body=packed, Content_Encoding="gzip"))))
        assert (response.content, response.json()) == (packed, {"id": 1})

    def test_head_has_no_body(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer(body=b"")[: -0 or None].replace(b"Content-Length: 0", b"Content-Length: 100"))
        assert asker().ask(Request("HEAD", server.url + "/x")).content == b""

    def test_own_headers_win(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer())
        asker().ask(get(server, Accept="text/csv", Host="api.test"))
        head = server.heads[0].decode()
        assert "Accept: text/csv" in head
        assert head.lower().count("host:") == 1

    def test_only_what_is_safe_is_asked(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer("201 Created"))
        request = Request("POST", server.url + "/things", {}, b"{}")
        with pytest.raises(UsageError, match=r"POST http://localhost:\d+/things may change .* unsafe=True"):
            asker().ask(request)
        assert server.heads == []
        assert asker(unsafe=True).ask(request).status == 201
        assert b"Content-Length: 2" in server.heads[0]

    def test_the_passage_is_open_while_it_asks_and_its_connections_say_so(
        self, serve: Serve, asker: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = []
        real = wire.HTTPConnection.connect

        def connect(self: Any) -> None:
            seen.append((passage.is_open(), self.lookalike_passes))
            real(self)

        monkeypatch.setattr(wire.HTTPConnection, "connect", connect)
        asker().ask(get(serve(answer())))
        assert seen == [(True, True)]
        assert not passage.is_open()


class TestFailures:
    def test_refused(self, asker: Ask) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with pytest.raises(Unreachable, match="the connection was refused; check the port") as caught:
            asker().ask(Request("GET", f"http://127.0.0.1:{port}/x"))
        assert caught.value.reason == "refused"

    @pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70 + ".test"])
    def test_dns(self, asker: Ask, host: str) -> None:
        def resolve(host: str, *args: Any, **options: Any) -> Any:
            host.encode("idna")
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", resolve)
            with pytest.raises(Unreachable, match="can't be resolved") as caught:
                asker().ask(Request("GET", f"http://{host}/x"))
        assert caught.value.reason == "dns"

    @pytest.mark.parametrize("script", [silence, drip])
    def test_slow(self, serve: Serve, asker: Ask, script: Script) -> None:
        error = ask(asker(timeout=0.3, deadline=0.6), serve(script))
        assert error.reason == "timeout"
        assert "while waiting for the answer" in str(error)

    @pytest.mark.parametrize(
        ("script", "reason"),
        [
            (reset, "reset"),
            (b"", "reset"),
            (answer(body=b"1234567890", Content_Length="100"), "truncated"),
            (CHUNKED.encode() + b"zz\r\n[1]\r\n", "bad-chunk"),
            (CHUNKED.encode() + b"5\r\n[1", "truncated"),
            (CHUNKED.encode() + b"3\r\n[1]\r\n", "truncated"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
            (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000, "protocol"),
            (answer(body=b"x" * 2_000), "too-large"),
            (answer(body=gzip.compress(b"x" * 100_000), Content_Encoding="gzip"), "too-large"),
            (answer("503 Service Unavailable", b""), "server-errors"),
            (answer("500 Internal Server Error", b"<html>"), "server-errors"),
            (answer("429 Too Many Requests", b""), "rate-limit"),
            (answer("403 Forbidden", b"", X_RateLimit_Remaining="0"), "rate-limit"),
            (answer("302 Found", b"", Location="/things"), "redirects"),
            (answer("200 OK", LOGIN, "text/html"), "login-page"),
            (answer("200 OK", LOGIN, "application/json"), "login-page"),
            (answer("200 OK", b"<html>hello", "text/html"), "html"),
            (answer("503 Service Unavailable", b"<html>Down for maintenance", "text/html"), "maintenance"),
            (answer("511 Network Authentication Required", b"<html>Wi-Fi", "text/html"), "network-login"),
        ],
    )
    def test_each_has_its_reason(self, serve: Serve, asker: Ask, script: Script, reason: str) -> None:
        server = serve(script)
        error = ask(asker(max_body=1_000), server, wants="JSON")
        assert error.reason == reason
        text = str(error)
        words = REASONS[reason].words.format(wanted="JSON")
        assert text.startswith(f"{server.url}/things: {words}")
        assert ";" in text
        assert pickle.loads(pickle.dumps(error)).reason == reason

    def test_a_redirect_that_never_ends_is_given_up(self, serve: Serve, asker: Ask) -> None:
        server = serve(*[answer("302 Found", b"", Location=f"/{i}") for i in range(20)])
        assert ask(asker(), server).reason == "redirects"
        assert len(server.heads) < 10

    @pytest.mark.parametrize(
        ("page", "reason", "words"),
        [
            (LOGIN, "login-page", "it looks like a login page; check the base URL, and auth"),
            (b"<html>We are down for maintenance", "maintenance-page", "it looks like a maintenance page; try again"),
            (b"<html>Welcome to our Wi-Fi", "captive-portal", "it looks like a captive portal; this machine's network"),
            (b"<html>hello", "html", "a login, a maintenance page or a captive portal"),
        ],
    )
    def test_a_page_is_guessed(self, serve: Serve, asker: Ask, page: bytes, reason: str, words: str) -> None:
        error = ask(asker(), serve(answer(body=page, kind="text/html")), wants="JSON")
        assert error.reason == reason
        assert f"open the URL in a browser: {words}" in str(error)

    def test_a_page_is_an_answer_where_no_json_is_expected(self, serve: Serve, asker: Ask) -> None:
        assert asker().ask(get(serve(answer(body=LOGIN, kind="text/html")))).status == 200

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (OSError(101, "Network is unreachable"), "network"),
            (ConnectionAbortedError(), "reset"),
            (ssl.SSLEOFError(), "reset"),
            (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "tls"),
            (http.client.IncompleteRead(b""), "truncated"),
            (RuntimeError(), "protocol"),
        ],
    )
    def test_exceptions_have_a_reason(self, error: Exception, reason: str) -> None:
        assert reason_of(error) == reason

    def test_html_is_told_by_its_beginning(self) -> None:
        assert looks_like_html(Response(200, {}, b"\n <!DOCTYPE HTML>"))
        assert not looks_like_html(Response(200, {"Content-Type": "text/html"}, b"[1]"))
        assert looks_like_html(Response(200, {"Content-Type": "text/html"}, b"<p>"))


class TestTls:
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(TLS / "ca.pem"))

    def test_a_good_certificate(self, serve: Serve, asker: Ask) -> None:
        assert asker(tls=self.trusting()).ask(get(serve(answer(), certificate="good.pem"))).status == 200

    @pytest.mark.parametrize(
        ("certificate", "reason"),
        [("expired.pem", "tls-expired"), ("self-signed.pem", "tls-self-signed"), ("other-host.pem", "tls-hostname")],
    )
    def test_bad_ones(self, serve: Serve, asker: Ask, certificate: str, reason: str) -> None:
        server = serve(answer(), certificate=certificate)
        assert ask(asker(tls=self.trusting(), timeout=2), server).reason == reason
        assert server.heads == []

    def test_an_unknown_authority(self, serve: Serve, asker: Ask) -> None:
        assert ask(asker(timeout=2), serve(answer(), certificate="good.pem")).reason == "tls-self-signed"

    def test_no_tls_at_all(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer())
        with pytest.raises(Unreachable) as caught:
            asker(timeout=0.3).ask(Request("GET", server.url.replace("http:", "https:") + "/x"))
        assert caught.value.reason in ("tls", "reset", "timeout")


class TestPatience:
    def test_a_server_that_fails_is_asked_again_a_little(self, serve: Serve, asker: Ask, clock: Any) -> None:
        server = serve(answer("503 Service Unavailable", b""), reset, answer())
        assert asker().ask(get(server)).status == 200
        assert clock.slept == [1.0, 2.0]

    def test_retry_after_in_seconds_is_obeyed(self, serve: Serve, asker: Ask, clock: Any) -> None:
        asker().ask(get(serve(answer("429 Too Many Requests", b"", Retry_After="7"), answer())))
        assert clock.slept == [7.0]

    def test_retry_after_as_a_date_is_obeyed_by_the_servers_clock(self, serve: Serve, asker: Ask, clock: Any) -> None:
        dates = {"Date": "Fri, 20 Nov 2026 10:00:00 GMT", "Retry_After": "Fri, 20 Nov 2026 10:00:09 GMT"}
        asker().ask(get(serve(answer("503 Service Unavailable", b"", **dates), answer())))
        assert clock.slept == [9.0]

    def test_beyond_the_patience_it_is_given_up_at_once(self, serve: Serve, asker: Ask, clock: Any) -> None:
        error = ask(asker(patience=60), serve(answer("429 Too Many Requests", b"", Retry_After="3600")))
        assert (error.reason, clock.slept) == ("rate-limit", [])
        assert "asked again in 3600 seconds" in str(error)
        limited = answer("429 Too Many Requests", b"", Retry_After="40")
        assert ask(asker(patience=60), serve(limited)).reason == "rate-limit"
        assert clock.slept == [40.0]

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("5", 5.0),
            ("Thu, 01 Jan 1970 00:20:00 GMT", None),
            ("Fri, 20 Nov 2026 10:00:09 GMT", 1795168809.0 - 1000.0),
            ("Sat, 01 Jan 2000 00:00:00 GMT", 946684800.0 - 1000.0),
            ("Mon, 01 Jan 2001 00:00:00 -0000", 978307200.0 - 1000.0),
            ("soon", None),
            ("-5", None),
            ("", None),
        ],
    )
    def test_both_forms_are_read(self, value: str, seconds: float | None) -> None:
        assert retry_after(Response(429, {"Retry-After": value}), 1000.0) == seconds

    def test_a_date_that_is_over_is_no_wait(self) -> None:
        headers = {"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT", "Date": "Fri, 20 Nov 2026 11:00:00 GMT"}
        assert retry_after(Response(503, headers), 0.0) == 0.0

    def test_requests_keep_the_rate(self, serve: Serve, asker: Ask, clock: Any) -> None:
        server, one = serve(answer()), asker(rate=5)
        for _ in range(4):
            one.ask(get(server))
        assert clock.slept == pytest.approx([0.2, 0.2, 0.2])
        clock.now += 10
        one.ask(get(server))
        assert len(clock.slept) == 3

    def test_the_budget_counts_every_request(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer("503 Service Unavailable", b""), answer())
        one = asker(budget=3)
        one.ask(get(server))
        assert (one.spent, one.left) == (2, 1)
        one.ask(get(server))
        error = ask(one, server)
        assert error.reason == "budget"
        assert "the call budget is used up (3 requests); raise budget" in str(error)
        assert len(server.heads) == 3

    @pytest.mark.parametrize("wrong", [{"timeout": 0}, {"rate": 0}, {"budget": -1}, {"max_body": 0}, {"deadline": -1}])
    def test_impossible_limits_are_misuse(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(UsageError, match="must be above 0"):
            Asker(**wrong)


class TestRedirects:
    def test_one_on_the_same_host_is_followed_and_noted(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer("301 Moved Permanently", b"", Location="/things/?a=1"), answer())
        asked = asker(auth={"bearer": SECRET}).asked(get(server))
        assert asked.url == f"{server.url}/things/?a=1"
        assert asked.response.status == 200
        (hop,) = asked.redirects
        assert hop.response is not None
        assert (hop.request.url, hop.response.status) == (f"{server.url}/things", 301)
        assert SECRET not in str(hop.request.headers.pairs)
        assert SECRET.encode() in server.heads[1]

    @pytest.mark.parametrize(
        "location",
        ["http://other.test/", "https://localhost/", "ftp://localhost/", "http://localhost:1/x", "http://[bad"],
    )
    def test_one_elsewhere_is_the_answer(self, serve: Serve, asker: Ask, location: str) -> None:
        asked = asker().asked(get(serve(answer("302 Found", b"", Location=location))))
        assert (asked.response.status, asked.redirects) == (302, ())

    def test_credentials_never_go_to_another_host(self, serve: Serve, asker: Ask) -> None:
        other = serve(answer())
        server = serve(answer("302 Found", b"", Location=other.url + "/"))
        assert asker(auth={"bearer": SECRET}).ask(get(server)).status == 302
        assert other.heads == []

    def test_an_expected_one_is_the_answer(self, serve: Serve, asker: Ask) -> None:
        server = serve(answer("302 Found", b"", Location="/x"))
        assert asker().ask(get(server), expected={302}).status == 302

    def test_one_without_a_location_and_one_of_an_unsafe_method(self, serve: Serve, asker: Ask) -> None:
        assert asker().ask(get(serve(answer("302 Found", b"")))).status == 302
        server = serve(answer("307 Temporary Redirect", b"", Location="/x"))
        assert asker(unsafe=True).ask(Request("POST", server.url + "/y")).status == 307


class TestCredentials:
    @pytest.mark.parametrize(
        ("auth", "header"),
        [
            ({"bearer": SECRET}, f"Authorization: Bearer {SECRET}"),
            ({"basic": "user:password"}, "Authorization: Basic dXNlcjpwYXNzd29yZA=="),
            ({"header": f"X-Api-Key: {SECRET}"}, f"X-Api-Key: {SECRET}"),
        ],
    )
    def test_they_are_sent(self, serve: Serve, asker: Ask, auth: dict[str, str], header: str) -> None:
        server = serve(answer())
        asker(auth=auth).ask(get(server))
        assert header in server.heads[0].decode()
        asker(auth=auth).ask(get(server), anonymous=True)
        assert header not in server.heads[1].decode()

    @pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
    def test_a_refusal_says_what_to_check(self, serve: Serve, asker: Ask, status: str) -> None:
        server = serve(answer(status, b"{}"))
        with pytest.raises(
            CredentialsRefused, match=f"answered {status[:3]}; no credentials were sent; if the API needs"
        ):
            asker().ask(get(server))
        with pytest.raises(CredentialsRefused, match="check that the credentials in auth are still good"):
            asker(auth={"bearer": SECRET}).ask(get(server))
        assert asker().ask(get(server), expected={401, 403}).status == int(status[:3])

    @pytest.mark.parametrize(
        "auth",
        [
            {"bearer": ""},
            {"bearer": f"{SECRET}\r\nX: y"},
            {"basic": SECRET},
            {"header": SECRET},
            {"header": f": {SECRET}"},
            {"header": "X-Key: "},
            {"token": SECRET},
        ],
    )
    def test_a_form_that_is_not_known_is_said_without_the_value(self, auth: dict[str, str]) -> None:
        with pytest.raises(UsageError, match="auth: ") as caught:
            Credentials.of(auth)
        assert SECRET not in str(caught.value)
        assert 'bearer = "..."' in str(caught.value)

    def test_they_are_in_no_message_and_no_repr(self, serve: Serve, asker: Ask) -> None:
        credentials = Credentials.of({"bearer": SECRET})
        assert repr(credentials) == "Credentials(Authorization)"
        assert repr(Credentials()) == "Credentials(none)"
        assert not Credentials()
        one = asker(auth=credentials, retries=0)
        for script in (
            answer("401 Unauthorized", b"{}"),
            answer("500 Oops", b""),
            reset,
            answer("302 Found", b"", Location="/x"),
        ):
            url = serve(script).url.replace("//", f"//user:{SECRET}@") + f"/x?token={SECRET}"
            with pytest.raises(RealApiError) as caught:
                one.ask(Request("GET", url))
            assert SECRET not in str(caught.value)
            assert SECRET not in repr(caught.value)


def test_a_url_is_shown_without_what_may_be_secret() -> None:
    assert wire.shown(Request("GET", f"https://u:{SECRET}@api.test:443/a?key={SECRET}")) == "https://api.test/a"
    assert wire.shown(Request("GET", "http://[::1]:8080/a")) == "http://[::1]:8080/a"
