"""A double for every client there is: what the process knows of other doubles and of the network, for the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lookalike.double.double import Double
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.messages import Request, Response
    from lookalike.serve.everything import Everything

__tracebackhide__ = True


def everything(
    double: Double,
    *,
    port: int,
    host: str,
    allow: Sequence[str],
    finish: Callable[[BaseException | None], None] | None,
) -> Everything:
    """A server for every client, to be started.

    Doubles that are active in this process answer for the hosts that `double` doesn't cover, and what they allow is
    allowed. Raises UsageError where `allow` is no list of host names.
    """
    from lookalike.intercept import active, uncovered
    from lookalike.intercept.chosen import SOCKETS
    from lookalike.serve.everything import Everything

    if isinstance(allow, str) or not all(isinstance(one, str) for one in allow):
        raise UsageError(f'serve(allow={allow!r}): allow is a list of host names: allow=["db", "*.internal"]')
    patterns = [one.lower() for one in allow]

    def allowed(name: str) -> bool:
        return any(fnmatchcase(name, one) for one in patterns) or active.is_allowed(name, SOCKETS)

    return Everything(
        double,
        host=host,
        port=port,
        upstream=_forward,
        allow=allowed,
        others=lambda: active.doubles(SOCKETS),
        changed=uncovered.lead,
        finish=finish,
    )


def _forward(request: Request) -> Response:
    """The real host's answer, in the thread that asks. Raises Unreachable."""
    from lookalike.live.record import Relay
    from lookalike.live.wire import Limits

    return Relay("", limits=Limits(), heard=lambda exchange: None, failed=lambda request, error: None).forward(request)
