"""Ask the real API again, and say what changed. An outage is never called drift."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, islice

from lookalike.contract.compare import compare
from lookalike.contract.compare_mocks import judge
from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import remarks
from lookalike.contract.drift import DeclaredMock, Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.openapi import is_json, media_for
from lookalike.contract.operation import Media, Operation, is_code
from lookalike.contract.reads import Reads
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.contract.weigh import weigh
from lookalike.errors import RealApiError, Unreachable
from lookalike.live.ask import SAFE, Asker, refused, strayed
from lookalike.live.reasons import REASONS
from lookalike.live.targets import Lists, known_targets, last_seen
from lookalike.messages import Exchange, Request

_WHO_ASKS = frozenset({401, 403})
_GONE = frozenset({404, 410})
_NOTHING_TO_ASK = (
    "not asked: no request that should succeed is known; learn one (`lookalike learn`), or write an `example` beside "
    "the schema of each parameter"
)
# So many operations in succession without an answer are an outage; the rest isn't asked.
_FAILURES_IN_A_ROW = 2
_ROUNDS = 3
_MOST_A_TARGET = 3  # requests that one target may cost: a redirect, or being asked again


def verify(
    contract: Contract,
    asker: Asker,
    *,
    base_url: str,
    mocks: Sequence[DeclaredMock] = (),
    reads: Reads | None = None,
    samples: int = 3,
    operations: Collection[str] = (),
    day: str = "",
) -> ApiReport:
    """Ask each operation's known targets again and compare the answers with the contract.

    base_url:   of the real API; paths are appended to it
    mocks:      replies that tests declare; each finding names those that it makes false
    reads:      what the code under test reads, where that is known: severities follow it
    samples:    how many targets of an operation are asked; more where the evidence can't decide
    operations: `METHOD /template` of those to verify, all for none
    day:        of the run, `YYYY-MM-DD`; today for `""`

    Nothing is raised for what the API does: an outage or refused credentials are verdicts of the report.
    """
    run = _Run(contract, asker, base_url.rstrip("/"), samples)
    chosen = [one for one in contract.operations if not operations or one.key in operations]
    run.ask_all(chosen)
    run.prove_credentials()
    drifts = run.compare()
    for _ in range(_ROUNDS):
        if not run.ask_more(drifts):
            break
        drifts = run.compare()
    drifts = weigh(drifts, reads)
    found = [one for one in drifts if one.severity is not Severity.ENVIRONMENT]
    results = [run.result(one, drifts) for one in sorted(chosen, key=lambda one: (one.path, one.method))]
    return ApiReport(
        api=contract.name,
        base_url=base_url,
        day=day or date.today().isoformat(),  # the day where the tests run is what people read
        results=tuple(results),
        drifts=tuple(judge(found, mocks, contract=contract)),
        message=str(run.outage or run.refusal or ""),
        answers=tuple(exchange for state in run.states.values() for exchange in state.exchanges),
        remarks=remarks(contract, told={pair for drift in found for pair in drift.at}),
    )


@dataclass
class _State:
    """What happened to one operation.

    exchanges: what was answered; refused: 401 and 403 among them, refusal: the first; error: why nothing was
    """

    operation: Operation
    exchanges: list[Exchange] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    refused: bool = False
    refusal: RealApiError | None = None
    succeeded: str = ""
    error: RealApiError | None = None
    detail: str = ""


class _Run:
    """One verification of one API."""

    def __init__(self, contract: Contract, asker: Asker, base_url: str, samples: int) -> None:
        self.contract = contract
        self.asker = asker
        self.base_url = base_url
        self.samples = max(1, samples)
        self.states: dict[str, _State] = {}
        self.outage: Unreachable | None = None
        self.known_good: set[str] = set()
        self.proven = False
        self.spent = False
        self._lists = Lists()
        self._failures = 0

    def ask_all(self, operations: Iterable[Operation]) -> None:
        """Ask a few targets of each operation, several operations at once; the report doesn't show in which order."""
        # Lists first: they lead to items whose ids still exist.
        ordered = sorted(operations, key=lambda one: (one.path.count("{"), one.path, one.method))
        self.states = {one.key: _State(one) for one in ordered}
        safe = sum(one.method in SAFE for one in ordered)
        # Where the budget may not last, it is spent in order, as chance would decide else who gets none.
        workers = self.asker.at_once if self.asker.left > safe * (self.samples + 1) * _MOST_A_TARGET else 1
        # The first ones alone: an API that is out, or refuses all, isn't asked eight times over.
        asked = 0
        while asked < len(ordered) and (workers == 1 or self._answered() < _FAILURES_IN_A_ROW):
            self.ask_operation(ordered[asked])
            asked += 1
        if asked == len(ordered):
            return
        with ThreadPoolExecutor(workers, "lookalike-verify") as pool:
            for _, level in groupby(ordered[asked:], key=lambda one: one.path.count("{")):
                list(pool.map(self.ask_operation, list(level)))

    @property
    def refusal(self) -> RealApiError | None:
        """Why the API refused, unless the credentials are proven good; the same whoever was asked first."""
        if self.proven:
            return None
        return next((state.refusal for state in self.states.values() if state.refusal is not None), None)

    def _answered(self) -> int:
        return sum(bool(state.exchanges) for state in self.states.values())

    def ask_operation(self, operation: Operation) -> None:
        """Ask a few of an operation's targets, unless the API is out."""
        state = self.states[operation.key]
        if operation.method not in SAFE:
            state.detail = f"not asked: {operation.method} may change something"
            return
        if self.outage is not None or self.spent or self._locked_out():
            return
        targets = known_targets(self.contract, operation)
        for target in targets:
            if len(state.asked) >= self.samples or state.error is not None:
                break
            self._ask(state, target)
        if state.error is None and not state.succeeded and not state.refused:
            self._ask_again(state)
        if not state.asked and not self.spent:
            state.detail = _NOTHING_TO_ASK

    def _locked_out(self) -> bool:
        """Whether everything was refused so far; asking on with bad credentials gets accounts locked."""
        answered = [state for state in self.states.values() if state.exchanges]
        return len(answered) >= _FAILURES_IN_A_ROW and all(state.refused and not state.succeeded for state in answered)

    def _ask_again(self, state: _State) -> None:
        """Where the known items are gone, or none is known: items of a list that was answered."""
        for target in islice(self._lists.targets(state.operation), self.samples):
            if target not in state.asked and state.error is None:
                self._ask(state, target)

    def _ask(self, state: _State, target: str) -> None:
        operation = state.operation
        request = Request(operation.method, self.base_url + target)
        state.asked.add(target)
        self.known_good.add(target)
        # Errors that a document names are no answer to what used to succeed; refusals are judged when all is asked.
        expected = {int(name) for name in operation.responses if is_code(name) and name[0] in "23"} | _WHO_ASKS
        try:
            asked = self.asker.asked(request, expected=expected, wants=self._wants(operation))
        except Unreachable as error:
            self._failed(state, error)
            return
        response = asked.response
        stray = None if response.status in expected else strayed(request, response)
        if stray is not None:
            self._failed(state, stray)
            return
        self._failures = 0
        state.exchanges.extend(Exchange(request, hop.response) for hop in asked.redirects[:1])
        state.exchanges.append(Exchange(request, response, elapsed=asked.elapsed))
        if response.status in _WHO_ASKS:
            state.refused = True
            state.refusal = state.refusal or refused(request, response, self.asker.credentials)
        elif response.status < 300:
            state.succeeded = state.succeeded or target
            self._lists.note(target, response)

    def _wants(self, operation: Operation) -> str:
        """What a success is known to answer with, where that is no HTML page."""
        kinds = [_media(operation, status) for status in operation.success_statuses]
        if any(media_for(media, "text/html") or "application/xhtml+xml" in media for media in kinds):
            return ""
        named = sorted({name for media in kinds for name in media})
        if not named:
            # A learned operation that never had a body; a document that names none may leave it out.
            return "no body" if self.contract.learned and kinds else ""
        return "JSON" if any(map(is_json, named)) else " or ".join(named)

    def _failed(self, state: _State, error: Unreachable) -> None:
        if error.reason == "budget":
            self.spent = True
            state.asked.clear()
            return
        state.error = error
        self._failures += 1
        if REASONS[error.reason].lasting or self._failures >= _FAILURES_IN_A_ROW:
            self.outage = error

    def prove_credentials(self) -> None:
        """Whether a refusal speaks of the operation: only where the same credentials are good elsewhere."""
        if self.refusal is None:
            return
        good = next((state for state in self.states.values() if state.succeeded), None)
        if good is None or not self.asker.credentials:
            self.proven = good is not None
        else:
            request = Request(good.operation.method, self.base_url + good.succeeded)
            try:
                response = self.asker.ask(request, expected=_WHO_ASKS, anonymous=True)
            except RealApiError:
                return
            # What is public says nothing about the credentials.
            self.proven = response.status in _WHO_ASKS

    def compare(self) -> list[Drift]:
        """The findings over all that was answered."""
        answers = [one for state in self.states.values() for one in state.exchanges]
        return compare(self.contract, answers, base_url=self.base_url, known_good=self.known_good, proven=self.proven)

    def ask_more(self, drifts: Sequence[Drift]) -> bool:
        """Ask further targets of what is suspect; whether there were any."""
        if self.outage is not None or self.spent:
            return False
        suspects = {operation for drift in drifts if drift.suspect for operation in drift.operations}
        before = sum(len(state.exchanges) for state in self.states.values())
        for key in sorted(suspects):
            state = self.states[key]
            targets = [*known_targets(self.contract, state.operation), *self._lists.targets(state.operation)]
            fresh = [target for target in dict.fromkeys(targets) if target not in state.asked]
            for target in fresh[: self.samples]:
                if state.error is None and self.outage is None and not self.spent:
                    self._ask(state, target)
        return sum(len(state.exchanges) for state in self.states.values()) > before

    def result(self, operation: Operation, drifts: Sequence[Drift]) -> OperationResult:
        """The verdict over one operation."""
        state = self.states[operation.key]
        own = [drift for drift in drifts if operation.key in drift.operations]
        verdict, detail = self._verdict(state, own)
        asked = len({one.request.url for one in state.exchanges})
        return OperationResult(operation.key, verdict, asked, detail, last_seen(self.contract, operation))

    def _verdict(self, state: _State, own: Sequence[Drift]) -> tuple[Verdict, str]:
        if state.refused and not self.proven:
            return Verdict.AUTH, str(self.refusal)
        found = Verdict.of(own)
        if state.error is not None and found is not Verdict.DRIFT:
            return Verdict.UNREACHABLE, str(state.error)
        if state.detail:
            return Verdict.UNVERIFIED, state.detail
        if any(drift.severity is Severity.ENVIRONMENT for drift in own):
            return Verdict.UNVERIFIED, f"the item that was asked for is gone ({own[0].now}), and no other is known"
        if state.exchanges:
            return found, ""
        if self.outage is not None:
            return Verdict.UNREACHABLE, str(self.outage)
        if self.refusal is not None:
            return Verdict.AUTH, str(self.refusal)
        return Verdict.UNVERIFIED, "not asked: the call budget is used up; raise budget (on the command line: --budget)"


def _media(operation: Operation, status: int) -> Mapping[str, Media]:
    answer = operation.answer(status)
    return answer.media if answer is not None else {}
