"""The functions that send HTTP requests and that tests patch, by where they are defined."""

from __future__ import annotations

from types import ModuleType
from typing import Any

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
# The method stands among the arguments, or in the request that is one.
SENDERS = frozenset({"request", "_request", "stream", "send", "urlopen", "ws_connect", "fetch"})

_NAMED = VERBS | {"request"}
_FUNCTIONS: dict[str, frozenset[str]] = {
    "requests.api": _NAMED,
    "requests.sessions": frozenset(f"Session.{name}" for name in _NAMED | {"send"}),
    "requests.adapters": frozenset({"HTTPAdapter.send", "BaseAdapter.send"}),
    "httpx": _NAMED | {"stream"},
    "httpx._api": _NAMED | {"stream"},
    "httpx._client": frozenset(
        f"{client}.{name}" for client in ("Client", "AsyncClient") for name in _NAMED | {"send", "stream"}
    ),
    "urllib.request": frozenset({"urlopen", "OpenerDirector.open"}),
    "urllib3": frozenset({"request"}),
    "urllib3.poolmanager": frozenset({"PoolManager.urlopen"}),
    "urllib3.connectionpool": frozenset({"HTTPConnectionPool.urlopen"}),
    "urllib3._request_methods": frozenset({"RequestMethods.request"}),
    "aiohttp.client": frozenset(f"ClientSession.{name}" for name in _NAMED | {"_request"}) | {"request"},
}
_CLASSES = {
    "requests.sessions": ("Session",),
    "httpx": ("Client", "AsyncClient"),
    "httpx._client": ("Client", "AsyncClient"),
    "aiohttp.client": ("ClientSession",),
    "urllib3.poolmanager": ("PoolManager",),
}
_MODULES = frozenset({"requests", "requests.api", "httpx", "urllib3", "aiohttp", "urllib.request"})


def sender_of(original: Any) -> str | None:
    """What is patched: `get`, `request`, `send`, `urlopen`; `""` for a client's class or module, None for others."""
    if isinstance(original, ModuleType):
        return "" if original.__name__ in _MODULES else None
    module, name = getattr(original, "__module__", None), getattr(original, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    if name in _FUNCTIONS.get(module, ()):
        return name.rpartition(".")[2]
    if isinstance(original, type) and any(
        base.__qualname__ in _CLASSES.get(base.__module__, ()) for base in original.__mro__
    ):
        return ""
    return None


def asked(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, str] | None:
    """(method, URL) of a call of such a function; None where its arguments don't say an address.

    An address may be relative to a base that only the client knows.
    """
    method = name.upper() if name in VERBS else ""
    values = [*args[:4], kwargs.get("url"), kwargs.get("fullurl")]
    for value in values:
        request = _request(value)
        if request is not None:
            return request
    url = next((text for value in values if (text := _address(value))), "")
    if not url:
        return None
    if not method:
        said = [kwargs.get("method"), *args[:3]]
        words = (one for one in said if isinstance(one, str) and one.isalpha() and one.upper() in _METHODS)
        method = next(
            words, "POST" if name == "urlopen" and (kwargs.get("data") or args[1:2] not in ((), (None,))) else ""
        )
    return (method or "GET").upper(), url


_METHODS = frozenset(verb.upper() for verb in VERBS)


def _request(value: Any) -> tuple[str, str] | None:
    """What a request object says: requests', httpx's, urllib's."""
    kind = type(value)
    if kind.__name__ == "PreparedRequest" or (
        kind.__name__ == "Request" and kind.__module__.split(".")[0] in _LIBRARIES
    ):
        url = getattr(value, "full_url", None) or getattr(value, "url", None)
        method = value.get_method() if hasattr(value, "get_method") else getattr(value, "method", None)
        return str(method or "GET").upper(), str(url or "")
    return None


_LIBRARIES = frozenset({"requests", "httpx", "urllib"})


def _address(value: Any) -> str:
    if isinstance(value, str):
        return value if value.startswith(("http://", "https://", "/")) else ""
    return str(value) if type(value).__name__ == "URL" else ""
