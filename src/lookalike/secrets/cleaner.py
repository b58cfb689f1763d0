"""The second walk: known secrets are taken out of an exchange wherever they recur."""

from __future__ import annotations

from typing import Any

from lookalike.codec import decode_json, encode_json
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange, Headers, Request, Response
from lookalike.secrets.bodies import bytes_of, deflated, inflated, text_of
from lookalike.secrets.recurring import Recurrences
from lookalike.secrets.walking import Trail, answered, copied, each, framed, type_alone


class Cleaner:
    """Takes known secrets out of an exchange that a Scrubber went through, wherever they recur."""

    def __init__(self, known: Recurrences) -> None:
        self._known = known

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange without any byte of them."""
        return each(exchange, self._request, self._response)

    def _request(self, request: Request) -> Request:
        scheme, sep, rest = request.url.partition("://")
        url = scheme + sep + self._text(rest) if sep else self._text(request.url)
        content = self._body(request)
        headers = framed(self._headers(request.headers), request, content)
        return Request(self._text(request.method), url, headers, content, timeout=request.timeout)

    def _response(self, response: Response) -> Response:
        content = self._body(response)
        headers = framed(self._headers(response.headers), response, content)
        return answered(response, headers, content, self._text(response.reason))

    def _text(self, text: str) -> str:
        return self._known.without(text)

    def _headers(self, headers: Headers) -> Headers:
        return Headers([(self._text(name), self._text(value)) for name, value in headers.pairs])

    def _body(self, message: Request | Response, *, inside: bool = True) -> bytes:
        content = message.content
        packed = inflated(content) if inside else None
        if packed is not None:
            clean = self._body(Response(200, type_alone(message.headers), packed), inside=False)
            content = content if clean == packed else deflated(clean)
        text, charset = text_of(content, message.headers)
        if self._known.there(text):
            content = bytes_of(self._body_text(text), charset)
        if charset in ("utf-8", "latin-1"):
            return content
        # What a charset makes of the bytes is one reading of them.
        raw = content.decode("latin-1")
        return self._text(raw).encode("latin-1") if self._known.there(raw) else content

    def _body_text(self, text: str) -> str:
        if text[:64].lstrip()[:1] in ("{", "["):
            try:
                value = copied(decode_json(text.encode("utf-8", "surrogatepass")), self._plain, self._scalar)
                text = encode_json(value).decode()
            except (InvalidJson, UsageError):
                pass
        return self._text(text)

    def _plain(self, text: str) -> str:
        return self._known.without(text, digits=False)

    def _scalar(self, item: Any, name: str, trail: Trail) -> Any:
        if isinstance(item, str):
            return self._plain(item)
        if isinstance(item, int | float) and not isinstance(item, bool) and self._known.there(str(item)):
            return 0
        return item
