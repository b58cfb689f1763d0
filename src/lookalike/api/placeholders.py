"""Names that stand for secrets in a recording: written in their place, and given back when it is replayed."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from urllib.parse import quote, quote_plus

from lookalike.errors import UsageError
from lookalike.messages import Exchange, Headers, Request, Response

__tracebackhide__ = True

_ENVIRONMENT = "env:"


class Placeholders:
    """`{"<TOKEN>": "env:TOKEN"}`: what is written in place of a value, and the value, or where it is found.

    A value that the environment doesn't have stays a placeholder in what is replayed.
    Raises UsageError for a placeholder or a value that is empty or no text.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        for name, value in names.items():
            if not (isinstance(name, str) and isinstance(value, str) and name and value):
                raise UsageError(
                    'api.replay(placeholders=...) takes texts by name: placeholders={"<TOKEN>": "env:TOKEN"}'
                )
        self._names = dict(names)

    @property
    def identity(self) -> Hashable:
        """Equal where the same is replaced."""
        return tuple(sorted(self._values().items()))

    def __bool__(self) -> bool:
        return bool(self._names)

    @property
    def names(self) -> frozenset[str]:
        """What stands in files."""
        return frozenset(self._names)

    def _values(self) -> dict[str, str]:
        found = {
            name: os.environ.get(value.removeprefix(_ENVIRONMENT), "") if value.startswith(_ENVIRONMENT) else value
            for name, value in self._names.items()
        }
        return {name: value for name, value in found.items() if value}

    def from_file(self, exchange: Exchange) -> Exchange:
        """A recorded exchange with the values in place of their names."""
        return self._changed(exchange, self._values()) if self._names else exchange

    def to_file(self, exchange: Exchange) -> Exchange:
        """An exchange with the names in place of the values, the longest value first."""
        if not self._names:
            return exchange
        values = sorted(self._values().items(), key=lambda one: (-len(one[1]), one[1]))
        return self._changed(exchange, {value: name for name, value in values})

    def _changed(self, exchange: Exchange, instead: Mapping[str, str]) -> Exchange:
        def text(plain: str) -> str:
            for old, new in instead.items():
                plain = plain.replace(old, new)
            return plain

        def url(encoded: str) -> str:
            for old, new in instead.items():
                for encode in (quote_plus, lambda one: quote(one, safe=""), str):
                    encoded = encoded.replace(encode(old), quote(new, safe=""))
            return encoded

        request, response = exchange.request, exchange.response
        asked = Request(request.method, url(request.url), _headers(request.headers, text), _content(request, text, url))
        if response is not None:
            body = _content(response, text, url)
            pairs = _headers(response.headers, text)
            length = str(len(body))
            pairs = Headers((n, length if n.lower() == "content-length" else v) for n, v in pairs.pairs)
            response = Response(
                response.status, pairs, body, reason=response.reason, http_version=response.http_version
            )
        return replace(exchange, request=asked, response=response)


def _headers(headers: Headers, text: Callable[[str], str]) -> Headers:
    return Headers((name, text(value)) for name, value in headers.pairs)


def _content(message: Request | Response, text: Callable[[str], str], url: Callable[[str], str]) -> bytes:
    """The body with the texts replaced; one that is coded or binary stays as it is."""
    if not message.content or message.body is not message.content:
        return message.content
    try:
        plain = message.content.decode()
    except UnicodeDecodeError:
        return message.content
    form = message.content_type == "application/x-www-form-urlencoded"
    changed = url(plain) if form else text(plain)
    return message.content if changed == plain else changed.encode()
