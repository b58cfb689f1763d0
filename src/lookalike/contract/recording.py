"""What one recording says of an API: its exchanges counted, operation by operation.

Learning a recording in parts and adding gives the same as learning it whole, in any order.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from lookalike.contract.counts import (
    TARGETS_CAP,
    AnswerCounts,
    BodyCounts,
    OperationCounts,
    ParameterCounts,
    RecordingCounts,
    RequestCounts,
    capped,
)
from lookalike.contract.header_words import counted_words, words_of
from lookalike.contract.headers import countable
from lookalike.contract.key_order import ANY, either, order_of
from lookalike.contract.refusals import named
from lookalike.contract.seen import SKIPPED_METHODS, Media, Seen, relative_path, seen_of
from lookalike.contract.skeleton import Key, collapse
from lookalike.contract.sorting import UNSORTED, Sorting, asks_for_order, sorting_of
from lookalike.contract.text_forms import text_form
from lookalike.messages import Exchange, Response, split_url
from lookalike.secrets import is_secret_name, is_sensitive
from lookalike.shape.evidence import EMPTY as NOTHING
from lookalike.shape.learn import learn

__all__ = ["SKIPPED_METHODS", "RecordingCounts", "learn_exchanges", "learn_seen", "relative_path"]

# A refusal that is about the request itself, not about who asks or how often.
REFUSED = frozenset({400, 411, 413, 415, 422})
_PARAMETER = re.compile(r"[A-Za-z_$@.~-][\w$@.~:\[\]-]{0,63}")
# A query that is written in one way only.
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~-]*(?:&[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~-]*)*")
_LONGEST_TARGET = 1024


def learn_exchanges(exchanges: Iterable[Exchange], *, base_url: str, day: str = "") -> RecordingCounts:
    """Count the exchanges of one API, those of other hosts left out.

    base_url: paths are relative to it; the scheme isn't compared
    day:      the day of exchanges that don't know their own
    Raises UsageError for a base URL that is none.
    """
    base = split_url(base_url)
    return learn_seen(seen for one in exchanges if (seen := seen_of(one, base, day)) is not None)


def learn_seen(found: Iterable[Seen]) -> RecordingCounts:
    """Count exchanges of one API that are taken apart already."""
    groups: dict[Key, list[Seen]] = {}
    for one in found:
        key = one[:2]
        if key in groups:
            groups[key].append(one)
        else:
            groups[key] = [one]
    counted = {key: _operation(group) for key, group in groups.items()}
    return RecordingCounts(collapse(counted, OperationCounts.__add__))


def _operation(group: Sequence[Seen]) -> OperationCounts:
    by_status: dict[int, list[Seen]] = {}
    for one in group:
        by_status.setdefault(one.status, []).append(one)
    accepted = [one for status, found in by_status.items() if 200 <= status < 300 for one in found]
    refused = [one for status, found in by_status.items() if status in REFUSED for one in found]
    return OperationCounts(
        len(group),
        {str(status): _answer(found) for status, found in by_status.items()},
        _requests(accepted),
        replace(_requests(refused), named=_named(refused)),
        _askable(accepted) if group[0].method == "GET" else (),
        *_days(group),
    )


def _days(found: Sequence[Seen]) -> tuple[str, str]:
    """The first and the last day, `""` where none is known."""
    days = {one.day for one in found} - {""}
    return min(days, default=""), max(days, default="")


def _answer(found: Sequence[Seen]) -> AnswerCounts:
    headers: dict[str, int] = {}
    for names, n in Counter([one.names for one in found]).items():
        for name in _countable(names):
            headers[name] = headers.get(name, 0) + n
    media = _by_media(found, lambda one: one.media)
    bodies = {name: _bodies(those, lambda one: (one.media, one.content), lists=True) for name, those in media.items()}
    words = capped(counted_words(Counter([one.words for one in found]).items()), {})
    return AnswerCounts(len(found), capped(bodies, BodyCounts()), capped(headers, 0), words, *_days(found))


def counted_headers(responses: Sequence[Response]) -> AnswerCounts:
    """What the headers of answers say, as evidence counts them, without their bodies."""
    headers: dict[str, int] = {}
    for one in responses:
        for name in _countable(tuple(one.headers)):
            headers[name] = headers.get(name, 0) + 1
    words = counted_words((words_of(one.headers.pairs, one.http_version), 1) for one in responses)
    return AnswerCounts(len(responses), headers=headers, words=words)


@lru_cache(maxsize=4096)
def _countable(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({countable(name) for name in names} - {""})


def _by_media(found: Iterable[Seen], media: Callable[[Seen], Media]) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = {}
    for one in found:
        groups.setdefault(media(one).name, []).append(one)
    return groups


_Body = Callable[[Seen], tuple[Media, bytes | str | None]]


def _bodies(found: Sequence[Seen], body: _Body, *, lists: bool = False) -> BodyCounts:
    """Bodies of one media type; lists: whether it is looked for how lists are sorted."""
    by_day: dict[str, list[Seen]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append(one)
    empty = broken = 0
    shape, order, keys = NOTHING, Sorting(), ""
    for day, those in by_day.items():
        reader = _Reader(those, body, order if lists else UNSORTED, keys if lists else ANY)
        learned = learn(iter(reader), targets=reader.targets, day=day)
        shape = shape + learned if shape else learned
        empty += reader.empty
        broken += reader.broken
        if lists:
            order, keys = reader.order, reader.keys
    return BodyCounts(len(found), empty, broken, shape, order, keys)


class _Reader:
    """The JSON bodies of exchanges, parsed as they are asked for, so that a batch is held at a time.

    targets: what was asked for each body that was parsed so far
    order:   how the lists of these are sorted, and those before
    keys:    in which order their keys come, and those before
    """

    def __init__(self, found: Sequence[Seen], body: _Body, order: Sorting, keys: str) -> None:
        self.targets: list[str] = []
        self.order = order
        self.keys = keys
        self.empty = self.broken = 0
        self._found = found
        self._body = body

    def __iter__(self) -> Iterator[Any]:
        for one in self._found:
            media, content = self._body(one)
            if content is None or content == "":
                self.empty += 1
            elif media.json:
                try:
                    value = orjson.loads(content)
                except orjson.JSONDecodeError:
                    self.broken += 1
                    continue
                # What tells one request from another, as far as its answer may depend on it.
                self.targets.append(f"{one.method} {one.target} {one.asked_hash}")
                if not self.order.settled and not asks_for_order(one.query):
                    order = self.order
                    self.order = order + sorting_of(value, order.by if order.lists else None)
                if self.keys != ANY:
                    self.keys = either(self.keys, order_of(value))
                yield value


def _named(refused: Sequence[Seen]) -> dict[str, dict[str, int]]:
    """How often refusals name each field, and why."""
    found: dict[str, dict[str, int]] = {}
    for one in refused:
        if not one.media.json or not one.content:
            continue
        try:
            said = named(orjson.loads(one.content))
        except orjson.JSONDecodeError:
            continue
        for name, why in said.items():
            counts = found.setdefault(name, {})
            counts[why] = counts.get(why, 0) + 1
    return capped(found, {})


def _requests(found: Sequence[Seen]) -> RequestCounts:
    query: dict[str, ParameterCounts] = {}
    for text, n in Counter([one.query for one in found]).items():
        for name, repeated, forms in _parameters(text) if text else ():
            known = query.get(name)
            one = ParameterCounts(n, n * repeated, {form: n * times for form, times in forms})
            query[name] = one if known is None else known + one
    asked = [one for one in found if one.asked_hash]
    media = _by_media(asked, lambda one: one.asked_media)
    bodies = {name: _bodies(those, lambda one: (one.asked_media, one.asked_content)) for name, those in media.items()}
    return RequestCounts(
        len(found), len(found) - len(asked), capped(bodies, BodyCounts()), capped(query, ParameterCounts())
    )


_Parameter = tuple[str, bool, tuple[tuple[str, int], ...]]


@lru_cache(maxsize=4096)
def _parameters(query: str) -> tuple[_Parameter, ...]:
    """The parameters of a query that are counted: name, whether it was repeated, and the forms of its values."""
    values: dict[str, list[str]] = {}
    for name, value in _pairs(query):
        values.setdefault(name, []).append(value)
    return tuple(
        (name, len(found) > 1, tuple(Counter(map(text_form, found)).items()))
        for name, found in values.items()
        if _is_countable(name)
    )


def _pairs(query: str) -> list[tuple[str, str]]:
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True)
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(name, value) for name, _, value in parts]


@lru_cache(maxsize=4096)
def _is_countable(name: str) -> bool:
    return _PARAMETER.fullmatch(name) is not None and not is_sensitive(name)


def _askable(found: Iterable[Seen]) -> tuple[str, ...]:
    """Up to eight targets as they may be kept and asked again, relative to the base URL: with the smallest hashes.

    None that holds a secret; secret parameters are left out, as who asks again sends credentials of their own.
    """
    candidates = {_candidate(one.path, one.query) for one in found if len(one.target) <= _LONGEST_TARGET}
    kept: list[str] = []
    # Whether it may be kept costs far more than its hash: it is found out for the first ones alone.
    for _, target in sorted([(hashlib.sha1(one.encode()).digest(), one) for one in candidates]):  # noqa: S324  no secret rests on it
        if _may_be_kept(target):
            kept.append(target)
            if len(kept) == TARGETS_CAP:
                break
    return tuple(kept)


def _candidate(path: str, query: str) -> str:
    if not query:
        return path
    if _PLAIN_QUERY.fullmatch(query) and not any(is_secret_name(name) for name, _ in _pairs(query)):
        return f"{path}?{query}"
    pairs = [(name, value) for name, value in _pairs(query) if not is_secret_name(name)]
    return path + ("?" + urlencode(pairs, quote_via=quote) if pairs else "")


def _may_be_kept(target: str) -> bool:
    path, _, query = target.partition("?")
    if any(is_sensitive(part) for part in path.split("/")):
        return False
    return not any(is_sensitive(value, name) for name, value in _pairs(query))
