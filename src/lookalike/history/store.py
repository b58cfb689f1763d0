"""The file that keeps what verifications found: SQLite, one row a run.

What nights have in common, the operations' verdicts and the findings, is kept once, by its digest. Nothing that is
wrong with the file ever stops a verification: it is set aside or left alone, and said in a warning.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_application_id
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from lookalike.codec import decode_json, encode_json
from lookalike.contract.kinds import Severity
from lookalike.contract.past import Past, Run, Sighting, Timeline, place_of, run_of
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.errors import InvalidJson

#: `LkAl`: what a file of ours says in its header, and the version of the tables that this code writes.
APPLICATION = 0x4C6B416C
SCHEMA = 1
#: Runs that are kept of each API and base URL, where nobody says another number: a year and more of nights.
KEEP = 500
#: Runs that are kept of all together; tests that ask ever other ports don't fill the file.
MOST_RUNS = 10_000
# How often a file is tried again that others set aside meanwhile, seconds between, and when such work was given up.
_TRIES = 40
_PAUSE = 0.05
_STALE = 10.0
_MAGIC = b"SQLite format 3\x00"
_TABLES = (
    "CREATE TABLE contents (digest TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY, api TEXT NOT NULL, base_url TEXT NOT NULL, at TEXT NOT NULL, verdict TEXT NOT NULL,
        message TEXT NOT NULL, results TEXT NOT NULL, findings TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX runs_of ON runs (api, base_url, at)",
)
_RUNS = """
    SELECT api, base_url, at, verdict, message, found.json, told.json FROM runs
    JOIN contents AS found ON found.digest = runs.results JOIN contents AS told ON told.digest = runs.findings
    WHERE ? IN ('', api) ORDER BY at, id
"""
# The oldest beyond so many of their API and base URL, or of all, and what only they used.
_PRUNE = (
    """DELETE FROM runs WHERE id IN (SELECT id FROM (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY api, base_url ORDER BY at DESC, id DESC) AS own,
        ROW_NUMBER() OVER (ORDER BY at DESC, id DESC) AS everyone FROM runs) WHERE own > ? OR everyone > ?)""",
    "DELETE FROM contents WHERE digest NOT IN (SELECT results FROM runs UNION SELECT findings FROM runs)",
)
State = Literal["", "broken", "foreign", "newer"]


class History:
    """The kept runs of a project's APIs.

    path:     the file; it and its folder are made when a run is added
    keep:     how many runs of each API and base URL stay
    own:      whether the file lies in a folder of ours, where whatever is no history may be set aside; elsewhere only a
              damaged database is, and another program's file is left alone
    patience: seconds that a write waits for others
    warnings: what was wrong, a sentence each, with what to do

    Nothing here raises for the state of the file or the disk: then nothing is kept, or read, and `warnings` says why.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, keep: int = KEEP, own: bool = False, patience: float = 5.0
    ) -> None:
        self.path = Path(path)
        self.keep = max(1, keep)
        self.warnings: list[str] = []
        self._own = own
        self._patience = patience

    def add(self, reports: Sequence[ApiReport], *, when: datetime) -> bool:
        """Keep what a verification found; whether that was done. A run that is kept already changes nothing.

        when: of the run, with its time zone. Raises UsageError for a time without one.
        """
        runs = [run_of(report, when) for report in reports]
        known = 0
        for left in reversed(range(_TRIES)):
            try:
                known = self._number()
                with self._written(known) as connection:
                    return connection is not None and self._add(connection, runs)
            except sqlite3.DatabaseError as error:
                if not left or not self._again(error, known):
                    self._warn(f"this run isn't kept: {self.path}: {error}")
                    break
            except OSError as error:
                self._warn(f"this run isn't kept: {self.path}: {error.strerror or error}")
                break
        return False

    def _again(self, error: sqlite3.DatabaseError, known: int) -> bool:
        """Whether to try once more: another file is there now, or there is none any more."""
        with suppress(OSError):
            if self._number() != known:
                return True  # another process set it aside while it was open here
        # Busy, full, read-only and the like are operational; what else fails here is damage.
        return not isinstance(error, sqlite3.OperationalError) and self._set_aside(str(error), known)

    def timelines(self, api: str = "") -> list[Timeline]:
        """The kept runs, by API and base URL, in their order; of one API, or of all for `""`."""
        return list(Timeline.of(self._runs(api)).values())

    def timeline(self, api: str, base_url: str) -> Timeline:
        """The kept runs of one API at one base URL."""
        place = place_of(base_url)
        return Timeline.of(self._runs(api)).get((api, place), Timeline(api, place))

    def past(self, api: str, base_url: str) -> dict[str, Past]:
        """What the kept runs say of each finding, by its fingerprint."""
        return self.timeline(api, base_url).pasts

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    # -- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _written(self, known: int) -> Iterator[sqlite3.Connection | None]:
        """A connection to a file that is ours, in one transaction; None, with a warning, where the file isn't."""
        connection = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
        try:
            if state := _state(connection):
                connection.close()
                aside = state == "broken" or (state == "foreign" and self._own)
                if not aside or not self._set_aside(f"it {_WRONG[state]}", known):
                    self._warn(f"this run isn't kept: {self.path} {_WRONG[state]}; {_LEFT_ALONE[state]}")
                    yield None
                    return
                connection = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
            # Readers and a writer don't wait for each other; on file systems that can't, the mode stays as it is, and
            # another process may be about to change it at this moment.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            connection.close()

    def _add(self, connection: sqlite3.Connection, runs: Sequence[Run]) -> bool:
        _prepare(connection)
        for run in runs:
            row = (
                run.id, run.api, run.base_url, run.when, run.verdict, run.message,
                _content(connection, dict(run.results)),
                _content(connection, [one.to_json() for one in run.findings]),
            )  # fmt: skip
            connection.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute(_PRUNE[0], (self.keep, MOST_RUNS))
        connection.execute(_PRUNE[1])
        return True

    def _number(self) -> int:
        """The number of the file on its disk, by which another in its place is told; makes its folder."""
        folder = self.path.parent
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)  # of two processes the second finds it
            if self._own:
                (folder / ".gitignore").write_text("*\n", "utf-8")
        return self.path.stat().st_ino if self.path.exists() else 0

    def _set_aside(self, why: str, known: int) -> bool:
        """Rename the file, without what SQLite keeps beside it, so that a new one begins; whether there is none now."""
        if not self._own and not _is_database(self.path):
            return False
        aside = self.path.with_name(f"{self.path.name}.broken")
        try:
            with self._alone() as alone:
                if not alone or self._number() != known:
                    return True  # another process does it, or has done it
                for suffix in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                self.path.replace(aside)
        except OSError:
            return False
        self._warn(f"{self.path} can't be used, {why}; it is {aside.name} now, and a new one begins")
        return True

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process sets the file aside at this moment; waits a little where one does."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            with suppress(FileNotFoundError):
                if time.time() - lock.stat().st_mtime > _STALE:
                    lock.unlink()  # of a process that ended in between
            time.sleep(_PAUSE)
            yield False
            return
        try:
            yield True
        finally:
            lock.unlink(missing_ok=True)

    # -- reading ------------------------------------------------------------------------------------------------------

    def _runs(self, api: str) -> list[Run]:
        """The runs that can be read; none where there is no file, or none of ours."""
        try:
            if not self.path.stat().st_size:
                return []
        except FileNotFoundError:
            return []
        except OSError as error:
            self._warn(f"earlier runs aren't known: {self.path}: {error.strerror or error}")
            return []
        problem: sqlite3.Error | None = None
        # In a folder that can't be written to, SQLite can't make the files that readers of a WAL share.
        for options in ("mode=rw", "mode=ro", "mode=ro&immutable=1"):
            try:
                return self._read(options, api)
            except sqlite3.DatabaseError as error:
                problem = error
                if not isinstance(error, sqlite3.OperationalError):
                    break
        self._warn(f"earlier runs aren't known: {self.path}: {problem}")
        return []

    def _read(self, options: str, api: str) -> list[Run]:
        uri = f"{self.path.resolve().as_uri()}?{options}"
        connection = sqlite3.connect(uri, uri=True, timeout=self._patience)
        try:
            if state := _state(connection):
                self._warn(f"earlier runs aren't known: {self.path} {_WRONG[state]}; {_LEFT_ALONE[state]}")
                return []
            found = [_run(row) for row in connection.execute(_RUNS, (api,))]
        finally:
            connection.close()
        runs = [run for run in found if run is not None]
        if len(runs) < len(found):
            self._warn(f"{self.path}: {len(found) - len(runs):,} of {len(found):,} runs can't be read and are left out")
        return runs


