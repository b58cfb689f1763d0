"""Doubles that a test started and nobody stopped: they are stopped where what they belong to is over, and told of."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lookalike.api import running
from lookalike.errors import LookalikeError, UsageError

__tracebackhide__ = True


def stop_left(config: pytest.Config, alive: Sequence[object]) -> UsageError | None:
    """Stop each double of this run whose test, class, module or session is over; the error that tells of them.

    alive: what goes on: the next test, with the class, module and session that it is in
    """
    told = []
    for one in running.left():
        owner = one.owner
        if isinstance(owner, pytest.Item | pytest.Collector) and owner.config is config and owner not in alive:
            told.append(f"{one} was never stopped{_ended(one)}")
    if not told:
        return None
    # What ended may have said its own next step.
    also = any("\nNext: " in one for one in told)
    return UsageError("\n".join([*told, running.NEXT.replace("Next: call", "And call", 1) if also else running.NEXT]))


def _ended(one: running.Running) -> str:
    try:
        one.session.end(None)
    except (LookalikeError, AssertionError) as error:
        return f"; ended now, it says:\n{error}\n"
    return ""
