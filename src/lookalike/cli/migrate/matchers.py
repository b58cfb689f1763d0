"""The matchers of responses, each as what a route asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.nodes import bound, code, literal, text_of
from lookalike.cli.migrate.urls import query_of

Arguments = Mapping[str, cst.BaseExpression]
_CLIENT = {"timeout", "verify", "cert", "stream", "allow_redirects", "proxies"}


def _strict(arguments: Arguments, default: bool) -> bool:
    value = literal(arguments.get("strict_match"))
    return default if value is ... else bool(value)


def _dict(keyword: str, whole: str, part: str) -> Callable[[Arguments], dict[str, str]]:
    def asked(arguments: Arguments) -> dict[str, str]:
        node = arguments.get("params")
        empty = node is None or literal(node) is None
        if empty and keyword in ("json", "form"):
            return {"content": 'b""'}
        shown = "{}" if empty or node is None else code(node)
        return {keyword: (whole if _strict(arguments, True) else part).format(shown)}

    return asked


def _query_string(arguments: Arguments) -> dict[str, str]:
    node = arguments.get("query")
    if node is None or literal(node) is None:
        return {"params": "exactly({})"}
    text = text_of(node)
    if text is None:
        return {"params": f"exactly(dict(urllib.parse.parse_qsl({code(node)}, keep_blank_values=True)))"}
    return {"params": f"exactly({query_of(text)})"}


def _headers(arguments: Arguments) -> dict[str, str]:
    if _strict(arguments, False):
        raise CantRewrite(
            "header_matcher(strict_match=True) compares all headers, those of the client's own too",
            'name those that count: headers={"X-Id": "7", "X-Other": absent}',
        )
    return {"headers": code(arguments["headers"])}


def _body(arguments: Arguments) -> dict[str, str]:
    node = arguments["params"]
    return {"content" if isinstance(literal(node), bytes) else "text": code(node)}


def _multipart(arguments: Arguments) -> dict[str, str]:
    found = {"files": code(arguments["files"])}
    if "data" in arguments and literal(arguments["data"]) is not None:
        found["form"] = code(arguments["data"])
    return found


def _kwargs(arguments: Arguments) -> dict[str, str]:
    node = arguments["kwargs"]
    names = (
        {text_of(one.key) for one in node.elements if isinstance(one, cst.DictElement)}
        if isinstance(node, cst.Dict)
        else {None}
    )
    if not names <= {"timeout", "verify", "cert"}:
        raise CantRewrite(
            "request_kwargs_matcher compares what never reaches the wire",
            'the options that a route knows are client={"timeout": 5, "verify": False, "cert": "client.pem"}',
        )
    return {"client": code(node)}


def _fragment(arguments: Arguments) -> dict[str, str]:
    raise CantRewrite("a fragment is never sent", "leave fragment_identifier_matcher out")


_KNOWN: Mapping[str, tuple[tuple[str, ...], Callable[[Arguments], dict[str, str]]]] = {
    "query_param_matcher": (("params",), _dict("params", "exactly({})", "{}")),
    "query_string_matcher": (("query",), _query_string),
    "json_params_matcher": (("params",), _dict("json", "{}", "including({})")),
    "urlencoded_params_matcher": (("params",), _dict("form", "{}", "including({})")),
    "header_matcher": (("headers", "strict_match"), _headers),
    "body_matcher": (("params",), _body),
    "multipart_matcher": (("files", "data"), _multipart),
    "request_kwargs_matcher": (("kwargs",), _kwargs),
    "fragment_identifier_matcher": (("identifier",), _fragment),
}


def asked_by(call: cst.BaseExpression, name: str) -> dict[str, str]:
    """What a route asks for in place of one matcher. Raises CantRewrite.

    name: the matcher's own name, `""` where it is none of responses'
    """
    if name not in _KNOWN or not isinstance(call, cst.Call):
        raise CantRewrite(
            f"{code(call)} is a matcher of your own",
            "where=lambda request: ... is true for the requests that are meant",
        )
    names, make = _KNOWN[name]
    arguments = bound(call.args, names)
    if arguments is None or (names[0] in ("headers", "files", "kwargs") and names[0] not in arguments):
        raise CantRewrite(f"{code(call)} hides what it asks for", "say it as keywords of the route")
    return make(arguments)


def query_asked(query: str) -> dict[str, str]:
    """The query of a URL, as a whole; `query` is source text of a dict."""
    return {"params": f"exactly({query})"}
