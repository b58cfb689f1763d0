"""mitmproxy's flows: what is written in any version of the format is read, and broken files end early."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import FileError
from lookalike.messages import Exchange
from lookalike.traffic import Limits, Skipped, read
from lookalike.traffic.pieces import Pieces
from lookalike.traffic.tnetstring import Broken, TooLarge, next_value


def dump(value: Any) -> bytes:
    """A value as a tnetstring, as the page of the format tells (https://tnetstrings.info)."""
    if isinstance(value, dict):
        return wrap(b"".join(dump(part) for pair in value.items() for part in pair), b"}")
    if isinstance(value, list):
        return wrap(b"".join(map(dump, value)), b"]")
    if isinstance(value, bool):
        return wrap(b"true" if value else b"false", b"!")
    if value is None:
        return b"0:~"
    kinds: dict[type, tuple[bytes, bytes]] = {
        bytes: (value if isinstance(value, bytes) else b"", b","),
        str: (str(value).encode(), b";"),
        int: (str(value).encode(), b"#"),
        float: (repr(value).encode(), b"^"),
    }
    return wrap(*kinds[type(value)])


def wrap(payload: bytes, kind: bytes) -> bytes:
    return b"%d:%s%s" % (len(payload), payload, kind)


def flow(request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    asked = {
        "method": b"GET", "scheme": b"https", "host": "10.0.0.1", "port": 443, "path": b"/a?b=1", "authority": b"",
        "headers": [[b"Host", b"api.test"], [b":path", b"/"]], "content": b"", "http_version": b"HTTP/1.1",
        "timestamp_start": 1795383064.25, "timestamp_end": 1795383064.5,
    }  # fmt: skip
    answered = {
        "status_code": 200, "reason": b"OK", "headers": [[b"Content-Type", b"application/json"], [b"x", b"\xe9"]],
        "content": b"{}", "timestamp_start": 1795383064.5, "timestamp_end": 1795383064.75,
    }  # fmt: skip
    return {
        "websocket": None, "type": "http", "version": 21, "request": {**asked, **(request or {})},
        "response": {**answered, **(response or {})}, "error": None, **more,
    }  # fmt: skip


def reading(path: Path, content: bytes, **more: Any) -> tuple[list[Exchange], list[str]]:
    path.write_bytes(content)
    told: list[Skipped] = []
    found = list(read(path, skipped=told.append, **more))
    return found, [f"{one.entry}: {one.why}" for one in told]


def as_bytes(node: Any) -> Any:
    """As Python 2 wrote it: keys and texts are bytes."""
    if isinstance(node, dict):
        return {key.encode(): as_bytes(one) for key, one in node.items()}
    return node.encode() if isinstance(node, str) else node


def test_a_flow_is_an_exchange(tmp_path: Path) -> None:
    (found,), told = reading(tmp_path / "a.mitm", dump(flow()))
    assert told == []
    assert found.response is not None
    assert (found.request.method, found.request.url) == ("GET", "https://api.test/a?b=1")
    assert found.request.headers == {"Host": "api.test"}
    assert (found.response.status, found.response.content, found.response.reason) == (200, b"{}", "OK")
    assert found.response.headers["x"] == "é"
    assert (found.day, found.elapsed) == ("2026-11-22", 0.5)


def test_flows_of_older_versions(tmp_path: Path) -> None:
    old = flow(version=[0, 18])
    older = flow(version=[0, 13], request={"form_in": "relative"})
    older["response"] = {"code": 404, "msg": "Not Found", "headers": [], "content": b"no", "timestamp_end": None}
    older["request"]["body"] = older["request"].pop("content")
    found, told = reading(tmp_path / "a.flow", dump(as_bytes(old)) + dump(as_bytes(older)))
    assert told == []
    assert [one.response.status for one in found if one.response is not None] == [200, 404]
    assert found[1].elapsed == 0.0


@pytest.mark.parametrize(
    ("request_", "url"),
    [
        ({"authority": b"h2.test:8443", "port": 8443}, "https://h2.test:8443/a?b=1"),
        ({"headers": [], "host": "::1", "port": 80, "scheme": b"http"}, "http://[::1]/a?b=1"),
        ({"path": b"http://proxied.test/x"}, "http://proxied.test/x"),
        ({"path": b"*"}, "https://api.test/"),
        ({"path": b"", "scheme": b""}, "http://api.test:443/"),
    ],
)
def test_where_it_was_asked(tmp_path: Path, request_: dict[str, Any], url: str) -> None:
    (found,), _ = reading(tmp_path / "a.mitm", dump(flow(request_)))
    assert found.request.url == url


def test_codings_and_framing_are_undone(tmp_path: Path) -> None:
    headers = [[b"content-encoding", b"gzip"], [b"transfer-encoding", b"chunked"], [b"set-cookie", b"a=1"]]
    (found,), _ = reading(
        tmp_path / "a.mitm", dump(flow(response={"content": gzip.compress(b"hi"), "headers": headers}))
    )
    assert found.response is not None
    assert found.response.content == b"hi"
    assert found.response.headers == {"set-cookie": "a=1"}


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ([1], "it is no flow"),
        (flow(type="tcp"), "a flow of tcp, not of HTTP"),
        ({**flow(), "request": None}, "it has no request"),
        ({**flow(), "response": None}, "no response came"),
        ({**flow(), "response": None, "error": {"msg": "refused"}}, "no response came: refused"),
        (flow(response={"content": None}), "its body wasn't kept"),
        (flow(response={"content": 7}), "its body is no bytes"),
        (flow(response={"headers": [[b"a"]]}), "no list of pairs"),
        (flow({"headers": [], "host": None}), "it says no host"),
        (flow({"method": b"CONNECT"}), "it is a tunnel"),
        (flow({"method": 1}), "its method"),
        (flow({"content": b"x" * 2000}), "has more than|are more than|larger than"),
    ],
)
def test_what_is_no_exchange_is_skipped(tmp_path: Path, one: Any, why: str) -> None:
    found, told = reading(tmp_path / "a.mitm", dump(flow()) + dump(one) + dump(flow()), limits=Limits(entry=1500))
    assert len(found) == 2
    assert len(told) == 1
    assert told[0].startswith("flow 2: ")
    assert any(part in told[0] for part in why.split("|"))


