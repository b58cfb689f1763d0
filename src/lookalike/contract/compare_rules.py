"""What the values at one place may be, held against what they might before: kinds, null, enums, formats, defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lookalike.contract.compare_finding import Finding
from lookalike.contract.compare_form import Form
from lookalike.contract.kinds import Severity
from lookalike.shape.formats import BY_NAME


def response_rules(old: Form, new: Form) -> Iterator[Finding]:
    """What a consumer that reads the values at one place meets."""
    if old.unknown:
        return
    if new.unknown:
        if new.anything:
            yield Finding("type-widened", "", ("",), before=old.words, now="anything", detail="anything")
        elif new.shape is not None and new.shape.n and not old.nullable:
            yield Finding("became-nullable", "", ("",), before=old.words, now="null alone")
        return
    if new.nullable is not old.nullable:
        kind = "became-nullable" if new.nullable else "became-firmer"
        yield Finding(kind, "", ("",), before=old.words, now=new.words)
    fresh, lost = new.kinds - with_integer(old.kinds), old.kinds - with_integer(new.kinds)
    if fresh:
        kind = "type-widened" if new.kinds & with_integer(old.kinds) or fresh == {"number"} else "type-changed"
        if fresh == {"number"} and _is_whole(new.said("multipleOf")):
            kind = "type-equivalent"
        detail = "|".join(sorted(fresh))
        yield Finding(kind, "", ("",), before=old.words, now=new.words, detail=detail)
    elif lost or ("number" in old.kinds and "number" not in new.kinds):
        yield Finding("type-narrowed", "", ("",), before=old.words, now=new.words)
    if not fresh:
        yield from _values(old, new)


def _is_whole(step: Any) -> bool:
    """Whether the multiples of a number are integers, called numbers or not."""
    return isinstance(step, int | float) and not isinstance(step, bool) and step == int(step)


def _values(old: Form, new: Form) -> Iterator[Finding]:
    # What a learned contract doesn't state may be for want of samples.
    silent = new.shape is not None
    # Of few values the evidence keeps the words before it calls them all there are.
    values = new.enum or (new.shape.words if new.shape is not None else ())
    added = [value for value in values if value not in old.enum]
    removed = [value for value in old.enum if value not in new.enum]
    if old.enum and (added or (not new.enum and not silent)):
        kind = "constant-changed" if len(old.enum) == 1 else "enum-value-added"
        yield Finding(kind, "", ("",), before=_listed(old.enum), now=_listed(added) if added else "any value")
    elif old.enum and new.enum and removed:
        yield Finding("enum-value-gone", "", ("",), before=_listed(old.enum), now=f"no {_listed(removed)}")
    if old.format and old.format != new.format and (new.format or not silent):
        severity = None if new.format and old.format in BY_NAME else Severity.RISKY
        now = new.format or "no format"
        yield Finding("format-changed", "", ("",), before=old.format, now=now, detail=new.format, severity=severity)


def request_rules(old: Form, new: Form) -> Iterator[Finding]:
    """What a consumer that sends the values at one place meets."""
    if new.unknown:
        if not old.unknown:
            yield Finding("request-type-widened", "", ("",), before=old.words, now="anything")
        return
    lost = old.kinds - with_integer(new.kinds)
    fresh = new.kinds - with_integer(old.kinds)
    narrowed = bool(lost) or old.unknown or (bool(new.format) and new.format != old.format)
    if narrowed:
        now = f"{new.words}" if new.kinds else "nothing"
        detail = "|".join(sorted(lost)) or new.format
        yield Finding("request-type-narrowed", "", ("",), before=old.words, now=now, detail=detail)
    elif fresh or (old.format and not new.format):
        yield Finding("request-type-widened", "", ("",), before=old.words, now=new.words)
    if old.nullable and not new.nullable and not old.unknown:
        yield Finding("request-null-refused", "", ("",), before=old.words, now=new.words)
    gone = [value for value in old.enum if value not in new.enum]
    if new.enum and old.enum and gone:
        yield Finding("request-enum-value-gone", "", ("",), before=_listed(old.enum), now=f"no {_listed(gone)}")
    elif new.enum and not old.enum:
        yield Finding("request-became-enum", "", ("",), before=old.words, now=_listed(new.enum))
    elif old.enum and not narrowed and any(value not in old.enum for value in new.enum or [object()]):
        yield Finding("request-type-widened", "", ("",), before=_listed(old.enum), now=_listed(new.enum) or "any value")
    if old.default != new.default:
        yield Finding("request-default-changed", "", ("",), before=_default(old), now=_default(new))


def taken_rules(old: Form, new: Form) -> Iterator[Finding]:
    """What requests that were taken show besides what was known to be."""
    if old.unknown or new.unknown:
        return
    fresh = new.kinds - with_integer(old.kinds) or (new.nullable and not old.nullable)
    if fresh or (old.format and new.format != old.format):
        yield Finding("request-type-widened", "", ("",), before=old.words, now=new.words)


def with_integer(kinds: frozenset[str]) -> frozenset[str]:
    """Kinds with what each takes in: a number may be an integer."""
    return kinds | {"integer"} if "number" in kinds else kinds


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values)


def _default(form: Form) -> str:
    return "none" if form.default is None else _listed([form.default])
