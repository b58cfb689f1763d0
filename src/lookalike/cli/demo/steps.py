"""The six steps, in the order in which a developer meets them."""

from __future__ import annotations

import shutil
from pathlib import Path

from lookalike.cli.demo.stage import Stage, SuiteRun, clock

_PATHS = (
    "/todos", "/todos/{id}", "/posts", "/posts/{id}", "/posts/{id}/comments", "/comments", "/albums", "/albums/{id}",
    "/photos", "/users", "/users/{id}", "/users/{id}/todos", "/todos/9999",
)  # fmt: skip
_CONTRACT = "contracts/jsonplaceholder.yaml"
_LIES = "project/tests/test_lies.py"
_LYING_TESTS = '''"""Mocks that lie: each says something that the API was never seen to say."""

from project.tests.data import api


@api.mock()
def test_a_wrong_kind(mock):
    mock.get("/todos").respond(json=[{"userId": 1, "id": 1, "title": "Make the bed", "completed": "no"}])


@api.mock()
def test_a_missing_key(mock):
    mock.get("/todos").respond(json=[{"userId": 1, "id": 1, "completed": False}])


@api.mock()
def test_a_misspelt_key(mock):
    mock.get("/todos").respond(json=[{"userId": 1, "id": 1, "titel": "Make the bed", "completed": False}])
'''
_NEXT = (
    ("your own API", "lookalike learn https://api.example.com /things /things/1 -o contracts/example.yaml"),
    ("your own test", 'with lookalike.Api("contracts/example.yaml").mock() as mock: ...'),
    ("every night", "lookalike verify"),
    ("all commands", "lookalike --help"),
)


def play(stage: Stage) -> None:
    """Show all six steps on the stage."""
    began = clock()
    stage.screen.say("A test double that is held to what the real API does, and notices when that changes.", "strong")
    _serve(stage)
    _learn(stage)
    tests = _test(stage)
    _lie(stage)
    _change(stage, tests)
    _stop(stage)
    _where_next(stage, clock() - began)


def _serve(stage: Stage) -> None:
    stage.title("An API that you don't own: JSONPlaceholder, here as a process of its own.")
    stage.shown("lookalike", "serve", "jsonplaceholder")
    stage.api.start()
    stage.note(stage.api.url)


def _learn(stage: Stage) -> None:
    stage.title("Learn from its answers what it promises: an OpenAPI document, and the evidence for each statement.")
    stage.lookalike("learn", stage.api.url, *_PATHS, "-o", _CONTRACT, expect=0)


def _test(stage: Stage) -> SuiteRun:
    stage.title("Test your code against doubles that are held to this contract. The API isn't asked.")
    _copy_project(stage)
    run = stage.pytest("project")
    stage.note(_told(run), "good")
    return run


def _lie(stage: Stage) -> None:
    stage.title("A mock that lies fails, at the line that declares it.")
    (stage.folder / _LIES).write_text(_LYING_TESTS, encoding="utf-8")
    run = stage.pytest(_LIES, expect=1)
    for number, failure in enumerate(run.failures):
        stage.note(f"FAILED {failure.where} {failure.test}", "bad")
        # The first message as it is, of the others what differs.
        stage.block(failure.message if number == 0 else _reason(failure.message), indent=" " * 6)
    (stage.folder / _LIES).unlink()


def _change(stage: Stage, before: SuiteRun) -> None:
    stage.title("The API changes overnight. Your tests don't notice; `lookalike verify` does.")
    stage.api.stop()
    stage.api.start("--changed")
    run = stage.pytest("project")
    same = "still green, and wrong" if run.passed == before.passed else "not the same tests as before"
    stage.note(f"{_told(run)}: {same}")
    stage.lookalike("verify", expect=1)
    stage.note("exit code 1", "bad")


def _stop(stage: Stage) -> None:
    stage.title("The API is down. That is no drift, and nobody is told that it were.")
    stage.api.stop()
    stage.lookalike("verify", expect=3)
    stage.note("exit code 3", "bad")


def _where_next(stage: Stage, seconds: float) -> None:
    stage.screen.say(f"\nThat took {seconds:.0f} s. From here:", "strong")
    stage.screen.table([((what, "dim"), (how, "")) for what, how in _NEXT], indent="   ")


def _reason(message: str) -> str:
    """The indented lines of a message: what contradicts what."""
    return "\n".join(line.strip() for line in message.splitlines() if line.startswith(" "))


def _told(run: SuiteRun) -> str:
    skipped = f", {run.skipped} that ask the real API skipped" if run.skipped else ""
    return f"{run.passed} passed{skipped}, in {run.seconds:.2f} s"


def _copy_project(stage: Stage) -> None:
    """The tutorial's project, with its API by the name under which it is configured here."""
    source = _todos()
    shutil.copytree(source / "project", stage.folder / "project", ignore=shutil.ignore_patterns("__pycache__"))
    configured = f'\n[tool.lookalike.apis.jsonplaceholder]\ncontract = "{_CONTRACT}"\nbase_url = "{stage.api.url}"\n'
    text = (source / "pyproject.toml").read_text(encoding="utf-8")
    (stage.folder / "pyproject.toml").write_text(text + configured, encoding="utf-8")


def _todos() -> Path:
    """`examples/todos`: inside an installed package, or beside `src` in a checkout."""
    installed = Path(__file__).parent / "todos"
    return installed if installed.is_dir() else Path(__file__).parents[4] / "examples" / "todos"
