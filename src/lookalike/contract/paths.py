"""Matching a path against many templates: an index that finds the most specific one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

_VARIABLE = re.compile(r"\{([^{}]*)\}")
# Parameters that hold a path of their own in APIs that are known to send one unescaped.
_MULTI_NAMES = frozenset({"path", "filepath", "file_path", "ref", "key", "rest", "tail"})


def split_path(path: str) -> list[str]:
    """The segments of a path, percent-decoded, without its query; a trailing slash gives no segment of its own."""
    path = path.partition("?")[0].partition("#")[0].strip("/")
    if not path:
        return []
    return [unquote(part) for part in path.split("/")] if "%" in path else path.split("/")


def normal(path: str) -> str:
    """A template without its parameters' names: `/todos/{}`; two templates with one normal form are the same."""
    return "/" + "/".join(_VARIABLE.sub("{}", part) for part in split_path(path))


def names(path: str) -> list[str]:
    """The parameters' names of a template, in order."""
    return _VARIABLE.findall(path)


class _Node(Generic[T]):
    __slots__ = ("found", "literals", "patterns", "tail", "variable")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.patterns: list[tuple[str, re.Pattern[str], _Node[T]]] = []
        self.variable: _Node[T] | None = None
        self.found: T | None = None
        self.tail: T | None = None


class PathIndex(Generic[T]):
    """Templates with a value each. A literal segment is preferred to a pattern (`{base}...{head}`), that to a variable.

    multi:    names of parameters, beside the usual ones such as `path`, that may hold slashes when nothing else matches
    spanning: templates whose last parameter may
    """

    def __init__(
        self, items: Iterable[tuple[str, T]], *, multi: Iterable[str] = (), spanning: Iterable[str] = ()
    ) -> None:
        self._root: _Node[T] = _Node()
        self._multi = _MULTI_NAMES | set(multi)
        self._spanning = frozenset(spanning)
        for template, value in items:
            self._add(template, value)

    def _add(self, template: str, value: T) -> None:
        node = self._root
        parts = split_path(template)
        for at, part in enumerate(parts):
            whole = _VARIABLE.fullmatch(part)
            if whole is not None:
                if at == len(parts) - 1 and (whole.group(1) in self._multi or template in self._spanning):
                    node.tail = value
                if node.variable is None:
                    node.variable = _Node()
                node = node.variable
            elif "{" in part:
                node = self._pattern(node, part)
            else:
                node = node.literals.setdefault(part, _Node())
        node.found = value

    @staticmethod
    def _pattern(node: _Node[T], part: str) -> _Node[T]:
        form = _VARIABLE.sub("{}", part)
        for known, _, child in node.patterns:
            if known == form:
                return child
        pattern = re.compile("(.+)".join(re.escape(piece) for piece in form.split("{}")))
        child = _Node[T]()
        node.patterns.append((form, pattern, child))
        # More literal text is more specific.
        node.patterns.sort(key=lambda entry: (-len(entry[0]), entry[0]))
        return child

    def find(self, path: str) -> T | None:
        """The value of the most specific template that fits a path; the path may be a template itself."""
        parts = split_path(path)
        found = _find(self._root, parts, 0)
        return found if found is not None else _find_tail(self._root, parts, 0)


def _children(node: _Node[T], part: str) -> Iterable[_Node[T]]:
    if "{" in part:
        form = _VARIABLE.sub("{}", part)
        yield from (child for known, _, child in node.patterns if known == form)
        if form == "{}" and node.variable is not None:
            yield node.variable
        return
    child = node.literals.get(part)
    if child is not None:
        yield child
    for _, pattern, below in node.patterns:
        if pattern.fullmatch(part):
            yield below
    if node.variable is not None and part:
        yield node.variable


def _find(node: _Node[T], parts: list[str], at: int) -> T | None:
    if at == len(parts):
        return node.found
    for child in _children(node, parts[at]):
        found = _find(child, parts, at + 1)
        if found is not None:
            return found
    return None


def _find_tail(node: _Node[T], parts: list[str], at: int) -> T | None:
    if at == len(parts):
        return None
    for child in _children(node, parts[at]):
        found = _find_tail(child, parts, at + 1)
        if found is not None:
            return found
    return node.tail
