"""What must not be shown or written, as tables and as laws."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lookalike.double.encoding import encode_content
from lookalike.messages import Exchange, Fault, Headers, Request, Response
from lookalike.secrets import (
    REDACTED,
    is_secret_name,
    is_sensitive,
    mask,
    mask_headers,
    mask_json,
    mask_text,
    mask_url,
    redact,
)

JWT = ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"])
# Forms of the large vendors, written in parts so that no scanner takes this file for a leak.
KEYS = {
    "github": "ghp" + "_" + "a1B2" * 9,
    "github fine": "github" + "_pat_" + "a1B2c3" * 6,
    "gitlab": "glpat" + "-" + "abcDEF1234567890abcd",
    "slack": "xoxb" + "-123456789012-abcdefghij",
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "stripe": "sk" + "_test_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "openai": "sk" + "-proj-" + "abcdefghijklmnopqrstuv",
    "google": "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "twilio": "SK" + "0123456789abcdef" * 2,
    "sendgrid": "SG" + ".abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789abcdefg",
    "npm": "npm" + "_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "pypi": "pypi" + "-AgEIcHlwaS5vcmcCJDYwZTI1",
    "hugging face": "hf" + "_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "digitalocean": "dop" + "_v1_" + "0123456789abcdef" * 4,
    "shopify": "shpat" + "_" + "0123456789abcdef" * 2,
    "mailgun": "key" + "-" + "0123456789abcdef" * 2,
    "telegram": "123456789" + ":AA" + "bcdefghijk" * 3 + "abc",
    "databricks": "dapi" + "0123456789abcdef" * 2,
    "linear": "lin" + "_api_" + "abcdefghijklmnopqrstuvwx",
    "jwt": JWT,
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
}


SECRET_NAMES = """
    Authorization Proxy-Authorization Cookie Set-Cookie X-Api-Key api_key apikey apiKey APIKey access_token
    accessToken refresh_token id_token token tokens secret client_secret clientSecret password user_password password2
    passwd pwd passphrase private_key PRIVATE-TOKEN JSESSIONID PHPSESSID sessionid session_id sid csrf_token XSRF-TOKEN
    X-CSRFToken X-Amz-Security-Token X-Amz-Signature X-Amz-Credential AWSAccessKeyId Ocp-Apim-Subscription-Key
    X-Goog-Api-Key jwt otp X-Hub-Signature-256 cvv ssn oauth_token_secret password_hash
"""
HARMLESS_NAMES = """
    author authors key issue_key id name title token_type next_page_token nextPageToken continuationToken pageToken
    total_tokens max_tokens password_changed_at token_endpoint session public_key partition_key Accept Content-Type
    completed userId inside sidebar cookie_policy secret_expires_at assignee - 42 パスワード
    SignatureVersion RAX-AUTH:defaultRegion sessionInactivityTimeout /oauth/invalidate_token
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_names_that_carry_a_credential(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["", "click .tokenInput__wrapper", *HARMLESS_NAMES.split()])
def test_names_that_do_not(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc.def", "Bearer REDACTED"),
        ("authorization", "Basic dXNlcjpwYXNz", "Basic REDACTED"),
        ("Proxy-Authorization", "opaque", "REDACTED"),
        ("Authorization", "Digest username=bob, response=abc", "Digest REDACTED"),
        ("Cookie", "sid=abc; theme=dark; bare", "sid=REDACTED; theme=REDACTED; bare"),
        ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=REDACTED; Path=/; HttpOnly"),
        ("X-Api-Key", "abc", "REDACTED"),
        ("password", "", ""),
        ("X-Request-Id", "abc-1", "abc-1"),
        ("Accept", "*/*", "*/*"),
        ("email", "bob@work.test", "bob@work.test"),
        ("Location", "https://api.test/cb?access_token=abc&page=2", "https://api.test/cb?access_token=REDACTED&page=2"),
        ("note", f"see {JWT}", "see REDACTED"),
    ],
)  # fmt: skip
def test_what_may_be_shown(name: str, value: str, shown: str) -> None:
    assert mask(name, value) == shown


