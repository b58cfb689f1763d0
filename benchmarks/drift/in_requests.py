"""Changes that show in what requests get: refusals of what was good, and successes of what was refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from benchmarks.drift.planting import Ground, Plant, plants
from benchmarks.drift.survey import answered

from lookalike.messages import Exchange, Request


def _because(field: str, message: str) -> bytes:
    return json.dumps({"errors": [{"field": field, "message": message}]}).encode()


def _refused(ground: Ground, status: int, content: bytes) -> list[Exchange]:
    return [answered(one, status=status, content=content) for one in ground.fresh]


def _with(one: Exchange, *, url: str | None = None, sent: Any = None) -> Exchange:
    request = one.request
    content = request.content if sent is None else json.dumps(sent).encode()
    return replace(one, request=Request(request.method, url or request.url, request.headers, content))


def _queried(ground: Ground) -> str:
    """A parameter that every request has, `""` where there is none."""
    names = [set(one.request.params) for one in ground.fresh]
    common = sorted(set.intersection(*names)) if names else []
    return ground.random.choice(common) if common else ""


def _sent_key(ground: Ground) -> str:
    return next(iter(ground.fresh[0].request.json()), "") if all(one.request.content for one in ground.fresh) else ""


def _blamed(ground: Ground, kind: str, message: str) -> Plant | None:
    """All refused because of something that they sent."""
    name, key = _queried(ground), _sent_key(ground)
    if not name and not key:
        return None
    place = f"request json.{key}" if key else f"query {name}"
    return Plant(kind, place, _refused(ground, 422, _because(key or name, message)), good=True)


@plants("request-requires-more")
def _more(ground: Ground) -> Plant | None:
    place = "request json.account" if _sent_key(ground) else "query account"
    return Plant("request-requires-more", place, _refused(ground, 422, _because("account", "is required")), good=True)


@plants("request-became-required")
def _required(ground: Ground) -> Plant | None:
    name = _queried(ground)
    if not name or _sent_key(ground):
        return None
    bare = [_with(one, url=one.request.url.partition("?")[0]) for one in ground.fresh]
    answers = [answered(one, status=400, content=_because(name, "is required")) for one in bare]
    return Plant("request-became-required", f"query {name}", answers, good=True)


@plants("request-part-removed")
def _removed(ground: Ground) -> Plant | None:
    return _blamed(ground, "request-part-removed", "unknown parameter")


@plants("request-enum-value-gone")
def _value(ground: Ground) -> Plant | None:
    return _blamed(ground, "request-enum-value-gone", "is invalid")


@plants("request-became-enum")
def _enum(ground: Ground) -> Plant | None:
    return _blamed(ground, "request-became-enum", "must be one of red, green")


@plants("request-type-narrowed")
def _narrowed(ground: Ground) -> Plant | None:
    return _blamed(ground, "request-type-narrowed", "must be a boolean")


@plants("request-limit-tightened")
def _tightened(ground: Ground) -> Plant | None:
    return _blamed(ground, "request-limit-tightened", "is too long")


@plants("request-null-refused")
def _null(ground: Ground) -> Plant | None:
    key = _sent_key(ground)
    if not key:
        return None
    asked = [_with(one, sent={**one.request.json(), key: None}) for one in ground.fresh]
    answers = [answered(one, status=422, content=_because(key, "is invalid")) for one in asked]
    return Plant("request-null-refused", f"request json.{key}", answers, good=True)


@plants("request-media-type-removed")
def _media(ground: Ground) -> Plant | None:
    if not _sent_key(ground):
        return None
    answers = _refused(ground, 415, b'{"message": "Changed"}')
    return Plant("request-media-type-removed", "body application/json", answers, good=True)


@plants("operation-removed")
def _operation(ground: Ground) -> Plant | None:
    return Plant("operation-removed", "path", _refused(ground, 405, b'{"message": "Changed"}'), good=True)


@plants("request-laxer")
def _laxer(ground: Ground) -> Plant | None:
    demanded = {
        error["field"]
        for one in ground.learned
        if one.response is not None and one.response.status == 422
        for error in one.response.json().get("errors", ())
    }
    if not demanded:
        return None
    name = min(demanded)
    taken = [
        _with(one, sent={key: value for key, value in one.request.json().items() if key != name})
        for one in ground.fresh
    ]
    return Plant("request-laxer", f"request json.{name}", taken)
