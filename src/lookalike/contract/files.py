"""Contracts on disk: NAME.yaml (or .json), which people edit, and NAME.evidence.json, the counts behind it."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from os import PathLike
from pathlib import Path
from stat import S_ISFIFO
from typing import TYPE_CHECKING, Any

import orjson

from lookalike.codec import decode_json
from lookalike.contract.cache import Cache, key_of
from lookalike.contract.contract import Contract
from lookalike.contract.ledger import Era, Ledger, Recording, few
from lookalike.contract.merge import marks_of, merge, still_shared
from lookalike.contract.openapi import Document, leads_out, pointer_to
from lookalike.contract.written import lines
from lookalike.errors import FileError, InvalidJson

if TYPE_CHECKING:
    from ruamel.yaml import YAML

    from lookalike.contract.references import Files

MAX_DOCUMENT = 64 * 1024 * 1024
MAX_EVIDENCE = 512 * 1024 * 1024
FORMAT = "lookalike-evidence/1"
# Parsing YAML takes seconds per megabyte, so what was parsed is kept; the number changes when the reader does.
_CACHE_VERSION = b"2"
_WORTH_CACHING = 16 * 1024
_PARSED = Cache("yaml")
_WHOLE = Cache("documents")

StrPath = str | PathLike[str]


def evidence_path(path: StrPath) -> Path:
    """Where the evidence of a contract is: `contracts/todos.yaml` has `contracts/todos.evidence.json`."""
    own = _unpacked(Path(path))
    return own.with_name(own.name.removesuffix(own.suffix) + ".evidence.json")


def _unpacked(own: Path) -> Path:
    """A file's name without the `.gz` of a packed one."""
    return own.with_suffix("") if own.suffix == ".gz" else own


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
    name = _unpacked(own).name.removesuffix(_unpacked(own).suffix)
    return Contract(document, name=name, base_url=base_url, source=str(path), learned=learned, evidence=ledger)


def _document(own: Path, shown: str, allow: tuple[str, ...], fetch: Callable[[str], bytes] | None) -> Document:
    content = _unpack(_read(own, MAX_DOCUMENT, "a contract"), own)
    root = _parse(content, Path(shown))
    if isinstance(root, Mapping) and root.keys() & {"item", "requests", "collection"}:
        from lookalike.contract import postman

        if postman.is_collection(root):
            return postman.convert(root, shown)
    files: list[Path] = []
    if leads_out(content):
        from lookalike.contract.references import Files, gather

        source = Files(own, shown=shown, read=_read_other, parse=_parse, allow=allow, fetch=fetch)
        key = key_of(_CACHE_VERSION, os.path.abspath(own).encode(), content, *(one.encode() for one in allow))
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
        if all(source.may_read(path) and key_of(_read_other(path)) == digest for path, digest in files.items()):
            return whole["root"], list(files)
    return None


def _keep_whole(key: str, root: Any, source: Files) -> None:
    """Keep what was brought together from files alone: what was fetched may be another thing tomorrow."""
    if not source.fetched:
        with suppress(TypeError, FileError):
            files = {str(path): key_of(_read_other(path)) for path in source.read_files}
            _WHOLE.put(key, orjson.dumps({"files": files, "root": root}))


def _read_other(path: Path) -> bytes:
    return _unpack(_read(path, MAX_DOCUMENT, "a part of a contract"), path)


