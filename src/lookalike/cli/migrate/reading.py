"""What tests read of the calls that happened: attributes, subscripts and comparisons, in our words."""

from __future__ import annotations

import re

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.journal import OF_MOCKER, of_request
from lookalike.cli.migrate.mockers import patcher, target_of
from lookalike.cli.migrate.nodes import code, dotted, expression, targets
from lookalike.cli.migrate.standing import Standing

_VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_CALL = re.compile(r"\.calls(\[[^\]:]*\]|\.last)\Z")
_REQUEST = re.compile(r"\.calls(\[[^\]:]*\]|\.last)\.request\Z")
_HISTORY = re.compile(r"\[call\.request for call in (.+)\.calls\]")
_BODY = re.compile(r"(.+)\.(?:text|content)\Z", re.DOTALL)
_TWO_TIMEOUTS = CantRewrite(
    "request.timeout: of a client's timeouts the one for its reading is kept",
    "request.options.timeout == 5, the second of (2, 5)",
)
#: A declaration as it stands here.
DECLARED = re.compile(r"\.(respond|respond_with|fail|pass_through)\(")


class Reading(Standing):
    """Rewrites what is read of a mock, a route, a call or a request, and knows the names that these are bound to."""

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        names = [name for one in updated_node.targets for name in targets(one.target)]
        text = code(updated_node.value)
        owners = [self.scope] if not any(name.startswith("self.") for name in names) else self._scopes
        for scope in owners:
            if isinstance(original_node.value, cst.Call) and DECLARED.search(text):
                scope.routes.update(names)
            if _REQUEST.search(text):
                scope.requests.update(names)
            elif _CALL.search(text):
                scope.calls.update(names)
        if isinstance(original_node.value, cst.Call) and self.facts.mocker(original_node.value) and len(names) == 1:
            return updated_node.with_changes(targets=[target_of(patcher(names[0]))])
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
            return self._done(f"{patcher(mock)}.stop")
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
        pair = next((one for one in was if isinstance(one, cst.Attribute) and one.attr.value == "timeout"), None)
        if (
            pair is not None
            and any(isinstance(one, cst.Tuple) for one in was)
            and ".options.timeout" in code(updated_node)
        ):
            self._refuse(pair, _TWO_TIMEOUTS)
            return original_node
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
