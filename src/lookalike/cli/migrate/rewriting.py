"""Rewrites one module: the decorators, calls and attributes of responses and requests-mock."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst.metadata import MetadataWrapper

from lookalike.cli.migrate import responses
from lookalike.cli.migrate.calling import Calling
from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.functions import injected, moved_last, with_parameter
from lookalike.cli.migrate.mockers import accepted, switches
from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.nodes import parameters, targets
from lookalike.cli.migrate.scopes import activate_of


class Rewriter(Calling):
    """Rewrites what begins a mock too: decorators, `with`, the parameters of tests and what classes share."""

    def visit_Decorator(self, node: cst.Decorator) -> bool:
        # What begins a mock is rewritten with what it decorates.
        return not (activate_of(node, self.facts) or self.facts.mocker(node.decorator))

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        scope = self.scope.inner()
        if node.name.value in self._threads.setups:
            scope.module = f"self.{self.mock}"
        self._scopes.append(scope)
        self._classes.append((node, self._class_mocker(node)))

    def _class_mocker(self, node: cst.ClassDef) -> str:
        """The one parameter that the methods of a decorated class get their mocker in."""
        if not any(self.facts.mocker(one.decorator) == "requests_mock" for one in node.decorators):
            return ""
        names = {
            injected(one, self.facts)
            for one in node.body.body
            if isinstance(one, cst.FunctionDef) and one.name.value.startswith("test")
        }
        return names.pop() if len(names) == 1 else ""

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._scopes.pop()
        _, into = self._classes.pop()
        return updated_node.with_changes(decorators=[self._decorator(one, into) for one in updated_node.decorators])

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        scope = self.scope.inner()
        for one in parameters(node):
            name = one.name.value
            annotated = self.facts.mocker(one.annotation.annotation) if one.annotation is not None else ""
            if annotated or (name in self.fixtures and name != node.name.value):
                scope.mockers[name] = annotated or self.fixtures[name]
                if name == "requests_mock" and not annotated and "requests_mock" not in self.facts.functions:
                    self.fixture_asked = True
        setup = bool(self._classes) and self._classes[-1][0].name.value in self._threads.setups
        active = [one.decorator for one in node.decorators if activate_of(one, self.facts)]
        taken = bool(active) and not setup and all(accepted("responses", one, activate=True) for one in active)
        if taken or (node.name.value in self._threads.helpers and not scope.module):
            scope.module = self.mock
        for each in node.decorators:
            if self.facts.mocker(each.decorator) == "requests_mock" and accepted("requests_mock", each.decorator):
                scope.mockers[injected(node, self.facts)] = "requests_mock"
        if self._classes and self._classes[-1][1] and node.name.value.startswith("test"):
            scope.mockers[self._classes[-1][1]] = "requests_mock"
        if node.name.value in self.facts.callbacks:
            scope.requests.update(one.name.value for one in parameters(node)[:2] if one.name.value != "self")
        self._scopes.append(scope)
        self._functions.append(node)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self._scopes.pop()
        self._functions.pop()
        node = updated_node
        in_class = self._classes[-1] if self._classes else None
        setup = in_class is not None and in_class[0].name.value in self._threads.setups
        decorators = []
        for one in node.decorators:
            if activate_of(one, self.facts):
                made = self._activate(one)
                if setup:
                    self.count += 1
                    continue
                if made is not None:
                    one, node = made, with_parameter(node, self.mock, last=True)
            elif self.facts.mocker(one.decorator) == "requests_mock":
                into = injected(original_node, self.facts)
                made = self._decorator(one, into)
                one, node = made, node if made is one else moved_last(node, into)
            decorators.append(one)
        if in_class is not None and in_class[1] and original_node.name.value.startswith("test"):
            node = moved_last(node, in_class[1])
        elif original_node.name.value in self._threads.helpers and not self.scope.module:
            node = with_parameter(node, self.mock, last=False)
        if setup and original_node.name.value == "setUp":
            node = self._begun(node)
        return node.with_changes(decorators=decorators)

    def _begun(self, node: cst.FunctionDef) -> cst.FunctionDef:
        self.count += 1
        made = self._mocked({"unused": '"ignore"'})
        line = cst.parse_statement(f"self.{self.mock} = self.enterContext({made})\n")
        return node.with_changes(body=node.body.with_changes(body=[line, *node.body.body]))

    def _activate(self, one: cst.Decorator) -> cst.Decorator | None:
        arguments = one.decorator.args if isinstance(one.decorator, cst.Call) else ()
        try:
            made = switches("responses", arguments, activate=True)
        except CantRewrite as why:
            self._refuse(one.decorator, why)
            return None
        return one.with_changes(decorator=self._done(self._mocked(made, self.mock)))

    def _decorator(self, one: cst.Decorator, into: str) -> cst.Decorator:
        node = one.decorator
        if self.facts.mocker(node) != "requests_mock":
            return one
        if not into:
            self._refuse(
                node, CantRewrite("its methods name the mocker differently", '@api.mock(into="m") on each method')
            )
            return one
        arguments = [
            each for each in (node.args if isinstance(node, cst.Call) else ())
            if each.keyword is None or each.keyword.value != "kw"
        ]  # fmt: skip
        try:
            made = switches("requests_mock", arguments)
        except CantRewrite as why:
            self._refuse(node, why)
            return one
        return one.with_changes(decorator=self._done(self._mocked(made, into)))

    def visit_With(self, node: cst.With) -> None:
        for item in node.items:
            library = self.facts.mocker(item.item) if isinstance(item.item, cst.Call) else ""
            if library and item.asname is not None and accepted(library, item.item):
                self.scope.mockers.update(dict.fromkeys(targets(item.asname.name), library))

    def leave_Annotation(self, original_node: cst.Annotation, updated_node: cst.Annotation) -> cst.Annotation:
        if self.facts.mocker(updated_node.annotation) and not isinstance(updated_node.annotation, cst.Call):
            self.needs.add("lookalike")
            return updated_node.with_changes(annotation=self._done("lookalike.Mock"))
        return updated_node


def rewrite_tree(
    module: cst.Module, fixtures: Mapping[str, str], known: responses.Matchers
) -> tuple[cst.Module, Rewriter]:
    """The module with its calls rewritten, and what did it."""
    wrapper = MetadataWrapper(module)
    rewriter = Rewriter(wrapper.module, Facts(wrapper.module), fixtures, known)
    return wrapper.visit(rewriter), rewriter
