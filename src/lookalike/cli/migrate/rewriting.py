"""Rewrites one module: the decorators, calls and attributes of responses and requests-mock."""

from __future__ import annotations

import re
from collections.abc import Mapping

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from lookalike.cli.migrate import requests_mock, responses
from lookalike.cli.migrate.callbacks import answered, check_callback, uses_context
from lookalike.cli.migrate.declaring import Declaration
from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.functions import injected, moved_last, with_parameter
from lookalike.cli.migrate.journal import OF_MOCKER, of_request
from lookalike.cli.migrate.mockers import accepted, mocked, switches
from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.nodes import bound, code, dotted, expression, free_name, parameters, targets
from lookalike.cli.migrate.scopes import Scope, Threads, activate_of
from lookalike.cli.migrate.sequences import Sequences
from lookalike.cli.migrate.urls import place_of

_VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_CALL = re.compile(r"\.calls(\[[^\]:]*\]|\.last)\Z")
_REQUEST = re.compile(r"\.calls(\[[^\]:]*\]|\.last)\.request\Z")
_DECLARED = re.compile(r"\.(respond|respond_with|fail|pass_through)\(")
_HISTORY = re.compile(r"\[call\.request for call in (.+)\.calls\]")
_BODY = re.compile(r"(.+)\.(?:text|content)\Z", re.DOTALL)


