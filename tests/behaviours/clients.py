"""One row a client: how it asks, in its own way, and what it says of the outcome. Nothing here knows of a double."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tests.behaviours.asked import Ask, Told, error_name

Perform = Callable[[str, Sequence[Ask]], list[Told]]


@dataclass(frozen=True)
class Client:
    """One row.

    cannot: what it has no way of doing by itself, by `Ask.needs`; module: what has to be installed
    since:  the release that brought it, for what older ones have no way of doing
    """

    name: str
    module: str
    perform: Perform
    cannot: frozenset[str] = field(default_factory=frozenset)
    since: Mapping[str, str] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in headers]


# -- requests and niquests ---------------------------------------------------------------------------------------------


def _requests_like(name: str) -> Perform:
    def perform(base: str, asks: Sequence[Ask]) -> list[Told]:
        library = importlib.import_module(name)
        adapters = importlib.import_module(f"{name}.adapters")
        told = []
        with library.Session() as session:
            events: list[str] = []
            session.hooks["response"].append(lambda answer, *_, **__: events.append(f"hook {answer.status_code}"))
            for ask in asks:
                if ask.retries:
                    from urllib3.util.retry import Retry

                    session.mount(base, adapters.HTTPAdapter(max_retries=Retry(ask.retries, status_forcelist=[503])))
                events.clear()
                try:
                    answer = _requests_once(library, session, base, ask)
                    body = b"".join(answer.iter_content(ask.piece)) if ask.stream else answer.content
                    told.append(
                        Told(
                            answer.status_code,
                            answer.reason,
                            _pairs(answer.headers.items()),
                            body,
                            answer.url,
                            len(answer.history),
                            events=list(events),
                        )
                    )
                    answer.close()
                except Exception as error:
                    told.append(Told(error=error_name(error), events=list(events)))
        return told

    return perform


def _requests_once(library: Any, session: Any, base: str, ask: Ask, digest: str = "HTTPDigestAuth") -> Any:
    auth: Any = ask.basic
    if ask.digest:
        auth = getattr(importlib.import_module(f"{library.__name__}.auth"), digest)(*ask.digest)
    return session.request(
        ask.method,
        base + ask.path,
        headers=dict(ask.headers),
        params=list(ask.params) or None,
        data=ask.content or list(ask.form) or (iter(ask.pieces) if ask.pieces else None),
        json=ask.json,
        files={"file": ask.file} if ask.file else None,
        timeout=ask.timeout,
        allow_redirects=ask.follow,
        stream=ask.stream,
        auth=auth,
    )


# -- urllib3 -----------------------------------------------------------------------------------------------------------


def _urllib3(base: str, asks: Sequence[Ask]) -> list[Told]:
    import urllib3
    from urllib3.util.retry import Retry

    told = []
    with urllib3.PoolManager() as pool:
        for ask in asks:
            # Redirects count apart, as the other clients count them.
            retries = Retry(
                None,
                connect=ask.retries,
                read=ask.retries,
                redirect=5,
                status=ask.retries,
                other=0,
                status_forcelist=[503] if ask.retries else [],
            )
            given: dict[str, Any] = {"headers": {**dict(ask.headers)}}
            if ask.basic:
                given["headers"] |= urllib3.make_headers(basic_auth=":".join(ask.basic))
            if ask.params:
                from urllib.parse import urlencode

                given["url"] = f"{base}{ask.path}?{urlencode(ask.params)}"
            if ask.form or ask.file:
                fields: dict[str, Any] = dict(ask.form) | ({"file": ask.file} if ask.file else {})
                given |= {"fields": fields, "encode_multipart": bool(ask.file)}
            elif ask.json is not None:
                given["body"] = json.dumps(ask.json).encode()
                given["headers"]["content-type"] = "application/json"
            else:
                given["body"] = ask.content or (iter(ask.pieces) if ask.pieces else None)
            url = given.pop("url", base + ask.path)
            try:
                answer = pool.request(
                    ask.method,
                    url,
                    timeout=ask.timeout,
                    retries=retries,
                    redirect=ask.follow,
                    preload_content=not ask.stream,
                    **given,
                )
                body = b"".join(answer.stream(ask.piece)) if ask.stream else answer.data
                hops = len(answer.retries.history) if answer.retries else 0
                told.append(Told(answer.status, answer.reason or "", _pairs(answer.headers.items()), body, hops=hops))
            except Exception as error:
                told.append(Told(error=error_name(error)))
    return told


# -- urllib.request ----------------------------------------------------------------------------------------------------


def _urllib(base: str, asks: Sequence[Ask]) -> list[Told]:
    import urllib.error
    import urllib.parse
    import urllib.request
    from http.cookiejar import CookieJar

    handlers: list[Any] = [urllib.request.HTTPCookieProcessor(CookieJar())]
    told = []
    for ask in asks:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        own = list(handlers)
        if ask.digest:
            passwords.add_password(None, base, *ask.digest)
            own.append(urllib.request.HTTPDigestAuthHandler(passwords))
        if not ask.follow:
            own.append(_no_redirect())
        opener = urllib.request.build_opener(*own)
        headers = dict(ask.headers)
        data: Any = ask.content
        if ask.form:
            data = urllib.parse.urlencode(ask.form).encode()
        if ask.json is not None:
            data, headers["content-type"] = json.dumps(ask.json).encode(), "application/json"
        if ask.pieces:
            data = iter(ask.pieces)
        if ask.basic:
            import base64

            headers["authorization"] = "Basic " + base64.b64encode(":".join(ask.basic).encode()).decode()
        url = base + ask.path + (f"?{urllib.parse.urlencode(ask.params)}" if ask.params else "")
        request = urllib.request.Request(url, data, headers, method=ask.method)
        try:
            try:
                answer = opener.open(request, timeout=ask.timeout)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                body = b"".join(_reads(answer, ask.piece)) if ask.stream else answer.read()
                told.append(Told(answer.status, answer.reason, _pairs(answer.headers.items()), body, answer.geturl()))
        except Exception as error:
            told.append(Told(error=error_name(error)))
    return told


def _reads(answer: Any, size: int) -> Iterator[bytes]:
    while piece := answer.read(size):
        yield piece


def _no_redirect() -> Any:
    import urllib.request

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    return NoRedirect()


# -- httplib2 ----------------------------------------------------------------------------------------------------------


def _httplib2(base: str, asks: Sequence[Ask]) -> list[Told]:
    from urllib.parse import urlencode

    import httplib2  # type: ignore[import-untyped]  # without types

    told = []
    for ask in asks:
        client = httplib2.Http(timeout=ask.timeout)
        client.follow_redirects = ask.follow
        if ask.basic or ask.digest:
            client.add_credentials(*(ask.basic or ask.digest or ()))
        headers = dict(ask.headers)
        body: Any = ask.content
        if ask.json is not None:
            body, headers["content-type"] = json.dumps(ask.json).encode(), "application/json"
        if ask.form:
            body, headers["content-type"] = urlencode(ask.form).encode(), "application/x-www-form-urlencoded"
        url = base + ask.path + (f"?{urlencode(ask.params)}" if ask.params else "")
        try:
            answer, content = client.request(url, ask.method, body=body, headers=headers)
            pairs = [(name, value) for name, value in answer.items() if name not in ("content-location", "status")]
            told.append(Told(answer.status, answer.reason, _pairs(pairs), content))
        except Exception as error:
            told.append(Told(error=error_name(error)))
        finally:
            client.close()
    return told


# -- botocore ----------------------------------------------------------------------------------------------------------


def _botocore(base: str, asks: Sequence[Ask]) -> list[Told]:
    from urllib.parse import urlencode

    from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # without types
    from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]  # without types

    told = []
    for ask in asks:
        session = URLLib3Session(timeout=ask.timeout)
        headers = dict(ask.headers)
        data: Any = ask.content
        if ask.json is not None:
            data, headers["content-type"] = json.dumps(ask.json).encode(), "application/json"
        if ask.form:
            data, headers["content-type"] = urlencode(ask.form).encode(), "application/x-www-form-urlencoded"
        if ask.expect:
            headers["Expect"] = "100-continue"
        url = base + ask.path + (f"?{urlencode(ask.params)}" if ask.params else "")
        request = AWSRequest(method=ask.method, url=url, headers=headers, data=data, stream_output=ask.stream)
        try:
            answer = session.send(request.prepare())
            body = b"".join(answer.raw.stream(ask.piece)) if ask.stream else answer.content
            told.append(Told(answer.status_code, "", _pairs(answer.headers.items()), body))
        except Exception as error:
            told.append(Told(error=error_name(error)))
        finally:
            session.close()
    return told


# -- httpx and httpx2 --------------------------------------------------------------------------------------------------


def _httpx_given(library: Any, base: str, ask: Ask) -> dict[str, Any]:
    auth: Any = ask.basic
    if ask.digest:
        auth = library.DigestAuth(*ask.digest)
    given: dict[str, Any] = {"headers": list(ask.headers), "timeout": ask.timeout, "auth": auth}
    chosen = {
        "params": list(ask.params),
        "content": ask.content,
        "data": dict(ask.form),
        "files": {"file": ask.file} if ask.file else None,
    }
    given |= {name: value for name, value in chosen.items() if value}
    if ask.json is not None:
        given["json"] = ask.json
    return given


def _httpx_told(answer: Any, body: bytes, events: list[str]) -> Told:
    return Told(
        answer.status_code,
        answer.reason_phrase,
        _pairs(answer.headers.multi_items()),
        body,
        str(answer.url),
        len(answer.history),
        events=events,
    )


def _httpx_sync(name: str) -> Perform:
    def perform(base: str, asks: Sequence[Ask]) -> list[Told]:
        library = importlib.import_module(name)
        told = []
        events: list[str] = []
        hooks = {
            "request": [lambda request: events.append(f"request {request.method}")],
            "response": [lambda answer: events.append(f"response {answer.status_code}")],
        }
        with library.Client(event_hooks=hooks) as client:
            for ask in asks:
                events.clear()
                given = _httpx_given(library, base, ask)
                if ask.pieces:
                    given["content"] = iter(ask.pieces)
                auth, timeout = given.pop("auth"), given.pop("timeout")
                try:
                    request = client.build_request(ask.method, base + ask.path, timeout=timeout, **given)
                    answer = client.send(request, auth=auth, follow_redirects=ask.follow, stream=ask.stream)
                    body = b"".join(answer.iter_bytes(ask.piece)) if ask.stream else answer.content
                    told.append(_httpx_told(answer, body, list(events)))
                    answer.close()
                except Exception as error:
                    told.append(Told(error=error_name(error), events=list(events)))
        return told

    return perform


async def _httpx_async(name: str, base: str, asks: Sequence[Ask]) -> list[Told]:
    library = importlib.import_module(name)
    told = []
    events: list[str] = []

    async def on_request(request: Any) -> None:
        events.append(f"request {request.method}")

    async def on_response(answer: Any) -> None:
        events.append(f"response {answer.status_code}")

    async with library.AsyncClient(event_hooks={"request": [on_request], "response": [on_response]}) as client:
        for ask in asks:
            events.clear()
            given = _httpx_given(library, base, ask)
            if ask.pieces:
                given["content"] = _async_pieces(ask.pieces)
            auth, timeout = given.pop("auth"), given.pop("timeout")
            try:
                request = client.build_request(ask.method, base + ask.path, timeout=timeout, **given)
                answer = await client.send(request, auth=auth, follow_redirects=ask.follow, stream=ask.stream)
                parts = [part async for part in answer.aiter_bytes(ask.piece)] if ask.stream else [answer.content]
                told.append(_httpx_told(answer, b"".join(parts), list(events)))
                await answer.aclose()
            except Exception as error:
                told.append(Told(error=error_name(error), events=list(events)))
    return told


async def _async_pieces(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


# -- aiohttp -----------------------------------------------------------------------------------------------------------


def _trace(events: list[str]) -> Any:
    import aiohttp

    config = aiohttp.TraceConfig()

    def on(name: str) -> Callable[..., Awaitable[None]]:
        async def noted(session: Any, context: Any, params: Any) -> None:
            events.append(name)

        return noted

    # Not those that tell how a connection was come by: whether one is kept is the pool's own affair.
    for name in ("on_request_start", "on_request_end", "on_request_redirect", "on_request_exception"):
        getattr(config, name).append(on(name))
    return config


async def _aiohttp(base: str, asks: Sequence[Ask]) -> list[Told]:
    import aiohttp
    from yarl import URL

    told = []
    events: list[str] = []
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, trace_configs=[_trace(events)]) as session:
        for ask in asks:
            events.clear()
            given: dict[str, Any] = {"json": ask.json} if ask.json is not None else {}
            if ask.file:
                form = aiohttp.FormData()
                form.add_field("file", ask.file[1], filename=ask.file[0])
                given["data"] = form
            elif ask.json is None:
                given["data"] = ask.content or dict(ask.form) or (_async_pieces(ask.pieces) if ask.pieces else None)
            if ask.digest:
                given["middlewares"] = (aiohttp.DigestAuthMiddleware(*ask.digest),)
            try:
                async with session.request(
                    ask.method,
                    URL(base + ask.path, encoded=True),
                    headers=list(ask.headers),
                    params=list(ask.params) or None,
                    timeout=aiohttp.ClientTimeout(sock_read=ask.timeout),
                    allow_redirects=ask.follow,
                    auth=aiohttp.BasicAuth(*ask.basic) if ask.basic else None,
                    expect100=ask.expect,
                    **given,
                ) as answer:
                    parts = [part async for part in answer.content.iter_chunked(ask.piece)] if ask.stream else []
                    body = b"".join(parts) if ask.stream else await answer.read()
                    told.append(
                        Told(
                            answer.status,
                            answer.reason or "",
                            _pairs(answer.headers.items()),
                            body,
                            str(answer.url),
                            len(answer.history),
                            events=list(events),
                        )
                    )
            except Exception as error:
                told.append(Told(error=error_name(error), events=list(events)))
    return told


# -- tornado -----------------------------------------------------------------------------------------------------------


async def _tornado(base: str, asks: Sequence[Ask]) -> list[Told]:
    from urllib.parse import urlencode

    from tornado.httpclient import AsyncHTTPClient, HTTPRequest

    told = []
    client = AsyncHTTPClient(force_instance=True)
    for ask in asks:
        headers = dict(ask.headers)
        body: Any = ask.content
        if ask.json is not None:
            body, headers["Content-Type"] = json.dumps(ask.json).encode(), "application/json"
        if ask.form:
            body, headers["Content-Type"] = urlencode(ask.form).encode(), "application/x-www-form-urlencoded"
        parts: list[bytes] = []
        url = base + ask.path + (f"?{urlencode(ask.params)}" if ask.params else "")

        async def produce(write: Any, pieces: Sequence[bytes] = ask.pieces) -> None:
            for piece in pieces:
                await write(piece)

        request = HTTPRequest(
            url,
            ask.method,
            headers,
            body,
            request_timeout=ask.timeout,
            follow_redirects=ask.follow,
            auth_username=ask.basic[0] if ask.basic else None,
            auth_password=ask.basic[1] if ask.basic else None,
            streaming_callback=parts.append if ask.stream else None,
            body_producer=cast(Any, produce) if ask.pieces else None,
            expect_100_continue=ask.expect,
            allow_nonstandard_methods=True,
        )
        try:
            answer = await client.fetch(request, raise_error=False)
            content = b"".join(parts) if ask.stream else (answer.body or b"")
            if answer.code == 599 and answer.error is not None:
                raise answer.error
            told.append(
                Told(answer.code, answer.reason, _pairs(answer.headers.get_all()), content, answer.effective_url)
            )
        except Exception as error:
            told.append(Told(error=error_name(error)))
    client.close()
    return told


# -- the table ---------------------------------------------------------------------------------------------------------


async def _niquests_async(base: str, asks: Sequence[Ask]) -> list[Told]:
    import niquests

    told = []
    async with niquests.AsyncSession() as session:
        for ask in asks:
            try:
                answer = await _requests_once(niquests, session, base, ask, "AsyncHTTPDigestAuth")
                if ask.stream:
                    body = b"".join([part async for part in await answer.iter_content(ask.piece)])
                else:
                    body = answer.content
                told.append(
                    Told(
                        answer.status_code,
                        answer.reason,
                        _pairs(answer.headers.items()),
                        body,
                        answer.url,
                        len(answer.history),
                    )
                )
            except Exception as error:
                told.append(Told(error=error_name(error)))
    return told


Job = Callable[[str, Sequence[Ask]], Coroutine[Any, Any, list[Told]]]


def _on_asyncio(job: Job) -> Perform:
    return lambda base, asks: asyncio.run(job(base, asks))


def _on_uvloop(job: Job) -> Perform:
    def perform(base: str, asks: Sequence[Ask]) -> list[Told]:
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(job(base, asks))

    return perform


def _on_trio(job: Job) -> Perform:
    def perform(base: str, asks: Sequence[Ask]) -> list[Told]:
        import trio

        return trio.run(job, base, asks)

    return perform


def _with(name: str) -> Job:
    async def job(base: str, asks: Sequence[Ask]) -> list[Told]:
        return await _httpx_async(name, base, asks)

    return job


_HTTPX = frozenset({"retries", "expect"})
# aiohttp 3.14 waits for ever where a real server sends such a chunk after the head, whatever its timeouts say.
_AIOHTTP = frozenset({"retries", "an end to a chunk that is none"})

_NIQUESTS_ASYNC = frozenset({"expect", "retries"})

CLIENTS: tuple[Client, ...] = (
    Client("requests", "requests", _requests_like("requests"), frozenset({"expect"})),
    Client("urllib3", "urllib3", _urllib3, frozenset({"digest", "expect"})),
    Client("urllib.request", "urllib.request", _urllib, frozenset({"retries", "file", "expect"})),
    Client("httplib2", "httplib2", _httplib2, frozenset({"retries", "file", "pieces", "expect", "digest", "basic"})),
    Client("botocore", "botocore", _botocore, frozenset({"retries", "file", "pieces", "basic", "digest", "follow"})),
    Client("httpx", "httpx", _httpx_sync("httpx"), _HTTPX),
    Client("httpx on asyncio", "httpx", _on_asyncio(_with("httpx")), _HTTPX),
    Client("httpx on trio", "httpx", _on_trio(_with("httpx")), _HTTPX),
    Client("httpx2", "httpx2", _httpx_sync("httpx2"), _HTTPX),
    Client("httpx2 on asyncio", "httpx2", _on_asyncio(_with("httpx2")), _HTTPX),
    Client("httpx2 on trio", "httpx2", _on_trio(_with("httpx2")), _HTTPX),
    Client("aiohttp", "aiohttp", _on_asyncio(_aiohttp), _AIOHTTP, {"digest": "3.12"}),
    Client("aiohttp on uvloop", "aiohttp", _on_uvloop(_aiohttp), _AIOHTTP, {"digest": "3.12"}),
    Client("tornado", "tornado", _on_asyncio(_tornado), frozenset({"retries", "file", "digest"})),
    Client("niquests", "niquests", _requests_like("niquests"), frozenset({"expect"})),
    Client("niquests on asyncio", "niquests", _on_asyncio(_niquests_async), _NIQUESTS_ASYNC, {"digest": "3.16"}),
)
