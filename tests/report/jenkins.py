"""Jenkins' schema of JUnit reports as a table, and what a report does that it doesn't allow.

It says what `junit-10.xsd` of the xUnit plugin says (https://github.com/jenkinsci/xunit-plugin), so that tests need
neither that file nor a validator of XML Schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

#: The type SUREFIRE_TIME.
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
_BLANK = re.compile(r"[ \t\r\n]*")
_NOTHING = re.compile("")  # what has no content at all has no blanks either


@dataclass(frozen=True)
class Rule:
    """What an element may have.

    children: `ordered` where each may stand once, in this order; else any of them, in any order, as often as one likes
    text:     whether there may be other text than blanks
    """

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    children: tuple[str, ...] = ()
    order: Literal["any", "ordered"] = "any"
    text: bool = False


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_OUTCOME = Rule(optional=_names("type message"), text=True)
_TEXT = Rule(text=True)
_RERUN = Rule(_names("type"), _names("message"), ("stackTrace", "system-out", "system-err"), "ordered", text=True)
_RERUNS = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")
RULES = {
    "testsuites": Rule(optional=_names("name time tests failures errors"), children=("testsuite",)),
    "testsuite": Rule(
        _names("name tests failures errors"),
        _names("group time skipped timestamp hostname id package file log url version"),
        ("testsuite", "properties", "testcase", "system-out", "system-err"),
    ),
    "properties": Rule(children=("property",)),
    "property": Rule(_names("name value")),
    "testcase": Rule(
        _names("name"),
        _names("time classname group"),
        ("skipped", "error", "failure", *_RERUNS, "system-out", "system-err"),
    ),
    "skipped": _OUTCOME,
    "error": _OUTCOME,
    "failure": _OUTCOME,
    **dict.fromkeys(_RERUNS, _RERUN),
    "stackTrace": _TEXT,
    "system-out": _TEXT,
    "system-err": _TEXT,
}
_TIMED = frozenset({"testsuites", "testsuite"})


def problems(element: Element) -> Iterator[str]:
    """What is wrong with an element and with what is in it, a sentence each."""
    rule = RULES.get(element.tag)
    if rule is None:
        yield f"{element.tag}: no such element"
        return
    for name in sorted(rule.required - set(element.keys())):
        yield f"{element.tag}: no {name}"
    for name in sorted(set(element.keys()) - rule.required - rule.optional):
        yield f"{element.tag}: {name} is no attribute of it"
    if element.tag in _TIMED and not TIME.fullmatch(element.get("time", "")):
        yield f"{element.tag}: time={element.get('time')!r}"
    texts = [element.text, *(child.tail for child in element)]
    blank = _BLANK if rule.children else _NOTHING
    if not rule.text and not all(blank.fullmatch(text or "") for text in texts):
        yield f"{element.tag}: text"
    tags = [child.tag for child in element]
    for tag in tags:
        if tag not in rule.children:
            yield f"{element.tag}: {tag} in it"
    places = [rule.children.index(tag) for tag in tags if tag in rule.children]
    if rule.order == "ordered" and places != sorted(set(places)):
        yield f"{element.tag}: the order of {', '.join(tags)}"
    for child in element:
        if child.tag in rule.children:
            yield from problems(child)
