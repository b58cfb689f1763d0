"""What observers say to: each answer that code under test received, with the line that declared it."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any

from lookalike.codec import encode_json
from lookalike.double.source import Place
from lookalike.errors import UsageError

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_INSTALLED = tuple(
    os.path.realpath(path) + os.sep
    for path in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known of a mock beside its answer.

    library: `responses`; place: the line that declares it, `""` where that isn't known (then it is the test's)
    status:  whether it says a status; body: whether it says a body; kind: whether it says a content type
    """

    library: str
    place: str = ""
    status: bool = True
    body: bool = True
    kind: bool = True


class Heard:
    """One answer. What the mock doesn't say is None; `received` is the status that the client got, whoever chose it."""

    __slots__ = ("content", "declared", "headers", "method", "place", "received", "status", "test", "url")

    def __init__(self, method: str, url: str, declared: Declared, test: str, place: str) -> None:
        self.method = method
        self.url = url
        self.declared = declared
        self.test = test
        self.place = place
        self.status: int | None = None
        self.received: int | None = None
        self.headers: tuple[tuple[str, str], ...] | None = None
        self.content: bytes | None = None

    def says(self, value: Any) -> None:
        """Its body, decoded. It is kept as it is now: the code may change what it got."""
        # What JSON has no word for says nothing that a contract could hold.
        with suppress(UsageError):
            self.content = encode_json(value)


class Ear:
    """Hears what code under test receives.

    test:     the running test; place: its line
    heard:    what it received until now; whoever takes it away judges it
    reader:   told of each body that a client received (method, URL, status, bytes), before the code has it; without the
              bytes where the code gets an object, of which nobody sees what is read
    ours:     whether a double of lookalike answers for a host, which holds what it answers to the contract by itself
    """

    def __init__(self, *, ours: Callable[[str, int], bool] = lambda host, port: False) -> None:
        self.test = ""
        self.place = ""
        self.heard: list[Heard] = []
        self.ours = ours
        self.reader: Callable[[str, str, int, bytes | None], None] | None = None
        self.troubles: set[str] = set()
        self.endings: list[Callable[[], None]] = []
        self._quiet: dict[str, Quiet] = {}

    def hear(self, method: str, url: str, declared: Declared) -> Heard:
        """Note an answer; the caller says what it is."""
        one = Heard(method.upper(), url, declared, self.test, declared.place or self.place)
        self.heard.append(one)
        return one

    def end(self) -> list[Heard]:
        """A test is over: what it received, and whatever was put on its own objects is taken off."""
        while self.endings:
            with self.quietly("the end of a test"):
                self.endings.pop()()
        heard, self.heard = self.heard, []
        return heard

    def forget(self) -> None:
        """Drop what nobody took."""
        self.end()

    def quietly(self, where: str) -> Quiet:
        """What goes wrong here is noted, and never a test's."""
        found = self._quiet.get(where)
        if found is None:
            found = self._quiet[where] = Quiet(self, where)
        return found

    def trouble(self, where: str, error: Exception) -> None:
        """Note what went wrong."""
        self.troubles.add(f"{where}: {type(error).__name__}: {str(error)[:200]}")


class Quiet:
    """A context in which what goes wrong is noted, and never a test's. Keeps no state, so it may be entered again."""

    __slots__ = ("_ear", "_where")

    def __init__(self, ear: Ear, where: str) -> None:
        self._ear = ear
        self._where = where

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if isinstance(error, Exception):  # whatever it is, the test's outcome is its own
            self._ear.trouble(self._where, error)
            return True
        return False


# In place of a mock whose answer was heard where it was given, so that the client's observer needn't.
HEARD_ALREADY = Declared("heard already")

# The mocks that answered the hops of the request that is being sent; None where none is.
hops: ContextVar[list[Declared] | None] = ContextVar("lookalike_hops", default=None)


def played(declared: Declared) -> bool:
    """A mock answers. Whether a request is being sent, whose observer then hears the answer itself."""
    sent = hops.get()
    if sent is None:
        return False
    sent.append(declared)
    return True


def place_outside() -> str:
    """The nearest line of somebody's own code that is running now, `""` where there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if is_own(name):
            return place_of(name, frame.f_lineno)
        frame = frame.f_back
    return ""


@cache
def place_of(file: str, line: int) -> str:
    """`test_shop.py:12`, relative to where the run was when it was first met: tests may go to other folders."""
    return str(Place(file, line))


@cache
def is_own(file: str) -> bool:
    """Whether a file is somebody's own code: not installed, not Python's, not ours."""
    if file.startswith("<"):
        return False
    real = os.path.realpath(file)
    if real.startswith(_PACKAGE):
        return False
    return not real.startswith(_INSTALLED) and f"{os.sep}site-packages{os.sep}" not in real
