"""Templates found over a whole recording, and what their parameters are called."""

from __future__ import annotations

import pytest

from lookalike.contract.skeleton import ANY, skeleton
from lookalike.contract.templates import NOT_FOUND, Look, Path, find_templates, singular

USER = frozenset({".login", ".id", ".bio", ".url"})
POST = frozenset({"[]", "[].id", "[].title", "[].body"})
TODO = frozenset({"[]", "[].id", "[].title", "[].completed", "[].userId"})
MEMBER = USER | {f".{name}" for name in ("name", "blog", "plan", "mail", "disk", "keys", "city")}
REPO = frozenset({".name", ".owner", ".stars", ".owner.login"})
ISSUE = frozenset({"[]", "[].number", "[].title", "[].state"})


def templates(seen: dict[str, Look]) -> list[str]:
    found: dict[Path, dict[str, Look]] = {}
    for path, look in seen.items():
        found.setdefault(skeleton(path), {})["GET"] = look
    return [template.path for template in find_templates(found)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"/posts": POST, "/posts/1": USER, "/posts/2": USER}, ["/posts", "/posts/{id}"]),
        ({"/posts/1/comments": POST, "/posts/2/comments": POST}, ["/posts/{postId}/comments"]),
        ({"/users/1/posts/2": USER}, ["/users/{userId}/posts/{id}"]),
        ({"/users/me": USER, "/users/7": USER}, ["/users/me", "/users/{id}"]),
        ({"/users/jane": USER, "/users/john": USER, "/users/me": USER}, ["/users/me", "/users/{user}"]),
        ({"/users/jane": USER}, ["/users/jane"]),
        ({"/todos": TODO, "/posts": POST, "/albums": USER, "/x": REPO, "/y": ISSUE},
         ["/albums", "/posts", "/todos", "/x", "/y"]),
        # alike in shape but at the root, where names are collections
        ({"/daily": TODO, "/weekly": TODO}, ["/daily", "/weekly"]),
        ({"/v1/users/1": USER, "/v2/users/1": USER}, ["/v1/users/{id}", "/v2/users/{id}"]),
        ({"/days/2026-11-20": USER, "/days/2026-11-21": USER}, ["/days/{date}"]),
        ({"/at/52.5,13.4/now": USER}, ["/at/{value}/now"]),
        ({"/mail/a@b.cc": USER}, ["/mail/{email}"]),
        ({"/posts/1.json": USER, "/posts/2.json": USER, "/posts/3": USER}, ["/posts/{id}", "/posts/{id}.json"]),
        ({"/pairs/1/2/3": USER}, ["/pairs/{pairId}/{id}/{id2}"]),
        ({f"/users/{ANY[1:-1]}": USER}, ["/users/*"]),
        # below a version as at the root, names are collections; a version may be a beta
        ({"/v4beta/nodes": TODO, "/v4beta/volumes": TODO, "/v4beta/images": TODO},
         ["/v4beta/images", "/v4beta/nodes", "/v4beta/volumes"]),
        # plurals that answer alike below a plural are collections too
        ({"/actions/secrets": TODO, "/actions/variables": TODO}, ["/actions/secrets", "/actions/variables"]),
        # what a recorder writes in place of a name is a name
        ({"/orgs/<ORG>/secrets": TODO, "/orgs/jane/secrets": TODO}, ["/orgs/{orgId}/secrets", "/orgs/jane/secrets"]),
        # one more name where names vary, seen by somebody who may see less
        ({"/users/jane": MEMBER, "/users/john": MEMBER, "/users/octo": MEMBER - {".plan", ".mail", ".disk"}},
         ["/users/{user}"]),
        ({"/users/jane": MEMBER, "/users/john": MEMBER, "/users/search_all": TODO},
         ["/users/search_all", "/users/{user}"]),
        # ... and one that never has a body
        ({"/members/jane": USER, "/members/john": USER, "/members/octo": frozenset()}, ["/members/{member}"]),
        # names below a plural that answer differently are resources
        ({"/reports/sales": TODO, "/reports/users": USER}, ["/reports/sales", "/reports/users"]),
        # a name that looks like a value joins the identifiers
        ({"/commits/7d069ded": USER, "/commits/v1.2": USER}, ["/commits/{commit}"]),
        ({"/commits/7d069ded": USER, "/commits/main": USER}, ["/commits/main", "/commits/{id}"]),
        ({"/repos/octo/hello": REPO, "/repos/jane/world": REPO, "/repos/jane/world/issues": ISSUE},
         ["/repos/{repo}/{name}", "/repos/{repo}/{name}/issues"]),
        # what an identifier has stays apart, however alike
        ({"/orgs/1/members": ISSUE, "/orgs/1/owners": ISSUE, "/orgs/1/guests": ISSUE},
         ["/orgs/{orgId}/guests", "/orgs/{orgId}/members", "/orgs/{orgId}/owners"]),
        ({"/": USER}, ["/"]),
        # one of a collection, and what only got a 404
        ({"/types": ISSUE, "/types/g6-standard-1": USER, "/types/nothing": NOT_FOUND}, ["/types", "/types/{type}"]),
        ({"/types/v2": USER, "/type/g6-standard-1": USER}, ["/type/g6-standard-1", "/types/v2"]),
        ({"/box/1": USER, "/box/none": NOT_FOUND}, ["/box/{id}"]),
        ({"/box/other": USER, "/box/none": NOT_FOUND}, ["/box/none", "/box/other"]),
    ],
)  # fmt: skip
def test_templates(seen: dict[str, Look], expected: list[str]) -> None:
    assert templates(seen) == sorted(expected)


