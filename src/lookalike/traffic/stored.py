"""What recorders of several formats leave to their readers: a type that goes without saying, a day, a file beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from lookalike.traffic.bodies import Fields, Unreadable
from lookalike.traffic.dates import day_of


def first(node: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    """The value of the first of the names that is there and no null, else the default."""
    return next((node[name] for name in names if node.get(name) is not None), default)


def typed(headers: Iterable[tuple[str, str]], kind: str) -> Fields:
    """The headers, with the content type where none of them says it."""
    pairs = list(headers)
    if not kind or any(name.lower() == "content-type" for name, _ in pairs):
        return pairs
    return [*pairs, ("content-type", kind)]


def content_type(headers: Iterable[tuple[str, str]]) -> str:
    """The value of the Content-Type header, `""` where there is none."""
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def day_said(headers: Iterable[tuple[str, str]]) -> str:
    """The day of the Date header (RFC 9110, section 6.6.1), `""` where there is none."""
    return next((day_of(value) for name, value in headers if name.lower() == "date"), "")


def file_beside(folder: Path, name: Any, limit: int) -> bytes:
    """A file that a recording names, in its own folder. Raises Unreadable; nothing outside of the folder is read."""
    if not isinstance(name, str) or not name or PurePosixPath(name).is_absolute():
        raise Unreadable(f"its body is in the file {name!r}, which is no relative path")
    try:
        inside = folder.resolve()
        path = (inside / name).resolve()
        if not path.is_relative_to(inside):
            raise Unreadable(f"its body is in {name!r}, outside of {folder}")
        if path.stat().st_size > limit:
            raise Unreadable(f"its body's file {name!r} has more than {limit:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"its body's file {name!r} can't be read: {error.strerror}") from None
    except ValueError:
        raise Unreadable(f"its body's file {name!r} has no name that a file can have") from None
