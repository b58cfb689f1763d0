"""A suite as projects have them, for what is measured of a whole run: a client of an issue tracker, and its tests.

The client is one module of the suite's own: it asks, raises for errors, and makes dataclasses of what it gets, or
pages through lists. Each test declares the answers that it needs, calls the client once or twice, and asserts
on what comes back. Bodies are as GitHub's are: an issue of 2.6 kB, a list of eight issues of 21 kB, a repository of
1.3 kB, an error.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

URL = "https://api.tracker.test"

CLIENT = '''
"""A client of the tracker, over any session that has `get` and `post`."""
from dataclasses import dataclass
from datetime import datetime


class TrackerError(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


@dataclass
class User:
    id: int
    login: str
    is_admin: bool

    @classmethod
    def of(cls, data):
        return cls(data["id"], data["login"], data.get("site_admin", False))


@dataclass
class Issue:
    number: int
    title: str
    state: str
    author: User
    labels: list
    assignees: list
    milestone: str
    comments: int
    created: datetime
    updated: datetime
    body: str

    @classmethod
    def of(cls, data):
        milestone = data.get("milestone")
        return cls(
            number=data["number"],
            title=data["title"].strip(),
            state=data["state"],
            author=User.of(data["user"]),
            labels=[label["name"] for label in data["labels"]],
            assignees=[User.of(one) for one in data["assignees"]],
            milestone=milestone["title"] if milestone else "",
            comments=data["comments"],
            created=datetime.fromisoformat(data["created_at"].replace("Z", "+00:00")),
            updated=datetime.fromisoformat(data["updated_at"].replace("Z", "+00:00")),
            body=data.get("body") or "",
        )


class Tracker:
    def __init__(self, session, url="https://api.tracker.test"):
        self.session = session
        self.url = url

    def _checked(self, answer):
        if answer.status_code >= 400:
            raise TrackerError(answer.status_code, answer.json().get("message", ""))
        return answer.json()

    def issue(self, repository, number):
        headers = {"accept": "application/json"}
        answer = self.session.get(f"{self.url}/repos/{repository}/issues/{number}", headers=headers)
        return Issue.of(self._checked(answer))

    def issues(self, repository, state="open"):
        answer = self.session.get(f"{self.url}/repos/{repository}/issues", params={"state": state, "per_page": "100"})
        return [Issue.of(one) for one in self._checked(answer)]

    def repository(self, name):
        data = self._checked(self.session.get(f"{self.url}/repos/{name}"))
        return {"name": data["full_name"], "stars": data["stargazers_count"], "owner": User.of(data["owner"])}

    def open(self, repository, title, body):
        answer = self.session.post(f"{self.url}/repos/{repository}/issues", json={"title": title, "body": body})
        return Issue.of(self._checked(answer))
'''

HEAD = """
import copy, json
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock, patch

import httpx, pytest, requests, responses, respx
from tracker import Tracker, TrackerError

FIXTURES = Path(__file__).parent / "fixtures"
URL = "https://api.tracker.test/repos/acme/shop{of}"


def fixture(name):
    return json.loads((FIXTURES / f"{{name}}.json").read_text("utf-8"))


def answer(body, status=200):
    return Mock(status_code=status, json=Mock(return_value=body))
"""

# What a test is about, over three ways to declare an answer: {get} and {post} declare, {tracker} makes the client.
_ABOUT = (
    """
{decorator}
def test_an_issue_{at}({argument}):
    data = fixture("issue")
    data["number"], data["title"] = {at}, "The till of shop {at} is stuck "
    {get}("/issues/{at}", data)
    {tracker}
    issue = tracker.issue("acme/shop{of}", {at})
    assert issue.number == {at}
    assert issue.title == "The till of shop {at} is stuck"
    assert issue.author.login == data["user"]["login"]
    assert issue.labels == ["bug", "help wanted", "till"]
    assert issue.updated - issue.created > timedelta(0)
    assert [one.login for one in issue.assignees] == ["ben", "cleo"]
""",
    """
{decorator}
def test_open_issues_{at}({argument}):
    {get}("/issues", fixture("issues"))
    {tracker}
    issues = tracker.issues("acme/shop{of}")
    assert len(issues) == 8
    assert all(issue.state == "open" for issue in issues)
    assert {{issue.author.login for issue in issues}} == {{"ann"}}
    assert sorted(issue.number for issue in issues) == list(range(1, 9))
    assert "bug" in issues[0].labels
""",
    """
{decorator}
def test_a_repository_and_its_issue_{at}({argument}):
    {get}("", fixture("repository"))
    {get}("/issues/1", fixture("issue"))
    {tracker}
    repository = tracker.repository("acme/shop{of}")
    issue = tracker.issue("acme/shop{of}", 1)
    assert repository["stars"] == 12
    assert repository["owner"].login == "acme"
    assert issue.milestone == "Spring"
    assert not issue.author.is_admin
    assert issue.comments == 3
