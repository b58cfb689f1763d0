"""Reading tnetstrings (https://tnetstrings.info): values after their length, as mitmproxy writes flows."""

from __future__ import annotations

from typing import Any, BinaryIO

_DIGITS = 12
_LONGEST = 64  # digits of an integer
_CHUNK = 1 << 20


class Broken(ValueError):
    """These bytes are no tnetstring; says why."""


class TooLarge(ValueError):
    """A value is longer than the limit; it was read past."""


def next_value(stream: BinaryIO, *, limit: int, depth: int) -> Any:
    """The next value of a stream; EOFError where it has ended.

    limit: bytes of one value; depth: levels of lists and mappings in each other

    Raises Broken where it isn't a value or is cut off, TooLarge once what is too large was read past.
    """
    length = _length(stream)
    if length > limit:
        _pass(stream, length + 1)
        raise TooLarge(f"{length:,} bytes are more than {limit:,}")
    data = stream.read(length + 1)
    if len(data) <= length:
        raise Broken("the file is cut off here")
    return _value(data[length], memoryview(data)[:length], depth)


def _length(stream: BinaryIO) -> int:
    digits = b""
    while (one := stream.read(1)) != b":":
        if not one and not digits:
            raise EOFError
        if not one.isdigit() or len(digits) == _DIGITS:
            raise Broken("the file is cut off here" if not one else "this begins with no length")
        digits += one
    if not digits:
        raise Broken("this begins with no length")
    return int(digits)


def _pass(stream: BinaryIO, length: int) -> None:
    while length:
        passed = len(stream.read(min(length, _CHUNK)))
        if not passed:
            raise Broken("the file is cut off here")
        length -= passed


def _value(kind: int, data: memoryview, depth: int) -> Any:
    if depth < 0:
        raise Broken("it is nested too deeply")
    if kind == 0x2C:  # ,
        return bytes(data)
    if kind == 0x3B:  # ;
        return bytes(data).decode("utf-8", "replace")
    if kind == 0x5D:  # ]
        return _items(data, depth)
    if kind == 0x7D:  # }
        return _mapping(data, depth)
    return _scalar(kind, bytes(data))


def _scalar(kind: int, data: bytes) -> Any:
    try:
        if kind == 0x23 and len(data) <= _LONGEST:  # '#', whose digits are not parsed without end
            return int(data)
        if kind == 0x5E:  # ^
            return float(data)
    except ValueError:
        raise Broken(f"{data[:20]!r} is no number") from None
    if kind == 0x21 and data in (b"true", b"false"):  # !
        return data == b"true"
    if kind == 0x7E and not data:  # ~
        return None
    raise Broken(f"{chr(kind)!r} is no kind of value")


def _items(data: memoryview, depth: int) -> list[Any]:
    found, at = [], 0
    while at < len(data):
        value, at = _inside(data, at, depth)
        found.append(value)
    return found


def _mapping(data: memoryview, depth: int) -> dict[str, Any]:
    """Keys are text in new files and bytes in old ones."""
    items = _items(data, depth)
    if len(items) % 2:
        raise Broken("a mapping has a key without a value")
    found = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str | bytes):
            raise Broken("a mapping's key is no text")
        found[key if isinstance(key, str) else key.decode("utf-8", "replace")] = value
    return found


def _inside(data: memoryview, at: int, depth: int) -> tuple[Any, int]:
    head = bytes(data[at : at + _DIGITS + 1])
    digits, colon, _ = head.partition(b":")
    if not colon or not digits.isdigit():
        raise Broken("a value inside begins with no length")
    start = at + len(digits) + 1
    end = start + int(digits)
    if end >= len(data):
        raise Broken("a value inside is longer than what holds it")
    return _value(data[end], data[start:end], depth - 1), end + 1
