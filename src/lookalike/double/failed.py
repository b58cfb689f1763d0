"""Which exceptions have failed a test already, and so were swallowed by nobody."""

from __future__ import annotations

from collections.abc import Iterator

# Where a test runner catches what a test raised: module and function.
_RUNNERS = frozenset({("unittest.case", "testPartExecutor"), ("_pytest.runner", "from_call")})
_MARK = "_lookalike_failed_a_test"


def has_failed_a_test(error: BaseException) -> bool:
    """Whether an exception came out of a test, or of its setup, to who runs the tests.

    The first entry of a traceback is the frame that the exception got out to: whoever swallows one catches it earlier.
    """
    if getattr(error, _MARK, False):
        return True
    trace = error.__traceback__
    if trace is None:
        return False
    frame = trace.tb_frame
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _RUNNERS


def failed_a_test(error: BaseException) -> None:
    """Remember that a test failed with an exception, and so with all that this one carries."""
    for one in _carried(error):
        # One with slots has no place for it; then its traceback has to tell.
        if hasattr(one, "__dict__"):
            setattr(one, _MARK, True)


def carries(error: BaseException, wanted: BaseException) -> bool:
    """Whether `wanted` is the error, its cause or context at any depth, or in a group of it."""
    return any(one is wanted for one in _carried(error))


def _carried(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    work: list[BaseException | None] = [error]
    while work:
        one = work.pop()
        if one is None or id(one) in seen:
            continue
        yield one
        seen.add(id(one))
        # What `raise ... from None` hides, nobody would read.
        work += [one.__cause__, None if one.__suppress_context__ else one.__context__]
        if isinstance(one, BaseExceptionGroup):
            work += one.exceptions
        # Clients wrap what a connection raised: urllib's URLError has it as its reason, others as an argument.
        work += [part for part in (*one.args, getattr(one, "reason", None)) if isinstance(part, BaseException)]
