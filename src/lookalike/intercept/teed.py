"""Real answers whose length nobody says: they reach the client as they come, and are shown when it has read them.

Such an answer may have no end (a watch, server-sent events), so it can't be read whole before the client gets it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from lookalike.messages import Response

_PIECE = 65536
_BODILESS = (204, 304)


def is_open(response: Response, method: str) -> bool:
    """Whether only its end says how long an answer is."""
    return method != "HEAD" and response.status not in _BODILESS and "content-length" not in response.headers


class Teed:
    """What was read of a real answer, to be shown once: at its end, or when the client leaves it.

    head: the answer without its body; observe: is shown it
    """

    def __init__(self, head: Response, observe: Callable[[Response], None]) -> None:
        self._head = head
        self._observe: Callable[[Response], None] | None = observe
        self._got: list[bytes] = []
        self._whole = False

    def add(self, piece: bytes) -> bytes:
        """The next piece."""
        self._got.append(piece)
        return piece

    def end(self) -> None:
        """It was read to its end."""
        self._whole = True
        self.show()

    def show(self) -> None:
        """Nothing more is read. A part of JSON is none, so nobody shall take it for what the API answers."""
        observe, self._observe = self._observe, None
        head = self._head
        if observe is not None and (self._whole or not head.is_json):
            content = b"".join(self._got)
            observe(Response(head.status, head.headers, content, reason=head.reason, http_version=head.http_version))

    def forget(self) -> None:
        """It broke off: nothing is shown."""
        self._observe = None


class TeedSocket:
    """The body of a real answer on a socket.

    reading: the `http.client.HTTPResponse` on it; timeout: the seconds that the client waits at the moment
    """

    def __init__(self, reading: Any, real: Any, teed: Teed, timeout: Callable[[], float | None]) -> None:
        self._reading = reading
        self._real = real
        self._teed = teed
        self._timeout = timeout

    def __iter__(self) -> Iterator[bytes]:
        try:
            while True:
                self._real.settimeout(self._timeout())
                piece = self._reading.read1(_PIECE)
                if not piece:
                    break
                yield self._teed.add(piece)
            self._teed.end()
        except Exception:
            self._teed.forget()
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Read no more, and give the connection back."""
        self._teed.show()
        self._reading.close()
        self._real.close()


class TeedBody:
    """The body of a real answer of httpcore's, for sync and async clients."""

    def __init__(self, real: Any, teed: Teed) -> None:
        self._real = real
        self._teed = teed

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._real.iter_stream():
                yield self._teed.add(piece)
        except Exception:
            self._teed.forget()
            raise
        self._teed.end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._real.aiter_stream():
                yield self._teed.add(piece)
        except Exception:
            self._teed.forget()
            raise
        self._teed.end()

    def close(self) -> None:
        """Read no more, and give the connection back."""
        self._teed.show()
        self._real.close()

    async def aclose(self) -> None:
        """Read no more, and give the connection back."""
        self._teed.show()
        await self._real.aclose()
