"""Answers that pass through, clients that were used before a double or are used after it, unix sockets, threads."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import urllib.request
from pathlib import Path
from typing import Any

import httplib2  # type: ignore[import-untyped]  # without types
import pytest
import requests
import urllib3

import lookalike
from lookalike.messages import PassThrough, Request, Response

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]


def echo(request: Request) -> Response:
    return Response(200, [("X-Method", request.method)], request.content)


class TestPassThrough:
    @pytest.mark.parametrize("path", ["/plain", "/chunked"])
    @pytest.mark.parametrize("observe", [False, True])
    @pytest.mark.usefixtures("lane")
    def test_the_real_answer_reaches_the_client(self, doubled: Any, server: Any, observe: bool, path: str) -> None:
        seen: list[Response] = []
        with (
            doubled(PassThrough(seen.append if observe else None), server.url) as double,
            requests.Session() as session,
        ):
            for method, body in (("POST", b"sent"), ("GET", None)):
                answer = session.request(method, f"{server.url}{path}", data=body)
                assert (answer.json(), answer.headers["x-real"]) == ({"real": True}, "yes")
        assert server.hits == [("POST", path, b"sent"), ("GET", path, b"")]
        assert len(double.calls) == 2
        assert [(one.status, one.json(), one.headers["x-real"]) for one in seen] == [(200, {"real": True}, "yes")] * (
            2 * observe
        )

    def test_for_the_other_clients(self, doubled: Any, server: Any) -> None:
        with doubled(PassThrough(), server.url):
            with urllib.request.urlopen(server.url) as answer:
                assert answer.read() == b'{"real": true}'
            client = httplib2.Http()
            assert client.request(f"{server.url}/x")[1] == b'{"real": true}'
            assert client.request(f"{server.url}/x", "HEAD")[0].status == 200
            client.close()

    @pytest.mark.usefixtures("lane")
    def test_a_real_server_that_is_down_fails_as_really(self, doubled: Any, server: Any) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with doubled(PassThrough(), url), pytest.raises(requests.ConnectionError, match="refused"):
            requests.get(f"{url}/x")

    def test_sometimes(self, doubled: Any, server: Any) -> None:
        with doubled([Response(200, (), b"double"), PassThrough(), Response(200, (), b"again")], server.url):
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            got = []
            for _ in range(3):
                connection.request("GET", "/x")
                got.append(connection.getresponse().read())
            connection.close()
        assert got == [b"double", b'{"real": true}', b"again"]


class TestWarmedClients:
    @pytest.mark.usefixtures("lane")
    def test_requests(self, doubled: Any, server: Any) -> None:
        with requests.Session() as session:
            assert session.get(f"{server.url}/before").json() == {"real": True}
            with doubled(Response(200, JSON, b"[]"), server.url) as double:
                for _ in range(2):
                    assert session.get(f"{server.url}/during").json() == []
            assert session.get(f"{server.url}/after").json() == {"real": True}
            with doubled(Response(200, JSON, b"[]"), server.url):
                assert session.get(f"{server.url}/during").json() == []
        assert [path for _, path, _ in server.hits] == ["/before", "/after"]
        assert len(double.calls) == 2

    @pytest.mark.usefixtures("lane")
    def test_a_response_left_unread_does_not_hold_the_pool(self, doubled: Any, server: Any) -> None:
        with urllib3.HTTPConnectionPool("127.0.0.1", server.port, maxsize=1) as pool:
            with doubled(Response(200, (), chunks=lambda: [b"a", b"b"]), server.url):
                answer = pool.request("GET", "/during", preload_content=False)
                assert answer.read(1) == b"a"
            assert answer.read() == b"b"
            answer.release_conn()
            assert json.loads(pool.request("GET", "/after").data) == {"real": True}
        assert [path for _, path, _ in server.hits] == ["/after"]

    def test_httplib2(self, doubled: Any, server: Any) -> None:
        client = httplib2.Http()
        assert client.request(f"{server.url}/before")[1] == b'{"real": true}'
        with doubled(Response(200, (), b"double"), server.url):
            assert client.request(f"{server.url}/during")[1] == b"double"
            assert client.request(f"{server.url}/during")[1] == b"double"
        assert client.request(f"{server.url}/after")[1] == b'{"real": true}'
        client.close()
        assert [path for _, path, _ in server.hits] == ["/before", "/after"]


class TestUnixSockets:
    def test_they_are_left_alone(self, doubled: Any, tmp_path: Path) -> None:
        path = str(tmp_path / "s")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen()

        def answer() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix")

        class UnixConnection(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(path)

        thread = threading.Thread(target=answer)
        thread.start()
        with listening, doubled(echo, None):
            connection = UnixConnection("docker")
            connection.request("GET", "/version")
            assert connection.getresponse().read() == b"unix"
            connection.close()
        thread.join()

    @pytest.mark.parametrize("base", ["http://docker", "http://localhost"])
    def test_who_names_their_host_answers(self, base: str, tmp_path: Path) -> None:
        """As docker's client, which makes up a host for the socket."""

        class UnixConnection(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(str(tmp_path / "nobody listens"))

        with lookalike.Api(base_url=base).mock() as mock:
            mock.get("/containers/json").respond(json=[]).then.fail("reset")
            connection = UnixConnection(base.removeprefix("http://"))
            connection.request("GET", "/containers/json")
            assert connection.getresponse().read() == b"[]"
            connection.request("GET", "/containers/json")
            with pytest.raises(ConnectionResetError):
                connection.getresponse()
        with pytest.raises(FileNotFoundError):
            connection.request("GET", "/containers/json")
        connection.close()


class TestThreads:
    @pytest.mark.usefixtures("lane")
    def test_requests_from_many_threads_are_answered_each_with_its_own(self, doubled: Any) -> None:
        def handle(request: Request) -> Response:
            return Response(200, (), request.path.encode())

        wrong: list[str] = []

        def work(number: int) -> None:
            with requests.Session() as session:
                for step in range(20):
                    path = f"/{number}/{step}"
                    if session.get(URL + path).text != path:
                        wrong.append(path)

        with doubled(handle) as double:
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert wrong == []
        assert len(double.calls) == 160
