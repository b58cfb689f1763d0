"""What bytes on the wire mean: JSON and content codings."""

from __future__ import annotations

import json as _stdlib_json
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson

from lookalike.errors import InvalidJson, UsageError


def decode_json(content: bytes) -> Any:
    """Decode JSON (RFC 8259). Raises InvalidJson that says where; nesting beyond 1,024 levels is refused."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        excerpt = content[max(0, error.pos - 10) : error.pos + 20].decode("utf-8", "replace")
        raise InvalidJson(
            f"not JSON at line {error.lineno}, column {error.colno}: {error.msg} (near {excerpt!r})"
        ) from None


def encode_json(value: Any) -> bytes:
    """Encode compact JSON. Raises UsageError that names the type which JSON doesn't know.

    Dates, times and UUIDs become texts, an enum's member its value, a dataclass an object. Keys that are numbers, True,
    False or None become texts, as `json.dumps` has them.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        if "Recursion limit" in str(error):
            # The other encoder would go as deep as the interpreter happens to let it.
            raise UsageError(f"this value can't be written as JSON: {error}") from None
        try:
            # Integers beyond 64 bits and numbers as keys, which orjson refuses, are JSON all the same.
            return _stdlib_json.dumps(
                value, allow_nan=False, separators=(",", ":"), ensure_ascii=False, default=_plain
            ).encode()
        except (TypeError, ValueError, RecursionError):
            raise UsageError(f"this value can't be written as JSON: {error}") from None


def _plain(value: Any) -> Any:
    """What the other encoder has no word for, as the first one writes it."""
    return _stdlib_json.loads(orjson.dumps(value))


def json_faults(content: bytes) -> list[str]:
    """Say in words what is wrong with a body that claims to be JSON: a byte order mark, a key given twice, NaN, syntax.

    An empty list means that it is JSON without doubt. Slower than `decode_json`; for places where the raw bytes are.
    """
    faults = []
    if content.startswith(b"\xef\xbb\xbf"):
        faults.append("begins with a byte order mark")
        content = content[3:]

    def pairs(found: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in found]
        faults.extend(f"key {name!r} given twice" for name in sorted({n for n in names if names.count(n) > 1}))

    try:
        _stdlib_json.loads(
            content, object_pairs_hook=pairs, parse_constant=lambda name: faults.append(f"{name} is not a JSON value")
        )
        # The standard library reads halves of surrogate pairs and UTF-16, which `decode_json` refuses.
        if not faults:
            decode_json(content)
    except InvalidJson as error:
        # The excerpt stays out: what an API answers may be secret.
        faults.append(f"not JSON: {str(error).partition(' (near ')[0].removeprefix('not JSON ')}")
    except (ValueError, RecursionError) as error:
        faults.append(f"not JSON: {error}")
    return faults


def decode_content(content: bytes, coding: str) -> bytes:
    """Undo the content codings gzip, deflate, br and zstd (RFC 9110, section 8.4.1; RFC 7932, RFC 8878).

    Where one of them is another, lacks its library or doesn't fit the data, all stays as it is.
    """
    plain = content
    for name in reversed([part.strip().lower() for part in coding.split(",")]):
        if name in ("identity", ""):
            continue
        undo = _DECODERS.get(name)
        undone = undo(plain) if undo is not None else None
        if undone is None:
            return content
        plain = undone
    return plain


_GZIP = zlib.MAX_WBITS | 16


def _inflated(*windows: int) -> Callable[[bytes], bytes | None]:
    def undo(content: bytes) -> bytes | None:
        for window in windows:
            try:
                return _inflate(content, window)
            except zlib.error:
                continue
        return None

    return undo


def _inflate(content: bytes, window: int) -> bytes:
    parts = []
    while True:
        stream = zlib.decompressobj(window)
        parts.append(stream.decompress(content))
        if not stream.eof:
            raise zlib.error("the data ends too early")
        # A gzip file may have several members (RFC 1952, section 2.2); other trailing bytes are padding.
        content = stream.unused_data
        if window != _GZIP or not content.startswith(b"\x1f\x8b"):
            return b"".join(parts)


# Which library undoes and applies a coding, the first that is installed.
_LIBRARIES = {
    "br": ("brotli", "brotlicffi"),
    "zstd": ("compression.zstd", "backports.zstd", "zstandard"),
}


@cache
def coding_library(coding: str) -> Any:
    """The library for the coding `br` or `zstd`, None where none is installed."""
    from importlib import import_module

    for name in _LIBRARIES[coding]:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _decompressed(coding: str) -> Callable[[bytes], bytes | None]:
    def undo(content: bytes) -> bytes | None:
        library = coding_library(coding)
        if library is None or not content:
            return None
        try:
            return _unpack(library, content)
        except Exception:  # each library has an error of its own, for data that is not of its coding
            return None

    return undo


def _unpack(library: Any, content: bytes) -> bytes:
    if library.__name__ != "zstandard":
        whole: bytes = library.decompress(content)
        return whole
    parts = []
    while content:  # frames, one after the other (RFC 8878, section 3.1); not all of them say their size
        stream = library.ZstdDecompressor().decompressobj()
        parts.append(stream.decompress(content))
        if not stream.eof:
            raise ValueError("the data ends too early")
        content = stream.unused_data
    return b"".join(parts)


# Some servers send deflate without its zlib frame.
# None: what is there isn't of that coding, or can't be told.
_DECODERS: dict[str, Callable[[bytes], bytes | None]] = {
    "gzip": _inflated(_GZIP),
    "x-gzip": _inflated(_GZIP),
    "deflate": _inflated(zlib.MAX_WBITS, -zlib.MAX_WBITS),
    "br": _decompressed("br"),
    "zstd": _decompressed("zstd"),
}
