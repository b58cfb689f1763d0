"""What a rewritten module needs around its tests: imports, the API, a fixture; and what is left of the old library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from lookalike.cli.migrate.edits import Left, Rewritten
from lookalike.cli.migrate.module import LIBRARIES, Facts, imported_names
from lookalike.cli.migrate.nodes import code, dotted
from lookalike.cli.migrate.rewriting import Rewriter, rewrite_tree
from lookalike.errors import UsageError

_NOWHERE = "https://api.example.com"


@dataclass
class Shared:
    """What modules use of each other by name: fixtures that give a mocker, lists of matchers."""

    fixtures: dict[str, str] = field(default_factory=dict)
    matchers: dict[str, Sequence[tuple[cst.BaseExpression, str]]] = field(default_factory=dict)

    def read(self, source: str) -> None:
        """Add a module's. Raises UsageError as `rewrite` does."""
        facts = Facts(_parsed(source))
        self.fixtures.update(facts.fixtures)
        self.matchers.update(facts.matchers)


def rewrite(source: str, shared: Shared | None = None) -> Rewritten:
    """A module's source with its calls of responses and requests-mock rewritten.

    shared: what other modules have

    Raises UsageError, with the line, for what is no Python.
    """
    others = shared or Shared()
    changed, rewriter = rewrite_tree(_parsed(source), others.fixtures, others.matchers)
    if rewriter.count:
        changed = _finished(changed, rewriter)
    text = changed.code
    return Rewritten(text, rewriter.count, tuple(sorted(_left(text, rewriter))))


def _parsed(source: str) -> cst.Module:
    try:
        return cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise UsageError(f"{error.raw_line}: this is no Python that can be read: {error.message}") from None


def _finished(module: cst.Module, rewriter: Rewriter) -> cst.Module:
    kept = _still_used(module, rewriter)
    body: list[Any] = [one for statement in module.body if (one := _import(statement, kept)) is not None]
    module = module.with_changes(body=body)
    at = after_imports(body)
    added = _imports(module, rewriter)
    after = _declared(rewriter, module)
    body[at:at] = [*added, *after]
    if after and at < len(module.body):
        behind = body[at + len(added) + len(after)]
        if not any(isinstance(line, cst.EmptyLine) and line.comment is None for line in behind.leading_lines):
            body[at + len(added) + len(after)] = behind.with_changes(
                leading_lines=[cst.EmptyLine(indent=False), *behind.leading_lines]
            )
    header = module.header
    if body and at == 0 and added:
        body[0] = body[0].with_changes(leading_lines=[])
    return module.with_changes(body=body, header=header)


def _still_used(module: cst.Module, rewriter: Rewriter) -> set[str]:
    """Imported names of the old libraries that the new text uses."""
    found: set[str] = set()
    names = rewriter.facts.used

    class Used(cst.CSTVisitor):
        def visit_Import(self, node: cst.Import) -> bool:
            return False

        def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
            return False

        def visit_Param(self, node: cst.Param) -> bool:
            if node.annotation is not None:
                node.annotation.visit(self)
            if node.default is not None:
                node.default.visit(self)
            return False

        def visit_Attribute(self, node: cst.Attribute) -> bool:
            node.value.visit(self)
            return False

        def visit_Arg(self, node: cst.Arg) -> bool:
            node.value.visit(self)
            return False

        def visit_Name(self, node: cst.Name) -> None:
            if node.value in names and not (node.value == "requests_mock" and rewriter.fixture_asked):
                found.add(node.value)

    module.visit(Used())
    return found


def _import(statement: cst.CSTNode, kept: set[str]) -> cst.CSTNode | None:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return statement
    node = statement.body[0]
    if not isinstance(node, cst.Import | cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
        return statement
    aliases = [
        alias
        for alias in node.names
        if not _ours(node, alias) or set(imported_names(node.with_changes(names=[alias]))) & kept
    ]
    if len(aliases) == len(node.names):
        return statement
    if not aliases:
        return None
    aliases[-1] = aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[node.with_changes(names=aliases)])


def _ours(node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> bool:
    if isinstance(node, cst.ImportFrom):
        return not node.relative and dotted(node.module).partition(".")[0] in LIBRARIES
    return dotted(alias.name).partition(".")[0] in LIBRARIES


def after_imports(body: Sequence[cst.CSTNode]) -> int:
    """After which statement of a module its imports end."""
    at = 0
    for number, statement in enumerate(body):
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            break
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(
            statement.body[0], cst.Import | cst.ImportFrom
        ):
            at = number + 1
        elif number == 0 and isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Expr):
            at = 1  # the docstring
    return at


