"""What all tests share: no test leaves a patch, a thread or a socket behind."""

from __future__ import annotations

import gc
import http.client
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

# Not in the environment of niquests, which runs none of the property tests.
with suppress(ImportError):
    from hypothesis import settings

    # Machines are noisy: no test fails for the time that it takes. What chance finds must not turn an unrelated change
    # red: the examples are the same in each run; HYPOTHESIS_PROFILE=chance tries others.
    settings.register_profile("lookalike", deadline=None, derandomize=True)
    settings.register_profile("chance", deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lookalike"))

pytest_plugins = ["pytester"]

# In runs that tests start too: pytest-recording imports and replaces pycurl wherever it is loaded.
_ADDOPTS = "-p no:recording"
os.environ["PYTEST_ADDOPTS"] = _ADDOPTS


_RECURSION_LIMIT = sys.getrecursionlimit()


def pytest_runtest_setup() -> None:
    """Hypothesis raises the limit, and leaves it there where somebody else has changed it meanwhile."""
    sys.setrecursionlimit(_RECURSION_LIMIT)


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """pytest's own, which forgets the options of the environment. Whichever run is the first to make a double would
    name the native clients that are installed here.
    """
    monkeypatch.setenv("PYTEST_ADDOPTS", f"{_ADDOPTS} -W 'ignore:no double in this process reaches'")
    return pytester


# Where the seams and the guard take over: what is there after a test must be what was there before.
_PATCHED: tuple[tuple[Any, str], ...] = (
    (http.client.HTTPConnection, "putrequest"),
    (http.client.HTTPConnection, "getresponse"),
    (http.client.HTTPConnection, "request"),
    (socket.socket, "connect"),
    (socket.socket, "sendto"),
    (socket, "getaddrinfo"),
)
_GRACE = 2.0


def _patches() -> dict[str, Any]:
    return {f"{getattr(owner, '__name__', owner)}.{name}": getattr(owner, name, None) for owner, name in _PATCHED}


def _sockets() -> set[str]:
    """The open sockets of this process, where the platform tells."""
    folder = Path("/proc/self/fd")
    found = set()
    for entry in folder.iterdir() if folder.is_dir() else ():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.is_alive()}


def _settled(before: set[Any], now: Callable[[], set[Any]]) -> set[Any]:
    """What is new, once what was about to end has ended."""
    new = now() - before
    if new:
        gc.collect()
    deadline = time.monotonic() + _GRACE
    while new and time.monotonic() < deadline:
        time.sleep(0.01)
        new = now() - before
    return new


@pytest.fixture(autouse=True)
def isolation() -> Iterator[None]:
    """Fail a test that leaves a patch, an active double, a thread or a socket behind; no SKIP_REAL from outside."""
    patches, threads, sockets = _patches(), _threads(), _sockets()
    # Not the fixture monkeypatch: what a test patches by that is undone before this looks.
    with pytest.MonkeyPatch.context() as patching:
        patching.delenv("SKIP_REAL", raising=False)
        yield
    left = [name for name, value in _patches().items() if value is not patches[name]]
    active = sys.modules.get("lookalike.intercept.active")
    if active is not None and active.any_active():
        left.append("an active double")
    left += [f"the thread {thread.name}" for thread in _settled(threads, _threads)]
    left += sorted(_settled(sockets, _sockets))
    if left:
        pytest.fail(f"left behind: {', '.join(left)}", pytrace=False)
