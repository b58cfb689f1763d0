"""What a name on the command line stands for: an API of pyproject.toml, a pack, or a contract's file."""

from __future__ import annotations
