"""Places, weather, talk: coordinates by position, columns of numbers, maps of words, cursors, jobs in many states."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.drift.endpoints import Endpoint, Made, Union
from benchmarks.drift.values import CURRENCIES, WORDS, digest, maybe, moment, number, slug, some, unique, words


def _position(random: Random) -> list[Any]:
    return [random.uniform(-179, 179), random.uniform(-89, 89), random.choice(["wgs84", "etrs89"])]


def _place(random: Random) -> dict[str, Any]:
    return {
        "id": unique(random),
        "name": words(random, 1, 2),
        "slug": slug(random),
        "kind": random.choice(["town", "lake", "peak"]),
        "position": _position(random),
        "bbox": [random.uniform(-9, 9) for _ in range(4)],
        "population": maybe(random, number(random, 7), 0.8),
        "elevation": random.uniform(1, 4000),
        "names": {one: words(random, 1, 2) for one in ("de", "en", "fr")},
        "website": f"https://{slug(random)}.test/",
        "updated": moment(random),
        "capital": random.random() < 0.1,
        **some(random, 0.5, region=words(random, 1, 2)),
    }


def _place_answer(random: Random) -> Made:
    path = f"/places/{unique(random)}"
    if random.random() < 0.12:
        return Made(path, {"error": "not_found", "message": words(random)}, 404)
    return Made(path, _place(random), headers=[("ETag", f'"{number(random, 9)}"')])


def _geocode(random: Random) -> Made:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [random.uniform(-9, 9), random.uniform(40, 60)]},
            "properties": {"label": words(random), "confidence": random.random(), "osm_id": number(random, 9)},
        }
        for _ in range(random.randint(3, 8))
    ]
    body = {
        "type": "FeatureCollection",
        "features": features,
        "attribution": "planted",
        "took_ms": random.randrange(5, 90),
    }
    return Made(f"/geocode?q={slug(random)}", body)


def _route(random: Random) -> Made:
    legs = [
        {"distance": random.uniform(1, 900), "duration": random.randrange(10, 9999), "summary": words(random)}
        for _ in range(random.randint(1, 4))
    ]
    body = {
        "id": number(random, 9),
        "mode": random.choice(["foot", "bike", "car"]),
        "legs": legs,
        "from": _position(random),
        "polyline": digest(random),
        "warnings": [],
        "computed_at": moment(random),
    }
    return Made(f"/routes/{number(random, 9)}", body)


def _forecast(random: Random) -> Made:
    hours = 8
    body = {
        "latitude": random.uniform(-89, 89),
        "longitude": random.uniform(-179, 179),
        "elevation": random.randrange(1000),
        "units": {"temperature": "celsius", "wind": "km/h"},
        "timezone": random.choice(["Europe/Berlin", "Asia/Tokyo"]),
        "hourly": {
            "time": [moment(random) for _ in range(hours)],
            "temperature": [random.uniform(-9, 30) for _ in range(hours)],
            "wind_code": [random.randrange(1, 99) for _ in range(hours)],
        },
    }
    return Made(f"/forecast?at={number(random)}", body, headers=[("X-Model-Run", str(number(random, 4)))])


def _readings(random: Random) -> Made:
    def one() -> dict[str, Any]:
        return {
            "at": moment(random),
            "temperature": maybe(random, random.uniform(-9, 30), 0.9),
            "humidity": random.uniform(1, 99),
            "quality": random.choice(["good", "fair", "poor"]),
            "sensor": number(random),
        }

    body = {
        "station": slug(random),
        "readings": [one() for _ in range(random.randint(5, 12))],
        "next": maybe(random, digest(random), 0.8),
    }
    return Made(f"/stations/{number(random)}/readings?from={number(random)}", body)


def _rates(random: Random) -> Made:
    rates = {one: random.uniform(0.1, 150) for one in random.sample(CURRENCIES, 6)}
    body = {"base": random.choice(CURRENCIES), "date": moment(random)[:10], "rates": rates, "success": True}
    return Made(f"/rates?d={number(random)}", body)


def _translations(random: Random) -> Made:
    found = {f"{number(random)}": words(random) for _ in range(random.randint(5, 12))}
    return Made(
        f"/translations/{number(random)}",
        {"locale": random.choice(["de", "fr", "it"]), "version": number(random, 3), "strings": found},
    )


def _message(random: Random) -> dict[str, Any]:
    return {
        "id": str(number(random, 11)),
        "ts": random.uniform(1.6e9, 1.7e9),
        "author": {"id": code_of(random), "bot": random.random() < 0.1},
        "text": words(random),
        "pinned": random.random() < 0.1,
        "replies": random.randrange(9),
        "mentions": [code_of(random) for _ in range(random.randrange(3))],
        **some(random, 0.4, edited_at=moment(random)),
        **some(random, 0.3, thread={"id": number(random), "open": True}),
    }


def code_of(random: Random) -> str:
    """A member's id, `mem_0f3a...`."""
    return "mem_" + digest(random)[:10]


