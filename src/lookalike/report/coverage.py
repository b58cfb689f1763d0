"""The coverage of APIs in plain text: a row an API, and below it what no test did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lookalike.contract.coverage import NO_STATUS, Coverage, OperationCoverage

_HEAD = ("", "operations", "mocked", "called", "statuses", "places")
_SHOWN = 10


def lines_of(coverages: Iterable[Coverage], *, verbose: bool = False) -> list[str]:
    """The table, and what is missing below it; `verbose` lists each operation, and shortens nothing."""
    found = sorted(coverages, key=lambda one: one.api)
    rows = [_HEAD, *map(_row, found)]
    # Not every contract names places.
    lines = _aligned(rows if any(row[-1] for row in rows[1:]) else [row[:-1] for row in rows])
    for one in found:
        details = list(_details(one, verbose=verbose))
        if details:
            lines += ["", f"{one.api}:", *(f"  {line}" for line in details)]
    return lines


def _row(coverage: Coverage) -> tuple[str, ...]:
    operations = coverage.operations.values()
    known = coverage.known
    mocked, called = known - len(coverage.never_mocked), known - len(coverage.never_called)
    statuses = sum(len(one.statuses) for one in operations)
    met = statuses - sum(len(one.unmet) for one in operations)
    places = sum(one.known_places for one in operations)
    seen = sum(len(one.met) for one in operations)
    counts = f"{met} of {statuses}", f"{seen} of {places} ({100 * seen // places}%)" if places else ""
    return coverage.api, str(known), _share(mocked, known), _share(called, known), *counts


def _share(part: int, whole: int) -> str:
    # Rounded down: 100% is all of them.
    return f"{part} ({100 * part // whole}%)" if whole else str(part)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _details(coverage: Coverage, *, verbose: bool) -> Iterator[str]:
    if verbose:
        yield from _aligned([_told(one) for one in coverage.operations.values()]) if coverage.operations else ()
    else:
        never_mocked = coverage.never_mocked
        unused = [key for key in coverage.never_called if key not in never_mocked]
        errors = [
            f"{one.key}: {', '.join(one.unmet_errors)}"
            for one in coverage.operations.values()
            if one.is_mocked and one.unmet_errors
        ]
        yield from _listed("never mocked", never_mocked)
        yield from _listed("mocked, never called", unused)
        yield from _listed("documented errors that no test meets", errors)
    unmet = [
        f"{one.key}: {', '.join(sorted(one.places - one.met)[: None if verbose else _SHOWN])}"
        for one in coverage.operations.values()
        if one.places - one.met
    ]
    yield from _listed("places that no answer had", unmet, shown=len(unmet) if verbose else _SHOWN)
    strangers = [f"{request} ({count}x)" for request, count in sorted(coverage.strangers.items())]
    yield from _listed("called, and not in the contract", strangers, shown=len(strangers) if verbose else _SHOWN)


def _told(operation: OperationCoverage) -> tuple[str, str, str]:
    met = ", ".join(f"{status or 'no answer'} {count}x" for status, count in sorted(operation.called.items()))
    declared = ", ".join(sorted(status for status in operation.mocked if status != NO_STATUS))
    state = met or (
        f"mocked{f' ({declared})' if declared else ''}, never called" if operation.mocked else "never mocked"
    )
    return operation.key, state, f"never met: {', '.join(operation.unmet)}" if operation.unmet else ""


def _listed(title: str, names: Sequence[str], shown: int = _SHOWN) -> Iterator[str]:
    if names:
        yield f"{title}:"
        yield from (f"  {name}" for name in names[:shown])
        if len(names) > shown:
            yield f"  ... and {len(names) - shown} more (-v shows all)"
