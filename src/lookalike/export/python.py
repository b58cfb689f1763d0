"""Typed Python of a contract's JSON bodies, written by datamodel-code-generator (the extra `types`)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import orjson

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.export.alone import standing_alone
from lookalike.export.formats import Models, Options
from lookalike.export.json_schema import schema_of

_MODELS: dict[Models, str] = {"typed-dict": "TypingTypedDict", "pydantic": "PydanticV2BaseModel"}

_NUMBERS = frozenset({"int32", "int64", "float", "double"})
_FORMATS = _NUMBERS | {"date-time", "date", "time", "uuid"}


def export(contract: Contract, options: Options) -> bytes:
    """A module with a class or type for each body: `ListTodos200`. Raises UsageError where the extra is missing."""
    generator = _generator()
    found = standing_alone(_as_types(_without_defaults(schema_of(contract))))
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
        enum_field_as_literal=generator.LiteralType.All,  # an enum can't have a member such as `title` or `index`
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


def _without_defaults(document: dict[str, Any]) -> dict[str, Any]:
    """The document without defaults of shared schemas: a plain value is none of the classes that these are."""
    shared = document["$defs"].items()
    without = {
        name: {key: said for key, said in one.items() if key != "default"} if isinstance(one, dict) else one
        for name, one in shared
    }
    return {**document, "$defs": without}


_REFERS = (("$ref", str), ("allOf", list), ("anyOf", list), ("oneOf", list))


def _as_types(node: Any) -> Any:
    """A schema without what its types can't say.

    Formats that would need other libraries, or that nobody knows, go: their values stay text. So do defaults of what is
    a class elsewhere, since a plain value is none of it.
    """
    if isinstance(node, list):
        return [_as_types(one) for one in node]
    if not isinstance(node, dict):
        return node
    left_out = set()
    if isinstance(node.get("format"), str) and (node["format"] not in _FORMATS or not _fits(node)):
        left_out.add("format")
    if any(isinstance(node.get(key), kind) for key, kind in _REFERS):
        left_out.add("default")
    return {key: _as_types(one) for key, one in node.items() if key not in left_out}


def _fits(node: dict[str, Any]) -> bool:
    """Whether a format is of the type that it stands beside: documents have numbers in strings, `int64` say."""
    kinds = node.get("type")
    return node["format"] not in _NUMBERS or "string" not in ([kinds] if isinstance(kinds, str) else kinds or ())


def _line(title: str) -> str:
    return " ".join(title.replace("\\", "/").replace('"', "'").split()) or "An API"


def _generator() -> Any:
    try:
        return import_module("datamodel_code_generator")
    except ImportError:
        raise UsageError(
            'typed Python needs datamodel-code-generator\nInstall it: pip install "lookalike[types]"'
        ) from None
