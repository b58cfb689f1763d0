"""Servers that go wrong, at each step of an answer, and what is to be said of each: shared by the tests of the live
door, of `lookalike verify` and of pytest's mode verify.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

TLS = Path(__file__).parent / "live" / "tls"
GUARD = 15.0  # seconds: a hang, not a measure
Play = Callable[[socket.socket], None]

BODY = b'{"id": 1, "name": "one"}'


def head(status: str = "200 OK", kind: str = "application/json", **fields: object) -> bytes:
    named = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in fields.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode()


def whole(status: str = "200 OK", body: bytes = BODY, kind: str = "application/json", **fields: object) -> bytes:
    return head(status, kind, Content_Length=len(body), **fields) + body


def says(content: bytes) -> Play:
    """Read the request, send this, close."""

    def play(peer: socket.socket) -> None:
        _request(peer)
        peer.sendall(content)

    return play


def _request(peer: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = peer.recv(65536)
        if not piece:
            break
        got += piece
    return got


def resets(content: bytes | None) -> Play:
    """Send this and close with RST, as a crashed peer's kernel does; with None, without having read the request."""

    def play(peer: socket.socket) -> None:
        if content is not None:
            _request(peer)
            peer.sendall(content)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return play


def waits(content: bytes) -> Play:
    """Send this and then nothing, until the other side has gone."""

    def play(peer: socket.socket) -> None:
        _request(peer)
        peer.sendall(content)
        with suppress(OSError):
            peer.recv(1)

    return play


def drips(content: bytes, rest: bytes) -> Play:
    """Send this, and the rest byte by byte, each well within the limit for a wait."""

    def play(peer: socket.socket) -> None:
        _request(peer)
        peer.sendall(content)
        for byte in rest:
            peer.sendall(bytes([byte]))
            time.sleep(0.05)

    return play


def endless(content: bytes, piece: bytes) -> Play:
    """Send this, and then a piece again and again, as fast as it is taken."""

    def play(peer: socket.socket) -> None:
        _request(peer)
        peer.sendall(content)
        while True:
            peer.sendall(piece)

    return play


def bomb() -> bytes:
    """A few kilobytes that are 50 megabytes when decoded."""
    return gzip.compress(b" " * 50_000_000, 9)


class Server:
    """Plays one script on each connection; `heads` are the requests, where it reads them itself."""

    def __init__(self, play: Play, certificate: str = "") -> None:
        self._play = play
        self._tls = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(TLS / certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        self.url = f"{'https' if certificate else 'http'}://localhost:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError):
                connection.settimeout(GUARD)
                with connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True) as peer:
                    self._play(peer)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone doesn't wake a thread that waits in accept
        self._listener.close()
        self._thread.join(GUARD)


