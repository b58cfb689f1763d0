"""How long learning takes: lookalike (parsing included), GenSON (parsing included), and orjson's parsing alone.

    python benchmarks/learning.py [--quick]

Two inputs, made on the spot and always the same: flat todos, and deeply nested events of several kinds. CPU time of one
process, medians of interleaved rounds. `lookalike` keeps every statistic; GenSON keeps types and required keys. The
target: parsing and learning together take at most 3 times the parser's own time.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import orjson
from genson import SchemaBuilder

from lookalike.shape.learn import learn

TARGET = 3.0
ROUNDS = 5
Lines = Sequence[bytes]

_WORDS = [
    "delectus", "aut", "autem", "quis", "ut", "nam", "facilis", "et", "officia", "qui", "fugiat", "veniam", "minus",
    "laboriosam", "mollitia", "enim",
]  # fmt: skip


def todos(n: int) -> list[bytes]:
    """`n` flat objects, one a body."""
    rng = random.Random(1)
    return [
        orjson.dumps(
            {
                "userId": index // 20 + 1,
                "id": index + 1,
                "title": " ".join(rng.choices(_WORDS, k=rng.randint(2, 8))),
                "completed": rng.random() < 0.45,
            }
        )
        for index in range(n)
    ]


def _person(rng: random.Random) -> dict[str, Any]:
    number = rng.randrange(10**6)
    return {
        "id": number,
        "login": f"user{number}",
        "url": f"https://api.example.com/users/user{number}",
        "html_url": f"https://example.com/user{number}",
        "avatar_url": f"https://avatars.example.com/u/{number}?v=4",
        "type": rng.choice(["User", "User", "Organization"]),
        "site_admin": rng.random() < 0.02,
    }


def _moment(rng: random.Random) -> str:
    return f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:07Z"


def _payload(kind: str, rng: random.Random) -> dict[str, Any]:
    if kind == "PushEvent":
        return {
            "push_id": rng.randrange(10**10),
            "ref": "refs/heads/main",
            "commits": [
                {
                    "sha": f"{rng.getrandbits(160):040x}",
                    "author": {"name": rng.choice(_WORDS), "email": f"{rng.choice(_WORDS)}@example.com"},
                    "message": " ".join(rng.choices(_WORDS, k=rng.randint(3, 30))),
                    "distinct": rng.random() < 0.9,
                    "url": f"https://api.example.com/repos/{rng.choice(_WORDS)}/commits/{rng.getrandbits(160):040x}",
                    "stats": {
                        "total": rng.randrange(500),
                        "files": [{"name": "a.py", "lines": [1, rng.randrange(99)]}],
                    },
                }
                for _ in range(rng.randint(1, 4))
            ],
        }
    if kind == "IssuesEvent":
        return {
            "action": rng.choice(["opened", "closed", "reopened"]),
            "issue": {
                "number": rng.randrange(9999),
                "html_url": f"https://example.com/{rng.choice(_WORDS)}/issues/{rng.randrange(9999)}",
                "title": " ".join(rng.choices(_WORDS, k=5)),
                "user": _person(rng),
                "labels": [{"name": rng.choice(_WORDS), "color": "d73a4a"} for _ in range(rng.randint(0, 3))],
                "milestone": None if rng.random() < 0.7 else {"title": "v1", "due_on": _moment(rng)},
                "body": None if rng.random() < 0.1 else " ".join(rng.choices(_WORDS, k=rng.randint(5, 120))),
                "closed_at": _moment(rng) if rng.random() < 0.5 else None,
            },
        }
    return {"action": "started"}


def events(n: int) -> list[bytes]:
    """`n` objects of three kinds, nested seven levels deep, with optional and nullable keys; one a body."""
    rng = random.Random(2)
    lines = []
    for index in range(n):
        kind = rng.choice(["PushEvent", "IssuesEvent", "WatchEvent"])
        event = {
            "id": str(20_000_000_000 + index),
            "type": kind,
            "actor": _person(rng),
            "repo": {
                "id": rng.randrange(10**8),
                "name": f"{rng.choice(_WORDS)}/{rng.choice(_WORDS)}",
                "owner": _person(rng),
            },
            "payload": _payload(kind, rng),
            "public": True,
            "created_at": _moment(rng),
        }
        if rng.random() < 0.4:
            event["org"] = _person(rng)
        lines.append(orjson.dumps(event))
    return lines


def _parse(lines: Lines) -> None:
    for line in lines:
        orjson.loads(line)


def _lookalike(lines: Lines) -> None:
    learn(map(orjson.loads, lines))


def _genson(lines: Lines) -> None:
    builder = SchemaBuilder()
    for line in lines:
        builder.add_object(orjson.loads(line))
    builder.to_schema()


def _cpu(run: Callable[[Lines], None], lines: Lines) -> float:
    start = time.process_time()
    run(lines)
    return time.process_time() - start


def rows(*, quick: bool = False) -> list[dict[str, Any]]:
    """One row for each input and tool: `input`, `tool`, `seconds` (median), `ratio` to the parser, `target` or None."""
    shrink = 10 if quick else 1
    inputs = {
        "200,000 flat objects": todos(200_000 // shrink),
        "20,000 nested objects": events(20_000 // shrink),
    }
    found = []
    for name, lines in inputs.items():
        taken: dict[str, list[float]] = {"orjson": [], "lookalike": [], "genson": []}
        for turn in range(ROUNDS):
            taken["orjson"].append(_cpu(_parse, lines))
            taken["lookalike"].append(_cpu(_lookalike, lines))
            if turn < (1 if quick else 3):  # Many times slower, so its median needs no more.
                taken["genson"].append(_cpu(_genson, lines))
        floor = median(taken["orjson"])
        for tool, seconds in taken.items():
            target = TARGET if tool == "lookalike" else None
            label = name if not quick else f"{name} (a tenth)"
            found.append(
                {
                    "input": label,
                    "tool": tool,
                    "seconds": median(seconds),
                    "ratio": median(seconds) / floor,
                    "target": target,
                }
            )
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Learning, side by side: parsing and learning against parsing alone.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the input")
    quick = parser.parse_args().quick
    print(f"{'input':34} {'tool':10} {'CPU s':>8} {'ratio':>7}  target")
    for row in rows(quick=quick):
        target = f"at most {row['target']:.0f}" if row["target"] else ""
        print(f"{row['input']:34} {row['tool']:10} {row['seconds']:8.3f} {row['ratio']:7.2f}  {target}".rstrip())


if __name__ == "__main__":
    main()
