"""Recordings of several hosts by one replay, what a replay says of what it played, and playing it again."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

import lookalike
from lookalike.errors import UsageError

URLS = (
    "https://one.example/x", "https://two.example:8443/y", "http://localhost:8999/z", "http://127.0.0.1:8998/z",
)  # fmt: skip


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.yaml"
    path.write_text(
        "interactions:\n"
        + "".join(
            f"- request: {{body: null, headers: {{}}, method: GET, uri: '{url}'}}\n"
            f"  response:\n    body: {{string: '\"{url}\"'}}\n    headers: {{Content-Type: [application/json]}}\n"
            "    status: {code: 200, message: OK}\n"
            for url in URLS
        )
        + "version: 1\n"
    )
    return path


@pytest.mark.parametrize("base_url", ["*", "https://one.example"])
def test_every_host_that_was_recorded_is_replayed_this_machine_too(cassette: Path, base_url: str) -> None:
    with lookalike.Api(base_url=base_url).replay(cassette) as replay:
        assert [requests.get(url).json() for url in URLS] == list(URLS)
        assert [call.request.url for call in replay.calls] == [one.request.url for one in replay.recorded] == list(URLS)
        assert replay.unplayed == ()


def test_of_every_host_what_is_not_recorded_is_missed(cassette: Path) -> None:
    with (
        pytest.raises(lookalike.UnmatchedRequest, match=r"GET https://other\.example/x matches none of 4"),
        lookalike.Api(base_url="*").replay(cassette, unused="ignore"),
    ):
        requests.get("https://other.example/x")


def test_played_again_by_rewinding_and_by_going_back(cassette: Path) -> None:
    with lookalike.Api(base_url="*").replay(cassette, unused="ignore", ordered=True) as replay:
        requests.get(URLS[0])
        with replay.snapshot():
            requests.get(URLS[1])
            assert [one.request.url for one in replay.unplayed] == list(URLS[2:])
        assert [one.request.url for one in replay.unplayed] == list(URLS[1:])
        replay.rewind()
        assert len(replay.unplayed) == 4
        assert requests.get(URLS[0]).json() == URLS[0]


def test_what_one_api_recorded_is_replayed_of_every_host(tmp_path: Path) -> None:
    path = tmp_path / "kept.har"
    pack = lookalike.Api("jsonplaceholder")
    with pack.serve() as one, lookalike.Api(base_url=one).replay(path, record="once") as replay:
        requests.get(f"{one}/todos/1")
        assert replay.calls.last.response is not None
    with lookalike.Api(base_url="*").replay(path) as replay:
        assert requests.get(f"{one}/todos/1").json()["id"] == 1


def test_every_host_is_no_api_that_is_known() -> None:
    assert repr(lookalike.Api(base_url="*")) == "<Api every host: nothing known yet>"
    with pytest.raises(UsageError, match=r"an API that is known is somewhere"):
        lookalike.Api("jsonplaceholder", base_url="*")
    with pytest.raises(UsageError, match=r"asks one API, and this is every host"):
        lookalike.Api(base_url="*").verify()
