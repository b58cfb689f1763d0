"""A contract held against fresh answers of the real API."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lookalike.contract.compare_answered import Answered
from lookalike.contract.compare_answers import compare_operation
from lookalike.contract.compare_causes import gather
from lookalike.contract.compare_requests import speaks_of
from lookalike.contract.compare_statuses import GONE
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.operation import Operation
from lookalike.contract.recording import REFUSED, relative_path
from lookalike.messages import Exchange, split_url


def compare(
    contract: Contract,
    answers: Sequence[Exchange],
    *,
    base_url: str | None = None,
    known_good: Collection[str] = (),
    proven: bool = False,
) -> list[Drift]:
    """What the real API's fresh answers contradict, one finding for each cause, the worst first.

    answers:    exchanges, redirects among them as exchanges of their own; those of operations that the contract doesn't
                have, and those without a response, say nothing
    base_url:   where they were asked, the contract's own for None
    known_good: targets (`/todos/1`, relative to the base URL) that used to succeed, as a path without parameters did
    proven:     the credentials are good elsewhere, so that 401 and 403 are changes and not a matter of who asks

    5xx and 429 are never drift. Raises UsageError where neither the contract nor `base_url` says where the API is.
    """
    by_operation: dict[str, tuple[Operation, list[Answered]]] = {}
    for operation, one in answered(contract, answers, base_url=base_url, known_good=known_good):
        by_operation.setdefault(operation.key, (operation, []))[1].append(one)
    findings = [
        finding
        for operation, group in by_operation.values()
        for finding in compare_operation(contract, operation, group, proven=proven)
    ]
    return gather(findings, operations=len(by_operation), learned=contract.learned)


def answered(
    contract: Contract, answers: Sequence[Exchange], *, base_url: str | None, known_good: Collection[str]
) -> list[tuple[Operation, Answered]]:
    """Each answer with its operation."""
    base = split_url(base_url or contract.base_url or "")
    found = []
    for exchange in answers:
        request, response = exchange.request, exchange.response
        path = relative_path(base, request)
        operation = contract.find(request.method, path) if path is not None else None
        if path is None or operation is None or response is None:
            continue
        target = f"{path}?{request.query}" if request.query else path
        # Whether a body is taken depends on the body: its refusal says nothing of another one.
        refused = bool(request.content) and (
            response.status in REFUSED or (response.status in GONE and speaks_of(request.content, response))
        )
        good = target in known_good or ("{" not in operation.path and not request.query and not refused)
        body, authorized = hash(request.content), "authorization" in request.headers
        kind = request.content_type
        one = Answered(
            target, good, request.method.upper(), response, body, exchange.day, request.content, authorized, kind
        )
        found.append((operation, one))
    return found
