"""A mounted application answers: WSGI (Flask, Django) or ASGI (FastAPI, Starlette), as its own server would ask it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from lookalike.double import asgi, wsgi
from lookalike.double.address import address_of
from lookalike.double.functions import Awaited, awaiting
from lookalike.double.reply import PathParameters, Reply
from lookalike.double.source import caller
from lookalike.double.streams import watched
from lookalike.errors import UsageError
from lookalike.messages import Answer, Request, Response, SplitUrl

__tracebackhide__ = True

KINDS = ("wsgi", "asgi")


class AppReply(Reply):
    """What an application answers. What it raises, the code under test meets, and the mock raises it again at its end.

    depth:    segments of the path that it is mounted at, those of the base URL's own path too
    home:     the API's base URL
    remember: told what the application raises
    at_end:   what is called when the mock ends
    """

    def __init__(
        self,
        app: Any,
        kind: str | None,
        depth: int,
        home: SplitUrl | None,
        *,
        unchecked: str,
        remember: Callable[[BaseException], None],
        at_end: list[Callable[[], None]],
    ) -> None:
        super().__init__(caller(), unchecked)
        self._app = app
        self._kind = kind_of(app, kind)
        self.awaits = self._kind == "asgi"
        self._depth = depth
        self._home = home
        self._remember = remember
        self._open: WeakSet[Any] = WeakSet()
        at_end.append(self._close)

    @property
    def label(self) -> str:
        return f"respond_from({getattr(self._app, '__name__', type(self._app).__name__)})"

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        own, root = self._as_asked(request)
        if self._kind == "asgi" and awaiting(request) and asgi.in_asyncio():
            # The mock takes it from here, and awaits it.
            return Awaited(lambda: self._awaited(own, root))  # type: ignore[return-value]  # the mock awaits it
        with self._noticed():
            if self._kind == "asgi":
                return self._watched(asgi.answer(self._app, own, root, self._open.add))
            return self._watched(wsgi.answer(self._app, own, root, own.path[len(root) :], self._open.add))

    def _close(self) -> None:
        """End the streams that no client read to their end: an application at work would outlive the mock."""
        for stream in list(self._open):
            with suppress(ValueError):  # one that is being read in another thread
                stream.close()

    async def _awaited(self, request: Request, root: str) -> Answer:
        with self._noticed():
            return self._watched(await asgi.answer_async(self._app, request, root))

    def _as_asked(self, request: Request) -> tuple[Request, str]:
        """The request at the address that the client knows, and the application's own part of the path there."""
        address = address_of(request, self._home)
        depth = self._depth
        if self._home is not None and address.path != request.path:
            depth -= self._home.path.rstrip("/").count("/")
        # As the client spelled it: percent-encodings may be others than in the declaration.
        root = "/".join(address.path.split("/")[: depth + 1])
        query = f"?{request.query}" if request.query else ""
        url = f"{address.origin}{address.path}{query}"
        return Request(request.method, url, request.headers, request.content, timeout=request.timeout), root

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._remember(error)
            raise

    def _watched(self, response: Response) -> Response:
        if response.chunks is None:
            return response
        return Response(
            response.status,
            response.headers,
            chunks=watched(response.chunks, self._remember),
            reason=response.reason,
        )


def kind_of(app: Any, said: str | None = None) -> str:
    """`wsgi` or `asgi`. Raises UsageError for what is neither, and where it can't be seen."""
    if said is not None and said not in KINDS:
        raise UsageError(f'.respond_from(): kind= is "wsgi" or "asgi", not {said!r}')
    if not callable(app) or isinstance(app, type):
        raise UsageError(
            f".respond_from() takes an application, not {app!r}; give the object that a server is given: "
            "Flask(...), FastAPI(), get_wsgi_application()"
        )
    if said is not None:
        return said
    plain = app
    while isinstance(plain, functools.partial):
        plain = plain.func
    called = plain if inspect.isroutine(plain) else type(plain).__call__
    if inspect.iscoroutinefunction(called):
        return "asgi"
    try:
        taken = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        taken = {}.values()
    needed = [one for one in taken if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    if len(needed) in (2, 3):
        return "wsgi" if len(needed) == 2 else "asgi"
    raise UsageError(f'.respond_from({app!r}): this may be WSGI or ASGI; say kind="wsgi" or kind="asgi"')
