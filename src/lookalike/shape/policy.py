"""Policy: what counts state. A pure function with every threshold in one place, so that a threshold can change without
a new recording.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from lookalike.shape import formats
from lookalike.shape.counts import Array, Counts, KeySet, Object
from lookalike.shape.parts import Numbers, Text
from lookalike.shape.shape import Grade, Property, Shape, Union
from lookalike.shape.words import SAYS_NOTHING

Statement = Literal["present", "sometimes", "not_null", "kind", "values", "format", "header", "status"]
Outcome = Literal["drift", "suspect", "chance"]


@dataclass(frozen=True, slots=True)
class Prior:
    """A Beta distribution of how often a statement of some kind is contradicted, before anything was seen.

    chance: probability above which contradictions are what traffic does anyway, and no finding. 1 for what an API
            changes and doesn't merely vary: one contradiction makes it suspect however little was seen
    """

    alpha: float = 0.5
    beta: float = 0.5
    chance: float = 1.0


JEFFREYS = Prior()
# Fitted on recordings of real APIs (`make accuracy`): keys, types and statuses seldom vary, so that five answers that
# all contradict are drift even after one that didn't; nulls, some items without a key, lists of values and headers do.
_STEADY, _LOOSE = Prior(0.5, 1.0), Prior(0.75, 1.0, chance=0.07)
_PRIORS: Mapping[str, Prior] = MappingProxyType(
    dict.fromkeys(("present", "kind", "status"), _STEADY)
    | dict.fromkeys(("sometimes", "not_null", "values", "format", "header"), _LOOSE)
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Every threshold of what counts state.

    likely, firm:        effective sizes from which a statement has that grade; firm_targets: distinct targets besides
    drift:               probability below which contradictions are drift, and no chance
    enum_values, enum_n, enum_unseen: most distinct values, fewest strings, largest Good-Turing mass of unseen values
    format_n, prefix_n:  strings from which a format, a prefix, is stated
    range_n:             numbers from which a range is told
    map_new, map_after:  new keys per object above which keys are data, once so many objects were seen
    map_capitals:        distinct keys from which capitals (`USD`, `DE`) are data
    tag_words:           most distinct values of a string that may be a tag
    union_branch:        objects that each branch of a union needs; union_explained: share of optional keys it explains
    tuple_n:             arrays from which positions are told apart
    together:            objects with, and without, keys from which they are said to come together
    priors:              by kind of statement
    """

    likely: float = 5.0
    firm: float = 30.0
    firm_targets: int = 3
    drift: float = 0.045
    enum_values: int = 50
    enum_n: int = 20
    enum_unseen: float = 0.02
    format_n: int = 5
    prefix_n: int = 5
    range_n: int = 20
    map_new: float = 0.3
    map_after: int = 5
    map_capitals: int = 4
    tag_words: int = 16
    union_branch: int = 5
    union_explained: float = 0.5
    tuple_n: int = 5
    together: int = 10
    priors: Mapping[str, Prior] = field(default_factory=lambda: _PRIORS)


DEFAULT = Policy()
TAG_NAMES = ("type", "object", "kind", "event", "__typename")
# Forms of keys that make a map of one object alone; of files one is enough, `{"notes.txt": {...}}`.
_ALONE = frozenset({"digits", "file", "uuid"})
_ONE_KEY = frozenset({"file"})
_CODE = 3  # letters of a currency (ISO 4217)
_BOUNDLESS_DIGITS = 400


def size(n: int, targets: int) -> float:
    """The effective size of `n` values from so many distinct request targets: between the two.

    Items of one page resemble each other, and one URL asked for thirty nights is one fact.
    """
    if n <= 0:
        return 0.0
    distinct = max(1, min(targets, n))
    return distinct + math.sqrt(n - distinct)


def grade(size: float, targets: int, policy: Policy = DEFAULT) -> Grade:
    """How sure a statement is that rests on this effective size and so many distinct targets."""
    if size >= policy.firm and targets >= policy.firm_targets:
        return "firm"
    return "likely" if size >= policy.likely else "assumed"


def p_at_least(k: int, m: int, s: float, prior: Prior = JEFFREYS) -> float:
    """The probability of at least `k` contradictions in `m` fresh answers after `s` without one (beta-binomial)."""
    if k <= 0:
        return 1.0
    if k > m:
        return 0.0
    alpha, beta = prior.alpha, prior.beta + s

    def of(i: int) -> float:
        ways = math.lgamma(m + 1) - math.lgamma(i + 1) - math.lgamma(m - i + 1)
        return math.exp(ways + _log_beta(alpha + i, beta + m - i) - _log_beta(alpha, beta))

    return min(1.0, math.fsum(of(i) for i in range(k, m + 1)))


