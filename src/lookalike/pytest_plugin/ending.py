"""When a run ends: what its mode asks of the real API, and the file of declared replies."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import config
from lookalike.api.api import Api
from lookalike.api.declared import DEFAULT, write_mocks
from lookalike.api.recording import learned
from lookalike.api.said import polite_rate
from lookalike.double.target import below
from lookalike.errors import CredentialsRefused, LookalikeError, Unreachable
from lookalike.messages import Exchange, Request, Response, split_url
from lookalike.pytest_plugin.differences import against, beside
from lookalike.pytest_plugin.resolved import GONE, Resolver
from lookalike.pytest_plugin.run import Finding, Run, Seen
from lookalike.pytest_plugin.used import use_of

if TYPE_CHECKING:
    from lookalike.live.ask import Asker

_HOPELESS = frozenset({"dns", "refused", "tls", "connect-timeout", "budget", "rate-limit"})


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


# -- verify ------------------------------------------------------------------------------------------------------------


def _verify(run: Run) -> None:
    from lookalike.live.ask import Asker

    for key, group in _by_api(run).items():
        api = run.apis[key]
        try:
            asker = Asker(auth=api.auth, rate=polite_rate(api.base_url or ""), budget=run.budget)
            contract = api.contract
        except LookalikeError as error:
            run.notes.append(str(error))
            continue
        others = Resolver(asker, contract, api.base_url or "") if contract is not None else None
        found: dict[str, set[str]] = {}
        for seen in group:
            if not _ask(run, api, asker, seen, found, others):
                break
        run.findings += [Finding(api.name, what, tuple(sorted(tests))) for what, tests in sorted(found.items())]


def _ask(run: Run, api: Api, asker: Asker, seen: Seen, found: dict[str, set[str]], others: Resolver | None) -> bool:
    """Ask one request and compare; whether it makes sense to go on."""
    mocked = seen.exchange.response
    sent = seen.exchange.request
    accept = sent.headers.get("accept")
    request = Request(sent.method, sent.url, {"Accept": accept} if accept else ())
    label = _label(api, sent)
    try:
        real = asker.ask(request, wants=_wants(mocked))
        if real.status in GONE and others is not None and (path := _below(api, sent)) is not None:
            # What a test made up need not exist; another item of the same kind says as much.
            other = others.another(sent.method, path)
            if other is not None:
                label, real = f"{label} (asked {other[0]} in its place)", other[1]
    except CredentialsRefused as error:
        run.notes.append(f"{api.name}: {error}")
        return False
    except Unreachable as error:
        run.notes.append(f"{api.name}: {label} couldn't be asked: {error}")
        return error.reason not in _HOPELESS
    if not real.ok:
        known = " and no other item is known" if real.status in GONE else ""
        run.notes.append(f"{api.name}: {label} can't be compared: the real API answers {real.status}{known}")
    elif sent.method != "HEAD" and mocked is not None:
        differences = beside(api.contract, sent.method, _below(api, sent), real, mocked)
        for what in differences.drift:
            unread, readers = use_of(run.reads.get(api.name), api.contract, sent.method, _below(api, sent), what)
            if unread:
                run.unread.add(f"{api.name}: {label}: {what}")
            else:
                found.setdefault(f"{label}: {what}{readers}", set()).update(seen.tests)
        run.additions.update(f"{api.name}: {label}: {what}" for what in differences.additions)
    return True


def _wants(mocked: Response | None) -> str:
    """What the mock says that is answered, where that is no HTML page."""
    kind = mocked.content_type if mocked is not None else ""
    if mocked is None or not kind or "html" in kind:
        return ""
    return "JSON" if mocked.is_json else kind


def _below(api: Api, request: Request) -> str | None:
    """The request's path below where this Api says that it is: its contract may name another server."""
    return below(request.path, split_url(api.base_url) if api.base_url is not None else None)


# -- live and record ---------------------------------------------------------------------------------------------------


def _hold(run: Run) -> None:
    for key, group in _by_api(run).items():
        api = run.apis[key]
        contract = api.contract
        if contract is None:
            run.notes.append(f"{api.name}: nothing is known of it, so its real answers are held to nothing")
            continue
        found: dict[str, set[str]] = {}
        for seen in group:
            request = seen.exchange.request
            path, response = _below(api, request), seen.exchange.response
            if path is None or response is None:
                continue
            label = _label(api, request)
            differences = against(contract, request.method, path, response)
            for what in differences.drift:
                found.setdefault(f"{label}: {what}", set()).update(seen.tests)
            run.additions.update(f"{api.name}: {label}: {what}" for what in differences.additions)
        run.findings += [Finding(api.name, what, tuple(sorted(tests))) for what, tests in sorted(found.items())]


def _keep(run: Run, api: Api, exchanges: list[Exchange]) -> None:
    """Keep an API's traffic as HAR, redacted."""
    from lookalike.traffic.har_file import write

    path = Path(run.har_folder) / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', api.name)}.har"
    run.learned.append(f"{api.name}: {_count(write(path, exchanges), 'answer')} kept in {path}")


def _learn(run: Run) -> None:
    day = time.strftime("%Y-%m-%d")
    for key, group in _by_api(run).items():
        api = run.apis[key]
        failed = [seen for seen in group if seen.tests & run.failed]
        exchanges: list[Exchange] = [seen.exchange for seen in group if not seen.tests & run.failed]
        if failed:
            tests = ", ".join(sorted({test for seen in failed for test in seen.tests}))
            run.not_learned.add(f"{api.name}: {_count(len(failed), 'answer')} to tests that failed ({tests})")
        if not exchanges:
            continue
        if run.har_folder:
            _keep(run, api, exchanges)
        if api.path is None:
            run.notes.append(
                f"{api.name}: {_count(len(exchanges), 'answer')} can't be learned: it has no contract's file; "
                f'name one, Api("contracts/{api.name}.yaml", base_url=...)'
            )
            continue
        taught = learned(api, exchanges, day)
        run.not_learned.update(f"{api.name}: {one}" for one in taught.not_learned)
        if taught.contract is not None:
            run.learned.append(
                f"{api.name}: {_count(taught.count, 'answer')} learned into {api.path}, which knows "
                f"{_count(len(taught.contract.operations), 'operation')} now"
            )


def _by_api(run: Run) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = {}
    for seen in run.seen.values():
        groups.setdefault(seen.api, []).append(seen)
    return {
        key: sorted(group, key=lambda seen: (seen.exchange.request.url, seen.exchange.request.method))
        for key, group in sorted(groups.items())
    }


def _label(api: Api, request: Request) -> str:
    base = (api.base_url or "").partition("://")[2]
    return f"{request.method} {request.url.partition('://')[2].removeprefix(base) or '/'}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


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


def mocks_file(of: pytest.Config) -> Path | None:
    """Where declared replies are kept: where the option says, else in a configured project's own folder."""
    named: str | None = of.getoption("lookalike_mocks")
    if named:
        return Path(of.invocation_params.dir) / named
    project = config.load(of.rootpath)
    return project.path.parent / DEFAULT if project.path is not None and project.declared else None


def _ignored(folder: Path) -> None:
    """A folder that is nobody's work says so to git, as pytest's cache does."""
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", "utf-8")


def _still_there(test: str, ran: Iterable[str], root: Path) -> bool:
    """Whether a test that an earlier run noted didn't run now, and its file is still there."""
    return test not in ran and (root / test.partition("::")[0]).is_file()
