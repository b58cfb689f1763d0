"""What can change in an API, and what each change means to the code that calls it: one table.

A row has an id that never changes (fingerprints are made of it), a severity for the consumer, a sentence, and where it
can be found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Where = Literal["answers", "evidence", "documents"]
Side = Literal["response", "transport", "request"]


class Severity(StrEnum):
    """What a change means to the code that calls the API, the worst first."""

    BREAKING = "breaking"
    RISKY = "risky"
    ADDITIVE = "additive"
    INFO = "info"
    ENVIRONMENT = "environment"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which an API can change.

    id:       in lower case with hyphens
    side:     what it is about: a response's body, status and headers and transport, or the request
    severity: for the consumer, where nothing more is known; a finding may be milder or worse (an integer that may now
              be a fraction is risky, any other wider type breaks)
    sentence: what happened, with `{name}` for the last part of the place and `{detail}` for what is there now
    found:    where it is found: comparing a contract with fresh answers, two learned contracts, or two documents
    why:      why it isn't found elsewhere, where that is in the nature of the thing
    """

    id: str
    side: Side
    severity: Severity
    sentence: str
    found: tuple[Where, ...]
    why: str = ""


_ALL: tuple[Where, ...] = ("answers", "evidence", "documents")
_TRAFFIC: tuple[Where, ...] = ("answers", "evidence")
_BOTH: tuple[Where, ...] = ("answers", "documents")
_ANSWERS: tuple[Where, ...] = ("answers",)
_CONTRACTS: tuple[Where, ...] = ("evidence", "documents")
_DOCUMENTS: tuple[Where, ...] = ("documents",)

_B, _R, _A, _I, _E = Severity

