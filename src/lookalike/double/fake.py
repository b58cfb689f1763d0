"""A fake without behaviour: answers each operation of a contract with a believable example."""

from __future__ import annotations

from lookalike.codec import encode_json
from lookalike.double.contracts import ContractLike
from lookalike.double.double import Double
from lookalike.double.target import below
from lookalike.messages import Request, Response

_MOST_KEPT = 4096  # answers by their path


class Fake(Double):
    """Answers every operation of its contract with a sample of it, the same for the same path; nothing is stored.

    What the contract doesn't have is answered with 404 and JSON that names the nearest operation; a known path with
    another method with 405 and Allow (RFC 9110, section 15.5.6).
    """

    def __init__(
        self, contract: ContractLike, base_url: str | None = None, *, journal_limit: int | None = 10_000
    ) -> None:
        super().__init__(contract.name, base_url, journal_limit=journal_limit)
        self.contract = contract
        self._answers: dict[str, Response] = {}

    def handle(self, request: Request) -> Response:
        """Answer with the operation's example."""
        response = self._answer(request)
        self.journal.note(request, response)
        return response

    def _answer(self, request: Request) -> Response:
        path = below(request.path, self._home)
        operation = self.contract.find(request.method, path) if path is not None else None
        if operation is None or path is None:
            return self._unknown(request.method, request.path if path is None else path)
        key = f"{request.method} {path}"
        response = self._answers.get(key)
        if response is None:
            if len(self._answers) >= _MOST_KEPT:
                self._answers.clear()
            response = self._answers[key] = _example(self.contract, request.method, path)
        return response

    def _unknown(self, method: str, path: str) -> Response:
        allowed = sorted(other for other in _METHODS if self.contract.find(other, path) is not None)
        near = [f"{one.method} {one.path}" for one in self.contract.nearest(method, path)[:1]]
        said: dict[str, object] = {"error": f"{self.name} has no operation {method} {path}"}
        if allowed:
            return Response(405, {**_JSON, "allow": ", ".join(allowed)}, encode_json({**said, "allowed": allowed}))
        return Response(404, _JSON, encode_json({**said, "nearest": near[0] if near else None}))


_JSON = {"content-type": "application/json"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _example(contract: ContractLike, method: str, path: str) -> Response:
    status, kind, value = contract.example(method, path)
    if not kind:
        return Response(status, reusable=True)
    is_text = isinstance(value, str) and not (kind == "application/json" or kind.endswith("+json"))
    return Response(status, {"content-type": kind}, value.encode() if is_text else encode_json(value), reusable=True)
