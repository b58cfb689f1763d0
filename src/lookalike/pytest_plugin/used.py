"""Whether the tests read what the real API answers otherwise."""

from __future__ import annotations

from lookalike.contract.contract import Contract
from lookalike.contract.reads import Reads
from lookalike.contract.weigh import told

_GONE = "the real API has no such key"


def use_of(
    reads: Reads | None, contract: Contract | None, method: str, path: str | None, what: str
) -> tuple[bool, str]:
    """Of a difference (`json[].title: ...`): whether it is a key that is gone and unread, and who reads it, in words.

    Where nobody tracked, or something that leaves no trace read the answer, it is (False, "").
    """
    if reads is None or path is None:
        return False, ""
    operation = contract.find(method, path) if contract is not None else None
    key = operation.key if operation is not None else f"{method} {path}"
    place = what.partition(": ")[0]
    if reads.used(key, place) == "unseen" and _GONE in what:
        return True, ""
    readers = reads.readers(key, place)
    return False, f"; read by {told(readers)}" if readers else ""
