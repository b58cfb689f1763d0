"""What the public service does beyond its dialect: headers, hosts, links, what it stores, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from lookalike.errors import FileError
from lookalike.messages import Request
from lookalike.packs import load
from lookalike.serve import Server

ETAGS = [
    ("GET", "/posts/1000", "", 404, b"{}", "2-vyGp6PvFo4RvsFtPoIWeCReyIC8"),
    ("GET", "/nope", "", 404, b"{}", "2-vyGp6PvFo4RvsFtPoIWeCReyIC8"),
    ("GET", "/posts/9999/comments", "", 200, b"[]", "2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w"),
    ("DELETE", "/todos/1", "", 200, b"{}", "2-vyGp6PvFo4RvsFtPoIWeCReyIC8"),
    (
        "POST", "/posts", '{"title":"foo","body":"bar","userId":1}', 201,
        b'{\n  "title": "foo",\n  "body": "bar",\n  "userId": 1,\n  "id": 101\n}', "41-GDNaWfnVU6RZhpLbye0veBaqcHA",
    ),
    ("POST", "/posts", "{}", 201, b'{\n  "id": 101\n}', "f-4jjw4Y8q22Yv1PV9m28FczJgjzk"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "content", "status", "body", "tag"), ETAGS)
def test_bytes_and_tags_of_the_live_service(
    method: str, target: str, content: str, status: int, body: bytes, tag: str, ask: Any
) -> None:
    answer = ask.send(method, target, content)
    assert (answer.status, answer.content, answer.headers["etag"]) == (status, body, f'W/"{tag}"')


RECORDS = [
    ("todos", "delectus aut autem", {"completed": False}, "53-hfEnumeNh6YirfjyjaujcOPPT+s"),
    (
        "posts", "sunt aut facere repellat provident occaecati excepturi optio reprehenderit",
        {"body": "quia et suscipit\nsuscipit recusandae consequuntur expedita et cum\n"
                 "reprehenderit molestiae ut ut quas totam\nnostrum rerum est autem sunt rem eveniet architecto"},
        "124-yiKdLzqO5gfBrJFrcdJ8Yq0LGnU",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "title", "rest", "tag"), RECORDS, ids=["todos", "posts"])
def test_a_record_of_the_live_service_has_its_tag(
    name: str, title: str, rest: dict[str, Any], tag: str, fake: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "db.json"
    path.write_text(json.dumps({name: [{"userId": 1, "id": 1, "title": title, **rest}]}))
    assert fake(data=path)("GET", f"/{name}/1").headers["etag"] == f'W/"{tag}"'


def test_headers_of_the_live_service(ask: Any) -> None:
    body = ask("GET", "/todos/1").content
    assert ask("GET", "/todos/1").headers.pairs == (
        ("X-Powered-By", "Express"),
        ("X-Ratelimit-Limit", "1000"),
        ("X-Ratelimit-Remaining", "999"),
        ("Vary", "Origin, Accept-Encoding"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Cache-Control", "max-age=43200"),
        ("Pragma", "no-cache"),
        ("Expires", "-1"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Type", "application/json; charset=utf-8"),
        ("ETag", ask("GET", "/todos/1").headers["etag"]),
        ("Content-Length", str(len(body))),
    )
    post = ask.send("POST", "/posts", "{}").headers
    assert post["cache-control"] == "no-cache"
    assert post["vary"] == "Origin, X-HTTP-Method-Override, Accept-Encoding"
    assert post["location"] == "https://jsonplaceholder.typicode.com/posts/101"
    assert post["access-control-expose-headers"] == "Location"
    assert ask("GET", "/nope").headers["cache-control"] == "max-age=43200"
    assert ask("GET", "/posts?title_like=[").headers["cache-control"] == "no-cache"


NEW_IDS = [("posts", 101), ("comments", 501), ("albums", 101), ("photos", 5001), ("users", 11), ("todos", 201)]


@pytest.mark.parametrize(("name", "new"), NEW_IDS)
def test_the_id_of_what_is_created(name: str, new: int, ask: Any) -> None:
    assert ask.send("POST", f"/{name}", '{"a": 1}').json() == {"a": 1, "id": new}
    assert ask.send("POST", f"/{name}", '{"id": 7, "a": 1}').content == f'{{\n  "id": {new},\n  "a": 1\n}}'.encode()


@pytest.mark.parametrize("content_type", ["text/plain", ""])
def test_a_forgotten_content_type_loses_the_body(content_type: str, ask: Any) -> None:
    headers = {"content_type": content_type} if content_type else {}
    assert ask("POST", "/posts", '{"title": "x"}', **headers).json() == {"id": 101}


def test_a_nested_create_has_its_parent_as_text(ask: Any) -> None:
    answer = ask.send("POST", "/posts/1/comments", '{"name": "x"}')
    assert answer.json() == {"name": "x", "postId": "1", "id": 501}
    assert answer.headers["location"].endswith("/posts/1/comments/501")


def test_an_unrelated_pair_is_the_whole_collection(ask: Any) -> None:
    assert len(ask.get("/posts/1/photos")) == 5000


def test_a_put_to_a_missing_id_fails_with_a_stack_trace(ask: Any) -> None:
    answer = ask.send("PUT", "/posts/1000", '{"title": "x"}')
    assert (answer.status, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    lines = answer.text.split("\n    at ")
    assert lines[0] == "TypeError: Cannot read properties of undefined (reading 'id')"
    assert lines[1] == "update (/app/node_modules/json-server/lib/server/router/plural.js:262:24)"
    assert len(lines) == 11


def test_a_patch_and_a_delete_of_a_missing_id_succeed(ask: Any) -> None:
    assert ask.send("PATCH", "/posts/1000", '{"title": "x"}').json() == {"title": "x"}
    assert ask("DELETE", "/posts/1000").json() == {}


def test_nothing_is_stored(ask: Any) -> None:
    before = ask.get("/db")
    for method, target in [("POST", "/posts"), ("PUT", "/posts/1"), ("PATCH", "/posts/1"), ("DELETE", "/posts/1")]:
        assert ask.send(method, target, '{"title": "new"}').ok
    assert ask.get("/db") == before
    assert ask.double.version == 0


def test_the_rest_of_the_journal(ask: Any) -> None:
    ask("GET", "/todos/1")
    ask("GET", "/todos/1")
    assert [call.request.path for call in ask.double.calls] == ["/todos/1", "/todos/1"]
    assert ask.double.calls[0].response is ask.double.calls[1].response


def test_answers_are_kept_within_bounds_and_by_what_they_depend_on(ask: Any) -> None:
    for index in range(1000):
        ask("GET", f"/todos/1?n={index}")
    assert len(ask.double._kept) == 512
    assert ask("GET", "/todos", accept_encoding="gzip").content != ask("GET", "/todos").content
    assert ask("GET", "/todos", origin="http://a").headers["access-control-allow-origin"] == "http://a"
    assert "access-control-allow-origin" not in ask("GET", "/todos").headers


LINKS = [
    ("jsonplaceholder.typicode.com", "https://jsonplaceholder.typicode.com"),
    ("JSONPlaceholder.typicode.com:443", "https://jsonplaceholder.typicode.com"),
    ("127.0.0.1:4000", "http://127.0.0.1:4000"),
    ("", "https://jsonplaceholder.typicode.com"),
]


@pytest.mark.parametrize(("host", "root"), LINKS)
def test_links_lead_to_where_the_client_asked(host: str, root: str, ask: Any) -> None:
    link = ask("GET", "/posts?_page=2&_limit=40", host=host).headers["link"]
    assert link == ", ".join(
        f'<{root}/posts?_page={page}&_limit=40>; rel="{rel}"'
        for rel, page in [("first", 1), ("prev", 1), ("next", 3), ("last", 3)]
    )


def test_pages_can_be_followed_on_a_socket(ask: Any) -> None:
    seen = []
    with Server(ask.double) as url, requests.Session() as session:
        following: str | None = f"{url}/todos?_page=1&_limit=70"
        while following:
            answer = session.get(following, timeout=5)
            seen += [todo["id"] for todo in answer.json()]
            following = answer.links.get("next", {}).get("url")
    assert seen == list(range(1, 201))


@pytest.mark.parametrize(
    ("target", "delay"),
    [
        ("/todos/1?_delay=1500", 1.5), ("/todos?_delay=20.5", 0.0205), ("/nope?_delay=5", 0.005),
        ("/todos?_delay=x", 0), ("/todos?_delay=-5", 0), ("/todos?_delay=3000000000", 0), ("/db?_delay=5", 0),
        ("/posts/1/comments?_delay=7", 0.007),
    ],
)  # fmt: skip
def test_delay(target: str, delay: float, ask: Any) -> None:
    assert ask("GET", target).delay == pytest.approx(delay)


@pytest.mark.parametrize("path", ["/", "/index.html", "/guide.html"])
def test_pages_of_the_site(path: str, ask: Any) -> None:
    answer = ask("GET", path)
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert answer.headers["cache-control"] == "public, max-age=0"
    assert ask("HEAD", path).content == b""
    assert ask("GET", path, if_none_match=answer.headers["etag"]).status == 304
    assert ask("POST", path).status == 404


def test_a_site_that_was_not_changed_says_so(ask: Any) -> None:
    tag = ask("GET", "/todos").headers["etag"]
    answer = ask("GET", "/todos", if_none_match=tag)
    assert (answer.status, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in answer.headers
    assert ask("GET", "/todos?_limit=1", if_none_match=tag).status == 200


BAD_BODIES = [
    ("application/json", b'{"a":', "", "SyntaxError: Unexpected end of JSON input"),
    ("application/json", b'{"a":}', "", "SyntaxError: Unexpected token } in JSON at position 5"),
    ("application/json", b"[" * 100_000, "", "RangeError: Maximum call stack size exceeded"),
    ("application/json", b'{"a":"' + b"x" * 10_500_000 + b'"}', "", "PayloadTooLargeError: request entity too large"),
    ("application/json", b"{}", "gzip", "Error: incorrect header check"),
    ("application/json", gzip.compress(b" " * 11_000_000), "gzip", "PayloadTooLargeError: request entity too large"),
    ("application/json", b"{}", "br", 'UnsupportedMediaTypeError: unsupported content encoding "br"'),
]


@pytest.mark.parametrize(("kind", "content", "coding", "words"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_body_that_cant_be_read_is_a_failure(kind: str, content: bytes, coding: str, words: str, ask: Any) -> None:
    headers = {"content_type": kind} | ({"content_encoding": coding} if coding else {})
    answer = ask("POST", "/posts", content, **headers)
    assert (answer.status, answer.text.split("\n")[0]) == (500, words)


def test_a_compressed_body_is_read(ask: Any) -> None:
    packed = gzip.compress(b'{"title": "x"}')
    answer = ask("POST", "/posts", packed, content_type="application/json", content_encoding="gzip")
    assert answer.json() == {"title": "x", "id": 101}


@pytest.mark.parametrize("target", ["/photos?_sort=title", "/photos?_sort=albumId,title&_order=desc,asc"])
def test_order(target: str, ask: Any) -> None:
    found = ask.get(target)
    expected = sorted(ask.get("/photos"), key=lambda one: one["title"])
    if "albumId" in target:
        expected.sort(key=lambda one: one["albumId"], reverse=True)
    assert found == expected


ACCEPTED = [
    ("gzip", "gzip"), ("GZIP", "gzip"), ("deflate", "deflate"), ("deflate, gzip", "gzip"), ("*", "gzip"), ("br", ""),
    ("gzip;q=0", ""), ("gzip;q=0.1", "gzip"), ("gzip;q=0.1, identity;q=0.2", ""), ("gzip;q=x", ""), ("", ""),
    ("*;q=0", ""), ("gzip;q=0.5, deflate;q=0.9", "gzip"), ("identity, gzip", ""), ("gzip, *;q=0", "gzip"),
]  # fmt: skip


@pytest.mark.parametrize(("accepted", "coding"), ACCEPTED)
def test_compression(accepted: str, coding: str, ask: Any) -> None:
    answer = ask("GET", "/todos", accept_encoding=accepted)
    assert answer.headers.get("content-encoding", "") == coding
    assert "content-encoding" not in ask("GET", "/todos/1", accept_encoding=accepted).headers


def test_a_form_is_texts(ask: Any) -> None:
    answer = ask("POST", "/posts", "a=1&b=x+y&a=2&a=3&c=", content_type="application/x-www-form-urlencoded")
    assert answer.json() == {"a": ["1", "2", "3"], "b": "x y", "c": "", "id": 101}


def test_a_script_in_place_of_json(ask: Any) -> None:
    answer = ask("GET", "/posts/1000?callback=show")
    assert (answer.status, answer.content_type) == (404, "text/javascript")
    assert answer.text == "/**/ typeof show === 'function' && show({});"
    assert ask("GET", "/posts/1000?callback[x]=show").text == "{}"


# With state


def test_what_is_written_is_there(fake: Callable[..., Any]) -> None:
    ask = fake(stateful=True)
    created = ask.send("POST", "/posts", '{"title": "new", "userId": 3}')
    assert (created.status, created.json()) == (201, {"title": "new", "userId": 3, "id": 101})
    assert ask.get("/posts/101") == created.json()
    assert ask.get("/posts?userId=3")[-1] == created.json()
    assert ask.send("PATCH", "/posts/101", '{"title": "newer"}').json()["userId"] == 3
    assert ask.send("PUT", "/posts/101", '{"title": "newest", "id": 5}').json() == {"title": "newest", "id": 101}
    assert ask.get("/posts/101") == {"title": "newest", "id": 101}
    assert ask("DELETE", "/posts/101").status == 200
    assert ask("GET", "/posts/101").status == ask("DELETE", "/posts/101").status == 404
    assert ask.send("PUT", "/posts/101", "{}").status == ask.send("PATCH", "/posts/101", "{}").status == 404


def test_ids_increase(fake: Callable[..., Any]) -> None:
    ask = fake(stateful=True)
    ids = []
    for _ in range(3):
        ids.append(ask.send("POST", "/todos", "{}").json()["id"])
        ask("DELETE", f"/todos/{ids[-1]}")
    assert ids == [201, 202, 203]
    assert ask.send("POST", "/todos", '{"id": 500}').json() == {"id": 500}
    assert ask.send("POST", "/todos", '{"id": 500}').status == 500
    assert ask.send("POST", "/todos", "{}").json() == {"id": 501}


def test_what_refers_to_the_deleted_is_deleted(fake: Callable[..., Any]) -> None:
    ask = fake(stateful=True)
    ask("DELETE", "/posts/1")
    assert ask.get("/posts/1/comments") == []
    assert len(ask.get("/comments")) == 495
    ask("DELETE", "/users/2")
    assert [len(ask.get(f"/{name}")) for name in ("posts", "albums", "todos")] == [89, 90, 180]


def test_two_fakes_have_their_own_state(fake: Callable[..., Any]) -> None:
    one, other = fake(stateful=True), fake(stateful=True)
    one("DELETE", "/todos/1")
    assert other("GET", "/todos/1").status == fake()("GET", "/todos/1").status == 200


def test_a_write_makes_kept_answers_void(fake: Callable[..., Any]) -> None:
    ask = fake(stateful=True)
    with Server(ask.double) as url, requests.Session() as session:
        assert [session.get(f"{url}/todos/1", timeout=5).json()["completed"] for _ in range(3)] == [False] * 3
        assert session.patch(f"{url}/todos/1", json={"completed": True}, timeout=5).ok
        assert session.get(f"{url}/todos/1", timeout=5).json()["completed"] is True
    assert len(ask.double.calls) == 5


def test_single_objects_keep_what_is_written(fake: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text('{"profile": {"name": "a", "n": 1}, "things": []}')
    ask = fake(data=path, stateful=True)
    assert ask.send("PATCH", "/profile", '{"name": "b"}').json() == {"name": "b", "n": 1}
    assert ask.send("PUT", "/profile", '{"x": 1}').json() == ask.get("/profile") == {"x": 1}
    assert ask("DELETE", "/profile").status == 404
    assert [ask.send("POST", "/things", "{}").json()["id"] for _ in range(2)] == [1, 2]
    assert ask.get("/db") == {"profile": {"x": 1}, "things": [{"id": 1}, {"id": 2}]}


# Other data


def test_a_dump_is_answered_byte_by_byte(fake: Callable[..., Any], tmp_path: Path) -> None:
    dump = {"notes": [{"id": 1, "text": "caf\u00e9\n\u2028", "n": 1.5, "deep": {"a": []}}], "me": {}, "none": []}
    path = tmp_path / "db.json"
    path.write_text(json.dumps(dump))
    ask = fake(data=path)
    assert ask("GET", "/db").text == json.dumps(dump, indent=2, ensure_ascii=False)
    assert ask("GET", "/notes").text == json.dumps(dump["notes"], indent=2, ensure_ascii=False)
    assert ask("GET", "/me").text == "{}"
    assert ask("GET", "/posts").status == 404
    (tmp_path / "empty.json").write_text("{}")
    assert fake(data=str(tmp_path / "empty.json"))("GET", "/db").text == "{}"


def test_ids_that_are_texts(fake: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text('{"a": [{"id": "x"}], "b": [{"name": "no id"}], "c": [{"id": "y"}]}')
    ask, other = fake(data=path), fake(data=path)
    new = ask.send("POST", "/a", "{}").json()["id"]
    assert len(new) == 7
    assert new == other.send("POST", "/a", "{}").json()["id"] != ask.send("POST", "/c", "{}").json()["id"]
    assert ask.send("POST", "/b", "{}").status == 500
    kept = fake(data=path, stateful=True)
    assert len({kept.send("POST", "/a", "{}").json()["id"] for _ in range(20)}) == 20


BAD_DUMPS = {
    '{"a": [1,}': "line 1, column 10: is not JSON: ",
    "": "line 1, column 1: is not JSON: ",
    '{"a": NaN}': "NaN and Infinity are no values",
    "[]": "is no JSON object",
    '{"a": 1}': 'json["a"]: is neither an array nor an object',
    '{"a/b": []}': 'json["a/b"]: a name can\'t hold a slash',
    "[" * 50_000: "is nested too deep",
}


@pytest.mark.parametrize(("text", "words"), BAD_DUMPS.items(), ids=BAD_DUMPS.values())
def test_a_dump_that_is_none_is_told_why(text: str, words: str, fake: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text(text)
    with pytest.raises(FileError) as raised:
        fake(data=path)
    assert str(path) in str(raised.value)
    assert words in str(raised.value)


def test_a_dump_that_isnt_there_or_isnt_utf_8(fake: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(FileError, match="can't be read: No such file"):
        fake(data=tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9}')
    with pytest.raises(FileError, match="is not JSON: 'utf-8' codec"):
        fake(data=tmp_path / "latin.json")


def test_requests_by_either_scheme(ask: Any) -> None:
    for scheme in ("http", "https"):
        request = Request("GET", f"{scheme}://jsonplaceholder.typicode.com/todos/1")
        assert load("jsonplaceholder").fake().handle(request) == ask("GET", "/todos/1")


def test_rows_that_are_no_objects(fake: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text('{"a": [1, "x", [2], {"id": 1, "bId": 1}], "bs": [{"id": 1}]}')
    ask = fake(data=path, stateful=True)
    assert ask.get("/a?_embed=bs") == [1, "x", [2], {"id": 1, "bId": 1, "bs": []}]
    assert ask.get("/a?_embed[x]=1")[3] == {"id": 1, "bId": 1, "[object Object]": []}
    assert ask.get("/a?q=2") == [[2]]
    assert ask.get("/a/1") == {"id": 1, "bId": 1}
    assert ask("DELETE", "/bs/1").status == 200
    assert ask.get("/a") == [1, "x", [2]]
