"""Answers that hold a credential under its name and repeat it under another one, found by what was counted of them."""

from __future__ import annotations

from collections.abc import Iterator

from lookalike.contract.counts import RecordingCounts
from lookalike.contract.header_words import still_there
from lookalike.contract.recording import learn_seen
from lookalike.contract.seen import Seen, hash_of
from lookalike.contract.skeleton import skeleton
from lookalike.messages import Exchange, Headers, Request, Response
from lookalike.secrets import is_secret_name, names_secrets, without_echoes
from lookalike.shape.counts import Counts

_ANY = "https://any.test"


def learn_clean(found: list[Seen]) -> RecordingCounts:
    """Count exchanges of which nothing was looked for in the bodies of the answers.

    To look through each costs a third of learning it. The names of keys are counted anyway: only where one of them is
    that of a credential, the bodies are looked through and counted again.
    """
    counts = learn_seen(found)
    if not any(map(_names_one, _shapes(counts))):
        return counts
    clean = [_without_repeats(one) for one in found]
    return counts if all(one is known for one, known in zip(clean, found, strict=True)) else learn_seen(clean)


def _shapes(counts: RecordingCounts) -> Iterator[Counts]:
    for operation in counts.operations.values():
        for answer in operation.answers.values():
            for body in answer.media.values():
                yield body.shape


def _names_one(shape: Counts) -> bool:
    """Whether a key is that of a credential, or nobody can tell any more, since keys aren't kept by name."""
    below: list[Counts] = [shape]
    while below:
        one = below.pop()
        if one.array is not None:
            below.append(one.array.items)
        if one.object is not None:
            if one.object.rest.n or any(map(is_secret_name, one.object.keys)):
                return True
            below.extend(one.object.keys.values())
    return False


def _without_repeats(seen: Seen) -> Seen:
    """The exchange without what its answer repeats of its own credentials; itself where there is nothing."""
    content = seen.content
    if not content or not names_secrets(content if isinstance(content, str) else content.decode("utf-8", "replace")):
        return seen
    headers = Headers((name, seen.media.name if name.lower() == "content-type" else "") for name in seen.names)
    query = f"?{seen.query}" if seen.query else ""
    asked_headers = {"content-type": seen.asked_media.name}
    exchange = Exchange(
        Request(seen.method, f"{_ANY}{seen.path}{query}", asked_headers, _bytes(seen.asked_content)),
        Response(seen.status, headers, _bytes(content)),
    )
    clean = without_echoes(exchange)
    if clean is exchange or clean.response is None:
        return seen
    path = clean.request.path
    names = tuple(name for name, _ in clean.response.headers.pairs)
    return seen._replace(
        skeleton=skeleton(path),
        path=path,
        query=clean.request.query,
        target=seen.target if path == seen.path and clean.request.query == seen.query else clean.request.target,
        names=names,
        words=still_there(seen.words, names),
        content=clean.response.content or None,
        asked_content=clean.request.content or None,
        asked_hash=hash_of(clean.request.content)
        if clean.request.content != exchange.request.content
        else seen.asked_hash,
    )


def _bytes(content: bytes | str | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""
