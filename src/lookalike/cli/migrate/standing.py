"""Where the rewriting of a module stands: what names mean here, what was rewritten, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst.metadata import PositionProvider

from lookalike.cli.migrate import responses
from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.mockers import mocked
from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.nodes import code, dotted, expression, free_name
from lookalike.cli.migrate.scopes import Scope, Threads
from lookalike.cli.migrate.sequences import Sequences


class Standing(cst.CSTTransformer):
    """What the parts of a rewriting share; `refused` has the source text of what it doesn't rewrite, and why.

    count: how much it rewrote; needs: `api`, `re`, `exactly`, `including`, `lookalike`, as the new text uses them
    """

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(
        self, module: cst.Module, facts: Facts, fixtures: Mapping[str, str], known: responses.Matchers
    ) -> None:
        super().__init__()
        self.facts = facts
        self.count = 0
        self.needs: set[str] = set()
        self.refused: list[tuple[str, str, str, str]] = []
        self.known = {**known, **facts.matchers}
        self.fixtures = {**fixtures, **facts.fixtures}
        if "requests_mock" not in facts.functions:
            self.fixtures["requests_mock"] = "requests_mock"
        self.fixture_asked = False
        self.api = free_name(facts.all_names, ("api", "mocked_api", "the_api"))
        self.mock = free_name(facts.all_names, ("mock", "api_mock", "mocked"))
        self._threads = Threads(module, facts)
        self._scopes = [Scope()]
        self._scopes[0].mockers.update(facts.patchers)
        self._classes: list[tuple[cst.ClassDef, str]] = []
        self._sequences = Sequences(module, self._is_mocker_of_responses, facts.all_names)
        self._ranks: dict[cst.Call, int] = {}
        self._once: set[cst.Call] = set()
        self._unsure: set[cst.Call] = set()
        self._lines: list[cst.SimpleStatementLine] = []
        self._functions: list[cst.FunctionDef] = []
        self._callbacks: dict[str, cst.FunctionDef] = {}
        module.visit(_Callbacks(facts.callbacks, self._callbacks))

    @property
    def scope(self) -> Scope:
        """What names mean here."""
        return self._scopes[-1]

    def _is_mocker_of_responses(self, node: cst.BaseExpression) -> bool:
        name = dotted(node)
        ours = name in self.facts.given or self.fixtures.get(name) == "responses"
        return ours or self.facts.full(node) in ("responses", "responses.mock")

    def _mocker(self, node: cst.BaseExpression) -> tuple[str, str]:
        """What stands for the mock, and of which library it was; `("", "")` for anything else."""
        name = dotted(node)
        if name and name in self.scope.mockers:
            return name, self.scope.mockers[name]
        if self.facts.full(node) in ("responses", "responses.mock") and self.scope.module:
            return self.scope.module, "responses"
        return "", ""

    @property
    def _of_requests_mock(self) -> bool:
        return self.fixture_asked or any(one.startswith("requests_mock") for one in self.facts.used.values())

    def _column(self) -> int:
        return self.get_metadata(PositionProvider, self._lines[-1]).start.column if self._lines else 0

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self._lines.append(node)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        self._lines.pop()
        return updated_node

    def _refuse(self, node: cst.CSTNode, why: CantRewrite, function: str = "") -> None:
        """Tell a node: wherever it stands, or in the function of this name alone."""
        self.refused.append((code(node), why.reason, why.form, function))

    def _done(self, text: str) -> cst.BaseExpression:
        self.count += 1
        for word in ("exactly", "including"):
            if f"{word}(" in text:
                self.needs.add(word)
        if "re.compile(" in text:
            self.needs.add("re")
        return expression(text)

    def _mocked(self, made: dict[str, str], into: str = "mock") -> str:
        self.needs.add("api")
        return mocked(self.api, made, into)


class _Callbacks(cst.CSTVisitor):
    def __init__(self, names: Mapping[str, str], found: dict[str, cst.FunctionDef]) -> None:
        self._names = names
        self._found = found

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if node.name.value in self._names:
            self._found[node.name.value] = node
