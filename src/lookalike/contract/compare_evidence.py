"""What evidence shows to evidence besides headers and shapes: broken bodies, redirects, ends, requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lookalike.contract.compare_answered import operation_counts, status_support
from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import Support
from lookalike.contract.contract import Contract
from lookalike.contract.counts import AnswerCounts, OperationCounts
from lookalike.contract.drift import last_part
from lookalike.contract.headers import header_class
from lookalike.contract.operation import Answer, Operation

# Announcements of the end: RFC 9745 and RFC 8594.
ENDING = ("deprecation", "sunset")


# What requests that were taken don't show: that others are refused, and what is read where nothing is sent.
_REFUSALS = frozenset({
    "request-type-narrowed", "request-null-refused", "request-enum-value-gone", "request-became-enum",
    "request-limit-tightened", "request-part-removed", "request-media-type-removed", "request-default-changed",
})  # fmt: skip
_DEMANDS = frozenset({"request-became-required", "request-requires-more"})
# What a document says besides what was sent so far is no change.
_BEYOND = frozenset({"request-type-widened", "request-default-changed"})


def sayable(
    found: Iterable[Finding], old: Contract, new: Contract, counts: OperationCounts | None
) -> Iterator[Finding]:
    """Findings about requests, without those that a learned contract can't make.

    counts: what was counted of the operation for the newer contract; only a refusal shows that something is required
    """
    for one in found:
        if (new.learned and one.kind in _REFUSALS) or (old.learned and not new.learned and one.kind in _BEYOND):
            continue
        if counts is None or one.kind not in _DEMANDS or _demanded(one, counts):
            yield one
        elif one.kind == "request-requires-more":
            yield replace(one, kind="request-part-added", now=one.now.replace("required", "sent"))


def _demanded(one: Finding, counts: OperationCounts) -> bool:
    return bool(counts.refused.named.get(last_part(one.places[0]), {}).get("missing"))


def malformed(old: AnswerCounts | None, new: AnswerCounts | None) -> Iterator[Finding]:
    """Bodies that claim to be JSON and aren't, where none was before."""
    broken, bodies = _broken(new)
    if broken and not _broken(old)[0]:
        now = f"not JSON in {among(broken, bodies, 'answer')}"
        yield Finding("json-malformed", "", ("body",), before="clean JSON", now=now, detail="not JSON")


def _broken(counts: AnswerCounts | None) -> tuple[int, int]:
    media = counts.media.values() if counts is not None else ()
    return sum(body.broken for body in media), sum(body.n for body in media)


def announced(old: AnswerCounts, new: AnswerCounts) -> Iterator[Finding]:
    """The end of an operation, announced by a header that no answer had."""
    fresh = [name for name in ENDING if name in new.headers and name not in old.headers]
    if fresh:
        now = f"in {among(new.headers[fresh[0]], new.n, 'answer')}"
        yield Finding("deprecated", "", (f"header {min(fresh).title()}",), before="not announced", now=now)


def lost_headers(
    known: Answer, old: AnswerCounts | None, new: AnswerCounts, rests: tuple[Support, str]
) -> Iterator[Finding]:
    """Headers that a client relies on, which every answer had and some or all of the newer ones lack.

    old: what was counted of the answers before, None for a document; rests: what their success rests on
    """
    support, words = rests
    for name, header in sorted(known.headers.items()):
        always = header.required or (old is not None and 0 < old.n == old.headers.get(name.lower()))
        missing = new.n - new.headers.get(name.lower(), 0)
        if header_class(name) != "contract" or name.lower() == "content-type" or not always or not missing:
            continue
        yield Finding(
            "header-removed" if missing == new.n else "header-became-optional", "", (f"header {name}",),
            f"always there, {words}", f"missing in {among(missing, new.n, 'answer')}", support=support, k=missing,
            m=new.n,
        )  # fmt: skip


def redirected(before: Contract, old: Operation, after: Contract, new: Operation) -> Iterator[Finding]:
    """Redirects where there were none."""
    known, fresh = operation_counts(before, old), operation_counts(after, new)
    if known is None or fresh is None or not old.success_statuses:
        return
    statuses = [status for status in _redirects(fresh) if status not in _redirects(known)]
    k, m = sum(fresh.answers[status].n for status in statuses), sum(one.n for one in fresh.answers.values())
    if k:
        support, words = status_support(before, old)
        now = f"{', '.join(statuses)} in {among(k, m, 'answer')}"
        yield Finding(
            "redirected", "", ("status",), f"answered directly, {words}", now, ", ".join(statuses), support=support,
            k=k, m=m,
        )  # fmt: skip


def _redirects(counts: OperationCounts) -> list[str]:
    return sorted(status for status in counts.answers if status.startswith("3") and status != "304")
