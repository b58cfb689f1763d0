"""nock, Hoverfly, WireMock: what their files say as exchanges, and what is skipped with why."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import FileError
from lookalike.messages import Exchange
from lookalike.traffic import Limits, Skipped, read

DATE = {"Date": "Sun, 22 Nov 2026 21:31:04 GMT"}


def reading(path: Path, content: Any, **more: Any) -> tuple[list[Exchange], list[str]]:
    """The exchanges of a file with that content, and what was told of the skipped ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    told: list[Skipped] = []
    found = list(read(path, skipped=told.append, **more))
    return found, [f"{one.entry}: {one.why}" for one in told]


def said(exchange: Exchange) -> tuple[str, str, bytes, int, bytes]:
    request, response = exchange.request, exchange.response
    assert response is not None
    return request.method, request.url, request.content, response.status, response.content


# --- nock


def interceptor(**more: Any) -> dict[str, Any]:
    return {"scope": "https://api.test:443", "method": "GET", "path": "/a?b=1", "body": "", "status": 200, **more}


NOCK: list[tuple[str, dict[str, Any], tuple[bytes, bytes, str | None]]] = [
    ("json", {"response": {"id": 1}}, (b"", b'{"id":1}', "application/json")),
    ("an array", {"response": [1, "ab"], "rawHeaders": ["Content-Type", "application/x+json"]},
     (b"", b'[1,"ab"]', "application/x+json")),
    ("text", {"response": "hällo", "rawHeaders": ["Content-Type", "text/plain; charset=latin-1"]},
     (b"", "hällo".encode("latin-1"), "text/plain; charset=latin-1")),
    ("binary", {"response": "89504e47", "responseIsBinary": True}, (b"", b"\x89PNG", None)),
    ("binary in chunks", {"response": ["8950", "4e47"], "responseIsBinary": True}, (b"", b"\x89PNG", None)),
    ("encoded", {"response": [gzip.compress(b"{}").hex()], "rawHeaders": {"Content-Encoding": "gzip"}},
     (b"", b"{}", None)),
    ("empty", {"response": ""}, (b"", b"", None)),
    ("sent", {"method": "POST", "body": {"x": 1}, "response": None}, (b'{"x":1}', b"", None)),
    ("a form", {"method": "POST", "body": "a=1&b=2", "response": ""}, (b"a=1&b=2", b"", None)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"), [(more, last) for _, more, last in NOCK], ids=[one for one, _, _ in NOCK]
)
def test_nock_bodies(tmp_path: Path, more: dict[str, Any], expected: tuple[bytes, bytes, str | None]) -> None:
    (found,), told = reading(tmp_path / "nock.json", [interceptor(**more)])
    assert told == []
    assert found.response is not None
    assert (found.request.content, found.response.content, found.response.headers.get("content-type")) == expected
    assert found.request.url == "https://api.test:443/a?b=1"


def test_nock_headers_day_and_what_is_skipped(tmp_path: Path) -> None:
    good = interceptor(
        response="x",
        reqheaders={"accept": ["a", "b"], "host": "api.test"},
        rawHeaders=[*next(iter(DATE.items())), "Content-Length", "999", "Set-Cookie", "a=1", "Set-Cookie", "b=2"],
    )
    bad = [
        "no object",
        interceptor(path={}),
        interceptor(scope=None),
        interceptor(status=0),
        interceptor(method=7),
        interceptor(response="zz", responseIsBinary=True),
    ]
    found, told = reading(tmp_path / "nock.json", [good, *bad, interceptor(status="404", response="no")])
    assert [said(one)[3] for one in found] == [200, 404]
    assert found[0].response is not None
    assert found[0].day == "2026-11-22"
    assert found[0].request.headers.get_all("accept") == ["a", "b"]
    assert found[0].response.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert "content-length" not in found[0].response.headers
    assert [line.partition(":")[0] for line in told] == [f"interceptor {number}" for number in range(2, 8)]
    assert "a regular expression" in told[1]
    assert "neither JSON nor hexadecimal" in told[5]


def test_a_nock_file_whose_keys_stand_in_another_order(tmp_path: Path) -> None:
    node = dict(sorted(interceptor(response={}).items()))
    assert len(reading(tmp_path / "nock.json", [node])[0]) == 1


# --- Hoverfly


def simulation(*pairs: Any, version: str = "v5") -> dict[str, Any]:
    return {"data": {"pairs": list(pairs), "globalActions": {"delays": []}}, "meta": {"schemaVersion": version}}


ANYTHING = [{"matcher": "regex", "value": "."}]


def exact(value: str) -> list[dict[str, str]]:
    return [{"matcher": "exact", "value": value}]


def pair(response: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    asked = {
        "method": exact("GET"),
        "scheme": exact("https"),
        "destination": exact("api.test"),
        "path": exact("/a"),
        **request,
    }
    return {"request": asked, "response": {"status": 200, "body": "{}", "encodedBody": False, **(response or {})}}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (pair(), ("GET", "https://api.test/a", b"", 200, b"{}")),
        (pair(query={"q": exact("a b"), "n": [{"matcher": "array", "value": ["1", "2"]}], "r": ANYTHING}),
         ("GET", "https://api.test/a?q=a+b&n=1&n=2", b"", 200, b"{}")),
        (pair(deprecatedQuery=exact("q=1")), ("GET", "https://api.test/a?q=1", b"", 200, b"{}")),
        (pair(method=exact("POST"), body=[{"matcher": "json", "value": '{"a": 1}'}]),
         ("POST", "https://api.test/a", b'{"a": 1}', 200, b"{}")),
        (pair(method=exact("POST"), body=exact("x")), ("POST", "https://api.test/a", b"x", 200, b"{}")),
        (pair({"body": base64.b64encode(b"\x89PNG").decode(), "encodedBody": True}),
         ("GET", "https://api.test/a", b"", 200, b"\x89PNG")),
        (pair({"body": base64.b64encode(gzip.compress(b"hi")).decode(), "encodedBody": True,
               "headers": {"Content-Encoding": ["gzip"]}}),
         ("GET", "https://api.test/a", b"", 200, b"hi")),
        (pair({"body": "{{ Now }}", "templated": False}), ("GET", "https://api.test/a", b"", 200, b"{{ Now }}")),
        (pair(path=[{"matcher": "glob", "value": "/plain"}]), ("GET", "https://api.test/plain", b"", 200, b"{}")),
        # v2 and v3
        ({"request": {"path": {"exactMatch": "/old"}, "method": {"exactMatch": "PUT"},
                      "destination": {"exactMatch": "api.test"}, "scheme": {"exactMatch": "http"},
                      "query": {"exactMatch": "a=1"}, "body": {"jsonMatch": '{"b":2}'}, "headers": {"X-A": ["1"]}},
          "response": {"status": 201, "body": "ok"}}, ("PUT", "http://api.test/old?a=1", b'{"b":2}', 201, b"ok")),
        # v1
        ({"request": {"requestType": "recording", "path": "/one", "method": "GET", "destination": "api.test",
                      "scheme": "http", "query": "a=1", "body": "", "headers": {"Accept": ["x"]}},
          "response": {"status": 200, "body": "ok", "headers": {}}},
         ("GET", "http://api.test/one?a=1", b"", 200, b"ok")),
    ],
)  # fmt: skip
def test_hoverfly_pairs(tmp_path: Path, one: dict[str, Any], expected: tuple[Any, ...]) -> None:
    (found,), told = reading(tmp_path / "simulation.json", simulation(one))
    assert told == []
    assert said(found) == expected


