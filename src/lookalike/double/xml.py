"""XML bodies as trees: the order of attributes, comments, prefixes and white space between elements don't matter.

A document type declaration is refused before anything in it is read, so no entity is ever expanded; depth and number
of elements are bounded while they are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lookalike.double.check import Check, Wanted
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.messages import Request
from lookalike.mismatch import Mismatch

DEEPEST = 200
MOST = 200_000
_XML = "http://www.w3.org/XML/1998/namespace"


class Refused(Exception):
    """XML that isn't read, and why."""


@dataclass(slots=True)
class Element:
    """One element: its name with the namespace's URI in front (`urn:a item`), attributes, child elements and texts."""

    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)


class _Builder:
    """Builds a tree from what expat finds. Runs of white space are one space, and none at an element's ends."""

    def __init__(self, encoding: str | None) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._text: list[str] = []
        self._count = 0
        self._parser = expat.ParserCreate(encoding, " ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append

    def build(self, content: bytes) -> Element:
        self._parser.Parse(content, True)
        if self.root is None:
            raise Refused("no element")
        return self.root

    def _doctype(self, *_: Any) -> None:
        raise Refused("a document type declaration, which is never read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        self._count += 1
        if self._count > MOST or len(self._open) >= DEEPEST:
            bound = f"{MOST:,} elements" if self._count > MOST else f"{DEEPEST} levels"
            raise Refused(f"more than {bound}, which aren't compared")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._flush()
        self._open.pop()

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        kept = any(one.attributes.get(f"{_XML} space") == "preserve" for one in self._open[-1:])
        text = text if kept else " ".join(text.split())
        if text and self._open:
            self._open[-1].children.append(text)


def read_xml(content: bytes, encoding: str | None = None) -> Element:
    """The root element. Raises Refused for what isn't XML, has a document type, or is too deep or too large."""
    try:
        return _Builder(encoding).build(content)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Refused(f"not XML: {error}") from None


def compare(wanted: Element, got: Element, place: str) -> Iterator[Mismatch]:
    """Each place where an element isn't what is expected: `xml /order/item[2]/@sku`."""
    if wanted.name != got.name:
        yield Mismatch(f"xml {place}", *_tags(wanted, got))
        return
    for name in sorted({*wanted.attributes, *got.attributes}):
        one, other = wanted.attributes.get(name), got.attributes.get(name)
        if one != other:
            shown = ("no such attribute" if one is None else words(one), "missing" if other is None else words(other))
            yield Mismatch(f"xml {place}/@{_local(name)}", *shown)
    yield from _of_children(wanted, got, place)


def _of_children(wanted: Element, got: Element, place: str) -> Iterator[Mismatch]:
    ours, theirs = _places(place, wanted), _places(place, got)
    for at in range(max(len(wanted.children), len(got.children))):
        one = wanted.children[at] if at < len(wanted.children) else None
        other = got.children[at] if at < len(got.children) else None
        if isinstance(one, Element) and isinstance(other, Element):
            yield from compare(one, other, ours[at])
        elif one != other:
            named = ours[at] if isinstance(one, Element) else theirs[at] if isinstance(other, Element) else place
            yield Mismatch(f"xml {named}", *_items(one, other))


def _items(wanted: Element | str | None, got: Element | str | None) -> tuple[str, str]:
    nothing = "no such element" if isinstance(got, Element) else "no text"
    return nothing if wanted is None else _item(wanted), "missing" if got is None else _item(got)


def _item(one: Element | str) -> str:
    return words(one) if isinstance(one, str) else f"<{_local(one.name)}>"


def _tags(wanted: Element, got: Element) -> tuple[str, str]:
    if _local(wanted.name) != _local(got.name):
        return _item(wanted), _item(got)
    return _with_space(wanted), _with_space(got)


def _with_space(one: Element) -> str:
    space = one.name.rpartition(" ")[0]
    return f"{_item(one)} in {space}" if space else f"{_item(one)} in no namespace"


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _places(place: str, parent: Element) -> list[str]:
    """Where each child is; its number among those of its name counts from 1, as XPath does."""
    names = [_local(child.name) if isinstance(child, Element) else "text()" for child in parent.children]
    count, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{place}/{name}" if count[name] < 2 else f"{place}/{name}[{seen[name]}]")
    return found


class XmlBody(Check):
    """The XML body as a whole."""

    def __init__(self, wanted: Any) -> None:
        if not isinstance(wanted, (str, bytes)):
            raise UsageError(f'xml= takes XML as text or bytes, xml="<order><id>1</id></order>", not {wanted!r}')
        try:
            # What a declaration says of the encoding is about the bytes, and a str has none.
            self._wanted = read_xml(wanted.encode() if isinstance(wanted, str) else wanted, _of_str(wanted))
        except Refused as error:
            raise UsageError(f"xml={wanted!r}: {error}") from None

    @property
    def wanted(self) -> Wanted:
        return ((f"xml /{_local(self._wanted.name)}", "such an element"),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        if not request.content:
            yield Mismatch("body", "XML", "no body")
            return
        try:
            got = read_xml(request.body, _charset(request))
        except Refused as error:
            yield Mismatch("body", "XML", str(error))
            return
        yield from compare(self._wanted, got, f"/{_local(self._wanted.name)}")


def _of_str(wanted: str | bytes) -> str | None:
    return "utf-8" if isinstance(wanted, str) else None


def _charset(request: Request) -> str | None:
    """The charset that the header names, which counts more than the document's own word (RFC 7303, section 3.2)."""
    for parameter in request.headers.get("content-type", "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or None
    return None
