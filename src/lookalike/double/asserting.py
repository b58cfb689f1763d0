"""What a test asserts of the calls that happened; a failure says what differs, the nearest call first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, Unpack

from lookalike.double.asked import Criteria, Path
from lookalike.double.columns import aligned, masked
from lookalike.double.journal import Calls
from lookalike.double.misuse import refusal
from lookalike.double.nearness import distance
from lookalike.double.question import CRITERIA, Question
from lookalike.double.told import times_of, told_call, told_calls, told_mismatch
from lookalike.errors import DoubleError, UsageError
from lookalike.messages import Exchange
from lookalike.mismatch import Mismatch

__tracebackhide__ = True

_ROWS = 12
_OTHERS = 5


class Subject:
    """The calls that an assertion is about.

    told:      who they were made to, for messages: `POST /todos (declared at tests/test_todos.py:14)`
    calls:     those that are kept
    count:     how many there were
    elsewhere: the calls of the whole mock, for when there were none
    """

    def __init__(self, told: str, calls: Calls, count: int, elsewhere: Calls | None = None) -> None:
        self.told = told
        self.calls = calls
        self.count = count
        self.elsewhere = elsewhere

    def called(self) -> None:
        """Raises DoubleError where there was no call."""
        if not self.count:
            self._fail("was never called")

    def not_called(self) -> None:
        """Raises DoubleError where there was a call."""
        if self.count:
            self._fail(f"was called {times_of(self.count)} and should not have been")

    def called_once(self) -> None:
        """Raises DoubleError where there was not exactly one call."""
        if self.count != 1:
            self._fail(f"was called {times_of(self.count)}, not once" if self.count else "was never called")

    def last_fits(self, question: Question) -> None:
        """Raises DoubleError where the last call isn't what is asked."""
        self.called()
        last = self.calls.last
        found = list(question.explain(last.request))
        if found:
            place = f", the last of {self.count} calls" if self.count > 1 else ""
            raise DoubleError(
                f"{self.told} was called, but not with this.\n\n"
                f"{told_call(last.request)}{place}:\n{aligned(found, limit=_ROWS)}{self._fitting(question)}"
            )

    def once_fits(self, question: Question) -> None:
        """Raises DoubleError where there was not exactly one call, or it isn't what is asked."""
        self.called_once()
        self.last_fits(question)

    def any_fits(self, question: Question) -> None:
        """Raises DoubleError where no call is what is asked; the nearest is told first."""
        self.called()
        if not any(next(question.explain(call.request), None) is None for call in self.calls):
            raise DoubleError(self._none_fits(question))

    def fit_in_row(self, questions: Sequence[Question], *, any_order: bool) -> None:
        """Raises DoubleError where the calls aren't there, one right after the other, or each one in any order."""
        if not questions:
            raise UsageError('.assert_has_calls() takes a list that isn\'t empty: [{"json": {...}}, {"json": {...}}]')
        self.called()
        calls = list(self.calls)
        if any_order:
            self._each_one(questions, calls)
            return
        starts = range(max(len(calls) - len(questions), 0) + 1)
        runs = [_run(questions, calls[start:]) for start in starts]
        best = max(runs, key=len)
        if len(best) == len(questions):
            return
        at = len(best)
        if not at:
            raise DoubleError(self._none_fits(questions[0]))
        after = calls[starts[runs.index(best)] + at :][:1]
        happened = "no call more"
        if after:
            found = list(questions[at].explain(after[0].request))
            happened = f"{told_call(after[0].request)}:\n{aligned(found, limit=_ROWS)}"
        raise DoubleError(
            f"{self.told} didn't get these {len(questions)} calls in a row: {_first(at)}, then {happened}\n\n"
            f"Its calls:{told_calls(self.calls)}"
        )

    def _each_one(self, questions: Sequence[Question], calls: list[Exchange]) -> None:
        left = list(calls)
        for question in questions:
            found = next((call for call in left if next(question.explain(call.request), None) is None), None)
            if found is None:
                raise DoubleError(self._none_fits(question, " that is left" if len(left) < len(calls) else "", left))
            left = [call for call in left if call is not found]

    def _none_fits(self, question: Question, left: str = "", calls: Sequence[Exchange] | None = None) -> str:
        """The nearest calls of those that are kept, each with what differs."""
        every = list(self.calls if calls is None else calls)
        if not every:
            return f"{self.told}: no call{left} fits.\n\nIts calls:{told_calls(self.calls)}"
        template = question.target.pattern.template if question.target is not None else None
        ranked = []
        for at, call in enumerate(every):
            found = list(question.explain(call.request))
            ranked.append((distance(found, template, call.request.path), -at, call, found))
        ranked.sort(key=lambda one: one[:2])
        _, at, nearest, found = ranked[0]
        number = f", call {1 - at} of {len(every)}" if len(every) > 1 else ""
        many = f"none of {len(every)} calls{left} fits" if len(every) > 1 else f"the only call{left} doesn't fit"
        told = f"{self.told}: {many}.\n\nNearest: {told_call(nearest.request)}{number}\n{aligned(found, limit=_ROWS)}"
        return told + _others(ranked[1:])

    def _fitting(self, question: Question) -> str:
        """Which earlier calls would have fitted."""
        fitting = [
            str(at)
            for at, call in enumerate(self.calls, 1)
            if at < len(self.calls) and next(question.explain(call.request), None) is None
        ]
        if not fitting:
            return ""
        which = f"Call {fitting[0]} was." if len(fitting) == 1 else f"Calls {', '.join(fitting[:_OTHERS])} were."
        return f"\n\n{which} (assert_any_call looks at all of them.)"

    def _fail(self, told: str) -> NoReturn:
        raise DoubleError(f"{self.told} {told}.{self._happened()}")

    def _happened(self) -> str:
        if self.count:
            return "\nIts calls:" + told_calls(self.calls)
        calls = self.elsewhere
        return "\nWhat was requested instead:" + told_calls(calls) if calls else "\nNothing was requested."


