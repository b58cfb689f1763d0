"""Where tracking takes hold while it is on: parsers, what leaves no trace, and what knows only built-in dicts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from lookalike.reads.callers import of_code
from lookalike.reads.observer import Observer, Source
from lookalike.reads.tracked import TrackedDict, plain

if TYPE_CHECKING:
    from lookalike.double.journal import Entry, Journal
    from lookalike.messages import Request, Response

Hook = Callable[[ModuleType], None]
WhenImported = Callable[[str, Hook], Callable[[], None]]


class Patching(Protocol):
    """Replaces attributes, and puts back what was there."""

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replace an attribute of a module or class."""

    def undo(self) -> None:
        """Put everything back."""


#: Functions that parse a text, by module.
PARSERS = {"orjson": ("loads",), "ujson": ("loads", "decode"), "rapidjson": ("loads",)}
#: Functions that read what they get without a trace, or take only built-in dicts, by module.
READERS = {
    "orjson": ("dumps",),
    "ujson": ("dumps", "encode", "dump"),
    "rapidjson": ("dumps", "dump"),
    "msgspec": ("convert", "to_builtins"),
    "msgspec.json": ("encode",),
    "msgspec.msgpack": ("encode",),
    "marshal": ("dumps", "dump"),
    "jsonschema_rs": ("is_valid", "validate", "iter_errors", "evaluate"),
    "msgpack": ("packb", "pack", "dumps", "dump"),
}
_YAML = {
    "yaml.representer": ("SafeRepresenter", "Representer"),
    "ruamel.yaml.representer": ("SafeRepresenter", "Representer", "RoundTripRepresenter"),
}
_PRINTERS = {"pprint": "PrettyPrinter", "_pytest._io.pprint": "PrettyPrinter"}


def begin(observer: Observer, *, when_imported: WhenImported, patches: Patching) -> Callable[[], None]:
    """Track what code receives from the doubles of this process. Returns how to stop, which puts everything back.

    when_imported: calls a function with a module, now or as soon as it is imported; returns how to stop watching
    """
    stack = ExitStack()
    stack.callback(patches.undo)
    try:
        # A suite whose mocks are others' need not import ours.
        hooks: dict[str, list[Hook]] = {"lookalike.double.journal": [lambda module: _listen(module, observer, patches)]}
        for name in ("json.decoder", "simplejson.decoder"):
            hooks.setdefault(name, []).append(lambda module: _decoder(module, observer, patches))
        for name, functions in PARSERS.items():
            hooks.setdefault(name, []).append(_wrapping(functions, _parser, observer, patches))
        for name, functions in READERS.items():
            hooks.setdefault(name, []).append(_wrapping(functions, _reader, observer, patches))
        for name, kinds in _YAML.items():
            hooks.setdefault(name, []).append(_representing(kinds, stack))
        for name, kind in _PRINTERS.items():
            hooks.setdefault(name, []).append(_printing(kind, observer, patches))
        for name, several in hooks.items():
            for hook in several:
                stack.callback(when_imported(name, hook))
    except BaseException:
        stack.close()
        raise
    return stack.close


def _listen(module: ModuleType, observer: Observer, patches: Patching) -> None:
    """Every double's journal has what it answered before the client does."""
    from lookalike.messages import Exchange, Response

    kind = module.Journal
    note, record = kind.note, kind.record

    def heard_note(self: Journal, request: Request, answer: Any, *, by: object = None) -> None:
        note(self, request, answer, by=by)
        if isinstance(answer, Response):
            _received(observer, self.base_url, request, answer)

    def heard_record(self: Journal, entry: Entry, *, by: object = None) -> None:
        record(self, entry, by=by)
        exchange = entry if isinstance(entry, Exchange) else entry()
        if exchange.response is not None:
            _received(observer, self.base_url, exchange.request, exchange.response)

    patches.set(kind, "note", heard_note)
    patches.set(kind, "record", heard_record)


def _received(observer: Observer, base_url: str | None, request: Request, response: Response) -> None:
    if request.method == "HEAD":
        return
    source = Source(base_url or "", request.method, request.url.partition("?")[0], response.status)
    if response.chunks is None:
        observer.received(source, response.body if response.headers.get("content-encoding") else response.content)
    else:
        observer.received(source, None)


def _decoder(module: ModuleType, observer: Observer, patches: Patching) -> None:
    decoder = module.JSONDecoder
    decode = decoder.decode

    def tracking(self: Any, s: Any, *args: Any, **more: Any) -> Any:
        value = decode(self, s, *args, **more)
        if not observer.may_know(s):
            return value
        seen = getattr(self, "object_hook", None) is None and getattr(self, "object_pairs_hook", None) is None
        return observer.parsed(s, value, _caller(sys._getframe(1)), seen=seen)

    patches.set(decoder, "decode", tracking)


def _caller(frame: Any) -> Any:
    """Past the module json itself, whose functions are what code calls."""
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("json", "simplejson"):
        frame = frame.f_back
    return frame


Wrap = Callable[[Callable[..., Any], Observer], Callable[..., Any]]


def _wrapping(names: tuple[str, ...], wrap: Wrap, observer: Observer, patches: Patching) -> Hook:
    def hook(module: ModuleType) -> None:
        for name in names:
            function = getattr(module, name, None)
            if function is not None:
                patches.set(module, name, wrap(function, observer))

    return hook


def _parser(function: Callable[..., Any], observer: Observer) -> Callable[..., Any]:
    def tracking(*args: Any, **more: Any) -> Any:
        value = function(*args, **more)
        seen = not {"object_hook", "object_pairs_hook"} & more.keys()
        return observer.parsed(args[0], value, sys._getframe(1), seen=seen) if args else value

    return tracking


def _reader(function: Callable[..., Any], observer: Observer) -> Callable[..., Any]:
    def tracking(*args: Any, **more: Any) -> Any:
        frame = sys._getframe(1)
        if of_code(frame.f_code) == "ours":
            return function(*args, **more)
        observer.handed(args, frame)
        return function(*map(plain, args), **more)

    return tracking


def _representing(names: tuple[str, ...], stack: ExitStack) -> Hook:
    """YAML's representers are by exact type; others that copied theirs meanwhile keep a row that nothing uses."""

    def hook(module: ModuleType) -> None:
        for name in names:
            known = getattr(module, name).yaml_representers
            if dict in known and TrackedDict not in known:
                known[TrackedDict] = known[dict]
                stack.callback(known.pop, TrackedDict, None)

    return hook


def _printing(name: str, observer: Observer, patches: Patching) -> Hook:
    """`pprint` lays out only what has the `__repr__` of dict itself."""

    def hook(module: ModuleType) -> None:
        kind = getattr(module, name, None)
        for method in ("_format", "_safe_repr", "_repr"):
            before = getattr(kind, method, None)
            if before is not None:
                patches.set(kind, method, _laid_out(before, observer))

    return hook


def _laid_out(before: Callable[..., Any], observer: Observer) -> Callable[..., Any]:
    def printing(self: Any, value: Any, *args: Any) -> Any:
        if value.__class__ is TrackedDict:
            observer.handed(value, sys._getframe(1))
            value = plain(value)
        return before(self, value, *args)

    return printing