_ROWS: tuple[tuple[str, Side, Severity, str, tuple[Where, ...]], ...] = (
    ("field-removed", "response", _B, "the field {name} is gone", _ALL),
    ("optional-field-removed", "response", _R, "the field {name}, there sometimes before, is never there now", _ALL),
    ("field-became-optional", "response", _B, "the field {name} is no longer always there", _ALL),
    ("became-nullable", "response", _B, "{name} may be null now", _ALL),
    ("became-firmer", "response", _I, "{name} is promised more firmly than before", _ALL),
    ("type-changed", "response", _B, "{name} has another type", _ALL),
    ("type-widened", "response", _B, "{name} may have another type besides the known one", _ALL),
    ("type-narrowed", "response", _I, "{name} has fewer types than before", _ALL),
    ("type-equivalent", "response", _I, "{name} is called a number where it was an integer", _DOCUMENTS),
    ("first-value", "response", _I, "{name} has a value for the first time", _TRAFFIC),
    ("field-added", "response", _A, "there is a new field {name}", _ALL),
    ("enum-value-added", "response", _R, "{name} has a value outside the known ones", _ALL),
    ("enum-value-gone", "response", _I, "{name} no longer has one of its values", _ALL),
    ("constant-changed", "response", _R, "{name} was always the same value and isn't now", _ALL),
    ("format-changed", "response", _B, "{name} is written in another format", _ALL),
    ("id-form-changed", "response", _R, "the identifiers in {name} look different", _ALL),
    ("string-longer", "response", _I, "{name} is longer than any seen before", _ALL),
    ("number-outside-range", "response", _I, "{name} lies outside the range seen before", _ALL),
    ("array-length-changed", "response", _I, "{name} has a number of items never seen before", _ALL),
    ("item-type-changed", "response", _B, "the items of {name} have another type", _ALL),
    ("tuple-changed", "response", _B, "the positions of {name} have changed", _ALL),
    ("object-became-map", "response", _R, "{name} was a record and is a map now, or the other way round", _ALL),
    ("union-branch-added", "response", _R, "{name} has a variant never seen before", _ALL),
    ("union-branch-gone", "response", _I, "{name} no longer has one of its variants", _ALL),
    ("discriminator-gone", "response", _B, "the key {name} that tells the variants apart is gone", _ALL),
    ("body-wrapped", "response", _B, "{name} is wrapped otherwise: {detail}", _ALL),
    ("field-renamed", "response", _B, "the field {name} seems to be renamed to {detail}", _ALL),
    ("field-moved", "response", _B, "the field {name} seems to have moved to {detail}", _ALL),
    ("presence-rule-broken", "response", _R, "{name} no longer comes together with its companion", _ALL),
    ("read-write-flipped", "response", _I, "{name} changed between read-only and write-only", _DOCUMENTS),
    ("response-default-changed", "response", _R, "the documented default of {name} changed", _DOCUMENTS),
    ("order-changed", "response", _I, "keys or items come in another order", _TRAFFIC),
    ("json-malformed", "response", _B, "the body is not clean JSON", _TRAFFIC),
    ("body-empty", "response", _B, "the body is empty where JSON was", _ALL),
    ("success-status-changed", "transport", _R, "another success status answers", _ALL),
    ("success-gone", "transport", _B, "what succeeded is refused now", _BOTH),
    ("error-status-changed", "transport", _R, "another error status answers in place of the known one", _BOTH),
    ("error-status-added", "transport", _I, "there is a new error status", _ALL),
    ("redirected", "transport", _R, "the answer is a redirect now", _TRAFFIC),
    ("path-gone", "transport", _B, "the path is not found any more", _ANSWERS),
    ("fixture-gone", "transport", _E, "the item that was asked for is gone", _ANSWERS),
    ("media-type-changed", "transport", _B, "the body has another media type", _ALL),
    ("charset-changed", "transport", _I, "the body has another charset", _ALL),
    ("header-removed", "transport", _B, "the header {name} is gone", _ALL),
    ("header-became-optional", "transport", _R, "the header {name} is no longer always there", _ALL),
    ("header-type-changed", "transport", _R, "the header {name} has another type", _ALL),
    ("header-changed", "transport", _I, "an unimportant header came or went", _ALL),
    ("deprecated", "transport", _R, "the API announces the end of this operation", _ALL),
    ("api-version-moved", "transport", _R, "the API answers with another version", _ALL),
    ("rate-limit-changed", "transport", _I, "the rate limit is another", _TRAFFIC),
    ("error-body-changed", "transport", _R, "the body of an error has another shape", _ALL),
    ("pagination-changed", "transport", _B, "pages are cut in another way: {detail}", _ALL),
    ("connection-changed", "transport", _E, "TLS, HTTP version or compression changed", _TRAFFIC),
    ("request-requires-more", "request", _B, "the request needs {name}, which is new", _ALL),
    ("request-became-required", "request", _B, "the request's {name} is required now", _ALL),
    ("request-part-removed", "request", _R, "the request's {name} is no longer known", _BOTH),
    ("request-part-added", "request", _A, "the request may carry a new {name}", _CONTRACTS),
    ("request-enum-value-gone", "request", _B, "the request's {name} no longer takes one of its values", _BOTH),
    ("request-became-enum", "request", _B, "the request's {name} takes only listed values now", _BOTH),
    ("request-type-narrowed", "request", _B, "the request's {name} takes fewer types or another format", _BOTH),
    ("request-type-widened", "request", _A, "the request's {name} takes more than before", _CONTRACTS),
    ("request-limit-tightened", "request", _R, "the request's {name} has a tighter limit", _BOTH),
    ("request-null-refused", "request", _B, "the request's {name} may no longer be null", _BOTH),
    ("request-default-changed", "request", _R, "the request's {name} has another default", _DOCUMENTS),
    ("request-media-type-removed", "request", _B, "the request's body can no longer be {name}", _BOTH),
    ("auth-changed", "request", _B, "credentials that are good elsewhere are refused here", _BOTH),
    ("operation-removed", "request", _B, "the operation is gone", _BOTH),
    ("operation-added", "request", _A, "there is a new operation", _CONTRACTS),
    ("request-laxer", "request", _I, "the request's {name} is no longer required", _ALL),
)  # fmt: skip

_WHY: Mapping[str, str] = {
    "type-equivalent": "values look the same",
    "read-write-flipped": "only a document says it",
    "response-default-changed": "a default never shows in traffic",
    "request-default-changed": "a default never shows in traffic",
    "operation-added": "only what is known is asked",
    "request-part-added": "only what is known is asked",
    "request-type-widened": "only what is known is asked",
}

KINDS: Mapping[str, Kind] = {row[0]: Kind(*row, _WHY.get(row[0], "")) for row in _ROWS}
