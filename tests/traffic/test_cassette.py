"""Cassettes of every recorder as exchanges, and what is said of what can't be read."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lookalike import traffic
from lookalike.errors import FileError
from lookalike.messages import Exchange
from lookalike.traffic.cassette import recognises
from lookalike.traffic.opened import Limits

VCRPY = """\
interactions:
- request:
    body: '{"name": "Ada"}'
    headers:
      Accept:
      - '*/*'
      Content-Length:
      - '15'
      Content-Type:
      - application/json
    method: POST
    uri: https://api.example.com/users?page=1
  response:
    body:
      string: '{"id": 7, "name":
        "Ada"}'
    headers:
      Content-Length:
      - '24'
      Content-Type:
      - application/json
      Date:
      - Fri, 20 Nov 2026 10:00:00 GMT
      Set-Cookie:
      - a=1; Path=/
      - b=2; Path=/
    status:
      code: 201
      message: Created
version: 1
"""
RUBY = """\
---
http_interactions:
- request:
    method: post
    uri: https://api.example.com/users?page=1
    body:
      encoding: UTF-8
      string: '{"name": "Ada"}'
    headers:
      Accept:
      - "*/*"
      Content-Type:
      - application/json
  response:
    status:
      code: 201
      message: Created
    headers:
      Content-Type:
      - application/json
      Set-Cookie:
      - a=1; Path=/
      - b=2; Path=/
    body:
      encoding: UTF-8
      string: '{"id": 7, "name": "Ada"}'
    http_version:
  recorded_at: Fri, 20 Nov 2026 10:00:00 GMT
recorded_with: VCR 6.1.0
"""
RUBY_1 = """\
---\x20
- !ruby/struct:VCR::HTTPInteraction\x20
  request: !ruby/struct:VCR::Request\x20
    method: :post
    uri: https://api.example.com:443/users?page=1
    body: '{"name": "Ada"}'
    headers:\x20
      accept:\x20
      - "*/*"
      content-type:\x20
      - application/json
  response: !ruby/struct:VCR::Response\x20
    status: !ruby/struct:VCR::ResponseStatus\x20
      code: 201
      message: Created
    headers:\x20
      content-type:\x20
      - application/json
      set-cookie:\x20
      - a=1; Path=/
      - b=2; Path=/
      date:\x20
      - Fri, 20 Nov 2026 10:00:00 GMT
    body: !str\x20
      str: "{\\"id\\": 7, \\"name\\": \\"Ada\\"}"
      "@_charset": UTF-8
    http_version: "1.1"
"""
GO_1 = """\
---
version: 1
interactions:
- request:
    body: '{"name": "Ada"}'
    form: {}
    headers:
      Accept:
      - '*/*'
      Content-Type:
      - application/json
    url: https://api.example.com/users?page=1
    method: POST
  response:
    body: '{"id": 7, "name": "Ada"}'
    headers:
      Content-Type:
      - application/json
      Date:
      - Fri, 20 Nov 2026 10:00:00 GMT
      Set-Cookie:
      - a=1; Path=/
      - b=2; Path=/
    status: 201 Created
    code: 201
    duration: ""
"""
GO_2 = """\
---
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 15
        transfer_encoding: []
        trailer: {}
        host: api.example.com
        remote_addr: ""
        request_uri: ""
        body: '{"name": "Ada"}'
        form: {page: ["1"]}
        headers:
            Accept:
                - '*/*'
            Content-Type:
                - application/json
        url: https://api.example.com/users?page=1
        method: POST
      response:
        proto: HTTP/2.0
        proto_major: 2
        proto_minor: 0
        transfer_encoding: []
        trailer: {}
        content_length: -1
        uncompressed: true
        body: '{"id": 7, "name": "Ada"}'
        headers:
            Content-Type:
                - application/json
            Date:
                - Fri, 20 Nov 2026 10:00:00 GMT
            Set-Cookie:
                - a=1; Path=/
                - b=2; Path=/
        status: 201 Created
        code: 201
        duration: 1m1.5s
