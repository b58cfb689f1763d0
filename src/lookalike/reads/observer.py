"""Follows answers from where they are received to the lines that read them."""

from __future__ import annotations

import threading
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, NamedTuple

from lookalike.contract.compare_places import ITEMS
from lookalike.contract.reads import Reads
from lookalike.reads.callers import line_of, of_code, own_frame
from lookalike.reads.tracked import ALL, Node, Token, TrackedDict, tracked, tracked_in

_MOST_BODIES = 2_000
_LARGEST = 4_000_000
_MOST_SOURCES = 20_000


class Source(NamedTuple):
    """Where an answer came from, before anybody knows which operation that is.

    base_url: of the API, `""` where only the URL is known; method in upper case; url without its query; status
    """

    base_url: str
    method: str
    url: str
    status: int


class Body:
    """One text that was received, whoever answered it.

    sources: who did, in the test `turn`, or in the last one that received it; parsed: the last test that parsed it
    read:    the places of it that the user's own lines read in the running test; events: what packages read for them
    blind:   whether something untraceable got all of it
    """

    __slots__ = ("blank", "blind", "events", "met", "parsed", "read", "root", "sources", "turn")

    def __init__(self, text: str) -> None:
        self.blank = not text.strip()
        self.sources: set[Source] = set()
        self.turn = 0
        self.parsed = 0
        self.root: Node | None = None
        self.met: Met | None = None
        self.events: set[Event] = set()
        self.read: list[Node] = []
        self.blind = False


Path = tuple[str, ...]
#: Where an object is, its key that was read (None for all), by which line, and whether that is the user's own.
Event = tuple[Path, str | None, str, bool]


@dataclass(frozen=True, slots=True)
class Met:
    """The places of objects in a text, and those of them that have more keys than are followed."""

    places: frozenset[Path]
    tables: frozenset[Path]


