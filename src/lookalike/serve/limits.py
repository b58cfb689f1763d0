"""How much a served double takes before it refuses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may use of the server.

    target:      bytes of the request target; beyond it 414
    head:        bytes of all header fields together; beyond it 431
    fields:      number of header fields; beyond it 431
    body:        bytes of a request's body; beyond it 413
    connections: open connections at once; beyond it 503 and close
    idle:        seconds until a connection without a request is closed, and a request that stays incomplete gets 408
    grace:       seconds that requests in flight have to be answered when the server stops
    """

    target: int = 16 * 1024
    head: int = 64 * 1024
    fields: int = 200
    body: int = 32 * 1024 * 1024
    connections: int = 1000
    idle: float = 60.0
    grace: float = 5.0
