"""The workshop keeps its own rules."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "lookalike").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HAS_MAKE = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
TARGETS = ("demo", "test", "niquests", "mocks", "test-oldest", "test-next", "check", "sdks", "bench", "docs")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_users_mistake_is_never_an_assert(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_file_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_extras_say_what_all_has() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert extras["all"] == [f"lookalike[{','.join(sorted(set(extras) - {'all'}))}]"]


def test_the_demo_takes_its_project_along() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {"examples/todos": "lookalike/cli/demo/todos"}
    assert (ROOT / "examples" / "todos" / "project" / "services.py").exists()


def test_what_lint_ignores_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = re.search(r"^ignore = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert ignored is not None
    assert all("#" in line for line in ignored[1].splitlines())


@HAS_MAKE
@pytest.mark.parametrize("target", TARGETS)
def test_each_command_makes_its_own_environment(target: str) -> None:
    said = make("--dry-run", "--always-make", target)
    assert said.returncode == 0, said.stderr
    assert "-m venv" in said.stdout


def test_each_command_is_told() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8") + (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in TARGETS:
        assert f"| `make {target}` |" in told, target
        assert re.search(rf"^#   make {target} ", told, re.MULTILINE), target


@HAS_MAKE
def test_a_python_that_is_not_there_is_said() -> None:
    said = make("PYTHON=no-such-python", "demo")
    assert said.returncode == 2
    assert "Install Python 3.11 or newer" in said.stderr


@HAS_MAKE
def test_an_old_python_is_said(tmp_path: Path) -> None:
    old = tmp_path / "python3.8"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.8.1 && exit 0\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    said = make(f"PYTHON={old}", "demo")
    assert said.returncode == 2
    assert "needs Python 3.11 or newer" in said.stderr
    assert "is Python 3.8.1" in said.stderr


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
