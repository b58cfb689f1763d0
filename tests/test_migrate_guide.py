"""The guide for who comes from another library names everything that the library has."""
# ruff: noqa: E501  a row of a table is a line

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

_GUIDE = Path(__file__).parent.parent / "docs" / "guides" / "migrate.md"

#: Of each library: the objects that tests use, as `module:object`; a module stands for its functions and classes.
_FACES = {
    "responses": (
        "responses:RequestsMock", "responses:Response", "responses:CallbackResponse", "responses:CallList",
        "responses:matchers", "responses.registries", "responses:__all__",
    ),
    "requests_mock": (
        "requests_mock:Mocker", "requests_mock:Adapter", "requests_mock.adapter:_Matcher",
        "requests_mock.request:_RequestObjectProxy", "requests_mock.mocker:MockerCore._PROXY_FUNCS",
        "requests_mock:__all__", "requests_mock:create_response",
    ),
    "respx": ("respx:__all__", "respx:MockRouter", "respx:Route", "respx.patterns"),
    "pytest_httpx": ("pytest_httpx:__all__", "pytest_httpx:HTTPXMock", "pytest_httpx._options:_HTTPXMockOptions",
                     "pytest_httpx._request_matcher:_RequestMatcher"),
    "aioresponses": ("aioresponses:__all__", "aioresponses:aioresponses", "aioresponses:CallbackResult"),
    "vcr": ("vcr.config:VCR", "vcr.cassette:Cassette", "vcr.unittest:VCRMixin",
            "vcr.record_mode:RecordMode.__members__", "vcr.errors"),
    "pytest_recording": ("pytest_recording.plugin", "pytest_recording.hooks"),
    "betamax": ("betamax:__all__", "betamax:Betamax", "betamax.configure:Configuration", "betamax.decorator",
                "betamax.cassette:Interaction", "betamax.options:Options.valid_options", "betamax.fixtures.pytest",
                "betamax.fixtures.unittest:__all__"),
}  # fmt: skip
_HEADINGS = {
    "requests_mock": "requests-mock", "pytest_httpx": "pytest-httpx", "vcr": "vcrpy", "pytest_recording": "pytest-recording",
}  # fmt: skip

