"""Events of a YAML parser: libyaml's where PyYAML or ruamel.yaml brings it, many times as fast, else ruamel.yaml's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple


class Parser(NamedTuple):
    """events: of YAML bytes or of a file, a function that gives the next one; the others: their classes, and the error
    that the library raises.
    """

    events: Callable[[Any], Callable[[], Any]]
    scalar: type[Any]
    alias: type[Any]
    sequence: type[Any]
    mapping: type[Any]
    ends: tuple[type[Any], ...]
    document: type[Any]
    error: type[Exception]


@cache
def parser(name: str = "") -> Parser:
    """The fastest YAML parser that is installed; `name` is `libyaml` (of PyYAML or ruamel.yaml) or `python`.

    All give the same events. Raises ImportError where `libyaml` is asked for and isn't there.
    """
    for module, make in _PARSERS[name]:
        try:
            return make()
        except ImportError:
            if module == _PARSERS[name][-1][0]:
                raise
    raise ImportError(name)


def _pyyaml() -> Parser:
    libyaml = import_module("yaml._yaml")

    def parsed(source: Any) -> Callable[[], Any]:
        following: Callable[[], Any] = libyaml.CParser(source).get_event
        return following

    # Its own names: where modules were dropped and imported again, `yaml` has other classes than an extension gives.
    return _of(libyaml, parsed, libyaml.YAMLError)


def _ruamel(pure: bool) -> Callable[[], Parser]:
    def make() -> Parser:
        from ruamel.yaml import YAML, events
        from ruamel.yaml.error import YAMLError

        if not pure:
            import_module("_ruamel_yaml")  # without it YAML() falls back without a word

        def parsed(source: Any) -> Callable[[], Any]:
            following: Callable[[], Any] = YAML(typ="safe", pure=pure).parse(source).__next__
            return following

        return _of(events, parsed, YAMLError)

    return make


def _of(events: Any, parsed: Callable[[Any], Callable[[], Any]], error: type[Exception]) -> Parser:
    ends = (events.SequenceEndEvent, events.MappingEndEvent)
    return Parser(
        parsed, events.ScalarEvent, events.AliasEvent, events.SequenceStartEvent, events.MappingStartEvent, ends,
        events.DocumentStartEvent, error,
    )  # fmt: skip


_LIBYAML = (("yaml", _pyyaml), ("_ruamel_yaml", _ruamel(pure=False)))
_PYTHON = (("ruamel.yaml", _ruamel(pure=True)),)
_PARSERS = {"": (*_LIBYAML, *_PYTHON), "libyaml": _LIBYAML, "python": _PYTHON}
