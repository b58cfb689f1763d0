"""Text, XML, forms with files, and credentials: what fits, what doesn't, and the place that is told."""

from __future__ import annotations

import gzip
from base64 import b64encode
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lookalike.double.match import explain
from lookalike.double.mock import MockDouble
from lookalike.double.multipart import parts
from lookalike.double.xml import DEEPEST, MOST, Refused, read_xml
from lookalike.match import ANY, absent, basic, bearer, between, exactly, including, matching
from lookalike.messages import ClientOptions, Request

BASE = "https://api.test"


def told(asked: dict[str, Any], content: bytes = b"", headers: Any = (), options: Any = None) -> list[str]:
    route = MockDouble("api", BASE).post("/x", **asked)
    return [str(one) for one in explain(route, Request("POST", f"{BASE}/x", headers, content, options=options))]


TEXTS: list[tuple[Any, bytes, str, list[str]]] = [
    ("hé", "hé".encode(), "", []),
    ("hé", "hé".encode("latin-1"), "text/plain; charset=iso-8859-1", []),
    ("hé", b"he", "", ['text: expected "hé", got "he"']),
    (including("needle"), b"hay needle", "", []),
    (including("needle"), b"hay", "", ['text: expected a text with "needle" in it, got "hay"']),
    (matching("a+"), b"aa", "", []),
    (lambda text: text.startswith("a"), b"ba", "", ['text: expected a value that <lambda> is true of, got "ba"']),
    (~including("x") & including("a"), b"xa", "",
     ['text: expected anything but something with "x", got "xa"']),
    (str.isdigit, b"12", "", []),
    (between("a", "b"), b"c", "", ['text: expected a text from "a" to "b", got "c"']),
    ("", b"", "", []),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "content", "kind", "reasons"), TEXTS)
def test_text(wanted: Any, content: bytes, kind: str, reasons: list[str]) -> None:
    assert told({"text": wanted}, content, {"content-type": kind} if kind else ()) == reasons


def test_a_body_that_must_not_be_there() -> None:
    for asked in ({"json": absent}, {"content": absent}, {"text": ""}, {"json": ~including({"a": 1})}):
        assert told(asked) == []
        assert told(asked, b'{"a":1}')
    assert told({"json": ANY}) == ["body: expected JSON, got no body"]
    assert told({"content": absent}, b"x") == ['body: expected nothing, got "x"']


def test_text_is_compared_decompressed() -> None:
    assert told({"text": "abc"}, gzip.compress(b"abc"), {"content-encoding": "gzip"}) == []


SAME_XML = [
    ("<a/>", "<a></a>"),
    ("<a/>", "<?xml version='1.0'?><!-- x --><a> \n </a><?pi?>"),
    ("<a x='1' y='2'/>", '<a y="2" x="1"/>'),
    ("<a><b>x</b><c/></a>", "<a>\n  <b> x </b>\n  <c/>\n</a>"),
    ("<a>x  y</a>", "<a>x\ny</a>"),
    ("<a>x<b/>y</a>", "<a> x <b/> y </a>"),
    ("<a>&lt;b&gt;</a>", "<a><![CDATA[<b>]]></a>"),
    ("<a>x y</a>", "<a>x<!-- c --> y</a>"),
    ("<p:a xmlns:p='urn:x' p:k='1'/>", "<q:a xmlns:q='urn:x' q:k='1'/>"),
    ("<a xmlns='urn:x'><b/></a>", "<x:a xmlns:x='urn:x'><x:b/></x:a>"),
    ("<a>é</a>", "<a>&#233;</a>"),
    ("<a xml:space='preserve'> x </a>", "<a xml:space='preserve'> x </a>"),
]


@pytest.mark.parametrize(("wanted", "got"), SAME_XML)
def test_xml_that_is_the_same(wanted: str, got: str) -> None:
    assert told({"xml": wanted}, got.encode()) == []
    assert told({"xml": got}, wanted.encode()) == []
    assert told({"xml": wanted.encode()}, got.encode()) == []


