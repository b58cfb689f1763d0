"""The real API's answer, changed by a function of the test before the client gets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lookalike.double import contracts
from lookalike.double.everything import operation_path
from lookalike.double.reply import PathParameters, Reply, is_slip
from lookalike.double.source import caller
from lookalike.errors import DoubleError, UsageError
from lookalike.messages import PassThrough, Request, Response

if TYPE_CHECKING:
    from lookalike.double.contracts import ContractLike, Doubt
    from lookalike.double.route import Route

__tracebackhide__ = True

Alter = Callable[[Response], Response]


class AlteredReply(Reply):
    """What a function makes of the real answer. What the function contradicts is held to the contract, and what the
    real API does so itself is not: that is for a verification to say.

    remember, warn: told what goes wrong in it, so that nobody swallows it, and what the contract only never saw
    """

    def __init__(
        self,
        alter: Alter,
        unchecked: str,
        route: Route,
        *,
        contract: ContractLike | None,
        warn: Callable[[Doubt], None],
        remember: Callable[[BaseException], None],
    ) -> None:
        if not callable(alter):
            raise UsageError(
                f".pass_through(): alter= is a function of the real response, not {alter!r}; "
                "write alter=lambda real: real.altered(status=503)"
            )
        super().__init__(caller(), unchecked)
        self._alter = alter
        self._route = route
        self._contract = contract
        self._warn = warn
        self._remember = remember

    @property
    def label(self) -> str:
        return "pass_through(alter=...)"

    def answer(self, request: Request, path_parameters: PathParameters) -> PassThrough:
        return PassThrough(alter=lambda real: self._altered(request, real))

    def _altered(self, request: Request, real: Response) -> Response:
        try:
            changed = self._alter(real)
            if not isinstance(changed, Response):
                raise UsageError(
                    f"{self.label}, declared at {self.place}, returned {type(changed).__name__}; return the response, "
                    "or a changed copy of it: real.altered(json=...)"
                )
            self._check(request, real, changed)
        except Exception as error:
            if is_slip(error) or isinstance(error, DoubleError):
                self._remember(error)
            raise
        return changed

    def _check(self, request: Request, real: Response, changed: Response) -> None:
        path, method = operation_path(self._route, request), request.method
        if self._contract is None or path is None or self.unchecked or changed is real:
            return
        if any(one.level == "violation" for one in self._contract.check_reply(method, path, real)):
            return
        contracts.check_reply(self._route, self, changed, self._contract, self._warn, method, path)
