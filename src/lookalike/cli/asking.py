"""How the commands ask a real API: the options they share, and the asker made of them."""

from __future__ import annotations

import ipaddress

import typer

from lookalike.messages import split_url

_RATE = 5.0
_LOOPBACK_RATE = 500.0

rate_option = typer.Option(help="Requests a second, at most.", show_default="5; 500 on a loopback address", min=0)
budget_option = typer.Option(help="Requests in all, at most.", min=1)
timeout_option = typer.Option(help="Seconds to wait for an answer.", min=0.1)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = split_url(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
