"""Formats that a document names, held loosely: what plainly isn't one is a doubt, never a contradiction.

JSON Schema takes `format` for an annotation (2020-12 validation, section 7.2.1), and real APIs send dates without a
zone under `date-time`; a mock that says "yesterday" there is a slip all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from lookalike.shape.describe import place

_DATE = re.compile(r"\d{4}-?\d\d-?\d\d|\d{1,2}[/. ]\w{1,9}[/. ]\d{2,4}|\w{3}, \d\d \w{3} \d{4}|\d{9,13}")


def _could_be(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    # An empty text stands for nothing in many APIs.
    return lambda text: not text or pattern.match(text) is not None


# Format: (what it is in words, whether a text could be one).
_FORMATS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "date-time": ("a date-time", _could_be(_DATE)),
    "date": ("a date", _could_be(_DATE)),
    "uuid": ("a uuid", _could_be(re.compile(r"\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?\Z"))),
    "email": ("an e-mail address", _could_be(re.compile(r"[^@]+@[^@]+|.*\*"))),
}
_NAMED = tuple(f'"format":"{name}"'.encode() for name in _FORMATS)


class FormatCheck:
    """Finds texts that plainly lack the format that a schema names."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._engine: Any = None
        text = orjson.dumps(schema, option=orjson.OPT_NON_STR_KEYS)
        self._names_any = any(one in text for one in _NAMED)

    def doubts(self, value: Any, root: str) -> Iterator[tuple[str, list[str | int], str, Any]]:
        """(place in words, its path, what was expected, what is there), for a value that fits the schema."""
        if not self._names_any:
            return
        if self._engine is None:
            from jsonschema_rs import Draft202012Validator

            checks = {name: check for name, (_, check) in _FORMATS.items()}
            self._engine = Draft202012Validator(self._schema, validate_formats=True, formats=checks)
        for error in self._engine.iter_errors(value):
            name = str(getattr(error.kind, "format", ""))
            if error.kind.name == "format" and name in _FORMATS:
                path = list(error.instance_path)
                yield place(root, tuple(path)), path, _FORMATS[name][0], error.instance
