"""Believable texts and numbers: what a key's name and format promise, always the same for the same place."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

_PEOPLE = (
    ("Ada", "Lovelace"), ("Grace", "Hopper"), ("Alan", "Turing"), ("Katherine", "Johnson"), ("Edsger", "Dijkstra"),
    ("Barbara", "Liskov"), ("Dennis", "Ritchie"), ("Radia", "Perlman"),
)  # fmt: skip
_CITIES = ("Lisbon", "Kyoto", "Bergen", "Quito", "Accra", "Montreal", "Hobart", "Cork")
_STREETS = ("Mill Lane", "Station Road", "Harbour Street", "Elm Avenue", "Bridge Row", "Orchard Way")
_COMPANIES = ("Northwind Tools", "Bluebird Labs", "Copper Kettle", "Evergreen Works", "Lantern Press")
_TITLES = (
    "Make the bed", "Water the plants", "Call the plumber", "Write the report", "Return the books", "Fix the fence",
    "Plan the picnic", "Sort the mail",
)  # fmt: skip
_SENTENCES = (
    "The first light came over the harbour.", "Nothing in the house had moved since morning.",
    "They counted the boats twice.", "A letter waited on the table.", "The road went on past the mill.",
)  # fmt: skip
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron")
_DAYS = ("2026-01-15", "2026-02-03", "2026-03-21", "2026-04-08", "2026-05-27", "2026-06-12")


def number(seed: str, *parts: object) -> int:
    """A number below 2**32 that depends on the seed and the place only."""
    text = "\0".join((seed, *map(str, parts)))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


def words_of(name: str) -> list[str]:
    """The words of a key in lower case: `createdAt` and `created_at` are `created`, `at`."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)]


def _person(index: int) -> tuple[str, str]:
    return _PEOPLE[index % len(_PEOPLE)]


def _email(index: int) -> str:
    return f"{_person(index)[0].lower()}@example.com"


