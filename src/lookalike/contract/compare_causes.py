"""Findings of several operations that have one cause, brought together; and how sure that makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lookalike.contract.compare_finding import Finding
from lookalike.contract.compare_places import ITEMS, ROOT, split_place, steps
from lookalike.contract.drift import Certainty, Drift, fingerprint
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.paths import normal, split_path
from lookalike.shape.policy import Outcome, Statement, judge
from lookalike.shape.shape import Grade

# One change may show as either kind, as the samples fall; the fingerprint doesn't depend on that.
_FAMILIES = {
    "field-removed": "presence",
    "field-became-optional": "presence",
    "type-changed": "type",
    "type-widened": "type",
    "item-type-changed": "type",
    "header-removed": "header",
    "header-became-optional": "header",
}
# Of a family, what holds for all the answers taken together.
_WEAKER = ("field-became-optional", "type-widened", "header-became-optional")
# What kind of statement a finding contradicts, as the policy's priors name them; the others are about the status.
_STATEMENTS: Mapping[str, Statement] = {
    "field-removed": "present",
    "field-became-optional": "sometimes",
    "field-renamed": "present",
    "field-moved": "present",
    "discriminator-gone": "present",
    "became-nullable": "not_null",
    "type-changed": "kind",
    "type-widened": "kind",
    "item-type-changed": "kind",
    "body-wrapped": "kind",
    "enum-value-added": "values",
    "constant-changed": "values",
    "union-branch-added": "values",
    "format-changed": "format",
    "id-form-changed": "format",
    "header-removed": "header",
    "header-became-optional": "header",
    "header-type-changed": "header",
    "api-version-moved": "header",
    "array-length-changed": "values",
    "number-outside-range": "values",
    "object-became-map": "kind",
    "tuple-changed": "kind",
    "presence-rule-broken": "sometimes",
}
_WITH_ALL_BELOW = frozenset({"path-gone", "success-gone", "auth-changed", "operation-removed", "operation-added"})
# Keys that hold a list in an envelope, whatever it is a list of.
_ENVELOPES = frozenset(
    {"items", "data", "results", "result", "values", "records", "entries", "rows", "list", "content"}
)
_ALIKE = 0.5
# What is said of the API and not of an operation, wherever it shows.
_OF_THE_API = frozenset(
    {"api-version-moved", "rate-limit-changed", "connection-changed", "header-changed", "charset-changed"}
)
_UNJUDGED = frozenset({Severity.ADDITIVE, Severity.INFO, Severity.ENVIRONMENT})
_EVERYWHERE = "everywhere"

_Key = tuple[str, str, str, str]  # family, subject, place within the subject, detail


def gather(findings: Iterable[Finding], *, operations: int, learned: bool) -> list[Drift]:
    """One drift for each cause, the worst first.

    operations: how many operations were compared; what all of them show has one cause
    learned:    whether the contract was learned, for the next step
    """
    groups: dict[_Key, list[Finding]] = {}
    for one in _from_the_top(findings):
        key = _key(one)
        groups.setdefault(_apart(key, one, groups), []).append(one)
    drifts = [_drift(key, group, learned) for key, group in _everywhere(groups, operations).items()]
    return sorted(drifts, key=_order)


def _from_the_top(findings: Iterable[Finding]) -> list[Finding]:
    """Where a path is gone, what lies below it is gone with it: the topmost path is the subject of all."""
    found = sorted(findings, key=lambda one: one.operation.partition(" ")[2])
    tops: dict[tuple[str, str], list[str]] = {}
    result = []
    for one in found:
        if one.kind in _WITH_ALL_BELOW:
            path = normal(one.operation.partition(" ")[2])
            above = tops.setdefault((one.kind, one.detail), [])
            top = next((other for other in above if path == other or path.startswith(other.rstrip("/") + "/")), path)
            if top == path:
                above.append(path)
            one = replace(one, subject=(top, one.places[0]))
        result.append(one)
    return result


def _order(drift: Drift) -> tuple[object, ...]:
    return (drift.suspect, drift.severity.rank, drift.at[0][0].split(" ", 1)[::-1], drift.at, drift.kind, drift.detail)


def _key(one: Finding) -> _Key:
    family = _FAMILIES.get(one.kind, one.kind)
    place = one.places[0]
    if one.kind in _WITH_ALL_BELOW and one.subject:
        return (family, one.subject[0], place, one.detail)
    if family in _OF_THE_API:
        return (family, _EVERYWHERE, place, one.detail)
    before, inside = split_place(place)
    if not inside.startswith("json"):
        return (family, one.operation, place, one.detail)
    subject, rest = one.subject or _subject(one.operation, inside)
    return (family, subject, f"{before} {rest}".strip(), _detail(one))


def _detail(one: Finding) -> str:
    """The detail as all operations of a cause have it: where a key moved to is told from what it belongs to, and by
    the object that has it now, which is the same whether other keys moved there too.
    """
    if one.kind != "field-moved":
        return one.detail
    place, name = split_place(one.detail)[1], steps(one.places[0])[-1:]
    path = steps(place)
    holder = path[:-1] if path[-1:] == name else path
    if one.subject:  # a shared schema: from it on
        return "".join(holder[len(steps(one.places[0])) - len(steps(ROOT + one.subject[-1])) :])
    subject, rest = _subject(one.operation, ROOT + "".join(holder))
    return f"{subject} {rest}"


def _subject(operation: str, place: str) -> tuple[str, str]:
    """What a place belongs to, and where in it: `json.todos[].title` and `GET /todos/{id}`'s `json.title` are one."""
    path = steps(place)
    resource = next((part for part in reversed(split_path(operation.split(" ", 1)[1])) if "{" not in part), operation)
    last = max((at for at, step in enumerate(path) if step == ITEMS), default=-1)
    if last > 0 and path[last - 1].startswith(".") and path[last - 1][1:].lower() not in _ENVELOPES:
        resource = path[last - 1][1:]
    return resource.lower(), "".join(path[last + 1 :])


