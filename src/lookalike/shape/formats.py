"""What strings look like: one table of formats, tested for a whole column at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,9})?"
_ZONE = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+[A-Za-z]{{2,24}}"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of strings.

    name:    JSON Schema's name (2020-12, 7.3) where there is one, else a word of our own
    pattern: a regular expression that matches the whole string and never a line break
    words:   with an article, for messages
    checked: a string without it contradicts a contract; otherwise it is only worth a warning
    """

    name: str
    pattern: str
    words: str
    checked: bool = True


# The most specific format comes first: of several that fit, it wins.
FORMATS: tuple[Format, ...] = (
    Format("uuid", r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "a uuid"),
    Format("date-time", rf"{_DATE}[Tt]{_TIME}{_ZONE}", "a date-time (RFC 3339)"),
    Format("date", _DATE, "a date (YYYY-MM-DD)"),
    Format("time", rf"{_TIME}{_ZONE}?", "a time", checked=False),
    Format("date-time-like", rf"{_DATE}[Tt ]{_TIME}(?: ?(?:{_ZONE}|UTC|[+-][0-9]{{4}}))?", "a date and time"),
    Format(
        "duration",
        r"P(?:[0-9]+W|(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?"
        r"(?:[0-9]+(?:\.[0-9]+)?S)?)?)",
        "a duration (ISO 8601)",
        checked=False,
    ),
    Format("ipv4", rf"{_OCTET}(?:\.{_OCTET}){{3}}", "an IPv4 address"),
    Format(
        "ipv6",
        r"(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{2,39}(?:[0-9.]{7,15})?",
        "an IPv6 address",
        checked=False,
    ),
    Format("email", rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]+@{_HOST}", "an e-mail address"),
    Format("uri", r"[A-Za-z][A-Za-z0-9+.-]*://\S+", "a URL"),
    Format("locale", r"[a-z]{2,3}(?:[_-][A-Z][a-z]{3})?[_-](?:[A-Z]{2}|[0-9]{3})", "a locale", checked=False),
    Format("color", r"#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})", "a colour (#rrggbb)", checked=False),
    Format("digits", r"[0-9]+", "digits", checked=False),
    Format("decimal", r"-?[0-9]+(?:\.[0-9]+)?", "a number in a string", checked=False),
    Format("hex", r"[0-9A-Fa-f]+", "hexadecimal digits", checked=False),
    Format("hostname", _HOST, "a host name", checked=False),
    Format("path", r"/\S*", "a path", checked=False),
)
BY_NAME = {form.name: form for form in FORMATS}
EVERY = (1 << len(FORMATS)) - 1  # all formats, as a bitmask: what no string has contradicted yet

Shortcut = Callable[[str, int, int], bool]  # lines that end with a line break, their number, the shortest's length


@cache
def _one(at: int) -> re.Pattern[str]:
    return re.compile(FORMATS[at].pattern)


@cache
def _lines(at: int) -> re.Pattern[str]:
    # Each line must match as a whole; the possessive quantifier keeps what doesn't match from being tried twice.
    return re.compile(rf"(?:(?:{FORMATS[at].pattern})\n)*+")


def matching(column: Sequence[str], alive: int = EVERY, joined: str | None = None, shortest: int = 0) -> int:
    """The formats of the bitmask `alive` that every string of a column has.

    joined, shortest: the strings joined by line breaks, and a length that none is below, where the caller knows them
    """
    if not column:
        return alive
    if alive == EVERY or len(column) == 1:
        first = column[0]
        alive = sum(bit for bit, one, _, _ in _alive(alive) if one.fullmatch(first))
        if not alive or len(column) == 1:
            return alive
    if "\n" in "".join(column):  # No format has one. To join again takes less than to count line breaks.
        return 0
    joined = ("\n".join(column) if joined is None else joined) + "\n"
    distinct: str | None = None
    found = implied = 0
    for bit, _, lines, shortcut in _alive(alive):
        if not (implied & bit or (shortcut and shortcut(joined, len(column), shortest))):
            distinct = distinct or _distinct(column, joined)
            if not lines.fullmatch(distinct):
                continue
        found |= bit
        implied |= _IMPLIED.get(bit, 0)
    return found


def _distinct(column: Sequence[str], joined: str) -> str:
    """The lines without those that are there again, where that saves more than it costs."""
    found = set(column)
    return "\n".join(found) + "\n" if len(found) * 2 <= len(column) else joined


