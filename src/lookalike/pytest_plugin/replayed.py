"""The recordings that one test replays through the fixture `replay_api`, a file a test unless it names one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.api.api import Api
from lookalike.api.session import check_all
from lookalike.errors import UsageError

if TYPE_CHECKING:
    import pytest

    from lookalike.api.replaying import Replay
    from lookalike.api.session import Session

__tracebackhide__ = True

FOLDER = "cassettes"
_SUFFIXES = (".har", ".yaml", ".yml", ".json")
# What no file system takes; a recorder for pytest that came before writes a dash for them too.
_FORBIDDEN = str.maketrans(dict.fromkeys("<>?%*:|\"'/\\", "-"))


def default_recording(item: pytest.Item, *, anew: bool = False) -> Path:
    """Where a test's recording is: `cassettes/MODULE/TEST.har` beside its file, or the one of another format there.

    anew: it is recorded anew, so as HAR
    """
    owner = getattr(item, "cls", None)
    name = f"{owner.__name__}.{item.name}" if owner is not None else item.name
    name = name.translate(_FORBIDDEN)
    beside = item.path.parent / FOLDER
    first = beside / item.path.stem / f"{name}.har"
    if anew:
        return first
    places = [folder / f"{name}{suffix}" for folder in (first.parent, beside) for suffix in _SUFFIXES]
    return next((place for place in places if place.exists()), first)


class ReplayApi:
    """What the fixture gives: called with an API, it replays a recording in its place until the test is over."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._sessions: list[Session[Replay]] = []

    def __call__(
        self,
        api: Api | str | os.PathLike[str] | None = None,
        *sources: str | os.PathLike[str],
        base_url: str | None = None,
        **options: Any,
    ) -> Replay:
        """The replay of an API. It takes what `lookalike.Api` takes, or an Api, and what `api.replay` takes; where
        neither names an API, the replay is of every host that was recorded.

        sources: relative to the test's file; without one, the test's own recording (`default_recording`)

        Raises UsageError, FileError and DoubleError as `api.replay` does.
        """
        if isinstance(api, Api):
            if base_url is not None:
                raise UsageError(
                    "replay_api(api, base_url=...): the Api has a base URL of its own; give one of the two"
                )
            chosen = api
        else:
            chosen = Api(api, base_url="*" if api is None and base_url is None else base_url)
        mode = self._item.config.getoption("lookalike_record") or options.get("record", "none")
        own = default_recording(self._item, anew=mode == "all")
        named = [self._item.path.parent / one for one in sources] or [own]
        session = chosen.replay(*(_from_here(one) for one in named), **options).session()
        session.begin()
        self._sessions.append(session)
        return session.double

    def marked(self, args: tuple[Any, ...], options: Mapping[str, Any]) -> Replay:
        """The replay of a marker."""
        return self(*args, **options)

    def check(self, error: BaseException | None) -> None:
        """The test's body is over: write what was recorded; raise what went wrong, or add it to `error` as notes."""
        check_all(reversed(self._sessions), error)

    def undo(self) -> None:
        """Take the replays away, the newest first."""
        while self._sessions:
            self._sessions.pop().undo()


def _from_here(path: str | os.PathLike[str]) -> str:
    """A path as messages show it: relative to the working directory where it is below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here) if Path(path).is_relative_to(here) else path)