""",
    """
{decorator}
def test_an_error_{at}({argument}):
    {get}("/issues/{at}", fixture("error"), 404)
    {tracker}
    with pytest.raises(TrackerError) as caught:
        tracker.issue("acme/shop{of}", {at})
    assert caught.value.status == 404
    assert "Not Found" in str(caught.value)
""",
    """
{decorator}
def test_an_issue_is_opened_{at}({argument}):
    data = copy.deepcopy(fixture("issue"))
    data["title"], data["milestone"], data["assignees"] = "Drawer {at}", None, []
    {post}("/issues", data, 201)
    {tracker}
    issue = tracker.open("acme/shop{of}", "Drawer {at}", "It doesn't open.")
    assert issue.title == "Drawer {at}"
    assert issue.milestone == ""
    assert issue.assignees == []
    assert issue.body.startswith("It doesn't")
""",
)
_STYLES: Mapping[str, Mapping[str, str]] = {
    "responses": {
        "decorator": "@responses.activate",
        "argument": "",
        "get": "say_get",
        "post": "say_post",
        "tracker": "tracker = Tracker(requests.Session())",
        "head": """
def say_get(path, body, status=200):
    responses.get(URL + path, json=body, status=status)

def say_post(path, body, status=201):
    responses.post(URL + path, json=body, status=status)
""",
    },
    "respx": {
        "decorator": "@respx.mock",
        "argument": "http",
        "get": "say_get",
        "post": "say_post",
        "tracker": "tracker = Tracker(http)",
        "head": """
@pytest.fixture(scope="module")
def http():
    with httpx.Client() as client:
        yield client

def say_get(path, body, status=200):
    respx.get(URL + path).mock(return_value=httpx.Response(status, json=body))

def say_post(path, body, status=201):
    respx.post(URL + path).respond(status, json=body)
""",
    },
    "unittest.mock": {
        "decorator": '@patch("requests.Session.post")\n@patch("requests.Session.get")',
        "argument": "get, post",
        "get": "say(get)",
        "post": "say(post)",
        "tracker": "tracker = Tracker(requests.Session())",
        "head": """
def say(function):
    said = []
    def add(path, body, status=200):
        said.append(answer(body, status))
        function.side_effect = said
    return add
""",
    },
    "lookalike": {
        "decorator": "",
        "argument": "mock_api",
        "get": 'say(mock_api("tracker").get)',
        "post": 'say(mock_api("tracker").post)',
        "tracker": "tracker = Tracker(requests.Session())",
        "head": """
def say(verb):
    def add(path, body, status=200):
        verb(URL.partition(".test")[2] + path).respond(status, json=body)
    return add
""",
    },
}


def by_turns(styles: tuple[str, ...], tests: int, options: Sequence[list[str]], turns: int) -> list[float]:
    """CPU milliseconds of whole runs of such a suite with each of the options, by turns; medians."""
    with tempfile.TemporaryDirectory(prefix="lookalike-suite-") as name:
        folder = Path(name)
        write(folder, styles, tests)
        taken: list[list[float]] = [[] for _ in options]
        for turn in range(turns + 1):
            for at in sorted(range(len(options)), reverse=bool(turn % 2)):
                milliseconds = _run(folder, options[at])
                if turn:  # the first of each is what makes bytecode
                    taken[at].append(milliseconds)
    return [median(one) for one in taken]


def _run(folder: Path, options: list[str]) -> float:
    """CPU milliseconds of one run. Raises RuntimeError where it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTEST_ADDOPTS": "-p no:recording", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options],
        cwd=folder, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"the suite of the benchmark fails: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def write(folder: Path, styles: tuple[str, ...], tests: int) -> None:
    """The suite: as many tests as asked for, in modules of fifty, each with one of the styles in turn."""
    (folder / "fixtures").mkdir()
    for name, body in bodies().items():
        (folder / "fixtures" / f"{name}.json").write_text(json.dumps(body, indent=1), encoding="utf-8")
    (folder / "tracker.json").write_text(json.dumps(document()), encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[tool.lookalike.apis.tracker]\ncontract = "tracker.json"\n[tool.pytest.ini_options]\npythonpath = ["."]\n',
        encoding="utf-8",
    )
    (folder / "tracker.py").write_text(CLIENT, encoding="utf-8")
    for number, start in enumerate(range(0, tests, 50)):
        style = _STYLES[styles[number % len(styles)]]
        parts = [HEAD.format(of=number), style["head"]]
        for at in range(start, min(start + 50, tests)):
            words = {name: text for name, text in style.items() if name != "head"}
            parts.append(_ABOUT[at % len(_ABOUT)].format(at=at, of=number, **words))
            # `say(get)` declares one after another: made once a test.
            if "(" in style["get"]:
                parts[-1] = _once(parts[-1], style)
        (folder / f"test_{number:02}.py").write_text("\n".join(parts), encoding="utf-8")


