"""What documents say of values besides their types: limits, patterns, defaults, positions, companions, variants.

Only documents promise such things: what a learned contract saw is no promise, so nothing here is asked of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.codec import encode_json
from lookalike.contract.compare_finding import Finding
from lookalike.contract.compare_form import Form
from lookalike.contract.kinds import Severity

# Beyond it a double has no room for every integer (IEEE 754, section 3.4).
_EXACT = 2**53
_NESTED = frozenset({"object", "array"})


class _Limit(NamedTuple):
    """A keyword that bounds values from above or below.

    wider: the kind of a response whose values may be more than before
    """

    word: str
    upper: bool
    wider: str


_LIMITS = (
    _Limit("maxLength", True, "string-longer"),
    _Limit("maximum", True, "number-outside-range"),
    _Limit("exclusiveMaximum", True, "number-outside-range"),
    _Limit("minimum", False, "number-outside-range"),
    _Limit("exclusiveMinimum", False, "number-outside-range"),
    _Limit("minItems", False, "array-length-changed"),
    _Limit("maxItems", True, "array-length-changed"),
)
# Those of which a response says nothing that a consumer could trip over.
_OF_REQUESTS = (
    *_LIMITS,
    _Limit("minLength", False, ""),
    _Limit("minProperties", False, ""),
    _Limit("maxProperties", True, ""),
)
_TIGHT = ("pattern", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")


def response_limits(old: Form, new: Form) -> Iterator[Finding]:
    """What a consumer that reads the values at one place meets."""
    if old.shape is not None or new.shape is not None:
        return
    for limit in _LIMITS:
        before, now = _number(old, limit), _number(new, limit)
        if before is None or (now is not None and (now <= before if limit.upper else now >= before)):
            continue
        severity = _severity(limit, now)
        yield Finding(limit.wider, "", ("",), _told(limit, before), _told(limit, now), limit.word, severity)
    before, now = old.said("pattern"), new.said("pattern")
    if before is not None and before != now:
        yield Finding("id-form-changed", "", ("",), f"{before} matches", f"{now} matches" if now else "any text")
    if old.said("default") != new.said("default"):
        yield Finding("response-default-changed", "", ("",), _default(old), _default(new))
    direction, direction_now = _direction(old), _direction(new)
    if direction != direction_now:
        yield Finding("read-write-flipped", "", ("",), direction, direction_now, direction_now)
    yield from _positions(old, new)
    yield from _keys(old, new)
    yield from _companions(old, new)


def _direction(form: Form) -> str:
    return " and ".join(word for word in ("readOnly", "writeOnly") if form.said(word)) or "read and written"


def request_limits(old: Form, new: Form) -> Iterator[Finding]:
    """What a consumer that sends the values at one place meets."""
    if old.shape is not None or new.shape is not None or old.unknown or new.unknown:
        return
    for limit in _OF_REQUESTS:
        before, now = _number(old, limit), _number(new, limit)
        if before == now:
            continue
        tighter = now is not None and (before is None or (now < before if limit.upper else now > before))
        kind = "request-limit-tightened" if tighter else "request-type-widened"
        yield Finding(kind, "", ("",), _told(limit, before), _told(limit, now), limit.word)
    for word in _TIGHT:
        before, now = old.said(word), new.said(word)
        if before != now:
            kind = "request-limit-tightened" if now else "request-type-widened"
            yield Finding(kind, "", ("",), f"{word} {before}" if before else f"no {word}",
                          f"{word} {now}" if now else f"no {word}", word)  # fmt: skip
    for name, needs in _required(new).items():
        fresh = sorted(set(needs) - set(_required(old).get(name, ())))
        if fresh:
            yield Finding("request-limit-tightened", "", ("",), f"{name} may stand alone",
                          f"{name} needs {', '.join(fresh)}", f"dependentRequired {name}")  # fmt: skip


def variants(old: Form, new: Form) -> Iterator[Finding]:
    """Variants that no tag tells apart, and what a discriminator says (OpenAPI 3.1, section 4.8.25)."""
    if old.shape is not None or new.shape is not None:
        return
    before, now = _discriminator(old), _discriminator(new)
    name = before.get("propertyName")
    if name and name != now.get("propertyName"):
        yield Finding("discriminator-gone", "", (f".{name}",), f"told apart by {name}",
                      f"told apart by {now['propertyName']}" if now.get("propertyName") else "not told apart",
                      str(now.get("propertyName") or ""))  # fmt: skip
    elif name:
        was, has = set(_mapping(before)), set(_mapping(now))
        if has - was:
            yield Finding("union-branch-added", "", (f".{name}",), ", ".join(sorted(was)) or "none is named",
                          f"also {', '.join(sorted(has - was))}", "mapping")  # fmt: skip
        if was - has:
            yield Finding("union-branch-gone", "", (f".{name}",), ", ".join(sorted(was)),
                          f"no {', '.join(sorted(was - has))}", "mapping")  # fmt: skip


def untagged(old: Form, new: Form) -> tuple[list[Finding], bool]:
    """Findings about alternatives of a union without a tag, and whether that says all: the shapes that both have are
    the same then. One form that becomes one of several is no such finding: its keys are what is no longer always there.
    """
    if old.shape is not None or new.shape is not None or (old.tag and new.tag):
        return [], False
    was, has = _branches(old), _branches(new)
    if len(was) < 2 or not (set(was) & set(has)):
        return [], False
    fresh, gone = ([now[key] for key in now if key not in then] for now, then in ((has, was), (was, has)))
    if bool(fresh) is bool(gone):
        return [], False  # a variant that is another now: its keys tell
    if fresh:
        words = "union-branch-added", f"{len(was)} variants", f"also {_list(fresh)}"
    else:
        words = "union-branch-gone", f"{len(was)} variants", f"no {_list(gone)}"
    return [Finding(words[0], "", ("",), words[1], words[2], "variant")], True


def _list(branches: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(
        str(branch["$ref"]).rpartition("/")[2] if "$ref" in branch
        else "an object with " + ", ".join(sorted(branch.get("properties") or ())[:4])
        for branch in branches
    )  # fmt: skip


def _branches(form: Form) -> dict[str, Mapping[str, Any]]:
    """The alternatives that are objects or lists, by what they say; a schema without any is the only one."""
    schema = form.schema
    if not isinstance(schema, Mapping):
        return {}
    named: list[Any] = [one for word in ("oneOf", "anyOf") for one in schema.get(word) or ()] or [schema]
    nested = [
        one for one in named if isinstance(one, Mapping) and ("$ref" in one or "properties" in one or _is_nested(one))
    ]
    return {encode_json(one).decode(): one for one in nested}


def _is_nested(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return bool(_NESTED & ({kind} if isinstance(kind, str) else set(kind or ())))


def _positions(old: Form, new: Form) -> Iterator[Finding]:
    before, now = old.said("prefixItems"), new.said("prefixItems")
    if before == now or not (isinstance(before, list) or isinstance(now, list)):
        return
    was = [old.below(one).words for one in before or ()]
    has = [new.below(one).words for one in now or ()]
    if was != has:
        yield Finding("tuple-changed", "", ("",), ", ".join(was) or "no positions", ", ".join(has) or "no positions")


def _keys(old: Form, new: Form) -> Iterator[Finding]:
    for word in ("propertyNames", "patternProperties"):
        before, now = old.said(word), new.said(word)
        if isinstance(before, Mapping) and before != now and (word == "propertyNames" or set(before) - set(now or ())):
            yield Finding("object-became-map", "", ("",), f"keys of a form ({word})", "keys of another form", word)


def _companions(old: Form, new: Form) -> Iterator[Finding]:
    has = _required(new)
    for name, needs in sorted(_required(old).items()):
        lost = sorted(set(needs) - set(has.get(name, ())))
        if lost:
            yield Finding("presence-rule-broken", "", (f".{name}",), f"always with {', '.join(lost)}",
                          "may stand alone", ", ".join(lost))  # fmt: skip


def _required(form: Form) -> Mapping[str, Sequence[str]]:
    found = form.said("dependentRequired")
    return {
        str(name): [str(one) for one in needs]
        for name, needs in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(needs, list)
    }


def _discriminator(form: Form) -> Mapping[str, Any]:
    found = form.schema.get("discriminator") if isinstance(form.schema, Mapping) else None
    if found is None:
        found = form.said("discriminator")
    return found if isinstance(found, Mapping) else {"propertyName": found} if isinstance(found, str) else {}


def _mapping(discriminator: Mapping[str, Any]) -> Mapping[str, Any]:
    found = discriminator.get("mapping")
    return found if isinstance(found, Mapping) else {}


def _number(form: Form, limit: _Limit) -> float | None:
    value = form.said(limit.word)
    if isinstance(value, bool) or not isinstance(value, int | float):
        # In 3.0 the word says that the other one is exclusive; `maximum` is compared then.
        return None
    return value


def _severity(limit: _Limit, now: float | None) -> Severity | None:
    if limit.word == "minItems" and not now:
        return Severity.RISKY  # there may be no first item
    if limit.wider == "number-outside-range" and now is not None and abs(now) > _EXACT:
        return Severity.RISKY
    return None


def _told(limit: _Limit, value: float | None) -> str:
    return f"no {limit.word}" if value is None else f"{limit.word} {value:,}"


def _default(form: Form) -> str:
    value = form.said("default")
    return "no default" if value is None else encode_json(value).decode()
