"""Rewrites one module: what replays cassettes with vcrpy, pytest-recording or Betamax replays them with lookalike."""

from __future__ import annotations

from pathlib import Path

import libcst as cst

from lookalike.cli.migrate.cassettes import Cassettes
from lookalike.cli.migrate.edits import Rewritten
from lookalike.cli.migrate.making import SharedRecorders
from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.remaining import left_of
from lookalike.cli.migrate.tidying import finished


def mentions(text: str) -> bool:
    """Whether a module may have to do with cassettes."""
    return "vcr" in text.lower() or "betamax" in text.lower() or "use_cassette" in text


def rewrite(source: str, shared: SharedRecorders, path: Path | None = None) -> Rewritten:
    """A module's source whose cassettes are replayed by lookalike.

    path: where the module is; cassettes are looked for from the working directory and the folders above it
    """
    module = cst.parse_module(source)
    facts = Facts(module)
    changer = Cassettes(module, facts, shared)
    changed = module.visit(changer)
    if changer.count:
        changed = finished(changed, changer, path)
    text = changed.code
    return Rewritten(text, changer.count, tuple(sorted(left_of(text, changer))))
