from __future__ import annotations
from typing import Any, Callable, Generic, Iterable, Mapping, TypeVar


class Counts:
    def __add__(self, other: Counts) -> Counts:
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Any) -> Counts:
        raise NotImplementedError


C = TypeVar("C")


class Evidence(Generic[C]):
    def __init__(self, empty: C, recordings: Mapping[str, Any] = {}) -> None: ...
    def sealed(self, counts: C, *, id: str, day: str = "") -> Evidence[C]:
        raise NotImplementedError

    def merge(self, other: Evidence[C]) -> Evidence[C]:
        raise NotImplementedError

    def total(self, *, since: str = "") -> C:
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Any, empty: C, read: Callable[[Any], C]) -> Evidence[C]:
        raise NotImplementedError


def recording_id(exchanges: Iterable[bytes]) -> str:
    raise NotImplementedError