def _run(questions: Sequence[Question], calls: Sequence[Exchange]) -> list[Exchange]:
    """The calls that fit from the first question on, one after the other."""
    found = []
    for question, call in zip(questions, calls, strict=False):
        if next(question.explain(call.request), None) is not None:
            break
        found.append(call)
    return found


def _first(count: int) -> str:
    return "the first fits" if count == 1 else f"the first {count} fit"


def _others(ranked: Sequence[tuple[float, int, Exchange, list[Mismatch]]]) -> str:
    if not ranked:
        return ""
    lines = [
        f"  {told_call(call.request)}, call {1 - at}    {told_mismatch(masked(found[0]))}"
        for _, at, call, found in ranked[:_OTHERS]
    ]
    more = len(ranked) - len(lines)
    return "\nOthers:\n" + "\n".join([*lines, *([f"  ... and {more} more"] if more else [])])


def questions_of(asked: Any, call: str, base_url: str | None, *, whole: bool) -> list[Question]:
    """What `assert_has_calls` gets: dicts of criteria, with `method` and `path` where `whole`. Raises UsageError."""
    if isinstance(asked, Mapping | str | bytes) or not isinstance(asked, Sequence):
        raise UsageError(f'{call}...): write a list of what each call has: {call}[{{"json": {{...}}}}, ...])')
    found = []
    for one in asked:
        if not isinstance(one, Mapping):
            raise UsageError(f'{call}...): each call is a dict of criteria, {{"json": {{...}}}}, not {one!r}')
        criteria = {str(key): value for key, value in one.items()}
        method, path = (criteria.pop("method", None), criteria.pop("path", None)) if whole else (None, None)
        names = [key for key in criteria if key not in CRITERIA]
        if names:
            known = ("method", "path", *CRITERIA) if whole else CRITERIA
            raise UsageError(refusal(f"{call}...)", names[0], known, {}, "criterion"))
        found.append(Question(call, method, path, base_url, criteria))
    return found