def _unpack(content: bytes, own: Path) -> bytes:
    """The content of a packed file. Raises FileError for one that is broken, or too large when it is unpacked."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            plain = packed.read(MAX_DOCUMENT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(own, f"broken gzip: {error}", hint="Restore the file, or fetch it again.") from None
    if len(plain) > MAX_DOCUMENT:
        raise FileError(own, f"unpacked it has more than {MAX_DOCUMENT:,} bytes", hint="Split it.")
    return plain


def save(contract: Contract, path: StrPath) -> None:
    """Write a contract: a learned one as document and evidence, for a vendor's document the evidence alone.

    What people changed in the file since lookalike wrote it stays, comments included. Each file is written beside its
    place and then renamed, the evidence first; a document that is older than its evidence is brought up to date by the
    next save. Raises FileError.
    """
    own = Path(path)
    ledger = contract.evidence
    if own.suffix == ".gz" and not own.exists():
        raise FileError(own, "a packed document is only read", hint=f"Write {_unpacked(own).name}.")
    if not contract.learned or ledger is None or ledger.document is None:
        if not own.exists():
            replace_file(own, _dump(contract.document.root, own))
        if ledger is not None:
            replace_file(evidence_path(own), evidence_bytes(ledger))
        return
    document = _document_bytes(own, contract, ledger.document)
    _write_all({evidence_path(own): evidence_bytes(ledger), own: document})
    if own.suffix != ".json" and document == _dump(contract.document.root, own):
        _keep(document, contract.document.root)


def _document_bytes(own: Path, contract: Contract, machine: Mapping[str, Any]) -> bytes:
    """The document to write: merged into what is on disk, else what the contract holds."""
    if not own.exists():
        return _dump(contract.document.root, own)
    content = _read(own, MAX_DOCUMENT, "a contract")
    current = _parse(content, own)
    Document(current, str(own))
    beside = evidence_path(own)
    written = read_evidence(beside, Document(current, str(own))) if beside.exists() else None
    base: Mapping[str, Any] | None = written.document if written is not None else None
    if base is None and not Document(current, str(own)).learned:
        raise FileError(
            own, "lookalike didn't write this document and won't change it", hint="Choose another file to learn into."
        )
    base = marks_of(current) if base is None else base
    machine = still_shared(base, current, machine)
    since = contract.evidence.latest if contract.evidence is not None else ""
    if own.suffix == ".json":
        return _dump(merge(base, current, machine, since=since), own)
    expected = merge(base, deepcopy(current), machine, since=since)
    # What nobody needs to change stays as the person formatted it, to the byte.
    return content if expected == current else _merged_bytes(own, content, expected, base, machine, since)


def _merged_bytes(own: Path, content: bytes, expected: Any, base: Any, machine: Any, since: str) -> bytes:
    """The person's text with what is new put into it; nothing is written that would be read as something else."""
    from ruamel.yaml.error import YAMLError

    yaml = round_trip()
    try:
        merged = _yaml_bytes(yaml, merge(base, yaml.load(content.decode("utf-8-sig")), machine, since=since))
        if _parse(merged, own) == expected:
            return merged
        problem = "a tag, a directive or a date in it would be read as something else"
    except (YAMLError, ValueError) as error:
        problem = " ".join(str(error).split())
    raise FileError(
        own,
        f"this can't be brought up to date: {problem}",
        hint="Put such values into quotes, and take out directives.",
    )


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(one) for one in node] if isinstance(node, list) else node


def round_trip() -> YAML:
    """Reads and writes YAML with its comments kept."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _yaml_bytes(yaml: YAML, value: Any) -> bytes:
    out = io.BytesIO()
    yaml.dump(value, out)
    return out.getvalue()


def _dump(root: Mapping[str, Any], own: Path) -> bytes:
    if own.suffix == ".json":
        return orjson.dumps(root, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return _yaml_bytes(round_trip(), _plain(root))


def _parse(content: bytes, own: Path) -> Any:
    """A document's bytes as JSON values. A file named .json is JSON; another is YAML, which JSON nearly always is."""
    if not content.strip():
        return None
    _check_text(content, own)
    named_json = _unpacked(own).suffix == ".json"
    if named_json or content.lstrip()[:1] == b"{":
        try:
            return decode_json(content)
        except InvalidJson as error:
            if named_json:
                raise FileError(own, str(error), hint="Restore the file, or correct it at that place.") from None
    key = key_of(_CACHE_VERSION, content) if len(content) >= _WORTH_CACHING else ""
    cached = _PARSED.get(key) if key else None
    if cached is not None:
        with suppress(ValueError):
            return orjson.loads(cached)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(own, "this is no UTF-8 text", place=f"byte {error.start}", hint="Save it as UTF-8.") from None
    # Imported here: what is in the cache needs no YAML library, whose import takes longer than the reading.
    from lookalike.contract import yaml

    value = yaml.read_yaml(text, str(own))
    _keep(content, value)
    return value


def _check_text(content: bytes, own: Path) -> None:
    """Raises FileError for what can't be the text of a document, told by how it begins."""
    for begin, problem, hint in _NO_TEXT:
        if content.startswith(begin):
            raise FileError(own, problem, hint=hint)
    if b"\0" in content[:1024]:
        raise FileError(own, "this is binary, no text", hint=_NO_TEXT_HINT)


_NO_TEXT_HINT = "A contract is YAML or JSON: restore the file, or name another one."
_NO_TEXT = (
    (b"\xff\xfe", "this is UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "this is UTF-16", "Save it as UTF-8."),
    (b"\x28\xb5\x2f\xfd", "this is packed by Zstandard", "Unpack it first; only gzip is read as it is."),
    (b"PK\x03\x04", "this is a zip archive", "Unpack it first, and name the document in it."),
    (b"\x89PNG", "this is a PNG image", _NO_TEXT_HINT),
    (b"%PDF", "this is a PDF", _NO_TEXT_HINT),
)


def _keep(content: bytes, value: Any) -> None:
    """Keep what was parsed of a text that takes long."""
    if len(content) >= _WORTH_CACHING:
        with suppress(TypeError):  # an integer beyond 64 bits
            _PARSED.put(key_of(_CACHE_VERSION, content), orjson.dumps(value))


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


def read_evidence(path: StrPath, document: Document | None = None) -> Ledger:
    """Read an evidence file. `document` is the contract that it must belong to. Raises FileError."""
    own = Path(path)
    content = _read(own, MAX_EVIDENCE, "evidence")
    again = "Restore it from version control, or delete it and learn again."
    try:
        data = decode_json(content)
    except InvalidJson as error:
        cut = not content.rstrip().endswith(b"}")
        problem = f"cut off after {len(content):,} bytes: {error}" if cut else str(error)
        raise FileError(own, problem, place="evidence", hint=again) from None
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, Mapping) else type(data).__name__
        raise FileError(
            own, f"this is no evidence that this version reads: expected {FORMAT!r}, got {found!r}", hint=again
        )
    try:
        ledger = _ledger(data, str(own))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(own, f"broken evidence: {type(error).__name__} {error}", hint=again) from None
    if document is not None:
        _same_contract(own, ledger, document)
    return ledger


