"""What is fuzzed: bytes in, and out comes what the bytes say or an error of ours, whatever the bytes are.

Each target hands the input to one family of readers and touches all that comes of it, as learning, replaying, showing
and scanning do. Used by atheris (`make fuzz`), by Hypothesis, and by the test that replays the corpus.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from lookalike.contract.contract import Contract
from lookalike.contract.files import evidence_path, load
from lookalike.errors import LookalikeError
from lookalike.learning.fold import fold
from lookalike.learning.tally import Tally
from lookalike.messages import Exchange, Request, Response
from lookalike.report.tree import Tree
from lookalike.secrets import find, find_in_text
from lookalike.traffic import har_file
from lookalike.traffic.detect import format_named, format_of
from lookalike.traffic.opened import Limits
from lookalike.traffic.opening import opened

CORPUS = Path(__file__).parent / "corpus"
#: Small, so that a fuzzer meets each limit: what is beyond it must be refused before memory is spent.
LIMITS = Limits(file=4 << 20, entry=256 << 10, body=256 << 10, depth=60, aliases=500)
_CHUNK = 1000  # bytes of an input at once, so that readers meet the edges of chunks
_OPERATIONS = 20  # operations of a document that are looked at


@dataclass(frozen=True, slots=True)
class Target:
    """A family of readers.

    run:    raises what a reader must not
    longest: bytes that the fuzzer makes of an input
    """

    name: str
    run: Callable[[bytes], None]
    longest: int = 8192

    @property
    def corpus(self) -> list[Path]:
        """The inputs that are kept."""
        return sorted((CORPUS / self.name).iterdir())


def traffic(data: bytes, *, name: str, format: str = "") -> None:  # noqa: A002  the reader's own word
    """Read an input as a file of recorded traffic."""
    told: list[tuple[str, str]] = []
    exchanges: list[Exchange] = []

    def skip(entry: str, why: str) -> None:
        if not why:
            raise ValueError("skipped without a reason")
        told.append((entry, why))

    with suppress(LookalikeError), opened(_chunks(data), name, skip, LIMITS) as file:
        reader = format_named(format) if format else format_of(file)
        for exchange in reader.reader.read(file):
            _touch(exchange)
            if len(exchanges) < 50:
                exchanges.append(exchange)
    _use(exchanges)


def _chunks(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), _CHUNK):
        yield data[at : at + _CHUNK]


def _touch(exchange: Exchange) -> None:
    """Everything that anybody asks of an exchange."""
    request, response = exchange.request, exchange.response
    _touch_request(request)
    if isinstance(response, Response):
        _touch_body(response)
        response.headers.get_all("set-cookie")
    if not isinstance(exchange.day, str) or not isinstance(exchange.elapsed, int | float):
        raise TypeError("a day is text, a time a number")
    for found in find(exchange):
        str(found.value)


def _touch_request(request: Request) -> None:
    _touch_body(request)
    with suppress(LookalikeError):
        request.params.get("a")
        request.form.get("a")
        request.cookies.get("a")
        str((request.host, request.port, request.target))


def _touch_body(message: Request | Response) -> None:
    for ask in (lambda: message.body, lambda: message.text, message.json):
        with suppress(LookalikeError):
            ask()
    if len(message.content) > LIMITS.body:
        raise MemoryError(f"a body of {len(message.content):,} bytes")


def _use(exchanges: list[Exchange]) -> None:
    """What is done with recordings: they are learned from, and written as HAR, which is read again."""
    tally = Tally()
    fold(exchanges, tally)
    for host in tally.hosts.values():
        host.answers.counts.to_json()
    for exchange in exchanges:
        har_file.entry(exchange)


@cache
def _folder() -> Path:
    """Where documents are put, with a file to refer to; no cache is written anywhere else."""
    folder = Path(tempfile.mkdtemp(prefix="lookalike-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    pid = os.getpid()
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == pid else None)
    (folder / "other.yaml").write_text(
        "Thing: {type: object, properties: {next: {$ref: '#/Thing'}, back: {$ref: 'api.yaml#/components/schemas/A'}}}\n"
    )
    return folder


def document(data: bytes, *, name: str) -> None:
    """Read an input as a contract, and look at its operations as `show` and checks do."""
    path = _folder() / name
    path.write_bytes(data)
    with suppress(LookalikeError):
        _look(_loaded(path))


def evidence(data: bytes) -> None:
    """Read an input as the evidence beside a learned contract."""
    folder = _folder() / "evidence"
    folder.mkdir(exist_ok=True)
    path = folder / "api.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: Todos, version: learned}\npaths:\n  /todos/{id}:\n    get:\n      responses:\n"
        "        '200': {description: OK, content: {application/json: {schema: {type: object}}}}\n"
    )
    evidence_path(path).write_bytes(data)
    with suppress(LookalikeError):
        contract = _loaded(path)
        if contract.evidence is not None:
            contract.evidence.operations  # noqa: B018  read at first use
        _look(contract)


def _loaded(path: Path) -> Contract:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return load(path)


def _look(contract: Contract) -> None:
    tree = Tree(contract.document, learned=contract.learned)
    asked: list[Callable[[], object]] = [lambda: contract.document.security_parameters()]
    for one in contract.operations[:_OPERATIONS]:
        asked += [
            partial(contract.example, one.method, one.path),
            partial(contract.complete, one.method, one.path, 200, {"id": 1}),
            partial(contract.check_reply, one.method, one.path, _REPLY),
            partial(contract.check_request, Request(one.method, "https://api.test/todos/1?a=1"), one.path),
            partial(contract.shape_of, one, 200),
        ]
        with suppress(LookalikeError):
            for answer in one.responses.values():
                for media in answer.media.values():
                    asked.append(partial(_drawn, tree, media.schema, media.pointer))
    for ask in asked:
        with suppress(LookalikeError):
            ask()


def _drawn(tree: Tree, schema: object, pointer: str) -> None:
    for _, _row in zip(range(200), tree.rows("200", schema, pointer), strict=False):
        pass


_REPLY = Response(200, {"content-type": "application/json"}, b'{"id": 1, "name": "a", "next": null}')


def _text(data: bytes) -> None:
    """An input as what `scan` finds in any text."""
    for found in find_in_text(data.decode("utf-8", "replace")):
        str(found.value)


def _all(targets: Iterable[Target]) -> dict[str, Target]:
    return {one.name: one for one in targets}


TARGETS = _all(
    (
        Target("har", partial(traffic, name="a.har", format="har")),
        Target("cassette-yaml", partial(traffic, name="a.yaml", format="cassette")),
        Target("cassette-json", partial(traffic, name="a.json", format="cassette")),
        Target("ndjson", partial(traffic, name="a.ndjson", format="ndjson")),
        Target("nock", partial(traffic, name="nock.json", format="nock")),
        Target("hoverfly", partial(traffic, name="a.json", format="hoverfly")),
        Target("wiremock", partial(traffic, name="a.json", format="wiremock")),
        Target("mitmproxy", partial(traffic, name="a.flow", format="mitmproxy")),
        Target("any", partial(traffic, name="a")),  # compressed, in UTF-16, of a format that it must tell
        Target("document-yaml", partial(document, name="api.yaml"), longest=4096),
        Target("document-json", partial(document, name="api.json")),
        Target("evidence", evidence),
        Target("text", _text),
    )
)
