"""Rewrites one module: what replays cassettes with vcrpy, pytest-recording or Betamax replays them with lookalike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from lookalike.cli.migrate.edits import CantRewrite, Left, Rewritten
from lookalike.cli.migrate.finishing import after_imports
from lookalike.cli.migrate.module import Facts, imported_names, is_fixture
from lookalike.cli.migrate.nodes import code, dotted, expression, free_name, names_in, parameters, text_of
from lookalike.cli.migrate.recorders import Recorder, Translated, given, place, translated

LIBRARIES = ("vcr", "betamax")
_MAKES = {
    **dict.fromkeys(("vcr.VCR", "vcr.config.VCR"), "vcr"),
    **dict.fromkeys(("betamax.Betamax", "betamax.recorder.Betamax"), "betamax"),
}
_VCR = (
    "path_transformer", "before_record_request", "custom_patches", "filter_query_parameters", "ignore_hosts",
    "record_mode", "ignore_localhost", "filter_headers", "before_record_response",
)  # fmt: skip
_BETAMAX = ("session", "cassette_library_dir", "default_cassette_options")
_MARKER = "pytest.mark.vcr"
_SCANNED = 200
_OF_PYTEST = {
    "pytest.mark.default_cassette": (
        "a recording is named at the marker",
        '@pytest.mark.replay_api(None, "cassettes/MODULE/x.yaml")',
    ),
    "pytest.mark.block_network": (
        "a replay lets nothing out",
        "leave it out; --lookalike-network=block for the whole run",
    ),
    "vcr_config": ("its options are said at the markers", "leave it out"),
    "vcr_cassette_dir": ("a recording is named at the marker", '@pytest.mark.replay_api(None, "FOLDER/x.yaml")'),
}
"""Fixtures and markers of pytest-recording that aren't rewritten."""
_OF_CASSETTE = {
    "play_count": "len({0}.calls)",
    "all_played": "(not {0}.unplayed)",
    "requests": "[one.request for one in {0}.recorded]",
    "rewind": "{0}.rewind",
}
_FORMS = (
    ("betamax.Betamax.configure", "what it configures is said where it is replayed",
     'placeholders={"<TOKEN>": value} where a URL or an answer has one; then leave it out'),
    ("vcr.unittest", "a case has no cassette of its own here", '@api.replay("cassettes/x.yaml") on the test'),
    ("vcr.errors", "a request that isn't recorded fails the test", "lookalike.UnmatchedRequest, an AssertionError"),
    ("betamax.exceptions", "a request that isn't recorded fails the test", "lookalike.UnmatchedRequest"),
    ("betamax.BetamaxError", "a request that isn't recorded fails the test", "lookalike.UnmatchedRequest"),
    ("betamax.fixtures", "a session needs no recorder", '@api.replay("cassettes/x.json"), or the marker replay_api'),
    ("betamax", "nothing that is rewritten asks for it", "leave it out where no other file does"),
    ("vcr", "nothing that is rewritten asks for it", "leave it out where no other file does"),
)  # fmt: skip


@dataclass
class SharedRecorders:
    """What modules use of each other: recorders by name, what Betamax is configured with, `vcr_config`."""

    recorders: dict[str, Recorder] = field(default_factory=dict)
    configured: dict[str, cst.BaseExpression] = field(default_factory=dict)
    markers: dict[str, cst.BaseExpression] | None = field(default_factory=dict)

    def read(self, source: str) -> None:
        """Add a module's."""
        module = cst.parse_module(source)
        found = _Found(Facts(module))
        module.visit(found)
        self.recorders.update({name: one for name, one in found.recorders.items() if name not in found.inner})
        self.configured.update(found.configured)
        if found.markers is None or self.markers is None:
            self.markers = None
        else:
            self.markers.update(found.markers)


