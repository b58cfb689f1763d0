"""The fresh answers of one operation held against its contract: status, redirects, media type, headers, body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lookalike.codec import json_faults
from lookalike.contract.compare_asked import Asked, names_credentials
from lookalike.contract.compare_body import compare_body
from lookalike.contract.compare_column import Column
from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import DOCUMENT, SAYS, Form, Support, form_of
from lookalike.contract.compare_headers import compare_headers
from lookalike.contract.compare_orders import error_words, same_cause, unsorted
from lookalike.contract.compare_requests import Told, laxer, refused
from lookalike.contract.contract import Contract
from lookalike.contract.counts import AnswerCounts
from lookalike.contract.headers import header_class
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.openapi import is_json, media_for
from lookalike.contract.operation import Answer, Operation
from lookalike.contract.recording import counted_headers
from lookalike.contract.schemas import Bundler
from lookalike.contract.sorting import NO_LIST, Sorting, asks_for_order
from lookalike.counted import counted
from lookalike.errors import InvalidJson
from lookalike.messages import Response
from lookalike.shape.policy import grade, size
from lookalike.shape.shape import Shape

# Of who asks, and how often, but not of the operation.
_SAYS_NOTHING = frozenset({401, 403, 429})
_GONE = frozenset({404, 410})
_WHO_ASKS = frozenset({401, 403})
_BODYLESS = frozenset({204, 205, 304})
# Announcements of the end: RFC 9745 and RFC 8594.
_ENDING = ("deprecation", "sunset")
# A PUT creates (201) or replaces (200, 204), as it finds the resource (RFC 9110, section 9.3.4).
_PUT_AGAIN = frozenset({"200", "204"})
# What a statement rests on, and that in words.
Rests = tuple[Support, str]
_QUOTED = re.compile(r"'.*?'")


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: what was asked (the target, `/todos/1?x=y`), whether it used to succeed, and what came.

    body: a hash of what was sent with it: what tells one request from another to the same target
    day:  when it came, `YYYY-MM-DD`, `""` where unknown
    content: what was sent with it, kind: its media type; authorized: credentials, as it seems
    """

    target: str
    known_good: bool
    method: str
    response: Response
    body: int = 0
    day: str = ""
    content: bytes = b""
    authorized: bool = False
    kind: str = ""

    @property
    def asked(self) -> tuple[str, int]:
        """What tells this request from others of the operation."""
        return self.target, self.body


def compare_operation(
    contract: Contract, operation: Operation, answers: Sequence[Answered], *, proven: bool = False
) -> list[Finding]:
    """What contradicts the contract in the fresh answers of one operation.

    proven: the credentials are good elsewhere, so that 401 and 403 speak of this operation
    """
    rests = status_support(contract, operation)
    found = [*_redirects(operation, answers, rests)]
    # Several answers to one request are one fact: the last one counts.
    latest = list({one.asked: one for one in answers if one.response.status not in range(300, 400)}.values())
    found += _failures(operation, latest, rests, proven)
    found += _successes(operation, latest, rests)
    found += [*_errors(contract, operation, latest), *_laxer(contract, operation, latest)]
    found += _moved_bodies(contract, operation, latest)
    # A refusal that says what of a good request is to blame is told as that.
    good = [one for one in latest if one.known_good]
    blaming = {one.asked for group in _blamed(operation, good).values() for one in group}
    for name, group in _by_answer(operation, [one for one in latest if one.asked not in blaming]):
        found += _body(contract, operation, name, group, rests)
        found += _headers(contract, operation, operation.responses[name], group, rests)
        seen = answer_counts(contract, operation, name)
        if seen is not None:
            found += compare_headers(seen, counted_headers([one.response for one in group]), rests[0])
    found += _announcements(operation, latest)
    return [replace(one, operation=operation.key) for one in found]


