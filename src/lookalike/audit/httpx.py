"""httpx: what `Client.send` and `AsyncClient.send` came to, with a streamed body heard as it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, Heard, hops
from lookalike.audit.sent import BODY_KEPT, heard_of, with_body

if TYPE_CHECKING:
    import httpx

    from lookalike.audit import Patching

__tracebackhide__ = True


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Hear what clients receive."""
    send, async_send = module.Client.send, module.AsyncClient.send

    @wraps(send)
    def heard_send(self: Any, request: Any, **kwargs: Any) -> Any:
        answered: list[Declared] = []
        token = hops.set(answered)
        try:
            response = send(self, request, **kwargs)
        finally:
            hops.reset(token)
        with ear.quietly("httpx"):
            _hear(module, ear, response, answered)
        return response

    @wraps(async_send)
    async def heard_async_send(self: Any, request: Any, **kwargs: Any) -> Any:
        answered: list[Declared] = []
        token = hops.set(answered)
        try:
            response = await async_send(self, request, **kwargs)
        finally:
            hops.reset(token)
        with ear.quietly("httpx"):
            _hear(module, ear, response, answered)
        return response

    patches.set(module.Client, "send", heard_send)
    patches.set(module.AsyncClient, "send", heard_async_send)


def _hear(module: ModuleType, ear: Ear, last: httpx.Response, answered: list[Declared]) -> None:
    responses = [*last.history, last]
    # An authentication flow sends requests that no history tells of: then only the last one is certain.
    certain = len(answered) == len(responses)
    for at, response in enumerate(responses):
        by = answered[at] if certain else answered[-1] if answered and response is last else None
        if by is None and answered:
            continue
        request = response.request
        one = heard_of(ear, request.method, str(request.url), response.status_code, response.headers.multi_items(), by)
        if one is None:
            continue
        if hasattr(response, "_content"):
            _said(ear, one, response.content)
        else:
            _tee(module, ear, response, one)


def _said(ear: Ear, one: Heard, content: bytes) -> None:
    # httpx has undone the content coding.
    one.headers = tuple(pair for pair in one.headers or () if pair[0].lower() != "content-encoding")
    with_body(ear, one, content)


def _tee(module: ModuleType, ear: Ear, response: httpx.Response, one: Heard) -> None:
    """Hear a body while the code reads it; one that isn't read to its end is not known."""
    inner = response.stream

    class Teed(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[name-defined, misc]  # httpx's, when there
        def __iter__(self) -> Iterator[bytes]:
            got = _Got(ear, one)
            for piece in inner:  # type: ignore[union-attr]  # a sync response has a sync stream
                yield got.add(piece)
            got.end()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            got = _Got(ear, one)
            async for piece in inner:  # type: ignore[union-attr]  # an async response has an async stream
                yield got.add(piece)
            got.end()

        def close(self) -> None:
            inner.close()  # type: ignore[union-attr]  # as above

        async def aclose(self) -> None:
            await inner.aclose()  # type: ignore[union-attr]  # as above

    response.stream = Teed()


class _Got:
    """The raw bytes until now; their coding is undone where they are judged."""

    def __init__(self, ear: Ear, one: Heard) -> None:
        self._ear = ear
        self._one = one
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> bytes:
        if self._size <= BODY_KEPT:
            self._pieces.append(piece)
            self._size += len(piece)
        return piece

    def end(self) -> None:
        with_body(self._ear, self._one, b"".join(self._pieces))
