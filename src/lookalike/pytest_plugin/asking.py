"""The mode verify: the real APIs are asked what doubles answered, each distinct request once, several at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lookalike.api.api import Api
from lookalike.api.said import polite_rate
from lookalike.errors import CredentialsRefused, LookalikeError, Unreachable
from lookalike.live.ask import Asker
from lookalike.live.reasons import REASONS
from lookalike.messages import Request, Response, split_url
from lookalike.pytest_plugin.differences import beside
from lookalike.pytest_plugin.labels import below_api, label_of
from lookalike.pytest_plugin.resolved import GONE, Resolver
from lookalike.pytest_plugin.run import Finding, Run, Seen
from lookalike.pytest_plugin.used import use_of

_HOSTS_AT_ONCE = 8
_FAILURES_IN_A_ROW = 3  # then it is an outage, and the rest isn't asked
_MOST_A_REQUEST = 3  # requests that one may cost: a redirect, or another item in its place


@dataclass(slots=True)
class _Found:
    """What came of one API: of each question, in their order."""

    findings: dict[str, set[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    additions: set[str] = field(default_factory=set)


def ask_all(run: Run, by_api: Mapping[str, Sequence[Seen]]) -> None:
    """Ask what was seen, and keep in `run` what differs. The APIs of one host are asked one after the other."""
    hosts: dict[str, list[str]] = {}
    for key in by_api:
        base_url = run.apis[key].base_url
        hosts.setdefault(split_url(base_url).host if base_url else "", []).append(key)

    def ask_host(keys: list[str]) -> dict[str, _Found]:
        return {key: _ask_api(run, run.apis[key], by_api[key]) for key in keys}

    found: dict[str, _Found] = {}
    if hosts:
        with ThreadPoolExecutor(min(_HOSTS_AT_ONCE, len(hosts)), "lookalike-hosts") as pool:
            for part in pool.map(ask_host, hosts.values()):
                found.update(part)
    for key in by_api:
        one, api = found[key], run.apis[key]
        run.notes += one.notes
        run.unread |= one.unread
        run.additions |= one.additions
        run.findings += [Finding(api.name, what, tuple(sorted(tests))) for what, tests in sorted(one.findings.items())]


def _ask_api(run: Run, api: Api, seen: Sequence[Seen]) -> _Found:
    found = _Found()
    try:
        asker = Asker(auth=api.auth, rate=polite_rate(api.base_url or ""), budget=run.budget)
        questions = _Questions(run, api, asker)
    except LookalikeError as error:
        found.notes.append(str(error))
        return found
    for told in questions.ask(_by_request(seen)):
        told(found)
    return found


def _by_request(seen: Sequence[Seen]) -> list[list[Seen]]:
    """What doubles answered to each distinct request, in the order of the URLs."""
    groups: dict[tuple[str, str, str], list[Seen]] = {}
    for one in seen:
        request = one.exchange.request
        groups.setdefault((request.url, request.method, request.headers.get("accept", "")), []).append(one)
    return list(groups.values())


_Tell = Callable[[_Found], None]


class _Questions:
    """Asks one API. What came of each question is told later, so that the order of answers doesn't show."""

    def __init__(self, run: Run, api: Api, asker: Asker) -> None:
        self._run = run
        self._api = api
        self._asker = asker
        self._contract = api.contract
        self._others = Resolver(asker, self._contract, api.base_url or "") if self._contract is not None else None
        self._resolving = threading.Lock()
        self._over = threading.Event()
        self._counting = threading.Lock()
        self._failures = 0
        self._left_out = 0

    def ask(self, groups: Sequence[list[Seen]]) -> list[_Tell]:
        """Ask each, the first alone: an API that is out isn't asked eight times over."""
        told = [self._ask(group) for group in groups[:1]]
        # Where the budget may not last, it is spent in order, as chance would decide else who gets none.
        lasts = self._asker.left > len(groups) * _MOST_A_REQUEST
        with ThreadPoolExecutor(self._asker.at_once if lasts else 1, "lookalike-verify") as pool:
            told += pool.map(self._ask, groups[1:])
        if self._left_out:
            told.append(lambda found: found.notes.append(f"{self._api.name}: {self._more()} asked"))
        return told

    def _more(self) -> str:
        return f"{self._left_out} more request{' was' if self._left_out == 1 else 's were'} not"

    def _ask(self, group: list[Seen]) -> _Tell:
        if self._over.is_set():
            return self._leaves_out()
        sent = group[0].exchange.request
        accept = sent.headers.get("accept")
        request = Request(sent.method, sent.url, {"Accept": accept} if accept else ())
        label = self._clean(label_of(self._api, sent))
        try:
            real = self._asker.ask(request, wants=_wants(group))
            path = below_api(self._api, sent)
            if real.status in GONE and self._others is not None and path is not None:
                # What a test made up need not exist; another item of the same kind says as much.
                with self._resolving:
                    other = self._others.another(sent.method, path)
                if other is not None:
                    label, real = f"{label} (asked {self._clean(other[0])} in its place)", other[1]
        except CredentialsRefused as error:
            return self._ends(f"{self._api.name}: {error}")
        except Unreachable as error:
            note = f"{self._api.name}: {label} couldn't be asked: {error}"
            with self._counting:
                self._failures += 1
                out = REASONS[error.reason].lasting or self._failures >= _FAILURES_IN_A_ROW
            return self._ends(note) if out else lambda found: found.notes.append(note)
        self._failures = 0
        return lambda found: self._compare(found, group, label, real)

    def _ends(self, note: str) -> _Tell:
        """Tell why nothing more is asked; of several that fail at the same time, the first tells."""
        with self._counting:
            first = not self._over.is_set()
            self._over.set()
        return (lambda found: found.notes.append(note)) if first else self._leaves_out()

    def _leaves_out(self) -> _Tell:
        with self._counting:
            self._left_out += 1
        return lambda found: None

    def _compare(self, found: _Found, group: list[Seen], label: str, real: Response) -> None:
        api, run = self._api, self._run
        sent = group[0].exchange.request
        path = below_api(api, sent)
        if not real.ok:
            known = " and no other item is known" if real.status in GONE else ""
            found.notes.append(f"{api.name}: {label} can't be compared: the real API answers {real.status}{known}")
            return
        for seen in group if sent.method != "HEAD" else ():
            mocked = seen.exchange.response
            if mocked is None:
                continue
            differences = beside(self._contract, sent.method, path, real, mocked)
            for what in differences.drift:
                unread, readers = use_of(run.reads.get(api.name), self._contract, sent.method, path, what)
                if unread:
                    found.unread.add(self._clean(f"{api.name}: {label}: {what}"))
                else:
                    found.findings.setdefault(self._clean(f"{label}: {what}{readers}"), set()).update(seen.tests)
            found.additions.update(self._clean(f"{api.name}: {label}: {what}") for what in differences.additions)

    def _clean(self, text: str) -> str:
        """A text without the credentials, which a test's own requests may carry too."""
        return self._asker.credentials.taken_out_of(text)


def _wants(group: Sequence[Seen]) -> str:
    """What the mocks say that is answered, where that is no HTML page."""
    kinds = [one.exchange.response.content_type for one in group if one.exchange.response is not None]
    if not kinds or not kinds[0] or any("html" in kind for kind in kinds):
        return ""
    first = group[0].exchange.response
    return "JSON" if first is not None and first.is_json else kinds[0]
