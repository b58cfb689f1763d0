"""Which answers teach."""

from __future__ import annotations

import pytest

from lookalike.contract.learning import learn
from lookalike.errors import CredentialsRefused, Unreachable
from lookalike.live.sift import nothing_learned, sift
from lookalike.messages import Exchange, Request, Response

LOGIN = b"<!doctype html><title>Sign in</title><input type=password>"
PAGE = b"<!doctype html><h1>Places</h1>"


def exchange(
    path: str, status: int = 200, body: bytes = b"{}", kind: str = "application/json", **more: str
) -> Exchange:
    headers = {"Content-Type": kind, **more}
    return Exchange(Request("GET", f"https://api.test{path}"), Response(status, headers, body), day="2026-01-02")


def html(path: str, body: bytes = PAGE) -> Exchange:
    return exchange(path, body=body, kind="text/html")


FINE = exchange("/places")

#: name: (exchanges, paths that teach, words about the first that doesn't)
CASES: dict[str, tuple[list[Exchange], list[str], str]] = {
    "answers": ([FINE, exchange("/places/0", 404), Exchange(Request("GET", "https://api.test/x"))],
                ["/places", "/places/0", "/x"], ""),
    "a refusal": ([FINE, exchange("/me", 401)], ["/places"], "GET /me answered 401, which says who asks"),
    "a limit": ([FINE, exchange("/me", 429)], ["/places"], "GET /me answered 429: too much was asked"),
    "a failure": ([FINE, exchange("/me", 503)], ["/places"], "GET /me answered 503: the server failed"),
    "a page among others": ([html("/me"), FINE], ["/places"],
                            "GET /me answered an HTML page (a login, a maintenance page or a captive portal?): not"),
    "a login page alone": ([html("/me", LOGIN)], [], "GET /me answered an HTML page (it looks like a login page?)"),
    "pages alone": ([html("/me"), html("/you")], ["/me", "/you"], ""),
    "a redirect to a login page": (
        [FINE, exchange("/me", 302, b"", Location="/login"), html("/login", LOGIN)], ["/places"],
        "GET /me answered 302, a redirect to a page that teaches nothing"),
    "a redirect to an answer": ([exchange("/old", 301, b"", Location="/places"), FINE], ["/old", "/places"], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_teaches(name: str) -> None:
    exchanges, paths, words = CASES[name]
    kept, dropped = sift(exchanges)
    assert [one.request.path for one in kept] == paths
    assert (str(dropped[0]) if dropped else "").startswith(words)
    assert len(kept) + len(dropped) == len(exchanges)
    assert bool(dropped) is bool(words)


def test_a_page_teaches_where_pages_are_known_or_asked_for() -> None:
    known = learn([html("/about"), FINE], base_url="https://api.test", name="places")
    assert sift([html("/about", LOGIN)], known)[1] == []
    assert [one.request for one in sift([html("/places")], known)[1]] == ["GET /places"]
    assert sift([FINE, html("/me", LOGIN)], html=True)[1] == []


def test_a_redirect_to_what_is_no_url() -> None:
    away = Exchange(Request("GET", "https://api.test/away"), Response(302, {"location": "http://["}))
    assert sift([FINE, away]) == ([FINE, away], [])


def test_nothing_at_all() -> None:
    refused = nothing_learned("https://api.test", sift([exchange("/me", 401), html("/x", LOGIN)])[1], "advice")
    assert isinstance(refused, CredentialsRefused)
    assert str(refused).splitlines()[0] == "nothing was learned from https://api.test"
    assert str(refused).endswith("advice")
    gate = nothing_learned("https://api.test", sift([html("/x", LOGIN)])[1])
    assert isinstance(gate, Unreachable)
    assert gate.reason == "html"
    many = nothing_learned("https://api.test", sift([exchange(f"/{n}", 500) for n in range(30)])[1])
    assert "and 10 more" in str(many)