def _apart(key: _Key, one: Finding, groups: dict[_Key, list[Finding]]) -> _Key:
    """The key of the group that a finding joins; objects of one name that share few keys are different things."""
    known = groups.get(key)
    if known is None or _alike(known[0].keys, one.keys):
        return key
    return (key[0], f"{key[1]} of {one.operation}", key[2], key[3])


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * len(one | other)


def _everywhere(groups: dict[_Key, list[Finding]], operations: int) -> dict[_Key, list[Finding]]:
    """What every operation shows, such as an envelope around all bodies, is one finding of the API."""
    subjects: dict[tuple[str, str, str], set[str]] = {}
    same = Counter[tuple[str, str, str]]()
    for (family, subject, place, detail), group in groups.items():
        same[family, place, detail] += len({one.operation for one in group})
        subjects.setdefault((family, place, detail), set()).add(subject)
    result: dict[_Key, list[Finding]] = {}
    for (family, subject, place, detail), group in groups.items():
        of = (family, place, detail)
        # One subject keeps its name, so that its fingerprint doesn't depend on what else was asked.
        whole = len(subjects[of]) > 1 and 0 < operations <= same[of]
        result.setdefault((family, _EVERYWHERE if whole else subject, place, detail), []).extend(group)
    return result


def _drift(key: _Key, group: list[Finding], learned: bool) -> Drift:
    kind = next((one.kind for one in group if one.kind in _WEAKER), group[0].kind)
    severity = min((one.severity or KINDS[one.kind].severity for one in group), key=lambda one: one.rank)
    # The richest evidence speaks for all.
    spokesman = max(group, key=lambda one: (one.kind == kind, not one.support.certain, one.support.size, one.m))
    outcome, certainty = _certainty(group, severity)
    if outcome == "chance":
        severity = Severity.INFO
    mark = fingerprint(*key)
    at = sorted({(one.operation, place) for one in group for place in one.places}, key=lambda pair: (
        pair[0].split(" ", 1)[::-1], pair[1]
    ))  # fmt: skip
    return Drift(
        kind=kind,
        severity=severity,
        at=tuple(at),
        before=spokesman.before,
        now=spokesman.now,
        detail=spokesman.detail,
        certainty=certainty,
        fingerprint=mark,
        suggestion=suggestion(severity, certainty, mark, learned),
    )


def _certainty(group: Sequence[Finding], severity: Severity) -> tuple[Outcome, Certainty]:
    """One rule for all statements: how likely is it that a statement never contradicted in `s` is contradicted k times
    in m, by chance alone (beta-binomial)? The policy says below which probability that is drift, and above which it is
    what traffic does anyway.
    """
    if group[0].kind == "fixture-gone":
        return "suspect", "suspect"  # one item, or its path: another item tells
    judged = [one for one in group if not one.support.certain]
    if severity in _UNJUDGED or len(judged) < len(group):
        return "drift", "firm"
    size = sum(one.support.size for one in judged)
    statement = judged[0].statement or _STATEMENTS.get(judged[0].kind, "status")
    k, m = sum(one.k for one in judged), sum(one.m for one in judged)
    grades = {one.support.grade for one in judged}
    firm = "firm" in grades
    best: Grade = "firm" if firm else "likely" if "likely" in grades else "assumed"
    outcome = judge(k, m, size, statement, grade=best, partly=any(one.partly for one in judged))
    if outcome == "suspect":
        return outcome, "suspect"
    return outcome, "firm" if firm or outcome == "chance" else "likely"


def suggestion(severity: Severity, certainty: Certainty, mark: str, learned: bool) -> str:
    """What to do about a finding; mark: its fingerprint."""
    if certainty == "suspect":
        doubt = "look at an answer: too little was seen to decide"
        return f"{doubt}; if the API is meant to be so now: lookalike accept {mark}" if learned else doubt
    if severity is Severity.ADDITIVE:
        return "lookalike verify --update learns it" if learned else "nothing, or take it into the document"
    if severity.rank > Severity.RISKY.rank:
        return ""
    if learned:
        return f"correct code and mocks; if the API is meant to be so now: lookalike accept {mark}"
    return "correct code and mocks, and the document, if the API is meant to be so now"
