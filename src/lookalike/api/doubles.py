"""The doubles that a test gets from an Api: a mock, a fake, a recording; each can be served on a socket too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, overload
from weakref import WeakValueDictionary

from lookalike.counted import counted
from lookalike.double.double import Double
from lookalike.double.match import explain
from lookalike.double.mock import MockDouble
from lookalike.double.target import below
from lookalike.double.told import told_call
from lookalike.errors import UnmatchedRequest, UsageError
from lookalike.messages import Answer, Exchange, PassThrough, Request, Response

if TYPE_CHECKING:
    import requests.adapters

    from lookalike.api.beside import Beside
    from lookalike.contract.contract import Contract
    from lookalike.contract.coverage import Coverage
    from lookalike.serve import Server
    from lookalike.serve.everything import Everything

__tracebackhide__ = True


def serve(
    double: Double,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    everything: bool = False,
    allow: Sequence[str] = (),
    finish: Callable[[BaseException | None], None] | None = None,
) -> Server:
    """A server for a double, to be started: `with serve(double) as url`; with `everything` one for every client.

    finish: ends the double where nothing else does. Raises UsageError for `allow` without `everything`.
    """
    from lookalike.serve import Server

    if everything:
        from lookalike.api.everything import everything as serve_everything

        return serve_everything(double, port=port, host=host, allow=allow, finish=finish)
    if allow:
        raise UsageError("serve(allow=...) says which hosts a proxy lets through; only serve(everything=True) is one")
    return Server(double, host=host, port=port)


_EACH = 'each have a mock of their own with api.mock(scope="context")'
# The mocks that there are, by their journal: what is active may be a double in front of one, which has its journal.
_mocks: WeakValueDictionary[int, Mock] = WeakValueDictionary()


class _Served(Double):
    """A double that may be put on a socket."""

    served_everything = False

    @overload
    def serve(
        self, *, port: int = ..., host: str = ..., everything: Literal[True], allow: Sequence[str] = ...
    ) -> Everything: ...
    @overload
    def serve(
        self, *, port: int = ..., host: str = ..., everything: bool = ..., allow: Sequence[str] = ...
    ) -> Server: ...
    def serve(
        self, *, port: int = 0, host: str = "127.0.0.1", everything: bool = False, allow: Sequence[str] = ()
    ) -> Server:
        """This double on a socket, for other programs: `with mock.serve() as url`; the rest is as in `Api.serve`."""
        self.served_everything = self.served_everything or everything
        return serve(self, port=port, host=host, everything=everything, allow=allow)


class Mock(_Served, MockDouble):
    """Answers what the test says: `mock.get("/todos").respond(json=[...])`.

    stands_aside: the real API answers in its place for now, so what is declared may stay unused
    door:         who answers where the mock is given to one client: itself, or the double that is around it
    beside:       the other doubles of the API that are active meanwhile; None where it wasn't begun
    """

    stands_aside = False
    door: Double
    beside: Beside | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _mocks[id(self.journal)] = self
        self.door = self

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        """The mock as a WSGI application, for one client: `httpx.Client(transport=httpx.WSGITransport(app=mock.wsgi))`.

        An application has no socket that could fail and knows no timeout: `.fail()` and `.pass_through()` are a
        UsageError there, and no delay is too long.
        """
        from lookalike.serve.application import wsgi

        return wsgi(self.door, environ, start_response)

    async def asgi(self, scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        """The mock as an ASGI application: `httpx.AsyncClient(transport=httpx.ASGITransport(app=mock.asgi))`."""
        from lookalike.serve.application import asgi

        await asgi(self.door, scope, receive, send)

    def adapter(self, **options: Any) -> requests.adapters.HTTPAdapter:
        """The mock for one session of requests: `session.mount("https://api.example.com", mock.adapter())`.

        options: what `requests.adapters.HTTPAdapter` takes, `max_retries` say. Its retries, timeouts and exceptions are
        the real ones; proxies are not asked. Raises UsageError where requests is not installed.
        """
        try:
            from lookalike.intercept.adapter import adapter
        except ImportError:
            raise UsageError("mock.adapter() is for requests, which is not installed") from None
        return adapter(self.door, **options)

    def coverage(self) -> Coverage:
        """Which of the contract's operations this mock declares and was asked so far, and with which statuses.

        Raises UsageError where nothing is known of the API.
        """
        from lookalike.api.coverage import covered

        if self.contract is None:
            raise UsageError(f"mock.coverage(): nothing is known of {self.name}; name its contract: Api(PATH)")
        return covered(cast("Contract", self.contract), self)

    def hints(self, request: Request) -> list[str]:
        """What else to say of a request that no route matches: another mock, which this one hides, may have one."""
        return [*super().hints(request), *self._hidden(request)]

    def _hidden(self, request: Request) -> list[str]:
        # The way into this process is loaded where a request came through it.
        from lookalike.intercept import active

        found = [_mocks.get(id(double.journal)) for double in active.doubles()]
        around = [mock for mock in found[found.index(self) + 1 :] if mock is not None] if self in found else []
        for mock in around:
            fitting = [route for route in mock.routes if not explain(route, request)]
            declared = fitting or (mock.routes if not self.routes and mock.covers(request.host, request.port) else ())
            if declared:
                which = "it declares" if fitting else "its first route is"
                told = f"{which} {declared[0].label} at {declared[0].place}"
                return [
                    f"Another mock of {mock.name} is active around this one, which hides it: {told}.",
                    f"Tasks that run at the same time {_EACH}.",
                ]
        return []

    def elsewhere(self) -> list[str]:
        """Where requests that this mock never got went instead, a sentence each."""
        answered = self.beside.answered() if self.beside is not None else {}
        told = [
            f"Answered meanwhile by another double of this API, begun at {place}: {counted(count, 'request')}."
            for place, count in answered.items()
        ]
        if told:
            told.append(f"The innermost answers; tasks that run at the same time {_EACH}.")
        if self.served_everything:
            told.append(
                "A client that reads no proxy variables went past serve(everything=True): aiohttp without "
                "trust_env=True, for one."
            )
        return told

    def finish(self, error: BaseException | None = None) -> None:
        """End the mock: raise what the code under test swallowed, and what was declared and not used."""
        if self.stands_aside:
            for route in self.routes:
                route.optional()
        super().finish(error)


class _Around(Double):
    """A double that answers for one API alone; requests to other hosts are misses, raised again at the end."""

    what = "double"

    def __init__(self, name: str, base_url: str | None) -> None:
        super().__init__(name, base_url)
        self.failures: list[BaseException] = []

    def refuse_others(self, request: Request) -> None:
        """Raises UnmatchedRequest for a request to another host."""
        if self.covers(request.host, request.port):
            return
        error = UnmatchedRequest(
            f"{told_call(request)} is not for {self.name} ({self.base_url}), and nothing leaves while its {self.what} "
            f'is active.\n\nNext: let the host pass with allow=["{request.host}"], or give it a double of its own.'
        )
        self.remember(error)
        self.journal.record(Exchange(request))
        raise error

    def remember(self, error: BaseException) -> None:
        """Keep what was raised into the code under test, so that it is raised again if that swallows it."""
        if not any(one is error for one in self.failures):
            self.failures.append(error)

    def finish(self, error: BaseException | None) -> None:
        """Raise again what the code under test swallowed."""
        for failure in self.failures:
            if error is None:
                raise failure
            if failure is not error:
                error.add_note(f"lookalike: {failure}")


class Fake(_Served, _Around):
    """Works by itself, as a pack behaves or with samples of the contract."""

    what = "fake"

    def __init__(self, inner: Double, name: str, base_url: str | None) -> None:
        super().__init__(name, base_url)
        self._inner = inner
        self.journal = inner.journal

    @property
    def version(self) -> int:
        """The behaviour's own: what it changes must reach the doors that keep bytes."""
        return self._inner.version

    @version.setter
    def version(self, value: int) -> None:
        """The behaviour's own is what counts."""

    def handle(self, request: Request) -> Answer:
        """Let the behaviour answer. Raises UnmatchedRequest for another host's request."""
        self.refuse_others(request)
        return self._inner.handle(self._moved(request))

    def _moved(self, request: Request) -> Request:
        """The request as the behaviour knows it, where the API was said to be somewhere else."""
        theirs, ours = self._inner.base_url, self._home
        if theirs is None or theirs == self.base_url:
            return request
        path = below(request.path, ours) or request.path
        url = theirs + path + (f"?{request.query}" if request.query else "")
        return Request(request.method, url, request.headers, request.content, timeout=request.timeout)

    def again(self, request: Any, response: Response) -> None:
        self._inner.again(request, response)


class Recording(_Around):
    """Lets the real API answer, and keeps what it answered."""

    what = "recording"

    def __init__(self, name: str, base_url: str | None, day: str, clock: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(name, base_url)
        self._day = day
        self._clock = clock
        self._exchanges: list[Exchange] = []
        self._contract: Contract | None = None

    def handle(self, request: Request) -> Answer:
        """Let the request pass. Raises UnmatchedRequest for another host's request."""
        self.refuse_others(request)
        began = self._clock()

        def observe(response: Response) -> None:
            exchange = Exchange(request, response, elapsed=self._clock() - began, day=self._day)
            self._exchanges.append(exchange)
            self.journal.record(exchange)

        return PassThrough(observe)

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """What was asked and answered, in the order of the answers."""
        return tuple(self._exchanges)

    @property
    def contract(self) -> Contract:
        """What the exchanges say of the API; once the recording ended, with what the contract's file knew before."""
        if self._contract is not None:
            return self._contract
        from lookalike.contract.learning import learn

        return learn(self._exchanges, base_url=self.base_url or "", name=self.name, day=self._day)

    def keep(self, contract: Contract) -> None:
        """Have this contract from now on."""
        self._contract = contract
