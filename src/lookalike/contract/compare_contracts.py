"""Two contracts held against each other: what a consumer of the old one meets under the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lookalike.contract.compare_answered import answer_counts, in_error, operation_counts, status_support
from lookalike.contract.compare_answers import listed_of
from lookalike.contract.compare_causes import gather
from lookalike.contract.compare_evidence import announced, lost_headers, malformed, redirected, sayable
from lookalike.contract.compare_finding import Finding
from lookalike.contract.compare_form import Form
from lookalike.contract.compare_headers import compare_headers
from lookalike.contract.compare_limits import request_limits
from lookalike.contract.compare_orders import json_counts, keys_between, otherwise
from lookalike.contract.compare_pages import between, without_symptoms
from lookalike.contract.compare_promises import charsets, ends, moved_version, security, turning
from lookalike.contract.compare_rules import request_rules, response_rules, taken_rules
from lookalike.contract.compare_schemas import SchemaComparison
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.headers import header_class
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Answer, Body, Header, Media, Operation, Parameter, is_code
from lookalike.contract.paths import normal
from lookalike.contract.sorting import NO_LIST


def diff(old: Contract, new: Contract) -> list[Drift]:
    """What changed from one contract to another, with the severity for a consumer, one finding for each cause.

    Either may be a vendor's document or learned. What a learned contract doesn't state is no difference where that may
    be for want of samples.
    """
    comparison = _Diff(old, new)
    drifts = gather(_told_once(list(comparison.findings())), operations=comparison.common, learned=False)
    return [replace(drift, suggestion="") for drift in drifts]


def _told_once(findings: list[Finding]) -> list[Finding]:
    """Without what a shared schema shows in errors too, where it shows in the answers that succeed."""
    told = {one.subject for one in findings if one.subject and one.kind != "error-body-changed"}
    return [one for one in findings if one.kind != "error-body-changed" or one.subject not in told]


class _Diff:
    def __init__(self, old: Contract, new: Contract) -> None:
        self._old = old
        self._new = new
        roots = (old.document.root, new.document.root)
        self._bodies = SchemaComparison(*roots)
        self._requests = SchemaComparison(*roots, request=True, learned=new.learned)

    @property
    def common(self) -> int:
        """How many operations both have."""
        return len(_by_key(self._old).keys() & _by_key(self._new).keys())

    def findings(self) -> Iterator[Finding]:
        """All of them, operation by operation."""
        before, after = _by_key(self._old), _by_key(self._new)
        for key in sorted(before | after):
            old, new = before.get(key), after.get(key)
            if new is None and old is not None:
                # What was only learned may just not have been seen again.
                if not self._new.learned:
                    yield Finding("operation-removed", old.key, ("path",), before="there", now="gone")
            elif old is None and new is not None:
                yield Finding("operation-added", new.key, ("path",), before="unknown", now="there")
            elif old is not None and new is not None:
                yield from (replace(one, operation=old.key) for one in self._operation(old, new))
        yield from moved_version(
            self._old, self._new, [before[key].key for key in sorted(before.keys() & after.keys())]
        )

    def _operation(self, old: Operation, new: Operation) -> Iterator[Finding]:
        yield from self._statuses(old, new)
        paged = self._pages(old, new)
        yield from paged
        for status in sorted(set(old.responses) & set(new.responses)):
            found = list(self._answer((old, new), status))
            failing = status[0] in "45" or status == "default"
            yield from (in_error(one, status) for one in found) if failing else without_symptoms(found, paged)
        told = {place for one in paged for place in one.places}
        asked = [one for one in self._parameters(old, new) if one.places[0] not in told]
        yield from sayable([*asked, *self._request_body(old.request_body, new.request_body)],
                           self._old, self._new, operation_counts(self._new, new))  # fmt: skip
        yield from ends(self._old, old, self._new, new)
        yield from security(self._old, old, self._new, new)

    def _pages(self, old: Operation, new: Operation) -> list[Finding]:
        """Pages that are turned in another way, by what is asked, or by what answers lead on with."""
        asked = [] if self._old.learned or self._new.learned else list(turning(old, new))
        answered: list[Finding] = []
        for status in sorted(set(old.success_statuses) & set(new.success_statuses)):
            was = listed_of(self._old, old, status, _form(self._old, old, status))
            has = listed_of(self._new, new, status, _form(self._new, new, status))
            if was is not None and has is not None:
                answered += between(was, has)
        return asked or answered

    def _statuses(self, old: Operation, new: Operation) -> Iterator[Finding]:
        before, after = set(old.success_statuses), set(new.success_statuses)
        gone, fresh = sorted(before - after), sorted(after - before)
        if before and fresh:
            words = ", ".join(map(str, fresh))
            yield Finding("success-status-changed", "", ("status",), _statuses(before), _statuses(after), words)
        elif gone and not self._new.learned:
            kind = "success-status-changed" if after else "success-gone"
            words = ", ".join(map(str, gone))
            yield Finding(kind, "", ("status",), _statuses(before), _statuses(after) or "none", f"no {words}")
        yield from self._errors(old, new)
        yield from redirected(self._old, old, self._new, new)

    def _errors(self, old: Operation, new: Operation) -> Iterator[Finding]:
        lost = sorted(status for status in set(old.responses) - set(new.responses) if status[0] in "45")
        added = sorted(status for status in set(new.responses) - set(old.responses) if status[0] in "45")
        was, now = ", ".join(lost), ", ".join(added)
        if lost and added and not self._new.learned:
            yield Finding("error-status-changed", "", ("status",), was, now, now)
        elif lost and not self._new.learned:
            yield Finding("error-status-changed", "", ("status",), was, "none of them", f"no {was}", Severity.INFO)
        else:
            for status in added:
                yield Finding("error-status-added", "", ("status",), before="unknown", now=status, detail=status)

    def _answer(self, operations: tuple[Operation, Operation], status: str) -> Iterator[Finding]:
        old, new = (one.responses[status] for one in operations)
        gone = sorted(set(old.media) - set(new.media))
        mine, other = _json(old.media), _json(new.media)
        if mine is not None and not new.media:
            before, now = f"{status} with a JSON body", f"{status} without a body"
            yield Finding("body-empty", "", ("body",), before=before, now=now)
        elif gone and new.media and not (mine is not None and other is not None):
            now = ", ".join(sorted(new.media))
            yield Finding("media-type-changed", "", ("header Content-Type",), ", ".join(sorted(old.media)), now, now)
        yield from charsets(self._old, old, self._new, new)
        seen = answer_counts(self._old, operations[0], status)
        later = answer_counts(self._new, operations[1], status)
        broken = list(malformed(seen, later))
        yield from broken
        if seen is not None and later is not None:
            yield from announced(seen, later)
            yield from compare_headers(seen, later, status_support(self._old, operations[0])[0])
            yield from otherwise(*(sum((body.order for body in one.media.values()), NO_LIST) for one in (seen, later)))
        if later is not None:
            yield from lost_headers(old, seen, later, status_support(self._old, operations[0]))
        else:
            yield from self._headers(old, new)
        if mine is not None and other is not None and mine.schema is not None and not broken:
            code = int(status) if is_code(status) else 0
            first = Form(mine.schema, self._old.document.root, self._old.shape_of(operations[0], code))
            second = Form(_said(other), self._new.document.root, self._new.shape_of(operations[1], code))
            yield from self._bodies.compare(first, second)
            was, has = json_counts(seen), json_counts(later)
            if was is not None and has is not None:
                yield from keys_between(was, has, first, second)

    def _headers(self, old: Answer, new: Answer) -> Iterator[Finding]:
        before = {name.lower(): header for name, header in old.headers.items()}
        after = {name.lower(): header for name, header in new.headers.items()}
        for name, header in sorted(before.items()):
            other, place = after.get(name), f"header {header.name}"
            words = "always there" if header.required else "sometimes there"
            if header_class(name) != "contract":
                if other is None:
                    yield Finding("header-changed", "", (place,), before="documented", now="gone")
            elif other is None:
                severity = None if header.required else Severity.RISKY
                yield Finding("header-removed", "", (place,), before=words, now="gone", severity=severity)
            else:
                if header.required and not other.required:
                    yield Finding("header-became-optional", "", (place,), before=words, now="sometimes there")
                yield from (replace(one, places=(place,)) for one in self._header(header, other))
        for name in sorted(set(after) - set(before)):
            yield Finding("header-changed", "", (f"header {after[name].name}",), before="unknown", now="documented")

    def _header(self, old: Header, new: Header) -> Iterator[Finding]:
        """What a header's value may be now; what it may no longer be breaks nobody."""
        if old.schema is None or new.schema is None or self._old.learned or self._new.learned:
            return
        first, second = Form(old.schema, self._old.document.root), Form(new.schema, self._new.document.root)
        for one in response_rules(first, second):
            if KINDS[one.kind].severity.rank <= Severity.RISKY.rank:
                yield Finding("header-type-changed", "", ("",), first.words, second.words, one.detail)
                return

    def _parameters(self, old: Operation, new: Operation) -> Iterator[Finding]:
        before = {(one.place, one.name): one for one in old.parameters if one.place != "path"}
        after = {(one.place, one.name): one for one in new.parameters if one.place != "path"}
        for key in sorted(before | after):
            place = f"{key[0]} {key[1]}"
            mine, other = before.get(key), after.get(key)
            if other is None:
                if not self._new.learned:
                    yield Finding("request-part-removed", "", (place,), before="known", now="unknown")
            elif mine is None:
                kind = "request-requires-more" if other.required else "request-part-added"
                yield Finding(kind, "", (place,), before="unknown", now="required" if other.required else "optional")
            else:
                yield from (replace(one, places=(place,)) for one in self._parameter(mine, other))

    def _parameter(self, old: Parameter, new: Parameter) -> Iterator[Finding]:
        if old.required is not new.required:
            kind = "request-became-required" if new.required else "request-laxer"
            words = {True: "required", False: "optional"}
            yield Finding(kind, "", ("",), before=words[old.required], now=words[new.required])
        if old.schema is not None and new.schema is not None:
            first, second = Form(old.schema, self._old.document.root), Form(new.schema, self._new.document.root)
            yield from (taken_rules if self._new.learned else request_rules)(first, second)
            yield from request_limits(first, second)

    def _request_body(self, old: Body | None, new: Body | None) -> Iterator[Finding]:
        if old is None or new is None:
            if new is not None:
                kind = "request-requires-more" if new.required else "request-part-added"
                yield Finding(kind, "", ("body",), before="none", now="a body")
            elif old is not None and not self._new.learned:
                yield Finding("request-part-removed", "", ("body",), before="a body", now="none")
            return
        if new.required is not old.required:
            kind = "request-became-required" if new.required else "request-laxer"
            words = {True: "required", False: "optional"}
            yield Finding(kind, "", ("body",), before=words[old.required], now=words[new.required])
        for kind in sorted(set(old.media) - set(new.media)):
            yield Finding("request-media-type-removed", "", (f"body {kind}",), before="taken", now="refused")
        mine, other = _json(old.media), _json(new.media)
        if mine is not None and other is not None and mine.schema is not None:
            first, second = Form(mine.schema, self._old.document.root), Form(_said(other), self._new.document.root)
            yield from self._requests.compare(first, second, "request json")


def _by_key(contract: Contract) -> dict[tuple[str, str], Operation]:
    return {(normal(one.path), one.method): one for one in contract.operations}


def _form(contract: Contract, operation: Operation, status: int) -> Form | None:
    """What is said of an answer's body, as the document has it: bundled, each would hold copies of what they share."""
    answer = operation.answer(status)
    media = _json(answer.media) if answer is not None else None
    if media is None or media.schema is None:
        return None
    return Form(media.schema, contract.document.root, contract.shape_of(operation, status))


def _said(media: Media) -> Any:
    return media.schema if media.schema is not None else True


def _json(media: Mapping[str, Media]) -> Media | None:
    return next((one for kind, one in media.items() if is_json(kind)), None)


def _statuses(found: set[int]) -> str:
    return ", ".join(map(str, sorted(found)))