def response_form(contract: Contract, operation: Operation, status: int) -> Form | None:
    """What the contract says of an operation's JSON body with a status, None where it says nothing."""
    answer = operation.answer(status)
    media = next((one for kind, one in (answer.media if answer else {}).items() if is_json(kind)), None)
    if media is None or media.schema is None:
        return None
    schema = Bundler(contract.document, "response").bundle(media.schema, media.pointer)
    return form_of(schema, contract.shape_of(operation, status))


def status_support(contract: Contract, operation: Operation) -> Rests:
    """What "this operation succeeds with this status" rests on, and that in words."""
    counts = contract.evidence.counts_of(operation) if contract.learned and contract.evidence is not None else None
    if counts is None:
        return DOCUMENT, SAYS
    seen = sum(answer.n for status, answer in counts.answers.items() if status.startswith("2"))
    targets = max(1, len(counts.targets))
    s = size(seen, targets)
    return Support(s, grade(s, targets)), f"in {among(seen, seen, 'response')} seen"


def _redirects(operation: Operation, answers: Sequence[Answered], rests: Rests) -> Iterator[Finding]:
    fresh = [one for one in answers if 300 <= one.response.status < 400 and one.response.status != 304]
    fresh = [one for one in fresh if not operation.names(one.response.status)]
    if not fresh:
        return
    first = fresh[0]
    location = first.response.headers.get("location", "")
    host = _host(location)
    where = f"{first.response.status} to {_place_of(location)}"
    asked = {one.asked for one in answers}
    yield Finding(
        "redirected", "", ("status",), before="answered directly", now=f"{where}, asked for {first.target}",
        detail=f"{first.response.status} {host}".strip(), support=rests[0],
        k=len({one.asked for one in fresh}), m=len(asked),
    )  # fmt: skip


def _host(location: str) -> str:
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""


