"""Rate limits around a reply, and replies that fail first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lookalike.double.mock import MockDouble
from lookalike.double.route import Route
from lookalike.errors import ContractViolation, UnmatchedRequest, UnusedRoute, UsageError
from lookalike.messages import Answer, Fault, PassThrough, Request, Response

BASE = "https://api.test"
GET = Request("GET", BASE + "/x")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def mocked() -> tuple[MockDouble, Route]:
    double = MockDouble("api", BASE)
    return double, double.get("/x")


def response(answer: Answer) -> Response:
    assert isinstance(answer, Response)
    return answer


def ask(double: MockDouble) -> Response:
    return response(double.handle(GET))


def statuses(double: MockDouble, count: int) -> list[int]:
    return [ask(double).status for _ in range(count)]


class TestRateLimited:
    @pytest.mark.peer("Retry-After / rate-limit helper")
    def test_some_are_answered_then_one_is_told_to_wait(self) -> None:
        double, route = mocked()
        route.respond(json=[1]).rate_limited(after=2, retry_after=30)
        first, second, third, fourth = (ask(double) for _ in range(4))
        assert [one.status for one in (first, second, third, fourth)] == [200, 200, 429, 200]
        assert (first.json(), third.json()) == ([1], {"error": "rate limit exceeded"})
        assert "retry-after" not in first.headers
        assert third.headers["retry-after"] == "30"
        told = [[one.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")]
                for one in (first, second, third, fourth)]  # fmt: skip
        assert told == [["2", "1", "30"], ["2", "0", "30"], ["2", "0", "30"], ["2", "1", "30"]]

    @pytest.mark.parametrize(
        ("after", "limited", "expected"),
        [(0, 1, "L...."), (0, 2, "LL..."), (1, 1, ".L.L.L"), (1, 2, ".LL.LL"), (2, None, "..LLLLLL"), (0, None, "LLL")],
    )
    def test_windows_are_counted_in_requests(self, after: int, limited: int | None, expected: str) -> None:
        double, route = mocked()
        route.respond().rate_limited(after, for_=limited)
        got = statuses(double, len(expected))
        assert "".join("." if status == 200 else "L" for status in got) == expected

    @pytest.mark.parametrize(
        ("options", "retry_after", "reset"),
        [
            ({"retry_after": 1.2}, "2", "2"),
            ({"retry_after": 0}, "0", "0"),
            ({}, None, None),
            ({"retry_after": NOON}, "Sun, 22 Nov 2026 12:00:00 GMT", str(int(NOON.timestamp()))),
            ({"retry_after": NOON.astimezone(timezone(timedelta(hours=1)))}, "Sun, 22 Nov 2026 12:00:00 GMT", None),
            ({"retry_after": NOON + timedelta(microseconds=1)}, "Sun, 22 Nov 2026 12:00:01 GMT",
             str(int(NOON.timestamp()) + 1)),
            ({"retry_after": 30, "clock": lambda: NOON}, "30", str(int(NOON.timestamp()) + 30)),
            ({"retry_after": 30, "clock": NOON.timestamp, "form": "date"}, "Sun, 22 Nov 2026 12:00:30 GMT", None),
        ],
    )  # fmt: skip
    def test_both_forms(self, options: dict[str, Any], retry_after: str | None, reset: str | None) -> None:
        """RFC 9110, section 10.2.3: seconds, or a date; a reset is a moment where one is known."""
        double, route = mocked()
        route.respond().rate_limited(0, **options)
        headers = ask(double).headers
        assert headers.get("retry-after") == retry_after
        if reset is not None or not options:
            assert headers.get("x-ratelimit-reset") == reset

    def test_the_fields_of_the_draft(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(2, retry_after=60, limit=100, draft=True, prefix="")
        first, _, third = (ask(double).headers for _ in range(3))
        assert not any(name.startswith("x-") for name in first)
        assert (first["ratelimit-policy"], first["ratelimit"]) == ('"default";q=100;w=60', '"default";r=1;t=60')
        assert third["ratelimit"] == '"default";r=0;t=60'
        route.respond().rate_limited(1, draft=True, retry_after=NOON, clock=lambda: NOON - timedelta(seconds=5))
        assert ask(double).headers["ratelimit"] == '"default";r=0;t=5'
        route.respond().rate_limited(1, draft=True)
        assert ask(double).headers["ratelimit"] == '"default";r=0'

    def test_its_status_body_and_names(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(0, status=403, json={"message": "slow down"}, prefix="RateLimit")
        got = ask(double)
        assert (got.status, got.json(), got.headers["ratelimit-limit"]) == (403, {"message": "slow down"}, "60")

    def test_a_window_that_is_nearly_used_up(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(1, limit=3)
        told = [(one.status, one.headers["x-ratelimit-remaining"]) for one in (ask(double) for _ in range(7))]
        assert told == [(200, "0"), (429, "0"), (200, "2"), (200, "1"), (200, "0"), (429, "0"), (200, "2")]

    def test_around_any_reply(self) -> None:
        double, route = mocked()
        route.respond(503).then.respond_with(lambda: {"n": 1}).rate_limited(1).times(2)
        assert statuses(double, 3) == [503, 200, 429]
        with pytest.raises(UnmatchedRequest):
            double.handle(GET)
        route.paginate(range(5), size=2).rate_limited(1)
        assert (ask(double).json(), ask(double).status) == ([0, 1], 429)
        route.fail("reset").rate_limited(1)
        assert (double.handle(GET), ask(double).status) == (Fault("reset"), 429)
        route.pass_through().rate_limited(1)
        assert isinstance(double.handle(GET), PassThrough)
        route.respond(stream=[b"a", b"b"]).rate_limited(1)
        chunks = ask(double).chunks
        assert chunks is not None
        assert list(chunks()) == [b"a", b"b"]  # type: ignore[arg-type]  # a sync stream

    def test_an_async_function_is_awaited(self) -> None:
        async def slow() -> dict[str, int]:
            await asyncio.sleep(0)
            return {"n": 1}

        double, route = mocked()
        route.respond_with(slow).rate_limited(1, retry_after=3)
        got = response(asyncio.run(double.handle_async(GET)))
        assert (got.json(), got.headers["x-ratelimit-remaining"]) == ({"n": 1}, "0")
        assert response(asyncio.run(double.handle_async(GET))).status == 429

    def test_from_many_threads(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(10, for_=None)
        with ThreadPoolExecutor(8) as pool:
            got = list(pool.map(lambda _: ask(double).status, range(100)))
        assert got.count(200) == 10

    def test_a_limit_that_nothing_meets_fails(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(2, retry_after=1)
        ask(double)
        with pytest.raises(UnusedRoute) as error:
            double.finish()
        assert "respond(200).rate_limited(after=2), declared at tests/double/test_limited.py" in str(error.value)
        assert "reached once, expected 3 times; the route was called once" in str(error.value)
        statuses(double, 2)
        double.finish()

    def test_the_journal_shows_what_was_answered(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(1, retry_after=1)
        statuses(double, 2)
        assert [call.response.status for call in double.calls if call.response] == [200, 429]

    def test_a_snapshot_remembers_where_the_window_was(self) -> None:
        double, route = mocked()
        route.respond().rate_limited(2)
        ask(double)
        with double.snapshot():
            assert statuses(double, 2) == [200, 429]
        assert statuses(double, 2) == [200, 429]


MISUSE: list[tuple[Callable[[Any], Any], str]] = [
    (lambda route: route.rate_limited(2), "comes after a reply: .respond(json=[]).rate_limited(after=2)"),
    (lambda route: route.respond().rate_limited(-1), "after= is how many requests are answered first, 0 or more"),
    (lambda route: route.respond().rate_limited(1, for_=0), "for_= is how many requests are refused"),
    (lambda route: route.respond().rate_limited(1, retry_after="1"), "retry_after= is a number of seconds or a"),
    (lambda route: route.respond().rate_limited(1, retry_after=-1), "retry_after= is a number of seconds"),
    (lambda route: route.respond().rate_limited(1, retry_after=datetime(2026, 1, 1)), "has no time zone"),
    (lambda route: route.respond().rate_limited(1, form="http"), 'form= is "seconds" or "date"'),
    (lambda route: route.respond().rate_limited(1, retry_after=3, form="date"), "needs a moment"),
    (lambda route: route.respond().rate_limited(1, clock=3), "clock= is a function that tells the time"),
    (lambda route: route.respond().rate_limited(1, limit=-3), "limit= is a number of requests, 1 or more"),
    (lambda route: route.respond().rate_limited(1, prefix=None), 'prefix= is how the headers begin'),
    (lambda route: route.respond().rate_limited(1, draft="07"), "draft= is True or False"),
    (lambda route: route.respond().rate_limited(1, status=200), "status= is an error, 429"),
    (lambda route: route.respond().rate_limited(1, retry=3), ".rate_limited() has no keyword 'retry'"),
    (lambda route: route.flaky(0), ".flaky(0): how many requests fail, 1 or more"),
    (lambda route: route.flaky(2, with_=[]), "not an empty list"),
    (lambda route: route.flaky(with_=200), "with_=200 is no failure"),
    (lambda route: route.flaky(with_="resett"), 'did you mean "reset"?'),
    (lambda route: route.flaky(fails=2), ".flaky() has no keyword 'fails'"),
]  # fmt: skip


@pytest.mark.parametrize(("declare", "told"), MISUSE, ids=[told[:30] for _, told in MISUSE])
def test_misuse_is_told(declare: Callable[[Any], Any], told: str) -> None:
    _, route = mocked()
    with pytest.raises(UsageError) as error:
        declare(route)
    assert told in str(error.value)


def test_a_clock_that_tells_no_time() -> None:
    double, route = mocked()
    route.respond().rate_limited(0, retry_after=1, clock=lambda: "noon")  # type: ignore[arg-type,return-value]  # wrong on purpose
    with pytest.raises(UsageError, match="clock= tells seconds since 1970 or a datetime, not 'noon'"):
        double.handle(GET)


class TestFlaky:
    @pytest.mark.parametrize(
        "declare",
        [
            lambda route: route.flaky(fail=2, then={"n": 1}),
            lambda route: route.flaky(fail=2, then=(200, {"n": 1})),
            lambda route: route.flaky(fail=2, then=lambda: {"n": 1}),
            lambda route: route.flaky(fail=2, then=Response(200, {"content-type": "application/json"}, b'{"n":1}')),
            lambda route: route.flaky(fail=2).respond(json={"n": 1}),
            lambda route: route.flaky(fail=2).then.respond(json={"n": 1}),
            lambda route: route.respond(json={"n": 1}).flaky(fail=2),
            lambda route: route.flaky(2, with_=[503, 503], then={"n": 1}),
        ],
    )
    def test_spellings(self, declare: Callable[[Route], Route]) -> None:
        double, route = mocked()
        assert declare(route) is route
        got = [ask(double) for _ in range(4)]
        assert [one.status for one in got] == [503, 503, 200, 200]
        assert (got[0].json(), got[2].json()) == ({"error": "service unavailable"}, {"n": 1})

    def test_what_answers_then(self) -> None:
        for then, kind, status, content in (
            ("text", "text/plain", 200, b"text"), (b"\xff", "", 200, b"\xff"), ((204, None), "", 204, b""),
            ((201, "x"), "text/plain", 201, b"x"), ([], "application/json", 200, b"[]"),
        ):  # fmt: skip
            double, route = mocked()
            route.flaky(then=then)
            assert ask(double).status == 503
            got = ask(double)
            assert (got.content_type, got.status, got.content) == (kind, status, content)

    def test_headers_and_streams_then(self) -> None:
        double, route = mocked()
        route.flaky(then=(201, {"X": "y"}, {"n": 1}))
        got = [ask(double) for _ in range(2)][1]
        assert (got.status, got.headers["x"], got.json()) == (201, "y", {"n": 1})
        double, route = mocked()
        route.flaky(then=(200, {"X": "y"}, iter(["a", b"b"])))
        got = [ask(double) for _ in range(2)][1]
        assert got.headers["x"] == "y"
        assert got.chunks is not None
        assert list(got.chunks()) == [b"a", b"b"]  # type: ignore[arg-type]  # a sync stream

    @pytest.mark.parametrize("then", [404, None, ({"n": 1}, 200)])
    def test_what_could_be_meant_otherwise_is_refused(self, then: object) -> None:
        _, route = mocked()
        with pytest.raises(UsageError, match=r"^\.flaky\(then=\.\.\.\)"):
            route.flaky(then=then)

    def test_failures_take_turns(self) -> None:
        double, route = mocked()
        route.flaky(5, with_=["reset", 500, 500], then=[])
        got = [double.handle(GET) for _ in range(6)]
        assert [one.kind if isinstance(one, Fault) else response(one).status for one in got] == [
            "reset", 500, 500, "reset", 500, 200,
        ]  # fmt: skip

    def test_an_exception(self) -> None:
        double, route = mocked()
        route.flaky(1, with_=ConnectionResetError, then=[])
        with pytest.raises(ConnectionResetError):
            double.handle(GET)
        assert ask(double).json() == []
        double.finish()

    def test_code_that_gives_up_early_fails_the_test(self) -> None:
        double, route = mocked()
        route.flaky(fail=2, then=[])
        ask(double)
        with pytest.raises(UnusedRoute, match=r"respond\(503\).*reached once, expected twice"):
            double.finish()


def test_the_contract_words_what_is_refused() -> None:
    double = MockDouble("api", BASE, contract=_contract())
    double.get("/x").flaky(1, with_=503).respond(json=[1]).rate_limited(1)
    got = [ask(double) for _ in range(3)]
    assert [(one.status, sorted(one.json()) if one.status > 200 else one.json()) for one in got] == [
        (503, ["error"]), (200, [1]), (429, ["code"]),
    ]  # fmt: skip
    double.get("/x").flaky(1, with_=500).respond(json=[1])
    assert ask(double).json() == {"error": "internal server error"}
    with pytest.raises(ContractViolation):
        double.get("/x").flaky(1).respond(json=["no number"])


def _contract() -> Any:
    from lookalike.contract.contract import Contract
    from lookalike.contract.openapi import Document

    error = {"type": "object", "required": ["code"], "properties": {"code": {"type": "integer"}}}
    answers = {
        "200": {"description": "", "content": {"application/json": {"schema": {"items": {"type": "integer"}}}}},
        "500": {"description": "", "content": {"text/plain": {}}},
        "429": {"description": "", "content": {"application/json": {"schema": error}}},
    }
    root = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/x": {"get": {"responses": answers}}},
    }
    return Contract(Document(root, "x.yaml"))
