"""What goes wrong inside json-server 1."""

from __future__ import annotations


class Failed(Exception):
    """An error that clients get as status 500 with its message."""
