"""Recordings as Python code: it declares mocks that answer as was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

import lookalike
from lookalike.cli.app import run
from lookalike.export.mocks import source
from lookalike.messages import Exchange, Request, Response
from lookalike.traffic.har_file import write

BASE = "https://api.example.com/v1"
JSON = {"Content-Type": "application/json"}

RECORDED = [
    Exchange(Request("GET", f"{BASE}/todos?page=2&tag=a&tag=b&api_key=abcdef123456"), Response(json=[{"id": 1}, None])),
    Exchange(Request("GET", f"{BASE}/job"), Response(202, {"X-Wait": "1", "Date": "today"}, json={"done": False})),
    Exchange(Request("GET", f"{BASE}/job"), Response(json={"done": True})),
    Exchange(Request("POST", f"{BASE}/users", JSON, b'{"name": "Ann O\'Hara"}'), Response(201, json={"id": 7})),
    Exchange(Request("POST", f"{BASE}/login", JSON, b'{"password": "hunter2hunter2"}'), Response(204)),
    Exchange(
        Request("POST", f"{BASE}/form", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&b=x+y"),
        Response(text="fine"),
    ),
    Exchange(Request("GET", f"{BASE}/picture"), Response(200, {"Content-Type": "image/png"}, bytes(range(256)))),
    Exchange(Request("GET", f"{BASE}/odd%20name"), Response(json="odd")),
    Exchange(Request("PURGE", f"{BASE}/cache"), Response(204)),
    Exchange(Request("GET", "https://cdn.example.net/a"), Response(json=1)),
    Exchange(Request("GET", f"{BASE}/lost")),
]


def declared(text: str, mock: Any) -> None:
    names: dict[str, Any] = {}
    exec(compile(text, "mocks.py", "exec"), names)
    names["declare"](mock)


@pytest.mark.peer("Recording → source code of mocks")
def test_the_mocks_answer_as_was_recorded() -> None:
    text = source(RECORDED, base_url=BASE)
    assert "hunter2" not in text
    assert "abcdef123456" not in text
    with lookalike.Api(base_url=BASE).mock() as mock, requests.Session() as session:
        declared(text, mock)
        for one in RECORDED[:-1]:
            request, expected = one.request, one.response
            assert expected is not None
            got = session.request(
                request.method, request.url, data=request.content, headers=dict(request.headers.pairs), timeout=5
            )
            assert (got.status_code, got.content) == (expected.status, expected.content)
            assert got.headers.get("content-type", "").partition(";")[0] == expected.content_type
            assert got.headers.get("x-wait") == expected.headers.get("x-wait")


def test_an_empty_recording_is_a_module_too() -> None:
    with lookalike.Api(base_url=BASE).mock() as mock:
        declared(source([]), mock)
        assert list(mock.routes) == []


def test_the_command_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write("session.har", RECORDED)
    assert run(["export", "session.har", "--to", "mocks", "-o", "mocks.py"]) == 0
    assert "Wrote mocks.py" in capsys.readouterr().out
    with lookalike.Api(base_url="https://api.example.com").mock(unused="ignore") as mock:
        declared(Path("mocks.py").read_text(encoding="utf-8"), mock)
        assert requests.get("https://api.example.com/v1/odd name", timeout=5).json() == "odd"
