"""vcrpy and pytest-recording: what a cassette plays, whichever client asks, with the entry that it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import HEARD_ALREADY, Declared, Ear, hops
from lookalike.audit.sent import heard_of, with_body
from lookalike.double.source import relative

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Hear what is played."""
    play = module.Cassette.play_response

    @wraps(play)
    def heard_play(self: Any, request: Any) -> Any:
        before = dict(self.play_counts)
        response = play(self, request)
        with ear.quietly("vcrpy"):
            entry = next((at for at, count in self.play_counts.items() if count != before.get(at, 0)), None)
            place = relative(str(self._path)) + (f" entry {entry + 1}" if entry is not None else "")
            _hear(ear, request, response, Declared("vcrpy", place))
        return response

    patches.set(module.Cassette, "play_response", heard_play)


def _hear(ear: Ear, request: Any, response: Any, by: Declared) -> None:
    status = response.get("status")
    code = status.get("code") if isinstance(status, dict) else response.get("status_code")
    sent = hops.get()
    if sent is not None:
        sent.append(HEARD_ALREADY)
    one = heard_of(ear, request.method, request.uri, int(code or 0), _headers(response.get("headers") or {}), by)
    if one is None:
        return
    body = response.get("body")
    content = body.get("string") if isinstance(body, dict) else response.get("content")
    if content is not None:
        with_body(ear, one, content.encode() if isinstance(content, str) else bytes(content))


def _headers(headers: Any) -> Iterator[tuple[str, str]]:
    for name, values in headers.items() if hasattr(headers, "items") else headers:
        for value in values if isinstance(values, list | tuple) else (values,):
            yield str(name), value.decode("latin-1") if isinstance(value, bytes) else str(value)
