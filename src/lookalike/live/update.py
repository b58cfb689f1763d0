"""What a verification teaches a contract: answers that fit are learned, the others wait until somebody accepts them."""

from __future__ import annotations

from dataclasses import replace

from lookalike.contract import learning
from lookalike.contract.contract import Contract
from lookalike.contract.recording import relative_path
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.errors import UsageError
from lookalike.messages import Exchange, Request, split_url

_LEARNED = frozenset({Verdict.OK, Verdict.ADDITIVE})
_DISPUTED = frozenset({Verdict.DRIFT, Verdict.SUSPECT})


def update(contract: Contract, report: ApiReport) -> Contract:
    """The contract with the report's answers: folded in where the verdict is OK or ADDITIVE.

    Where it is DRIFT or SUSPECT they are kept as disputed, unread until accepted. A vendor's document stays as it is,
    with the evidence beside it.
    """
    verdicts = {result.operation: result.verdict for result in report.results}
    # What is ignored is no less disputed.
    verdicts.update((operation, Verdict.DRIFT) for drift in report.ignored for operation in drift.operations)
    fits = [one for key, one in _by_operation(contract, report) if verdicts.get(key) in _LEARNED]
    disputed = [one for key, one in _by_operation(contract, report) if verdicts.get(key) in _DISPUTED]
    if fits:
        contract = learning.fold(contract, fits, day=report.day)
    if disputed:
        contract = learning.dispute(contract, disputed, day=report.day)
    return contract


def accept(contract: Contract, report: ApiReport, fingerprint: str) -> Contract:
    """The contract for an API that is meant to be as a finding says: what it is about begins a new era, on the report's
    day, read from the report's answers.

    Raises UsageError for a fingerprint that the report doesn't have, and for a vendor's document.
    """
    if not contract.learned:
        raise UsageError(f"{contract.source or contract.name} is a vendor's document: correct it where it is wrong")
    drift = next((one for one in report.drifts if one.fingerprint == fingerprint), None)
    if drift is None:
        known = ", ".join(one.fingerprint for one in report.drifts) or "none"
        raise UsageError(f"{report.api} has no finding {fingerprint} now; there is: {known}")
    fresh = [one for key, one in _by_operation(contract, report) if key in drift.operations]
    contract = learning.dispute(contract, fresh, day=report.day)
    for operation in drift.operations:
        places = [place for key, place in drift.at if key == operation]
        contract = learning.accept(contract, operation, day=report.day, places=places)
    return contract


def _by_operation(contract: Contract, report: ApiReport) -> list[tuple[str, Exchange]]:
    """The answers by operation, as if the contract's own base URL had been asked."""
    asked = split_url(report.base_url)
    home = contract.base_url or report.base_url.rstrip("/")
    found = []
    for exchange in report.answers:
        request = exchange.request
        path = relative_path(asked, request)
        operation = contract.find(request.method, path) if path is not None else None
        if path is not None and operation is not None:
            target = f"{path}?{request.query}" if request.query else path
            moved = Request(request.method, home + target, request.headers, request.content)
            found.append((operation.key, replace(exchange, request=moved)))
    return found
