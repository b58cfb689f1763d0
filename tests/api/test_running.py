"""A double that is never stopped is told of: as the interpreter ends, and when another begins for the same host."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.api import running
from lookalike.errors import NeverStopped

API = lookalike.Api(base_url="https://api.example.com")


def lose(api: lookalike.Api = API) -> int:
    """Start a double whose patcher nobody keeps; returns the line."""
    api.mock().start()
    gc.collect()
    return lose.__code__.co_firstlineno + 2


def stop_all() -> None:
    for one in running.left():
        one.session.end(None)


def test_a_second_double_for_the_host_tells_of_a_lost_one_once() -> None:
    line = lose()
    try:
        with pytest.warns(NeverStopped) as caught, API.mock():
            pass
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with API.mock():
                pass
    finally:
        stop_all()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert str(caught[0].message) == (
        f"the mock of api.example.com that was started at tests/api/test_running.py:{line} was never stopped, and is "
        "active around the one that starts here.\n"
        "Next: call stop() on its patcher (in tearDown, or by addCleanup), or use `with`, which can't forget it."
    )


def test_of_a_decorated_function_the_line_is_the_decorator_s() -> None:
    @API.mock()
    def decorated() -> None:
        pass

    lose()
    try:
        with pytest.warns(NeverStopped) as caught:
            decorated()
    finally:
        stop_all()
    assert (caught[0].filename, caught[0].lineno) == (__file__, decorated.__wrapped__.__code__.co_firstlineno)  # type: ignore[attr-defined]  # functools' own


def test_where_warnings_are_errors_the_second_one_doesn_t_begin() -> None:
    lose()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(NeverStopped):
                API.mock().start()
        assert len(running.left()) == 1
    finally:
        stop_all()


@pytest.mark.parametrize("other", ["https://other.example.com", "https://api.example.com:8443"])
def test_doubles_of_other_hosts_and_those_that_are_held_are_no_news(other: str) -> None:
    lose(lookalike.Api(base_url=other))
    held = API.mock()
    held.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with API.mock(), API.mock():
                pass
    finally:
        stop_all()


def test_what_ends_in_any_way_is_running_no_more() -> None:
    @API.mock()
    def decorated(**doubles: Any) -> int:
        return len(running.left()) if "mock" in doubles else 0

    assert decorated() == 1
    patcher = API.mock(scope="context")
    patcher.start()
    assert len(running.left()) == 1
    patcher.stop()
    with pytest.raises(lookalike.UnusedRoute), API.mock() as mock:
        mock.get("/x").respond(json=1)
    assert running.left() == []


SCRIPT = """
import lookalike, os, sys
api = lookalike.Api(base_url="https://api.example.com")
one = api.mock()
one.start()
def block():
    with lookalike.Api("jsonplaceholder").fake():
        yield
kept = block()
next(kept)
with api.mock():
    pass
if "fork" in sys.argv and os.fork() == 0:
    sys.exit()
"""


def ended(tmp_path: Path, *options: str, arguments: tuple[str, ...] = ()) -> str:
    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))
    quiet = ("-W", "ignore:no double in this process reaches")
    command = [sys.executable, *quiet, *options, "script.py", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    return done.stderr


def test_as_the_interpreter_ends_each_is_told_of_with_its_line(tmp_path: Path) -> None:
    told = ended(tmp_path)
    assert told.index("script.py:7: NeverStopped: the fake of jsonplaceholder that was started at script.py:7") == (
        told.index("script.py:7: ")
    )
    assert "NeverStopped: the mock of api.example.com that was started at script.py:5 was never stopped, so" in told
    assert told.count("NeverStopped") == 2


def test_warnings_as_errors_hide_none(tmp_path: Path) -> None:
    told = ended(tmp_path, "-W", "error:the:UserWarning")
    assert told.count("NeverStopped: the") == 2
    assert ended(tmp_path, "-W", "ignore:the:UserWarning") == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform doesn't fork")
def test_a_forked_child_has_none_of_its_parent_s_duties(tmp_path: Path) -> None:
    assert ended(tmp_path, arguments=("fork",)).count("NeverStopped") == 2


def test_others_start_while_the_running_ones_are_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python code computes of one may let another thread start a double."""
    started: list[int] = []

    def is_lost(one: running.Running) -> bool:
        started.append(-len(started) - 1)
        running._running[started[-1]] = one
        return False

    with API.mock(), API.mock():
        monkeypatch.setattr(running, "_running", dict(running._running))
        monkeypatch.setattr(running.Running, "is_lost", property(is_lost))
        patcher = API.mock()
        assert len(patcher.start().calls) == 0
        patcher.stop()
        monkeypatch.undo()
    assert started == [-1, -2]
