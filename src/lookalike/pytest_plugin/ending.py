"""When a run ends: what its mode asks of the real API, and the file of declared replies."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike.api.api import Api
from lookalike.api.declared import write_mocks
from lookalike.api.recording import learned
from lookalike.counted import counted
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Exchange
from lookalike.pytest_plugin.beside_mocks import mocks_file
from lookalike.pytest_plugin.differences import against
from lookalike.pytest_plugin.labels import below_api, label_of
from lookalike.pytest_plugin.run import Finding, Run, Seen
from lookalike.secrets import without_echoes

if TYPE_CHECKING:
    from lookalike.live.credentials import Credentials


def end(run: Run, session: pytest.Session) -> bool:
    """Do what the mode says with what was kept; whether the real API drifted."""
    modes: dict[str, Callable[[Run], None]] = {"verify": _verify, "live": _hold, "record": _learn}
    if run.mode in modes:
        try:
            modes[run.mode](run)
        except LookalikeError as error:
            run.notes.append(str(error))
    try:
        _write(run, session)
    except LookalikeError as error:
        run.notes.append(str(error))
    return bool(run.findings)


def _verify(run: Run) -> None:
    from lookalike.pytest_plugin.asking import ask_all

    ask_all(run, _by_api(run))


# -- live and record ---------------------------------------------------------------------------------------------------


def _hold(run: Run) -> None:
    for key, group in _by_api(run).items():
        api = run.apis[key]
        contract = api.contract
        if contract is None:
            run.notes.append(f"{api.name}: nothing is known of it, so its real answers are held to nothing")
            continue
        found: dict[str, set[str]] = {}
        own = _credentials(api)
        for seen in group:
            # What an API repeats of the credentials, a test's own or the configured ones, goes into no report.
            exchange = own.taken_out(without_echoes(seen.exchange))
            request, response = exchange.request, exchange.response
            path = below_api(api, request)
            if path is None or response is None:
                continue
            label = own.taken_out_of(label_of(api, request))
            differences = against(contract, request.method, path, response)
            for what in differences.drift:
                found.setdefault(f"{label}: {what}", set()).update(seen.tests)
            run.additions.update(f"{api.name}: {label}: {what}" for what in differences.additions)
        run.findings += [Finding(api.name, what, tuple(sorted(tests))) for what, tests in sorted(found.items())]


def _credentials(api: Api) -> Credentials:
    from lookalike.live.credentials import Credentials

    try:
        return Credentials.of(api.auth)
    except UsageError:  # a variable that isn't set: then nobody knows them
        return Credentials()


def _keep(run: Run, api: Api, exchanges: list[Exchange]) -> None:
    """Keep an API's traffic as HAR, redacted."""
    from lookalike.traffic.har_file import write

    path = Path(run.har_folder) / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', api.name)}.har"
    run.learned.append(f"{api.name}: {counted(write(path, exchanges), 'answer')} kept in {path}")


def _learn(run: Run) -> None:
    day = time.strftime("%Y-%m-%d")
    for key, group in _by_api(run).items():
        api = run.apis[key]
        failed = [seen for seen in group if seen.tests & run.failed]
        exchanges: list[Exchange] = [seen.exchange for seen in group if not seen.tests & run.failed]
        if failed:
            tests = ", ".join(sorted({test for seen in failed for test in seen.tests}))
            run.not_learned.add(f"{api.name}: {counted(len(failed), 'answer')} to tests that failed ({tests})")
        if not exchanges:
            continue
        if run.har_folder:
            _keep(run, api, exchanges)
        if api.path is None:
            run.notes.append(
                f"{api.name}: {counted(len(exchanges), 'answer')} can't be learned: it has no contract's file; "
                f'name one, Api("contracts/{api.name}.yaml", base_url=...)'
            )
            continue
        taught = learned(api, exchanges, day)
        run.not_learned.update(f"{api.name}: {one}" for one in taught.not_learned)
        if taught.contract is not None:
            run.learned.append(
                f"{api.name}: {counted(taught.count, 'answer')} learned into {api.path}, which knows "
                f"{counted(len(taught.contract.operations), 'operation')} now"
            )


def _by_api(run: Run) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = {}
    for seen in run.seen.values():
        groups.setdefault(seen.api, []).append(seen)
    return {
        key: sorted(group, key=lambda seen: (seen.exchange.request.url, seen.exchange.request.method))
        for key, group in sorted(groups.items())
    }


# -- the file of declared replies --------------------------------------------------------------------------------------


def _write(run: Run, session: pytest.Session) -> None:
    path = mocks_file(session.config)
    if path is None:
        return
    root = session.config.rootpath
    if not session.config.getoption("lookalike_mocks"):
        _ignored(path.parent)
    ran = {str(item.nodeid) for item in session.items} | {line["test"] for line in run.mocks}
    write_mocks(path, run.mocks, keep=lambda test: _still_there(test, ran, root))


def _ignored(folder: Path) -> None:
    """A folder that is nobody's work says so to git, as pytest's cache does."""
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", "utf-8")


def _still_there(test: str, ran: Iterable[str], root: Path) -> bool:
    """Whether a test that an earlier run noted didn't run now, and its file is still there."""
    return test not in ran and (root / test.partition("::")[0]).is_file()
