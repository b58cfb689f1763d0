"""The CI files that the docs offer to copy: right by the services' schemas, and their commands exist and end right."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lookalike.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "verify.md"
SCHEMAS = {".github/workflows/verify.yml": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}


def text_of(name: str) -> str:
    found = re.search(rf"^```yaml\n(# {re.escape(name)}\n.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def read(name: str) -> Any:
    return YAML(typ="safe").load(text_of(name))


def checked(path: Path, schema: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_file_is_right_by_its_schema(name: str, tmp_path: Path) -> None:
    path = tmp_path / "ci.yml"
    path.write_text(text_of(name), "utf-8")
    done = checked(path, SCHEMAS[name])
    assert done.returncode == 0, done.stdout + done.stderr
    # So that the check is one: a word that the service doesn't know.
    word = "runs-on" if "github" in name else "script"
    path.write_text(re.sub(rf"\b{word}:", f"{word}x:", text_of(name)), "utf-8")
    assert checked(path, SCHEMAS[name]).returncode == 1


def scripts() -> list[str]:
    steps = read(".github/workflows/verify.yml")["jobs"]["verify"]["steps"]
    return [*(step["run"] for step in steps if "run" in step), *read(".gitlab-ci.yml")["verify"]["script"]]


def test_each_command_and_option_exists(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.strip() for script in scripts() for line in script.splitlines()]
    commands = [shlex.split(line.partition("||")[0]) for line in lines if line.startswith("lookalike ")]
    assert len(commands) == 2
    for _, command, *arguments in commands:
        assert app.run([command, "--help"]) == 0
        told = capsys.readouterr().out
        options = [one for one in arguments if one.startswith("-")]
        assert options
        assert all(re.search(rf"(?<!\S){re.escape(one)}(?!\S)", told) for one in options), told
    installed = [shlex.split(line)[2:] for line in lines if line.startswith("pip install ")]
    assert installed == [["lookalike[cli]"]] * 2


@pytest.mark.parametrize(("code", "ended"), [(0, 0), (1, 1), (2, 2), (3, 0), (4, 4)])
def test_an_outage_alone_is_forgiven(code: int, ended: int, tmp_path: Path) -> None:
    """As GitHub runs it: `bash -e {0}`."""
    command = tmp_path / "lookalike"
    command.write_text(f"#!/bin/sh\nexit {code}\n", "utf-8")
    command.chmod(0o755)
    script = next(one for one in scripts() if "lookalike verify" in one and "code" in one)
    done = subprocess.run(
        ["bash", "-e", "-c", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == ended
    assert done.stdout.startswith("::warning::") == (code == 3)
    assert read(".gitlab-ci.yml")["verify"]["allow_failure"] == {"exit_codes": 3}


def test_what_is_kept_is_what_is_written() -> None:
    workflow, job = read(".github/workflows/verify.yml")["jobs"]["verify"]["steps"], read(".gitlab-ci.yml")["verify"]
    kept = {step["with"]["path"] for step in workflow if step.get("uses", "").startswith("actions/cache/")}
    assert kept == set(job["cache"]["paths"]) == {".lookalike/history.sqlite"}
    written = {Path(word).name for script in scripts() for word in script.split() if word.startswith("verify.")}
    uploaded = {step["with"].get("sarif_file") or step["with"].get("path") for step in workflow if "if" in step}
    uploaded |= {*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]}
    assert uploaded - kept == written == {"verify.sarif", "verify.html", "verify.xml"}
    # What fails the job must not cost the history.
    assert all(step["if"].startswith("always()") for step in workflow if "if" in step)
    assert job["cache"]["when"] == job["artifacts"]["when"] == "always"
