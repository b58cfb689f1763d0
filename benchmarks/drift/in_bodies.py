"""Changes of a response's body."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.drift.planting import Ground, Plant, plants
from benchmarks.drift.survey import Seen, answered, body_of, edited, holders

from lookalike.contract.compare_places import ITEMS, ROOT, key_place

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
_PREFIX = re.compile(r"[a-z]{2,7}_")
_OTHER: dict[str, Callable[[Any], Any]] = {
    "string": lambda value: len(value) + 1,
    "integer": str,
    "number": str,
    "boolean": lambda value: "yes" if value else "no",
    "object": lambda value: "1",
    "array": lambda value: "1",
}
_KINDS = tuple(_OTHER)


def _field(place: str, seen: Seen) -> bool:
    return bool(seen.key) and seen.always and place != ROOT


def _enough(seen: Seen, least: int = 20) -> bool:
    return seen.n >= least


def _each(ground: Ground, place: str, change: Callable[[Any, Any], None], *, share: float = 1.0) -> list[Any]:
    """The fresh answers with a change to the holder of each value at a place, or to about a share of them."""

    def edit(body: Any) -> None:
        for holder, key in list(holders(body, place)):
            if share >= 1.0 or ground.random.random() < share:
                change(holder, key)

    return [edited(one, edit) for one in ground.fresh]


def _drop(holder: Any, key: Any) -> None:
    del holder[key]


@plants("field-removed")
def _removed(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _field(place, seen) and _reached(ground, place))
    return Plant("field-removed", place, _each(ground, place, _drop)) if place else None


def _reached(ground: Ground, place: str) -> bool:
    """Whether the place's values are in every fresh answer: only then each answer tells."""
    return all(any(holders(body_of(one), place)) for one in ground.fresh)


@plants("optional-field-removed")
def _optional_removed(ground: Ground) -> Plant | None:
    variants = {union.place for union in ground.endpoint.unions}
    place = ground.choose(
        lambda place, seen: (
            bool(seen.key)
            and not seen.always
            and seen.of >= 24
            and seen.n * 3 >= seen.of
            # What each object of a variant has is not optional.
            and place.rpartition(".")[0] not in variants
        )
    )
    return Plant("optional-field-removed", place, _each(ground, place, _drop)) if place else None


@plants("field-became-optional")
def _became_optional(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _field(place, seen) and _reached(ground, place))
    return Plant("field-became-optional", place, _each(ground, place, _drop, share=0.5)) if place else None


def _null(holder: Any, key: Any) -> None:
    holder[key] = None


@plants("became-nullable")
def _nullable(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _field(place, seen) and seen.only(*_KINDS) and _reached(ground, place))
    return Plant("became-nullable", place, _each(ground, place, _null, share=0.5)) if place else None


def _retyped(ground: Ground, place: str, *, share: float = 1.0) -> list[Any]:
    kind = next(iter(ground.places[place].kinds))

    def change(holder: Any, key: Any) -> None:
        holder[key] = _OTHER[kind](holder[key])

    return _each(ground, place, change, share=share)


def _one_kind(seen: Seen) -> bool:
    return len(seen.kinds) == 1 and "null" not in seen.kinds


@plants("type-changed")
def _type(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _field(place, seen) and _one_kind(seen) and _reached(ground, place))
    return Plant("type-changed", place, _retyped(ground, place)) if place else None


@plants("type-widened")
def _widened(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _field(place, seen) and _one_kind(seen) and _reached(ground, place))
    # Where each answer has one value and all happened to change, it is a changed type.
    return Plant("type-widened", place, _retyped(ground, place, share=0.5), also=("type-changed",)) if place else None


@plants("item-type-changed")
def _item_type(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: place.endswith(ITEMS) and _one_kind(seen) and _enough(seen, 6))
    return Plant("item-type-changed", place, _retyped(ground, place), also=("type-changed",)) if place else None


