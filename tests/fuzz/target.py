"""One target under atheris: `python -m tests.fuzz.target NAME [libFuzzer's arguments]`."""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-untyped]  # it is in no environment that is checked

with atheris.instrument_imports(include=["lookalike"]):
    from tests.fuzz.harness import TARGETS


def main() -> None:
    name, *arguments = sys.argv[1:]
    target = TARGETS[name]
    atheris.Setup([sys.argv[0], f"-max_len={target.longest}", *arguments], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
