"""Calls of the two libraries: what declares a route, and what else is asked of a mock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import libcst as cst

from lookalike.cli.migrate import requests_mock, responses
from lookalike.cli.migrate.callbacks import answered, check_callback, uses_context
from lookalike.cli.migrate.declaring import Declaration
from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.mockers import patcher, switches, target_of
from lookalike.cli.migrate.nodes import bound, code, dotted, expression
from lookalike.cli.migrate.overlaps import priorities
from lookalike.cli.migrate.reading import DECLARED, Reading
from lookalike.cli.migrate.urls import place_of

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

_RAISES = {"raises", "assertRaises", "assertRaisesRegex"}
_UNMATCHED = {"requests.ConnectionError", "requests.exceptions.ConnectionError", "responses.ConnectionError"}
_FAILS = re.compile(r"(?:[=:]|\braise)\s*[\w.]*(?:Error|Exception|Timeout)\b")
UNMATCHED = CantRewrite(
    "a request that no route takes raises lookalike.UnmatchedRequest, an AssertionError, and fails the test",
    'mock.route("*", "/x").fail("refused"), or pytest.raises(lookalike.UnmatchedRequest) and mock.failures.clear()',
)
#: What takes the place of a route that was declared before.
_AGAIN = {"replace", "upsert"}


class Calling(Reading):
    """Rewrites calls, after what is in them."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        self._told_unmatched(original_node)
        try:
            changed = self._called(original_node, updated_node)
        except CantRewrite as why:
            self._refuse(original_node, why)
            return original_node  # also what is in it: half of a call is of no use
        if changed is None:
            return self._threaded(updated_node)
        return changed if isinstance(changed, cst.BaseExpression) else self._done(changed)

    def _told_unmatched(self, call: cst.Call) -> None:
        """A test that expects what an undeclared request raised there, and declares no failure itself."""
        if dotted(call.func).rpartition(".")[2] not in _RAISES or not call.args or not self._functions:
            return
        function, expected = self._functions[-1], call.args[0].value
        one_of = [each.value for each in expected.elements] if isinstance(expected, cst.Tuple) else [expected]
        mocked = self.scope.module or self.scope.mockers
        if mocked and any(self.facts.full(one) in _UNMATCHED for one in one_of) and not _FAILS.search(code(function)):
            self._refuse(call, UNMATCHED, function.name.value)

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
            made = self._declaration(name, call)
            if made.replies[0].verb == "respond_with":
                check_callback(expression(made.replies[0].arguments[0]), self._callbacks)
                self.needs.add("lookalike")
            self._ranked(original, made)
            return self._declared(original, made, mock)
        if library == "requests_mock" and name in requests_mock.DECLARING:
            made = requests_mock.declaration(
                name, call, self.facts.full, self.facts.bound, frozenset(self.facts.functions)
            )
            self._check_made(call)
            return made.text(mock, self._column())
        return self._other(call, mock, library, name)

    def _declaration(self, name: str, call: cst.Call) -> Declaration:
        return responses.declaration(name, self._written_out(call), self.facts.full, self.facts.bound, self.known)

    def visit_Module(self, node: cst.Module) -> None:
        for turns in self._sequences.turns:
            self._rank([calls for calls in turns if dotted(calls[0].func).rpartition(".")[2] not in _AGAIN])

    def _rank(self, turns: Sequence[Sequence[cst.Call]]) -> None:
        """Which routes of a mock come before others, or can't be told apart from them."""
        routes = []
        for calls in turns:
            with suppress(CantRewrite):
                made = self._declaration(dotted(calls[0].func).rpartition(".")[2], calls[0])
                routes.append((made, calls, self._sequences.gaps[calls[0]]))
        ranks, unsure = priorities([(made, gap) for made, _, gap in routes], self.facts.bound.texts)
        for at, (_, calls, _) in enumerate(routes):
            if ranks[at].once:
                self._once.add(calls[-1])
            self._ranks[calls[0]] = ranks[at].priority
            if at in unsure:
                self._unsure.update(calls)

    def _ranked(self, original: cst.Call, made: Declaration) -> None:
        if original in self._unsure:
            raise CantRewrite(
                "a route before it takes some of its requests too: there the first that is declared answers them",
                "declare it before the other one: the newest wins; or give that one priority=1",
            )
        if self._ranks.get(original):
            made.asked["priority"] = str(self._ranks[original])
        if original in self._once:
            made.replies[-1].after = ".times(1)"

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

    def _other(self, call: cst.Call, mock: str, library: str, name: str) -> str | None:
        if name == "add_passthru" and call.args:
            place = place_of(call.args[0].value, prefix_only=True, patterns=self.facts.bound)
            if place.url.startswith("re.compile"):
                where = f", where={place.where}" if place.where else ""
                return f'{mock}.route("*", {place.url}{where}).optional().pass_through()'
            return f"{mock}.pass_through({place.url})"
        if name == "assert_call_count":
            found = bound(call.args, ("url", "count"))
            if found is None or len(found) != 2:
                raise CantRewrite("a star hides what is counted", "len(mock.calls.where(path=url)) == 1")
            return f"(len({mock}.calls.where(path={code(found['url'])})) == {code(found['count'])})"
        if name in ("reset", "reset_mock") and library == "requests_mock":
            return f"{mock}.journal.clear()"
        if name in ("start", "__enter__") and dotted(call.func).rpartition(".")[0] in self.facts.patchers:
            return f"({mock} := {patcher(mock)}.start())" if "." not in mock else f"{patcher(mock)}.start()"
        if name in ("stop", "__exit__") and dotted(call.func).rpartition(".")[0] in self.facts.patchers:
            return f"{patcher(mock)}.stop()"
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
        if was in self._sequences.first and DECLARED.search(code(value)):
            target = cst.AssignTarget(cst.Name(self._sequences.first[was]))
            return cst.Assign([target], value)
        name = dotted(was.func).rpartition(".")[2]
        owner = dotted(was.func).rpartition(".")[0]
        if name == "assert_call_count" and code(value).startswith("(len("):
            return cst.Assert(expression(code(value)[1:-1]))
        if name in ("start", "__enter__") and owner in self.facts.patchers:
            return cst.Assign([target_of(owner)], expression(f"{patcher(owner)}.start()"))
        return updated_node
