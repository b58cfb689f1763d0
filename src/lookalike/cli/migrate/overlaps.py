"""Routes of one function that could both take a request: responses asks the first, a mock the newest."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import libcst as cst

from lookalike.cli.migrate.declaring import Declaration
from lookalike.cli.migrate.nodes import text_of

Relation = Literal["apart", "same", "narrower", "wider", "unsure"]
#: What one criterion and the next make together.
_JOINED: Mapping[frozenset[str], Relation] = {
    frozenset({"same", "narrower"}): "narrower",
    frozenset({"same", "wider"}): "wider",
}
_EXACTLY = re.compile(r"exactly\((.*)\)\Z", re.DOTALL)
_INCLUDING = re.compile(r"including\((.*)\)\Z", re.DOTALL)
_WHOLE = {"json", "form", "text", "content", "files"}  # without a word these are compared as a whole


@dataclass(slots=True)
class Rank:
    """priority: what a route needs; once: its last reply answers one request, then a later route does"""

    priority: int = 0
    once: bool = False


def priorities(declared: Sequence[tuple[Declaration, int]], texts: Mapping[str, str]) -> tuple[list[Rank], set[int]]:
    """The rank that each route needs, in the order of their declaration, and which of them no rank helps.

    declared: with how much else was done before each: a route that something was done after has answered
    texts:    the texts that names of the module are bound to

    A route that takes less than a later one comes before it, and answers once, as a response of which another matches
    too. One that takes more is as good as gone there once it has answered: the newest wins, here too. What takes
    partly the same is told.
    """
    found = [Rank() for _ in declared]
    unsure: set[int] = set()
    pairs = list(combinations(range(len(declared)), 2))
    how = {(one, other): relation(declared[one][0], declared[other][0], texts) for one, other in pairs}
    for first, later in reversed(pairs):
        if declared[first][1] != declared[later][1]:
            continue
        if how[first, later] == "narrower":
            found[first] = Rank(max(found[first].priority, found[later].priority + 1), True)
        elif how[first, later] in ("same", "unsure"):
            unsure.add(later)
    for first, later in pairs:
        if how[first, later] == "wider":
            found[later].priority = max(found[first].priority, found[later].priority)
    return found, unsure


def relation(first: Declaration, later: Declaration, texts: Mapping[str, str]) -> Relation:
    """What the requests of one are to those of the other, as far as their source text says it."""
    if first.method != later.method:
        return "apart"
    how = _of_urls(first.url, later.url, texts)
    for keyword in sorted(first.asked.keys() | later.asked.keys()):
        if how in ("apart", "unsure"):
            return "apart" if how == "apart" or _ever_apart(first, later) else how
        one, other = first.asked.get(keyword), later.asked.get(keyword)
        how = _both(how, _of_criteria(keyword, one, other))
    return how


def _ever_apart(first: Declaration, later: Declaration) -> bool:
    both = first.asked.keys() & later.asked.keys()
    return any(_of_criteria(keyword, first.asked[keyword], later.asked[keyword]) == "apart" for keyword in both)


def _both(one: Relation, other: Relation) -> Relation:
    if "apart" in (one, other):
        return "apart"
    return one if one == other else _JOINED.get(frozenset({one, other}), "unsure")


def _of_urls(first: str, later: str, texts: Mapping[str, str]) -> Relation:
    if first == later:
        return "same"
    one, other = (cst.parse_expression(url) for url in (first, later))
    patterns = [_pattern(node) for node in (one, other)]
    plain = [_text(node, texts) for node in (one, other)]
    if plain[0] is not None and plain[0] == plain[1]:
        return "same"
    if patterns[0] is not None and plain[1] is not None:
        return "wider" if patterns[0].fullmatch(plain[1]) else "apart"
    if plain[0] is not None and patterns[1] is not None:
        return "narrower" if patterns[1].fullmatch(plain[0]) else "apart"
    return "apart"


def _pattern(node: cst.BaseExpression) -> re.Pattern[str] | None:
    """A regular expression that is written out, without flags."""
    text = text_of(node.args[0].value) if isinstance(node, cst.Call) and len(node.args) == 1 else None
    try:
        return re.compile(text) if text is not None else None
    except re.error:
        return None


def _text(node: cst.BaseExpression, texts: Mapping[str, str]) -> str | None:
    """What an expression of texts and names of texts is."""
    if isinstance(node, cst.Name):
        return texts.get(node.value)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        parts = [_text(one, texts) for one in (node.left, node.right)]
    elif isinstance(node, cst.FormattedString):
        parts = [
            one.value if isinstance(one, cst.FormattedStringText) else _text(one.expression, texts)
            for one in node.parts
            if isinstance(one, cst.FormattedStringText | cst.FormattedStringExpression)
        ]
    else:
        return text_of(node)
    known = [one for one in parts if one is not None]
    return "".join(known) if len(known) == len(parts) else None


def _of_criteria(keyword: str, first: str | None, later: str | None) -> Relation:
    if first == later:
        return "same"
    if first is None or later is None:
        return "wider" if first is None else "narrower"
    one, other = _value(first), _value(later)
    if one is None or other is None:
        # Values that are spelled differently differ, functions may agree.
        return "unsure" if keyword == "where" else "apart"
    wholes = [_is_whole(keyword, text) for text in (first, later)]
    if all(wholes):
        return "same" if one == other else "apart"
    if any(wholes):
        part, whole = (one, other) if wholes[1] else (other, one)
        if not part.items() <= whole.items():
            return "apart"
        return "wider" if wholes[1] else "narrower"
    if any(one[name] != other[name] for name in one.keys() & other.keys()):
        return "apart"
    if one.keys() <= other.keys():
        return "wider"
    return "narrower" if other.keys() <= one.keys() else "unsure"


def _is_whole(keyword: str, text: str) -> bool:
    return _EXACTLY.match(text) is not None or (keyword in _WHOLE and not _INCLUDING.match(text))


def _value(text: str) -> dict[str, str] | None:
    """What a criterion names, each as text: as a query and headers have it."""
    found = _EXACTLY.match(text) or _INCLUDING.match(text)
    try:
        value = ast.literal_eval(found[1] if found else text)
    except (ValueError, SyntaxError, TypeError):
        return None
    if not isinstance(value, dict):
        return None
    return {str(name): repr(one) if isinstance(one, list | dict) else str(one) for name, one in value.items()}
