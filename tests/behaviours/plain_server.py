"""A server that knows nothing: it sends the bytes that were written down for a path, one connection or many."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from tests.behaviours.asked import Heard

Ending = Literal["keep", "close", "reset", "hang"]


@dataclass(frozen=True)
class Recorded:
    """The bytes that answer one request, piece by piece, and what happens to the connection then."""

    pieces: tuple[bytes, ...]
    then: Ending = "keep"


def recorded(head: str, *pieces: bytes, then: Ending = "keep") -> Recorded:
    """Bytes from a head with plain line ends, and the body's pieces."""
    lines = "\r\n".join(line.strip() for line in head.strip().splitlines())
    return Recorded((f"{lines}\r\n\r\n".encode("latin-1"), *pieces), then)


class PlainServer:
    """Answers `METHOD /path` by a list of recordings, the last of which repeats; notes what it heard."""

    def __init__(self, answers: Mapping[str, Sequence[Recorded]]) -> None:
        self._answers = {key: list(value) for key, value in answers.items()}
        self.heard: list[Heard] = []
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.05)
        self.port: int = self._listening.getsockname()[1]
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._accept, name="plain-server")]
        self._threads[0].start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def __enter__(self) -> PlainServer:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), name="plain-connection")
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, suppress(OSError, EOFError):
            reader = _Reader(connection, self._stopping)
            while True:
                heard = reader.request()
                with self._lock:
                    self.heard.append(heard)
                    waiting = self._answers[f"{heard.method} {heard.target.partition('?')[0]}"]
                    answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                for piece in answer.pieces:
                    connection.settimeout(5)
                    connection.sendall(piece)
                    if len(answer.pieces) > 1:
                        time.sleep(0.005)  # pieces of their own on the wire
                if answer.then == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if answer.then == "hang":
                    self._stopping.wait(5)
                if answer.then != "keep":
                    return


class _Reader:
    """Requests from a connection. Raises EOFError at its end."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self._buffer = b""

    def _more(self) -> None:
        while True:
            if self._stopping.is_set():
                raise EOFError
            self._connection.settimeout(0.05)
            with suppress(TimeoutError):
                data = self._connection.recv(65536)
                if not data:
                    raise EOFError
                self._buffer += data
                return

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._more()
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def request(self) -> Heard:
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        fields = {name.lower(): value for name, value in pairs}
        if fields.get("expect", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if fields.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(self._until(b"\r\n").partition(b";")[0], 16):
                body += self._exactly(size)
                self._exactly(2)
            self._until(b"\r\n")
        else:
            body = self._exactly(int(fields.get("content-length", "0")))
        return Heard.of(method, target, pairs, body)
