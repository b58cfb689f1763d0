"""Clients in this process whose trust no environment variable decides: told at import, or by their own option alone."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Each keeps the path of its certificates from its import on.
_KEPT: tuple[tuple[str, str], ...] = (("curl_cffi.curl", "DEFAULT_CACERT"), ("curl_cffi.aio", "DEFAULT_CACERT"))

# The bundles of the servers that are up, the newest last, and what the clients had before the first of them.
_bundles: list[str] = []
_before: dict[tuple[str, str], Any] = {}
_lock = threading.RLock()


def trusting(bundle: Path) -> Callable[[], None]:
    """Let those that are imported trust what is in a PEM file; returns how to bring back what they trusted.

    Servers end in any order: the newest that is up decides, and the last one brings back what was there.
    """
    path = str(bundle)
    with _lock:
        _bundles.append(path)
        _lead(path)

    def undo() -> None:
        with _lock:
            if path in _bundles:
                _bundles.remove(path)
            _lead(path)

    return undo


def _lead(ended: str) -> None:
    """Point the clients at the newest bundle, or back to their own."""
    for place in _KEPT:
        module = sys.modules.get(place[0])
        if not hasattr(module, place[1]):
            continue
        if _bundles:
            _before.setdefault(place, getattr(module, place[1]))
            setattr(module, place[1], _bundles[-1])
        elif getattr(module, place[1]) == ended:
            # One that was imported meanwhile has the path from the environment, and would keep it for good.
            own = _before.get(place, ended)
            setattr(module, place[1], _roots() if own == ended else own)
    if not _bundles:
        _before.clear()
    _lead_pycurl()


def _roots() -> str | None:
    try:
        where: str = importlib.import_module("certifi").where()
    except ImportError:
        return None
    return where


def _lead_pycurl() -> None:
    """libcurl reads no variable: its handles are made with the bundle, and get it where they ask for certifi's."""
    library: Any = sys.modules.get("pycurl")
    handle: Any = getattr(library, "Curl", None)
    ours = getattr(handle, "lookalike_original", None)
    if _bundles and handle is not None and ours is None:
        library.Curl = _trusting_handle(library, handle)
    elif not _bundles and ours is not None:
        library.Curl = ours


def _trusting_handle(library: Any, original: Any) -> Any:
    roots = _roots()

    class Curl(original):  # type: ignore[misc]  # known at run time alone
        lookalike_original = original

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._trust()

        def _trust(self) -> None:
            if _bundles:
                super().setopt(library.CAINFO, _bundles[-1])

        def reset(self) -> None:
            super().reset()
            self._trust()

        def setopt(self, option: int, value: Any) -> None:
            trusted = _bundles and option == library.CAINFO and value == roots
            super().setopt(option, _bundles[-1] if trusted else value)

        def unsetopt(self, option: int) -> None:
            super().unsetopt(option)
            if option == library.CAINFO:
                self._trust()

    return Curl
