"""What a test suite gets from the mocks that it has, whatever library made them, held to the contracts of its hosts.

`install` puts observers in the places through which answers reach code: one small file a library, put in when that
library is imported. They never change what a test receives, and no error of theirs reaches a test. What was heard goes
to `judge.Judge`, which is pure.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

from lookalike.audit.ear import Ear

# Who is watched once it is imported, and the file here that does it.
PLACES = {
    "requests.sessions": "requests",
    "httpx": "httpx",
    "responses": "responses",
    "requests_mock.response": "requests_mock",
    "requests_mock.mocker": "requests_mock_send",
    "respx.models": "respx",
    "pytest_httpx": "pytest_httpx",
    "aioresponses.core": "aioresponses",
    "vcr.cassette": "vcr",
    "betamax.cassette.cassette": "betamax",
    "unittest.mock": "mocks",
    "mock.mock": "mocks",
    "_pytest.monkeypatch": "monkeypatch",
}


class Patching(Protocol):
    """Replaces attributes, and puts back what was there."""

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replace an attribute of a module or class."""

    def undo(self) -> None:
        """Put everything back."""


WhenImported = Callable[[str, Callable[[ModuleType], None]], Callable[[], None]]


def install(ear: Ear, *, when_imported: WhenImported, patches: Patching) -> Callable[[], None]:
    """Begin to listen. Returns how to stop.

    when_imported: calls a function with a module, now or as soon as it is imported; returns how to stop watching
    """

    def hook_of(place: str) -> Callable[[ModuleType], None]:
        def hook(module: ModuleType) -> None:
            # A release that has moved what is watched is told at the end of the run, and breaks none of its tests.
            with ear.quietly(module.__name__):
                import_module(f"lookalike.audit.{place}").observe(module, ear, patches)

        return hook

    stops = [when_imported(name, hook_of(place)) for name, place in PLACES.items()]

    def undo() -> None:
        for stop in reversed(stops):
            stop()
        patches.undo()
        ear.forget()

    return undo
