"""Three documents merged into one: what lookalike wrote last, what is on disk now, what it would write now.

What a person wrote, changed, deleted or pinned (`x-pinned: true`) stays as it is; what lookalike wrote and nobody
touched follows the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import reduce
from typing import Any

from lookalike.contract.ledger import PINNED
from lookalike.contract.openapi import GONE, METHODS

# What tells the items of a list from one another, where they are mappings: parameters, servers, tags.
_IDENTITIES = (("in", "name"), ("url",), ("name",), ("$ref",))
_MISSING: Any = object()
_MARKS = frozenset({"x-grade", "x-seen"})
# Where each key names something of the API: what is left of it is said to be gone.
_NAMES = frozenset({"paths", "responses", "content", "properties"})


def still_shared(base: Mapping[str, Any], mine: Any, new: Mapping[str, Any]) -> Mapping[str, Any]:
    """`new` with bodies that go on sharing a component which a person has changed or pinned in `mine`.

    What lookalike would write for them apart would leave the person's words without a reader.
    """
    was, now = _components(base), _components(mine)
    touched = {f"#/components/schemas/{name}" for name, schema in was.items() if name in now and now[name] != schema}
    if not touched:
        return new
    kept: dict[str, list[Any]] = {}
    paths = _shared(base.get("paths"), new.get("paths"), touched, kept)
    schemas = dict(_components(new))
    for reference, apart in sorted(kept.items()):
        name = reference.rpartition("/")[2]
        own = [schemas[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in apart]
        schemas[name] = reduce(widened, own)
    components = {**new.get("components", {}), "schemas": {name: schemas[name] for name in sorted(schemas)}}
    return {**new, "paths": paths, **({"components": components} if schemas else {})}


def _components(document: Any) -> Mapping[str, Any]:
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, Mapping) else None
    return schemas if isinstance(schemas, Mapping) else {}


def _shared(base: Any, new: Any, touched: set[str], kept: dict[str, list[Any]]) -> Any:
    """`new` with the references of `base` to touched components put back; `kept` has what stood there instead."""
    if isinstance(base, Mapping) and isinstance(new, Mapping):
        if base.get("$ref") in touched:
            kept.setdefault(base["$ref"], []).append(new)
            return dict(base)
        return {key: _shared(base.get(key), value, touched, kept) for key, value in new.items()}
    return new


def widened(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that allows what either of two schemas allows, in the few words that learned schemas have."""
    if one == other:
        return dict(one)
    if "type" not in one or "type" not in other:
        return {}
    found = {kind for schema in (one, other) for kind in _as_list(schema["type"])}
    kinds = sorted(found, key=lambda kind: (kind == "null", kind))
    result: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0]}
    result.update({key: value for key, value in one.items() if key in other and other[key] == value and key != "type"})
    for key in ("properties", "items", "additionalProperties"):
        mine, theirs = one.get(key), other.get(key)
        if key == "properties" and (mine or theirs):
            names = sorted({*(mine or {}), *(theirs or {})})
            both = [((mine or {}).get(name), (theirs or {}).get(name)) for name in names]
            result[key] = {name: _either(*pair) for name, pair in zip(names, both, strict=True)}
        elif mine is not None or theirs is not None:
            result[key] = _either(mine, theirs)
    required = [name for name in one.get("required", ()) if name in other.get("required", ())]
    result.pop("required", None)
    return {**result, "required": required} if required else result


