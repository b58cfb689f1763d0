"""The rarer forms of responses and requests-mock that `lookalike migrate` knows, and those it tells."""
# ruff: noqa: E501  a row of a table is a line

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lookalike.cli.app import build
from lookalike.cli.migrate.finishing import rewrite

_RESPONSES = """
import json
import re

import pytest
import requests
import responses
from responses import matchers

URL = "https://api.example.com/v1"
PAGED = "https://api.example.com/v1/paged?page=1"
ESCAPED = re.compile(r"https://api\\.example\\.com/v1/a%20b")
ANY_CASE = re.compile(r"HTTPS://api\\.example\\.com/", re.I)


@responses.activate
def test_it():
"""
_REQUESTS_MOCK = """
import re

import pytest
import requests
import requests_mock

URL = "https://api.example.com/v1"
PAGE = re.compile(r"page=\\d")


def test_it():
    with requests_mock.Mocker() as m:
"""


def _inside(head: str, *lines: str) -> str:
    indent = " " * (8 if "Mocker" in head else 4)
    return head.lstrip() + "".join(f"{indent}{line}\n" for line in lines)


def _run(text: str) -> None:
    names: dict[str, object] = {}
    exec(compile(text, "test_it.py", "exec"), names)
    test = names["test_it"]
    assert callable(test)
    test()