"""
BETAMAX = json.dumps({
    "http_interactions": [{
        "request": {
            "body": {"encoding": "utf-8", "string": '{"name": "Ada"}'},
            "headers": {"Accept": ["*/*"], "Content-Type": "application/json"},
            "method": "POST",
            "uri": "https://api.example.com/users?page=1",
        },
        "response": {
            "body": {
                "encoding": "utf-8", "string": "",
                "base64_string": base64.b64encode(gzip.compress(b'{"id": 7, "name": "Ada"}', mtime=0)).decode(),
            },
            "headers": {
                "Content-Type": ["application/json"], "Content-Encoding": ["gzip"], "Transfer-Encoding": ["chunked"],
                "Set-Cookie": ["a=1; Path=/", "b=2; Path=/"],
            },
            "status": {"code": 201, "message": "Created"},
            "url": "https://api.example.com/users?page=1",
        },
        "recorded_at": "2026-11-20T10:00:00",
    }],
    "recorded_with": "betamax/0.9.0",
})  # fmt: skip
CASSETTER = """\
version: 1
interactions:
- request:
    method: POST
    uri: https://api.example.com/users?page=1
    headers:
      accept:
      - "*/*"
      content-type:
      - application/json
    body:
      type: text
      content: '{"name": "Ada"}'
  response:
    status: 201
    headers:
      content-type:
      - application/json
      set-cookie:
      - a=1; Path=/
      - b=2; Path=/
    body:
      type: json
      content:
        id: 7
        name: Ada
  recorded_at: 2026-11-20T10:00:00Z
"""
CASSETTER_TOML = """\
version = 1

[[interactions]]
recorded_at = "2026-11-20T10:00:00Z"

[interactions.request]
method = "POST"
uri = "https://api.example.com/users?page=1"
body_type = "text"
body_content = '{"name": "Ada"}'

[interactions.request.headers]
accept = ["*/*"]
content-type = ["application/json"]

[interactions.response]
status = 201
body_type = "json"
body_content = '{"id":7,"name":"Ada"}'

[interactions.response.headers]
content-type = ["application/json"]
set-cookie = [
    "a=1; Path=/",
    "b=2; Path=/",
]
"""
PHP = """\

-
    request:
        method: POST
        url: 'https://api.example.com/users?page=1'
        headers:
            Accept: '*/*'
            Content-Type: application/json
        body: '{"name": "Ada"}'
    response:
        status:
            http_version: '1.1'
            code: '201'
            message: Created
        headers:
            Content-Type: application/json
            Date: 'Fri, 20 Nov 2026 10:00:00 GMT'
            Set-Cookie: ['a=1; Path=/', 'b=2; Path=/']
        body: "{\\"id\\": 7, \\"name\\": \\"Ada\\"}"
    index: 0
"""
ELIXIR = json.dumps([{
    "request": {
        "body": '{"name": "Ada"}', "headers": {"Accept": "*/*", "Content-Type": "application/json"}, "method": "post",
        "options": [], "request_body": "", "url": "https://api.example.com/users?page=1",
    },
    "response": {
        "binary": True, "body": base64.b64encode(b"\x83m\0\0\0\x18" + b'{"id": 7, "name": "Ada"}').decode(),
        "headers": {
            "Content-Type": "application/json", "Date": "Fri, 20 Nov 2026 10:00:00 GMT",
            "Set-Cookie": ["a=1; Path=/", "b=2; Path=/"],
        },
        "status_code": 201, "type": "ok",
    },
}])  # fmt: skip
VCRPY_OLD = """\
- request: !!python/object:vcr.request.Request
    body: '{"name": "Ada"}'
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [Accept, '*/*']
      - !!python/tuple [!!python/unicode 'Content-Type', !!python/unicode 'application/json']
    host: api.example.com
    method: POST
    path: /users?page=1
    port: 443
    protocol: https
  response:
    body: {string: !!python/unicode '{"id": 7, "name": "Ada"}'}
    headers: ["Content-Type: application/json\\r\\n", "Set-Cookie: a=1; Path=/\\r\\n", "Set-Cookie: b=2; Path=/\\r\\n",
      "Date: Fri, 20 Nov 2026 10:00:00 GMT\\r\\n"]
    status: {code: 201, message: Created}