def test_a_hoverfly_recording_from_before_schemas_had_a_version(tmp_path: Path) -> None:
    asked = {"path": "/", "method": "GET", "destination": "api.test", "scheme": "http", "query": "", "body": "",
             "remoteAddr": "[::1]:59730", "headers": {"Accept": ["*/*"]}}  # fmt: skip
    answered = {"status": 200, "body": "<p>", "headers": {"Content-Type": ["text/html"]}}
    content = {"data": [{"response": answered, "request": asked, "id": "52a7"}, {"request": asked}]}
    (found,), told = reading(tmp_path / "export.json", content)
    assert said(found) == ("GET", "http://api.test/", b"", 200, b"<p>")
    assert told == ["pair 2: it has no request or no response"]


def test_hoverfly_headers_and_the_day(tmp_path: Path) -> None:
    one = pair(
        {"headers": {**{name: [value] for name, value in DATE.items()}, "Set-Cookie": ["a=1", "b=2"]}},
        headers={"Accept": exact("x"), "X-Any": [{"matcher": "regex", "value": ".*"}]},
        body=[{"matcher": "xml", "value": "<a/>"}],
    )
    (found,), _ = reading(tmp_path / "simulation.json", simulation(one))
    assert found.request.headers == {"Accept": "x", "content-type": "application/xml"}
    assert found.response is not None
    assert found.response.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert found.day == "2026-11-22"


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ("pair", "no request or no response"),
        ({"request": {}, "response": None}, "no request or no response"),
        (pair(path=[{"matcher": "regex", "value": ".*"}]), "its path is a pattern"),
        (pair(path=[{"matcher": "glob", "value": "/*"}]), "its path is a pattern"),
        (pair(path=None), "it says no path"),
        (pair(destination=[{"matcher": "glob", "value": "*.test"}]), "its host is not one name"),
        (pair({"body": "{{ Now }}", "templated": True}), "made by a template"),
        (pair({"body": {}, "status": 200}), None),
        (pair({"body": {"a": 1}}), "its body is no text"),
        (pair({"body": "???", "encodedBody": True}), "base64"),
        (pair({"status": 0}), "its status is 0"),
        (pair({"bodyFile": "../secret.txt"}), "outside of"),
        (pair({"bodyFile": "/etc/hosts"}), "no relative path"),
        (pair({"bodyFile": "gone.txt"}), "can't be read"),
        (pair({"bodyFile": "a\0b"}), "no name that a file can have"),
        (pair({"bodyFile": "large.txt"}), "has more than 100 bytes"),
        (pair(requestType="template"), "its request is a template"),
    ],
)
def test_hoverfly_pairs_that_are_no_exchange(tmp_path: Path, one: Any, why: str | None) -> None:
    (tmp_path / "secret.txt").write_text("s")
    path = tmp_path / "folder" / "simulation.json"
    path.parent.mkdir()
    (path.parent / "large.txt").write_bytes(bytes(101))
    found, told = reading(path, simulation(one, pair()), limits=Limits(body=100))
    assert len(found) == (1 if why else 2)
    assert why is None or (len(told) == 1 and told[0].startswith("pair 1: ") and why in told[0])


