"""Which responses of one URL come one after the other: responses gives them in turn, as a route's replies are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from lookalike.cli.migrate.nodes import bound, code, dotted, expression, names_in, targets
from lookalike.cli.migrate.responses import DECLARING

Of = Callable[[cst.BaseExpression], bool]


class Sequences(cst.CSTVisitor):
    """Reads a module.

    first: calls that a later one of the same URL follows, with the name of the route's variable
    then:  the later ones
    loops: calls in a loop over replies of one URL
    turns: for each function and each mock, the calls of each route, those of one declaration after the other
    gaps:  how much else is done before a call: what asks, perhaps
    """

    def __init__(self, module: cst.Module, of: Of, taken: set[str]) -> None:
        self._of = of
        self._taken = set(taken)
        self.first: dict[cst.Call, str] = {}
        self.then: dict[cst.Call, str] = {}
        self.loops: set[cst.Call] = set()
        self.turns: list[list[list[cst.Call]]] = []
        self.gaps: dict[cst.Call, int] = {}
        self._blocks: dict[str, int] = {}
        self._gap = 0
        module.visit(self)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if "OrderedRegistry" in names_in(node):
            return  # each declaration is a turn of its own
        groups: dict[tuple[object, ...], list[cst.Call]] = {}
        mocks: dict[tuple[str, int], list[list[cst.Call]]] = {}
        for call in self._declared(node.body, frozenset()):
            owner = code(call.func).rpartition(".")[0]
            mock = (owner, self._blocks.get(owner, 0))
            key = _key(call)
            group = groups.setdefault((*mock, *key) if key is not None else (call,), [])
            if not group:
                mocks.setdefault(mock, []).append(group)
            group.append(call)
            self.gaps[call] = self._gap
        self.turns += mocks.values()
        names: set[str] = set()
        for calls in groups.values():
            if len(calls) < 2:
                continue
            name, at = "route", 2
            while name in names or name in self._taken:
                name, at = f"route_{at}", at + 1
            names.add(name)
            self.first[calls[0]] = name
            self.then.update(dict.fromkeys(calls[1:], name))

    def _asks(self, part: cst.CSTNode) -> bool:
        """Whether a statement may ask what was declared: it calls something, and isn't there to bind it alone."""
        return isinstance(part, cst.Assert) or (isinstance(part, cst.Expr) and not self._declares(part.value))

    def _declares(self, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            return False
        return node.func.attr.value in DECLARING and self._of(node.func.value)

    def _declared(self, body: cst.BaseSuite, changing: frozenset[str], loop: bool = False) -> Iterator[cst.Call]:
        for one in body.body:
            if isinstance(one, cst.SimpleStatementLine):
                for value in filter(self._declares, (part.value for part in one.body if isinstance(part, cst.Expr))):
                    call = cst.ensure_type(value, cst.Call)
                    if not loop:
                        yield call
                    elif _turns(call, changing):
                        self.loops.add(call)
                self._gap += any(self._asks(part) for part in one.body)
            elif isinstance(one, cst.With):
                names = [name for item in one.items if item.asname is not None for name in targets(item.asname.name)]
                self._blocks.update({name: self._blocks.get(name, 0) + 1 for name in names})
                self._gap += not names
                fresh = any(self._of(expression(name)) for name in names)  # a mock of its own each time
                yield from self._declared(one.body, changing, loop and not fresh)
            elif isinstance(one, cst.For):
                yield from self._declared(one.body, changing | names_in(one.target), True)


def _key(call: cst.Call) -> tuple[str, ...] | None:
    name = dotted(call.func).rpartition(".")[2]
    if name in ("replace", "upsert", "Response"):
        return None
    found = bound(call.args, DECLARING[name])
    if found is None or "url" not in found:
        return None
    method = code(found["method"]).strip("\"'").rpartition(".")[2] if "method" in found else name
    match = code(found["match"]) if "match" in found else ""
    return (code(call.func).rpartition(".")[0], method.lower(), code(found["url"]), match)


def _turns(call: cst.Call, changing: frozenset[str]) -> bool:
    found = bound(call.args, DECLARING[dotted(call.func).rpartition(".")[2]])
    if found is None or "url" not in found:
        return False
    asked = names_in(found["url"]) | (names_in(found["match"]) if "match" in found else set())
    return not asked & changing and bool(names_in(call) & changing)