@pytest.mark.parametrize("form", sorted(KEYS))
def test_keys_of_a_known_form_are_found_anywhere(form: str) -> None:
    assert mask_text(f"before {KEYS[form]} after") == "before REDACTED after"
    assert is_sensitive(KEYS[form])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://bob:pw@api.test:8443/a?b=1#c", "https://REDACTED@api.test:8443/a?b=1#c"),
        ("https://api.test/a?api_key=1&b=%20x&b=&c", "https://api.test/a?api_key=REDACTED&b=%20x&b=&c"),
        ("https://api.test/a?key=short", "https://api.test/a?key=short"),
        ("https://api.test/a?key=longer-than-sixteen", "https://api.test/a?key=REDACTED"),
        ("https://api.test/cb#access_token=x&state=1", "https://api.test/cb#access_token=REDACTED&state=1"),
        ("https://api.test/users/a%20b?q=a+b", "https://api.test/users/a%20b?q=a+b"),
        ("/relative?token=1", "/relative?token=REDACTED"),
        (f"https://api.test/t/{KEYS['github']}/x", "https://api.test/t/REDACTED/x"),
        (f"https://api.test/?{KEYS['github']}=1", "https://api.test/?REDACTED=1"),
        (f"https://api.test/#{KEYS['github']}", "https://api.test/#REDACTED"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_headers_keep_order_and_repeats() -> None:
    pairs = [("A", "1"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"), ("X-Api-Key", "k")]
    assert mask_headers(pairs).pairs == (
        ("A", "1"), ("Set-Cookie", "a=REDACTED; Path=/"), ("Set-Cookie", "b=REDACTED"), ("X-Api-Key", "REDACTED"),
    )  # fmt: skip
    assert mask_headers(Headers(pairs)) == mask_headers(pairs)


def test_json_keeps_every_kind() -> None:
    value = {
        "user": {"email": "bob@work.test", "password": "hunter2", "pin": 1234, "admin": True},
        "credentials": {"user": "bob", "type": "basic", "parts": ["a", 1, 1.5, None, True]},
        "token": 123456,
        "secret": None,
        "rows": [{"apiKey": "x"}, []],
    }
    assert mask_json(value) == {
        "user": {"email": "bob@work.test", "password": REDACTED, "pin": 1234, "admin": True},
        "credentials": {"user": REDACTED, "type": "basic", "parts": [REDACTED, 0, 0, None, True]},
        "token": 0,
        "secret": None,
        "rows": [{"apiKey": REDACTED}, []],
    }


def written(exchange: Exchange) -> str:
    parts: list[Any] = [exchange.request.method, exchange.request.url, exchange.request.headers.pairs]
    parts.append(exchange.request.content.decode("utf-8", "replace"))
    for response in (exchange.response, exchange.fault.response if exchange.fault else None):
        if response is not None:
            parts += [response.reason, response.headers.pairs, response.content.decode("utf-8", "replace")]
    return "\n".join(map(str, parts))


def answer(body: bytes, content_type: str = "application/json", **headers: str) -> Exchange:
    fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}
    return Exchange(Request("GET", "https://api.test/x"), Response(200, fields, body))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail bob.o'hara+x@work.co.uk now", "mail bob.o'redacted@example.com now"),
        ("Shanna@melissa.tv", "redacted@example.com"),
        ("not@all", "not@all"),
        ("x bob%40work.test", "x redacted@example.com"),
        ("1-770-736-8031 x56442", "0-000-000-0000 x00000"),
        ("(254)954-1289", "(000)000-0000"),
        ("210.067.6132", "000.000.0000"),
        ("+49 30 901820", "+00 00 000000"),
        ("card 4111 1111 1111 1111.", "card 0000 0000 0000 0000."),
        ("4111111111111112", "4111111111111112"),
        ("378282246310005", "000000000000000"),
        ("2026-11-20T10:00:00+00:00", "2026-11-20T10:00:00+00:00"),
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        ("10.20.30.40", "10.20.30.40"),
        ("1700000000000", "1700000000000"),
    ],
)
def test_personal_data_is_not_written(text: str, clean: str) -> None:
    done = redact(answer(json.dumps({"note": text}).encode()))
    assert done.response is not None
    assert done.response.json() == {"note": clean}
    assert is_sensitive(text) is (text != clean)


