"""Ask paths of the real API for the first time, to learn from what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice

from lookalike.errors import UsageError
from lookalike.live.ask import Asker
from lookalike.live.targets import Lists
from lookalike.messages import Exchange, Request, split_url


def ask_paths(asker: Asker, *, base_url: str, paths: Sequence[str], items: int = 5, day: str = "") -> list[Exchange]:
    """Ask each path with GET and return what was answered, in order, redirects as exchanges of their own.

    paths: relative to the base URL, each beginning with `/`, with a query or without. A template is filled from what
           the lists before it answered: after `/todos`, `/todos/{id}` asks for `items` of their ids
    day:   of the exchanges, `YYYY-MM-DD`; today for `""`

    Any status below 500 but 401, 403 and 429 is an answer worth learning. Raises Unreachable, CredentialsRefused, and
    UsageError for a path that isn't one or a template that nothing fills.
    """
    split_url(base_url)
    for path in paths:
        if not path.startswith("/") or "#" in path:
            raise UsageError(f"{path!r} is not a path of the API; write it as /todos or /todos/{{id}}")
    base, when = base_url.rstrip("/"), day or date.today().isoformat()
    lists = Lists()
    found: dict[str, Exchange] = {}
    for path in paths:
        for target in _targets(path, lists, items):
            if base + target in found:
                continue
            asked = asker.asked(Request("GET", base + target))
            for hop in asked.redirects:
                found[hop.request.url] = Exchange(hop.request, hop.response, day=when)
            found[asked.url] = Exchange(Request("GET", asked.url), asked.response, elapsed=asked.elapsed, day=when)
            lists.note(target, asked.response)
    return list(found.values())


def _targets(path: str, lists: Lists, items: int) -> list[str]:
    if "{" not in path:
        return [path]
    filled = list(islice(lists.fill(path), items))
    if not filled:
        raise UsageError(f"nothing fills {path}: name the list that it belongs to before it, or an item's own path")
    return filled
