"""What strings, numbers and arrays at a place have said: counts that add up, each with a state that absorbs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.shape import formats
from lookalike.shape.words import looks_like_identifier

MANY = "many"  # how a statistic is written that has reached its cap
EXACT = 2**53  # beyond it, a number that travels through a double is rounded (RFC 8259, section 6)
_BOUNDLESS = 400  # more digits than any double has


@dataclass(frozen=True, slots=True)
class Caps:
    """How much is kept at one place; beyond a cap a statistic is absorbed: it stays "many" whatever is added.

    targets: hashes of request targets     keys: named keys            key_sets: combinations of keys
    values: distinct strings               tag_values: values of a key that may be a tag
    prefixes: beginnings of strings        positions: arrays of one length up to which positions are counted
    depth: nesting; what is deeper is not looked at
    """

    targets: int = 64
    keys: int = 512
    key_sets: int = 64
    values: int = 64
    tag_values: int = 16
    prefixes: int = 8
    positions: int = 8
    depth: int = 64


CAPS = Caps()
Range = tuple[int, int]


def wider(one: Range | None, other: Range | None) -> Range | None:
    """The range that holds both."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def add_counts(into: dict[str, int] | None, more: Mapping[str, int] | None, cap: int) -> dict[str, int] | None:
    """Counters added, in place; None is the absorbing state of more than `cap` names."""
    if into is None or more is None:
        return None
    for name, n in more.items():
        into[name] = into.get(name, 0) + n
    return into if len(into) <= cap else None


_FEW = 4  # distinct values, up to which to look for each takes less than to count all

# An id behind a short word (`cus_NffrFeUfNV2Hib`): digits or mixed case, so that no name is taken for one.
_PREFIX = r"[A-Za-z]{1,7}[_-](?=[A-Za-z]*(?:[0-9]|[a-z][A-Z]))"
_PREFIXED = re.compile(rf"({_PREFIX})[A-Za-z0-9]{{6,}}\n")
_PREFIXED_COLUMN = re.compile(rf"(?:{_PREFIX}[A-Za-z0-9]{{6,}}\n)*+")


