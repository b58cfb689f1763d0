"""Contracts that learn: exchanges folded in, contradictions kept apart, new eras begun."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.contract.contract import Contract
from lookalike.messages import Exchange


def learn(exchanges: Iterable[Exchange], *, base_url: str, name: str = "", title: str = "", day: str = "") -> Contract:
    """A new contract from exchanges."""
    raise NotImplementedError


def fold(contract: Contract, exchanges: Iterable[Exchange], *, day: str = "") -> Contract:
    """The contract with the exchanges learned as one recording; the same recording twice changes nothing."""
    raise NotImplementedError


def dispute(contract: Contract, exchanges: Iterable[Exchange], *, day: str = "") -> Contract:
    """The contract with the exchanges kept apart, by operation, unread until `accept`."""
    raise NotImplementedError


def accept(contract: Contract, operation: str, *, day: str) -> Contract:
    """The contract with a new era of `METHOD /template` from that day on: what was disputed is read, what was before isn't."""
    raise NotImplementedError
