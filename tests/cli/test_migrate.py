"""`lookalike migrate`: what it writes, that tests pass before and after, and what it leaves alone."""
# ruff: noqa: E501  a row of a table is a line

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from lookalike.cli.app import build
from lookalike.cli.migrate.finishing import rewrite
from lookalike.errors import UsageError

_RESPONSES = """
import json
import re

import pytest
import requests
import responses
from responses import matchers

URL = "https://api.example.com/v1"
ANY_ITEM = re.compile(r"https://api\\.example\\.com/v1/items/")


@responses.activate
def test_it():
{body}
"""
_REQUESTS_MOCK = """
import re

import pytest
import requests
import requests_mock

URL = "https://api.example.com/v1"


def test_it():
    with requests_mock.Mocker() as m:
{body}
"""


def _inside(template: str, *lines: str) -> str:
    indent = " " * (8 if "Mocker" in template else 4)
    return template.replace("{body}", "\n".join(indent + line for line in lines)).lstrip()


def _passes(text: str) -> None:
    """The tests of a module pass: its functions, and its cases."""
    module = ModuleType("migrated")
    exec(compile(text, "test_it.py", "exec"), vars(module))
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TestResult()
    suite.run(result)
    assert result.wasSuccessful(), f"{text}\n{result.errors + result.failures}"
    functions = [one for name, one in vars(module).items() if name.startswith("test_")]
    for function in functions:
        function()
    assert result.testsRun + len(functions) > 0


def _passes_with_pytest(folder: Path, text: str) -> None:
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "test_it.py"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, text + done.stdout


