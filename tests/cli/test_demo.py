"""`lookalike demo` shows six steps with real input, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from lookalike.cli import app
from lookalike.cli.demo import command
from lookalike.cli.demo.steps import _LYING_TESTS

TITLES = [
    "An API that you don't own",
    "Learn from its answers",
    "Test your code",
    "A mock that lies fails",
    "The API changes",
    "The API is down",
]


EXAMPLES = Path(__file__).parents[2] / "examples" / "todos"

#: What `learn` must say of each operation, with the statuses that it saw.
LEARNED = {
    "GET /albums": "200",
    "GET /albums/{id}": "200 (5 times)",
    "GET /comments": "200",
    "GET /photos": "200",
    "GET /posts": "200",
    "GET /posts/{id}": "200 (5 times)",
    "GET /posts/{postId}/comments": "200 (5 times)",
    "GET /todos": "200",
    "GET /todos/{id}": "200 (5 times), 404",
    "GET /users": "200",
    "GET /users/{id}": "200 (5 times)",
    "GET /users/{userId}/todos": "200 (5 times)",
}
#: Each lie by its test, with what its message must say.
LIES = {
    "test_a_wrong_kind": 'json[0].completed expected a boolean got "no" (boolean in all 200 values seen',
    "test_a_missing_key": "json[0].title expected a string missing (present in all 200 objects seen",
    "test_a_misspelt_key": 'json[0].titel expected the key "title" (a string) got the key "titel"',
}
#: Each change by its finding: the severity, where, before and now, and whether mocks are false now.
FINDINGS = {
    "body may be null now": (
        "breaking",
        ["GET /posts json[].body"],
        "string in all 100 values seen",
        "null in 25 of 100 values",
        "",
    ),
    "the field title seems to be renamed to summary": (
        "breaking",
        ["GET /todos json[].title", "GET /todos/{id} json.title", "GET /users/{userId}/todos json[].title"],
        "title: string in all 200 values seen",
        "summary: string in all 200 objects, in 1 answer; no title",
        "/todos",
    ),
    "id has another type": (
        "breaking",
        ["GET /users json[].id", "GET /users/{id} json.id"],
        "integer in all 5 values seen",
        "string in all 3 values",
        "/users",
    ),
    "there is a new field likes": (
        "additive",
        ["GET /comments json[].likes", "GET /posts/{postId}/comments json[].likes"],
        "never seen",
        "integer in all 15 objects",
        "",
    ),
}
#: Read by each Python that the demo starts: contracts of any size are worth a place in the cache, and places are told.
WATCHED = """
import os
from pathlib import Path
from lookalike.contract import text
from lookalike.contract.cache import Cache

put = Cache.put

def told(cache, key, body):
    with open(os.environ["TOLD"], "a", encoding="utf-8") as log:
        print(cache.folder, file=log)
    put(cache, key, body)

