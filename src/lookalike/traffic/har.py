"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers, proxies and recorders write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lookalike.messages import Exchange
from lookalike.traffic.opened import Opened

_LOG = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')


def recognises(name: str, head: bytes) -> bool:
    """Whether the document is an object whose first member is the `log`."""
    return _LOG.match(head) is not None


def read(opened: Opened) -> Iterator[Exchange]:
    """Its exchanges."""
    yield from ()
