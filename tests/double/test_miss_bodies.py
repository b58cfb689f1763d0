"""What a miss shows of large, binary and multipart bodies, of many routes, and of typing errors: to the letter.

In an expected text `{at}` is the place of the nearest route.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.codec import encode_json
from lookalike.double.matchers import including
from lookalike.double.mock import MockDouble
from lookalike.errors import UnmatchedRequest
from lookalike.messages import Request

BASE = "https://api.test"
USERS = [
    {"id": at, "name": f"user {at}", "tags": ["a", "b", {"deep": [1, 2, 3]}], "email": f"u{at}@x.test"}
    for at in range(12000)
]
BIG = encode_json({"users": USERS})
FORM = {"content-type": "application/x-www-form-urlencoded"}
PARTS = {"content-type": "multipart/form-data; boundary=B"}
MULTIPART = (
    b'--B\r\nContent-Disposition: form-data; name="title"\r\n\r\nA\r\n'
    b'--B\r\nContent-Disposition: form-data; name="upload"; filename="b.png"\r\n\r\n\x89PNG\r\n--B--\r\n'
)
ONLY = "{asked} doesn't match the only route.\n\nNearest: {route}   (declared at {at})\n"
CHANGE = "\nNext: change the route at {at} or the code's request, or declare "


def miss(declare: Callable[[Any], Any], method: str, url: str, content: bytes, headers: Any) -> tuple[str, Any]:
    double = MockDouble("api", BASE)
    route = declare(double)
    with pytest.raises(UnmatchedRequest) as caught:
        double.handle(Request(method, url if "://" in url else BASE + url, headers, content))
    return str(caught.value), route


BULK = ONLY.replace("{asked}", "POST https://api.test/bulk").replace("{route}", "POST /bulk")

CASES: dict[str, tuple[Callable[[Any], Any], str, str, bytes, Any, str]] = {
    "one leaf of a megabyte": (
        lambda d: d.post("/bulk", json={"users": USERS}).respond(),
        "POST", "/bulk", BIG.replace(b'"user 7777"', b'"USER 7777"'), (),
        BULK + '  json.users[7777].name    expected "user 7777"  got "USER 7777"\n' + CHANGE
        + 'mock.post("/bulk").respond(...)',
    ),
    "an item more at the front": (
        lambda d: d.post("/bulk", json={"users": USERS}).respond(),
        "POST", "/bulk", encode_json({"users": [{"id": -1}, *USERS]}), (),
        BULK + "  json.users       expected 12000 items   got 12001 items\n"
        '  json.users[0]    expected no such item  got {{"id":-1}}\n' + CHANGE + 'mock.post("/bulk").respond(...)',
    ),
    "an item less in the middle": (
        lambda d: d.post("/bulk", json=[{"n": at} for at in range(5000)]).respond(),
        "POST", "/bulk", encode_json([{"n": at} for at in range(5000) if at != 2500]), (),
        BULK + "  json          expected 5000 items  got 4999 items\n"
        '  json[2500]    expected {{"n":2500}}  missing\n' + CHANGE + 'mock.post("/bulk").respond(...)',
    ),
    "several items more and one that differs": (
        lambda d: d.post("/bulk", json=[1, 2, 3, 4, 5, 6]).respond(),
        "POST", "/bulk", b"[1,9,2,3,40,5,6,7]", (),
        BULK + "  json       expected 6 items       got 8 items\n"
        "  json[1]    expected no such item  got 9\n"
        "  json[4]    expected 4             got 40\n"
        "  json[7]    expected no such item  got 7\n" + CHANGE
        + 'mock.post("/bulk", json=[1, 9, 2, 3, 40, 5, 6, 7]).respond(...)',
    ),
    "all differs": (
        lambda d: d.post("/bulk", json={"users": USERS}).respond(),
        "POST", "/bulk", encode_json(list(range(100_000))), (),
        BULK + '  json    expected {{"users":[{{"id":0,"name":"user 0","tags":["a","b",{{"deep":[…  '
        "got [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22…\n" + CHANGE
        + 'mock.post("/bulk").respond(...)',
    ),
    "unicode": (
        lambda d: d.post("/naïve/ü", json={"名前": "山田", "emoji": "🙂"}, params={"q": "ü"}).respond(),
        "POST", "/na%C3%AFve/%C3%BC?q=%C3%B6", '{"名前":"田中","emoji":"🙃"}'.encode(), (),
        "POST https://api.test/na%C3%AFve/%C3%BC?q=%C3%B6 doesn't match the only route.\n"
        "\n"
        "Nearest: POST /naïve/ü   (declared at {at})\n"
        '  query q       expected "ü"   got "ö"\n'
        '  json.名前       expected "山田"  got "田中"\n'
        '  json.emoji    expected "🙂"   got "🙃"\n' + CHANGE
        + 'mock.post("/na%C3%AFve/%C3%BC", params={{"q": "ö"}}, json={{"名前": "田中", "emoji": "🙃"}}).respond(...)',
    ),
    "control characters": (
        lambda d: d.post("/bulk", json={"a": "x\ny"}).respond(),
        "POST", "/bulk", b'{"a":"x\\nz\\u001b[31m"}', (),
        BULK + '  json.a    expected "x\\ny"  got "x\\nz\\u001b[31m"\n' + CHANGE
        + 'mock.post("/bulk", json={{"a": "x\\nz\\u001b[31m"}}).respond(...)',
    ),
    "bytes": (
        lambda d: d.post("/bulk", content=b"\x89PNG").respond(),
        "POST", "/bulk", b"\xff\xd8\xff\xe0" + b"x" * 100, (),
        BULK + "  body    expected 4 bytes that begin with 89 50 4e 47  "
        "got 104 bytes that begin with ff d8 ff e0 78 78 78 78\n" + CHANGE + 'mock.post("/bulk").respond(...)',
    ),
    "no body": (
        lambda d: d.post("/bulk", json={"a": 1}).respond(),
        "POST", "/bulk", b"", (),
        BULK + "  body    expected JSON  got no body\n" + CHANGE + 'mock.post("/bulk").respond(...)',
    ),
    "an empty object": (
        lambda d: d.post("/bulk", json=[]).respond(),
        "POST", "/bulk", b"{}", (),
        BULK + "  json    expected []  got {{}}\n" + CHANGE + 'mock.post("/bulk", json={{}}).respond(...)',
    ),
    "multipart": (
        lambda d: d.post("/bulk", form={"title": "B"}, files={"upload": ("a.png", b"\x89PNX")}).respond(),
        "POST", "/bulk", MULTIPART, PARTS,
        BULK + '  form title          expected "B"                                  got "A"\n'
        '  file upload name    expected "a.png"                              got "b.png"\n'
        "  file upload         expected 4 bytes that begin with 89 50 4e 58  got 4 bytes that begin with 89 50 4e 47\n"
        + CHANGE + 'mock.post("/bulk").respond(...)',
    ),
    "a form with a password": (
        lambda d: d.post("/bulk", form={"a": "1"}).respond(),
        "POST", "/bulk", b"a=2&password=hunter2", FORM,
        BULK + '  form a           expected "1"            got "2"\n'
        "  form password    expected no such field  got one (masked)\n" + CHANGE + 'mock.post("/bulk").respond(...)',
    ),
    "a form": (
        lambda d: d.post("/bulk", form={"a": "1"}).respond(),
        "POST", "/bulk", b"a=2&a=3", FORM,
        BULK + '  form a    expected "1"  got ["2","3"]\n' + CHANGE
        + 'mock.post("/bulk", form={{"a": ["2", "3"]}}).respond(...)',
    ),
    "credentials aren't in the line to paste": (
        lambda d: d.post("/bulk", params={"page": 1}).respond(),
        "POST", "/bulk?access_token=s3cret&page=2&tag=a&tag=b", b'{"token":"s3cret","page":1}', (),
        "POST https://api.test/bulk?access_token=REDACTED&page=2&tag=a&tag=b doesn't match the only route.\n"
        "\n"
        "Nearest: POST /bulk   (declared at {at})\n"
        '  query page    expected "1"  got "2"\n' + CHANGE
        + 'mock.post("/bulk", params={{"page": "2", "tag": ["a", "b"]}}).respond(...)',
    ),
    "a part": (
        lambda d: d.post("/bulk", json=including({"a": {"b": [{"c": 1}]}})).respond(),
        "POST", "/bulk", b'{"a":{"b":[{"c":2},{"c":true},{"c":null}]}}', (),
        BULK + '  json.a.b    expected an item like {{"c":1}}  got 3 items that don\'t fit\n' + CHANGE
        + 'mock.post("/bulk", json={{"a": {{"b": [{{"c": 2}}, {{"c": True}}, {{"c": None}}]}}}}).respond(...)',
    ),
    "a typing error in the host": (
        lambda d: d.get("/x").respond(),
        "GET", "https://apis.test/x", b"", (),
        ("GET https://apis.test/x doesn't match the only route.\n"
        "\n"
        "Nearest: GET /x   (declared at {at})\n"
        "  host    expected api.test  got apis.test\n"
        "\n"
        'Next: did you mean the host api.test? Fix the code\'s URL, or declare mock.get("https://apis.test/x").'
        "respond(...)"),
    ),
    "a typing error in the path, and a parameter": (
        lambda d: d.get("/users/{id}/posts", params={"page": 1}).respond(),
        "GET", "/user/7/posts?page=2", b"", (),
        ("GET https://api.test/user/7/posts?page=2 doesn't match the only route.\n"
        "\n"
        "Nearest: GET /users/{{id}}/posts   (declared at {at})\n"
        "  path          expected /users/{{id}}/posts  got /user/7/posts\n"
        '  query page    expected "1"                got "2"\n'
        "\n"
        "Next: did you mean /users/{{id}}/posts? Fix the code's request or the route at {at}."),
    ),
    "a path with a quote": (
        lambda d: d.get("/other/thing").respond(),
        "GET", '/f"x', b"", (),
        ("GET https://api.test/f\"x doesn't match the only route.\n"
        "\n"
        "Nearest: GET /other/thing   (declared at {at})\n"
        '  path    expected /other/thing  got /f"x\n'
        "\n"
        'Next: declare mock.get("/f\\"x").respond(...)'),
    ),
}  # fmt: skip


@pytest.mark.peer("Error gives the failing field")
@pytest.mark.peer("Structural diff of body")
@pytest.mark.peer("Closest-URL difflib hint")
@pytest.mark.peer("How-to-fix advice")
@pytest.mark.parametrize("case", CASES)
def test_a_miss_to_the_letter(case: str) -> None:
    declare, method, url, content, headers, told = CASES[case]
    text, route = miss(declare, method, url, content, headers)
    assert text == told.format(at=route.declared_at)


@pytest.mark.peer("Error lists registered mocks")
@pytest.mark.peer("Nearest mock first")
def test_of_a_thousand_routes_with_large_bodies_the_nearest_is_first() -> None:
    def declare(double: MockDouble) -> Any:
        routes = [double.post(f"/bulk/{at}", json=USERS[: at % 50]).respond() for at in range(1000)]
        return routes[500]

    text, route = miss(declare, "POST", "/bulk/500x", BIG, ())
    lines = text.splitlines()
    assert lines[:6] == [
        "POST https://api.test/bulk/500x matches none of 1000 routes.",
        "",
        f"Nearest: POST /bulk/500   (declared at {route.declared_at})",
        "  path    expected /bulk/500  got /bulk/500x",
        '  json    expected []         got {"users":[{"id":0,"name":"user 0","tags":["a","b",{"deep":[…',
        "Others:",
    ]
    assert lines[-3] == "  ... and 994 more"
    assert lines[-1] == f"Next: did you mean /bulk/500? Fix the code's request or the route at {route.declared_at}."


def test_of_a_thousand_routes_that_differ_in_their_bodies_the_nearest_is_first() -> None:
    def declare(double: MockDouble) -> Any:
        routes = [
            double.post("/bulk", json={"n": at, "kind": "b" if at == 700 else "a", "users": USERS[:40]}).respond()
            for at in range(1000)
        ]
        return routes[700]

    content = encode_json({"n": -1, "kind": "b", "users": USERS[:40]})
    text, route = miss(declare, "POST", "/bulk", content, ())
    assert f"Nearest: POST /bulk   (declared at {route.declared_at})\n  json.n    expected 700  got -1\nOthers:" in text


def test_what_the_line_to_paste_declares_takes_the_request() -> None:
    requests = [
        Request("POST", BASE + "/a?x=1&x=2&y=", (), b'{"a":[null,true,1.5,"\\"q\\""],"b":{"c":{}}}'),
        Request("PROPFIND", BASE + '/odd"path?q=%22', (), b""),
        Request("PUT", "https://other.test/z", FORM, b"a=1&b=2&b=3"),
        Request("DELETE", BASE + "/e", (), b"[]"),
    ]
    for request in requests:
        double = MockDouble("api", BASE)
        with pytest.raises(UnmatchedRequest) as caught:
            double.handle(request)
        line = str(caught.value).rpartition("declare ")[2]
        double.failures.clear()
        eval(line.replace("(...)", "(204)"), {"mock": double})
        answer: Any = double.handle(request)
        assert answer.status == 204


@pytest.mark.parametrize(
    ("expected", "content", "told"),
    [
        # a matcher is compared by what it fits
        ([including({"a": 1}), 2, 3], b'[{"a":1,"b":2},3]', ["2 items", "json[1]    expected 2        missing"]),
        ([1, including("x"), 3, 4], b"[1,5]", ["2 items", "json[1]    expected a text with", "json[2]    expected 3"]),
        # too many to compare each with each: one after the other
        (list(range(3000)), encode_json([-1, *range(1, 2999), -1, -1]), ["got 3001 items", "json[0]       expected 0"]),
    ],
)
def test_arrays_with_matchers_and_long_ones(expected: list[Any], content: bytes, told: list[str]) -> None:
    text, _ = miss(lambda d: d.post("/x", json=expected).respond(), "POST", "/x", content, ())
    for part in told:
        assert part in text
