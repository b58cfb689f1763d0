# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""Routes, matchers and conditions as users write them; each ignored line is a mistake that both checkers must find."""

from __future__ import annotations

import re
from typing import assert_type

from lookalike import ANY, Api, absent, having, including, matching
from lookalike.match import ClientAsked, Condition, Matcher, basic, bearer, between, exactly, satisfying, schema

mock = Api("jsonplaceholder").mock().start()


def is_short(text: str) -> bool:
    return len(text) < 9


asked: ClientAsked = {"timeout": between(1, 9), "verify": False}
condition = having(json={"id": int}) | ~having(params=exactly({"page": 2})) & having(auth=bearer("t"))
assert_type(condition, Condition)
assert_type(~matching("a") & re.compile("b") | None, Matcher)
assert_type(between(1) | 7, Matcher)
mock.get(re.compile(r"/todos/\d+"), condition, params={"page": int | None, "q": is_short, "sort": absent})
mock.get("/todos/{id:int}", ~condition, headers={"X-Id": re.compile("a")}, cookies=exactly({"a": "1"}), client=asked)
mock.post("/todos", json=schema({"type": "object"}), where=condition, text=including("a"), xml=b"<a/>")
mock.post("/todos", auth=("user", ANY), files={"a": ("b", ANY, "image/png")}, client={"proxy": None})
mock.put("/todos", auth=basic("user", ANY) | bearer(ANY), where=lambda request: request.path == "/todos")
mock.route("*", "*/todos", having(json={"name": satisfying(is_short)}), priority=1, name="any")

# -- mistakes ----------------------------------------------------------------------------------------------------------

mock.get(b"/todos")  # type: ignore[arg-type]
mock.get("/todos", {"id": 1})  # type: ignore[arg-type]
mock.get("/todos", client={"timeuot": 5})  # type: ignore[arg-type]
mock.get("/todos", auth="token")  # type: ignore[arg-type]
mock.get("/todos", params="a=1")  # type: ignore[arg-type]
mock.get("/todos", xml={})  # type: ignore[arg-type]
mock.get("/todos", where="x")  # type: ignore[arg-type]
mock.get("/todos", query={"a": 1})  # type: ignore[call-arg]
having(jsn={})  # type: ignore[call-arg]
_ = having(json={}) | {"id": 1}  # type: ignore[operator]
between(1, high=2, step=3)  # type: ignore[call-arg]
schema("{}")  # type: ignore[arg-type]
satisfying(7)  # type: ignore[arg-type]
