"""What a piece of text looks like, where only its form is kept: values of parameters and of headers."""

from __future__ import annotations

import re
from functools import lru_cache

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("empty", re.compile(r"")),
    ("integer", re.compile(r"-?\d{1,18}")),
    ("number", re.compile(r"-?\d+\.\d+")),
    ("boolean", re.compile(r"true|false")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
)


@lru_cache(maxsize=4096)
def text_form(value: str) -> str:
    """`empty`, `integer`, `number`, `boolean`, `date`, `date-time`, `uuid`, else `text`."""
    return next((form for form, pattern in _FORMS if pattern.fullmatch(value)), "text")
