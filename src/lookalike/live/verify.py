"""Ask the real API again, and say what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lookalike.contract.drift import DeclaredMock
from lookalike.contract.verdict import ApiReport
from lookalike.live.ask import Asker

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract


def verify(
    contract: Contract,
    asker: Asker,
    *,
    base_url: str,
    mocks: Sequence[DeclaredMock] = (),
    samples: int = 3,
    day: str = "",
) -> ApiReport:
    """Ask each operation's known targets again and compare the answers with the contract.

    base_url: of the real API; paths are appended to it
    mocks:    replies that tests declare; each finding names those that it makes false
    samples:  how many targets of an operation are asked; more where the evidence can't decide
    day:      of the run, `YYYY-MM-DD`; today for `""`

    Nothing is raised for what the API does: an outage or refused credentials are verdicts of the report.
    """
    raise NotImplementedError