"""
VCRPY_JSON = json.dumps(
    {
        "version": 1,
        "interactions": [{
            "request": {
                "method": "POST", "uri": "https://api.example.com/users?page=1", "body": '{"name": "Ada"}',
                "headers": {"Accept": ["*/*"], "Content-Type": ["application/json"]},
            },
            "response": {
                "status": {"code": 201, "message": "Created"},
                "headers": {
                    "Content-Type": ["application/json"], "Date": ["Fri, 20 Nov 2026 10:00:00 GMT"],
                    "Set-Cookie": ["a=1; Path=/", "b=2; Path=/"],
                },
                "body": {"string": '{"id": 7, "name": "Ada"}'},
            },
        }],
    },
    indent=4,
)  # fmt: skip
RECORDERS = {
    "vcrpy.yaml": VCRPY,
    "vcrpy.json": VCRPY_JSON,
    "vcrpy-0.yaml": VCRPY_OLD,
    "vcr.yml": RUBY,
    "vcr-1.yml": RUBY_1,
    "go-vcr-1.yaml": GO_1,
    "go-vcr-2.yaml": GO_2,
    "betamax.json": BETAMAX,
    "cassetter.yaml": CASSETTER,
    "cassetter.toml": CASSETTER_TOML,
    "php-vcr": PHP,
    "exvcr.json": ELIXIR,
}


def read(path: Path, text: str | bytes, **named: Any) -> tuple[list[Exchange], list[str]]:
    """The exchanges of a cassette, and what was said of what was left out."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    said: list[str] = []
    found = list(traffic.read(path, skipped=lambda one: said.append(f"{one.entry}: {one.why}"), **named))
    return found, said


@pytest.mark.parametrize("name", RECORDERS)
def test_one_exchange_is_the_same_whoever_recorded_it(name: str, tmp_path: Path) -> None:
    (found,), said = read(tmp_path / name, RECORDERS[name])
    assert said == []
    request, response = found.request, found.response
    assert response is not None
    assert (request.method, request.scheme, request.host, request.port, request.target) == (
        "POST", "https", "api.example.com", 443, "/users?page=1",
    )  # fmt: skip
    assert request.json() == {"name": "Ada"}
    assert request.headers == {"accept": "*/*", "content-type": "application/json"}
    assert response.status == 201
    assert response.json() == {"id": 7, "name": "Ada"}
    assert response.headers.get_all("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert {name.lower() for name, _ in response.headers.pairs} <= {"content-type", "set-cookie", "date"}
    assert found.day == "2026-11-20"


def test_what_go_vcr_knows_of_time_and_protocol(tmp_path: Path) -> None:
    (found,), _ = read(tmp_path / "a.yaml", GO_2)
    assert found.response is not None
    assert (found.elapsed, found.response.http_version, found.response.reason) == (61.5, "2", "")


@pytest.mark.parametrize("ending", [".gz", ""])
def test_folders_of_cassettes_are_read_in_their_order(ending: str, tmp_path: Path) -> None:
    folder = tmp_path / "cassettes" / "test_users"
    folder.mkdir(parents=True)
    for name in ("test_b", "test_a"):
        data = VCRPY.replace("/users", f"/{name}").encode()
        (folder / f"{name}.yaml{ending}").write_bytes(gzip.compress(data) if ending else data)
    assert [one.request.path for one in traffic.read(tmp_path / "cassettes")] == ["/test_a", "/test_b"]


def interaction(response: dict[str, Any], **request: Any) -> str:
    """A JSON cassette of one interaction, with what differs from the usual one."""
    asked = {"method": "GET", "uri": "https://api.example.com/a", "headers": {}, "body": None, **request}
    answered = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}, **response}
    return json.dumps({"interactions": [{"request": asked, "response": answered}]})


BODIES: list[tuple[dict[str, Any], bytes]] = [
    ({"body": None}, b""),
    ({"body": ""}, b""),
    ({"body": "é"}, "é".encode()),
    ({"body": {"string": None}}, b""),
    ({"body": {"string": "é"}}, "é".encode()),
    ({"body": {"encoding": "UTF-8", "string": "é"}}, "é".encode()),
    ({"body": {"encoding": "ISO-8859-1", "string": "é"}}, b"\xe9"),
    ({"body": {"encoding": "ASCII-8BIT", "string": "é"}}, "é".encode()),
    ({"body": {"encoding": "US-ASCII", "string": "é"}}, "é".encode()),
    ({"body": {"encoding": "ISO-8859-1", "string": "€"}}, "€".encode()),
    ({"body": {"encoding": "no such encoding", "string": "€"}}, "€".encode()),
    ({"body": {"encoding": None, "string": "\ud800x"}}, "\ufffdx".encode()),
    ({"body": {"base64_string": "AP8="}}, b"\0\xff"),
    ({"body": {"encoding": "UTF-8", "base64_string": "AP8=\n", "string": ""}}, b"\0\xff"),
    ({"body": {"encoding": "UTF-8", "base64_string": ""}}, b""),
    ({"body": {"type": "binary", "content": "00ff"}}, b"\0\xff"),
    ({"body": {"type": "text", "content": "é"}}, "é".encode()),
    ({"body": {"type": "json", "content": None}}, b"null"),
    ({"body": {"type": "none"}}, b""),
    ({"body": None, "parsed_body": {"a": [1]}}, b'{"a":[1]}'),
    ({"binary": True, "body": "AP8="}, b"\0\xff"),
    ({"body": {"type": "json", "content": {"a": "1"}}}, b'{"a":"1"}'),
    ({"body": {"type": "binary"}}, b""),
    ({"body": [1, "a"]}, b'[1,"a"]'),
    ({"body": {"string": {"a": 1}}}, b'{"a":1}'),
]