def judge(
    k: int,
    m: int,
    s: float,
    statement: Statement,
    policy: Policy = DEFAULT,
    *,
    grade: Grade = "firm",
    partly: bool = False,
) -> Outcome:
    """What `k` contradictions in `m` fresh answers to distinct requests are, after `s` without one.

    grade: of the statement. What traffic varies anyway is drift after a single answer only where it was firm: a page of
           a hundred values can be what one request asked for
    partly: only some of the values in the answers that contradict do. Then, and where only some answers contradict, it
           takes a statement that is more than assumed; what traffic seldom varies needs a firm one against a single
           answer
    """
    prior = policy.priors.get(statement, JEFFREYS)
    p = p_at_least(k, m, s, prior)
    few = (k == 1 and grade != "firm") or ((k < m or partly) and grade == "assumed")
    if few and (prior.chance < 1 or partly) and p <= policy.drift:
        return "suspect"
    return "drift" if p <= policy.drift else "suspect" if p <= prior.chance else "chance"


def is_drift(k: int, m: int, s: float, statement: Statement, policy: Policy = DEFAULT) -> bool:
    """Whether `k` contradictions in `m` fresh answers to distinct requests are drift."""
    return judge(k, m, s, statement, policy) == "drift"


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def derive(counts: Counts, policy: Policy = DEFAULT) -> Shape:
    """What the counts of a place state of it, and of the places below."""
    targets = counts.distinct_targets
    sized = size(counts.n, targets)
    shape = Shape(
        kinds=_kinds(counts),
        kind_counts={kind: n for kind, (n, _) in sorted(counts.kinds.items())},
        nullable="null" in counts.kinds,
        n=counts.n,
        r=counts.r,
        targets=targets,
        size=sized,
        grade=grade(sized, targets, policy),
        first=counts.first,
        last=counts.last,
    )
    if counts.text is not None:
        shape = _with_text(shape, counts.text, policy)
    if counts.numbers is not None:
        shape = _with_numbers(shape, counts.numbers, policy)
    # Evidence of a broken file may say how arrays and objects look where it counts none.
    if counts.array is not None and "array" in counts.kinds:
        shape = _with_array(shape, counts.array, counts.kinds["array"][0], policy)
    if counts.object is not None and "object" in counts.kinds:
        shape = _with_object(shape, counts, counts.object, policy)
    return shape


def _kinds(counts: Counts) -> tuple[str, ...]:
    kinds = counts.kinds.keys() - {"null"}
    if "number" in kinds:
        kinds -= {"integer"}
    return tuple(sorted(kinds))


def _with_text(shape: Shape, text: Text, policy: Policy) -> Shape:
    n = shape.kind_counts.get("string", 0)
    names = formats.names(text.formats) if n >= policy.format_n else []
    prefixes = tuple(sorted(text.prefixes)) if text.prefixes and n >= policy.prefix_n else ()
    enum: tuple[str, ...] = ()
    if text.values and len(text.values) <= policy.enum_values and n >= policy.enum_n:
        once = sum(seen == 1 for seen in text.values.values())
        if once / n < policy.enum_unseen:
            enum = tuple(sorted(text.values))
    words = tuple(sorted(text.values)) if text.values and len(text.values) <= policy.tag_words else ()
    return replace(
        shape, format=names[0] if names else "", prefixes=prefixes, enum=enum, words=words, text_lengths=text.lengths,
        enum_counts=dict(text.values or {}) if enum else {},
    )  # fmt: skip


def _with_numbers(shape: Shape, numbers: Numbers, policy: Policy) -> Shape:
    n = shape.kind_counts.get("integer", 0) + shape.kind_counts.get("number", 0)
    low = high = None
    if n >= policy.range_n and numbers.digits is not None and max(map(abs, numbers.digits)) < _BOUNDLESS_DIGITS:
        fewest, most = numbers.digits
        low = -(10**-fewest) if fewest < 0 else 10 ** (fewest - 1) if fewest else -1 if numbers.negative else 0
        high = 10**most if most > 0 else -(10 ** (-most - 1)) if most else 1
    return replace(shape, minimum=low, maximum=high, beyond=numbers.beyond)


def _with_array(shape: Shape, array: Array, arrays: int, policy: Policy) -> Shape:
    positions = tuple(tuple(sorted(kinds)) for kinds in array.positions)
    told_apart = len(set(positions)) > 1 and arrays >= policy.tuple_n
    return replace(
        shape,
        items=derive(array.items, policy) if array.items else None,
        tuple_items=positions if told_apart else (),
        lengths=array.lengths,
        empty=array.empty,
    )


def _with_object(shape: Shape, counts: Counts, seen: Object, policy: Policy) -> Shape:
    objects, objects_r = counts.kinds["object"]
    shape = replace(shape, objects=objects, objects_r=objects_r)
    is_map, form = _map(seen, objects, objects_r, policy)
    if is_map:
        values = Counts.total([*seen.keys.values(), seen.rest])
        values.r = min(values.r, objects_r)
        return replace(shape, map_values=derive(values, policy) if values else None, map_form=form)
    sized = size(objects, shape.targets)
    graded = grade(sized, shape.targets, policy)
    properties = {
        key: Property(
            shape=derive(child, policy), required=child.n == objects, present=child.n, of=objects, present_r=child.r,
            of_r=objects_r, size=sized, grade=graded,
        )
        for key, child in sorted(seen.keys.items())
    }  # fmt: skip
    shape = replace(shape, properties=properties, open_keys=bool(seen.rest))
    return replace(shape, union=_union(shape, seen, policy), companions=_companions(shape, seen, policy))