def test_hoverfly_bodies_in_files(tmp_path: Path) -> None:
    (tmp_path / "body.txt").write_bytes(b"from a file")
    (found,), told = reading(tmp_path / "simulation.json", simulation(pair({"bodyFile": "body.txt"})))
    assert (said(found)[4], told) == (b"from a file", [])


# --- WireMock


def mapping(response: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "request": {"method": "GET", "urlPath": "/a", **request},
        "response": {"status": 200, **(response or {})},
    }


def post(**request: Any) -> dict[str, Any]:
    return mapping(method="POST", **request)


HERE = "http://localhost:8080"
A = f"{HERE}/a"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (mapping(), ("GET", A, b"", 200, b"")),
        (mapping(urlPath=None, url="/a?b=%20"), ("GET", f"{HERE}/a?b=%20", b"", 200, b"")),
        (mapping(queryParameters={"q": {"equalTo": "a b"}, "n": {"hasExactly": [{"equalTo": "1"}]}, "x": {}}),
         ("GET", f"{HERE}/a?q=a+b&n=1", b"", 200, b"")),
        (mapping(urlPath=None, urlPathTemplate="/u/{id}/t/{n}", pathParameters={"id": {"equalTo": "x y"}}),
         ("GET", f"{HERE}/u/x%20y/t/1", b"", 200, b"")),
        (mapping(urlPath=None, urlPathPattern="/u/[^/]+/t/[0-9]+"), ("GET", f"{HERE}/u/1/t/1", b"", 200, b"")),
        (mapping(urlPath=None, urlPattern=r"/u/[a-f]{3}\?q=.*"), ("GET", f"{HERE}/u/abc?q=", b"", 200, b"")),
        (mapping(method="ANY"), ("GET", A, b"", 200, b"")),
        (mapping({"jsonBody": {"a": 1}}), ("GET", A, b"", 200, b'{"a":1}')),
        (mapping({"base64Body": "iVBORw=="}), ("GET", A, b"", 200, b"\x89PNG")),
        (mapping({"body": "{{x}}", "transformers": ["other"]}), ("GET", A, b"", 200, b"{{x}}")),
        (mapping({"body": "plain", "transformers": ["response-template"]}), ("GET", A, b"", 200, b"plain")),
        (post(bodyPatterns=[{"equalToJson": '{"a":1}'}]), ("POST", A, b'{"a":1}', 200, b"")),
        (post(bodyPatterns=["x", {"equalToJson": {"a": 1}}]), ("POST", A, b'{"a":1}', 200, b"")),
        (post(bodyPatterns=[{"contains": "x"}, {"equalToXml": "<a/>"}]), ("POST", A, b"<a/>", 200, b"")),
        (post(bodyPatterns=[{"binaryEqualTo": "AAE="}]), ("POST", A, b"\0\1", 200, b"")),
        (post(formParameters={"a": {"equalTo": 1}}), ("POST", A, b"a=1", 200, b"")),
        (mapping(host={"equalTo": "api.test"}, scheme="https", port=8443),
         ("GET", "https://api.test:8443/a", b"", 200, b"")),
        ({**mapping(), "metadata": {"baseUrl": "https://api.test/"}}, ("GET", "https://api.test/a", b"", 200, b"")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("many", [False, True])
def test_wiremock_mappings(tmp_path: Path, one: dict[str, Any], expected: tuple[Any, ...], many: bool) -> None:
    one["request"] = {key: value for key, value in one["request"].items() if value is not None}
    (found,), told = reading(tmp_path / "mapping.json", {"mappings": [one], "meta": {"total": 1}} if many else one)
    assert told == []
    assert said(found) == expected


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (mapping({"fault": "EMPTY_RESPONSE"}), "its answer is a fault"),
        (mapping({"proxyBaseUrl": "https://x.test"}), "what another server says"),
        (mapping({"body": "{{request.url}}", "transformers": ["response-template"]}), "made by a template"),
        (mapping(urlPath=None, urlPattern="(?=x)y"), "no path was found that its pattern '(?=x)y' takes"),
        (mapping(urlPath=None, urlPattern="[a"), "no path was found"),
        (mapping(urlPath=None, urlPattern="x"), "no path was found"),
        (mapping(urlPath=None), "it answers any path"),
        (mapping({"bodyFileName": "../../x"}), "outside of"),
        (mapping({"body": [1]}), "its body is no text"),
        ({"request": {"urlPath": "/"}}, "no request or no response"),
    ],
)
def test_wiremock_mappings_that_are_no_exchange(tmp_path: Path, one: dict[str, Any], why: str) -> None:
    one["request"] = {key: value for key, value in one["request"].items() if value is not None}
    found, told = reading(tmp_path / "all.json", {"mappings": [mapping(), one]})
    assert len(found) == 1
    assert len(told) == 1
    assert told[0].startswith("mapping 2: ")
    assert why in told[0]