@pytest.mark.parametrize(("response", "content"), BODIES, ids=range(len(BODIES)))
def test_bodies_in_every_form(response: dict[str, Any], content: bytes, tmp_path: Path) -> None:
    (found,), said = read(tmp_path / "a.json", interaction(response))
    assert said == []
    assert found.response is not None
    assert found.response.content == content


PLAIN = b'{"a": 1}'
SENT: list[tuple[Any, bytes]] = [
    ({"b": 1}, b'{"b":1}'), ([1], b"[1]"), ({"args": [["p1", "p2"]], "state": 0}, b"p1p2"), ({"args": []}, b""),
    ({"state": ["content", 0, None]}, b"content"), ({"state": []}, b""), ({"args": ["p"]}, b"p"),
    ({"encoding": "UTF-8", "string": "é"}, "é".encode()),
]  # fmt: skip


@pytest.mark.parametrize(("body", "content"), SENT, ids=range(len(SENT)))
def test_bodies_that_were_sent_as_objects(body: Any, content: bytes, tmp_path: Path) -> None:
    (found,), said = read(tmp_path / "a.json", interaction({}, body=body))
    assert (found.request.content, said) == (content, [])


def test_objects_of_python_in_yaml_are_read_without_being_built(tmp_path: Path) -> None:
    """As vcrpy writes a BytesIO and an iterator."""
    stream = """!!python/object/new:_io.BytesIO
      state: !!python/tuple
      - !!binary |
        AP8=
      - 0
      - null"""
    pieces = """!!python/object/apply:builtins.iter
      args:
      - - !!binary |
          AA==
        - !!binary |
          /w==
      state: 0"""
    text = "interactions:\n" + "".join(
        f"- request:\n    body: {body}\n    method: PUT\n    uri: http://a.example/\n  response:\n    status: 204\n"
        for body in (stream, pieces)
    ) + "version: 1\n"  # fmt: skip
    found, said = read(tmp_path / "a.yaml", text)
    assert ([one.request.content for one in found], said) == ([b"\0\xff", b"\0\xff"], [])


def test_a_body_of_json_may_be_nested_too_deeply(tmp_path: Path) -> None:
    text = CASSETTER.replace("name: Ada", "name: " + "[" * 490 + "]" * 490)
    assert read(tmp_path / "a.yaml", text)[1] == ["interaction 1: its body is nested too deeply to be written as JSON"]
    text = CASSETTER.replace("name: Ada", "name: " + "[" * 200 + "]" * 200)
    assert len(read(tmp_path / "a.yaml", text)[0]) == 1


def test_bytes_in_what_should_be_json_are_said(tmp_path: Path) -> None:
    text = CASSETTER.replace("name: Ada", "name: !!binary AP8=")
    found, said = read(tmp_path / "a.yaml", text)
    assert found == []
    assert said[0].startswith("interaction 1: its body can't be written as JSON: ")


