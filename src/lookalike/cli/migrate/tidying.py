"""What a module still needs once its cassettes are replayed: imports, an API, recorders that something asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import libcst as cst

from lookalike.cli.migrate.cassettes import Cassettes
from lookalike.cli.migrate.finishing import after_imports
from lookalike.cli.migrate.making import made_by
from lookalike.cli.migrate.module import Facts, imported_names
from lookalike.cli.migrate.nodes import dotted, names_in

LIBRARIES = ("vcr", "betamax")
_SCANNED = 200


def finished(module: cst.Module, changer: Cassettes, path: Path | None) -> cst.Module:
    """The module without the imports and recorders that nobody asks for, and with those that are asked for now."""
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