class Text:
    """Strings: lengths, formats and prefixes that all have, and distinct values while they are identifiers."""

    __slots__ = ("formats", "lengths", "prefixes", "values")

    def __init__(self) -> None:
        self.lengths: Range | None = None
        self.formats: int = formats.EVERY
        self.prefixes: dict[str, int] | None = {}
        self.values: dict[str, int] | None = {}

    def feed(self, column: Sequence[str], caps: Caps, *, keep: bool, joined: str | None = None) -> None:
        """Add a column of strings.

        keep:   False where the key says that they are somebody's own
        joined: the strings joined by line breaks, where the caller has done so already
        """
        if not keep:
            self.prefixes = self.values = None
        if self.prefixes is not None:
            self.prefixes = add_counts(self.prefixes, _prefixes(column), caps.prefixes)
        if self.values is not None:
            counted = identifiers(column, caps.values, self.values)
            self.values = add_counts(self.values, counted, caps.values)
            if counted is not None:  # What is so of these few is so of all.
                column, joined = list(counted), None
        low = self.measure(column)
        if self.formats:
            self.formats = formats.matching(column, self.formats, joined, low)

    @property
    def is_settled(self) -> bool:
        """Whether more strings can change nothing but the lengths."""
        return not self.formats and self.prefixes is None and self.values is None

    def measure(self, column: Sequence[str]) -> int:
        """Add the lengths of strings; the shortest of these."""
        sizes = set(map(len, column))
        low, high = min(sizes), max(sizes)
        had = self.lengths
        if had is None or low < had[0] or high > had[1]:
            self.lengths = wider(had, (low, high))
        return low

    def absorb(self, other: Text, caps: Caps) -> None:
        """Add the counts of other strings, in place."""
        self.lengths = wider(self.lengths, other.lengths)
        self.formats &= other.formats
        self.prefixes = add_counts(self.prefixes, other.prefixes, caps.prefixes)
        self.values = add_counts(self.values, other.values, caps.values)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; read back by `from_json`."""
        written: dict[str, Any] = {"lengths": list(self.lengths or ())}
        if self.formats:
            written["formats"] = formats.names(self.formats)
        for name, counted in (("prefixes", self.prefixes), ("values", self.values)):
            if counted != {}:
                written[name] = MANY if counted is None else dict(sorted(counted.items()))
        return written

    @classmethod
    def from_json(cls, data: Any) -> Text:
        """Read what `to_json` wrote."""
        text = cls()
        text.lengths = read_range(data["lengths"])
        text.formats = formats.mask(data.get("formats", ()))
        text.prefixes = read_counts(data.get("prefixes", {}))
        text.values = read_counts(data.get("values", {}))
        return text


def _prefixes(column: Sequence[str]) -> dict[str, int] | None:
    """How often each prefix begins a string; None where a string has none."""
    if not _PREFIXED.fullmatch(column[0] + "\n"):
        return None
    joined = "\n".join(column) + "\n"
    if joined.count("\n") != len(column) or not _PREFIXED_COLUMN.fullmatch(joined):
        return None
    return dict(Counter(_PREFIXED.findall(joined)))


def identifiers(column: Sequence[str], cap: int, known: Collection[str] = ()) -> dict[str, int] | None:
    """How often each string is there; None where one of them isn't an identifier, or more than `cap` differ.

    known: strings that are known to be identifiers
    """
    if not known and not looks_like_identifier(column[0]):
        return None
    counted = count_few(column, known)
    if len(counted) > cap or not all(value in known or looks_like_identifier(value) for value in counted):
        return None
    return counted


def count_few(column: Sequence[Any], known: Collection[str]) -> dict[Any, int]:
    """How often each value is there: quicker where there are four and fewer, which are known. TypeError as Counter."""
    if 0 < len(known) <= _FEW:
        counted = {value: n for value in known if (n := column.count(value))}
        if sum(counted.values()) == len(column):
            return counted
    return dict(Counter(column))


class Numbers:
    """Numbers: how many digits, signs, whole numbers written as fractions, and those beyond 2**53.

    No minimum and no maximum: the minimum of one value is that value, and a sum can't begin to remember at the
    twentieth value what it may not keep of the first nineteen. The outermost numbers of digits add up and give a range
    to a power of ten.
    """

    __slots__ = ("beyond", "digits", "integral", "negative")

    def __init__(self) -> None:
        self.digits: Range | None = None
        self.negative = 0
        self.integral = 0
        self.beyond = 0

    def feed(self, column: Sequence[int] | Sequence[float], *, whole: bool) -> None:
        """Add a column of numbers; `whole` for one of integers."""
        if not whole and not math.isfinite(sum(column)):
            finite = [number for number in column if math.isfinite(number)]
            if len(finite) < len(column):  # No JSON, but Python's parser reads NaN and Infinity.
                self.digits = wider(self.digits, (-_BOUNDLESS, _BOUNDLESS))
            if not finite:
                return
            column = finite
        low, high = min(column), max(column)
        self.digits = wider(self.digits, (digits(low), digits(high)))
        if low < 0:
            self.negative += sum(number < 0 for number in column)
        if not whole:
            self.integral += sum(map(float.is_integer, column))
        if high > EXACT or low < -EXACT:
            self.beyond += sum(not -EXACT <= number <= EXACT for number in column)

    def absorb(self, other: Numbers) -> None:
        """Add the counts of other numbers, in place."""
        self.digits = wider(self.digits, other.digits)
        self.negative += other.negative
        self.integral += other.integral
        self.beyond += other.beyond

    def to_json(self) -> dict[str, Any]:
        """A JSON object; read back by `from_json`."""
        written: dict[str, Any] = {"digits": list(self.digits or ())}
        counted = (("negative", self.negative), ("integral", self.integral), ("beyond", self.beyond))
        return written | {name: n for name, n in counted if n}

    @classmethod
    def from_json(cls, data: Any) -> Numbers:
        """Read what `to_json` wrote."""
        numbers = cls()
        numbers.digits = read_range(data["digits"])
        numbers.negative, numbers.integral, numbers.beyond = (
            read_count(data.get(name, 0)) for name in ("negative", "integral", "beyond")
        )
        return numbers


def digits(number: float) -> int:
    """Digits before the point, 0 below 1, negative for negative numbers: grows with the number.

    -250 gives -3, 0.5 gives 0, 9 gives 1.
    """
    whole = abs(int(number))
    if not whole:
        return 0
    # Counted from the bits where there are too many digits for str() (sys.set_int_max_str_digits).
    count = len(str(whole)) if whole.bit_length() < 1000 else int(whole.bit_length() * math.log10(2)) + 1
    return -count if number < 0 else count


def read_count(data: Any) -> int:
    """A count; ValueError for anything else."""
    if type(data) is not int or data < 0:
        raise ValueError(f"{data!r} is not a count")
    return data


def read_range(data: Any) -> Range | None:
    """`[low, high]` or `[]`; ValueError for anything else."""
    if data == []:
        return None
    low, high = data
    if type(low) is not int or type(high) is not int or low > high:
        raise ValueError(f"{data!r} is not a range")
    return low, high


def read_counts(data: Any) -> dict[str, int] | None:
    """`{name: count}`, or None for "many"; ValueError for anything else."""
    if data == MANY:
        return None
    return {str(name): read_count(n) for name, n in data.items()}
