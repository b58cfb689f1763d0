"""Which strings and keys may be remembered word for word: those that look like identifiers, and nobody's own data.

The gate is conservative: what it turns away is still counted, by its form, only not by name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from lookalike.secrets.names import is_secret_name

MAX_IDENTIFIER = 40
MAX_KEY = 80

# One separator between tokens; a token is letters with at most four digits around them, so that no hash, uuid,
# telephone, card or postal number passes.
_TOKEN = r"(?:[A-Za-z]{1,20}[0-9]{0,4}|[0-9]{1,4}[A-Za-z]{0,4})"  # noqa: S105  a pattern, no secret
_IDENTIFIER = re.compile(rf"[_#]{{0,2}}{_TOKEN}(?:[_.:/+-]{_TOKEN}){{0,6}}")
_MAX_DIGITS = 4
# Beginnings that vendors give their credentials (Stripe, GitHub, GitLab, Slack, AWS, JWT, OpenAI, npm, ...).
_CREDENTIAL = re.compile(
    r"(?i:sk|pk|rk|whsec|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[a-z]|npm|pypi|hf|shpat|dop_v1|sq0[a-z]{3})[_-]"
    r"|AKIA|ASIA|AIza|eyJ|ya29\.|SG\.|EAA[A-Z]|-----BEGIN"
)
_CASE_CHANGES = re.compile(r"[a-z][A-Z]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]+")
_LONG_MIX = re.compile(r"(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}")
_DIGIT_RUN = re.compile(r"[0-9]{7,}")
_MAX_KEY_DIGITS = 8
_CHANGES = re.compile(r"[A-Za-z][0-9]")  # three in a key of ten and more are a random text

# Words of keys whose values are somebody's own, however harmless they look one by one.
PERSONAL = frozenset({
    "account", "accounts", "actor", "actors", "address", "addresses", "author", "authors", "birthday", "born", "city",
    "company", "contact", "customer", "customers", "dob", "email", "emails", "family", "first", "firstname",
    "fullname", "given", "last", "lastname", "login", "maiden", "mail", "member", "members", "mobile", "name",
    "names", "namespace", "nick", "nickname", "org", "organization", "organizations", "orgs", "owner", "owners",
    "passport", "patient", "people", "person", "phone", "phones", "postcode", "salary", "street", "suite", "surname",
    "user", "username", "users", "zip", "zipcode",
})  # fmt: skip
# `name` is personal beside a person only; such a pair names a thing.
_THINGS = frozenset({
    "category", "class", "color", "colour", "country", "currency", "event", "field", "file", "kind", "language",
    "level", "locale", "method", "mode", "model", "plan", "product", "role", "scope", "state", "status", "type",
    "unit",
})  # fmt: skip
# The last word says what the value is: `user_type` is a type.
_TELLS_A_KIND = frozenset({
    "action", "association", "category", "class", "country", "currency", "event", "format", "kind", "language",
    "level", "locale", "method", "mode", "permission", "permissions", "role", "scope", "state", "status", "type",
    "unit", "version", "visibility",
})  # fmt: skip


@lru_cache(maxsize=8192)
def looks_like_identifier(value: str) -> bool:
    """Whether a string looks like a word of a program (`open`, `text/html`, `push_event`), not like data."""
    if len(value) > MAX_IDENTIFIER:
        return False
    if not value:
        return True
    if not _IDENTIFIER.fullmatch(value) or _CREDENTIAL.match(value):
        return False
    return sum(map(str.isdigit, value)) <= _MAX_DIGITS and len(_CASE_CHANGES.findall(value)) <= 4


Privacy = Literal["open", "personal", "secret"]


@lru_cache(maxsize=8192)
def privacy(key: str, above: Privacy = "open") -> Privacy:
    """What strings under a key are: credentials, somebody's own data, or neither, so that they may be kept.

    All that is inside of a secret is secret; inside of a person (`user`, `owner`) each key speaks for itself.
    """
    if above == "secret" or is_secret_name(key):
        return "secret"
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", key)]
    if not words or words[-1] in _TELLS_A_KIND or PERSONAL.isdisjoint(words):
        return "open"
    return "open" if words[-1] == "name" and len(words) > 1 and words[-2] in _THINGS else "personal"


@lru_cache(maxsize=8192)
def is_telling_key(key: str) -> bool:
    """Whether a key is data that must not be kept by name: an address, a long number, a credential, a long text."""
    if key.isascii() and key.isalpha() and len(key) <= 24:
        return False
    if len(key) > MAX_KEY or "://" in key or _CREDENTIAL.match(key) or _EMAIL.search(key):
        return True
    if _DIGIT_RUN.search(key) or sum(map(str.isdigit, key)) > _MAX_KEY_DIGITS or _LONG_MIX.search(key):
        return True
    if len(key) >= 10 and len(_CHANGES.findall(key)) >= 3:
        return True
    try:
        key.encode()
    except UnicodeEncodeError:  # A lone surrogate can't be written.
        return True
    return False


_FILE = (
    r"[\w .+-]{1,60}\.(?:txt|text|md|json|ya?ml|toml|xml|html?|css|csv|[jt]sx?|py|rb|go|rs|java|cpp|sh|sql"
    r"|png|jpe?g|gif|svg|pdf|zip|gz)"
)
# What the keys of a map have in common. The first form that a key has is its form; each counts once.
KEY_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("digits", r"-?[0-9]+"),
        ("uuid", r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
        ("date", r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?)?"),
        ("email", r"[^@\s]+@[^@\s]+\.[A-Za-z]+"),
        ("url", r"[a-z][a-z0-9+.-]*://\S+|/\S+"),
        ("ip", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"),
        ("version", r"v?[0-9]+(?:\.[0-9]+)+[A-Za-z0-9.+-]*"),
        ("locale", r"[a-z]{2,3}(?:[_-][A-Z][a-z]{3})?[_-](?:[A-Z]{2}|[0-9]{3})"),
        ("hash", r"(?=[a-f]*[0-9])[0-9a-f]{16,}"),
        ("prefixed", r"[A-Za-z]{1,7}[_-](?=[A-Za-z]*[0-9])[A-Za-z0-9]{8,}"),
        ("file", _FILE),
        ("capitals", r"[A-Z]{2,3}"),
        ("name", r"[A-Za-z_$@][A-Za-z0-9_$@.:-]*"),
    )
)
# `capitals` are currencies and countries (USD, DE); `name` and `other` say nothing.
SAYS_NOTHING = frozenset({"name", "other"})


@lru_cache(maxsize=8192)
def key_form(key: str) -> str:
    """The form of an object's key, a word of KEY_FORMS, or `other`."""
    for name, pattern in KEY_FORMS:
        if pattern.fullmatch(key):
            return name
    return "other"
