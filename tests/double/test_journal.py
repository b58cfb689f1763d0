"""The exchanges that happened, in order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lookalike.double.double import Double
from lookalike.double.journal import Calls, Journal
from lookalike.errors import DoubleError
from lookalike.messages import Exchange, Fault, Request, Response

ONE = Request("GET", "https://api.test/1")
TWO = Request("GET", "https://api.test/2?token=s3cret")


class Echo(Double):
    def handle(self, request: Request) -> Response:
        response = Response(200, (), request.path.encode(), delay=0.5)
        self.journal.note(request, response)
        return response


def test_a_double_keeps_its_exchanges() -> None:
    double = Echo("echo", "https://api.test/")
    answer = double.handle(ONE)
    double.again(lambda: TWO, answer)
    assert double.calls == Calls([Exchange(ONE, answer, elapsed=0.5), Exchange(TWO, answer)])
    assert double.base_url == "https://api.test"
    assert double.covers("api.test", 80)
    assert not double.covers("api.test", 8080)


def test_calls_are_a_sequence() -> None:
    calls = Calls([Exchange(ONE), Exchange(TWO)])
    assert (len(calls), calls[0].request, calls[-1].request, calls.last.request) == (2, ONE, TWO, TWO)
    assert calls[1:] == Calls([Exchange(TWO)])
    assert [call.request for call in calls] == [ONE, TWO]
    assert hash(calls) == hash(Calls([Exchange(ONE), Exchange(TWO)]))
    assert calls != [Exchange(ONE), Exchange(TWO)]
    assert repr(calls) == "<2 calls: GET https://api.test/1, GET https://api.test/2?token=REDACTED>"
    assert repr(Calls()) == "<0 calls>"


def test_a_call_that_did_not_happen_is_told() -> None:
    with pytest.raises(DoubleError, match="there is no call 2: 1 happened"):
        Calls([Exchange(ONE)])[2]
    with pytest.raises(DoubleError, match="there is no call -1: 0 happened"):
        _ = Calls().last


def test_the_journal_keeps_the_newest_and_counts_all() -> None:
    journal = Journal(2)
    journal.record(Exchange(ONE))
    journal.record(lambda: Exchange(TWO), by="me")
    journal.note(ONE, Fault("reset"), by="me")
    assert journal.total == 3
    assert journal.calls == Calls([Exchange(TWO), Exchange(ONE, None, Fault("reset"))])
    assert len(journal.calls_by("me")) == 2
    assert len(journal.calls_by("you")) == 0
    journal.clear()
    assert (journal.total, len(journal.calls)) == (0, 0)


def test_appending_is_safe_from_any_thread() -> None:
    journal = Journal(100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: journal.note(ONE, Response()), range(500)))
    assert (journal.total, len(journal.calls)) == (500, 100)
