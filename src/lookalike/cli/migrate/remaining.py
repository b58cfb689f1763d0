"""What is left of the libraries of cassettes in a rewritten module: where, why, and what to write instead."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from lookalike.cli.migrate.cassettes import Cassettes
from lookalike.cli.migrate.edits import Left
from lookalike.cli.migrate.module import Facts, is_fixture
from lookalike.cli.migrate.nodes import code, dotted, parameters
from lookalike.cli.migrate.tidying import LIBRARIES

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


def left_of(text: str, changer: Cassettes) -> list[Left]:
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