text._WORTH_CACHING = 0
Cache.put = told
"""


class Home:
    """A user's folders, all of which a demo leaves as they were; it is started in `work`."""

    def __init__(self, root: Path) -> None:
        self.folders = {name: root / name for name in ("home", "cache", "temp", "work")}
        for folder in self.folders.values():
            folder.mkdir()
        self.work = self.folders["work"]

    def environment(self, **more: str) -> dict[str, str]:
        """Without a word of the user's about colours."""
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        return (
            kept
            | {
                "HOME": str(self.folders["home"]),
                "XDG_CACHE_HOME": str(self.folders["cache"]),
                "TMPDIR": str(self.folders["temp"]),
                # Bytecode of what is installed is no trace of the demo, whoever tests it first.
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            | more
        )

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lookalike.cli", "demo", *arguments],
            cwd=self.work,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def left(self) -> list[str]:
        """What lies in the folders."""
        return sorted(f"{name}/{path.name}" for name, folder in self.folders.items() for path in folder.iterdir())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def steps_of(said: str) -> list[str]:
    """The text of each of the six steps."""
    found = re.split(r"^(?=\d  )", said, flags=re.MULTILINE)
    assert [step[:1] for step in found[1:]] == list("123456")
    return found[1:]


def spaced(text: str) -> str:
    """On one line, with single spaces."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one demo says."""
    home = Home(tmp_path_factory.mktemp("demo"))
    said, complaints = (process := home.start()).communicate(timeout=120)
    assert (process.returncode, complaints) == (0, ""), said + complaints
    port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", said)[0])
    assert closed(port)
    assert home.left() == []
    return said


def test_the_page(told: str) -> None:
    assert "\x1b" not in told
    assert max(len(line) for line in told.splitlines()) <= 120
    for step, title in zip(steps_of(told), TITLES, strict=True):
        assert title in step.splitlines()[0]
    assert len(set(re.findall(r"http://127\.0\.0\.1:\d+", told))) == 1, "one API, which stays where it is"


def test_what_is_learned(told: str) -> None:
    step = steps_of(told)[1]
    command = spaced(step[: step.index("     GET ")].replace("\\\n", " "))
    for asked in (
        "$ lookalike learn http://127.0.0.1:",
        "/todos '/todos/{id}'",
        " '/users/{id}/todos' ",
        " /todos/9999 ",
    ):
        assert asked in command
    assert dict(re.findall(r"^     (GET \S+) +(.+)$", step, re.MULTILINE)) == LEARNED
    answers = sum(
        int(times or 1) for told in LEARNED.values() for times in re.findall(r"\d{3}(?: \((\d+) times\))?", told)
    )
    assert f"contracts/jsonplaceholder.yaml OpenAPI 3.1, {len(LEARNED)} operations" in spaced(step)
    assert f"contracts/jsonplaceholder.evidence.json the counts behind it; {answers} answers came" in spaced(step)


def test_the_tests_are_green_before_and_after_the_change(told: str) -> None:
    pattern = r"^   (\d+) passed, (\d+) that ask the real API skipped, in [\d.]+ s(.*)$"
    before, after = (re.findall(pattern, steps_of(told)[number], re.MULTILINE) for number in (2, 4))
    written = sum(path.read_text(encoding="utf-8").count("def test_") for path in EXAMPLES.rglob("test_*.py"))
    assert len(before) == len(after) == 1
    assert before[0][:2] == after[0][:2]
    assert int(before[0][0]) >= 30
    assert int(before[0][1]) >= 5
    assert int(before[0][0]) + int(before[0][1]) == written
    assert (before[0][2], after[0][2]) == ("", ": still green, and wrong")


def test_each_lie_fails_at_its_line(told: str) -> None:
    first, *failures = re.split(r"^   FAILED ", steps_of(told)[3], flags=re.MULTILINE)
    assert "$ pytest project/tests/test_lies.py" in first
    found = {}
    for failure in failures:
        where, name = failure.splitlines()[0].split()
        found[name] = spaced(failure)
        source = _LYING_TESTS.splitlines()
        line = int(where.removeprefix("project/tests/test_lies.py:"))
        assert source[line - 2].startswith(f"def {name}(")
        assert ".respond(" in source[line - 1]
    assert list(found) == list(LIES)
    for name, words in LIES.items():
        assert words in found[name]
    assert 'did you mean "title"?' in found["test_a_misspelt_key"]
    whole = found["test_a_wrong_kind"]
    assert (
        "lookalike.ContractViolation: respond(200) to GET /todos contradicts the contract of jsonplaceholder" in whole
    )
    assert "Next: fix the mock at project/tests/test_lies.py:" in whole


def test_each_change_is_one_finding(told: str) -> None:
    step = steps_of(told)[4]
    drift = step[step.index("$ lookalike verify") :]
    assert re.search(r"^   DRIFT  jsonplaceholder at http://127\.0\.0\.1:\d+$", drift, re.MULTILINE)
    found = {}
    for block in re.split(r"\n\n", drift):
        if title := re.match(r" +(\w+)  (.+)\n", block):
            if title[2] in found:
                pytest.fail(f"{title[2]} is found twice")
            found[title[2]] = (title[1], block[title.end() :])
    assert set(found) == set(FINDINGS)
    for sentence, (severity, places, before, now, mocks) in FINDINGS.items():
        said, block = found[sentence]
        assert said == severity
        fields = dict(
            re.findall(
                r"^ +(where|before|now|mocks|next)  ((?:.|\n(?! +(?:before|now|mocks|next)  ))+)", block, re.MULTILINE
            )
        )
        assert [spaced(line) for line in fields["where"].splitlines()] == places
        assert spaced(fields["before"]).startswith(before)
        assert spaced(fields["now"]).startswith(now)
        assert ("lookalike accept " if severity == "breaking" else "lookalike verify --update") in spaced(
            fields["next"]
        )
        assert bool(fields.get("mocks")) is bool(mocks)
        if mocks:
            _check_mocks(spaced(fields["mocks"]), mocks)
    assert "12 operations: 6 DRIFT, 2 ADDITIVE, 4 OK; 4 findings (3 breaking, 1 additive)" in drift
    assert drift.rstrip().endswith("\n   exit code 1")


def _check_mocks(told: str, path: str) -> None:
    """The places are lines of the project that declare a reply for this path, or for each of many."""
    assert told.endswith(" are false now")
    places = re.findall(r"(project/\S+\.py):([\d, ]+\d)", told)
    assert places
    for name, numbers in places:
        source = (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
        for number in numbers.split(", "):
            line = source[int(number) - 1]
            assert "mock.get(" in line
            assert ".respond" in line
            assert f'"{path}"' in line or '"/{name}"' in line


def test_an_outage_is_no_drift(told: str) -> None:
    step, _, rest = steps_of(told)[5].partition("\nThat took ")
    url = re.findall(r"http://127\.0\.0\.1:\d+", told)[0]
    assert f"\n   UNREACHABLE  jsonplaceholder at {url}\n" in step
    assert f"{url}/albums: the connection was refused\n" in step
    assert "check the port in the base URL, and that the API is running\n" in step
    assert "\n   12 operations: 12 UNREACHABLE\n   exit code 3\n" in step
    assert "DRIFT" not in step
    assert "breaking" not in step

    first, *ways = rest.splitlines()
    assert re.fullmatch(r"\d+ s\. From here:", first)
    assert [spaced(way) for way in ways] == [
        "your own API lookalike learn https://api.example.com /things /things/1 -o contracts/example.yaml",
        'your own test with lookalike.Api("contracts/example.yaml").mock() as mock: ...',
        "every night lookalike verify",
        "all commands lookalike --help",
    ]


def test_keep_leaves_the_files_there(home: Home) -> None:
    said, complaints = (process := home.start("--keep", "kept", FORCE_COLOR="1", TERM="xterm")).communicate(timeout=120)
    assert (process.returncode, complaints) == (0, "")
    assert "\x1b[" in said
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert plain.count("FAILED project/tests/test_lies.py:") == 3
    assert LIES["test_a_wrong_kind"] in spaced(plain)
    assert plain.endswith("The files are in kept.\n")
    kept = home.work / "kept"
    for name in ("contracts/jsonplaceholder.yaml", "contracts/jsonplaceholder.evidence.json", "pyproject.toml"):
        assert (kept / name).is_file()
    assert (kept / "project" / "tests" / "test_todos_lookalike.py").is_file()
    assert not (kept / "project" / "tests" / "test_lies.py").exists()
    assert home.left() == ["work/kept"]


def test_contracts_of_any_size_leave_nothing_in_the_users_cache(home: Home, tmp_path: Path) -> None:
    log, site = tmp_path / "told.txt", tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WATCHED, encoding="utf-8")
    paths = filter(None, [str(site), os.environ.get("PYTHONPATH")])
    process = home.start(PYTHONPATH=os.pathsep.join(paths), TOLD=str(log))
    said, complaints = process.communicate(timeout=120)
    assert (process.returncode, complaints) == (0, ""), said + complaints
    places = set(log.read_text(encoding="utf-8").splitlines())
    assert places
    assert [place for place in places if not place.startswith(str(home.folders["temp"]))] == []
    assert home.left() == []


def test_a_demo_that_is_stopped_leaves_nothing(home: Home) -> None:
    process = home.start()
    assert process.stdout is not None
    port = 0
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            port = int(found[1])
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    for _ in range(50):
        if closed(port):
            break
        time.sleep(0.1)
    assert closed(port)
    assert home.left() == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert app.run(["demo", "--keep", str(tmp_path)]) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_the_demo_needs_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "pytest" else object())
    assert app.run(["demo"]) == 2
    assert "pip install 'lookalike[all]'" in capsys.readouterr().err


def test_a_step_that_fails_says_so_and_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("lookalike.cli.demo.steps._CONTRACT", "/proc/no/such/folder.yaml")
    assert app.run(["demo"]) == 2
    assert "ended with 2, not 0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
