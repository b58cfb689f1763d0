"""Whose turn it is among a route's replies, and how often each answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lookalike.double.reply import Reply, StaticReply
from lookalike.messages import Response

if TYPE_CHECKING:
    from threading import Lock

    from lookalike.double.order import Order
    from lookalike.double.owner import Owner

__tracebackhide__ = True

_State = tuple[list[tuple[Reply, dict[str, Any]]], int, int, bool, Response | None, "Order | None"]


class Turns:
    """The part of a route that counts."""

    if TYPE_CHECKING:
        fixed: Response | None
        may_stay_unused: bool
        order: Order | None
        _adding: bool
        _at: int
        _count: int
        _lock: Lock
        _owner: Owner
        _replies: list[Reply]

        def _arm(self) -> None: ...
    else:
        __slots__ = ()

    def claim(self) -> Reply | None:
        """Count a call and give the reply that is its turn; None, uncounted, where all are used up.

        A route in an order is claimed of that, which asks here when it is the route's turn.
        """
        with self._lock:
            replies = self._replies
            while True:
                reply = replies[self._at]
                if reply.used < reply.limit:
                    reply.used += 1
                    self._count += 1
                    return reply
                if self._at + 1 == len(replies):
                    return None
                self._at += 1

    def count_again(self, response: Response) -> None:
        """Count a call that a door answered by itself with the response it kept."""
        with self._lock:
            self._count += 1
            for reply in self._replies:
                if isinstance(reply, StaticReply) and reply.kept is response:
                    reply.used += 1

    def repeat(self) -> Reply | None:
        """Count a call beyond those that the replies are for, answered by the last one; None where there is none."""
        with self._lock:
            if not self._replies or not self._replies[-1].needed:
                return None
            self._replies[-1].used += 1
            self._count += 1
            return self._replies[-1]

    def follow(self, order: Order) -> None:
        """Have a place in an order: each reply answers once, or as often as it says."""
        with self._lock:
            self.order = order
            if self._replies:
                self._arm()
        route: Any = self
        self._owner.changed(route)

    def state(self) -> _State:
        """What a snapshot keeps of it."""
        with self._lock:
            kept = [(reply, reply.state()) for reply in self._replies]
            return kept, self._at, self._count, self.may_stay_unused, self.fixed, self.order

    def restore(self, state: _State) -> None:
        """Be again as a snapshot says."""
        kept, at, count, optional, fixed, order = state
        with self._lock:
            for reply, values in kept:
                reply.restore(values)
            self._replies = [reply for reply, _ in kept]
            self._at, self._count, self._adding = at, count, False
            self.may_stay_unused, self.fixed, self.order = optional, fixed, order

    @property
    def complete(self) -> bool:
        """Whether each reply was used as often as it has to be."""
        return bool(self._replies) and all(reply.used >= reply.needed for reply in self._replies)