def _messages(random: Random) -> Made:
    body = {
        "ok": True,
        "messages": [_message(random) for _ in range(random.randint(4, 10))],
        "cursors": {"next": digest(random), "has_more": random.random() < 0.7},
    }
    return Made(f"/channels/{number(random)}/messages?cursor={digest(random)[:9]}", body)


def _job(random: Random) -> Made:
    state = random.choice(["queued", "running", "done"])
    about: dict[str, dict[str, Any]] = {
        "queued": {"position": random.randrange(1, 90)},
        "running": {"progress": random.random(), "worker": slug(random)},
        "done": {"result_url": f"https://{slug(random)}.test/r", "seconds": random.uniform(1, 99)},
    }
    body = {
        "id": unique(random),
        "type": state,
        "created_at": moment(random),
        "tries": random.randint(1, 3),
        **about[state],
    }
    return Made(f"/jobs/{unique(random)}", body)


def _health(random: Random) -> Made:
    checks = [
        {"name": one, "ok": random.random() < 0.95, "ms": random.randrange(200)} for one in ("db", "cache", "queue")
    ]
    return Made(
        f"/health?n={number(random)}",
        {"status": "up", "checks": checks, "build": digest(random), "uptime": number(random, 7)},
    )


def _tags(random: Random) -> Made:
    return Made(f"/tags?prefix={number(random)}", random.sample(WORDS, random.randint(4, 9)))


def _calendar(random: Random) -> Made:
    def one() -> dict[str, Any]:
        start = moment(random)
        return {
            "uid": unique(random),
            "summary": words(random),
            "start": start,
            "end": maybe(random, start, 0.9),
            "organizer": {"name": words(random, 2, 2), "id": number(random)},
            "all_day": random.random() < 0.2,
            "attendees": [
                {"id": number(random), "answer": random.choice(["yes", "no", "maybe"])}
                for _ in range(random.randrange(4))
            ],
            **some(random, 0.45, place=words(random)),
        }

    return Made(
        f"/calendar/{number(random)}/events", {"kind": "events", "items": [one() for _ in range(random.randint(3, 8))]}
    )


def _metrics(random: Random) -> Made:
    def one() -> dict[str, Any]:
        value: object = random.uniform(1, 99) if random.random() < 0.5 else random.choice(["n/a", "pending check"])
        return {"at": moment(random), "value": value, "note": maybe(random, words(random), 0.5)}

    return Made(f"/metrics/{number(random)}", {"unit": "ms", "points": [one() for _ in range(random.randint(6, 12))]})


def _trail(random: Random) -> Made:
    newest = number(random, 8) + 100
    entries: list[dict[str, Any]] = [{"id": newest, "who": slug(random), "what": words(random)}]
    for _ in range(random.randint(4, 9)):
        entries.append({"id": entries[-1]["id"] - random.randint(1, 9), "who": slug(random), "what": words(random)})
    return Made(f"/trail?page={number(random, 4)}", {"entries": entries})


def _noted(random: Random) -> Made:
    sent: dict[str, Any] = {"title": words(random), "text": words(random)}
    if random.random() < 0.2:
        del sent["title"]
        return Made("/notes", {"errors": [{"field": "title", "message": "is missing"}]}, 422, sent=sent)
    return Made("/notes", {"id": number(random), **sent}, 201, sent=sent)


ENDPOINTS = (
    Endpoint("GET /places/{}", _place_answer, tuples=("json.position",), enums=("json.kind",)),
    Endpoint("GET /geocode", _geocode, constants=("json.type", "json.features[].type")),
    Endpoint("GET /routes/{}", _route, tuples=("json.from",), enums=("json.mode",)),
    Endpoint("GET /forecast", _forecast, constants=("json.units.temperature",), enums=("json.timezone",)),
    Endpoint("GET /stations/{}/readings", _readings, enums=("json.readings[].quality",)),
    Endpoint("GET /rates", _rates, maps=("json.rates",)),
    Endpoint("GET /translations/{}", _translations, maps=("json.strings",)),
    Endpoint("GET /channels/{}/messages", _messages),
    Endpoint("GET /jobs/{}", _job, unions=(Union("json", "type", ("queued", "running", "done")),)),
    Endpoint("GET /health", _health, constants=("json.status",)),
    Endpoint("GET /tags", _tags),
    Endpoint("GET /trail", _trail),
    Endpoint("POST /notes", _noted),
    Endpoint("GET /metrics/{}", _metrics, constants=("json.unit",)),
    Endpoint(
        "GET /calendar/{}/events", _calendar, constants=("json.kind",), enums=("json.items[].attendees[].answer",)
    ),
)
