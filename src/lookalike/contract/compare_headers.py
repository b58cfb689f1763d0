"""What is known of the headers of answers held against those of later ones: fresh answers, or other evidence."""

from __future__ import annotations

from collections.abc import Iterator

from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import Support
from lookalike.contract.counts import MANY, AnswerCounts
from lookalike.contract.header_words import HTTP, kept_of
from lookalike.contract.headers import header_class
from lookalike.contract.kinds import Severity
from lookalike.contract.render import header_name
from lookalike.counted import counted
from lookalike.shape.policy import judge

_UTF_8 = frozenset({"utf-8", "utf8", ""})
_WIDER = {"integer": {"number"}, "date": {"date-time"}}
_CODING = "content-encoding"
_TOLD_ELSEWHERE = frozenset({"deprecation", "sunset"})
_KINDS = {"charset": "charset-changed", "version": "api-version-moved", "limit": "rate-limit-changed"}
_PLACES = {"charset": "header Content-Type"}


def compare_headers(old: AnswerCounts, new: AnswerCounts, support: Support) -> Iterator[Finding]:
    """What the headers of later answers say that those before never did; `header-removed` is told elsewhere.

    support: what "these headers come with every answer" rests on
    """
    if not old.n or not new.n or MANY in old.headers or MANY in new.headers:
        return
    for name in sorted(new.words):
        if name in old.words or (name == "content-type" and old.words):
            yield from _said(name, old, new, support)
    yield from _came_and_went(old, new, support)
    yield from _connection(old, new, support)


def _said(name: str, old: AnswerCounts, new: AnswerCounts, support: Support) -> Iterator[Finding]:
    """A charset, a version, a limit or a form that a header never had."""
    before, now = old.words.get(name, {}), new.words[name]
    if MANY in before or MANY in now:
        return
    kept = kept_of(name)
    known = set(before)
    if kept == "charset":
        known |= _UTF_8 if not before or known & _UTF_8 else set()
    fresh = sorted(word for word in now if word not in known)
    if kept == "form":
        if known & {"text", "empty"} or all(_WIDER.get(word, set()) & known for word in fresh):
            return
        fresh = [word for word in fresh if word != "empty"]
    if not fresh:
        return
    k = sum(now[word] for word in fresh)
    kind = _KINDS.get(kept, "header-type-changed")
    place = _PLACES.get(kept, f"header {header_name(name)}")
    words = f"{', '.join(sorted(before)) or 'none named'} in {counted(sum(before.values()) or old.n, 'answer')} seen"
    shown = f"{', '.join(fresh)}, in {among(k, new.n, 'answer')}"
    detail = "" if kept == "limit" else ", ".join(fresh)
    yield Finding(kind, "", (place,), words, shown, detail, support=support, k=k, m=new.n, statement="header")


def _came_and_went(old: AnswerCounts, new: AnswerCounts, support: Support) -> Iterator[Finding]:
    """Headers that every answer has and none had, and unimportant ones the other way round."""
    if judge(new.n, new.n, support.size, "header", grade=support.grade) != "drift":  # type: ignore[arg-type]  # a Grade
        return
    for name in sorted(old.headers.keys() | new.headers.keys()):
        kind, had, has = header_class(name), old.headers.get(name, 0), new.headers.get(name, 0)
        if kind == "volatile" or name in _TOLD_ELSEWHERE:
            continue
        place = (f"header {header_name(name)}",)
        if not had and has == new.n:
            before, now = f"never, in {counted(old.n, 'answer')} seen", f"in {among(has, new.n, 'answer')}"
            yield Finding("header-changed", "", place, before, now, k=has, m=new.n)
        elif had == old.n and not has and kind == "infrastructure":
            before, now = f"in {among(had, old.n, 'answer')} seen", f"never, in {counted(new.n, 'answer')}"
            yield Finding("header-changed", "", place, before, now, k=new.n, m=new.n)


def _connection(old: AnswerCounts, new: AnswerCounts, support: Support) -> Iterator[Finding]:
    """Another version of HTTP, and compression that is gone: the other way round it is the client's choice."""
    before, now = old.words.get(HTTP, {}), new.words.get(HTTP, {})
    downgraded = now.get("1.0", 0) == new.n and "1.0" not in before
    if downgraded and judge(new.n, new.n, support.size, "header") == "drift":
        yield Finding(
            "connection-changed", "", ("connection",), "HTTP 1.1 or later", "HTTP 1.0", "1.0", Severity.INFO,
            k=new.n, m=new.n,
        )  # fmt: skip
    plain = old.headers.get(_CODING, 0) == old.n and not new.headers.get(_CODING, 0)
    if plain and judge(new.n, new.n, support.size, "header") == "drift":
        yield Finding(
            "connection-changed", "", ("connection",), f"compressed in {among(old.n, old.n, 'answer')} seen",
            f"not compressed, in {among(new.n, new.n, 'answer')}", "coding", Severity.INFO, k=new.n, m=new.n,
        )  # fmt: skip
