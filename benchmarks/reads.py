"""What tracking of reads costs a mocked suite: the same tests with and without it, in turn, and the medians.

python -m benchmarks.reads
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import pytest

TESTS = 300
ROUNDS = 7
_SUITE = f"""
import lookalike, pytest, requests
API = lookalike.Api("jsonplaceholder")
with API.fake():
    USERS = requests.get("https://jsonplaceholder.typicode.com/users").json()[:5]
    TODOS = requests.get("https://jsonplaceholder.typicode.com/todos").json()[:20]

@pytest.mark.parametrize("number", range({TESTS}))
def test_reads(mock_api, number):
    mock = mock_api(API)
    mock.get("/users").respond(json=USERS)
    mock.get("/todos").respond(json=TODOS)
    session = requests.Session()
    users = session.get("https://jsonplaceholder.typicode.com/users").json()
    todos = session.get("https://jsonplaceholder.typicode.com/todos").json()
    assert len([todo["title"] for todo in todos if todo["userId"] or not todo["completed"]]) <= 20
    assert all(user["address"]["geo"]["lat"] and user["company"]["name"] and user.get("email") for user in users)
"""


def measure(rounds: int = ROUNDS) -> tuple[float, float]:
    """Seconds of a run without and with tracking: medians of interleaved runs, each in a process of its own."""
    import subprocess

    taken: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_suite.py").write_text(_SUITE, "utf-8")
        for _ in range(rounds):
            for on in (False, True):
                arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", *(["--lookalike-uses"] if on else [])]
                began = time.perf_counter()
                ended = subprocess.run(
                    [sys.executable, "-m", "pytest", *arguments],
                    cwd=folder,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if ended.returncode != pytest.ExitCode.OK:
                    raise SystemExit(ended.stdout[-2000:])
                taken[on].append(time.perf_counter() - began)
    return statistics.median(taken[False]), statistics.median(taken[True])


def main() -> None:
    """Print both, and what the one is over the other."""
    without, with_it = measure()
    print(
        f"{TESTS} mocked tests: {without:.2f} s; with tracking of reads {with_it:.2f} s ({with_it / without - 1:+.1%})"
    )


if __name__ == "__main__":
    main()