CODED = {
    "gzip": gzip.compress(PLAIN),
    "deflate": zlib.compress(PLAIN),
    "br": import_module("brotli").compress(PLAIN),
    "identity": PLAIN,
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("stored", ["coded", "decoded"])
def test_a_coding_is_undone_where_the_recorder_left_it(coding: str, stored: str, tmp_path: Path) -> None:
    content = CODED[coding] if stored == "coded" else PLAIN
    headers = {"Content-Encoding": [coding], "Content-Length": ["99"], "Content-Type": ["application/json"]}
    body = {"base64_string": base64.b64encode(content).decode()}
    (found,), _ = read(tmp_path / "a.json", interaction({"headers": headers, "body": body}))
    assert found.response is not None
    assert found.response.content == PLAIN
    assert found.response.headers == {"content-type": "application/json"}


HEADERS: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"X": "1"}, [("X", "1")]),
    ({"X": ["1", "2"]}, [("X", "1"), ("X", "2")]),
    ({"X": 1}, [("X", "1")]),
    ({"X": [1.5]}, [("X", "1.5")]),
    ({"X": None}, []),
    ({"X": []}, []),
    ({"X": " padded "}, [("X", "padded")]),
    ({"X": "a\r\n b"}, [("X", "a b")]),
    ({"no token": "1", "Y": "é"}, [("Y", "é")]),
    ({":status": "200", "Y": "2"}, [("Y", "2")]),
    ([["X", "1"], ["X", "2"]], [("X", "1"), ("X", "2")]),
    ([{"name": "X", "value": "1"}], [("X", "1")]),
    (["X: 1", "Y: a:b"], [("X", "1"), ("Y", "a:b")]),
    ([], []),
    (None, []),
    ("nonsense", []),
]


@pytest.mark.parametrize(("headers", "pairs"), HEADERS, ids=range(len(HEADERS)))
def test_headers_in_every_form(headers: Any, pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    (found,), _ = read(tmp_path / "a.json", interaction({"headers": headers}, headers=headers))
    assert found.response is not None
    assert list(found.response.headers.pairs) == pairs
    assert list(found.request.headers.pairs) == pairs


STATUSES: list[tuple[dict[str, Any], int, str]] = [
    ({"status": 404}, 404, ""),
    ({"status": "404"}, 404, ""),
    ({"status": "404 Not Found"}, 404, ""),
    ({"status": "404 Gone Fishing"}, 404, "Gone Fishing"),
    ({"status": {"code": "404", "message": "Not Found"}}, 404, ""),
    ({"status": {"code": 404, "message": None}}, 404, ""),
    ({"status": {"status_code": "404", "message": "Not Found", "explanation": "Nothing matches"}}, 404, ""),
    ({"status": "404 NOT FOUND", "code": 404}, 404, "NOT FOUND"),
    ({"status": None, "status_code": 404}, 404, ""),
    ({"status": 404, "status_message": "Lost"}, 404, "Lost"),
]


@pytest.mark.parametrize(("response", "status", "reason"), STATUSES)
def test_statuses_in_every_form(response: dict[str, Any], status: int, reason: str, tmp_path: Path) -> None:
    (found,), _ = read(tmp_path / "a.json", interaction(response))
    assert found.response is not None
    assert (found.response.status, found.response.reason) == (status, reason)


@pytest.mark.parametrize(
    ("said", "version"),
    [(None, "1.1"), ("1.1", "1.1"), ("HTTP/1.0", "1.0"), ("HTTP/2", "2"), ("HTTP/3", "2"), ("1", "1.1"), (1.1, "1.1")],
)
def test_versions_of_the_protocol(said: Any, version: str, tmp_path: Path) -> None:
    (found,), _ = read(tmp_path / "a.json", interaction({"http_version": said}))
    assert found.response is not None
    assert found.response.http_version == version


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("125.432436ms", 0.125432436), ("1h2m3s", 3723), ("500µs", 0.0005), ("7ns", 7e-9), ("0s", 0), ("", 0),
        ("soon", 0), ("1m?", 0), (1.5, 1.5), (-1, 0), (True, 0), (None, 0), ("9" * 400 + "s", 0),
    ],
)  # fmt: skip
def test_durations_as_go_writes_them(duration: Any, seconds: float, tmp_path: Path) -> None:
    (found,), _ = read(tmp_path / "a.json", interaction({"duration": duration}))
    assert found.elapsed == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20"), ("2026-11-20T10:00:00Z", "2026-11-20"),
        ("2026-11-20T23:30:00-05:00", "2026-11-21"), ("Fri, 20 Nix 2026 10:00:00 GMT", ""), ("yesterday", ""), (0, ""),
        (1795168800, "2026-11-20"), (None, ""), ([], ""),
    ],
)  # fmt: skip
def test_days_of_recording(said: Any, day: str, tmp_path: Path) -> None:
    text = json.loads(interaction({}))
    text["interactions"][0]["recorded_at"] = said
    (found,), _ = read(tmp_path / "a.json", json.dumps(text))
    assert found.day == day


