"""Chunks learned on a Dask cluster: any worker may die, its chunks are learned by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lookalike.errors import FileError, UsageError
from lookalike.learning.jobs import Outcome, learned
from lookalike.learning.plan import Chunk
from lookalike.traffic.sources import STANDARD_INPUT

_RETRIES = 3  # of a chunk that raised what isn't ours, such as a worker's lack of memory
_AHEAD = 4  # chunks for each thread of the cluster that the scheduler knows of


@dataclass(frozen=True, slots=True)
class Cluster:
    """The workers of a Dask scheduler; it is a `Runner`.

    address: of the scheduler, `tcp://host:8786`; timeout: seconds to reach it

    Every worker has lookalike installed, and sees the files under the same names.
    """

    address: str
    timeout: float = 30.0

    def __call__(self, chunks: Iterable[Chunk], base_url: str) -> Iterator[tuple[Chunk, Outcome]]:
        """Raises UsageError without the library, and where no scheduler answers."""
        try:
            from distributed import Client, as_completed
        except ImportError:
            raise UsageError('--scheduler needs Dask; run: pip install "lookalike[cluster]"') from None
        try:
            client: Any = Client(  # type: ignore[no-untyped-call]  # Dask has no types for it
                self.address, timeout=self.timeout, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise UsageError(
                f"no Dask scheduler answers at {self.address}: {error}\n"
                "Start one: dask scheduler; and workers: dask worker ADDRESS"
            ) from None
        with client:
            yield from _run(client, as_completed, chunks, base_url)


def _run(client: Any, as_completed: Any, chunks: Iterable[Chunk], base_url: str) -> Iterator[tuple[Chunk, Outcome]]:
    running: dict[str, tuple[Any, Chunk]] = {}
    done = as_completed(loop=client.loop)
    waiting = iter(chunks)
    most = _AHEAD * max(1, sum(client.nthreads().values()))
    more = True
    while more or running:
        while more and len(running) < most:
            chunk = next(waiting, None)
            if chunk is None:
                more = False
            elif chunk.work.name == STANDARD_INPUT:
                yield chunk, learned(chunk, base_url)
            else:
                future = client.submit(learned, chunk, base_url, pure=False, retries=_RETRIES)
                running[future.key] = (future, chunk)
                done.add(future)
        if running:
            future = next(done)
            _, chunk = running.pop(future.key)
            yield chunk, _outcome(future, chunk)


def _outcome(future: Any, chunk: Chunk) -> Outcome:
    error = future.exception()
    if error is None:
        outcome: Outcome = future.result()
        return outcome
    kind = type(error).__name__
    if kind == "KilledWorker":
        return FileError(chunk, "each worker that read it died", hint="Give the workers more memory.")
    if isinstance(error, ModuleNotFoundError):
        return FileError(chunk, f"a worker lacks a module: {error}", hint="Install lookalike[cluster] on each worker.")
    return FileError(chunk, f"a worker failed: {kind}: {error}", hint="See the worker's log.")
