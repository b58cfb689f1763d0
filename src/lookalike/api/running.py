"""The doubles that are running, so that one which nobody stops is told of with the line that started it."""

from __future__ import annotations

import atexit
import os
import warnings
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lookalike.api import watch
from lookalike.api.beside import Beside
from lookalike.double.source import Place
from lookalike.errors import NeverStopped
from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.api.session import Session

__tracebackhide__ = True


@dataclass(slots=True, eq=False)
class Running:
    """One double that was started.

    place:   the line that started it
    holder:  the patcher that can stop it, or None where what runs around a test ends it
    owner:   what the watcher says it belongs to: a test, or what a wider fixture is for
    process: a child process that was forked has its parent's doubles, and none of its duties
    beside:  the others of the same API meanwhile
    """

    session: Session[Any]
    place: Place
    holder: weakref.ref[Any] | None
    owner: object
    process: int
    told: bool = False
    beside: Beside = field(default_factory=Beside)

    @property
    def is_lost(self) -> bool:
        """Whether nobody can stop it any more."""
        return self.holder is not None and self.holder() is None

    def __str__(self) -> str:
        double = self.session.double
        return f"the {type(double).__name__.lower()} of {double.name} that was started at {self.place}"


# In the order in which they were started, each under its session's identity.
_running: dict[int, Running] = {}
_at_exit = False


def begin(session: Session[Any], place: Place, holder: object = None) -> None:
    """A double is about to start; warns of a lost one for the same host, which still answers what this one doesn't."""
    global _at_exit
    for one in [one for one in list(_running.values()) if one.is_lost and not one.told]:
        if _same_host(one.session.double.base_url, session.double.base_url):
            one.told = True
            warnings.warn_explicit(
                f"{one} was never stopped, and is active around the one that starts here.\n{NEXT}",
                NeverStopped, place.file, place.line,
            )  # fmt: skip
    if not _at_exit:
        _at_exit = True
        atexit.register(_report)
    reference = weakref.ref(holder) if holder is not None else None
    owner = getattr(watch.current(), "owner", None)
    begun = Running(session, place, reference, owner, os.getpid())
    double = session.double
    for one in list(_running.values()):
        if _same_host(one.session.double.base_url, double.base_url):
            one.beside.begins(double, place)
            begun.beside.begins(one.session.double, one.place)
    _running[id(session)] = begun
    # Those that can be asked too little have a place for it.
    if hasattr(double, "beside"):
        double.beside = begun.beside


def end(session: Session[Any]) -> None:
    """A double ended."""
    if _running.pop(id(session), None) is not None:
        for one in list(_running.values()):
            one.beside.ends(session.double)


def left() -> list[Running]:
    """What this process started and nobody has stopped, the newest first."""
    here = os.getpid()
    return [one for one in reversed(list(_running.values())) if one.process == here]


NEXT = "Next: call stop() on its patcher (in tearDown, or by addCleanup), or use `with`, which can't forget it."


def _same_host(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return _authority(one) == _authority(other)


def _authority(url: str) -> tuple[str, int]:
    parts = split_url(url)
    return parts.host, parts.port


def _report() -> None:
    """The interpreter ends: tell of each double that is still running, at the line that started it."""
    for one in reversed(left()):
        # Under `-W error` one that raises would hide the others.
        try:
            warnings.warn_explicit(
                f"{one} was never stopped, so nobody heard what went wrong inside and what wasn't used.\n{NEXT}",
                NeverStopped, one.place.file, one.place.line,
            )  # fmt: skip
        except NeverStopped as warning:
            print_at_exit(warning, one.place)


def print_at_exit(warning: Warning, place: Place) -> None:
    """Show a warning that was made an error where nobody is left to catch it."""
    import sys

    sys.stderr.write(f"{place}: {type(warning).__name__}: {warning}\n")
