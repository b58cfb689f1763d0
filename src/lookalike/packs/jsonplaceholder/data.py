"""The data: as much of it, in the same shape and with the same relations as the public service's, in words of our own.

Everything is drawn from a generator seeded by the place it is for, so one collection can be made without the others and
is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any
from zlib import crc32

Objects = list[dict[str, Any]]

_TEXT = """
amber anchor apple attic autumn badge bakery balcony barley basket beacon bicycle blanket blossom bottle breeze bridge
bucket butter cabin camera candle canvas carpet castle cedar chapel cherry circle clay cloud clover coast comet copper
corner cotton cradle crystal curtain daisy desert drawer eagle ember engine fabric falcon feather fence ferry fiddle
forest fountain garden ginger glacier gravel hammer harbor harvest hazel helmet hollow honey horizon island ivory
jacket juniper kettle kitchen ladder lantern lemon letter linen lumber maple marble market meadow mirror morning moss
mountain needle nutmeg ocean olive orchard oven paddle paper pebble pepper pillow planet pocket porch quarry quilt
rabbit raven ribbon river rocket saddle saffron sailor shadow shelter silver sketch spark spoon station stone summer
table tailor temple thimble thunder timber tower tunnel valley velvet village violin wagon walnut water whistle window
winter wool yarrow
"""
_WORDS = _TEXT.split()
_PEOPLE = (
    ("Ada Brandt", "ada.brandt"), ("Bruno Castell", "bruno_c"), ("Chiara Dahl", "chiara"), ("Demir Ekin", "demir.ekin"),
    ("Elsa Forsman", "elsa_f"), ("Farid Greco", "faridg"), ("Greta Holm", "gretaholm"), ("Hugo Ibarra", "hugo.i"),
    ("Ines Jansen", "ines_jansen"), ("Jonas Kowal", "jonask"),
)  # fmt: skip
_TOWNS = (
    "Norby", "Eastmere", "Larkfield", "Westhollow", "Pinecrest", "Millbrook", "Ashford-on-Lea", "Stonebridge",
    "Fairwater", "Highmoor",
)  # fmt: skip
_SUFFIXES = ("and Sons", "Works", "Group", "LLC", "Cooperative")
# How many colours of the photos have fewer than six hex digits.
_SHORT = {5: 285, 4: 16, 3: 1}
_OPEN = 110  # todos that are not completed


class _Draw:
    """A linear congruential generator (Knuth's MMIX constants): the same on every machine and Python."""

    def __init__(self, place: str) -> None:
        self._state = crc32(place.encode()) << 16 | 1

    def below(self, limit: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % limit

    def words(self, fewest: int, most: int) -> str:
        return " ".join(_WORDS[self.below(len(_WORDS))] for _ in range(fewest + self.below(most - fewest + 1)))

    def digits(self, count: int) -> str:
        return "".join(str(self.below(10)) for _ in range(count))

    def shuffled(self, values: list[Any]) -> list[Any]:
        values = list(values)
        for index in range(len(values) - 1, 0, -1):
            other = self.below(index + 1)
            values[index], values[other] = values[other], values[index]
        return values

    def lines(self) -> str:
        return "\n".join(self.words(5, 8) for _ in range(4))


@cache
def posts() -> Objects:
    """100, ten of each user."""
    draw = _Draw("posts")
    return [
        {"userId": index // 10 + 1, "id": index + 1, "title": draw.words(3, 9), "body": draw.lines()}
        for index in range(100)
    ]


@cache
def comments() -> Objects:
    """500, five on each post."""
    draw = _Draw("comments")
    return [
        {
            "postId": index // 5 + 1,
            "id": index + 1,
            "name": draw.words(3, 8),
            "email": f"{draw.words(1, 1)}.{draw.words(1, 1)}{draw.below(100)}@{draw.words(1, 1)}.example",
            "body": draw.lines(),
        }
        for index in range(500)
    ]


@cache
def albums() -> Objects:
    """100, ten of each user."""
    draw = _Draw("albums")
    return [{"userId": index // 10 + 1, "id": index + 1, "title": draw.words(2, 7)} for index in range(100)]


@cache
def photos() -> Objects:
    """5,000, fifty in each album."""
    draw = _Draw("photos")
    lengths = [length for length, count in _SHORT.items() for _ in range(count)]
    lengths = draw.shuffled(lengths + [6] * (5000 - len(lengths)))
    made = []
    for index, length in enumerate(lengths):
        lowest = 16 ** (length - 1)
        colour = f"{lowest + draw.below(15 * lowest):x}"
        made.append(
            {
                "albumId": index // 50 + 1,
                "id": index + 1,
                "title": draw.words(2, 9),
                "url": f"https://via.placeholder.com/600/{colour}",
                "thumbnailUrl": f"https://via.placeholder.com/150/{colour}",
            }
        )
    return made


@cache
def users() -> Objects:
    """10."""
    draw = _Draw("users")
    return [_user(index, draw) for index in range(len(_PEOPLE))]


def _user(index: int, draw: _Draw) -> dict[str, Any]:
    name, username = _PEOPLE[index]
    domain = f"{draw.words(1, 1)}-{draw.words(1, 1)}.example"
    return {
        "id": index + 1,
        "name": name,
        "username": username,
        "email": f"{name.lower().replace(' ', '.')}@{domain}",
        "address": {
            "street": f"{draw.words(1, 1).capitalize()} {('Lane', 'Road', 'Street')[draw.below(3)]}",
            "suite": f"{('Apt.', 'Suite')[draw.below(2)]} {100 + draw.below(900)}",
            "city": _TOWNS[index],
            "zipcode": f"{draw.digits(5)}-{draw.digits(4)}" if draw.below(2) else draw.digits(5),
            # Texts, so trailing zeros stay.
            "geo": {"lat": _degrees(draw, 90), "lng": _degrees(draw, 180)},
        },
        "phone": f"1-{200 + draw.below(800)}-555-01{draw.digits(2)}" + (f" x{draw.digits(4)}" if draw.below(2) else ""),
        "website": domain,
        "company": {
            "name": f"{name.split()[1]} {_SUFFIXES[draw.below(len(_SUFFIXES))]}",
            "catchPhrase": draw.words(3, 5).capitalize(),
            "bs": draw.words(3, 4),
        },
    }


def _degrees(draw: _Draw, limit: int) -> str:
    return f"{('', '-')[draw.below(2)]}{draw.below(limit)}.{draw.digits(4)}"


@cache
def todos() -> Objects:
    """200, twenty of each user; 90 are completed."""
    draw = _Draw("todos")
    done = draw.shuffled([False] * _OPEN + [True] * (200 - _OPEN))
    # The tutorials that use this service begin with an open todo.
    first_open = done.index(False)
    done[0], done[first_open] = done[first_open], done[0]
    return [
        {"userId": index // 20 + 1, "id": index + 1, "title": draw.words(2, 8), "completed": done[index]}
        for index in range(200)
    ]


# In the order in which /db shows them. What they return is shared: nobody may change it.
SOURCES: Mapping[str, Callable[[], Objects]] = MappingProxyType(
    {"posts": posts, "comments": comments, "albums": albums, "photos": photos, "users": users, "todos": todos}
)
