"""Which names stand for a mocker, a route, a call or a request, function by function."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from lookalike.cli.migrate.module import Facts, is_fixture
from lookalike.cli.migrate.nodes import dotted


@dataclass
class Scope:
    """What names mean in a function; a nested function begins with a copy.

    mockers: source text that is a mock once rewritten, with the library that it is of now
    module:  what takes the place of `responses` in `responses.add(...)`, `""` for nothing
    """

    mockers: dict[str, str] = field(default_factory=dict)
    module: str = ""
    routes: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)

    def inner(self) -> Scope:
        """The scope of a function inside of this one."""
        return Scope(dict(self.mockers), self.module, set(self.routes), set(self.calls), set(self.requests))


@dataclass
class _Function:
    covered: bool
    fixture: bool
    uses: bool = False
    asked_by: set[str] = field(default_factory=set)  # functions that call this one; "" is the module


class Threads(cst.CSTVisitor):
    """Finds the helpers that use `responses.add(...)` and are only called where a mock is: they take it as a parameter.

    helpers: their names
    setups:  classes whose setUp uses responses: a mock is begun there, and is self.mock for all of the class
    """

    def __init__(self, module: cst.Module, facts: Facts) -> None:
        self._facts = facts
        self._functions: dict[str, _Function] = {}
        self._stack: list[str] = []
        self._covers: list[bool] = []
        self._classes: list[str] = []
        self._calls: list[tuple[str, str, bool]] = []
        self.setups: set[str] = set()
        module.visit(self)
        self.helpers = self._found()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._classes.append(node.name.value)
        testcase = any(dotted(one.value).rpartition(".")[2].endswith("TestCase") for one in node.bases)
        for one in node.body.body:
            plain = isinstance(one, cst.FunctionDef) and one.name.value == "setUp" and testcase
            if plain and isinstance(one, cst.FunctionDef) and not activated(one, self._facts) and self._touches(one):
                self.setups.add(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._classes.pop()

    def _touches(self, node: cst.CSTNode) -> bool:
        used: list[bool] = []
        facts = self._facts

        class Uses(cst.CSTVisitor):
            def visit_Attribute(self, node: cst.Attribute) -> None:
                if facts.full(node.value) == "responses" and node.attr.value in USES:
                    used.append(True)

        node.visit(Uses())
        return bool(used)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        covered = (
            activated(node, self._facts)
            or any(self._covers)
            or (bool(self._classes) and self._classes[-1] in self.setups)
        )
        name = node.name.value
        known = self._functions.get(name)
        made = _Function(covered, is_fixture(node))
        if known is not None:
            made = _Function(known.covered and covered, known.fixture or made.fixture, known.uses, known.asked_by)
        self._functions[name] = made
        self._stack.append(name)
        self._covers.append(covered)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._stack.pop()
        self._covers.pop()

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if self._stack and self._facts.full(node.value) == "responses" and node.attr.value in USES:
            self._functions[self._stack[-1]].uses = True

    def visit_Call(self, node: cst.Call) -> None:
        name = dotted(node.func).rpartition(".")[2]
        self._calls.append((name, self._stack[-1] if self._stack else "", any(self._covers)))

    def _found(self) -> set[str]:
        wanted = {name for name, one in self._functions.items() if one.uses and not one.covered}
        while True:
            more = {
                caller
                for name, caller, covered in self._calls
                if name in wanted and not covered and caller and caller not in wanted
            }
            if not more:
                break
            wanted |= more
        return {
            name
            for name in wanted
            if not name.startswith(("test", "setUp", "setup", "tearDown", "teardown"))
            and not self._functions[name].fixture
            and any(called == name for called, _, _ in self._calls)
            and all(caller for called, caller, _ in self._calls if called == name)
        }


#: What is used of the module itself, and needs a mock in its place.
USES = frozenset({
    "add", "get", "post", "put", "patch", "delete", "head", "options", "calls", "replace", "upsert", "remove",
    "add_callback", "add_passthru", "assert_call_count", "registered", "start", "stop", "reset",
})  # fmt: skip


def activated(node: cst.FunctionDef, facts: Facts) -> bool:
    """Whether `responses.activate` decorates a function."""
    return any(activate_of(one, facts) for one in node.decorators)


def activate_of(decorator: cst.Decorator, facts: Facts) -> bool:
    """Whether a decorator is `responses.activate`."""
    node = decorator.decorator
    named = node.func if isinstance(node, cst.Call) else node
    return facts.full(named) in ("responses.activate", "responses.mock.activate")
