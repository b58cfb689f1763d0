"""Where a run keeps the declared replies, and what else lies beside them. Imports little: each tracked run asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike import config
from lookalike.api.reads_file import MOCKS


def mocks_file(of: pytest.Config) -> Path | None:
    """Where declared replies are kept: where the option says, else in a configured project's own folder."""
    named: str | None = of.getoption("lookalike_mocks")
    if named:
        return Path(of.invocation_params.dir) / named
    project = config.load(of.rootpath)
    return project.path.parent / MOCKS if project.path is not None and project.declared else None
