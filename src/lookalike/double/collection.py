"""A small stateful resource: a list of rows that requests read and change, as REST APIs have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict
from urllib.parse import quote

from lookalike.codec import encode_json
from lookalike.double import contracts
from lookalike.double.address import address_of
from lookalike.double.body import json_copy
from lookalike.double.misuse import refusal as no_such
from lookalike.double.pages import Pages, WrongPage
from lookalike.double.refusals import refusal
from lookalike.double.reply import PathParameters, Reply
from lookalike.double.rows import Row, Rows, merged, text
from lookalike.double.source import caller
from lookalike.double.target import below
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Request, Response

if TYPE_CHECKING:
    from lookalike.double.mock import MockDouble
    from lookalike.double.route import Route

__tracebackhide__ = True


class CollectionOptions(TypedDict, total=False):
    """How a collection behaves.

    id:        the key of a row that is its id, and the last part of its path
    new_id:    makes the id of a created row from those that there were; else the next number, or a UUID
    filter:    whether query parameters that are keys of the rows choose among them
    paginate:  how lists come in pages, `{"style": "page", "size": 10}`, as `route.paginate` takes it
    parents:   which key of a row a parameter of the path stands for: `{"user": "userId"}`; else the one of its name
    unchecked: why its replies may contradict the contract
    """

    id: str
    new_id: Callable[[list[Any]], Any] | None
    filter: bool
    paginate: Mapping[str, Any] | None
    parents: Mapping[str, str]
    unchecked: str


OPTIONS = tuple(CollectionOptions.__annotations__)

_ROWS = "rows"
_PLAIN = {"POST": 201, "DELETE": 204}


def _parameter(key: object, path: object) -> str:
    """What the parameter for a row's id is called in the paths of its routes; none of the path's own."""
    name = key if isinstance(key, str) and key.isidentifier() else "id"
    taken = re.findall(r"{(\w+)", str(path))
    while name in taken:
        name = f"row_{name}"
    return name


class Collection:
    """A stateful resource of a mock, made by `mock.collection("/todos", rows)`.

    GET lists, GET of one, POST creates (201 and Location), PUT replaces, PATCH merges (RFC 7396), DELETE deletes (204);
    what isn't there is 404. With a contract the statuses are those that it names, what it requires of a row and a
    request doesn't say is supplied, and replies are held to it.

    routes: its routes; they may stay unused
    """

    def __init__(self, mock: MockDouble, path: str, rows: Iterable[Any], options: Mapping[str, Any]) -> None:
        call = f"mock.collection({path!r})"
        unknown = next((name for name in options if name not in OPTIONS), None)
        if unknown is not None:
            raise UsageError(no_such(call, unknown, OPTIONS, {}))
        paging = dict(options.get("paginate") or {})
        self._headers = paging.pop("headers", None)
        self._pages = Pages(call, paging.pop("style", "link"), paging) if options.get("paginate") else None
        self._filters = bool(options.get("filter", True))
        self._rows = Rows(call, rows, options.get("id", "id"), options.get("new_id"))
        self._mock = mock
        self._lock = RLock()
        path = path.rstrip("/") if isinstance(path, str) else path
        self._parameter = _parameter(self._rows.key, path)
        self.routes: tuple[Route, ...] = tuple(self._declared(path, options.get("unchecked", "")))
        self._home = self.routes[0].home
        of_path = [name for name in self.routes[0].target.pattern.names if name != self._parameter]
        self._parents = {name: options.get("parents", {}).get(name, name) for name in of_path}
        try:
            self._check()
        except Exception:
            for route in self.routes:
                mock.withdraw(route)
            raise

    def _declared(self, path: str, unchecked: str) -> Iterable[Route]:
        for method, of_one, action in _ACTIONS:
            route = self._mock.route(method, f"{path}/{{{self._parameter}}}" if of_one else path)
            yield route._answer_by(CollectionReply(self, action, unchecked)).optional()

    @property
    def rows(self) -> list[Row]:
        """The rows as they are now, in order; a test may change them."""
        return self._rows.rows

    def state(self) -> tuple[list[Row], list[Any]]:
        """What a snapshot keeps: the rows and the ids that there were."""
        with self._lock:
            return json_copy(self.rows), list(self._rows.ever)

    def restore(self, state: tuple[list[Row], list[Any]]) -> None:
        """Be again as a snapshot says."""
        with self._lock:
            self.rows[:] = json_copy(state[0])
            self._rows.ever[:] = state[1]

    def answer(self, action: Callable[[Asked], Response], request: Request, values: Mapping[str, Any]) -> Response:
        """What a request gets, one request at a time."""
        path = below(request.path, self._home)
        asked = Asked(self, request, path, values)
        with self._lock:
            return action(asked)

    # -- what the actions do -----------------------------------------------------------------------------------------

    def listing(self, asked: Asked) -> Response:
        """The rows below the path's parents that the query chooses, or one page of them."""
        found = [row for row in self.rows if self._is_below(row, asked)]
        for name in asked.request.params if self._filters else ():
            if any(name in row for row in found):
                wanted = asked.request.params.get_all(name)
                found = [row for row in found if text(row.get(name)) in wanted]
        return self._listed(found, asked)

    def _listed(self, rows: list[Row], asked: Asked) -> Response:
        status = asked.status()
        kind = contracts.json_kind(self._mock.contract, "GET", asked.path, status) if self._mock.contract else _JSON
        if self._pages is None:
            return Response(status, (("content-type", kind),), encode_json(rows))
        try:
            cut = self._pages.cut(asked.request, rows)
        except WrongPage as wrong:
            return asked.refused(400, str(wrong))
        address = address_of(asked.request, self._home)
        return self._pages.answer(rows, cut, address, status, kind, self._headers)

    def one(self, asked: Asked) -> Response:
        """The row that the path names."""
        row = self._named(asked)
        return asked.missing() if row is None else asked.said(row)

    def create(self, asked: Asked) -> Response:
        """Add a row."""
        body = asked.body()
        if body is None:
            return asked.refused(400, "the body must be a JSON object")
        key = self._rows.key
        if body.get(key) is None:
            body = {key: self._rows.new_id(), **{name: value for name, value in body.items() if name != key}}
        elif not self._rows.take(body[key]):
            return asked.refused(409, f"there is one with the {key} {text(body[key])} already")
        row = asked.completed({**body, **self._of_parents(asked)})
        self.rows.append(row)
        address = address_of(asked.request, self._home)
        place = f"{address.origin}{address.path.rstrip('/')}/{quote(text(row[key]), safe='')}"
        return asked.said(row, (("location", place),))

    def replace(self, asked: Asked) -> Response:
        """Put another row in the place of one; its id stays."""
        return self._changed(asked, lambda row, body: body)

    def patch(self, asked: Asked) -> Response:
        """Merge into a row (RFC 7396); its id stays."""
        return self._changed(asked, merged)

    def _changed(self, asked: Asked, change: Callable[[Row, Row], Row]) -> Response:
        row = self._named(asked)
        if row is None:
            return asked.missing()
        body = asked.body()
        if body is None:
            return asked.refused(400, "the body must be a JSON object")
        key = self._rows.key
        changed = {key: None, **change(row, body), **self._of_parents(asked)}
        new = asked.completed({**changed, key: row[key]})
        self.rows[next(at for at, one in enumerate(self.rows) if one is row)] = new
        return asked.said(new)

    def delete(self, asked: Asked) -> Response:
        """Take a row out."""
        row = self._named(asked)
        if row is None:
            return asked.missing()
        self.rows[:] = [one for one in self.rows if one is not row]
        return asked.said(row, empty=True)

    def _named(self, asked: Asked) -> Row | None:
        at = self._rows.find(text(asked.values[self._parameter]))
        return self.rows[at] if at is not None and self._is_below(self.rows[at], asked) else None

    def _is_below(self, row: Row, asked: Asked) -> bool:
        return all(text(row.get(key)) == text(asked.values[name]) for name, key in self._parents.items())

    def _of_parents(self, asked: Asked) -> Row:
        """What the path says of a row, as the other rows write it."""
        found: Row = {}
        for name, key in self._parents.items():
            said = asked.values[name]
            others = [row[key] for row in self.rows if key in row]
            number = isinstance(said, str) and said.isdecimal() and not any(isinstance(one, str) for one in others)
            found[key] = int(said) if number else said
        return found

    def _check(self) -> None:
        """Hold the rows to the contract where they are declared."""
        contract, warn = self._mock.contract, self._mock.warn
        if contract is None:
            return
        for route in self.routes:
            path = route.target.relative
            if route.method != "GET" or path is None or contract.find("GET", path) is None:
                continue
            asked = Asked(self, Request("GET", f"https://api.invalid{path}"), path, {})
            of_one = self._parameter in route.target.pattern.names
            answers = [asked.said(row) for row in self.rows] if of_one else [self._listed(self.rows, asked)]
            for answer in answers:
                contracts.check_reply(route, route.replies[0], answer, contract, warn)

    @property
    def contract(self) -> contracts.ContractLike | None:
        """What replies are held to."""
        return self._mock.contract

    def __repr__(self) -> str:
        return f"<Collection {self.routes[0].path}: {len(self.rows)} row{'s' * (len(self.rows) != 1)}>"


