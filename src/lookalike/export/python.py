"""Typed Python of a contract's JSON bodies, written by datamodel-code-generator (the extra `types`)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import orjson

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.export.formats import Models, Options
from lookalike.export.json_schema import schema_of

_MODELS: dict[Models, str] = {"typed-dict": "TypingTypedDict", "pydantic": "PydanticV2BaseModel"}

_FORMATS = frozenset({"date-time", "date", "time", "uuid", "int32", "int64", "float", "double"})


def export(contract: Contract, options: Options) -> bytes:
    """A module with a class or type for each body: `ListTodos200`. Raises UsageError where the extra is missing."""
    generator = _generator()
    found = _known_formats(schema_of(contract))
    if not found["$defs"]:
        raise UsageError(f"{contract.name} has no JSON bodies, so that there are no types to write")
    text: str = generator.generate(
        orjson.dumps(found).decode(),
        input_filename="contract.json",
        input_file_type=generator.InputFileType.JsonSchema,
        output_model_type=getattr(generator.DataModelType, _MODELS[options.models]),
        target_python_version=generator.PythonVersion.PY_311,
        custom_file_header=f'"""{_line(contract.title)}: what it takes and answers. Written by `lookalike export`."""',
        use_schema_description=True,
        skip_root_model=True,
        use_closed_typed_dict=False,  # type checkers don't know `extra_items` yet
        use_standard_collections=True,
        use_union_operator=True,
        use_double_quotes=True,
        use_annotated=True,
        field_constraints=True,
        disable_timestamp=True,
        formatters=[],
    )
    return (text.rstrip() + "\n").encode()


def _known_formats(node: Any) -> Any:
    """A schema without formats that would need other libraries, or that nobody knows: their values stay text."""
    if isinstance(node, list):
        return [_known_formats(one) for one in node]
    if not isinstance(node, dict):
        return node
    unknown = isinstance(node.get("format"), str) and node["format"] not in _FORMATS
    return {key: _known_formats(one) for key, one in node.items() if key != "format" or not unknown}


def _line(title: str) -> str:
    return " ".join(title.replace("\\", "/").replace('"', "'").split()) or "An API"


def _generator() -> Any:
    try:
        return import_module("datamodel_code_generator")
    except ImportError:
        raise UsageError(
            'typed Python needs datamodel-code-generator\nInstall it: pip install "lookalike[types]"'
        ) from None
