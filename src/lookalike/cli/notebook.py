"""What a recording has seen, until the contract's file learns it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from lookalike.cli.screen import Screen
from lookalike.cli.taught import existing, report, unreadable_of
from lookalike.counted import counted
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Exchange, Request
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract

_FULL = 64_000_000  # bytes of answers that are kept before they are learned
_MOST = 20  # requests that taught nothing, named one by one


class Notebook:
    """What was seen, until the contract's file learns it; safe from any thread.

    path:     the contract's file
    base_url: what was asked
    html:     pages teach too
    """

    def __init__(self, path: Path, base_url: str, *, html: bool = False) -> None:
        self.path = path
        self._html = html
        self._base_url = base_url
        self._lock = Lock()
        self._new: list[Exchange] = []
        self._size = 0
        self._full = _FULL
        self._seen = 0
        self._written = False
        self._contract: Contract | None = None
        self._learned: list[Exchange] = []
        self._untaught: dict[str, None] = {}  # in order, each once

    def check(self) -> None:
        """Before anything is seen: raises FileError or UsageError where the file could learn nothing in the end."""
        self.known()
        folder = next(one for one in self.path.absolute().parents if one.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UsageError(f"{self.path} can't be written: {folder} is no folder, or not yours to write to")

    def known(self) -> Contract | None:
        """The contract as its file has it now, None where there is none.

        Raises FileError where it can't be read.
        """
        return existing(self.path, self._base_url)

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange; many of them are learned at once, so that a long recording needs no more memory."""
        with self._lock:
            self._seen += 1
            self._new.append(exchange)
            self._size += len(exchange.request.content) + (len(exchange.response.content) if exchange.response else 0)
            if self._size < self._full:
                return
            try:
                self._learn(self.path, self.known())
            except (LookalikeError, OSError):
                self._full += _FULL  # the end tries again, and says why

    def learn(self) -> None:
        """Let the file learn what is new. What a file that was broken meanwhile can't take is written beside it.

        Raises FileError, UsageError.
        """
        with self._lock:
            try:
                self._learn(self.path, self.known())
            except UsageError as error:
                spare = self.path.with_name(f"{self.path.stem}-recorded{self.path.suffix}")
                if not self._new or spare.exists():
                    raise
                self._learn(spare, None)
                raise UsageError(
                    f"{error}\nWhat was recorded is in {spare}. Once {self.path.name} is mended: "
                    f"lookalike merge {self.path} {spare} -o {self.path}"
                ) from None

    def _learn(self, path: Path, known: Contract | None) -> None:
        from lookalike.contract import files
        from lookalike.live.record import lesson

        if not self._new:
            return
        taught = lesson(known, self._new, base_url=self._base_url, name=path.stem, html=self._html)
        if taught.contract is not None and taught.contract is not known:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.save(taught.contract, path)
            self._written = True
        self._contract = taught.contract
        self._learned += map(_slim, taught.learned)
        dropped = [str(replace(one, request=_masked(one.request))) for one in taught.dropped]
        shown = [Exchange(Request(one.request.method, _shown(one.request)), one.response) for one in taught.learned]
        unreadable = [f"{text}; its body taught nothing" for text in unreadable_of(shown)]
        self._untaught.update(dict.fromkeys([*dropped, *unreadable]))
        self._new, self._size, self._full = [], 0, _FULL

    def tell(self, screen: Screen) -> None:
        """Say what was seen, and what became of it."""
        if not self._seen:
            screen.say("no answer was seen, so nothing is written")
            return
        if self._contract is not None and self._written:
            report(screen, self._contract, self._learned, self.path)
        else:
            screen.say(f"{counted(self._seen, 'answer')} came and taught nothing new, so nothing is written")
        for text in list(self._untaught)[:_MOST]:
            screen.say(f"  {text}", "warn")
        if len(self._untaught) > _MOST:
            screen.say(f"  and {len(self._untaught) - _MOST} more like these", "warn")


def _masked(called: str) -> str:
    """`GET /path` as it may be shown."""
    method, _, path = called.partition(" ")
    return f"{method} {shown_target(Request(method, f'http://api{path}'))}"


def shown_target(request: Request) -> str:
    """Path and query as they may be shown."""
    return _shown(request).removeprefix("http://api")


def _shown(request: Request) -> str:
    return mask_url(f"http://api{request.target}")


def _slim(exchange: Exchange) -> Exchange:
    """What the report needs: address and status."""
    request, response = exchange.request, exchange.response
    status = type(response)(response.status) if response is not None else None
    return Exchange(Request(request.method, request.url), status)
