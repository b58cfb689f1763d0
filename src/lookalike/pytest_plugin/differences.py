"""Where a real answer differs from a mocked one, or from the contract, in words from the real API's side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lookalike.api.structure import compare
from lookalike.contract.contract import Contract
from lookalike.messages import Response
from lookalike.mismatch import Mismatch

_POSITION = re.compile(r"\[\d+\]")
_NO_KEY = "no such key"


@dataclass(frozen=True, slots=True)
class Differences:
    """drift: what makes code or mocks wrong; additions: what the real API answers beyond the contract."""

    drift: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()


def beside(contract: Contract | None, method: str, path: str | None, real: Response, mocked: Response) -> Differences:
    """The real answer against the mocked one, to the same request.

    path: below the API; None where it isn't. What the contract knows as optional, or allows besides, is no difference:
    the mock needn't show all of it, and the real answer neither. Without a contract for the operation the two
    structures are all there is to compare.
    """
    structure = compare(real, mocked)
    if contract is None or path is None or contract.find(method, path) is None:
        return Differences(tuple(_of_both(one) for one in structure))
    doubts = [*contract.check_reply(method, path, _plain(mocked)), *contract.check_reply(method, path, _plain(real))]
    doubted = {_place(one) for one in doubts}
    drift, additions = _against(contract, method, path, real)
    said = {*drift, *additions}
    more = [_of_both(one) for one in structure if _place(one) in doubted and _place(one) not in said]
    return Differences((*drift.values(), *more), tuple(additions.values()))


def against(contract: Contract, method: str, path: str, real: Response) -> Differences:
    """The real answer against the contract: what it contradicts, and what it has that the contract doesn't know."""
    drift, additions = _against(contract, method, path, real)
    return Differences(tuple(drift.values()), tuple(additions.values()))


def _against(contract: Contract, method: str, path: str, real: Response) -> tuple[dict[str, str], dict[str, str]]:
    """Drift and additions by place: of a list's items, the first speaks for all."""
    drift: dict[str, str] = {}
    additions: dict[str, str] = {}
    for one in contract.check_reply(method, path, _plain(real)):
        if _is_unknown_key(one):
            additions[_place(one)] = f"{_place(one)}: the real API answers this key, the contract doesn't know it"
        elif one.level == "violation":
            drift.setdefault(_place(one), _of_contract(one))
    return drift, additions


def _of_both(one: Mismatch) -> str:
    if one.expected == _NO_KEY:
        hint = f"; {one.hint}" if one.hint else ""
        return f"{one.where}: the mock answers {one.got}, the real API has no such key{hint}"
    if one.got == "missing":
        return f"{one.where}: the real API answers {one.expected}, the mock has no such key"
    if one.got.startswith("missing in "):
        some = one.got.removeprefix("missing ")
        return f"{one.where}: the real API answers {one.expected}, the mock has no such key {some}"
    return f"{one.where}: the real API answers {one.expected}, the mock {one.got}"


def _of_contract(one: Mismatch) -> str:
    # A hint is the nearest name that the contract has: no help about an API that says what it likes.
    answers = _NO_KEY if one.got == "missing" else one.got
    verb = "has" if one.got == "missing" else "answers"
    evidence = f" ({one.evidence})" if one.evidence else ""
    return f"{one.where}: the real API {verb} {answers}, the contract says {one.expected}{evidence}"


def _is_unknown_key(one: Mismatch) -> bool:
    return one.expected == _NO_KEY or one.expected.startswith("a known key (")


def _place(one: Mismatch) -> str:
    """The place over all items of an array, as the comparison of structures names it."""
    return _POSITION.sub("[]", one.where)


def _plain(response: Response) -> Response:
    """The answer without what the door knows of it besides."""
    return Response(response.status, response.headers, response.content)
