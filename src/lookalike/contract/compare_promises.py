"""What two documents say of an operation besides its bodies: credentials, its end, pages, charsets, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookalike.contract.compare_finding import Finding
from lookalike.contract.contract import Contract
from lookalike.contract.kinds import Severity
from lookalike.contract.operation import Answer, Operation
from lookalike.contract.pagination import style_of
from lookalike.messages import split_url

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*")
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


def security(before: Contract, old: Operation, after: Contract, new: Operation) -> Iterator[Finding]:
    """Credentials that were good and no longer are (OpenAPI 3.1, section 4.8.30).

    A way of the old document still holds where the new one has a way that asks for no more: the same schemes, of the
    same kind, with no other scopes.
    """
    if before.learned or after.learned:
        return
    was, has = _ways(before, old), _ways(after, new)
    if not has:
        return
    lost = [way for way in was or [{}] if not any(_enough(way, other, before, after) for other in has)]
    if lost:
        yield Finding("auth-changed", "", ("security",), _either(lost), _either(has), _either(has))


def _ways(contract: Contract, operation: Operation) -> list[Mapping[str, Any]]:
    node = contract.document.at(operation.pointer)
    found = node.get("security") if isinstance(node, Mapping) else None
    if found is None:
        found = contract.document.root.get("security")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _enough(way: Mapping[str, Any], asked: Mapping[str, Any], before: Contract, after: Contract) -> bool:
    return all(
        name in way
        and set(map(str, scopes or ())) <= set(map(str, way[name] or ()))
        and _scheme(before, name) == _scheme(after, name)
        for name, scopes in asked.items()
    )


def _scheme(contract: Contract, name: str) -> tuple[str, ...]:
    """What a scheme asks for; its description and where tokens come from are the client's own affair."""
    root = contract.document.root
    components = root.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else root.get("securityDefinitions")
    node = schemes.get(name) if isinstance(schemes, Mapping) else None
    if not isinstance(node, Mapping):
        return ()
    return tuple(str(node.get(word) or "").lower() for word in ("type", "scheme", "in", "name"))


def _either(ways: Iterable[Mapping[str, Any]]) -> str:
    return " or ".join(_way(way) for way in ways)


def _way(way: Mapping[str, Any]) -> str:
    parts = [f"{name} ({', '.join(map(str, scopes))})" if scopes else str(name) for name, scopes in way.items()]
    return " and ".join(parts) or "no credentials"


def ends(before: Contract, old: Operation, after: Contract, new: Operation) -> Iterator[Finding]:
    """An end that is announced, moved closer, or no longer dated."""
    was, has = _node(before, old), _node(after, new)
    gone = was.get("deprecated") is True
    going = has.get("deprecated") is True
    first, second = _sunset(was), _sunset(has)
    if going and not gone:
        now = f"deprecated, gone after {second}" if second else "deprecated"
        yield Finding("deprecated", "", ("operation",), before="not announced", now=now)
    elif going and first and first != second and (not second or second < first):
        now = f"gone after {second}" if second else "no day is named"
        yield Finding("deprecated", "", ("operation",), before=f"gone after {first}", now=now, detail="sunset")


def _node(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    node = contract.document.at(operation.pointer)
    return node if isinstance(node, Mapping) else {}


def _sunset(node: Mapping[str, Any]) -> str:
    found = _DATE.search(str(node.get("x-sunset") or ""))
    return found.group() if found is not None else ""


def turning(old: Operation, new: Operation) -> Iterator[Finding]:
    """Pages that are turned in another way: by a cursor where it was by a number."""
    was, has = (style_of(one.name for one in each.parameters if one.place == "query") for each in (old, new))
    if was[0] and has[0] and was[0] != has[0] and not set(was[1]) & {one.name for one in new.parameters}:
        places = tuple(f"query {name}" for name in was[1])
        words = [f"{style}: {', '.join(names)}" for style, names in (was, has)]
        yield Finding("pagination-changed", "", places, words[0], words[1], has[0])


def charsets(before: Contract, old: Answer, after: Contract, new: Answer) -> Iterator[Finding]:
    """Another charset of one media type."""
    was, has = _charsets(before, old), _charsets(after, new)
    for kind in sorted(was.keys() & has.keys()):
        if was[kind] and has[kind] and was[kind] != has[kind]:
            yield Finding("charset-changed", "", ("header Content-Type",), was[kind], has[kind], has[kind])


def _charsets(contract: Contract, answer: Answer) -> dict[str, str]:
    node = contract.document.at(answer.pointer)
    content = node.get("content") if isinstance(node, Mapping) else None
    found = {}
    for name in content if isinstance(content, Mapping) else ():
        charset = _CHARSET.search(str(name))
        found[str(name).partition(";")[0].strip().lower()] = charset.group(1).lower() if charset is not None else ""
    return found


def moved_version(before: Contract, after: Contract, operations: Iterable[str]) -> Iterator[Finding]:
    """Another version in the server's URL: `/v1` and `/v2`."""
    if before.learned or after.learned:
        return
    was, has = _version(before), _version(after)
    if was and has and was != has:
        for operation in operations:
            yield Finding("api-version-moved", operation, ("server",), was, has, has, Severity.RISKY)


def _version(contract: Contract) -> str:
    url = contract.document.base_url
    if url is None:
        return ""
    parts = [part for part in split_url(url).path.split("/") if _VERSION.fullmatch(part)]
    return parts[-1] if parts else ""
