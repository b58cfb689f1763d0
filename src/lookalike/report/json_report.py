"""A verification as JSON, for other programs; `verification.schema.json` beside this file says what it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from lookalike.report.data import data_of_run
from lookalike.report.verification import Verification


def json_report(run: Verification) -> bytes:
    """The report of a run, in lines, ending in a newline."""
    return as_json(data_of_run(run)).encode()


def as_json(data: Mapping[str, Any]) -> str:
    """What `data_of` gave, as text."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of such reports."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath("verification.schema.json").read_text("utf-8"))
    return found
