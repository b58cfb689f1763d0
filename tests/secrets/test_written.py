"""The law of what is written: for any secret in a known place or of a known form, wherever its bytes recur in the
exchange, however they are spelled there, no byte of what is written has it, in any of these spellings.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import string
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_to_bytes

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lookalike import Api
from lookalike.api.declared import declared_by, write_mocks
from lookalike.contract.files import save
from lookalike.contract.learning import learn
from lookalike.messages import Exchange, Request, Response
from lookalike.secrets import redact
from lookalike.secrets.recurring import Recurrences, unescaped_percent
from lookalike.traffic import har_file

JSON = {"Content-Type": "application/json"}
BASE = "https://api.test"


def percent(secret: str) -> str:
    return "".join(f"%{byte:02X}" for byte in secret.encode())


def escaped(secret: str) -> str:
    units = secret.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def partly(secret: str) -> str:
    return "".join(percent(char).lower() if at % 3 == 1 else quote(char, safe="") for at, char in enumerate(secret))


def wrapped(secret: str) -> str:
    text = base64.b64encode(f"some words before {secret} and after it".encode()).decode()
    return "\n".join(text[at : at + 20] for at in range(0, len(text), 20))


# How a secret may recur in a text.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded in full": percent,
    "percent-encoded in part, lower case": partly,
    "percent-encoded twice": lambda secret: quote(percent(secret), safe=""),
    "plus for space": quote_plus,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64, shifted by one": lambda secret: base64.b64encode(b"x" + secret.encode() + b"yz").decode(),
    "base64, shifted by two": lambda secret: base64.b64encode(b"xx" + secret.encode() + b"y").decode(),
    "base64url": lambda secret: base64.urlsafe_b64encode(b"u:" + secret.encode()).decode(),
    "base64 in lines": wrapped,
    "base64, percent-encoded": lambda secret: quote(base64.b64encode(secret.encode()).decode(), safe=""),
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
    "JSON's escapes": escaped,
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"said": secret}))[1:-1],
    "HTML's escapes": html.escape,
    "HTML's numbers": lambda secret: "".join(f"&#{ord(char)};" for char in secret),
    "HTML's hex numbers": lambda secret: "".join(f"&#x{ord(char):x};" for char in secret),
}


def spelled_in(content: bytes, secret: str) -> list[str]:
    """The spellings of a secret that bytes have, looked for without any code of ours."""
    raw = secret.encode()
    views = [content]
    for _ in range(3):
        views.append(unquote_to_bytes(views[-1]))
    text = content.decode("utf-8", "replace")
    views.append(html.unescape(text).encode("utf-8", "replace"))
    plain = re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    views.append(plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())
    views.append(re.sub(r"\\+(.)", r"\1", plain).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())
    views += [re.sub(rb"(?:\\n|\s)", b"", view) for view in views]
    looked_for = {
        "raw": raw,
        "plus": raw.replace(b" ", b"+"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
    }
    for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
        for offset in range(3):
            bits = encode(b"\0" * offset + raw)
            looked_for[f"{name} {offset}"] = bits[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6]
    return [name for name, form in looked_for.items() if any(form in view for view in views)]


# Where a secret is known to be.
def header(secret: str, echo: str) -> Exchange:
    return around(Request("GET", f"{BASE}/items", {"X-Api-Key": quote(secret)}), echo)


def basic(secret: str, echo: str) -> Exchange:
    pair = base64.b64encode(f"bob:{secret}".encode()).decode()
    return around(Request("GET", f"{BASE}/items", {"Authorization": f"Basic {pair}"}), echo)


def bearer(secret: str, echo: str) -> Exchange:
    return around(Request("GET", f"{BASE}/items", {"Authorization": f"Bearer {secret}"}), echo)


def cookie(secret: str, echo: str) -> Exchange:
    return around(Request("GET", f"{BASE}/items", {"Cookie": f"theme=dark; sid={secret}"}), echo)


def query(secret: str, echo: str) -> Exchange:
    return around(Request("GET", f"{BASE}/items?page=2&access_token={quote(secret, safe='')}"), echo)


def user_info(secret: str, echo: str) -> Exchange:
    return around(Request("GET", f"https://bob:{quote(secret, safe='')}@api.test/items"), echo)


def form(secret: str, echo: str) -> Exchange:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return around(Request("POST", f"{BASE}/items", kind, f"password={quote_plus(secret)}".encode()), echo)


def json_request(secret: str, echo: str) -> Exchange:
    body = json.dumps({"user": {"credentials": [{"pass": secret}]}}, ensure_ascii=len(secret) % 2 == 0)
    return around(Request("POST", f"{BASE}/items", JSON, body.encode()), echo)


def multipart(secret: str, echo: str) -> Exchange:
    body = f'--B\r\nContent-Disposition: form-data; name="token"\r\n\r\n{secret}\r\n--B--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    return around(Request("POST", f"{BASE}/items", kind, body.encode()), echo)


def token_answer(secret: str, echo: str) -> Exchange:
    return around(Request("POST", f"{BASE}/oauth/token"), echo, {"access_token": secret, "expires_in": 3600})


PLACES = [header, basic, bearer, cookie, query, user_info, form, json_request, multipart, token_answer]


def around(request: Request, echo: str, answer: dict[str, Any] | None = None) -> Exchange:
    """An exchange that repeats something in its answer: in a value, a key, a list and a header."""
    value = {"id": 1, "said": f"it was {echo}", "kind": "item", "list": [echo], "by": {f"k{echo}": 1}, **(answer or {})}
    fields = {**JSON, "X-Echo": quote(echo), "Location": f"/items?back={quote(echo, safe='')}"}
    return Exchange(request, Response(200, fields, json.dumps(value).encode()), day="2026-11-22")


def bytes_of(exchange: Exchange) -> bytes:
    request, response = exchange.request, exchange.response
    assert response is not None
    texts = [request.method, request.url, *(text for pair in request.headers.pairs for text in pair)]
    texts += [response.reason, *(text for pair in response.headers.pairs for text in pair)]
    return b"\n".join([*(text.encode("utf-8", "replace") for text in texts), request.content, response.content])


token68 = st.text(string.ascii_letters + string.digits + "-._~+/", min_size=6, max_size=40)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=6, max_size=24)


def is_fair(place: Callable[[str, str], Exchange], spelling: str, secret: str) -> bool:
    """Whether the secret isn't in what stands there without it, nor cut by the syntax of its own place."""
    cut = {"cookie": ";", "bearer": " ", "multipart": "\r\n-"}.get(place.__name__, "") + '"'
    if secret.strip() != secret or any(char in cut for char in secret) or secret in "REDACTED" or "REDACTED" in secret:
        return False
    if place is basic and ":" in secret:
        return False
    # A URL is no secret, and `true` is none.
    if secret.lower().startswith(("http://", "https://")):
        return False
    bare = SPELLINGS[spelling]("\N{SNOWMAN}" * 8)
    return not spelled_in(bytes_of(place("\N{SNOWMAN}" * 8, bare)) + b"redacted@example.com REDACTED", secret)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("place", PLACES)
