"""A run of `verify` as every report draws it: what was found of each API, what came before, and where things stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lookalike.contract.contract import Contract
from lookalike.contract.past import Timeline
from lookalike.contract.verdict import ApiReport


@dataclass(frozen=True, slots=True)
class Source:
    """The file of a contract.

    path:     as reports name it, with forward slashes
    text:     what the file holds, `""` where that isn't known: then nothing has a line
    contract: what is read of it
    """

    path: str
    text: str = field(default="", repr=False)
    contract: Contract | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """One run over one or several APIs.

    reports:   one an API
    exit_code: what the command ends with, where it is known
    when:      the instant in UTC, `2026-11-02T04:17:03Z`, or `""`
    timelines: the APIs' runs by API and base URL, this one included
    sources:   where the contracts are, by API
    arguments: what names an API on the command line, by API, where that isn't its own name
    strict:    whether additions count as drift
    """

    reports: Sequence[ApiReport]
    exit_code: int | None = None
    when: str = ""
    timelines: Mapping[tuple[str, str], Timeline] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
