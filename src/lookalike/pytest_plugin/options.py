"""The command line's options. Imports only pytest, as every run pays for it."""

from __future__ import annotations

import argparse

import pytest

MODES = {
    "mock": "doubles answer (default)",
    "verify": "doubles answer, and the real API is asked the same on the side",
    "live": "the real API answers tests marked real_api, and is held to the contract",
    "record": "as live, and the answers are learned",
    "audit": "whatever mocks the suite has answer, and what they answer is held to the contracts",
}

MARKERS = {
    "real_api(*apis)": "the test may reach the real API; skipped while SKIP_REAL says so, or when one of the APIs "
    "(names, contracts or base URLs) can't be reached",
    "replay_api(api, *recordings, base_url=, record=, ...)": "the test gets what was recorded, as the fixture "
    "replay_api gives it; without a recording its own, cassettes/MODULE/TEST.har",
    "lookalike(unmatched=, unused=, swallowed=, exhausted=, ordered=)": "how strict the mocks of the test are, as "
    "api.mock() takes it",
}

BUDGET = 200

FLOORS = {
    "operations": ("--lookalike-coverage-fail-under", "the tests call less than N percent of the operations"),
    "statuses": (
        "--lookalike-coverage-statuses-fail-under",
        "the tests meet less than N percent of the statuses that contracts name",
    ),
    "places": (
        "--lookalike-coverage-places-fail-under",
        "the answers that tests receive have less than N percent of the places that contracts name",
    ),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("lookalike", "lookalike: doubles of third-party APIs")
    group.addoption(
        "--lookalike", type=_mode, default="mock", dest="lookalike_mode", metavar="MODE",
        help="who answers the code under test: " + "; ".join(f"{mode}: {what}" for mode, what in MODES.items()),
    )  # fmt: skip
    group.addoption(
        "--lookalike-unsafe", action="store_true", dest="lookalike_unsafe",
        help="in the modes live and record, also let methods other than GET and HEAD reach the real API",
    )  # fmt: skip
    group.addoption(
        "--lookalike-budget", type=int, default=BUDGET, metavar="N", dest="lookalike_budget",
        help="in the mode verify, ask each real API at most so many requests (default: 200)",
    )  # fmt: skip
    group.addoption(
        "--lookalike-network", choices=("block", "open"), default=None, dest="lookalike_network",
        help="whether tests may reach more than this machine (default: `network` of [tool.lookalike], else open)",
    )  # fmt: skip
    group.addoption(
        "--lookalike-har", metavar="DIR", dest="lookalike_har",
        help="in the mode record, keep the traffic too: as HAR, redacted, a file an API",
    )  # fmt: skip
    group.addoption(
        "--lookalike-orphans", metavar="DIR", action="append", dest="lookalike_orphans",
        help="fail where a recording in this folder is replayed by no test of the run",
    )  # fmt: skip
    group.addoption(
        "--lookalike-record", choices=("none", "once", "new_episodes", "all"), default=None, dest="lookalike_record",
        metavar="MODE", help="record= of every api.replay() of one file: none, once, new_episodes or all",
    )  # fmt: skip
    group.addoption(
        "--lookalike-mocks", metavar="FILE", dest="lookalike_mocks",
        help="write the declared replies there, for `lookalike verify` (default: .lookalike/mocks.ndjson where "
        "pyproject.toml has a [tool.lookalike])",
    )  # fmt: skip
    group.addoption(
        "--lookalike-coverage", action="store_true", dest="lookalike_coverage",
        help="show which operations of each mocked API the tests mock and call, and which statuses they meet",
    )  # fmt: skip
    for measure, (option, help_) in FLOORS.items():
        group.addoption(
            option, type=_percent, metavar="N", dest=f"lookalike_{measure}_floor",
            help=f"fail where {help_} (default: `{measure}` of [tool.lookalike.coverage], with --lookalike-coverage)",
        )  # fmt: skip
    group.addoption(
        "--lookalike-uses", action="store_true", dest="lookalike_uses",
        help="note which places of the answers the tests read, for `lookalike uses` and `lookalike verify`; the "
        "modes verify and audit do so too",
    )  # fmt: skip
    group.addoption(
        "--lookalike-report", metavar="FILE.html", dest="lookalike_report",
        help="write what the mode audit, verify or live found, and the coverage, as one page",
    )  # fmt: skip
    group.addoption(
        "--lookalike-strict", action="store_true", dest="lookalike_strict",
        help="in the mode audit, fail each test that received an answer which its contract forbids",
    )  # fmt: skip


def says_something(config: pytest.Config) -> bool:
    """Whether an option of ours is typed, or stands in `addopts` with more than its default."""
    if any(str(one).startswith("--lookalike") for one in config.invocation_params.args):
        return True
    values = [value for name, value in vars(config.option).items() if name.startswith("lookalike_")]
    # A floor of 0 is said too, and equals False.
    return any(value is not None and value is not False and value not in ("mock", BUDGET) for value in values)


def _mode(text: str) -> str:
    if text in MODES:
        return text
    from lookalike.config import nearest

    raise argparse.ArgumentTypeError(f"{text!r} is no mode; {nearest(text, MODES)}write one of {', '.join(MODES)}")


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage; write a number from 0 to 100")
    return value
