"""What the tests read of each API's answers, noted in the modes verify and audit, and with --lookalike-uses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lookalike import config as settings
from lookalike import packs
from lookalike.api.api import Api
from lookalike.api.reads_file import DEFAULT, write_reads
from lookalike.codec import decode_json, encode_json
from lookalike.contract.reads import Reads
from lookalike.errors import LookalikeError, UsageError
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.messages import split_url
from lookalike.pytest_plugin import Watch
from lookalike.pytest_plugin.beside_mocks import mocks_file
from lookalike.reads import Observer, Source
from lookalike.reads.attach import begin as attach
from lookalike.secrets import mask_url
from lookalike.visible import visible

__tracebackhide__ = True

_NOTHING = (
    "no test received an answer of a known API from a double of lookalike, so no reads are noted; "
    "with mocks of other libraries: pytest --lookalike=audit"
)
_OUTPUT = "lookalike_reads"


class Reading:
    """Tracks reads for a whole run; a plugin of its own, there only where somebody asked."""

    def __init__(self, config: pytest.Config, watching: Watch) -> None:
        self.config = config
        self.observer = Observer()
        self.reads: dict[str, Reads] = {}
        self.written: Path | None = None
        self.problem = ""
        self._watching = watching
        self._undo: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin, before test modules are imported."""
        self._undo = attach(self.observer, when_imported=when_imported, patches=Patches())

    def stop(self) -> None:
        """Track no longer."""
        if self._undo is not None:
            undo, self._undo = self._undo, None
            undo()

    def heard(self, method: str, url: str, status: int, body: bytes | None) -> None:
        """The audit heard an answer of somebody else's mock; None for a body that it can't follow."""
        self.observer.received(Source("", method, url.partition("?")[0], status), body)

    def pytest_unconfigure(self) -> None:
        """Track no longer, whatever happened."""
        self.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Whatever is read now is read by this test."""
        self.observer.begin(item.nodeid)
        try:
            return (yield)
        finally:
            self.observer.end()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist is done: count in what its tests read."""
        kept = getattr(node, "workeroutput", {}).get(_OUTPUT)
        for api, data in decode_json(kept.encode()).items() if kept else ():
            self.reads.setdefault(api, Reads()).add(Reads.from_json(data))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop; a worker hands over what its tests read, whoever started it writes it down."""
        self.observer.end()
        self.stop()
        for api, found in self.observer.by_operation(Names(self._apis(), self._spare)).items():
            self.reads.setdefault(api, Reads()).add(found)
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = encode_json({api: one.to_json() for api, one in sorted(self.reads.items())}).decode()
        elif not self.config.getoption("collectonly"):
            self._watching.reads = self.reads
            try:
                self._write(session)
            except LookalikeError as error:
                self.problem = str(error)

    def _apis(self) -> list[Api]:
        mocked = list(self._watching.run.apis.values()) if self._watching.used else []
        return [*mocked, *_named()]

    @staticmethod
    def _spare() -> list[Api]:
        """Ready-made APIs, which are made only for a host that no other API is at."""
        return [Api(name) for name in packs.names()]

    def _write(self, session: pytest.Session) -> None:
        mocks = mocks_file(self.config)
        asked = self.config.getoption("lookalike_uses")
        # Of a run that received nothing there is nothing to say; what others noted stays.
        if (mocks is None and not asked) or not self.reads:
            return
        root = self.config.rootpath
        path = mocks.with_name(DEFAULT.name) if mocks is not None else root / DEFAULT
        ran = {item.nodeid for item in session.items}

        @cache
        def keep(test: str) -> bool:
            return bool(test) and test not in ran and (root / test.partition("::")[0]).is_file()

        write_reads(path, self.reads, keep)
        self.written = path

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where it is, where somebody asked for it."""
        if self.problem:
            terminalreporter.write_line(f"lookalike: {self.problem}", yellow=True)
        elif not self.config.getoption("lookalike_uses"):
            return
        elif not self.reads:
            terminalreporter.write_line(f"lookalike: {_NOTHING}", yellow=True)
        elif self.written is not None:
            names = ", ".join(sorted(self.reads))
            told = f"lookalike: what the tests read of {names} is noted; lookalike uses shows it"
            terminalreporter.write_line(visible(told))


def begin(config: pytest.Config, watching: Watch) -> None:
    """Track for the rest of this run; where workers of pytest-xdist run the tests, they do."""
    reading = Reading(config, watching)
    config.pluginmanager.register(reading, "lookalike-reading")
    if config.getoption("dist", "no") == "no" or hasattr(config, "workerinput"):
        reading.start()


def _named() -> list[Api]:
    """The APIs of pyproject.toml."""
    try:
        return [Api(name) for name in settings.load().apis]
    except LookalikeError:
        return []  # a run says so where it needs them


class Names:
    """Gives the API and the operation of what was received.

    spare: more APIs, made only where something came from a host that none of `apis` is at
    """

    def __init__(self, apis: Iterable[Api], spare: Callable[[], Iterable[Api]] = tuple) -> None:
        self._apis = list(_at(apis))
        self._spare: Callable[[], Iterable[Api]] | None = spare
        self._spares: list[tuple[str, Api]] = []
        self._known: dict[tuple[str, str], tuple[str, str] | None] = {}

    def __call__(self, source: Source) -> tuple[str, str] | None:
        key = (source.method, source.url)
        if key not in self._known:
            self._known[key] = self._located(*key)
        return self._known[key]

    def _located(self, method: str, url: str) -> tuple[str, str] | None:
        if "://" not in url:
            return self._without_host(method, "/" + url.lstrip("/"))
        fitting = _fitting(self._apis, url) or _fitting(self._others(), url)
        if not fitting:
            try:
                parts = split_url(url)
            except UsageError:
                return None
            return parts.host, f"{method} {mask_url(parts.path)}"
        base_url, api = max(fitting, key=lambda one: len(one[0]))
        path = url[len(base_url) :] or "/"
        return api.name, _operation(api, method, path) or f"{method} {mask_url(path)}"

    def _without_host(self, method: str, path: str) -> tuple[str, str] | None:
        """A path alone, as a client with a base address gets it, is of the only API that has such an operation."""
        found = [(api.name, key) for _, api in self._apis if (key := _operation(api, method, path))]
        return found[0] if len(found) == 1 else None

    def _others(self) -> list[tuple[str, Api]]:
        if self._spare is not None:
            make, self._spare = self._spare, None
            self._spares = list(_at(make()))
        return self._spares


def _at(apis: Iterable[Api]) -> Iterator[tuple[str, Api]]:
    """Each API with where it is; without those of which nobody knows."""
    for api in apis:
        try:
            base_url = api.base_url
        except LookalikeError:
            continue
        if base_url:
            yield base_url.rstrip("/"), api


def _operation(api: Api, method: str, path: str) -> str:
    """The key of an operation, `""` where the API has none there."""
    try:
        contract = api.contract
    except LookalikeError:
        return ""
    found = contract.find(method, path) if contract is not None else None
    return found.key if found is not None else ""


def _fitting(apis: Iterable[tuple[str, Api]], url: str) -> list[tuple[str, Api]]:
    return [(base_url, api) for base_url, api in apis if url == base_url or url.startswith(base_url + "/")]
