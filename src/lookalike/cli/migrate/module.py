"""What a test module says of the two libraries before anything is rewritten: imports, mockers, functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from lookalike.cli.migrate.nodes import bound, dotted, names_in, parameters, targets, text_of
from lookalike.cli.migrate.requests_mock import DECLARING as _DECLARING
from lookalike.cli.migrate.responses import listed
from lookalike.cli.migrate.urls import Bound, host_of

LIBRARIES = ("responses", "requests_mock")
MOCKERS = {
    "responses.RequestsMock": "responses",
    "requests_mock.Mocker": "requests_mock",
    "requests_mock.mock": "requests_mock",
    "requests_mock.MockerCore": "requests_mock",
    "requests_mock.mocker.Mocker": "requests_mock",
}


def imported_names(node: cst.Import | cst.ImportFrom) -> dict[str, str]:
    """The names that an import binds, with the full names of what they are."""
    found: dict[str, str] = {}
    if isinstance(node, cst.Import):
        for alias in node.names:
            whole = dotted(alias.name)
            found[alias.evaluated_alias or whole.partition(".")[0]] = (
                whole if alias.evaluated_alias else whole.partition(".")[0]
            )
    elif node.relative == () and not isinstance(node.names, cst.ImportStar):
        for alias in node.names:
            found[alias.evaluated_alias or alias.evaluated_name] = f"{dotted(node.module)}.{alias.evaluated_name}"
    return found


class Facts(cst.CSTVisitor):
    """Reads a module.

    names:     what each imported name is, in full
    patterns:  the regular expressions that names are bound to, `""` for one with flags or put together
    functions: names of functions, and how often each is defined
    hosts:     the scheme and host of each URL that is written out
    fixtures:  fixtures that yield or return a mocker
    patchers:  names that are bound to a mocker and started later
    matchers:  lists of matchers of responses that names are bound to
    callbacks: functions that make an answer, with the library that calls them
    bound:     patterns, and the URLs with a query that names are bound to
    dicts:     dicts that names are bound to once; changed: names that are bound or filled again
    given:     names of mockers of responses that a `with` gives
    """

    def __init__(self, module: cst.Module) -> None:
        self.names: dict[str, str] = {}
        self.patterns: dict[str, str] = {}
        self.functions: set[str] = set()
        self.hosts: list[str] = []
        self.fixtures: dict[str, str] = {}
        self.patchers: dict[str, str] = {}
        self.given: set[str] = set()
        self.matchers: dict[str, Sequence[tuple[cst.BaseExpression, str]]] = {}
        self.callbacks: dict[str, str] = {}
        self.dicts: dict[str, cst.Dict] = {}
        self.changed: set[str] = set()
        self.all_names = names_in(module)
        self.bound = Bound(self.patterns)
        self._bound: list[dict[str, str]] = []
        self._function: list[cst.FunctionDef] = []
        module.visit(_Imports(self.names))
        module.visit(self)

    def full(self, node: cst.BaseExpression) -> str:
        """The full name of what an expression names, `""` where that isn't known."""
        name = dotted(node)
        first, dot, rest = name.partition(".")
        return f"{self.names[first]}{dot}{rest}" if first in self.names else ""

    def mocker(self, node: cst.BaseExpression) -> str:
        """The library of a mocker that an expression makes or names, else `""`."""
        return MOCKERS.get(self.full(node.func if isinstance(node, cst.Call) else node), "")

    @property
    def used(self) -> Mapping[str, str]:
        """The names that are imported from the two libraries."""
        return {name: full for name, full in self.names.items() if full.partition(".")[0] in LIBRARIES}

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.functions.add(node.name.value)
        self._function.append(node)
        self._bound.append({})

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._function.pop()
        self._bound.pop()

    def visit_WithItem(self, node: cst.WithItem) -> None:
        library = self.mocker(node.item) if isinstance(node.item, cst.Call) else ""
        if library == "responses" and node.asname is not None:
            self.given.update(targets(node.asname.name))
        if library and node.asname is not None and self._bound:
            self._bound[-1].update(dict.fromkeys(targets(node.asname.name), library))

    def visit_Yield(self, node: cst.Yield) -> None:
        self._given(node.value)

    def visit_Return(self, node: cst.Return) -> None:
        self._given(node.value)

    def _given(self, value: cst.BaseExpression | cst.From | None) -> None:
        if not self._function or not isinstance(value, cst.Name) or not is_fixture(self._function[-1]):
            return
        library = self._bound[-1].get(value.value, "")
        if (
            not library
            and value.value == "requests_mock"
            and any(one.name.value == value.value for one in parameters(self._function[-1]))
        ):
            library = "requests_mock"
        if library:
            self.fixtures[self._function[-1].name.value] = library

    def visit_Assign(self, node: cst.Assign) -> None:
        value = node.value
        for target in node.targets:
            for name in targets(target.target):
                if isinstance(value, cst.Call) and self.full(value.func) == "re.compile" and value.args:
                    self.patterns[name] = (text_of(value.args[0].value) or "") if len(value.args) == 1 else ""
                if isinstance(value, cst.Call) and self.mocker(value):
                    self.patchers[name] = self.mocker(value)

                if (
                    isinstance(value, cst.List | cst.Tuple)
                    and value.elements
                    and all(
                        self.full(one.value.func).startswith("responses.matchers.")
                        if isinstance(one.value, cst.Call)
                        else False
                        for one in value.elements
                    )
                ):
                    self.matchers[name] = listed(value, self.full)
                self.bound.note(name, text_of(value))
                if isinstance(value, cst.Dict) and name not in self.dicts:
                    self.dicts[name] = value
                else:
                    self.changed.add(name)
            if isinstance(target.target, cst.Subscript):
                self.changed.add(dotted(target.target.value))

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        self._host(node)

    def visit_FormattedString(self, node: cst.FormattedString) -> None:
        self._host(node)

    def visit_Call(self, node: cst.Call) -> None:
        name = dotted(node.func).rpartition(".")[2]
        if name in ("add_callback", "CallbackResponse"):
            arguments = bound(node.args, ("method", "url", "callback"))
            if arguments and "callback" in arguments:
                self.callbacks[dotted(arguments["callback"])] = "responses"
        for one in node.args:
            if one.keyword is not None and one.keyword.value in ("json", "text", "content") and name in _DECLARING:
                self.callbacks.setdefault(dotted(one.value), "requests_mock")
        if name in ("update", "pop", "setdefault"):
            self.changed.add(dotted(node.func).rpartition(".")[0])
        if dotted(node.func) == "re.compile":
            self._host(node)

    def _host(self, node: cst.BaseExpression) -> None:
        host = host_of(node)
        if host:
            self.hosts.append(host)


class _Imports(cst.CSTVisitor):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Import(self, node: cst.Import) -> None:
        self._names.update(imported_names(node))

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        self._names.update(imported_names(node))


def is_fixture(function: cst.FunctionDef) -> bool:
    """Whether a function is a fixture of pytest."""
    for decorator in function.decorators:
        node = decorator.decorator
        if dotted(node.func if isinstance(node, cst.Call) else node).rpartition(".")[2] in ("fixture", "yield_fixture"):
            return True
    return False
