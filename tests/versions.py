"""The releases of clients that lookalike supports, as tests/versions.toml has them, and of what it is built on.

python tests/versions.py oldest [NAME]    what pip installs for the oldest of each (or of one that stands alone)
python tests/versions.py lowest           the same for the lower bounds of pyproject.toml
python tests/versions.py next [NAME]      the same for the newest there are, pre-releases included
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("versions.toml")
PROJECT = Path(__file__).parents[1] / "pyproject.toml"


class Client(NamedTuple):
    """A client's releases.

    alone: the environment of its own that it is tested in, `""` for the one that the others share
    below: the first release that is another client, which no pre-release is tried of
    """

    name: str
    oldest: str
    newest: str
    alone: str = ""
    below: str = ""

    def wanted(self, which: str) -> str:
        """What pip is asked for."""
        if which == "oldest":
            return f"{self.name}=={self.oldest}"
        return f"{self.name}<{self.below}" if self.below else self.name


def clients() -> list[Client]:
    """All of them."""
    return [Client(name, **row) for name, row in tomllib.loads(FILE.read_text()).items()]


def wanted(which: str, alone: str = "") -> list[str]:
    """What pip is asked for."""
    return [one.wanted(which) for one in clients() if one.alone == alone]


def lowest() -> list[str]:
    """What pip is asked for, to have the lower bound of each thing that lookalike is built on, extras included."""
    project = tomllib.loads(PROJECT.read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    bounds = dict(one.partition(";")[0].split(">=") for one in asked if ">=" in one)
    return [f"{name}=={bound.strip()}" for name, bound in sorted(bounds.items())]


def older(item: Any) -> str:
    """Why a test isn't for what is installed: one of its marks `since` names a later release. Else `""`."""
    for mark in item.iter_markers("since"):
        for name, release in mark.kwargs.items():
            try:
                there = version(name)
            except PackageNotFoundError:
                continue
            if numbers(there) < numbers(release):
                return f"{name} does so since {release}"
    return ""


def numbers(release: str) -> tuple[int, ...]:
    """`(3, 9, 5)` of `3.9.5`"""
    return tuple(int(number) for number in re.findall(r"\d+", release))


if __name__ == "__main__":
    sys.stdout.write(" ".join(lowest() if sys.argv[1:] == ["lowest"] else wanted(*sys.argv[1:])) + "\n")
