"""A contract: what an API accepts and answers, operation by operation."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lookalike.contract.checks import ReplyChecks
from lookalike.contract.compiled import Compiled
from lookalike.contract.openapi import Document, is_json
from lookalike.contract.operation import Media, Operation
from lookalike.contract.paths import PathIndex, split_path
from lookalike.contract.requests import RequestChecks
from lookalike.contract.skeleton import skeleton
from lookalike.messages import Request, Response, split_url
from lookalike.mismatch import Mismatch

if TYPE_CHECKING:
    from lookalike.contract.ledger import Ledger
    from lookalike.contract.own_examples import OwnExamples
    from lookalike.contract.provenance import Source
    from lookalike.shape.shape import Shape


_NEAR_KEPT = 256
_LOOKED_AT = 30  # paths
_NEAREST, _SAME_METHOD = 3, 0.3
_SLIP = 0.75  # of a path's part to be a slip of another; the ratio of difflib
_HELD, _HELD_BYTES = 1024, 16 * 1024  # replies that were held to the contract, and how long one may be


class Contract:
    """What an API accepts and answers: a document, and for a learned contract the evidence behind it.

    name:       the file's name without its endings, or what it was made under
    title:      the document's `info.title`
    base_url:   where the API is: given, else the document's first server; None where neither says
    source:     where it was read from, for messages
    learned:    whether the document was learned from traffic, else a vendor (or a person) wrote it
    operations: in the document's order
    evidence:   the counts behind it, or None
    """

    def __init__(
        self,
        document: Document,
        *,
        name: str = "",
        base_url: str | None = None,
        source: str = "",
        learned: bool = False,
        evidence: Ledger | None = None,
    ) -> None:
        self.document = document
        self.name = name or document.title or "api"
        self.title = document.title or self.name
        self.base_url = base_url.rstrip("/") if base_url else document.base_url
        self.source = source or document.path
        self.learned = learned
        self.evidence = evidence
        self.operations: tuple[Operation, ...] = tuple(document.operations())
        self._index = _Index(self.operations)
        self._other_servers = tuple(dict.fromkeys(server for one in self.operations for server in one.servers))
        self._near: dict[tuple[str, tuple[str, ...]], list[Operation]] = {}
        self._paths: dict[str, tuple[list[str], list[Operation]]] | None = None
        self._held: dict[tuple[object, ...], tuple[Mismatch, ...]] = {}
        self._compiled = Compiled(document, evidence if learned else None)
        self._replies = ReplyChecks(self._compiled, learned=learned)
        self._requests = RequestChecks(self._compiled, learned=learned)
        self._examples: OwnExamples | None = None

    def find(self, method: str, path: str) -> Operation | None:
        """The operation for a method and a path; None where the contract has none.

        path: relative to the base URL, concrete (`/todos/1`) or a template (`/todos/{id}`), a query ignored. HEAD is
        answered by the operation of GET (RFC 9110, section 9.3.2).
        """
        return self._index.find(method.upper(), path)

    def nearest(self, method: str, path: str) -> list[Operation]:
        """Up to three operations that somebody may have meant, the likeliest first."""
        method = method.upper()

        asked = _plain(skeleton(path))
        key = (method, tuple(asked))
        if key in self._near:
            return list(self._near[key])

        paths = self._meant()
        # Exact likeness takes a tenth of a millisecond a path, and documents have a thousand.
        rough = sorted(paths, key=lambda path: (-_rough(paths[path][0], asked), path))[:_LOOKED_AT]
        likeness = _Likeness(asked)
        best: list[tuple[float, str, Operation]] = []
        for own, operations in map(paths.__getitem__, rough):
            if len(best) == _NEAREST and likeness.at_most(own) + _SAME_METHOD < -best[-1][0]:
                continue
            score = likeness.of(own)
            best += [(-(score + _SAME_METHOD * (one.method == method)), one.key, one) for one in operations]
            best = sorted(best, key=lambda scored: scored[:2])[:_NEAREST]
        found = [one for _, _, one in best]
        if len(self._near) < _NEAR_KEPT:
            self._near[key] = found
        return list(found)

    def meant(self, method: str, path: str) -> Operation | None:
        """The nearest operation, where its path is so alike that this one may be a slip of it; else None.

        Half of its words must be there, or nearly; those that both begin with, `/v1/users`, say nothing of it.
        """
        near = next(iter(self.nearest(method, path)), None)
        if near is None:
            return None
        own, asked = split_path(near.path), split_path(path)
        shared = next((at for at, (a, b) in enumerate(zip(own, asked, strict=False)) if a != b), len(own))
        words = [part for part in own[shared:] if "{" not in part]
        alike = sum(bool(difflib.get_close_matches(part, asked[shared:], 1, _SLIP)) for part in words)
        return near if words and 2 * alike >= len(words) else None

    def _meant(self) -> Mapping[str, tuple[list[str], list[Operation]]]:
        """The paths that somebody may mean, with their segments and operations."""
        if self._paths is None:
            # Who learned that a path is nowhere doesn't mean it.
            there = self.operations
            if self.learned:
                there = tuple(one for one in there if any(status < "4" for status in one.responses)) or there
            self._paths = {}
            for one in there:
                self._paths.setdefault(one.path, (_plain(split_path(one.path)), []))[1].append(one)
        return self._paths

    def check_reply(self, method: str, path: str, response: Response) -> list[Mismatch]:
        """What a reply says that the contract doesn't allow; nothing means that it fits.

        A contradiction of the document, or of a learned statement that is likely or firm, is a violation; what was only
        never seen, or contradicts an assumption, is a warning. A status of 400 or more that isn't named is allowed.
        """
        operation = self.find(method, path)
        if operation is None:
            return [self._unknown(method, path)] if response.status < 400 else []
        if response.chunks is not None or len(response.content) > _HELD_BYTES:
            return self._replies.check(operation, method.upper(), response)
        # A suite declares the same replies again and again.
        key = (method, path, response.status, response.headers.pairs, response.content)
        found = self._held.get(key)
        if found is None:
            found = tuple(self._replies.check(operation, method.upper(), response))
            if len(self._held) >= _HELD:
                self._held.clear()
            self._held[key] = found
        return list(found)

    def check_request(self, request: Request, path: str) -> list[Mismatch]:
        """What a request says that the contract doesn't allow. `path` is the request's, relative to the base URL."""
        if request.method.upper() == "OPTIONS":
            return []
        operation = self.find(request.method, path)
        if operation is None:
            return [self._unknown(request.method, path)]
        return self._requests.check(operation, request, path)

    def _unknown(self, method: str, path: str) -> Mismatch:
        allowed = sorted({one.method for one in self._index.methods(path)})
        near = self.meant(method, path) if not allowed else None
        if allowed:
            where, expected = "method", _either(allowed)
            got = method.upper()
        else:
            where, expected, got = "path", "an operation of the contract", f"{method.upper()} {path.partition('?')[0]}"
        return Mismatch(
            where,
            expected,
            got,
            evidence=f"never seen by {self.name}" if self.learned else f"{self.source} has no such operation",
            hint=f"did you mean {near.key}?" if near else "",
            level="warning" if self.learned else "violation",
        )

    def default_status(self, method: str, path: str) -> int:
        """The only success status (2xx) that the contract names for the operation, else 200.

        Where it names several and 200 isn't one of them: the lowest that has a body, else the lowest. Where it names
        none: the lowest redirect (3xx).
        """
        operation = self.find(method, path)
        if operation is None:
            return 200
        statuses = operation.success_statuses
        if 200 in statuses or not statuses:
            return 200 if statuses else min(operation.redirects, key=lambda code: (code == 304, code), default=200)
        with_body = [code for code in statuses if (answer := operation.answer(code)) is not None and answer.media]
        return (with_body or list(statuses))[0]

    def complete(self, method: str, path: str, status: int, partial: Any) -> Any:
        """A whole body for what says only a part of it: `partial` wins, the contract supplies the rest.

        What a concrete path says of the body is in it: `/places/9` has the id 9.
        Lists are completed item by item. Without a JSON schema for the status, `partial` is returned as it is.
        """
        from lookalike.shape.sample import complete

        operation = self.find(method, path)
        media = self._compiled.json_media(operation, status) if operation is not None else None
        if operation is None or media is None:
            return partial
        whole = complete(self._compiled.sampled(media), partial, seed=f"{operation.key} {status}")
        return self._reflected(operation, path, media, whole, partial)

    def _reflected(self, operation: Operation, path: str, media: Media, body: Any, partial: Any = None) -> Any:
        if "{" not in operation.path or "{" in path:
            return body
        from lookalike.contract.reflected import reflect

        validator = self._compiled.validator(
            media.schema if media.schema is not None else True, media.pointer, "response"
        )
        return reflect(operation.path, path, body, validator, partial)

    def example(self, method: str, path: str, status: int | None = None) -> tuple[int, str, Any]:
        """(status, media type, value) of a believable reply, always the same; media type `""` and None without a body.

        What a concrete path says of the body is in it: `/places/9` has the id 9.
        JSON where the operation has it; the value of another media type is text.
        """
        from lookalike.shape.sample import sample

        operation = self.find(method, path)
        code = status if status is not None else self.default_status(method, path)
        if operation is None:
            return code, "", None
        media = self._compiled.json_media(operation, code)
        if media is not None:
            kind = media.name if "*" not in media.name else "application/json"
            body = sample(self._compiled.sampled(media), seed=f"{operation.key} {code}")
            return code, kind, self._reflected(operation, path, media, body)
        answer = operation.answer(code)
        others = [
            kind for kind in (answer.media if answer is not None else ()) if not is_json(kind) and "*" not in kind
        ]
        return (code, others[0], "") if others else (code, "", None)

    def disputed(self, operation: Operation, status: int, value: Any, found: Iterable[Mismatch]) -> set[Mismatch]:
        """Those of the mismatches of a JSON body that an example of the document itself has as well.

        value: the decoded body; found: what `check_reply` said of it. Nothing for a learned contract.
        """
        media = self._compiled.json_media(operation, status)
        if self.learned or media is None:
            return set()
        if self._examples is None:
            from lookalike.contract.own_examples import OwnExamples

            self._examples = OwnExamples(self._compiled)
        return self._examples.disputed(media, value, found)

    def shape_of(self, operation: Operation, status: int) -> Shape | None:
        """What was learned about an operation's JSON body with a status, None where nothing was."""
        return self._compiled.shape_of(operation, status)

    def provenance(self, operation: Operation, status: int | str = "", place: str = "json") -> list[Source]:
        """The recordings that a statement rests on, the latest first; empty where nothing was learned of it.

        place: as a finding has it: in the body (`json[].title`), `header Link`, `query page`, `request json.title`
        """
        from lookalike.contract.provenance import sources

        return sources(self.evidence, operation, str(status), place) if self.evidence is not None else []

    def schema(self, media: Media) -> Any:
        """The schema of a reply's body, standing alone. Raises FileError where the document is broken there."""
        return self._compiled.schema(media, "response")

    def query_names(self, operation: Operation) -> frozenset[str] | None:
        """Names that a query of an operation may have, None where it may have any."""
        return self._requests.query_names(operation)

    def relative(self, url: str) -> str | None:
        """The path of an absolute URL relative to the base URL, None where it is another API's; schemes don't count.

        An operation with servers of its own (uploads, say) is found below these too.
        """
        if self.base_url is None:
            return None
        own = _below(self.base_url, url)
        if own is not None or not self._other_servers:
            return own
        for server in self._other_servers:
            path = _below(server, url)
            if path is not None and any(server in one.servers for one in self._index.methods(path)):
                return path
        return None

    def __repr__(self) -> str:
        kind = "learned" if self.learned else "from a document"
        many = len(self.operations)
        return f"<Contract {self.name}, {kind}, {many} operation{'s' * (many != 1)}>"


