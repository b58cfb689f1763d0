"""`api.replay`: recorded exchanges as the routes of a double, with real clients."""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import httpx
import pytest
import requests

import lookalike
from lookalike.api.patcher import Patcher
from lookalike.api.replaying import Replay

BASE = "https://api.example.com"
API = lookalike.Api(base_url=BASE)
TODAY = date.today().isoformat()

Write = Callable[..., str]


def entry(
    method: str, path: str, answer: Any, *, status: int = 200, body: Any = None, form: str = "", time: float = 0.0,
    day: str = TODAY, headers: dict[str, str] | None = None, asked: dict[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """An entry of a HAR (http://www.softwareishard.com/blog/har-12-spec/)."""
    url = path if "://" in path else BASE + path
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    written: dict[str, Any] = {
        "startedDateTime": f"{day}T08:00:00.000Z",
        "time": time * 1000,
        "request": {
            "method": method, "url": url, "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [{"name": name, "value": value} for name, value in (asked or {}).items()],
            "queryString": [{"name": n, "value": v} for n, v in parse_qsl(urlsplit(url).query)],
        },
        "response": {
            "status": status, "statusText": "", "cookies": [],
            "headers": [{"name": name, "value": value}
                        for name, value in {"Content-Type": "application/json", **(headers or {})}.items()],
            "content": {"mimeType": "application/json", "text": json.dumps(answer)},
        },
    }  # fmt: skip
    if body is not None or form:
        written["request"]["postData"] = {"mimeType": kind, "text": form or json.dumps(body)}
        written["request"]["headers"].append({"name": "Content-Type", "value": kind})
    return written


@pytest.fixture
def har(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes entries as a HAR into the working directory; its name."""
    monkeypatch.chdir(tmp_path)

    def write(*entries: dict[str, Any], name: str = "session.har") -> str:
        log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"log": log}), encoding="utf-8")
        return name

    return write


def get(path: str, **options: Any) -> Any:
    return requests.get(BASE + path, timeout=5, **options).json()


def swallowing(path: str) -> None:
    with contextlib.suppress(AssertionError):
        get(path)


# -- spellings and clients -------------------------------------------------------------------------------------------


@pytest.mark.peer("Reads foreign cassettes")
@pytest.mark.parametrize("name", ["vcr.yaml", "betamax.json", "session.har"])
def test_any_format_is_replayed_to_any_client(name: str, har: Write, tmp_path: Path) -> None:
    har(*(entry("GET", f"/todos/{number}", {"id": number}) for number in range(5)))
    (tmp_path / "vcr.yaml").write_text(
        "interactions:\n"
        + "".join(
            f"- request:\n    body: null\n    headers: {{Accept: ['*/*']}}\n    method: GET\n"
            f"    uri: {BASE}/todos/{number}\n"
            f"  response:\n    body: {{string: '{{\"id\": {number}}}'}}\n"
            "    headers: {Content-Type: [application/json]}\n    status: {code: 200, message: OK}\n"
            for number in range(5)
        )
        + "version: 1\n"
    )
    interactions = [
        {
            "request": {"body": {"encoding": "utf-8", "string": ""}, "headers": {}, "method": "GET",
                        "uri": f"{BASE}/todos/{number}"},
            "response": {"body": {"encoding": "utf-8", "string": json.dumps({"id": number})}, "url": f"{BASE}/todos",
                         "headers": {"Content-Type": ["application/json"]}, "status": {"code": 200, "message": "OK"}},
            "recorded_at": "2026-11-01T08:00:00",
        }
        for number in range(5)
    ]  # fmt: skip
    (tmp_path / "betamax.json").write_text(
        json.dumps({"http_interactions": interactions, "recorded_with": "betamax/0.9.0"})
    )

    async def over_aiohttp() -> Any:
        async with aiohttp.ClientSession() as session, session.get(f"{BASE}/todos/2") as response:
            return await response.json()

    async def over_httpx() -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{BASE}/todos/3")).json()

    with API.replay(name):
        assert get("/todos/0") == {"id": 0}
        assert httpx.get(f"{BASE}/todos/1").json() == {"id": 1}
        assert asyncio.run(over_aiohttp()) == {"id": 2}
        assert asyncio.run(over_httpx()) == {"id": 3}
        with urllib.request.urlopen(f"{BASE}/todos/4") as response:
            assert json.load(response) == {"id": 4}


def test_it_is_spelled_as_a_mock_is(har: Write) -> None:
    name = har(entry("GET", "/todos", [1]))

    @API.replay(name)
    def decorated(replay: Any = None) -> None:
        assert get("/todos") == [1]
        assert len(replay.calls) == 1

    @API.replay(name)
    async def awaited() -> None:
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{BASE}/todos")).json() == [1]

    async def within() -> None:
        async with API.replay(name) as replay, httpx.AsyncClient() as client:
            await client.get(f"{BASE}/todos")
            assert replay.calls.last.request.path == "/todos"

    decorated()
    asyncio.run(awaited())
    asyncio.run(within())
    patcher = API.replay(name)
    patcher.start()
    assert get("/todos") == [1]
    patcher.stop()


def test_several_sources_folders_and_globs_are_one_recording(har: Write) -> None:
    har(entry("GET", "/a", "a"), name="one/a.har")
    har(entry("GET", "/b", "b"), name="one/two/b.har")
    har(entry("GET", "/c", "c"), name="c.har")
    with API.replay("one", "*.har"):
        assert [get(path) for path in ("/c", "/b", "/a")] == ["c", "b", "a"]


def test_what_was_recorded_of_another_host_is_replayed_too(har: Write) -> None:
    with API.replay(har(entry("GET", "https://login.example.net/token", {"ok": True}))):
        assert requests.get("https://login.example.net/token", timeout=5).json() == {"ok": True}


def test_a_replay_is_served_on_a_socket(har: Write) -> None:
    with API.replay(har(entry("GET", "/todos", [1])), clients=()) as replay, replay.serve() as url:
        assert requests.get(f"{url}/todos", timeout=5).json() == [1]


# -- which one answers -----------------------------------------------------------------------------------------------


def test_the_same_request_gets_the_answers_in_their_order(har: Write) -> None:
    name = har(entry("GET", "/job", "queued"), entry("GET", "/other", 1), entry("GET", "/job", "done"))
    with API.replay(name):
        assert [get("/job"), get("/job"), get("/other")] == ["queued", "done", 1]
    with API.replay(name, exhausted="repeat", unused="ignore"):
        assert [get("/job") for _ in range(4)] == ["queued", "done", "done", "done"]


def test_once_more_than_recorded_is_a_miss_that_says_so(har: Write) -> None:
    name = har(entry("GET", "/job", "done"))
    with pytest.raises(lookalike.UnmatchedRequest) as failure, API.replay(name):
        [get("/job") for _ in range(2)]
    told = str(failure.value)
    assert "GET https://api.example.com/job is recorded once, and was asked for once more." in told
    assert "Played already: session.har, entry 1" in told
    assert 'exhausted="repeat"' in told


def test_ordered_plays_the_whole_recording_in_its_order(har: Write) -> None:
    name = har(entry("GET", "/a", 1), entry("GET", "/b", 2))
    with API.replay(name, ordered=True):
        assert (get("/a"), get("/b")) == (1, 2)
    with pytest.raises(lookalike.UnmatchedRequest, match="came out of turn") as failure, API.replay(name, ordered=True):
        get("/b")
    assert "Its turn:  GET /a   (session.har, entry 1)" in str(failure.value)


def test_the_nearest_answers_where_nothing_is_equal(har: Write) -> None:
    name = har(
        entry("POST", "/search?limit=10", "ten", body={"q": "cats", "page": 1}),
        entry("POST", "/search?limit=20", "twenty", body={"q": "dogs", "page": 2}),
    )
    with API.replay(name, order="nearest", exhausted="repeat") as replay:
        near = requests.post(f"{BASE}/search?limit=20", json={"q": "birds", "page": 2}, timeout=5)
        assert near.json() == "twenty"
        assert requests.post(f"{BASE}/search?limit=10", json={"q": "cats", "page": 1}, timeout=5).json() == "ten"
        assert requests.post(f"{BASE}/search?limit=20", json={"q": "dogs", "page": 2}, timeout=5).json() == "twenty"
        assert len(replay.calls) == 3


BODIES: dict[str, tuple[Any, dict[str, Any], bool]] = {
    "keys in another order": ({"a": 1, "b": 2}, {"json": {"b": 2, "a": 1}}, True),
    "another value": ({"a": 1}, {"json": {"a": 2}}, False),
    "no body": ({"a": 1}, {}, False),
    "spaces": ({"a": 1}, {"data": b'{ "a" :  1 }', "headers": {"Content-Type": "application/json"}}, True),
}


@pytest.mark.parametrize("case", BODIES)
def test_json_bodies_are_compared_by_value(case: str, har: Write) -> None:
    recorded, asked, alike = BODIES[case]
    name = har(entry("POST", "/todos", "ok", body=recorded))
    with API.replay(name, unused="ignore", swallowed="ignore"):
        if alike:
            assert requests.post(f"{BASE}/todos", timeout=5, **asked).json() == "ok"
        else:
            with pytest.raises(lookalike.UnmatchedRequest):
                requests.post(f"{BASE}/todos", timeout=5, **asked)


def test_forms_compare_by_fields_and_a_query_by_parameters(har: Write) -> None:
    name = har(entry("POST", "/token?b=2&a=1", "ok", form="grant_type=code&scope=a+b"))
    with API.replay(name):
        asked = requests.post(f"{BASE}/token?a=1&b=2", data={"scope": "a b", "grant_type": "code"}, timeout=5)
        assert asked.json() == "ok"


def test_multipart_compares_without_its_boundary(har: Write) -> None:
    def body(boundary: str) -> dict[str, Any]:
        text = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--{boundary}--\r\n'
        return {"mimeType": f"multipart/form-data; boundary={boundary}", "text": text}

    recorded = entry("POST", "/upload", "ok")
    recorded["request"]["postData"] = body("xyz")
    recorded["request"]["headers"] = [{"name": "Content-Type", "value": "multipart/form-data; boundary=xyz"}]
    name = har(recorded)
    with API.replay(name):
        assert requests.post(f"{BASE}/upload", files={"a": (None, "1")}, timeout=5).json() == "ok"
    with pytest.raises(lookalike.UnmatchedRequest, match="form a"), API.replay(name):
        requests.post(f"{BASE}/upload", files={"a": (None, "2")}, timeout=5)


@pytest.mark.parametrize(
    ("ignored", "recorded", "asked"),
    [
        ("query nonce", entry("GET", "/todos?nonce=1&page=2", "ok"), ("GET", "/todos?page=2&nonce=9", {})),
        ("json.sent_at", entry("POST", "/a", "ok", body={"sent_at": 1, "x": 1}),
         ("POST", "/a", {"json": {"x": 1, "sent_at": 5}})),
        ("json.items[*].at", entry("POST", "/a", "ok", body={"items": [{"at": 1}, {"at": 2}]}),
         ("POST", "/a", {"json": {"items": [{"at": 7}, {"at": 8}]}})),
        ('json["odd key"]', entry("POST", "/a", "ok", body={"odd key": 1}), ("POST", "/a", {"json": {"odd key": 2}})),
        ("json[1]", entry("POST", "/a", "ok", body=[1, 2]), ("POST", "/a", {"json": [1, 3]})),
        ("form nonce", entry("POST", "/a", "ok", form="nonce=1&x=2"),
         ("POST", "/a", {"data": {"nonce": "5", "x": "2"}})),
    ],
)  # fmt: skip
def test_what_differs_each_time_is_left_out(
    ignored: str, recorded: dict[str, Any], asked: tuple[str, str, dict[str, Any]], har: Write
) -> None:
    name = har(recorded)
    method, path, options = asked
    with API.replay(name, ignore=[ignored]):
        assert requests.request(method, BASE + path, timeout=5, **options).json() == "ok"
    with pytest.raises(lookalike.UnmatchedRequest) as failure, API.replay(name):
        requests.request(method, BASE + path, timeout=5, **options)
    if "*" not in ignored:
        assert f'ignore=["{ignored}"]' in str(failure.value)


def test_headers_are_compared_where_they_are_named(har: Write) -> None:
    recorded = entry("GET", "/todos", "ok", asked={"Accept-Language": "de", "X-Request-Id": "1"})
    name = har(recorded)
    with API.replay(name, match=["method", "url", "header Accept-Language"]):
        assert get("/todos", headers={"Accept-Language": "de"}) == "ok"
    with pytest.raises(lookalike.UnmatchedRequest, match=r'header accept-language .*"de".*got "en"'), \
            API.replay(name, match=["method", "url", "header Accept-Language"]):  # fmt: skip
        get("/todos", headers={"Accept-Language": "en"})
    with API.replay(name, match=["method", "headers"], ignore=["header Accept", "cookie sid"]):
        assert get("/elsewhere", headers={"Accept-Language": "de", "X-Request-Id": "2"}) == "ok"


def test_a_function_of_the_test_s_own_compares(har: Write) -> None:
    name = har(entry("GET", "/v1/todos", "ok"), entry("GET", "/v2/users", "users"))

    def same_end(request: lookalike.Request, recorded: lookalike.Request) -> bool:
        return request.path.rpartition("/")[2] == recorded.path.rpartition("/")[2]

    def as_vcr(request: lookalike.Request, recorded: lookalike.Request) -> None:
        assert same_end(request, recorded), f"{request.path} ends in another word"

    with API.replay(name, match=["method", same_end]):
        assert (get("/v3/todos"), get("/v3/users")) == ("ok", "users")
    with pytest.raises(lookalike.UnmatchedRequest, match=r"as_vcr .*ends in another word"), \
            API.replay(name, match=["method", as_vcr]):  # fmt: skip
        get("/v3/nothing")


@pytest.mark.peer("Filter headers/query/body")
@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        (entry("GET", "/a?api_key=REDACTED&x=1", "ok"), ("GET", "/a?api_key=s3cr3t-value&x=1", {})),
        (entry("GET", "/a?x=1", "ok"), ("GET", "/a?api_key=s3cr3t-value&x=1", {})),
        (entry("GET", "/a?api_key=DUMMY", "ok"), ("GET", "/a?api_key=s3cr3t-value", {})),
        (entry("POST", "/a", "ok", body={"password": "REDACTED", "user": "ann"}),
         ("POST", "/a", {"json": {"user": "ann", "password": "hunter2hunter2"}})),
        (entry("POST", "/a", "ok", body={"user": "ann"}), ("POST", "/a", {"json": {"user": "ann", "password": "x"}})),
        (entry("POST", "/a", "ok", form="client_secret=REDACTED&scope=a"),
         ("POST", "/a", {"data": {"client_secret": "abcdef123", "scope": "a"}})),
        (entry("POST", "/a", "ok", body={"email": "redacted@example.com"}),
         ("POST", "/a", {"json": {"email": "ann@corp.test"}})),
        (entry("GET", "/hooks/REDACTED/run", "ok"), ("GET", "/hooks/abcdefgh1234/run", {})),
    ],
)  # fmt: skip
def test_what_was_redacted_still_fits_the_request(
    recorded: dict[str, Any], asked: tuple[str, str, dict[str, Any]], har: Write
) -> None:
    method, path, options = asked
    with API.replay(har(recorded)):
        assert requests.request(method, BASE + path, timeout=5, **options).json() == "ok"


def test_personal_data_that_a_recording_has_in_clear_is_compared(har: Write) -> None:
    name = har(*(entry("POST", "/users", who, body={"email": f"{who}@corp.test"}) for who in ("ann", "bob")))
    with API.replay(name, unused="ignore"):
        asked = requests.post(f"{BASE}/users", json={"email": "bob@corp.test"}, timeout=5)
        assert asked.json() == "bob"
    with pytest.raises(lookalike.UnmatchedRequest), API.replay(name, unused="ignore"):
        requests.post(f"{BASE}/users", json={"email": "cleo@corp.test"}, timeout=5)


# -- what fails ------------------------------------------------------------------------------------------------------


def test_a_miss_tells_the_nearest_recording_and_what_to_do(har: Write) -> None:
    name = har(entry("GET", "/users?page=1", 1), entry("GET", "/todos", 2), entry("POST", "/users", 3))
    with pytest.raises(lookalike.UnmatchedRequest) as failure, API.replay(name):
        get("/users?page=2")
    assert str(failure.value) == (
        "GET https://api.example.com/users?page=2 matches none of 3 recordings.\n\n"
        "Nearest: GET /users?page=1   (recorded in session.har, entry 1)\n"
        '  query page    expected "1"  got "2"\n'
        "Others:\n"
        "  POST /users   method: expected POST, got GET\n"
        "  GET /todos   path: expected /todos, got /users\n\n"
        'Next: fix the code\'s request; what differs each time is left out with ignore=["query page"]; or '
        'say record="new_episodes" once to record it.\n'
        'Or declare it: replay.get("/users", params={"page": "2"}).respond(...)'
    )


def test_a_swallowed_miss_fails_at_the_end(har: Write) -> None:
    with pytest.raises(lookalike.UnmatchedRequest, match=r"matches none of 1 recording\."), \
            API.replay(har(entry("GET", "/a", 1))):  # fmt: skip
        swallowing("/b")


@pytest.mark.peer("Unplayed recordings fail")
def test_recordings_that_nobody_asked_for_fail(har: Write) -> None:
    name = har(entry("GET", "/a", 1), entry("GET", "/b", 2), entry("GET", "/b", 3))
    with pytest.raises(lookalike.UnusedRoute) as failure, API.replay(name):
        get("/b")
    assert str(failure.value) == (
        "2 recordings were never played.\n\n"
        "  GET /a   (session.har, entry 1)\n"
        "  GET /b   (session.har, entry 3)\n\n"
        'Next: record again what the code asks for now, or let recordings stay unplayed: unused="ignore".'
    )
    with API.replay(name, unused="ignore"):
        assert get("/b") == 2


@pytest.mark.peer("Mock + cassette in one tool")
def test_what_the_test_declares_wins_over_recordings(har: Write) -> None:
    name = har(entry("GET", "/todos", [1]), entry("GET", "/users", ["ann"]))
    with API.replay(name) as replay:
        route = replay.get("/todos").respond(503)
        assert requests.get(f"{BASE}/todos", timeout=5).status_code == 503
        assert get("/users") == ["ann"]
        assert route.call_count == 1
    patcher = API.replay(name)
    patcher.start().get("/gone").respond(204)
    get("/todos"), get("/users")
    with pytest.raises(lookalike.UnusedRoute, match=r"GET /gone .*never called"):
        patcher.stop()


# -- the contract ----------------------------------------------------------------------------------------------------

CONTRACT = """\
openapi: 3.1.0
info: {title: Todos, version: "1"}
servers: [{url: https://api.example.com}]
paths:
  /todos:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [id], properties: {id: {type: integer}}}}
"""


def test_a_recording_that_breaks_the_contract_is_out_of_date(har: Write, tmp_path: Path) -> None:
    (tmp_path / "todos.yaml").write_text(CONTRACT)
    api = lookalike.Api("todos.yaml", base_url=BASE)
    name = har(entry("GET", "/todos", [{"id": "1"}], day="2025-03-01"))
    with pytest.raises(lookalike.ContractViolation) as failure, api.replay("todos.yaml" and name):
        get("/todos")
    told = str(failure.value)
    assert (
        "what was recorded of GET /todos (session.har, entry 1, 2025-03-01) contradicts the contract of todos" in told
    )
    assert "json[0].id" in told
    assert "the recording is out of date" in told
    with api.replay(name, unchecked="the vendor said so"):
        assert get("/todos") == [{"id": "1"}]
    fitting = har(entry("GET", "/todos?page=x", [{"id": 1}]), name="fitting.har")
    with pytest.raises(lookalike.ContractViolation, match=r"the request GET .* contradicts"), api.replay(fitting):
        get("/todos?page=x")


# -- age and time ----------------------------------------------------------------------------------------------------


def _days_ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()


@pytest.mark.peer("Expiry / re-record interval")
def test_an_old_recording_fails_or_warns(har: Write) -> None:
    name = har(entry("GET", "/a", 1, day=_days_ago(40)), entry("GET", "/a", 2))
    with API.replay(name, max_age="6w", unused="ignore"):
        assert get("/a") == 1
    with pytest.raises(AssertionError) as failure, API.replay(name, max_age="30d"):
        pass
    told = str(failure.value)
    assert f"1 of 2 recordings are older than 30 days: session.har, entry 1 is 40 days old ({_days_ago(40)})." in told
    assert 'record="all"' in told
    with pytest.warns(lookalike.errors.LookalikeWarning, match="are older than 12 hours"), \
            API.replay(name, max_age=timedelta(hours=12), expired="warn", unused="ignore"):  # fmt: skip
        assert get("/a") == 1


def test_a_day_is_known_by_the_date_of_the_answer_or_not_at_all(har: Write) -> None:
    dated = entry("GET", "/a", 1, headers={"Date": "Tue, 15 Nov 1994 08:12:31 GMT"})
    del dated["startedDateTime"]
    with pytest.raises(AssertionError, match="1994-11-15"), API.replay(har(dated), max_age="30d"):
        pass
    undated = entry("GET", "/a", 1)
    del undated["startedDateTime"]
    with pytest.raises(AssertionError) as failure, API.replay(har(undated, entry("GET", "/a", 2)), max_age="30d"):
        pass
    told = str(failure.value)
    assert "1 of 2 recordings have no date, and nobody knows when they were recorded: session.har, entry 1." in told
    assert "older than" not in told


def test_the_advice_for_a_file_of_another_recorder_is_to_export_it_first(tmp_path: Path) -> None:
    cassette = tmp_path / "jobs.yaml"
    cassette.write_text(
        "interactions:\n- request: {body: null, headers: {}, method: GET, uri: 'https://api.example.com/a'}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: '1'}}\nversion: 1\n"
    )
    export = f"lookalike export {cassette} --to har -o {cassette.with_suffix('.har')}"
    with pytest.raises(AssertionError) as failure, API.replay(cassette, max_age="30d"):
        pass
    assert "have no date" in str(failure.value)
    assert f"Next: {export}, and replay that; then record anew" in str(failure.value)
    with pytest.raises(lookalike.UnmatchedRequest) as missed, API.replay(cassette, unused="ignore"):
        get("/b")
    assert f'export it, {export}, replay that, and say record="new_episodes" once to record it.' in str(missed.value)


@pytest.mark.peer("Replays original timing")
def test_answers_take_as_long_as_they_took_and_nothing_sleeps(har: Write) -> None:
    name = har(entry("GET", "/slow", 1, time=7.0))
    with API.replay(name):
        assert requests.get(f"{BASE}/slow", timeout=1).json() == 1
    with API.replay(name, timing=True), pytest.raises(requests.ReadTimeout):
        requests.get(f"{BASE}/slow", timeout=1)
    with API.replay(name, timing=0.1) as replay:
        assert requests.get(f"{BASE}/slow", timeout=1).json() == 1
        assert replay.calls.last.response is not None
        assert replay.calls.last.response.delay == pytest.approx(0.7)


# -- what can't be done ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"record": "rewrite"}, 'write "all"'),
        ({"record": "onec"}, 'did you mean "once"'),
        ({"record_mode": "once"}, 'write record="once"'),
        ({"order": "best"}, 'write "nearest"'),
        ({"order": "any"}, 'write "recorded" or "nearest"'),
        ({"match": "url"}, 'match=["url"]'),
        ({"match": ["pth"]}, 'did you mean "path"'),
        ({"match": ["digest-auth"]}, "credentials"),
        ({"ignore": ["nonce"]}, "query page"),
        ({"ignore": ["json.a b"]}, "json.items"),
        ({"max_age": "3 months"}, '"30d"'),
        ({"max_age": timedelta(days=-1)}, '"30d"'),
        ({"expired": "never"}, '"fail", "warn" or "record"'),
        ({"timing": -1}, "timing=True"),
        ({"placeholders": {"<A>": ""}}, "<TOKEN>"),
        ({"unused": "no"}, '"fail" or "ignore"'),
        ({"allow_playback_repeats": True}, 'write exhausted="repeat"'),
    ],
)
def test_what_is_not_understood_is_refused_at_once(options: dict[str, Any], told: str) -> None:
    with pytest.raises(lookalike.UsageError) as failure:
        API.replay("session.har", **options)
    assert told in str(failure.value)


def test_a_source_is_named_and_exists(har: Write) -> None:
    har()
    with pytest.raises(lookalike.UsageError, match="names no recording"):
        API.replay()
    with pytest.raises(lookalike.errors.FileError, match='Record it: record="once"'):
        API.replay("missing.har").start()


def test_a_missed_entry_is_told_and_the_places_stay_right(har: Write) -> None:
    broken = entry("GET", "/broken", 1)
    del broken["request"]["url"]
    name = har(broken, entry("GET", "/a", 1))
    patcher: Patcher[Replay] = API.replay(name)
    with pytest.warns(lookalike.errors.LookalikeWarning, match="left out of the replay: .*entry 1") as warned:
        replay = patcher.start()
    assert warned[0].filename == __file__
    get("/a")
    assert replay.playing.recordings.recorded[0].place == "session.har, entry 2"
    patcher.stop()


def test_binary_bodies_come_back_byte_for_byte(har: Write) -> None:
    picture = bytes(range(256))
    recorded = entry("GET", "/picture", None, headers={"Content-Type": "image/png"})
    recorded["response"]["content"] = {
        "mimeType": "image/png",
        "encoding": "base64",
        "text": b64encode(picture).decode(),
    }
    with API.replay(har(recorded)):
        assert requests.get(f"{BASE}/picture", timeout=5).content == picture


# -- rarer requests --------------------------------------------------------------------------------------------------


_MULTIPART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'


def _posted(body: bytes, kind: str) -> dict[str, Any]:
    recorded = entry("POST", "/a", "ok", headers={})
    recorded["request"]["headers"] = [{"name": "Content-Type", "value": kind}]
    recorded["request"]["postData"] = {"mimeType": kind, "text": body.decode("latin-1")}
    return recorded


@pytest.mark.parametrize(
    ("recorded", "asked", "told"),
    [
        (_posted(b"one", "text/plain"), {"data": b"two", "headers": {"Content-Type": "text/plain"}}, "body"),
        (_posted(b"one", "text/plain"), {}, "no body"),
        (_posted(b"{broken", "application/json"), {"data": b"{other"}, "body"),
        (_posted(b'{"a": 1}', "application/json"), {"data": {"a": "1"}}, "body"),
        (_posted(b"a=1&b=2", "application/x-www-form-urlencoded"), {"data": {"a": "1", "b": "3"}}, "form b"),
        (_posted(_MULTIPART, "multipart/form-data; boundary=x"),
         {"files": {"a": (None, "1"), "b": (None, "2")}}, "1 parts"),
    ],
)  # fmt: skip
def test_another_body_is_told_where_it_differs(
    recorded: dict[str, Any], asked: dict[str, Any], told: str, har: Write
) -> None:
    name = har(recorded)
    with pytest.raises(lookalike.UnmatchedRequest) as failure, API.replay(name):
        requests.post(f"{BASE}/a", timeout=5, **asked)
    assert told in str(failure.value)


def test_cookies_and_headers_that_are_ignored_do_not_count(har: Write) -> None:
    name = har(entry("GET", "/a", "ok", asked={"Cookie": "theme=dark; sid=1", "X-Trace": "1"}))
    same = ["method", "url", "header Cookie", "header X-Trace"]
    with API.replay(name, match=same, ignore=["cookie theme", "cookie sid", "header X-Trace"]):
        assert get("/a", headers={"Cookie": "theme=light; sid=2"}) == "ok"
    with pytest.raises(lookalike.UnmatchedRequest, match="header x-trace"), API.replay(name, match=same):
        get("/a", headers={"Cookie": "theme=dark; sid=1"})
    with pytest.raises(lookalike.UnmatchedRequest, match=r"header x-more +expected nothing"), \
            API.replay(name, match=["url", "header X-More"]):  # fmt: skip
        get("/a", headers={"X-More": "1"})


def test_a_place_that_is_not_there_is_no_place_to_leave_out(har: Write) -> None:
    name = har(entry("POST", "/a", "ok", body={"a": [1, 2], "b": "text"}))
    ignored = ["json.gone", "json.a[7]", "json.b.below", "json.a[0]"]
    with API.replay(name, ignore=ignored):
        assert requests.post(f"{BASE}/a", json={"a": [9, 2], "b": "text"}, timeout=5).json() == "ok"


def test_a_function_that_says_no_is_told(har: Write) -> None:
    def never(request: lookalike.Request, recorded: lookalike.Request) -> bool:
        return False

    with (
        pytest.raises(lookalike.UnmatchedRequest, match="never"),
        API.replay(har(entry("GET", "/a", 1)), match=[never]),
    ):
        get("/a")


def test_many_misses_and_many_unplayed_are_cut_short(har: Write) -> None:
    name = har(*(entry("GET", f"/users/{number}", number) for number in range(30)))
    with pytest.raises(lookalike.UnusedRoute, match=r"(?s)30 recordings were never played.*and 10 more"), \
            API.replay(name):  # fmt: skip
        pass
    with pytest.raises(lookalike.UnmatchedRequest, match=r"and 24 more"), API.replay(name):
        get("/todos")


@pytest.mark.filterwarnings("ignore:left out of the replay")
def test_nothing_recorded_is_said(har: Write) -> None:
    with pytest.raises(lookalike.UnmatchedRequest, match="the recording is empty"), API.replay(har()):
        get("/a")


def test_an_answer_that_was_lost_is_left_out(har: Write) -> None:
    lost = entry("GET", "/lost", None, status=0)
    lost["response"] = {"status": 0, "headers": [], "content": {}}
    name = har(*(lost for _ in range(7)), entry("GET", "/a", 1))
    patcher = API.replay(name)
    with pytest.warns(lookalike.errors.LookalikeWarning, match=r"left out of the replay: .*entry 1: .*; and 2 more"):
        patcher.start()
    assert get("/a") == 1
    patcher.stop()
