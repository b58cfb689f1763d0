"""Holding what tests received to the contracts: pure, from answers to what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lookalike.audit.ear import Heard
from lookalike.audit.merged import merged
from lookalike.codec import decode_content, decode_json
from lookalike.contract.audited import Audit, AuditedApi, Said
from lookalike.contract.checks import says
from lookalike.contract.contract import Contract
from lookalike.contract.coverage import Coverage
from lookalike.contract.operation import Operation
from lookalike.double.columns import masked
from lookalike.double.contracts import json_kind
from lookalike.errors import InvalidJson, LookalikeError, UsageError
from lookalike.messages import Response, split_url
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_url

_HELD = 4096
RECORDERS = frozenset({"vcrpy", "betamax"})  # what these play was an answer, so that an empty body is said
_QUOTED_QUERY = re.compile("%3f.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a contract comes from. It is read when the first answer is held to it; `read` raises LookalikeError.

    path: its file; spare: whether it is only asked where no other is of that host
    """

    name: str
    path: str
    read: Callable[[], Contract | None]
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one answer: its API and operation, and everything that is wrong."""

    api: AuditedApi
    operation: Operation | None
    key: str
    place: str
    said: tuple[Said, ...]

    @property
    def lies(self) -> tuple[Said, ...]:
        """What contradicts the contract; an operation that it doesn't have is no lie."""
        return tuple(one for one in self.said if one.is_lie)


class Judge:
    """Holds answers to the contracts of their hosts, and counts what it finds in `audit`."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.audit = Audit()
        self._sources = list(sources)
        self._contracts: dict[str, Contract | None] = {}
        self._usable: dict[str, Contract] = {}
        self._held: dict[tuple[Any, ...], tuple[Said, ...]] = {}
        self._places: dict[tuple[str, str], tuple[str, str, Operation | None] | None] = {}

    def judge(self, one: Heard) -> Judged | None:
        """What is wrong with an answer; None where no contract is known for it."""
        found = self._operation(one.method, one.url)
        if found is None:
            self._unnamed(one)
            return None
        name, path, operation = found
        contract = self._usable[name]
        api = self._api(name, contract)
        key = operation.key if operation is not None else f"{one.method} {mask_url(path)}"
        mock = api.mock(key, one.declared.library, one.place)
        content = _content(one)
        # What is said of an answer doesn't depend on who declares it.
        which = (one.declared.kind, one.declared.library in RECORDERS)
        held = (name, one.method, key if operation is not None else path, one.status, one.headers, content, which)
        said = self._held.get(held)
        if said is None:
            said = tuple(dict.fromkeys(_said(contract, operation, path, one, content)))
            # A body that doesn't say its status is that of a success.
            if operation is not None and content is not None and (one.status is None or 200 <= one.status < 300):
                api.coverage.meet(contract, operation, content)
            if len(self._held) >= _HELD:
                self._held.clear()
            self._held[held] = said
        mock.received += 1
        mock.tests.add(one.test)
        mock.statuses.add("" if one.status is None else str(one.status))
        for wrong in said:
            mock.said.setdefault(wrong, set()).add(one.test)
        api.coverage.called(operation, key, one.status)
        return Judged(api, operation, key, one.place, said)

    def _known(self, *, spare: bool = False) -> Mapping[str, Contract]:
        """The contracts, read now where they weren't, by the names of their APIs."""
        found = {}
        for source in self._sources:
            if source.spare is not spare:
                continue
            if source.name not in self._contracts:
                self._contracts[source.name] = self._read(source)
            contract = self._contracts[source.name]
            if contract is not None:
                found[source.name] = self._usable[source.name] = contract
        return found

    def _read(self, source: Source) -> Contract | None:
        try:
            contract = source.read()
        except LookalikeError as error:
            self.audit.unread[source.name] = str(error)
            return None
        if contract is None:
            self.audit.unread[source.name] = "no contract is named"
        elif contract.base_url is None:
            self.audit.unread[source.name] = f"{source.path} names no server, and pyproject.toml no base_url"
        return contract

    def _operation(self, method: str, url: str) -> tuple[str, str, Operation | None] | None:
        """(API, path, operation) of a request."""
        key = (method, url.partition("?")[0])
        if key not in self._places:
            if len(self._places) >= _HELD:
                self._places.clear()
            self._places[key] = self._located(*key)
        return self._places[key]

    def _located(self, method: str, url: str) -> tuple[str, str, Operation | None] | None:
        if "://" not in url:
            return self._without_host(method, url)
        try:
            split_url(url)
        except UsageError:
            return None
        return self._best(self._known(), method, url) or self._best(self._known(spare=True), method, url)

    @staticmethod
    def _best(contracts: Mapping[str, Contract], method: str, url: str) -> tuple[str, str, Operation | None] | None:
        """Of several APIs at one host, the one that has the operation, else the one whose base reaches farthest."""
        best: tuple[str, str, Operation | None] | None = None
        for name, contract in contracts.items():
            path = contract.relative(url)
            if path is not None:
                found = (name, *_found(contract, method, path))
                if best is None or (found[2] is not None, -len(path)) > (best[2] is not None, -len(best[1])):
                    best = found
        return best

    def _without_host(self, method: str, url: str) -> tuple[str, str, Operation | None] | None:
        """A path alone, as a client with a base address gets it, is of the only API that has such an operation."""
        path = "/" + url.lstrip("/")
        contracts = self._known()
        found = [(name, path, operation) for name, contract in contracts.items()
                 if (operation := contract.find(method, path)) is not None]  # fmt: skip
        if not found and len(contracts) == 1:
            return next(iter(contracts)), path, None
        return found[0] if len(found) == 1 else None

    def _api(self, name: str, contract: Contract) -> AuditedApi:
        api = self.audit.apis.get(name)
        if api is None:
            source = next(one.path for one in self._sources if one.name == name)
            api = self.audit.apis[name] = AuditedApi(name, Coverage.of(contract, name), source)
        return api

    def _unnamed(self, one: Heard) -> None:
        host = ""
        if "://" in one.url:
            try:
                host = split_url(one.url).host
            except UsageError:
                host = ""
        self.audit.unnamed.setdefault(host, set()).add(one.place)


