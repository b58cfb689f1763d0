"""Contracts from their files: each is read once, and again when one of its files changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract

_contracts: dict[tuple[Path, str | None, tuple[str, ...]], tuple[tuple[int, ...], Contract]] = {}


def load_contract(path: Path, base_url: str | None, allow_refs: tuple[str, ...] = ()) -> Contract:
    """A contract from its file; read and compiled once, and again when it, its evidence or its other files change."""
    from lookalike.contract.disk import from_here
    from lookalike.contract.files import evidence_path, load

    path = path.absolute()
    key = (path, base_url, allow_refs)
    known = _contracts.get(key)
    beside = (path, evidence_path(path))
    if known is None or known[0] != _stamp((*beside, *known[1].document.files)):
        contract = load(from_here(path), base_url=base_url, allow_refs=allow_refs, fetch=_fetching())
        known = _contracts[key] = (_stamp((*beside, *contract.document.files)), contract)
    return known[1]


def _stamp(files: Sequence[Path]) -> tuple[int, ...]:
    return tuple(part for one in files if one.exists() for part in (one.stat().st_mtime_ns, one.stat().st_size))


def _fetching() -> Callable[[str], bytes]:
    """What fetches for one document; made when the first reference leads to a URL."""

    @cache
    def fetcher() -> Callable[[str], bytes]:
        from lookalike.live.documents import Fetcher

        return Fetcher()

    return lambda url: fetcher()(url)
