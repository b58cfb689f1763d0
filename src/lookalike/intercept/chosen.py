"""Which seams act for a double, where a test chooses: by a seam's own name, or by that of a client which passes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lookalike.double.misuse import nearest
from lookalike.errors import UsageError

# What passes no seam: Python's own sockets, child processes, native clients. A double that chooses lets them be.
SOCKETS: Final = "sockets"

#: The seams, each with the clients that pass it. Clients of one seam can't be told apart there.
SEAMS: Final[dict[str, tuple[str, ...]]] = {
    "http.client": ("requests", "urllib3", "urllib", "urllib.request", "httplib2", "botocore", "boto3"),
    "httpcore": ("httpx", "httpx2", "httpcore2"),
    "aiohttp": (),
    "tornado": (),
    "urllib3-future": ("niquests",),
}

_SEAM_OF: Final = {name: seam for seam, clients in SEAMS.items() for name in (seam, *clients)}


def seams_of(clients: object, spelled: str) -> frozenset[str]:
    """The seams of these clients.

    Raises UsageError for a name that is neither a seam's nor a client's, with those that are.
    """
    if isinstance(clients, str) or not isinstance(clients, Sequence):
        raise UsageError(f'{spelled}: clients={clients!r}: clients is a list of names: clients=["requests", "httpx"]')
    for name in clients:
        if name not in _SEAM_OF:
            hint = nearest(name, _SEAM_OF) if isinstance(name, str) else ""
            known = "; ".join(", ".join((seam, *names)) for seam, names in SEAMS.items())
            raise UsageError(
                f"{spelled}: clients={list(clients)!r}: {name!r} is no client that can be chosen{'; ' if hint else ''}"
                f"{hint}\n  there are, those that go together in a group: {known}"
            )
    return frozenset(_SEAM_OF[name] for name in clients)
