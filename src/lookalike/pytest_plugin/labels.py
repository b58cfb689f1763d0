"""How a request is named in what a run says."""

from __future__ import annotations

from lookalike.api.api import Api
from lookalike.double.target import below
from lookalike.messages import Request, split_url
from lookalike.secrets import mask_url


def below_api(api: Api, request: Request) -> str | None:
    """The request's path below where this Api says that it is: its contract may name another server."""
    return below(request.path, split_url(api.base_url) if api.base_url is not None else None)


def label_of(api: Api, request: Request) -> str:
    """`GET /todos/1?page=2`, without credentials."""
    base = (api.base_url or "").partition("://")[2]
    return f"{request.method} {mask_url(request.url).partition('://')[2].removeprefix(base) or '/'}"
