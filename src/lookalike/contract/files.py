"""Contracts on disk."""

from __future__ import annotations

from os import PathLike

from lookalike.contract.contract import Contract


def load(path: str | PathLike[str], *, base_url: str | None = None) -> Contract:
    """Read a contract: an OpenAPI document, and the evidence beside it if there is some. Raises FileError."""
    raise NotImplementedError


def save(contract: Contract, path: str | PathLike[str]) -> None:
    """Write a contract's document and evidence. Raises FileError."""
    raise NotImplementedError
