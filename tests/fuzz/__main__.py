"""All targets under atheris: `python -m tests.fuzz [--seconds N] [--runs N] [--jobs N] [--keep] [TARGET...]`.

With --runs each target meets the same inputs every time (a fixed seed, nothing kept from run to run), as continuous
integration wants it; --seconds then only bounds a slow machine. Without, chance decides, and new inputs go to
`.fuzz/TARGET`, from where a later run goes on. What is a crash, a hang or eats memory goes to `.fuzz/found-TARGET-...`.
With --keep what reaches new code becomes part of the corpus: the smallest inputs that do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.fuzz.harness import CORPUS, TARGETS

FOUND = Path(".fuzz")
HANG = 10  # seconds for one input
MEMORY = 1500  # MiB of the whole process
_KEPT = 1024  # bytes of an input that is kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--runs", type=int, default=0, help="inputs for each target, the same ones each time")
    parser.add_argument("--jobs", type=int, default=2, help="targets at once")
    parser.add_argument("--keep", action="store_true", help="keep what reaches new code")
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    with ThreadPoolExecutor(options.jobs) as pool:
        codes = list(pool.map(partial(fuzz, seconds=options.seconds, runs=options.runs, keep=options.keep), names))
    failed = [name for name, code in zip(names, codes, strict=True) if code]
    print(f"{len(names) - len(failed)} of {len(names)} targets found nothing")
    for name in failed:
        print(f"{name}: see {FOUND / name}.log; put the input into {CORPUS / name} once it is understood")
    return bool(failed)


def fuzz(name: str, *, seconds: int, runs: int = 0, keep: bool = False) -> int:
    """Fuzz one target; its exit code, with the end of its log told where that isn't 0."""
    FOUND.joinpath(name).mkdir(parents=True, exist_ok=True)
    limits = [f"-timeout={HANG}", f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={FOUND}/found-{name}-"]
    if runs:
        limits += [f"-runs={runs}", "-seed=1"]
    with tempfile.TemporaryDirectory() as forgotten:
        grown = forgotten if runs else str(FOUND / name)
        code = _run(name, grown, str(CORPUS / name), f"-max_total_time={seconds}", *limits, log=f"{name}.log")
    if code == 0 and keep:
        code = _run(name, "-set_cover_merge=1", f"-max_len={_KEPT}", str(CORPUS / name), str(FOUND / name), *limits,
                    log=f"{name}-keep.log")  # fmt: skip
    print(f"{name}: {'nothing found' if code == 0 else 'FAILED'}", flush=True)
    if code:
        print("\n".join(FOUND.joinpath(f"{name}.log").read_text(errors="replace").splitlines()[-40:]), flush=True)
    return code


def _run(name: str, *arguments: str, log: str) -> int:
    with tempfile.TemporaryDirectory() as cache, FOUND.joinpath(log).open("wb") as into:
        command = [sys.executable, "-m", "tests.fuzz.target", name, *arguments]
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONHASHSEED": "0"}
        return subprocess.run(command, stdout=into, stderr=subprocess.STDOUT, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
