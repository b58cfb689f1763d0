"""Calls of responses, each as a route with its reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import libcst as cst

from lookalike.cli.migrate.declaring import VERBS, Declaration, Said
from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.matchers import asked_by, query_asked
from lookalike.cli.migrate.nodes import bound, code, comments, dotted, literal, text_of
from lookalike.cli.migrate.urls import Bound, place_of

#: Calls that declare something, with their parameters in order.
DECLARING: Mapping[str, tuple[str, ...]] = {
    "add": ("method", "url", "body", "adding_headers"),
    "upsert": ("method", "url", "body", "adding_headers"),
    "replace": ("method", "url", "body", "adding_headers"),
    "add_callback": ("method", "url", "callback", "match_querystring", "content_type", "match"),
    "Response": ("method", "url", "body", "json", "status", "headers", "stream", "content_type"),
    "CallbackResponse": ("method", "url", "callback", "stream", "content_type"),
    **dict.fromkeys(VERBS, ("url", "body", "adding_headers")),
}
_FAILURES = ("Error", "Exception", "Timeout", "Redirects", "Warning")
_IGNORED = {"stream", "auto_calculate_content_length", "match_querystring", "match"}

Resolve = Callable[[cst.BaseExpression], str]
#: A list of matchers that a name of some module is bound to, each with its full name.
Matchers = Mapping[str, Sequence[tuple[cst.BaseExpression, str]]]


def declaration(name: str, call: cst.Call, resolve: Resolve, patterns: Bound, known: Matchers) -> Declaration:
    """The route and its reply for `responses.NAME(...)`. Raises CantRewrite.

    resolve: the full name of what an expression names, `responses.matchers.query_param_matcher`
    known:   lists of matchers by the name that they are bound to
    """
    first = call.args[0].value if call.args else None
    if name in ("add", "upsert", "replace") and isinstance(first, cst.Call) and len(call.args) == 1:
        inner = resolve(first.func).rpartition(".")[2]
        if inner in ("Response", "CallbackResponse"):
            return declaration(inner, first, resolve, patterns, known)
    arguments = bound(call.args, DECLARING[name])
    if arguments is None:
        raise CantRewrite(
            "a star hides what is declared", "write the arguments out: mock.get(url).respond(200, json=...)"
        )
    if "url" not in arguments:
        raise CantRewrite(
            "a response object is declared elsewhere", "declare the route here: mock.get(url).respond(200, json=...)"
        )
    place = place_of(arguments["url"], prefix_only=True, patterns=patterns)
    found = Declaration(_method(name, arguments, resolve), place.url, comments=comments(call))
    if place.query and literal(arguments.get("match_querystring")) is not False:
        found.asked.update(query_asked(place.query))
    if place.where:
        found.asked["where"] = place.where
    found.asked.update(_matched(arguments, resolve, found.asked, known))
    if "callback" in arguments:
        found.replies.append(Said("respond_with", [code(arguments["callback"])]))
        return found
    if literal(arguments.get("passthrough")) is True:
        found.replies.append(Said("pass_through"))
    else:
        found.replies.append(_reply(arguments, resolve))
    return found


def _method(name: str, arguments: Mapping[str, cst.BaseExpression], resolve: Resolve) -> str:
    if name in VERBS:
        return name
    node = arguments.get("method")
    if node is None:
        raise CantRewrite("the method is not said", 'mock.route("GET", url)')
    told = (text_of(node) or resolve(node).rpartition(".")[2]).lower()
    constant = text_of(node) is not None or resolve(node).startswith("responses.")
    return told if told in VERBS and constant else code(node)


def _matched(
    arguments: Mapping[str, cst.BaseExpression], resolve: Resolve, before: Mapping[str, str], known: Matchers
) -> dict[str, str]:
    node = arguments.get("match")
    # A matcher of the query says as much as the URL does.
    found: dict[str, str] = {name: value for name, value in before.items() if name != "params"}
    for matcher, name in _matchers(node, resolve, known) if node is not None and literal(node) is not None else ():
        asked = asked_by(matcher, name.rpartition(".")[2] if name.startswith("responses.") else "")
        for keyword in asked:
            if keyword in found and found[keyword] != asked[keyword]:
                raise CantRewrite(f"{keyword} is asked for twice", "join both in one keyword of the route")
        found.update(asked)
    return {**before, **found}


def _matchers(node: cst.BaseExpression, resolve: Resolve, known: Matchers) -> Sequence[tuple[cst.BaseExpression, str]]:
    """Matchers with their full names."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        return [*_matchers(node.left, resolve, known), *_matchers(node.right, resolve, known)]
    named = dotted(node).rpartition(".")[2]
    if named in known:
        return known[named]
    if not isinstance(node, cst.List | cst.Tuple):
        raise CantRewrite(
            f"match={code(node)} is put together elsewhere", "say it as keywords: params=, json=, headers="
        )
    return listed(node, resolve)