def _same_contract(own: Path, ledger: Ledger, document: Document) -> None:
    theirs = (ledger.document or {}).get("paths") or {}
    ours = document.root.get("paths") or {}
    if theirs and ours and not set(theirs) & set(ours):
        raise FileError(
            own,
            f"this is the evidence of another contract: it knows {sorted(theirs)[0]}, {document.path} has"
            f" {sorted(map(str, ours))[0]} and none of the same paths",
            hint=f"Put the evidence of {document.path} there, or delete it and learn again.",
        )


def _ledger(data: Mapping[str, Any], source: str) -> Ledger:
    return Ledger(
        recordings=_recordings(data["recordings"], source),
        disputed={key: _recordings(found, source) for key, found in data.get("disputed", {}).items()},
        eras={key: Era(era["day"], frozenset(era.get("without", ()))) for key, era in data.get("eras", {}).items()},
        document=data.get("document"),
        base_url=data.get("base_url", ""),
    )


def _recordings(data: Mapping[str, Any], source: str) -> dict[str, Recording]:
    return {
        id_: Recording(one.get("day", ""), one["counts"], source, few(map(str, one.get("from", ()))))
        for id_, one in data.items()
    }


def evidence_bytes(ledger: Ledger) -> bytes:
    """The evidence file's content: sorted, a line for what is short, so that it diffs well."""
    data = {
        "format": FORMAT,
        "base_url": ledger.base_url,
        "eras": {
            key: {"day": era.day, **({"without": sorted(era.without)} if era.without else {})}
            for key, era in sorted(ledger.eras.items())
        },
        "recordings": _recordings_json(ledger.recordings),
        "disputed": {key: _recordings_json(found) for key, found in sorted(ledger.disputed.items())},
        "document": ledger.document,
    }
    return (lines(data) + "\n").encode()


def _recordings_json(recordings: Mapping[str, Recording]) -> dict[str, Any]:
    return {
        id_: {"day": one.day, **({"from": list(one.labels)} if one.labels else {}), "counts": one.data}
        for id_, one in sorted(recordings.items())
    }


def _read(own: Path, limit: int, what: str) -> bytes:
    try:
        found = own.stat()
        if S_ISFIFO(found.st_mode) and not str(own).startswith(("/dev/", "/proc/")):
            raise FileError(own, "this is a named pipe", hint="Write what comes out of it to a file first.")
        size = found.st_size
        if size <= limit:
            with own.open("rb") as file:  # devices and pipes have no size
                content = file.read(limit + 1)
            size = len(content)
        if size > limit:
            many = f"{size:,} bytes" if size > limit + 1 else "its bytes"
            raise FileError(own, f"{many} are too many for {what}, the limit is {limit:,}", hint="Split it.")
        return content
    except FileNotFoundError:
        raise FileError(own, "no such file", hint="Make it with `lookalike learn URL -o FILE`.") from None
    except IsADirectoryError:
        raise FileError(own, "this is a folder", hint="Name the contract's file in it.") from None
    except OSError as error:
        raise FileError(own, f"can't be read: {error.strerror}", hint="Check the file's permissions.") from None


def replace_file(own: Path, content: bytes) -> None:
    """Write a file beside its place, then rename it. Raises FileError."""
    _write_all({own: content})


def _write_all(files: Mapping[Path, bytes]) -> None:
    """Write all files beside their places first, then rename one after the other: a full disk harms none of them."""
    beside: list[tuple[Path, Path]] = []
    own = Path()
    try:
        for own, content in files.items():
            own.parent.mkdir(parents=True, exist_ok=True)
            if own.exists() and own.read_bytes() == content:
                continue
            beside.append((_beside(own, content), own))
        while beside:
            temporary, own = beside[0]
            os.replace(temporary, own)
            beside.pop(0)
    except OSError as error:
        raise FileError(
            own, f"can't be written: {error.strerror}", hint="Check the folder's permissions and the free space."
        ) from None
    finally:
        for temporary, _ in beside:
            temporary.unlink(missing_ok=True)


def _beside(own: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{own.name}.", suffix=".new", dir=own.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is private to its owner; the contract is as readable as a new file is.
        os.chmod(name, _mode(own))
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _mode(own: Path) -> int:
    with suppress(OSError):
        return own.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
