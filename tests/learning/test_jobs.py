"""Processes, a cluster and interruptions: the result is the same bytes, and what is done isn't done again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import dedent

import orjson
import pytest

from lookalike.contract import files
from lookalike.contract.learning import begin
from lookalike.errors import FileError, LookalikeError
from lookalike.learning import jobs, recorded
from lookalike.learning.jobs import Processes, here
from lookalike.learning.plan import Chunk, Work, chunks, plan
from lookalike.learning.recorded import Traffic, read, teach
from lookalike.learning.resume import Kept, folder
from lookalike.traffic import find

CHUNK = 20_000


def line(number: int) -> bytes:
    body = orjson.dumps({"id": number, "name": f"thing {number}", "done": None if number % 7 == 0 else True}).decode()
    return orjson.dumps({
        "request": {"method": "GET", "url": f"https://api.example.com/things/{number}"},
        "response": {"status": 200 if number % 11 else 404, "headers": {"content-type": "application/json"},
                     "content": body},
        "day": "2026-11-20",
    })  # fmt: skip


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recordings") / "session.ndjson"
    path.write_bytes(b"".join(line(number) + b"\n" for number in range(600)))
    return path


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recorded, "chunks", lambda work: chunks(work, chunk=CHUNK))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def learned(path: Path, runner: jobs.Runner, kept: Kept | None = None) -> Traffic:
    works = plan(find(path), chunk=CHUNK)
    assert sum(work.chunks for work in works) > 5
    return read(works, runner, kept=kept or Kept(None), moved=lambda size, n: None)


def evidence(traffic: Traffic) -> bytes:
    lesson = teach(begin(base_url="https://api.example.com", name="example"), traffic, "api.example.com")
    assert lesson.contract.evidence is not None
    return files.evidence_bytes(lesson.contract.evidence)


def test_two_processes_give_the_same_bytes(recording: Path) -> None:
    assert evidence(learned(recording, Processes(2))) == evidence(learned(recording, here))


def _deadly(chunk: Chunk, base_url: str) -> jobs.Outcome:
    """Dies on each chunk of a file named so; on the first try alone where a file beside it says so."""
    mark = Path(chunk.work.name).with_suffix(".died")
    if chunk.index == 2 and "deadly" in chunk.work.name:
        os._exit(9)
    if chunk.index == 3 and "fragile" in chunk.work.name and not mark.exists():
        mark.touch()
        os._exit(9)
    return jobs.learned(chunk, base_url)


@pytest.mark.parametrize("name", ["fragile", "deadly"])
def test_a_process_that_dies(name: str, recording: Path, tmp_path: Path) -> None:
    """Its chunk is learned again, alone; where that dies too, its file is an error and the others are learned."""
    program = tmp_path / "program.py"
    sick = tmp_path / f"{name}.ndjson"
    sick.write_bytes(recording.read_bytes())
    program.write_text(
        dedent(f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_jobs
        from lookalike.learning import jobs, plan, recorded
        from lookalike.learning.resume import Kept
        from lookalike.traffic import find

        if __name__ == "__main__":
            recorded.chunks = lambda work: plan.chunks(work, chunk=test_jobs.CHUNK)
            healthy = jobs.learned
            jobs.learned = test_jobs._deadly
            works = plan.plan(find({str(sick)!r}, {str(recording)!r}), chunk=test_jobs.CHUNK)
            found = recorded.read(works, jobs.Processes(2), kept=Kept(None), moved=lambda size, n: None)
            print(*(f"{{one.n}}" for one in found.tallies.values()), *map(str, found.failed.values()), sep="\\n")
        """),
        "utf-8",
    )
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=60)
    said = done.stdout.splitlines()
    if name == "fragile":
        assert said == ["600", "600"], done.stderr
    else:
        assert said[0] == "600", done.stderr
        assert "the process that read it died, and so did the next one" in said[1]
        assert "fewer --jobs" in said[2]


