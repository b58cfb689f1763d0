"""The network blocked for a whole run: no test reaches more than this machine and allowed hosts, double or not.

The wall is the outermost double: it covers no host, so every mock answers before it, and what nobody answers is its.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable
from types import FrameType

import pytest

from lookalike import config as settings
from lookalike.double.double import Double
from lookalike.double.source import Place
from lookalike.double.told import told_call
from lookalike.errors import BlockedConnection, LookalikeError
from lookalike.messages import Answer, Exchange, Request

__tracebackhide__ = True

SWITCH = '[tool.lookalike] network = "block"'
OPTION = "--lookalike-network=block"


class Wall(Double):
    """Answers nothing and lets nothing pass.

    switch:   what put it there, as it is written
    allow:    the hosts that pass
    failures: what was blocked since the last `begin`
    """

    def __init__(self, switch: str, allow: tuple[str, ...] = ()) -> None:
        super().__init__("the network", None)
        self._switch = switch
        self._allow = allow
        self._test: pytest.Item | None = None
        self._undo: Callable[[], None] | None = None
        self.failures: list[BaseException] = []

    def covers(self, host: str, port: int) -> bool:
        """Nothing: whoever knows a host answers."""
        return False

    def handle(self, request: Request) -> Answer:
        """Raises BlockedConnection."""
        self.journal.record(Exchange(request))
        error = self.refusal(told_call(request), request.host)
        self.remember(error)
        raise error

    def refusal(self, what: str, host: str) -> BlockedConnection:
        """The error for a request or a connection."""
        test = f" in {self._test.nodeid}" if self._test is not None else ""
        return BlockedConnection(
            f"{what} was blocked, at {_place(self._test)}{test}: {self._switch} lets nothing leave this machine in "
            "this run, and no double is active that knows the host.\n"
            f'Next: put a double in its place, `with api.mock() as mock`; let the host pass, allow = ["{host}"] in '
            "[tool.lookalike]; mark the test real_api and run with --lookalike=live; or open the network, "
            "--lookalike-network=open."
        )

    def remember(self, error: BaseException) -> None:
        """Keep what was blocked, so that the test fails even if its code swallows the error."""
        self.failures.append(error)

    def begin(self, test: pytest.Item | None) -> None:
        """A test begins, or (None) none runs."""
        self._test = test
        self.failures = []

    def check(self, error: BaseException | None) -> None:
        """A test's body is over: raise what it swallowed, or add it to what it fails with."""
        for failure in self.failures:
            if error is None:
                raise failure
            if failure is not error:
                error.add_note(f"lookalike: {failure}")

    def raised(self, error: BaseException) -> bool:
        """Whether an error is this wall's, or has one as its cause."""
        seen: list[BaseException | None] = [error, error.__cause__, error.__context__]
        return any(one is failure for one in seen for failure in self.failures)

    def build(self) -> None:
        """Block the network."""
        from lookalike.intercept import install

        if self._undo is None:
            self._undo = install(self, allow=self._allow, outermost=True)

    def lift(self) -> None:
        """Open it."""
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()


def wall_for(config: pytest.Config) -> Wall | None:
    """The wall that the option or the project asks for, or None. Raises pytest.UsageError."""
    option: str | None = config.getoption("lookalike_network")
    if option == "open":
        return None
    try:
        known = settings.load()
    except LookalikeError as error:
        raise pytest.UsageError(str(error)) from None
    if option is None and known.network != "block":
        return None
    return Wall(OPTION if option else SWITCH, known.allow)


def _place(test: pytest.Item | None) -> Place:
    """The line that asks: the test's own, else the innermost one that is no library's."""
    frames = list(_frames())
    own = [frame for frame in frames if test is not None and frame.f_code.co_filename == str(test.path)]
    mine = own or [frame for frame in frames if not _is_library(frame.f_code.co_filename)] or frames
    return Place(mine[0].f_code.co_filename, mine[0].f_lineno)


def _frames() -> list[FrameType]:
    found = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found


_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_HERE = __file__.rpartition("pytest_plugin")[0]


def _is_library(file: str) -> bool:
    return file.startswith((*_LIBRARIES, _HERE, "<"))
