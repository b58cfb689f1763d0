"""YAML 1.2 read as JSON values: `no` and `12:30` are strings, tags are refused, aliases can't explode."""

from __future__ import annotations

import re
from contextlib import suppress
from math import isinf
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lookalike.contract.yaml_plain import NotPlain, read_plain
from lookalike.errors import FileError

MAX_NODES = 5_000_000
_CORE = "tag:yaml.org,2002:"
# The core schema of YAML 1.2 (section 10.3.2); what else ruamel resolves (timestamps) stays text.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PLAIN_TAGS = frozenset(_CORE + name for name in ("null", "bool", "int", "float", "str", "timestamp", "value", "merge"))


def read_yaml(text: str, path: str) -> Any:
    """The first document of a YAML text as JSON values; keys become strings. Raises FileError with the line."""
    with suppress(NotPlain):
        return read_plain(text, plain_value, MAX_NODES)
    return read_strictly(text, path)


def read_strictly(text: str, path: str) -> Any:
    """The same by ruamel.yaml alone, which knows YAML 1.2 whole and says where an error is."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False  # YAML 1.2, section 3.2.2.2: an anchor may be used again
        node = yaml.compose(text)
        return _Reader(path).value(node) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        problem = str(error.problem or error.context or "broken").strip()
        if problem == "but found another document":
            problem = "a second document begins"
        raise FileError(path, f"not YAML: {problem}", place=place, hint=_hint(problem)) from None
    except YAMLError as error:
        raise FileError(path, f"not YAML: {str(error).splitlines()[0]}", hint="Save it as UTF-8 text.") from None
    except RecursionError:
        raise FileError(path, "nested too deeply", hint="A contract is a few dozen levels deep.") from None


def _hint(problem: str) -> str:
    if "\\t" in problem or "tab" in problem:
        return "Indent with spaces; YAML allows no tabs there."
    if "mapping values are not allowed" in problem:
        return 'Put text that has a colon into quotes: "a: b".'
    if "second document" in problem:
        return "Keep one document in the file, without `---` in between."
    return "Check indentation, quotes and colons at that line and the line above."


def plain_value(text: str) -> Any:
    """What a scalar without quotes is. Raises ValueError for a number that is none in JSON."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    for pattern, base in ((_INTEGER, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return int(text if base == 10 else text[2:], base) if len(text) < 4000 else text
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is no JSON number")
    number = float(text) if _FLOAT.fullmatch(text) else None
    if number is not None and isinf(number):
        raise ValueError(f"{text} is more than a JSON number holds")
    return text if number is None else number


class _Reader:
    """Turns YAML's nodes into JSON values; an alias gives the same object again."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._done: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def value(self, node: Node) -> Any:
        return self._read(node)[0]

    def _read(self, node: Node) -> tuple[Any, int]:
        """(value, values in it with aliases written out)."""
        done = self._done.get(id(node))
        if done is not None:
            return done
        if id(node) in self._open:
            raise self._error(node, "an alias stands inside what it names", "Write the part out instead of `*name`.")
        self._open.add(id(node))
        if isinstance(node, ScalarNode):
            result: tuple[Any, int] = (self._scalar(node), 1)
        elif isinstance(node, SequenceNode):
            self._collection(node, "seq")
            parts = [self._read(child) for child in node.value]
            result = ([value for value, _ in parts], 1 + sum(count for _, count in parts))
        elif isinstance(node, MappingNode):
            result = self._mapping(node)
        else:
            raise self._error(node, "this can't be read", "Write it as a mapping, a list or text.")
        if result[1] > MAX_NODES:
            raise self._error(
                node, f"aliases make this more than {MAX_NODES:,} values", "Write it without nested `*aliases`."
            )
        self._open.discard(id(node))
        self._done[id(node)] = result
        return result

    def _mapping(self, node: MappingNode) -> tuple[Any, int]:
        self._collection(node, "map")
        result: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: dict[str, Any] = {}
        count = 1
        for key_node, value_node in node.value:
            value, size = self._read(value_node)
            count += size
            if str(key_node.tag) == _CORE + "merge":
                for one in reversed(value if isinstance(value, list) else [value]):
                    merged.update(one if isinstance(one, dict) else {})
                continue
            key = self._key(key_node)
            if key in lines:
                raise self._error(
                    key_node, f"the key {key!r} is given twice, first in line {lines[key]}", "Keep one of the two."
                )
            lines[key] = key_node.start_mark.line + 1
            result[key] = value
        return ({**merged, **result} if merged else result), count

    def _key(self, node: Node) -> str:
        if not isinstance(node, ScalarNode):
            raise self._error(node, "a key is text, this is a collection", "Put the key into quotes.")
        value = self._scalar(node)
        # `200:` is a number to YAML; what was written is the key.
        return value if isinstance(value, str) else str(node.value)

    def _collection(self, node: Node, kind: str) -> None:
        if str(node.tag) != _CORE + kind:
            raise self._error(node, f"the tag {_tag(node)} isn't read", "Remove the tag; a contract holds plain data.")

    def _scalar(self, node: ScalarNode) -> Any:
        text, tag = str(node.value), str(node.tag)
        if tag not in _PLAIN_TAGS:
            raise self._error(node, f"the tag {_tag(node)} isn't read", "Remove the tag; a contract holds plain data.")
        if node.style is not None or tag == _CORE + "str":
            return text
        try:
            return plain_value(text)
        except ValueError as error:
            raise self._error(node, str(error), "Put it into quotes if it is text.") from None

    def _error(self, node: Node, problem: str, hint: str) -> FileError:
        mark = node.start_mark
        return FileError(self._path, problem, place=f"line {mark.line + 1}, column {mark.column + 1}", hint=hint)


def _tag(node: Node) -> str:
    return str(node.tag).replace(_CORE, "!!")