@plants("field-added")
def _added(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: seen.only("object") and _plain_record(ground, place))
    if place is None:
        return None

    def edit(body: Any) -> None:
        for one in _values(body, place):
            one["annotation"] = [{"by": "somebody", "score": 3}]

    return Plant("field-added", key_place(place, "annotation"), [edited(one, edit) for one in ground.fresh])


def _plain_record(ground: Ground, place: str) -> bool:
    return any(isinstance(one, dict) and one for one in ground.places[place].values)


def _values(body: Any, place: str) -> list[Any]:
    return [body] if place == ROOT else [holder[key] for holder, key in holders(body, place)]


def _all_texts(seen: Seen, form: re.Pattern[str], least: int = 5) -> bool:
    return seen.only("string") and seen.n >= least and all(form.match(one) for one in seen.values)


@plants("enum-value-added")
def _enum(ground: Ground) -> Plant | None:
    places = [one for one in ground.endpoint.enums if one in ground.places and _enough(ground.places[one], 30)]
    if not places:
        return None
    place = ground.random.choice(places)

    def change(holder: Any, key: Any) -> None:
        holder[key] = holder[key] and "archived"

    return Plant("enum-value-added", place, _each(ground, place, change, share=0.7))


@plants("constant-changed")
def _constant(ground: Ground) -> Plant | None:
    if not ground.endpoint.constants:
        return None
    place = ground.random.choice(ground.endpoint.constants)

    def change(holder: Any, key: Any) -> None:
        holder[key] = "replacement"

    return Plant("constant-changed", place, _each(ground, place, change))


@plants("format-changed")
def _format(ground: Ground) -> Plant | None:
    place = ground.choose(
        lambda place, seen: (
            _all_texts(seen, _DATE_TIME, 8) or _all_texts(seen, _UUID, 8) or _all_texts(seen, re.compile("https://"), 8)
        )
    )
    if place is None:
        return None
    date = _all_texts(ground.places[place], _DATE_TIME)
    other = "03/11/2026 14:00" if date else "item 17"
    numbers = iter(range(10**6))

    def change(holder: Any, key: Any) -> None:
        holder[key] = f"{other} {next(numbers)}"

    return Plant("format-changed", place, _each(ground, place, change))


@plants("id-form-changed")
def _id_form(ground: Ground) -> Plant | None:
    place = ground.choose(
        lambda place, seen: seen.key.endswith(("id", "customer", "sku", "invoice")) and _all_texts(seen, _PREFIX, 8)
    )
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        holder[key] = "zz_" + holder[key].partition("_")[2]

    return Plant("id-form-changed", place, _each(ground, place, change))


def _tagged(ground: Ground, change: Callable[[Any, str], None]) -> Plant | None:
    if not ground.endpoint.unions:
        return None
    union = ground.random.choice(ground.endpoint.unions)

    def edit(body: Any) -> None:
        for one in _values(body, union.place):
            change(one, union.tag)

    return Plant("", key_place(union.place, union.tag), [edited(one, edit) for one in ground.fresh])


@plants("union-branch-added")
def _branch_added(ground: Ground) -> Plant | None:
    def change(one: Any, tag: str) -> None:
        if ground.random.random() < 0.6:
            one[tag] = "teleport"

    made = _tagged(ground, change)
    return Plant("union-branch-added", made.place, made.answers) if made else None


@plants("union-branch-gone")
def _branch_gone(ground: Ground) -> Plant | None:
    lists = [one for one in ground.endpoint.unions if one.place.endswith(ITEMS)]
    if not lists:
        return None
    union = ground.random.choice(lists)
    gone = ground.random.choice(union.values)

    def edit(body: Any) -> Any:
        whole = union.place.removesuffix(ITEMS)
        for found in [body] if whole == ROOT else [holder[key] for holder, key in holders(body, whole)]:
            found[:] = [one for one in found if one[union.tag] != gone]

    return Plant("union-branch-gone", key_place(union.place, union.tag), [edited(one, edit) for one in ground.fresh])


@plants("discriminator-gone")
def _tag_gone(ground: Ground) -> Plant | None:
    made = _tagged(ground, lambda one, tag: one.pop(tag))
    return Plant("discriminator-gone", made.place, made.answers) if made else None


