"""`--lookalike=audit`: what a suite receives from the mocks that it has, held to the contracts of their hosts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from lookalike import audit, config, packs
from lookalike.api.api import Api
from lookalike.audit.ear import Ear
from lookalike.audit.judge import Judge, Judged, Source
from lookalike.codec import decode_json, encode_json
from lookalike.contract.audited import Audit
from lookalike.double.columns import aligned
from lookalike.double.source import relative
from lookalike.errors import ContractViolation, LookalikeError
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.mismatch import Mismatch
from lookalike.pytest_plugin.page import add_section
from lookalike.report.audit import sections
from lookalike.report.suite_page.audit import audit_section
from lookalike.visible import one_line

if TYPE_CHECKING:
    from lookalike.pytest_plugin.coverage import Kept
    from lookalike.pytest_plugin.reading import Reading

__tracebackhide__ = True

_OUTPUT = "lookalike_audit"


class Auditing:
    """Listens for a whole run, and says at its end what it heard; a plugin of its own, there in this mode alone."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.strict: bool = config.getoption("lookalike_strict")
        self.ear = Ear(ours=_is_ours)
        self.judge: Judge | None = None
        self.audit = Audit()
        self._undo: Callable[[], None] | None = None
        self._lies: list[Judged] = []
        self._here = os.getcwd() + os.sep

    def start(self) -> None:
        """Begin to listen, before test modules are imported."""
        reading: Reading | None = self.config.pluginmanager.get_plugin("lookalike-reading")
        if reading is not None:
            self.ear.reader = reading.heard
        self._undo = audit.install(self.ear, when_imported=when_imported, patches=Patches())

    def stop(self) -> None:
        """Listen no longer."""
        if self._undo is not None:
            undo, self._undo = self._undo, None
            undo()

    def pytest_unconfigure(self) -> None:
        """Listen no longer, whatever happened."""
        self.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Whatever is received now is this test's."""
        self.ear.test, (file, line, _) = item.nodeid, item.location
        self.ear.place = f"{file}:{line + 1}" if line is not None else file
        try:
            return (yield)
        finally:
            self._judge()
            self.ear.test = self.ear.place = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """With --lookalike-strict a test that received a lie fails, where it hasn't failed by itself."""
        __tracebackhide__ = True
        result = yield
        if self.strict:
            self._lies.clear()
            self._judge()
            # unittest's errors don't pass through here; pytest keeps them at the item.
            if self._lies and not getattr(item, "_excinfo", None):
                raise ContractViolation(_violation(self._lies))
        return result

    def _judge(self) -> None:
        heard = self.ear.end()
        if not heard:
            return
        with self.ear.quietly("judging"):
            self.judge = self.judge or Judge(_sources())
        judge = self.judge
        if judge is None:
            return
        for one in heard:
            with self.ear.quietly("judging"):
                # A test that works in a folder of its own is named as any other.
                one.place = one.place.removeprefix(self._here)
                judged = judge.judge(one)
                if judged is not None and self.strict and judged.lies:
                    self._lies.append(judged)

    def cover(self, kept: Kept) -> None:
        """Count what was heard in this process as covered."""
        self._judge()
        for name, api in sorted(self.judge.audit.apis.items()) if self.judge is not None else ():
            kept.audited(Api(name), api.coverage)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist is done: count in what it heard."""
        kept = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if kept:
            self.audit.add(Audit.from_json(decode_json(kept.encode())))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop; a worker hands over what it heard."""
        self._judge()
        self.stop()
        if self.judge is not None:
            self.audit.add(self.judge.audit)
        self.audit.troubles |= self.ear.troubles
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = encode_json(self.audit.to_json()).decode()
        elif not session.config.getoption("collectonly"):
            self._write_page()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was heard."""
        if self.config.getoption("collectonly"):
            return
        terminalreporter.write_sep("=", "lookalike: audit of the mocks")
        for line, look in sections(self.audit, verbose=self.config.get_verbosity() > 0):
            terminalreporter.write_line(one_line(line), **({look: True} if look else {}))
        path = self.config.getoption("lookalike_report")
        if path:
            terminalreporter.write_line(f"the page: {path}")

    def _write_page(self) -> None:
        try:
            add_section(self.config, audit_section(self.audit))
        except LookalikeError as error:
            self.audit.unread["the page"] = str(error)


def begin(config: pytest.Config) -> None:
    """Listen for the rest of this run; where workers of pytest-xdist run the tests, they do."""
    auditing = Auditing(config)
    config.pluginmanager.register(auditing, "lookalike-audit")
    if config.getoption("dist", "no") == "no" or hasattr(config, "workerinput"):
        auditing.start()


def _violation(lies: list[Judged]) -> str:
    """The message of a test that received lies."""
    parts = []
    for one in lies:
        wrong = [Mismatch(said.where, said.expected, said.got, said.evidence, said.hint) for said in one.lies]
        source = f" ({one.api.source})" if one.api.source else ""
        parts.append(
            f"the mock of {one.key} at {one.place} contradicts the contract of {one.api.name}{source}.\n\n"
            + aligned(wrong, limit=20)
        )
    unique = list(dict.fromkeys(parts))
    return "\n\n".join(unique) + "\n\nNext: fix the mock; without --lookalike-strict it is only reported."


def _is_ours(host: str, port: int) -> bool:
    active = sys.modules.get("lookalike.intercept.active")  # without it there is no double
    return active is not None and active.decide(host, port) is not None


def _sources() -> list[Source]:
    """The APIs of pyproject.toml, and ready-made ones."""
    try:
        named = config.load().apis
    except LookalikeError as error:
        raise pytest.UsageError(str(error)) from None
    found = [_source(name) for name in named]
    return found + [_source(name, pack=True) for name in packs.names() if name not in named]


def _source(name: str, *, pack: bool = False) -> Source:
    api = Api(name)
    path = relative(str(api.path)).replace("\\", "/") if api.path is not None else ""
    return Source(name, path, lambda: api.contract, spare=pack)
