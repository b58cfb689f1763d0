"""A scripted double, a real server that counts what reaches it, and the fast lanes switched on and off."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.versions import older

from lookalike.double.double import Double
from lookalike.errors import UnmatchedRequest
from lookalike.intercept import environ_lane, install, urllib3_lane
from lookalike.messages import Answer, Exchange, Fault, Request, Response

Handler = Callable[[Request], Answer]


class Scripted(Double):
    """Answers what a function says, or the next of a list of answers (the last one repeats)."""

    def __init__(self, answers: Handler | Answer | list[Answer] | None, base_url: str | None = None) -> None:
        super().__init__("scripted", base_url)
        self._answers = answers
        self.failures: list[Exception] = []
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Answer:
        answer = self._next(request)
        self.journal.record(
            Exchange(
                request,
                answer if isinstance(answer, Response) else None,
                answer if isinstance(answer, Fault) else None,
            )
        )
        return answer

    def remember(self, error: Exception) -> None:
        self.failures.append(error)

    def _next(self, request: Request) -> Answer:
        answers = self._answers
        if answers is None:
            raise UnmatchedRequest(f"{request.method} {request.url} matches none of 0 routes.")
        if callable(answers):
            return answers(request)
        if isinstance(answers, list):
            with self._lock:
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return answers

    @property
    def last(self) -> Request:
        return self.calls.last.request


@pytest.fixture
def scripted() -> type[Scripted]:
    """The scripted double's class."""
    return Scripted


@pytest.fixture
def doubled() -> Callable[..., Any]:
    """`with doubled(answers, base_url, allow=...) as double`: a scripted double, active in the block."""

    @contextmanager
    def active(
        answers: Any = None, base_url: str | None = "https://api.example.com", allow: tuple[str, ...] = ()
    ) -> Iterator[Scripted]:
        double = Scripted(answers, base_url)
        undo = install(double, allow=allow)
        try:
            yield double
        finally:
            undo()

    return active


@pytest.fixture(params=["fast", "plain"])
def lane(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test that asks for it runs with the fast lanes and without them."""
    monkeypatch.setattr(urllib3_lane, "enabled", request.param == "fast")
    monkeypatch.setattr(environ_lane, "enabled", request.param == "fast")
    return str(request.param)


class RealServer:
    """A real HTTP/1.1 server on a loopback port; `hits` are the requests that reached it."""

    def __init__(self) -> None:
        self.hits: list[tuple[str, str, bytes]] = []
        hits = self.hits

        class Answering(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                coding = self.headers.get("transfer-encoding", "")
                body = self._chunks() if coding else self.rfile.read(int(self.headers.get("content-length", 0)))
                hits.append((self.command, self.path, body))
                content = b'{"real": true}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-Real", "yes")
                if self.path.endswith("/chunked"):
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    for piece in (content[:4], content[4:]):
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    self.wfile.write(b"0\r\n\r\n")
                    return
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 - the base class names them so

            def _chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_: Any) -> None:
                """A test's output is its own."""

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def shutdown_request(self, request: Any) -> None:
                super().shutdown_request(request)

        self._server = Server(("127.0.0.1", 0), Answering)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="session")
def _one_server() -> Iterator[RealServer]:
    server = RealServer()
    yield server
    server.stop()


@pytest.fixture
def server(_one_server: RealServer) -> RealServer:
    """The real server, with no hits yet."""
    _one_server.hits.clear()
    return _one_server


_NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_BUNDLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that runs the tests may have proxies and CA bundles of its own; the tests say which there are."""
    for name in (*_NAMES, *map(str.upper, _NAMES), *_BUNDLES):
        monkeypatch.delenv(name, raising=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what a client does only since a release: `make test-oldest` runs the tests with older ones."""
    if why := older(item):
        pytest.skip(why)
