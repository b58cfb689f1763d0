"""[tool.lookalike] of pyproject.toml: read, checked, and read again when it changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookalike import FileError, UsageError, config


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return folder


GITHUB = """
[tool.lookalike.apis.github]
contract = "contracts/github.yaml"
base_url = "https://api.github.com/"
auth = { bearer = "env:GITHUB_TOKEN" }
"""


def test_an_api_as_the_documentation_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = project(tmp_path, GITHUB) / "a" / "b"
    below.mkdir(parents=True)
    settings = config.load(below)
    assert (settings.path, settings.declared) == (tmp_path / "pyproject.toml", True)
    api = settings.apis["github"]
    assert api.contract == tmp_path / "contracts" / "github.yaml"
    assert api.base_url == "https://api.github.com"
    monkeypatch.setenv("GITHUB_TOKEN", "abc")
    assert config.resolve_auth(api) == {"bearer": "abc"}
    assert "abc" not in repr(api)
    assert "GITHUB" not in repr(api)


def test_the_working_directory_is_where_it_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, GITHUB))
    assert list(config.load().apis) == ["github"]


def test_no_file_and_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda self: False)
    assert config.load(tmp_path) == config.Settings()
    monkeypatch.undo()
    assert not config.load(project(tmp_path, "[project]\nname = 'x'\n")).declared
    assert not config.load(project(tmp_path, "tool = 1\n\n")).declared


def test_a_change_is_seen(tmp_path: Path) -> None:
    project(tmp_path, GITHUB)
    assert config.load(tmp_path) is config.load(tmp_path)
    project(tmp_path, GITHUB.replace("github]", "hub]"))
    assert list(config.load(tmp_path).apis) == ["hub"]


@pytest.mark.parametrize(
    ("auth", "environment", "resolved"),
    [
        ('{ bearer = "plain" }', {}, {"bearer": "plain"}),
        ('{ basic = "env:PAIR" }', {"PAIR": "user:pw"}, {"basic": "user:pw"}),
        ('{ header = "X-Api-Key: env:KEY" }', {"KEY": "k"}, {"header": "X-Api-Key: k"}),
        ('{ header = "X-Api-Key: k" }', {}, {"header": "X-Api-Key: k"}),
        ('{ header = "env:WHOLE" }', {"WHOLE": "X-Key: k"}, {"header": "X-Key: k"}),
        ('{ header = "Authorization: Token env:KEY" }', {"KEY": "k"}, {"header": "Authorization: Token k"}),
        ('{ cookie = "sid=env:SID" }', {"SID": "a=b"}, {"cookie": "sid=a=b"}),
        ('{ query = "appid=env:KEY" }', {"KEY": "k&k"}, {"query": "appid=k&k"}),
        ('{ query = "env:WHOLE" }', {"WHOLE": "appid=k"}, {"query": "appid=k"}),
    ],
)
def test_credentials(
    auth: str, environment: dict[str, str], resolved: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    text = f'[tool.lookalike.apis.x]\nbase_url = "https://x.test"\nauth = {auth}\n'
    assert config.resolve_auth(config.load(project(tmp_path, text)).apis["x"]) == resolved


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    with pytest.raises(UsageError, match=r"GITHUB_TOKEN.*not set.*apis\.github"):
        config.resolve_auth(config.load(project(tmp_path, GITHUB)).apis["github"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.lookalike", "not TOML"),
        ("tool.lookalike = 1", r"\[tool\.lookalike\]: 1 is not a table"),
        (
            "[tool.lookalike]\napi = {}",
            r"unknown key 'api'\ndid you mean \"apis\"\? Known: allow, apis, coverage, fail_on, history, mock, network",
        ),
        ("[tool.lookalike]\napis = []", r"\[tool\.lookalike\.apis\]: \[\] is not a table"),
        ("[tool.lookalike.apis.x]\ncontracts = 'a'", r"unknown key 'contracts'\ndid you mean \"contract\"\?"),
        ("[tool.lookalike.apis.x]\ncontract = 1", "contract = 1 is not a path"),
        (
            "[tool.lookalike]\nfail_on = 'braking'",
            r"\[tool\.lookalike\]: fail_on = 'braking' is none of additive, risky, breaking\ndid you mean \"breaking\"",
        ),
        (
            "[tool.lookalike.coverage]\noperation = 5",
            r"coverage\]: unknown key 'operation'\ndid you mean \"operations\"\?",
        ),
        ("[tool.lookalike.coverage]\nplaces = true", r"\[tool.lookalike.coverage\]: places = True is no percentage"),
        ("[tool.lookalike.coverage]\nplaces = nan", r"places = nan is no percentage; write a number from 0 to 100"),
        (
            "[tool.lookalike.apis.x]\ncontract = 'a'\ncoverage = { places = 101 }",
            r"\[tool.lookalike.apis.x\] coverage: places = 101 is no percentage",
        ),
        ("[tool.lookalike.apis.x]\ncontract = 'a'\nfail_on = ['risky']", r"apis\.x\]: fail_on = \['risky'\] is none"),
        ("[tool.lookalike.apis.x]\n", "neither contract nor base_url"),
        ("[tool.lookalike.apis.x]\nbase_url = 'x.test'", r"apis\.x\] base_url: .*did you mean https://x\.test\?"),
        ("[tool.lookalike.apis.x]\nbase_url = 1", "1 is not a URL"),
        ("[tool.lookalike.apis.x]\nbase_url = 'https://x.test?a=1'", "has a query"),
        ("[tool.lookalike.apis.x]\nbase_url = 'https://x.test'\nauth = 'a'", "auth is not a table\nWrite auth = "),
        ("[tool.lookalike.apis.x]\nbase_url = 'https://x.test'\nauth = { token = 'a' }", "unknown key 'token'"),
        (
            "[tool.lookalike.apis.x]\nbase_url = 'https://x.test'\nauth = { bearer = 1 }",
            "auth is not one name with its text\nWrite auth = ",
        ),
        (
            "[tool.lookalike.apis.x]\nbase_url = 'https://x.test'\nauth = { bearer = 'a', basic = 'b:c' }",
            "auth is not one name with its text\nWrite auth = ",
        ),
        ("[tool.lookalike.apis.x]\ncontract = 'a'\nallow_refs = 'https://x.test'", "'https://x.test' is not a list"),
        ("[tool.lookalike.apis.x]\ncontract = 'a'\nallow_refs = [1]", "1 is neither an http URL nor a folder"),
        ("[tool.lookalike.apis.x]\ncontract = 'a'\nallow_refs = ['ftp://x']", "neither an http URL nor a folder"),
    ],
)
def test_mistakes_name_the_file_and_the_place(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        config.load(project(tmp_path, text))
    assert "pyproject.toml" in str(caught.value)


@pytest.mark.parametrize("auth", ["'hunter2hunter2'", "['hunter2hunter2']", "{ bearer = ['hunter2hunter2'] }"])
def test_what_may_be_a_secret_is_not_repeated(auth: str, tmp_path: Path) -> None:
    text = f"[tool.lookalike.apis.x]\nbase_url = 'https://x.test'\nauth = {auth}"
    with pytest.raises(UsageError, match="auth is not") as caught:
        config.load(project(tmp_path, text))
    assert "hunter2" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (project(tmp_path, GITHUB) / "pyproject.toml").chmod(0)
    with pytest.raises(FileError, match="can't be read"):
        config.load(tmp_path)


def test_where_references_may_lead(tmp_path: Path) -> None:
    folder = project(
        tmp_path, "[tool.lookalike.apis.x]\ncontract = 'a.yaml'\nallow_refs = ['https://x.test/', '../common']"
    )
    assert config.load(folder).apis["x"].allow_refs == ("https://x.test/", str(folder / "../common"))


def test_the_severity_that_fails_is_the_projects_or_an_apis_own(tmp_path: Path) -> None:
    text = "[tool.lookalike{}]\n{}\n[tool.lookalike.apis.{}]\ncontract = 'a.yaml'\n"
    folder = project(tmp_path, text.format("", "fail_on = 'breaking'", "x") + "[tool.lookalike.apis.y]\n"
                     "contract = 'b.yaml'\nfail_on = 'additive'\n")  # fmt: skip
    found = config.load(folder)
    assert (found.fail_on, found.apis["x"].fail_on, found.apis["y"].fail_on) == ("breaking", "breaking", "additive")
    other = tmp_path / "other"
    other.mkdir()
    assert config.load(project(other, text.format(".history", "keep = 3", "x"))).apis["x"].fail_on == "risky"


def test_floors_of_coverage(tmp_path: Path) -> None:
    found = config.load(
        project(tmp_path, "[tool.lookalike.coverage]\noperations = 80\n[tool.lookalike.apis.x]\ncontract = 'a.yaml'\n"
                          "coverage = { places = 12.5, statuses = 0 }")
    )  # fmt: skip
    assert (found.coverage, found.apis["x"].coverage) == ({"operations": 80}, {"places": 12.5, "statuses": 0})
    assert config.Settings().coverage == {}
