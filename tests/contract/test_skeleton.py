"""Skeletons of paths: a pure function of each, with a cap that absorbs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.contract.skeleton import ANY, NAMES_CAP, PROCEDURES_CAP, Key, collapse, skeleton


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ""),
        ("/todos", "todos"),
        ("/todos/1", "todos/{int}"),
        ("/todos/-1", "todos/{int}"),
        ("/todos/0123456789abcdef0123456789abcdef", "todos/{hash}"),
        ("/commits/7d069ded", "commits/{hash}"),
        ("/words/deadbeef", "words/deadbeef"),
        ("/x/6f1c1c6e-6b3a-4f5e-9d4c-0a1b2c3d4e5f", "x/{uuid}"),
        ("/days/2026-11-20", "days/{date}"),
        ("/days/2026-11-20T10:00:00Z", "days/{date}"),
        ("/at/52.52,13.40", "at/{number}"),
        ("/customers/cus_NffrFeUfNV2Hib", "customers/{id}"),
        ("/dashboard/wdq-4fb-9dc", "dashboard/{id}"),
        ("/regions/us-east-1", "regions/us-east-1"),
        ("/operations/7:cancel", "operations/{int}:cancel"),
        ("/rooms/one-two-new", "rooms/one-two-new"),
        ("/conversations/C024BE91LX", "conversations/{id}"),
        ("/videos/dQw4w9WgXcQ", "videos/{id}"),
        ("/tokens/eyJhbGciOi-JIUzI1NiIsInR5_cCI6", "tokens/{id}"),
        ("/users/jane@example.com", "users/{email}"),
        ("/posts/7.json", "posts/{int}.json"),
        ("/posts/about.json", "posts/about.json"),
        ("/users/me", "users/me"),
        ("/1/cards/abc", "1/cards/abc"),
        ("/1.1/statuses", "1.1/statuses"),
        ("/2010-04-01/Accounts", "2010-04-01/Accounts"),
        ("/1", "{int}"),
        ("/a/%7Bid%7D", "a/%7Bid%7D"),
        ("/labels/what%3F", "labels/what%3F"),
        ("/long/" + "a" * 200, "long/{id}"),
    ],
)
def test_values_are_told_from_names_by_their_form(path: str, expected: str) -> None:
    assert "/".join(skeleton(path)) == expected


def test_too_many_names_become_one_variable_and_what_is_below_adds_up() -> None:
    names: dict[Key, int] = {("GET", ("users", f"n{number}", "posts")): 1 for number in range(NAMES_CAP + 1)}
    found = collapse({**names, ("GET", ("users", "{int}", "posts")): 5}, int.__add__)
    assert found == {("GET", ("users", ANY, "posts")): NAMES_CAP + 1, ("GET", ("users", "{int}", "posts")): 5}


def test_an_api_of_procedures_may_have_more_names_where_it_begins() -> None:
    many: dict[Key, int] = {("POST", ("api", f"do_{number}")): 1 for number in range(PROCEDURES_CAP)}
    assert collapse(many, int.__add__) == many
    assert collapse({**many, ("POST", ("api", "more")): 1}, int.__add__) == {("POST", ("api", ANY)): PROCEDURES_CAP + 1}


def test_the_cap_absorbs() -> None:
    items: dict[Key, int] = {("GET", ("users", ANY)): 70, ("POST", ("users", "jane")): 1}
    assert collapse(items, int.__add__) == {("GET", ("users", ANY)): 70, ("POST", ("users", ANY)): 1}


keys = st.tuples(
    st.sampled_from(["GET", "POST"]),
    st.lists(st.integers(0, 90).map(lambda number: f"n{number}"), min_size=1, max_size=3).map(tuple),
)


@given(st.lists(st.lists(keys, max_size=150), min_size=2, max_size=3), st.integers(0, 150))
def test_collapsing_parts_first_changes_nothing(parts: list[list[Key]], cut: int) -> None:
    def count(items: list[Key]) -> dict[Key, int]:
        found: dict[Key, int] = {}
        for key in items:
            found[key] = found.get(key, 0) + 1
        return found

    def total(one: dict[Key, int], other: dict[Key, int]) -> dict[Key, int]:
        return collapse({key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other}}, int.__add__)

    whole = collapse(count([key for part in parts for key in part]), int.__add__)
    added: dict[Key, int] = {}
    for part in parts:
        added = total(added, collapse(count(part), int.__add__))
    assert added == whole
