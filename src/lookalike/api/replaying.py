"""Replaying: recordings read and kept, what a recording mode lets pass, and the file that is written at the end."""

from __future__ import annotations

import os
import shlex
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from lookalike.api import watch
from lookalike.api.doubles import Mock
from lookalike.api.placeholders import Placeholders, check_writable
from lookalike.api.replay_plan import Plan, is_many
from lookalike.api.session import Session
from lookalike.double.recorded import Recorded, Recordings
from lookalike.double.replay import REWIND, ReplayDouble
from lookalike.double.source import caller
from lookalike.errors import DoubleError, FileError, LookalikeError, LookalikeWarning
from lookalike.messages import Exchange, Request, Response

if TYPE_CHECKING:
    from lookalike.api.api import Api
    from lookalike.double.strictness import Switches
    from lookalike.intercept.active import Scope
    from lookalike.traffic import Skipped

__tracebackhide__ = True

_KEPT = 16
_MANY = 10_000  # exchanges that are kept for the next replay of the same file
_SKIPPED = 5


class Replay(ReplayDouble, Mock):
    """Answers what was recorded; what the test declares on it, `replay.get("/todos").respond(500)`, wins."""

    def left_over(self) -> str:
        """What was recorded and not played, unless the real API answered in its place."""
        return "" if self.stands_aside else super().left_over()


# -- reading ---------------------------------------------------------------------------------------------------------

_known: OrderedDict[Hashable, Recordings] = OrderedDict()
_lock = Lock()


def recordings_of(plan: Plan) -> Recordings:
    """The recordings of a plan; read once, and again when a file changes. Raises FileError."""
    from lookalike.traffic import files

    names = files(*plan.sources)
    stamp = tuple((name, *_stamp(name)) for name in names)
    key = (stamp, plan.format, plan.comparison.identity, plan.nearest, plan.placeholders.identity)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    recorded, skipped = _read(names, plan)
    if skipped:
        more = f"; and {len(skipped) - _SKIPPED} more" if len(skipped) > _SKIPPED else ""
        told = "; ".join(map(str, skipped[:_SKIPPED])) + more
        _warn(f"left out of the replay: {told}")
    made = Recordings(recorded, plan.comparison, nearest=plan.nearest)
    if len(recorded) <= _MANY:
        with _lock:
            _known[key] = made
            while len(_known) > _KEPT:
                _known.popitem(last=False)
    return made


def _warn(told: str) -> None:
    """Warn at the line of the test that replays."""
    place = caller()
    warnings.warn_explicit(LookalikeWarning(told), LookalikeWarning, place.file, place.line)


def _stamp(name: str) -> tuple[int, ...]:
    try:
        found = os.stat(name)
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size)


def _read(names: Sequence[str], plan: Plan) -> tuple[list[Recorded], list[Skipped]]:
    from lookalike.traffic import Skipped, find, read_file

    recorded: list[Recorded] = []
    skipped: list[Skipped] = []
    named = {one.name for one in find(*plan.sources) if one.named}
    for name in names:
        before, shown, at = len(skipped), _shown(name), 0
        for exchange in read_file(name, format=plan.format, skipped=skipped.append, named=name in named):
            at += 1
            entry = at + len(skipped) - before
            if exchange.response is None and exchange.fault is None:
                skipped.append(Skipped(shown, f"entry {entry}", "nothing answered it"))
                at -= 1
                continue
            recorded.append(Recorded(plan.placeholders.from_file(exchange), shown, entry))
    return recorded, skipped


def _shown(name: str) -> str:
    from lookalike.double.source import relative

    return relative(name).replace(os.sep, "/")


# -- the age ---------------------------------------------------------------------------------------------------------


def too_old(recordings: Recordings, plan: Plan, today: date) -> str:
    """What is older than it may be, in words; empty where nothing is."""
    if plan.max_age is None:
        return ""
    limit = plan.max_age
    ages = [(one.age(today), one) for one in recordings.recorded]
    old = [(age, one) for age, one in ages if age is not None and timedelta(days=age) > limit]
    undated = [one for age, one in ages if age is None]
    told = []
    if old:
        age, oldest = max(old, key=lambda one: one[0])
        told.append(
            f"{len(old)} of {len(ages)} recordings are older than {_told(limit)}: "
            f"{oldest.place} is {age} days old ({oldest.day})."
        )
    if undated:
        told.append(
            f"{len(undated)} of {len(ages)} recordings have no date, and nobody knows when they were recorded: "
            f"{undated[0].place}."
        )
    if not told:
        return ""
    export = _export(plan)
    first = f"{export}, and replay that; then " if export else ""
    return (
        f"{' '.join(told)}\n\n"
        f'Next: {first}record anew with record="all" ({_COMMAND}), or with expired="record" whenever one is too old.'
    )


