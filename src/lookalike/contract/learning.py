"""Contracts that learn: exchanges folded in, contradictions kept apart, new eras begun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.counts import RecordingCounts
from lookalike.contract.header_words import words_of
from lookalike.contract.ledger import Era, Ledger, Recording, era_key
from lookalike.contract.merge import marks_of, merge, still_shared
from lookalike.contract.openapi import Document
from lookalike.contract.paths import normal
from lookalike.contract.recording import learn_exchanges
from lookalike.contract.render import render
from lookalike.contract.seen import digest_of, marks
from lookalike.errors import UsageError
from lookalike.messages import Exchange
from lookalike.shape.evidence import Identity


def learn(
    exchanges: Iterable[Exchange], *, base_url: str, name: str = "", title: str = "", day: str = "", label: str = ""
) -> Contract:
    """A new contract from exchanges, those of other hosts left out.

    base_url: where the API is; day: `YYYY-MM-DD`, for exchanges that don't know their own
    label:    what the recording is called (`provenance.label`), so that a statement can say where it is from
    Raises UsageError for a base URL that is none.
    """
    return fold(begin(base_url=base_url, name=name, title=title), exchanges, day=day, label=label)


def begin(*, base_url: str, name: str = "", title: str = "") -> Contract:
    """A contract that has learned nothing yet."""
    return _contract(Ledger(base_url=base_url.rstrip("/")), title or name or _host(base_url), name, None, "")


def fold_counts(
    contract: Contract, counted: Mapping[str, RecordingCounts], *, labels: Mapping[str, Iterable[str]] | None = None
) -> Contract:
    """The contract with recordings that are counted already, by their ids; those that it knows change nothing.

    labels: by id, what the recordings are called (`provenance.label`)
    As `fold` with each one's exchanges. Raises UsageError where the contract has no base URL.
    """
    ledger, _ = _ledger(contract)
    new = {
        id_: Recording.of(counts, _day(counts), (labels or {}).get(id_, ()))
        for id_, counts in counted.items()
        if counts.operations and id_ not in ledger.recordings
    }
    if not new:
        return contract
    recordings = {**ledger.recordings, **new}
    return with_ledger(contract, replace(ledger, recordings={key: recordings[key] for key in sorted(recordings)}))


def fold(contract: Contract, exchanges: Iterable[Exchange], *, day: str = "", label: str = "") -> Contract:
    """The contract with the exchanges learned as one recording; the same recording twice changes nothing.

    A learned contract's document follows; what people wrote in it stays. A vendor's document stays as it is, and the
    evidence is kept beside it. Raises UsageError where the contract has no base URL.
    """
    found = list(exchanges)
    ledger, base_url = _ledger(contract)
    id_ = exchanges_id(found)
    if id_ in ledger.recordings:
        return contract
    counts = learn_exchanges(found, base_url=base_url, day=day)
    if not counts.operations:
        return contract
    recordings = {**ledger.recordings, id_: Recording.of(counts, _day(counts) or day, [label])}
    return with_ledger(contract, replace(ledger, recordings={key: recordings[key] for key in sorted(recordings)}))


def dispute(contract: Contract, exchanges: Iterable[Exchange], *, day: str = "") -> Contract:
    """The contract with the exchanges kept apart, operation by operation: unread until `accept`.

    Raises UsageError where the contract has no base URL.
    """
    ledger, base_url = _ledger(contract)
    groups: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        path = contract.relative(exchange.request.url)
        operation = contract.find(exchange.request.method, path) if path is not None else None
        if operation is not None:
            groups.setdefault(operation.key, []).append(exchange)
    disputed = {key: dict(found) for key, found in ledger.disputed.items()}
    for key, group in groups.items():
        counts = learn_exchanges(group, base_url=base_url, day=day)
        if counts.operations:
            disputed.setdefault(key, {}).setdefault(exchanges_id(group), Recording.of(counts, _day(counts) or day))
    ordered = {key: dict(sorted(disputed[key].items())) for key in sorted(disputed)}
    return with_ledger(contract, replace(ledger, disputed=ordered))


def accept(contract: Contract, operation: str, *, day: str, places: Iterable[str] = ()) -> Contract:
    """The contract with a new era of `METHOD /template` from that day on.

    What was disputed about it is read from now on; what was seen before stays in the file as history, unread.

    places: where the finding is, as its `at` has them. One that begins with a status (`404 json.code`) is about that
            error alone; any other is about all answers below 400. What else is known of the operation stays
    Raises UsageError for an operation that the contract doesn't have.
    """
    ledger, _ = _ledger(contract)
    method, _, path = operation.partition(" ")
    known = contract.find(method, path)
    if known is None or not path:
        near = ", ".join(one.key for one in contract.nearest(method, path))
        raise UsageError(f"{contract.name} has no operation {operation!r}; write it as METHOD /template: {near}")
    disputed = {key: dict(found) for key, found in ledger.disputed.items()}
    same = [key for key in disputed if _same(key, known.key)]
    fresh = {id_: one for key in same for id_, one in disputed.pop(key).items()}
    first = min([day, *(one.day for one in fresh.values() if one.day)])
    without = frozenset(id_ for id_, one in ledger.recordings.items() if one.day >= first and id_ not in fresh)
    recordings = {**ledger.recordings, **fresh}
    began = {f"{known.key} {status}".rstrip() for status in _errors_in(places)}
    eras = {
        **{key: era for key, era in ledger.eras.items() if era_key(key) not in map(era_key, began)},
        **dict.fromkeys(began, Era(first, without)),
    }
    changed = replace(
        ledger,
        recordings={id_: recordings[id_] for id_ in sorted(recordings)},
        disputed=disputed,
        eras={key: eras[key] for key in sorted(eras)},
    )
    return with_ledger(contract, changed)


def with_ledger(contract: Contract, ledger: Ledger) -> Contract:
    """The contract with other evidence; a learned one's document follows it."""
    if not contract.learned:
        return _kept(contract, ledger)
    return _contract(ledger, contract.title, contract.name, contract, contract.source)