def _place_of(location: str) -> str:
    """A location without user, password and query, which may hold credentials."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return "nowhere"
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    return host + parts.path or "nowhere"


def _failures(operation: Operation, answers: Sequence[Answered], rests: Rests, proven: bool) -> Iterator[Finding]:
    """What used to succeed and is refused now."""
    if not operation.success_statuses:
        return
    good = [one for one in answers if one.known_good]
    failed: dict[int, list[Answered]] = {}
    for one in good:
        if 400 <= one.response.status < 500 and one.response.status != 429:
            failed.setdefault(one.response.status, []).append(one)
    succeeded = any(one.response.status < 400 for one in good)
    support, words = rests
    before = f"{_listed(operation.success_statuses)}, {words}"
    gone = [one for status in sorted(_GONE & set(failed)) for one in failed.pop(status)]
    if gone and not succeeded:
        certain = len(gone) > 1 or "{" not in operation.path
        statuses = "|".join(sorted({str(one.response.status) for one in gone}))
        yield Finding(
            "path-gone" if certain else "fixture-gone", "", ("path",), before=before,
            now=f"{statuses} for {_listed([one.target for one in gone])}", k=len(gone), m=len(good),
        )  # fmt: skip
    for status, group in sorted(failed.items()):
        if status in _WHO_ASKS and not proven:
            continue
        kind = "auth-changed" if status in _WHO_ASKS else "success-gone"
        blamed = _blamed(operation, group)
        for (told, place), those in sorted(blamed.items()):
            now = f"{status} for {_listed([one.target for one in those])}"
            severity = Severity.BREAKING if told == "request-part-removed" else None
            yield Finding(
                told, "", (place,), before, now, severity=severity, support=support, k=len(those), m=len(good),
            )  # fmt: skip
        if blamed:
            continue
        now = f"{status} for {_listed([one.target for one in group])}"
        # Credentials that are proven elsewhere leave nothing to chance.
        rest = DOCUMENT if status in _WHO_ASKS else support
        yield Finding(
            kind, "", ("status",), before=before, now=now, detail=str(status), support=rest, k=len(group), m=len(good),
        )  # fmt: skip


def _blamed(operation: Operation, group: Sequence[Answered]) -> dict[Told, list[Answered]]:
    """What of the requests the refusals name, with the answers that do."""
    found: dict[Told, list[Answered]] = {}
    for one in group:
        for told in refused(operation, one.target, one.content, one.kind, one.response):
            found.setdefault(told, []).append(one)
    return found


def _laxer(contract: Contract, operation: Operation, answers: Sequence[Answered]) -> Iterator[Finding]:
    counts = contract.evidence.counts_of(operation) if contract.learned and contract.evidence is not None else None
    found: dict[str, int] = {}
    for one in answers:
        for place in laxer(operation, one.target, one.content, one.response, counts):
            found[place] = found.get(place, 0) + 1
    for place, k in sorted(found.items()):
        now = f"taken without it, in {among(k, len(answers), 'answer')}"
        yield Finding("request-laxer", "", (place,), before="required", now=now, k=k, m=len(answers))


def _errors(contract: Contract, operation: Operation, answers: Sequence[Answered]) -> Iterator[Finding]:
    """Errors with a status that is new, or that another one had for the same cause."""
    codes = [int(name) for name in operation.responses if name[:1] == "4" and name.isdigit()]
    shapes = {str(code): shape for code in codes if (shape := contract.shape_of(operation, code)) is not None}
    fresh = [
        one for one in answers if 400 <= one.response.status < 500 and one.response.status not in _SAYS_NOTHING
        and not one.known_good
    ]  # fmt: skip
    groups: dict[tuple[str, int], list[tuple[Answered, str, Shape]]] = {}
    added: dict[int, list[Answered]] = {}
    for one in fresh:
        status = one.response.status
        try:
            body = one.response.json() if one.response.content and one.response.is_json else None
        except InvalidJson:
            body = None
        same = same_cause(body, str(status), shapes)
        if same is not None:
            groups.setdefault((same[0], status), []).append((one, same[1], same[2]))
        elif operation.answer(status) is None:
            added.setdefault(status, []).append(one)
    for (was, status), those in sorted(groups.items()):
        _, word, shape = those[0]
        support = Support(shape.size, shape.grade)
        now = f"{status} for {_listed([one.target for one, _, _ in those])}"
        yield Finding(
            "error-status-changed", "", ("status",), error_words(was, word, shape), now, f"{was} {status}",
            support=support, k=len(those), m=len(those),
        )  # fmt: skip
    for status, group in sorted(added.items()):
        now = f"{status} for {_listed([one.target for one in group])}"
        yield Finding("error-status-added", "", ("status",), before="unknown", now=now, detail=str(status))


def _successes(operation: Operation, answers: Sequence[Answered], rests: Rests) -> Iterator[Finding]:
    if not operation.success_statuses:
        return
    good = [one for one in answers if 200 <= one.response.status < 300]
    fresh: dict[int, list[Answered]] = {}
    for one in good:
        if operation.answer(one.response.status) is None:
            fresh.setdefault(one.response.status, []).append(one)
    support, words = rests
    before = f"{_listed(operation.success_statuses)}, {words}"
    had_json = any(is_json(kind) for status in operation.success_statuses for kind in _media(operation, status))
    for status, group in sorted(fresh.items()):
        empty = had_json and status in _BODYLESS
        yield Finding(
            "body-empty" if empty else "success-status-changed", "", ("body" if empty else "status",),
            before=before + (" with a JSON body" if empty else ""),
            now=f"{status} for {_listed([one.target for one in group])}",
            detail=str(status), support=support, k=len(group), m=len(good),
            statement="values" if _put_either_way(operation, status) else "status",
        )  # fmt: skip


def _put_either_way(operation: Operation, status: int) -> bool:
    """Whether a new success status only says that a PUT found, or didn't find, what it replaces."""
    if operation.method != "PUT":
        return False
    known = set(map(str, operation.success_statuses))
    return known <= _PUT_AGAIN if status == 201 else known == {"201"} and str(status) in _PUT_AGAIN


def _media(operation: Operation, status: int) -> Sequence[str]:
    answer = operation.answer(status)
    return tuple(answer.media) if answer is not None else ()


