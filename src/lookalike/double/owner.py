"""What a route needs of the mock that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lookalike.double.contracts import ContractLike, Doubt
    from lookalike.double.journal import Journal
    from lookalike.double.route import Route


class Owner(Protocol):
    """The mock, as its routes see it."""

    journal: Journal
    at_end: list[Callable[[], None]]

    @property
    def contract(self) -> ContractLike | None:
        """What replies are held to."""

    def changed(self, route: Route) -> None:
        """The route was declared further."""

    def withdraw(self, route: Route) -> None:
        """The route's declaration failed before it had a reply."""

    def warn(self, warning: Doubt) -> None:
        """A reply is doubtful."""

    def remember(self, error: BaseException) -> None:
        """A function of the test failed."""
