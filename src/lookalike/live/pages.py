"""Pages for people that come in place of an answer: what they look like."""

from __future__ import annotations

import re

from lookalike.messages import Response


def looks_like_html(response: Response) -> bool:
    """Whether a body is a page for people, whatever its content type says."""
    start = response.body[:500].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        response.content_type in ("text/html", "application/xhtml+xml") and start.startswith(b"<")
    )


_PAGES = (
    (
        re.compile(r"type\s*=\s*[\"']?password|sign[ -]?in|log[ -]?in", re.IGNORECASE),
        "login-page", "it looks like a login page",
    ),
    (
        re.compile(r"maintenance|be right back|scheduled downtime", re.IGNORECASE),
        "maintenance-page", "it looks like a maintenance page",
    ),
    (
        re.compile(r"captive|hotspot|wi-?fi|portal|accept the terms", re.IGNORECASE),
        "captive-portal", "it looks like a captive portal",
    ),
    (re.compile(""), "html", "a login, a maintenance page or a captive portal"),
)  # fmt: skip


def page_reason(page: str) -> str:
    """The key of `REASONS` for a page for people that came in place of an answer."""
    return _guess(page)[0]


def what_page(page: str) -> str:
    """What a page for people is that came in place of an answer, in words."""
    return _guess(page)[1]


def _guess(page: str) -> tuple[str, str]:
    return next((reason, words) for pattern, reason, words in _PAGES if pattern.search(page[:20_000]))
