"""The audit of a suite's mocks in plain text: per API what lies and why, what no mock answers, what no test meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lookalike.contract.audited import Audit, AuditedApi, Finding, Said, natural
from lookalike.counted import counted

_SHOWN = 10
_PLACES = 3

Line = tuple[str, str]  # a line, and its colour: `red`, `yellow`, `green` or `""`


def sections(audit: Audit, *, verbose: bool = False) -> Iterator[Line]:
    """Every line with its colour; `verbose` shortens nothing."""
    shown = None if verbose else _SHOWN
    if not audit.apis and not audit.unnamed:
        yield "no test received an answer from a mock", "yellow"
    for _, api in sorted(audit.apis.items()):
        yield from _api(api, shown)
    yield from _rest(audit, shown)


def headline(api: AuditedApi) -> str:
    """How many mocks there are, and how many lie."""
    lying, strangers = len(api.lying), len(api.strangers)
    parts = [counted(len(api.mocks), "mock"), f"{lying:,} {'lies' if lying == 1 else 'lie'}"]
    if strangers:
        parts.append(f"{strangers:,} of what the contract doesn't have")
    if api.unsaid:
        parts.append(f"{api.unsaid:,} without a status of {'its' if api.unsaid == 1 else 'their'} own (unsaid)")
    return ", ".join(parts)


def _api(api: AuditedApi, shown: int | None) -> Iterator[Line]:
    source = f" ({api.source})" if api.source else ""
    bad = bool(api.lying or api.strangers)
    yield f"{api.name}{source}: {headline(api)}", "red" if bad else "green"
    for title, findings, colour in (
        ("lies", api.lies, "red"),
        ("mocked, and not in the contract", api.unknown, "yellow"),
        ("the contract's own examples say the same, so it contradicts itself here", api.disputes, "yellow"),
        ("never seen by the contract", api.doubts, "yellow"),
    ):
        if findings:
            yield f"  {title}:", colour
            yield from _capped((line for one in findings for line in _finding(one, shown)), len(findings), shown)
    for title, names in (
        (f"no mock answers {counted(len(api.never_mocked), 'operation')} of {api.coverage.known}", api.never_mocked),
        ("documented errors that no test meets", [f"{key}: {', '.join(met)}" for key, met in api.errors_never_met]),
    ):
        if names:
            yield f"  {title}:", ""
            yield from ((f"    {name}", "") for name in names[:shown])
            if shown is not None and len(names) > shown:
                yield f"    ... and {len(names) - shown} more (-v shows all)", ""


def _capped(lines: Iterable[Line], many: int, shown: int | None) -> Iterator[Line]:
    limit = None if shown is None else 2 * shown
    for at, line in enumerate(lines):
        if limit is not None and at >= limit:
            yield f"    ... and {many - shown if shown else 0} more (-v shows all)", ""
            return
        yield line


def _finding(one: Finding, shown: int | None) -> Iterator[Line]:
    """What is wrong, and below it where."""
    said = one.said.hint or "no such operation" if one.said.stranger else str(_shortened(one.said, shown))
    yield f"    {one.operation}: {said}", ""
    yield f"      {where(one, None if shown is None else _PLACES)}", ""
    if shown is None and len(one.operations) > 1:
        yield from ((f"      of {operation}", "") for operation in one.operations)


def _shortened(said: Said, shown: int | None) -> Said:
    """The same with only the first of many keys."""
    expected, got = (
        some(words.split(", "), shown) if words.startswith("the keys ") else words
        for words in (said.expected, said.got)
    )
    return replace(said, expected=expected, got=got)


def where(one: Finding, shown: int | None) -> str:
    """The lines that declare it, by which library, and how many tests received it."""
    places = sorted({mock.place or "?" for mock in one.mocks}, key=natural)
    libraries = sorted({mock.library for mock in one.mocks})
    tests = one.tests
    names = [test.rpartition("::")[2] for test in tests if test]
    told = f": {some(names, shown)}" if names else ""
    mocks = f"{counted(len(one.mocks), 'mock')} " if len(one.mocks) > len(places) else ""
    return f"{some(places, shown)}   {', '.join(libraries)}, {mocks}in {counted(len(tests), 'test')}{told}"


def some(names: Sequence[str], shown: int | None) -> str:
    """The first of several names, and how many more there are."""
    if shown is None or len(names) <= shown:
        return ", ".join(names)
    return ", ".join(names[:shown]) + f" and {len(names) - shown} more"


def _rest(audit: Audit, shown: int | None) -> Iterator[Line]:
    if audit.unnamed:
        yield "mocks of hosts that pyproject.toml names no API for:", "yellow"
        for host, places in sorted(audit.unnamed.items()):
            told = some(sorted(places, key=natural), None if shown is None else _PLACES)
            yield f"  {host or 'addresses without a host'}: {counted(len(places), 'mock')} at {told}", ""
        yield "  to hold them to a contract: lookalike learn SOURCE -o contracts/NAME.yaml, and in pyproject.toml", ""
        yield '  [tool.lookalike.apis.NAME] with contract = "contracts/NAME.yaml"', ""
    for name, why in sorted(audit.unread.items()):
        yield f"not held to a contract: {name}: {why}", "yellow"
    for trouble in sorted(audit.troubles):
        yield f"not seen because of an error of lookalike's own: {trouble}", "yellow"
