"""What to ask: the requests that used to succeed, and others that lists which were answered lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from lookalike.contract.contract import Contract
from lookalike.contract.operation import Operation, Parameter
from lookalike.errors import InvalidJson
from lookalike.messages import Response

_VARIABLE = re.compile(r"\{([^{}]+)\}")
# What identifies an item of a list, when no key has the parameter's own name.
_IDENTIFIERS = ("id", "uuid", "slug", "key", "name", "code")
_ENVELOPES = ("items", "data", "results", "values", "records", "entries")
# Lists of objects that accompany items, and are none.
_BESIDE = frozenset({"errors", "links", "messages", "warnings"})
_MOST_ITEMS = 50


class Lists:
    """Lists that were answered, by path, and the items that they lead to."""

    def __init__(self) -> None:
        self._items: dict[str, list[Mapping[str, Any]]] = {}

    def note(self, path: str, response: Response) -> None:
        """Remember a list of objects, bare or in an envelope."""
        if response.status != 200 or not response.is_json:
            return
        try:
            value = response.json()
        except InvalidJson:
            return
        found = value if isinstance(value, list) else _enclosed(value, _plain(path).rpartition("/")[2])
        if found is not None:
            self._items[_plain(path)] = [one for one in found if isinstance(one, dict)]

    def targets(self, operation: Operation) -> Iterator[str]:
        """Targets of an operation that lists lead to; none where the request needs more than a path."""
        needs_more = any(one.required and one.place != "path" for one in operation.parameters)
        return iter(()) if needs_more or "{" not in operation.path else self.fill(operation.path)

    def fill(self, template: str) -> Iterator[str]:
        """Concrete paths of a template, one for each item that is known; none where a list is missing."""
        parts = [part for part in template.split("/") if part]
        yield from self._fill(parts, 0, "")

    def _fill(self, parts: list[str], at: int, path: str) -> Iterator[str]:
        if at == len(parts):
            yield path or "/"
            return
        variable = _VARIABLE.search(parts[at])
        if variable is None:
            yield from self._fill(parts, at + 1, f"{path}/{parts[at]}")
            return
        for item in _spread(self._items.get(_plain(path), [])):
            value = _identifier(item, variable.group(1))
            if value:
                part = parts[at].replace(variable.group(0), quote(value, safe=""))
                yield from self._fill(parts, at + 1, f"{path}/{part}")


def _enclosed(value: Any, collection: str, depth: int = 2) -> list[Any] | None:
    """The list that an envelope holds: by the collection's own name (`/orders`: `orders`), by a name that lists have,
    or the only list of objects; one object deeper too (HAL's `_embedded`).
    """
    if not isinstance(value, dict) or not depth:
        return None
    lists = {key: one for key, one in value.items() if isinstance(one, list)}
    for name in (collection, *_ENVELOPES):
        if name in lists:
            return lists[name]
    objects = [
        one
        for name, one in lists.items()
        if one and name not in _BESIDE and all(isinstance(item, dict) for item in one)
    ]
    if objects:
        return objects[0] if len(objects) == 1 else None
    inner = (_enclosed(one, collection, depth - 1) for one in value.values() if isinstance(one, dict))
    return next((one for one in inner if one is not None), None)


def _plain(path: str) -> str:
    return path.partition("?")[0].rstrip("/")


def _spread(items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Items from the whole length of a list: neighbours resemble each other."""
    step = max(1, len(items) // _MOST_ITEMS)
    return items[::step][:_MOST_ITEMS]


def _identifier(item: Mapping[str, Any], name: str) -> str:
    for key in (name, *_IDENTIFIERS):
        value = item.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def known_targets(contract: Contract, operation: Operation) -> list[str]:
    """Targets (`/todos/1?x=y`) of a GET that used to succeed, or that a document's examples make."""
    counts = contract.evidence.counts_of(operation) if contract.evidence is not None else None
    if counts is not None and counts.targets:
        return list(counts.targets)
    if contract.learned:
        return []
    made = _from_examples(contract, operation)
    return [made] if made else []


def last_seen(contract: Contract, operation: Operation) -> str:
    """The last day on which there was evidence for an operation, `""` where there is none."""
    counts = contract.evidence.counts_of(operation) if contract.evidence is not None else None
    return counts.last if counts is not None else ""


def _from_examples(contract: Contract, operation: Operation) -> str:
    path, query = operation.path, []
    for parameter in operation.parameters:
        schema, _ = contract.document.resolve(parameter.schema, parameter.pointer)
        value = _example(parameter, schema if isinstance(schema, Mapping) else {})
        if parameter.place == "path":
            if value is None:
                return ""
            path = path.replace("{" + parameter.name + "}", quote(value, safe="/" if parameter.multi else ""))
        elif parameter.required:
            if value is None or parameter.place != "query":
                return ""
            query.append(f"{quote(parameter.name, safe='')}={quote(value, safe='')}")
    if "{" in path:
        return ""
    return path + ("?" + "&".join(query) if query else "")


def _example(parameter: Parameter, schema: Mapping[str, Any]) -> str | None:
    candidates = [
        *parameter.examples,
        schema.get("example"),
        *_first(schema.get("examples")),
        schema.get("default"),
        *_first(schema.get("enum")),
    ]
    for value in candidates:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
    return None


def _first(values: Any) -> Iterable[Any]:
    return values[:1] if isinstance(values, list) else ()
