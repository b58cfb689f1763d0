"""The routes of a mock, also by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from lookalike.double.misuse import nearest
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.double.route import Route

    _Routes = tuple[Route, ...]
else:
    _Routes = tuple

__tracebackhide__ = True


class Routes(_Routes):
    """Routes in the order of their declaration; by a text, the newest of this name."""

    __slots__ = ()

    @overload
    def __getitem__(self, key: str) -> Route: ...
    @overload
    def __getitem__(self, key: SupportsIndex) -> Route: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Route, ...]: ...
    def __getitem__(self, key: Any) -> Any:
        """Raises UsageError for a name that no route has."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        named = {route.name: route for route in self if route.name}
        if key in named:
            return named[key]
        known = f"There are {', '.join(named)}." if named else 'A route is named as it is declared: name="..."'
        hint = nearest(key, named)
        raise UsageError(f"no route is named {key!r}" + (f"; {hint} {known}" if hint else f". {known}"))