@plants("body-wrapped")
def _wrapped(ground: Ground) -> Plant | None:
    bodies = [body_of(one) for one in ground.fresh]
    if any(body is None for body in bodies):
        return None
    inner = "data" if all(isinstance(one, dict) and "data" in one for one in bodies) else ""
    if inner:
        return Plant("body-wrapped", ROOT, [edited(one, lambda body: body[inner]) for one in ground.fresh])
    around = ground.random.choice(["payload", "response", "result_set"])
    return Plant("body-wrapped", ROOT, [edited(one, lambda body: {around: body}) for one in ground.fresh])


@plants("field-renamed")
def _renamed(ground: Ground) -> Plant | None:
    place = ground.choose(
        lambda place, seen: _field(place, seen) and _one_kind(seen) and len(seen.key) > 4 and _reached(ground, place)
    )
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        found = {(f"{one}_v2" if one == key else one): value for one, value in holder.items()}
        holder.clear()
        holder.update(found)

    return Plant("field-renamed", place, _each(ground, place, change))


@plants("field-moved")
def _moved(ground: Ground) -> Plant | None:
    def wanted(place: str, seen: Seen) -> bool:
        # An only key that moves inside takes the whole object with it: a wrap.
        return _field(place, seen) and _one_kind(seen) and _reached(ground, place) and _has_siblings(ground, place)

    place = ground.choose(wanted)
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        holder["particulars"] = {key: holder.pop(key)}

    return Plant("field-moved", place, _each(ground, place, change))


def _has_siblings(ground: Ground, place: str) -> bool:
    return any(len(holder) > 1 for one in ground.fresh for holder, _ in holders(body_of(one), place))


@plants("json-malformed")
def _malformed(ground: Ground) -> Plant | None:
    if any(body_of(one) is None for one in ground.fresh):
        return None
    lists = any(isinstance(body_of(one), list) for one in ground.fresh)
    spoil = ground.random.choice((_marked, _unclean) if lists else (_doubled, _marked, _unclean))
    answers = [answered(one, content=spoil(json.dumps(body_of(one)).encode())) for one in ground.fresh]
    return Plant("json-malformed", "body", answers)


def _doubled(content: bytes) -> bytes:
    return b'{"twice": 1, "twice": 2, ' + content[1:]


