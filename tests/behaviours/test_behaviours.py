"""One table of behaviours, one row a client, three ways: in process, the same double on a socket, a plain server.

That all three agree, on what the client says and on what arrives, is the proof that a client can't tell a double.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from tests.behaviours.asked import Heard, Told
from tests.behaviours.clients import CLIENTS, Client
from tests.behaviours.plain_server import PlainServer
from tests.behaviours.table import BEHAVIOURS, Behaviour

import lookalike
from lookalike.double.mock import MockDouble
from lookalike.intercept import install
from lookalike.messages import Exchange
from lookalike.serve import Server

Outcome = tuple[list[Told], list[Heard]]


def _heard(calls: Sequence[Exchange]) -> list[Heard]:
    return [
        Heard.of(one.request.method, one.request.target, list(one.request.headers.pairs), one.request.content)
        for one in calls
    ]


def _double(behaviour: Behaviour, base: str) -> MockDouble:
    double: Any = lookalike.Api(base_url=base).mock().session().double
    behaviour.declare(double)
    assert isinstance(double, MockDouble)
    return double


@contextmanager
def _in_process(double: MockDouble) -> Iterator[None]:
    undo = install(double)
    try:
        yield
    finally:
        undo()


def _three_ways(client: Client, behaviour: Behaviour) -> tuple[Outcome, Outcome, Outcome]:
    with PlainServer(behaviour.real) as plain:
        port = plain.port
        base = f"http://127.0.0.1:{port}"
        real = client.perform(base, behaviour.asks)
    served_double = _double(behaviour, base)
    with Server(served_double, port=port):
        served = client.perform(base, behaviour.asks)
    double = _double(behaviour, base)
    with _in_process(double):
        mocked = client.perform(base, behaviour.asks)
    return (real, plain.heard), (served, _heard(served_double.calls)), (mocked, _heard(double.calls))


_ROWS = {
    "requests": [pytest.mark.peer("requests")],
    "urllib3": [pytest.mark.peer("urllib3 used directly")],
    "urllib.request": [pytest.mark.peer("http.client / urllib.request")],
    "httplib2": [pytest.mark.peer("httplib2")],
    "botocore": [pytest.mark.peer("botocore / boto3")],
    "httpx": [pytest.mark.peer("httpx sync")],
    "httpx on trio": [pytest.mark.peer("httpx async")],
    "httpx2": [pytest.mark.peer("httpx2 / httpcore2")],
    "aiohttp": [pytest.mark.peer("aiohttp client")],
    "tornado": [pytest.mark.peer("tornado client")],
    "niquests": [pytest.mark.peer("niquests")],
}


def _marks(client: Client, behaviour: Behaviour) -> list[pytest.MarkDecorator]:
    found = [client.since[need] for need in sorted(behaviour.all_needs) if need in client.since]
    return [*_ROWS.get(client.name, ()), *(pytest.mark.since(**{client.module: release}) for release in found)]


@pytest.mark.peer("Real client stack still runs (retry, redirects, cookies, tracing)")
@pytest.mark.peer("Retry loop of the client runs")
@pytest.mark.peer("Redirects as the real client does")
@pytest.mark.parametrize(
    ("client", "behaviour"),
    [
        pytest.param(client, behaviour, id=f"{client.name}: {behaviour.name}", marks=_marks(client, behaviour))
        for client in CLIENTS
        for behaviour in BEHAVIOURS
        if not behaviour.all_needs & client.cannot
    ],
)
def test_a_client_cannot_tell_a_double(client: Client, behaviour: Behaviour) -> None:
    if not client.installed:
        pytest.skip(f"{client.module} is not installed here")
    real, served, mocked = _three_ways(client, behaviour)
    assert len(real[0]) == len(behaviour.asks)
    assert not {told.error for told in real[0]} & {"builtins.AttributeError", "builtins.TypeError"}, "asked wrongly"
    assert served[0] == real[0], "on a socket"
    assert mocked[0] == real[0], "in process"
    assert served[1] == real[1], "what arrived on a socket"
    assert mocked[1] == real[1], "what arrived in process"