def _by_answer(operation: Operation, answers: Sequence[Answered]) -> Iterator[tuple[str, list[Answered]]]:
    """The answers whose status the contract describes, by the description's name."""
    groups: dict[str, list[Answered]] = {}
    for one in answers:
        answer = operation.answer(one.response.status)
        # `default` describes errors in nearly all documents; a success or a 5xx isn't held to it.
        if answer is not None and (answer.status != "default" or 400 <= one.response.status < 500):
            groups.setdefault(answer.status, []).append(one)
    yield from sorted(groups.items())


def _body(contract: Contract, operation: Operation, name: str, group: list[Answered], rests: Rests) -> list[Finding]:
    answer = operation.responses[name]
    first = group[0].response.status
    if not answer.media or first in _BODYLESS:
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
        asked = [Asked(one.day, _stranger(one, known), one.target, one.content) for one in parsed]
        found += compare_body(form, Column([[value] for value in values]), asked=asked)
        told = [value for value, one in zip(values, parsed, strict=True) if not asks_for_order(one.target)]
        found += unsorted(_order(contract, operation, answer), told, form.support)
    return [in_error(one, str(first)) for one in found] if first >= 400 else found


def _order(contract: Contract, operation: Operation, answer: Answer) -> Sorting:
    seen = answer_counts(contract, operation, answer.status)
    return sum((body.order for body in seen.media.values()), NO_LIST) if seen is not None else NO_LIST


def _broken_before(contract: Contract, operation: Operation, answer: Answer) -> bool:
    """Whether bodies that claim to be JSON and aren't were among those that were learned."""
    counts = contract.evidence.counts_of(operation) if contract.learned and contract.evidence is not None else None
    seen = counts.answers.get(answer.status) if counts is not None else None
    return seen is not None and any(body.broken for body in seen.media.values())


def _moved_bodies(contract: Contract, operation: Operation, answers: Sequence[Answered]) -> list[Finding]:
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


def in_error(one: Finding, status: str) -> Finding:
    """A finding in the body of an error: code maps errors by it, and that is all."""
    places = tuple(f"{status} {place}" for place in one.places)
    severity = one.severity or KINDS[one.kind].severity
    if severity.rank > Severity.RISKY.rank:
        return replace(one, places=places)
    detail = " ".join(part for part in (one.kind, one.detail) if part)
    return replace(one, kind="error-body-changed", places=places, severity=Severity.RISKY, detail=detail)


def _always_there(contract: Contract, operation: Operation, answer: Answer, name: str) -> bool:
    """Whether a header came with every answer seen; a learned document only names it."""
    seen = answer_counts(contract, operation, answer.status)
    return seen is not None and 0 < seen.n == seen.headers.get(name.lower())


def answer_counts(contract: Contract, operation: Operation, status: str) -> AnswerCounts | None:
    """What was counted of an operation's answers with a status, None for a document."""
    counts = contract.evidence.counts_of(operation) if contract.learned and contract.evidence is not None else None
    return counts.answers.get(status) if counts is not None else None


def _credentials_told(contract: Contract, operation: Operation, answer: Answer) -> list[str]:
    """The headers about the request's credentials that every answer seen had."""
    seen = answer_counts(contract, operation, answer.status)
    return [name for name, n in seen.headers.items() if n == seen.n and names_credentials(name)] if seen else []


def _stranger(one: Answered, known: Sequence[str]) -> bool:
    return bool(known) and not one.authorized and not any(name in one.response.headers for name in known)


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
        announced = {name: one.response.headers[name] for name in _ENDING if name in one.response.headers}
        answer = operation.answer(one.response.status)
        known = {name.lower() for name in answer.headers} if answer is not None else set()
        fresh = {name: value for name, value in announced.items() if name not in known}
        if fresh:
            now = ", ".join(f"{name.title()}: {value}" for name, value in sorted(fresh.items()))
            yield Finding("deprecated", "", (f"header {min(fresh).title()}",), before="not announced", now=now)
            return


def _listed(values: Sequence[object]) -> str:
    shown = ", ".join(map(str, values[:3]))
    return f"{shown} and {len(values) - 3} more" if len(values) > 3 else shown