OTHER_XML: list[tuple[str, str, list[str]]] = [
    ("<a/>", "<b/>", ["xml /a: expected <a>, got <b>"]),
    ("<a x='1'/>", "<a x='2' y='3'/>",
     ['xml /a/@x: expected "1", got "2"', 'xml /a/@y: expected no such attribute, got "3"']),
    ("<a x='1'/>", "<a/>", ['xml /a/@x: expected "1", got missing']),
    ("<a><b>1</b><b>2</b></a>", "<a><b>1</b><b>3</b></a>", ['xml /a/b[2]: expected "2", got "3"']),
    ("<a><b/><c/></a>", "<a><b/></a>", ["xml /a/c: expected <c>, got missing"]),
    ("<a><b/></a>", "<a><b/><c/></a>", ["xml /a/c: expected no such element, got <c>"]),
    ("<a><b/></a>", "<a>text</a>", ['xml /a/b: expected <b>, got "text"']),
    ("<a>text</a>", "<a><b/></a>", ['xml /a/b: expected "text", got <b>']),
    ("<a>text</a>", "<a/>", ['xml /a: expected "text", got missing']),
    ("<a/>", "<a>text</a>", ['xml /a: expected no text, got "text"']),
    ("<a><b/><c/></a>", "<a><c/><b/></a>", ["xml /a/b: expected <b>, got <c>", "xml /a/c: expected <c>, got <b>"]),
    ("<a xmlns='urn:x'/>", "<a/>", ["xml /a: expected <a> in urn:x, got <a> in no namespace"]),
    ("<a xml:space='preserve'> x</a>", "<a xml:space='preserve'>x</a>", ['xml /a: expected " x", got "x"']),
    ("<o><i><p q='1'/></i></o>", "<o><i><p q='2'/></i></o>", ['xml /o/i/p/@q: expected "1", got "2"']),
    ("<a/>", "", ["body: expected XML, got no body"]),
    ("<a/>", "<a>", ["body: expected XML, got not XML: no element found: line 1, column 3"]),
    ("<a/>", "{}", ["body: expected XML, got not XML: not well-formed (invalid token): line 1, column 0"]),
    ("<a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
     ["body: expected XML, got a document type declaration, which is never read"]),
]  # fmt: skip


def test_xml_of_many_rows() -> None:
    """Each is numbered once: 20,000 rows that are counted for each of them would take long."""
    rows = ["<r>1</r>"] * 20_000
    whole = f"<a>{''.join(rows)}</a>"
    assert told({"xml": whole}, whole.encode()) == []
    other = f"<a>{''.join([*rows[:-1], '<r>2</r>'])}</a>"
    assert told({"xml": whole}, other.encode()) == ['xml /a/r[20000]: expected "1", got "2"']


def test_xml_as_deep_as_it_is_read() -> None:
    deep = "<a>" * DEEPEST + "1" + "</a>" * DEEPEST
    assert told({"xml": deep}, deep.encode()) == []


@pytest.mark.parametrize(("wanted", "got", "reasons"), OTHER_XML)
def test_xml_that_differs(wanted: str, got: str, reasons: list[str]) -> None:
    assert told({"xml": wanted}, got.encode()) == reasons


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>".encode("latin-1"), ""),
        ("<a>é</a>".encode("latin-1"), 'text/xml; charset="iso-8859-1"'),
        ("<a>é</a>".encode("utf-16"), ""),
        ("<a>é</a>".encode(), "application/xml"),
    ],
)
def test_xml_in_its_encoding(content: bytes, kind: str) -> None:
    assert told({"xml": "<?xml version='1.0' encoding='utf-16'?><a>é</a>"}, content, {"content-type": kind}) == []


def test_xml_in_an_encoding_that_nobody_knows() -> None:
    (reason,) = told({"xml": "<a/>"}, b"<a/>", {"content-type": "text/xml; charset=nonsense"})
    assert reason.startswith("body: expected XML, got not XML: unknown encoding")


BOMBS = {
    "deep": b"<a>" * 10_000_000,
    "wide": b"<a>" + b"<b/>" * 8_000_000 + b"</a>",
    "a billion laughs": b"<!DOCTYPE a [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (c, b"&%c;" % (c - 1) * 10) for c in range(ord("b"), ord("l")))
    + b"]><a>&k;</a>",
    "outside": b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_xml_that_would_blow_up_is_refused_early(name: str) -> None:
    (reason,) = told({"xml": "<a/>"}, BOMBS[name])
    assert reason.startswith("body: expected XML, got ")
    assert ("more than" in reason) or ("document type" in reason)
    assert (DEEPEST, MOST) == (200, 200_000)


def test_an_entity_that_nobody_declared_is_no_xml() -> None:
    with pytest.raises(Refused, match="undefined entity"):
        read_xml(b"<a>&x;</a>")


NAMES = st.sampled_from(["a", "b", "{urn:x}a"])
TEXT = st.text(alphabet=" \nabé<&'\"", max_size=4)


def element(name: str, attributes: dict[str, str], text: str, children: list[Any]) -> Any:
    made = ElementTree.Element(name, attributes)
    made.text = text
    for child, tail in children:
        child.tail = tail
        made.append(child)
    return made


ELEMENTS: st.SearchStrategy[Any] = st.recursive(
    st.builds(element, NAMES, st.dictionaries(NAMES, TEXT, max_size=2), TEXT, st.just([])),
    lambda inner: st.builds(
        element, NAMES, st.dictionaries(NAMES, TEXT, max_size=2), TEXT, st.lists(st.tuples(inner, TEXT), max_size=3)
    ),
    max_leaves=5,
)


@given(ELEMENTS, ELEMENTS)
def test_law_xml_fits_itself_however_it_is_written_and_fits_both_ways(one: Any, other: Any) -> None:
    written = ElementTree.tostring(one)
    ElementTree.register_namespace("again", "urn:x")
    again = ElementTree.tostring(one, encoding="utf-16", short_empty_elements=False)
    assert told({"xml": written}, again) == []
    there, back = (
        told({"xml": written}, ElementTree.tostring(other)),
        told({"xml": ElementTree.tostring(other)}, written),
    )
    assert (there == []) is (back == [])


def multipart(*pieces: tuple[str, bytes], boundary: str = "b0undary") -> tuple[dict[str, str], bytes]:
    body = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in pieces)
    return {"content-type": f"multipart/form-data; boundary={boundary}"}, body + f"--{boundary}--\r\n".encode()


