"""Follows answers from where they are received to the lines that read them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from lookalike.contract.reads import Reader, Reads
from lookalike.reads.callers import line_of, of_code, own_frame
from lookalike.reads.tracked import ALL, Node, TrackedDict, tracked, tracked_in

_MOST_BODIES = 2_000
_LARGEST = 4_000_000
_MOST_SOURCES = 20_000


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer came from, before anybody knows which operation that is.

    base_url: of the API, `""` where only the URL is known; method in upper case; url without its query; status
    """

    base_url: str
    method: str
    url: str
    status: int


@dataclass(slots=True, eq=False)
class Body:
    """One text that was received, whoever answered it.

    sources: who did, in the test `turn`, or in the last one that received it
    """

    sources: set[Source] = field(default_factory=set)
    turn: int = 0
    root: Node | None = None


class Observer:
    """What is received and read, test by test. Safe from any thread; one test runs at a time in a process.

    reads: by source, of the tests that ended
    """

    def __init__(self) -> None:
        self.reads: dict[Source, Reads] = {}
        self._test = ""
        self._bodies: dict[str, Body] = {}
        self._received: dict[Source, set[str | None]] = {}
        self._parsed: set[str] = set()
        self._met: set[Node] = set()
        self._noted: dict[tuple[Node, str | None, str, bool], None] = {}
        self._blind: set[Node | Source] = set()
        self._read_nodes: set[Node] = set()
        # By own line that reads: its name. The code is held on to, so that no other gets its id.
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
        text: str | None = None
        if isinstance(body, str):
            text = body
        elif body is not None:
            try:
                text = body.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = None
        with self._lock:
            if text is not None and len(text) <= _LARGEST:
                known = self._bodies.get(text)
                if known is None:
                    if len(self._bodies) >= _MOST_BODIES:
                        self._bodies.clear()
                    known = self._bodies[text] = Body()
                if known.turn != self._turn:  # an earlier test's answers aren't this one's
                    known.turn, known.sources = self._turn, set()
                known.sources.add(source)
            else:
                text = None
            if len(self._received) < _MOST_SOURCES:
                self._received.setdefault(source, set()).add(text)

    def parsed(self, text: object, value: Any, frame: FrameType, *, seen: bool = True) -> Any:
        """A parser made a value of a text: the same with its objects tracked, where the text was received.

        seen: whether the parser gave the code nothing else on its way
        """
        if isinstance(text, bytes | bytearray | memoryview):
            try:
                text = bytes(text).decode("utf-8-sig")
            except ValueError:
                return value
        if not isinstance(text, str):
            return value
        known = self._bodies.get(text)
        if known is None or of_code(frame.f_code) == "ours":
            return value
        self._parsed.add(text)
        root = known.root
        if root is None:
            root = known.root = Node(known, self)
        if not seen:
            self._blind.add(root)
            return value
        try:
            return tracked(value, root, self._met)
        except RecursionError:  # deeper than Python's own frames reach; the decoder in C goes deeper
            self._blind.add(root)
            return value

    def handed(self, value: Any, frame: FrameType) -> None:
        """A value is handed to something that leaves no trace: all that is in it counts as read."""
        for one in tracked_in(value):
            self.heard(one._node, ALL, frame)

    def heard(self, node: Node, key: str | None, frame: FrameType) -> None:
        """A key of a node was read, or all of them (None)."""
        at = (id(frame.f_code), frame.f_lasti)
        line = self._lines.get(at)
        if line is None:
            if of_code(frame.f_code) != "own":
                # Whom a package reads for depends on who called it this time.
                where = line_of(own_frame(frame))
                with self._lock:
                    self._noted[node, key, where, False] = None
                return
            line = self._lines[at] = (line_of(frame), frame.f_code)
        with self._lock:
            self._read_nodes.add(node)
            self._noted[node, key, line[0], True] = None
            node.seen.add((key, *at))

    def end(self) -> None:
        """The test is over: count in what it received and read."""
        with self._lock:
            if self._received or self._noted or self._blind:
                self._fold()
            for node in self._read_nodes:
                node.seen.clear()
            self._received, self._parsed, self._met, self._noted = {}, set(), set(), {}
            self._blind, self._read_nodes = set(), set()
            self._test = ""

    def _fold(self) -> None:
        test = self._test
        readers: dict[tuple[str, bool], Reader] = {}
        for source, texts in self._received.items():
            reads = self._of(source)
            reads.received("", test)
            if any(text is None or (text not in self._parsed and text.strip()) for text in texts):
                reads.cant_see("", ())
        taken: dict[Node, set[str | None]] = {}
        for node, key, where, own in self._noted:
            taken.setdefault(node, set()).add(key)
            reader = readers.get((where, own))
            if reader is None:
                reader = readers[where, own] = Reader(test, where, own)
            path = node.path if key is ALL else (*node.path, "." + key)
            for reads in self._all(node):
                if key is ALL:
                    reads.note_whole("", path, reader)
                else:
                    reads.note("", path, reader)
        blind = {node for node in self._blind if isinstance(node, Node)}
        # An object that was got at, and of which no key was read, went somewhere that leaves no trace.
        blind |= {node for node in self._met if node not in taken and _was_taken(node, taken)}
        blind |= {node for node in self._met if node.is_table}
        for node in blind:
            for reads in self._all(node):
                reads.cant_see("", node.path)

    def _all(self, node: Node) -> Iterable[Reads]:
        return [self._of(source) for source in node.body.sources]

    def _of(self, source: Source) -> Reads:
        found = self.reads.get(source)
        if found is None:
            found = self.reads[source] = Reads()
        return found

    def by_operation(self, named: Callable[[Source], tuple[str, str] | None]) -> dict[str, Reads]:
        """The reads by API. `named` gives the API and the operation of a source, None for one that nobody asks for."""
        found: dict[str, Reads] = {}
        for source, reads in self.reads.items():
            names = named(source)
            if names is not None:
                api, operation = names
                found.setdefault(api, Reads()).add(reads.renamed({"": answered(operation, source.status)}))
        return found


def answered(operation: str, status: int) -> str:
    """What reads are kept under: the operation for successes, with the status before it for other answers."""
    return operation if status < 300 else f"{status} {operation}"


def _was_taken(node: Node, taken: dict[Node, set[str | None]]) -> bool:
    """Whether the way to an object was read: by the key that leads to it, or with all keys of the one above."""
    step, above = node.path[-1:], node.parent
    while above is not None and step == ("[]",):
        step, above = above.path[-1:], above.parent
    if above is None:
        return True
    keys = taken.get(above, set())
    return ALL in keys or step[0][1:] in keys


def is_tracked(value: object) -> bool:
    """Whether a value is a tracked object."""
    return type(value) is TrackedDict
