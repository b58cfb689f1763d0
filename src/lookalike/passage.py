"""Who may pass to the real network while a double is active.

The doors that talk to the real API on purpose open this passage; the doors that block traffic look at it. It is a
context variable, so it holds for the task or thread that opened it and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open: ContextVar[bool] = ContextVar("lookalike_passage", default=False)


def is_open() -> bool:
    """Whether the running context may reach the real network."""
    return _open.get()


@contextmanager
def opened() -> Iterator[None]:
    """Let everything that the block sends reach the real network."""
    token = _open.set(True)
    try:
        yield
    finally:
        _open.reset(token)