_WRONG = {
    "broken": "lacks tables",
    "foreign": "is no history of lookalike",
    "newer": "was written by a later lookalike",
}
_LEFT_ALONE = {
    "broken": "delete it, or name another file",
    "foreign": "name another file",
    "newer": "upgrade this one, or name another file",
}


def _state(connection: sqlite3.Connection) -> State:
    """What the file is: ours or new (`""`), damaged, another program's, or of a later version."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return ""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        return "foreign"
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA:
        return "newer"
    return "" if version == SCHEMA and tables >= {"contents", "runs"} else "broken"


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, within the transaction: of two that begin at once, the second finds them."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    for statement in _TABLES:
        connection.execute(statement)


def _content(connection: sqlite3.Connection, value: Any) -> str:
    """Keep a JSON value, once; its digest."""
    text = encode_json(value).decode()
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    connection.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", (digest, text))
    return digest


def _run(row: Sequence[Any]) -> Run | None:
    """The run of a row; None where somebody else wrote into it."""
    api, base_url, at, verdict, message, results, findings = row
    try:
        datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ")
        return Run(api, base_url, at, Verdict(verdict), _results(results), _findings(findings), message)
    except (InvalidJson, KeyError, TypeError, ValueError, AttributeError):
        return None


@lru_cache(maxsize=64)  # most nights say the same
def _results(text: str) -> tuple[tuple[str, Verdict], ...]:
    return tuple(sorted((operation, Verdict(one)) for operation, one in decode_json(text.encode()).items()))


@lru_cache(maxsize=64)
def _findings(text: str) -> tuple[Sighting, ...]:
    found = [Sighting(**{**one, "operations": tuple(one["operations"])}) for one in decode_json(text.encode())]
    return tuple(one for one in found if Severity(one.severity))


def _is_database(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC
    return False
