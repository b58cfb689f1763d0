"""One target under atheris: `python -m tests.fuzz.target NAME [libFuzzer's arguments]`."""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-untyped]  # it is in no environment that is checked

with atheris.instrument_imports(include=["lookalike"]):
    from tests.fuzz.harness import TARGETS


def main() -> None:
    name, *arguments = sys.argv[1:]
    target = TARGETS[name]
    # libFuzzer starts itself again for -merge, by a shell and this first word.
    itself = f"{sys.executable} -m tests.fuzz.target {name}"
    atheris.Setup([itself, f"-max_len={target.longest}", *arguments], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
