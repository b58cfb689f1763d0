"""Changes of status, headers and media type, and of errors."""

from __future__ import annotations

import json

from benchmarks.drift.planting import Ground, Plant, plants
from benchmarks.drift.survey import answered, body_of

from lookalike.contract.headers import header_class
from lookalike.messages import Exchange, Response

_REFUSAL = b'{"message": "Changed"}'


def _failing(ground: Ground, kind: str, place: str, status: int, *, proven: bool = False) -> Plant:
    answers = [answered(one, status=status, content=_REFUSAL) for one in ground.fresh]
    return Plant(kind, place, answers, good=True, proven=proven)


@plants("success-status-changed")
def _status(ground: Ground) -> Plant | None:
    known = {one.response.status for one in (*ground.learned, *ground.fresh) if one.response}
    if any(body_of(one) is None for one in ground.fresh):
        return None
    other = next(status for status in (202, 203, 206) if status not in known)
    return Plant("success-status-changed", "status", [answered(one, status=other) for one in ground.fresh])


@plants("success-gone")
def _gone(ground: Ground) -> Plant | None:
    return _failing(ground, "success-gone", "status", 409)


@plants("redirected")
def _redirected(ground: Ground) -> Plant | None:
    moved: dict[str, str | None] = {"Location": "https://elsewhere.planted.test/v9"}
    return Plant(
        "redirected", "status", [answered(one, status=301, content=b"", headers=moved) for one in ground.fresh]
    )


@plants("path-gone")
def _path(ground: Ground) -> Plant | None:
    return _failing(ground, "path-gone", "path", 410)


@plants("fixture-gone")
def _fixture(ground: Ground) -> Plant | None:
    if "{" not in ground.endpoint.operation:
        return None
    return Plant("fixture-gone", "path", [answered(ground.fresh[0], status=410, content=_REFUSAL)], good=True)


@plants("auth-changed")
def _refused(ground: Ground) -> Plant | None:
    return _failing(ground, "auth-changed", "status", 403, proven=True)


@plants("media-type-changed")
def _media(ground: Ground) -> Plant | None:
    if any(body_of(one) is None for one in ground.fresh):
        return None
    kind: dict[str, str | None] = {"Content-Type": "application/xml"}
    answers = [answered(one, content=b"<answer><ok>1</ok></answer>", headers=kind) for one in ground.fresh]
    return Plant("media-type-changed", "header Content-Type", answers)


def _contract_headers(ground: Ground) -> list[str]:
    """The headers of the vendor's own that every answer has."""
    names = [
        {name for name, _ in one.response.headers.pairs}
        for one in (*ground.learned, *ground.fresh)
        if one.response and one.response.status < 300
    ]
    always = set.intersection(*names) - {"Content-Type"}
    return sorted(name for name in always if header_class(name) == "contract")


@plants("header-removed")
def _header(ground: Ground) -> Plant | None:
    name = ground.random.choice(_contract_headers(ground))
    return Plant("header-removed", f"header {name}", [answered(one, headers={name: None}) for one in ground.fresh])


@plants("header-became-optional")
def _header_optional(ground: Ground) -> Plant | None:
    name = ground.random.choice(_contract_headers(ground))
    answers = [answered(one, headers={name: None}) if at % 2 else one for at, one in enumerate(ground.fresh)]
    return Plant("header-became-optional", f"header {name}", answers)


@plants("deprecated")
def _deprecated(ground: Ground) -> Plant | None:
    name, value = ground.random.choice([("Sunset", "Sat, 31 Oct 2026 23:59:59 GMT"), ("Deprecation", "@1790000000")])
    return Plant("deprecated", f"header {name}", [answered(one, headers={name: value}) for one in ground.fresh])


@plants("error-body-changed")
def _error(ground: Ground) -> Plant | None:
    errors = [one for one in ground.learned if one.response and one.response.status >= 400]
    if len(errors) < 2:
        return None
    again = [_reshaped(one) for one in ground.endpoint.record(60, "errors", month=4)]
    return Plant("error-body-changed", "", [one for one in again if one is not None][:6])


def _reshaped(one: Exchange) -> Exchange | None:
    response = one.response
    if response is None or response.status < 400:
        return None
    return answered(one, content=json.dumps({"problems": [str(response.status)]}).encode())


@plants("error-status-added")
def _new_error(ground: Ground) -> Plant | None:
    if ground.endpoint.method != "GET":
        return None
    return Plant("error-status-added", "", [answered(one, status=451, content=_REFUSAL) for one in ground.fresh[:2]])


@plants("charset-changed")
def _charset(ground: Ground) -> Plant | None:
    if any(body_of(one) is None for one in ground.fresh):
        return None
    kind: dict[str, str | None] = {"Content-Type": "application/json; charset=iso-8859-1"}
    return Plant("charset-changed", "header Content-Type", [answered(one, headers=kind) for one in ground.fresh])


@plants("header-changed")
def _unimportant(ground: Ground) -> Plant | None:
    return Plant("header-changed", "", [answered(one, headers={"Via": "1.1 edge"}) for one in ground.fresh])


@plants("api-version-moved")
def _version(ground: Ground) -> Plant | None:
    moved: dict[str, str | None] = {"X-Api-Version": "2027-02-01"}
    return Plant("api-version-moved", "header X-Api-Version", [answered(one, headers=moved) for one in ground.fresh])


@plants("rate-limit-changed")
def _limit(ground: Ground) -> Plant | None:
    fewer: dict[str, str | None] = {"X-RateLimit-Limit": "60"}
    return Plant(
        "rate-limit-changed", "header X-RateLimit-Limit", [answered(one, headers=fewer) for one in ground.fresh]
    )


@plants("header-type-changed")
def _header_type(ground: Ground) -> Plant | None:
    numbers = [
        name
        for name in _contract_headers(ground)
        if name != "X-RateLimit-Limit"
        and all(one.response.headers.get(name, "0").isdigit() for one in ground.learned if one.response)
    ]
    name = ground.random.choice(numbers)
    answers = [answered(one, headers={name: f"some-{at}"}) for at, one in enumerate(ground.fresh)]
    return Plant("header-type-changed", f"header {name}", answers)


@plants("connection-changed")
def _older_http(ground: Ground) -> Plant | None:
    answers = []
    for one in ground.fresh:
        response = one.response
        if response is not None:
            old = Response(response.status, response.headers, response.content, http_version="1.0")
            answers.append(Exchange(one.request, old, day=one.day))
    return Plant("connection-changed", "connection", answers)


@plants("error-status-changed")
def _other_error(ground: Ground) -> Plant | None:
    known = {one.response.status for one in ground.learned if one.response and one.response.status >= 400}
    caused = [
        one
        for one in ground.endpoint.record(80, "errors", month=4)
        if one.response is not None and one.response.status in known and "error" in one.response.json()
    ]
    again = [one for one in caused if one.response and isinstance(one.response.json()["error"], str)][:6]
    return Plant("error-status-changed", "status", [answered(one, status=409) for one in again]) if again else None
