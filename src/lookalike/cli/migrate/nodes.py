"""What is read off a syntax tree, and written into one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

_EMPTY = cst.Module([])


def code(node: cst.CSTNode) -> str:
    """The node as source text."""
    return _EMPTY.code_for_node(node)


def dotted(node: cst.BaseExpression | None) -> str:
    """`a.b.c` for a name or a chain of attributes, `""` for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr.value}" if owner else ""
    return ""


def literal(node: cst.BaseExpression | None) -> object:
    """The value of a literal; Ellipsis where the node isn't one."""
    if node is None:
        return ...
    try:
        return ast.literal_eval(code(node).strip())
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return ...


def text_of(node: cst.BaseExpression | None) -> str | None:
    """The text of a string literal."""
    value = literal(node)
    return value if isinstance(value, str) else None


def expression(text: str) -> cst.BaseExpression:
    """Source text as an expression."""
    return cst.parse_expression(text)


def spread(arguments: Sequence[cst.Arg]) -> list[cst.Arg] | None:
    """The arguments with `**{"a": 1}` written out; None where a star hides what they are."""
    found: list[cst.Arg] = []
    for one in arguments:
        if not one.star:
            found.append(one)
            continue
        if one.star != "**" or not isinstance(one.value, cst.Dict):
            return None
        for element in one.value.elements:
            name = text_of(element.key) if isinstance(element, cst.DictElement) else None
            if name is None or not isinstance(element, cst.DictElement):
                return None
            found.append(cst.Arg(element.value, keyword=cst.Name(name)))
    return found


def bound(arguments: Sequence[cst.Arg], names: Sequence[str]) -> dict[str, cst.BaseExpression] | None:
    """Argument values by parameter name; None where there are more than the names, or stars."""
    plain = spread(arguments)
    if plain is None:
        return None
    found: dict[str, cst.BaseExpression] = {}
    for at, one in enumerate(plain):
        if one.keyword is None and at >= len(names):
            return None
        found[one.keyword.value if one.keyword is not None else names[at]] = one.value
    return found


def comments(call: cst.Call) -> list[str]:
    """The comments between a call's arguments, which stand in no value."""
    spaces: list[cst.BaseParenthesizableWhitespace] = [call.whitespace_before_args]
    for one in call.args:
        spaces.append(one.whitespace_after_arg)
        if isinstance(one.comma, cst.Comma):
            spaces += [one.comma.whitespace_before, one.comma.whitespace_after]
    lines: list[cst.TrailingWhitespace | cst.EmptyLine] = []
    for space in spaces:
        if isinstance(space, cst.ParenthesizedWhitespace):
            lines += [space.first_line, *space.empty_lines]
    return [line.comment.value for line in lines if line.comment is not None]


def targets(node: cst.BaseExpression) -> Iterator[str]:
    """The names that an assignment to the node binds."""
    if isinstance(node, cst.Name | cst.Attribute):
        yield dotted(node)
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from targets(element.value)


def names_in(node: cst.CSTNode) -> set[str]:
    """Every name that occurs in a node, attributes and keywords too."""
    found: set[str] = set()

    class Names(cst.CSTVisitor):
        def visit_Name(self, node: cst.Name) -> None:
            found.add(node.value)

    node.visit(Names())
    return found


def free_name(taken: set[str], wanted: Iterable[str]) -> str:
    """The first of the wanted names that the module doesn't use."""
    first = ""
    for name in wanted:
        first = first or name
        if name not in taken:
            return name
    at = 2
    while f"{first}_{at}" in taken:
        at += 1
    return f"{first}_{at}"


def parameters(function: cst.FunctionDef) -> list[cst.Param]:
    """All named parameters of a function, in order."""
    params = function.params
    return [*params.posonly_params, *params.params, *params.kwonly_params]
