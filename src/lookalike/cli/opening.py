"""What a name on the command line stands for: an API of pyproject.toml, a pack, or a contract's file."""

from __future__ import annotations

from lookalike.contract.contract import Contract


def contract_of(name: str) -> Contract: ...
def double_of(name, **o): ...
