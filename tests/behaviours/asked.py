"""What a client is told to do, and what it says of the outcome: the same words for every client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# What differs from run to run without anybody's doing.
_VOLATILE = frozenset({"date", "server", "connection", "amz-sdk-invocation-id", "x-amz-date"})


@dataclass(frozen=True)
class Ask:
    """One request. Of the bodies at most one is given.

    pieces: a body that the client streams; timeout: seconds; stream: the answer is read in pieces of `piece` bytes
    retries: how often a 503 is asked again; digest: user and password of a digest authentication
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    json: Any = None
    form: tuple[tuple[str, str], ...] = ()
    file: tuple[str, bytes] | None = None
    pieces: tuple[bytes, ...] = ()
    timeout: float = 5.0
    follow: bool = True
    stream: bool = False
    piece: int = 7
    retries: int = 0
    basic: tuple[str, str] | None = None
    digest: tuple[str, str] | None = None
    expect: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """What a client has to be able to do for it."""
        found = {name for name in ("retries", "basic", "digest", "expect", "pieces", "file") if getattr(self, name)}
        return frozenset(found | (set() if self.follow else {"no-follow"}))


@dataclass
class Told:
    """What became of one request, as the client says it: a response, or the name of its exception."""

    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    url: str = ""
    hops: int = 0
    error: str = ""
    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.headers = sorted((name.lower(), value) for name, value in self.headers if name.lower() not in _VOLATILE)


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> Heard:
        """With what is random taken out: dates, ids, the boundary of a multipart body, a digest's own nonce."""
        pairs = []
        for name, value in sorted((name.lower(), value) for name, value in headers):
            if name in _VOLATILE:
                continue
            if "boundary=" in value:
                boundary = value.partition("boundary=")[2].strip('"')
                value, body = value.replace(boundary, "B"), body.replace(boundary.encode(), b"B")
            if value.startswith("Digest "):
                value = "Digest"
            if name == "content-length" and "boundary" in dict(headers).get("Content-Type", ""):
                value = "any"
            pairs.append((name, value))
        return cls(method, target, tuple(pairs), body)


def error_name(error: BaseException) -> str:
    """`requests.exceptions.ReadTimeout`"""
    return f"{type(error).__module__}.{type(error).__qualname__}"
