"""Functions that make an answer when a request comes, in the form that a route calls."""

from __future__ import annotations

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.nodes import code, dotted, expression, literal, names_in

_FORM = (
    ".respond_with(function): it gets request.url, .headers, .params, .text, .json(), and returns "
    "lookalike.Response(status, headers, content), (status, value) or a value"
)


def check_callback(node: cst.BaseExpression, functions: dict[str, cst.FunctionDef]) -> None:
    """Raises CantRewrite for a callback of responses whose answers aren't known."""
    function = functions.get(dotted(node))
    if function is None:
        raise CantRewrite("a callback returns another answer here", _FORM)
    for value in _returned(function):
        if _encoded(value, function) is None:
            raise CantRewrite("a callback returns another answer here", _FORM)


def uses_context(function: cst.FunctionDef) -> bool:
    """Whether a callback of requests-mock needs the context that it gets."""
    names = [one.name.value for one in function.params.params if one.name.value != "self"]
    return len(names) != 2 or names[1] in names_in(function.body)


def _returned(function: cst.FunctionDef) -> list[cst.BaseExpression | None]:
    found: list[cst.BaseExpression | None] = []

    class Returns(cst.CSTVisitor):
        def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
            return node is function

        def visit_Lambda(self, node: cst.Lambda) -> bool:
            return False

        def visit_Return(self, node: cst.Return) -> None:
            found.append(node.value)

    function.visit(Returns())
    return found


def answered(node: cst.Return, function: cst.FunctionDef) -> cst.Return:
    """A callback's `return status, headers, body` as a response."""
    text = _encoded(node.value, function)
    return (
        node
        if text is None
        else node.with_changes(value=expression(text), whitespace_after_return=cst.SimpleWhitespace(" "))
    )


def _encoded(node: cst.BaseExpression | None, function: cst.FunctionDef) -> str | None:
    if not isinstance(node, cst.Tuple) or len(node.elements) != 3:
        return None
    status, headers, body = (one.value for one in node.elements)
    kind = _kind(body, function)
    if not kind:
        return None
    shown = code(body)
    if kind == "text":
        plain = isinstance(body, cst.SimpleString | cst.Name | cst.Call | cst.Attribute | cst.Subscript)
        shown = f"{shown}.encode()" if plain else f"({shown}).encode()"
    if kind == "nothing":
        shown = 'b""'
    return f"lookalike.Response({code(status)}, {code(headers)}, {shown})"


def _kind(body: cst.BaseExpression, function: cst.FunctionDef) -> str:
    value = literal(body)
    if value is None:
        return "nothing"
    if isinstance(value, bytes):
        return "bytes"
    if isinstance(value, str) or isinstance(body, cst.FormattedString):
        return "text"
    if isinstance(body, cst.Call):
        last = code(body.func).rpartition(".")[2]
        return {"dumps": "text", "encode": "bytes"}.get(last, "")
    if isinstance(body, cst.Name):
        kinds = {_kind(one, function) for one in _assigned(body.value, function) if dotted(one) != body.value}
        return kinds.pop() if len(kinds) == 1 else ""
    return ""


def _assigned(name: str, function: cst.FunctionDef) -> list[cst.BaseExpression]:
    found: list[cst.BaseExpression] = []

    class Values(cst.CSTVisitor):
        def visit_Assign(self, node: cst.Assign) -> None:
            if any(dotted(one.target) == name for one in node.targets):
                found.append(node.value)

    function.visit(Values())
    return found
