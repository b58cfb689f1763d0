"""When a mock ends: what the code under test swallowed is raised again, and what was declared and not used fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lookalike.double.columns import masked
from lookalike.double.failed import carries, has_failed_a_test
from lookalike.double.match import explain, reasons_of
from lookalike.double.misuse import slip
from lookalike.double.route import Route
from lookalike.double.told import times_of, told_call, told_mismatch
from lookalike.errors import DoubleError, LookalikeError, UnusedRoute
from lookalike.messages import Request

if TYPE_CHECKING:
    from lookalike.double.mock import MockDouble

__tracebackhide__ = True

_SWALLOWED = (
    "(The code under test swallowed this; it is raised again as the mock ends. "
    "A test that expects it says mock.failures.clear().)"
)
_LONGEST = 80
_NEAR = 3
_SHOWN = 20
# Two of host, path and method differ: not the request that was meant.
_FAR = 16


def finish(mock: MockDouble, error: BaseException | None) -> None:
    """Raise what went wrong, or add it to `error` as notes where the block already fails."""
    known = [one for one in mock.failures if has_failed_a_test(one) or (error is not None and carries(error, one))]
    raised_again = mock.failures if mock.strictness.swallowed == "fail" else []
    swallowed = [one for one in raised_again if not any(one is told for told in known)]
    # After a failure of our own the block ended early for a reason that is told already; what was left unused then is
    # its consequence, not news.
    told = slip(error, {Route: "a route", type(mock): "a mock"}) if error is not None else ""
    ours = isinstance(error, LookalikeError) or bool(told) or bool(known)
    unused = "" if ours or mock.strictness.unused == "ignore" else mock.left_over()
    if error is not None:
        for text in [*(_told(one) for one in swallowed), *(one for one in (told, unused) if one)]:
            note = f"lookalike: {text}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
        return
    found: list[BaseException] = [*swallowed, *([UnusedRoute(unused)] if unused else [])]
    if not found:
        return
    if len(found) > 1:
        listed = "\n\n".join(f"{at}. {_told(one)}" for at, one in enumerate(found, 1))
        kind = type(found[0]) if isinstance(found[0], DoubleError) else DoubleError
        why = "\n".join([_SWALLOWED, *_on_purpose(swallowed)])
        raise kind(f"{len(found)} things went wrong while the mock was active.\n\n{listed}\n\n{why}") from found[0]
    if swallowed and _SWALLOWED not in getattr(found[0], "__notes__", ()):
        for text in (_SWALLOWED, *_on_purpose(swallowed)):
            found[0].add_note(text)
    raise found[0]


def _on_purpose(swallowed: Sequence[BaseException]) -> list[str]:
    """How to declare what looks like a mistake in a function of the test, where it was meant."""
    for error in swallowed:
        if not isinstance(error, (LookalikeError, AssertionError)):
            plain = repr(error)
            shown = plain if len(plain) <= _LONGEST and "\n" not in plain else f"{type(error).__name__}(...)"
            return [f"(A failure that is meant is said so: .fail({shown}) raises exactly that, and fails no test.)"]
    return []


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def unused_routes(mock: MockDouble, routes: Sequence[Route]) -> str:
    """What of these routes was declared and not used, in words; empty where nothing is left over."""
    requests = [call.request for call in mock.calls]
    idle = [route for route in routes if not (route.may_stay_unused or route.complete)]
    near = _by_address(mock, requests) if idle else {}
    # A route without a reply isn't found by its address.
    left = [
        (route, told)
        for route in idle
        for told in _left_over(route, mock, near.get(route, ()) if route.replies else requests)
    ]
    if not left:
        return ""
    what = "1 part of the mock was" if len(left) == 1 else f"{len(left)} parts of the mock were"
    lines = [told + ("" if route.called else _nearest(route, requests)) for route, told in left[:_SHOWN]]
    if len(left) > _SHOWN:
        lines.append(f"  ... and {len(left) - _SHOWN} more")
    return f"{what} declared and not used.\n\n" + "\n".join(lines) + "\n\n" + _next(mock, bool(requests))


def _by_address(mock: MockDouble, requests: Sequence[Request]) -> dict[Route, list[Request]]:
    """The requests that came to the address of each route: not each route is compared with each request."""
    found: dict[Route, list[Request]] = {}
    for request in requests:
        for route in mock.at_address(request):
            found.setdefault(route, []).append(request)
    return found


def _next(mock: MockDouble, requested: bool) -> str:
    passed = ", ".join(mock.journal.passed)
    elsewhere = mock.elsewhere()
    if requested:
        more = [*([f"Let through: {passed}."] if passed else []), *elsewhere]
        return "\n".join(["Next: remove what isn't needed, or say .optional().", *more])
    if passed:
        if mock.base_url:
            elsewhere.append(f"The mock stands in for {mock.base_url}: let the code ask that.")
        told = " ".join([f"let through: {passed}.", *elsewhere])
        return f"Next: nothing was requested of the mock; {told} Or say .optional()."
    if elsewhere:
        return "\n".join(["Next: nothing was requested of this mock.", *elsewhere, "Or say .optional()."])
    return "Next: nothing was requested at all; call the code under test inside of the mock, or say .optional()."


def _left_over(route: Route, mock: MockDouble, requests: Sequence[Request]) -> Iterator[str]:
    # In an order it is a route's turn, whatever else would match.
    if route.order is None and _shadowed(route, mock, requests):
        return
    name = f"{route.name}, " if route.name else ""
    if not route.called:
        times = "" if route.allowed in (1, float("inf")) else f", expected {times_of(int(route.allowed))}"
        if not route.replies:
            times = "; it has no reply, add .respond(...)"
        yield f"  {route.label}   ({name}declared at {route.place}): never called{times}"
        return
    for at, reply in enumerate(route.replies, 1):
        if reply.used < reply.needed:
            got = "never reached" if not reply.used else f"reached {times_of(reply.used)}"
            wanted = f", expected {times_of(reply.needed)}" if reply.times is not None or reply.needed > 1 else ""
            which = f"reply {at} of {len(route.replies)}, " if len(route.replies) > 1 else ""
            yield (
                f"  {route.label}   ({name}{which}{reply.label}, declared at {reply.place}): {got}{wanted}; "
                f"the route was called {times_of(route.call_count)}"
            )


def _shadowed(route: Route, mock: MockDouble, requests: Sequence[Request]) -> bool:
    """Whether a route that wins over this one takes its requests, or took one."""
    # A `{name}` in a template is a segment like any other to the templates of others.
    if any(other.rank > route.rank and _takes_all(other, route) for other in mock.strongest(route)):
        return True
    for request in requests:
        if next(reasons_of(route, request), None) is None:
            for other in mock.at_address(request):
                if other.rank > route.rank and next(reasons_of(other, request), None) is None:
                    return True
    return False


def _takes_all(stronger: Route, route: Route) -> bool:
    lasting = stronger.replies and stronger.allowed == float("inf")
    return bool(lasting) and all(any(check.same_as(other) for other in route.checks) for check in stronger.checks)


def _nearest(route: Route, requests: Sequence[Request]) -> str:
    told: list[tuple[int, int, str]] = []
    for at, request in enumerate(requests):
        found = explain(route, request)
        if not found:
            continue
        weight = sum(8 if each.where in ("host", "path", "method") else 1 for each in found)
        if weight >= _FAR:
            continue
        told.append((weight, at, f"{told_call(request)}   {told_mismatch(masked(found[0]))}"))
    unique = dict.fromkeys(text for *_, text in sorted(told))
    return "".join(f"\n      nearest request: {text}" for text in list(unique)[:_NEAR])