FILE = 'Content-Disposition: form-data; name="f"; filename="{}"\r\nContent-Type: {}'
TWO = multipart((FILE.format("a.txt", "text/plain"), b"one"), (FILE.format("b.png", "image/png"), b"\x89two"))
FILES: list[tuple[Any, list[str]]] = [
    ({"f": [b"one", b"\x89two"]}, []),
    ({"f": [("a.txt", ANY), ("b.png", ANY, "image/png")]}, []),
    ({"f": [("a.txt", ANY), (matching(r".*\.png"), ANY, including("image/"))]}, []),
    ({"f": [(None, b"one", "text/plain"), ANY]}, []),
    ({"f": [b"\x89two", b"one"]},
     ["file f: expected 4 bytes that begin with 89 74 77 6f, got \"one\"",
      'file f: expected "one", got 4 bytes that begin with 89 74 77 6f']),
    ({"f": [("a.txt", ANY, "image/png"), ("c.png", ANY)]},
     ['file f type: expected "image/png", got "text/plain"', 'file f name: expected "c.png", got "b.png"']),
    ({"f": ANY}, ["file f: expected 1 file, got 2 files"]),
    ({"f": [ANY, ANY, ANY]}, ["file f: expected 3 files, got 2 files"]),
    ({"g": [ANY, ANY]}, ["file g: expected 2 files, got missing", "file f: expected no such file, got 3 bytes"]),
    ({"f": None}, ["file f: expected nothing, got 3 bytes"]),
    (including({"g": absent}), []),
    (exactly({"f": [ANY, lambda content: len(content) == 4]}), []),
    ({"f": [ANY, lambda content: len(content) == 3]},
     ["file f: expected a value that <lambda> is true of, got 4 bytes that begin with 89 74 77 6f"]),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "reasons"), FILES)
def test_files(wanted: Any, reasons: list[str]) -> None:
    headers, content = TWO
    assert told({"files": wanted}, content, headers) == reasons


def test_a_file_name_beyond_ascii_as_older_clients_send_it() -> None:
    head = 'Content-Disposition: form-data; name="f"; filename*={}'
    values = ["utf-8''na%C3%AFve.txt", "iso-8859-1'en'na%EFve.txt", "nonsense", "no-such-charset''x%E4"]
    names = []
    for value in values:
        headers, content = multipart((head.format(value), b""))
        names += [part.filename for part in parts(Request("POST", BASE, headers, content))]
    assert names == ["naïve.txt", "naïve.txt", None, None]


def test_files_as_clients_send_several_of_one_name() -> None:
    pair: list[tuple[str, tuple[str, bytes, str]]] = [
        ("f", ("ä.txt", b"1", "text/plain")),
        ("f", ("b.txt", b"2", "a/b")),
    ]
    asked = {"files": {"f": [("ä.txt", b"1"), ("b.txt", b"2", "a/b")]}}
    prepared = requests.Request("POST", f"{BASE}/x", files=pair).prepare()
    assert isinstance(prepared.body, bytes)
    assert told(asked, prepared.body, dict(prepared.headers)) == []
    built = httpx.Request("POST", f"{BASE}/x", files=pair)
    assert told(asked, built.read(), dict(built.headers)) == []


def encoded(text: str, charset: str = "utf-8") -> str:
    return "Basic " + b64encode(text.encode(charset)).decode()


