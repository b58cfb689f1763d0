"""The releases of clients that lookalike supports, as tests/versions.toml has them.

python tests/versions.py oldest [NAME]    what pip installs for the oldest of each (or of one that stands alone)
python tests/versions.py next [NAME]      the same for the newest there are, pre-releases included
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("versions.toml")


class Client(NamedTuple):
    """A client's releases.

    alone: the environment of its own that it is tested in, `""` for the one that the others share
    """

    name: str
    oldest: str
    newest: str
    alone: str = ""


def clients() -> list[Client]:
    """All of them."""
    return [Client(name, **row) for name, row in tomllib.loads(FILE.read_text()).items()]


def wanted(which: str, alone: str = "") -> list[str]:
    """What pip is asked for."""
    return [one.name + (f"=={one.oldest}" if which == "oldest" else "") for one in clients() if one.alone == alone]


if __name__ == "__main__":
    sys.stdout.write(" ".join(wanted(*sys.argv[1:])) + "\n")
