"""Which declared replies a drift makes false: those that say what the real API doesn't say any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lookalike.contract.compare_places import kind_of, split_place, steps, values_at
from lookalike.contract.contract import Contract
from lookalike.contract.drift import DeclaredMock, Drift
from lookalike.shape.formats import has_format


def judge(drifts: Sequence[Drift], mocks: Sequence[DeclaredMock], *, contract: Contract) -> list[Drift]:
    """The same drifts, each with the mocks that it makes false, in order of their declaration.

    A mock is false where it shows what is no longer there: a key that is gone, a value of a type that isn't sent any
    more. One that merely doesn't show what is new still fits. A suspicion makes nothing false.
    """
    known = [(mock, _operation(contract, mock)) for mock in mocks]
    return [drift if drift.suspect else _judged(drift, known) for drift in drifts]


def _operation(contract: Contract, mock: DeclaredMock) -> str:
    found = contract.find(mock.method, mock.path)
    return found.key if found is not None else mock.operation


def _judged(drift: Drift, mocks: Sequence[tuple[DeclaredMock, str]]) -> Drift:
    shows = _SHOWS.get(drift.kind)
    if shows is None:
        return drift
    false = {
        mock.where: mock
        for mock, operation in mocks
        if any(operation == where and shows(drift, mock, place) for where, place in drift.at)
    }
    return replace(drift, mocks=tuple(sorted(false.values(), key=_declared)))


def _declared(mock: DeclaredMock) -> tuple[str, int]:
    path, _, line = mock.where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (mock.where, 0)


def _values(mock: DeclaredMock, place: str) -> list[Any]:
    status, inside = split_place(place)
    if mock.body is None or (status != str(mock.status) if status else mock.status >= 300):
        return []
    return list(values_at(mock.body, steps(inside)))


def _has_it(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    return bool(_values(mock, place))


def _other_kind(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    now = {*drift.detail.split("|"), "null"}
    if "number" in now:
        now.add("integer")
    return any(kind_of(value) not in now for value in _values(mock, place))


def _other_format(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    strings = [value for value in _values(mock, place) if isinstance(value, str)]
    return bool(drift.detail) and any(not has_format(value, drift.detail) for value in strings)


def _not_wrapped(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    deeper = drift.detail.startswith("inside")
    key = drift.detail.rpartition(" ")[2]
    return any((isinstance(value, dict) and key in value) is not deeper for value in _values(mock, place))


def _succeeds(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    return 200 <= mock.status < 300


def _other_success(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    return 200 <= mock.status < 300 and str(mock.status) != drift.detail


def _has_body(drift: Drift, mock: DeclaredMock, place: str) -> bool:
    return mock.body is not None and 200 <= mock.status < 300


# By kind: whether a mock shows at a place what the drift says isn't so any more. Kinds that aren't here only add to
# what may come, or are about what a mock doesn't show.
_SHOWS: Mapping[str, Callable[[Drift, DeclaredMock, str], bool]] = {
    "field-removed": _has_it,
    "optional-field-removed": _has_it,
    "discriminator-gone": _has_it,
    "field-renamed": _has_it,
    "field-moved": _has_it,
    "type-changed": _other_kind,
    "item-type-changed": _other_kind,
    "format-changed": _other_format,
    "body-wrapped": _not_wrapped,
    "body-empty": _has_body,
    "success-status-changed": _other_success,
    "success-gone": _succeeds,
    "path-gone": _succeeds,
    "operation-removed": _succeeds,
    "redirected": _succeeds,
    "media-type-changed": _has_body,
}
