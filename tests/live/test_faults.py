"""Each way in which an answer can go wrong, at each step, on real sockets: its verdict, its reason, and never drift."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.faults import BODY, FAULTS, GUARD, MALFORMED, TLS, Play, Server, document, head, says, whole

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.contract.verdict import ApiReport, Verdict, exit_code
from lookalike.live.ask import Asker
from lookalike.live.reasons import REASONS
from lookalike.live.verify import verify

Ask = Callable[..., Asker]
HASTY = {"timeout": 0.3, "deadline": 0.6}  # seconds that a server is made to exceed


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def make(play: Play, certificate: str = "") -> Server:
        servers.append(Server(play, certificate))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def contract() -> Contract:
    return Contract(Document(document(), "t.yaml"))


def told(url: str, asker: Asker) -> ApiReport:
    """The report, in time."""
    began = time.monotonic()
    report = verify(contract(), asker, base_url=url, day="2026-11-22")
    assert time.monotonic() - began < GUARD
    return report


def is_outage(report: ApiReport, reason: str) -> None:
    """Unreachable, for this reason, with the next step, and nothing is called drift."""
    assert {one.verdict for one in report.results} == {Verdict.UNREACHABLE}
    assert (report.drifts, exit_code([report])) == ((), 3)
    row = REASONS[reason]
    assert row.words.format(wanted="JSON") in report.message
    assert row.next_step.partition("{guess}")[0] in report.message


@pytest.mark.parametrize("fault", FAULTS)
def test_each_is_an_outage_with_its_reason(fault: str, serve: Callable[..., Server], asker: Ask) -> None:
    play, reason = FAULTS[fault]
    server = serve(play)
    limits = HASTY if reason == "timeout" else {}
    is_outage(told(server.url, asker(max_body=1_000_000, **limits)), reason)
    # Two operations, three times each at most: nobody hammers what is out.
    assert server.connections <= 2 * 3 * 2


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [("expired.pem", "tls-expired"), ("self-signed.pem", "tls-self-signed"), ("other-host.pem", "tls-hostname")],
)
def test_certificates(certificate: str, reason: str, serve: Callable[..., Server], asker: Ask) -> None:
    trusting = ssl.create_default_context(cafile=str(TLS / "ca.pem"))
    server = serve(says(whole()), certificate)
    is_outage(told(server.url, asker(tls=trusting)), reason)
    assert server.connections == 1


def test_a_handshake_that_never_ends(serve: Callable[..., Server], asker: Ask) -> None:
    server = serve(lambda peer: _quiet(peer))
    is_outage(told(server.url.replace("http:", "https:"), asker(**HASTY)), "timeout")


def _quiet(peer: socket.socket) -> None:
    while peer.recv(65536):
        pass


def test_nobody_accepts(asker: Ask) -> None:
    """A queue that is full: the handshake of TCP itself gets no answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        filling = [socket.socket() for _ in range(8)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            report = told(f"http://127.0.0.1:{listener.getsockname()[1]}", asker(**HASTY))
        finally:
            for one in filling:
                one.close()
    is_outage(report, "timeout")


def test_refused(asker: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    is_outage(told(f"http://127.0.0.1:{port}", asker()), "refused")


@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_no_such_host(code: int, asker: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*args: Any, **options: Any) -> Any:
        raise socket.gaierror(code, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    is_outage(told("http://nowhere.invalid", asker()), "dns")


@pytest.mark.parametrize("length", ["24", " 24 ", "24, 24"])
def test_a_length_that_is_said_twice_is_one(length: str, serve: Callable[..., Server], asker: Ask) -> None:
    """As RFC 9112, section 6.3 allows; and an empty line behind the body belongs to nothing."""
    report = told(serve(says(head(Content_Length=length) + BODY + b"\r\n")).url, asker())
    assert {one.verdict for one in report.results} == {Verdict.OK}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_nobody_can_read_is_one_finding(name: str, serve: Callable[..., Server], asker: Ask) -> None:
    body, said = MALFORMED[name]
    report = told(serve(says(whole(body=body))).url, asker())
    assert [one.kind for one in report.drifts] == ["json-malformed"]
    assert report.drifts[0].now.startswith(said)
    assert exit_code([report]) == 1


@pytest.mark.parametrize("status", [301, 308])
def test_an_api_that_moved_for_good_is_drift(status: int, serve: Callable[..., Server], asker: Ask) -> None:
    other = serve(says(whole()))
    server = serve(says(whole(f"{status} Moved", b"", Location=f"{other.url}/things/1")))
    report = told(server.url, asker(auth={"bearer": "planted-credential"}))
    assert [one.kind for one in report.drifts] == ["redirected"]
    assert other.connections == 0


def test_a_server_that_recovers_is_believed(serve: Callable[..., Server], asker: Ask) -> None:
    answers = [whole("503 Service Unavailable", b"", Retry_After=2), whole("500 Oops", b""), whole()]

    def play(peer: socket.socket) -> None:
        says(answers.pop(0) if len(answers) > 1 else answers[0])(peer)

    report = told(serve(play).url, asker())
    assert {one.verdict for one in report.results} == {Verdict.OK}
