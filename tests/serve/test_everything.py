"""A double for clients of every kind: native ones in this process, other programs, and what they meet."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import curl_cffi
import primp
import pycurl
import pytest
import requests
import rnet
import wreq.blocking
from pyreqwest.simple.sync_request import pyreqwest_get

import lookalike
from lookalike.api.doubles import Mock
from lookalike.errors import BlockedConnection, UnmatchedRequest, UnusedRoute, UsageError
from lookalike.serve import Limits, Server
from lookalike.serve.everything import Everything

TODOS = [{"id": 1, "title": "Make the bed"}]
API = lookalike.Api(base_url="https://api.example.com")
SCHEMES = ("http", "https")

# -- clients in this process that no seam reaches ----------------------------------------------------------------------


def by_pycurl(url: str, **options: Any) -> tuple[int, str]:
    body = io.BytesIO()
    handle = pycurl.Curl()
    try:
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.WRITEDATA, body)
        for name, value in options.items():
            handle.setopt(getattr(pycurl, name), value)
        handle.perform()
        return handle.getinfo(pycurl.RESPONSE_CODE), body.getvalue().decode()
    finally:
        handle.close()


def by_pycurl_multi(url: str) -> tuple[int, str]:
    body = io.BytesIO()
    multi, handle = pycurl.CurlMulti(), pycurl.Curl()
    handle.reset()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.WRITEDATA, body)
    multi.add_handle(handle)
    running = 1
    while running:
        running = multi.perform()[1]
        multi.select(0.1)
    found = handle.getinfo(pycurl.RESPONSE_CODE), body.getvalue().decode()
    multi.remove_handle(handle)
    handle.close()
    multi.close()
    return found


def by_curl_cffi(url: str) -> tuple[int, str]:
    with curl_cffi.Session[Any]() as session:
        answer = session.get(url)
        return answer.status_code, answer.text


def by_curl_cffi_async(url: str) -> tuple[int, str]:
    async def ask() -> tuple[int, str]:
        async with curl_cffi.AsyncSession[Any]() as session:
            answer = await session.get(url)
            return answer.status_code, answer.text

    return asyncio.run(ask())


def by_primp(url: str) -> tuple[int, str]:
    # A connection that is kept would stay open until the client's runtime runs again.
    answer = primp.Client().get(url, headers={"Connection": "close"})
    return answer.status_code, answer.text


def by_pyreqwest(url: str) -> tuple[int, str]:
    answer = pyreqwest_get(url).send()
    return answer.status, answer.text()


def bundle() -> Path:
    """What clients that carry their own roots have to be told to trust."""
    return Path(os.environ["SSL_CERT_FILE"])


def by_rnet(url: str) -> tuple[int, str]:
    # It reads the environment's proxies once in a process: later ones are for it to be told.
    proxy = rnet.Proxy.all(os.environ["HTTPS_PROXY"])
    answer = rnet.BlockingClient(verify=bundle(), proxies=[proxy]).get(url)
    return int(answer.status), answer.text()


def by_wreq(url: str) -> tuple[int, str]:
    answer = wreq.blocking.Client(tls_verify=bundle()).get(url)
    return answer.status.as_int(), answer.text()


@pytest.fixture(scope="module", autouse=True)
def runtimes() -> None:
    """The Rust clients' runtimes are made with their first request, and stay as long as the process."""
    with Server(_said("warm")) as url:
        for client in (by_primp, by_pyreqwest):
            client(f"{url}/x")
        rnet.BlockingClient().get(f"{url}/x")
        wreq.blocking.Client().get(f"{url}/x")


NATIVE: dict[str, Callable[[str], tuple[int, str]]] = {
    "pycurl": by_pycurl,
    "pycurl multi": by_pycurl_multi,
    "curl_cffi": by_curl_cffi,
    "curl_cffi async": by_curl_cffi_async,
    "primp": by_primp,
    "pyreqwest": by_pyreqwest,
    "rnet": by_rnet,
    "wreq": by_wreq,
}


@pytest.mark.peer("pycurl (direct)")
@pytest.mark.peer("Rust/C clients: curl_cffi, pyreqwest")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("client", NATIVE)
def test_native_clients_in_this_process(client: str, scheme: str) -> None:
    with API.mock() as mock, mock.serve(everything=True):
        mock.get("/todos", params={"page": "1"}).respond(json=TODOS)
        mock.post("/todos").optional()
        status, text = NATIVE[client](f"{scheme}://api.example.com/todos?page=1")
        assert (status, text) == (200, '[{"id":1,"title":"Make the bed"}]')
        assert [call.request.url for call in mock.calls] == [f"{scheme}://api.example.com/todos?page=1"]


