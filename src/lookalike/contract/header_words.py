"""What evidence keeps of the values of an answer's headers: a word each, and of few headers only.

Of Content-Type the charset, of an API's version and of a rate limit the value, of what else a client relies on the
form. A value itself may be somebody's own, so no other is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

from lookalike.contract.headers import countable, header_class
from lookalike.contract.text_forms import text_form
from lookalike.secrets import is_secret_name

Kept = Literal["charset", "version", "limit", "form", ""]
Words = tuple[tuple[str, str], ...]

HTTP = ":http"  # a name that no header can have: the version of HTTP, where it isn't 1.1
WORDS_CAP = 8

_VERSION_NAME = re.compile(
    r"(?:.*-)?api-version(?:-.*)?|(?:x-ms|stripe|square|openai|anthropic|notion|linkedin)-version"
)
_VERSION = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_LIMIT_NAME = re.compile(r"(?:x-)?rate-?limit-limit(?:-[a-z]{1,16})?")
_LIMIT = re.compile(r"(\d{1,12})(?:\s*[,;].*)?")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:+-]{1,40})", re.IGNORECASE)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")  # RFC 9110, section 5.6.7
# Free text in every API; a form would say nothing.
_FREE = frozenset({"link", "etag", "location", "content-language", "content-disposition", "allow", "accept-patch"})


@lru_cache(maxsize=4096)
def kept_of(name: str) -> Kept:
    """What is kept of a header, by its name in lower case."""
    if name == "content-type":
        return "charset"
    if name in _FREE or not countable(name) or is_secret_name(name):
        return ""
    if _VERSION_NAME.fullmatch(name):
        return "version"
    if _LIMIT_NAME.fullmatch(name):
        return "limit"
    return "form" if header_class(name) == "contract" else ""


def words_of(headers: Iterable[tuple[str, str]], http_version: str = "1.1") -> Words:
    """The words of an answer's headers, sorted, each name once."""
    found: dict[str, str] = {}
    for name, value in headers:
        lower, kept = _known(name)
        if kept and (word := word_of(kept, value)):
            found[lower] = word
    if http_version != "1.1":
        found[HTTP] = http_version
    return tuple(sorted(found.items()))


@lru_cache(maxsize=4096)
def _known(name: str) -> tuple[str, Kept]:
    lower = name.lower()
    return lower, kept_of(lower)


def still_there(words: Words, names: Iterable[str]) -> Words:
    """Without the words of headers that have another name once what repeats a credential is taken out."""
    kept = {HTTP, *(name.lower() for name in names)}
    return tuple(one for one in words if one[0] in kept)


def word_of(kept: Kept, value: str) -> str:
    """The word that is kept of a header's value; `""` for none."""
    if kept == "form":
        return "integer" if len(value) <= 18 and value.isdecimal() and value.isascii() else _form(value)
    return _valued(kept, value)


@lru_cache(maxsize=1024)
def _form(value: str) -> str:
    form = text_form(value) if len(value) <= 40 else "text"
    return "http-date" if form == "text" and _HTTP_DATE.fullmatch(value) else form


@lru_cache(maxsize=1024)
def _valued(kept: Kept, value: str) -> str:
    if kept == "charset":
        found = _CHARSET.search(value)
        return found.group(1).lower() if found is not None else ""
    if kept == "limit":
        found = _LIMIT.fullmatch(value)
        return found.group(1) if found is not None else ""
    return value if _VERSION.fullmatch(value) else ""


def counted_words(found: Iterable[tuple[Words, int]]) -> dict[str, dict[str, int]]:
    """How often each word came, by header."""
    counts: dict[str, dict[str, int]] = {}
    for words, n in found:
        for name, word in words:
            by = counts.setdefault(name, {})
            by[word] = by.get(word, 0) + n
    return {name: few(by) for name, by in counts.items()}


def few(words: Mapping[str, int]) -> dict[str, int]:
    """Words of a header; too many say nothing, and absorb whatever is added."""
    return {"*": 0} if "*" in words or len(words) > WORDS_CAP else dict(words)
