"""Clients that no double in process reaches: they bring their own sockets, in C, Rust or Go.

Each is named once in a process, where it is imported or could be, so that nobody takes their silence for safety. While
a double of the process is active and one of them is imported, they find proxy variables that lead nowhere (see
`dead_end`). Those are put where C's `getenv` finds them and `os.environ` doesn't have them: nothing that Python code
reads, copies or keeps is changed, and what is brought back in the end is what `os.environ` says.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from lookalike.double.source import caller
from lookalike.errors import UncoveredClient
from lookalike.intercept import active, dead_end
from lookalike.intercept.chosen import SOCKETS
from lookalike.intercept.imports import when_any_imported


class Client(NamedTuple):
    """One client, by the name that it is imported by.

    quiet: named only where it is imported: it comes with much that never uses it
    by:    a module that imports it whether anybody uses it or not
    """

    quiet: bool = False
    by: str = ""

    def is_used(self, name: str) -> bool:
        """Whether somebody has imported it who may use it."""
        return name in sys.modules and self.by not in sys.modules


CLIENTS: dict[str, Client] = {
    "curl_cffi": Client(),
    "grpc": Client(quiet=True),
    "hrequests": Client(),
    "impit": Client(),
    "primp": Client(),
    "pycurl": Client(by="pytest_recording.network"),
    "pyqwest": Client(),
    "pyreqwest": Client(by="pyreqwest.pytest_plugin"),
    "requestium": Client(quiet=True),
    "requests_go": Client(),
    "rnet": Client(),
    "tls_client": Client(),
    "wreq": Client(),
}

# libcurl's own requests of tornado's curl client are real ones that a double lets pass.
_TORNADO = "tornado.curl_httpclient"

# Which were named already, in this process.
_named: set[str] = set()
_searched = False


def imported() -> list[str]:
    """Which of the clients are imported."""
    return [name for name in CLIENTS if name in sys.modules]


def importable() -> list[str]:
    """Which of the clients could be imported, without importing anything."""
    there = set(sys.modules)
    for folder in sys.path:
        # One look into each folder: asking the import system for each name takes ten times as long.
        try:
            there.update(entry.partition(".")[0] for entry in os.listdir(folder or "."))
        except OSError:
            continue
    return [name for name in CLIENTS if name in there]


def message(names: list[str]) -> str:
    """What is said of these clients."""
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    its, it = ("its", "it") if len(names) == 1 else ("their", "them")
    return (
        f"no double in this process reaches {listed}: {its} requests don't pass Python's HTTP code or sockets.\n"
        f"Next: give {it} the API on a port, `with api.serve(everything=True)`; where nothing is asked with {it}, "
        "filter this warning: ignore::lookalike.errors.UncoveredClient"
    )


def _warn(names: list[str]) -> None:
    names = [name for name in names if name not in _named]
    if not names:
        return
    _named.update(names)
    place = caller()
    try:
        warnings.warn_explicit(message(names), UncoveredClient, place.file, place.line)
    except UncoveredClient as warning:
        # Where warnings are errors: what is only installed, and used by nobody here, fails no test.
        if any(CLIENTS[name].is_used(name) for name in names):
            raise
        sys.stderr.write(f"{place}: UncoveredClient: {warning}\n")


def _on_import(module: ModuleType) -> None:
    if not active.any_active(SOCKETS):
        return
    lead()
    try:
        _warn([module.__name__])
    except UncoveredClient as warning:
        # Where warnings are errors: an import that fails halfway would break more than it tells.
        remember = getattr(active.innermost(SOCKETS), "remember", None)
        if callable(remember):
            remember(warning)


def announce() -> None:
    """Name the clients that are there, as a double begins.

    Raises UncoveredClient for one that is used, where warnings are errors.
    """
    global _searched
    if not _searched:
        _searched = True
        _warn([name for name in importable() if name in sys.modules or not CLIENTS[name].quiet])
    elif not CLIENTS.keys().isdisjoint(sys.modules.keys()):
        _warn(imported())


def install() -> Callable[[], None]:
    """Name the clients that get imported from now on; returns how to watch no longer."""
    return when_any_imported(CLIENTS, _on_import)


_led: dict[str, str] = {}
_lock = threading.Lock()


def lead() -> None:
    """Have the proxy variables that the native clients of this process should find now, or none.

    Called whenever a double of the process begins or ends. A double of one context doesn't lead: there is one
    environment, and other contexts' traffic is none of its business.
    """
    if not _led and CLIENTS.keys().isdisjoint(sys.modules.keys()):
        return
    with _lock:
        wanted: dict[str, str] = {}
        seen = active.process_wide()
        if seen and imported() and _TORNADO not in sys.modules:
            wanted = dead_end.variables(os.environ, seen)
        for name in {*_led, *wanted}:
            value = wanted.get(name, os.environ.get(name))
            if value is None:
                os.unsetenv(name)
            else:
                os.putenv(name, value)
        _led.clear()
        _led.update(wanted)