def test_personal_data_by_name() -> None:
    done = redact(
        answer(json.dumps({"phone": "030 12", "mobileNumber": 4930123, "cardNumber": 41, "fax": None}).encode())
    )
    assert done.response is not None
    assert done.response.json() == {"phone": "000 00", "mobileNumber": 0, "cardNumber": 0, "fax": None}


def test_what_is_clean_stays_byte_for_byte() -> None:
    exchange = Exchange(
        Request("POST", "https://api.test/a%2Fb?q=a+b&r=%20", {"Content-Type": "text/plain"}, b"plain \xff\x00"),
        Response(201, [("A", "1"), ("Content-Length", "13")], b'{ "a" :  1.0}', reason="Made", delay=1.5),
        elapsed=0.25, day="2026-11-20",
    )  # fmt: skip
    assert redact(exchange) == exchange


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"password": "hunter2secret", "password": null}'),
        ("application/json", b'{"password": "hunter2secret", "cut": '),
        ("application/x-ndjson", b'{"a":1}\n{"password":"hunter2secret"}\n'),
        ("text/event-stream", b'data: {"password":"hunter2secret"}\n\n'),
        ("application/x-www-form-urlencoded", b"user=bob&password=hunter2secret"),
        ("application/xml", b"<a><password>hunter2secret</password></a>"),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2secret\r\n--x--'),
        ("text/plain; charset=utf-16", '{"password":"hunter2secret"}'.encode("utf-16")),
        ("text/plain; charset=nonsense", b'{"password":"hunter2secret"}'),
        ("text/html", b'<a href="https://x.test/?password=hunter2secret">'),
    ],
)  # fmt: skip
def test_bodies_of_every_kind(content_type: str, body: bytes) -> None:
    done = redact(answer(body, content_type))
    assert done.response is not None
    assert "hunter2secret" not in done.response.text
    assert b"hunter2secret" not in done.response.content
    assert REDACTED in done.response.text
    assert done.response.headers["content-length"] == str(len(done.response.content))


def test_codings_are_undone_or_the_body_is_left_out() -> None:
    done = redact(answer(gzip.compress(b'{"token":"hunter2secret"}'), **{"Content-Encoding": "gzip"}))
    assert done.response is not None
    assert done.response.json() == {"token": REDACTED}
    assert "content-encoding" not in done.response.headers
    done = redact(answer(encode_content(b'{"token":"hunter2secret"}', ["br"]), **{"Content-Encoding": "br"}))
    assert done.response is not None
    assert done.response.json() == {"token": REDACTED}
    for coding, content in (("compress", b"secret"), ("br", b"secret"), ("compress, gzip", gzip.compress(b"secret"))):
        done = redact(answer(content, **{"Content-Encoding": coding}))
        assert done.response is not None
        assert done.response.content == b""


def test_streams_and_faults_are_looked_through() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'data: {"token":'
        yield b'"hunter2secret"}\n\n'

    for stream in (chunks, lambda: [b'data: {"token":', b'"hunter2secret"}\n\n']):
        done = redact(Exchange(Request("GET", "https://api.test/"), Response(200, (), chunks=stream)))
        assert done.response is not None
        assert done.response.content == b'data: {"token":"REDACTED"}\n\n'
    cut = Fault("closed-mid-body", Response(200, {"Set-Cookie": "sid=hunter2secret"}))
    done = redact(Exchange(Request("GET", "https://api.test/"), fault=cut))
    assert "hunter2secret" not in written(done)
    assert done.fault is not None
    assert done.fault.kind == "closed-mid-body"


def test_a_secret_is_hunted_through_the_whole_exchange() -> None:
    secret = "s3cr3t/v+lue 9"
    encoded = base64.b64encode(b"xy" + secret.encode() + b"z").decode()
    exchange = Exchange(
        Request("GET", f"https://api.test/{quote(secret, safe='')}?echo={quote(secret)}", {"X-Api-Key": secret}),
        Response(200, {"X-Echo": secret}, json.dumps({"echo": [secret], secret: 1, "cursor": encoded}).encode()),
    )
    text = written(redact(exchange))
    assert secret not in text
    assert secret not in unquote(text)
    assert base64.b64encode(secret.encode()).decode().rstrip("=")[:-1] not in text
    assert encoded[4:-6] not in text


