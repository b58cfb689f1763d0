"""Contracts on disk: NAME.yaml (or .json), which people edit, and NAME.evidence.json, the counts behind it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from lookalike.contract.cache import Cache, key_of
from lookalike.contract.contract import Contract
from lookalike.contract.disk import read_document, unpacked, write_all
from lookalike.contract.disk import replace_file as replace_file
from lookalike.contract.evidence_file import evidence_bytes as evidence_bytes
from lookalike.contract.evidence_file import evidence_path as evidence_path
from lookalike.contract.evidence_file import read_evidence as read_evidence
from lookalike.contract.openapi import Document, leads_out, pointer_to
from lookalike.contract.text import CACHE_VERSION, dump, keep, parse, round_trip, yaml_bytes
from lookalike.errors import FileError

if TYPE_CHECKING:
    from lookalike.contract.references import Files

_WHOLE = Cache("documents")

StrPath = str | PathLike[str]


def load(
    path: StrPath,
    *,
    base_url: str | None = None,
    allow_refs: Iterable[str] = (),
    fetch: Callable[[str], bytes] | None = None,
) -> Contract:
    """Read a contract, and the evidence beside it if there is some.

    path:       an OpenAPI document (3.0, 3.1, 3.2, or Swagger 2.0) or a Postman collection (2.0, 2.1), YAML or JSON,
                also packed (`.gz`); other files that it refers to are read too, those below its own folder
    base_url:   where the API is, in place of the document's first server
    allow_refs: URLs (`https://schemas.example.com/`) and folders that its references may lead to besides
    fetch:      gets what such a URL holds
    Warns where the evidence of a learned document is missing. Raises FileError that names the place and the next step.
    """
    own = Path(path)
    document = _document(own, str(path), tuple(allow_refs), fetch)
    beside = evidence_path(own)
    ledger = read_evidence(beside, document) if beside.exists() else None
    if ledger is None and document.learned:
        warnings.warn(
            f"{beside} is missing, so that nobody can tell how often {path} was right: restore it from version control,"
            " or learn again",
            stacklevel=2,
        )
    learned = document.learned or (ledger is not None and ledger.document is not None)
    if base_url is None and document.base_url is None and ledger is not None:
        base_url = ledger.base_url or None
    name = unpacked(own).name.removesuffix(unpacked(own).suffix)
    return Contract(document, name=name, base_url=base_url, source=str(path), learned=learned, evidence=ledger)


def _document(own: Path, shown: str, allow: tuple[str, ...], fetch: Callable[[str], bytes] | None) -> Document:
    content = read_document(own)
    root = parse(content, Path(shown))
    if isinstance(root, Mapping) and root.keys() & {"item", "requests", "collection"}:
        from lookalike.contract import postman

        if postman.is_collection(root):
            return postman.convert(root, shown)
    files: list[Path] = []
    if leads_out(content):
        from lookalike.contract.references import Files, gather

        source = Files(own, shown=shown, read=_read_part, parse=parse, allow=allow, fetch=fetch)
        key = key_of(CACHE_VERSION, os.path.abspath(own).encode(), content, *(one.encode() for one in allow))
        kept = _kept_whole(key, source)
        if kept is None:
            kept = gather(root, os.path.abspath(own), source, shown), source.read_files
            _keep_whole(key, kept[0], source)
        root, files = kept
    document = Document(root, shown, files=files)
    _check_references(document, content)
    return document


def _kept_whole(key: str, source: Files) -> tuple[Any, list[Path]] | None:
    """A document that was brought together before, with its other files, where each of them is what it was then."""
    content = _WHOLE.get(key)
    if content is None:
        return None
    with suppress(ValueError, KeyError, TypeError, FileError):
        whole = orjson.loads(content)
        files = {Path(path): digest for path, digest in whole["files"].items()}
        if all(source.may_read(path) and key_of(_read_part(path)) == digest for path, digest in files.items()):
            return whole["root"], list(files)
    return None


def _keep_whole(key: str, root: Any, source: Files) -> None:
    """Keep what was brought together from files alone: what was fetched may be another thing tomorrow."""
    if not source.fetched:
        with suppress(TypeError, FileError):
            files = {str(path): key_of(_read_part(path)) for path in source.read_files}
            _WHOLE.put(key, orjson.dumps({"files": files, "root": root}))


def _read_part(path: Path) -> bytes:
    return read_document(path, "a part of a contract")


def save(contract: Contract, path: StrPath) -> None:
    """Write a contract: a learned one as document and evidence, for a vendor's document the evidence alone.

    What people changed in the file since lookalike wrote it stays, comments included. Each file is written beside its
    place and then renamed, the evidence first; a document that is older than its evidence is brought up to date by the
    next save. Raises FileError.
    """
    own = Path(path)
    ledger = contract.evidence
    if own.suffix == ".gz" and not own.exists():
        raise FileError(own, "a packed document is only read", hint=f"Write {unpacked(own).name}.")
    if not contract.learned or ledger is None or ledger.document is None:
        if not own.exists():
            replace_file(own, dump(contract.document.root, own))
        if ledger is not None:
            replace_file(evidence_path(own), evidence_bytes(ledger))
        return
    fresh = not own.exists()
    document = _document_bytes(own, contract, ledger.document)
    write_all({evidence_path(own): evidence_bytes(ledger), own: document})
    if own.suffix != ".json" and (fresh or document == dump(contract.document.root, own)):
        keep(document, contract.document.root)


def _document_bytes(own: Path, contract: Contract, machine: Mapping[str, Any]) -> bytes:
    """The document to write: merged into what is on disk, else what the contract holds."""
    if not own.exists():
        return dump(contract.document.root, own)
    content = read_document(own)
    current = parse(content, own)
    Document(current, str(own))
    beside = evidence_path(own)
    written = read_evidence(beside, Document(current, str(own))) if beside.exists() else None
    base: Mapping[str, Any] | None = written.document if written is not None else None
    if base is None and not Document(current, str(own)).learned:
        raise FileError(
            own, "lookalike didn't write this document and won't change it", hint="Choose another file to learn into."
        )
    from lookalike.contract.merge import marks_of, merge, still_shared  # reading a contract merges nothing

    base = marks_of(current) if base is None else base
    machine = still_shared(base, current, machine)
    since = contract.evidence.latest if contract.evidence is not None else ""
    if own.suffix == ".json":
        return dump(merge(base, current, machine, since=since), own)
    expected = merge(base, deepcopy(current), machine, since=since)
    # What nobody needs to change stays as the person formatted it, to the byte.
    return content if expected == current else _merged_bytes(own, content, expected, base, machine, since)


def _merged_bytes(own: Path, content: bytes, expected: Any, base: Any, machine: Any, since: str) -> bytes:
    """The person's text with what is new put into it; nothing is written that would be read as something else."""
    from ruamel.yaml.error import YAMLError

    from lookalike.contract.merge import merge  # as above

    yaml = round_trip()
    try:
        merged = yaml_bytes(yaml, merge(base, yaml.load(content.decode("utf-8-sig")), machine, since=since))
        if parse(merged, own) == expected:
            return merged
        problem = "a tag, a directive or a date in it would be read as something else"
    except (YAMLError, ValueError) as error:
        problem = " ".join(str(error).split())
    raise FileError(
        own,
        f"this can't be brought up to date: {problem}",
        hint="Put such values into quotes, and take out directives.",
    )


def _check_references(document: Document, content: bytes) -> None:
    """Every `$ref` of a small document is followed when it is read; a large one's when they are used."""
    if len(content) > 2 * 1024 * 1024:
        return
    stack: list[tuple[Any, str]] = [
        (document.root.get(key), f"#/{key}") for key in ("paths", "components", "webhooks") if key in document.root
    ]
    while stack:
        node, pointer = stack.pop()
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str):
                document.resolve(node, pointer)
            stack += [
                (value, pointer_to(key, base=pointer))
                for key, value in node.items()
                if isinstance(value, Mapping | list) and key not in ("example", "examples", "default", "enum", "const")
            ]
        elif isinstance(node, list):
            stack += [(one, pointer_to(at, base=pointer)) for at, one in enumerate(node)]
