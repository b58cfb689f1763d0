"""The formats that a contract is exported to, a module each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, cast

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError

Models = Literal["typed-dict", "pydantic"]


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen.

    suffix:   of the file that is written, `.yaml` say
    models:   what typed Python is made of
    consumer: who asks the API, as a Pact names it
    """

    suffix: str = ""
    models: Models = "typed-dict"
    consumer: str = "consumer"


DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class Format:
    """name: as `--to` has it; label: what it is; module: has `export(contract, options) -> bytes`, `""` for traffic."""

    name: str
    label: str
    module: str = ""

    def export(self, contract: Contract, options: Options = DEFAULT) -> bytes:
        """The file's content, the same for the same contract. Raises UsageError and FileError."""
        make = import_module(self.module).export
        return cast("Callable[[Contract, Options], bytes]", make)(contract, options)


FORMATS: tuple[Format, ...] = (
    Format("json-schema", "JSON Schema 2020-12 of every body", "lookalike.export.json_schema"),
    Format("openapi", "OpenAPI 3.1, in YAML or JSON by the file's name", "lookalike.export.openapi"),
    Format("python", "typed Python: TypedDict or pydantic models", "lookalike.export.python"),
    Format("pact-v3", "a Pact of version 3", "lookalike.export.pact_v3"),
    Format("pact-v4", "a Pact of version 4", "lookalike.export.pact_v4"),
    Format("wiremock", "WireMock's mappings", "lookalike.export.wiremock"),
    Format("har", "HAR 1.2, of recorded traffic too"),
)


def format_named(name: str) -> Format:
    """The format of a name. Raises UsageError that lists them."""
    found = next((one for one in FORMATS if one.name == name), None)
    if found is None:
        raise UsageError(f"no format {name!r} to export to; there are {', '.join(one.name for one in FORMATS)}")
    return found
