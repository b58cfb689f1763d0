"""The seam at child processes: while a double is active they inherit proxy variables that lead nowhere.

Only the child's environment is changed, never this process's: clients here that read proxies from it (requests, httpx
when a client is made, urllib) aren't disturbed, and a client made meanwhile keeps no dead proxy. Children of
`subprocess` (so asyncio's too) and of uvloop are led there; those of `os.system`, `os.posix_spawn` and of
multiprocessing's start methods other than `fork` are not (a forked child has its parent's doubles).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any

from lookalike import passage
from lookalike.intercept import active, dead_end
from lookalike.intercept.chosen import SOCKETS
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches

_ENV = 10  # where `env` is among the positional arguments of Popen, behind the program


def environment(given: Mapping[Any, Any] | None) -> Mapping[Any, Any] | None:
    """The environment for a child that would get this one; None stands for this process's.

    A proxy on this machine that only the child was given is its own matter, a debugging proxy say.
    """
    if passage.is_open():
        return given
    mine = dict(os.environ)
    known = mine if given is None else {os.fsdecode(name): os.fsdecode(value) for name, value in given.items()}
    proxies = {known[name] for name in dead_end.NAMES if known.get(name) and known[name] != mine.get(name)}
    if any(dead_end.is_here(one) for one in proxies):
        return given
    values = dead_end.variables(known, active.seen(SOCKETS))
    return {**known, **values} if values else given


def _starting(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def start(popen: Any, args: Any, *rest: Any, **options: Any) -> None:
        if active.any_active(SOCKETS):
            if len(rest) >= _ENV:
                rest = (*rest[: _ENV - 1], environment(rest[_ENV - 1]), *rest[_ENV:])
            else:
                options["env"] = environment(options.get("env"))
        original(popen, args, *rest, **options)

    return start


def _spawning(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def spawn(loop: Any, *args: Any, **options: Any) -> Any:
        if active.any_active(SOCKETS):
            options["env"] = environment(options.get("env"))
        return await original(loop, *args, **options)

    return spawn


def install() -> Callable[[], None]:
    """Lead children nowhere; returns how to let them go again."""
    patches = Patches()

    def hook(library: ModuleType) -> None:
        popen: Any = library.Popen
        patches.set(popen, "__init__", _starting(popen.__init__))

    def hook_uvloop(library: ModuleType) -> None:
        loop: Any = library.Loop
        for name in ("subprocess_exec", "subprocess_shell"):
            patches.set(loop, name, _spawning(getattr(loop, name)))

    stops = [when_imported("subprocess", hook), when_imported("uvloop", hook_uvloop)]

    def undo() -> None:
        for stop in stops:
            stop()
        patches.undo()

    return undo
