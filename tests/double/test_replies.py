"""What a route answers: bodies, headers, sequences, functions, failures; and how misuse is told."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lookalike.double.faults import FAULTS
from lookalike.double.mock import MockDouble
from lookalike.double.route import Route
from lookalike.errors import DoubleError, InvalidJson, UnmatchedRequest, UsageError
from lookalike.messages import Answer, Fault, FaultKind, PassThrough, Request, Response
from lookalike.waiting import pieces

BASE = "https://api.test"
GET = Request("GET", BASE + "/x")


def route(path: str = "/x") -> tuple[MockDouble, Route]:
    double = MockDouble("api", BASE)
    return double, double.get(path)


def response(answer: Answer) -> Response:
    assert isinstance(answer, Response)
    return answer


def statuses(double: MockDouble, count: int) -> list[int]:
    return [response(double.handle(GET)).status for _ in range(count)]


def numbers() -> Iterator[str]:
    yield from ("1", "2")


BODIES: list[tuple[dict[str, Any], str, bytes]] = [
    ({}, "", b""),
    ({"json": [{"id": 1}]}, "application/json", b'[{"id":1}]'),
    ({"json": None}, "application/json", b"null"),
    ({"json": {"when": datetime.date(2026, 11, 22)}}, "application/json", b'{"when":"2026-11-22"}'),
    ({"json": {"rates": {3: datetime.date(2026, 1, 1)}}}, "application/json", b'{"rates":{"3":"2026-01-01"}}'),
    ({"json": {"big": 2**70}}, "application/json", b'{"big":1180591620717411303424}'),
    (
        {"json": {"none": None, "when": datetime.date(2026, 1, 2)}},
        "application/json",
        b'{"none":null,"when":"2026-01-02"}',
    ),
    ({"json": {"none": None, "x": 1.5}}, "application/json", b'{"none":null,"x":1.5}'),
    ({"text": "é"}, "text/plain", "é".encode()),
    ({"html": "<p>"}, "text/html", b"<p>"),
    ({"content": b"\xff"}, "", b"\xff"),
    ({"content": "a"}, "", b"a"),
    ({"content": bytearray(b"a")}, "", b"a"),
    ({"json": 1, "headers": {"Content-Type": "application/vnd.x+json"}}, "application/vnd.x+json", b"1"),
]


@pytest.mark.peer("JSON auto-serialised")
@pytest.mark.parametrize(("given", "kind", "content"), BODIES)
def test_bodies(given: dict[str, Any], kind: str, content: bytes) -> None:
    double, one = route()
    one.respond(**given)
    answer = response(double.handle(GET))
    assert (answer.status, answer.content_type, answer.content) == (200, kind, content)
    assert answer.reusable


STREAMS: list[tuple[dict[str, Any], str, list[bytes]]] = [
    ({"stream": [b"a", "b"]}, "", [b"a", b"b"]),
    ({"stream": (b"a", bytearray(b"b"))}, "", [b"a", b"b"]),
    ({"stream": numbers}, "", [b"1", b"2"]),
    ({"stream": numbers()}, "", [b"1", b"2"]),
    ({"stream": iter([])}, "", []),
    ({"sse": ["one", "two\nlines", ""]}, "text/event-stream",
     [b"data: one\n\n", b"data: two\ndata: lines\n\n", b"data: \n\n"]),
    ({"sse": [{"event": "e", "id": 7, "data": {"a": 1}}, {"retry": 10}]}, "text/event-stream",
     [b'event: e\nid: 7\ndata: {"a":1}\n\n', b"retry: 10\n\n"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "chunks"), STREAMS)
def test_streams_come_in_their_chunks_each_time(given: dict[str, Any], kind: str, chunks: list[bytes]) -> None:
    double, one = route()
    one.respond(**given)
    for _ in range(2):
        answer = response(double.handle(GET))
        assert answer.chunks is not None
        assert (answer.content_type, answer.content, list(pieces(answer.chunks()))) == (kind, b"", chunks)
        assert not answer.reusable


def test_headers_and_cookies() -> None:
    double, one = route()
    one.respond(204, headers=[("a", "1"), ("a", 2)], cookies={"s": "x"})
    assert response(double.handle(GET)).headers.pairs == (("a", "1"), ("a", "2"), ("set-cookie", "s=x; Path=/"))
    one.respond(headers={"link": ["<a>", "<b>"], "x-count": 3})
    assert response(double.handle(GET)).headers.pairs == (("link", "<a>"), ("link", "<b>"), ("x-count", "3"))


def test_a_delay_is_carried_and_shown_by_the_journal() -> None:
    double, one = route()
    one.respond(delay=2.5)
    answer = response(double.handle(GET))
    assert (answer.delay, answer.reusable, double.calls.last.elapsed) == (2.5, False, 2.5)
    patient = Request("GET", GET.url, timeout=2.5)
    assert isinstance(double.handle(patient), Response)


def test_a_client_that_waits_less_than_the_delay_times_out() -> None:
    double, one = route()
    one.respond(delay=2.5)
    hasty = Request("GET", GET.url, timeout=1)
    assert double.handle(hasty) == Fault("read-timeout")
    call = double.calls.last
    assert (call.response, call.fault, call.elapsed) == (None, Fault("read-timeout"), 2.5)


def test_the_last_reply_repeats() -> None:
    double, one = route()
    assert one.respond(503).then.respond(429).then.respond(200) is one
    assert statuses(double, 5) == [503, 429, 200, 200, 200]


def test_without_then_a_reply_replaces_all_before_it() -> None:
    double, one = route()
    one.respond(503).then.respond(429)
    assert statuses(double, 1) == [503]
    one.respond(201)
    assert statuses(double, 2) == [201, 201]
    one.then.respond(202)
    assert statuses(double, 1) == [202]
    assert one.call_count == 4


def test_times_is_exactly() -> None:
    double, one = route()
    one.respond(503).times(2).then.respond(200).times(1)
    assert statuses(double, 3) == [503, 503, 200]
    with pytest.raises(UnmatchedRequest, match=r"times +expected 3 requests"):
        double.handle(GET)


def test_a_route_that_is_used_up_leaves_requests_to_the_next() -> None:
    double, one = route()
    one.respond(200)
    double.get("/x").respond(503).times(1)
    assert statuses(double, 3) == [503, 200, 200]


def test_never() -> None:
    double, one = route()
    one.respond(204).times(0)
    with pytest.raises(UnmatchedRequest):
        double.handle(GET)
    double.failures.clear()
    double.finish()


FUNCTIONS: list[tuple[Callable[..., Any], tuple[int, str, bytes]]] = [
    (lambda request: {"path": request.path}, (200, "application/json", b'{"path":"/users/7/posts/9"}')),
    (lambda request: [1], (200, "application/json", b"[1]")),
    (lambda request: (201, {"a": 1}), (201, "application/json", b'{"a":1}')),
    (lambda request: (204, None), (204, "", b"")),
    (lambda request: (418, "tea"), (418, "text/plain", b"tea")),
    (lambda request: b"\x00", (200, "", b"\x00")),
    (lambda request: "text", (200, "text/plain", b"text")),
    (lambda request: Response(299, {"content-type": "a/b"}, b"x"), (299, "a/b", b"x")),
    (lambda request, user: user, (200, "text/plain", b"7")),
    (lambda user, post: [user, post], (200, "application/json", b'["7","9"]')),
    (lambda request, *, post, extra=1: post, (200, "text/plain", b"9")),
    (lambda request, **names: names, (200, "application/json", b'{"user":"7","post":"9"}')),
    (lambda *everything: len(everything), (200, "application/json", b"1")),
    (lambda: True, (200, "application/json", b"true")),
    (str, (200, "text/plain", b"<Request GET https://api.test/users/7/posts/9>")),
]


@pytest.mark.parametrize(("function", "expected"), FUNCTIONS)
def test_functions(function: Callable[..., Any], expected: tuple[int, str, bytes]) -> None:
    double, one = route("/users/{user}/posts/{post}")
    one.respond_with(function)
    answer = response(double.handle(Request("GET", BASE + "/users/7/posts/9")))
    assert (answer.status, answer.content_type, answer.content) == expected
    assert not answer.reusable


def test_a_function_may_fail_or_pass_through() -> None:
    double, one = route()
    one.respond_with(lambda request: Fault("reset")).then.respond_with(lambda request: PassThrough())
    assert double.handle(GET) == Fault("reset")
    assert isinstance(double.handle(GET), PassThrough)


def test_what_a_function_raises_the_code_under_test_meets() -> None:
    double, one = route()

    def broken(request: Request) -> None:
        raise ConnectionResetError("by the test")

    one.respond_with(broken)
    with pytest.raises(ConnectionResetError, match="by the test"):
        double.handle(GET)
    assert one.call_count == len(one.calls) == 1
    assert one.calls.last.response is None
    assert double.failures == []
    double.finish()


def test_an_assertion_in_a_function_is_remembered() -> None:
    double, one = route()

    def checking(request: Request) -> None:
        raise AssertionError("expected a body")

    one.respond_with(checking)
    with pytest.raises(AssertionError) as caught:
        double.handle(GET)
    assert double.failures == [caught.value]
    with pytest.raises(AssertionError, match="expected a body"):
        double.finish()


def test_what_a_function_does_to_the_json_the_journal_does_not_show() -> None:
    double = MockDouble("api", BASE)

    def create(request: Request) -> tuple[int, Any]:
        todo = request.json()
        todo["id"] = 1
        return 201, todo

    one = double.post("/x").respond_with(create)
    answer = response(double.handle(Request("POST", BASE + "/x", content=b'{"a":1}')))
    assert answer.json() == {"a": 1, "id": 1}
    assert one.calls.last.request.json() == {"a": 1}


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_failures(kind: FaultKind) -> None:
    double, one = route()
    assert one.fail(kind) is one
    answer = double.handle(GET)
    assert isinstance(answer, Fault)
    assert answer.kind == kind
    assert (answer.response is not None) is (kind in ("closed-mid-body", "bad-chunk"))
    assert double.calls.last.fault is answer


def test_pass_through_shows_the_real_answer_in_the_journal() -> None:
    double, one = route()
    one.pass_through()
    answer = double.handle(GET)
    assert isinstance(answer, PassThrough)
    assert double.calls.last.response is None
    assert answer.observe is not None
    answer.observe(Response(299))
    assert double.calls.last.response == Response(299)
    assert one.calls == double.calls


def test_a_functions_own_observer_still_observes() -> None:
    seen: list[Response] = []
    double, one = route()
    one.respond_with(lambda request: PassThrough(seen.append))
    answer = double.handle(GET)
    assert isinstance(answer, PassThrough)
    assert answer.observe is not None
    answer.observe(Response(299))
    assert seen == [Response(299)]


def test_static_answers_are_reusable_until_something_is_declared() -> None:
    double, one = route()
    one.respond(json=[1])
    version = double.version
    answer = response(double.handle(GET))
    assert answer.reusable
    assert double.handle(GET) is answer
    assert double.version == version
    double.again(lambda: GET, answer)
    assert one.call_count == 3
    assert [call.response for call in one.calls] == [answer] * 3
    one.then.respond(202)
    assert double.version > version
    after = response(double.handle(GET))
    assert (after.status, after.reusable) == (202, False)


def test_an_answer_that_no_route_gave_can_be_noted_again() -> None:
    double, _ = route()
    double.again(lambda: GET, Response(299))
    assert double.calls.last.response == Response(299)


def test_an_answer_behind_a_rule_of_the_tests_own_is_not_reusable() -> None:
    double, one = route()
    one.respond(200)
    opened: list[int] = []
    double.get("/x", where=lambda request: bool(opened)).respond(201)
    answer = response(double.handle(GET))
    assert (answer.status, answer.reusable) == (200, False)
    opened.append(1)
    assert statuses(double, 1) == [201]
    assert not response(double.handle(GET)).reusable


def test_a_route_without_a_reply_says_so_when_it_is_called() -> None:
    double, one = route()
    with pytest.raises(UsageError) as caught:
        double.handle(GET)
    assert str(caught.value) == (
        f"GET /x, declared at {one.declared_at}, has no reply; add .respond(json=...) or .respond(204) to it"
    )
    assert double.failures == [caught.value]


class Odd:
    def __call__(self, request: Request) -> dict[str, int]:
        return {"called": 1}


def test_an_object_that_can_be_called_answers() -> None:
    double, one = route()
    one.respond_with(Odd())
    assert response(double.handle(GET)).json() == {"called": 1}


CYCLE: dict[str, Any] = {}
CYCLE["self"] = {"again": CYCLE}
DEEP: list[Any] = []
for _ in range(5000):
    DEEP = [DEEP]

MISUSES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda r: r.respond(json=1, text="a"), "a reply has one body, and here are 2: text= and json=; keep one of them"),
    (lambda r: r.respond(json={"items": [{"when": {1}}]}), "when: a set can't be written as JSON; write a list"),
    (lambda r: r.respond(json={"a": [1, math.nan]}), "json.a[1]: nan can't be written as JSON"),
    (lambda r: r.respond(json={"a b": math.inf}), 'json["a b"]: inf can\'t be written as JSON'),
    (lambda r: r.respond(json={"a": object()}), "json.a: an object can't be written as JSON"),
    (lambda r: r.respond(json={"a": {(1, 2): 1}}), "json.a: a tuple as a key can't be written as JSON"),
    (lambda r: r.respond(json={"a": {math.inf: 1}}), "json.a: inf as a key can't be written as JSON"),
    (lambda r: r.respond(json={"rates": {3: {1}}}), "json.rates[3]: a set can't be written as JSON; write a list"),
    (lambda r: r.respond(json={"rates": {3: Decimal(1)}}), "json.rates[3]: a Decimal can't be written as JSON"),
    (lambda r: r.respond(json={datetime.date(2026, 1, 1): 1}), "json: a date as a key can't be written as JSON"),
    (lambda r: r.respond(json=b"x"), "json: a bytes can't be written as JSON; decode it, or"),
    (lambda r: r.respond(json="\ud800"), "json: a text with half a surrogate pair can't be written as JSON"),
    (lambda r: r.respond(json=CYCLE), "json.self.again: a value that contains itself can't be written as JSON"),
    (lambda r: r.respond(json=DEEP), "a value nested deeper than 200 levels can't be written as JSON"),
    (lambda r: r.respond({"a": 1}), "write .respond(json={'a': 1})"),
    (lambda r: r.respond("ok"), "a status is a number from 200 to 599, not 'ok'; write .respond(404)"),
    (lambda r: r.respond(True), "a status is a number"),
    (lambda r: r.respond(100), "a status is a number from 200 to 599, not 100"),
    (lambda r: r.respond(600), "a status is a number"),
    (lambda r: r.respond(text=b"x"), "text= takes a str, not b'x'; write content=... instead"),
    (lambda r: r.respond(html={"a": 1}), "html= takes a str, not {'a': 1}; write json=... instead"),
    (lambda r: r.respond(content={"a": 1}), "content= takes bytes or a str"),
    (lambda r: r.respond(stream="abc"), "stream= takes the chunks"),
    (lambda r: r.respond(stream=[1]), "a chunk of stream= is bytes or a str, or a timedelta for a pause, not 1"),
    (lambda r: r.respond(stream=7), "stream= takes the chunks"),
    (lambda r: r.respond(sse="text"), "sse= takes a list of events"),
    (lambda r: r.respond(sse=7), "sse= takes a list of events"),
    (lambda r: r.respond(sse=[{"evnt": "x"}]), "an event of sse= has event, id, retry, data, not evnt"),
    (lambda r: r.respond(headers="x"), "headers= takes a dict"),
    (lambda r: r.respond(headers=7), "headers= takes a dict"),
    (lambda r: r.respond(headers=["ab"]), "headers= takes a dict or pairs"),
    (lambda r: r.respond(headers={"a": None}), "headers['a'] is None; a value is a str or a number"),
    (lambda r: r.respond(headers={"a": True}), "headers['a'] is True"),
    (lambda r: r.respond(headers={"a": "1\r\nb: 2"}), "names and values are single lines"),
    (lambda r: r.respond(headers={"a\n": "1"}), "names and values are single lines"),
    (lambda r: r.respond(headers={"": "1"}), "names and values are single lines"),
    (lambda r: r.respond(cookies=["a=1"]), "cookies= takes a dict"),
    (lambda r: r.respond(cookies={"a": "1\n"}), "single lines"),
    (lambda r: r.respond(delay=-1), "delay= is a number of seconds or a timedelta, not -1"),
    (lambda r: r.respond(delay="1s"), "delay= is a number of seconds"),
    (lambda r: r.respond(delay=math.inf), "delay= is a number of seconds"),
    (lambda r: r.respond(unchecked=True), "unchecked= says why, in words"),
    (lambda r: r.respond_like(json={"a": 1}), "no contract here supplies the rest"),
    (lambda r: r.respond_with({"a": 1}), ".respond_with() takes a function of the request"),
    (lambda r: r.respond_with(lambda request, nope: 1), "its parameter 'nope' is neither the request"),
    (lambda r: r.respond_with(lambda *, nope: 1), "(there: none)"),
    (lambda r: r.fail("timeout"), "'timeout'): no such failure; did you mean \"read-timeout\"?"),
    (lambda r: r.fail("xyz"), "  reset            the connection is reset before the answer"),
    (lambda r: r.fail(7), ".fail(7): no such failure."),
    (lambda r: r.then, ".then comes after a reply"),
    (lambda r: r.times(2), ".times(2) comes after a reply"),
    (lambda r: r.respond().times(-1), ".times(-1): a number of requests, 0 or more"),
    (lambda r: r.respond().times(True), "a number of requests"),
]  # fmt: skip


@pytest.mark.parametrize(("misuse", "told"), MISUSES)
def test_misuse_is_a_usage_error_that_says_how(misuse: Callable[[Any], Any], told: str) -> None:
    _, one = route()
    with pytest.raises(UsageError) as caught:
        misuse(one)
    assert told in str(caught.value)


def test_a_route_whose_reply_was_refused_is_gone() -> None:
    double, one = route()
    other = double.get("/y").respond().optional()
    with pytest.raises(UsageError):
        one.respond(json={1})
    assert double.routes == (other,)
    double.finish()
    with pytest.raises(UnmatchedRequest):
        double.handle(GET)


def test_a_refused_reply_leaves_the_earlier_one() -> None:
    double, one = route()
    one.respond(201)
    with pytest.raises(UsageError):
        one.then.respond(json={1})
    assert statuses(double, 1) == [201]


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (None, "returned None; return a value for the JSON body, (status, value), (status, headers, value), text"),
        ({"a": {1}}, "json.a: a set can't be written as JSON"),
        ((99, {}), "a status is a number from 200 to 599, not 99"),
    ],
)
def test_a_functions_bad_result_is_told_with_its_line(result: Any, told: str) -> None:
    double, one = route()
    one.respond_with(lambda request: result)
    with pytest.raises(UsageError) as caught:
        double.handle(GET)
    assert told in str(caught.value)
    assert double.failures == [caught.value]


def test_invalid_json_of_a_function_is_the_functions_own() -> None:
    double, one = route()
    one.respond_with(lambda request: request.json())
    with pytest.raises(InvalidJson):
        double.handle(GET)


def test_calls_are_counted_exactly_from_many_threads() -> None:
    double, one = route()
    one.respond(503).times(50).then.respond(429).times(70).then.respond(200)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: response(double.handle(GET)).status, range(400)))
    assert [answers.count(status) for status in (503, 429, 200)] == [50, 70, 280]
    assert one.call_count == len(double.calls) == double.journal.total == 400


def test_routes_declared_while_others_ask_are_found() -> None:
    double, one = route("/{id}")
    one.respond(200)

    def ask(at: int) -> bool:
        url = f"{BASE}/{at % 7}"
        double.handle(Request("GET", url))
        newer = double.get(f"/{at % 7}").respond(201)
        return response(double.handle(Request("GET", url))).status == 201 and newer in double.routes

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))


def test_assertions_of_a_route_show_the_calls() -> None:
    double, one = route()
    one.respond(201)
    other = double.get("/other", name="the other").respond().optional()
    with pytest.raises(DoubleError) as caught:
        one.assert_called()
    assert str(caught.value) == f"GET /x (declared at {one.declared_at}) was never called.\nNothing was requested."
    one.assert_not_called()
    assert not one.called
    double.handle(GET)
    one.assert_called()
    one.assert_called_once()
    assert one.called
    double.handle(Request("GET", BASE + "/x?token=s3cret"))
    with pytest.raises(DoubleError) as caught:
        one.assert_called_once()
    assert str(caught.value) == (
        f"GET /x (declared at {one.declared_at}) was called twice, not once.\nIts calls:\n"
        "  GET https://api.test/x -> 201\n  GET https://api.test/x?token=REDACTED -> 201"
    )
    with pytest.raises(DoubleError, match="was called twice and should not have been"):
        one.assert_not_called()
    with pytest.raises(DoubleError) as caught:
        other.assert_called_once()
    assert str(caught.value).startswith(
        f"GET /other (the other, declared at {other.declared_at}) was never called.\n"
        "What was requested instead:\n  GET https://api.test/x -> 201"
    )


def test_a_long_list_of_calls_is_cut() -> None:
    double, one = route()
    one.fail("reset").then.respond_with(lambda request: 1 / 0).then.respond(200)
    for _ in range(15):
        try:
            double.handle(GET)
        except ZeroDivisionError:
            continue
    with pytest.raises(DoubleError) as caught:
        one.assert_called_once()
    lines = str(caught.value).splitlines()
    assert lines[2:5] == [f"  GET {GET.url} -> {what}" for what in ("reset", "no answer", "200")]
    assert (len(lines), lines[-1]) == (13, "  ... and 5 more")


def test_repr() -> None:
    double, one = route()
    one.respond()
    assert repr(one) == f"<Route GET /x (declared at {one.declared_at}): called never>"
    double.handle(GET)
    assert repr(double.calls) == "<1 calls: GET https://api.test/x>"
    assert [reply.label for reply in one.then.fail("dns").then.pass_through().then.respond_with(Odd()).replies][:3] == [
        "respond(200)", 'fail("dns")', "pass_through()",
    ]  # fmt: skip


def test_a_delay_may_be_a_timedelta() -> None:
    double, one = route()
    one.respond(json=1, delay=timedelta(minutes=1))
    assert response(double.handle(GET)).delay == 60.0
    with pytest.raises(UsageError, match="a number of seconds or a timedelta"):
        one.respond(json=1, delay=timedelta(seconds=-1))