AUTHS: list[tuple[Any, str | None, list[str]]] = [
    (("kim", "pw"), encoded("kim:pw"), []),
    (("kim", "p:w"), encoded("kim:p:w").replace("Basic", "bAsIc"), []),
    (("kim", "é"), encoded("kim:é"), []),
    (("kim", "é"), encoded("kim:é", "latin-1"), []),
    (("kim", "pw"), encoded("kim:pw").rstrip("="), []),
    (basic("kim", ANY), encoded("kim:x"), []),
    (basic(matching("k.*"), lambda password: len(password) > 2), encoded("kim:xyz"), []),
    (("kim", "pw"), encoded("lee:pw"), ['auth user: expected "kim", got "lee"']),
    (("kim", "pw"), encoded("kim:other"), ["auth password: expected a secret (masked), got another (masked)"]),
    (("kim", "pw"), encoded("kim:"), ['auth password: expected a secret (masked), got ""']),
    (("kim", "pw"), "Basic %%%", ['auth: expected basic auth of "kim", got basic auth that isn\'t base64']),
    (("kim", "pw"), "Bearer abc", ['auth: expected basic auth of "kim", got Bearer (masked)']),
    (("kim", "pw"), "abc", ['auth: expected basic auth of "kim", got something else (masked)']),
    (("kim", "pw"), None, ['auth: expected basic auth of "kim", got missing']),
    (bearer("abc"), "bearer abc", []),
    (bearer(ANY), "Bearer x.y.z", []),
    (bearer("abc"), "Bearer abd", ["auth token: expected a secret (masked), got another (masked)"]),
    (bearer("abc"), encoded("a:b"), ["auth: expected a bearer token, got Basic (masked)"]),
    (bearer("abc") | basic("kim", "pw"), encoded("kim:x"),
     ["auth password: expected a secret (masked), got another (masked); or a bearer token"]),
    (~bearer("abc"), "Bearer abc", ["auth: expected anything but a bearer token, got Bearer (masked)"]),
    (absent, None, []),
    (absent, "Bearer abc", ["auth: expected nothing, got Bearer (masked)"]),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "sent", "reasons"), AUTHS)
def test_auth(wanted: Any, sent: str | None, reasons: list[str]) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    assert told({"auth": wanted}, b"", headers) == reasons


def test_credentials_as_a_header_and_their_looks() -> None:
    assert told({"headers": {"Authorization": bearer("x")}}, b"", {"authorization": "Bearer x"}) == []
    assert [repr(one) for one in (basic("kim", "secret"), bearer("secret"))] == [
        "basic('kim', masked)",
        "bearer(masked)",
    ]


OPTIONS = ClientOptions(timeout=2.5, verify="/etc/ca.pem", cert="client.pem", proxy="http://me:pw12345678@proxy:1/")
CLIENTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"timeout": 2.5, "verify": True, "cert": "client.pem", "proxy": "http://me:pw12345678@proxy:1"}, []),
    ({"timeout": between(1, 3), "verify": "/etc/ca.pem", "cert": ("client.pem", "key.pem"), "proxy": ANY}, []),
    ({"timeout": lambda seconds: seconds > 3},
     ["client timeout: expected a value that <lambda> is true of, got 2.5"]),
    ({"timeout": None}, ["client timeout: expected nothing, got 2.5"]),
    ({"verify": False}, ['client verify: expected false, got "/etc/ca.pem"']),
    ({"proxy": "http://other:1"}, ['client proxy: expected "http://other:1", got "http://REDACTED@proxy:1"']),
    ({"cert": "b.pem"}, ['client cert: expected "b.pem", got "client.pem"']),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "reasons"), CLIENTS)
def test_client_options(asked: dict[str, Any], reasons: list[str]) -> None:
    assert told({"client": asked}, options=lambda: OPTIONS) == reasons


def test_client_options_that_no_door_knows() -> None:
    assert told({"client": {"verify": True, "proxy": None}}) == [
        "client verify: expected true, got not set, or not known"
    ]


@pytest.mark.parametrize("kind", ["multipart/form-data", "Multipart/Form-Data; charset=utf-8; boundary="])
def test_a_multipart_body_without_a_boundary_says_so(kind: str) -> None:
    """A test that sets the header by hand loses what the client would have put there."""
    body = b'--x\r\nContent-Disposition: form-data; name="a"; filename="n"\r\n\r\n1\r\n--x--\r\n'
    why = f'header content-type: expected a boundary, got "{kind}"; let the client set this header'
    headers = {"content-type": kind}
    assert told({"files": {"a": b"1"}}, body, headers) == [why, "file a: expected a file, got missing"]
    assert told({"form": {"b": "1"}}, body, headers) == [why, 'form b: expected "1", got missing']
    assert told({"files": {"a": b"1"}}, body, {"content-type": f"{kind.partition(';')[0]}; boundary=x"}) == []
