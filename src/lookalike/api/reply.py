"""A response that a real client built from a reply, for people who patch functions themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from lookalike.double.double import Double
from lookalike.double.mock import MockDouble
from lookalike.errors import UsageError
from lookalike.messages import Answer, Request, Response

__tracebackhide__ = True


class _Canned(Double):
    """One answer, whatever is asked."""

    def __init__(self, name: str, base_url: str | None, response: Response) -> None:
        super().__init__(name, base_url)
        self._response = response

    def handle(self, request: Request) -> Answer:
        return self._response


def client_response(
    mock: MockDouble, method: str, path: str, status: int | None, client: str, reply: Mapping[str, Any]
) -> Any:
    """Declare the reply on a mock, which holds it to the contract; then let the client ask for it.

    Raises ContractViolation, and UsageError for a client that isn't known or installed, or a reply that can't be sent.
    """
    get = _CLIENTS.get(client)
    if get is None:
        raise UsageError(f"api.reply(client={client!r}): a client is one of {', '.join(sorted(_CLIENTS))}")
    if not isinstance(path, str) or not path.startswith("/"):
        raise UsageError(f"api.reply({method!r}, {path!r}): a path begins with / and is relative to the base URL")
    route = mock.route(method, path)
    try:
        response = route.respond(status, **reply).replies[-1].response
    except TypeError as error:
        raise UsageError(f"api.reply({method!r}, {path!r}): {error}; it takes what .respond() takes") from None
    if response is None or mock.base_url is None:
        raise UsageError(f"api.reply({method!r}, {path!r}): the reply isn't known beforehand")
    # A reply is about what comes back: any value will do where the path is a template.
    target = mock.base_url + re.sub(r"\{[^{}/]*\}", "1", path)
    from lookalike.intercept import install

    double = _Canned(mock.name, mock.base_url, response)
    try:
        ask = get()
    except ImportError:
        raise UsageError(f"api.reply(client={client!r}): {client} is not installed") from None
    undo = install(double)
    try:
        return ask(method.upper(), quote(target, safe="/:?#[]@!$&'()*+,;=%~"))
    finally:
        undo()


def _requests() -> Callable[[str, str], Any]:
    import requests

    def ask(method: str, url: str) -> Any:
        with requests.Session() as session:
            # Proxies and credentials of the environment have no part in this.
            session.trust_env = False
            return session.request(method, url, allow_redirects=False)

    return ask


def _httpx() -> Callable[[str, str], Any]:
    import httpx

    def ask(method: str, url: str) -> Any:
        with httpx.Client(trust_env=False) as client:
            return client.request(method, url, follow_redirects=False)

    return ask


_CLIENTS: dict[str, Callable[[], Callable[[str, str], Any]]] = {"httpx": _httpx, "requests": _requests}
