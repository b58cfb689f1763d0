"""What a mocker of another library was told when it was made, as the switches of a mock."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.nodes import bound, code, dotted, expression, literal

_RESPONSES = (
    "assert_all_requests_are_fired", "response_callback", "passthru_prefixes", "target", "registry",
)  # fmt: skip
_LENIENT = {"unused": '"ignore"'}


def switches(library: str, arguments: Sequence[cst.Arg], *, activate: bool = False) -> dict[str, str]:
    """Keywords of `api.mock(...)`, as source text. Raises CantRewrite.

    activate: it is `responses.activate`, which lets unused responses pass
    """
    found = bound(arguments, () if activate else _RESPONSES if library == "responses" else ("session",))
    if found is None:
        raise CantRewrite("a star hides how it is made", 'api.mock(unused="ignore")')
    return _of_responses(found, activate) if library == "responses" else _of_requests_mock(found)


def accepted(library: str, node: cst.BaseExpression, *, activate: bool = False) -> bool:
    """Whether how a mocker is made can be said here; what a refused one is asked stays as it is."""
    if not isinstance(node, cst.Call):
        return True
    told = [one for one in node.args if one.keyword is None or one.keyword.value != "kw"]
    try:
        switches(library, told, activate=activate)
    except CantRewrite:
        return False
    return True


def _of_responses(found: dict[str, cst.BaseExpression], activate: bool) -> dict[str, str]:
    made: dict[str, str] = {}
    fired = literal(found.get("assert_all_requests_are_fired"))
    if fired is False or (activate and fired is not True):
        made |= _LENIENT
    registry = found.get("registry")
    if registry is not None:
        if not dotted(registry).endswith("OrderedRegistry"):
            raise CantRewrite(
                f"registry={code(registry)} is one of your own", "routes win the newest first; ordered=True"
            )
        made["ordered"] = "True"
    for name, form in (
        ("response_callback", "mock.pass_through(alter=...) or .respond_with(function)"),
        ("passthru_prefixes", 'api.mock(allow=["host"]), or mock.pass_through(prefix)'),
        ("target", "api.mock(): every client is covered"),
    ):
        if name in found and literal(found[name]) not in (None, (), []):
            raise CantRewrite(f"{name}= has no such switch here", form)
    return made


def _of_requests_mock(found: dict[str, cst.BaseExpression]) -> dict[str, str]:
    made = dict(_LENIENT)
    real = found.get("real_http")
    if real is not None and literal(real) is not False:
        if literal(real) is not True:
            raise CantRewrite(f"real_http={code(real)} is only known when the test runs", 'unmatched="pass" or "fail"')
        made["unmatched"] = '"pass"'
    for name, form in (
        ("session", "api.mock(): every session is covered"),
        ("adapter", "api.mock(): every session is covered"),
        ("json_encoder", ".respond(content=json.dumps(value, cls=Encoder))"),
    ):
        if name in found and literal(found[name]) is not None:
            raise CantRewrite(f"{name}= has no such switch here", form)
    return made


def mocked(api: str, made: dict[str, str], into: str = "mock") -> str:
    """`api.mock(unused="ignore")` as source text."""
    told = {**made, **({"into": f'"{into}"'} if into != "mock" else {})}
    return f"{api}.mock({', '.join(f'{name}={value}' for name, value in told.items())})"


def patcher(name: str) -> str:
    """The variable of what begins a mock that a name was bound to before it was started."""
    return f"{name}_patcher"


def target_of(name: str) -> cst.AssignTarget:
    """A name or an attribute, as what is assigned to."""
    return cst.AssignTarget(cst.ensure_type(expression(name), cst.Attribute if "." in name else cst.Name))
