"""A double of a few answers, and raw sockets to ask it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lookalike.double.double import Double
from lookalike.messages import Answer, Exchange, Fault, Request, Response
from lookalike.serve import Server

Handler = Callable[[Request], Answer]


class Table(Double):
    """Answers by path: an answer, or a function that makes one; a missing path raises what `miss` is."""

    def __init__(self, base_url: str | None = "https://api.example.com") -> None:
        super().__init__("table", base_url)
        self.answers: dict[str, Answer | Handler] = {}
        self.miss: BaseException = KeyError("no such path")
        self.asked = 0

    def handle(self, request: Request) -> Answer:
        self.asked += 1
        found = self.answers.get(request.path)
        if found is None:
            raise self.miss
        answer = found(request) if callable(found) else found
        self.journal.record(
            Exchange(
                request, answer if isinstance(answer, Response) else None, answer if isinstance(answer, Fault) else None
            )
        )
        return answer


class Wire:
    """A raw connection."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=10)

    def send(self, data: bytes) -> Wire:
        self.socket.sendall(data)
        return self

    def get(self, target: str, *headers: str, method: str = "GET") -> Wire:
        lines = [f"{method} {target} HTTP/1.1", "Host: test", *headers, "", ""]
        return self.send("\r\n".join(lines).encode())

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes, or what came until the end."""
        data = b""
        while len(data) < count and (part := self.socket.recv(count - len(data))):
            data += part
        return data

    def head(self) -> str:
        """The next head, without the empty line."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            part = self.socket.recv(1)
            if not part:
                raise EOFError(data)
            data += part
        return data[:-4].decode("latin-1")

    def response(self) -> tuple[int, dict[str, str], bytes]:
        """The next response that has a Content-Length."""
        status, *fields = self.head().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        return int(status.split()[1]), headers, self.read(int(headers.get("content-length", 0)))

    def rest(self) -> bytes:
        """All until the server closes."""
        data = b""
        while part := self.socket.recv(65536):
            data += part
        return data

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def double() -> Table:
    return Table()


@pytest.fixture
def serve(double: Table) -> Iterator[Callable[..., str]]:
    """Serves the double with options, and stops at the end."""
    servers: list[Server] = []

    def start(**options: Any) -> str:
        servers.append(Server(options.pop("double", double), **options))
        return servers[-1].start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect() -> Iterator[Callable[[str], Wire]]:
    """Opens raw connections, and closes them at the end."""
    wires: list[Wire] = []

    def opened(url: str) -> Wire:
        wires.append(Wire(url))
        return wires[-1]

    yield opened
    for wire in wires:
        wire.close()