def test_placeholders_in_numbers_become_digits_and_those_in_texts_stay(tmp_path: Path) -> None:
    body = '{"id": <ACCOUNT_ID>, "n": [12<X>3, <<Y>>], "name": "<ACCOUNT_ID>", "s": "a\\": <B>"}'
    (found,), _ = read(tmp_path / "a.json", interaction({"body": body}))
    assert found.response is not None
    assert found.response.json() == {"id": 1, "n": [1213, 1], "name": "<ACCOUNT_ID>", "s": 'a": <B>'}


@pytest.mark.parametrize("body", ["<p>: <B>", '{"a": <B>, oops}', '{"a": "1: <B>"}'])
def test_other_bodies_with_angle_brackets_stay(body: str, tmp_path: Path) -> None:
    (found,), _ = read(tmp_path / "a.json", interaction({"body": body}))
    assert found.response is not None
    assert found.response.content == body.encode()


GOOD = json.loads(interaction({}))["interactions"][0]
BAD: list[tuple[Any, str]] = [
    ("text", "it is no object with a request and a response"),
    ({}, "it has no request"),
    ({"request": {}}, "it has no response"),
    ({**GOOD, "request": {**GOOD["request"], "method": None}}, "its method is None, not a name such as GET"),
    ({**GOOD, "request": {**GOOD["request"], "uri": "/a"}}, "its URL is '/a', not absolute"),
    ({**GOOD, "request": {**GOOD["request"], "uri": "<API_URL>/a"}},
     "its URL has the placeholder '<API_URL>' where its host was"),
    ({**GOOD, "request": {**GOOD["request"], "uri": None}}, "it has no URL"),
    ({**GOOD, "response": {**GOOD["response"], "status": None}}, "its status is None"),
    ({**GOOD, "response": {**GOOD["response"], "status": 0}}, "no answer came (its status is 0)"),
    ({**GOOD, "response": {"type": "error"}}, "it records an error in place of an answer"),
    ({**GOOD, "response": {**GOOD["response"], "body": {"base64_string": "?"}}},
     "its body is said to be base64 and isn't"),
    ({**GOOD, "response": {**GOOD["response"], "body": {"b": 1, "a": 2}}},
     "its body has none of string, base64_string and content, but a, b"),
    ({**GOOD, "response": {**GOOD["response"], "body": {"file": True, "string": "../a.json"}}},
     "its body is in a file of its own, '../a.json', which isn't read"),
    ({**GOOD, "response": {**GOOD["response"], "body": {"base64_string": 1}}}, "its body's base64_string is 1"),
    ({**GOOD, "response": {**GOOD["response"], "body": {"type": "binary", "content": "xy"}}},
     "its body is said to be hexadecimal and isn't"),
    ({**GOOD, "response": {**GOOD["response"], "body": {"type": "new", "content": 1}}},
     "its body is of the type 'new'"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "why"), BAD, ids=range(len(BAD)))
def test_one_bad_interaction_is_named_and_the_others_are_read(item: Any, why: str, tmp_path: Path) -> None:
    found, said = read(tmp_path / "a.json", json.dumps({"interactions": [GOOD, item, GOOD]}))
    assert len(found) == 2
    assert said == [f"interaction 2: {why}"]


@pytest.mark.parametrize(
    "text", ['{"interactions": null}', '{"interactions": []}', '{"version": 1, "interactions": []}']
)
def test_an_empty_list_in_json_is_no_error(text: str, tmp_path: Path) -> None:
    assert read(tmp_path / "a.json", text) == ([], [])


