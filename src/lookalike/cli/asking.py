"""How the commands ask a real API: the options they share, and the asker made of them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from lookalike.errors import UsageError
from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.live.ask import Asker

_TRIES = 20
_DEADLINES = 3  # a whole answer may take so many times as long as one wait: 30 seconds, where nothing else is said

rate_option = typer.Option(help="Requests a second, at most.", show_default="5, on a loopback address 500", min=0.01)
budget_option = typer.Option(help="Requests in all, at most.", min=1)
timeout_option = typer.Option(help="Seconds to wait for an answer.", min=0.1)


header_option = typer.Option(
    "--header", metavar="'NAME: env:VARIABLE'", help="A header that proves who asks; its value from the environment."
)
bearer_option = typer.Option("--bearer", metavar="env:VARIABLE", help="A bearer token from the environment.")


def given_auth(header: str, bearer: str) -> dict[str, str]:
    """The credentials that the options name; empty for none. No value of theirs is ever repeated.

    Raises UsageError for a value that isn't in the environment: others can read a command line.
    """
    if header and bearer:
        raise UsageError("--header and --bearer: give one of the two")
    if bearer:
        return {"bearer": _from_environment("--bearer", bearer, "--bearer env:API_TOKEN")}
    if header:
        name, _, value = header.partition(":")
        found = _from_environment("--header", value, "--header 'X-Api-Key: env:API_KEY'")
        return {"header": f"{name}: {found}"}
    return {}


def _from_environment(option: str, value: str, form: str) -> str:
    kind, _, variable = value.strip().partition(":")
    if kind != "env" or not variable.strip():
        raise UsageError(
            f"{option} takes the name of an environment variable, and no secret: others can read a command line\n"
            f"Write: {form}"
        )
    found = os.environ.get(variable.strip(), "")
    if not found:
        raise UsageError(f"{option}: the environment variable {variable.strip()} is not set")
    return found


def auth_advice(name: str, base_url: str) -> str:
    """How to give credentials, on the command line and in pyproject.toml."""
    return (
        "If the API needs credentials, name the environment variable that has them: --bearer env:API_TOKEN, or\n"
        "--header 'X-Api-Key: env:API_KEY'; or for good, in pyproject.toml:\n"
        f"  [tool.lookalike.apis.{name}]\n"
        f'  base_url = "{base_url}"\n'
        '  auth = { bearer = "env:API_TOKEN" }   # or { header = "X-Api-Key: env:API_KEY" }'
    )


def _await_start(host: str, port: int) -> None:
    """Wait a second for a server of this machine that is just starting, as after `lookalike serve ... &`."""
    for _ in range(_TRIES):
        try:
            socket.create_connection((host, port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(1 / _TRIES)
        except OSError:
            return
        else:
            return


def asker_for(
    base_url: str, *, rate: float | None, budget: int, timeout: float, auth: Mapping[str, str] | None = None
) -> Asker:
    """What asks the API at `base_url`. The default rate spares it, but not this machine's own loopback address."""
    from lookalike.api.said import polite_rate
    from lookalike.intercept.active import is_loopback
    from lookalike.live.ask import Asker

    place = split_url(base_url)
    if is_loopback(place.host):
        _await_start(place.host, place.port)
    return Asker(
        timeout=timeout,
        deadline=_DEADLINES * timeout,
        rate=polite_rate(base_url) if rate is None else rate,
        budget=budget,
        auth=auth,
    )
