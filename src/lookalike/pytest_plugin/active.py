"""The mocks that one test holds through the fixture `mock_api`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Unpack

from lookalike.api.api import Api
from lookalike.api.doubles import Mock
from lookalike.api.session import Session
from lookalike.double.router import Router
from lookalike.double.strictness import Switches
from lookalike.errors import DoubleError, UsageError

if TYPE_CHECKING:
    from lookalike.intercept.active import Scope

__tracebackhide__ = True


class MockApi:
    """What the fixture gives: called with an API, it puts a mock in its place until the test is over."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str | None, str], Session[Mock]] = {}

    def __call__(
        self,
        api: Api | str | PathLike[str] | None = None,
        *,
        base_url: str | None = None,
        allow: Sequence[str] = (),
        scope: Scope = "process",
        router: Router | Sequence[Router] = (),
        **switches: Unpack[Switches],
    ) -> Mock:
        """The mock of an API. Raises UsageError as `lookalike.Api` does."""
        if isinstance(api, Api):
            if base_url is not None:
                raise UsageError("mock_api(api, base_url=...): the Api has a base URL of its own; give one of the two")
            chosen = api
        else:
            chosen = Api(api, base_url=base_url)
        key = (chosen.name, chosen.base_url, str(chosen.path))
        session = self._sessions.get(key)
        if session is None:
            session = chosen.mock(allow=allow, scope=scope, router=router, **switches).session()
            session.begin()
            self._sessions[key] = session
        else:
            mock = session.double
            mock.strictness = mock.strictness.changed(switches, "mock_api()")
            mock.include(*((router,) if isinstance(router, Router) else router))
        return session.double

    def check(self, error: BaseException | None) -> None:
        """The test's body is over: raise what went wrong inside, or add it to `error` as notes."""
        found: list[DoubleError | UsageError] = []
        for session in reversed(self._sessions.values()):
            try:
                session.check(error)
            except (DoubleError, UsageError) as failure:
                found.append(failure)
        if len(found) > 1:
            raise DoubleError("\n\n".join(str(one) for one in found)) from found[0]
        if found:
            raise found[0]

    def undo(self) -> None:
        """Take the mocks away, the newest first."""
        while self._sessions:
            self._sessions.popitem()[1].undo()
