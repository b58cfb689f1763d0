"""What strings look like: one table of formats, tested for a whole column at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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

_ONE = tuple(re.compile(form.pattern) for form in FORMATS)
# Each line must match as a whole; the possessive quantifier keeps what doesn't match from being tried twice.
_LINES = tuple(re.compile(rf"(?:(?:{form.pattern})\n)*+") for form in FORMATS)
_BITS = tuple((1 << index, one, lines) for index, (one, lines) in enumerate(zip(_ONE, _LINES, strict=True)))


def matching(column: Sequence[str], alive: int = EVERY, joined: str | None = None) -> int:
    """The formats of the bitmask `alive` that every string of a column has.

    joined: the strings joined by line breaks, where the caller has done so already
    """
    if not column:
        return alive
    if alive == EVERY or len(column) == 1:
        first = column[0]
        alive = sum(bit for bit, one, _, _ in _alive(alive) if one.fullmatch(first))
        if not alive or len(column) == 1:
            return alive
    joined = "\n".join(column) if joined is None else joined
    if joined.count("\n") != len(column) - 1:  # A line break inside a string: no format has one.
        return 0
    joined += "\n"
    distinct: str | None = None
    found = implied = 0
    for bit, _, lines, shortcut in _alive(alive):
        if not (implied & bit or (shortcut and shortcut(joined, len(column)))):
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
def _alive(alive: int) -> tuple[tuple[int, re.Pattern[str], re.Pattern[str], Callable[[str, int], bool] | None], ...]:
    """The formats of a bitmask: bit, expressions for a string and for lines, and the shortcut where there is one."""
    return tuple((bit, one, lines, _SHORTCUTS.get(bit)) for bit, one, lines in _BITS if alive & bit)


def _are_digits(joined: str, _: int) -> bool:
    """Whether all lines are digits; False is no answer."""
    return joined.isascii() and joined.replace("\n", "").isdigit() and "\n\n" not in joined and joined[0] != "\n"


def _are_hex(joined: str, _: int) -> bool:
    """Whether all lines are hexadecimal digits; False is no answer."""
    if not joined.isascii() or "\n\n" in joined or joined[0] == "\n":
        return False
    return not joined.encode("ascii").translate(None, b"0123456789abcdefABCDEF\n")


def _are_web_addresses(joined: str, n: int) -> bool:
    """Whether all lines are http or https URLs of ASCII; False is no answer."""
    if not joined.startswith(("https://", "http://")) or not joined.isascii() or "://\n" in joined:
        return False
    if any(space in joined for space in _SPACES):
        return False
    others = n - 1 - joined.count("\nhttps://")
    return not others or joined.count("\nhttp://") == others


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
    return form is None or _ONE[FORMATS.index(form)].fullmatch(value) is not None


_SPACES = " \t\r\x0b\x0c\x1c\x1d\x1e\x1f"  # what `\s` matches in ASCII, but for the line break
# What has one format has the others, and needs no second look.
_IMPLIED = {mask(["digits"]): mask(["decimal", "hex"]), mask(["date-time"]): mask(["date-time-like"])}
# Quicker than the expression where they say yes; where they say no, the expression decides.
_SHORTCUTS: dict[int, Callable[[str, int], bool]] = {
    mask(["digits"]): _are_digits,
    mask(["hex"]): _are_hex,
    mask(["uri"]): _are_web_addresses,
}
