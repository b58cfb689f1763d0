"""Where a client asked, in its own words: what an answer's links and locations begin with."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from lookalike.double.target import below
from lookalike.errors import UsageError
from lookalike.messages import Request, SplitUrl, split_url


class Address(NamedTuple):
    """origin: `https://api.example.com`; path: as the client sent it; query: its decoded pairs, in order"""

    origin: str
    path: str
    query: tuple[tuple[str, str], ...]

    def url(self, **changed: str | None) -> str:
        """The same URL with other query parameters: in the place of the old ones, new ones last, None for none."""
        left = dict(changed)
        pairs: list[tuple[str, str]] = []
        for name, value in self.query:
            if name not in changed:
                pairs.append((name, value))
            elif name in left:
                new = left.pop(name)
                pairs += [(name, new)] if new is not None else []
        pairs += [(name, value) for name, value in left.items() if value is not None]
        query = urlencode(pairs)
        return f"{self.origin}{self.path}{'?' + query if query else ''}"


def address_of(request: Request, home: SplitUrl | None) -> Address:
    """Where the client asked.

    A double on a socket of its own is asked there and not at the API's host; the Host field says so, and the path is
    then the one below the API's base URL.
    """
    query = request.params.pairs
    scheme, host, port, path, _ = split_url(request.url)
    origin = request.url.partition("://")[2]
    for sign in "/?":
        origin = origin.partition(sign)[0]
    said = request.headers.get("host", "")
    if said and said.lower() != origin.lower():
        try:
            named = split_url(f"{scheme}://{said}")
        except UsageError:
            named = None
        if named is not None and (named.host, named.port) != (host, port):
            shown = below(path, home)
            # Only a served double has a port of its own; what is served there is plain HTTP.
            own = "http" if ":" in said.rpartition("]")[2] else scheme
            return Address(f"{own}://{said}", path if shown is None else shown, query)
    return Address(f"{scheme}://{origin}", path, query)