def test_pycurl_with_certifis_roots_and_without_verification() -> None:
    import certifi

    before = pycurl.Curl
    with API.mock() as mock, mock.serve(everything=True):
        mock.get("/todos").respond(json=TODOS)
        for options in ({"CAINFO": certifi.where()}, {"SSL_VERIFYPEER": 0}):
            assert by_pycurl("https://api.example.com/todos", **options)[0] == 200
        handle = pycurl.Curl()
        assert isinstance(handle, before)
        handle.unsetopt(pycurl.CAINFO)
        handle.setopt(pycurl.URL, "https://api.example.com/todos")
        handle.setopt(pycurl.WRITEDATA, io.BytesIO())
        handle.perform()
        handle.close()
    assert pycurl.Curl is before


def test_a_native_client_that_misses_gets_the_message_and_the_test_fails() -> None:
    def misses() -> None:
        with API.mock() as mock, mock.serve(everything=True):
            mock.get("/todos").respond(json=TODOS).optional()
            status, text = by_pycurl("https://api.example.com/typo")
            assert status == 501
            assert "Nearest: GET /todos" in text

    with pytest.raises(UnmatchedRequest, match=r"GET https://api\.example\.com/typo"):
        misses()


# -- other programs ----------------------------------------------------------------------------------------------------

_PYTHON = {
    "requests": "import requests; say = lambda url: requests.get(url).text",
    "httpx": "import httpx; say = lambda url: httpx.get(url).text",
    "urllib": "import urllib.request; say = lambda url: urllib.request.urlopen(url).read().decode()",
    "aiohttp": """
        import aiohttp, asyncio
        async def ask(url):
            async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as answer:
                return await answer.text()
        say = lambda url: asyncio.run(ask(url))""",
    "pycurl": """
        import io, os, pycurl
        def say(url):
            body = io.BytesIO()
            handle = pycurl.Curl()
            handle.setopt(handle.URL, url)
            handle.setopt(handle.WRITEDATA, body)
            handle.setopt(handle.CAINFO, os.environ["SSL_CERT_FILE"])
            handle.perform()
            return body.getvalue().decode()""",
    "curl_cffi": "import curl_cffi; say = lambda url: curl_cffi.get(url).text",
    "primp": "import primp; say = lambda url: primp.get(url).text",
    "pyreqwest": """
        from pyreqwest.simple.sync_request import pyreqwest_get
        say = lambda url: pyreqwest_get(url).send().text()""",
    "rnet": """
        import os, pathlib, rnet
        client = rnet.BlockingClient(verify=pathlib.Path(os.environ["SSL_CERT_FILE"]))
        say = lambda url: client.get(url).text()""",
    "wreq": """
        import os, pathlib, wreq.blocking
        client = wreq.blocking.Client(tls_verify=pathlib.Path(os.environ["SSL_CERT_FILE"]))
        say = lambda url: client.get(url).text()""",
    "botocore": """
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies
        from botocore.awsrequest import AWSPreparedRequest
        import os
        def say(url):
            session = URLLib3Session(proxies=get_environ_proxies(url), verify=os.environ["AWS_CA_BUNDLE"])
            return session.send(AWSPreparedRequest("GET", url, {}, None, False)).text""",
}
_ASK_BOTH = "\nfor scheme in ('http', 'https'): print(say(scheme + '://api.example.com/todos'))"


def run(*command: str, server: Everything, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=server.env, capture_output=True, text=True, timeout=60, check=False, **options)


@pytest.mark.peer("Child processes intercepted")
@pytest.mark.parametrize("client", _PYTHON)
def test_python_in_a_child_process(client: str) -> None:
    import textwrap

    with API.mock() as mock:
        server = mock.serve(everything=True)
        route = mock.get("/todos").respond(json=TODOS)
        with server:
            done = run(sys.executable, "-c", textwrap.dedent(_PYTHON[client]) + _ASK_BOTH, server=server)
        assert done.stdout.split("\n")[:2] == ['[{"id":1,"title":"Make the bed"}]'] * 2, done.stderr
        assert [call.request.scheme for call in route.calls] == list(SCHEMES)


@pytest.mark.peer("Child processes intercepted")
@pytest.mark.skipif(shutil.which("curl") is None, reason="the command curl isn't installed")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_command_curl(scheme: str) -> None:
    with API.mock() as mock:
        server = mock.serve(everything=True)
        mock.post("/todos", json={"title": "x" * 5000}).respond(201, json={"id": 2})
        with server:
            sent = '{"title":"' + "x" * 5000 + '"}'
            url = f"{scheme}://api.example.com/todos"
            done = run("curl", "-sS", "-d", sent, "-H", "Content-Type: application/json", url, server=server)
        assert (done.stdout, done.stderr) == ('{"id":2}', "")