def test_what_is_done_is_kept_until_all_is(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.learning.resume._WORTH", 0)
    seen: list[int] = []

    def interrupted(found: Iterable[Chunk], base_url: str) -> Iterator[tuple[Chunk, jobs.Outcome]]:
        for chunk in found:
            if chunk.index == 4:
                raise KeyboardInterrupt
            yield chunk, jobs.learned(chunk, base_url)

    def counted(found: Iterable[Chunk], base_url: str) -> Iterator[tuple[Chunk, jobs.Outcome]]:
        for chunk in found:
            seen.append(chunk.index)
            yield chunk, jobs.learned(chunk, base_url)

    with pytest.raises(KeyboardInterrupt):
        learned(recording, interrupted, Kept(folder()))
    where = folder()
    assert where is not None
    assert len(list(where.iterdir())) == 4
    next(where.iterdir()).write_bytes(b"{}")  # damaged: learned again
    kept = Kept(folder())
    found = learned(recording, counted, kept)
    assert len(seen) == len(set(seen))
    assert len({0, 1, 2, 3} & set(seen)) == 1
    assert evidence(found) == evidence(learned(recording, here))
    kept.forget()
    assert list(where.iterdir()) == []
    learned(recording, counted, Kept(folder(), "https://api.example.com"))
    assert 0 in seen


def test_another_file_of_that_name_is_learned_anew(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookalike.learning.resume._WORTH", 0)
    path = tmp_path / "session.ndjson"
    path.write_bytes(recording.read_bytes())
    kept = Kept(folder())
    learned(path, here, kept)
    path.write_bytes(b"".join(line(number) + b"\n" for number in range(700)))
    assert learned(path, here, kept).tallies[str(path)].n == 700


@pytest.mark.parametrize("where", [None, Path("/proc/nowhere")])
def test_a_folder_that_takes_nothing_changes_nothing(where: Path | None, recording: Path) -> None:
    kept = Kept(where)
    chunk = Chunk(Work(str(recording), size=10**9, state="x"))
    kept.put(chunk, b"{}")
    assert (kept.get(chunk), kept.n) == (None, 0)


def test_a_broken_file_does_not_stop_the_rest(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no recording", "utf-8")
    works = plan([*find(recording), *find(tmp_path / "notes.txt")], chunk=CHUNK)
    found = read(works, here, kept=Kept(None), moved=lambda size, n: None)
    assert found.tallies[str(recording)].n == 600
    [error] = found.failed.values()
    assert isinstance(error, FileError)
    assert "no recorded traffic" in str(error)


def test_a_file_that_is_gone_when_its_turn_comes(tmp_path: Path) -> None:
    outcome = jobs.learned(Chunk(Work(str(tmp_path / "gone.har"))), "")
    assert isinstance(outcome, LookalikeError)
    outcome = jobs.learned(Chunk(Work(str(tmp_path / "gone.har"), format="telepathy")), "")
    assert isinstance(outcome, LookalikeError)


def test_no_scheduler() -> None:
    """In a process of its own: Dask keeps a thread when it gives up."""
    program = "from lookalike.learning.cluster import Cluster; list(Cluster('tcp://127.0.0.1:9', timeout=1)([], ''))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "dask scheduler" in done.stderr


def test_a_cluster_of_which_a_worker_is_killed(recording: Path, tmp_path: Path) -> None:
    """A real scheduler and two worker processes; one is killed half-way."""
    program = tmp_path / "program.py"
    program.write_text(
        dedent(f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_jobs
        from distributed import LocalCluster
        from lookalike.learning import plan, recorded
        from lookalike.learning.cluster import Cluster
        from lookalike.learning.resume import Kept
        from lookalike.traffic import find

        if __name__ == "__main__":
            recorded.chunks = lambda work: plan.chunks(work, chunk=test_jobs.CHUNK)
            works = plan.plan(find({str(recording)!r}), chunk=test_jobs.CHUNK)
            with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
                pids = [worker.pid for worker in cluster.workers.values()]
                done = 0

                def moved(size, n):
                    global done
                    done += 1
                    if done == 3:
                        os.kill(pids[0], signal.SIGKILL)

                found = recorded.read(works, Cluster(cluster.scheduler_address), kept=Kept(None), moved=moved)
            sys.stdout.buffer.write(test_jobs.evidence(found))
        """),
        "utf-8",
    )
    done = subprocess.run([sys.executable, str(program)], capture_output=True, timeout=120)
    assert done.stdout == evidence(learned(recording, here)), done.stderr.decode()[-3000:]
