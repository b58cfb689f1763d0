"""Rewrites what begins a replay, and what tests ask of a cassette: decorators, `with`, the marker, attributes."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.making import Found, SharedRecorders, made_by
from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.nodes import code, dotted, expression, free_name, parameters
from lookalike.cli.migrate.recorders import Recorder, Translated, given, place, translated

_MARKER = "pytest.mark.vcr"
_OF_CASSETTE = {
    "play_count": "len({0}.calls)",
    "all_played": "(not {0}.unplayed)",
    "requests": "[one.request for one in {0}.recorded]",
    "rewind": "{0}.rewind",
}


class Cassettes(cst.CSTTransformer):
    """Rewrites what begins a replay: decorators, `with`, the marker; and what tests ask of a cassette."""

    def __init__(self, module: cst.Module, facts: Facts, shared: SharedRecorders) -> None:
        super().__init__()
        self.facts = facts
        self.shared = shared
        self.count = 0
        self.needs: set[str] = set()
        self.paths: set[str] = set()
        self.refused: list[tuple[str, str, str]] = []
        self.api = free_name(facts.all_names, ("api", "recorded_api", "the_api"))
        found = Found(facts)
        module.visit(found)
        self.recorders = {**shared.recorders, **found.recorders}
        self._replays: set[str] = set()

    def _recorder(self, node: cst.BaseExpression) -> Recorder | None:
        made = made_by(node, self.facts)
        if made is None and self.facts.full(node) == "vcr":
            made = Recorder("vcr")
        return made or self.recorders.get(dotted(node))

    def _used(self, node: cst.BaseExpression) -> Recorder | None:
        """The recorder whose `use_cassette` an expression is."""
        if self.facts.full(node) == "betamax.decorator.use_cassette":
            return Recorder("betamax")
        ours = isinstance(node, cst.Attribute) and node.attr.value == "use_cassette"
        if self.facts.full(node) == "vcr.use_cassette":
            return Recorder("vcr")
        return self._recorder(node.value) if ours and isinstance(node, cst.Attribute) else None

    def _replay(self, recorder: Recorder, arguments: Sequence[cst.Arg], into: str = "", function: str = "") -> str:
        """`api.replay(...)` in the place of one use. Raises CantRewrite."""
        names = ("path",) if recorder.library == "vcr" else ("cassette_name", "cassette_library_dir")
        options = given(self._written_out(arguments), names)
        name = options.pop(names[0], None)
        configured = self.shared.configured if recorder.library == "betamax" else {}
        told = {**configured, **recorder.told(options)}
        path, known = place(recorder, name, told, function)
        made = translated(told)
        if known:
            self.paths.add(known)
        if "os.path." in path:
            self.needs.add("os")
        self.needs.add("api")
        self.count += 1
        own = {"into": f'"{into}"'} if into else {}
        text = f"{self.api}.replay({made.text(path, own=own)})"
        self._noted(text, made)
        return text

    def _written_out(self, arguments: Sequence[cst.Arg]) -> list[cst.Arg]:
        """With `**options` as the dict that the name is bound to once, and never filled."""
        return [
            one.with_changes(value=self.facts.dicts[dotted(one.value)])
            if one.star == "**"
            and dotted(one.value) in self.facts.dicts
            and dotted(one.value) not in self.facts.changed
            else one
            for one in arguments
        ]

    def _noted(self, what: str, made: Translated) -> None:
        self.refused += [(what, reason, form) for reason, form in made.notes]

    def _refuse(self, node: cst.CSTNode, why: CantRewrite) -> None:
        self.refused.append((code(node).strip(), why.reason, why.form))

    # -- what begins one -----------------------------------------------------------------------------------------------

    def visit_Decorator(self, node: cst.Decorator) -> bool:
        one = node.decorator
        return self._used(one.func if isinstance(one, cst.Call) else one) is None

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._replays.update(filter(None, (self._into(one.decorator, node) for one in node.decorators)))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        decorators = [self._decorated(one, original_node) for one in updated_node.decorators]
        return updated_node.with_changes(decorators=decorators)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        return updated_node.with_changes(decorators=[self._decorated(one, None) for one in updated_node.decorators])

    def _decorated(self, one: cst.Decorator, function: cst.FunctionDef | None) -> cst.Decorator:
        node = one.decorator
        recorder = self._used(node.func if isinstance(node, cst.Call) else node)
        if recorder is None:
            return one
        arguments = node.args if isinstance(node, cst.Call) else ()
        into = self._into(node, function) if function is not None else ""
        try:
            if recorder.library == "betamax":
                raise CantRewrite(
                    "it gives the test a session of its own",
                    f'{self.api}.replay("cassettes/x.json"), and requests.Session()',
                )
            text = self._replay(recorder, arguments, into, function.name.value if function else "")
        except CantRewrite as why:
            self._refuse(node, why)
            return one
        return one.with_changes(decorator=expression(text))

    def _into(self, node: cst.BaseExpression, function: cst.FunctionDef) -> str:
        """The parameter that a decorator gives the cassette to."""
        recorder = self._used(node.func if isinstance(node, cst.Call) else node)
        if recorder is None:
            return ""
        told = dict(recorder.options)
        arguments = node.args if isinstance(node, cst.Call) else ()
        told.update((each.keyword.value, each.value) for each in arguments if each.keyword is not None)
        names = [each.name.value for each in parameters(function) if each.name.value != "self"]
        return names[0] if dotted(told.get("inject_cassette")) == "True" and names else ""

    def visit_With(self, node: cst.With) -> None:
        for item in node.items:
            call = item.item
            begins = isinstance(call, cst.Call) and (self._used(call.func) or self._begun(item, node))
            if begins and item.asname is not None:
                self._replays.add(dotted(item.asname.name))

    def _begun(self, item: cst.WithItem, node: cst.With) -> cst.Call | None:
        """`vcr.use_cassette("x")` that `with Betamax(session) as vcr:` begins with."""
        recorder = made_by(item.item, self.facts)
        first = node.body.body[0] if node.body.body else None
        if recorder is None or item.asname is None or not isinstance(first, cst.SimpleStatementLine):
            return None
        small = first.body[0]
        call = small.value if isinstance(small, cst.Expr) else None
        wanted = f"{dotted(item.asname.name)}.use_cassette"
        return call if isinstance(call, cst.Call) and dotted(call.func) == wanted else None

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.With:
        items, node = [], updated_node
        for was, item in zip(original_node.items, updated_node.items, strict=True):
            begun = self._begun(was, original_node)
            recorder = made_by(was.item, self.facts)
            if begun is not None and recorder is not None:
                try:
                    text = self._replay(recorder, begun.args)
                except CantRewrite as why:
                    self._refuse(was.item, why)
                    return original_node
                rest = list(node.body.body[1:]) or [cst.parse_statement("pass\n")]
                node = node.with_changes(body=node.body.with_changes(body=rest))
                item = item.with_changes(item=expression(text))
            items.append(item)
        return node.with_changes(items=items)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if dotted(original_node.func) == _MARKER:
            return self._marked(original_node, original_node.args)
        recorder = self._used(original_node.func)
        if recorder is not None:
            try:
                return expression(self._replay(recorder, original_node.args))
            except CantRewrite as why:
                self._refuse(original_node, why)
                return original_node
        if isinstance(original_node.func, cst.Attribute) and original_node.func.attr.value == "use_cassette":
            self._refuse(
                original_node, CantRewrite("no recorder is known here", f'{self.api}.replay("cassettes/x.yaml")')
            )
        if dotted(original_node.func) == "len" and original_node.args:
            name = dotted(original_node.args[0].value)
            if name in self._replays:
                self.count += 1
                return expression(f"len({name}.recorded)")
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        name, attribute = dotted(original_node.value), original_node.attr.value
        if name in self._replays and attribute in _OF_CASSETTE:
            self.count += attribute != "rewind"
            return expression(_OF_CASSETTE[attribute].format(name))
        if name in self._replays and attribute in ("responses", "play_counts", "dirty", "append", "write_protected"):
            self._refuse(
                original_node, CantRewrite("a replay has exchanges", f"{name}.recorded, {name}.calls, {name}.unplayed")
            )
        if dotted(original_node) == _MARKER:
            return self._marked(original_node, ())
        if attribute == "current_cassette" and self._recorder(original_node.value) is not None:
            form = "leave it out: nothing is recorded; the replay of a with is its `as`"
            self._refuse(original_node, CantRewrite("a recorder that begins no replay has no cassette", form))
        return updated_node

    def visit_Call(self, node: cst.Call) -> bool:
        return dotted(node.func) != _MARKER

    def _marked(self, node: cst.BaseExpression, arguments: Sequence[cst.Arg]) -> cst.BaseExpression:
        try:
            if any(one.keyword is None and not one.star for one in arguments):
                raise CantRewrite(
                    "a recording that is named takes the place of the test's own",
                    '@pytest.mark.replay_api(None, "cassettes/MODULE/TEST.yaml", "cassettes/MODULE/x.yaml")',
                )
            if self.shared.markers is None:
                raise CantRewrite(
                    "vcr_config is put together when the test runs",
                    '@pytest.mark.replay_api(match=["method", "url"], unused="ignore")',
                )
            made = translated({**self.shared.markers, **given(arguments, ())})
        except CantRewrite as why:
            self._refuse(node, why)
            return node
        text = f"pytest.mark.replay_api({made.text()})"
        self._noted(text, made)
        self.count += 1
        return expression(text)
