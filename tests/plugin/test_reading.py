"""`--lookalike-uses`: what tests read is kept beside the project, also by pytest-xdist's workers."""

import pytest

from lookalike.api.reads_file import read_reads, write_reads
from lookalike.contract.reads import Reader, Reads
from lookalike.errors import FileError

SUITE = """
import lookalike, requests

def title(number):
    return requests.get(f"https://jsonplaceholder.typicode.com/todos/{number}").json()["title"]

def test_title(mock_api):
    mock_api("jsonplaceholder").get("/todos/1").respond_like()
    assert title(1)

def test_nothing_is_left():
    import json
    assert json.JSONDecoder.decode.__module__ in ("json.decoder", "lookalike.reads.attach")
"""


@pytest.mark.parametrize("more", [(), ("-n2",)])
def test_reads_are_kept_by_operation(pytester: pytest.Pytester, more: tuple[str, ...]) -> None:
    pytester.makepyfile(test_it=SUITE)
    result = pytester.runpytest_subprocess("--lookalike-uses", "-p", "no:randomly", *more)
    result.assert_outcomes(passed=2)
    reads = read_reads(pytester.path / ".lookalike" / "reads.ndjson")["jsonplaceholder"]
    assert reads.readers("GET /todos/{id}", "json.title") == (Reader("test_it.py::test_title", "test_it.py:4", True),)
    assert reads.used("GET /todos/{id}", "json.completed") == "unseen"


def test_what_ran_before_stays_while_its_file_does(pytester: pytest.Pytester) -> None:
    path = pytester.path / "reads.ndjson"
    for test in ("a", "b"):
        reads = Reads()
        reads.received("GET /a", test)
        reads.note("GET /a", (".x",), "x.py:1", [test], own=True)
        write_reads(path, {"api": reads}, keep=lambda one: one == "a")
    assert read_reads(path)["api"].tests == {"GET /a": {"a", "b"}}
    write_reads(path, {})
    assert read_reads(path) == {}
    path.write_text("{}\n")
    with pytest.raises(FileError, match="line 1"):
        read_reads(path)


def test_a_key_that_is_not_there_fails_the_tests_own_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import requests

        def test_title(mock_api):
            mock_api("jsonplaceholder").get("/todos/1").respond_like()
            body = requests.get("https://jsonplaceholder.typicode.com/todos/1", timeout=5).json()
            assert body["titel"]
        """
    )
    result = pytester.runpytest_inprocess("--lookalike-uses", "-p", "no:randomly", "--color=no")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['>       assert body[[]"titel"[]]', "*KeyError: 'titel'", "test_*.py:6: KeyError"])
    result.stdout.no_fnmatch_line("*tracked.py*")