_NODE = """
const https = require("https");
const asked = {host: "127.0.0.1", port: process.argv[1], path: "/todos", servername: "api.example.com",
               headers: {host: "api.example.com"}};
https.get(asked, (answer) => { answer.on("data", (data) => process.stdout.write(data)); });
"""
_NODE_FETCH = 'fetch("https://api.example.com/todos").then((answer) => answer.text()).then((text) => console.log(text))'


def node_version() -> int:
    node = shutil.which("node")
    return int(subprocess.check_output([node, "-p", "parseInt(process.versions.node)"])) if node else 0


@pytest.mark.skipif(not node_version(), reason="node isn't installed")
def test_node_trusts_the_name_that_it_asks_for() -> None:
    with API.mock() as mock:
        server = mock.serve(everything=True)
        mock.get("https://api.example.com/todos", scheme="https").respond(json=TODOS)
        with server:
            done = run("node", "-e", _NODE, str(server.port), server=server)
        assert done.stdout == '[{"id":1,"title":"Make the bed"}]', done.stderr


@pytest.mark.skipif(node_version() < 24, reason="node reads the proxy's variables from version 24 on")
def test_fetch_of_node() -> None:
    with API.mock() as mock:
        server = mock.serve(everything=True)
        mock.get("/todos").respond(json=TODOS)
        with server:
            done = run("node", "-e", _NODE_FETCH, server=server)
        assert done.stdout.strip() == '[{"id":1,"title":"Make the bed"}]', done.stderr


# -- this process ------------------------------------------------------------------------------------------------------


def test_covered_clients_go_on_through_their_seams() -> None:
    import httpx

    heard: list[str] = []

    def answer(request: Any) -> Any:
        heard.append(threading.current_thread().name)
        return {"ok": True}

    with API.mock() as mock, mock.serve(everything=True):
        mock.get("/todos").respond_with(answer)
        for scheme in SCHEMES:
            assert requests.get(f"{scheme}://api.example.com/todos", timeout=5).json() == {"ok": True}
            assert httpx.get(f"{scheme}://api.example.com/todos").json() == {"ok": True}
        assert len(mock.calls) == 4
    assert set(heard) == {threading.current_thread().name}


def test_a_fake_is_served_to_everything_and_its_own_url() -> None:
    api = lookalike.Api("jsonplaceholder")
    with api.serve(everything=True) as url:
        assert url == url.rstrip("/")
        assert requests.get(f"{url}/todos/1", timeout=5).json()["id"] == 1
        # No double is active in this process, so requests reads the environment as any program does.
        assert requests.get("https://jsonplaceholder.typicode.com/todos/2", timeout=5).json()["id"] == 2
        secure = url.replace("http://127.0.0.1", "https://localhost")
        assert requests.get(f"{secure}/todos/3", timeout=5).json()["id"] == 3


def test_another_host_is_blocked_and_raised_in_the_end() -> None:
    def strays() -> None:
        with lookalike.Api("jsonplaceholder").serve(everything=True):
            answer = requests.get("http://other.example.com/", timeout=5)
            assert (answer.status_code, answer.headers["x-lookalike"]) == (502, "blocked")
            assert "allow=['other.example.com']" in answer.text

    with pytest.raises(BlockedConnection, match=r"other\.example\.com:80 was blocked.*\n.*allow=\['other"):
        strays()


def test_connect_to_another_host_is_blocked() -> None:
    def strays() -> None:
        with API.mock() as mock, mock.serve(everything=True), pytest.raises(pycurl.error, match="502"):
            by_pycurl("https://other.example.com/")

    with pytest.raises(BlockedConnection, match=r"other\.example\.com:443 was blocked"):
        strays()


def test_a_block_that_fails_anyway_gets_what_was_blocked_as_a_note() -> None:
    def fails() -> None:
        with lookalike.Api("jsonplaceholder").serve(everything=True):
            requests.get("http://other.example.com/", timeout=5)
            raise RuntimeError("first")

    with pytest.raises(RuntimeError, match="first") as raised:
        fails()
    assert "other.example.com:80 was blocked" in raised.value.__notes__[0]


def test_a_client_that_tries_again_is_told_of_once() -> None:
    mock = Mock("a", "https://a.test")
    with Everything(mock) as url:
        for host in ("b.test", "b.test", "c.test"):
            assert requests.get(f"http://{host}/", timeout=5, proxies={"http": url}).status_code == 502
    assert len(mock.failures) == 2