def _imports(module: cst.Module, rewriter: Rewriter) -> list[cst.BaseStatement]:
    known = Facts(module).names
    lines = []
    text = module.code
    if "re" in rewriter.needs and known.get("re") != "re":
        lines.append("import re")
    if rewriter.fixture_asked and known.get("pytest") != "pytest":
        lines.append("import pytest")
    if "urllib.parse.parse_qsl(" in text and "urllib" not in known:
        lines.append("import urllib.parse")
    wants_api = rewriter.fixture_asked or rewriter.needs & {"api", "lookalike"}
    if wants_api and known.get("lookalike") != "lookalike":
        lines.append("import lookalike")
    matchers = [name for name in ("exactly", "including") if name in rewriter.needs and name not in known]
    if matchers:
        lines.append(f"from lookalike.match import {', '.join(matchers)}")
    return [cst.parse_statement(f"{line}\n") for line in lines]


def _declared(rewriter: Rewriter, module: cst.Module) -> list[cst.BaseStatement]:
    if not (rewriter.fixture_asked or "api" in rewriter.needs):
        return []
    hosts = Counter(rewriter.facts.hosts)
    base = hosts.most_common(1)[0][0] if hosts else _NOWHERE
    api = cst.parse_statement(f'\n{rewriter.api} = lookalike.Api(base_url="{base}")\n')
    if not rewriter.fixture_asked:
        return [api]
    fixture = cst.parse_module(
        f'\n\n@pytest.fixture\ndef requests_mock():\n    with {rewriter.api}.mock(unused="ignore") as mock:\n'
        "        yield mock\n\n"
    )
    one = fixture.body[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)] * 2)
    return [api, one]


def _left(text: str, rewriter: Rewriter) -> list[Left]:
    """What was refused, and every use of the old libraries that is still there, by its line in the new text."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    positions = wrapper.resolve(PositionProvider)
    refused: dict[str, list[tuple[str, str, str]]] = {}
    for source, reason, form, function in rewriter.refused:
        refused.setdefault(source.strip(), []).append((reason, form, function))
    found: dict[int, Left] = {}
    functions: list[str] = []
    facts = Facts(wrapper.module)

    class Old(cst.CSTVisitor):
        def on_visit(self, node: cst.CSTNode) -> bool:
            if isinstance(node, cst.Import | cst.ImportFrom):
                return False
            if isinstance(node, cst.FunctionDef):
                functions.append(node.name.value)
            if isinstance(node, cst.Call | cst.Attribute | cst.Name):
                line = positions[node].start.line
                told = refused.get(code(node).strip())
                if told and told[0][2] in ("", *functions[-1:]):
                    reason, form, _ = told.pop(0) if len(told) > 1 else told[0]
                    found[line] = Left(line, _short(node), reason, form)
                    return False
                full = facts.full(node) if isinstance(node, cst.Attribute | cst.Name) else ""
                if full.partition(".")[0] in LIBRARIES and line not in found:
                    found[line] = Left(line, _short(node), *_why(full))
                    return False
            return True

        def on_leave(self, original_node: cst.CSTNode) -> None:
            if isinstance(original_node, cst.FunctionDef):
                functions.pop()

    wrapper.module.visit(Old())
    return list(found.values())


def _short(node: cst.CSTNode) -> str:
    text = " ".join(code(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


_REASONS = (
    ("responses.activate", "it could not be rewritten", '@api.mock(unused="ignore"), with a parameter mock'),
    ("requests_mock.NoMockAddress", "a request that no route takes fails the test",
     'mock.route("*", "/x").fail("refused"), or pytest.raises(lookalike.UnmatchedRequest) and mock.failures.clear()'),
    ("requests_mock.exceptions", "a request that no route takes fails the test",
     'mock.route("*", "/x").fail("refused"), or pytest.raises(lookalike.UnmatchedRequest) and mock.failures.clear()'),
    ("requests_mock.Adapter", "an adapter is mounted on one session; a mock covers every client",
     'with lookalike.Api(base_url="https://api.example.com").mock() as mock: ...'),
    ("requests_mock.adapter", "an adapter is mounted on one session; a mock covers every client",
     'with lookalike.Api(base_url="https://api.example.com").mock() as mock: ...'),
    ("requests_mock", "it has no counterpart that is known", "see docs/guides/migrate.md"),
    ("responses.matchers", "matchers are keywords of the route",
     "params=exactly({...}), json={...}, headers={...}, form={...}"),
    ("responses", "no mock is known here: nothing decorates or begins it",
     'take the mock as a parameter, or with api.mock(unused="ignore") as mock: ...'),
)  # fmt: skip


def _why(full: str) -> tuple[str, str]:
    return next((reason, form) for prefix, reason, form in _REASONS if full.startswith(prefix))
