"""One recorded interaction of a cassette as an exchange, whichever recorder wrote it: they differ in a few names.

vcrpy, Ruby VCR and its kin (R, PHP, Elixir), go-vcr, Betamax and cassetter; what each calls things is in `_NAMES`.
"""

from __future__ import annotations

import re
from calendar import month_abbr
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from lookalike.fields import Headers
from lookalike.messages import Exchange, Request, Response
from lookalike.traffic.bodies import (
    Fields,
    Unreadable,
    fields,
    http_url,
    plain,
    request,
    status_code,
    whole,
)  # fmt: skip
from lookalike.traffic.cassette_body import filled, stored_body
from lookalike.traffic.dates import day_of
from lookalike.traffic.yaml_values import typed

# What is called what, the first name that is there: in the interaction, its request, its response.
_RECORDED_AT = ("recorded_at", "recorded", "timestamp")
_STATUS = ("code", "status_code", "status")  # go-vcr has both, `code: 200` and `status: "200 OK"`
_DURATION = ("duration", "elapsed")
_DATE = frozenset(("Date", "date", "DATE"))  # looking a header up by any spelling takes longer than all else


def exchange(item: Any, *, limit: int) -> Exchange:
    """The exchange that one item of a cassette's list records.

    limit: bytes that a decoded body may have

    Raises Unreadable for an item without a request, a URL, a method or a status.
    """
    if not isinstance(item, dict):
        raise Unreadable("it is no object with a request and a response")
    asked, answered = item.get("request"), item.get("response")
    if not isinstance(asked, dict):
        raise Unreadable("it has no request")
    if not isinstance(answered, dict):
        raise Unreadable("it has no response")
    if answered.get("type") == "error":  # ExVCR
        raise Unreadable("it records an error in place of an answer")
    sent = _request(asked, limit)
    got = _response(answered, limit)
    day = _day(_first(item, _RECORDED_AT)) or _day(_date(got.headers))
    return Exchange(sent, got, elapsed=_seconds(_first(answered, _DURATION)), day=day)


def _date(headers: Headers) -> str:
    for name, value in headers.pairs:
        if name in _DATE:
            return value
    return ""


def _first(node: Mapping[str, Any], names: Iterable[str]) -> Any:
    for name in names:
        value = node.get(name)
        if value is not None:
            return value
    return None


def _request(node: dict[str, Any], limit: int) -> Request:
    url = node.get("uri") or node.get("url")
    headers, content = _message(node, node.get("body") or node.get("request_body"), limit)
    return Request(_method(node.get("method")), http_url(_in_parts(node) if url is None else url), headers, content)


def _method(said_to_be: Any) -> str:
    known = _METHODS.get(said_to_be) if isinstance(said_to_be, str) else None
    # A symbol of Ruby begins with a colon.
    return known or request(said_to_be.removeprefix(":") if isinstance(said_to_be, str) else said_to_be, _ANY).method


_METHODS = {
    spelled: name
    for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    for spelled in (name, name.lower())
}
_ANY = "http://localhost"


def _in_parts(node: dict[str, Any]) -> str | None:
    """The URL as vcrpy had it before 1.0: protocol, host, port and path."""
    scheme, host, port, path = (node.get(name) for name in ("protocol", "host", "port", "path"))
    if not isinstance(scheme, str) or not isinstance(host, str):
        return None
    default = {"http": "80", "https": "443"}.get(scheme)
    return f"{scheme}://{host}{'' if port is None or str(port) == default else f':{port}'}{path or '/'}"


def _response(node: dict[str, Any], limit: int) -> Response:
    code, reason = _status(node)
    headers, content = _message(node, node.get("body"), limit)
    version = _first(node, ("http_version", "proto"))
    return Response(
        code, headers, content, reason=reason, http_version="1.1" if version is None else _version(str(version))
    )


def _message(node: dict[str, Any], body: Any, limit: int) -> tuple[Headers, bytes]:
    """Headers and body without what was true on the wire only."""
    pairs, coded = _fields(node.get("headers"))
    content = stored_body(node, body, pairs)
    if coded or len(content) > limit:
        stored = content
        pairs, content = plain(pairs, stored, limit=limit)
        if coded and content is stored and _REPLACED in stored and _CONTROL.search(stored) is not None:
            raise Unreadable("its body is compressed data that was recorded as text, which destroys it")
    return Headers(pairs), filled(content)


