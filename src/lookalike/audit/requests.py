"""requests: what each hop of `Session.send` came to, with a streamed body heard as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, Heard, hops
from lookalike.audit.sent import BODY_KEPT, heard_of, with_body

if TYPE_CHECKING:
    import requests

    from lookalike.audit import Patching

__tracebackhide__ = True

_HEARD = "_lookalike_heard"


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Hear what sessions receive."""
    patches.set(module.Session, "send", heard_by(ear, module.Session.send))


def heard_by(ear: Ear, send: Any) -> Any:
    """`Session.send`, and what it came to is heard; the same function where it is heard already."""
    if getattr(send, _HEARD, None) is ear:
        return send

    @wraps(send)
    def heard_send(self: Any, request: Any, **kwargs: Any) -> Any:
        answered: list[Declared] = []
        token = hops.set(answered)
        try:
            response = send(self, request, **kwargs)
        finally:
            hops.reset(token)
        with ear.quietly("requests"):
            # Redirects are followed by this method's own calls of itself, which hear theirs.
            hop = response.history[0] if response.history and kwargs.get("allow_redirects", True) else response
            _hear(ear, hop, answered[0] if answered else None)
        return response

    setattr(heard_send, _HEARD, ear)
    return heard_send


def _hear(ear: Ear, response: requests.Response, by: Declared | None) -> None:
    request = response.request
    headers = tuple((str(name), str(value)) for name, value in response.headers.items())
    one = heard_of(ear, request.method or "GET", request.url or response.url, response.status_code, headers, by)
    if one is None:
        return
    content: Any = getattr(response, "_content", False)
    if content is False:
        _tee(ear, response, one)
    else:
        _said(ear, one, content or b"")


def _said(ear: Ear, one: Heard, content: bytes) -> None:
    # requests has undone the content coding.
    one.headers = tuple(pair for pair in one.headers or () if pair[0].lower() != "content-encoding")
    with_body(ear, one, content)


def _tee(ear: Ear, response: requests.Response, one: Heard) -> None:
    """Hear a body while the code reads it; one that isn't read to its end is not known."""
    original = response.iter_content

    def iter_content(chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
        return _teed(ear, original(chunk_size, decode_unicode), one)

    response.iter_content = iter_content  # type: ignore[method-assign]  # as the instance's own


def _teed(ear: Ear, pieces: Iterator[Any], one: Heard) -> Iterator[Any]:
    got: list[bytes] = []
    size = 0
    for piece in pieces:
        if size <= BODY_KEPT:
            got.append(piece.encode() if isinstance(piece, str) else piece)
            size += len(piece)
        yield piece
    _said(ear, one, b"".join(got))