def _uuid(index: int) -> str:
    digest = blake2b(str(index).encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def _hex(index: int) -> str:
    return blake2b(str(index).encode(), digest_size=4).hexdigest()


def _pick(choices: tuple[str, ...]) -> Callable[[int], str]:
    return lambda index: choices[index % len(choices)]


Make = Callable[[int], str]
FORMATS: dict[str, Make] = {
    "uuid": _uuid,
    "date-time": lambda index: f"{_DAYS[index % 6]}T09:{index % 60:02}:00Z",
    "date": _pick(_DAYS),
    "full-date": _pick(_DAYS),
    "time": lambda index: f"09:{index % 60:02}:00Z",
    "date-time-like": lambda index: f"{_DAYS[index % 6]} 09:{index % 60:02}:00",
    "duration": lambda index: f"P{index % 28 + 1}D",
    "ipv4": lambda index: f"192.0.2.{index % 254 + 1}",
    "ipv6": lambda index: f"2001:db8::{index % 9999 + 1}",
    "email": _email,
    "idn-email": _email,
    "uri": lambda index: f"https://example.com/{_WORDS[index % 8]}",
    "url": lambda index: f"https://example.com/{_WORDS[index % 8]}",
    "iri": lambda index: f"https://example.com/{_WORDS[index % 8]}",
    "uri-reference": lambda index: f"/{_WORDS[index % 8]}",
    "uri-template": lambda _: "https://example.com/{id}",
    "locale": _pick(("en-US", "de-DE", "fr-FR", "ja-JP")),
    "color": lambda index: f"#{_hex(index)[:6]}",
    "digits": lambda index: str(index + 1),
    "decimal": lambda index: f"{index + 1}.50",
    "hex": _hex,
    "hostname": lambda index: f"{_WORDS[index % 8]}.example.com",
    "path": lambda index: f"/{_WORDS[index % 8]}",
    "json-pointer": lambda index: f"/{_WORDS[index % 8]}",
    "regex": lambda _: "^[a-z]+$",
    "byte": lambda _: "ZXhhbXBsZQ==",
    "password": lambda _: "not-a-real-password",
}

# What the last word of a key promises, for strings.
NAMES: dict[str, Make] = {
    "email": _email,
    "mail": _email,
    "username": lambda index: _person(index)[0].lower(),
    "login": lambda index: _person(index)[0].lower(),
    "nickname": lambda index: _person(index)[0].lower(),
    "name": lambda index: " ".join(_person(index)),
    "firstname": lambda index: _person(index)[0],
    "lastname": lambda index: _person(index)[1],
    "surname": lambda index: _person(index)[1],
    "author": lambda index: " ".join(_person(index)),
    "title": _pick(_TITLES),
    "subject": _pick(_TITLES),
    "summary": _pick(_TITLES),
    "body": _pick(_SENTENCES),
    "text": _pick(_SENTENCES),
    "content": _pick(_SENTENCES),
    "message": _pick(_SENTENCES),
    "comment": _pick(_SENTENCES),
    "description": _pick(_SENTENCES),
    "bio": _pick(_SENTENCES),
    "url": FORMATS["uri"],
    "uri": FORMATS["uri"],
    "href": FORMATS["uri"],
    "link": FORMATS["uri"],
    "website": FORMATS["hostname"],
    "host": FORMATS["hostname"],
    "hostname": FORMATS["hostname"],
    "domain": FORMATS["hostname"],
    "ip": FORMATS["ipv4"],
    "uuid": _uuid,
    "guid": _uuid,
    "sha": lambda index: blake2b(str(index).encode(), digest_size=20).hexdigest(),
    "hash": lambda index: blake2b(str(index).encode(), digest_size=20).hexdigest(),
    "phone": lambda index: f"+1-555-01{index % 100:02}",
    "telephone": lambda index: f"+1-555-01{index % 100:02}",
    "mobile": lambda index: f"+1-555-01{index % 100:02}",
    "city": _pick(_CITIES),
    "town": _pick(_CITIES),
    "street": lambda index: f"{index + 12} {_STREETS[index % len(_STREETS)]}",
    "address": lambda index: f"{index + 12} {_STREETS[index % len(_STREETS)]}",
    "suite": lambda index: f"Apt. {index + 101}",
    "zipcode": lambda index: f"{10115 + index * 7}",
    "zip": lambda index: f"{10115 + index * 7}",
    "postcode": lambda index: f"{10115 + index * 7}",
    "country": _pick(("PT", "JP", "NO", "EC", "GH", "CA", "AU", "IE")),
    "currency": _pick(("EUR", "USD", "JPY", "GBP")),
    "language": _pick(("en", "de", "fr", "ja")),
    "locale": FORMATS["locale"],
    "timezone": lambda _: "Europe/Lisbon",
    "company": _pick(_COMPANIES),
    "organization": _pick(_COMPANIES),
    "date": _pick(_DAYS),
    "day": _pick(_DAYS),
    "at": FORMATS["date-time"],
    "timestamp": FORMATS["date-time"],
    "time": FORMATS["date-time"],
    "created": FORMATS["date-time"],
    "updated": FORMATS["date-time"],
    "modified": FORMATS["date-time"],
    "color": FORMATS["color"],
    "colour": FORMATS["color"],
    "lat": lambda index: f"{38.72 + index:.2f}",
    "lng": lambda index: f"{-9.14 - index:.2f}",
    "lon": lambda index: f"{-9.14 - index:.2f}",
    "price": lambda index: f"{index + 9}.90",
    "amount": lambda index: f"{index + 9}.90",
    "version": lambda index: f"1.{index}.0",
    "filename": lambda index: f"{_WORDS[index % 8]}.txt",
    "slug": lambda index: f"{_WORDS[index % 8]}-{_WORDS[(index + 3) % 8]}",
    "id": lambda index: str(index + 1),
    "key": lambda index: _WORDS[index % 8],
    "tag": lambda index: _WORDS[index % 8],
    "label": lambda index: _WORDS[index % 8],
}
# What names promise of numbers.
_FRACTIONS = {"lat": 38.72, "latitude": 38.72, "lng": -9.14, "lon": -9.14, "longitude": -9.14, "rating": 4.5}
_WHOLE = {
    "year": 2026,
    "age": 36,
    "timestamp": 1_767_225_600,
    "count": 3,
    "total": 3,
    "limit": 10,
    "page": 1,
    "size": 10,
}


def text(name: str, form: str, index: int, seed: str) -> str:
    """A string for a key: as its format says, else as its name promises, else a word."""
    make = FORMATS.get(form)
    words = words_of(name)
    if make is None and words:
        make = NAMES.get("".join(words[-2:])) or NAMES.get(words[-1])
    offset = number(seed, name) % 997 if seed else 0
    if make is None:
        return _WORDS[(number(seed, name) + index) % len(_WORDS)]
    return make(index + offset)


def amount(name: str, index: int, *, whole: bool) -> int | float:
    """A number for a key: ids count from 1, the rest is as the name promises."""
    last = (words_of(name) or [""])[-1]
    if whole:
        return _WHOLE.get(last, 0) + index if last in _WHOLE else index + 1
    return round(_FRACTIONS.get(last, 9.5) + index, 2)


def candidates(name: str, form: str, index: int, seed: str) -> list[Any]:
    """Strings to try where a pattern or a length decides, the likeliest first."""
    found = [text(name, form, index, seed)]
    found += [make(index) for make in (*FORMATS.values(), *NAMES.values())]
    return [
        *found,
        *_WORDS,
        *(word.upper() for word in _WORDS),
        "a",
        "A",
        "1",
        "ABC",
        "abc-123",
        "ABC-123",
        "v1",
        "true",
    ]
