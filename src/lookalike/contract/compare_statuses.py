"""The statuses of fresh answers held against a contract: redirects, refusals, errors, other successes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from lookalike.contract.compare_answered import Answered, Rests, listed, operation_counts
from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import DOCUMENT, Support
from lookalike.contract.compare_orders import error_words, same_cause
from lookalike.contract.compare_requests import Told, laxer, refused
from lookalike.contract.contract import Contract
from lookalike.contract.kinds import Severity
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Operation
from lookalike.errors import InvalidJson
from lookalike.shape.shape import Shape

# Of who asks, and how often, but not of the operation.
_SAYS_NOTHING = frozenset({401, 403, 429})
GONE = frozenset({404, 410})
_WHO_ASKS = frozenset({401, 403})
BODYLESS = frozenset({204, 205, 304})
# A PUT creates (201) or replaces (200, 204), as it finds the resource (RFC 9110, section 9.3.4).
_PUT_AGAIN = frozenset({"200", "204"})


def compare_statuses(
    contract: Contract,
    operation: Operation,
    answers: Sequence[Answered],
    latest: Sequence[Answered],
    rests: Rests,
    *,
    proven: bool,
) -> Iterator[Finding]:
    """What the statuses of an operation's answers contradict.

    latest: of the answers that are no redirects, the last one to each request
    proven: the credentials are good elsewhere
    """
    yield from _redirects(operation, answers, rests)
    yield from _failures(operation, latest, rests, proven)
    yield from _successes(operation, latest, rests)
    yield from _errors(contract, operation, latest)
    yield from _laxer(contract, operation, latest)


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
    before = f"{listed(operation.success_statuses)}, {words}"
    gone = [one for status in sorted(GONE & set(failed)) for one in failed.pop(status)]
    if gone and not succeeded:
        certain = len(gone) > 1 or "{" not in operation.path
        statuses = "|".join(sorted({str(one.response.status) for one in gone}))
        yield Finding(
            "path-gone" if certain else "fixture-gone", "", ("path",), before=before,
            now=f"{statuses} for {listed([one.target for one in gone])}", k=len(gone), m=len(good),
        )  # fmt: skip
    for status, group in sorted(failed.items()):
        if status in _WHO_ASKS and not proven:
            continue
        kind = "auth-changed" if status in _WHO_ASKS else "success-gone"
        to_blame = blamed(operation, group)
        for (told, place), those in sorted(to_blame.items()):
            now = f"{status} for {listed([one.target for one in those])}"
            severity = Severity.BREAKING if told == "request-part-removed" else None
            yield Finding(
                told, "", (place,), before, now, severity=severity, support=support, k=len(those), m=len(good),
            )  # fmt: skip
        if to_blame:
            continue
        now = f"{status} for {listed([one.target for one in group])}"
        # Credentials that are proven elsewhere leave nothing to chance.
        rest = DOCUMENT if status in _WHO_ASKS else support
        yield Finding(
            kind, "", ("status",), before=before, now=now, detail=str(status), support=rest, k=len(group), m=len(good),
        )  # fmt: skip


def blamed(operation: Operation, group: Sequence[Answered]) -> dict[Told, list[Answered]]:
    """What of the requests the refusals among answers name, with those that do."""
    found: dict[Told, list[Answered]] = {}
    for one in group:
        for told in refused(operation, one.target, one.content, one.kind, one.response):
            found.setdefault(told, []).append(one)
    return found


def _laxer(contract: Contract, operation: Operation, answers: Sequence[Answered]) -> Iterator[Finding]:
    counts = operation_counts(contract, operation)
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
        now = f"{status} for {listed([one.target for one, _, _ in those])}"
        yield Finding(
            "error-status-changed", "", ("status",), error_words(was, word, shape), now, f"{was} {status}",
            support=support, k=len(those), m=len(those),
        )  # fmt: skip
    for status, group in sorted(added.items()):
        now = f"{status} for {listed([one.target for one in group])}"
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
    before = f"{listed(operation.success_statuses)}, {words}"
    had_json = any(is_json(kind) for status in operation.success_statuses for kind in _media(operation, status))
    for status, group in sorted(fresh.items()):
        empty = had_json and status in BODYLESS
        yield Finding(
            "body-empty" if empty else "success-status-changed", "", ("body" if empty else "status",),
            before=before + (" with a JSON body" if empty else ""),
            now=f"{status} for {listed([one.target for one in group])}",
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