class Rewriter(cst.CSTTransformer):
    """Rewrites what it knows the same of; `refused` has the source text of what it doesn't, and why.

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
        self.refused: list[tuple[str, str, str]] = []
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
        self._lines: list[cst.SimpleStatementLine] = []
        self._functions: list[cst.FunctionDef] = []
        self._callbacks: dict[str, cst.FunctionDef] = {}
        module.visit(_Callbacks(facts.callbacks, self._callbacks))

    # -- where a node is -------------------------------------------------------------------------------------------

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

    def _refuse(self, node: cst.CSTNode, why: CantRewrite) -> None:
        self.refused.append((code(node), why.reason, why.form))

    def _done(self, text: str) -> cst.BaseExpression:
        self.count += 1
        for word in ("exactly", "including"):
            if f"{word}(" in text:
                self.needs.add(word)
        if "re.compile(" in text:
            self.needs.add("re")
        return expression(text)

    # -- mocks: decorators, with, classes --------------------------------------------------------------------------

    def _mocked(self, made: dict[str, str], into: str = "mock") -> str:
        self.needs.add("api")
        return mocked(self.api, made, into)

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

    # -- names that are bound --------------------------------------------------------------------------------------

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        names = [name for one in updated_node.targets for name in targets(one.target)]
        text = code(updated_node.value)
        owners = [self.scope] if not any(name.startswith("self.") for name in names) else self._scopes
        for scope in owners:
            if isinstance(original_node.value, cst.Call) and _DECLARED.search(text):
                scope.routes.update(names)
            if _REQUEST.search(text):
                scope.requests.update(names)
            elif _CALL.search(text):
                scope.calls.update(names)
        if isinstance(original_node.value, cst.Call) and self.facts.mocker(original_node.value) and len(names) == 1:
            return updated_node.with_changes(targets=[_target(_patcher(names[0]))])
        return updated_node

    def visit_For(self, node: cst.For) -> None:
        self._looped(node.target, node.iter)

    def visit_ListComp(self, node: cst.ListComp) -> None:
        self._looped(node.for_in.target, node.for_in.iter)

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> None:
        self._looped(node.for_in.target, node.for_in.iter)

    def _looped(self, target: cst.BaseExpression, over: cst.BaseExpression) -> None:
        if isinstance(over, cst.Subscript):
            over = over.value
        if isinstance(over, cst.Attribute) and self._mocker(over.value)[0]:
            if over.attr.value == "calls":
                self.scope.calls.update(targets(target))
            elif over.attr.value == "request_history":
                self.scope.requests.update(targets(target))

    # -- what is read ----------------------------------------------------------------------------------------------

    def _is_request(self, node: cst.BaseExpression) -> bool:
        text = code(node)
        if dotted(node) in self.scope.requests or _REQUEST.search(text):
            return True
        return (
            isinstance(node, cst.Attribute) and node.attr.value == "request" and dotted(node.value) in self.scope.calls
        )

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        name, owner = updated_node.attr.value, updated_node.value
        full = self.facts.full(updated_node)
        if full.rpartition(".")[0] in ("responses", "requests_mock") and name in _VERBS:
            return self._done(f'"{name}"')
        mock, library = self._mocker(owner)
        if mock and library == "requests_mock" and name in OF_MOCKER:
            return self._done(OF_MOCKER[name].format(mock))
        if mock and name == "calls" and mock != dotted(owner):
            return self._done(f"{mock}.calls")
        if mock and name == "stop" and dotted(owner) in self.facts.patchers:
            return self._done(f"{_patcher(mock)}.stop")
        kept = isinstance(owner, cst.Subscript) and dotted(owner.value) in self.scope.routes
        # Nothing else has attributes of these names, so what was kept elsewhere is a route too.
        kept = kept or (self._of_requests_mock and "." in dotted(owner) and name in ("request_history", "last_request"))
        if (kept or dotted(owner) in self.scope.routes) and name in ("request_history", "last_request", "called_once"):
            return self._done(OF_MOCKER[name].format(code(owner)))
        if self._is_request(owner):
            if name == "body":
                return self._done(f"{code(owner)}.text")
            try:
                form = of_request(name, code(owner))
            except CantRewrite as why:
                self._refuse(updated_node, why)
                return updated_node
            return self._done(form) if form is not None else updated_node
        if name == "status_code" and (
            re.search(r"\.calls(\[[^\]:]*\]|\.last)\.response\Z", code(owner))
            or dotted(owner.value if isinstance(owner, cst.Attribute) else owner) in self.scope.calls
        ):
            return self._done(f"{code(owner)}.status")
        return updated_node

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        found = _HISTORY.fullmatch(code(updated_node.value))
        if found is None or len(updated_node.slice) != 1:
            return updated_node
        at = code(updated_node.slice[0])
        if isinstance(updated_node.slice[0].slice, cst.Slice):
            return self._done(f"[call.request for call in {found[1]}.calls[{at}]]")
        return self._done(f"{found[1]}.calls[{at}].request")

    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.BaseExpression:
        parts = [updated_node.left, *(one.comparator for one in updated_node.comparisons)]
        was = [original_node.left, *(one.comparator for one in original_node.comparisons)]
        at = next((
            at for at, one in enumerate(was)
            if isinstance(one, cst.Attribute) and one.attr.value == "body" and code(parts[at]).endswith(".text")
        ), None)  # fmt: skip
        if at is None or len(parts) != 2:
            return updated_node
        other = code(parts[1 - at])
        if other == "None":
            is_none = isinstance(updated_node.comparisons[0].operator, cst.Is | cst.Equal)
            return self._done(f'{code(parts[at])[:-5]}.content {"==" if is_none else "!="} b""')
        if re.search(r"""\b[rR]?[bB]["']|\.encode\(""", other):
            changed = expression(code(parts[at])[:-5] + ".content")
            if at == 0:
                return updated_node.with_changes(left=changed)
            return updated_node.with_changes(comparisons=[updated_node.comparisons[0].with_changes(comparator=changed)])
        return updated_node

    # -- calls -----------------------------------------------------------------------------------------------------

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        try:
            changed = self._called(original_node, updated_node)
        except CantRewrite as why:
            self._refuse(original_node, why)
            return original_node  # also what is in it: half of a call is of no use
        if changed is None:
            return self._threaded(updated_node)
        return changed if isinstance(changed, cst.BaseExpression) else self._done(changed)

    def _called(self, original: cst.Call, call: cst.Call) -> str | cst.BaseExpression | None:
        library = self.facts.mocker(call)
        if library:
            return self._mocked(switches(library, call.args))
        read = self._read(call)
        if read is not None or not isinstance(call.func, cst.Attribute):
            return read
        mock, library = self._mocker(call.func.value)
        name = call.func.attr.value
        if not mock:
            return None
        if library == "responses" and name in responses.DECLARING and name not in ("Response", "CallbackResponse"):
            if original in self._sequences.loops:
                raise CantRewrite(
                    "the replies of one URL are declared in a loop, and come in turn",
                    "route = mock.get(url).respond(first), then route.then.respond(next) for each",
                )
            call = self._written_out(call)
            made = responses.declaration(name, call, self.facts.full, self.facts.bound, self.known)
            if made.replies[0].verb == "respond_with":
                check_callback(expression(made.replies[0].arguments[0]), self._callbacks)
                self.needs.add("lookalike")
            return self._declared(original, made, mock)
        if library == "requests_mock" and name in requests_mock.DECLARING:
            made = requests_mock.declaration(
                name, call, self.facts.full, self.facts.bound, frozenset(self.facts.functions)
            )
            self._check_made(call)
            return made.text(mock, self._column())
        return self._other(call, mock, library, name)

    def _check_made(self, call: cst.Call) -> None:
        for one in call.args:
            function = self._callbacks.get(dotted(one.value))
            if function is not None and uses_context(function):
                raise CantRewrite(
                    f"{code(one.value)} answers by its context",
                    ".respond_with(function): it gets the request, and returns (status, value) or a lookalike.Response",
                )

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        function = self._functions[-1] if self._functions else None
        if function is None or self.facts.callbacks.get(function.name.value) != "responses":
            return updated_node
        try:
            check_callback(function.name, self._callbacks)
        except CantRewrite:
            return updated_node
        self.count += 1
        return answered(updated_node, function)

    def _written_out(self, call: cst.Call) -> cst.Call:
        """`add(**answer)` with the arguments that the dict has, where that is bound once and never filled."""
        last = call.args[-1] if call.args else None
        name = dotted(last.value) if last is not None and last.star == "**" else ""
        if last is None or name not in self.facts.dicts or name in self.facts.changed:
            return call
        return call.with_changes(args=[*call.args[:-1], last.with_changes(value=self.facts.dicts[name])])

    def _declared(self, original: cst.Call, made: Declaration, mock: str) -> str:
        route = self._sequences.then.get(original)
        return made.text(mock, self._column()) if route is None else made.then(route, self._column())

    def _read(self, call: cst.Call) -> str | None:
        """What reads a request's body in a call around it."""
        full = self.facts.full(call.func) or dotted(call.func)
        first = call.args[0].value if len(call.args) == 1 else None
        if full == "json.loads" and isinstance(first, cst.Attribute) and self._is_request(first.value):
            found = _BODY.fullmatch(code(first))
            return f"{found[1]}.json()" if found else None
        if full == "len" and first is not None:
            history = _HISTORY.fullmatch(code(first))
            return f"len({history[1]}.calls)" if history else None
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "decode":
            body = call.func.value
            if isinstance(body, cst.Attribute) and body.attr.value == "text" and self._is_request(body.value):
                return code(body)
        return None

    def _other(self, call: cst.Call, mock: str, library: str, name: str) -> str | None:
        if name == "add_passthru" and call.args:
            place = place_of(call.args[0].value, prefix_only=True, patterns=self.facts.bound)
            if place.url.startswith("re.compile"):
                return f'{mock}.route("*", {place.url}).optional().pass_through()'
            return f"{mock}.pass_through({place.url})"
        if name == "assert_call_count":
            found = bound(call.args, ("url", "count"))
            if found is None or len(found) != 2:
                raise CantRewrite("a star hides what is counted", "len(mock.calls.where(path=url)) == 1")
            return f"(len({mock}.calls.where(path={code(found['url'])})) == {code(found['count'])})"
        if name in ("reset", "reset_mock") and library == "requests_mock":
            return f"{mock}.journal.clear()"
        if name in ("start", "__enter__") and dotted(call.func).rpartition(".")[0] in self.facts.patchers:
            return f"({mock} := {_patcher(mock)}.start())" if "." not in mock else f"{_patcher(mock)}.start()"
        if name in ("stop", "__exit__") and dotted(call.func).rpartition(".")[0] in self.facts.patchers:
            return f"{_patcher(mock)}.stop()"
        form = _BY_HAND.get(name)
        if form is not None:
            raise CantRewrite(*form)
        return None

    def _threaded(self, call: cst.Call) -> cst.Call:
        """A helper that takes the mock gets it."""
        name = dotted(call.func).rpartition(".")[2]
        if name not in self._threads.helpers or not self.scope.module:
            return call
        self.count += 1
        one = cst.Arg(
            expression(self.scope.module), keyword=cst.Name(self.mock),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )  # fmt: skip
        return call.with_changes(args=[*call.args, one])

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.BaseSmallStatement:
        value, was = updated_node.value, original_node.value
        if not isinstance(was, cst.Call) or value is was:
            return updated_node
        if was in self._sequences.first and _DECLARED.search(code(value)):
            target = cst.AssignTarget(cst.Name(self._sequences.first[was]))
            return cst.Assign([target], value)
        name = dotted(was.func).rpartition(".")[2]
        owner = dotted(was.func).rpartition(".")[0]
        if name == "assert_call_count" and code(value).startswith("(len("):
            return cst.Assert(expression(code(value)[1:-1]))
        if name in ("start", "__enter__") and owner in self.facts.patchers:
            return cst.Assign([_target(owner)], expression(f"{_patcher(owner)}.start()"))
        return updated_node


