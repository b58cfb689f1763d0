"""The file of the counts behind a contract: NAME.evidence.json, which only lookalike writes."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.codec import decode_json
from lookalike.contract.disk import read_bytes, unpacked
from lookalike.contract.openapi import Document
from lookalike.contract.written import lines
from lookalike.errors import FileError, InvalidJson

if TYPE_CHECKING:
    from lookalike.contract.ledger import Ledger, Recording

MAX_EVIDENCE = 512 * 1024 * 1024
FORMAT = "lookalike-evidence/1"


def evidence_path(path: str | PathLike[str]) -> Path:
    """Where the evidence of a contract is: `contracts/todos.yaml` has `contracts/todos.evidence.json`."""
    own = unpacked(Path(path))
    return own.with_name(own.name.removesuffix(own.suffix) + ".evidence.json")


def read_evidence(path: str | PathLike[str], document: Document | None = None) -> Ledger:
    """Read an evidence file. `document` is the contract that it must belong to. Raises FileError."""
    own = Path(path)
    content = read_bytes(own, MAX_EVIDENCE, "evidence")
    again = "Restore it from version control, or delete it and learn again."
    try:
        data = decode_json(content)
    except InvalidJson as error:
        cut = not content.rstrip().endswith(b"}") or "unexpected end" in str(error)
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
    from lookalike.contract.ledger import Era, Ledger  # a contract without evidence needs none of it

    return Ledger(
        recordings=_recordings(data["recordings"], source),
        disputed={key: _recordings(found, source) for key, found in data.get("disputed", {}).items()},
        eras={key: Era(era["day"], frozenset(era.get("without", ()))) for key, era in data.get("eras", {}).items()},
        document=data.get("document"),
        base_url=data.get("base_url", ""),
    )


def _recordings(data: Mapping[str, Any], source: str) -> dict[str, Recording]:
    from lookalike.contract.ledger import Recording, few  # as above

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
