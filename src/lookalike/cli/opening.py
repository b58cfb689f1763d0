"""What a name on the command line stands for: an API of pyproject.toml, a pack, or a contract's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike import config
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract
    from lookalike.double.double import Double
    from lookalike.packs import Pack


@dataclass(frozen=True, slots=True)
class Opened:
    """An API as the command line found it.

    name:     what pyproject.toml or the pack calls it, or the contract's name
    contract: what it is held to
    base_url: of the real API, or None
    path:     the contract's file, None for a pack
    pack:     the ready-made API, None for a file
    auth:     resolved credentials
    """

    name: str
    contract: Contract
    base_url: str | None
    path: Path | None = None
    pack: Pack | None = None
    auth: Mapping[str, str] = field(default_factory=dict, repr=False)


def open_api(name: str, *, credentials: bool = False) -> Opened:
    """The API of a name. Raises UsageError where nothing has it, FileError where its contract can't be read.

    credentials: whether to resolve them, which fails where an environment variable isn't set
    """
    from lookalike import packs

    settings = config.load().apis.get(name)
    if settings is not None:
        auth = config.resolve_auth(settings) if credentials else {}
        if settings.contract is None:
            raise UsageError(
                f"the API {name!r} of {config.load().path} has no contract\n"
                f"Learn one: lookalike learn {settings.base_url} /things -o contracts/{name}.yaml\n"
                f'and name it there: contract = "contracts/{name}.yaml"'
            )
        contract = _load(settings.contract, settings.base_url)
        return Opened(name, contract, contract.base_url, settings.contract, auth=auth)
    if name in packs.names():
        pack = packs.load(name)
        return Opened(name, pack.contract, pack.base_url, pack=pack)
    path = Path(name)
    if path.exists() or path.suffix in (".yaml", ".yml", ".json"):
        contract = _load(path, None)
        return Opened(contract.name, contract, contract.base_url, path)
    raise UsageError(_unknown(name, packs.names()))


def contract_of(name: str) -> Contract:
    """The contract of a name."""
    return open_api(name).contract


def double_of(name: str, *, data: Path | None = None, **options: Any) -> Double:
    """What plays the API of a name by itself. `data` and the other options are a pack's."""
    opened = open_api(name)
    if opened.pack is not None:
        return opened.pack.fake(**options, **({} if data is None else {"data": data}))
    asked = [*options, *(["data"] if data is not None else [])]
    if asked:
        raise UsageError(
            f"--{asked[0]} is for a ready-made API; {name} is a contract, which answers with examples\n"
            "Write: lookalike serve jsonplaceholder --" + asked[0]
        )
    from lookalike.api import Api

    return Api(name).fake().double


def _load(path: Path, base_url: str | None) -> Contract:
    from lookalike.contract import files

    return files.load(path, base_url=base_url)


def _unknown(name: str, packs: list[str]) -> str:
    settings = config.load()
    known = sorted({*settings.apis, *packs})
    where = f"an API of {settings.path}, " if settings.apis else ""
    said = f"{name!r} is neither {where}a ready-made API nor a file"
    return f"{said}\n{config.nearest(name, known)}Known: {', '.join(known)}"
