"""Personal data by its form: e-mail addresses, telephone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

EMAIL = "redacted@example.com"

_AT = re.compile(r"(?:@|%40)((?:[^\W_][\w-]{0,62}\.){1,8}(?:[A-Za-z]{2,24}|xn--[\w-]{2,40}))(?![\w-])")
_LOCAL = re.compile(r"[^\s@\"'<>(),:;\[\]\\=&?/|{}]{1,64}\Z")
# `git@github.com:owner/name.git` is an address of no person, `logo@2x.png` none at all.
_SERVICE = frozenset({"git", "hg", "svn"})
_FILE_ENDINGS = frozenset({
    "avif", "css", "gif", "html", "ico", "jpeg", "jpg", "js", "json", "map", "mjs", "mp4", "png", "svg", "webp",
    "woff", "woff2", "zip",
})  # fmt: skip

# E.164: no country begins with 0. North American numbers have one separator, or brackets.
_PLUS = re.compile(r"\+[1-9][\d ().-]{6,18}\d(?!\w)")
_NATIONAL = re.compile(
    r"(?:1[-. ])?(?:\(\d{3}\) ?\d{3}[-. ]\d{4}|[2-9]\d{2}([-.])\d{3}\1\d{4}|[2-9]\d{2} \d{3}-\d{4})(?: ?x\d{1,6})?"
    r"(?![\w-])"
)
# The end of a date as git and C write it, `+1000 2012`, and a number with a sign.
_NO_PHONE = re.compile(r"\+1[0-4][03]0 (?:19|20)\d\d|\+\d+\.\d+")

_CARD = re.compile(r"\d(?:[ -]?\d){12,18}(?!\w)")
# Issuer ranges (ISO/IEC 7812): a number that only passes Luhn is one in ten of all numbers.
_ISSUER = re.compile(r"(?:4(?:\d{12}|\d{15})|(?:5[1-5]|2[2-7]|35|6[0245])\d{14}|3[47]\d{13}|3[068]\d{12})\Z")

_BY_NAME = re.compile(r"\b(?:card|pan)$|card number|\b(?:phone|telephone|mobile|fax|msisdn)\b")


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Where e-mail addresses stand, the `@` percent-encoded too."""
    if "@" not in text and "%40" not in text:
        return
    done = 0
    for domain in _AT.finditer(text):
        local = _LOCAL.search(text, max(done, domain.start() - 64), domain.start())
        if local is None or local[0].lower() in _SERVICE or domain[1].rpartition(".")[2].lower() in _FILE_ENDINGS:
            continue
        if text.startswith("://", max(0, local.start() - 3)):
            continue  # a user of a host
        done = domain.end()
        yield local.start(), done


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers stand: international ones with a plus, North American ones as they are written there."""
    if "+" in text:
        for found in _PLUS.finditer(text):
            start = found.start()
            digits = sum(map(str.isdigit, found[0]))
            alone = start == 0 or not (text[start - 1].isalnum() or text[start - 1] in "+_")
            if alone and 8 <= digits <= 15 and not _NO_PHONE.fullmatch(found[0]):
                yield found.span()
    for found in _NATIONAL.finditer(text):
        start = found.start()
        if start == 0 or not (text[start - 1].isalnum() or text[start - 1] in "_.-+"):
            yield found.span()


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand: of an issuer's range, with the right check digit."""
    for found in _CARD.finditer(text):
        start = found.start()
        if is_card(found[0]) and (start == 0 or not (text[start - 1].isalnum() or text[start - 1] in "_.")):
            yield found.span()


def is_card(written: str) -> bool:
    """Whether digits, with spaces or hyphens between them, are a card's number (ISO/IEC 7812, Luhn)."""
    digits = re.sub(r"[ -]", "", written)
    if not _ISSUER.match(digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


@lru_cache(maxsize=4096)
def is_personal_name(name: str) -> bool:
    """Whether a number under this name is a telephone's or a card's."""
    words = " ".join(re.findall(r"[A-Z]?[a-z]+", name)).lower()
    return bool(words) and _BY_NAME.search(words) is not None


def zeros(text: str) -> str:
    """The same text with every digit 0."""
    return re.sub(r"\d", "0", text)