class _Found(cst.CSTVisitor):
    """Reads which recorders a module makes, and how they are told afterwards."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.recorders: dict[str, Recorder] = {}
        self.inner: set[str] = set()
        self.configured: dict[str, cst.BaseExpression] = {}
        self.markers: dict[str, cst.BaseExpression] | None = {}
        self._config = ""
        self._depth = 0

    def visit_Assign(self, node: cst.Assign) -> None:
        target = node.targets[0].target
        name = dotted(target)
        made = made_by(node.value, self.facts)
        if made is not None and name:
            self.recorders[name] = made
            if self._depth and "." not in name:
                self.inner.add(name)
            return
        owner, _, option = name.rpartition(".")
        if owner in self.recorders:
            self.recorders[owner].options[option] = node.value
        elif owner and owner == self._config:
            self.configured[option] = node.value
        elif isinstance(target, cst.Subscript) and dotted(target.value) == f"{self._config}.default_cassette_options":
            index = target.slice[0].slice
            told = text_of(index.value) if isinstance(index, cst.Index) else None
            if told:
                self.configured[told] = node.value

    def visit_Call(self, node: cst.Call) -> None:
        name = code(node.func)
        if (
            self._config
            and name == f'{self._config}.default_cassette_options["match_requests_on"].append'
            and node.args
        ):
            before = self.configured.get("match_requests_on", expression('["method", "uri"]'))
            inner = code(before).strip()[1:-1]
            self.configured["match_requests_on"] = expression(f"[{inner}, {code(node.args[0].value)}]")

    def visit_With(self, node: cst.With) -> None:
        for item in node.items:
            call = item.item
            if (
                isinstance(call, cst.Call)
                and self.facts.full(call.func) == "betamax.Betamax.configure"
                and item.asname is not None
            ):
                self._config = dotted(item.asname.name)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._depth -= 1

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._depth += 1
        if node.name.value != "vcr_config" or self.markers is None:
            return
        last = node.body.body[-1]
        value = last.body[0] if isinstance(last, cst.SimpleStatementLine) else None
        told = value.value if isinstance(value, cst.Return) else None
        if isinstance(told, cst.Dict) and all(
            isinstance(one, cst.DictElement) and text_of(one.key) for one in told.elements
        ):
            self.markers.update(
                {text_of(one.key) or "": one.value for one in told.elements if isinstance(one, cst.DictElement)}
            )
        else:
            self.markers = None


def made_by(node: cst.BaseExpression, facts: Facts) -> Recorder | None:
    """The recorder that an expression makes; None for another. What a star hides is told where it is used."""
    library = _MAKES.get(facts.full(node.func), "") if isinstance(node, cst.Call) else ""
    if not library or not isinstance(node, cst.Call):
        return None
    try:
        options = given(node.args, _VCR if library == "vcr" else _BETAMAX)
    except CantRewrite:
        return Recorder(library, {"match_on": expression("...")})
    options.pop("session", None)
    defaults = options.pop("default_cassette_options", None)
    if isinstance(defaults, cst.Dict):
        for one in defaults.elements:
            if isinstance(one, cst.DictElement) and text_of(one.key):
                options[text_of(one.key) or ""] = one.value
    return Recorder(library, options)


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
        found = _Found(facts)
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


def mentions(text: str) -> bool:
    """Whether a module may have to do with cassettes."""
    return "vcr" in text.lower() or "betamax" in text.lower() or "use_cassette" in text


def rewrite(source: str, shared: SharedRecorders, path: Path | None = None) -> Rewritten:
    """A module's source whose cassettes are replayed by lookalike.

    path: where the module is; cassettes are looked for from the working directory and the folders above it
    """
    module = cst.parse_module(source)
    facts = Facts(module)
    changer = Cassettes(module, facts, shared)
    changed = module.visit(changer)
    if changer.count:
        changed = _finished(changed, changer, path)
    text = changed.code
    return Rewritten(text, changer.count, tuple(sorted(_left(text, changer))))


def _finished(module: cst.Module, changer: Cassettes, path: Path | None) -> cst.Module:
    body = [one for statement in module.body if (one := _kept(statement, module, changer)) is not None]
    module = module.with_changes(body=body)
    used = names_in(module.with_changes(body=[one for one in body if not _is_import(one)]))
    body = [one for statement in body if (one := _import(statement, used)) is not None]
    at = after_imports(body)
    known = Facts(module).names
    lines = [f"import {name}" for name in ("os", "lookalike") if _wanted(name, changer) and known.get(name) != name]
    if "api" in changer.needs:
        lines.append(f'\n{changer.api} = lookalike.Api(base_url="{base_url_of(changer.paths, path)}")')
    body[at:at] = [cst.parse_statement(f"{line}\n") for line in lines]
    return module.with_changes(body=body)


def _wanted(name: str, changer: Cassettes) -> bool:
    return ("api" if name == "lookalike" else name) in changer.needs


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], cst.Import | cst.ImportFrom)


def _kept(statement: cst.CSTNode, module: cst.Module, changer: Cassettes) -> cst.CSTNode | None:
    """A statement, unless it makes a recorder that nothing asks for any more."""
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or made_by(small.value, changer.facts) is None:
        return statement
    name = dotted(small.targets[0].target)
    others = module.with_changes(body=[one for one in module.body if one is not statement])
    return statement if not name or name in names_in(others) else None


def _import(statement: cst.CSTNode, used: set[str]) -> cst.CSTNode | None:
    if not _is_import(statement) or not isinstance(statement, cst.SimpleStatementLine):
        return statement
    node = statement.body[0]
    if not isinstance(node, cst.Import | cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
        return statement
    kept = [
        alias for alias in node.names
        if not _of_old(imported_names(node.with_changes(names=[alias]))) or
        set(imported_names(node.with_changes(names=[alias]))) & used
    ]  # fmt: skip
    if len(kept) == len(node.names):
        return statement
    if not kept:
        return None
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[node.with_changes(names=kept)])


def _of_old(names: Mapping[str, str]) -> bool:
    return any(full.partition(".")[0] in LIBRARIES for full in names.values())


def base_url_of(paths: set[str], module: Path | None) -> str:
    """The one scheme and host of all requests in these cassettes; `*` where there are several, or nobody knows."""
    from lookalike.errors import LookalikeError
    from lookalike.traffic import read_file

    above = [Path(), *(module.resolve().parents if module is not None else ())]
    found: set[str] = set()
    for name in sorted(paths)[:_SCANNED]:
        where = next((folder / name for folder in above if (folder / name).is_file()), None)
        if where is None:
            continue
        try:
            for exchange in read_file(str(where)):
                request = exchange.request
                port = "" if request.port in (80, 443) else f":{request.port}"
                found.add(f"{request.scheme}://{request.host}{port}")
        except LookalikeError:
            return "*"
        if len(found) > 1:
            return "*"
    return found.pop() if len(found) == 1 else "*"


def _left(text: str, changer: Cassettes) -> list[Left]:
    """What was refused or is to be looked at, and every use of the old libraries that is still there, by line."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    positions = wrapper.resolve(PositionProvider)
    facts = Facts(wrapper.module)
    found: dict[tuple[int, str], Left] = {}
    refused: dict[str, list[tuple[str, str]]] = {}
    for what, reason, form in changer.refused:
        refused.setdefault(what, []).append((reason, form))

    class Old(cst.CSTVisitor):
        def on_visit(self, node: cst.CSTNode) -> bool:
            if isinstance(node, cst.Import | cst.ImportFrom):
                return False
            told_of = _of_pytest(node)
            if told_of:
                what, reason, form = told_of
                line = positions[node].start.line
                found[line, reason] = Left(line, what, reason, form)
            if isinstance(node, cst.BaseExpression):
                line = positions[node].start.line
                shown = code(node).strip()
                told = refused.get(f"@{shown}") or refused.get(shown)
                if told:
                    for reason, form in dict.fromkeys(told):
                        found[line, reason] = Left(line, _short(shown), reason, form)
                    return False
                full = facts.full(node) if isinstance(node, cst.Attribute | cst.Name) else ""
                if full.partition(".")[0] in LIBRARIES and not any(at == line for at, _ in found):
                    reason, form = next((reason, form) for start, reason, form in _FORMS if full.startswith(start))
                    found[line, reason] = Left(line, _short(shown), reason, form)
                    return False
            return True

    wrapper.module.visit(Old())
    return list(found.values())


def _of_pytest(node: cst.CSTNode) -> tuple[str, str, str] | None:
    """A fixture or marker of pytest-recording that has no counterpart of its own."""
    if isinstance(node, cst.FunctionDef):
        if node.name.value in _OF_PYTEST and is_fixture(node):
            return (node.name.value, *_OF_PYTEST[node.name.value])
        if node.name.value.startswith("test") and any(one.name.value == "vcr" for one in parameters(node)):
            return ("vcr", "the cassette of a marked test", "replay = replay_api(), without the marker")
    name = dotted(node) if isinstance(node, cst.Attribute) else ""
    return (name, *_OF_PYTEST[name]) if name in _OF_PYTEST else None


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 60 else shown[:57] + "..."