_JSON = "application/json"


class Asked(NamedTuple):
    """One request to a collection; path: below the base URL; values: the path's parameters."""

    collection: Collection
    request: Request
    path: str | None
    values: Mapping[str, Any]

    @property
    def method(self) -> str:
        """The method that the contract knows it by."""
        return "GET" if self.request.method == "HEAD" else self.request.method

    def status(self) -> int:
        """Of a success."""
        contract = self.collection.contract
        if contract is None or self.path is None or contract.find(self.method, self.path) is None:
            return _PLAIN.get(self.method, 200)
        return contract.default_status(self.method, self.path)

    def body(self) -> Row | None:
        """The JSON object that was sent, None where there is none."""
        try:
            sent = self.request.json()
        except InvalidJson:
            return None
        return dict(sent) if isinstance(sent, dict) else None

    def completed(self, row: Row) -> Row:
        """The row with what a contract requires and the request didn't say."""
        contract = self.collection.contract
        if contract is None or self.path is None:
            return row
        whole = contract.complete(self.method, self.path, self.status(), row)
        return whole if isinstance(whole, dict) else row

    def said(self, row: Row, headers: tuple[tuple[str, str], ...] = (), *, empty: bool = False) -> Response:
        """A success that shows a row; `empty`: nothing, where the contract doesn't want more."""
        status, contract = self.status(), self.collection.contract
        operation = contract.find(self.method, self.path) if contract is not None and self.path else None
        if contract is None or self.path is None or operation is None:
            return _shown(status, _JSON, headers, None if empty or status == 204 else row)
        answer = operation.answer(status)
        if status == 204 or (answer is not None and not answer.media):
            return Response(status, headers)
        kind = contracts.json_kind(contract, self.method, self.path, status)
        shown = [_shown(status, kind, headers, value) for value in ((row, {}) if empty else (row,))]
        return next((one for one in shown if self._holds(contract, one)), shown[0])

    def _holds(self, contract: contracts.ContractLike, response: Response) -> bool:
        found = contract.check_reply(self.method, self.path or "", response)
        return not any(one.level == "violation" for one in found)

    def missing(self) -> Response:
        """404."""
        return self.refused(404, f"there is no {self.path or self.request.path}")

    def refused(self, status: int, why: str) -> Response:
        """An error, in the contract's words where it has some."""
        return refusal(self.collection.contract, self.method, self.path, status, why)


