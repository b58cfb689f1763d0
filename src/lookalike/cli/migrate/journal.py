"""What tests read of the calls that happened, in our words."""

from __future__ import annotations

from collections.abc import Mapping

from lookalike.cli.migrate.edits import CantRewrite

#: Attributes of a mocker or of what it declares: ours, as source text around what it is asked of.
OF_MOCKER: Mapping[str, str] = {
    "request_history": "[call.request for call in {}.calls]",
    "last_request": "{}.calls.last.request",
    "call_count": "len({}.calls)",
    "called": "bool({}.calls)",
    "called_once": "(len({}.calls) == 1)",
}

#: Attributes of a request.
OF_REQUEST: Mapping[str, str] = {
    "path_url": "{}.target",
    "hostname": "{}.host",
    "timeout": "{}.options.timeout",
    "verify": "{}.options.verify",
    "cert": "{}.options.cert",
    "qs": "{{name: {0}.params.get_all(name) for name in {0}.params}}",
}

#: Attributes of a request that nothing here knows, with what to write.
GONE: Mapping[str, tuple[str, str]] = {
    "allow_redirects": ("it never reaches the wire", "assert on the requests that follow: mock.calls"),
    "stream": ("it never reaches the wire", "leave it out"),
    "proxies": ("a request knows the one proxy that it was sent to", "request.options.proxy"),
    "netloc": ("host and port are two things", "request.host and request.port"),
    "matcher": ("a request doesn't know its route", "a route knows its requests: route.calls"),
    "req_kwargs": ("it never reaches the wire", "request.options.timeout, .verify, .cert, .proxy"),
}


def of_request(name: str, request: str) -> str | None:
    """The same attribute of our request, None where it is called the same. Raises CantRewrite."""
    if name in GONE:
        raise CantRewrite(f"request.{name}: {GONE[name][0]}", GONE[name][1])
    form = OF_REQUEST.get(name)
    return form.format(request) if form is not None else None
