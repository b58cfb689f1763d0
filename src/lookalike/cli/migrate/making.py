"""Recorders that modules make, and what they are told: what the uses of cassettes in them are read with."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.module import Facts
from lookalike.cli.migrate.nodes import code, dotted, expression, text_of
from lookalike.cli.migrate.recorders import Recorder, given

_MAKES = {
    **dict.fromkeys(("vcr.VCR", "vcr.config.VCR"), "vcr"),
    **dict.fromkeys(("betamax.Betamax", "betamax.recorder.Betamax"), "betamax"),
}
_VCR = (
    "path_transformer", "before_record_request", "custom_patches", "filter_query_parameters", "ignore_hosts",
    "record_mode", "ignore_localhost", "filter_headers", "before_record_response",
)  # fmt: skip
_BETAMAX = ("session", "cassette_library_dir", "default_cassette_options")


@dataclass
class SharedRecorders:
    """What modules use of each other: recorders by name, what Betamax is configured with, `vcr_config`."""

    recorders: dict[str, Recorder] = field(default_factory=dict)
    configured: dict[str, cst.BaseExpression] = field(default_factory=dict)
    markers: dict[str, cst.BaseExpression] | None = field(default_factory=dict)

    def read(self, source: str) -> None:
        """Add a module's."""
        module = cst.parse_module(source)
        found = Found(Facts(module))
        module.visit(found)
        self.recorders.update({name: one for name, one in found.recorders.items() if name not in found.inner})
        self.configured.update(found.configured)
        if found.markers is None or self.markers is None:
            self.markers = None
        else:
            self.markers.update(found.markers)


class Found(cst.CSTVisitor):
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
