"""Credentials of each form: how they go over the wire, where they don't go, and what is taken out of what came back."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Iterator

import pytest
from tests.faults import Server, whole

from lookalike.errors import UsageError
from lookalike.live.ask import Asker
from lookalike.live.credentials import Credentials
from lookalike.messages import Request

Ask = Callable[..., Asker]
SECRET = "Zq7k/Wm2+Vb=Tnp&x"
LOGIN = base64.b64encode(f"bob:{SECRET}".encode()).decode()
# What is configured, and what of it goes over the wire.
FORMS: dict[str, tuple[str, str]] = {
    "bearer": (SECRET, f"Authorization: Bearer {SECRET}"),
    "basic": (f"bob:{SECRET}", f"Authorization: Basic {LOGIN}"),
    "header": (f"X-Own: {SECRET}", f"X-Own: {SECRET}"),
    "cookie": (f"sid={SECRET}", f"Cookie: sid={SECRET}"),
    "query": (f"app id={SECRET}", "app%20id=Zq7k%2FWm2%2BVb%3DTnp%26x"),
}


class Mirror(Server):
    """Answers with what it was sent; `/away` leads to `/here`, with the query that it was sent."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        super().__init__(self._answer)

    def _answer(self, peer: socket.socket) -> None:
        head = peer.recv(65536).decode("latin-1")
        self.heads.append(head)
        target = head.split(" ")[1]
        if target.startswith("/away"):
            peer.sendall(whole("302 Found", b"", Location=f"/here{target.removeprefix('/away')}"))
        else:
            peer.sendall(whole(body=json.dumps({"id": 1, "head": head}).encode()))


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    made = Mirror()
    yield made
    made.close()


@pytest.mark.parametrize("target", ["/things", "/things?page=2", "/away?page=2"])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_sent_and_nothing_of_it_comes_back(form: str, target: str, mirror: Mirror, asker: Ask) -> None:
    value, sent = FORMS[form]
    asked = asker(auth={form: value}).asked(Request("GET", mirror.url + target))
    assert all(head.count(sent) == 1 for head in mirror.heads)
    assert all("page=2" in head.split(" ")[1] for head in mirror.heads if "page" in target)
    assert asked.url == mirror.url + target.replace("/away", "/here")
    told = asked.response.text + str(asked.redirects) + repr([hop.response for hop in asked.redirects])
    assert "REDACTED" in told
    assert all(one not in told for one in (SECRET, LOGIN, "Zq7k%2FWm2", json.dumps(SECRET)[1:-1]))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_sent_where_nobody_is_to_know(form: str, mirror: Mirror, asker: Ask) -> None:
    value, sent = FORMS[form]
    asker(auth={form: value}).ask(Request("GET", f"{mirror.url}/away?page=2"), anonymous=True)
    assert [sent in head for head in mirror.heads] == [False, False]


def test_what_a_request_has_of_the_same_name_makes_way(mirror: Mirror, asker: Ask) -> None:
    asker(auth={"query": "key=new"}).ask(Request("GET", f"{mirror.url}/things?key=old&page=2"))
    asker(auth={"query": "key=new"}).ask(Request("GET", f"{mirror.url}/things?key=old"))
    assert [head.split(" ")[1] for head in mirror.heads] == ["/things?page=2&key=new", "/things?key=new"]


@pytest.mark.parametrize(
    "header",
    [
        f"authorization: Token {SECRET}",
        f'Authorization: Digest name="bob", response="{SECRET}"',
        f"Cookie: a=b; c={SECRET}",
        f"authorization: Basic {LOGIN}",
        f"Authorization: Basic no-base64-{SECRET}",
    ],
)
def test_a_header_in_any_form_is_taken_out_whole_and_in_parts(header: str) -> None:
    own = Credentials.of({"header": header})
    told = own.taken_out_of(f"it was {header.partition(': ')[2]}, it was {header.rpartition(' ')[2]}")
    assert SECRET not in told
    assert LOGIN not in told
    if "no-base64" not in header:
        assert SECRET not in own.taken_out_of(f"bare {SECRET}")


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({"query": "only-a-value"}, "query is no name with a value"),
        ({"query": "=value"}, "query is no name with a value"),
        ({"query": 3}, "query is no name with a value"),
        ({"cookie": "name="}, "cookie is no name with a value"),
        ({"cookie": "a=b\n"}, "cookie is empty or can't stand in a header"),
        ({"token": "x"}, "token isn't a known form"),
    ],
)
def test_mistakes_never_repeat_the_value(auth: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Credentials.of(auth)
    assert said in str(caught.value)
    assert "only-a-value" not in str(caught.value)


def test_only_names_are_shown() -> None:
    assert repr(Credentials.of({"query": "key=secret"})) == "Credentials(key)"
    assert repr(Credentials.of({"cookie": "sid=secret"})) == "Credentials(Cookie)"
    assert Credentials.of({"query": "key=secret"})
    assert not Credentials.of(None)
