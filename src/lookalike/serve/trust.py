"""Clients in this process whose trust no environment variable decides: told at import, or by their own option alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Each keeps the path of its certificates from its import on.
_KEPT: tuple[tuple[str, str], ...] = (("curl_cffi.curl", "DEFAULT_CACERT"), ("curl_cffi.aio", "DEFAULT_CACERT"))


def trusting(bundle: Path) -> Callable[[], None]:
    """Let those that are imported trust what is in a PEM file; returns how to bring back what they trusted."""
    path = str(bundle)
    before: dict[tuple[str, str], Any] = {}
    for module, attribute in _KEPT:
        if hasattr(sys.modules.get(module), attribute):
            before[module, attribute] = getattr(sys.modules[module], attribute)
            setattr(sys.modules[module], attribute, path)
    undo_pycurl = _pycurl(path)

    def undo() -> None:
        undo_pycurl()
        for module, attribute in _KEPT:
            # One that was imported meanwhile has the path from the environment, and would keep it for good.
            if getattr(sys.modules.get(module), attribute, None) == path:
                setattr(sys.modules[module], attribute, before.get((module, attribute), _roots()))

    return undo


def _roots() -> str | None:
    try:
        where: str = importlib.import_module("certifi").where()
    except ImportError:
        return None
    return where


def _pycurl(path: str) -> Callable[[], None]:
    """libcurl reads no variable: its handles are made with the bundle, and get it where they ask for certifi's."""
    library: Any = sys.modules.get("pycurl")
    original: Any = getattr(library, "Curl", None)
    if original is None:
        return lambda: None
    roots = _roots()

    class Curl(original):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            super().setopt(library.CAINFO, path)

        def reset(self) -> None:
            super().reset()
            super().setopt(library.CAINFO, path)

        def setopt(self, option: int, value: Any) -> None:
            super().setopt(option, path if option == library.CAINFO and value == roots else value)

        def unsetopt(self, option: int) -> None:
            super().unsetopt(option)
            if option == library.CAINFO:
                super().setopt(option, path)

    library.Curl = Curl

    def undo() -> None:
        if library.Curl is Curl:
            library.Curl = original

    return undo
