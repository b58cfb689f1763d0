"""Clients that no seam reaches are named once, and their requests lead nowhere; children are led there too."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
import urllib.request
import warnings
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import uvloop

import lookalike
from lookalike import passage
from lookalike.errors import BlockedConnection, UncoveredClient
from lookalike.intercept import dead_end, install, uncovered
from lookalike.intercept.children import environment

API = lookalike.Api(base_url="https://api.example.com")
PLACES = {"https": "CONNECT api.example.com:443", "http": "GET http://api.example.com/x"}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is named yet, and no client is there but what a test puts there."""
    monkeypatch.setattr(uncovered, "_named", set())
    monkeypatch.setattr(uncovered, "_searched", False)
    for name in (*uncovered.CLIENTS, "tornado.curl_httpclient"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(uncovered, "importable", uncovered.imported)


@pytest.fixture
def native(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """Imports a client that no seam reaches."""
    (tmp_path / "tls_client.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))

    def load() -> Any:
        import tls_client  # type: ignore[import-not-found]  # there on some machines alone

        return tls_client

    yield load
    sys.modules.pop("tls_client", None)


def seen_by_c(name: str) -> str:
    """A variable as C's getenv has it: what a child that gets no environment of its own inherits."""
    with passage.opened():
        return subprocess.run(["printenv", name], capture_output=True, text=True, check=False).stdout.strip()


# Naming ---------------------------------------------------------------------------------------------------------------


@pytest.mark.peer("Warns when an installed client is NOT intercepted")
def test_one_that_is_imported_is_named_once_at_the_line_that_starts_the_double(native: Any) -> None:
    native()
    with pytest.warns(UncoveredClient) as caught, API.mock():
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with API.mock():
            pass
    assert caught[0].filename == __file__
    assert str(caught[0].message) == (
        "no double in this process reaches tls_client: its requests don't pass Python's HTTP code or sockets.\n"
        "Next: give it the API on a port, `with api.serve(everything=True)`; where nothing is asked with it, filter "
        "this warning: ignore::lookalike.errors.UncoveredClient"
    )


def test_one_that_is_imported_while_a_double_is_active_is_named_there(native: Any) -> None:
    with API.mock() as mock, pytest.warns(UncoveredClient, match="reaches tls_client:") as caught:
        native()
    assert caught[0].filename == __file__
    assert mock.failures == []


def test_where_warnings_are_errors_the_import_succeeds_and_the_double_fails(native: Any) -> None:
    patcher = API.mock()
    patcher.start()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert native() is sys.modules["tls_client"]
    with pytest.raises(UncoveredClient):
        patcher.stop()
    assert not dead_end._ends


def test_where_warnings_are_errors_one_that_is_used_stops_the_double_from_beginning(native: Any) -> None:
    native()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UncoveredClient):
            API.mock().start()
    assert "lookalike" not in requests.Session.get.__module__
    assert "lookalike" not in subprocess.Popen.__init__.__module__


def test_one_that_is_only_installed_is_named_and_fails_nothing(
    native: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(uncovered, "_named", {name for name in uncovered.CLIENTS if name != "tls_client"})
    monkeypatch.setattr(uncovered, "_searched", False)
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(native.__code__.co_filename).parent)])
    monkeypatch.setattr(os, "listdir", lambda folder: ["tls_client", "grpc", "other-1.0.dist-info"])
    assert {"tls_client", "grpc"} <= set(uncovered.importable())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with API.mock():
            pass
    assert "test_uncovered.py:" in (told := capsys.readouterr().err)
    assert "no double in this process reaches tls_client:" in told


@pytest.mark.parametrize(
    ("client", "plugin"), [("pyreqwest", "pyreqwest.pytest_plugin"), ("pycurl", "pytest_recording.network")]
)
def test_what_another_plugin_imports_is_not_taken_for_used(
    client: str, plugin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (client, plugin):
        monkeypatch.setitem(sys.modules, name, sys)
    assert not uncovered.CLIENTS[client].is_used(client)
    monkeypatch.delitem(sys.modules, plugin)
    assert uncovered.CLIENTS[client].is_used(client)


def test_folders_that_are_not_there_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys, "path", ["/there/is/no/such/folder", "", *sys.path])
    assert "pycurl" in uncovered.importable()


def test_several_are_named_in_one_sentence() -> None:
    assert uncovered.message(["pycurl", "primp", "rnet"]).startswith(
        "no double in this process reaches pycurl, primp and rnet: their requests"
    )


