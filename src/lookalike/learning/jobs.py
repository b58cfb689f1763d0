"""Chunks learned here, or in processes of their own. A process that dies costs its chunk a second try, alone."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Protocol

import orjson

from lookalike.errors import FileError, LookalikeError
from lookalike.learning.plan import Chunk, learn_chunk
from lookalike.traffic.sources import STANDARD_INPUT

_TRIES = 2  # of a chunk on its own, once its process died


Outcome = bytes | LookalikeError


class Runner(Protocol):
    """Who learns chunks: each chunk with its tally as JSON, in whatever order they are done."""

    def __call__(self, chunks: Iterable[Chunk], base_url: str, /) -> Iterator[tuple[Chunk, Outcome]]: ...


def learned(chunk: Chunk, base_url: str) -> Outcome:
    """One chunk's tally as JSON, equal bytes for equal tallies; an error of ours where it can't be read."""
    try:
        return orjson.dumps(learn_chunk(chunk, base_url).to_json())
    except LookalikeError as error:
        return error


def here(chunks: Iterable[Chunk], base_url: str) -> Iterator[tuple[Chunk, Outcome]]:
    """One after the other, in this process."""
    for chunk in chunks:
        yield chunk, learned(chunk, base_url)


@dataclass(frozen=True, slots=True)
class Processes:
    """Several at once, each process with one chunk at a time; it is a `Runner`."""

    jobs: int

    def __call__(self, chunks: Iterable[Chunk], base_url: str) -> Iterator[tuple[Chunk, Outcome]]:
        waiting = iter(chunks)
        suspects: deque[Chunk] = deque()
        while True:
            more = yield from self._until_one_dies(waiting, base_url, suspects)
            while suspects:
                chunk = suspects.popleft()
                yield chunk, self._alone(chunk, base_url)
            if not more:
                return

    def _until_one_dies(
        self, waiting: Iterator[Chunk], base_url: str, suspects: deque[Chunk]
    ) -> Generator[tuple[Chunk, Outcome], None, bool]:
        """Run chunks until there are none, or a process died: then all that were running are suspects."""
        running: dict[Future[Outcome], Chunk] = {}
        with _pool(self.jobs) as pool:
            try:
                for chunk in waiting:
                    if chunk.work.name == STANDARD_INPUT:
                        yield chunk, learned(chunk, base_url)
                        continue
                    running[pool.submit(learned, chunk, base_url)] = chunk
                    while len(running) >= 2 * self.jobs:
                        yield from _finished(running)
                while running:
                    yield from _finished(running)
            except BrokenProcessPool:
                suspects.extend(running.values())
                return True
            except BaseException:
                _kill(pool)
                raise
        return False

    def _alone(self, chunk: Chunk, base_url: str) -> Outcome:
        for _ in range(_TRIES):
            with _pool(1) as pool:
                try:
                    return pool.submit(learned, chunk, base_url).result()
                except BrokenProcessPool:
                    continue
                except BaseException:
                    _kill(pool)
                    raise
        return FileError(
            chunk,
            "the process that read it died, and so did the next one",
            hint="If memory was short, learn with fewer --jobs.",
        )


def _finished(running: dict[Future[Outcome], Chunk]) -> Iterator[tuple[Chunk, Outcome]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        outcome = future.result()  # before it is taken out: a broken pool leaves its chunk among those that run
        yield running.pop(future), outcome


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not forked: threads and locks of whoever calls would be copied as they stand.
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_ready)


def _ready() -> None:
    """Ctrl-C is the business of who started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _kill(pool: ProcessPoolExecutor) -> None:
    """End at once: nobody waits for what is left."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
