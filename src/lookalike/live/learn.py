"""Ask paths of the real API for the first time, to learn from what it answers."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.live.ask import Asker
from lookalike.messages import Exchange


def ask_paths(asker: Asker, *, base_url: str, paths: Sequence[str], items: int = 5, day: str = "") -> list[Exchange]:
    """Ask each path with GET and return what was answered, in order, redirects as exchanges of their own.

    paths: relative to the base URL, each beginning with `/`, with a query or without. A template is filled from what
           the lists before it answered: after `/todos`, `/todos/{id}` asks for `items` of their ids
    day:   of the exchanges, `YYYY-MM-DD`; today for `""`

    Any status below 500 but 401, 403 and 429 is an answer worth learning. Raises Unreachable, CredentialsRefused, and
    UsageError for a path that isn't one or a template that nothing fills.
    """
    raise NotImplementedError