def test_digits_that_recur_leave_json_valid() -> None:
    exchange = answer(b'{"otp":"99887766","seen":99887766}')
    done = redact(exchange)
    assert done.response is not None
    assert done.response.json() == {"otp": REDACTED, "seen": 0}
    lines = redact(answer(b'{"otp":"99887766"}\n{"seen":99887766}\n', "application/x-ndjson"))
    assert lines.response is not None
    assert [json.loads(line) for line in lines.response.content.splitlines()] == [{"otp": REDACTED}, {"seen": 11111111}]


def test_deep_json_is_walked() -> None:
    done = redact(answer(b'{"a":' * 900 + b'{"password":"hunter2secret"}' + b"}" * 900))
    assert "hunter2secret" not in written(done)


@pytest.mark.parametrize(
    "text", ["a" * 400_000, "a.b-" * 100_000, '<p>"' * 100_000, '--name="' * 50_000, "1 2-" * 100_000]
)
def test_long_texts_take_no_quadratic_time(text: str) -> None:
    done = redact(answer(text.encode(), "text/plain"))
    assert done.response is not None
    assert done.response.text == text


secrets = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=8, max_size=40)
places = ["header", "bearer", "cookie", "set-cookie", "query", "form", "json", "nested", "multipart"]


def planted(place: str, secret: str) -> Exchange:
    """An exchange with the secret in one known place and echoed elsewhere."""
    url, headers, content = "https://api.test/items", {}, b""
    response = {"Content-Type": "application/json"}
    body: dict[str, Any] = {"id": 1, "echo": f"it was {secret}!"}
    wire = quote(secret)
    if place == "header":
        headers = {"X-Auth-Token": wire}
        body["echo"] = f"it was {wire}!"
    elif place == "bearer":
        headers = {"Authorization": f"Bearer {wire}"}
        body["echo"] = f"it was {wire}!"
    elif place == "cookie":
        headers = {"Cookie": f"sid={wire}"}
        body["echo"] = f"it was {wire}!"
    elif place == "set-cookie":
        response["Set-Cookie"] = f"sid={wire}; Path=/"
        body["echo"] = f"it was {wire}!"
    elif place == "query":
        url += f"?access_token={quote(secret, safe='')}"
    elif place == "form":
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        content = f"password={quote(secret, safe='')}".encode()
    elif place == "json":
        body["client_secret"] = secret
    elif place == "nested":
        body["credentials"] = {"a": [{"b": secret}]}
    else:
        headers = {"Content-Type": "multipart/form-data; boundary=BOUND"}
        content = f'--BOUND\r\nContent-Disposition: form-data; name="token"\r\n\r\n{wire}\r\n--BOUND--'.encode()
        body["echo"] = f"it was {wire}!"
    return Exchange(Request("POST", url, headers, content), Response(200, response, json.dumps(body).encode()))


@given(st.sampled_from(places), secrets)
def test_law_no_written_byte_holds_a_secret_of_a_known_place(place: str, secret: str) -> None:
    bare = written(planted(place, "\N{SNOWMAN}" * 8))
    assume(secret not in bare and quote(secret) not in bare and secret.strip() == secret and "REDACTED" not in secret)
    text = written(redact(planted(place, secret)))
    assert secret not in text
    assert quote(secret) not in text
    assert secret not in unquote(text)


@given(st.sampled_from(places), secrets)
def test_law_redacting_twice_is_redacting_once(place: str, secret: str) -> None:
    once = redact(planted(place, secret))
    assert redact(once) == once


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "token", "a", "phone"]), inner),
    max_leaves=20,
)


def kind(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kind(one) for key, one in value.items()}
    if isinstance(value, list):
        return [kind(one) for one in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


@given(json_values)
def test_law_kinds_and_keys_stay(value: Any) -> None:
    assert kind(mask_json(value)) == kind(value)
    done = redact(answer(json.dumps(value).encode()))
    assert done.response is not None
    assert kind(done.response.json()) == kind(value)


@given(st.text(), st.text())
def test_law_masking_is_total_and_stable(name: str, value: str) -> None:
    once = mask(name, value)
    assert mask(name, once) == once
    assert mask_url(mask_url(value)) == mask_url(value)