def _kept(contract: Contract, ledger: Ledger) -> Contract:
    return Contract(
        contract.document,
        name=contract.name,
        base_url=contract.base_url,
        source=contract.source,
        learned=False,
        evidence=ledger,
    )


def _contract(ledger: Ledger, title: str, name: str, before: Contract | None, source: str) -> Contract:
    """A learned contract whose document is what the evidence says, merged with what people wrote."""
    base = ledger.document
    machine: Mapping[str, Any] = render(ledger, title=title, base_url=ledger.base_url)
    root = machine
    if before is not None:
        base = marks_of(before.document.root) if base is None else base
        machine = still_shared(base, before.document.root, machine)
        root = merge(base, deepcopy(before.document.root), machine, since=ledger.latest)
    base_url = before.base_url if before is not None else ledger.base_url
    return Contract(
        Document(root, source or name or "<learned>"),
        name=name,
        base_url=base_url or None,
        source=source,
        learned=True,
        evidence=replace(ledger, document=machine),
    )


def exchanges_id(exchanges: Iterable[Exchange]) -> str:
    """The id of a recording: an order-free hash of its exchanges, their days included where they know them."""
    identity = Identity()
    identity.add(map(digest, exchanges))
    return identity.id


def digest(exchange: Exchange) -> bytes:
    """What an exchange is told from others by, all that is counted of it: method, URL, bodies, day, status, content
    types, names of the answer's headers and what is kept of their values; as a SHA-256.
    """
    request, response = exchange.request, exchange.response
    if response is None:
        return digest_of(request.method, request.url, request.content, 0, "", b"", exchange.day)
    asked = request.headers.get("content-type", "") if request.content else ""
    words = words_of(response.headers.pairs, response.http_version)
    kind = marks(response.headers.get("content-type", ""), asked, tuple(response.headers), words)
    return digest_of(
        request.method, request.url, request.content, response.status, kind, response.content, exchange.day
    )


def _ledger(contract: Contract) -> tuple[Ledger, str]:
    ledger = contract.evidence
    base_url = contract.base_url or (ledger.base_url if ledger is not None else "")
    if not base_url:
        raise UsageError(f"{contract.name} has no base URL; give one: Api({contract.name!r}, base_url='https://...')")
    return (ledger if ledger is not None else Ledger(base_url=base_url)), base_url


def _day(counts: RecordingCounts) -> str:
    return max((one.last for one in counts.operations.values()), default="")


def _same(one: str, other: str) -> bool:
    (method, _, path), (other_method, _, other_path) = one.partition(" "), other.partition(" ")
    return method == other_method and normal(path) == normal(other_path)


def _errors_in(places: Iterable[str]) -> set[str]:
    """The errors that places are about by their status; `""` among them stands for all answers below 400."""
    begins = {place.partition(" ")[0] for place in places} or {""}
    return {word if word.isdigit() and word >= "4" else "" for word in begins}


def _host(base_url: str) -> str:
    return base_url.partition("://")[2].partition("/")[0] or "api"
