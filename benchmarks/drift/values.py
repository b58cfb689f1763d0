"""Values as answers of public APIs have them, from a seed."""

from __future__ import annotations

import uuid
from random import Random
from typing import TypeVar

_T = TypeVar("_T")

WORDS = (
    "amber",
    "basil",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jetty",
    "kelp",
    "lotus",
    "maple",
    "north",
    "olive",
    "pearl",
    "quartz",
    "river",
    "slate",
    "tulip",
)
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "JPY", "PLN", "CZK")


def words(random: Random, least: int = 2, most: int = 6) -> str:
    """A few words as people write them."""
    return " ".join(random.choice(WORDS) for _ in range(random.randint(least, most))).capitalize()


def slug(random: Random) -> str:
    """`amber-basil-17`."""
    return f"{random.choice(WORDS)}-{random.choice(WORDS)}-{random.randrange(1000)}"


def number(random: Random, digits: int = 6) -> int:
    """An id of at most so many digits."""
    return random.randrange(1, 10**digits)


def code(random: Random, prefix: str) -> str:
    """`cus_4Fh2k9Xw0aB3`."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
    return prefix + "".join(random.choice(letters) for _ in range(14))


def digest(random: Random) -> str:
    """Forty hexadecimal digits."""
    return f"{random.getrandbits(160):040x}"


def unique(random: Random) -> str:
    """A UUID of version 4."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def moment(random: Random, year: int = 2025) -> str:
    """`2025-07-03T11:05:09Z`."""
    clock = f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}"
    return f"{day(random, year)}T{clock}Z"


def day(random: Random, year: int = 2025) -> str:
    """`2025-07-03`."""
    return f"{year}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


def maybe(random: Random, value: _T, share: float = 0.5) -> _T | None:
    """The value, or null."""
    return value if random.random() < share else None


def some(random: Random, share: float = 0.5, **parts: object) -> dict[str, object]:
    """The parts, or none of them."""
    return parts if random.random() < share else {}


def money(random: Random) -> dict[str, object]:
    """An amount with its currency."""
    return {"value": f"{random.randrange(100, 10**5) / 100:.2f}", "currency": random.choice(CURRENCIES[:4])}
