"""What the tests read of each API's answers, kept in a file beside the declared replies.

One JSON object a line: `{"api", "reads"}`, where `reads` is what `Reads.to_json` gives.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from lookalike.codec import decode_json, encode_json
from lookalike.contract.disk import replace_file
from lookalike.contract.reads import Reads
from lookalike.errors import FileError, InvalidJson

DEFAULT = Path(".lookalike") / "reads.ndjson"
MOCKS = DEFAULT.with_name("mocks.ndjson")
_ANEW = "Next: delete it; the next run with --lookalike-uses writes it anew"


def read_reads(path: str | os.PathLike[str], keep: Callable[[str], bool] = lambda test: True) -> dict[str, Reads]:
    """The reads by API; empty where there is no such file. Raises FileError for a broken one, which names the line.

    keep: whether a test's are wanted
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileError(path, f"can't be read: {error.strerror}", hint=_ANEW) from None
    found: dict[str, Reads] = {}
    for number, text in enumerate(content.splitlines(), 1):
        try:
            line = decode_json(text)
            found.setdefault(str(line["api"]), Reads()).add(Reads.from_json(line["reads"], keep))
        except (InvalidJson, KeyError, TypeError, ValueError, AttributeError):
            raise FileError(path, "not what tests read of an API", place=f"line {number}", hint=_ANEW) from None
    return found


def write_reads(path: Path, reads: Mapping[str, Reads], keep: Callable[[str], bool] = lambda test: False) -> None:
    """Write the reads, sorted, beside the file and then in its place.

    keep: whether what the file has of a test stays. Raises FileError.
    """
    try:
        found = read_reads(path, keep)
    except FileError:
        found = {}
    for api, new in reads.items():
        found.setdefault(api, Reads()).add(new)
    lines = [
        encode_json({"api": api, "reads": one.to_json()}) + b"\n"
        for api, one in sorted(found.items())
        if one.operations
    ]
    replace_file(path, b"".join(lines))
