"""What can change in an API, and what each change means to the code that calls it: one table.

A row has an id that never changes (fingerprints are made of it), a severity for the consumer, a sentence, and where it
can be found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Where = Literal["answers", "documents"]
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
    found:    where it is found at this stage: comparing a contract with fresh answers, or two contracts
    """

    id: str
    side: Side
    severity: Severity
    sentence: str
    found: tuple[Where, ...]


_BOTH: tuple[Where, ...] = ("answers", "documents")
_ANSWERS: tuple[Where, ...] = ("answers",)
_DOCUMENTS: tuple[Where, ...] = ("documents",)

_B, _R, _A, _I, _E = Severity

_ROWS: tuple[tuple[str, Side, Severity, str, tuple[Where, ...]], ...] = (
    ("field-removed", "response", _B, "the field {name} is gone", _BOTH),
    ("optional-field-removed", "response", _R, "the field {name}, there sometimes before, is never there now", _BOTH),
    ("field-became-optional", "response", _B, "the field {name} is no longer always there", _BOTH),
    ("became-nullable", "response", _B, "{name} may be null now", _BOTH),
    ("became-firmer", "response", _I, "{name} is promised more firmly than before", _BOTH),
    ("type-changed", "response", _B, "{name} has another type", _BOTH),
    ("type-widened", "response", _B, "{name} may have another type besides the known one", _BOTH),
    ("type-narrowed", "response", _I, "{name} has fewer types than before", _BOTH),
    ("type-equivalent", "response", _I, "{name} is called a number where it was an integer", _DOCUMENTS),
    ("first-value", "response", _I, "{name} has a value for the first time", _ANSWERS),
    ("field-added", "response", _A, "there is a new field {name}", _BOTH),
    ("enum-value-added", "response", _R, "{name} has a value outside the known ones", _BOTH),
    ("enum-value-gone", "response", _I, "{name} no longer has one of its values", _BOTH),
    ("constant-changed", "response", _R, "{name} was always the same value and isn't now", _BOTH),
    ("format-changed", "response", _B, "{name} is written in another format", _BOTH),
    ("id-form-changed", "response", _R, "the identifiers in {name} look different", _BOTH),
    ("string-longer", "response", _I, "{name} is longer than any seen before", _BOTH),
    ("number-outside-range", "response", _I, "{name} lies outside the range seen before", _BOTH),
    ("array-length-changed", "response", _I, "{name} has a number of items never seen before", _BOTH),
    ("item-type-changed", "response", _B, "the items of {name} have another type", _BOTH),
    ("tuple-changed", "response", _B, "the positions of {name} have changed", _BOTH),
    ("object-became-map", "response", _R, "{name} was a record and is a map now, or the other way round", _BOTH),
    ("union-branch-added", "response", _R, "{name} has a variant never seen before", _BOTH),
    ("union-branch-gone", "response", _I, "{name} no longer has one of its variants", _BOTH),
    ("discriminator-gone", "response", _B, "the key {name} that tells the variants apart is gone", _BOTH),
    ("body-wrapped", "response", _B, "{name} is wrapped otherwise: {detail}", _BOTH),
    ("field-renamed", "response", _B, "the field {name} seems to be renamed to {detail}", _BOTH),
    ("field-moved", "response", _B, "the field {name} seems to have moved to {detail}", _BOTH),
    ("presence-rule-broken", "response", _R, "{name} no longer comes together with its companion", _BOTH),
    ("read-write-flipped", "response", _I, "{name} changed between read-only and write-only", _DOCUMENTS),
    ("response-default-changed", "response", _R, "the documented default of {name} changed", _DOCUMENTS),
    ("order-changed", "response", _I, "keys or items come in another order", _ANSWERS),
    ("json-malformed", "response", _B, "the body is not clean JSON", _ANSWERS),
    ("body-empty", "response", _B, "the body is empty where JSON was", _BOTH),
    ("success-status-changed", "transport", _R, "another success status answers", _BOTH),
    ("success-gone", "transport", _B, "what succeeded is refused now", _BOTH),
    ("error-status-changed", "transport", _R, "another error status answers in place of the known one", _BOTH),
    ("error-status-added", "transport", _I, "there is a new error status", _BOTH),
    ("redirected", "transport", _R, "the answer is a redirect now", _ANSWERS),
    ("path-gone", "transport", _B, "the path is not found any more", _ANSWERS),
    ("fixture-gone", "transport", _E, "the item that was asked for is gone", _ANSWERS),
    ("media-type-changed", "transport", _B, "the body has another media type", _BOTH),
    ("charset-changed", "transport", _I, "the body has another charset", _BOTH),
    ("header-removed", "transport", _B, "the header {name} is gone", _BOTH),
    ("header-became-optional", "transport", _R, "the header {name} is no longer always there", _BOTH),
    ("header-type-changed", "transport", _R, "the header {name} has another type", _BOTH),
    ("header-changed", "transport", _I, "an unimportant header came or went", _BOTH),
    ("deprecated", "transport", _R, "the API announces the end of this operation", _BOTH),
    ("api-version-moved", "transport", _R, "the API answers with another version", _BOTH),
    ("rate-limit-changed", "transport", _I, "the rate limit is another", _ANSWERS),
    ("error-body-changed", "transport", _R, "the body of an error has another shape", _BOTH),
    ("pagination-changed", "transport", _B, "pages are cut in another way", _BOTH),
    ("connection-changed", "transport", _E, "TLS, HTTP version or compression changed", _ANSWERS),
    ("request-requires-more", "request", _B, "the request needs {name}, which is new", _BOTH),
    ("request-became-required", "request", _B, "the request's {name} is required now", _BOTH),
    ("request-part-removed", "request", _R, "the request's {name} is no longer known", _BOTH),
    ("request-part-added", "request", _A, "the request may carry a new {name}", _DOCUMENTS),
    ("request-enum-value-gone", "request", _B, "the request's {name} no longer takes one of its values", _BOTH),
    ("request-became-enum", "request", _B, "the request's {name} takes only listed values now", _BOTH),
    ("request-type-narrowed", "request", _B, "the request's {name} takes fewer types or another format", _BOTH),
    ("request-type-widened", "request", _A, "the request's {name} takes more than before", _DOCUMENTS),
    ("request-limit-tightened", "request", _R, "the request's {name} has a tighter limit", _BOTH),
    ("request-null-refused", "request", _B, "the request's {name} may no longer be null", _BOTH),
    ("request-default-changed", "request", _R, "the request's {name} has another default", _DOCUMENTS),
    ("request-media-type-removed", "request", _B, "the request's body can no longer be {name}", _BOTH),
    ("auth-changed", "request", _B, "credentials that are good elsewhere are refused here", _BOTH),
    ("operation-removed", "request", _B, "the operation is gone", _BOTH),
    ("operation-added", "request", _A, "there is a new operation", _DOCUMENTS),
    ("request-laxer", "request", _I, "the request's {name} is no longer required", _BOTH),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {row[0]: Kind(*row) for row in _ROWS}
