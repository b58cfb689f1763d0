"""Paths against templates: the most specific one wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.contract.paths import PathIndex, names, normal, split_path

TEMPLATES = [
    "/",
    "/users",
    "/users/me",
    "/users/{id}",
    "/users/{userId}/posts",
    "/users/me/posts",
    "/files/{id}.json",
    "/files/{id}",
    "/compare/{base}...{head}",
    "/compare/{base}..{head}",
    "/repos/{owner}/contents/{path}",
    "/items/{long-thing}",
    "/{any}/fixed",
]


@pytest.fixture(scope="module")
def index() -> PathIndex[str]:
    return PathIndex([(template, template) for template in TEMPLATES], multi=["long-thing"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("", "/"),
        ("/users", "/users"),
        ("/users/", "/users"),
        ("/users?page=2", "/users"),
        ("/users/me", "/users/me"),
        ("/users/7", "/users/{id}"),
        ("/users/a%20b", "/users/{id}"),
        ("/users/7/posts", "/users/{userId}/posts"),
        ("/users/me/posts", "/users/me/posts"),
        ("/files/7.json", "/files/{id}.json"),
        ("/files/7.xml", "/files/{id}"),
        ("/compare/main...dev", "/compare/{base}...{head}"),
        ("/compare/main..dev", "/compare/{base}..{head}"),
        ("/repos/me/contents/lib/deep/file.py", "/repos/{owner}/contents/{path}"),
        ("/items/a/b", "/items/{long-thing}"),
        ("/users/fixed", "/users/{id}"),
        ("/else/fixed", "/{any}/fixed"),
        # a template finds the operation whatever its parameters are called there
        ("/users/{name}", "/users/{id}"),
        ("/files/{x}.json", "/files/{id}.json"),
        ("/users/{a}/posts", "/users/{userId}/posts"),
        ("/users/7/likes", None),
        ("/compare/{x}", None),
        ("/nothing", None),
        ("/nothing/at/all", None),
    ],
)
def test_the_most_specific_template_is_found(index: PathIndex[str], path: str, expected: str | None) -> None:
    assert index.find(path) == expected


def test_a_literal_that_leads_nowhere_gives_way_to_a_variable() -> None:
    index = PathIndex([("/users/me", 1), ("/users/{id}/posts", 2)])
    assert index.find("/users/me/posts") == 2


def test_templates_are_the_same_whatever_their_parameters_are_called() -> None:
    assert normal("/a/{id}/b/{x}.json") == normal("/a/{other}/b/{y}.json/") == "/a/{}/b/{}.json"
    assert names("/a/{id}/b/{x}.json") == ["id", "x"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="{}/?#%\x00"), min_size=1), max_size=4))
def test_a_path_without_variables_finds_itself(parts: list[str]) -> None:
    from urllib.parse import quote

    path = "/" + "/".join(quote(part, safe="") for part in parts)
    assert PathIndex([(path, "itself")]).find(path) == "itself"
    assert split_path(path) == parts
