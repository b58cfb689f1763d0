"""The bodies of fresh answers held against a contract: media type, clean JSON, what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lookalike.codec import json_faults
from lookalike.contract.compare_answered import (
    Answered,
    Rests,
    answer_counts,
    in_error,
    operation_counts,
    response_form,
)
from lookalike.contract.compare_asked import Asked, names_credentials
from lookalike.contract.compare_body import compare_body
from lookalike.contract.compare_column import Column
from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import DOCUMENT
from lookalike.contract.compare_orders import json_counts, keys_otherwise, unsorted
from lookalike.contract.compare_sent import Usual
from lookalike.contract.compare_statuses import BODYLESS
from lookalike.contract.contract import Contract
from lookalike.contract.openapi import is_json, media_for
from lookalike.contract.operation import Answer, Operation
from lookalike.contract.sorting import NO_LIST, Sorting, asks_for_order
from lookalike.counted import counted
from lookalike.errors import InvalidJson
from lookalike.messages import Response

_QUOTED = re.compile(r"'.*?'")


def compare_content(
    contract: Contract, operation: Operation, name: str, group: list[Answered], rests: Rests
) -> list[Finding]:
    answer = operation.responses[name]
    first = group[0].response.status
    if not answer.media or first in BODYLESS:
        return []
    bodies = [one for one in group if one.method != "HEAD"]
    json_known = any(is_json(kind) for kind in answer.media)
    empty = [one for one in bodies if json_known and not one.response.content]
    other = [one for one in bodies if one.response.content and not _known_media(answer, one.response)]
    found = [*_empty(contract, operation, first, empty, bodies), *_other_media(answer, other, bodies, rests)]
    rest = [one for one in bodies if one not in empty and one not in other and one.response.is_json]
    values, parsed, malformed = _decoded(rest)
    found += [replace(one, support=rests[0]) for one in malformed if not _broken_before(contract, operation, answer)]
    form = response_form(contract, operation, first)
    if form is not None and values:
        known = _credentials_told(contract, operation, answer)
        asked = [
            Asked(one.day, _stranger(one, known), one.target, one.content, one.method == "PATCH") for one in parsed
        ]
        usual = _usual(contract, operation)
        found += compare_body(form, Column([[value] for value in values]), asked=asked, usual=usual)
        told = [value for value, one in zip(values, parsed, strict=True) if not asks_for_order(one.target)]
        found += unsorted(_order(contract, operation, answer), told, form.support)
        seen = json_counts(answer_counts(contract, operation, answer.status))
        if seen is not None:
            found += keys_otherwise(seen.keys, seen.n, form, values)
    return [in_error(one, str(first)) for one in found] if first >= 400 else found


def _usual(contract: Contract, operation: Operation) -> Usual:
    """What the learned requests had; nothing for a document."""
    counts = operation_counts(contract, operation)
    if counts is None or contract.evidence is None:
        return Usual()
    accepted = counts.accepted
    always = frozenset(name for name, one in accepted.query.items() if one.n >= accepted.n)
    return Usual(contract.evidence.request_shape(operation), always)


def _order(contract: Contract, operation: Operation, answer: Answer) -> Sorting:
    seen = answer_counts(contract, operation, answer.status)
    return sum((body.order for body in seen.media.values()), NO_LIST) if seen is not None else NO_LIST


def _broken_before(contract: Contract, operation: Operation, answer: Answer) -> bool:
    """Whether bodies that claim to be JSON and aren't were among those that were learned."""
    seen = answer_counts(contract, operation, answer.status)
    return seen is not None and any(body.broken for body in seen.media.values())


def moved_bodies(contract: Contract, operation: Operation, answers: Sequence[Answered]) -> list[Finding]:
    """What else changed in bodies that come with a new success status: they are held to those of the old one."""
    forms = (response_form(contract, operation, status) for status in operation.success_statuses)
    form = next((form for form in forms if form is not None), None)
    fresh = [
        one
        for one in answers
        if 200 <= one.response.status < 300 and operation.answer(one.response.status) is None and one.method != "HEAD"
    ]
    values, _, malformed = _decoded([one for one in fresh if one.response.content and one.response.is_json])
    return [*malformed, *compare_body(form, Column([[value] for value in values]))] if form is not None else []


def _known_media(answer: Answer, response: Response) -> bool:
    kind = response.content_type
    return media_for(answer.media, kind) is not None or (is_json(kind) and any(map(is_json, answer.media)))


def _empty(
    contract: Contract, operation: Operation, status: int, empty: list[Answered], bodies: list[Answered]
) -> Iterator[Finding]:
    form = response_form(contract, operation, status)
    if empty:
        support = form.support if form is not None else DOCUMENT
        yield Finding(
            "body-empty", "", ("body",), before="a JSON body",
            now=f"no body, in {among(len(empty), len(bodies), 'answer')}", support=support,
            k=len(empty), m=len(bodies),
        )  # fmt: skip


def _other_media(answer: Answer, other: list[Answered], bodies: list[Answered], rests: Rests) -> Iterator[Finding]:
    for kind in sorted({one.response.content_type for one in other}):
        k = sum(one.response.content_type == kind for one in other)
        yield Finding(
            "media-type-changed", "", ("header Content-Type",), before=" or ".join(sorted(answer.media)),
            now=f"{kind or 'none'}, in {among(k, len(bodies), 'answer')}", detail=kind or "none",
            support=rests[0], k=k, m=len(bodies), statement="status" if "html" in kind else "values",
        )  # fmt: skip


def _decoded(answers: list[Answered]) -> tuple[list[object], list[Answered], list[Finding]]:
    values: list[object] = []
    parsed: list[Answered] = []
    faults: dict[str, list[str]] = {}
    for one in answers:
        for fault in json_faults(one.response.body):
            # A name or a position in it would make the fingerprint another one each time.
            faults.setdefault(_QUOTED.sub("", fault).partition(":")[0].strip(), []).append(fault)
        try:
            values.append(one.response.json())
            parsed.append(one)
        except InvalidJson:
            continue
    found = [
        Finding(
            "json-malformed", "", ("body",), before="clean JSON", now=f"{words[0]}, in {counted(len(words), 'place')}",
            detail=detail,
        )
        for detail, words in sorted(faults.items())
    ]  # fmt: skip
    return values, parsed, found


def _credentials_told(contract: Contract, operation: Operation, answer: Answer) -> list[str]:
    """The headers about the request's credentials that every answer seen had."""
    seen = answer_counts(contract, operation, answer.status)
    return [name for name, n in seen.headers.items() if n == seen.n and names_credentials(name)] if seen else []


def _stranger(one: Answered, known: Sequence[str]) -> bool:
    return bool(known) and not one.authorized and not any(name in one.response.headers for name in known)
