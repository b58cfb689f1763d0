"""CA bundles are read late while a double is active, and a later connection trusts the same peers."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest
import requests

from lookalike import passage
from lookalike.intercept import tls
from lookalike.messages import PassThrough, Response

HERE = Path(__file__).parent / "tls"  # a CA made for these tests, and a certificate that it signed for localhost
CA = str(HERE / "ca.pem")
READ = ssl.SSLContext.load_verify_locations


def is_deferred(context: ssl.SSLContext) -> bool:
    return "_wrap_socket" in vars(context)


@pytest.fixture
def tls_server() -> Iterator[int]:
    """A TLS server on a loopback port that answers each request with `real`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "server.pem")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            peer.settimeout(5)
            try:
                with context.wrap_socket(peer, server_side=True) as secure:
                    secure.recv(10_000)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nreal")
            except OSError:
                peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listening.getsockname()[1])
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def handshake(context: ssl.SSLContext, port: int) -> str:
    """`trusted`, or why the peer was refused."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        try:
            with context.wrap_socket(sock, server_hostname="localhost") as secure:
                return "trusted" if secure.getpeercert() else "unverified"
        except ssl.SSLCertVerificationError as error:
            return error.verify_message


DEFAULTS = {
    "certifi": lambda: ssl.create_default_context(cafile=certifi.where()),
    "the platform's": ssl.create_default_context,
    "set_default_verify_paths": lambda: with_call("set_default_verify_paths"),
    "load_default_certs": lambda: with_call("load_default_certs"),
}


def with_call(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    getattr(context, name)()
    return context


@pytest.mark.parametrize("make", list(DEFAULTS.values()), ids=list(DEFAULTS))
def test_default_bundles_are_read_by_the_first_use(doubled: Any, make: Any) -> None:
    expected = make()
    with doubled():
        context = make()
        assert is_deferred(context)
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.cert_store_stats() == expected.cert_store_stats()
        assert not is_deferred(context)
        late = make()
    assert is_deferred(late)
    assert late.get_ca_certs(True) == expected.get_ca_certs(True)
    assert not is_deferred(late)
    assert set(vars(late)) == set(vars(expected))


def test_several_loads_of_one_context_are_all_done(doubled: Any) -> None:
    expected = ssl.create_default_context(cafile=certifi.where())
    expected.load_default_certs()
    expected.load_verify_locations(cafile=CA)
    with doubled():
        context = ssl.create_default_context(cafile=certifi.where())
        context.load_default_certs()
        context.load_verify_locations(cafile=CA)
    assert sorted(context.get_ca_certs(True)) == sorted(expected.get_ca_certs(True))


def test_anything_else_is_read_at_once(doubled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with doubled():
        assert not is_deferred(ssl.create_default_context(cafile=CA))
        assert not is_deferred(ssl.create_default_context(cadata=Path(CA).read_text()))
        assert not is_deferred(ssl.create_default_context(capath=str(tmp_path)))
        with pytest.raises(FileNotFoundError):
            ssl.create_default_context(cafile=str(tmp_path / "none.pem"))
        with pytest.raises(TypeError):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations()
        with passage.opened():
            assert not is_deferred(ssl.create_default_context(cafile=certifi.where()))
        monkeypatch.setenv("SSL_CERT_FILE", CA)
        assert not is_deferred(with_call("set_default_verify_paths"))
    monkeypatch.delenv("SSL_CERT_FILE")
    assert not is_deferred(ssl.create_default_context())


def test_the_files_are_those_of_the_time_of_the_call(
    doubled: Any, tls_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with doubled():
        refusing = with_call("set_default_verify_paths")
        monkeypatch.setenv("SSL_CERT_FILE", CA)
        trusting = with_call("set_default_verify_paths")
    monkeypatch.delenv("SSL_CERT_FILE")
    assert handshake(trusting, tls_server) == "trusted"
    assert handshake(refusing, tls_server) != "trusted"


def test_a_later_connection_refuses_and_trusts_the_same_peers(doubled: Any, tls_server: int) -> None:
    before = ssl.create_default_context(cafile=certifi.where())
    refused = handshake(before, tls_server)
    with doubled():
        refusing = ssl.create_default_context(cafile=certifi.where())
        trusting = ssl.create_default_context(cafile=certifi.where())
        trusting.load_verify_locations(cafile=CA)
        assert handshake(trusting, tls_server) == "trusted"
        assert handshake(refusing, tls_server) == refused
        later = ssl.create_default_context(cafile=certifi.where())
    assert handshake(later, tls_server) == refused != "trusted"
    later.load_verify_locations(cafile=CA)
    assert handshake(later, tls_server) == "trusted"


def test_memory_bios_use_them_too(doubled: Any) -> None:
    with doubled():
        context = ssl.create_default_context(cafile=certifi.where())
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    assert not is_deferred(context)


def test_threads_that_use_it_first_at_the_same_time_all_see_the_certificates(doubled: Any, monkeypatch: Any) -> None:
    counts: list[int] = []
    with doubled():
        context = ssl.create_default_context(cafile=certifi.where())
    start = threading.Barrier(4)

    def use() -> None:
        start.wait()
        counts.append(len(context.get_ca_certs()))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(counts)) == 1
    assert counts[0] > 0


def test_clients_that_were_made_meanwhile_verify_afterwards(doubled: Any, tls_server: int) -> None:
    url = f"https://localhost:{tls_server}/"
    with doubled(Response(200, (), b"double"), url):
        client, trusting = httpx.Client(), httpx.Client(verify=trusted())
        session = requests.Session()
        assert client.get(url).text == trusting.get(url).text == session.get(url).text == "double"
    with closing(client), closing(trusting), session:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            client.get(url)
        assert trusting.get(url).text == "real"
        with pytest.raises(requests.exceptions.SSLError):
            session.get(url)
        session.verify = CA
        assert session.get(url).text == "real"


def trusted() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=CA)


@pytest.mark.since(requests="2.32")
@pytest.mark.usefixtures("lane")
def test_answers_pass_through_over_tls(doubled: Any, tls_server: int) -> None:
    url = f"https://localhost:{tls_server}"
    seen: list[Response] = []
    with doubled(PassThrough(seen.append), url), requests.Session() as session:
        session.verify = CA
        assert session.get(f"{url}/x").text == "real"
        session.verify = True
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"{url}/x")
        connection = http.client.HTTPSConnection("localhost", tls_server, context=trusted())
        connection.request("GET", "/x")
        assert connection.getresponse().read() == b"real"
        connection.close()
        assert httpx.get(f"{url}/x", verify=trusted()).text == "real"
    assert [one.content for one in seen] == [b"real"] * 3


def test_default_places_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert os.path.realpath(certifi.where()) in tls._default_files()
    assert READ is ssl.SSLContext.load_verify_locations