def test_a_wiremock_folder_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "__files" / "sub").mkdir(parents=True)
    (tmp_path / "__files" / "sub" / "a.json").write_text("[1]")
    headers = {**DATE, "Content-Type": "application/json", "Set-Cookie": ["a=1", "b=2"]}
    one = mapping(
        {"bodyFileName": "sub/a.json", "headers": headers, "statusMessage": "Fine"},
        headers={"Accept": {"equalTo": "x"}},
    )
    reading(tmp_path / "mappings" / "deep" / "one.json", one)
    told: list[Skipped] = []
    (found,) = read(tmp_path / "mappings", skipped=told.append)
    assert (said(found)[4], told, found.day) == (b"[1]", [], "2026-11-22")
    assert found.response is not None
    assert found.response.reason == "Fine"
    assert found.request.headers == {"Accept": "x"}
    assert found.response.headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_a_wiremock_mapping_with_comments(tmp_path: Path) -> None:
    content = b"""{
        "request": {"method": "GET", "url": "/a//b"}, // "url" for what is equal, "urlPattern" for a regex
        /* a block
           of words */
        "response": {"status": 200, "body": "/* \\" // */"}
    }"""
    (found,), told = reading(tmp_path / "a.json", content)
    assert said(found) == ("GET", "http://localhost:8080/a//b", b"", 200, b'/* " // */')
    assert told == []


