"""Options that a run can't heed are refused before it begins, with what to write."""

from __future__ import annotations

import pytest

PLAIN = ("-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:cacheprovider")
ONLY = "--lookalike-strict is for --lookalike=audit, and says nothing with --lookalike="


def ran(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    pytester.makepyfile("def test_one():\n    pass\n")
    return pytester.runpytest_inprocess(*PLAIN, *options)


@pytest.mark.parametrize(
    ("options", "problem", "next_step"),
    [
        (["--lookalike-strict"], f"{ONLY}mock", "Next: add --lookalike=audit, or leave --lookalike-strict out"),
        (["--lookalike-strict", "--lookalike=verify"], f"{ONLY}verify", "Next: add --lookalike=audit, *"),
        (["--lookalike-har=kept"], "--lookalike-har is for --lookalike=record, *", "Next: add --lookalike=record, *"),
        (["--lookalike-har", "kept"], "--lookalike-har is for --lookalike=record, *", "Next: *"),
        (["--lookalike-unsafe"], "--lookalike-unsafe is for --lookalike=live or --lookalike=record, *",
         "Next: add --lookalike=live or --lookalike=record, *"),
        (["--lookalike-budget=9"], "--lookalike-budget is for --lookalike=verify, *", "Next: add --lookalike=verify*"),
        (["--lookalike-budget=-1", "--lookalike=verify"], "--lookalike-budget=-1 is no number of requests",
         "Next: write 0 or more, --lookalike-budget=200"),
        (["--lookalike-report=run.json"], "--lookalike-report run.json: what is written is a page of HTML",
         "Next: let the name end in .html"),
    ],
)  # fmt: skip
def test_what_to_write_instead(options: list[str], problem: str, next_step: str, pytester: pytest.Pytester) -> None:
    result = ran(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {problem}", f"*{next_step}"])
    assert "test_one" not in result.stdout.str()


def test_a_mode_that_is_nearly_right_is_named(pytester: pytest.Pytester) -> None:
    result = ran(pytester, "--lookalike=adit")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--lookalike: 'adit' is no mode; did you mean \"audit\"? write one of mock, *"])


@pytest.mark.parametrize(
    "options",
    [
        ["--lookalike-strict", "--lookalike=audit"],
        ["--lookalike-har=kept", "--lookalike=record"],
        ["--lookalike-unsafe", "--lookalike=live"],
        ["--lookalike-budget=0", "--lookalike=verify"],
        ["--lookalike-strict", "--lookalike=audit", "-p", "xdist", "-n1"],
    ],
)
def test_in_their_mode_they_are_taken(options: list[str], pytester: pytest.Pytester) -> None:
    ran(pytester, *options).assert_outcomes(passed=1)


def test_what_a_project_always_says_is_for_the_runs_in_its_mode(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --lookalike-strict --lookalike-budget=50\n")
    ran(pytester).assert_outcomes(passed=1)
