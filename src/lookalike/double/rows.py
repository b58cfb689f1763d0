"""Rows with ids: what a collection keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lookalike.double.body import json_copy
from lookalike.errors import UsageError

__tracebackhide__ = True

Row = dict[str, Any]


class Rows:
    """Rows by their ids, in order. Raises UsageError for what are no rows, and for an id that two have.

    ever:   the ids that there were
    key:    of a row, where its id is; rows without one get one
    new_id: makes an id from those that there were; else numbers count on, and other ids are UUIDs, the same each time
    """

    def __init__(self, call: str, rows: Iterable[Any], key: str, new_id: Callable[[list[Any]], Any] | None) -> None:
        if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, Iterable):
            raise UsageError(f"{call} takes a list of rows, each a dict, not {rows!r}")
        self.key = key
        self._new_id = new_id
        self.ever: list[Any] = []
        # What is declared is what is sent, whatever the test does to its own objects afterwards.
        given: list[Any] = json_copy(list(rows))
        for at, row in enumerate(given):
            if not isinstance(row, dict):
                raise UsageError(f"{call}: a row is a dict, and row {at} is {row!r}")
            if key in row and given_before(row[key], self.ever):
                raise UsageError(f"{call}: row {at} has the {key} of another, {row[key]!r}")
            if key in row:
                self.ever.append(row[key])
        self.rows: list[Row] = []
        for row in given:
            self.rows.append(row if key in row else {key: self.new_id(), **row})

    def find(self, said: str) -> int | None:
        """Where the row is whose id a path says, None where there is none."""
        return next((at for at, row in enumerate(self.rows) if text(row.get(self.key)) == said), None)

    def new_id(self) -> Any:
        """An id that no row has or had."""
        made = self._made()
        self.ever.append(made)
        return made

    def take(self, identity: Any) -> bool:
        """Keep an id that a client chose; whether no row has it."""
        if self.find(text(identity)) is not None:
            return False
        self.ever.append(identity)
        return True

    def _made(self) -> Any:
        ever = [*self.ever, *(row[self.key] for row in self.rows if self.key in row)]
        if self._new_id is not None:
            return self._new_id(ever)
        numbers = [int(one) for one in ever if type(one) is int or (isinstance(one, str) and one.isdecimal())]
        if len(numbers) == len(ever):
            number = max(numbers, default=0) + 1
            return str(number) if ever and isinstance(ever[-1], str) else number
        at = len(ever) + 1
        while (made := str(uuid5(NAMESPACE_URL, f"lookalike:{at}"))) in ever:
            at += 1
        return made


def given_before(identity: Any, ever: Iterable[Any]) -> bool:
    """Whether an id is among others, as paths have them: 1 and "1" are one."""
    return any(text(identity) == text(one) for one in ever)


def text(value: Any) -> str:
    """A value as a path or a query has it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def merged(row: Any, patch: Any) -> Any:
    """What a merge patch makes of a value (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(row) if isinstance(row, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
