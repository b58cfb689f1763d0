"""aioresponses, which stands where aiohttp would send: the line that adds an answer, and the answer as it is built."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, place_outside
from lookalike.audit.sent import heard_of, with_body

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True

_NAME = "_lookalike_declared"


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Note each answer that is added, and hear those that are given."""
    add, build = module.aioresponses.add, module.RequestMatch.build_response

    @wraps(add)
    def noted_add(self: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        before = set(self._matches)
        result = add(self, url, *args, **kwargs)
        with ear.quietly("aioresponses"):
            said = Declared(
                "aioresponses",
                place_outside(),
                status=len(args) > 1 or "status" in kwargs or kwargs.get("callback") is not None,
                body=bool(kwargs.get("body")) or kwargs.get("payload") is not None or bool(kwargs.get("callback")),
                kind="content_type" in kwargs,
            )
            for key in set(self._matches) - before:
                setattr(self._matches[key], _NAME, said)
        return result

    @wraps(build)
    async def heard_build(self: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        response = await build(self, url, *args, **kwargs)
        with ear.quietly("aioresponses"):
            if not isinstance(response, Exception):
                _hear(ear, response, getattr(self, _NAME, None) or Declared("aioresponses"))
        return response

    patches.set(module.aioresponses, "add", noted_add)
    patches.set(module.RequestMatch, "build_response", heard_build)


def _hear(ear: Ear, response: Any, by: Declared) -> None:
    headers = tuple((str(name), str(value)) for name, value in response.headers.items())
    one = heard_of(ear, response.method, str(response.url), response.status, headers, by)
    if one is not None:
        # What was fed to the stream is there until the code reads it.
        with_body(ear, one, b"".join(bytes(piece) for piece in response.content._buffer))
