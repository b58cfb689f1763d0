"""Forms: urlencoded and multipart fields, and the files of a multipart body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from lookalike.counted import counted
from lookalike.double import multipart
from lookalike.double.bodies import content_of, of_bytes
from lookalike.double.check import Check, Wanted
from lookalike.double.combined import exactly
from lookalike.double.diff import differences, is_pure
from lookalike.double.matcher import Matcher
from lookalike.double.matchers import absent, including
from lookalike.double.named import of_values, plain_value, plain_values
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.messages import MultiDict, Request
from lookalike.mismatch import Mismatch


class FormBody(Check):
    """All fields of an urlencoded or multipart form; `including(...)` for some."""

    def __init__(self, wanted: Any) -> None:
        self._part = isinstance(wanted, including)
        self._wanted = plain_values(_named(wanted), "form")
        self.pure = is_pure(self._wanted)

    @property
    def wanted(self) -> Wanted:
        return tuple((f"form {name}", words(value)) for name, value in self._wanted.items())

    def explain(self, request: Request) -> Iterator[Mismatch]:
        yield from multipart.no_boundary(request)
        got = _fields(request)
        for name, wanted in self._wanted.items():
            yield from of_values(wanted, got.get_all(name), f"form {name}")
        if not self._part:
            for name in got:
                if name not in self._wanted:
                    yield Mismatch(f"form {name}", "no such field", words(got[name]))


def _named(wanted: Any) -> Any:
    if isinstance(wanted, including):
        return wanted.part
    return wanted.value if isinstance(wanted, exactly) else wanted


def _fields(request: Request) -> MultiDict:
    if request.content_type == "multipart/form-data":
        return MultiDict(
            (part.name, part.content.decode("utf-8", "replace"))
            for part in multipart.parts(request)
            if part.filename is None
        )
    return request.form


class _File(NamedTuple):
    """What is asked of one file; None for a name or content type that isn't compared."""

    filename: Any
    content: bytes | Matcher
    kind: Any


class Files(Check):
    """All files of a multipart form, by the name of their field; a list for several under one name.

    Each is its content (bytes, text or a matcher), (file name, content) or (file name, content, content type).
    """

    def __init__(self, wanted: Any) -> None:
        self._part = isinstance(wanted, including)
        named = _named(wanted)
        if not isinstance(named, Mapping):
            raise UsageError(f'files= takes a dict, files={{"upload": b"..."}}, not {named!r}')
        self._wanted = {str(name): _files(value, f"files[{str(name)!r}]") for name, value in named.items()}
        self.pure = is_pure(list(self._wanted.values()))

    @property
    def wanted(self) -> Wanted:
        return tuple((f"file {name}", words(file.content)) for name, files in self._wanted.items() for file in files)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        yield from multipart.no_boundary(request)
        got: dict[str, list[multipart.Part]] = {}
        for part in multipart.parts(request):
            if part.filename is not None:
                got.setdefault(part.name, []).append(part)
        for name, files in self._wanted.items():
            yield from _of_files(files, got.get(name, []), f"file {name}")
        if not self._part:
            for name, parts in got.items():
                if name not in self._wanted:
                    yield Mismatch(f"file {name}", "no such file", f"{len(parts[0].content)} bytes")


def _of_files(files: list[_File], parts: list[multipart.Part], where: str) -> Iterator[Mismatch]:
    if len(files) == 1 and files[0].content is absent:
        if parts:
            yield Mismatch(where, "nothing", f"{len(parts[0].content)} bytes")
        return
    if not parts:
        yield Mismatch(where, "a file" if len(files) == 1 else f"{len(files)} files", "missing")
        return
    if len(parts) != len(files):
        yield Mismatch(where, counted(len(files), "file"), f"{len(parts)} files")
        return
    for file, part in zip(files, parts, strict=True):
        if file.filename is not None:
            yield from _of_filename(file.filename, part.filename or "", f"{where} name")
        if file.kind is not None:
            yield from differences(file.kind, part.content_type, f"{where} type")
        yield from of_bytes(file.content, part.content, part.content, where)


def _of_filename(wanted: Any, got: str, where: str) -> Iterator[Mismatch]:
    """As sent or as meant: aiohttp percent-encodes a file's name, others no more than its quotes."""
    found = list(differences(wanted, got, where))
    meant = unquote(got) if found else got
    if meant == got or any(True for _ in differences(wanted, meant, where)):
        yield from found


def _files(value: Any, where: str) -> list[_File]:
    return [_file(one, where) for one in value] if isinstance(value, list) else [_file(value, where)]


def _file(value: Any, where: str) -> _File:
    filename: Any = None
    kind: Any = None
    content = value
    if isinstance(value, tuple):
        if len(value) not in (2, 3):
            raise UsageError(f"{where} is (file name, content) or (file name, content, content type), not {value!r}")
        filename, content, kind = (*value, None) if len(value) == 2 else value
    if hasattr(content, "read"):
        raise UsageError(f"{where} is an open file; give what is in it, as bytes or text, or ANY")
    content = absent if content is None else content_of(content, where)
    plain = [None if one is None else plain_value(one, where) for one in (filename, kind)]
    return _File(plain[0], content, plain[1])
