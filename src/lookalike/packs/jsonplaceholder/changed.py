"""The API after a change that nobody announced: what a contract must notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.packs.jsonplaceholder.data import Objects

Change = Callable[[dict[str, Any]], dict[str, Any]]


def _renamed(todo: dict[str, Any]) -> dict[str, Any]:
    return {("summary" if key == "title" else key): value for key, value in todo.items()}


def _texted(user: dict[str, Any]) -> dict[str, Any]:
    return {**user, "id": str(user["id"])}


def _emptied(post: dict[str, Any]) -> dict[str, Any]:
    return {**post, "body": None if post["id"] % 4 == 2 else post["body"]}


def _liked(comment: dict[str, Any]) -> dict[str, Any]:
    return {**comment, "likes": comment["id"] * 7 % 30}


# collection -> (what changed, how an object of it looks now)
CHANGES: Mapping[str, tuple[str, Change]] = {
    "todos": ("title is called summary", _renamed),
    "users": ("id is a string", _texted),
    "posts": ("body may be null", _emptied),
    "comments": ("likes, an integer, is new", _liked),
}


def applied(sources: Mapping[str, Callable[[], Objects]]) -> dict[str, Callable[[], Objects]]:
    """The collections with `CHANGES` in them."""
    return {name: _with(source, CHANGES[name][1]) if name in CHANGES else source for name, source in sources.items()}


def _with(source: Callable[[], Objects], change: Change) -> Callable[[], Objects]:
    return lambda: [change(one) for one in source()]