@lru_cache(maxsize=256)
def _alive(alive: int) -> tuple[tuple[int, re.Pattern[str], re.Pattern[str], Shortcut | None], ...]:
    """The formats of a bitmask: bit, expressions for a string and for lines, and the shortcut where there is one."""
    bits = ((at, 1 << at) for at in range(len(FORMATS)))
    return tuple((bit, _one(at), _lines(at), _SHORTCUTS.get(bit)) for at, bit in bits if alive & bit)


def _are_digits(joined: str, _n: int, _shortest: int) -> bool:
    """Whether all lines are digits; False is no answer."""
    return _consist_of(joined, b"0123456789\n")


def _are_hex(joined: str, _n: int, _shortest: int) -> bool:
    """Whether all lines are hexadecimal digits; False is no answer."""
    return _consist_of(joined, b"0123456789abcdefABCDEF\n")


def _consist_of(joined: str, those: bytes) -> bool:
    """Whether there is no empty line, and nothing but those characters."""
    if not joined.isascii() or joined[0] == "\n" or "\n\n" in joined:
        return False
    return not joined.encode("ascii").translate(None, those)


def _are_web_addresses(joined: str, n: int, shortest: int) -> bool:
    """Whether all lines are http or https URLs of ASCII; False is no answer."""
    if not joined.startswith(("https://", "http://")) or not joined.isascii():
        return False
    if any(space in joined for space in _SPACES):
        return False
    others = n - 1 - joined.count("\nhttps://")
    if others and joined.count("\nhttp://") != others:
        return False
    return shortest > len("https://") or ("https://\n" not in joined and "http://\n" not in joined)


def _are_moments(joined: str, n: int, _shortest: int) -> bool:
    """Whether all lines are dates with a time to the second, in UTC; False is no answer."""
    width = len(_MOMENT)
    if len(joined) != width * n or not joined.isascii():
        return False
    lines = joined.encode("ascii")
    if lines.translate(_ZEROS) != _MOMENT * n:
        return False
    for at, allowed in _MOMENT_FIELDS:
        tens = int.from_bytes(lines[at::width].translate(_TENS), "big")
        units = int.from_bytes(lines[at + 1 :: width].translate(_UNITS), "big")
        if (tens | units).to_bytes(n, "big").translate(None, allowed):
            return False
    return True


def names(mask: int) -> list[str]:
    """The names of a bitmask's formats, the most specific first."""
    return [form.name for index, form in enumerate(FORMATS) if mask >> index & 1]


def mask(found: Sequence[str]) -> int:
    """The bitmask of names; those that this version doesn't know are left out."""
    return sum(1 << index for index, form in enumerate(FORMATS) if form.name in found)


@lru_cache(maxsize=4096)
def has_format(value: str, name: str) -> bool:
    """Whether a string has a format of the table; True for a format that isn't in it."""
    form = BY_NAME.get(name)
    return form is None or _one(FORMATS.index(form)).fullmatch(value) is not None


_SPACES = " \t\r\x0b\x0c\x1c\x1d\x1e\x1f"  # what `\s` matches in ASCII, but for the line break
_MOMENT = b"0000-00-00T00:00:00Z\n"
_DIGITS = b"0123456789"
_ZEROS = bytes.maketrans(_DIGITS, b"0" * 10)
_TENS = bytes.maketrans(_DIGITS, bytes(range(0x00, 0xA0, 0x10)))  # two digits in a byte, as a hexadecimal number
_UNITS = bytes.maketrans(_DIGITS, bytes(range(10)))
_MOMENT_FIELDS = tuple(
    (at, bytes(int(str(number), 16) for number in numbers))
    for at, numbers in (
        (5, range(1, 13)), (8, range(1, 32)), (11, range(24)), (14, range(60)), (17, range(61)),
    )
)  # fmt: skip
# What has one format has the others, and needs no second look.
_IMPLIED = {mask(["digits"]): mask(["decimal", "hex"]), mask(["date-time"]): mask(["date-time-like"])}
# Quicker than the expression where they say yes; where they say no, the expression decides.
_SHORTCUTS: dict[int, Shortcut] = {
    mask(["date-time"]): _are_moments,
    mask(["digits"]): _are_digits,
    mask(["hex"]): _are_hex,
    mask(["uri"]): _are_web_addresses,
}