def _marked(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def _unclean(content: bytes) -> bytes:
    return content[:-1] + (b', "ratio": NaN}' if content[:1] == b"{" else b", NaN]")


@plants("body-empty")
def _emptied(ground: Ground) -> Plant | None:
    if any(body_of(one) is None for one in ground.fresh):
        return None
    return Plant("body-empty", "body", [answered(one, content=b"") for one in ground.fresh])


@plants("first-value")
def _first(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: set(seen.kinds) == {"null"} and _enough(seen, 8))
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        holder[key] = "something"

    return Plant("first-value", place, _each(ground, place, change))


@plants("string-longer")
def _longer(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: seen.only("string") and _enough(seen) and " " in str(seen.values[0]))
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        holder[key] = holder[key] * 60

    return Plant("string-longer", place, _each(ground, place, change))


@plants("number-outside-range")
def _outside(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: seen.only("integer") and _enough(seen, 30))
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        holder[key] = holder[key] + 2**55

    return Plant("number-outside-range", place, _each(ground, place, change))


@plants("array-length-changed")
def _length(ground: Ground) -> Plant | None:
    place = ground.choose(
        lambda place, seen: bool(seen.key) and seen.only("array") and all(seen.values) and _enough(seen, 6)
    )
    if place is None:
        return None

    def change(holder: Any, key: Any) -> None:
        holder[key] = []

    return Plant("array-length-changed", place, _each(ground, place, change))


def _mixed(seen: Seen, kind: str) -> bool:
    """Whether a kind is so common among several that it is missed."""
    return seen.n >= 40 and 0.35 * seen.n <= seen.kinds[kind] <= 0.75 * seen.n


@plants("became-firmer")
def _firmer(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _mixed(seen, "null") and len(seen.kinds) == 2)
    if place is None:
        return None
    some = [value for value in ground.places[place].values if value is not None]

    def change(holder: Any, key: Any) -> None:
        if holder[key] is None:
            holder[key] = ground.random.choice(some)

    return Plant("became-firmer", place, _each(ground, place, change))


@plants("type-narrowed")
def _narrowed(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: _mixed(seen, "string") and "null" not in seen.kinds)
    if place is None:
        return None
    others = [value for value in ground.places[place].values if not isinstance(value, str)]

    def change(holder: Any, key: Any) -> None:
        if isinstance(holder[key], str):
            holder[key] = ground.random.choice(others)

    return Plant("type-narrowed", place, _each(ground, place, change))


@plants("enum-value-gone")
def _enum_gone(ground: Ground) -> Plant | None:
    places = [one for one in ground.endpoint.enums if one in ground.places and _enough(ground.places[one], 100)]
    if not places:
        return None
    place = ground.random.choice(places)
    ((common, _),) = Counter(one for one in ground.places[place].values if one is not None).most_common(1)
    others = [value for value in ground.places[place].values if value != common]

    def change(holder: Any, key: Any) -> None:
        if holder[key] == common:
            holder[key] = ground.random.choice(others)

    return Plant("enum-value-gone", place, _each(ground, place, change))


@plants("tuple-changed")
def _tuple(ground: Ground) -> Plant | None:
    if not ground.endpoint.tuples:
        return None
    place = ground.random.choice(ground.endpoint.tuples)
    longer = ground.random.random() < 0.5

    def change(holder: Any, key: Any) -> None:
        found = holder[key]
        holder[key] = [*found, 12.5] if longer else [found[-1], *found[:-1]]

    return Plant("tuple-changed", place, _each(ground, place, change))


@plants("object-became-map")
def _map(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: bool(seen.key) and _record_of_numbers(seen))
    if place is None:
        return None
    random = ground.random

    def change(holder: Any, key: Any) -> None:
        holder[key] = {str(random.randrange(10**6)): value for value in holder[key].values()}

    return Plant("object-became-map", place, _each(ground, place, change))


def _record_of_numbers(seen: Seen) -> bool:
    kinds = {type(value) for one in seen.values if isinstance(one, dict) for value in one.values()}
    return seen.only("object") and len(kinds) == 1 and _enough(seen, 8) and all(len(one) > 1 for one in seen.values)


@plants("presence-rule-broken")
def _companions(ground: Ground) -> Plant | None:
    if not ground.endpoint.together:
        return None
    first, second = ground.random.choice(ground.endpoint.together)
    return Plant("presence-rule-broken", first, _each(ground, second, _drop, share=0.6))


@plants("order-changed")
def _order(ground: Ground) -> Plant | None:
    place = ground.choose(lambda place, seen: seen.key == "id" and ITEMS in place and seen.only("integer"))
    if place is None:
        return _keys(ground)
    lists = [[holder[key] for holder, key in holders(body_of(one), place)] for one in ground.learned if body_of(one)]
    if not all(len(one) > 2 and one == sorted(one)[::-1] for one in lists):
        return None

    def edit(body: Any) -> None:
        for holder, key in list(holders(body, place.rpartition(ITEMS)[0])):
            holder[key].reverse()

    return Plant("order-changed", place, [edited(one, edit) for one in ground.fresh])


def _keys(ground: Ground) -> Plant | None:
    """The same keys the other way round, where every answer has the same ones."""
    bodies = [body for one in (*ground.learned, *ground.fresh) if (body := body_of(one)) is not None]
    if any(not isinstance(body, dict) or len(body) < 2 or [*body] != [*bodies[0]] for body in bodies):
        return None
    if not bodies:
        return None
    answers = [edited(one, lambda body: {key: body[key] for key in [*body][::-1]}) for one in ground.fresh]
    return Plant("order-changed", ROOT, answers)
