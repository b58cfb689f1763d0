"""A document's text, YAML or JSON, as values and back. What took long to parse is kept in the user's cache."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from lookalike.codec import decode_json
from lookalike.contract.cache import Cache, key_of
from lookalike.contract.disk import unpacked
from lookalike.errors import FileError, InvalidJson

if TYPE_CHECKING:
    from ruamel.yaml import YAML

# Parsing YAML without libyaml takes seconds per megabyte, so what was parsed is kept; the number changes when the
# reader does.
CACHE_VERSION = b"3"
_WORTH_CACHING = 16 * 1024
_PARSED = Cache("yaml")


def parse(content: bytes, own: Path) -> Any:
    """A document's bytes as JSON values. A file named .json is JSON; another is YAML, which JSON nearly always is."""
    if not content.strip():
        return None
    _check_text(content, own)
    named_json = unpacked(own).suffix == ".json"
    if named_json or content.lstrip()[:1] == b"{":
        try:
            return decode_json(content)
        except InvalidJson as error:
            if named_json:
                raise FileError(own, str(error), hint="Restore the file, or correct it at that place.") from None
    key = key_of(CACHE_VERSION, content) if len(content) >= _WORTH_CACHING else ""
    cached = _PARSED.get(key) if key else None
    if cached is not None:
        with suppress(ValueError):
            return orjson.loads(cached)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(own, "this is no UTF-8 text", place=f"byte {error.start}", hint="Save it as UTF-8.") from None
    # Imported here: what is in the cache needs no YAML library, whose import takes longer than the reading.
    from lookalike.contract import yaml

    value = yaml.read_yaml(text, str(own))
    keep(content, value)
    return value


def _check_text(content: bytes, own: Path) -> None:
    """Raises FileError for what can't be the text of a document, told by how it begins."""
    for begin, problem, hint in _NO_TEXT:
        if content.startswith(begin):
            raise FileError(own, problem, hint=hint)
    if b"\0" in content[:1024]:
        raise FileError(own, "this is binary, no text", hint=_NO_TEXT_HINT)


_NO_TEXT_HINT = "A contract is YAML or JSON: restore the file, or name another one."
_NO_TEXT = (
    (b"\xff\xfe", "this is UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "this is UTF-16", "Save it as UTF-8."),
    (b"\x28\xb5\x2f\xfd", "this is packed by Zstandard", "Unpack it first; only gzip is read as it is."),
    (b"PK\x03\x04", "this is a zip archive", "Unpack it first, and name the document in it."),
    (b"\x89PNG", "this is a PNG image", _NO_TEXT_HINT),
    (b"%PDF", "this is a PDF", _NO_TEXT_HINT),
)


def keep(content: bytes, value: Any) -> None:
    """Keep what was parsed of a text that takes long."""
    if len(content) >= _WORTH_CACHING:
        with suppress(TypeError):  # an integer beyond 64 bits
            _PARSED.put(key_of(CACHE_VERSION, content), orjson.dumps(value))


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(one) for one in node] if isinstance(node, list) else node


def round_trip() -> YAML:
    """Reads and writes YAML with its comments kept."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def yaml_bytes(yaml: YAML, value: Any) -> bytes:
    """A value as the YAML that `round_trip` makes."""
    out = io.BytesIO()
    yaml.dump(value, out)
    return out.getvalue()


def dump(root: Mapping[str, Any], own: Path) -> bytes:
    """A document as the text of a file: JSON where it is named so, else YAML."""
    if own.suffix == ".json":
        return orjson.dumps(root, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return yaml_bytes(round_trip(), _plain(root))