def _shown(status: int, kind: str, headers: tuple[tuple[str, str], ...], value: Any) -> Response:
    if value is None:
        return Response(status, headers)
    return Response(status, (("content-type", kind), *headers), encode_json(value))


class CollectionReply(Reply):
    """What a collection answers to one kind of request."""

    def __init__(self, collection: Collection, action: str, unchecked: str) -> None:
        super().__init__(caller(), unchecked)
        self._collection = collection
        self._action = action

    @property
    def label(self) -> str:
        return f"collection ({self._action})"

    def state(self) -> dict[str, Any]:
        return {**super().state(), _ROWS: self._collection.state()}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore({name: value for name, value in state.items() if name != _ROWS})
        self._collection.restore(state[_ROWS])

    def answer(self, request: Request, path_parameters: PathParameters) -> Response:
        action = getattr(self._collection, self._action)
        return self._collection.answer(action, request, path_parameters(request))


_ACTIONS = (
    ("GET", False, "listing"),
    ("HEAD", False, "listing"),
    ("POST", False, "create"),
    ("GET", True, "one"),
    ("HEAD", True, "one"),
    ("PUT", True, "replace"),
    ("PATCH", True, "patch"),
    ("DELETE", True, "delete"),
)
"""Method, whether it is about one row, and what is done."""
