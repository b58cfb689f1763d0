"""The file of verifications: whatever it is and whoever writes to it, no verification ends because of it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.history.store import APPLICATION, SCHEMA, History

BEGIN = datetime(2026, 11, 2, 4, 17, tzinfo=UTC)
URL = "https://api.test"
GONE = Drift("field-removed", Severity.BREAKING, (("GET /a", "json.x"),), "1", "2", fingerprint="f1")


def report(*, there: bool = True, api: str = "api", url: str = URL) -> ApiReport:
    verdict = Verdict.DRIFT if there else Verdict.OK
    return ApiReport(api, url, "2026-11-02", (OperationResult("GET /a", verdict),), (GONE,) if there else ())


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".lookalike" / "history.sqlite"


def test_runs_come_back(path: Path) -> None:
    history = History(path, own=True)
    assert history.timelines() == []
    for number, there in enumerate((True, False, True, False, True)):
        assert history.add([report(there=there), report(there=False, api="other")], when=day(number))
    assert (
        history.past("api", URL + "/")["f1"].words == "since 2026-11-02, in 3 of 5 runs, flapping (it comes and goes)"
    )
    assert history.past("api", "https://staging.test") == {}
    assert [(one.api, len(one.runs)) for one in history.timelines()] == [("api", 5), ("other", 5)]
    assert [one.api for one in history.timelines("other")] == ["other"]
    assert history.warnings == []
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert sorted(os.listdir(path.parent)) == [".gitignore", "history.sqlite"]


def test_a_run_is_kept_once(path: Path) -> None:
    history = History(path)
    for _ in range(3):
        assert history.add([report()], when=BEGIN)
    assert len(history.timeline("api", URL).runs) == 1


def test_only_the_last_runs_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(path, keep=3)
    for number in range(5):
        history.add([report(there=number % 2 == 0), report(api="other")], when=day(number))
    assert [run.day for run in history.timeline("api", URL).runs] == ["2026-11-04", "2026-11-05", "2026-11-06"]
    monkeypatch.setattr("lookalike.history.store.MOST_RUNS", 2)
    history.add([report(there=False, api="third")], when=day(9))
    assert sum(len(one.runs) for one in history.timelines()) == 2
    with sqlite3.connect(path) as connection:
        used = connection.execute("SELECT count(*) FROM contents").fetchone()
    connection.close()
    assert used == (4,)  # two runs' verdicts and findings; of the others nothing is left


def test_what_nights_have_in_common_is_kept_once(path: Path) -> None:
    for number in range(20):
        History(path).add([report()], when=day(number))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM contents").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_in_a_folder_of_ours_is_set_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    reading = History(path, own=True)
    assert reading.timelines() == []
    assert "earlier runs aren't known" in reading.warnings[0]
    history = History(path, own=True)
    assert history.add([report()], when=BEGIN)
    assert "it is history.sqlite.broken now, and a new one begins" in history.warnings[0]
    assert path.with_name("history.sqlite.broken").read_bytes() == content
    assert len(history.timeline("api", URL).runs) == 1
    assert len(history.warnings) == 1


def test_a_file_cut_off_is_set_aside_wherever_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    for number in range(30):
        History(path).add([report(api=f"api {number}")], when=day(number))
    path.write_bytes(path.read_bytes()[:5000])
    history = History(path)
    assert history.add([report()], when=BEGIN)
    assert "kept.sqlite.broken now" in history.warnings[0]


def test_tables_that_are_missing_are_damage(path: Path) -> None:
    History(path).add([report()], when=BEGIN)
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE runs")
    connection.close()
    assert History(path).timelines() == []
    history = History(path)
    assert history.add([report()], when=BEGIN)
    assert "can't be used, it lacks tables; it is history.sqlite.broken now" in history.warnings[0]
    assert len(history.timelines()) == 1


def test_what_another_program_keeps_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE things (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    history = History(path)
    assert not history.add([report()], when=BEGIN)
    assert history.timelines() == []
    assert [text.partition(": ")[0] for text in history.warnings] == [
        "this run isn't kept",
        "earlier runs aren't known",
    ]
    assert all("is no history of lookalike; name another file" in text for text in history.warnings)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["other.sqlite"]


def test_what_another_program_keeps_in_our_folder_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE things (name TEXT)")
    connection.close()
    history = History(path, own=True)
    assert history.add([report()], when=BEGIN)
    assert path.with_name("history.sqlite.broken").exists()
    assert len(history.timelines()) == 1


def test_text_that_somebody_named_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n" * 100)
    history = History(path)
    assert not history.add([report()], when=BEGIN)
    assert "this run isn't kept" in history.warnings[0]
    assert path.read_text() == "my notes\n" * 100


def test_a_later_schema_is_left_alone(path: Path) -> None:
    History(path, own=True).add([report()], when=BEGIN)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    history = History(path, own=True)
    assert not history.add([report()], when=day(1))
    assert history.timelines() == []
    assert all("was written by a later lookalike; upgrade this one" in text for text in history.warnings)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runs SET verdict = 'SPLENDID' WHERE at LIKE '2026-11-02%'",
        "UPDATE runs SET at = 'yesterday' WHERE at LIKE '2026-11-02%'",
        "UPDATE contents SET json = '[{]' WHERE digest IN (SELECT findings FROM runs WHERE at LIKE '2026-11-02%')",
        "UPDATE contents SET json = '[1]' WHERE digest IN (SELECT findings FROM runs WHERE at LIKE '2026-11-02%')",
        "UPDATE contents SET json = '[]' WHERE digest IN (SELECT results FROM runs WHERE at LIKE '2026-11-02%')",
        "UPDATE contents SET json = replace(json, 'breaking', 'splendid')",
    ],
)
def test_rows_that_say_nothing_are_left_out(path: Path, change: str) -> None:
    history = History(path)
    history.add([report()], when=BEGIN)
    history.add([report(there=False)], when=day(1))
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    assert [run.day for run in history.timeline("api", URL).runs] == ["2026-11-03"]
    assert history.warnings == [f"{path}: 1 of 2 runs can't be read and are left out"]


def test_a_file_that_another_process_holds_is_waited_for_and_then_left(path: Path) -> None:
    History(path).add([report()], when=BEGIN)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    history = History(path, patience=0.05)
    assert not history.add([report()], when=day(1))
    assert history.warnings == [f"this run isn't kept: {path}: database is locked"]
    assert len(history.timeline("api", URL).runs) == 1  # readers don't wait for a writer
    connection.close()


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert not history.add([report()], when=BEGIN)
    assert history.timelines() == []
    assert len(history.warnings) == 2


def test_a_place_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history.sqlite", own=True)
    assert not history.add([report()], when=BEGIN)
    assert history.timelines() == []
    assert "this run isn't kept" in history.warnings[0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_file_system_that_is_only_read(path: Path) -> None:
    History(path, own=True).add([report()], when=BEGIN)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        history = History(path, own=True)
        assert not history.add([report()], when=day(1))
        assert "this run isn't kept" in history.warnings[0]
        assert len(history.timeline("api", URL).runs) == 1
    finally:
        path.parent.chmod(0o755)


def test_readers_that_may_not_write_find_what_is_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    History(path).add([report()], when=BEGIN)
    connect = sqlite3.connect

    def refusing(database: str, **options: object) -> sqlite3.Connection:
        if "immutable" not in database:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(database, **options)  # type: ignore[call-overload, no-any-return]  # the options of the caller

    monkeypatch.setattr("lookalike.history.store.sqlite3.connect", refusing)
    history = History(path)
    assert len(history.timeline("api", URL).runs) == 1
    assert history.warnings == []


def test_a_run_that_fails_half_way_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    History(path).add([report()], when=BEGIN)
    monkeypatch.setattr("lookalike.history.store._PRUNE", ("INSERT INTO nowhere VALUES (?, ?)", ""))
    history = History(path)
    assert not history.add([report()], when=day(1))
    assert history.warnings == [f"this run isn't kept: {path}: no such table: nowhere"]
    monkeypatch.undo()
    assert len(history.timeline("api", URL).runs) == 1


def test_what_another_process_has_set_aside_is_not_set_aside_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    aside = History._set_aside

    def late(self: History, why: str, known: int) -> bool:
        path.unlink()
        History(path).add([report()], when=BEGIN)
        return aside(self, why, known + 1)

    monkeypatch.setattr(History, "_set_aside", late)
    history = History(path, own=True)
    assert history.add([report()], when=day(1))
    assert not path.with_name("history.sqlite.broken").exists()
    assert len(history.timeline("api", URL).runs) == 2


def test_who_sets_aside_is_waited_for_unless_it_has_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    lock = path.with_name("history.sqlite.lock")
    lock.touch()
    monkeypatch.setattr("lookalike.history.store._PAUSE", 0)
    history = History(path, own=True)
    assert not history.add([report()], when=BEGIN)
    assert history.warnings == [f"this run isn't kept: {path}: file is not a database"]
    os.utime(lock, (1, 1))
    assert History(path, own=True).add([report()], when=BEGIN)
    assert not lock.exists()


def test_what_cannot_be_set_aside_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    history = History(path, own=True)
    assert not history.add([report()], when=BEGIN)
    assert history.warnings == [f"this run isn't kept: {path}: file is not a database"]


_WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.history.store import History

path, number = sys.argv[1], int(sys.argv[2])
report = ApiReport("api", "https://api.test", "2026-11-02", (OperationResult("GET /a", Verdict.OK),))
for at in range(10):
    history = History(path, own=True, patience=60)
    if not history.add([report], when=datetime(2026, 11, 2, number, at, tzinfo=UTC)):
        sys.exit(str(history.warnings))
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_write_at_once(path: Path, damaged: bool) -> None:
    if damaged:
        path.parent.mkdir()
        path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4000)
    command = [sys.executable, "-c", _WRITER, str(path)]
    running = [subprocess.Popen([*command, str(number)], stderr=subprocess.PIPE, text=True) for number in range(4)]
    said = [one.communicate(timeout=120)[1] for one in running]
    assert [one.returncode for one in running] == [0] * 4, said
    assert len(History(path).timeline("api", URL).runs) == 40