def _content(one: Heard) -> bytes | None:
    """The body without its coding, None where the mock doesn't say one."""
    if one.content is None or (not one.content and one.declared.library not in RECORDERS):
        return None
    coding = next((value for name, value in one.headers or () if name.lower() == "content-encoding"), "")
    return decode_content(one.content, coding)


def _found(contract: Contract, method: str, path: str) -> tuple[str, Operation | None]:
    """(path, operation); the path without a query that a test's helper has quoted along with it."""
    operation = contract.find(method, path)
    bare = _QUOTED_QUERY.sub("", path)
    if operation is None and bare != path and (meant := contract.find(method, bare)) is not None:
        return bare, meant
    return path, operation


def _said(contract: Contract, operation: Operation | None, path: str, one: Heard, content: bytes | None) -> list[Said]:
    if operation is None:
        status = one.status if one.status is not None else 200
        found = contract.check_reply(one.method, path, Response(status))
        return [Said.of(masked(_strange(wrong)), stranger=True) for wrong in found]
    if one.status is not None:
        return _sorted_out(
            contract, operation, one.status, content, _held(contract, operation, path, one, one.status, content)
        )
    if content is None:
        return []
    # A body that doesn't say its status lies only where it fits no body that the contract describes.
    known = [int(status) for status in operation.responses if str(status).isdecimal()]
    statuses = [status for status in known if (answer := operation.answer(status)) is not None and answer.media]
    usual = contract.default_status(one.method, path)
    first: list[Mismatch] | None = None
    for status in dict.fromkeys([usual, *statuses]):
        found = _held(contract, operation, path, one, status, content)
        if not any(wrong.level == "violation" for wrong in found):
            return [Said.of(masked(wrong)) for wrong in merged(found)] if status == usual else []
        first = found if first is None else first
    return _sorted_out(contract, operation, usual, content, first or [])


def _strange(wrong: Mismatch) -> Mismatch:
    """An operation that the contract doesn't have, with the methods that it has there."""
    return replace(wrong, hint=f"the contract has {wrong.expected} there") if wrong.where == "method" else wrong


def _sorted_out(
    contract: Contract, operation: Operation, status: int, content: bytes | None, found: list[Mismatch]
) -> list[Said]:
    """What is wrong, apart from what the document's own examples have wrong too."""
    disputed: set[Mismatch] = set()
    if content is not None and any(one.level == "violation" for one in found) and _is_json(content):
        disputed = contract.disputed(operation, status, decode_json(content), found)
    return [
        Said.of(masked(wrong), disputed=apart)
        for apart in (False, True)
        for wrong in merged(one for one in found if (one in disputed) is apart)
    ]


def _held(
    contract: Contract, operation: Operation, path: str, one: Heard, status: int, content: bytes | None
) -> list[Mismatch]:
    """What is wrong, without what the mock never said: its headers, its content type, its body."""
    headers = [pair for pair in one.headers or () if pair[0].lower() not in ("content-encoding", "content-length")]
    kind_said = any(name.lower() == "content-type" for name, _ in headers)
    if content is not None and not (kind_said and one.declared.kind) and _is_json(content):
        headers = [pair for pair in headers if pair[0].lower() != "content-type"]
        headers.append(("content-type", json_kind(contract, one.method, path, status)))
        kind_said = False
    response = Response(status, headers, content or b"")
    return [
        wrong
        for wrong in _of_success(contract, operation, status, contract.check_reply(one.method, path, response))
        if not (wrong.where.startswith("header ") and wrong.got == "missing")
        and (kind_said or wrong.where != "header content-type")
        and (content is not None or wrong.where == "status" or wrong.where.startswith("header "))
    ]


def _of_success(contract: Contract, operation: Operation, status: int, found: list[Mismatch]) -> list[Mismatch]:
    """A success that the document doesn't name has the wrong status, and not a wrong body of its errors (`default`)."""
    if not found:
        return found
    successes = [str(code) for code in operation.success_statuses]
    named = any(str(name).upper() in (str(status), f"{status // 100}XX") for name in operation.responses)
    if named or not 200 <= status < 300 or not successes or not any(one.level == "violation" for one in found):
        return found
    evidence = says(contract.document.shown(operation.pointer), "responses")
    return [Mismatch("status", " or ".join(successes), str(status), evidence)]


def _is_json(content: bytes) -> bool:
    try:
        decode_json(content)
    except InvalidJson:
        return False
    return True
