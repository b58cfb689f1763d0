"""The forms of vendors' credentials, and what looks like one and is none."""

from __future__ import annotations

import base64
import json

import pytest

from lookalike.messages import Exchange, Request, Response
from lookalike.secrets import find, find_in_text, is_secret_name, is_sensitive, mask_text, redact
from lookalike.secrets.forms import FORMS
from lookalike.secrets.names import name_below
from lookalike.secrets.placeholders import is_placeholder
from lookalike.shape.words import looks_like_identifier

HEX, MIXED, CAPITALS = "0123456789abcdef" * 8, "aB3dE6gH9jK2mN5pQ8sT1vW4" * 12, "A1B2C3D4E5F6G7H8" * 6
# In parts, so that no scanner takes this file for a leak.
FORMED: dict[str, str] = {
    "JSON Web Token (RFC 7519)": "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0." + MIXED[:32],
    "encrypted JSON Web Token (RFC 7516)": "eyJ" + "hbGciOiJSU0EifQ..k3y1k3y1.c1ph3rt3xt.t4gt4gt4g",
    "private key (RFC 7468)": "-----BEGIN EC PRIVATE " + "KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
    "age key": "AGE-SECRET-" + "KEY-1" + CAPITALS[:58],
    "GitHub token": "ghs" + "_" + MIXED[:36],
    "GitHub fine-grained token": "github" + "_pat_" + MIXED[:82],
    "GitHub token of an installation": "v1." + HEX[:40],
    "GitLab token": "glpat" + "-" + MIXED[:20],
    "Bitbucket or Atlassian token": "ATATT" + "3xFfGF0" + MIXED[:40],
    "npm token": "npm" + "_" + MIXED[:36],
    "PyPI token": "pypi" + "-AgEIcHlwaS5vcmc" + MIXED[:40],
    "RubyGems key": "rubygems" + "_" + HEX[:48],
    "crates.io token": "cio" + MIXED[:32],
    "Docker token": "dckr" + "_pat_" + MIXED[:27],
    "JFrog key": "AKCp" + MIXED[:69],
    "AWS key id": "ASIA" + CAPITALS[:16],
    "AWS Bedrock key": "ABSK" + MIXED[:109],
    "Google API key": "AIza" + MIXED[:35],
    "Google OAuth token": "ya29" + "." + MIXED[:60],
    "Google client secret": "GOCSPX" + "-" + MIXED[:28],
    "Azure client secret": "abc" + "8Q~" + MIXED[:34],
    "Azure DevOps or Functions key": MIXED[:52] + "JQQJ99" + "BAACAAAA",
    "DigitalOcean token": "dop" + "_v1_" + HEX[:64],
    "Cloudflare origin CA key": "v1.0" + "-" + HEX[:24] + "-" + (HEX * 2)[:146],
    "Heroku key": "HRKU" + "-01234567-89ab-cdef-0123-456789abcdef",
    "HashiCorp Vault token": "hvs" + "." + MIXED[:24],
    "Terraform Cloud token": MIXED[:14] + ".atlasv1" + "." + MIXED[:67],
    "Pulumi token": "pul" + "-" + HEX[:40],
    "Databricks token": "dapi" + HEX[:32],
    "Fly.io token": "fo1" + "_" + MIXED[:43],
    "Scaleway or Supabase key": "sbp" + "_" + HEX[:40],
    "PlanetScale key": "pscale" + "_tkn_" + MIXED[:43],
    "Alibaba key id": "LTAI" + MIXED[:20],
    "Slack token": "xoxb" + "-123456789012-" + MIXED[:24],
    "Discord token": "M" + MIXED[:23] + "." + MIXED[:6] + "." + MIXED[:27],
    "Telegram token": "123456789" + ":AA" + MIXED[:33],
    "Twilio key": "SK" + HEX[:32],
    "SendGrid key": "SG" + "." + MIXED[:22] + "." + MIXED[:43],
    "Mailgun key": "key" + "-" + HEX[:32],
    "Mailchimp key": HEX[:32] + "-us" + "12",
    "Brevo key": "xkeysib" + "-" + HEX[:64] + "-" + MIXED[:16],
    "Postman key": "PMAK" + "-" + HEX[:24] + "-" + HEX[:34],
    "Stripe key": "rk" + "_live_" + MIXED[:24],
    "Square token": "sq0" + "atp-" + MIXED[:22],
    "Shopify token": "shpat" + "_" + HEX[:32],
    "PayPal or Braintree token": "access_token" + "$production$" + HEX[:16] + "$" + HEX[:32],
    "Plaid token": "access" + "-sandbox-01234567-89ab-cdef-0123-456789abcdef",
    "Flutterwave key": "FLWSECK" + "_TEST-" + HEX[:32],
    "OpenAI or Anthropic key": "sk" + "-ant-api03-" + MIXED[:80],
    "Hugging Face token": "hf" + "_" + MIXED[:34],
    "xAI, Groq, Perplexity, Replicate, Together or Voyage key": "gsk" + "_" + MIXED[:52],
    "Sentry token": "sntrys" + "_" + MIXED[:60],
    "Datadog key": "ddapi" + "_" + MIXED[:34],
    "New Relic key": "NRAK" + "-" + CAPITALS[:27],
    "Grafana token": "glsa" + "_" + MIXED[:32] + "_" + HEX[:8],
    "Dynatrace token": "dt0" + "c01." + CAPITALS[:24] + "." + CAPITALS[:64],
    "CircleCI, Buildkite or Codecov token": "CCIPAT" + "_" + MIXED[:40],
    "Snyk, Sonar or Doppler token": "sqp" + "_" + HEX[:40],
    "1Password token": "A3" + "-A1B2C3-A1B2C3D4E5F-A1B2C-A1B2C-A1B2C",
    "Linear key": "lin" + "_api_" + MIXED[:40],
    "Notion token": "ntn" + "_" + MIXED[:46],
    "Airtable token": "pat" + MIXED[:14] + "." + HEX[:64],
    "Asana token": "1/" + "1201234567890123" + ":" + HEX[:32],
    "Figma token": "figd" + "_" + MIXED[:43],
    "HubSpot token": "pat" + "-na1-01234567-89ab-cdef-0123-456789abcdef",
    "Dropbox token": "sl" + ".u." + MIXED[:140],
    "Facebook token": "EAAC" + MIXED[:120],
    "Typeform or Contentful token": "CFPAT" + "-" + MIXED[:43],
    "Salesforce session": "00D" + MIXED[:15] + "!" + MIXED[:90],
}
# Those of which a part alone is replaced, as what stands around it tells what it is: (text, secret).
AROUND = {
    "Azure storage key": (f"AccountName=a;AccountKey={MIXED[:86]}==;Suffix=x", MIXED[:86] + "=="),
    "Azure shared access key": (f"SharedAccessKey={MIXED[:43]}=", MIXED[:43] + "="),
    "Slack webhook": (f"https://hooks.slack.com/services/{CAPITALS[:30]}", CAPITALS[:30]),
    "Discord webhook": (f"https://discord.com/api/webhooks/123456789012345678/{MIXED[:68]}",
                        f"123456789012345678/{MIXED[:68]}"),
    "Teams webhook": (f"https://x.webhook.office.com/webhookb2/{HEX[:80]}", HEX[:80]),
    "bearer token (RFC 6750)": (f"curl -H 'Authorization: Bearer {MIXED[:40]}'", MIXED[:40]),
    "basic authentication (RFC 7617)": ("sent Basic Ym9iOnMzY3IzdHB3", "Ym9iOnMzY3IzdHB3"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMED)
def test_no_key_is_kept_as_a_value(kind: str) -> None:
    assert not looks_like_identifier(FORMED[kind])


def test_every_form_has_an_example_here() -> None:
    assert {form.kind for form in FORMS} == {*FORMED, *AROUND}


@pytest.mark.parametrize("kind", FORMED)
@pytest.mark.parametrize("around", ["{}", "x {} y", '"{}"', "?a=%3D{}", "line\\n{}", "({})", "k={};"])
def test_a_key_is_found_by_its_form(kind: str, around: str) -> None:
    text = around.format(FORMED[kind])
    assert is_sensitive(FORMED[kind])
    assert FORMED[kind] in [one.value for one in find_in_text(text)] or "REDACTED" in mask_text(text)
    assert FORMED[kind] not in mask_text(text)


@pytest.mark.parametrize("kind", AROUND)
def test_a_key_is_found_by_what_stands_around_it(kind: str) -> None:
    text, secret = AROUND[kind]
    assert secret in [one.value for one in find_in_text(text)]
    assert mask_text(text) == text.replace(secret, "REDACTED")


@pytest.mark.parametrize(
    "text",
    [
        "553c2077f0edc3d5dc5d17262f6aa498e69d6f8e", "550e8400-e29b-41d4-a716-446655440000", "MDQ6VXNlcjE=",
        "PR_kwDOAJ0mDs4AAAABcd", "2026-11-22T21:22:05.123456Z", "v1.2.3-rc.1+build.5",
        'W/"a18c3bded88eb5dbb5c849a489412bf3"',
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "Y3Vyc29yOnYyOpHOABZZ5w==",
        "git@github.com:octocat/Hello-World.git", "react@16.8.0/umd.js", "logo@2x.png",
        "Mon Mar 12 10:00:00 +0000 2012",
        "1326210129 +1000 2012", "m=+1.695342834", "Basic Authentication is refused", "Bearer authentication needed",
        "cus_NffrFeUfNV2Hib", "price_1MoBy5LkdIwHu7ixZhnattbh", "U024BE7LH1", "sk-learn", "task-list",
        "1 2 3 4 5 6 7 8 9",
        "https://api.test/items?page=2&per_page=30", "order 4716258050958", "12.345.678", "M640 480 1080 2000",
        "ghp_short",
        "application/vnd.github.v3+json", "max-age=31536000; includeSubdomains", "https://bob@api.test/", "AKIAshort",
        "the keyword eyJust is none", "1700000000000000", "10.20.30.40:8080", "#/components/schemas/Token",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert mask_text(text) == text
    assert not is_sensitive(text)
    exchange = Exchange(
        Request("GET", "https://api.test/"), Response(200, {"X-Id": text}, json.dumps({"id": text}).encode())
    )
    assert find(exchange) == []
    assert redact(exchange).response == exchange.response


@pytest.mark.parametrize(
    "name", ["X-OAuth-Scopes", "secretRef", "cvc_check", "token_name", "secret_scanning", "cookies.py", "bearerFormat"]
)
def test_names_that_tell_about_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("name", "key", "under"),
    [
        ("secrets", "name", "name"), ("secrets", "id", "id"), ("secrets", "value", "secrets"), ("token", "id", "token"),
        ("token", "expires_at", "expires_at"), ("user", "id", "id"), ("credentials", "user", "credentials"),
    ],
)  # fmt: skip
def test_what_stands_inside_of_a_secret(name: str, key: str, under: str) -> None:
    assert name_below(name, key) == under


@pytest.mark.parametrize(
    "body",
    [
        {"cookie": "https://emoji.test/cookie.png", "phone": "https://emoji.test/1f4de.png?v8"},
        {"sid": "SM" + "0123456789abcdef" * 2},
        {"verification": {"signature": "-----BEGIN PGP SIGNATURE-----\n\niQIcBAABCAAGBQJ"}},
        {"secrets": [{"name": "DEPLOY", "created_at": "2023-06-20T16:15:27Z", "visibility": "private"}]},
        {"ssh_url": "git@github.com:a/b.git", "token": None, "secret": False, "password": "true"},
    ],
)
def test_secret_names_over_values_that_are_none(body: object) -> None:
    exchange = Exchange(Request("GET", "https://api.test/"), Response(200, (), json.dumps(body).encode()))
    assert redact(exchange).response == exchange.response


def test_twilio_key_under_sid_is_one() -> None:
    body = json.dumps({"sid": "SK" + "0123456789abcdef" * 2}).encode()
    [found] = find(Exchange(Request("GET", "https://api.test/"), Response(200, (), body)))
    assert found[:2] == ("response body json.sid", "value of sid")


def test_what_is_found_says_where() -> None:
    basic = base64.b64encode(b"bob:s3cr3t-pw").decode()
    exchange = Exchange(
        Request("POST", "https://u:p4ssw0rd@api.test/a?api_key=k-12345678",
                {"Authorization": f"Basic {basic}", "Cookie": "sid=abcdef"},
                b"user=bob&password=hunter2secret"),
        Response(200, {"Set-Cookie": "sid=xyzzy1; Path=/"}, b'{"a":[{"token":"t-1234567"}],"mail":"bob@work.de"}'),
    )  # fmt: skip
    assert [one[:2] for one in find(exchange)] == [
        ("request url", "password in a URL"),
        ("request query", "value of api_key"),
        ("request header authorization", "password of basic authentication"),
        ("request header authorization", "Basic credentials"),
        ("request header cookie", "cookie sid"),
        ("request body", "value of password"),
        ("response header set-cookie", "cookie sid"),
        ("response body json.mail", "e-mail address"),
        ("response body json.a[0].token", "value of token"),
    ]


def test_a_key_sent_as_the_user_alone_is_found() -> None:
    key = "live-key-0123456789"
    basic = base64.b64encode(f"{key}:".encode()).decode()
    exchange = Exchange(
        Request("GET", "https://api.test/", {"Authorization": f"Basic {basic}"}), Response(200, (), key.encode())
    )
    done = redact(exchange)
    assert done.response is not None
    assert done.response.content == b"REDACTED"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("<AUTH_TOKEN>", "token credentials", True), ("{{token}}", "value of token", True), ("xxxxxxxx",
        "value of token", True),
        ("${TOKEN}", "value of token", True), ("my-REDACTED-one", "value of token", True), ("****",
        "value of token", True),
        ("test-token", "value of token", True), ("password", "value of password", True), ("4242424242424242",
        "card number", True),
        ("bob@example.com", "e-mail address", True), ("noreply@github.com", "e-mail address", True),
        ("555-0123", "telephone number", True), ("AKIA" + "IOSFODNN7EXAMPLE", "AWS key id", True),
        ("bob@work.de", "e-mail address", False), ("4716258050958645", "card number", False),
        ("+49 30 901820", "telephone number", False), ("sk" + "_test_" + MIXED[:24], "Stripe key", False),
        ("s3cr3t-pw", "value of password", False), ("e710ce692a74b47e0dcf971cf22383d9763e77e5", "value of token",
        False),
    ],
)  # fmt: skip
def test_placeholders(value: str, kind: str, expected: bool) -> None:
    assert is_placeholder(value, kind) is expected