def _once(text: str, style: Mapping[str, str]) -> str:
    for name in (style["get"], style["post"]):
        if name + "(" in text:
            at = text.index("\n    ", text.index("def test_"))
            text = f"{text[:at]}\n    declare = {name}{text[at:].replace(name + '(', 'declare(')}"
    return text


def bodies() -> dict[str, Any]:
    """The fixtures, by name."""
    issue = _issue(1)
    return {
        "issue": issue,
        "issues": [_issue(number) for number in range(1, 9)],
        "repository": {
            "id": 1296269, "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5", "name": "shop", "full_name": "acme/shop",
            "owner": _user(1, "acme"), "private": False, "description": "What runs the tills", "fork": False,
            "stargazers_count": 12, "watchers_count": 12, "forks_count": 3, "size": 108, "default_branch": "main",
            "open_issues_count": 8, "topics": ["retail", "till"], "archived": False, "visibility": "public",
            "created_at": "2019-01-26T19:01:12Z", "updated_at": "2024-01-26T19:14:43Z",
            **{f"{name}_url": f"{URL}/repos/acme/shop/{name}" for name in ("forks", "keys", "hooks", "tags")},
        },
        "error": {"message": "Not Found", "documentation_url": "https://docs.tracker.test/issues"},
    }  # fmt: skip


def _user(number: int, login: str) -> dict[str, Any]:
    links = ("followers", "following", "gists", "repos", "events")
    return {
        "login": login, "id": number, "node_id": "MDQ6VXNlcjE=", "avatar_url": f"https://img.tracker.test/{login}.png",
        "url": f"{URL}/users/{login}", **{f"{name}_url": f"{URL}/users/{login}/{name}" for name in links},
        "type": "User", "site_admin": False,
    }  # fmt: skip


def _issue(number: int) -> dict[str, Any]:
    labels = [
        {"id": 208045946 + at, "url": f"{URL}/labels/{at}", "name": name, "color": "f29513", "default": at == 0}
        for at, name in enumerate(("bug", "help wanted", "till"))
    ]
    return {
        "id": number, "number": number, "url": f"{URL}/repos/acme/shop/issues/{number}", "state": "open",
        "title": "The till is stuck", "body": "It doesn't open any more since the update of last week. " * 3,
        "user": _user(1, "ann"), "labels": labels, "assignees": [_user(2, "ben"), _user(3, "cleo")],
        "milestone": {"id": 1002604, "number": 1, "title": "Spring", "state": "open", "open_issues": 4},
        "locked": False, "comments": 3, "closed_at": None, "created_at": "2024-04-22T13:33:48Z",
        "updated_at": "2024-05-22T13:33:48Z", "author_association": "MEMBER",
    }  # fmt: skip


def document() -> dict[str, Any]:
    """The API's own document: three resources that the tests use, and thirty that they don't."""
    schemas = {name: _schema(body) for name, body in bodies().items()}
    schemas["issue"]["properties"]["milestone"]["type"] = ["object", "null"]
    schemas["issues"]["items"]["properties"]["milestone"]["type"] = ["object", "null"]
    reference = {name: {"$ref": f"#/components/schemas/{name}"} for name in schemas}

    def answers(status: str, name: str) -> dict[str, Any]:
        return {
            "responses": {
                status: {"description": "", "content": {"application/json": {"schema": reference[name]}}},
                "404": {"description": "", "content": {"application/json": {"schema": reference["error"]}}},
            }
        }

    more = {f"/things{at}/{{id}}": {"get": answers("200", "repository")} for at in range(30)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tracker", "version": "1"},
        "servers": [{"url": URL}],
        "components": {"schemas": schemas},
        "paths": {
            "/repos/{owner}/{repo}": {"get": answers("200", "repository")},
            "/repos/{owner}/{repo}/issues": {"get": answers("200", "issues"), "post": answers("201", "issue")},
            "/repos/{owner}/{repo}/issues/{number}": {"get": answers("200", "issue")},
            **more,
        },
    }


_TYPES = {str: "string", bool: "boolean", int: "integer"}


def _schema(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        properties = {key: _schema(inner) for key, inner in value.items()}
        return {"type": "object", "required": list(value), "properties": properties}
    if isinstance(value, list):
        return {"type": "array", "items": _schema(value[0])}
    return {"type": _TYPES[type(value)]} if value is not None else {"type": ["string", "null"]}
