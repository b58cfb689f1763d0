"""What a route asks of a request, one thing at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from lookalike.messages import Request
from lookalike.mismatch import Mismatch

Wanted = tuple[tuple[str, str], ...]


class Check(ABC):
    """One thing that a route asks of a request beyond its method, host and path.

    pure:   the same request always gets the same explanation
    of_url: it looks at the URL alone
    """

    pure = True
    of_url = False

    @abstractmethod
    def explain(self, request: Request) -> Iterator[Mismatch]:
        """Why the request isn't what is asked."""

    @property
    @abstractmethod
    def wanted(self) -> Wanted:
        """Each place that is looked at, with what is expected there, in words."""

    def same_as(self, other: Check) -> bool:
        """Whether both ask for the same, as far as can be told."""
        return type(self) is type(other) and vars(self) == vars(other)
