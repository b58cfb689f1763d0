"""What a request and a response share: header fields and a body; its text and JSON are decoded when asked for, once."""

from __future__ import annotations

from typing import Any

from lookalike.codec import decode_content, decode_json
from lookalike.fields import Headers
from lookalike.response_parts import UNSET

_set = object.__setattr__


class Frozen:
    """A value whose attributes can't be set or deleted."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; make a new one to change {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; {name!r} can't be deleted")


class Message(Frozen):
    """What a request and a response share. `_json` is UNSET until it is asked for."""

    __slots__ = ("_json", "content", "headers")
    headers: Headers
    content: bytes
    _json: Any

    @property
    def content_type(self) -> str:
        """The media type in lower case without its parameters, `""` if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the media type is JSON or has the suffix `+json` (RFC 6839)."""
        kind = self.content_type
        return kind == "application/json" or kind.endswith("+json") or kind == "text/json"

    @property
    def body(self) -> bytes:
        """The content with gzip, deflate, br and zstd undone (the last two where their library is installed); as it is
        where the coding is unknown or broken.
        """
        return decode_content(self.content, self.headers.get("content-encoding", ""))

    @property
    def text(self) -> str:
        """The body as text, in the charset that the content type names, else UTF-8; bad bytes are replaced."""
        charset = "utf-8"
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                charset = value.strip().strip('"')
        try:
            return self.body.decode(charset, "replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body decoded as JSON, once. Raises InvalidJson."""
        if self._json is UNSET:
            _set(self, "_json", decode_json(self.body))
        return self._json