def test_a_route_that_passes_through_is_answered_by_the_real_api() -> None:
    with Server(_said("real")) as real, lookalike.Api(base_url=real).mock() as mock, mock.serve(everything=True):
        mock.get("/x").pass_through()
        assert by_pycurl(f"{real}/x") == (200, "real")
        assert mock.calls.last.response is not None
        assert mock.calls.last.response.text == "real"


def test_native_clients_lead_nowhere_again_when_the_server_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where tornado's client over libcurl is loaded, nothing is led: what it lets pass is real.
    monkeypatch.delitem(sys.modules, "tornado.curl_httpclient", raising=False)
    with API.mock() as mock:
        mock.get("/todos").respond(json=TODOS)
        with mock.serve(everything=True):
            assert by_pycurl("http://api.example.com/todos")[0] == 200
        status, text = by_pycurl("http://api.example.com/todos")
        assert status == 502
        assert "blocked" in text
        assert len(mock.failures) == 1
        mock.failures.clear()


def test_a_double_that_begins_later_doesnt_take_the_way_here() -> None:
    with lookalike.Api("jsonplaceholder").serve(everything=True), API.mock() as mock:
        mock.get("/todos").respond(json=TODOS)
        assert by_pycurl("https://jsonplaceholder.typicode.com/todos/1")[0] == 200
        assert by_pycurl("https://api.example.com/todos")[0] == 200
        assert requests.get("https://api.example.com/todos", timeout=5).json() == TODOS


def test_a_tls_context_made_meanwhile_is_good_afterwards() -> None:
    import ssl

    with lookalike.Api("jsonplaceholder").serve(everything=True), API.mock():
        context = ssl.create_default_context(cafile=bundle())
    assert context.cert_store_stats()["x509_ca"] > 100


def test_the_other_doubles_of_the_process_answer_too() -> None:
    with API.mock() as inner, lookalike.Api(base_url="https://b.example.com").mock() as other:
        other.get("/b").respond(text="b")
        inner.get("/a").respond(text="a")
        with inner.serve(everything=True):
            for _ in range(2):
                assert by_pycurl("https://b.example.com/b") == (200, "b")
                assert by_pycurl("https://api.example.com/a") == (200, "a")
        assert (len(other.calls), len(inner.calls)) == (2, 2)


def test_a_mock_without_a_base_url_has_every_host_but_this_machine() -> None:
    mock = Mock("any")
    mock.get("https://one.example.com/x").respond(text="one")
    with mock.serve(everything=True) as url, Server(_said("real")) as real:
        assert by_pycurl("https://one.example.com/x") == (200, "one")
        assert by_pycurl("https://two.example.com/x")[0] == 501
        assert requests.get(f"{real}/x", timeout=5, proxies={"http": url}).text == "real"
    mock.failures.clear()


def _said(text: str) -> Mock:
    mock = Mock("real", "http://real.test")
    mock.route("*", "/x").respond(text=text)
    return mock


def test_an_api_on_this_machine_goes_through_too() -> None:
    mock = Mock("here", "http://localhost:9")
    mock.get("/x").respond(text="here")
    server = Everything(mock)
    with server:
        assert server.variables["NO_PROXY"] == "" == server.env["no_proxy"]
        assert by_pycurl("http://localhost:9/x") == (200, "here")


# -- what is left, and what is refused ---------------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_nothing_is_left(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:1\udce9")
    monkeypatch.setenv("no_proxy", "a,b")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    before, threads = dict(os.environb), threading.active_count()
    server = Everything(Mock("a", "https://api.example.com"))
    for _ in range(2):
        with server as url:
            assert os.environ["https_proxy"] == url == server.env["HTTPS_PROXY"]
            assert [path.name for path in temporary.rglob("*.pem")]
            assert b"PRIVATE" not in server.bundle.read_bytes()
        assert dict(os.environb) == before
        assert not list(temporary.iterdir())
        assert threading.active_count() == threads
    server.stop()


def test_servers_may_end_in_any_order() -> None:
    before = dict(os.environ)
    first, second = (Everything(Mock(name, f"https://{name}.example.com")) for name in "ab")
    first.start()
    url = second.start()
    first.stop()
    assert os.environ["HTTP_PROXY"] == url
    second.stop()
    assert dict(os.environ) == before


def test_a_server_that_cant_listen_leaves_nothing(temporary: Path) -> None:
    before = dict(os.environ)
    with Server(_said("x")) as url, pytest.raises(UsageError, match="the port is in use"):
        Everything(Mock("a", "https://a.test"), port=int(url.rpartition(":")[2])).start()
    assert dict(os.environ) == before
    assert not list(temporary.iterdir())


