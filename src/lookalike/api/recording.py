"""Recording: real requests pass through, and the contract's files learn from the answers."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.api.doubles import Recording
from lookalike.api.placeholders import Placeholders, check_writable
from lookalike.api.session import Session
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Exchange, split_url
from lookalike.visible import visible

if TYPE_CHECKING:
    from lookalike.api.api import Api
    from lookalike.contract.contract import Contract
    from lookalike.intercept.active import Scope
    from lookalike.live.sift import NotLearned

__tracebackhide__ = True


@dataclass(frozen=True, slots=True)
class Taught:
    """contract: None where no exchange teaches; count: of those that do; not_learned: see `lookalike.live.sift`."""

    contract: Contract | None
    count: int
    not_learned: tuple[NotLearned, ...]


def recorded(
    api: Api,
    base_url: str,
    allow: Sequence[str],
    scope: Scope = "process",
    har: str | os.PathLike[str] | None = None,
    placeholders: Mapping[str, str] | None = None,
) -> Session[Recording]:
    """A session in which the real API answers; what it learned is kept when the session ends, and a HAR if asked."""
    day = time.strftime("%Y-%m-%d")
    recording = Recording(api.name, base_url, day, time.perf_counter)
    hidden = Placeholders(placeholders or {})
    if har is not None:
        check_writable(Path(har))

    def finish(error: BaseException | None) -> None:
        try:
            if har is not None and recording.exchanges:
                from lookalike.traffic.har_file import write

                write(har, recording.exchanges, redacted=hidden.written)
            if recording.exchanges:
                _keep(api, recording, day)
        except LookalikeError as failure:
            if error is None:
                raise
            error.add_note(f"lookalike: {failure}")
        recording.finish(error)

    return Session(recording, recording, allow=allow, scope=scope, finish=finish)


def _keep(api: Api, recording: Recording, day: str) -> None:
    """Let the contract learn, and say what teaches nothing: in an error where that is all."""
    from lookalike.live.sift import nothing_learned

    taught = learned(api, recording.exchanges, day)
    if taught.contract is None:
        raise nothing_learned(api.name, taught.not_learned)
    recording.keep(taught.contract)
    if taught.not_learned:
        warnings.warn(visible(f"lookalike: {'; '.join(map(str, taught.not_learned))}"), stacklevel=2)


def learned_from(
    recording: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], base_url: str, name: str
) -> Contract:
    """What was recorded of an API, as a contract. Raises FileError, UsageError where nothing is of this API."""
    from lookalike.contract.learning import learn
    from lookalike.live.sift import sift
    from lookalike.traffic import read

    sources = [recording] if isinstance(recording, str | os.PathLike) else list(recording)
    home = split_url(base_url)
    exchanges = [
        one for one in read(*sources) if (one.request.host, one.request.port) == (home.host, home.port)
    ]  # fmt: skip
    kept, dropped = sift(exchanges)
    if not kept:
        why = f"; {dropped[0]}" if dropped else f"; name the API that it is of, base_url={base_url!r}"
        raise UsageError(f"{', '.join(map(str, sources))} holds no answer of {base_url} to hold it to{why}")
    return learn(kept, base_url=base_url, name=name, day=max(one.day for one in kept))


def learned(api: Api, exchanges: Sequence[Exchange], day: str) -> Taught:
    """What an API's contract says with these exchanges; written to its files where it has some.

    A vendor's document stays as it is, what was seen is kept beside it. Raises FileError where a file can't be read or
    written.
    """
    from lookalike.contract.files import save
    from lookalike.contract.learning import fold, learn
    from lookalike.live.sift import sift

    exists = api.path is not None and api.path.exists()
    before = api.contract if exists else None
    kept, dropped = sift(exchanges, before)
    if not kept:
        return Taught(None, 0, tuple(dropped))
    if before is not None:
        contract = fold(before, kept, day=day)
    else:
        contract = learn(kept, base_url=api.base_url or "", name=api.name, day=day)
    if api.path is not None:
        api.path.parent.mkdir(parents=True, exist_ok=True)
        save(contract, api.path)
    return Taught(contract, len(kept), tuple(dropped))
