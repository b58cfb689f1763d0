"""The command line: the same verbs as in Python."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

_NEEDED = ("typer", "rich")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with `arguments`, or with the program's own; ends in SystemExit with the exit code.

    0 fine, 1 drift, 2 usage, 3 unreachable, 4 credentials refused.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}, which a test suite doesn't pay for. Install it with:\n"
            "  pip install 'lookalike[cli]'\n"
        )
        sys.exit(2)
    try:
        from lookalike.cli.app import run

        code = run(arguments)
    except KeyboardInterrupt:
        code = 130  # 128 and the signal, as shells count
    sys.exit(code)