def test_a_name_that_was_collapsed_is_a_parameter() -> None:
    found = find_templates({("users", ANY): {"GET": USER}, ("users", "{int}"): {"GET": USER}})
    assert [(one.path, one.skeletons) for one in found] == [("/users/{user}", (("users", "{*}"), ("users", "{int}")))]


def test_what_is_done_with_a_thing_is_no_value() -> None:
    done = ("follow", "unfollow", "mute", "unmute")
    posted: dict[Path, dict[str, Look]] = {skeleton(f"/accounts/7/{name}"): {"POST": USER} for name in done}
    assert [one.path for one in find_templates(posted)] == [f"/accounts/{{accountId}}/{name}" for name in sorted(done)]
    # What is read too, or has something below it, is a thing; so is a name with figures in it.
    read = {path: {**looks, "GET": USER} for path, looks in posted.items()}
    assert [one.path for one in find_templates(read)] == ["/accounts/{accountId}/{name}"]
    figures: dict[Path, dict[str, Look]] = {skeleton(f"/accounts/7/{name}9-a-b"): {"POST": USER} for name in done}
    assert [one.path for one in find_templates(figures)] == ["/accounts/{accountId}/{name}"]


def test_what_many_things_have_by_the_same_names_are_parts_of_each() -> None:
    # Alike in what they answer, as the orders of one list are.
    lists = {f"/r/{one}/{order}": ISSUE for one in ("python", "rust", "perl") for order in ("glowing", "heard", "loud")}
    assert templates(lists) == ["/r/{r}/glowing", "/r/{r}/heard", "/r/{r}/loud"]
    # ... where things have names of their own, but for a copy, these are values.
    own = {"/r/jane/sky": REPO, "/r/jane/sea": REPO, "/r/john/sky": REPO, "/r/john/sun": REPO, "/r/jack/ice": REPO}
    assert templates(own) == ["/r/{r}/{name}"]


def test_procedures_where_an_api_begins_are_no_values() -> None:
    done = [f"{verb}_{what}" for verb in ("hide", "show", "lock", "free") for what in ("post", "note", "user")]
    for begin in ("/api", "/rpc", "/api/v1", "/v1/rest"):
        posted: dict[Path, dict[str, Look]] = {skeleton(f"{begin}/{name}"): {"POST": USER} for name in done}
        assert [one.path for one in find_templates(posted)] == [f"{begin}/{name}" for name in sorted(done)]


def test_what_is_done_with_a_thing_is_no_part_of_its_name() -> None:
    asked = {
        "/v1beta/models": "GET", "/v1beta/models/gemini-2.5-flash": "GET", "/v1beta/models/embedder": "GET",
        "/v1beta/models/gemini-2.5-flash:generateContent": "POST", "/v1beta/models/embedder:embedContent": "POST",
        "/v1/documents:annotate": "POST", "/v1/operations/7:cancel": "POST", "/v1/projects/mine:setPolicy": "POST",
        "/v4/sheets/7/values/A1:B2": "GET", "/v4/sheets/7/values/A1:append": "POST",
        "/v4/sheets/7/values:batchGet": "GET", "/v4/sheets/7:batchUpdate": "POST",
        # tags of images, which nobody sends
        "/images/python:latest": "DELETE", "/images/python:latest/json": "GET",
    }  # fmt: skip
    found: dict[Path, dict[str, Look]] = {}
    for path, method in asked.items():
        found.setdefault(skeleton(path), {})[method] = USER
    assert [one.path for one in find_templates(found)] == [
        "/images/{image}", "/images/{image}/json", "/v1/documents:annotate", "/v1/operations/{id}:cancel",
        "/v1/projects/{project}:setPolicy", "/v1beta/models", "/v1beta/models/{model}",
        "/v1beta/models/{model}:embedContent", "/v1beta/models/{model}:generateContent",
        "/v4/sheets/{id}:batchUpdate", "/v4/sheets/{sheetId}/values/{value}",
        "/v4/sheets/{sheetId}/values/{value}:append", "/v4/sheets/{sheetId}/values:batchGet",
    ]  # fmt: skip


def test_two_words_beside_numbers_are_no_value() -> None:
    own = MEMBER | {".source", ".role"}
    assert templates({"/accounts/7": MEMBER, "/accounts/verify_credentials": own}) == [
        "/accounts/verify_credentials", "/accounts/{id}",
    ]  # fmt: skip
    assert templates({"/accounts/7": MEMBER, "/accounts/jane": own}) == ["/accounts/{account}"]
    named = {"/accounts/jane": MEMBER, "/accounts/john": MEMBER, "/accounts/jack_doe": own}
    assert templates(named) == ["/accounts/{account}"]


def test_each_skeleton_belongs_to_one_template() -> None:
    seen = {skeleton(f"/users/{name}/posts"): {"GET": POST} for name in ("jane", "john", "7", "8", "me")}
    found = find_templates(seen)
    assert sorted(one for template in found for one in template.skeletons) == sorted(seen)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("posts", "post"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("classes", "class"),
        ("people", "person"),
        ("news", "news"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("user", "user"),
        ("gas", "ga"),
        ("is", "is"),
    ],
)
def test_singular(word: str, expected: str) -> None:
    assert singular(word) == expected
