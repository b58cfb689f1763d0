"""Starting, stopping, listening."""

from __future__ import annotations

import builtins
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import requests

from lookalike.errors import UsageError
from lookalike.messages import Response
from lookalike.serve import Limits, Server

Serve = Callable[..., str]
Connect = Callable[[str], Any]

TEXT = Response(200, [("Content-Type", "text/plain")], b"hello", reusable=True)


def test_it_listens_on_loopback_and_leaves_nothing(double: Any) -> None:
    double.answers["/a"] = TEXT
    before = threading.active_count()
    server = Server(double)
    with server as url:
        assert url == f"http://127.0.0.1:{server.port}" == server.url
        assert server.port != 0
        assert not server.exposed
        with urllib.request.urlopen(url + "/a", timeout=5) as answer:
            assert answer.read() == b"hello"
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_it_can_start_again_on_the_same_port(double: Any) -> None:
    double.answers["/a"] = TEXT
    server = Server(double)
    urls = set()
    for _ in range(3):
        urls.add(server.start())
        assert requests.get(server.url + "/a", timeout=5).text == "hello"
        server.stop()
        server.stop()
    assert len(urls) == 1


def test_starting_twice_is_refused(double: Any) -> None:
    server = Server(double)
    url = server.start()
    try:
        with pytest.raises(UsageError, match=f"already listens at {url}"):
            server.start()
    finally:
        server.stop()


def test_a_port_in_use_is_named_with_the_next_step(double: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError) as raised:
            Server(double, port=port).start()
    assert str(raised.value) == (
        f"can't listen on 127.0.0.1, port {port}: the port is in use; choose another, or 0 for a free one"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": 70000}, "70000 is no port"),
        ({"port": -1}, "-1 is no port"),
        ({"host": "no.such.host.invalid"}, "use host 127.0.0.1"),
        ({"host": "192.0.2.1"}, "this machine has no such address"),
    ],
)
def test_where_it_cant_listen_it_says_why(options: dict[str, Any], words: str, double: Any) -> None:
    with pytest.raises(UsageError, match=words):
        Server(double, **options).start()


@pytest.mark.parametrize(
    ("error", "words"),
    [(PermissionError(13, "Permission denied"), "from 1024 up"), (OSError(5, "Input/output"), "Input")],
)
def test_other_failures_to_listen(error: OSError, words: str, double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(self: socket.socket, address: object) -> None:
        raise error

    class Failing(socket.socket):
        pass

    monkeypatch.setattr(Failing, "bind", bind)
    monkeypatch.setattr("lookalike.serve.server.socket.socket", Failing)
    with pytest.raises(UsageError, match=words):
        Server(double, port=80).start()


@pytest.mark.parametrize(
    ("host", "exposed"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("example.com", True)],
)
def test_it_knows_whether_others_can_reach_it(host: str, exposed: bool, double: Any) -> None:
    assert Server(double, host=host).exposed is exposed


def test_localhost_is_one_address(double: Any) -> None:
    double.answers["/a"] = TEXT
    with Server(double, host="localhost") as url:
        assert url.startswith("http://localhost:")
        assert requests.get(url + "/a", timeout=5).text == "hello"
    assert Server(double, host="::1", port=80).url == "http://[::1]:80"


def test_without_httptools_it_says_what_to_install(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "httptools":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setitem(sys.modules, "httptools", None)
    monkeypatch.setattr(builtins, "__import__", without)
    for start in (Server(double).start, Server(double).run):
        with pytest.raises(UsageError, match=r"pip install 'lookalike\[server\]'"):
            start()


def test_what_is_in_flight_is_answered_before_it_stops(double: Any, connect: Connect) -> None:
    double.answers = {"/slow": Response(200, content=b"slow", delay=0.2), "/a": TEXT}
    server = Server(double)
    url = server.start()
    slow, piped, idle, begun = connect(url).get("/slow"), connect(url), connect(url).get("/a"), connect(url)
    piped.get("/slow").get("/slow")
    assert idle.response()[0] == 200
    begun.send(b"GET /a HTTP/1.1\r\nHost: x\r\n")
    while double.asked < 3:
        time.sleep(0.01)
    stopper = threading.Thread(target=server.stop)
    stopper.start()
    assert idle.rest() == b""
    begun.send(b"\r\n")
    assert begun.rest().endswith(b"Connection: close\r\n\r\nhello")
    assert slow.rest().endswith(b"Connection: close\r\n\r\nslow")
    assert piped.rest().count(b"slow") == 2
    stopper.join(5)
    assert not stopper.is_alive()


def test_it_doesnt_wait_for_ever(double: Any, connect: Connect) -> None:
    double.answers["/slow"] = Response(200, content=b"slow", delay=60)
    server = Server(double, limits=Limits(grace=0.1))
    wire = connect(server.start()).get("/slow")
    while not double.asked:
        time.sleep(0.01)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 5
    assert wire.rest() == b""


def test_an_upstream_leaves_no_thread(double: Any) -> None:
    from lookalike.messages import PassThrough

    double.answers["/a"] = PassThrough()
    before = set(threading.enumerate())
    with Server(double, upstream=lambda request: TEXT) as url:
        assert requests.get(url + "/a", timeout=5).text == "hello"
    assert set(threading.enumerate()) == before


PROGRAM = """
import sys
from lookalike.double.double import Double
from lookalike.messages import Exchange, Response
from lookalike.serve import Server

if sys.argv[1] == "asyncio":
    sys.modules["uvloop"] = None

class One(Double):
    def handle(self, request):
        response = Response(200, content=b"hello " + request.path.encode(), delay=0.3 if request.path == "/slow" else 0)
        self.journal.record(Exchange(request, response))
        return response

double = One("one", "https://api.example.com")
Server(double).run(lambda url: print(url, flush=True))
print("ended after", double.journal.total, flush=True)
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_run_serves_until_a_signal(loop: str, end: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, loop]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert requests.get(url + "/a", timeout=5).text == "hello /a"
        answers: list[str] = []
        slow = threading.Thread(target=lambda: answers.append(requests.get(url + "/slow", timeout=5).text))
        slow.start()
        time.sleep(0.1)
        os.kill(process.pid, end)
        out, err = process.communicate(timeout=10)
        slow.join()
    assert (process.returncode, out, err, answers) == (0, "ended after 2\n", "", ["hello /slow"])


def test_run_without_a_callback_or_uvloop_or_signal_handlers(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    import asyncio

    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setitem(sys.modules, "uvloop", None)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", refuse)
    before = signal.getsignal(signal.SIGTERM)
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGTERM))
    timer.start()
    Server(double).run()
    timer.join()
    assert signal.getsignal(signal.SIGTERM) is before