def test_the_environment_is_there_only_while_it_runs() -> None:
    server = Everything(Mock("a", "https://a.test"))
    with pytest.raises(UsageError, match="inside of `with server as url`"):
        _ = server.env
    with server as url, pytest.raises(UsageError, match=f"already listens at {url}"):
        server.start()


def test_without_trustme_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(UsageError, match=r"pip install 'lookalike\[server\]'"):
        Everything(Mock("a", "https://a.test")).start()


def test_allow_is_for_everything() -> None:
    with API.mock() as mock:
        with pytest.raises(UsageError, match=r"only serve\(everything=True\) is one"):
            mock.serve(allow=["a"])
        with pytest.raises(UsageError, match="allow is a list of host names"):
            mock.serve(everything=True, allow="a")


def test_known_roots_stay_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    import trustme

    own = tmp_path / "corporate.pem"
    own.write_bytes(trustme.CA().cert_pem.bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own))
    server = Everything(Mock("a", "https://a.test"))
    with server:
        text = server.bundle.read_text()
        assert own.read_text().strip() in text
        assert text.count("BEGIN CERTIFICATE") > 100
        assert text.count("BEGIN CERTIFICATE") == len(set(text.split("-----BEGIN CERTIFICATE-----"))) - 1
        assert ssl.create_default_context(cafile=str(server.bundle)).cert_store_stats()["x509_ca"] > 100


def test_a_client_imported_meanwhile_trusts_what_it_did_afterwards() -> None:
    script = (
        "import sys, lookalike, pathlib\n"
        "with lookalike.Api(base_url='https://a.test').mock() as mock, mock.serve(everything=True):\n"
        "    import curl_cffi.curl\n"
        "    assert 'lookalike' in curl_cffi.curl.DEFAULT_CACERT\n"
        "assert pathlib.Path(curl_cffi.curl.DEFAULT_CACERT).is_file(), curl_cffi.curl.DEFAULT_CACERT\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


# -- waiting -----------------------------------------------------------------------------------------------------------


def test_waiting_for_another_program() -> None:
    with API.mock() as mock:
        server = mock.serve(everything=True)
        first = mock.get("/first").respond(text="1")
        mock.get("/second").respond(text="2")
        with server as url:
            threading.Timer(0.05, lambda: _ask(url, "/first")).start()
            server.wait(first, timeout=5)
            assert first.called
            threading.Timer(0.05, lambda: _ask(url, "/second")).start()
            server.wait(timeout=5)


def _ask(url: str, path: str) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        while sock.recv(4096):
            pass


def test_waiting_in_vain_lists_what_is_missing() -> None:
    mock = Mock("a", "https://a.test")
    mock.get("/first").respond(text="1")
    second = mock.get("/second").respond(text="2")
    third = mock.get("/third").respond(text="3").optional()
    server = Server(mock)
    with server as url:
        _ask(url, "/first")
        with pytest.raises(UnusedRoute) as raised:
            server.wait(timeout=0.02)
        told = str(raised.value)
        assert told.startswith("after 0.02 seconds there is still to come:\n  GET /second   (declared at ")
        assert told.endswith("never called\n      nearest request: GET https://a.test/first   path: expected /second, "
                             "got /first\nAsked so far:\n  GET https://a.test/first")  # fmt: skip
        with pytest.raises(UnusedRoute, match="which may stay unused: never called"):
            server.wait(third, timeout=0.02)
        for _ in range(7):
            _ask(url, "/first")
        with pytest.raises(UnusedRoute, match=r"\.\.\. and 3 before"):
            server.wait(second, timeout=0.02)
        _ask(url, "/typo")
        with pytest.raises(UnmatchedRequest):
            server.wait(second, timeout=5)


def test_waiting_needs_routes() -> None:
    server = lookalike.Api("jsonplaceholder").serve()
    with server, pytest.raises(UsageError, match="waits for the routes of a mock"):
        server.wait(timeout=1)
    route = Mock("a", "https://a.test").get("/a").respond(204)
    with pytest.raises(UsageError, match="no route of the mock which this server serves"):
        Server(Mock("b", "https://b.test")).wait(route)


def test_limits_hold_for_everything() -> None:
    server = Everything(Mock("a", "https://a.test"), limits=Limits(connections=1))
    with server:
        _hold(server)


def _hold(server: Everything) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", server.port)) as first:
        first.sendall(b"GET")
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as second:
                assert second.recv(10) == b""
