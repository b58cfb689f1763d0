"""Names that stand for secrets in a recording: written in their place, and given back when it is replayed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from lookalike.codec import encode_json
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange, Headers, Request, Response
from lookalike.secrets import redact

__tracebackhide__ = True

_ENVIRONMENT = "env:"
_SCHEME = re.compile(r"\s*(?:[A-Za-z][\w-]{0,15}[ =]?)?\s*")


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

    def written(self, exchange: Exchange) -> Exchange:
        """An exchange as it is written: redacted, with the names where they say all that there was."""
        if not self._names:
            return redact(exchange)
        named = self.to_file(exchange)
        clean = redact(named)
        request, response = clean.request, clean.response
        asked = Request(
            request.method, self._url(named.request.url, request.url), self._fields(named.request, request),
            self._body(named.request, request),
        )  # fmt: skip
        if response is not None and named.response is not None:
            response = Response(
                response.status, self._fields(named.response, response), self._body(named.response, response),
                reason=response.reason, http_version=response.http_version,
            )  # fmt: skip
        return replace(clean, request=asked, response=response)

    def _kept(self, before: Any, after: Any) -> Any:
        """A value with its placeholder, where nothing else than a scheme (`Bearer`) stands beside that."""
        if not isinstance(before, str) or before == after:
            return after
        rest = before
        for name in self._names:
            rest = rest.replace(name, "")
        return before if rest != before and _SCHEME.fullmatch(rest) else after

    def _fields(self, before: Request | Response, after: Request | Response) -> Headers:
        known: dict[str, list[str]] = {}
        for name, value in reversed(before.headers.pairs):
            known.setdefault(name.lower(), []).append(value)
        return Headers((name, self._kept(known[name.lower()].pop(), value)) for name, value in after.headers.pairs)

    def _url(self, before: str, after: str) -> str:
        (start, sign, query), clean = after.partition("?"), before.partition("?")[2]
        return start + sign + self._encoded(clean, query)

    def _encoded(self, before: str, after: str) -> str:
        pairs = [one.partition("=") for one in before.split("&")], [one.partition("=") for one in after.split("&")]
        if len(pairs[0]) != len(pairs[1]):
            return after
        kept = []
        for (_, _, old), (name, sign, new) in zip(*pairs, strict=True):
            plain = unquote_plus(old)
            kept.append(name + sign + (old if self._kept(plain, unquote_plus(new)) == plain else new))
        return "&".join(kept)

    def _body(self, before: Request | Response, after: Request | Response) -> bytes:
        if not after.content or before.body == after.body:
            return after.content
        if before.content_type == "application/x-www-form-urlencoded":
            return self._encoded(before.text, after.text).encode()
        try:
            old, new = before.json(), after.json()
        except InvalidJson:
            return after.content
        return encode_json(self._values_of(old, new))

    def _values_of(self, before: Any, after: Any) -> Any:
        if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
            return {name: self._values_of(before[name], value) for name, value in after.items()}
        if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            return [self._values_of(*pair) for pair in zip(before, after, strict=True)]
        return self._kept(before, after)

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


def check_writable(path: Path) -> None:
    """Raises UsageError where a recording would be written into a file of another format."""
    if path.suffix.lower() == ".har":
        return
    har = path.with_suffix(".har").as_posix()
    told = (
        f"lookalike export {path.as_posix()} --to har -o {har}\nand then name {har}" if path.exists() else f"name {har}"
    )
    raise UsageError(
        f"{path} can't be recorded into: recordings are kept as HAR, in a file that ends in .har.\nNext: {told}"
    )