class _Index:
    """Operations by method and path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        by_method: dict[str, list[tuple[str, Operation]]] = {}
        multi: dict[str, set[str]] = {}
        for operation in operations:
            by_method.setdefault(operation.method, []).append((operation.path, operation))
            if operation.multi:
                multi.setdefault(operation.method, set()).add(operation.path)
        self._by_method = {
            method: PathIndex(items, spanning=multi.get(method, ())) for method, items in by_method.items()
        }

    def find(self, method: str, path: str) -> Operation | None:
        index = self._by_method.get(method)
        found = index.find(path) if index is not None else None
        if found is None and method == "HEAD":
            return self.find("GET", path)
        return found

    def methods(self, path: str) -> list[Operation]:
        found = (index.find(path) for index in self._by_method.values())
        return [one for one in found if one is not None]


def _plain(parts: Iterable[str]) -> list[str]:
    """Segments with every variable and every value the same."""
    return ["{}" if "{" in part else part for part in parts]


def _rough(own: list[str], asked: list[str]) -> float:
    """How much two paths have in common, by their segments and by how they begin."""
    one, other = "/".join(own), "/".join(asked)
    begin = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return len(set(own) & set(asked)) + begin / max(len(one), len(other), 1) + 0.5 * (len(own) == len(asked))


class _Likeness:
    """How alike paths are to one that was asked for, by segments and by letters."""

    def __init__(self, asked: list[str]) -> None:
        self._count = len(asked)
        # A matcher keeps what it knows of its second sequence.
        self._parts: difflib.SequenceMatcher[str] = difflib.SequenceMatcher(None, [], asked, autojunk=False)
        self._text = difflib.SequenceMatcher(None, "", "/".join(asked), autojunk=False)

    def of(self, own: list[str]) -> float:
        """More is more alike."""
        return self._by_parts(own) + self._text.ratio()

    def at_most(self, own: list[str]) -> float:
        """What `of` doesn't go beyond, which takes less to find."""
        return self._by_parts(own) + self._text.quick_ratio()

    def _by_parts(self, own: list[str]) -> float:
        self._parts.set_seq1(own)
        self._text.set_seq1("/".join(own))
        return 2 * self._parts.ratio() + 0.2 * (len(own) == self._count)


def _below(base_url: str, url: str) -> str | None:
    """The path of a URL below a base URL; None where it isn't there."""
    base, one = split_url(base_url), split_url(url)
    if base.host != one.host or not _same_port(base.scheme, base.port, one.scheme, one.port):
        return None
    prefix = base.path.rstrip("/")
    if prefix and one.path != prefix and not one.path.startswith(prefix + "/"):
        return None
    return one.path[len(prefix) :] or "/"


def _same_port(scheme: str, port: int, other_scheme: str, other_port: int) -> bool:
    default = {"http": 80, "https": 443}
    return port == other_port or (port == default[scheme] and other_port == default[other_scheme])


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
