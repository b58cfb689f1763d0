"""From exchanges to a tally: a batch at a time, so that memory doesn't grow with the recording."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from lookalike.contract.learning import exchange_bytes
from lookalike.contract.recording import SKIPPED_METHODS, learn_exchanges, relative_path
from lookalike.errors import UsageError
from lookalike.learning.tally import Host, Side, Tally
from lookalike.messages import Exchange, Response, SplitUrl, split_url

BATCH = 16_000_000  # bytes of bodies that are learned together
MOST = 20_000  # exchanges that are
# Of pages, in place of an API's answers: what a browser asks for to show them.
_OF_PAGES = ("text/html", "application/xhtml+xml", "text/css", "text/javascript", "application/javascript",
             "application/x-javascript", "image/", "font/", "application/font", "application/x-font", "video/",
             "audio/", "application/wasm")  # fmt: skip


def fold(exchanges: Iterable[Exchange], tally: Tally, *, base_url: str = "") -> None:
    """Count exchanges into a tally, in place.

    base_url: of the API, to which paths are relative, and all that is counted then; without it each host is counted,
              from its root
    """
    batch: dict[str, list[Exchange]] = {}
    size = n = 0
    home = home_of(base_url) if base_url else ""
    for one in exchanges:
        response = one.response
        name = _host(one)
        if response is None or not name or one.request.method.upper() in SKIPPED_METHODS:
            tally.unanswered += 1
            continue
        batch.setdefault(name, []).append(one)
        size += len(response.content) + len(one.request.content)
        n += 1
        if size >= BATCH or n >= MOST:
            _count(batch, tally, base_url, home)
            batch, size, n = {}, 0, 0
    _count(batch, tally, base_url, home)


def host_of(parts: SplitUrl) -> str:
    """The host of a URL; the usual ports are one, as http and https are one API."""
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    return host if parts.port in (80, 443) else f"{host}:{parts.port}"


def home_of(base_url: str) -> str:
    """The host of a base URL. Raises UsageError where it is none."""
    return host_of(split_url(base_url))


def _host(exchange: Exchange) -> str:
    """The host that an exchange is with, empty where its URL is none of HTTP's."""
    try:
        return host_of(split_url(exchange.request.url))
    except UsageError:
        return ""


def _count(batch: dict[str, list[Exchange]], tally: Tally, base_url: str, home: str) -> None:
    base = split_url(base_url) if base_url else None
    for name, group in batch.items():
        host = tally.hosts.setdefault(name, Host())
        if base is not None and name != home:
            host.elsewhere += len(group)
            continue
        found = group if base is None else [one for one in group if relative_path(base, one.request) is not None]
        host.elsewhere += len(group) - len(found)
        at = base_url or f"https://{name}"
        pages = [one for one in found if _is_page(one.response)]
        answers = [one for one in found if not _is_page(one.response)] if pages else found
        host.answers += _side(answers, at)
        if pages:
            host.pages += _side(pages, at)
        host.json += sum(one.response is not None and one.response.is_json for one in answers)
        host.secure = host.secure or any(one.request.scheme == "https" for one in found)


def _side(found: list[Exchange], base_url: str) -> Side:
    side = Side(learn_exchanges(found, base_url=base_url))
    side.identity.add(sha256(exchange_bytes(one)).digest() for one in found)
    return side


def _is_page(response: Response | None) -> bool:
    """Whether an answer is for a browser: a page, a script, a picture. Errors teach, whatever their body is."""
    if response is None or not 200 <= response.status < 300:
        return False
    kind = response.content_type
    if kind.startswith(_OF_PAGES):
        return True
    return not response.is_json and response.content[:64].lstrip()[:14].lower().startswith(
        (b"<!doctype html", b"<html")
    )