#: Names that nobody writes in a test, or that stand on the page in other words.
_LEFT_OUT = {
    "responses": {
        "args": "hands on", "kwargs": "hands on", "func": "activate's own", "idx": "of a list", "request": "of a callback",
        "response": "of a list", "value": "of a list", "start": "of a list's index", "stop": "of a list's index",
        "count": "of a list", "index": "of a list", "call": "of a list", "method_or_response": "the method or a response",
        "prefix": "positional", "params": "positional", "query": "positional", "identifier": "positional",
        "find": "a registry's own", "registry": "named with activate",
    },
    "requests_mock": {
        "args": "hands on", "kwargs": "hands on", "func": "decorate_callable's own", "klass": "decorate_class's own",
        "request": "what it sends", "matcher": "positional", "responses": "the list", "fakeresponse": "inside",
    },
    "respx": {
        "args": "hands on", "kwargs": "hands on", "func": "the decorated function", "lookups": "the keywords", "value": "positional",
        "lookup": "what comes after __", "request": "what it sends", "response": "what it gets", "default": "of pop",
        "op": "of combine", "pattern": "positional", "bases": "hands on", "exact": "inside", "route": "positional",
        "decode_data": "inside", "get_scheme_port": "inside", "parse_url": "inside", "parse_url_patterns": "inside",
        "Match": "what a pattern returns", "ContentMixin": "inside", "MultiItemsMixin": "inside", "RegexPattern": "a type of re",
        "context": "inside", "matches": "inside", "__version__": "its release", "patterns": "named with M",
    },
    "pytest_httpx": {
        "args": "hands on", "kwargs": "hands on", "matchers": "hands on", "options": "of the marker", "callback": "positional",
        "exception": "positional", "__version__": "its release", "request": "what it sends", "real_transport": "inside",
        "expect_body": "inside", "should_have_matched": "inside", "match": "inside",
    },
    "vcr": {
        "kwargs": "hands on", "name": "positional", "serializer": "positional", "request": "what it sends", "qualname": "inside",
        "response": "what it gets", "function": "the decorated one", "suffix": "positional", "predicate": "of test_case",
        "method_name": "inside", "arg_getter": "inside", "matcher": "positional", "module": "inside", "new": "inside",
        "inject": "inject_cassette", "default": "inside",
    },
    "pytest_recording": {
        "config": "of pytest", "parser": "of pytest", "request": "of pytest", "pluginmanager": "of pytest",
        "pytestconfig": "of pytest", "test_class": "positional", "test_name": "positional", "pytest_addhooks": "a hook",
        "pytest_addoption": "a hook", "pytest_configure": "a hook", "pytest_unconfigure": "a hook",
    },
    "betamax": {
        "kwargs": "hands on", "matcher_class": "positional", "serializer_class": "positional", "matchers": "of match",
        "use_cassette_kwargs": "hands on", "replacements": "inside", "text_to_replace": "positional", "request": "of pytest",
        "placeholder": "positional", "interaction": "of a callback", "serializing": "inside",
    },
    "aioresponses": {
        "args": "hands on", "kwargs": "hands on", "f": "the decorated function", "resp_or_exc": "inside",
        "allow_redirects": "aiohttp's own",
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_rewrite(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-recording asks for a rewrite of what another test may have imported, which is an error then."""
    monkeypatch.setattr(pytest, "register_assert_rewrite", lambda *_: None)


def _names(path: str) -> Iterable[str]:
    """The public names of an object: its own, its methods', and all that they take."""
    module, _, inside = path.partition(":")
    found: Any = import_module(module)
    for part in filter(None, inside.split(".")):
        found = getattr(found, part)
    if isinstance(found, Mapping):
        found = list(found)
    if isinstance(found, list | tuple | set):
        yield from (one for one in found if isinstance(one, str))
        return
    if inspect.ismodule(found):
        for name, one in vars(found).items():
            if not name.startswith("_") and getattr(one, "__module__", "") == found.__name__ and callable(one):
                yield name
                yield from () if inspect.isclass(one) else _parameters(one)
        return
    yield from _parameters(found)
    if inspect.isclass(found):
        for name in sorted(set(dir(found)) - set(dir(object))):
            if not name.startswith("_"):
                yield name
                yield from _parameters(getattr(found, name))


def _parameters(one: Any) -> Iterable[str]:
    try:
        return [name for name in inspect.signature(one).parameters if name != "self" and not name.startswith("_")]
    except (TypeError, ValueError):
        return []


def _section(library: str) -> str:
    heading = _HEADINGS.get(library, library)
    text = _GUIDE.read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


# What vcrpy asks pytest to rewrite is imported already where the guide's own blocks ran.
@pytest.mark.parametrize("library", _FACES)
def test_every_name_of_the_library_is_in_the_guide(library: str) -> None:
    pytest.importorskip(library)
    section = _section(library)
    assert section
    names = {name for path in _FACES[library] for name in _names(path)}
    if library == "responses":
        # What `__all__` has under its module's own names is written by theirs.
        names = {name.removeprefix("_deprecated_") for name in names}
    missing = {
        name for name in names if re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", section) is None
    }
    assert sorted(missing - set(_LEFT_OUT[library])) == []
    assert len(names) > 10


@pytest.mark.parametrize("library", _FACES)
def test_every_row_says_something_on_both_sides(library: str) -> None:
    rows = [line for line in _section(library).splitlines() if line.startswith("| ")]
    assert len(rows) > 10
    for row in rows:
        cells = re.split(r"(?<!\\) \| ", row.strip("| "))
        assert len([cell for cell in cells if cell.strip()]) == 2, row