def document(url: str = "", *paths: str) -> dict[str, Any]:
    """An OpenAPI document that names the paths, `/things/1` to `/things/3` for none; each answers `BODY`."""
    properties = {"id": {"type": "integer"}, "name": {"type": "string"}}
    body = {"schema": {"type": "object", "required": ["id"], "properties": properties}}
    get = {"responses": {"200": {"description": "", "content": {"application/json": body}}}}
    named = {path: {"get": get} for path in paths or ("/things/1", "/things/2", "/things/3")}
    servers = {"servers": [{"url": url}]} if url else {}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, **servers, "paths": named}


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
LOGIN = b"<!doctype html><html><form>Password <input type='password'></form></html>"
# What is played, and the key of `REASONS`.
FAULTS: dict[str, tuple[Play, str]] = {
    "reset at connect": (resets(None), "reset"),
    "closed at connect": (lambda peer: None, "reset"),
    "reset after the request": (resets(b""), "reset"),
    "reset in the headers": (resets(b"HTTP/1.1 200 OK\r\nContent-"), "reset"),
    "closed in the status line": (says(b"HTTP/1."), "protocol"),
    "reset in the body": (resets(head(Content_Length=1000) + BODY), "reset"),
    "half a body": (says(head(Content_Length=1000) + BODY), "truncated"),
    "no end of the chunks": (says(CHUNKED + b"2\r\n{}\r\n"), "truncated"),
    "half a chunk": (says(CHUNKED + b"18\r\n{\"id\""), "truncated"),
    "a bad chunk": (says(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"), "bad-chunk"),
    "a body that is longer than its length": (says(head(Content_Length=len(BODY) - 3) + BODY), "wrong-length"),
    "a body that begins within its length": (says(head(Content_Length=0) + BODY), "wrong-length"),
    "two lengths": (says(head(Content_Length=f"{len(BODY)}, 7") + BODY), "protocol"),
    "gzip that is none": (says(whole(Content_Encoding="gzip")), "bad-coding"),
    "half a body of gzip": (says(whole(body=gzip.compress(BODY * 100)[:40], Content_Encoding="gzip")), "truncated"),
    "silence": (waits(b""), "timeout"),
    "silence in the headers": (waits(b"HTTP/1.1 200 OK\r\nContent-"), "timeout"),
    "silence in the body": (waits(head(Content_Length=1000) + BODY), "timeout"),
    "headers that drip": (drips(b"", head(Content_Length=2) * 5), "timeout"),
    "a body that drips": (drips(head(Content_Length=1000), b" " * 1000), "timeout"),
    "garbage": (says(bytes(range(256)) * 4), "protocol"),
    "another protocol": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol"),
    "a length that is no number": (says(head(Content_Length="ten") + BODY), "protocol"),
    "a line without end": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 10_000), "protocol"),
    "headers without end": (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100), "protocol"),
    "informational answers without end": (endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10), "protocol"),
    "a huge body": (endless(head(Content_Length=10**12), b" " * 100_000), "too-large"),
    "a huge body in chunks": (endless(CHUNKED, b"8000\r\n" + b" " * 0x8000 + b"\r\n"), "too-large"),
    "a body without end": (endless(head(), b" " * 100_000), "too-large"),
    "a bomb": (says(whole(body=bomb(), Content_Encoding="gzip")), "too-large"),
    "too many requests, in seconds": (says(whole("429 Too Many Requests", Retry_After=9999)), "rate-limit"),
    "too many requests, by a date": (
        says(
            whole(
                "429 Too Many Requests",
                Date="Sun, 22 Nov 2026 10:00:00 GMT",
                Retry_After="Sun, 22 Nov 2026 13:00:00 GMT",
            )
        ),
        "rate-limit",
    ),
    "too many requests, again and again": (says(whole("429 Too Many Requests", Retry_After=1)), "rate-limit"),
    "nothing remains": (says(whole("403 Forbidden", X_RateLimit_Remaining=0)), "rate-limit"),
    "a burst of errors": (says(whole("500 Internal Server Error", b"")), "server-errors"),
    "a gateway": (says(whole("502 Bad Gateway", b"<html>nginx", "text/html")), "server-errors"),
    "maintenance": (says(whole("503 Service Unavailable", b"<html>Maintenance", "text/html")), "maintenance"),
    "a login page": (says(whole(body=LOGIN, kind="text/html")), "login-page"),
    "a login page that says that it is JSON": (says(whole(body=LOGIN)), "login-page"),
    "a maintenance page": (says(whole(body=b"<html>Scheduled downtime", kind="text/html")), "maintenance-page"),
    "a captive portal": (says(whole(body=b"<html>Accept the terms", kind="text/html")), "captive-portal"),
    "a network that wants a login": (says(whole("511 Network Authentication Required", b"")), "network-login"),
    "some page": (says(whole(body=b"<html>hello", kind="text/html")), "html"),
    "a circle": (says(whole("302 Found", b"", Location="/things/1")), "redirects"),
    "elsewhere for now": (says(whole("302 Found", b"", Location="https://gate.example/?to=x")), "elsewhere"),
    "elsewhere, which is no URL": (says(whole("302 Found", b"", Location="http://[gate")), "elsewhere"),
}  # fmt: skip

# Bodies with a success status that a client can't read, or not as they were meant: what is said of each.
MALFORMED: dict[str, tuple[bytes, str]] = {
    "half of its JSON": (BODY[:-5], "not JSON"),
    "no JSON": (b"hello", "not JSON"),
    "deeper than a parser goes": (b"[" * 100_000 + b"]" * 100_000, "not JSON"),
    "a key twice": (b'{"id": 1, "id": 2, "name": "one"}', "key 'id' given twice"),
    "a byte order mark": (b"\xef\xbb\xbf" + BODY, "begins with a byte order mark"),
    "NaN": (b'{"id": NaN, "name": "one"}', "NaN is not a JSON value"),
    "an infinite number": (b'{"id": -Infinity, "name": "one"}', "-Infinity is not a JSON value"),
    "another charset": ('{"id": 1, "name": "\xe9"}'.encode("latin-1"), "not JSON"),
}  # fmt: skip
