"""Bodies that are compared as a whole: JSON, text, and bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lookalike.codec import encode_json
from lookalike.double.check import Check, Wanted
from lookalike.double.combined import matcher_for
from lookalike.double.diff import differences, is_pure, prepare
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.matchers import absent
from lookalike.double.wording import has_matcher, words
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Request
from lookalike.mismatch import Mismatch


class JsonBody(Check):
    """The JSON body as a whole; `including(...)` for a part."""

    def __init__(self, wanted: Any) -> None:
        self._wanted = prepare(wanted)
        self._encoded = None if has_matcher(self._wanted) else encode_json(self._wanted)
        self.pure = is_pure(self._wanted)

    @property
    def wanted(self) -> Wanted:
        return (("json", words(self._wanted)),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        # Encoded once, when the route was declared; most clients in tests send the same compact bytes.
        if request.content == self._encoded and request.content:
            return
        if not request.content:
            if not isinstance(self._wanted, Matcher) or next(self._wanted.explain(MISSING, "json"), None) is not None:
                yield Mismatch("body", "JSON", "no body")
            return
        try:
            got = request.json()
        except InvalidJson as error:
            yield Mismatch("body", "JSON", str(error))
            return
        yield from differences(self._wanted, got)


class TextBody(Check):
    """The body as text, in the charset that its content type names."""

    def __init__(self, wanted: Any) -> None:
        self._wanted = _text(wanted)
        self.pure = is_pure(self._wanted)

    @property
    def wanted(self) -> Wanted:
        return (("text", words(self._wanted)),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        return differences(self._wanted, request.text, "text")


def _text(wanted: Any) -> str | Matcher:
    matcher = None if isinstance(wanted, str) else matcher_for(wanted)
    if matcher is not None:
        return matcher.on_text("text")
    if isinstance(wanted, str):
        return wanted
    raise UsageError(
        f'text= takes the text, including("a part of it"), a regular expression or a function, not {wanted!r}'
    )


class Content(Check):
    """The body's bytes, as they were sent or with their content coding undone."""

    def __init__(self, wanted: Any) -> None:
        self._wanted = content_of(wanted, "content")
        self.pure = is_pure(self._wanted)

    @property
    def wanted(self) -> Wanted:
        return (("body", words(self._wanted)),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        if self._wanted is absent and not request.content:
            return iter(())
        return of_bytes(self._wanted, request.content, request.body, "body")


def content_of(wanted: Any, where: str) -> bytes | Matcher:
    """Expected content as bytes or a matcher. Raises UsageError for anything else."""
    if isinstance(wanted, str):
        return wanted.encode()
    if isinstance(wanted, (bytes, bytearray)):
        return bytes(wanted)
    matcher = matcher_for(wanted)
    if matcher is not None:
        return matcher
    raise UsageError(f"{where} takes bytes, text or a matcher, not {wanted!r}")


def of_bytes(wanted: bytes | Matcher, raw: bytes, decoded: bytes, where: str) -> Iterator[Mismatch]:
    """What differs between expected content and what came, as sent or decoded."""
    if isinstance(wanted, Matcher):
        yield from wanted.explain(decoded, where)
    elif wanted not in (raw, decoded):
        yield Mismatch(where, words(wanted), words(decoded))