def _companions(shape: Shape, seen: Object, policy: Policy) -> tuple[tuple[str, ...], ...]:
    """Optional keys that came together or not at all, each often enough."""
    groups: dict[tuple[KeySet, ...], list[str]] = {}
    for key, known in shape.properties.items():
        if policy.together <= known.present <= known.of - policy.together:
            groups.setdefault(tuple(keys for keys in seen.sets or () if key in keys), []).append(key)
    return tuple(tuple(names) for keys, names in groups.items() if keys and len(names) > 1)


def _map(seen: Object, objects: int, objects_r: int, policy: Policy) -> tuple[bool, str]:
    """Whether the keys of objects are data, and the form they share."""
    form = next(iter(seen.forms)) if len(seen.forms) == 1 else ""
    if seen.full:
        return True, form
    keys = len(seen.keys) + seen.rest.n
    if form and form not in SAYS_NOTHING and (keys >= 2 or form in _ONE_KEY):
        if form in _ALONE or (form == "capitals" and _are_amounts(seen, objects)):
            return True, form
        if objects_r >= 2 and (form != "capitals" or len(seen.keys) >= policy.map_capitals):
            return True, form
    if objects < policy.map_after:
        return False, ""
    # Keys seen once, per object, estimate how many new keys the next object brings (Good-Turing).
    once = sum(child.n == 1 for child in seen.keys.values()) + seen.rest.n
    stable = sum(child.n * 2 > objects for child in seen.keys.values())
    is_map = once / objects > policy.map_new and stable <= once and _alike([*seen.keys.values(), seen.rest])
    return is_map, form if is_map else ""


def _are_amounts(seen: Object, objects: int) -> bool:
    """Whether keys of three capitals have numbers, and not always the same keys: `{"EUR": 1, "USD": 2}`."""
    steady = objects > 1 and all(child.n == objects for child in seen.keys.values())
    codes = all(len(key) == _CODE and child.kinds.keys() <= {"integer", "number"} for key, child in seen.keys.items())
    return codes and not steady


def _alike(children: list[Counts]) -> bool:
    """Whether values look the same under all keys: of one kind, and objects with mostly the same keys."""
    kinds = {"number" if kind == "integer" else kind for child in children for kind in child.kinds} - {"null"}
    if len(kinds) > 1:
        return False
    inner = [set(child.object.keys) for child in children if child.object is not None]
    if len(inner) < 2:
        return True
    every = set().union(*inner)
    common = [key for key in every if sum(key in keys for keys in inner) * 2 >= len(inner)]
    return len(common) * 2 >= len(every)


def _union(shape: Shape, seen: Object, policy: Policy) -> Union | None:
    """The tag that decides which keys an object has, if there is one."""
    if not seen.tags or not seen.sets:
        return None
    every = set(seen.keys)
    optional = {key for key in every if any(key not in keys for keys in seen.sets)}
    best: tuple[tuple[bool, int, int], str] | None = None
    for tag, by in sorted(seen.tags.items()):
        totals = [sum(found.values()) for found in by.values()]
        if len(by) < 2 or min(totals) < policy.union_branch or sum(totals) != shape.objects:
            continue
        explained = sum(_explains(by, key) for key in optional)
        if explained and explained >= policy.union_explained * len(optional):
            score = (tag in TAG_NAMES, explained, -len(by))
            if best is None or score > best[0]:
                best = score, tag
    if best is None:
        return None
    tag = best[1]
    return Union(
        tag, {value: _branch(shape, tag, value, seen.tags[tag][value], policy) for value in sorted(seen.tags[tag])}
    )


def _explains(by: Mapping[str, Mapping[KeySet, int]], key: str) -> bool:
    """Whether each value of a tag either always or never comes with the key."""
    return all(len({key in keys for keys in found}) == 1 for found in by.values())


def _branch(shape: Shape, tag: str, value: str, sets: Mapping[KeySet, int], policy: Policy) -> Shape:
    of = sum(sets.values())
    targets = min(shape.targets, of)
    sized = size(of, targets)
    graded = grade(sized, targets, policy)
    of_r = min(of, shape.objects_r)
    properties = {}
    for key in sorted(set().union(*sets)):
        present = sum(n for keys, n in sets.items() if key in keys)
        inner = shape.properties[key].shape
        if key == tag:
            inner = replace(inner, enum=(value,), kinds=("string",))
        properties[key] = Property(
            shape=inner, required=present == of, present=present, of=of, present_r=min(present, of_r), of_r=of_r,
            size=sized, grade=graded,
        )  # fmt: skip
    return Shape(
        kinds=("object",), kind_counts={"object": of}, n=of, r=of_r, targets=targets, size=sized, grade=graded,
        first=shape.first, last=shape.last, properties=properties, objects=of, objects_r=of_r,
        open_keys=shape.open_keys,
    )  # fmt: skip