_NOTHING_MET = Met(frozenset(), frozenset())


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What one test read of one text. Tests that read alike share it.

    events: the reads; blind: the places below which something that leaves no trace may have read
    """

    events: frozenset[Event]
    blind: frozenset[Path]


_UNTRACED = Trace(frozenset(), frozenset({()}))


class Observer:
    """What is received and read, test by test. Safe from any thread; one test runs at a time in a process.

    reads: by source, what was read of its answers by which tests, of the tests that ended
    """

    def __init__(self) -> None:
        self.reads: dict[Source, dict[Trace, set[str]]] = {}
        self._test = ""
        self._bodies: dict[str, Body] = {}
        self._lengths: set[int] = set()  # of their texts: most of what is parsed was never received
        self._active: set[Body] = set()
        self._untraced: set[Source] = set()
        self._traces: dict[tuple[Met, frozenset[tuple[Path, frozenset[Token]]], frozenset[Event], bool], Trace] = {}
        # By position that reads: its line, `""` in a package. The code is held on to, so that no other gets its id.
        self._lines: dict[tuple[int, int], tuple[str, CodeType]] = {}
        self._turn = 0
        self._lock = threading.Lock()

    def begin(self, test: str) -> None:
        """A test begins; what was read before is the earlier one's."""
        self.end()
        self._test = test
        self._turn += 1

    def received(self, source: Source, body: bytes | str | None) -> None:
        """Code under test gets an answer; None for a body that isn't known. Nothing that can't be JSON is followed."""
        text = body if isinstance(body, str) else _decoded(body) if body is not None else None
        with self._lock:
            if text is None or len(text) > _LARGEST:
                self._untraced.add(source)
                return
            known = self._bodies.get(text)
            if known is None:
                if len(self._bodies) >= _MOST_BODIES:
                    self._bodies.clear()
                known = self._bodies[text] = Body(text)
                self._lengths.add(len(text))
            if known.turn != self._turn:  # an earlier test's answers aren't this one's
                known.turn, known.sources = self._turn, set()
            known.sources.add(source)
            self._active.add(known)

    def may_know(self, text: object) -> bool:
        """Whether a text could be one that was received; quick, for the many that aren't."""
        return not isinstance(text, str) or len(text) in self._lengths

    def parsed(self, text: object, value: Any, frame: FrameType, *, seen: bool = True) -> Any:
        """A parser made a value of a text: the same with its objects tracked, where the text was received.

        seen: whether the parser gave the code nothing else on its way
        """
        if of_code(frame.f_code) == "ours":
            return value
        if not isinstance(text, str):
            given = _decoded(bytes(text)) if isinstance(text, bytes | bytearray | memoryview) else None
            if given is None:
                return value
            text = given
        known = self._bodies.get(text) if len(text) in self._lengths else None
        if known is None:
            return value
        known.parsed = self._turn
        self._active.add(known)
        root = known.root
        if root is None:
            root = known.root = Node(known, self)
        if not seen:
            known.blind = True
            return value
        met: set[Node] = set()
        try:
            found = tracked(value, root, met)
        except RecursionError:  # deeper than Python's own frames reach; the decoder in C goes deeper
            known.blind = True
            return value
        if known.met is None:  # the same text has the same places
            known.met = Met(frozenset(one.path for one in met), frozenset(one.path for one in met if one.is_table))
        return found

    def handed(self, value: Any, frame: FrameType) -> None:
        """A value is handed to something that leaves no trace: all that is in it counts as read."""
        for one in tracked_in(value):
            self.heard(one._node, ALL, frame)

    def heard(self, node: Node, key: str | None, frame: FrameType) -> None:
        """A key of a node was read, or all of them (None)."""
        code, position = frame.f_code, frame.f_lasti
        at = id(code), position
        line = self._lines.get(at)
        if line is None:
            line = self._lines[at] = line_of(frame) if of_code(code) == "own" else "", code
        if not node.seen:
            node.body.read.append(node)
            self._active.add(node.body)
        node.seen.add((key, *at))
        if not line[0]:
            # Whom a package reads for depends on who called it; the first to do so in a test speaks for the others.
            node.body.events.add((node.path, key, line_of(own_frame(frame)), False))

    def end(self) -> None:
        """The test is over: count in what it received and read."""
        with self._lock:
            active, self._active = self._active, set()
            untraced, self._untraced = self._untraced, set()
            for body in active:
                trace = self._trace(body)
                body.blind, body.events, body.read = False, set(), []
                for source in body.sources:
                    self._keep(source, trace)
            for source in untraced:
                self._keep(source, _UNTRACED)
            self._test = ""

    def _trace(self, body: Body) -> Trace:
        met = (body.met if body.parsed == self._turn else None) or _NOTHING_MET
        unparsed = body.turn == self._turn and body.parsed != self._turn and not body.blank
        own = frozenset([(node.path, frozenset(node.seen)) for node in body.read])
        for node in body.read:
            node.seen = set()
        key = (met, own, frozenset(body.events), body.blind or unparsed)
        known = self._traces.get(key)
        if known is None:
            read = {(path, step, self._lines[code, position][0], True) for path, seen in own
                    for step, code, position in seen if self._lines[code, position][0]}  # fmt: skip
            events = frozenset(read | body.events)
            known = self._traces[key] = Trace(events, _blind(met, events, everything=body.blind or unparsed))
        return known

    def _keep(self, source: Source, trace: Trace) -> None:
        traces = self.reads.get(source)
        if traces is None:
            if len(self.reads) >= _MOST_SOURCES:
                return
            traces = self.reads[source] = {}
        traces.setdefault(trace, set()).add(self._test)

    def by_operation(self, named: Callable[[Source], tuple[str, str] | None]) -> dict[str, Reads]:
        """The reads by API. `named` gives the API and the operation of a source, None for one that nobody asks for."""
        together: dict[tuple[str, str], dict[Trace, set[str]]] = {}
        for source, traces in self.reads.items():
            names = named(source)
            if names is not None:
                api, operation = names
                known = together.setdefault((api, answered(operation, source.status)), {})
                for trace, tests in traces.items():
                    known.setdefault(trace, set()).update(tests)
        found: dict[str, Reads] = {}
        for (api, operation), traces in together.items():
            reads = found.setdefault(api, Reads())
            for trace, tests in traces.items():
                _count_in(reads, operation, trace, tests)
        return found


def _decoded(body: bytes) -> str | None:
    try:
        return (body[3:] if body.startswith(BOM_UTF8) else body).decode()
    except UnicodeDecodeError:
        return None


def _blind(met: Met, events: frozenset[Event], *, everything: bool) -> frozenset[Path]:
    """The places below which nobody knows what was read."""
    taken: dict[Path, set[str | None]] = {}
    for path, key, _, _ in events:
        taken.setdefault(path, set()).add(key)
    # An object that was got at, and of which no key was read, went somewhere that leaves no trace.
    found = {path for path in met.places if path not in taken and _was_taken(path, taken)}
    return frozenset(found | met.tables | ({()} if everything else set()))


def _count_in(reads: Reads, operation: str, trace: Trace, tests: set[str]) -> None:
    reads.received(operation, *tests)
    for path, key, where, own in trace.events:
        if key is ALL:
            reads.note_whole(operation, path, where, tests, own=own)
        else:
            reads.note(operation, (*path, "." + key), where, tests, own=own)
    for path in trace.blind:
        reads.cant_see(operation, path)


def answered(operation: str, status: int) -> str:
    """What reads are kept under: the operation for successes, with the status before it for other answers."""
    return operation if status < 300 else f"{status} {operation}"


def _was_taken(path: Path, taken: dict[Path, set[str | None]]) -> bool:
    """Whether the way to an object was read: by the key that leads to it, or with all keys of the one above."""
    while path and path[-1] == ITEMS:
        path = path[:-1]
    if not path:
        return True
    keys = taken.get(path[:-1], set())
    return ALL in keys or path[-1][1:] in keys


def is_tracked(value: object) -> bool:
    """Whether a value is a tracked object."""
    return type(value) is TrackedDict
