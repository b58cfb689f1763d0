"""json-server 1 as a double."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from lookalike.errors import InvalidJson
from lookalike.messages import Request, Response
from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.answering import Answering
from lookalike.packs.jsonplaceholder.headers import Reply
from lookalike.packs.jsonplaceholder.one import headers
from lookalike.packs.jsonplaceholder.one.complaint import complaint
from lookalike.packs.jsonplaceholder.one.failed import Failed
from lookalike.packs.jsonplaceholder.one.service import JSON, Call, Service, route
from lookalike.packs.jsonplaceholder.store import Store

_BODY_LIMIT = 100 * 1024
_READ = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # methods whose body is read
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>A lookalike of JSON Server</title></head>
<body>
<ul>
{links}
</ul>
</body>
</html>
"""


class JsonServer1(Answering):
    """Answers like json-server 1.0.0-beta.15 on Node 22."""

    def __init__(self, store: Store, *, stateful: bool = False, journal_limit: int | None = 10_000) -> None:
        super().__init__(journal_limit=journal_limit)
        self._service = Service(store, keeps=stateful)

    def _made(self, request: Request) -> Response:
        if request.method == "OPTIONS" and not headers.is_doubled(request):
            return headers.preflight(request)
        writes = self._service.writes
        try:
            reply = self._reply(request)
        except Failed as failed:
            reply = headers.failure(500, str(failed))
        if self._service.writes != writes:
            self._written()
        return headers.dressed(reply, request)

    def _reply(self, request: Request) -> Reply:
        body: Any = {}
        if headers.is_doubled(request):
            body = None
        elif request.method in _READ:
            body = _body(request.content)
        if not request.path.strip("/"):
            return self._start() if request.method in ("GET", "HEAD") else headers.failure(404, "Not Found")
        parts = route(request.method, request.path)
        try:
            decoded = [_decoded(part) for part in parts or ([request.path] if request.method == "HEAD" else [])]
        except ValueError:
            return Reply(400, headers.REFUSED, headers.TEXT, static=True)
        if parts is None:
            return Reply(404, js.stringify({"error": "Not Found"}), JSON)
        query = parse_qsl(request.query, keep_blank_values=True, errors="replace")
        return self._service.answer(Call(request.method, decoded, query, body))

    def _start(self) -> Reply:
        names = [html.escape(name) for name in self._service.store.names]
        links = "\n".join(f'<li><a href="/{name}">/{name}</a></li>' for name in names)
        return Reply(200, _PAGE.format(links=links).encode(), headers.HTML, static=True)


def _body(content: bytes) -> Any:
    """The body as JSON, whatever type its sender says it has. Raises Failed."""
    if len(content) > _BODY_LIMIT:
        raise Failed(f"Payload too large. Limit: {_BODY_LIMIT} bytes")
    if not content:
        return {}
    text = content.decode("utf-8", "replace")
    try:
        if text.startswith("\ufeff"):
            raise Failed(complaint(text))
        return js.parse(text)
    except InvalidJson:
        raise Failed(complaint(text)) from None
    except RecursionError:
        raise Failed("Maximum call stack size exceeded") from None


def _decoded(part: str) -> str:
    """decodeURIComponent. Raises ValueError where the escapes aren't UTF-8."""
    if re.search(r"%(?![0-9a-fA-F]{2})", part):
        raise ValueError(part)
    return unquote_to_bytes(part).decode()