def _export(plan: Plan) -> str:
    """The command that makes a HAR of a file of another recorder, into which nothing can be recorded; else empty."""
    path = Path(plan.sources[0])
    if len(plan.sources) > 1 or is_many(plan.sources[0]) or path.suffix.lower() == ".har":
        return ""
    return shlex.join(
        ["lookalike", "export", path.as_posix(), "--to", "har", "-o", path.with_suffix(".har").as_posix()]
    )


def _rerecord(plan: Plan) -> str:
    export = _export(plan)
    return f"export it, {export}, replay that, and {REWIND}" if export else REWIND


def _told(limit: timedelta) -> str:
    return f"{limit.days} days" if limit.days else f"{limit.seconds // 3600} hours"


_COMMAND = "pytest --lookalike-record=all"


# -- recording -------------------------------------------------------------------------------------------------------


class Recorder:
    """Keeps what the real API answers, in the order of the answers, and writes it to a HAR; redacted.

    before: what the file has already and keeps
    """

    def __init__(
        self,
        path: Path,
        before: Sequence[Exchange] = (),
        *,
        placeholders: Placeholders | None = None,
        day: str,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.path = path
        self._before = before
        self._placeholders = placeholders or Placeholders({})
        self._day = day
        self._clock = clock
        self._new: list[Exchange] = []
        self._lock = Lock()

    def __call__(self, request: Request) -> Callable[[Response], None]:
        """What is to hear of the answer to a request that the real API gets now."""
        began = self._clock()

        def observe(response: Response) -> None:
            exchange = Exchange(request, response, elapsed=self._clock() - began, day=self._day)
            with self._lock:
                self._new.append(exchange)

        return observe

    def add(self, exchanges: Sequence[Exchange]) -> None:
        """Keep these too."""
        with self._lock:
            self._new += exchanges

    def write(self) -> int:
        """Write the file where there is something new; how much. Raises FileError; nothing half is left then."""
        from lookalike.traffic.har_file import write

        with self._lock:
            new, self._new = self._new, []
        if new:
            kept = [*self._before, *new]
            self._before = kept
            write(self.path, kept, redacted=self._placeholders.written)
        return len(new)


def begun(plan: Plan, today: date) -> tuple[Recordings, Recorder | None, bool]:
    """The recordings to play, who records what the real API answers, and whether recordings answer at all.

    Raises FileError where there is nothing to play and nothing may be recorded, UsageError for a file that can't be
    recorded into, DoubleError for recordings that are too old.
    """
    path, day = plan.writes, today.isoformat()
    nothing = Recordings((), plan.comparison)
    exists = path is None or path.exists()
    if path is not None and (plan.mode != "once" or not exists):
        check_writable(path)
        if not exists or plan.mode == "all":
            return nothing, Recorder(path, placeholders=plan.placeholders, day=day), False
    try:
        recordings = recordings_of(plan)
    except FileError as error:
        if error.problem.startswith(("no such file", "no file matches")):
            raise FileError(error.path, error.problem, hint=f'Record it: record="once", or {_COMMAND}.') from None
        raise
    old = too_old(recordings, plan, today)
    if old and plan.expired == "record":
        path = Path(plan.sources[0])
        check_writable(path)
        return nothing, Recorder(path, placeholders=plan.placeholders, day=day), False
    if old and plan.expired == "fail":
        raise DoubleError(old)
    if old:
        _warn(old.partition("\n")[0])
    if path is None or plan.mode == "once":
        return recordings, None, True
    before = [one.exchange for one in recordings.recorded]
    return recordings, Recorder(path, before, placeholders=plan.placeholders, day=day), True


def replayed(
    api: Api,
    plan: Plan,
    allow: Sequence[str],
    scope: Scope,
    seams: frozenset[str] | None,
    switches: Switches,
) -> Session[Replay]:
    """One session of a plan. Raises as `begun` does."""
    watcher = watch.current()
    strict = api.kept_strictness
    if watcher is not None:
        strict = strict.changed(watcher.switches(), "@pytest.mark.lookalike()")
        plan = plan.in_mode(watcher.replaying(api, plan.sources))
    recordings, recorder, replays = begun(plan, date.today())
    replay = Replay(
        api.name, api.base_url, contract=api.contract, strictness=strict.changed(switches, "api.replay()"),
        recordings=recordings, timing=plan.timing, unchecked=plan.unchecked, recorder=recorder, replays=replays,
        rerecord=_rerecord(plan),
    )  # fmt: skip

    def closed() -> None:
        if watcher is not None:
            watcher.closed(api, replay)

    if watcher is not None:
        replay.door = watcher.opening(api, replay)
    return Session(
        replay, replay.door, allow=allow, scope=scope, seams=seams, closed=closed,
        finish=lambda error: ended(recorder, replay.finish, error),
    )  # fmt: skip


def ended(
    recorder: Recorder | None, finish: Callable[[BaseException | None], None], error: BaseException | None
) -> None:
    """Write what was recorded, also where the test failed, then end the replay."""
    if recorder is not None:
        try:
            recorder.write()
        except LookalikeError as failure:
            if error is None:
                raise
            error.add_note(f"lookalike: {failure}")
    finish(error)
