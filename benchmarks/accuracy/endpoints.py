"""Recorded exchanges as endpoints: the distinct exchanges of one operation of one API."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lookalike.contract.ledger import Ledger, Recording
from lookalike.contract.recording import learn_exchanges, relative_path
from lookalike.contract.skeleton import is_form, skeleton
from lookalike.errors import UsageError
from lookalike.messages import Exchange, Request, split_url

_VENDORS = "/vnd."  # RFC 6838, section 3.2
_VERSION = re.compile(r"(?i)([a-z0-9-]+-)?(api-)?version")
_SKIPPED = frozenset({"HEAD", "OPTIONS", "TRACE", "CONNECT"})


@dataclass(frozen=True)
class Endpoint:
    """One operation of one API with its distinct exchanges, in the order of the recording.

    base_url:  of its API
    operation: `GET /users/{user}`
    version:   the representation that was asked for, where it isn't the API's own choice: an answer in another one is
               an answer to another question (RFC 9110, section 12), and its exchanges an endpoint of their own
    """

    base_url: str
    operation: str
    exchanges: tuple[Exchange, ...]
    version: str = ""


def endpoints(exchanges: Iterable[Exchange], *, least: int = 2) -> list[Endpoint]:
    """The endpoints with at least `least` distinct exchanges, sorted by API and operation.

    Operations are those that learning finds in the whole recording of an API. A name in a path that learning took for
    a value there (`/users/octocat`) becomes a number: what one response can't tell, that names vary, is then known.
    """
    found: list[Endpoint] = []
    by_host: dict[str, list[Exchange]] = {}
    for one in exchanges:
        if one.response is None or one.request.method.upper() in _SKIPPED:
            continue
        try:
            by_host.setdefault(_origin(one.request), []).append(one)
        except UsageError:  # a recorder's placeholder in place of the host
            continue
    for base_url, group in sorted(by_host.items()):
        found += _of_api(base_url, group, least)
    return found


def _origin(request: Request) -> str:
    port = "" if request.port in (80, 443) else f":{request.port}"
    return f"https://{request.host}{port}"


def _of_api(base_url: str, exchanges: list[Exchange], least: int) -> list[Endpoint]:
    counts = learn_exchanges(exchanges, base_url=base_url)
    ledger = Ledger({"": Recording.of(counts, "")}, base_url=base_url)
    templates = {path: template for template in ledger.templates for path in template.skeletons}
    base = split_url(base_url)
    groups: dict[tuple[str, str], dict[tuple[object, ...], Exchange]] = {}
    for one in exchanges:
        path = relative_path(base, one.request)
        template = templates.get(skeleton(path)) if path is not None else None
        if path is None or template is None or one.response is None:
            continue
        renamed = replace(one, request=_numbered(one.request, path, template.path))
        key = (one.request.target, one.request.content, one.response.status, one.response.content)
        group = f"{one.request.method.upper()} {template.path}", _version(one.request)
        groups.setdefault(group, {}).setdefault(key, renamed)
    return [
        Endpoint(base_url, operation, tuple(found.values()), version)
        for (operation, version), found in sorted(groups.items())
        if len(found) >= least
    ]


def _version(request: Request) -> str:
    """The vendor's own media types and version headers that a request names, sorted."""
    accepted = (one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "").split(","))
    named = [f"{name.lower()}: {value}" for name, value in request.headers.pairs if _VERSION.fullmatch(name)]
    return ", ".join(sorted([one for one in accepted if _VENDORS in one] + named))


def _numbered(request: Request, path: str, template: str) -> Request:
    """The request with names that are values as numbers."""
    parts = path.strip("/").split("/")
    wanted = template.strip("/").split("/")
    if len(parts) != len(wanted):
        return request
    for at, (part, own) in enumerate(zip(parts, wanted, strict=True)):
        if own == "{" + own[1:-1] + "}" and not is_form(skeleton("x/" + part)[1]):
            parts[at] = str(int.from_bytes(hashlib.sha1(part.encode()).digest()[:6], "big"))
    head = request.url.partition("?")[0]
    prefix = head[: len(head) - len(path)] if head.endswith(path) else _origin(request)
    url = prefix + "/" + "/".join(parts) + ("?" + request.query if request.query else "")
    return Request(request.method, url, request.headers, request.content)
