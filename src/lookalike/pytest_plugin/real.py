"""Tests that may reach the real API: when they are skipped, and how their errors are shown."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import pytest

from lookalike import passage
from lookalike.api.api import Api
from lookalike.api.skip import REASON, skips_real
from lookalike.double.failed import failed_a_test
from lookalike.errors import LookalikeError
from lookalike.messages import split_url
from lookalike.pytest_plugin import Watch
from lookalike.visible import visible

_SKIPPED = pytest.StashKey[str]()
_TIMEOUT = 5.0
_answers: dict[tuple[str, int], str] = {}

# The exceptions of clients that say that no connection came about, by module and name.
_CONNECTION = frozenset({
    ("aiohttp.client_exceptions", "ClientConnectorError"),
    ("botocore.exceptions", "ConnectTimeoutError"),
    ("botocore.exceptions", "EndpointConnectionError"),
    ("builtins", "ConnectionError"),
    ("httpcore", "ConnectError"),
    ("httpcore", "ConnectTimeout"),
    ("httplib2.error", "ServerNotFoundError"),
    ("httpx", "ConnectError"),
    ("httpx", "ConnectTimeout"),
    ("httpx2", "ConnectError"),
    ("httpx2", "ConnectTimeout"),
    ("lookalike", "Unreachable"),
    ("requests.exceptions", "ConnectTimeout"),
    ("requests.exceptions", "ConnectionError"),
    ("socket", "gaierror"),
    ("urllib.error", "URLError"),
    ("urllib3.exceptions", "MaxRetryError"),
    ("urllib3.exceptions", "NewConnectionError"),
})  # fmt: skip
_ANSWERED = frozenset({("urllib.error", "HTTPError")})
_ALL_HIDDEN = "All traceback entries are hidden"
# Whose frames tell a test nothing where the error is ours: what lies between its own code and the double.
_BETWEEN = frozenset({
    "aiohttp", "anyio", "asyncio", "boto3", "botocore", "contextlib", "http", "httpcore", "httpcore2", "httplib2",
    "httpx", "httpx2", "lookalike", "niquests", "requests", "requests_oauthlib", "sniffio", "tornado", "trio",
    "unittest", "urllib", "urllib3", "urllib3_future",
})  # fmt: skip


def skip_where_out_of_reach(item: pytest.Item) -> None:
    """Skip a test marked `real_api` that can't run now."""
    reason = reason_to_skip(item)
    if reason:
        item.stash[_SKIPPED] = reason
        pytest.skip(reason)


def retell(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, watching: Watch) -> None:
    """Tell our own errors as they are meant, and an unreachable real API as a skip."""
    if call.excinfo is not None:
        failed_a_test(call.excinfo.value)
        _without_noise(report, call.excinfo.value)
    error = call.excinfo.value if call.excinfo is not None and report.failed else None
    marked = item.get_closest_marker("real_api") is not None
    mocked = watching.used and watching.run.faulted()  # then no outage is proven, so it stays a failure
    if error is not None and marked and not mocked and is_connection_error(error):
        report.outcome = "skipped"
        report.longrepr = _unreachable(item, error)
    if error is not None and marked and watching.wall is not None and watching.wall.raised(error):
        report.outcome = "skipped"
        report.longrepr = _skipped(item, f"the real API can't be reached: {str(error).partition(chr(10))[0]}")
    if report.skipped and _SKIPPED in item.stash:
        report.longrepr = _skipped(item, item.stash[_SKIPPED])
    if report.failed and item.config.getoption("lookalike_mode") == "record":
        watching.run.failed.add(item.nodeid)


def reason_to_skip(item: pytest.Item) -> str:
    """Why a test marked `real_api` can't run now, or nothing.

    A test whose API a double plays in this mode needs no way to the real one.
    """
    if skips_real():
        return REASON
    mode = item.config.getoption("lookalike_mode")
    if mode in ("mock", "verify") and "mock_api" in getattr(item, "fixturenames", ()):
        return ""
    for marker in item.iter_markers("real_api"):
        for named in marker.args:
            url = named.base_url if isinstance(named, Api) else _base_url(str(named))
            trouble = _trouble(url) if url else ""
            if trouble:
                return f"the real API can't be reached: {trouble}"
    return ""


def _base_url(named: str) -> str | None:
    return named if "://" in named else Api(named).base_url


def _trouble(url: str) -> str:
    """Why no connection comes about, or nothing; asked once a run."""
    parts = split_url(url)
    proxy = None if proxy_bypass(parts.host) else getproxies().get(parts.scheme)
    target = urlsplit(proxy if "://" in proxy else f"//{proxy}") if proxy else None
    host, port = (target.hostname or "", target.port or 80) if target is not None else (parts.host, parts.port)
    if (host, port) not in _answers:
        try:
            with passage.opened(), socket.create_connection((host, port), timeout=_TIMEOUT):
                _answers[host, port] = ""
        except OSError as error:
            _answers[host, port] = f"{host}:{port}: {error.strerror or error}"
    return _answers[host, port]


def is_connection_error(error: BaseException) -> bool:
    """Whether an exception says that no connection came about."""
    names = {(kind.__module__, kind.__name__) for kind in type(error).__mro__}
    return bool(names & _CONNECTION) and not names & _ANSWERED


def _unreachable(item: pytest.Item, error: BaseException) -> tuple[str, int, str]:
    """What a report shows for a test that was skipped since it met no real API."""
    first = (str(error).splitlines() or [""])[0][:200]
    return _skipped(item, f"the real API can't be reached: {type(error).__name__}: {first}")


def _skipped(item: pytest.Item, reason: str) -> tuple[str, int, str]:
    """What a report shows for a skipped test: its own place, not this plugin's."""
    path, line, _ = item.reportinfo()
    return str(path), (line or 0) + 1, visible(f"Skipped: {reason}")


def _without_noise(report: pytest.TestReport, error: BaseException) -> None:
    """Leave out pytest's remark that all frames are hidden: an error of ours that has none is complete."""
    trace: Any = getattr(report.longrepr, "reprtraceback", None)
    if isinstance(error, LookalikeError) and str(getattr(trace, "extraline", "")).startswith(_ALL_HIDDEN):
        trace.extraline = None


@contextmanager
def hidden_frames() -> Iterator[None]:
    """Let pytest leave out what lies between a test and a double where the error is ours: it is about the test.

    Only while a report is made: other people's modules are left as they were.
    """
    marked = [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in _BETWEEN
        and isinstance(module, ModuleType)
        and "__tracebackhide__" not in module.__dict__
    ]
    for module in marked:
        module.__dict__["__tracebackhide__"] = _is_ours
    try:
        yield
    finally:
        for module in marked:
            module.__dict__.pop("__tracebackhide__", None)


def _is_ours(excinfo: pytest.ExceptionInfo[Any] | None) -> bool:
    return excinfo is not None and isinstance(excinfo.value, LookalikeError)
