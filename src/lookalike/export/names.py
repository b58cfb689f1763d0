"""Names for what a contract's operations take and answer, as programs write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Container

from lookalike.contract.operation import Operation

_VARIABLE = re.compile(r"\{([^{}]*)\}")


def pascal(words: str) -> str:
    """`ListTodos` of `list todos`, `list-todos`, `list.todos`, `listTodos`; a digit first gets an underscore."""
    parts = re.findall(r"[A-Za-z0-9]+", words)
    joined = "".join(part[0].upper() + part[1:] for part in parts) or "Value"
    return f"_{joined}" if joined[0].isdigit() else joined


def operation_name(operation: Operation) -> str:
    """The operationId, else method and path: `GetTodosById` of `GET /todos/{id}`."""
    if operation.id != f"{operation.method.lower()} {operation.path}":
        return pascal(operation.id)
    return pascal(f"{operation.method.lower()} {_VARIABLE.sub(lambda found: f' by {found[1]} ', operation.path)}")


def free(name: str, taken: Container[str] | Collection[str]) -> str:
    """The name, or the next one with a number that isn't taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}{number}", number + 1
    return found
