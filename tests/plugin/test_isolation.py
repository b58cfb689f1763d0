"""The isolation that every test of this suite has: what is left behind fails the test that left it."""

from __future__ import annotations

from pathlib import Path

import pytest

import lookalike.intercept.door

CONFTEST = Path(__file__).parent.parent / "conftest.py"

LEAVING = """
import http.client, os, socket, threading
import lookalike

KEPT = []

def test_nothing():
    assert "SKIP_REAL" not in os.environ

def test_a_double():
    KEPT.append(lookalike.Api(base_url="https://api.test").mock())
    KEPT[-1].start()

def test_a_patch():
    KEPT.pop().stop()
    http.client.HTTPConnection.request = lambda *args: None

def test_a_socket(monkeypatch):
    KEPT.append(socket.socket())

def test_a_thread():
    ending = threading.Event()
    KEPT.append(ending)
    threading.Thread(target=ending.wait, name="left over").start()

def test_the_end():
    KEPT.pop().set()
    KEPT.pop().close()
"""


def test_what_is_left_behind_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.client

    assert lookalike.intercept is not None
    monkeypatch.setattr(http.client.HTTPConnection, "request", http.client.HTTPConnection.request)
    monkeypatch.setenv("SKIP_REAL", "1")
    pytester.makeconftest(CONFTEST.read_text("utf-8").replace("_GRACE = 2.0", "_GRACE = 0.1"))
    pytester.makepyfile(LEAVING)
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=6, errors=4)
    result.stdout.fnmatch_lines([
        "*left behind: *an active double*",
        "*left behind: *request*",
        "*left behind: socket:*",
        "*left behind: the thread left over*",
    ])  # fmt: skip
