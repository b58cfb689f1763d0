"""One double, active from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lookalike.api import running
from lookalike.double.double import Double
from lookalike.double.source import Place, caller
from lookalike.errors import DoubleError, UsageError

if TYPE_CHECKING:
    from lookalike.intercept.active import Scope

__tracebackhide__ = True

D = TypeVar("D", bound=Double)


class Session(Generic[D]):
    """A double that is installed while the session lasts.

    double:    what the test gets
    installed: what answers: the double, or one around it
    scope, seams: whose requests it answers, see `lookalike.intercept.install`; with no seam nothing is installed
    finish:    called once when the session ends, with what the block fails with or None; raises what went wrong inside
    closed:    called last, whatever happened
    """

    def __init__(
        self,
        double: D,
        installed: Double,
        *,
        allow: Sequence[str],
        scope: Scope = "process",
        seams: frozenset[str] | None = None,
        finish: Callable[[BaseException | None], None],
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.double = double
        self._installed = installed
        self._allow = allow
        self._scope: Scope = scope
        self._seams = seams
        self._finish = finish
        self._closed = closed
        self._undo: Callable[[], None] | None = None
        self.place: Place | None = None  # the line that begins it, where that isn't the one that calls begin()

    def begin(self, holder: object = None) -> D:
        """Install the double; holder: what alone can end it, a patcher say."""
        self.place = self.place or caller()
        running.begin(self, self.place, holder)
        try:
            self._undo = self._install()
        except BaseException:
            running.end(self)
            raise
        return self.double

    def _install(self) -> Callable[[], None]:
        if self._seams is not None and not self._seams:
            return lambda: None  # It is given to clients one by one.
        from lookalike.intercept import install

        return install(self._installed, allow=self._allow, scope=self._scope, seams=self._seams, began=self.place)

    def check(self, error: BaseException | None) -> None:
        """Raise what went wrong inside, while the double still answers."""
        self._finish(error)

    def undo(self) -> None:
        """Take the double away; a second time does nothing."""
        undo, self._undo = self._undo, None
        if undo is not None:
            running.end(self)
            try:
                undo()
            finally:
                self._closed()

    def end(self, error: BaseException | None) -> None:
        """Take the double away, then raise what went wrong inside."""
        undo, self._undo = self._undo, None
        if undo is None:
            return
        running.end(self)
        try:
            undo()
            self._finish(error)
        finally:
            self._closed()

    def __enter__(self) -> D:
        return self.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(error)


def check_all(sessions: Iterable[Session[Any]], error: BaseException | None) -> None:
    """Raise what went wrong inside any of them: itself, or a DoubleError that says all where there are several."""
    found: list[DoubleError | UsageError] = []
    for session in sessions:
        try:
            session.check(error)
        except (DoubleError, UsageError) as failure:
            found.append(failure)
    if len(found) > 1:
        raise DoubleError("\n\n".join(str(one) for one in found)) from found[0]
    if found:
        raise found[0]
