"""The fresh answers of one operation held against its contract: status, redirects, media type, headers, body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lookalike.contract.compare_answered import (
    Answered,
    Rests,
    answer_counts,
    operation_counts,
    response_form,
    status_support,
)
from lookalike.contract.compare_content import compare_content, moved_bodies
from lookalike.contract.compare_evidence import ENDING
from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import Form
from lookalike.contract.compare_headers import compare_headers
from lookalike.contract.compare_pages import Got, Listed, pages, without_symptoms
from lookalike.contract.compare_statuses import blamed, compare_statuses
from lookalike.contract.contract import Contract
from lookalike.contract.headers import header_class
from lookalike.contract.operation import Answer, Operation
from lookalike.contract.pagination import is_size
from lookalike.contract.recording import counted_headers
from lookalike.errors import InvalidJson


def compare_operation(
    contract: Contract, operation: Operation, answers: Sequence[Answered], *, proven: bool = False
) -> list[Finding]:
    """What contradicts the contract in the fresh answers of one operation.

    proven: the credentials are good elsewhere, so that 401 and 403 speak of this operation
    """
    rests = status_support(contract, operation)
    # Several answers to one request are one fact: the last one counts.
    latest = list({one.asked: one for one in answers if one.response.status not in range(300, 400)}.values())
    found = list(compare_statuses(contract, operation, answers, latest, rests, proven=proven))
    found += moved_bodies(contract, operation, latest)
    # A refusal that says what of a good request is to blame is told as that.
    good = [one for one in latest if one.known_good]
    blaming = {one.asked for group in blamed(operation, good).values() for one in group}
    for name, group in _by_answer(operation, [one for one in latest if one.asked not in blaming]):
        found += compare_content(contract, operation, name, group, rests)
        found += _headers(contract, operation, operation.responses[name], group, rests)
        seen = answer_counts(contract, operation, name)
        if seen is not None:
            found += compare_headers(seen, counted_headers([one.response for one in group]), rests[0])
    found += _announcements(operation, latest)
    paged = list(_pages(contract, operation, latest))
    return [replace(one, operation=operation.key) for one in [*without_symptoms(found, paged), *paged]]


def listed_of(contract: Contract, operation: Operation, status: int, form: Form | None) -> Listed | None:
    """What is known of the list that an operation answers with; None where its answer is no JSON.

    form: of its body, None where nothing is said of it
    """
    answer = operation.answer(status)
    if form is None or answer is None or operation.method != "GET":
        return None
    counts = operation_counts(contract, operation)
    names = {name.lower() for name in answer.headers}
    if counts is None:
        return Listed(form, names)
    seen = counts.answers.get(answer.status)
    if seen is None:
        return None
    sized = any(map(is_size, counts.accepted.query))
    return Listed(form, names | set(seen.headers), seen, max(1, len(counts.targets)), sized)


def _pages(contract: Contract, operation: Operation, answers: Sequence[Answered]) -> Iterator[Finding]:
    if operation.method != "GET":
        return
    for name, group in _by_answer(operation, [one for one in answers if 200 <= one.response.status < 300]):
        status = group[0].response.status
        known = listed_of(contract, operation, status, response_form(contract, operation, status))
        if known is not None and name[0] == "2":
            yield from pages(known, [got for one in group if (got := _got(one)) is not None])


def _got(one: Answered) -> Got | None:
    if not one.response.is_json or one.method == "HEAD":
        return None
    try:
        return Got(one.target.partition("?")[2], one.response, one.response.json())
    except InvalidJson:
        return None


def _by_answer(operation: Operation, answers: Sequence[Answered]) -> Iterator[tuple[str, list[Answered]]]:
    """The answers whose status the contract describes, by the description's name."""
    groups: dict[str, list[Answered]] = {}
    for one in answers:
        answer = operation.answer(one.response.status)
        # `default` describes errors in nearly all documents; a success or a 5xx isn't held to it.
        if answer is not None and (answer.status != "default" or 400 <= one.response.status < 500):
            groups.setdefault(answer.status, []).append(one)
    yield from sorted(groups.items())


def _always_there(contract: Contract, operation: Operation, answer: Answer, name: str) -> bool:
    """Whether a header came with every answer seen; a learned document only names it."""
    seen = answer_counts(contract, operation, answer.status)
    return seen is not None and 0 < seen.n == seen.headers.get(name.lower())


def _headers(
    contract: Contract, operation: Operation, answer: Answer, group: list[Answered], rests: Rests
) -> Iterator[Finding]:
    support, words = rests
    for name, header in sorted(answer.headers.items()):
        if header_class(name) != "contract" or name.lower() == "content-type":
            continue
        if not (header.required or _always_there(contract, operation, answer, name)):
            continue
        missing = [one for one in group if name not in one.response.headers]
        if not missing:
            continue
        everywhere = len(missing) == len(group)
        yield Finding(
            "header-removed" if everywhere else "header-became-optional", "", (f"header {name}",),
            before=f"always there, {words}",
            now=f"missing in {among(len(missing), len(group), 'answer')}",
            support=support, k=len(missing), m=len(group),
        )  # fmt: skip


def _announcements(operation: Operation, answers: Sequence[Answered]) -> Iterator[Finding]:
    for one in answers:
        announced = {name: one.response.headers[name] for name in ENDING if name in one.response.headers}
        answer = operation.answer(one.response.status)
        known = {name.lower() for name in answer.headers} if answer is not None else set()
        fresh = {name: value for name, value in announced.items() if name not in known}
        if fresh:
            now = ", ".join(f"{name.title()}: {value}" for name, value in sorted(fresh.items()))
            yield Finding("deprecated", "", (f"header {min(fresh).title()}",), before="not announced", now=now)
            return