def test_a_secret_recurs_in_every_spelling(place: Callable[[str, str], Exchange], spelling: str) -> None:
    secret = "s3cr3t/Value+9~x"
    exchange = place(secret, SPELLINGS[spelling](secret))
    assert spelled_in(bytes_of(exchange), secret)
    assert spelled_in(bytes_of(redact(exchange)), secret) == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(sorted(SPELLINGS)), token68 | texts)
def test_law_nothing_redacted_has_it(place: Callable[[str, str], Exchange], spelling: str, secret: str) -> None:
    assume(is_fair(place, spelling, secret))
    assert spelled_in(bytes_of(redact(place(secret, SPELLINGS[spelling](secret)))), secret) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(sorted(SPELLINGS)), token68)
def test_law_no_file_has_it(place: Callable[[str, str], Exchange], spelling: str, secret: str) -> None:
    assume(is_fair(place, spelling, secret) and len(secret) >= 10)
    # What names a thing here would be in every file.
    assume(not secret.isalpha() and len(set(secret)) > 4)
    exchange = place(secret, SPELLINGS[spelling](secret))
    with tempfile.TemporaryDirectory() as folder:
        har_file.write(Path(folder) / "a.har", [exchange], version="1")
        save(learn([exchange], base_url=BASE, name="a"), Path(folder) / "a.yaml")
        for path in sorted(Path(folder).iterdir()):
            assert spelled_in(path.read_bytes(), secret) == [], path.name


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_file_of_declared_mocks_has_none(spelling: str, tmp_path: Path) -> None:
    secret = "s3cr3t/Value+9~x"
    with Api(base_url=BASE).mock(unused="ignore") as mock:
        mock.post("/login").respond(json={"access_token": secret, "said": [SPELLINGS[spelling](secret)]})
        lines = declared_by(mock, "a")
    write_mocks(tmp_path / "mocks.ndjson", lines)
    content = (tmp_path / "mocks.ndjson").read_bytes()
    assert b"REDACTED" in content
    assert spelled_in(content, secret) == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/octet-stream", "text/html", "application/json", "text/xml"]
)
def test_bodies_of_any_kind(kind: str) -> None:
    secret = "s3cr3t-välue-9"
    for body in (
        b"\xff\x00" + secret.encode() + b"\xfe",
        f"<a b='{html.escape(secret)}'>".encode(),
        secret.encode("utf-8"),
    ):
        for coding, content in (("", body), ("gzip", gzip.compress(body))):
            fields = {"Content-Type": kind, **({"Content-Encoding": coding} if coding else {})}
            asked = Request("GET", f"{BASE}/?api_key={quote(secret)}")
            done = redact(Exchange(asked, Response(200, fields, content)))
            assert spelled_in(bytes_of(done), secret) == []


