# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""Assertions, order, routers and strictness as users write them; each ignored line is a mistake that both must find."""

from __future__ import annotations

import re
from typing import Any, assert_type

from lookalike import ANY, Api, Exchange, Mock, Response, Route, Router, including, matching
from lookalike.api import Patcher
from lookalike.double.journal import Calls
from lookalike.double.order import Order
from lookalike.double.snapshot import Snapshot

api = Api(base_url="https://api.example.com")
router = Router(prefix="/v2", base_url="https://other.example.com")

# -- what is given -----------------------------------------------------------------------------------------------------

assert_type(api.mock(unused="ignore", unmatched=404, swallowed="ignore", exhausted="repeat"), Patcher[Mock])
assert_type(api.mock(ordered=True, router=router), Patcher[Mock])
assert_type(api.mock(router=[router, Router()], unmatched="pass"), Patcher[Mock])

assert_type(router.get("/x", params={"page": 1}, name="x").respond(json=[]).then.respond(404).optional(), Route)
assert_type(router.route("*", re.compile("/x")).fail("reset"), Route)
assert_type(router.include(Router(), prefix="/v3"), Router)

with api.mock() as mock:
    route = mock.post("/todos", name="create", json={"title": str}, headers={"X-Id": matching(r"\d+")}).respond(201)
    assert_type(mock["create"], Route)
    assert_type(mock.routes["create"], Route)
    assert_type(mock.routes[0], Route)
    assert_type(mock.routes[1:], tuple[Route, ...])
    assert_type(mock.calls, Calls)
    assert_type(mock.calls[1:], Calls)
    assert_type(mock.calls.where("POST", "/todos", json=including({"a": ANY}), status=201), Calls)
    assert_type(route.calls.where(params={"page": 1}).last, Exchange)
    assert_type(route.calls.last.response, Response | None)
    assert_type(route.calls.last.request.json(), Any)
    assert_type(route.called, bool)
    assert_type(route.assert_called(), None)
    assert_type(route.assert_called_with(json={}, headers={"X-Id": ANY}, params={"page": [1, 2]}), None)
    assert_type(route.assert_called_once_with(content=b"a"), None)
    assert_type(route.assert_any_call(where=lambda request: request.path == "/x"), None)
    assert_type(route.assert_has_calls([{"json": 1}, {"params": {"a": 1}}], any_order=True), None)
    assert_type(mock.assert_called("POST", "/todos", json=ANY), None)
    assert_type(mock.assert_called_with(path="/todos", form={"a": "b"}), None)
    assert_type(mock.assert_has_calls([{"method": "GET", "path": "/x", "json": None}]), None)
    assert_type(mock.in_order(route, route), Order)
    with mock.in_order():
        mock.get("/a").respond()
    assert_type(mock.snapshot(), Snapshot)
    with mock.snapshot():
        mock.get("/b").respond()
    assert_type(mock.rollback(mock.snapshot(), keep_calls=True), None)
    assert_type(mock.include(router, router), tuple[Route, ...])

# -- mistakes ----------------------------------------------------------------------------------------------------------

api.mock(unused="no")  # type: ignore[arg-type]
api.mock(unused=False)  # type: ignore[arg-type]
api.mock(unmatched="ignore")  # type: ignore[arg-type]
api.mock(exhausted="fails")  # type: ignore[arg-type]
api.mock(ordered="yes")  # type: ignore[arg-type]
api.mock(router="base")  # type: ignore[arg-type]
api.mock(assert_all_called=False)  # type: ignore[call-arg]
Router("/v2")  # type: ignore[call-arg]
Router(prefix=2)  # type: ignore[arg-type]
router.get(1)  # type: ignore[arg-type]
router.get("/x", parms={})  # type: ignore[call-arg]
router.get("/x").respond("200")  # type: ignore[arg-type]
router.include("base")  # type: ignore[arg-type]
route.assert_called_with(jsn={})  # type: ignore[call-arg]
route.assert_called_with("x")  # type: ignore[call-arg, arg-type]
route.assert_called_with(name="x")  # type: ignore[call-arg]
route.assert_any_call(headers="X-Id")  # type: ignore[arg-type]
route.assert_has_calls({"json": 1})  # type: ignore[arg-type]
route.assert_has_calls([{"jsn": 1}])  # type: ignore[typeddict-unknown-key]
route.assert_called_times(2)  # type: ignore[attr-defined]
mock.assert_called(1)  # type: ignore[arg-type]
mock.assert_called("GET", "/x", priority=1)  # type: ignore[call-arg]
mock.calls.where(status="200")  # type: ignore[arg-type]
mock.calls.where("GET", "/x", jsn=1)  # type: ignore[call-arg]
mock.calls.where("GET", 1)  # type: ignore[arg-type]
_ = mock.calls["create"]  # type: ignore[call-overload]
_ = mock[0]  # type: ignore[index]
mock.in_order("create")  # type: ignore[arg-type]
mock.rollback(1)  # type: ignore[arg-type]
mock.include("base")  # type: ignore[arg-type]
route.optional(True)  # type: ignore[call-arg]
route.called = True  # type: ignore[misc]
