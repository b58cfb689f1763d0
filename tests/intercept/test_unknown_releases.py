"""A client that has changed where a seam takes it over is a clear error, and never a double that answers nothing."""

from __future__ import annotations

import http.client
import sys
import types
from typing import Any

import httpcore
import httpx
import pytest
import requests
import tornado.simple_httpclient
import tornado.tcpclient
import uvloop

import lookalike
from lookalike.errors import LookalikeError, UnknownRelease

URL = "https://api.example.com"

# client -> the module that a seam takes over, where it does, and what goes missing there
PLACES = [
    pytest.param(httpcore, httpcore.ConnectionPool, "handle_request", id="httpcore"),
    pytest.param(httpcore, httpcore.AsyncConnectionPool, "handle_async_request", id="httpcore, async"),
    pytest.param(tornado.tcpclient, tornado.tcpclient.TCPClient, "connect", id="tornado's connections"),
    pytest.param(
        tornado.simple_httpclient, tornado.simple_httpclient.SimpleAsyncHTTPClient, "_handle_request", id="tornado"
    ),
]


def is_untouched() -> bool:
    """Whether no seam has left anything of it."""
    return (
        http.client.HTTPConnection.putrequest.__module__ == "http.client"
        and not any(type(finder).__module__.startswith("lookalike") for finder in sys.meta_path)
        and tornado.tcpclient.TCPClient.connect.__module__ == "tornado.tcpclient"
        and httpcore.ConnectionPool.handle_request.__module__.startswith("httpcore")
    )


def answered() -> bool:
    with lookalike.Api(base_url=URL).mock() as mock:
        mock.get("/x").respond(json=[])
        return bool(requests.get(f"{URL}/x").json() == httpx.get(f"{URL}/x").json() == [])


@pytest.mark.parametrize(("module", "kind", "name"), PLACES)
def test_a_method_that_is_gone(module: types.ModuleType, kind: Any, name: str) -> None:
    stand_in = types.ModuleType(module.__name__)
    vars(stand_in).update({key: value for key, value in vars(module).items() if key != "__spec__"})
    setattr(stand_in, kind.__name__, type(kind.__name__, (), {}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, stand_in)
        with pytest.raises(UnknownRelease) as caught, lookalike.Api(base_url=URL).mock():
            pytest.fail("no double may begin")
    client = module.__name__.partition(".")[0]
    said = str(caught.value)
    assert said.startswith(f"{client} ")
    assert f"has no {kind.__name__}.{name} in {module.__name__}" in said
    assert "update lookalike" in said
    assert isinstance(caught.value, LookalikeError)
    assert is_untouched()
    assert answered()


def test_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = types.ModuleType("httpcore")
    vars(stand_in).update(__version__="9.0", ConnectionPool=object, AsyncConnectionPool=object)
    monkeypatch.setitem(sys.modules, "httpcore", stand_in)
    with pytest.raises(UnknownRelease) as caught:
        lookalike.Api(base_url=URL).mock().start()
    assert str(caught.value) == (
        "httpcore 9.0 has no ConnectionPool.handle_request in httpcore, where lookalike takes its requests over. "
        "No double can answer them, so none was begun.\n"
        "Next: update lookalike. If it is the newest, report this message, and use an older httpcore meanwhile."
    )
    assert is_untouched()


@pytest.fixture
def future(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A stand-in for a release of urllib3-future's `connection`."""
    package, module = types.ModuleType("urllib3_future"), types.ModuleType("urllib3_future.connection")
    vars(module).update(HfaceBackend=object, HttpVersion=types.SimpleNamespace(h11=1), HTTPConnection=object)
    monkeypatch.setitem(sys.modules, "urllib3_future", package)
    monkeypatch.setitem(sys.modules, "urllib3_future.connection", module)
    return module


@pytest.mark.usefixtures("future")
def test_urllib3_future_of_an_unknown_version() -> None:
    with pytest.raises(UnknownRelease, match=r"urllib3_future \(of an unknown version\) has no HTTPConnection.connect"):
        lookalike.Api(base_url=URL).mock().start()
    assert is_untouched()


def test_a_loop_that_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvloop, "Loop", object)
    with pytest.raises(UnknownRelease, match=r"^uvloop \S+ has no Loop.create_connection in uvloop"):
        lookalike.Api(base_url=URL).mock().start()
    assert is_untouched()


def test_a_module_that_is_imported_meanwhile(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "httpcore2.py").write_text("__version__ = '99'\nclass ConnectionPool:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "httpcore2"]:
        monkeypatch.delitem(sys.modules, name)
    with lookalike.Api(base_url=URL).mock(), pytest.raises(UnknownRelease, match="httpcore2 99 has no"):
        __import__("httpcore2")
    assert is_untouched()