def test_a_gzip_file_is_opened_and_packed_again() -> None:
    secret = "s3cr3t-value-9"
    asked = Request("GET", f"{BASE}/?api_key={secret}")
    packed = gzip.compress(f"it was {secret} and bob@work.de".encode())
    done = redact(Exchange(asked, Response(200, {"Content-Type": "application/gzip"}, packed)))
    assert done.response is not None
    assert gzip.decompress(done.response.content) == b"it was REDACTED and redacted@example.com"
    other = gzip.compress(b"nothing here")
    kept = redact(Exchange(asked, Response(200, {"Content-Type": "application/gzip"}, other)))
    assert kept.response is not None
    assert kept.response.content == other


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-7", "utf-32-le", "iso-8859-1", "rot13", "unicode_escape", "no-such"]
)
def test_charsets_hide_nothing(charset: str) -> None:
    secret = "s3cr3t-value-9"
    fields = {"Content-Type": f"text/plain; charset={charset}"}
    for body in (secret.encode(), b"x" + secret.encode(), secret.encode("utf-16"), b"\xff\xfe" + secret.encode()):
        done = redact(Exchange(Request("GET", f"{BASE}/?api_key={secret}"), Response(200, fields, body)))
        assert spelled_in(bytes_of(done), secret) == []
        if charset == "utf-16":
            assert secret not in bytes_of(done).decode("utf-16-le", "replace")


def test_json_stays_json_and_keys_stay_apart() -> None:
    body = {"token": "k-123456789", "k-123456789": 1, "xk-123456789": 2, "a@b.de": 3, "c@d.de": 4, "n": 123456789}
    done = redact(Exchange(Request("GET", f"{BASE}/?otp=123456789"), Response(200, JSON, json.dumps(body).encode())))
    assert done.response is not None
    value = done.response.json()
    assert len(value) == len(body)
    assert value["n"] == 0
    assert sorted(map(str, value.values())) == ["0", "1", "2", "3", "4", "REDACTED"]


def test_a_short_secret_goes_from_its_place_alone() -> None:
    done = redact(Exchange(Request("GET", f"{BASE}/a?password=a"), Response(200, JSON, b'{"a":"a banana"}')))
    assert done.request.url == f"{BASE}/a?password=REDACTED"
    assert done.response is not None
    assert done.response.content == b'{"a":"a banana"}'


def test_many_secrets_are_looked_for_at_once() -> None:
    secrets = [f"s3cr3t-{number:05}-x" for number in range(400)]
    known = Recurrences(secrets)
    encoded = [base64.b64encode(secret.encode()).decode() for secret in secrets]
    text = "nothing " * 1000 + " ".join(encoded[::7]) + " nothing " * 1000
    clean = known.without(text)
    assert "s3cr3t" not in clean
    assert clean.count("REDACTED") == len(encoded[::7])
    assert known.there("nothing at all") == []


def test_digits_of_one_kind_come_to_an_end() -> None:
    assert Recurrences(["111111"]).without("a 111111 b") == "a 222222 b"
    assert Recurrences([digit * 6 for digit in "123456789"]).without("a 111111 b") == "a REDACTED b"
    assert not Recurrences(["short", "REDACTED"])


@given(st.lists(st.sampled_from(["%", "%4", "%41", "%e4", "%C3", "%B8", "%f0%9f%98%80", "a", "0", "\xe4", "\u4e00"])))
def test_percent_escapes_are_undone_as_the_standard_library_does(parts: list[str]) -> None:
    text = "".join(parts)
    assert unescaped_percent(text) == unquote(text)
