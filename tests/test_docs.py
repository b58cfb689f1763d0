"""Every block of README.md, CONTRIBUTING.md, docs/ and the example's page runs, and prints what it says it prints.

How a block is run depends on its language; one folder a page, in the order of the page:

- `python`: a block that begins with `# test_NAME.py` is a file that pytest runs; any other is executed
- `console`: each `$ command` is run, what follows is its output; one that ends in `&` runs until `$ kill %1` or the
  page's end; `$ echo $?` is the exit code before; `pip install` and `make` lines aren't run, what they name must exist
- `toml`, `yaml`: a block that begins with `# path` is written there; each must be readable
- `text`: is part of what the block before printed, where no `<!-- picture -->` stands before it

`...` in an output stands for anything. `<!-- instead: OLD -> NEW -->` before an output runs the last Python block again
with that change. `<!-- needs: NAME -->` before a block runs it only where that library is installed.
`<!-- generated: NAME -->` begins what docs/generate.py wrote. The commands' own examples in docs/command-line.md are
pictures on the page and run in a test of their own, on a stage where their names exist.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "todos" / "README.md"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", EXAMPLE, *(ROOT / "docs").glob("**/*.md")])
_BLOCK = re.compile(
    r"(?:^<!-- (?P<directive>picture|needs: .+?|instead: .+?) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_PORT = "8000"


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    directive: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["language"], found["text"], found["directive"] or "", text.count("\n", 0, found.start("text")))
        for found in _BLOCK.finditer(text)
    ]


class Reader:
    """Does what a page says, in a folder of its own."""

    def __init__(self, folder: Path, *, asks_real: bool = False) -> None:
        self.folder = folder
        self.asks_real = asks_real
        self.output = ""
        self.code = 0
        self.namespace: dict[str, Any] = {"__name__": "page"}
        self.last_python = ""
        self.running: list[subprocess.Popen[str]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])

    def read(self, block: Block) -> None:
        text = block.text.replace(_PORT, self.port)
        needed = block.directive.removeprefix("needs: ")
        if needed != block.directive and importlib.util.find_spec(needed) is None:
            return
        if block.directive.startswith("instead: "):
            old, new = block.directive.removeprefix("instead: ").split(" -> ")
            assert old in self.last_python, f"{old!r} is not in the block before"
            self._python(self.last_python.replace(old, new), fails=True)
        getattr(self, f"_{block.language}")(text) if block.directive != "picture" else None

    def close(self) -> None:
        for process in self.running:
            self._stop(process)

    @staticmethod
    def _stop(process: subprocess.Popen[str]) -> None:
        process.terminate()
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()

    def _python(self, text: str, *, fails: bool = False) -> None:
        if not fails:
            self.last_python = text
        if found := re.match(r"# (test_\w+\.py)\n", text):
            (self.folder / found[1]).write_text(text, encoding="utf-8")
            self._run(f"{sys.executable} -m pytest -q -p no:cacheprovider -p no:randomly {found[1]}")
            assert self.code == (1 if fails else 0), self.output
            return
        said = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(said):
            if fails:
                with pytest.raises(Exception) as caught:  # noqa: PT011  the page shows which
                    exec(compile(text, "page", "exec"), self.namespace)
                said.write(f"{type(caught.value).__module__}.{type(caught.value).__qualname__}: {caught.value}")
            else:
                exec(compile(text, "page", "exec"), self.namespace)
        self.output = said.getvalue()

    def _console(self, text: str) -> None:
        for command, expected in _commands(text):
            if command == "echo $?":
                self.output = f"{self.code}\n"
            elif command.startswith(("pip install", "git clone", "make ", "cd ")):
                _check_named(command)
                continue
            elif command == "kill %1":
                self._stop(self.running.pop(0))
                continue
            elif command.endswith("&"):
                self._start(command.removesuffix("&").strip())
            else:
                self._run(command)
            if expected.strip():
                assert _matches(expected, self.output, whole=True), f"$ {command}\n{self.output}"
            else:
                assert self.code in (0, 1), f"$ {command} ended with {self.code}\n{self.output}"

    def _text(self, text: str) -> None:
        assert _matches(text, self.output, whole=False), self.output

    def _toml(self, text: str) -> None:
        tomllib.loads(text)
        self._write(text)

    def _yaml(self, text: str) -> None:
        YAML(typ="safe").load(text)
        self._write(text)

    def _write(self, text: str) -> None:
        if found := re.match(r"# ([\w./-]+\.(?:toml|ya?ml))\n", text):
            target = self.folder / found[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return os.environ | {
            "PATH": path,
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-p no:recording",
            "SKIP_REAL": "" if self.asks_real else "1",
        }

    def _run(self, command: str) -> None:
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self._environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        self.output, self.code = done.stdout, done.returncode

    def _start(self, command: str) -> None:
        process = subprocess.Popen(
            f"exec {command}",
            shell=True,
            cwd=self.folder,
            env=self._environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.running.append(process)
        assert process.stdout is not None
        self.output, self.code = process.stdout.readline(), 0
        self._wait_for_port()

    def _wait_for_port(self) -> None:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"nothing listens on {self.port}: {self.output}")


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more.strip()
        yield command.strip(), expected


def _check_named(command: str) -> None:
    """What a line names that isn't run: an extra of the package, a target of the Makefile."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if found := re.search(r"lookalike\[([\w,]+)\]", command):
        assert set(found[1].split(",")) <= set(project["optional-dependencies"]), command
    if command.startswith("make "):
        assert re.search(rf"^{command.split()[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def _matches(expected: str, got: str, *, whole: bool) -> bool:
    pattern = re.escape(_plain(expected)).replace(re.escape("..."), ".*?")
    return re.search(rf"\A{pattern}\Z" if whole else pattern, _plain(got), re.DOTALL) is not None


def _plain(text: str) -> str:
    """Without pytest's mark of an error's lines and their indentation, trailing blanks, and empty lines around."""
    error = re.compile(r"(?:^E(?: .*)?\n)+", re.MULTILINE)
    text = error.sub(lambda found: textwrap.dedent(re.sub(r"^E", "", found[0], flags=re.MULTILINE)), text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_runs_and_says_what_the_page_says(page: Path, tmp_path: Path) -> None:
    if page == EXAMPLE:
        shutil.copytree(page.parent, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    reader = Reader(tmp_path, asks_real=page == EXAMPLE)
    try:
        for block in blocks(page):
            try:
                reader.read(block)
            except Exception as error:
                raise AssertionError(f"{page.relative_to(ROOT)}, line {block.line}: {error}") from error
    finally:
        reader.close()


#: What the examples of docs/command-line.md end with on the stage, where it isn't 0; the demo has tests of its own.
ENDS_WITH = {"lookalike diff contracts/github.yaml new-github.yaml": 1}
NOT_RUN = ("lookalike demo",)
PYPROJECT = """
[tool.lookalike.apis.github]
contract = "contracts/github.yaml"
base_url = "http://127.0.0.1:8000"
"""

TEST = """
import lookalike
import requests


def test_titles(mock_api):
    mock_api("github").get("/todos").respond_like()
    assert requests.get("http://127.0.0.1:8000/todos").json()[0]["title"]
"""


class Stage(Reader):
    """A folder where every name in the commands' examples exists: an API that changes, and contracts that know it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.api = self.port
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.before = folder / "before.yaml"

    def set(self) -> None:
        """The API runs, and was learned before and after its change; the first of what runs is the API."""
        (self.folder / "pyproject.toml").write_text(PYPROJECT.replace(_PORT, self.api), encoding="utf-8")
        (self.folder / "tests").mkdir()
        test = "import responses\n\n\n@responses.activate\ndef test_it():\n    responses.get('http://x.test', json=1)\n"
        (self.folder / "tests" / "test_old.py").write_text(test, encoding="utf-8")
        self.api_starts("--changed")
        self.ends(f"lookalike learn http://127.0.0.1:{self.api} /todos --name github -o new-github.yaml")
        self.api_starts()
        for name in ("contracts/github", "shard-1/github", "shard-2/github", "contracts/jsonplaceholder"):
            self.ends(f"lookalike learn http://127.0.0.1:{self.api} /todos --name {Path(name).name} -o {name}.yaml")
        (self.folder / "tests" / "test_titles.py").write_text(TEST.replace(_PORT, self.api), encoding="utf-8")
        self.ends("pytest -q --lookalike-uses tests/test_titles.py")
        self.ends("lookalike export contracts/github.yaml --to har -o session.har")
        (self.folder / "cassettes").mkdir()
        shutil.copy(self.folder / "session.har", self.folder / "cassettes" / "todos.har")
        shutil.copytree(self.folder / "cassettes", self.folder / "tests" / "cassettes", dirs_exist_ok=True)
        (self.folder / "logs").mkdir()
        line = {"request": {"method": "GET", "url": "https://api.example.com/todos"}, "response": {"status": 200}}
        (self.folder / "logs" / "today.ndjson.gz").write_bytes(gzip.compress(json.dumps(line).encode() + b"\n"))

    def api_starts(self, *options: str) -> None:
        for process in self.running:
            self._stop(process)
        self.running.clear()
        own, self.port = self.port, self.api
        self._start(f"lookalike serve jsonplaceholder --port {self.api} {' '.join(options)}")
        self.port = own

    def ends(self, command: str, code: int = 0) -> None:
        self._run(command)
        assert self.code == code, f"$ {command} ended with {self.code}\n{self.output}"

    def example(self, command: str) -> None:
        """Runs one, the names that the page makes up replaced by the stage's."""
        real = command.replace("https://api.example.com", f"http://127.0.0.1:{self.api}").replace(_PORT, self.port)
        if command.startswith(("lookalike accept", "lookalike ignore")):
            self.api_starts("--changed")
            shutil.rmtree(self.folder / "contracts")
            shutil.copytree(self.folder / "shard-1", self.folder / "contracts")
            self.ends("lookalike verify", 1)
            found = re.search(r"lookalike accept (\w+)", self.output)
            assert found is not None, self.output
            real = re.sub(r"(accept|ignore) \w+", rf"\1 {found[1]}", real).replace("2027-01-31", "2099-12-31")
        if command.startswith(("lookalike serve", "lookalike record")):
            stays = f"{real} --port {self.port}" if "--port" not in real else real
            while len(self.running) > 1:
                self._stop(self.running.pop())
            self._start(stays)
            assert f"http://127.0.0.1:{self.port}" in self.output, f"$ {stays}\n{self.output}"
        else:
            self.ends(real, ENDS_WITH.get(command, 0))

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"TODOS_KEY": "a-key"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="the example of `lookalike record` asks with curl")
def test_the_examples_of_the_commands_run(tmp_path: Path) -> None:
    examples = [
        command
        for block in blocks(ROOT / "docs" / "command-line.md")
        if block.directive == "picture"
        for command, _ in _commands(block.text)
        if not command.startswith(NOT_RUN)
    ]
    stage = Stage(tmp_path)
    try:
        stage.set()
        for command in examples:
            stage.example(command)
    finally:
        stage.close()
    assert len(examples) >= 13


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_generated_is_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert _generator().renewed(text) == text, "run `make docs`"


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    assert any(line.startswith("```python") for line in lines[:10])


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_command_is_documented() -> None:
    from lookalike.cli.app import COMMANDS

    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"## lookalike {name}\n" in text


def test_docstrings_have_no_examples_that_nothing_runs() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        assert ">>> " not in path.read_text(encoding="utf-8"), (
            f"{path}: put the example on a page of docs/, where it runs"
        )


def test_every_row_of_the_peers_table_has_a_test() -> None:
    generator = _generator()
    marks, features = generator.peer_marks(), [row["feature"] for row in generator.peer_rows()]
    assert [feature for feature in features if feature not in marks] == []
    assert sorted(set(marks) - set(features)) == [], "marks that name no row"