_REPLACED = "\N{REPLACEMENT CHARACTER}".encode()  # stands for bytes that were no UTF-8
_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a]")  # no text has these


def _status(node: dict[str, Any]) -> tuple[int, str]:
    """(number, reason), the reason `""` where it is the usual one."""
    status: Any = _first(node, _STATUS)
    reason: Any = _first(node, ("status_message", "reason"))
    if isinstance(status, dict):
        status, reason = _first(status, _STATUS), status.get("message")
    elif reason is None:
        reason = node.get("status")
    if isinstance(status, str):
        number, _, words = status.partition(" ")
        status, reason = number, words or reason
    code = status_code(status)
    if not isinstance(reason, str):
        return code, ""
    reason = reason.strip()
    if reason[:3].isdigit():  # go-vcr's `200 OK` beside `code: 200`
        reason = reason[3:].lstrip()
    return code, "" if reason == _USUAL.get(code, "") else whole(reason)


_USUAL = {status.value: status.phrase for status in HTTPStatus}


@lru_cache(maxsize=64)
def _version(text: str) -> str:
    if "2" in text or "3" in text:
        return "2"
    return "1.0" if "1.0" in text or text.endswith("1_0") else "1.1"


def _fields(value: Any) -> tuple[Fields, bool]:
    """Header fields without what was true of the wire only, and whether the body's coding is still to be undone.

    Lists of `Name: value`, of vcrpy before 1.0, and the argument of its `frozenset` are taken too.
    """
    if type(value) is dict:
        found = _usual(value)
        if found is not None:
            return found
    elif isinstance(value, list) and value:
        if all(isinstance(one, str) for one in value):
            split = [one.partition(":") for one in value]
            value = [(name, content.strip()) for name, _, content in split]
        elif len(value) == 1 and isinstance(value[0], list) and all(isinstance(one, list) for one in value[0]):
            value = value[0]
    return fields(value), True


def _usual(headers: dict[Any, Any]) -> tuple[Fields, bool] | None:
    """The fields of a mapping as nearly all cassettes have it, None for another."""
    pairs: Fields = []
    coded = False
    names = _NAMES
    for name, values in headers.items():
        known = names.get(name)
        if known is None:
            if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
                return None
            known = _WIRE.get(name.lower(), _STAYS)
            if len(names) < _KEPT:
                names[str(name)] = known
        if known:
            if known == _GOES:
                continue
            coded = True
        if type(values) is not list:
            values = (values,)
        for value in values:
            if not isinstance(value, str) or not value.isascii() or not value.isprintable():
                return None
            if value.strip(" ") is not value:  # the same object where there is nothing to strip
                return None
            pairs.append((name, value))
    return pairs, coded


_STAYS, _GOES, _CODES = range(3)
_NAMES: dict[str, int] = {}  # names that were seen to be some, and what becomes of their fields
_KEPT = 1000
_WIRE = {"content-encoding": _CODES, "content-length": _GOES, "transfer-encoding": _GOES}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) \d\d:\d\d:\d\d GMT")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(month_abbr) if name}


def _day(moment: Any) -> str:
    """`day_of`, at a tenth of its time for the two forms that nearly all cassettes have."""
    if not moment:
        return ""
    if not isinstance(moment, str):
        return day_of(moment)
    http = _HTTP_DATE.fullmatch(moment)
    if http is not None and http[2] in _MONTHS:
        return f"{http[3]}-{_MONTHS[http[2]]}-{http[1]}"
    return _iso_day(moment)


@lru_cache(maxsize=1024)
def _iso_day(moment: str) -> str:
    return day_of(moment)


_GO = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST = 64


def _seconds(duration: Any) -> float:
    """Seconds of a duration as Go writes it (`1m30.5s`), or of a number of seconds; 0 for anything else."""
    value = typed(duration)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if 0 <= value < 1e9 else 0.0
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return 0.0
    found = _GO.findall(value)
    if "".join(number + unit for number, unit in found) != value:
        return 0.0
    return float(sum(float(number) * _UNITS[unit] for number, unit in found))
