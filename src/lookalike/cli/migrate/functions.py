"""Parameters of functions that get a mock."""

from __future__ import annotations

import libcst as cst

from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.nodes import dotted, parameters, text_of


def injected(function: cst.FunctionDef, facts: Facts) -> str:
    """The parameter in which requests-mock's decorator gives a function its mocker.

    It comes after what was given before, and decorators below it add theirs after it.
    """
    below = 0
    for decorator in reversed(function.decorators):
        node = decorator.decorator
        if facts.mocker(node) == "requests_mock":
            for one in node.args if isinstance(node, cst.Call) else ():
                if one.keyword is not None and one.keyword.value == "kw":
                    return text_of(one.value) or ""
            break
        below += _gives(node)
    names = [one.name.value for one in function.params.params]
    return names[-1 - below] if len(names) > below else ""


def _gives(node: cst.BaseExpression) -> int:
    """How many arguments a decorator of unittest.mock adds."""
    if not isinstance(node, cst.Call):
        return 0
    name = dotted(node.func)
    if not (name == "patch" or name.endswith((".patch", "patch.object"))):
        return 0
    plain = [one for one in node.args if one.keyword is None]
    new = any(one.keyword is not None and one.keyword.value in ("new", "new_callable") for one in node.args)
    return int(not new and len(plain) < (3 if name.endswith("object") else 2))


def with_parameter(function: cst.FunctionDef, name: str, *, last: bool) -> cst.FunctionDef:
    """With a parameter more: the last one, or by keyword alone where others have defaults or may follow."""
    params = function.params
    if any(one.name.value == name for one in parameters(function)):
        return function
    added = cst.Param(cst.Name(name))
    plain = last and not any(one.default is not None for one in params.params)
    if plain and not isinstance(params.star_arg, cst.Param | cst.ParamStar):
        return function.with_changes(params=params.with_changes(params=_appended(params.params, added)))
    star = params.star_arg if isinstance(params.star_arg, cst.Param | cst.ParamStar) else cst.ParamStar()
    before = [one.with_changes(comma=cst.MaybeSentinel.DEFAULT) for one in params.params[-1:]]
    changed = params.with_changes(
        params=[*params.params[:-1], *before], star_arg=star, kwonly_params=_appended(params.kwonly_params, added)
    )
    return function.with_changes(params=changed)


def _appended(params: object, added: cst.Param) -> list[cst.Param]:
    found = list(params)  # type: ignore[call-overload]  # LibCST: a sequence here
    if not found:
        return [added]
    last = found[-1]
    if isinstance(last.comma, cst.Comma):
        before = found[-2].comma if len(found) > 1 else cst.MaybeSentinel.DEFAULT
        return [*found[:-1], last.with_changes(comma=before), added.with_changes(comma=last.comma)]
    return [*found, added]


def moved_last(function: cst.FunctionDef, name: str) -> cst.FunctionDef:
    """With this parameter behind the others, which are given by position."""
    params = list(function.params.params)
    at = next((at for at, one in enumerate(params) if one.name.value == name), None)
    if at is None or at == len(params) - 1:
        return function
    moved = params.pop(at)
    commas = [one.comma for one in function.params.params]
    ordered = [one.with_changes(comma=comma) for one, comma in zip([*params, moved], commas, strict=True)]
    return function.with_changes(params=function.params.with_changes(params=ordered))
