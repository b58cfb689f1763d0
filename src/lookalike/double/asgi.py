"""An ASGI application as what answers a request (asgi.readthedocs.io, HTTP version 2.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import unquote

from lookalike import waiting
from lookalike.double.streams import source_of
from lookalike.errors import UsageError
from lookalike.messages import Headers, Request, Response

Message = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]


def answer(app: App, request: Request, root: str, opened: Callable[[Iterator[Any]], None]) -> Response:
    """What the application answers, run in an event loop of its own. Raises what it raises.

    root:   the part of the path that it is mounted at, percent-encoded
    opened: told the iterator of a stream, which somebody has to close

    An answer that says its length is read whole; another is a stream, with the pieces that the application sends. The
    application's `lifespan` is not run.
    """
    messages: Iterator[Any] = waiting.pieces(_Run(app, request, root).messages())
    start = next(messages)
    if _is_whole(start, request):
        return _response(start, b"".join(message["body"] for message in messages))
    opened(messages)
    return _response(start, b"", _bodies(messages))


async def answer_async(app: App, request: Request, root: str) -> Response:
    """The same in the running asyncio loop."""
    messages = _Run(app, request, root).messages()
    start = await anext(messages)
    if _is_whole(start, request):
        return _response(start, b"".join([message["body"] async for message in messages]))
    return _response(start, b"", _bodies_async(messages))


def in_asyncio() -> bool:
    """Whether the caller is a coroutine of asyncio: other loops can't run what an application may do."""
    import asyncio

    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False


def _bodies(messages: Iterator[Any]) -> Iterator[bytes]:
    try:
        for message in messages:
            yield message["body"]
    finally:
        messages.close()  # type: ignore[attr-defined]  # a generator


async def _bodies_async(messages: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    try:
        async for message in messages:
            yield message["body"]
    finally:
        await messages.aclose()  # type: ignore[attr-defined]  # a generator


def _is_whole(start: Message, request: Request) -> bool:
    return request.method == "HEAD" or any(name.lower() == b"content-length" for name, _ in start["headers"])


def _response(start: Message, content: bytes, bodies: Any = None) -> Response:
    headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]])
    chunks = None if bodies is None else source_of(bodies, bytes)
    return Response(start["status"], headers, content, chunks=chunks)


class _Run:
    """The application at work on one request."""

    def __init__(self, app: App, request: Request, root: str) -> None:
        import asyncio

        self._app = app
        self._scope = _scope(request, root)
        self._content = request.content
        self._asked = self._begun = self._over = False
        # One message at a time: an application that streams waits until its client reads.
        self._sent: asyncio.Queue[Any] = asyncio.Queue(1)
        self._gone = asyncio.Event()

    async def messages(self) -> AsyncIterator[Any]:
        """`http.response.start`, then each `http.response.body` with content. Closing it lets the client hang up."""
        import asyncio

        task = asyncio.ensure_future(self._run())
        try:
            while (message := await self._sent.get()) is not None:
                if isinstance(message, BaseException):
                    raise message
                if message["type"] == "http.response.start" or message["body"]:
                    yield message
        finally:
            self._gone.set()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
            if not self._over:
                what = "without the end of its answer" if self._begun else "without an answer"
                raise UsageError(f"the mounted ASGI application returned {what}")
        except Exception as error:
            await self._sent.put(error)
        else:
            await self._sent.put(None)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._content, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "http.response.start" and not self._begun:
            self._begun = True
            headers = [(bytes(name), bytes(value)) for name, value in message.get("headers") or ()]
            await self._sent.put({"type": kind, "status": message["status"], "headers": headers})
        elif kind == "http.response.body" and self._begun and not self._over:
            more = message.get("more_body", False)
            await self._sent.put({"type": kind, "body": bytes(message.get("body", b""))})
            if not more:
                self._over = True
                self._gone.set()
        elif not self._over:
            raise UsageError(f"the mounted ASGI application sent {kind!r} where no such message can come")


def _scope(request: Request, root: str) -> dict[str, Any]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.pairs]
    if "host" not in request.headers:
        host = request.url.partition("://")[2].partition("/")[0].partition("?")[0]
        headers.insert(0, (b"host", host.encode("latin-1")))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method.upper(),
        "scheme": request.scheme,
        "path": unquote(request.path),
        "raw_path": request.path.encode("ascii", "replace"),
        "query_string": request.query.encode("ascii", "replace"),
        "root_path": unquote(root),
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": (request.host, request.port),
        "extensions": {},
    }
