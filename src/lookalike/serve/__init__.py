"""A door: any double on a real socket, over HTTP/1.1."""

from lookalike.serve.limits import Limits
from lookalike.serve.server import Server, Upstream

__all__ = ["Limits", "Server", "Upstream"]
