"""Another item in the place of one that a test made up: `/users/7` where the real API's own list has `/users/41`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lookalike.contract.contract import Contract
from lookalike.contract.operation import Operation
from lookalike.errors import CredentialsRefused, Unreachable
from lookalike.live.ask import Asker
from lookalike.live.targets import Lists, known_targets
from lookalike.messages import Request, Response

GONE = frozenset({404, 410})
_VARIABLE = re.compile(r"\{[^{}]+\}")
_TRIED = 3


class Resolver:
    """Finds items that exist, through what evidence knows and through lists; each is asked once a run."""

    def __init__(self, asker: Asker, contract: Contract, base_url: str) -> None:
        self._asker = asker
        self._contract = contract
        self._base_url = base_url.rstrip("/")
        self._lists = Lists()
        self._listed: set[str] = set()
        self._found: dict[str, tuple[str, Response] | None] = {}

    def another(self, method: str, path: str) -> tuple[str, Response] | None:
        """Target and answer of another item of the same operation; None where none is known.

        path: below the API, of an item that the real API doesn't have
        Raises Unreachable and CredentialsRefused, as asking does.
        """
        operation = self._contract.find(method, path)
        if operation is None or "{" not in operation.path or method not in ("GET", "HEAD"):
            return None
        if operation.key not in self._found:
            self._found[operation.key] = self._ask(operation, path)
        return self._found[operation.key]

    def _ask(self, operation: Operation, path: str) -> tuple[str, Response] | None:
        tried = 0
        for target in self._targets(operation):
            if target.partition("?")[0] == path:
                continue
            answer = self._asker.ask(Request(operation.method, self._base_url + target), expected=GONE)
            if answer.ok:
                return target, answer
            tried += 1
            if tried >= _TRIED:
                break
        return None

    def _targets(self, operation: Operation) -> Iterator[str]:
        yield from known_targets(self._contract, operation)[:_TRIED]
        self._list(operation.path)
        yield from self._lists.targets(operation)

    def _list(self, template: str) -> None:
        """Ask the lists that lead to an item, the outermost first: `/users`, then `/users/{id}/posts` of one user."""
        for variable in _VARIABLE.finditer(template):
            listing = template[: variable.start()].rstrip("/")
            if listing in self._listed or self._contract.find("GET", listing or "/") is None:
                continue
            self._listed.add(listing)
            path = next(self._lists.fill(listing), None) if "{" in listing else listing or "/"
            if path is None:
                return
            try:
                self._lists.note(path, self._asker.ask(Request("GET", self._base_url + path), wants="JSON"))
            except Unreachable as error:
                if error.reason == "budget":
                    raise
                return
            except CredentialsRefused:
                return
