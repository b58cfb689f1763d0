"""Which answers say how an API is: not those that come from something before it, or only of who asks and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import media_for
from lookalike.errors import CredentialsRefused, RealApiError, Unreachable
from lookalike.live.pages import looks_like_html, what_page
from lookalike.messages import Exchange, Response

_WHO_ASKS = frozenset({401, 403})
_TOO_MUCH = 429
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class NotLearned:
    """One request whose answer teaches nothing, or that had none.

    request: `GET /places`; why: in words, to follow it; refused: the credentials are the reason;
    unfilled: it is a template, and nothing was asked
    """

    request: str
    why: str
    refused: bool = False
    unfilled: bool = False

    def __str__(self) -> str:
        return f"{self.request} {self.why}: not learned"


def sift(
    exchanges: Sequence[Exchange], known: Contract | None = None, *, html: bool = False
) -> tuple[list[Exchange], list[NotLearned]]:
    """The exchanges that teach, and why the others don't.

    401, 403, 429 and 5xx speak of who asks and when. An HTML page in place of an answer (a login, a captive portal) is
    nobody's API: it teaches only with `html`, where `known` has HTML there already, or where pages are all that came,
    nothing is known and none looks like a login. A redirect to a page that doesn't teach goes with it.
    """
    pages = html or (not _knows_more(exchanges, known) and not any(_is_gate(one.response) for one in exchanges))
    kept: list[Exchange] = []
    dropped: list[NotLearned] = []
    away: set[str] = set()
    for exchange in reversed(exchanges):
        request, response = exchange.request, exchange.response
        why = _why_not(exchange, known, pages)
        target = _target(request.url, response) if response is not None else ""
        if not why and response is not None and 300 <= response.status < 400 and target in away:
            why = f"answered {response.status}, a redirect to a page that teaches nothing"
        if why:
            away.add(request.url)
            refused = response is not None and response.status in _WHO_ASKS
            dropped.append(NotLearned(f"{request.method} {request.path}", why, refused))
        else:
            kept.append(exchange)
    return kept[::-1], list(dict.fromkeys(reversed(dropped)))


def _target(url: str, response: Response) -> str:
    """Where a redirect leads, empty where that is no URL."""
    try:
        return urljoin(url, response.headers.get("location", ""))
    except ValueError:
        return ""


def nothing_learned(source: str, dropped: Sequence[NotLearned], advice: str = "") -> RealApiError:
    """The error where no answer at all teaches: CredentialsRefused where that is a reason, else Unreachable."""
    lines = [f"  {one}" for one in dropped[:_SHOWN]]
    if len(dropped) > _SHOWN:
        lines.append(f"  and {len(dropped) - _SHOWN} more")
    message = "\n".join([f"nothing was learned from {source}", *lines, *([advice] if advice else [])])
    if any(one.refused for one in dropped):
        return CredentialsRefused(message)
    return Unreachable(message, reason="html" if any("HTML" in one.why for one in dropped) else "server-errors")


def _why_not(exchange: Exchange, known: Contract | None, pages: bool) -> str:
    response = exchange.response
    if response is None:
        return ""
    status = response.status
    if status in _WHO_ASKS:
        return f"answered {status}, which says who asks and not how the API is"
    if status == _TOO_MUCH:
        return f"answered {status}: too much was asked"
    if status >= 500:
        return f"answered {status}: the server failed"
    if _is_page(response) and not pages and not _has_html(exchange, known):
        return f"answered an HTML page ({what_page(response.text)}?)"
    return ""


def _is_page(response: Response | None) -> bool:
    return response is not None and response.status < 300 and looks_like_html(response)


def _is_gate(response: Response | None) -> bool:
    return response is not None and _is_page(response) and what_page(response.text).startswith("it looks like")


def _knows_more(exchanges: Sequence[Exchange], known: Contract | None) -> bool:
    """Whether there are answers with a body that is no page."""
    if known is not None and known.operations:
        return True
    answers = [one.response for one in exchanges if one.response is not None and one.response.status < 300]
    return any(one.content and not looks_like_html(one) for one in answers)


def _has_html(exchange: Exchange, known: Contract | None) -> bool:
    path = known.relative(exchange.request.url) if known is not None else None
    operation = known.find(exchange.request.method, path) if known is not None and path is not None else None
    answer = operation.answer(exchange.response.status) if operation is not None and exchange.response else None
    return answer is not None and media_for(answer.media, "text/html") is not None
