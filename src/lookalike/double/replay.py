"""A replay: answers what was recorded. What a test declares on top of it wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lookalike.double.columns import aligned
from lookalike.double.contracts import Doubt
from lookalike.double.mock import MockDouble
from lookalike.double.recorded import Playing, Recorded, Recordings
from lookalike.double.target import authority, below
from lookalike.double.told import told_call
from lookalike.double.unplayed import told_miss, told_unplayed
from lookalike.errors import ContractViolation, DoubleError, UnmatchedRequest, UsageError
from lookalike.messages import Answer, Exchange, Fault, PassThrough, Request, Response
from lookalike.mismatch import Mismatch

__tracebackhide__ = True

_ROWS = 20
REWIND = 'say record="new_episodes" once to record it.'


class ReplayDouble(MockDouble):
    """Answers requests with the exchanges of a recording, each once and in their order, as `Playing` says.

    playing:   the recordings, and how far they are played
    timing:    how much of the recorded time an answer takes on the double's own clock: 0 none, 1 all of it
    unchecked: why what was recorded may contradict the contract; "" where it may not
    recorder:  told of each request that the real API is to answer, with what it answered; None where none may
    rerecord:  how the recording is made anew, for messages
    replays:   whether anything recorded answers; else all goes to the real API
    """

    def __init__(
        self,
        *args: Any,
        recordings: Recordings,
        timing: float = 0.0,
        unchecked: str = "",
        recorder: Callable[[Request], Callable[[Response], None]] | None = None,
        rerecord: str = REWIND,
        replays: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.playing = Playing(recordings)
        self.timing = timing
        self.unchecked = unchecked
        self.recorder = recorder
        self.rerecord = rerecord
        self.replays = replays
        self._checked: set[int] = set()

    def covers(self, host: str, port: int) -> bool:
        """The API's own host, those of routes, and those that were recorded."""
        return super().covers(host, port) or authority(host, port) in self.playing.recordings.hosts

    def claims(self, host: str, port: int) -> bool:
        """The API's own host by name, and those that were recorded."""
        return super().claims(host, port) or authority(host, port) in self.playing.recordings.hosts

    def rewind(self) -> None:
        """Nothing is played any more: each recording may answer once again. Calls stay."""
        self.playing.go_back([0] * len(self.playing.played))

    def progress(self) -> Sequence[int]:
        """How often each recording was played."""
        return tuple(self.playing.played)

    def go_back(self, progress: Sequence[int]) -> None:
        """Recordings were played as often as then."""
        self.playing.go_back(progress)

    @property
    def recorded(self) -> tuple[Exchange, ...]:
        """What was recorded, in its order."""
        return tuple(one.exchange for one in self.playing.recordings.recorded)

    @property
    def unplayed(self) -> tuple[Exchange, ...]:
        """What was recorded and hasn't answered yet."""
        return tuple(self.playing.recordings.recorded[at].exchange for at in self.playing.unplayed())

    def _unmatched(self, request: Request) -> Answer:
        if self.replays:
            strictness = self.strictness
            at = self.playing.take(request, repeat=strictness.exhausted == "repeat", ordered=strictness.ordered)
            if at is not None:
                return self._play(at, request)
        if self.recorder is not None:
            return self._observed(None, request, PassThrough(self.recorder(request)))
        return super()._unmatched(request)

    def _play(self, at: int, request: Request) -> Answer:
        recorded = self.playing.recordings.recorded[at]
        exchange = recorded.exchange
        answer: Response | Fault = exchange.response or exchange.fault or Fault("closed")
        if isinstance(answer, Response):
            self._hold(at, recorded, answer, request)
            if self.timing and exchange.elapsed:
                delay = exchange.elapsed * self.timing
                answer = _delayed(answer, delay)
                if request.timeout is not None and delay > request.timeout:
                    fault = Fault("read-timeout")
                    self.journal.record(Exchange(request, None, fault, elapsed=delay), by=recorded)
                    return fault
        self.journal.note(request, answer, by=recorded)
        return answer

    def _hold(self, at: int, recorded: Recorded, response: Response, request: Request) -> None:
        """Hold what was recorded, and the request, to the contract. Raises ContractViolation; doubts are warnings."""
        contract, path = self.contract, below(request.path, self._home)
        if contract is None or path is None or self.unchecked or not super().covers(request.host, request.port):
            return
        label = f"{request.method} {path}"
        if at not in self._checked:
            found = contract.check_reply(request.method, path, response)
            wrong = self._sorted_out(found, label, recorded, "reply")
            if wrong:
                raise ContractViolation(
                    f"what was recorded of {label} ({recorded.place}{_on(recorded)}) contradicts the contract of "
                    f"{contract.name}.\n\n{aligned(wrong, limit=_ROWS)}\n\n"
                    f'Next: the recording is out of date, or the contract is: {self.rerecord} Or say unchecked="why".'
                )
            self._checked.add(at)
        if 400 <= response.status < 500:
            return
        wrong = self._sorted_out(contract.check_request(request, path), label, recorded, "request")
        if wrong:
            raise ContractViolation(
                f"the request {told_call(request)} contradicts the contract of {contract.name}.\n\n"
                f"{aligned(wrong, limit=_ROWS)}\n\n"
                'Next: fix the code that sends it, or say unchecked="why" where it is replayed.'
            )

    def _sorted_out(self, found: list[Mismatch], label: str, recorded: Recorded, side: str) -> list[Mismatch]:
        for one in found:
            if one.level != "violation":
                self.warn(Doubt(label, recorded.place, side, one))
        return [one for one in found if one.level == "violation"]

    def _miss(self, request: Request) -> DoubleError | UsageError:
        error = super()._miss(request)
        if isinstance(error, UsageError):
            return error
        told = told_miss(self.playing, request, self._home, ordered=self.strictness.ordered, elsewhere=self.rerecord)
        return UnmatchedRequest("\n".join([told, *self.hints(request)]))

    def left_over(self) -> str:
        """What of it was declared, or recorded, and not used; empty where nothing is left."""
        routes = super().left_over()
        unplayed = told_unplayed(self.playing, self._unplayed()) if self.replays else ""
        return "\n\n".join(part for part in (routes, unplayed) if part)

    def _unplayed(self) -> list[int]:
        """Those that were not played, without those that a declared route answers in their place."""
        recorded = self.playing.recordings.recorded
        return [at for at in self.playing.unplayed() if not self.at_address(recorded[at].exchange.request)]


def _delayed(response: Response, delay: float) -> Response:
    return Response(
        response.status, response.headers, response.content, chunks=response.chunks, delay=delay,
        reason=response.reason, http_version=response.http_version,
    )  # fmt: skip


def _on(recorded: Recorded) -> str:
    return f", {recorded.day}" if recorded.day else ""
