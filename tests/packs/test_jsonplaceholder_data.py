"""The generated data has the public service's form."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

import pytest

KEYS = {
    "posts": (100, {"userId": int, "id": int, "title": str, "body": str}, ("userId", 10)),
    "comments": (500, {"postId": int, "id": int, "name": str, "email": str, "body": str}, ("postId", 5)),
    "albums": (100, {"userId": int, "id": int, "title": str}, ("userId", 10)),
    "photos": (5000, {"albumId": int, "id": int, "title": str, "url": str, "thumbnailUrl": str}, ("albumId", 50)),
    "users": (
        10,
        {"id": int, "name": str, "username": str, "email": str, "address": dict, "phone": str,
         "website": str, "company": dict},
        ("id", 1),
    ),
    "todos": (200, {"userId": int, "id": int, "title": str, "completed": bool}, ("userId", 20)),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_counts_keys_types_and_relations(name: str, ask: Any) -> None:
    count, types, (parent, children) = KEYS[name]
    found = ask.get(f"/{name}")
    assert [one["id"] for one in found] == list(range(1, count + 1))
    assert {tuple((key, type(value)) for key, value in one.items()) for one in found} == {tuple(types.items())}
    assert Counter(one[parent] for one in found) == dict.fromkeys(range(1, count // children + 1), children)
    assert [one[parent] for one in found] == sorted(one[parent] for one in found)


def test_all_is_ascii_and_in_order(ask: Any) -> None:
    everything = ask("GET", "/db")
    assert everything.content.isascii()
    assert list(everything.json()) == ["posts", "comments", "albums", "photos", "users", "todos"]


def test_the_same_on_every_machine(ask: Any) -> None:
    assert hashlib.sha256(ask("GET", "/db").content).hexdigest()[:16] == "917bea2bc1810694"


def test_todos(ask: Any) -> None:
    todos = ask.get("/todos")
    assert Counter(one["completed"] for one in todos) == {True: 90, False: 110}
    assert todos[0]["completed"] is False


def test_users(ask: Any) -> None:
    for user in ask.get("/users"):
        assert list(user["address"]) == ["street", "suite", "city", "zipcode", "geo"]
        assert list(user["address"]["geo"]) == ["lat", "lng"]
        assert list(user["company"]) == ["name", "catchPhrase", "bs"]
        assert all(re.fullmatch(r"-?\d+\.\d{4}", degrees) for degrees in user["address"]["geo"].values())
        assert re.fullmatch(r"[a-z.]+@[a-z-]+\.example", user["email"])


def test_photos(ask: Any) -> None:
    photos = ask.get("/photos")
    colours = [one["url"].removeprefix("https://via.placeholder.com/600/") for one in photos]
    assert [one["thumbnailUrl"].removeprefix("https://via.placeholder.com/150/") for one in photos] == colours
    assert all(re.fullmatch("[1-9a-f][0-9a-f]*", colour) for colour in colours)
    assert Counter(map(len, colours)) == {6: 4698, 5: 285, 4: 16, 3: 1}


def test_texts_have_lines(ask: Any) -> None:
    assert all(one["body"].count("\n") == 3 for one in ask.get("/posts") + ask.get("/comments"))


def test_changed(fake: Any) -> None:
    before, after = fake(), fake(changed=True)
    assert after.get("/todos/7") == {
        ("summary" if key == "title" else key): value for key, value in before.get("/todos/7").items()
    }
    assert [type(one["id"]) for one in after.get("/users")] == [str] * 10
    assert after.get("/users/3")["id"] == "3"
    assert Counter(one["body"] is None for one in after.get("/posts")) == {False: 75, True: 25}
    assert all(type(one["likes"]) is int for one in after.get("/comments"))
    assert after.get("/albums") == before.get("/albums")
    assert after.get("/photos") == before.get("/photos")
    assert fake(changed=True, stateful=True).get("/todos/1").keys() == {"userId", "id", "summary", "completed"}
