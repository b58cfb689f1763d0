"""The mocks that one test holds through the fixture `mock_api`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from lookalike.api.api import Api
from lookalike.api.doubles import Mock
from lookalike.api.said import DOUBLE_HABITS
from lookalike.api.session import Session, check_all
from lookalike.double import strictness
from lookalike.double.misuse import spelled
from lookalike.double.router import Router, checked_routers
from lookalike.double.strictness import Switches
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.intercept.active import Scope

__tracebackhide__ = True


class MockApi:
    """What the fixture gives: called with an API, it puts a mock in its place until the test is over."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str | None, str], Session[Mock]] = {}
        # What each began with and keeps.
        self._fixed: dict[Session[Mock], dict[str, Any]] = {}

    @spelled("mock_api()", {**DOUBLE_HABITS, **strictness.HABITS}, more=strictness.SWITCHES)
    def __call__(
        self,
        api: Api | str | PathLike[str] | None = None,
        *,
        base_url: str | None = None,
        allow: Sequence[str] | None = None,
        scope: Scope | None = None,
        clients: Sequence[str] | None = None,
        router: Router | Sequence[Router] = (),
        **switches: Unpack[Switches],
    ) -> Mock:
        """The mock of an API, the same one for a second call, which may declare more and change switches.

        Raises UsageError as `lookalike.Api` and `api.mock` do, and for what a second call can't change: `ordered`,
        `scope`, `allow` and `clients`.
        """
        if isinstance(api, Api):
            if base_url is not None:
                raise UsageError("mock_api(api, base_url=...): the Api has a base URL of its own; give one of the two")
            chosen = api
        else:
            chosen = Api(api, base_url=base_url)
        key = (chosen.name, chosen.base_url, str(chosen.path))
        patcher = chosen.mock(
            allow=() if allow is None else allow, scope=scope or "process", clients=clients, router=router, **switches
        )
        said = {"allow": allow, "scope": scope, "clients": clients, "ordered": switches.get("ordered")}
        session = self._sessions.get(key)
        if session is None:
            session = patcher.session()
            session.begin()
            self._sessions[key] = session
            ordered = session.double.strictness.ordered
            self._fixed[session] = {
                "allow": allow or (), "scope": scope or "process", "clients": clients, "ordered": ordered
            }  # fmt: skip
        else:
            self._refuse_other(session, {name: value for name, value in said.items() if value is not None})
            mock = session.double
            mock.strictness = mock.strictness.changed(switches, "mock_api()")
            mock.include(*checked_routers(router))
        return session.double

    def _refuse_other(self, session: Session[Mock], said: dict[str, Any]) -> None:
        """Raises UsageError where a second call says otherwise what is settled when a mock begins."""
        before = self._fixed[session]
        other = [name for name, value in said.items() if _comparable(name, value) != _comparable(name, before[name])]
        if not other:
            return
        began, asked = (", ".join(f"{name}={_told(one[name])}" for name in other) for one in (before, said))
        raise UsageError(
            f"mock_api(): this test has its mock of {session.double.name} from {session.place}, which began with "
            f"{began}, not with {asked}. A second call gives the same mock; say this in the first one, or begin "
            "another inside of it: with api.mock(...)."
        )

    def check(self, error: BaseException | None) -> None:
        """The test's body is over: raise what went wrong inside, or add it to `error` as notes."""
        check_all(reversed(self._sessions.values()), error)

    def undo(self) -> None:
        """Take the mocks away, the newest first."""
        self._fixed.clear()
        while self._sessions:
            self._sessions.popitem()[1].undo()


def _comparable(name: str, value: Any) -> object:
    if name == "clients" and value is not None:
        from lookalike.intercept.chosen import seams_of

        return seams_of(value, "mock_api()")
    return {one.lower() for one in value} if name == "allow" else value


def _told(value: Any) -> str:
    return repr(value if value is None or isinstance(value, str | bool) else list(value))
