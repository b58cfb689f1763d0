"""What a contract forbids a reply: status, media type, body, headers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lookalike.codec import encode_json
from lookalike.contract.compiled import Compiled
from lookalike.contract.openapi import is_json, media_for
from lookalike.contract.operation import Answer, Media, Operation
from lookalike.contract.schemas import Direction, locate
from lookalike.contract.sequences import items_of
from lookalike.contract.values import decode_parameter
from lookalike.errors import InvalidJson
from lookalike.messages import Response
from lookalike.mismatch import Level, Mismatch
from lookalike.shape.explain import explain
from lookalike.shape.shape import Shape

# Answers without a body, whatever the document says (RFC 9110, sections 9.3.2, 15.3.5, 15.4.5).
_BODYLESS = frozenset({204, 205, 304})
_STEP = re.compile(r'\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def place_path(place: str) -> list[str | int]:
    """The keys and positions of a place in words: `json[0].owner["odd key"]` is `[0, "owner", "odd key"]`."""
    from lookalike.codec import decode_json

    return [
        name or (int(position) if position else decode_json(quoted.encode()))
        for name, position, quoted in _STEP.findall(place)
    ]


class BodyChecks:
    """Holds a body to its schema, and says why in the words of the document or of the evidence."""

    def __init__(self, compiled: Compiled, *, learned: bool) -> None:
        self._compiled = compiled
        self._learned = learned

    def check(
        self,
        media: Media,
        value: Any,
        direction: Direction,
        shape: Shape | None,
        root: str,
        past: Shape | None = None,
    ) -> list[Mismatch]:
        """What is wrong with a decoded value; `past` is what was said of it before its era."""
        if media.schema is None:
            return []
        found = self.check_node(media.schema, media.pointer, value, direction, shape, root)
        if past is None or shape is None:
            return found
        from lookalike.contract import outdated  # documents have no past, and most of what is learned hasn't

        return [
            outdated.of_body(one, place_path(one.where[len(root) :]), value, shape, past)
            if one.where.startswith(root)
            else one
            for one in found
        ]

    def check_node(
        self, node: Any, pointer: str, value: Any, direction: Direction, shape: Shape | None, root: str
    ) -> list[Mismatch]:
        """What is wrong with a value by any schema of the document."""
        validator = self._compiled.validator(node, pointer, direction)
        found = explain(validator, value, shape=shape if self._learned else None, root=root)
        worded = [self._worded(one, pointer, value, shape, root) for one in _once(found)]
        if worded or self._learned:
            return worded
        # Documents name formats that their APIs don't keep to, so what lacks one is a doubt.
        document = self._compiled.document
        return [
            Mismatch(
                where,
                words,
                shown(inside),
                says(document.shown(locate(document, pointer, path, value))),
                level="warning",
            )
            for where, path, words, inside in self._compiled.formats(node, pointer, direction).doubts(value, root)
        ]

    def _worded(self, one: Mismatch, pointer: str, value: Any, shape: Shape | None, root: str) -> Mismatch:
        document = self._compiled.document
        inside = one.where[len(root) :] if one.where.startswith(root) else ""
        where = locate(document, pointer, place_path(inside), value)
        by_hand = self._learned and self._compiled.by_hand(where, missing=one.got == "missing")
        if self._learned and shape is not None and not by_hand:
            return one
        says = "a person wrote so" if by_hand else "the document says so"
        return replace(one, evidence=f"{says}: {document.shown(where)}", level="violation")


class ReplyChecks:
    """Holds replies to the contract."""

    def __init__(self, compiled: Compiled, *, learned: bool) -> None:
        self._compiled = compiled
        self._learned = learned
        self._bodies = BodyChecks(compiled, learned=learned)

    def check(self, operation: Operation, method: str, response: Response) -> list[Mismatch]:
        """What is wrong with a reply to an operation."""
        status = response.status
        answer = operation.answer(status)
        if status >= 400 and not operation.names(status):
            return []
        if answer is None:
            return self._unnamed(operation, status, method)
        found = self._headers(answer, response)
        if method != "HEAD" and status not in _BODYLESS and (response.chunks is None or response.content):
            found += self._body(operation, answer, response)
        return found

    def _unnamed(self, operation: Operation, status: int, method: str) -> list[Mismatch]:
        # A cache's answer to a conditional request is between client and cache; documents don't name it.
        if status < 200 or (status == 304 and method in ("GET", "HEAD")) or not operation.responses:
            return []
        names = sorted(operation.responses)
        if status < 300 and not self._learned and all(name[:1] in "45" for name in names):
            return []  # a document that lists errors only doesn't say what success looks like
        one = Mismatch(
            "status",
            " or ".join([name for name in names if name[0] in "123"] or names),
            str(status),
            evidence=f"never seen for {operation.key}" if self._learned else self._says(operation.pointer, "responses"),
            level="warning" if self._learned else "violation",
        )
        now, before = self._compiled.eras(operation)
        if now is None:
            return [one]
        from lookalike.contract import outdated  # as above

        return [outdated.of_answer(one, str(status), now, before)]

    def _body(self, operation: Operation, answer: Answer, response: Response) -> list[Mismatch]:
        if not answer.media:
            return []
        if response.status >= 400 and not response.content:
            return []  # `respond(500)`: an error may always be mocked, and needn't say what its page would
        kind = response.content_type
        media = media_for(answer.media, kind) or self._same_json(answer, kind)
        if media is None:
            wrong = self._graded(operation, answer, self._wrong_media(answer, response), answer.pointer)
            now, before = self._compiled.eras(operation)
            if wrong.level == "warning" and now is not None and before is not None and answer.status in now.answers:
                from lookalike.contract import outdated  # as above

                status = answer.status
                wrong = outdated.of_media(wrong, kind, now.answers[status], before.answers.get(status))
            # An error may come from anything on the way (a proxy's page, a gateway's text), so its form is no promise.
            return [replace(wrong, level="warning") if response.status >= 400 else wrong]
        if media.items is not None:
            return self._items(media, kind, response)
        if not is_json(kind) or _is_lines(response):
            return []
        if self._learned and media.schema is None:
            return []  # what claims to be JSON there never was
        try:
            value = response.json()
        except InvalidJson as error:
            if self._compiled.saw_broken(operation, response.status, media.name):
                return []
            got = "an empty body" if not response.content else f"text that is {error}"
            return [self._graded(operation, answer, Mismatch("body", "JSON", got), media.pointer)]
        shape = self._compiled.shape_of(operation, response.status, media.name)
        past = self._compiled.past_of(operation, response.status, media.name)
        return self._bodies.check(media, value, "response", shape, "json", past)

    def _items(self, media: Media, kind: str, response: Response) -> list[Mismatch]:
        """What is wrong with the items of a stream; the first that are wrong speak for all."""
        for at, value in enumerate(items_of(kind, response.content)):
            found = self._bodies.check_node(media.items, media.items_pointer, value, "response", None, f"item[{at}]")
            if found:
                return found
        return []

    def _same_json(self, answer: Answer, kind: str) -> Media | None:
        """Documents say `application/json` where the API sends `application/vnd.api+json`, and the other way round."""
        if not is_json(kind):
            return None
        return next((media for name, media in answer.media.items() if is_json(name)), None)

    @staticmethod
    def _wrong_media(answer: Answer, response: Response) -> Mismatch:
        expected = " or ".join(sorted(answer.media))
        if not response.content:
            return Mismatch("body", f"a body of {expected}", "none")
        return Mismatch("header content-type", expected, response.content_type or "missing")

    def _graded(self, operation: Operation, answer: Answer, one: Mismatch, pointer: str) -> Mismatch:
        """The mismatch with its evidence; a warning where too few answers were seen to rely on."""
        seen = self._compiled.seen(operation, answer.status)
        if not self._learned or seen is None or self._compiled.by_hand(pointer):
            return replace(one, evidence=self._says(pointer))
        n, grade = seen
        level: Level = "warning" if grade == "assumed" else "violation"
        answers = "the one answer" if n == 1 else f"all {n} answers"
        return replace(one, evidence=f"so in {answers} with {answer.status} seen", level=level)

    def _says(self, pointer: str, *keys: str) -> str:
        return says(self._compiled.document.shown(pointer), *keys)

    def _headers(self, answer: Answer, response: Response) -> list[Mismatch]:
        # What was learned about headers says what may come, not what a test must write.
        if self._learned:
            return []
        found = []
        for header in answer.headers.values():
            if header.name.lower() == "content-type":
                continue
            where = f"header {header.name}"
            if header.name not in response.headers:
                if header.required:
                    found.append(Mismatch(where, "a value", "missing", evidence=self._says(header.pointer)))
            elif header.schema is not None:
                schema = self._compiled.node(header.schema, header.pointer, "response")
                value = decode_parameter([response.headers[header.name]], schema, style="simple", explode=False)
                found += self._bodies.check_node(header.schema, header.pointer, value, "response", None, where)
        return found


def _once(found: list[Mismatch]) -> list[Mismatch]:
    """Without the warnings about values that a violation at the same place speaks of already."""
    certain = {(one.where, one.got) for one in found if one.level == "violation"}
    return [one for one in found if one.level == "violation" or (one.where, one.got) not in certain]


def _is_lines(response: Response) -> bool:
    """Whether a stream is JSON line by line, as a watch or a log sends it, and not one document in pieces."""
    if response.chunks is None:
        return False
    parameters = response.headers.get("content-type", "").lower().split(";")[1:]
    if any(parameter.strip().startswith("stream=") for parameter in parameters):
        return True
    try:
        response.json()
    except InvalidJson:
        return True
    return response.content.find(b"\n") == len(response.content) - 1


def says(pointer: str, *keys: str) -> str:
    """Where a document says something: a JSON pointer, in which a key's own slashes are `~1` (RFC 6901, section 3)."""
    return "the document says so: " + "/".join([pointer, *keys])


def shown(value: Any) -> str:
    """A value as messages show it."""
    text = encode_json(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
