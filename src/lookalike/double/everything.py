"""A path that stands for itself and everything below it, where an application is mounted or the real API answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lookalike.double.target import PathPattern, Target, below

if TYPE_CHECKING:
    from lookalike.double.route import Route
    from lookalike.messages import Request


class Everything(PathPattern):
    """A path and what is below it: `/api` stands for `/api`, `/api/` and `/api/todos/1`.

    depth: the number of the path's own segments
    """

    __slots__ = ("_front", "depth")

    def __init__(self, template: str) -> None:
        root = template.rstrip("/")
        super().__init__(root or "/")
        self._front = PathPattern(root) if root else None
        self.depth = len(self._front.segments) if self._front is not None else 0
        # For an index: that it isn't found by the number of its segments.
        self.tail = self.depth
        self.sample = f"{self.sample.rstrip('/')}/"
        self.written = f"{root}/..."

    def match(self, segments: Sequence[str]) -> dict[str, Any] | None:
        """The parameters' values, None where the path is somewhere else."""
        if self._front is None:
            return {}
        return self._front.match(segments[: self.depth])


def everything_below(target: Target) -> Target:
    """The same target for all that is below it too."""
    pattern = Everything(target.pattern.written)
    return replace(target, pattern=pattern, label=f"{target.label.rstrip('/')}/...")


def operation_path(route: Route, request: Request) -> str | None:
    """The path below the base URL by which a contract knows the operation: a template, or the request's own."""
    pattern = route.target.pattern
    if pattern.of_home or (isinstance(pattern, Everything) and route.target.relative is not None):
        return below(request.path, route.home)
    return route.target.relative
