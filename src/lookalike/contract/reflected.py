"""What a path says of the body that answers it: `/places/9` has the id 9, `/users/3/todos` todos of user 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lookalike.contract.paths import split_path
from lookalike.contract.templates import singular
from lookalike.shape.schema import Validator

_WHOLE = re.compile(r"\{([^{}]+)\}")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,15})")


def reflect(template: str, path: str, body: Any, validator: Validator, partial: Any = None) -> Any:
    """A body with the values of a concrete path where the schema has a key for them and allows them there.

    The last variable of a path is the `id` of the object, or its key of the variable's name; an earlier one is a key
    of the variable's name, or of the collection's (`userId` for `/users/{id}/todos`), of the object or of each item.
    What `partial` says stays. A template as path changes nothing.
    """
    for keys, text in _variables(template, path):
        for value in _values(text):
            changed = _with(body, keys, value, partial)
            if changed is not None and validator.is_valid(changed):
                body = changed
                break
    return body


def _variables(template: str, path: str) -> Iterator[tuple[list[str], str]]:
    """The keys that may hold a variable's value, the likeliest first, and the value as text."""
    own, asked = split_path(template), split_path(path.partition("?")[0])
    if len(own) != len(asked):
        return
    for at, (part, text) in enumerate(zip(own, asked, strict=True)):
        match = _WHOLE.fullmatch(part)
        if match is None or "{" in text:
            continue
        name = match[1]
        above = singular(own[at - 1]) if at and "{" not in own[at - 1] else ""
        keys = [name] if _plain(name) != "id" else []
        if at == len(own) - 1:
            keys += ["id"] if _plain(name) in ("id", _plain(above) + "id") else []
        elif above:
            keys += [f"{above}Id"]
        yield keys, unquote(text)


def _values(text: str) -> list[Any]:
    return [int(text), text] if _INTEGER.fullmatch(text) else [text]


def _with(body: Any, keys: list[str], value: Any, partial: Any) -> Any:
    """A changed copy, None where nothing has one of the keys."""
    if isinstance(body, list):
        said = partial if isinstance(partial, list) else []
        items = [_with(one, keys, value, said[at] if at < len(said) else None) for at, one in enumerate(body)]
        both = zip(items, body, strict=True)
        return [new if new is not None else old for new, old in both] if any(one is not None for one in items) else None
    if not isinstance(body, dict):
        return None
    wanted = {_plain(key): order for order, key in reversed(list(enumerate(keys)))}
    key = min((key for key in body if _plain(key) in wanted), key=lambda key: wanted[_plain(key)], default=None)
    if key is None or (isinstance(partial, dict) and key in partial):
        return None
    return {**body, key: value}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