class RouteAssertions:
    """What a test asks a route about its calls. Each raises DoubleError, an AssertionError, and says what differs.

    Keywords are those of a route: `params`, `headers`, `cookies`, `json`, `form` and so on.
    """

    __slots__ = ()

    def _asserted(self) -> Subject:
        raise NotImplementedError

    def assert_called(self) -> None:
        """Raises DoubleError where the route was never called."""
        self._asserted().called()

    def assert_called_once(self) -> None:
        """Raises DoubleError where the route was not called exactly once."""
        self._asserted().called_once()

    def assert_not_called(self) -> None:
        """Raises DoubleError where the route was called."""
        self._asserted().not_called()

    def assert_called_with(self, **asked: Unpack[Criteria]) -> None:
        """Raises DoubleError where the last call doesn't fit, and says where it differs."""
        self._asserted().last_fits(Question("route.assert_called_with(", None, None, None, asked))

    def assert_called_once_with(self, **asked: Unpack[Criteria]) -> None:
        """Raises DoubleError where there was not exactly one call, or it doesn't fit."""
        self._asserted().once_fits(Question("route.assert_called_once_with(", None, None, None, asked))

    def assert_any_call(self, **asked: Unpack[Criteria]) -> None:
        """Raises DoubleError where no call fits, and says where the nearest differs."""
        self._asserted().any_fits(Question("route.assert_any_call(", None, None, None, asked))

    def assert_has_calls(self, calls: Sequence[Criteria], *, any_order: bool = False) -> None:
        """Raises DoubleError where these calls didn't come one right after the other (or each, in any order)."""
        questions = questions_of(calls, "route.assert_has_calls(", None, whole=False)
        self._asserted().fit_in_row(questions, any_order=any_order)


class CallCriteria(Criteria, total=False):
    """One call of a mock: criteria, and where it went."""

    method: str | None
    path: Path | None


class MockAssertions:
    """What a test asks a mock about the calls of all its routes, and of requests that matched none.

    Each takes a method and a path where a call is to have them, and the criteria of a route. Each raises DoubleError,
    an AssertionError, and says what differs.
    """

    __slots__ = ()
    base_url: str | None
    name: str

    def _every(self) -> Calls:
        raise NotImplementedError

    def _narrowed(self, method: str | None, path: Path | None, criteria: Any, call: str) -> Subject:
        calls = self._every()
        question = Question(call, method, path, self.base_url, criteria)
        found = Calls((one for one in calls if next(question.explain(one.request), None) is None), calls.base_url)
        narrow = " with these criteria" if criteria else ""
        label = f"the mock of {self.name}" if method is None and path is None else question.label
        return Subject(label + narrow, found, len(found), calls)

    def _asked(self, method: str | None, path: Path | None, criteria: Any, call: str) -> tuple[Subject, Question]:
        """The calls to this method and path, and what they are to be like."""
        subject = self._narrowed(method, path, {}, call)
        return subject, Question(call, None, None, self.base_url, criteria)

    def assert_called(self, method: str | None = None, path: Path | None = None, **asked: Unpack[Criteria]) -> None:
        """Raises DoubleError where there was no such call; the nearest is told first."""
        calls = self._every()
        question = Question("mock.assert_called(", method, path, self.base_url, asked)
        Subject(f"{question.label} of the mock of {self.name}", calls, len(calls)).any_fits(question)

    def assert_called_once(
        self, method: str | None = None, path: Path | None = None, **asked: Unpack[Criteria]
    ) -> None:
        """Raises DoubleError where there was not exactly one such call."""
        self._narrowed(method, path, asked, "mock.assert_called_once(").called_once()

    def assert_not_called(self, method: str | None = None, path: Path | None = None, **asked: Unpack[Criteria]) -> None:
        """Raises DoubleError where there was such a call."""
        self._narrowed(method, path, asked, "mock.assert_not_called(").not_called()

    def assert_called_with(
        self, method: str | None = None, path: Path | None = None, **asked: Unpack[Criteria]
    ) -> None:
        """Raises DoubleError where the last call to this method and path doesn't fit, and says where it differs."""
        subject, question = self._asked(method, path, asked, "mock.assert_called_with(")
        subject.last_fits(question)

    def assert_called_once_with(
        self, method: str | None = None, path: Path | None = None, **asked: Unpack[Criteria]
    ) -> None:
        """Raises DoubleError where there was not exactly one call to this method and path, or it doesn't fit."""
        subject, question = self._asked(method, path, asked, "mock.assert_called_once_with(")
        subject.once_fits(question)

    def assert_any_call(self, method: str | None = None, path: Path | None = None, **asked: Unpack[Criteria]) -> None:
        """The same as `assert_called`, by the name that unittest.mock gives it."""
        self.assert_called(method, path, **asked)

    def assert_has_calls(self, calls: Sequence[CallCriteria], *, any_order: bool = False) -> None:
        """Raises DoubleError where these calls didn't come one right after the other (or each, in any order)."""
        every = self._every()
        questions = questions_of(calls, "mock.assert_has_calls(", self.base_url, whole=True)
        Subject(f"the mock of {self.name}", every, len(every)).fit_in_row(questions, any_order=any_order)