_DONE = {
    "an expression of the query": (
        _RESPONSES,
        [r'responses.get(re.compile(r"https://api\.example\.com/v1/\?page=\d"), json=1)', 'assert requests.get(URL + "/?page=7").json() == 1'],
        r'url=re.compile(r"https://api\.example\.com/v1/\?page=\d"): url.match(request.url)',
    ),
    "an expression that is put together, in a loop": (
        _RESPONSES,
        ["for at in (1, 2):", '    responses.get(re.compile(re.escape(URL) + f"/{at}"), json=at)',
         'assert [requests.get(f"{URL}/{at}").json() for at in (1, 2)] == [1, 2]'],
        'url=re.compile(re.escape(URL) + f"/{at}"): url.match(request.url)',
    ),
    "an expression with flags": (
        _RESPONSES, ["responses.get(ANY_CASE, json=1)", "assert requests.get(URL).json() == 1"], "url=ANY_CASE: url.match(request.url)",
    ),
    "an expression of escapes": (
        _RESPONSES, ["responses.get(ESCAPED, json=1)", 'assert requests.get(URL + "/a b").json() == 1'], r"v1/a\ b.*",
    ),
    "an URL with a query that a name is bound to": (
        _RESPONSES, ["responses.get(PAGED, json=1)", "assert requests.get(PAGED).json() == 1"], 'paged", params=exactly({"page": "1"})',
    ),
    "bodies": (
        _RESPONSES,
        ['responses.post(URL, body="x", content_type="a/b", headers={})', 'assert requests.post(URL).headers["Content-Type"] == "a/b"',
         'more = {"X": "y"}', 'responses.put(URL, body="x", content_type="a/b", headers=more)', 'assert requests.put(URL).headers["X"] == "y"'],
        'headers={"Content-Type": "a/b", **more}',
    ),
    "matchers without a value": (
        _RESPONSES,
        ["responses.get(URL, match=[matchers.query_string_matcher(None)])", 'text = "a=1"',
         'responses.get(URL + "/b", match=[matchers.query_string_matcher(text)])',
         'responses.post(URL, match=[matchers.json_params_matcher(None)])', 'responses.put(URL, match=[matchers.body_matcher("x")])',
         'responses.patch(URL, match=[matchers.multipart_matcher({"f": b"x"})])',
         'responses.delete(URL, match=[matchers.request_kwargs_matcher({"timeout": 5})])',
         'assert requests.get(URL).ok and requests.get(URL + "/b?a=1").ok and requests.put(URL, data="x").ok',
         'assert requests.patch(URL, files={"f": b"x"}).ok and requests.delete(URL, timeout=5).ok'],
        'content=b""',
    ),
    "a response object": (
        _RESPONSES,
        ['responses.add(responses.Response("GET", URL, json=1))', "assert requests.get(URL).json() == 1"],
        "mock.get(URL).respond(json=1)",
    ),
    "a passage": (
        _RESPONSES,
        ['responses.add_passthru("https://other.example")', 'responses.add_passthru(re.compile(r"https://x\\.test/.*"))',
         'responses.add_passthru(re.compile(r"https://x\\.test/\\?a=1"))', "responses.get(URL + '/p', passthrough=True)"],
        'mock.pass_through("https://other.example")',
    ),
    "what was called": (
        _RESPONSES,
        ["responses.post(URL)", 'requests.post(URL, data="a")', "requests.post(URL)",
         "assert [one.request.body for one in responses.calls][0] == 'a'", "assert all(one.response.status_code == 200 for one in responses.calls)",
         "assert responses.calls[1].request.body is None", 'assert b"a" == responses.calls[0].request.body.encode()',
         "for one in responses.calls[1:]:", "    assert one.request.method == 'POST'", "call = responses.calls[0]",
         "assert json.loads(json.dumps([call.request.url])) == [URL]", "assert call.request.body.upper() == 'A'"],
        'mock.calls[1].request.content == b""',
    ),
    "bytes that are decoded": (
        _RESPONSES,
        ["responses.post(URL)", 'requests.post(URL, data=b"a")', 'assert responses.calls[0].request.body.decode() == "a"',
         'requests.post(URL, json=1)', "assert json.loads(responses.calls[1].request.body.decode()) == 1"],
        'mock.calls[0].request.text == "a"',
    ),
    "callbacks of many kinds": (
        _RESPONSES,
        ["def raw(request):", '    return 200, {}, b"raw"', "def nothing(request):", "    return (204, {}, None)", "def coded(request):",
         '    if request.method == "PUT":', "        def inner():", "            return 7", "        made = (lambda: 8)", '        return (200, {}, f"{inner()}{made()}")',
         '    return (200, {}, "x".encode())', "def joined(request):", '    body = "a"', '    body = "b"', "    return (200, {}, body)",
         "responses.add_callback('GET', URL, callback=raw)", "responses.add_callback('HEAD', URL, callback=nothing)",
         "responses.add_callback('PUT', URL, callback=coded)", "responses.add_callback('POST', URL, callback=joined)",
         'assert [requests.request(one, URL).text for one in ("GET", "HEAD", "PUT", "POST")] == ["raw", "", "78", "b"]'],
        'return lookalike.Response(204, {}, b"")',
    ),
    "turns with a comment": (
        _RESPONSES,
        ["responses.get(URL, status=503)", "responses.get(", "    URL,  # then it is well", "    json=1,", ")",
         "assert [requests.get(URL).status_code for _ in 'ab'] == [503, 200]"],
        "# then it is well",
    ),
    "of requests-mock, an expression of the query": (
        _REQUESTS_MOCK, ["m.get(PAGE, json=1)", 'assert requests.get(URL + "?a=1&page=2").json() == 1'], "url=PAGE: url.search(request.url)",
    ),
    "of requests-mock, URLs": (
        _REQUESTS_MOCK,
        ["host = 'h.test'", 'm.get(f"//{host}/a", text="a")', 'm.get(f"/{host}/b", text="b")', 'm.get(f"{URL}/c", text="c")',
         'assert requests.get("https://h.test/a").text == "a"', 'assert requests.get("http://x.test/h.test/b").text == "b"',
         'assert requests.get(URL + "/c").text == "c"'],
        'm.get(f"*/{host}/b").respond(text="b")',
    ),
    "of requests-mock, replies": (
        _REQUESTS_MOCK,
        ['m.get(URL, [dict(text="a"), {"content": b"", "status_code": 404}])', 'm.request("GET", URL + "/r", text="")', "verb = 'PUT'",
         "m.register_uri(verb, URL, json=1)", "assert requests.put(URL).json() == 1",
         "assert [requests.get(URL).status_code for _ in 'ab'] == [200, 404]", "m.reset()", 'requests.get(URL + "/r", timeout=3)',
         "assert m.call_count == 1 and m.request_history[-1].timeout == 3", "assert [one.path for one in m.request_history[0:]] == ['/v1/r']"],
        "m.journal.clear()",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _DONE)
def test_a_rare_form_means_the_same_before_and_after(name: str) -> None:
    head, lines, becomes = _DONE[name]
    before = _inside(head, *lines)
    after = rewrite(before)
    assert becomes in after.text
    assert after.left == ()
    _run(before)
    _run(after.text)
    assert rewrite(after.text).text == after.text


#: A line, and a word of why it stays.
_LEFT = {
    "responses.add_callback('GET', URL, callback=lambda r: (200, {}, 'x'))": (_RESPONSES, "a callback returns another answer"),
    "responses.get(URL, match=[matchers.header_matcher({'A': 'b'}), matchers.header_matcher({'C': 'd'})])": (_RESPONSES, "headers is asked for twice"),
    "responses.get(URL, match=[matchers.request_kwargs_matcher(options)])": (_RESPONSES, "never reaches the wire"),
    "responses.get(URL, match=[matchers.header_matcher(*more)])": (_RESPONSES, "hides what it asks for"),
    "responses.get(URL, match=[matchers.body_matcher(b'x'), matchers.body_matcher(b'y')])": (_RESPONSES, "content is asked for twice"),
    "responses.add(url=URL)": (_RESPONSES, "the method is not said"),
    "responses.get(URL, odd=1)": (_RESPONSES, "odd= is unknown"),
    "responses.get(f'{URL}/a?{query}')": (_RESPONSES, "only known when the test runs"),
    "responses.assert_call_count(*both)": (_RESPONSES, "a star hides what is counted"),
    "responses.start()": (_RESPONSES, "a mock is begun"),
    "m.get(*given)": (_REQUESTS_MOCK, "a star hides"),
    "m.get(URL, odd=1)": (_REQUESTS_MOCK, "odd= is unknown"),
    "m.register_uri(url=URL)": (_REQUESTS_MOCK, "the method is not said"),
    "m.get('mock://x')": (_REQUESTS_MOCK, "is no HTTP URL"),
    "m.get(URL, complete_qs=True)": (_REQUESTS_MOCK, "put together"),
    "m.get(URL, given)": (_REQUESTS_MOCK, "put together elsewhere"),
    "m.get(URL, [given])": (_REQUESTS_MOCK, "other things than dicts"),
    "m.get(URL, raw=given)": (_REQUESTS_MOCK, "urllib3"),
    "m.get(URL, json=1, json_encoder=given)": (_REQUESTS_MOCK, "json_encoder="),
    "m.get(PAGE, additional_matcher=given)": (_REQUESTS_MOCK, "both look at the whole request"),
    "m.get(URL, text=lambda request, context: context.x)": (_REQUESTS_MOCK, "is made by a function"),
    "m.get(URL, text=lambda request, context: 'x', reason='r')": (_REQUESTS_MOCK, "is made by a function"),
    "m.add_matcher(given)": (_REQUESTS_MOCK, "answers by itself"),
}  # fmt: skip


@pytest.mark.parametrize("line", _LEFT)
def test_what_is_left_says_why_and_what_to_write(line: str) -> None:
    head, why = _LEFT[line]
    done = rewrite(_inside(head, line))
    [left] = done.left
    assert why in left.reason
    assert left.form
    assert done.text.splitlines()[left.line - 1].strip() == line


@pytest.mark.parametrize(("read", "why"), [
    ("m.last_request.stream", "never reaches the wire"), ("m.last_request.timeout == (2, 5)", "the one for its reading"),
    ("m.last_request.netloc", "host and port"),
])  # fmt: skip
def test_what_a_request_does_not_know_is_told(read: str, why: str) -> None:
    [left] = rewrite(_inside(_REQUESTS_MOCK, "m.get(URL)", f"assert {read}")).left
    assert why in left.reason


_MOCKERS = {
    "requests_mock.Mocker(real_http=True)": 'api.mock(unused="ignore", unmatched="pass")',
    "requests_mock.Mocker(real_http=False)": 'api.mock(unused="ignore")',
    "requests_mock.Mocker(real_http=flag)": "only known when the test runs",
    "requests_mock.Mocker(session=flag)": "session= has no such switch here",
    "requests_mock.Mocker(*flag)": "a star hides how it is made",
    "responses.RequestsMock(registry=flag)": "one of your own",
    "responses.RequestsMock(passthru_prefixes=('http://x',))": "passthru_prefixes= has no such switch",
    "responses.RequestsMock(assert_all_requests_are_fired=False)": 'api.mock(unused="ignore")',
}


@pytest.mark.parametrize("made", _MOCKERS)
def test_how_a_mocker_is_made(made: str) -> None:
    done = rewrite(
        f"import requests_mock\nimport responses\n\n\ndef test(flag):\n    with {made} as m:\n        pass\n"
    )
    assert _MOCKERS[made] in (done.left[0].reason if done.left else done.text)
    assert bool(done.left) == (made in done.text)


def test_decorators_that_are_not_known_are_told() -> None:
    done = rewrite(
        "import requests_mock\nimport responses\n\n\n@responses.activate(registry=print)\ndef test():\n    responses.get('http://x')\n\n\n"
        "@requests_mock.Mocker(session=1)\ndef test_two(m):\n    m.get('http://x')\n\n\n"
        "@requests_mock.Mocker()\nclass TestIt:\n    def test_a(self, a):\n        a.get('http://x')\n\n    def test_b(self, b):\n        b.get('http://x')\n"
    )
    reasons = " ".join(left.reason for left in done.left)
    for why in (
        "one of your own",
        "session= has no such switch",
        "name the mocker differently",
        "no mock is known here",
    ):
        assert why in reasons


def test_what_else_of_the_libraries_is_there_is_told() -> None:
    done = rewrite(
        "import requests_mock\nimport responses\nfrom responses import matchers\n\nONE = [matchers.query_param_matcher(x)]\n"
        "adapter = requests_mock.Adapter()\n\n\ndef test():\n    print(requests_mock.NoMockAddress, 1)\n    print(requests_mock.exceptions.InvalidRequest)\n"
        "    print(requests_mock.create_response)\n    responses.get('http://x')\n"
    )
    assert len({left.reason for left in done.left}) == 5


def test_two_runs_of_the_command_and_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_bytes(b"import responses  # \xff\n")
    done = CliRunner().invoke(build(), ["migrate", str(tmp_path)])
    assert "it is no UTF-8: invalid start byte at byte 20" in str(done.exception)


def test_without_libcst_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.cli.migrate.command.find_spec", lambda name: None)
    done = CliRunner().invoke(build(), ["migrate", "."])
    assert "pip install 'lookalike[migrate]'" in str(done.exception)


@pytest.mark.parametrize(("signature", "becomes"), [
    ("def test_it(a=1):", "def test_it(a=1, *, mock):"), ("def test_it(*a):", "def test_it(*a, mock):"), ("def test_it(mock):", "def test_it(mock"),
    ("def test_it(\n    a,\n    b,\n):", "def test_it(\n    a,\n    b,\n    mock,\n):"),
])  # fmt: skip
def test_a_mock_becomes_a_parameter(signature: str, becomes: str) -> None:
    text = rewrite(f"import responses\n\n\n@responses.activate\n{signature}\n    responses.get('http://x')\n").text
    assert becomes in text
    compile(text, "test_it.py", "exec")


_STARTED = """
import requests
import requests_mock

m = requests_mock.Mocker()


def test_it():
    with requests_mock.mock() as other:
        other.get("http://x.test/", text="x")
        assert requests.get("http://x.test").text == "x"
    found = m.start()
    m.get("http://x.test/", text="y")
    assert requests.get("http://x.test").text == "y" and found is not None
    m.stop()
""".lstrip()


def test_a_mocker_of_the_module_is_begun_and_ended() -> None:
    after = rewrite(_STARTED).text
    assert "m_patcher = api.mock(" in after
    assert "m_patcher.stop()" in after


def test_files_and_lists_of_matchers() -> None:
    done = rewrite(
        _inside(
            _RESPONSES, 'ONE = [matchers.header_matcher({"X": "y"})]', "responses.get(URL, match=ONE + [matchers.query_param_matcher({'a': 1})])",
            'responses.put(URL, body=open("a.txt"))',
        )
    )  # fmt: skip
    assert """headers={"X": "y"}, params=exactly({'a': 1})""" in done.text
    assert 'mock.put(URL).respond(file="a.txt")' in done.text
    assert [left.reason for left in done.left] == ["matchers are keywords of the route"]
