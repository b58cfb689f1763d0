"""What the options of a run say: whether they fit together, and what begins with them."""

from __future__ import annotations

import pytest

from lookalike.pytest_plugin import Watch
from lookalike.pytest_plugin.options import FLOORS

# Options that say nothing in other modes.
_MODES_OF = {
    "--lookalike-budget": ("verify",),
    "--lookalike-har": ("record",),
    "--lookalike-strict": ("audit",),
    "--lookalike-unsafe": ("live", "record"),
}


def begin(config: pytest.Config, watching: Watch) -> None:
    """Begin what the options say. Raises pytest.UsageError for options that don't fit together."""
    _check(config)
    option = config.getoption
    if covers(config):
        from lookalike.pytest_plugin.coverage import kept_for

        watching.coverage = kept_for(config)
    if option("lookalike_mode") in ("verify", "audit") or option("lookalike_uses"):
        from lookalike.pytest_plugin import reading

        reading.begin(config, watching)
    if option("lookalike_mode") == "audit":
        from lookalike.pytest_plugin import audit

        audit.begin(config)
    watching.close_with_the_run()


def _check(config: pytest.Config) -> None:
    """Refuse an option that this run can't heed, where it was typed: `addopts` says it for the runs in its mode.

    Raises pytest.UsageError, which says what to add.
    """
    mode = config.getoption("lookalike_mode")
    typed = {str(one).partition("=")[0] for one in config.invocation_params.args}
    for option, modes in _MODES_OF.items():
        if option in typed and mode not in modes and not hasattr(config, "workerinput"):
            known = " or ".join(f"--lookalike={one}" for one in modes)
            raise pytest.UsageError(
                f"{option} is for {known}, and says nothing with --lookalike={mode}\n"
                f"Next: add {known}, or leave {option} out"
            )
    page = config.getoption("lookalike_report")
    if page and not page.lower().endswith((".html", ".htm")):
        raise pytest.UsageError(
            f"--lookalike-report {page}: what is written is a page of HTML\nNext: let the name end in .html"
        )
    if config.getoption("lookalike_budget") < 0:
        raise pytest.UsageError(
            f"--lookalike-budget={config.getoption('lookalike_budget')} is no number of requests\n"
            "Next: write 0 or more, --lookalike-budget=200"
        )


def asks_for_coverage(config: pytest.Config) -> bool:
    """Whether an option asks how much the run covers."""
    floors = (config.getoption(f"lookalike_{one}_floor") for one in FLOORS)
    return bool(config.getoption("lookalike_coverage")) or any(floor is not None for floor in floors)


def covers(config: pytest.Config) -> bool:
    """Whether the run counts what it covers: somebody asks for it, or for a page that would be empty without it."""
    page = config.getoption("lookalike_report") and config.getoption("lookalike_mode") in ("mock", "record")
    return bool(page) or asks_for_coverage(config)
