"""The replies that tests declare, kept in a file, so that a verification can say which of them a change makes false.

One JSON object a line: `{"api", "method", "path", "status", "json", "where", "test"}`. Credentials and personal data
are redacted; `where` is file and line of the declaration, `test` the test's own name, or empty.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.codec import decode_json, encode_json
from lookalike.contract.drift import DeclaredMock
from lookalike.double.mock import MockDouble
from lookalike.double.reply import Reply
from lookalike.double.streams import Known
from lookalike.errors import FileError, InvalidJson
from lookalike.messages import Exchange, Request, Response
from lookalike.secrets import redact

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract

# Bytes of a body; a larger one is no example but a load.
_LARGEST = 100_000
_ANEW = "Next: delete it; the next test run writes it anew"
_FIELDS: dict[str, type] = {"api": str, "method": str, "path": str, "status": int, "where": str}


def declared_by(mock: MockDouble, api: str, test: str = "") -> list[dict[str, Any]]:
    """The replies that a mock declares below its API, as the file has them; those of functions aren't known."""
    lines = []
    for route in mock.routes:
        path = route.target.relative
        for reply in route.replies:
            if path is None or route.method is None or reply.response is None or reply.unchecked:
                continue
            if len(reply.response.content) > _LARGEST:
                continue
            known = _known(reply)
            if known is None:
                continue
            clean = redact(Exchange(Request(route.method, f"https://api.invalid{path}"), known))
            response = clean.response
            body = None
            if response is not None and response.is_json and response.content:
                try:
                    body = response.json()
                except InvalidJson:
                    continue
            lines.append(
                {
                    "api": api,
                    "method": route.method,
                    "path": path,
                    "status": reply.response.status,
                    "json": body,
                    "where": str(reply.place),
                    "test": test,
                }
            )
    return lines


def _known(reply: Reply) -> Response | None:
    """What a reply is known to send. A test's own stream isn't run for it, as it may fail or have no end."""
    sent = reply.response
    if sent is None or sent.chunks is None or isinstance(sent.chunks, Known):
        return sent
    return None if sent.is_json else Response(sent.status, sent.headers)


def read_mocks(path: str | os.PathLike[str], *, api: str, contract: Contract | None = None) -> list[DeclaredMock]:
    """The declared replies of one API; an empty list where there is no such file. Raises FileError for a broken one."""
    return mocks_of(read_lines(Path(path)), api=api, contract=contract)


def mocks_of(lines: Iterable[dict[str, Any]], *, api: str, contract: Contract | None = None) -> list[DeclaredMock]:
    """The declared replies of one API, of a file's lines."""
    return [
        DeclaredMock(
            operation=_operation(contract, line["method"], line["path"]),
            method=line["method"],
            path=line["path"],
            status=line["status"],
            body=line.get("json"),
            where=line["where"],
        )
        for line in lines
        if line["api"] == api
    ]


def _operation(contract: Contract | None, method: str, path: str) -> str:
    operation = contract.find(method, path) if contract is not None else None
    return operation.key if operation is not None else ""


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The file's lines; none where there is no file. Raises FileError, which names the line."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FileError(path, f"can't be read: {error.strerror}", hint=_ANEW) from None
    lines = []
    for number, text in enumerate(content.splitlines(), 1):
        try:
            line = decode_json(text)
        except InvalidJson as error:
            raise _broken(path, number, str(error)) from None
        if not isinstance(line, dict) or not all(isinstance(line.get(key), kind) for key, kind in _FIELDS.items()):
            raise _broken(path, number, f"not a declared mock; it has {', '.join(_FIELDS)}")
        lines.append(line)
    return lines


def _broken(path: Path, number: int, problem: str) -> FileError:
    return FileError(path, problem, place=f"line {number}", hint=_ANEW)


def write_mocks(path: Path, lines: Iterable[dict[str, Any]], keep: Callable[[str], bool] = lambda test: False) -> None:
    """Write the lines, sorted and each once, beside the file and then in its place.

    keep: whether the lines of a test that are in the file stay. Raises FileError.
    """
    try:
        old = [line for line in read_lines(path) if keep(str(line.get("test", "")))]
    except FileError:
        old = []
    texts = sorted({encode_json(line) for line in [*old, *lines]}, key=_order)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{os.getpid()}.new")
        beside.write_bytes(b"".join(text + b"\n" for text in texts))
        beside.replace(path)
    except OSError as error:
        raise FileError(path, f"can't be written: {error.strerror}") from None


def _order(text: bytes) -> tuple[Sequence[Any], bytes]:
    line = decode_json(text)
    file, _, number = line["where"].rpartition(":")
    return [line["api"], file, int(number) if number.isdigit() else 0, line["method"], line["path"]], text
