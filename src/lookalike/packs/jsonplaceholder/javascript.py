"""The parts of JavaScript that an answer of json-server depends on (ECMA-262; section numbers of the 2023 edition).

Values are Python's own: null is None, undefined is UNDEFINED, numbers are int up to 2**53 and Number beyond and for
fractions, arrays are lists, objects dicts whose integer-like keys come first.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from math import inf, isfinite, isnan, nan
from typing import Any, Final

import orjson

from lookalike.errors import InvalidJson

_EXACT = 2**53
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_NUMERIC = re.compile(r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_RADIX = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_SURROGATE = re.compile("[\ud800-\udfff]")
WHITESPACE: Final = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


class Number(float):
    """A number that no exact int stands for. A class of its own, so that the encoder asks how to write it."""


class Undefined:
    """What a place that isn't there holds."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = Undefined()


def number(value: float) -> int | float:
    """A double-precision number in the form that this module keeps."""
    value = float(value) if not isinstance(value, int) or -_EXACT <= value <= _EXACT else _rounded(value)
    return int(value) if value.is_integer() and abs(value) <= _EXACT else Number(value)


def _rounded(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def parse(content: bytes | str) -> Any:
    """JSON.parse (section 25.5.1). Raises InvalidJson; nesting beyond Python's own limit raises RecursionError."""
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    try:
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_int=lambda digits: number(int(digits) if len(digits) < 400 else float(digits)),
            parse_float=lambda digits: number(float(digits)),
            parse_constant=_refuse,
        )
    except json.JSONDecodeError as error:
        raise InvalidJson(_complaint(text, error)) from None


def _refuse(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)


def _complaint(text: str, error: json.JSONDecodeError) -> str:
    """What V8 says, up to Node 18."""
    if error.pos >= len(text):
        return "Unexpected end of JSON input"
    return f"Unexpected token {text[error.pos]} in JSON at position {error.pos}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return ordered(dict(pairs))


def ordered(value: dict[str, Any]) -> dict[str, Any]:
    """The object with its keys as JavaScript enumerates them: array indices first, ascending (section 10.1.11.1)."""
    indices = [key for key in value if key[:1].isdigit() and _INDEX.fullmatch(key) and int(key) < 2**32 - 1]
    if not indices:
        return value
    first = {key: value[key] for key in sorted(indices, key=int)}
    return {**first, **value}


def spread(value: Any) -> dict[str, Any]:
    """`{...value}` (section 13.2.5.5)."""
    if isinstance(value, list):
        return {str(index): one for index, one in enumerate(value)}
    return dict(value) if isinstance(value, dict) else {}


def stringify(value: Any) -> bytes:
    """JSON.stringify(value, null, 2) (section 25.5.2)."""
    try:
        return orjson.dumps(value, default=_number_fragment, option=orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:
        return orjson.dumps(_well_formed(value), default=_number_fragment, option=orjson.OPT_INDENT_2)


def _number_fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(to_string(value) if isfinite(value) else "null")
    raise TypeError


def _well_formed(value: Any) -> Any:
    """A lone surrogate is written as its escape (section 25.5.2.3)."""
    if isinstance(value, str) and _SURROGATE.search(value):
        text = json.dumps(value, ensure_ascii=False)
        return orjson.Fragment(_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
    if isinstance(value, list):
        return [_well_formed(one) for one in value]
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", key): _well_formed(one) for key, one in value.items()}
    return value


def indented(text: bytes) -> bytes:
    """A stringified value as it stands one level deeper. Line ends in strings are escaped, so all others are layout."""
    return text.replace(b"\n", b"\n  ")


def to_string(value: Any) -> str:
    """ToString (section 7.1.17)."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Undefined):
        return "null" if value is None else "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join("" if one is None else to_string(one) for one in value)
    if isinstance(value, dict):
        return "[object Object]"
    return _number_text(value)


def _number_text(value: float) -> str:
    """Number::toString (section 6.1.6.1.20): the shortest digits, with an exponent from 1e21 up and below 1e-6."""
    if isinstance(value, int):
        return str(value)
    if isnan(value) or not isfinite(value):
        return "NaN" if isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    sign, found, exponent = Decimal(repr(float(value))).as_tuple()
    digits = "".join(map(str, found)).rstrip("0") or "0"
    point = len(found) + int(exponent)  # where the decimal point stands, counted from the first digit
    minus = "-" if sign and value else ""
    if len(digits) <= point <= 21:
        return minus + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{minus}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{minus}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def to_number(value: Any) -> float:
    """ToNumber (section 7.1.4)."""
    if value is None or isinstance(value, Undefined):
        return 0 if value is None else nan
    if isinstance(value, bool | int | float):
        return value
    text = to_string(value).strip(WHITESPACE)
    if not text:
        return 0
    if _RADIX.fullmatch(text):
        return int(text, 0)
    return float(text.replace("Infinity", "inf")) if _NUMERIC.fullmatch(text) else nan


def parse_int(text: Any) -> float:
    """parseInt(text, 10) (section 19.2.5): NaN where no digit leads."""
    found = re.match(r"[+-]?[0-9]+", to_string(text).strip(WHITESPACE), re.ASCII)
    return int(found[0]) if found and len(found[0]) < 400 else nan


def parse_float(text: Any) -> float:
    """parseFloat(text) (section 19.2.4): NaN where no number leads."""
    found = _NUMERIC.match(to_string(text).strip(WHITESPACE))
    return float(found[0].replace("Infinity", "inf")) if found else nan


def truthy(value: Any) -> bool:
    """ToBoolean (section 7.1.2): empty arrays and objects are true."""
    if isinstance(value, list | dict):
        return True
    return not isinstance(value, Undefined) and bool(value) and value == value


def less(a: Any, b: Any) -> bool | None:
    """`a < b` (section 7.2.13); None where they can't be compared, which every operator takes for false."""
    a = to_string(a) if isinstance(a, list | dict) else a
    b = to_string(b) if isinstance(b, list | dict) else b
    if isinstance(a, str) and isinstance(b, str):
        return a < b if a.isascii() and b.isascii() else _units(a) < _units(b)
    x, y = to_number(a), to_number(b)
    return None if isnan(x) or isnan(y) else x < y


def at_most(a: Any, b: Any) -> bool:
    """`a <= b`: b is not less than a, and they can be compared."""
    return less(b, a) is False


def _units(text: str) -> bytes:
    """Strings are compared by their UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")


def same(a: Any, b: Any) -> bool:
    """`a === b` (section 7.2.15)."""
    if isinstance(a, list | dict) or isinstance(b, list | dict):
        return a is b
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def ascending(a: Any, b: Any) -> int:
    """How lodash's `orderBy` compares two values: null, undefined and NaN go last, in this order."""
    if same(a, b):
        return 0
    late_a, late_b = _lateness(a), _lateness(b)
    if late_a or late_b:
        return (late_a > late_b) - (late_a < late_b)
    if less(b, a):
        return 1
    return -1 if less(a, b) else 0


def _lateness(value: Any) -> int:
    if value is None:
        return 1
    if isinstance(value, Undefined):
        return 2
    return 3 if isinstance(value, float) and isnan(value) else 0
