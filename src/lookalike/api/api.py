"""An API that somebody else owns: what is known about it, and the doubles that take its place."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from lookalike import config
from lookalike.api import said, watch
from lookalike.double import strictness
from lookalike.double.misuse import REPLAY_HABITS, REPLY_HABITS, keywords_of, refusal, spelled
from lookalike.double.strictness import Strictness, Switches
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

    import httpx
    import requests

    from lookalike.api.doubles import Fake, Mock, Recording
    from lookalike.api.patcher import Patcher
    from lookalike.api.replay_plan import RecordMode
    from lookalike.api.replaying import Replay
    from lookalike.api.session import Session
    from lookalike.contract.contract import Contract
    from lookalike.contract.drift import DeclaredMock
    from lookalike.contract.verdict import ApiReport
    from lookalike.double.compared import Criterion
    from lookalike.double.router import Router
    from lookalike.intercept.active import Scope
    from lookalike.packs.pack import Pack
    from lookalike.serve import Server
    from lookalike.serve.everything import Everything

__tracebackhide__ = True

_FILE = re.compile(r"[/\\]|\.(ya?ml|json)(\.gz)?\Z", re.IGNORECASE)


class Api:
    """An API that somebody else owns.

    name_or_path: a name from pyproject.toml (`[tool.lookalike.apis.NAME]`), a pack, or an OpenAPI document's file
    base_url:     where the API is; without it what pyproject.toml, the pack or the document says; "*" is every host, as
                  recordings of several have it
    auth:         for the real API: `{"bearer": "..."}`, `{"basic": "user:password"}` or `{"header": "Name: ..."}`;
                  `env:NAME` in place of a secret is that environment variable, read when the API is asked
    allow_refs:   URLs (`https://schemas.example.com/`) and folders that references of the document may lead to, besides
                  the document's own folder; what pyproject.toml says for None

    Nothing is read but pyproject.toml until it is needed. Raises UsageError for a name that nobody knows, and for a
    base URL without a scheme.
    """

    @spelled("Api()", said.API_HABITS, by_name="write Api(name, base_url=...)")
    def __init__(
        self,
        name_or_path: str | os.PathLike[str] | None = None,
        *,
        base_url: str | None = None,
        auth: Mapping[str, str] | None = None,
        allow_refs: Sequence[str] | None = None,
    ) -> None:
        if name_or_path is not None and not isinstance(name_or_path, str | os.PathLike):
            raise UsageError(f"Api({name_or_path!r}): an API is a name, or the path of a contract")
        # How to make another like it.
        self.spelled = (os.fspath(name_or_path) if name_or_path is not None else None, base_url)
        anywhere = base_url == "*"
        self._base_url = None if base_url is None or anywhere else config.check_base_url(base_url, "base_url")
        self._auth = said.checked_auth(auth) if auth is not None else None
        self._allow_refs = config.check_refs(allow_refs, "Api(allow_refs=...)") if allow_refs is not None else None
        self._settings: config.ApiSettings | None = None
        self._pack: str | None = None
        self.path: Path | None = None
        if anywhere:
            self._anywhere(name_or_path)
        elif name_or_path is None:
            if self._base_url is None:
                raise UsageError(
                    'Api() names no API; write Api("jsonplaceholder"), Api("contracts/github.yaml") or '
                    'Api(base_url="https://api.example.com")'
                )
            self.name = self._base_url.partition("://")[2].partition("/")[0]
        elif isinstance(name_or_path, str) and "://" in name_or_path:
            raise UsageError(f"Api({name_or_path!r}): a URL is said by name: Api(base_url={name_or_path!r})")
        elif isinstance(name_or_path, str) and not _FILE.search(name_or_path):
            self._by_name(name_or_path)
        else:
            self.path = Path(name_or_path)
            self.name = self.path.name.partition(".")[0]

    def _anywhere(self, name_or_path: str | os.PathLike[str] | None) -> None:
        if name_or_path is not None:
            raise UsageError(
                f'Api({os.fspath(name_or_path)!r}, base_url="*"): an API that is known is somewhere; without a name, '
                'Api(base_url="*") is every host'
            )
        self.name = "every host"

    def _by_name(self, name: str) -> None:
        from lookalike import packs

        self.name = name
        settings = config.load()
        self._settings = settings.apis.get(name)
        if self._settings is not None:
            self.path = self._settings.contract
            self._base_url = self._base_url or self._settings.base_url
        if name in packs.names() and self.path is None:
            self._pack = name
        elif self._settings is None:
            raise UsageError(said.unknown(name, settings, packs.names()))

    # -- what is known ---------------------------------------------------------------------------------------------

    @cached_property
    def pack(self) -> Pack | None:
        """The pack that this API is, or None."""
        from lookalike import packs

        return packs.load(self._pack) if self._pack is not None else None

    @property
    def contract(self) -> Contract | None:
        """What the API accepts and answers, read when first asked for; None where nobody knows. Raises FileError."""
        if self.path is not None:
            allowed = self._settings.allow_refs if self._allow_refs is None and self._settings is not None else ()
            from lookalike.api.loaded import load_contract

            return load_contract(self.path, self._base_url, self._allow_refs or allowed)
        return self.pack.contract if self.pack is not None else None

    @property
    def base_url(self) -> str | None:
        """Where the API is, without a trailing slash: as given, or as pyproject.toml, pack or document say."""
        if self._base_url is not None:
            return self._base_url
        if self.pack is not None:
            return self.pack.base_url
        contract = self.contract if self.path is not None and self.path.exists() else None
        return contract.base_url if contract is not None else None

    @property
    def auth(self) -> dict[str, str]:
        """The credentials for the real API. Raises UsageError for an environment variable that isn't set."""
        if self._auth is not None:
            return config.from_environment(self._auth, api=self.name, where="change auth= of the Api")
        return config.resolve_auth(self._settings) if self._settings is not None else {}

    @property
    def given_auth(self) -> dict[str, str] | None:
        """The credentials that this Api was made with, None where pyproject.toml is to say."""
        return dict(self._auth) if self._auth is not None else None

    def _where(self, use: str) -> str:
        base_url = self.base_url
        if self.spelled[1] == "*":
            raise UsageError(f'{use} asks one API, and this is every host; Api(base_url="https://api.example.com")')
        if base_url is None:
            raise UsageError(
                f"{use}: where is {self.name}? Its contract names no server; say it: "
                f'Api("{self.path or self.name}", base_url="https://api.example.com")'
            )
        return base_url

    def __repr__(self) -> str:
        source = str(self.path) if self.path is not None else "a pack" if self._pack else "nothing known yet"
        return f"<Api {self.name}: {source}{', ' + self._base_url if self._base_url else ''}>"

    # -- doubles ---------------------------------------------------------------------------------------------------

    @spelled("api.mock()", {**said.DOUBLE_HABITS, **strictness.HABITS}, more=strictness.SWITCHES)
    def mock(
        self,
        wrongly: None = None,
        /,
        *,
        allow: Sequence[str] = (),
        scope: Scope = "process",
        clients: Sequence[str] | None = None,
        into: str = "mock",
        router: Router | Sequence[Router] = (),
        **switches: Unpack[Switches],
    ) -> Patcher[Mock]:
        """A mock in the API's place, for `with`, `async with`, as a decorator, or with `start` and `stop`.

        allow: names or patterns of hosts that may be reached meanwhile: `["db", "*.internal"]`; loopback always may
        scope: whose requests it answers: those of the `process`, or of this `context` (contextvars), so that
               concurrent tasks each see a double of their own
        clients: whose requests alone it answers, `["httpx", "requests"]` say, as if it weren't there for others; `()`
                 puts nothing into the process: the mock is given to a client as its `wsgi`, `asgi` or `adapter()`
        into:  the parameter that gets the mock, where a decorated function has it
        router: a base of routes, or several; what the test declares wins over them

        A mock is strict; `unmatched`, `unused`, `swallowed` and `exhausted` make it less so, `ordered` more, see
        `lookalike.double.strictness.Switches`. What is said here wins over a test's marker `lookalike`, that over
        `[tool.lookalike.mock]` of pyproject.toml. Raises UsageError for a value that a switch doesn't have.
        """
        said.called(wrongly, "mock")
        hosts, whose = said.hosts(allow, "mock"), said.scope(scope, "mock")
        from lookalike.api.patcher import Patcher
        from lookalike.double.router import checked_routers

        strictness.STRICT.changed(switches, "api.mock()")
        seams = said.seams(clients)
        routers = checked_routers(router)
        return Patcher(lambda: self._mocked(hosts, whose, seams, switches, routers), into=into, spelled="api.mock()")

    @cached_property
    def kept_strictness(self) -> Strictness:
        """What the project says of all its mocks."""
        return strictness.STRICT.changed(config.load().mock, "[tool.lookalike.mock]")

    def _mocked(
        self,
        allow: Sequence[str],
        scope: Scope,
        seams: frozenset[str] | None,
        switches: Switches,
        routers: Sequence[Router],
    ) -> Session[Mock]:
        from lookalike.api.doubles import Mock
        from lookalike.api.session import Session

        watcher = watch.current()
        strict = self.kept_strictness
        if watcher is not None:
            strict = strict.changed(watcher.switches(), "@pytest.mark.lookalike()")
        strict = strict.changed(switches, "api.mock()")
        begins = watcher is not None and self.path is not None and watcher.learns(self) and not self.path.exists()
        mock = Mock(self.name, self.base_url, contract=None if begins else self.contract, strictness=strict)
        if routers:
            mock.include(*routers)
        if watcher is None:
            return Session(mock, mock, allow=allow, scope=scope, seams=seams, finish=mock.finish)
        mock.door = watcher.opening(self, mock)
        return Session(
            mock, mock.door, allow=allow, scope=scope, seams=seams, finish=mock.finish,
            closed=lambda: watcher.closed(self, mock),
        )  # fmt: skip

    def fake(
        self,
        wrongly: None = None,
        /,
        *,
        allow: Sequence[str] = (),
        scope: Scope = "process",
        into: str = "fake",
        **options: Any,
    ) -> Patcher[Fake]:
        """A fake in the API's place: it behaves as its pack does, or answers with samples of the contract.

        options: what the pack takes, `stateful=True` say. The spellings are those of `mock`.

        Raises UsageError where nothing is known of the API, and for an option that the pack doesn't have.
        """
        from lookalike.api.patcher import Patcher
        from lookalike.api.session import Session

        said.called(wrongly, "fake")
        hosts, whose = said.hosts(allow, "fake"), said.scope(scope, "fake")

        def make() -> Session[Fake]:
            fake = self._fake(options)
            watcher = watch.current()
            if watcher is None:
                return Session(fake, fake, allow=hosts, scope=whose, finish=fake.finish)
            return Session(
                fake, fake, allow=hosts, scope=whose, finish=fake.finish, closed=lambda: watcher.faked(self, fake)
            )

        return Patcher(make, into=into, spelled="api.fake()")

    @spelled("api.replay()", {**said.DOUBLE_HABITS, **REPLAY_HABITS, **strictness.HABITS}, more=strictness.SWITCHES)
    def replay(
        self,
        *sources: str | os.PathLike[str],
        record: RecordMode = "none",
        order: Literal["recorded", "nearest"] = "recorded",
        match: Sequence[Criterion] | None = None,
        ignore: Sequence[str] = (),
        max_age: str | timedelta | None = None,
        expired: Literal["fail", "warn", "record"] = "fail",
        timing: bool | float = False,
        placeholders: Mapping[str, str] | None = None,
        format: str = "",  # noqa: A002 - as `lookalike.traffic.read` has it
        unchecked: str = "",
        allow: Sequence[str] = (),
        scope: Scope = "process",
        clients: Sequence[str] | None = None,
        into: str = "replay",
        **switches: Unpack[Switches],
    ) -> Patcher[Replay]:
        """Recorded exchanges in the API's place, as a mock whose routes they are; the spellings are those of `mock`.

        sources: files, folders or globs, in any format that `lookalike.traffic.read` reads
        record:  "none"; "once" records a file that isn't there; "new_episodes" adds what isn't recorded; "all" records
                 everything anew. The file is a HAR, redacted, written at the end
        order:   "recorded": of those that are alike, the first that wasn't played; "nearest": of those at the request's
                 method, host and path (or what `match` names) the one that differs least
        match:   what has to be equal, see `lookalike.double.compared.Comparison`; method, url and body unless said.
                 Credentials are never compared
        ignore:  places that may differ, as messages name them: ["query nonce", "json.sent_at", "header X-Id"]
        max_age: "30d" (h, d or w) or a timedelta; an older recording fails, or what `expired` says
        timing:  answers take as long as they took, on the double's own clock; 0.5 is half of it
        placeholders: what stands in the file for a secret: {"<TOKEN>": "env:TOKEN"}
        unchecked: why recordings may contradict the contract

        Strict as a mock is: a request that isn't recorded, or asked for more often than it is, and a recording that
        isn't played, fail; `unused="ignore"` and `exhausted="repeat"` are less so, `ordered=True` more. What the test
        declares, `replay.get("/todos").respond(500)`, wins over recordings.

        Raises UsageError for what can't be done, FileError for a source that can't be read, DoubleError for one that is
        too old.
        """
        from lookalike.api.patcher import Patcher
        from lookalike.api.replay_plan import planned
        from lookalike.api.replaying import replayed

        hosts, whose = said.hosts(allow, "replay"), said.scope(scope, "replay")
        strictness.STRICT.changed(switches, "api.replay()")
        seams = said.seams(clients)
        plan = planned(
            sources, record=record, order=order, match=match, ignore=ignore, max_age=max_age, expired=expired,
            timing=timing, placeholders=placeholders, format=format, unchecked=unchecked,
        )  # fmt: skip
        return Patcher(lambda: replayed(self, plan, hosts, whose, seams, switches), into=into, spelled="api.replay()")

    def _fake(self, options: Mapping[str, Any], use: str = "api.fake()", instead: str = "") -> Fake:
        from lookalike.api.doubles import Fake

        if self.pack is not None:
            return Fake(self.pack.fake(**options), self.name, self.base_url)
        from lookalike.double import fake

        contract = self._known(use, instead)
        if options:
            raise UsageError(
                f"{use[:-1]}{', '.join(f'{name}=...' for name in options)}): {self.name} is no pack, so its fake "
                "answers with samples of its contract and takes no options"
            )
        return Fake(fake.Fake(contract, self.base_url), self.name, self.base_url)

    @overload
    def serve(
        self, *, port: int = ..., host: str = ..., everything: Literal[True], allow: Sequence[str] = ..., **options: Any
    ) -> Everything: ...
    @overload
    def serve(
        self, *, port: int = ..., host: str = ..., everything: bool = ..., allow: Sequence[str] = ..., **options: Any
    ) -> Server: ...
    def serve(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        everything: bool = False,
        allow: Sequence[str] = (),
        **options: Any,
    ) -> Server:
        """The fake on a socket: `with api.serve() as url`. `port` 0 is a free one; `options` are those of `fake`.

        everything: be the proxy and the TLS server of every client too, of child processes and native clients above
                    all: environment variables point them here meanwhile; `server.env` is the environment for a child
        allow:      names or patterns of hosts that they may reach meanwhile; this machine they always may
        """
        from lookalike.api.doubles import serve

        fake = self._fake(options, "api.serve()", "; or serve a mock: with api.mock() as mock, mock.serve() as url")
        finish = fake.finish if everything else None
        return serve(fake, port=port, host=host, everything=everything, allow=said.hosts(allow, "serve"), finish=finish)

    @spelled("api.record()", said.DOUBLE_HABITS)
    def record(
        self,
        wrongly: None = None,
        /,
        *,
        har: str | os.PathLike[str] | None = None,
        placeholders: Mapping[str, str] | None = None,
        allow: Sequence[str] = (),
        scope: Scope = "process",
        into: str = "recording",
    ) -> Patcher[Recording]:
        """Let real requests to the API pass, and learn from its answers; the spellings are those of `mock`.

        In the end the contract's files are written or brought up to date, where this Api was made with a path; the
        recording has `.exchanges` and `.contract` in any case.

        har:          a file in which the traffic is kept as HAR, redacted, also where a test fails
        placeholders: what is written there for a secret: {"<TOKEN>": "env:TOKEN"}

        Raises UsageError where the API's base URL isn't known.
        """
        from lookalike.api.patcher import Patcher
        from lookalike.api.recording import recorded

        said.called(wrongly, "record")
        hosts, whose = said.hosts(allow, "record"), said.scope(scope, "record")
        return Patcher(
            lambda: recorded(self, self._where("api.record()"), hosts, whose, har, placeholders),
            into=into,
            spelled="api.record()",
        )

    # -- the real API ----------------------------------------------------------------------------------------------

    def verify(
        self,
        *,
        recording: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
        mocks: Sequence[DeclaredMock] = (),
        samples: int = 3,
        unsafe: bool = False,
        report: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        **asking: Any,
    ) -> ApiReport:
        """Ask the real API again, and say what changed since the contract was learned or written.

        recording: ask what was recorded in these files instead, and hold the answers to what was answered then
        mocks:   replies that tests declare; each finding names those that it makes false
        samples: how many targets of an operation are asked
        unsafe:  also ask with methods other than GET and HEAD
        report:  files to write it to, each in the format that the end of its name says: `drift.html`, `drift.json`
        asking:  `timeout`, `rate` (5 requests a second), `budget` and so on, see `lookalike.live.ask.Asker`

        Findings that `lookalike ignore` names are left out. An outage or refused credentials are verdicts of the
        report, nothing is raised for them. Raises UsageError where no contract or no base URL is known.
        """
        from lookalike.api.decided import settled
        from lookalike.live.ask import Asker
        from lookalike.live.verify import verify

        names: list[str] = []
        if report:
            from lookalike.api.reported import checked

            names = checked(report)
        own = ("recording", "mocks", "samples", "report")
        options = (*own, *(name for name in keywords_of(Asker.__init__) if name != "auth"))
        for name in asking:
            if name not in options:
                raise UsageError(refusal("api.verify()", name, options, {}))
        base_url = self._where("api.verify()")
        if recording is None:
            contract = self._known("api.verify()")
        else:
            from lookalike.api.recording import learned_from

            contract = learned_from(recording, base_url, self.name)
        asker = Asker(auth=self.auth, unsafe=unsafe, **{"rate": said.polite_rate(base_url), **asking})
        found = settled(verify(contract, asker, base_url=base_url, mocks=mocks, samples=samples))
        if names:
            from lookalike.api.reported import write_report

            write_report(names, found, contract)
        return found

    def _known(self, use: str, instead: str = "") -> Contract:
        contract = self.contract
        if contract is None:
            raise UsageError(
                f"{use}: nothing is known of {self.name}; name a contract, or learn one: "
                f"lookalike learn {self._base_url or 'URL'} PATH -o contracts/{self.name}.yaml{instead}"
            )
        return contract

    # -- a response for people who patch functions themselves --------------------------------------------------------

    @overload
    def reply(
        self, method: str, path: str, status: int | None = ..., *, client: Literal["requests"] = ..., **reply: Any
    ) -> requests.Response: ...
    @overload
    def reply(
        self, method: str, path: str, status: int | None = ..., *, client: Literal["httpx"], **reply: Any
    ) -> httpx.Response: ...
    def reply(
        self, method: str, path: str, status: int | None = None, *, client: str = "requests", **reply: Any
    ) -> Any:
        """A response as a client would give it, for a function that a test patches itself with `unittest.mock`.

        path:   relative to the base URL, `/todos/1`
        client: `requests` for a `requests.Response`, `httpx` for an `httpx.Response`; the client itself builds it
        reply:  what `.respond()` of a route takes: `json`, `text`, `headers`, `unchecked` and so on

        Raises ContractViolation for what the contract forbids, UsageError for what can't be sent.
        """
        from lookalike.api.doubles import Mock
        from lookalike.api.reply import client_response
        from lookalike.double.route import Route

        names = keywords_of(Route.respond)
        for name in reply:
            if name not in names:
                raise UsageError(refusal("api.reply()", name, ("client", *names), REPLY_HABITS))
        mock = Mock(self.name, self.base_url or "https://api.invalid", contract=self.contract)
        return client_response(mock, method, path, status, client, reply)