def listed(node: cst.List | cst.Tuple, resolve: Resolve) -> Sequence[tuple[cst.BaseExpression, str]]:
    """The elements of a list of matchers, each with its full name."""
    return [(one.value, resolve(one.value.func) if isinstance(one.value, cst.Call) else "") for one in node.elements]


def _reply(arguments: Mapping[str, cst.BaseExpression], resolve: Resolve) -> Said:
    unknown = set(arguments) - _IGNORED - {
        "method", "url", "body", "json", "status", "headers", "adding_headers", "content_type", "passthrough",
    }  # fmt: skip
    if unknown:
        raise CantRewrite(f"{min(unknown)}= is unknown", "see .respond(status, json=, text=, content=, headers=)")
    body = arguments.get("body")
    if body is not None and _is_failure(body):
        return Said("fail", [code(body)])
    said: list[str] = []
    status = arguments.get("status")
    if status is not None and literal(status) != 200:
        said.append(code(status))
    kind = arguments.get("content_type")
    wanted = "" if kind is None or literal(kind) is None else code(kind)
    if "json" in arguments and not (body is not None and literal(arguments["json"]) is None):
        said.append(f"json={code(arguments['json'])}")
        if text_of(kind) == "application/json":
            wanted = ""
    elif body is not None and literal(body) not in ("", b"", None):
        told, wanted = _body(body, kind, wanted, resolve)
        said.append(told)
    headers = _headers(arguments.get("headers") or arguments.get("adding_headers"), wanted)
    return Said("respond", [*said, *([f"headers={headers}"] if headers else [])])


def _body(body: cst.BaseExpression, kind: cst.BaseExpression | None, wanted: str, resolve: Resolve) -> tuple[str, str]:
    dumped = isinstance(body, cst.Call) and resolve(body.func) == "json.dumps" and len(body.args) == 1
    if dumped and isinstance(body, cst.Call) and text_of(kind) in ("application/json", None):
        return f"json={code(body.args[0].value)}", "" if text_of(kind) is not None else wanted
    plain = isinstance(body, cst.SimpleString | cst.FormattedString | cst.ConcatenatedString)
    is_text = plain and not code(body).lower().startswith(("b", "rb"))
    if isinstance(body, cst.Call) and text_of(kind) is None and code(body.func) == "open":
        return f"file={code(body.args[0].value)}", wanted
    return (f"text={code(body)}" if is_text and not wanted else f"content={code(body)}"), wanted


def _headers(node: cst.BaseExpression | None, kind: str) -> str:
    if node is None or literal(node) in (None, {}):
        return f'{{"Content-Type": {kind}}}' if kind else ""
    if not kind:
        return code(node)
    if isinstance(node, cst.Dict) and node.elements:
        return f'{{"Content-Type": {kind}, {code(node).strip()[1:].lstrip()}'
    return f'{{"Content-Type": {kind}, **{code(node)}}}'


def _is_failure(node: cst.BaseExpression) -> bool:
    named = node.func if isinstance(node, cst.Call) else node
    if not isinstance(named, cst.Name | cst.Attribute):
        return False
    last = named.value if isinstance(named, cst.Name) else named.attr.value
    return last.endswith(_FAILURES) and last[0].isupper()
