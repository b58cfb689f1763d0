"""Ask paths of the real API for the first time, to learn from what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from lookalike.counted import counted
from lookalike.errors import CredentialsRefused, Unreachable, UsageError
from lookalike.live.ask import Asker
from lookalike.live.reasons import REASONS
from lookalike.live.sift import NotLearned
from lookalike.live.targets import Lists
from lookalike.messages import Exchange, Request, split_url

# Failures after which the rest is still worth asking, though nothing else was heard of the API: it does answer.
_ALIVE = frozenset({
    "server-errors", "rate-limit", "too-large", "redirects", "truncated", "wrong-length", "bad-chunk", "bad-coding",
    "budget",
})  # fmt: skip
_FAILURES_IN_A_ROW = 3
# Asking on with bad credentials gets accounts locked.
_REFUSALS = 2


@dataclass(slots=True)
class Answers:
    """What came of asking: the exchanges in order, redirects as exchanges of their own, and what has no answer."""

    exchanges: list[Exchange] = field(default_factory=list)
    not_learned: list[NotLearned] = field(default_factory=list)


def ask_paths(asker: Asker, *, base_url: str, paths: Sequence[str], items: int = 5, day: str = "") -> Answers:
    """Ask each path with GET. What fails is listed, and the others are asked nevertheless.

    paths: relative to the base URL, each beginning with `/`, with a query or without. A template is filled from what
           the lists before it answered: after `/todos`, `/todos/{id}` asks for `items` of their ids
    day:   of the exchanges, `YYYY-MM-DD`; today for `""`

    Any status below 500 but 401, 403 and 429 is an answer. Raises Unreachable where the API is dead from the beginning,
    and UsageError for a path that isn't one.
    """
    split_url(base_url)
    for path in paths:
        if not path.startswith("/") or "#" in path:
            raise UsageError(f"{path!r} is not a path of the API; write it as /todos or /todos/{{id}}")
    asking = _Asking(asker, base_url.rstrip("/"), day or date.today().isoformat())
    for path in paths:
        asking.ask_path(path, items)
    return Answers(list(asking.found.values()), asking.not_learned)


class _Asking:
    """What is asked, what came, and why the rest isn't asked any more."""

    def __init__(self, asker: Asker, base: str, day: str) -> None:
        self.found: dict[str, Exchange] = {}
        self.not_learned: list[NotLearned] = []
        self._asker = asker
        self._base = base
        self._day = day
        self._lists = Lists()
        self._ended = ""
        self._heard = False
        self._failures = 0
        self._refusals = 0

    def ask_path(self, path: str, items: int) -> None:
        """Ask a path, or what a template is filled to."""
        targets = [path] if "{" not in path else list(islice(self._lists.fill(path), items))
        if not targets:
            why = (
                self._ended
                or "has nothing that fills it: name the list that it belongs to before it, or an item's path"
            )
            self.not_learned.append(NotLearned(f"GET {path}", why, unfilled=not self._ended))
        for target in targets:
            if self._ended:
                self.not_learned.append(NotLearned(f"GET {target}", self._ended))
            elif self._base + target not in self.found:
                self._ask(target)

    def _ask(self, target: str) -> None:
        try:
            asked = self._asker.asked(Request("GET", self._base + target))
        except CredentialsRefused as error:
            self._heard = True
            self._refusals += 1
            self.not_learned.append(NotLearned(f"GET {target}", f"failed: {_reason(error)}", refused=True))
            if self._refusals >= _REFUSALS and not self.found:
                self._ended = f"was not asked: the first {self._refusals} requests were refused"
            return
        except Unreachable as error:
            self._failed(target, error)
            return
        self._heard, self._failures = True, 0
        for hop in asked.redirects:
            self.found[hop.request.url] = Exchange(hop.request, hop.response, day=self._day)
        last = Exchange(Request("GET", asked.url), asked.response, elapsed=asked.elapsed, day=self._day)
        self.found[asked.url] = last
        self._lists.note(target, asked.response)

    def _failed(self, target: str, error: Unreachable) -> None:
        if not self._heard and error.reason not in _ALIVE:
            raise error
        self._heard = True
        self._failures += 1
        self.not_learned.append(NotLearned(f"GET {target}", f"failed: {_reason(error)}"))
        if error.reason == "budget":
            budget = counted(self._asker.budget, "request")
            self._ended = f"was not asked: the call budget ({budget}) is used up; raise it with --budget"
            self.not_learned[-1] = NotLearned(f"GET {target}", self._ended)
        elif REASONS[error.reason].lasting:
            self._ended = f"was not asked: {REASONS[error.reason].words}"
        elif self._failures >= _FAILURES_IN_A_ROW:
            self._ended = f"was not asked: {self._failures} requests in a row failed"


def _reason(error: Exception) -> str:
    """The message without the URL that it begins with."""
    return str(error).partition(": ")[2]
