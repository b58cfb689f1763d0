"""The guard at Python's own sockets: what passes, what is blocked, and what the message says."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trio
import uvloop

from lookalike import passage
from lookalike.errors import BlockedConnection
from lookalike.messages import Response

FAR = ("10.255.255.1", 9)  # nobody there: were the guard open, this would hang or be refused, not pass

WAYS: dict[str, Callable[[], Any]] = {
    "connect": lambda: with_socket(lambda sock: sock.connect(FAR)),
    "connect_ex": lambda: with_socket(lambda sock: sock.connect_ex(FAR)),
    "create_connection": lambda: socket.create_connection(FAR, timeout=1),
    "a name": lambda: socket.create_connection(("api.elsewhere.test", 443), timeout=1),
    "getaddrinfo": lambda: socket.getaddrinfo("api.elsewhere.test", 443),
    "getaddrinfo of bytes": lambda: socket.getaddrinfo(b"api.elsewhere.test", 443),
    "gethostbyname": lambda: socket.gethostbyname("api.elsewhere.test"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("api.elsewhere.test"),
    "sendto": lambda: with_socket(lambda sock: sock.sendto(b"x", FAR), socket.SOCK_DGRAM),
    "sendto with flags": lambda: with_socket(lambda sock: sock.sendto(b"x", 0, FAR), socket.SOCK_DGRAM),
    "sendmsg": lambda: with_socket(lambda sock: sock.sendmsg([b"x"], [], 0, FAR), socket.SOCK_DGRAM),
    "IPv6": lambda: with_socket(lambda sock: sock.connect(("2001:db8::1", 9)), family=socket.AF_INET6),
    "TLS": lambda: with_socket(
        lambda sock: ssl.create_default_context().wrap_socket(sock, server_hostname="x").connect(FAR)
    ),
    "asyncio": lambda: asyncio.run(open_asyncio("api.elsewhere.test")),
    "asyncio, an address": lambda: asyncio.run(open_asyncio(FAR[0])),
    "asyncio, sock_connect": lambda: asyncio.run(sock_connect()),
    "uvloop": lambda: on_uvloop(open_asyncio("api.elsewhere.test")),
    "uvloop, an address": lambda: on_uvloop(open_asyncio(FAR[0])),
    "uvloop, sock_connect": lambda: on_uvloop(sock_connect()),
    "uvloop, getaddrinfo": lambda: on_uvloop(resolve()),
    "uvloop, datagrams": lambda: on_uvloop(datagrams()),
    "trio": lambda: trio.run(trio.open_tcp_stream, "api.elsewhere.test", 443),
}


def with_socket(
    use: Callable[[socket.socket], Any], kind: int = socket.SOCK_STREAM, family: int = socket.AF_INET
) -> None:
    with socket.socket(family, kind) as sock:
        sock.settimeout(1)
        use(sock)


async def open_asyncio(host: str, port: int = 443) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()


async def sock_connect() -> None:
    with socket.socket() as sock:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, FAR)


async def resolve() -> None:
    await asyncio.get_running_loop().getaddrinfo("api.elsewhere.test", 443)


async def datagrams() -> None:
    await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=FAR)


def on_uvloop(work: Any) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@pytest.mark.parametrize("way", list(WAYS))
def test_nothing_leaves_by_accident(doubled: Any, way: str) -> None:
    with doubled() as double, pytest.raises((BlockedConnection, ExceptionGroup)) as caught:
        WAYS[way]()
    error = caught.value
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, BlockedConnection)
    assert isinstance(error, AssertionError)
    assert error in double.failures


def test_the_message_names_the_host_and_the_next_step(doubled: Any) -> None:
    with doubled(), pytest.raises(BlockedConnection) as caught:
        socket.create_connection(("db.elsewhere.test", 5432))
    assert str(caught.value) == (
        "a connection to db.elsewhere.test was blocked. A double is active, and no request leaves this machine by "
        "accident meanwhile.\nIf the test needs this host, let it pass: `api.mock(allow=['db.elsewhere.test'])`."
    )


def test_a_client_that_no_seam_carries_is_told_of_serve(doubled: Any, server: Any) -> None:
    with doubled(Response(), server.url), pytest.raises(BlockedConnection, match=r"`with mock\.serve\(\) as url`"):
        socket.create_connection(("127.0.0.1", server.port))
    assert server.hits == []
    with (
        doubled(Response()),
        pytest.raises(BlockedConnection, match=r"to api\.example\.com was blocked\. A double stands in"),
    ):
        asyncio.run(open_asyncio("api.example.com"))


@pytest.mark.parametrize("url", ["https://k8s.internal:6443", "http://k8s.internal:6443/api"])
@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("k8s.internal", 6443)),
        lambda: socket.getaddrinfo("k8s.internal", "6443"),
        lambda: socket.getaddrinfo("k8s.internal", None),
        lambda: socket.gethostbyname("K8S.internal."),
        lambda: asyncio.run(open_asyncio("k8s.internal", 6443)),
        lambda: on_uvloop(open_asyncio("k8s.internal", 6443)),
    ],
    ids=["connection", "text", "no-port", "name", "asyncio", "uvloop"],
)
def test_a_name_is_the_double_s_on_a_port_of_its_own_too(doubled: Any, url: str, reach: Any) -> None:
    with doubled(Response(), url), pytest.raises(BlockedConnection, match="A double stands in for this host"):
        reach()


def test_loopback_unix_sockets_and_pairs_pass(doubled: Any, server: Any) -> None:
    async def ask() -> None:
        _, writer = await asyncio.open_connection("localhost", server.port)
        writer.close()
        await writer.wait_closed()

    with doubled():
        socket.create_connection(("127.0.0.1", server.port)).close()
        socket.create_connection(("localhost", server.port)).close()
        asyncio.run(ask())
        on_uvloop(ask())
        for end in socket.socketpair():
            end.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            assert sock.sendto(b"x", ("127.0.0.1", server.port)) == 1
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", 1)) == errno.ECONNREFUSED


def test_a_machine_may_ask_for_its_own_address(doubled: Any) -> None:
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        pytest.skip("this machine doesn't know its own name")
    with doubled():
        assert socket.gethostbyname(name) == address
        with pytest.raises(ConnectionRefusedError), socket.socket() as sock:
            sock.connect((address, 1))


def test_allowed_hosts_pass_by_name_and_by_the_address_of_the_name(doubled: Any) -> None:
    real = socket.getaddrinfo
    reached: list[Any] = []

    def resolve(host: Any, *args: Any, **options: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", FAR)] if host == "db" else real(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve)
        patch.setattr(socket.socket, "connect", lambda _, address: reached.append(address), raising=False)
        with doubled(None, allow=("db", "*.internal")):
            socket.create_connection(("db", 5432)).close()
            with pytest.raises(BlockedConnection):
                socket.create_connection(("dbx", 5432))
            with pytest.raises(BlockedConnection):
                socket.create_connection(("10.255.255.2", 5432))
    assert reached == [FAR]


def test_an_open_passage_passes(doubled: Any) -> None:
    with doubled(None, "http://127.0.0.1:1"), passage.opened(), pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 1))


def test_what_isn_t_an_address_is_the_socket_s_to_judge(doubled: Any) -> None:
    with doubled():
        with pytest.raises(TypeError), socket.socket() as sock:
            sock.connect("nonsense")
        with pytest.raises(TypeError), socket.socket() as sock:
            sock.connect()  # type: ignore[call-arg]  # wrong on purpose
        assert socket.getaddrinfo(None, 80)
