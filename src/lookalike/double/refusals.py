"""What an API answers where it refuses: the contract's own words for that status, else a plain JSON object."""

from __future__ import annotations

from lookalike.codec import encode_json
from lookalike.double.contracts import ContractLike
from lookalike.messages import Response


def refusal(contract: ContractLike | None, method: str | None, path: str | None, status: int, message: str) -> Response:
    """An error response.

    method, path: of the operation, the path below the base URL; None where the contract says nothing of it
    message:      what `{"error": message}` says where the contract describes no such answer
    """
    operation = contract.find(method, path) if contract is not None and method and path else None
    answer = operation.answer(status) if operation is not None else None
    if contract is not None and method and path and answer is not None and answer.media:
        _, kind, value = contract.example(method, path, status)
        if kind == "application/json" or kind.endswith("+json"):
            return Response(status, (("content-type", kind),), encode_json(value))
    return Response(status, (("content-type", "application/json"),), encode_json({"error": message}))
