"""Recording: real requests pass through, and the contract's files learn from the answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lookalike.api.doubles import Recording
from lookalike.api.session import Session
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Exchange

if TYPE_CHECKING:
    from lookalike.api.api import Api
    from lookalike.contract.contract import Contract

__tracebackhide__ = True


def recorded(api: Api, base_url: str, allow: Sequence[str]) -> Session[Recording]:
    """A session in which the real API answers; what it learned is kept when the session ends."""
    day = time.strftime("%Y-%m-%d")
    recording = Recording(api.name, base_url, day)

    def finish(error: BaseException | None) -> None:
        try:
            if recording.exchanges:
                recording.keep(learned(api, recording.exchanges, day))
        except LookalikeError as failure:
            if error is None:
                raise
            error.add_note(f"lookalike: {failure}")
        recording.finish(error)

    return Session(recording, recording, allow=allow, finish=finish)


def learned(api: Api, exchanges: Sequence[Exchange], day: str) -> Contract:
    """What an API's contract says with these exchanges; written to its files where it has some.

    Raises FileError where they can't be read or written, UsageError for a document that wasn't learned.
    """
    from lookalike.contract.files import save
    from lookalike.contract.learning import fold, learn

    exists = api.path is not None and api.path.exists()
    before = api.contract if exists else None
    if before is not None and not before.learned:
        raise UsageError(
            f"{api.path} was not learned from traffic, so nothing is written into it; record into another file, "
            f'Api("contracts/{api.name}-learned.yaml", base_url=...)'
        )
    if before is not None:
        contract = fold(before, exchanges, day=day)
    else:
        contract = learn(exchanges, base_url=api.base_url or "", name=api.name, day=day)
    if api.path is not None:
        api.path.parent.mkdir(parents=True, exist_ok=True)
        save(contract, api.path)
    return contract
