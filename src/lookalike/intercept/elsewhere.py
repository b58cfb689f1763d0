"""Who answers a request that a context's double would have, in a context that doesn't see it: an error that says so."""

from __future__ import annotations

from typing import NoReturn

from lookalike.double.double import Double
from lookalike.double.told import told_call
from lookalike.errors import BlockedConnection
from lookalike.messages import Answer, Exchange, Request


class Elsewhere(Double):
    """Stands in the way to an API that a double of another context stands in for; nothing leaves by accident.

    double: that double, which raises the error again where the code swallows it: a thread's would be lost
    began:  where it began, for messages
    """

    def __init__(self, double: Double, began: object) -> None:
        super().__init__(double.name, double.base_url)
        self._double = double
        self._began = f" that began at {began}" if began is not None else ""

    def handle(self, request: Request) -> Answer:
        """Raises BlockedConnection."""
        self.journal.record(Exchange(request))
        self.refuse(told_call(request))

    def refuse(self, what: str) -> NoReturn:
        """Raises BlockedConnection for a request, or a connection, in words."""
        error = BlockedConnection(
            f"{what} was blocked. The double of {self.name}{self._began} is of another context "
            '(scope="context"), which this thread or task has no copy of.\n\n'
            "Next: give it one: contextvars.copy_context().run(function) in a thread or an executor, or "
            "asyncio.to_thread(function), which copies the context by itself. A context that is to reach the real API "
            'has a double of its own: api.mock(scope="context", unmatched="pass").'
        )
        remember = getattr(self._double, "remember", None)
        if callable(remember):
            remember(error)
        raise error