def test_one_mapping_that_is_cut_off_or_too_large_is_told(tmp_path: Path) -> None:
    whole = json.dumps(mapping({"body": "x" * 3000})).encode()
    assert reading(tmp_path / "a.json", whole[:-9]) == ([], [": it is no whole JSON document"])
    assert reading(tmp_path / "a.json", whole, limits=Limits(entry=2000)) == ([], [": it has more than 2,000 bytes"])


# --- all of them


@pytest.mark.parametrize(
    "content",
    [b'{"request": {"method": "GET", "url": "ftp://a.test/"}}', b"[]", b'{"data": {}}', b'{"mappings": []}', b"[{}]"],
)  # fmt: skip
def test_what_is_none_of_them(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(FileError):
        list(read(tmp_path / "x.json"))


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["/a", "api.test", "exact"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["matcher", "value", "exactMatch", "equalTo", "status", "body", "path", "headers", "jsonBody"]),
        inner, max_size=3,
    ),
    max_leaves=6,
)  # fmt: skip
_KEYS = (
    "scope", "method", "path", "body", "status", "response", "rawHeaders", "reqheaders", "destination", "query",
    "scheme", "headers", "urlPath", "url", "urlPattern", "urlPathTemplate", "bodyPatterns", "queryParameters",
    "jsonBody", "base64Body", "bodyFileName", "encodedBody", "templated", "metadata", "transformers",
    "responseIsBinary",
)  # fmt: skip
_nodes = st.dictionaries(st.sampled_from(_KEYS), _values, max_size=8)


@settings(max_examples=60)
@given(asked=_nodes, answered=_nodes)
def test_no_entry_breaks_a_reader(tmp_path_factory: pytest.TempPathFactory, asked: Any, answered: Any) -> None:
    folder = tmp_path_factory.mktemp("odd")
    node = {"request": asked, "response": answered}
    for name, content in (
        ("nock.json", [{"scope": "https://a.test", **asked, **answered}]),
        ("hoverfly.json", simulation(node)),
        ("wiremock.json", {"mappings": [mapping(), node]}),
    ):
        found, told = reading(folder / name, content, format=name.removesuffix(".json"))
        assert len(found) + len(told) == (2 if name == "wiremock.json" else 1)


@settings(max_examples=60)
@given(cut=st.integers(0, 400))
def test_a_file_that_is_cut_off_gives_what_is_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("cut")
    for name, content in (
        ("nock", [interceptor(response={"n": n}) for n in range(3)]),
        ("hoverfly", simulation(*[pair() for _ in range(3)])),
        ("wiremock", {"mappings": [mapping() for _ in range(3)]}),
    ):
        whole = json.dumps(content).encode()
        found, told = reading(folder / name, whole[: max(0, len(whole) - 1 - cut)], format=name)
        assert len(found) <= 3
        assert len(found) == 3 or told or cut >= len(whole) - 1
