"""How the commands ask a real API: the options they share, and the asker made of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.live.ask import Asker

_RATE = 5.0
_LOOPBACK_RATE = 1000.0

rate_option = typer.Option(help="Requests a second, at most.", show_default="5, on a loopback address 1000", min=0.01)
budget_option = typer.Option(help="Requests in all, at most.", min=1)
timeout_option = typer.Option(help="Seconds to wait for an answer.", min=0.1)


def asker_for(
    base_url: str, *, rate: float | None, budget: int, timeout: float, auth: Mapping[str, str] | None = None
) -> Asker:
    """What asks the API at `base_url`. The default rate spares it, but not this machine's own loopback address."""
    from lookalike.live.ask import Asker

    if rate is None:
        rate = _LOOPBACK_RATE if is_loopback(base_url) else _RATE
    return Asker(rate=rate, budget=budget, timeout=timeout, auth=auth)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = split_url(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
