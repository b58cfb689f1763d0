"""Recorded exchanges as Python code that declares them on a mock, for those who would rather read and edit mocks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pprint import pformat
from typing import Any
from urllib.parse import unquote

from lookalike.contract.headers import header_class
from lookalike.errors import InvalidJson
from lookalike.messages import Exchange, MultiDict, Request, Response, split_url
from lookalike.secrets import REDACTED, redact

_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
# What a reply has by itself, or what isn't told of one.
_OWN = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding", "set-cookie", "connection"}
)
_WIDTH = 100

_HEAD = '''\
"""What was recorded of {what}, as mocks.

    with lookalike.Api(base_url="{base_url}").mock() as mock:
        declare(mock)
"""

from typing import Any


def declare(mock: Any) -> None:
    """Declare each recorded answer; one request's answers come in turn."""
'''


def source(exchanges: Iterable[Exchange], *, base_url: str = "") -> str:
    """A module with a function `declare(mock)`; secrets are redacted, and what was one isn't asked for.

    base_url: the API's; the first exchange's own origin unless given. Requests to others have absolute URLs
    """
    routes: dict[str, list[str]] = {}
    for exchange in exchanges:
        if exchange.response is None:
            continue
        exchange = redact(exchange)
        base_url = base_url or origin(exchange.request)
        replies = routes.setdefault(_asked(exchange.request, base_url), [])
        replies.append(_answered(exchange.response) if exchange.response is not None else "")
    head = _HEAD.format(what=base_url.partition("://")[2] or "nothing", base_url=base_url)
    body = "".join(_statement(route, replies) for route, replies in routes.items())
    return head + (body or "    return\n")


def origin(request: Request) -> str:
    """Scheme, host and port of a request's URL."""
    start = request.url.index("://") + 3
    end = min(at for sign in "/?#" if (at := (request.url + "/?#").find(sign, start)) >= 0)
    return request.url[:end]


def _statement(route: str, replies: list[str]) -> str:
    one = (
        f"{route}.{replies[0]}"
        if len(replies) == 1
        else f"(\n    {route}\n    ." + "\n    .then.".join(replies) + "\n)"
    )
    return textwrap.indent(one + "\n", "    ", lambda line: bool(line.strip()))


def _asked(request: Request, base_url: str) -> str:
    home = split_url(base_url)
    path = request.path
    if origin(request) == origin(Request("GET", base_url)) and path.startswith(home.path.rstrip("/") + "/"):
        path = path[len(home.path.rstrip("/")) :]
    else:
        path = origin(request) + path
    verb = f"mock.{request.method.lower()}(" if request.method in _VERBS else f'mock.route("{request.method}", '
    asked = [_text(unquote(path).replace("{", "%7B").replace("}", "%7D"))]
    if params := _named(request.params):
        asked.append(f"params={_value(params)}")
    asked += _body_asked(request)
    return f"{verb}{', '.join(asked)})"


def _named(values: MultiDict) -> dict[str, Any]:
    every = {name: values.get_all(name) for name in values}
    return {
        name: found[0] if len(found) == 1 else found for name, found in every.items() if REDACTED not in "".join(found)
    }


def _body_asked(request: Request) -> list[str]:
    if not request.content:
        return []
    if request.content_type == "application/x-www-form-urlencoded":
        fields = _named(request.form)
        whole = len(fields) == len(set(request.form))
        return [f"form={_value(fields)}"] if whole and fields else []
    try:
        value = request.json()
    except InvalidJson:
        return []
    return [f"json={_value(value)}"] if REDACTED not in repr(value) else []


def _answered(response: Response) -> str:
    said = [] if response.status == 200 else [str(response.status)]
    said += _body_said(response)
    fields = [(n, v) for n, v in response.headers.pairs if n.lower() not in _OWN and header_class(n) == "contract"]
    kind = response.headers.get("content-type", "")
    if kind and not any(one.startswith(("json=", "html=")) for one in said) and response.content:
        fields.insert(0, ("content-type", kind))
    if fields:
        said.append(f"headers={_value(dict(fields))}")
    return f"respond({', '.join(said)})"


def _body_said(response: Response) -> list[str]:
    if not response.content:
        return []
    if response.is_json:
        try:
            return [f"json={_value(response.json())}"]
        except InvalidJson:
            pass
    try:
        return [f"content={_text(response.body.decode())}"]
    except UnicodeDecodeError:
        return [f"content={response.body!r}"]


def _text(text: str) -> str:
    return repr(text)


def _value(value: Any) -> str:
    return pformat(value, width=_WIDTH, sort_dicts=False)