_BY_HAND = {
    "remove": ("a declared route stays", "declare what answers from now on: the newest route wins"),
    "registered": ("responses are routes here", "mock.routes"),
    "reset": ("a mock begins fresh for each test", "leave it out, or state = mock.snapshot() and mock.rollback(state)"),
    "start": ("a mock is begun by what makes it", "patcher = api.mock(); mock = patcher.start(); patcher.stop()"),
    "stop": ("a mock is ended by what made it", "patcher = api.mock(); mock = patcher.start(); patcher.stop()"),
    "add_matcher": (
        "a matcher of your own answers by itself",
        "mock.route(\"*\", re.compile(...)).respond_with(function)",
    ),
    "get_adapter": ("requests go through the session's own adapters", "leave it out"),
}  # fmt: skip


def _target(name: str) -> cst.AssignTarget:
    return cst.AssignTarget(cst.ensure_type(expression(name), cst.Attribute if "." in name else cst.Name))


def _patcher(name: str) -> str:
    return f"{name}_patcher"


class _Callbacks(cst.CSTVisitor):
    def __init__(self, names: Mapping[str, str], found: dict[str, cst.FunctionDef]) -> None:
        self._names = names
        self._found = found

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if node.name.value in self._names:
            self._found[node.name.value] = node


def rewrite_tree(
    module: cst.Module, fixtures: Mapping[str, str], known: responses.Matchers
) -> tuple[cst.Module, Rewriter]:
    """The module with its calls rewritten, and what did it."""
    wrapper = MetadataWrapper(module)
    rewriter = Rewriter(wrapper.module, Facts(wrapper.module), fixtures, known)
    return wrapper.visit(rewriter), rewriter