@settings(max_examples=60)
@given(cut=st.integers(1, 900))
def test_a_file_that_is_cut_off_gives_what_is_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    one = dump(flow())
    found, told = reading(tmp_path_factory.mktemp("cut") / "a.mitm", one + one[: min(cut, len(one) - 1)])
    assert len(found) == 1
    assert len(told) == 1
    assert "what comes after it can't be read" in told[0]


def test_a_file_that_only_says_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.mitm").write_bytes(b"hello")
    with pytest.raises(FileError, match="no dump of mitmproxy: this begins with no length"):
        list(read(tmp_path / "a.mitm", format="mitmproxy"))


def one_of(content: bytes, *, limit: int = 1000, depth: int = 10) -> Any:
    import io

    return next_value(io.BufferedReader(Pieces(iter([content]))), limit=limit, depth=depth)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**60), 10**60) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(value=_values)
def test_values_come_back(value: Any) -> None:
    assert one_of(dump(value), limit=1 << 20, depth=50) == value


@pytest.mark.parametrize(
    "content",
    [
        b"x", b":", b"5", b"1234567890123:", b"3:ab", b"2:ab?", b"1:a#", b"1:a^", b"3:yes!", b"1:x~",
        b"65:" + b"1" * 65 + b"#",
        b"2:1:]", b"4:9:a,]", b"2:xy]", b"4:1:a;}", b"8:1:1#1:a;}",
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(content: bytes) -> None:
    with pytest.raises(Broken):
        one_of(content)


def test_limits() -> None:
    nested: Any = []
    for _ in range(12):
        nested = [nested]
    with pytest.raises(Broken, match="nested too deeply"):
        one_of(dump(nested))
    with pytest.raises(TooLarge, match="2,000 bytes are more than 1,000"):
        one_of(dump("x" * 2000))
    with pytest.raises(Broken, match="cut off"):
        one_of(dump("x" * 2000)[:-100])
    with pytest.raises(EOFError):
        one_of(b"")


@settings(max_examples=150)
@given(content=st.binary(max_size=60), node=_values)
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes, node: Any) -> None:
    folder = tmp_path_factory.mktemp("odd")
    odd = dump(flow(request={"headers": node}, response={"status_code": node, "content": b""}))
    found, told = reading(folder / "a.mitm", dump(flow()) + odd + content)
    assert 1 <= len(found) <= 2 + len(content)
    assert len(found) + len(told) >= 2
