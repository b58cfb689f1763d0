"""Two schemas of one body held against each other: what a response may say now, and what a request must."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lookalike.codec import encode_json
from lookalike.contract.compare_finding import Finding
from lookalike.contract.compare_form import Field, Form, resolve
from lookalike.contract.compare_limits import request_limits, response_limits, untagged, variants
from lookalike.contract.compare_moves import pair_up
from lookalike.contract.compare_places import ITEMS, VALUES, key_place
from lookalike.contract.compare_rules import request_rules, response_rules, taken_rules, with_integer
from lookalike.contract.compare_shapes import keys_alike, lengths_meet, may_come, reach, weighed, words_of_tag

_FITS = 0.7
_DOES_NOT_FIT = 0.3
_NESTED = frozenset({"object", "array"})
_DEEPEST = 24
_LINK = "link"  # no finding: here lies a schema that is used in several places
_Pair = tuple[str, str]


class SchemaComparison:
    """Compares the schemas of two documents; one that a document shares between places is compared once."""

    def __init__(self, old_root: Any, new_root: Any, *, request: bool = False, learned: bool = False) -> None:
        """learned: the newer one is what was seen, so that of requests it knows what was taken, not what is refused."""
        self._rules = (taken_rules if learned else request_rules) if request else response_rules
        self._request = request
        self._roots = (old_root, new_root)
        self._untouched = Untouched(old_root, new_root)
        self._known: dict[_Pair, tuple[Finding, ...]] = {}
        self._forms: dict[_Pair, tuple[Form, Form]] = {}
        self._reached: dict[_Pair, tuple[Finding, ...]] = {}  # from a shared schema on, relative to its place

    def compare(self, old: Form, new: Form, place: str = "json") -> list[Finding]:
        """What changed from one to the other, at a place and below; a shared schema speaks at its first place."""
        visited = list(self._visit(old, new, 0))
        if len(visited) == 1 and visited[0].kind == _LINK:
            # Most bodies are one shared schema, and many the same one.
            pair = visited[0].before, visited[0].now
            if pair not in self._reached:
                self._reached[pair] = tuple(self._walk([("", replace(visited[0], places=("",)))]))
            return [_below(place + visited[0].places[0], one) for one in self._reached[pair]]
        return list(self._walk([(place, one) for one in visited]))

    def _walk(self, begin: list[tuple[str, Finding]]) -> Iterator[Finding]:
        """Findings, and those of the shared schemas that links lead to, the nearest first and each schema once."""
        waiting, seen = deque(begin), set()
        while waiting:
            prefix, one = waiting.popleft()
            if one.kind != _LINK:
                yield _below(prefix, one)
                continue
            pair = one.before, one.now
            if pair not in seen:
                seen.add(pair)
                waiting += [(prefix + one.places[0], inside) for inside in self._shared(pair)]

    def _shared(self, pair: _Pair) -> tuple[Finding, ...]:
        """What changed in a schema that is used in several places, relative to them."""
        known = self._known.get(pair)
        if known is None:
            old, new = self._forms[pair]
            found = self._differences(old, new, 0)
            known = self._known[pair] = tuple(_named(one, new) for one in found)
        return known

    def _visit(self, old: Form, new: Form, depth: int) -> Iterator[Finding]:
        learned = new.shape is not None
        if depth > _DEEPEST or (not learned and self._untouched.both(old.schema, new.schema)):
            return
        pair = _key(old.schema), _key(new.schema)
        if learned:
            # What was seen differs from place to place, also where the schema is one.
            for one in self._differences(old, new, depth):
                found = one if self._request or one.kind == _LINK else weighed(one, old, new)
                if found is not None:
                    yield _named(found, new) if all(pair) else found
        elif pair[0] and pair[1]:
            self._forms.setdefault(pair, (old, new))
            yield Finding(_LINK, "", ("",), *pair)
        else:
            yield from self._differences(old, new, depth)

    def _differences(self, old: Form, new: Form, depth: int) -> Iterator[Finding]:
        wrapped = None if self._request else _wrapping(old, new)
        if wrapped is not None:
            words, outer, inner = wrapped
            yield Finding("body-wrapped", "", ("",), before=old.words, now=words, detail=words)
            yield from self._visit(outer, inner, depth + 1)
            return
        yield from self._rules(old, new)
        yield from (request_limits if self._request else response_limits)(old, new)
        if not self._request:
            yield from variants(old, new)
            found, whole = untagged(old, new) if new.shape is None else reach(old, new)
            yield from found
            if whole:
                return
        yield from self._inside(old, new, depth)

    def _inside(self, old: Form, new: Form, depth: int) -> Iterator[Finding]:
        """What changed in the objects and arrays at a place."""
        options = _options(old.schema) if new.shape is None else []
        if options and options == _options(new.schema):
            # "A string, or this shared object, or null": the shared one is compared under its own name.
            for reference in options:
                first, second = (Form({"$ref": reference}, root) for root in self._roots)
                yield from self._visit(first, second, depth + 1)
            return
        tags = words_of_tag(old, new)
        if old.tag and old.tag == new.tag and not self._request:
            yield from self._variants(old, new, depth)
        elif tags and not self._request:
            variant = old.variants.get(tags[0]) if len(tags) == 1 else None
            kept = self._objects(variant, new, depth) if variant is not None else ()
            yield from filter(None, (weighed(one, variant or old, new) for one in kept))
        elif "object" in old.kinds & new.kinds:
            yield from self._objects(old, new, depth)
        if old.items is not None and new.items is not None:
            yield from (_below(ITEMS, one) for one in self._visit(old.items, new.items, depth + 1))

    def _objects(self, old: Form, new: Form, depth: int) -> Iterator[Finding]:
        if old.values is not None and new.values is not None:
            yield from (_below(VALUES, one) for one in self._visit(old.values, new.values, depth + 1))
            return
        if (old.values is None) is not (new.values is None) and (old.fields or new.fields):
            if not self._request and not keys_alike(old, new):
                yield Finding("object-became-map", "", ("",), before=_object_words(old), now=_object_words(new))
            return
        kept = [name for name in old.fields if name in new.fields]
        for name in kept:
            yield from (
                _below(key_place("", name), one) for one in self._field(old.fields[name], new.fields[name], depth)
            )
        gone = [name for name in old.fields if name not in new.fields and not may_come(old.fields[name], new)]
        added = [name for name in new.fields if name not in old.fields]
        keys = frozenset(old.fields)
        for one in (_request_keys if self._request else _response_keys)(old, new, gone, added):
            yield replace(one, keys=keys)

    def _field(self, old: Field, new: Field, depth: int) -> Iterator[Finding]:
        if old.required is not new.required:
            kind = _PRESENCE[self._request, new.required]
            words = {True: "required", False: "optional"}
            yield Finding(kind, "", ("",), before=words[old.required], now=words[new.required])
        yield from self._visit(old.form, new.form, depth + 1)

    def _variants(self, old: Form, new: Form, depth: int) -> Iterator[Finding]:
        for value, variant in old.variants.items():
            if value in new.variants:
                found = self._objects(variant, new.variants[value], depth + 1)
                yield from filter(None, (weighed(one, variant, new.variants[value]) for one in found))
        gone = sorted(set(old.variants) - set(new.variants))
        if gone and new.shape is None:
            yield Finding(
                "union-branch-gone", "", (key_place("", old.tag),),
                before=", ".join(sorted(old.variants)), now=f"no {', '.join(gone)}",
            )  # fmt: skip
        fresh = sorted(set(new.variants) - set(old.variants))
        if fresh and old.all_variants:
            yield Finding(
                "union-branch-added", "", (key_place("", old.tag),),
                before=", ".join(sorted(old.variants)), now=f"also {', '.join(fresh)}",
            )  # fmt: skip


def _named(one: Finding, form: Form) -> Finding:
    """A finding in a shared schema: it belongs to that, wherever it shows."""
    return replace(one, subject=(form.name, one.places[0])) if form.name and one.kind != _LINK else one


class Untouched:
    """Tells the schemas that are the same in two documents, with all that they refer to."""

    def __init__(self, old_root: Any, new_root: Any) -> None:
        self._roots = (old_root, new_root)
        self._same: dict[str, bool] = {}
        self._references: dict[str, set[str]] = {}

    def both(self, old: Any, new: Any) -> bool:
        """Whether two schemas, one of each document, say the same."""
        return bool(old == new) and self._all_same(_references(old))

    def _all_same(self, references: set[str]) -> bool:
        seen: set[str] = set()
        waiting = sorted(references)
        while waiting:
            reference = waiting.pop()
            if reference in seen:
                continue
            seen.add(reference)
            if not self._is_same(reference):
                return False
            waiting += self._references[reference] - seen
        return True

    def _is_same(self, reference: str) -> bool:
        same = self._same.get(reference)
        if same is None:
            old, new = (resolve(reference, root) for root in self._roots)
            same = self._same[reference] = bool(old == new)
            self._references[reference] = _references(old)
        return same


def _references(node: Any) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if isinstance(one.get("$ref"), str):
                found.add(one["$ref"])
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def _options(schema: Any) -> list[str]:
    """The shared schemas among alternatives of which the others are scalars or null; empty for other schemas."""
    if not isinstance(schema, Mapping) or "properties" in schema:
        return []
    alternatives = [one for word in ("anyOf", "oneOf", "allOf") for one in schema.get(word) or ()]
    if len(schema.get("allOf") or ()) > 1 or not all(isinstance(one, Mapping) for one in alternatives):
        return []
    others = [one for one in alternatives if "$ref" not in one]
    if any(_NESTED & {*_types(one)} or not _types(one) for one in others):
        return []
    return sorted(one["$ref"] for one in alternatives if "$ref" in one)


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, str):
        return [kind]
    return [str(one) for one in kind] if isinstance(kind, list) else ["string"] if "enum" in schema else []


def _key(schema: Any) -> str:
    """What names a schema that refers to shared ones by itself or through its alternatives; empty for another."""
    if not isinstance(schema, Mapping) or not {"$ref", "allOf", "anyOf", "oneOf"} & schema.keys():
        return ""
    return encode_json(schema).decode() if _references(schema) else ""


_PRESENCE = {
    (False, False): "field-became-optional",
    (False, True): "became-firmer",
    (True, False): "request-laxer",
    (True, True): "request-became-required",
}


def _below(place: str, one: Finding) -> Finding:
    kind = "item-type-changed" if place == ITEMS and one.kind == "type-changed" and one.places == ("",) else one.kind
    detail = place + one.detail if kind == "field-moved" else one.detail
    return replace(one, kind=kind, places=tuple(place + inside for inside in one.places), detail=detail)


def _response_keys(old: Form, new: Form, gone: list[str], added: list[str]) -> Iterator[Finding]:
    was, now = [old.fields[name] for name in gone], [new.fields[name] for name in added]
    pairs = list(pair_up(gone, added, lambda i, j: _same(was[i], now[j])))
    for i, j in pairs:
        place = key_place("", gone[i])
        words = f"{added[j]}: {now[j].form.words}; no {gone[i]}"
        yield Finding("field-renamed", "", (place,), before=was[i].form.words, now=words, detail=added[j])
    left = [name for i, name in enumerate(gone) if i not in dict(pairs)]
    fresh = [name for j, name in enumerate(added) if j not in {pair[1] for pair in pairs}]
    for name in list(fresh):
        inside = new.fields[name].form.fields
        moved = [one for one in left if one in inside and _fit(old.fields[one].form, inside[one].form) >= _FITS]
        if moved:
            before = "; ".join(f"{one}: {old.fields[one].form.words}" for one in moved)
            places = tuple(key_place("", one) for one in moved)
            # Of several keys the object that has them now, of one the whole way to it.
            detail = key_place(key_place("", name), moved[0]) if len(moved) == 1 else key_place("", name)
            yield Finding("field-moved", "", places, before=before, now=f"inside {name}", detail=detail)
            left = [one for one in left if one not in moved]
            fresh.remove(name)
    if old.shape is not None and len(left) > 1 and not any(name in new.fields for name in old.required):
        # An object of which nothing is left is one finding.
        places = tuple(key_place("", name) for name in left)
        yield Finding("field-removed", "", places, before=", ".join(left), now="gone")
        left = []
    for name in left:
        required = old.fields[name].required
        kind = "field-removed" if required else "optional-field-removed"
        if name == old.tag:
            kind = "discriminator-gone"
        words = f"{old.fields[name].form.words}, {'required' if required else 'optional'}"
        yield Finding(kind, "", (key_place("", name),), before=words, now="gone")
    for name in fresh:
        yield Finding("field-added", "", (key_place("", name),), before="unknown", now=new.fields[name].form.words)


def _request_keys(old: Form, new: Form, gone: list[str], added: list[str]) -> Iterator[Finding]:
    for name in gone:
        words = old.fields[name].form.words
        yield Finding("request-part-removed", "", (key_place("", name),), before=words, now="unknown")
    for name in added:
        kind = "request-requires-more" if new.fields[name].required else "request-part-added"
        yield Finding(kind, "", (key_place("", name),), before="unknown", now=new.fields[name].form.words)


def _same(old: Field, new: Field) -> bool:
    return lengths_meet(old.form, new.form) and (new.required or not old.required) and _fit(old.form, new.form) >= _FITS


def _fit(old: Form, new: Form, depth: int = 0) -> float:
    """How well one form fits into another, from 0 to 1."""
    if old.unknown or new.unknown or not old.kinds & with_integer(new.kinds) or depth > _DEEPEST:
        return 0.0
    if "object" in old.kinds & new.kinds and old.fields and old.values is None:
        names = old.required or tuple(old.fields)
        kept = sum(name in new.fields and _touch(old.fields[name].form, new.fields[name].form) for name in names)
        return kept / len(names)
    if "array" in old.kinds & new.kinds and old.items is not None and not old.items.unknown:
        return _fit(old.items, new.items, depth + 1) if new.items is not None else 0.5
    return 1.0


def _touch(old: Form, new: Form) -> bool:
    return old.unknown or new.unknown or bool(with_integer(old.kinds) & with_integer(new.kinds))


def _wrapping(old: Form, new: Form) -> tuple[str, Form, Form] | None:
    """Whether a body lies one key deeper or higher now: in words, and the two forms to compare instead."""
    if not _NESTED & old.kinds or not _NESTED & new.kinds or _fit(old, new) >= _DOES_NOT_FIT:
        return None
    inner = [(_fit(old, one.form), name) for name, one in new.fields.items() if name not in old.fields]
    score, name = max(inner, default=(0.0, ""))
    if score >= _FITS:
        return f"inside the key {name}", old, new.fields[name].form
    outer = [
        (_fit(one.form, new), name)
        for name, one in old.fields.items()
        if _NESTED & one.form.kinds and name not in new.fields
    ]
    score, name = max(outer, default=(0.0, ""))
    return (f"no longer inside the key {name}", old.fields[name].form, new) if score >= _FITS else None


def _object_words(form: Form) -> str:
    if form.values is not None:
        return f"a map of {form.values.words}"
    return f"a record of {', '.join(list(form.fields)[:5])}"
