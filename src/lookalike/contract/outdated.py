"""What a mock says that was so once: an earlier era had it, and the current one hasn't, however young it still is.

A new era has few answers, so that what contradicts it is only a warning by itself. Where the earlier era knew just what
the mock says, and chance doesn't explain that the new one has none of it, the mock is of yesterday: a violation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lookalike.contract.counts import AnswerCounts, OperationCounts
from lookalike.mismatch import Mismatch
from lookalike.shape import statements
from lookalike.shape.formats import BY_NAME, has_format
from lookalike.shape.policy import DEFAULT, Prior, p_at_least, size
from lookalike.shape.shape import Shape


def of_body(one: Mismatch, path: Sequence[str | int], value: Any, shape: Shape, past: Shape) -> Mismatch:
    """A mismatch of a body at a path, as a violation where the value is what was said there before the era."""
    if one.level != "warning" or one.got == "missing":
        return one
    words = _key(path, value, shape, past) or _kind(path, value, shape, past)
    return _of_yesterday(one, words, past.last) if words else one


def of_answer(one: Mismatch, status: str, now: OperationCounts, before: OperationCounts | None) -> Mismatch:
    """A mismatch about a status that isn't answered any more, as a violation where it was before the era."""
    answer = before.answers.get(status) if before is not None else None
    if before is None or answer is None or status in now.answers:
        return one
    seen = sum(found.n for name, found in before.answers.items() if name < "4")
    fresh = int(size(now.n, max(1, len(now.targets))))
    words = f"in {_share(answer.n, seen, 'answer')}"
    return _of_yesterday(one, words, answer.last) if _gone(answer.n, seen, len(before.targets), fresh) else one


def of_media(one: Mismatch, kind: str, now: AnswerCounts, before: AnswerCounts | None) -> Mismatch:
    """A mismatch about a media type that isn't sent any more, as a violation where it was before the era."""
    body = before.media.get(kind) if before is not None else None
    if before is None or body is None or kind in now.media or not _gone(body.n, before.n, 1, now.n):
        return one
    return _of_yesterday(one, f"in {_share(body.n, before.n, 'answer')}", before.last)


def _of_yesterday(one: Mismatch, words: str, last: str) -> Mismatch:
    until = f"so until {last}" if last else "so before"
    return replace(one, evidence=f"{until}: {words}; gone since", level="violation")


def _key(path: Sequence[str | int], value: Any, shape: Shape, past: Shape) -> str:
    """Words for a key that is gone, `""` where it isn't one."""
    if not path or not isinstance(path[-1], str):
        return ""
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    now, before = statements.at(shape, value, path[:-1]), statements.at(past, value, path[:-1])
    if now is None or before is None or not isinstance(holder, dict):
        return ""
    known = statements.branch(before, holder).properties.get(path[-1])
    if known is None or path[-1] in statements.branch(now, holder).properties or not now.objects:
        return ""
    fresh = int(size(now.objects, now.targets))
    if not _gone(known.present, known.of, before.targets, fresh):
        return ""
    return f"present in {_share(known.present, known.of, 'object')}"


def _kind(path: Sequence[str | int], value: Any, shape: Shape, past: Shape) -> str:
    """Words for a value of a kind, or of a format, that is gone; `""` where it isn't so."""
    now, before = statements.at(shape, value, path), statements.at(past, value, path)
    for step in path:
        value = value[step]
    if now is None or before is None or value is None or not before.kinds or statements.contradicts(before, value):
        return ""
    if statements.contradicts(now, value):
        return "" if _numeric(now) & _numeric(before) else _first_words(statements.of_kinds(before))
    formats = isinstance(value, str) and now.format and before.format and now.format != before.format
    if formats and has_format(value, before.format) and not has_format(value, now.format):
        return _first_words(statements.of_strings(before, BY_NAME[before.format].words))
    return ""


def _numeric(shape: Shape) -> set[str]:
    """Kinds, where a whole number may be a number by chance."""
    return {"number" if kind == "integer" else kind for kind in shape.kinds}


def _first_words(evidence: str) -> str:
    """Evidence without its responses and days: those are said before it."""
    return evidence.partition(", in ")[0]


def _share(k: int, n: int, noun: str) -> str:
    if k < n:
        return f"{k} of the {n} {noun}s seen"
    return f"all {n} {noun}s seen" if n != 1 else f"the only {noun} seen"


def _gone(k: int, n: int, targets: int, fresh: int) -> bool:
    """Whether none in `fresh` samples would be a rare accident, where `k` of `n` had it before."""
    s = size(n, max(1, min(targets, n)))
    had = s * k / n
    return p_at_least(fresh, fresh, had, Prior(0.5 + s - had, 0.5)) <= DEFAULT.drift
