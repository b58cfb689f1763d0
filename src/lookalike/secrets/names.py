"""Which names carry a credential: words, pairs of words, and words glued together."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

SECRET_WORDS = frozenset({
    "auth", "authorization", "bearer", "cookie", "cookies", "credential", "credentials", "csrf", "cvc", "cvv", "jwt",
    "otp", "passcode", "passphrase", "passwd", "password", "passwords", "pwd", "secret", "secrets", "sid",
    "signature", "ssn", "token", "totp", "xsrf",
})  # fmt: skip
SECRET_PAIRS = frozenset(
    tuple(pair.split())
    for pair in (
        "access key", "account key", "api key", "api keys", "api tokens", "access tokens", "auth key", "consumer key",
        "encryption key", "master key", "private key", "refresh tokens", "secret key", "session id", "session key",
        "shared key", "signing key", "subscription key", "amz credential",
    )
)  # fmt: skip
GLUED = (
    "accesskey", "accesstoken", "apikey", "authkey", "authtoken", "clientsecret", "idtoken", "passwd", "password",
    "privatekey", "refreshtoken", "secretkey", "sessid", "sessionid", "sessiontoken", "subscriptionkey",
)  # fmt: skip
# `token_type` and `password_changed_at` tell about a secret, they are none.
HARMLESS_LAST = frozenset({
    "at", "category", "check", "checks", "count", "created", "date", "dismissal", "enabled", "encryption",
    "endpoint", "endpoints", "entrypoint", "expiration", "expired", "expires", "expiry", "failure", "file", "format",
    "formats", "hint", "in", "length", "level", "lifetime", "limit", "link", "links", "method", "methods", "name",
    "names", "namespace", "patterns", "plugin", "plugins", "policy", "protection", "provided", "provider", "providers",
    "ref", "refs", "region", "requests", "required", "scanning", "scheme", "scope", "scopes", "seconds", "size", "spec",
    "status", "supported", "timeout", "ttl", "type", "types", "updated", "uri", "url", "usage", "version",
})  # fmt: skip
# A page's token is a place in a list.
PAGE_WORDS = frozenset({
    "continuation", "cursor", "next", "page", "pagination", "prev", "previous", "resume", "scroll", "skip", "sync",
})  # fmt: skip
# In a query these carry credentials (Google's `key`, Azure's `sig`, OAuth's `code`); in a body they rarely do.
QUERY_NAMES = frozenset({"key", "sig", "code"})
# `secrets: [{"name": ..., "visibility": ...}]` tells about secrets.
PLURALS = frozenset({"cookies", "keys", "passwords", "secrets", "tokens"})
HARMLESS_OF_MANY = frozenset({"description", "id", "key_id", "node_id", "note", "visibility"})
# `cookies.py` is a file.
_FILE = re.compile(
    r"\.(?:c|cfg|conf|cpp|cs|css|csv|go|h|html|ini|java|js|json|jsx|lock|md|php|py|rb|rs|rst|sh|toml|ts|tsx|txt|xml|ya?ml)\Z"
)
# `/oauth/token` is a path that something is said of, `click .token` a selector.
_NO_NAME = re.compile(r"/|.*\s[.#][A-Za-z]")


@lru_cache(maxsize=4096)
def name_below(name: str, key: str) -> str:
    """The name that a key's value stands under inside of a JSON object that stands under `name` itself.

    All that is inside of a secret is one, but what tells about it: `{"token": {"value": ..., "expires_at": ...}}`.
    """
    if not is_secret_name(name):
        return key
    words = _words(key)
    if words and words[-1] in HARMLESS_LAST:
        return key
    return key if key.lower() in HARMLESS_OF_MANY and _words(name)[-1] in PLURALS else name


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a header, parameter, cookie, field or key of this name carries a credential, however it is spelled."""
    words = _words(name)
    if not words or words[-1] in HARMLESS_LAST or _FILE.search(name) or _NO_NAME.match(name):
        return False
    if words[-1] == "token" and PAGE_WORDS.intersection(words):
        return False
    if words == ["tokens"] or not SECRET_WORDS.isdisjoint(words):
        return True
    if not SECRET_PAIRS.isdisjoint(pairwise(words)):
        return True
    joined = "".join(words)
    return any(glued in joined for glued in GLUED)
