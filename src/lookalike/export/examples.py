"""A contract as exchanges: for each status of an operation, a request that it takes and an answer that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from lookalike.codec import encode_json
from lookalike.contract.contract import Contract
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Operation, Parameter, is_code
from lookalike.contract.schemas import Bundler
from lookalike.messages import Exchange, Request, Response, has_no_body
from lookalike.shape.sample import sample

NOWHERE = "http://localhost"
_VARIABLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Example:
    """One exchange of an operation.

    path:    the concrete one, relative to the base URL
    query:   the required parameters with a value each
    headers: the required ones, and the content type of a body
    sent:    the request's JSON body, None without one
    answer:  the response's value: JSON, text, or None without a body
    media:   the response's media type, `""` without a body
    fields:  the response's headers: its content type, and the required ones
    """

    operation: Operation
    status: int
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    sent: Any
    answer: Any
    media: str
    fields: tuple[tuple[str, str], ...]

    def exchange(self, base_url: str) -> Exchange:
        """As an exchange with the API at a URL."""
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in self.query)
        url = base_url.rstrip("/") + self.path + (f"?{query}" if query else "")
        content = b"" if self.sent is None else encode_json(self.sent)
        said = self.answer
        body = b"" if not self.media else encode_json(said) if is_json(self.media) else str(said).encode()
        return Exchange(
            Request(self.operation.method, url, self.headers, content), Response(self.status, self.fields, body)
        )


class Examples:
    """Makes the examples of a contract, the same ones each time."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._requests = Bundler(contract.document, "request")
        self._answers = Bundler(contract.document, "response")

    def all(self, *, only_default: bool = False) -> Iterator[Example]:
        """Of each operation: each status that is named by its code, or the default one alone."""
        for operation in self._contract.operations:
            statuses = [int(status) for status in operation.responses if is_code(status)]
            default = self._contract.default_status(operation.method, operation.path)
            for status in [default] if only_default or not statuses else statuses:
                yield self.of(operation, status)

    def of(self, operation: Operation, status: int) -> Example:
        """One operation's exchange with a status."""
        path = _VARIABLE.sub(lambda found: self._variable(operation, found[1]), operation.path)
        headers = self._required(operation, "header")
        cookies = "; ".join(f"{name}={value}" for name, value in self._required(operation, "cookie"))
        sent = self._sent(operation)
        if cookies:
            headers.append(("cookie", cookies))
        if sent is not None:
            headers.append(("content-type", sent[0]))
        code, media, answer = self._contract.example(operation.method, path, status)
        if has_no_body(code) or operation.method == "HEAD":
            media, answer = "", None
        query = tuple(self._required(operation, "query"))
        return Example(
            operation, code, path, query, tuple(headers), None if sent is None else sent[1], answer, media,
            self._fields(operation, code, media),
        )  # fmt: skip

    def _variable(self, operation: Operation, name: str) -> str:
        found = next((one for one in operation.parameters if one.place == "path" and one.name == name), None)
        if found is None:
            return "1"
        value = ",".join(text for _, text in _written(found, self._value(operation, found)))
        return quote(value, safe="/" if found.multi else "") or "1"

    def _required(self, operation: Operation, place: str) -> list[tuple[str, str]]:
        found = [one for one in operation.parameters if one.place == place and one.required]
        return [pair for one in found for pair in _written(one, self._value(operation, one))]

    def _value(self, operation: Operation, one: Parameter) -> Any:
        schema = True if one.schema is None else self._requests.bundle(one.schema, one.pointer)
        return sample(schema, seed=f"{operation.key} {one.name}")

    def _fields(self, operation: Operation, status: int, media: str) -> tuple[tuple[str, str], ...]:
        found = [("Content-Type", media)] if media else []
        answer = operation.answer(status)
        for one in answer.headers.values() if answer is not None else ():
            if one.required and one.name.lower() != "content-type":
                schema = True if one.schema is None else self._answers.bundle(one.schema, one.pointer)
                found.append((one.name, _text(sample(schema, seed=f"{operation.key} {status} {one.name}"))))
        return tuple(found)

    def _sent(self, operation: Operation) -> tuple[str, Any] | None:
        body = operation.request_body
        for kind, media in (body.media if body is not None else {}).items():
            if is_json(kind):
                schema = True if media.schema is None else self._requests.bundle(media.schema, media.pointer)
                kind = kind if "*" not in kind else "application/json"
                return kind, sample(schema, seed=f"{operation.key} request")
        return None


_BETWEEN = {"spaceDelimited": " ", "pipeDelimited": "|"}


def _written(one: Parameter, value: Any) -> list[tuple[str, str]]:
    """A parameter's value in its style (OpenAPI 3.1, section 4.8.12.3), not yet percent-encoded."""
    if one.media:
        return [(one.name, encode_json(value).decode())]
    if isinstance(value, dict):
        pairs = [(str(key), _text(item)) for key, item in value.items()]
        if one.style == "deepObject":
            return [(f"{one.name}[{key}]", text) for key, text in pairs]
        if one.explode:
            return pairs if one.place == "query" else [(one.name, ",".join("=".join(pair) for pair in pairs))]
        return [(one.name, ",".join(text for pair in pairs for text in pair))]
    if isinstance(value, list):
        texts = [_text(item) for item in value]
        if one.explode and one.place == "query":
            return [(one.name, text) for text in texts]
        return [(one.name, _BETWEEN.get(one.style, ",").join(texts))]
    return [(one.name, _text(value))]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else encode_json(value).decode()


def exchanges(contract: Contract) -> Iterator[Exchange]:
    """Every example as an exchange; without a base URL, with the API at `http://localhost`."""
    return (one.exchange(contract.base_url or NOWHERE) for one in Examples(contract).all())
