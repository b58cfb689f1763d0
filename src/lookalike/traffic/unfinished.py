"""Whether the last interaction of a cassette lost its end with the file, although what is there can be read."""

from __future__ import annotations

from typing import Any

from lookalike.fields import Headers
from lookalike.messages import Exchange, Response, has_no_body


def is_cut(item: dict[str, Any], found: Exchange, *, inside_line: bool) -> bool:
    """Whether the end of the file took a part of an interaction with it, as far as recorders' habits tell.

    item:        as it was written
    found:       what was read of it
    inside_line: the file's last line has no end
    """
    response = found.response
    if response is None:
        return False
    if _lacks_body(item, item["response"]):
        return not has_no_body(response.status) and found.request.method != "HEAD"
    if not response.content:
        return False
    if inside_line:
        return _is_broken(response) or _is_short(item, response)
    return _is_broken(response) and _is_short(item, response)


def _lacks_body(item: dict[str, Any], answered: dict[str, Any]) -> bool:
    """Whether the recorder would have gone on to write the body, or what follows it."""
    if "parsed_body" in answered or "body_content" in answered or answered.get("body_type") == "none":
        return False
    if "body" not in answered:
        return next(reversed(item)) == "response"  # PHP's leaves an empty body out, and goes on with `index`
    body = answered["body"]
    if not body:
        return next(reversed(item)) == "response" and next(reversed(answered)) == "body"
    if not isinstance(body, dict):
        return False
    if "encoding" in body or "type" in body:  # VCR and cassetter write when it was recorded behind it
        return "recorded_at" not in item
    return not body.keys() & {"string", "base64_string"}


def _is_broken(response: Response) -> bool:
    if not response.is_json:
        return False
    try:
        response.json()
    except ValueError:
        return True
    return False


def _is_short(item: dict[str, Any], response: Response) -> bool:
    """Whether the body is shorter than its header says, where it isn't said of a compressed one."""
    try:
        headers = Headers(item["response"]["headers"])
        return "content-encoding" not in headers and int(headers["content-length"]) > len(response.content)
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