#: Old lines, and what the first declaring one becomes; every test passes before and after.
_OF_RESPONSES = {
    "json": (
        ['responses.add(responses.GET, URL + "/a", json={"a": 1}, status=201)',
         'assert requests.get(URL + "/a").json() == {"a": 1}', 'assert responses.calls[0].response.status_code == 201'],
        'mock.get(URL + "/a").respond(201, json={"a": 1})',
    ),
    "method and url by name": (
        ['responses.add(method="POST", url=URL, body="text")', 'assert requests.post(URL).text == "text"'],
        'mock.post(URL).respond(text="text")',
    ),
    "dumped": (
        ['responses.get(URL, body=json.dumps([1]), content_type="application/json")', "assert requests.get(URL).json() == [1]"],
        "mock.get(URL).respond(json=[1])",
    ),
    "headers": (
        ['responses.get(URL, body=b"x", content_type="a/b", headers={"X": "y"})',
         'assert requests.get(URL).headers["X"] == "y"', 'assert requests.get(URL).headers["Content-Type"] == "a/b"'],
        'mock.get(URL).respond(content=b"x", headers={"Content-Type": "a/b", "X": "y"})',
    ),
    "query": (
        ['responses.get("https://api.example.com/v1/q?a=1&a=2", body="q")', 'assert requests.get(URL + "/q?a=1&a=2").text == "q"'],
        'mock.get("https://api.example.com/v1/q", params=exactly({"a": ["1", "2"]})).respond(text="q")',
    ),
    "formatted query": (
        ["page = 3", 'responses.get(f"{URL}/q?page={page}&b=2", body="q")', 'assert requests.get(URL + "/q?page=3&b=2").text == "q"'],
        'mock.get(f"{URL}/q", params=exactly({"page": f"{page}", "b": "2"})).respond(text="q")',
    ),
    "query matchers": (
        ['responses.get(URL, match=[matchers.query_param_matcher({"a": 1}, strict_match=False)])',
         'responses.get(URL, match=[matchers.query_string_matcher("b=2")], status=202)',
         'assert requests.get(URL + "?a=1&c=2").status_code == 200', 'assert requests.get(URL + "?b=2").status_code == 202'],
        'mock.get(URL, params={"a": 1}).respond()',
    ),
    "body matchers": (
        ['responses.post(URL, match=[matchers.json_params_matcher({"a": 1}), matchers.header_matcher({"X": "y"})])',
         'responses.put(URL, match=[matchers.urlencoded_params_matcher({"a": "1"})])',
         'responses.patch(URL, match=[matchers.multipart_matcher({"f": b"1"}, {"n": "x"})])',
         'assert requests.post(URL, json={"a": 1}, headers={"X": "y"}).ok', 'assert requests.put(URL, data={"a": 1}).ok',
         'assert requests.patch(URL, data={"n": "x"}, files={"f": b"1"}).ok'],
        'mock.post(URL, json={"a": 1}, headers={"X": "y"}).respond()',
    ),
    "exception": (
        ['responses.get(URL, body=requests.Timeout("slow"))', "with pytest.raises(requests.Timeout):", "    requests.get(URL)"],
        'mock.get(URL).fail(requests.Timeout("slow"))',
    ),
    "in turn": (
        ["responses.get(URL, status=503)", "responses.get(URL, json=1)", "responses.get(URL, json=2)",
         "assert requests.get(URL).status_code == 503", "assert [requests.get(URL).json() for _ in range(3)] == [1, 2, 2]"],
        "route = mock.get(URL).respond(503)",
    ),
    "regex": (
        ['responses.get(re.compile(r"https://api\\.example\\.com/v1/\\w+"), body="r")', 'assert requests.get(URL + "/abc/d").text == "r"',
         'responses.get(ANY_ITEM, body="i")', 'assert requests.get(URL + "/items/7").text in ("r", "i")'],
        'mock.get(re.compile(r"https://api\\.example\\.com/v1/\\w+.*")).respond(text="r")',
    ),
    "calls": (
        ["responses.post(URL)", 'requests.post(URL, json={"a": 1})', "call = responses.calls[-1]",
         'assert json.loads(call.request.body) == {"a": 1}', 'assert call.request.body == b\'{"a": 1}\'',
         'assert call.request.path_url == "/v1"', "assert len(responses.calls) == 1", "responses.assert_call_count(URL, 1)",
         'for one in responses.calls:', '    assert one.request.headers["Content-Type"] == "application/json"'],
        "mock.post(URL).respond()",
    ),
    "callback": (
        ["def answer(request):", "    body = json.dumps(json.loads(request.body))", '    return (201, {"X": "y"}, body)',
         "responses.add_callback(responses.POST, URL, callback=answer)", 'found = requests.post(URL, json=[1])',
         'assert (found.status_code, found.headers["X"], found.json()) == (201, "y", [1])'],
        "mock.post(URL).respond_with(answer)",
    ),
    "dict": (
        ['answer = {"method": "GET", "url": URL, "json": 1}', "responses.add(**answer)", "assert requests.get(URL).json() == 1"],
        "mock.get(URL).respond(json=1)",
    ),
    "replaced": (
        ["responses.get(URL, json=1)", "responses.replace(responses.GET, URL, json=2)", "assert requests.get(URL).json() == 2"],
        "mock.get(URL).respond(json=2)",
    ),
}  # fmt: skip
_OF_REQUESTS_MOCK = {
    "list": (
        ['m.get(URL, [{"json": 1, "status_code": 201}, {"text": "t"}])', "assert requests.get(URL).status_code == 201",
         'assert requests.get(URL).text == "t"', "assert m.called and m.call_count == 2"],
        'm.get(URL).respond(201, json=1).then.respond(text="t")',
    ),
    "any": (
        ['m.register_uri(requests_mock.ANY, requests_mock.ANY, text="a")', 'assert requests.put("http://x.test").text == "a"'],
        'm.route("*", re.compile(r"https?://.*")).respond(text="a")',
    ),
    "anywhere": (
        ['m.get(re.compile("/foo"), text="f")', 'assert requests.get("http://x.test/a/foo/b").text == "f"'],
        'm.get(re.compile("https?://.*/foo.*")).respond(text="f")',
    ),
    "no host": (
        ['m.get("/p", text="p")', 'm.get("//y.test/q", text="q")', 'assert requests.get("http://x.test/p").text == "p"',
         'assert requests.get("https://y.test/q").text == "q"'],
        'm.get("*/p").respond(text="p")',
    ),
    "whole query": (
        ['m.get("http://x.test/p?a=1", complete_qs=True, headers={"X": "y"})', 'assert requests.get("http://x.test/p?a=1").headers["X"] == "y"'],
        'm.get("http://x.test/p", params=exactly({"a": "1"})).respond(headers={"X": "y"})',
    ),
    "asked": (
        ['m.post(URL, request_headers={"X": "y"}, additional_matcher=lambda r: "b" in r.text, reason="Fine")',
         'm.get(URL, cookies={"c": "d"})', 'assert requests.post(URL, json=["b"], headers={"X": "y"}).reason == "Fine"',
         'assert requests.get(URL).cookies["c"] == "d"'],
        'm.post(URL, headers={"X": "y"}, where=lambda r: "b" in r.text).respond(reason="Fine")',
    ),
    "exception": (
        ["m.get(URL, exc=requests.ConnectTimeout)", "with pytest.raises(requests.ConnectTimeout):", "    requests.get(URL)"],
        "m.get(URL).fail(requests.ConnectTimeout)",
    ),
    "made": (
        ["def answer(request, context):", '    return {"got": request.json()}', "m.post(URL, json=answer, status_code=201)",
         'm.put(URL, text=lambda request, context: request.text.upper())',
         'assert requests.post(URL, json=1).json() == {"got": 1}', 'assert requests.put(URL, data="a").text == "A"'],
        "m.post(URL).respond_with(lambda request: (201, answer(request, None)))",
    ),
    "history": (
        ['matcher = m.get(URL + "?a=1")', 'requests.get(URL + "?a=1", timeout=5)', 'assert m.request_history[0].qs == {"a": ["1"]}',
         "assert len(m.request_history) == 1", 'assert [r.hostname for r in m.request_history] == ["api.example.com"]',
         "assert matcher.called_once and matcher.last_request.timeout == 5", 'assert m.last_request.url.endswith("a=1")'],
        'matcher = m.get(URL + "?a=1").respond()',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _OF_RESPONSES)
def test_a_test_with_responses_passes_before_and_after(name: str) -> None:
    lines, becomes = _OF_RESPONSES[name]
    before = _inside(_RESPONSES, *lines)
    after = rewrite(before)
    assert becomes in after.text
    assert after.left == ()
    assert "responses." not in after.text.replace("responses.json", "")
    _passes(before)
    _passes(after.text)
    assert rewrite(after.text).text == after.text


@pytest.mark.parametrize("name", _OF_REQUESTS_MOCK)
def test_a_test_with_requests_mock_passes_before_and_after(name: str) -> None:
    lines, becomes = _OF_REQUESTS_MOCK[name]
    before = _inside(_REQUESTS_MOCK, *lines)
    after = rewrite(before)
    assert becomes in after.text
    assert after.left == ()
    assert "requests_mock" not in after.text
    _passes(before)
    _passes(after.text)
    assert rewrite(after.text).text == after.text


#: Refused lines, and a word of the reason.
_REFUSED = {
    "responses.add(make())": "declared elsewhere",
    "responses.add(**make())": "a star",
    "responses.get(URL, match=make())": "put together elsewhere",
    "responses.get(URL, match=[make()])": "a matcher of your own",
    'responses.get(URL, match=[matchers.fragment_identifier_matcher("x")])': "never sent",
    'responses.get(URL, match=[matchers.header_matcher({"X": "y"}, strict_match=True)])': "all headers",
    'responses.get(URL, match=[matchers.request_kwargs_matcher({"stream": True})])': "never reaches the wire",
    "responses.add_callback(responses.GET, URL, callback=make())": "callback",
    "responses.remove(responses.GET, URL)": "a declared route stays",
    "responses.reset()": "begins fresh",
    "responses.registered()": "routes here",
}


@pytest.mark.parametrize("line", _REFUSED)
def test_what_has_no_sure_form_stays_and_is_told_by_its_line(line: str) -> None:
    done = rewrite(_inside(_RESPONSES, "responses.get(URL)", line))
    assert line in done.text
    assert "mock.get(URL).respond()" in done.text
    [left] = done.left
    assert _REFUSED[line] in left.reason
    assert left.form
    assert done.text.splitlines()[left.line - 1].strip() == line


def test_replies_that_are_declared_in_a_loop_are_told() -> None:
    done = rewrite(_inside(_RESPONSES, "for page in (1, 2):", "    responses.get(URL, json=page)"))
    assert [left.reason for left in done.left] == ["the replies of one URL are declared in a loop, and come in turn"]


def test_routes_that_differ_in_a_loop_are_no_turns() -> None:
    done = rewrite(_inside(_RESPONSES, "for page in (1, 2):", '    responses.get(f"{URL}/{page}", json=page)'))
    assert done.left == ()


def test_formatting_and_comments_stay() -> None:
    before = _inside(
        _RESPONSES, "# first", "responses.add(  # why", "    responses.GET,", "    URL,  # where", "    json={", '        "a": 1,  # one',
        "    },", "    status=404,", ")", "", "x = [1,2]   # odd",
    )  # fmt: skip
    text = rewrite(before).text
    for kept in ("    # first\n", "# why", "# where", '        "a": 1,  # one\n', "    x = [1,2]   # odd\n"):
        assert kept in text
    compile(text, "test_it.py", "exec")


_HELPERS = """
import unittest
from unittest import mock

import requests
import requests_mock
import responses

URL = "http://localhost:9/x"


def declared(name="a"):
    responses.get(URL, json=name)


class TestOne(unittest.TestCase):
    def declare(self):
        declared("b")

    @responses.activate
    def test_helper(self):
        self.declare()
        assert requests.get(URL).json() == "b"


class TestSetUp(unittest.TestCase):
    def setUp(self):
        responses.get(URL, json="set up")

    @responses.activate
    def test_setup(self):
        assert requests.get(URL).json() == "set up"


@requests_mock.Mocker()
class TestClass(unittest.TestCase):
    @mock.patch("os.getcwd")
    def test_patched(self, m, getcwd):
        m.get(URL, json=1)
        assert requests.get(URL).json() == 1 and m.called_once and not getcwd.called


class TestStarted(unittest.TestCase):
    def setUp(self):
        self.m = requests_mock.Mocker()
        self.m.start()
        self.addCleanup(self.m.stop)

    def test_started(self):
        self.m.get(URL, text="x")
        assert requests.get(URL).text == "x"


@requests_mock.Mocker(kw="given")
def test_by_name(given: requests_mock.Mocker):
    given.get(URL, text="x")
    assert requests.get(URL).text == "x"
""".lstrip()


def test_helpers_setups_classes_and_started_mockers() -> None:
    after = rewrite(_HELPERS)
    assert after.left == ()
    assert 'def declared(name="a", *, api_mock):' in after.text
    assert "self.declare(api_mock=api_mock)" in after.text
    assert 'self.api_mock = self.enterContext(api.mock(unused="ignore"))' in after.text
    assert "def test_patched(self, getcwd, m):" in after.text
    assert "(given: lookalike.Mock)" in after.text
    _passes(_HELPERS)
    _passes(after.text)


_FIXTURES = """
import pytest
import requests
import responses


@pytest.fixture
def mocked():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        yield rsps


def test_mocked(mocked):
    mocked.add("GET", "http://x.test/", json=1)
    mocked.add("GET", "http://x.test/", json=2)
    assert [requests.get("http://x.test").json() for _ in "ab"] == [1, 2]


def test_plugin(requests_mock):
    requests_mock.get("http://x.test/", text="x")
    assert requests.get("http://x.test").text == "x"
    assert requests_mock.last_request.method == "GET"
""".lstrip()


def test_fixtures_of_both_libraries(tmp_path: Path) -> None:
    after = rewrite(_FIXTURES)
    assert after.left == ()
    assert 'api = lookalike.Api(base_url="http://x.test")' in after.text
    assert "import responses" not in after.text
    _passes_with_pytest(tmp_path, _FIXTURES)
    _passes_with_pytest(tmp_path, after.text)
    assert rewrite(after.text).text == after.text


def test_what_a_refused_mocker_is_asked_stays() -> None:
    text = (
        "import responses\n\n\ndef test():\n    with responses.RequestsMock(response_callback=print) as rsps:\n"
        '        rsps.get("http://x.test", json=1)\n'
    )
    done = rewrite(text)
    assert done.text == text
    assert [left.line for left in done.left] == [5]


def test_a_file_without_the_libraries_stays() -> None:
    text = "import unittest\n\ndef test(m):\n    assert m.called\n"
    assert rewrite(text) == rewrite(text)
    assert rewrite(text).text == text


def test_what_is_no_python_is_told_by_its_line() -> None:
    with pytest.raises(UsageError, match=r"3: this is no Python"):
        rewrite("import responses\n\ndef test(:\n")


# -- the command -------------------------------------------------------------------------------------------------------


def _run(*arguments: object) -> tuple[str, BaseException | None]:
    done = CliRunner().invoke(build(), ["migrate", *map(str, arguments)])
    return done.output, done.exception


_OLD = (
    "import requests\nimport responses\n\n\n@responses.activate\ndef test_it():\n    responses.get('http://x.test')\n"
)


def test_diff_shows_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "test_old.py"
    file.write_text(_OLD)
    output, _ = _run(tmp_path, "--diff")
    assert "-@responses.activate\n" in output
    assert '+@api.mock(unused="ignore")\n' in output
    assert "1 file would be rewritten, 2 places; 0 places left" in output
    assert file.read_text() == _OLD


def test_files_are_rewritten_in_place_and_nothing_is_left_beside(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "test_old.py"
    file.parent.mkdir()
    file.write_bytes(_OLD.replace("\n", "\r\n").encode())
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "test_old.py").write_text(_OLD)
    output, _ = _run(tmp_path)
    assert "1 file rewritten" in output
    assert b'@api.mock(unused="ignore")\r\n' in file.read_bytes()
    assert [one.name for one in file.parent.iterdir()] == ["test_old.py"]
    assert (tmp_path / ".venv" / "test_old.py").read_text() == _OLD
    again = file.read_bytes()
    assert "0 files rewritten" in _run(tmp_path)[0]
    assert file.read_bytes() == again


def test_what_is_left_is_told_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "test_old.py"
    file.write_text(_OLD + "    responses.reset()\n")
    output, _ = _run(file)
    line = file.read_text().splitlines().index("    responses.reset()") + 1
    assert f"{file}:{line}: responses.reset(): a mock begins fresh for each test\n    write: leave it out" in output


def test_a_broken_file_stops_before_any_is_written(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(_OLD)
    (tmp_path / "test_b.py").write_text("import responses\ndef (\n")
    _, error = _run(tmp_path)
    assert str(error).startswith(f"{tmp_path / 'test_b.py'}:2: this is no Python")
    assert (tmp_path / "test_a.py").read_text() == _OLD


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    _, error = _run(tmp_path / "nothing")
    assert (
        str(error) == f"{tmp_path / 'nothing'}: there is no such file or folder\nName test files, or folders of them."
    )


def test_lists_of_matchers_and_fixtures_of_other_modules_are_known(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text(
        "from responses import matchers\n\nNONE = [matchers.query_param_matcher({})]\n"
    )
    (tmp_path / "conftest.py").write_text(
        "import pytest\nimport responses\n\n\n@pytest.fixture\ndef rsps():\n    with responses.RequestsMock() as one:\n        yield one\n"
    )
    file = tmp_path / "test_old.py"
    file.write_text("import helpers\n\n\ndef test(rsps):\n    rsps.get('http://x.test', json=1, match=helpers.NONE)\n")
    _run(tmp_path)
    assert "rsps.get('http://x.test', params=exactly({})).respond(json=1)" in file.read_text()
    assert "from lookalike.match import exactly" in file.read_text()