# Leading nowhere ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", list(PLACES))
@pytest.mark.filterwarnings("ignore::lookalike.errors.UncoveredClient")
def test_what_a_native_client_sends_is_blocked_and_told(scheme: str) -> None:
    script = f"""
        import warnings; warnings.simplefilter("ignore")
        import lookalike, pycurl
        client = pycurl.Curl()
        client.setopt(client.URL, "{scheme}://api.example.com/x")
        client.setopt(client.WRITEFUNCTION, lambda data: None)
        client.setopt(client.TIMEOUT, 5)
        with lookalike.Api(base_url="https://api.example.com").mock() as mock:
            try:
                client.perform()
                print(client.getinfo(client.RESPONSE_CODE))
            except pycurl.error as error:
                print(error.args[1])
            print([str(failure).partition(" of a client")[0] for failure in mock.failures])
            mock.failures.clear()
    """
    told = python(script).splitlines()
    assert "502" in told[0]
    assert told[1] == str([PLACES[scheme]])


@pytest.mark.filterwarnings("ignore::lookalike.errors.UncoveredClient")
def test_only_c_sees_the_variables_and_they_end_as_they_were(native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:päss@proxy.example.com:8080/ ")
    monkeypatch.delenv("no_proxy", raising=False)
    before = dict(os.environb)
    native()
    with API.mock(allow=["db", "*.internal"]) as mock:
        assert dict(os.environb) == before
        assert seen_by_c("https_proxy") == seen_by_c("ALL_PROXY") == dead_end._ends[id(mock)].url
        assert seen_by_c("no_proxy") == "localhost,127.0.0.1,::1,.internal,db"
        with API.mock(allow=["*"]):
            assert seen_by_c("https_proxy") == ""
        assert seen_by_c("https_proxy") == dead_end._ends[id(mock)].url
    assert dict(os.environb) == before
    assert seen_by_c("HTTPS_PROXY") == os.environ["HTTPS_PROXY"].strip()
    assert seen_by_c("no_proxy") == seen_by_c("https_proxy") == ""


@pytest.mark.filterwarnings("ignore::lookalike.errors.UncoveredClient")
def test_a_variable_that_a_test_sets_meanwhile_stays(native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    native()
    with API.mock():
        monkeypatch.setenv("HTTPS_PROXY", "http://mine.example.com")
    assert seen_by_c("HTTPS_PROXY") == "http://mine.example.com"


@pytest.mark.filterwarnings("ignore::lookalike.errors.UncoveredClient")
def test_a_double_of_one_context_a_proxy_of_ours_and_tornado_s_libcurl_lead_nobody(
    native: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    native()
    with API.mock(scope="context"):
        assert seen_by_c("https_proxy") == ""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:5")
    with passage.way("http://127.0.0.1:5"), API.mock():
        assert seen_by_c("HTTPS_PROXY") == ""
    monkeypatch.delenv("https_proxy")
    monkeypatch.setattr(uncovered, "_TORNADO", "sys")
    with API.mock():
        assert seen_by_c("https_proxy") == ""


@pytest.mark.filterwarnings("ignore::lookalike.errors.UncoveredClient")
def test_clients_in_python_are_not_disturbed(native: Any) -> None:
    native()
    with API.mock() as mock:
        mock.get("/x").respond(json=1)
        kept = httpx.Client()
        assert requests.get("https://api.example.com/x").json() == kept.get("https://api.example.com/x").json() == 1
        assert urllib.request.getproxies() == {}
        assert not [pool for pool in kept._mounts.values() if pool is not None]
    kept.close()


# Child processes ------------------------------------------------------------------------------------------------------

ASK = "import urllib.request as u\ntry: u.urlopen('{}')\nexcept Exception as error: print(error)"


def python(script: str, **options: Any) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )
    return str(done.stdout + done.stderr)


async def in_asyncio(program: str) -> str:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=subprocess.PIPE)
    return (await child.communicate())[0].decode()


async def in_a_shell(program: str) -> str:
    child = await asyncio.create_subprocess_shell(f'{sys.executable} -c "{program}"', stdout=subprocess.PIPE)
    return (await child.communicate())[0].decode()


def on_uvloop(work: Coroutine[Any, Any, str]) -> str:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def by_position(program: str) -> str:
    places = (-1, None, None, subprocess.PIPE, None, None, True, False, None, dict(os.environ))
    with subprocess.Popen([sys.executable, "-c", program], *places) as child:
        return child.communicate()[0].decode()


CHILDREN: dict[str, Callable[[str], str]] = {
    "subprocess": python,
    "a copied environment": lambda program: python(program, env={**os.environ, "EXTRA": "1"}),
    "an environment of bytes": lambda program: python(program, env=dict(os.environb)),
    "by position": by_position,
    "asyncio": lambda program: asyncio.run(in_asyncio(program)),
    "uvloop": lambda program: on_uvloop(in_asyncio(program)),
    "uvloop, a shell": lambda program: on_uvloop(in_a_shell(program)),
}


@pytest.mark.peer("Child processes intercepted")
@pytest.mark.parametrize("child", list(CHILDREN))
def test_a_child_s_request_is_blocked_and_told(child: str) -> None:
    patcher = API.mock()
    patcher.start()
    assert CHILDREN[child](ASK.format("http://api.example.com/x")) == "HTTP Error 502: Blocked by lookalike\n"
    with pytest.raises(BlockedConnection, match=r"GET http://api\.example\.com/x of a client"):
        patcher.stop()


def test_a_child_reaches_this_machine_and_allowed_hosts(server: Any) -> None:
    with API.mock(allow=["db.example.com"]), lookalike.Api("jsonplaceholder").serve() as url:
        for reached in (server.url, url):
            program = f"import urllib.request as u; print(u.urlopen('{reached}/todos/1').status)"
            assert python(program) == "200\n"
        program = "import urllib.request as u; print(u.proxy_bypass('db.example.com'), bool(u.getproxies()['https']))"
        assert python(program) == "1 True\n" or python(program) == "True True\n"


@pytest.mark.parametrize("scope", ["process", "context"])
def test_a_child_is_led_by_the_innermost_double_of_its_context(scope: Any) -> None:
    with API.mock() as around, API.mock(scope=scope) as inside:
        python(ASK.format("http://api.example.com/x"))
        assert [len(around.failures), len(inside.failures)] == [0, 1]
        inside.failures.clear()


def test_what_a_child_s_environment_says_by_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment(None) is None
    debugging = {"https_proxy": "http://localhost:8888", "A": "1"}
    with API.mock():
        assert environment(debugging) is debugging
        odd = environment({"https_proxy": "http://[", "A": "1"})
        assert odd is not None
        assert odd["https_proxy"].startswith("http://127.0.0.1:")
        assert odd["A"] == "1"
        with passage.opened():
            assert environment(None) is None
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:5")
        with passage.way("http://127.0.0.1:5"):
            assert environment(None) is None
        led = environment(None)
        assert led is not None
        assert led["HTTP_PROXY"] != "http://127.0.0.1:5"


def test_children_of_another_context_are_let_go() -> None:
    import contextvars

    elsewhere = contextvars.copy_context()
    with API.mock(scope="context"):
        assert environment(None) is not None
        assert elsewhere.run(python, "import os; print([n for n in os.environ if 'proxy' in n.lower()])") == "[]\n"


def test_the_dead_end_survives_what_clients_do(doubled: Any) -> None:
    with doubled() as double:
        url = dead_end.variables({}, [active_of(double)])["HTTP_PROXY"]
        port = int(url.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
        for head, expected in (
            (b"HEAD http://a.test/ HTTP/1.1\r\n\r\n", b"HTTP/1.1 502"),
            (b"nonsense\r\n\r\n", b"HTTP/1.1 502"),
        ):
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.sendall(head)
                assert sock.makefile("rb").read().startswith(expected)
        assert len(double.failures) == 2


def active_of(double: Any) -> Any:
    from lookalike.intercept import active

    return next(one for one in active.seen() if one.double is double)


def test_a_dead_end_ends_where_a_listening_socket_can_t_be_shut_down(
    doubled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(sock: socket.socket, how: int) -> None:
        raise OSError("not connected")

    with doubled() as double:
        dead_end.variables({}, [active_of(double)])
        monkeypatch.setattr(socket.socket, "shutdown", refuse, raising=False)
    assert not dead_end._ends


def test_a_double_without_a_memory_is_no_trouble() -> None:
    from lookalike.double.double import Double
    from lookalike.messages import Answer, Request, Response

    class Fixed(Double):
        def handle(self, request: Request) -> Answer:
            return Response()

    undo = install(Fixed("fixed", "https://api.example.com"))
    try:
        assert "502" in python(ASK.format("http://api.example.com/x"))
    finally:
        undo()