def _either(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return widened(one, other) if isinstance(one, Mapping) and isinstance(other, Mapping) else True


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def merge(base: Any, mine: Any, new: Any, *, since: str = "", inside: str = "") -> Any:
    """`mine` brought up to date in place where it can be, so that comments of a round-trip document stay.

    base: what lookalike wrote last; mine: what is there now; new: what lookalike would write now
    since:  the day that is noted (`x-gone-since`) beside what a person wrote about something that is gone
    inside: the key that holds the three
    """
    if isinstance(mine, Mapping) and isinstance(new, Mapping):
        _mappings(base if isinstance(base, Mapping) else {}, mine, new, since, inside)
        return mine
    if isinstance(mine, list) and isinstance(new, list):
        return _lists(base if isinstance(base, list) else [], mine, new)
    return deepcopy(new) if mine == base else mine


def marks_of(mine: Any) -> dict[str, Any]:
    """What is lookalike's own in a document whose evidence is lost: its marks. All else may be a person's by now."""
    if not isinstance(mine, Mapping):
        return {}
    found = {key: one if key in _MARKS else marks_of(one) for key, one in mine.items()}
    return {key: one for key, one in found.items() if one != {}}


def pinned(node: Any) -> bool:
    """Whether a person vouches for a node."""
    return isinstance(node, Mapping) and node.get(PINNED) is True


def holds_pin(node: Any) -> bool:
    """Whether a node, or anything in it, is pinned."""
    if isinstance(node, Mapping):
        return pinned(node) or any(holds_pin(one) for one in node.values())
    return isinstance(node, list) and any(holds_pin(one) for one in node)


def _mappings(base: Mapping[str, Any], mine: Any, new: Mapping[str, Any], since: str = "", inside: str = "") -> None:
    if pinned(mine):
        return
    if GONE in mine and since:
        del mine[GONE]  # it is back
    for key in [key for key in mine if key in base and key not in new]:
        _outdated(base[key], mine, key, since if inside in _NAMES or key in METHODS else "")
    before: str | None = None
    for key, value in new.items():
        if key not in mine:
            if key in base:
                continue  # a person deleted it
            _insert(mine, key, deepcopy(value), before)
        elif key not in base and not _both_hold(mine[key], value):
            pass  # a person wrote it first
        else:
            merged = merge(base.get(key, _MISSING), mine[key], value, since=since, inside=key)
            if merged is not mine[key]:
                mine[key] = merged
        before = key


def _both_hold(one: Any, other: Any) -> bool:
    return isinstance(one, Mapping) and isinstance(other, Mapping)


def _outdated(base: Any, mine: Any, key: str, since: str) -> None:
    """lookalike wouldn't write a key any more: it goes, except for what a person has put into it, which is marked."""
    node = mine[key]
    if isinstance(node, Mapping) and isinstance(base, Mapping) and node != base:
        if not pinned(node):
            _mappings(base, node, {})
        if not node:
            _remove(mine, key)
        elif since and not holds_pin(node):
            node[GONE] = since  # type: ignore[index]  # a mapping of ruamel's
    elif node == base and not holds_pin(node):
        _remove(mine, key)


def _identity(items: list[Any]) -> tuple[str, ...] | None:
    for keys in _IDENTITIES:
        if items and all(
            isinstance(one, Mapping) and all(isinstance(one.get(key), str) for key in keys) for one in items
        ):
            return keys
    return None


def _lists(base: list[Any], mine: Any, new: list[Any]) -> Any:
    keys = _identity([*base, *mine, *new])
    if keys is not None:
        return _keyed_lists(base, mine, new, keys)
    if mine != base:
        return mine
    if mine == new:
        return mine
    if any(isinstance(one, Mapping | list) for one in [*mine, *new]):
        return deepcopy(new)
    # Item by item, so that comments beside the items that stay do so too.
    for at in range(len(mine) - 1, -1, -1):
        if mine[at] not in new:
            del mine[at]
    for at, one in enumerate(new):
        if at >= len(mine) or mine[at] != one:
            mine.insert(at, one)
    del mine[len(new) :]
    return mine


def _keyed_lists(base: list[Any], mine: Any, new: list[Any], keys: tuple[str, ...]) -> Any:
    def by_key(items: list[Any]) -> dict[tuple[Any, ...], Any]:
        return {tuple(one[key] for key in keys): one for one in items}

    was, now = by_key(base), by_key(new)
    for at in range(len(mine) - 1, -1, -1):
        key = tuple(mine[at][name] for name in keys)
        if key in was and key not in now and mine[at] == was[key] and not holds_pin(mine[at]):
            del mine[at]
    at = 0
    for key, one in now.items():
        have = [tuple(item[name] for name in keys) for item in mine]
        if key in have:
            at = have.index(key)
            merge(was.get(key, {}), mine[at], one)
            at += 1
        elif key not in was:
            # Behind the one that precedes it in lookalike's own order, so that the order of folding doesn't show.
            while at < len(have) and have[at] not in now:
                at += 1
            mine.insert(at, deepcopy(one))
            at += 1
    return mine


def _insert(mine: Any, key: str, value: Any, before: str | None) -> None:
    """A new key behind the one that precedes it in lookalike's own order."""
    if not hasattr(mine, "insert"):
        items = list(mine.items())
        at = next((at + 1 for at, (name, _) in enumerate(items) if name == before), 0 if before is None else len(items))
        items.insert(at, (key, value))
        mine.clear()
        mine.update(items)
        return
    names = list(mine)
    mine.insert(names.index(before) + 1 if before in names else len(names) if before else 0, key, value)


def _remove(mine: Any, key: str) -> None:
    """Delete a key, and keep the comments in and behind it: they are a person's."""
    lines = _comments(mine, key)
    names = list(mine)
    at = names.index(key)
    del mine[key]
    if not lines or not hasattr(mine, "yaml_set_comment_before_after_key"):
        return
    following = names[at + 1] if at + 1 < len(names) else None
    text = "\n".join(lines)
    column = mine.lc.data[following][1] if following is not None and following in (mine.lc.data or {}) else 0
    if following is not None:
        mine.yaml_set_comment_before_after_key(following, before=text, indent=column)
    elif at:
        mine.yaml_set_comment_before_after_key(names[at - 1], after=text, after_indent=column)
    else:
        mine.yaml_set_start_comment(text)


def _comments(mine: Any, key: str) -> list[str]:
    """The text of the comments that a round-trip mapping keeps at a key and below it."""
    found: list[str] = []
    if hasattr(mine, "ca"):
        _tokens(mine.ca.items.get(key), found)
    _below(mine[key], found)
    return [line for line in found if line]


def _below(node: Any, found: list[str]) -> None:
    if hasattr(node, "ca"):
        _tokens(node.ca.comment, found)
        for tokens in node.ca.items.values():
            _tokens(tokens, found)
    if isinstance(node, Mapping):
        for one in node.values():
            _below(one, found)
    elif isinstance(node, list):
        for one in node:
            _below(one, found)


def _tokens(tokens: Any, found: list[str]) -> None:
    if isinstance(tokens, list | tuple):
        for one in tokens:
            _tokens(one, found)
    elif tokens is not None and hasattr(tokens, "value"):
        found += [line.strip().lstrip("#").strip() for line in str(tokens.value).splitlines()]