def test_json_that_is_large_or_no_longer_json_is_read_item_by_item(tmp_path: Path) -> None:
    """The same exchanges as from a small file, and what can be read before the end of a cut one."""
    whole = json.dumps({"interactions": [GOOD] * 9 + ["bad"] + [GOOD] * 9})
    small = read(tmp_path / "a.json", whole)
    assert (len(small[0]), small[1]) == (18, ["interaction 10: it is no object with a request and a response"])
    assert read(tmp_path / "a.json", whole, limits=Limits(entry=500)) == small
    found, said = read(tmp_path / "a.json", whole[: len(whole) // 2])
    assert found == small[0][: len(found)]
    assert len(found) >= 8
    assert "the file ends within it" in said[-1]
    assert len(read(tmp_path / "a.json", whole.replace('"OK"', "NaN", 1))[0]) == 18


def test_a_compressed_body_that_was_recorded_as_text_is_lost(tmp_path: Path) -> None:
    body = gzip.compress(PLAIN * 9).decode("utf-8", "replace")
    found, said = read(tmp_path / "a.json", interaction({"body": body, "headers": {"Content-Encoding": "gzip"}}))
    assert found == []
    assert said == ["interaction 1: its body is compressed data that was recorded as text, which destroys it"]


@pytest.mark.parametrize("body", ['[<A>, "' + '\\"' * 200_000, "\x01" * 400_000, '[<A>"' * 80_000, ": <A" * 100_000])
def test_bodies_made_to_be_slow_are_not(body: str, tmp_path: Path) -> None:
    """What looks for placeholders and damage goes over a body once."""
    (found,), _ = read(tmp_path / "a.json", interaction({"body": body, "headers": {"Content-Encoding": "gzip"}}))
    assert found.response is not None
    assert found.response.content == body.encode()


def test_bodies_have_a_limit_compressed_or_not(tmp_path: Path) -> None:
    bomb = base64.b64encode(gzip.compress(bytes(100_000))).decode()
    cassettes = [
        interaction({"body": "x" * 5000}),
        interaction({"body": {"base64_string": bomb}, "headers": {"Content-Encoding": "gzip"}}),
    ]
    for text in cassettes:
        found, said = read(tmp_path / "a.json", text, limits=Limits(body=4000))
        assert (found, said) == ([], ["interaction 1: its body is larger than 4,000 bytes"])


TOML = [
    (CASSETTER_TOML.replace("status = 201", "status = ?"), "interaction 1: not TOML"),
    (CASSETTER_TOML.replace('body_type = "json"', 'body_type = "binary"'), "interaction 1: its body is said to be"),
    (CASSETTER_TOML.partition("[interactions.response]")[0], "interaction 1: it has no response"),
]


@pytest.mark.parametrize(("text", "why"), TOML)
def test_toml_is_read_table_by_table(text: str, why: str, tmp_path: Path) -> None:
    good = CASSETTER_TOML.partition("\n\n")[2]
    found, said = read(tmp_path / "a.toml", text + "\n" + good)
    assert len(found) == 1
    assert [one.startswith(why) for one in said] == [True]


def test_a_table_of_toml_has_a_limit(tmp_path: Path) -> None:
    good = CASSETTER_TOML.partition("\n\n")[2]
    text = CASSETTER_TOML.replace('"name":"Ada"', f'"name":"{"A" * 5000}"') + "\n" + good
    found, said = read(tmp_path / "a.toml", text, limits=Limits(entry=2000))
    assert (len(found), said) == (1, ["interaction 1: it is larger than 2,000 bytes"])


NOT_CASSETTES = [
    b"", b"a: 1\n", b"{}", b"[]", b'{"log": {}}', b'{"a": {"interactions": []}}', b"<html></html>", b"\0\1\2",
    b"  interactions:\n", b"text\n- request\n", b'[{"request": 1}]', b"openapi: 3.1.0\npaths: {}\n",
]  # fmt: skip


@pytest.mark.parametrize("head", NOT_CASSETTES)
def test_other_files_are_not_taken_for_cassettes(head: bytes) -> None:
    assert not recognises("a.yaml", head)


@pytest.mark.parametrize("text", RECORDERS.values(), ids=RECORDERS)
def test_each_cassette_is_known_by_its_content(text: str) -> None:
    assert recognises("recording", text.encode())


def test_a_file_that_is_no_cassette_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"no list of interactions in it\n.*interactions or http_interactions"):
        read(tmp_path / "a.yaml", "a: 1\n", format="cassette")


@pytest.mark.parametrize("name", RECORDERS)
def test_a_file_cut_off_anywhere_gives_whole_exchanges_or_says_why_not(name: str, tmp_path: Path) -> None:
    """What is read of a cut file is what the whole one begins with, body and all."""
    data = RECORDERS[name].encode()
    (whole,), _ = read(tmp_path / name, data)
    assert whole.response is not None
    named = 0
    for end in range(0, len(data), 3):
        try:
            found, said = read(tmp_path / name, data[:end], format="cassette")
        except FileError:
            continue
        named += bool(said)
        for one in found:
            assert one.response is not None
            assert one.response.json() == whole.response.json()
            assert one.request.json() == whole.request.json()
    assert named > len(data) // 9
