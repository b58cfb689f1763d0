"""The command line as a whole: help, completion, colours, and what an error ends with."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import lookalike.cli
from lookalike.cli import app
from lookalike.cli.opening import complete, complete_configured
from lookalike.errors import CredentialsRefused, FileError, LookalikeError, Unreachable, UsageError


def lookalike_command(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return subprocess.run(
        [sys.executable, "-m", "lookalike.cli", *arguments],
        cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_help_lists_every_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--help"]) == 0
    said = capsys.readouterr().out
    for name in app.COMMANDS:
        assert f"\n  {name} " in said
    assert "Exit codes: 0 fine, 1 drift" in said


@pytest.mark.parametrize("name", app.COMMANDS)
def test_each_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run([name, "--help"]) == 0
    said = capsys.readouterr().out
    example = import_module(f"lookalike.cli.{name}").EXAMPLE.strip().splitlines()
    assert all(f"$ {line}" in said for line in example)
    assert f"$ lookalike {name}" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("accept", "FINGERPRINT [API]"),
        ("show", "CONTRACT [OPERATION]"),
        ("learn", "SOURCE..."),
        ("verify", "[API]..."),
    ],
)
def test_the_usage_line_is_regular(name: str, usage: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: lookalike {name} [OPTIONS] {usage}\n")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lookalike 0.")


@pytest.mark.parametrize(
    "arguments", [[], ["shw"], ["show"], ["show", "x", "--no-such-option"], ["serve", "x", "--port", "abc"]]
)
def test_misuse_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(arguments) == 2
    said = capsys.readouterr()
    assert "Usage: lookalike" in said.out + said.err


def test_a_command_that_is_nearly_right_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["shw"]) == 2
    assert "show" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("not so\nbut so"), 2),
        (FileError("a.yaml", "is no contract", place="line 3", hint="Write it again."), 2),
        (LookalikeError("something else"), 2),
        (Unreachable("nobody there", reason="dns"), 3),
        (CredentialsRefused("401"), 4),
        (FileNotFoundError(2, "No such file or directory", "gone.yaml"), 2),
        (OSError("strange"), 2),
    ],
)
def test_an_error_is_one_message_and_its_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(app, "build", lambda: fail)
    assert app.run([]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lookalike.cli, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ending:
        lookalike.cli.main([])
    assert ending.value.code == 2
    assert "pip install 'lookalike[cli]'" in capsys.readouterr().err


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "run", interrupted)
    with pytest.raises(SystemExit) as ending:
        lookalike.cli.main([])
    assert ending.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_it_runs_as_a_program() -> None:
    done = lookalike_command("--version")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_leaves_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m lookalike.cli show jsonplaceholder | head -1",
        shell=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_colours_are_for_terminals() -> None:
    assert "\x1b" not in lookalike_command("show", "jsonplaceholder").stdout
    assert "\x1b[1m" in lookalike_command("show", "jsonplaceholder", FORCE_COLOR="1", TERM="xterm").stdout
    assert (
        "\x1b" not in lookalike_command("show", "jsonplaceholder", FORCE_COLOR="1", NO_COLOR="1", TERM="xterm").stdout
    )


def test_a_terminal_gets_boxes_and_completion_a_script() -> None:
    assert "╭" in lookalike_command("--help", FORCE_COLOR="1", TERM="xterm").stdout
    done = lookalike_command(_LOOKALIKE_COMPLETE="source_bash")
    assert "lookalike" in done.stdout
    assert "complete" in done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("lookalike show ", ["jsonplaceholder", "todos", "users"]),
        ("lookalike serve to", ["todos"]),
        ("lookalike diff todos u", ["users"]),
        ("lookalike verify j", ["jsonplaceholder"]),
        ("lookalike learn ", ["todos", "users"]),
        ("lookalike accept 0123 ", ["todos", "users"]),
    ],
)
def test_a_shell_is_offered_the_names(tmp_path: Path, typed: str, offered: list[str]) -> None:
    apis = "".join(f'[tool.lookalike.apis.{name}]\nbase_url = "http://a.test"\n' for name in ("todos", "users"))
    (tmp_path / "pyproject.toml").write_text(apis, encoding="utf-8")
    words = typed.split(" ")
    done = lookalike_command(
        cwd=tmp_path, _LOOKALIKE_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(words) - 1)
    )
    assert done.stdout.split() == offered, done.stderr


def test_a_shell_that_completes_gets_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.lookalike", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert complete("") == ["jsonplaceholder"]
    assert complete_configured("") == []
