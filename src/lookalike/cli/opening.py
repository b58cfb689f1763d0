"""What a name on the command line stands for: an API of pyproject.toml, a pack, or a contract's file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lookalike import config, packs
from lookalike.api import Api
from lookalike.errors import LookalikeError, UsageError

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract

_FILES = (".yaml", ".yml", ".json")

allow_refs_option = typer.Option(
    "--allow-refs", metavar="URL", help="What references of the document may lead to besides: a URL, or a folder."
)

#: What the commands say of an argument that `open_api` takes.
NAMES = "A contract's file, a ready-made API, or a name from pyproject.toml."


def complete(incomplete: str) -> list[str]:
    """What a shell offers for an argument that `open_api` takes, but files: the APIs of the project and the packs."""
    return _beginning({*_configured(), *packs.names()}, incomplete)


def complete_configured(incomplete: str) -> list[str]:
    """What a shell offers where only the APIs of the project make sense."""
    return _beginning(_configured(), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))


def _configured() -> list[str]:
    try:
        return list(config.load().apis)
    except LookalikeError:
        return []  # a shell that completes is no place for messages; the command says it


def open_api(name: str, allow_refs: Sequence[str] | None = None) -> Api:
    """The API of a name; its contract isn't read yet. Raises UsageError where nothing has the name.

    allow_refs: what the document's references may lead to, in place of what pyproject.toml says; None for that
    """
    allowed = list(allow_refs) if allow_refs else None
    if name in config.load().apis or name in packs.names():
        return Api(name, allow_refs=allowed)
    path = Path(name)
    if path.exists() or path.suffix in _FILES or path.name.endswith(".json.gz"):
        return Api(path, allow_refs=allowed)
    raise UsageError(_unknown(name))


def contract_of(api: Api) -> Contract:
    """What an API is held to. Raises UsageError where nobody knows, FileError where it can't be read."""
    contract = api.contract
    if contract is None:
        raise UsageError(
            f"the API {api.name!r} of {config.load().path} has no contract\n"
            f"Learn one: lookalike learn {api.base_url} /things -o contracts/{api.name}.yaml\n"
            f'and name it there: contract = "contracts/{api.name}.yaml"'
        )
    return contract


def learned_of(api: Api, command: str) -> tuple[Contract, Path]:
    """A learned contract and its file. Raises UsageError where the API has none, as a pack hasn't."""
    contract = contract_of(api)
    if api.path is None or not contract.learned:
        what = "a ready-made API" if api.path is None else "a document that wasn't learned"
        raise UsageError(
            f"{api.name} is {what}: {command} has nothing to learn into; correct it by hand where it is wrong"
        )
    return contract, api.path


def base_url_of(api: Api) -> str:
    """Where the real API is. Raises UsageError where neither its contract nor pyproject.toml says."""
    base_url = api.base_url
    if base_url is None:
        raise UsageError(
            f"where is the real API {api.name!r}? Neither its contract nor pyproject.toml says\n"
            "Name it there:\n"
            f"  [tool.lookalike.apis.{api.name}]\n"
            f'  contract = "{api.path}"\n'
            '  base_url = "https://api.example.com"'
        )
    return base_url


def _unknown(name: str) -> str:
    settings = config.load()
    known = sorted({*settings.apis, *packs.names()})
    where = f"an API of {settings.path}, " if settings.apis else ""
    said = f"{name!r} is neither {where}a ready-made API nor a file"
    learn = "Learn one: lookalike learn URL PATH -o contracts/example.yaml"
    return f"{said}\n{config.nearest(name, known)}Known: {', '.join(known)}\n{learn}"
