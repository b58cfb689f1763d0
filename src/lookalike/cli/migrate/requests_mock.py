"""Calls of requests-mock, each as a route with its replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst

from lookalike.cli.migrate.declaring import VERBS, Declaration, Said
from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.nodes import bound, code, comments, dotted, literal, names_in, spread, text_of
from lookalike.cli.migrate.urls import ANYWHERE, Bound, Place, place_of, query_of, repr_of

_REPLY = ("status_code", "reason", "headers", "cookies", "json", "text", "content", "body", "raw", "exc")
_ROUTE = ("complete_qs", "request_headers", "additional_matcher", "real_http", "json_encoder")
_ONE_WHERE = "where=lambda request: bool(PATTERN.search(request.url)) and matcher(request)"
_FIRST = ("url", "response_list")

#: Calls that declare something, with their parameters in order.
DECLARING: Mapping[str, tuple[str, ...]] = {
    "register_uri": ("method", *_FIRST),
    "request": ("method", *_FIRST),
    **dict.fromkeys(VERBS, _FIRST),
}

Resolve = Callable[[cst.BaseExpression], str]


def declaration(name: str, call: cst.Call, resolve: Resolve, patterns: Bound, functions: frozenset[str]) -> Declaration:
    """The route and its replies for `mocker.NAME(...)`. Raises CantRewrite.

    functions: names of functions of the module: a body that is one is made when a request comes
    """
    arguments = bound(call.args, DECLARING[name])
    if arguments is None or "url" not in arguments:
        raise CantRewrite(
            "a star hides what is declared", "write the arguments out: mock.get(url).respond(200, json=...)"
        )
    unknown = set(arguments) - {"method", *_FIRST, *_REPLY, *_ROUTE}
    if unknown:
        raise CantRewrite(f"{min(unknown)}= is unknown", "see .respond(status, json=, text=, content=, headers=)")
    url = arguments["url"]
    place = (
        Place(ANYWHERE) if resolve(url) == "requests_mock.ANY" else place_of(url, prefix_only=False, patterns=patterns)
    )
    if literal(arguments.get("complete_qs")) is True:
        place = _whole_query(place)
    found = Declaration(_method(name, arguments, resolve), place.url, comments=comments(call))
    found.asked.update(_asked(arguments, place))
    if literal(arguments.get("real_http")) is True:
        found.replies.append(Said("pass_through"))
    elif "response_list" in arguments and literal(arguments["response_list"]) is not None:
        found.replies += _listed(arguments["response_list"], functions)
    else:
        found.replies.append(_reply(arguments, functions))
    return found


def _method(name: str, arguments: Mapping[str, cst.BaseExpression], resolve: Resolve) -> str:
    if name in VERBS:
        return name
    node = arguments.get("method")
    if node is None:
        raise CantRewrite("the method is not said", 'mock.route("GET", url)')
    if resolve(node) == "requests_mock.ANY":
        return '"*"'
    told = (text_of(node) or resolve(node).rpartition(".")[2]).lower()
    constant = text_of(node) is not None or resolve(node).startswith("requests_mock.")
    return told if told in VERBS and constant else code(node)


def _asked(arguments: Mapping[str, cst.BaseExpression], place: Place) -> dict[str, str]:
    found: dict[str, str] = {}
    if place.query:
        found["params"] = f"exactly({place.query})"
    if place.where:
        found["where"] = place.where
    if "request_headers" in arguments and literal(arguments["request_headers"]) not in (None, {}):
        found["headers"] = code(arguments["request_headers"])
    if "additional_matcher" in arguments and literal(arguments["additional_matcher"]) is not None:
        if place.where:
            raise CantRewrite("an expression and additional_matcher= both look at the whole request", _ONE_WHERE)
        found["where"] = code(arguments["additional_matcher"])
    return found


def _whole_query(place: Place) -> Place:
    """The query of a URL as all that may be asked."""
    text = text_of(cst.parse_expression(place.url))
    if text is None:
        raise CantRewrite("complete_qs=True with a URL that is put together", "params=exactly({...})")
    path, _, query = text.partition("?")
    return Place(repr_of(path), query_of(query))


def _listed(node: cst.BaseExpression, functions: frozenset[str]) -> list[Said]:
    if not isinstance(node, cst.List | cst.Tuple) or not node.elements:
        raise CantRewrite(
            "the list of responses is put together elsewhere",
            "add each: route = mock.get(url).respond(...), then route.then.respond(...)",
        )
    found = []
    for element in node.elements:
        one = element.value
        arguments = None
        if isinstance(one, cst.Dict):
            arguments = bound(spread([cst.Arg(one, star="**")]) or [cst.Arg(one, star="*")], ())
        elif isinstance(one, cst.Call) and dotted(one.func) == "dict":
            arguments = bound(one.args, ())
        if arguments is None or set(arguments) - set(_REPLY):
            raise CantRewrite(
                "the list of responses has other things than dicts in it", ".respond(...).then.respond(...)"
            )
        found.append(_reply(arguments, functions))
    return found


def _reply(arguments: Mapping[str, cst.BaseExpression], functions: frozenset[str]) -> Said:
    if "raw" in arguments and literal(arguments["raw"]) is not None:
        raise CantRewrite("raw= is a response of urllib3", ".respond(status, content=..., headers=...)")
    if "json_encoder" in arguments and literal(arguments["json_encoder"]) is not None:
        raise CantRewrite("json_encoder= is not here", ".respond(content=json.dumps(value, cls=Encoder))")
    if "exc" in arguments and literal(arguments["exc"]) is not None:
        return Said("fail", [code(arguments["exc"])])
    said: list[str] = []
    status = arguments.get("status_code")
    if status is not None and literal(status) != 200:
        said.append(code(status))
    for name, ours in (("json", "json"), ("text", "text"), ("content", "content"), ("body", "file")):
        node = arguments.get(name)
        if node is None or literal(node) is None:
            continue
        if isinstance(node, cst.Lambda) or dotted(node).rpartition(".")[2] in functions:
            return _made(name, node, arguments)
        if name in ("text", "content") and literal(node) in ("", b""):
            continue
        said.append(f"{ours}={code(node)}")
    for name in ("headers", "cookies", "reason"):
        node = arguments.get(name)
        if node is not None and literal(node) not in (None, {}):
            said.append(f"{name}={code(node)}")
    return Said("respond", said)


def _made(name: str, node: cst.BaseExpression, arguments: Mapping[str, cst.BaseExpression]) -> Said:
    """A body that a function of (request, context) makes; one that uses its context was refused before."""
    why = CantRewrite(
        f"{name}={code(node)} is made by a function of (request, context)",
        ".respond_with(function): it gets the request, and returns (status, value) or a lookalike.Response",
    )
    others = {one for one in ("headers", "cookies", "reason") if literal(arguments.get(one)) not in (..., None, {})}
    if others or any(one in arguments for one in ("headers", "cookies", "reason")):
        raise why
    status = arguments.get("status_code")
    if isinstance(node, cst.Lambda):
        names = [one.name.value for one in node.params.params]
        if len(names) != 2 or names[1] in names_in(node.body):
            raise why
        request, value = names[0], code(node.body)
    else:
        request, value = "request", f"{code(node)}(request, None)"
    told = value if status is None or literal(status) == 200 else f"({code(status)}, {value})"
    return Said("respond_with", [f"lambda {request}: {told}"])
