"""Routes that have to be called in the order in which they were declared."""

from __future__ import annotations

from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING

from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.double.mock import MockDouble
    from lookalike.double.reply import Reply
    from lookalike.double.route import Route

__tracebackhide__ = True


class Order:
    """A sequence of routes. Each answers as often as it says (once for each reply, or `.times(n)`), then it is the
    turn of the next; one that is optional may be left out. A route out of turn matches nothing.

    As a context manager it takes in the routes that are declared meanwhile.
    """

    def __init__(self, mock: MockDouble) -> None:
        self._mock = mock
        self._routes: list[Route] = []
        self._at = 0
        self._lock = RLock()
        self._outer: Order | None = None

    def add(self, route: Route) -> None:
        """Put a route at the end. Raises UsageError for one that has an order already."""
        if route.order is not None:
            raise UsageError(f"{route.label}, declared at {route.place}, has a place in an order already")
        self._routes.append(route)
        route.follow(self)

    def remove(self, route: Route) -> None:
        """Take a route out whose declaration failed."""
        self._routes = [one for one in self._routes if one is not route]

    def claim(self, route: Route) -> Reply | None:
        """Count a call of a route whose turn it is; None where it isn't."""
        with self._lock:
            if not self.is_turn_of(route):
                return None
            self._at = self._routes.index(route)
            return route.claim()

    def is_turn_of(self, route: Route) -> bool:
        """Whether a call of this route may come now."""
        for other in self._routes[self._at :]:
            if other is route:
                return not other.complete
            if not (other.complete or other.may_stay_unused):
                return False
        return False

    @property
    def turn(self) -> Route | None:
        """The route that has to be called next; None where all were."""
        return next((one for one in self._routes[self._at :] if not (one.complete or one.may_stay_unused)), None)

    def told(self, route: Route) -> str:
        """Why a request for this route is out of turn: whose turn it is."""
        turn = self.turn
        if turn is None:
            return "nothing: all of the order was called"
        done = sum(reply.used for reply in turn.replies)
        needed = sum(reply.needed for reply in turn.replies)
        part = f", call {done + 1} of {needed}" if needed > 1 else ""
        name = f"{turn.name}, " if turn.name else ""
        return f"{turn.label}   ({name}declared at {turn.place}{part})"

    @property
    def position(self) -> int:
        """How far the calls are, for a snapshot."""
        return self._at

    @property
    def routes(self) -> tuple[Route, ...]:
        """Its routes, in order."""
        return tuple(self._routes)

    def restore(self, routes: tuple[Route, ...], position: int) -> None:
        """Be again as a snapshot says."""
        self._routes, self._at = list(routes), position

    def __enter__(self) -> Order:
        self._outer, self._mock.ordering = self._mock.ordering, self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mock.ordering, self._outer = self._outer, None
