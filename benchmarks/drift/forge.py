"""A place for code: items and lists in pages with Link and ETag, events of many types, search results."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.drift.endpoints import BASE, Endpoint, Made, Union
from benchmarks.drift.values import digest, maybe, moment, number, slug, some, words

_TOPICS = ("cli", "web", "data", "http", "mocks", "testing", "async")


def _tagged(random: Random) -> tuple[str, str]:
    return "ETag", f'W/"{digest(random)}"'


def _paged(random: Random, path: str) -> tuple[str, str]:
    page = random.randrange(2, 90)
    return "Link", f'<{BASE}{path}?page={page + 1}>; rel="next", <{BASE}{path}?page=99>; rel="last"'


def _person(random: Random) -> dict[str, Any]:
    login = slug(random)
    return {
        "login": login,
        "id": number(random),
        "avatar_url": f"https://img.planted.test/u/{number(random)}?v=4",
        "html_url": f"https://planted.test/{login}",
        "type": "Organization" if random.random() < 0.3 else "User",
        "site_admin": random.random() < 0.1,
    }


def _repository(random: Random) -> dict[str, Any]:
    name = slug(random)
    return {
        "id": number(random, 9),
        "node_id": f"R_{digest(random)[:12]}",
        "name": name,
        "private": random.random() < 0.2,
        "owner": _person(random),
        "description": maybe(random, words(random), 0.8),
        "fork": random.random() < 0.3,
        "homepage": maybe(random, f"https://{name}.test", 0.4),
        "size": number(random, 5),
        "stargazers_count": number(random, 4),
        "language": maybe(random, random.choice(["Python", "Go", "C"]), 0.9),
        "topics": random.sample(_TOPICS, random.randrange(4)),
        "mirror_url": None,
        "license": maybe(random, {"key": "mit", "name": "MIT License", "spdx_id": "MIT"}, 0.7),
        "default_branch": random.choice(["main", "main", "master"]),
        "pushed_at": moment(random),
        "created_at": moment(random, 2021),
        "permissions": {"admin": False, "push": random.random() < 0.4, "pull": True},
    }


def _repository_answer(random: Random) -> Made:
    path = f"/repos/{number(random, 9)}"
    if random.random() < 0.15:
        return Made(path, {"message": "Not Found", "documentation_url": "https://planted.test/docs", "code": 1044}, 404)
    return Made(path, _repository(random), headers=[_tagged(random)])


def _repositories(random: Random) -> Made:
    found = [_repository(random) for _ in range(random.randint(3, 8))]
    headers = [_tagged(random), _paged(random, "/repos")]
    return Made(f"/repos?page={number(random, 4)}&per_page=8", found, headers=headers)


def _issue(random: Random) -> Made:
    closed = random.random() < 0.5
    labels = [
        {"id": number(random), "name": random.choice(_TOPICS), "color": digest(random)[:6], "default": False}
        for _ in range(random.randrange(4))
    ]
    body = {
        "number": number(random, 4),
        "title": words(random),
        "state": "closed" if closed else "open",
        "locked": random.random() < 0.1,
        "user": _person(random),
        "assignee": maybe(random, _person(random), 0.4),
        "labels": labels,
        "comments": random.randrange(30),
        "created_at": moment(random),
        "closed_at": moment(random) if closed else None,
        "body": maybe(random, words(random, 8, 30), 0.9),
        "reactions": {"total_count": random.randrange(9), "heart": random.randrange(4), "eyes": random.randrange(3)},
        **some(random, 0.5, milestone_title=words(random), milestone_due=moment(random)),
    }
    return Made(f"/issues/{number(random)}", body, headers=[_tagged(random)])


def _commit(random: Random) -> dict[str, Any]:
    who = {"name": words(random, 2, 2), "email": "<EMAIL>", "date": moment(random)}
    return {
        "sha": digest(random),
        "message": words(random),
        "author": who,
        "committer": dict(who),
        "tree": {"sha": digest(random), "url": f"{BASE}/trees/{digest(random)}"},
        "parents": [{"sha": digest(random)} for _ in range(random.randint(1, 2))],
        "verification": {"verified": random.random() < 0.6, "reason": random.choice(["valid", "unsigned"])},
        "stats": {"additions": random.randrange(500), "deletions": random.randrange(300)},
    }


def _commits(random: Random) -> Made:
    path = f"/repos/{number(random, 9)}/commits"
    found = [_commit(random) for _ in range(random.randint(4, 9))]
    return Made(f"{path}?page={number(random, 3)}", found, headers=[_paged(random, path)])


def _event(random: Random) -> dict[str, Any]:
    kind = random.choice(["push", "fork", "release"])
    payload: dict[str, Any] = {
        "push": {"ref": f"refs/heads/{slug(random)}", "size": random.randrange(1, 9)},
        "fork": {"forkee": number(random, 9), "forkee_name": slug(random)},
        "release": {"tag_name": f"v{random.randrange(9)}.{random.randrange(20)}", "draft": False},
    }[kind]
    return {
        "id": str(number(random, 11)),
        "type": kind,
        "actor": _person(random),
        "created_at": moment(random),
        **payload,
    }


def _events(random: Random) -> Made:
    found = [_event(random) for _ in range(random.randint(12, 20))]
    return Made(f"/events?page={number(random, 4)}", found, headers=[_paged(random, "/events")])


def _search(random: Random) -> Made:
    items = [
        {
            "name": f"{slug(random)}.py",
            "path": f"src/{slug(random)}.py",
            "sha": digest(random),
            "score": round(random.random() * 20, 4) + 0.00005,
            "repository": {"id": number(random, 9), "name": slug(random)},
            **some(random, 0.4, text_matches=[{"fragment": words(random), "indices": [3, 9]}]),
        }
        for _ in range(random.randint(4, 10))
    ]
    body = {"total_count": number(random, 5), "incomplete_results": random.random() < 0.1, "items": items}
    return Made(f"/search/code?q={slug(random)}", body)


def _limits(random: Random) -> Made:
    def one() -> dict[str, int]:
        return {"limit": 5000, "used": random.randrange(5000), "reset": 1_760_000_000 + number(random)}

    return Made(f"/limits?at={number(random)}", {"resources": {"core": one(), "search": one(), "graph": one()}})


def _user(random: Random) -> Made:
    body = {
        **_person(random),
        "name": maybe(random, words(random, 2, 2), 0.8),
        "company": maybe(random, words(random), 0.4),
        "bio": maybe(random, words(random), 0.5),
        "followers": number(random, 3),
        "created_at": moment(random, 2019),
        "plan": {
            "name": random.choice(["free", "pro", "team"]),
            "space": number(random, 6),
            "seats": number(random, 2),
        },
    }
    return Made(f"/users/{number(random)}", body, headers=[_tagged(random)])


ENDPOINTS = (
    Endpoint("GET /repos/{}", _repository_answer, enums=("json.default_branch",)),
    Endpoint("GET /repos", _repositories, enums=("json[].language", "json[].owner.type")),
    Endpoint(
        "GET /issues/{}", _issue, enums=("json.state",), together=(("json.milestone_title", "json.milestone_due"),)
    ),
    Endpoint("GET /repos/{}/commits", _commits, enums=("json[].verification.reason",)),
    Endpoint("GET /events", _events, unions=(Union("json[]", "type", ("push", "fork", "release")),)),
    Endpoint("GET /search/code", _search, tuples=(), avoid=("json.items[].text_matches",)),
    Endpoint("GET /limits", _limits),
    Endpoint("GET /users/{}", _user, enums=("json.plan.name",)),
)
