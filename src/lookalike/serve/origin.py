"""Where a request was meant to go, as far as its connection says."""

from __future__ import annotations

from typing import NamedTuple

from lookalike.messages import DEFAULT_PORTS


class Origin(NamedTuple):
    """A scheme, a host in lower case and a port (RFC 6454); port 0 where only the Host header can tell it."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host:port` as a URL has it: without the scheme's own port, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def place(self) -> str:
        """`host:port`, always with the port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
