"""What a function of the test returned, as the answer that it stands for."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterator
from typing import Any

from lookalike.double.body import Body, chunk, json_body, make_body, make_headers
from lookalike.double.reply import check_body, check_status
from lookalike.double.responses import slips
from lookalike.double.streams import each, watched
from lookalike.errors import UsageError
from lookalike.messages import Answer, Fault, PassThrough, Response

_FORMS = (
    "return a value for the JSON body, (status, value), (status, headers, value), text, bytes, a generator of chunks, "
    "or a lookalike.Response"
)


def answer_of(result: Any, status: int, told: str, remember: Callable[[BaseException], None]) -> Answer:
    """The answer. Raises UsageError for a result that isn't one, or that could be meant as another.

    status:   for results that don't say one
    told:     the function as messages name it, with its place
    remember: told what goes wrong in a stream of the function's
    """
    if isinstance(result, Response):
        return _checked(result, told, remember)
    if isinstance(result, (Fault, PassThrough)):
        return result
    said, headers, value = parts(result, told)
    code = status if said is None else said
    try:
        body = Body() if value is None else _body(value)
        fields = make_headers(body.kind, headers, None)
    except UsageError as error:
        raise UsageError(f"{told}: {error}") from None
    check_body(code, bool(body.content) or body.chunks is not None, told)
    chunks = None if body.chunks is None else watched(body.chunks, slips(remember))
    return Response(code, fields, body.content, chunks=chunks)


def parts(result: Any, told: str) -> tuple[int | None, Any, Any]:
    """Status, headers and value, each None where it isn't said.

    Raises UsageError for None alone, for a number that may be a status, and for a tuple of another form: it's no JSON.
    """
    if result is None:
        raise UsageError(f"{told}, returned None; {_FORMS}")
    if isinstance(result, int) and not isinstance(result, bool) and 100 <= result <= 599:
        code = int(result)
        raise UsageError(
            f"{told}: {code} may be a status or a JSON body; write ({code}, None) for an answer of that status, "
            f"(200, {code}) for the number"
        )
    if not isinstance(result, tuple):
        return None, None, result
    if len(result) in (2, 3) and isinstance(result[0], int) and not isinstance(result[0], bool):
        status = check_status(int(result[0]), told)
        return status, result[1] if len(result) == 3 else None, result[-1]
    numbers = [one for one in result if isinstance(one, int) and not isinstance(one, bool)]
    hint = "; the status comes first" if len(result) in (2, 3) and numbers else ""
    raise UsageError(
        f"{told}: the tuple {result!r} is none of (status, value) and (status, headers, value){hint}; "
        "a list is sent as a JSON array"
    )


def _body(result: Any) -> Body:
    if isinstance(result, (dict, list)):
        return json_body(result)
    if isinstance(result, BaseException) or (isinstance(result, type) and issubclass(result, BaseException)):
        name = result.__name__ if isinstance(result, type) else type(result).__name__
        raise UsageError(f"it returned an exception; write raise {name}(...), or .fail({name}(...)) on the route")
    if isinstance(result, (bytes, bytearray, memoryview)):
        return Body("", bytes(result))
    if isinstance(result, str):
        return make_body({"text": result})
    if isinstance(result, (Iterator, AsyncIterable)):
        return make_body({"stream": result})
    return json_body(result)


def _checked(response: Response, told: str, remember: Callable[[BaseException], None]) -> Response:
    """A response of the test's own; chunks may be what `stream=` takes."""
    check_body(response.status, bool(response.content) or response.chunks is not None, told)
    given = response.chunks
    if given is None:
        return response
    return Response(
        response.status,
        response.headers,
        chunks=watched(lambda: each(given(), chunk), slips(remember)),
        delay=response.delay,
        reason=response.reason,
        http_version=response.http_version,
    )
