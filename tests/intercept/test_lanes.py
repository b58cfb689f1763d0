"""The fast lanes are open only where they change nothing but time."""

from __future__ import annotations

import http.client
import sys
import types
import urllib.request
from typing import Any

import pytest
import requests
import requests.sessions
import urllib3
import urllib3.connection

from lookalike.intercept import environ_lane, urllib3_lane
from lookalike.messages import Response

URL = "https://api.example.com/x"


@pytest.mark.since(urllib3="2.0")
def test_the_lane_is_taken_for_the_ordinary(doubled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with doubled(Response(200, (), b"x")):
        assert type(requests.get(URL).raw._original_response) is urllib3_lane.Received
    monkeypatch.setattr(urllib3_lane, "enabled", False)
    with doubled(Response(200, (), b"x")):
        assert type(requests.get(URL).raw._original_response) is http.client.HTTPResponse


@pytest.mark.since(urllib3="2.0")
def test_the_response_in_the_lane_is_http_client_s(doubled: Any) -> None:
    with doubled(Response(200, [("X", "1")], b"one\ntwo")):
        answer: Any = urllib3.PoolManager().request("GET", URL, preload_content=False)
        original = answer._original_response
        assert http.client.HTTPResponse in type(original).__mro__
        assert (original.status, original.reason, original.version) == (200, "OK", 11)
        assert original.getheader("x") == "1"
        assert original.msg is original.headers
        assert original.peek(3)[:3] == b"one"
        assert original.readline() == b"one\n"
        assert original.read() == b"two"
        assert original.isclosed()
        original.msg = http.client.HTTPMessage()
        assert original.getheaders() == []
        original.stop(0)


@pytest.mark.since(urllib3="2.0")
def test_shutdown_ends_the_body(doubled: Any) -> None:
    with doubled(Response(200, (), b"0123456789")), urllib3.PoolManager() as pool:
        answer = pool.request("GET", URL, preload_content=False)
        answer.shutdown()
        with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
            answer.read()


@pytest.mark.since(urllib3="2.0")
@pytest.mark.parametrize("name", ["putrequest", "getresponse"])
def test_an_instrument_on_http_client_closes_the_lane(doubled: Any, name: str) -> None:
    original = getattr(http.client.HTTPConnection, name)
    seen: list[str] = []

    def instrument(connection: Any, *args: Any, **options: Any) -> Any:
        seen.append(name)
        return original(connection, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.client.HTTPConnection, name, instrument)
        with doubled(Response(200, (), b"x")):
            assert requests.get(URL).text == "x"
    assert seen == [name]


def test_an_instrument_on_urllib3_closes_the_lane(doubled: Any) -> None:
    original = urllib3.connection.HTTPConnection.request
    seen: list[str] = []

    def instrument(connection: Any, *args: Any, **options: Any) -> Any:
        seen.append("request")
        return original(connection, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urllib3.connection.HTTPConnection, "request", instrument)
        with doubled(Response(200, (), b"x")):
            assert requests.get(URL).text == "x"
    assert seen == ["request"]


def test_a_subclass_keeps_its_own_ways(doubled: Any) -> None:
    class Own(urllib3.connection.HTTPSConnection):
        def putheader(self, header: str | bytes, *values: Any) -> None:
            super().putheader(header, *(value.upper() for value in values))  # type: ignore[arg-type]  # texts here

    class OwnPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Own

    with doubled(Response()) as double, OwnPool("api.example.com") as pool:
        assert pool.request("GET", "/x", headers={"X": "loud"}).status == 200
    assert double.last.headers["x"] == "LOUD"


def test_another_urllib3_keeps_the_lane_closed() -> None:
    stranger = types.ModuleType("urllib3.connection")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "urllib3.connection", stranger)
        urllib3_lane.install()()
    assert not hasattr(stranger, "HTTPConnection")


def test_debug_output_is_printed_as_ever(doubled: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, doubled(Response(200, (), b"x")):
        patch.setattr(http.client.HTTPConnection, "debuglevel", 1)
        requests.get(URL)
    assert "send: b'GET /x HTTP/1.1" in capsys.readouterr().out


def test_names_that_are_no_names_are_the_client_s_to_judge(doubled: Any) -> None:
    with doubled(Response(200, [("X Y", "1")], b"x")) as double, urllib3.PoolManager() as pool:
        assert pool.request("GET", URL).data == b"x"
        with pytest.raises(ValueError, match="Invalid header name"):
            pool.request("GET", URL, headers={"a:b": "c"})
        assert pool.request("GET", URL, headers={"X (odd)": "c"}).status == 200
    assert double.last.headers["x (odd)"] == "c"


def test_many_header_names(doubled: Any) -> None:
    with doubled(Response()) as double, requests.Session() as session:
        for number in range(1100):
            if number % 100 == 0 or number > 1090:
                session.get(URL, headers={f"X-{number}-{step}": "1" for step in range(100)})
        assert double.last.headers["x-1099-5"] == "1"


class TestEnviron:
    @pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "all_proxy", "No_Proxy", "ftp_proxy"])
    def test_a_variable_set_meanwhile_counts(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        assert environ_lane.no_proxy_is_set()
        monkeypatch.setenv(name, "http://proxy.test")
        assert not environ_lane.no_proxy_is_set()

    @pytest.mark.parametrize("other", [{"http_proxy": "x"}, types.SimpleNamespace(_data={"A": "b"})])
    def test_an_environment_of_another_kind_is_walked(self, other: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("os.environ", other)
            told = environ_lane.no_proxy_is_set()
        assert not told

    def test_the_answers_are_those_of_requests(self, doubled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        original = requests.sessions.get_environ_proxies
        with doubled():
            ours = requests.sessions.get_environ_proxies
            assert ours is not original
            assert ours(URL) == original(URL) == {}
            assert ours(URL, no_proxy="example.com") == {}
            monkeypatch.setenv("https_proxy", "http://proxy.test")
            assert ours(URL) == original(URL) == {"https": "http://proxy.test"}

    def test_what_a_test_replaces_counts(self, doubled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        with doubled(Response()):
            monkeypatch.setattr(requests.utils, "getproxies", lambda: {"https": "http://replaced.test"})
            assert requests.sessions.get_environ_proxies(URL) == {"https": "http://replaced.test"}
        with doubled(Response()):
            assert requests.sessions.get_environ_proxies is requests.utils.get_environ_proxies

    def test_elsewhere_than_on_linux_it_stays_closed(self, doubled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(urllib.request, "getproxies_environment", dict)
        with doubled(Response()):
            assert requests.sessions.get_environ_proxies is requests.utils.get_environ_proxies
