"""What is accepted is noted in the reviewed file, beside what is ignored, and shown; fingerprints may be shortened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import lookalike
from lookalike.api.decided import read_decisions
from lookalike.cli import app
from lookalike.cli.finding import finding
from lookalike.contract.decisions import acceptance_of
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.verdict import ApiReport

NAME = "lookalike-decisions.yaml"


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """A configured API whose users' ids became strings; the finding's fingerprint."""
    monkeypatch.chdir(tmp_path)
    pack = lookalike.Api("jsonplaceholder")
    with pack.serve() as url:
        assert app.run(["learn", url, "/users", "/users/{id}", "-o", "todos.yaml"]) == 0
    with pack.serve(changed=True) as url:
        Path("pyproject.toml").write_text(
            f'[tool.lookalike.apis.todos]\ncontract = "todos.yaml"\nbase_url = "{url}"\n', "utf-8"
        )
        yield said(capsys, 1, "verify").partition("lookalike accept ")[2].split()[0]


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """What a command prints; it must end with this code and complain of nothing."""
    capsys.readouterr()
    ended = app.run(arguments)
    found = capsys.readouterr()
    assert (ended, found.err) == (code, ""), found.out + found.err
    return found.out


OTHERS = """\
# Ours, see the wiki.
- api: other   # asked on the phone
  fingerprint: "0123"
  what:   'a thing'
  why: >-
    a long
    reason
  until: 2098-01-31
"""


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("", ""),
        (OTHERS, OTHERS),
        (OTHERS.rstrip("\n"), OTHERS),
        ("".join(f"    {line}\n" for line in OTHERS.splitlines()),) * 2,
        ("# nothing yet\n", "# nothing yet\n"),
        ("[{api: a, fingerprint: b, what: c, why: d, until: 2098-01-31}]  # short\n", None),
    ],
)
def test_what_is_accepted_is_noted_for_review(
    before: str, kept: str | None, mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(NAME)
    if before:
        path.write_text(before, "utf-8")
    said(capsys, 1, "verify")
    told = said(capsys, 0, "accept", mark[:6], "--why", "announced:\nfor May", "--by", "Ann")
    assert "lookalike-decisions.yaml: updated\n" in told
    text = path.read_text("utf-8")
    if kept is None:
        assert "# short" in text
    else:
        assert text.startswith(kept or "# Decisions about findings of `lookalike verify`")
    noted = read_decisions(path)
    [one] = noted.accepted
    assert (one.api, one.fingerprint, one.what) == ("todos", mark, "id has another type")
    assert one.at == ("GET /users  json[].id", "GET /users/{id}  json.id")
    assert (one.by, one.why) == ("Ann", "announced:\\nfor May")
    assert len(noted.ignored) == ("api:" in before)

    # A record: it leaves nothing out, is no decision that could go, and stays when another is noted.
    verified = said(capsys, 0, "verify")
    assert "ignored" not in verified.replace("ignored until 2098", "")
    assert "the decision can go: id" not in verified
    decided = said(capsys, 0, "history").partition("\ndecided\n")[2]
    assert decided.startswith(
        f"  accepted on {one.accepted}  id has another type ({mark})\n      Ann, announced:\\nfor May\n"
    )
    [todos] = json.loads(said(capsys, 0, "history", "--json"))
    assert todos["decisions"][0]["accepted"] == one.accepted


def test_nothing_is_accepted_beside_a_file_that_cannot_be_read(mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(NAME).write_text("version: 99\n", "utf-8")
    before = Path("todos.yaml").read_bytes()
    assert app.run(["accept", mark]) == 2
    assert "this is a mapping that begins with `version`" in capsys.readouterr().err
    assert Path("todos.yaml").read_bytes() == before


def test_a_fingerprint_may_be_shortened_where_it_says_which() -> None:
    drift = Drift("field-removed", Severity.BREAKING, (("GET /a", "json.x"),), "", "")
    report = ApiReport("todos", "https://a.test", "2026-11-23", drifts=tuple(
        replace(drift, fingerprint=mark) for mark in ("abcd0123", "abcd4567", "ffff0000")
    ))  # fmt: skip
    assert finding(report, "FFFF").fingerprint == "ffff0000"
    assert finding(report, "abcd4").fingerprint == "abcd4567"
    for wanted, complaint in (
        ("abcd", "2 findings begin with abcd; write more of it:\n  abcd0123  the field x is gone\n  abcd4567  the"),
        ("fff", "todos has no finding fff now; there is:\n  abcd0123  the field x is gone\n"),
    ):
        with pytest.raises(lookalike.UsageError) as caught:
            finding(report, wanted)
        assert str(caught.value).startswith(complaint)
    with pytest.raises(lookalike.UsageError, match="no finding abcd now, and no other\n"):
        finding(replace(report, drifts=()), "abcd")


def test_two_acceptances_are_two_entries_and_one_said_twice_is_one(
    mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from lookalike.api.decided import keep_acceptance

    said(capsys, 0, "accept", mark)
    path = Path(NAME)
    [one] = read_decisions(path).accepted
    content = path.read_bytes()
    keep_acceptance(path, one)
    assert path.read_bytes() == content
    keep_acceptance(path, replace(one, accepted="2099-01-01"))
    assert [each.accepted for each in read_decisions(path).accepted] == [one.accepted, "2099-01-01"]
    assert path.read_bytes().startswith(content)


def test_a_record_masks_what_is_secret_and_has_a_limit() -> None:
    at = tuple((f"GET /{number}", "json.x") for number in range(70))
    secret = "ghp_hunter3hunter3hunter3hunter3hunter30000"
    one = acceptance_of(
        Drift("field-removed", Severity.BREAKING, at, "", "", fingerprint="a"),
        ApiReport("todos", "https://a.test", "2026-11-23"),
        why=f"ask {secret}",
    )
    assert secret not in one.why
    assert len(one.at) == 50
    assert one.at[-1] == "and 21 more places"
