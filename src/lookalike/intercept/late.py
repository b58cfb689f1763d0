"""Seams of clients that aren't imported yet: a seam's code is loaded when its client is, not before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from lookalike.intercept.imports import when_any_imported

Install = Callable[[], Callable[[], None]]


def late(seam: str, *clients: str) -> Install:
    """How to put in `intercept/<seam>.py`: now where one of these modules is imported, else as soon as one is."""

    def load() -> Callable[[], None]:
        undo: Callable[[], None] = import_module(f"lookalike.intercept.{seam}").install()
        return undo

    def install() -> Callable[[], None]:
        if any(name in sys.modules for name in clients):
            return load()
        undos: list[Callable[[], None]] = []

        def hook(module: ModuleType) -> None:
            if not undos:
                undos.append(load())

        stop = when_any_imported(clients, hook)

        def undo() -> None:
            stop()
            for one in undos:
                one()

        return undo

    return install
