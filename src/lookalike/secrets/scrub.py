"""One walk through texts, URLs, headers and bodies that replaces what is secret, by its name or by its form."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from lookalike.codec import decode_json, encode_json
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange, Fault, Headers, Request, Response
from lookalike.secrets.names import HARMLESS_LAST, QUERY_NAMES, is_secret_name
from lookalike.waiting import pieces

REDACTED = "REDACTED"

# One form a line: what it is the form of, and the expression. Each is bounded or starts with a fixed text, so that a
# search is linear in the text.
CREDENTIALS: tuple[tuple[str, str], ...] = (
    ("JSON Web Token (RFC 7519)", r"\beyJ[\w-]{6,2000}\.[\w-]{4,}\.[\w-]*"),
    ("GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
    ("GitLab", r"\bgl(?:pat|ptt|dt|rt|soat)-[\w-]{20,}"),
    ("Slack", r"\b(?:xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,})|(?<=hooks\.slack\.com/services/)[\w/]+"),
    ("AWS", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    ("Stripe", r"\b(?:[srp]k_(?:live|test)|whsec)_\w{10,}"),
    ("OpenAI and Anthropic", r"\bsk-[\w-]{20,}"),
    ("Google", r"\bAIza[\w-]{35}|\bya29\.[\w-]{10,}|\bGOCSPX-[\w-]{20,}"),
    ("Twilio", r"\bSK[0-9a-f]{32}\b"),
    ("SendGrid", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    ("npm", r"\bnpm_[A-Za-z0-9]{30,}"),
    ("PyPI", r"\bpypi-[\w-]{16,}"),
    ("Hugging Face", r"\bhf_[A-Za-z0-9]{30,}"),
    ("DigitalOcean", r"\bdo[opr]_v1_[0-9a-f]{40,}"),
    ("Shopify", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("Mailgun and Mailchimp", r"\bkey-[0-9a-f]{32}\b|\b[0-9a-f]{32}-us\d{1,2}\b"),
    ("Telegram", r"\b\d{8,10}:AA[\w-]{33}"),
    ("Discord", r"\b[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}"),
    ("Databricks", r"\bdapi[0-9a-f]{32}"),
    ("Linear and Notion", r"\blin_api_\w{20,}|\b(?:ntn|secret)_[A-Za-z0-9]{40,}"),
    ("a private key (RFC 7468)", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]+(?:-----END [A-Z ]{0,30}KEY-----)?"),
    ("HTTP authentication (RFC 7617, RFC 6750)", r"(?<=\bBearer )[\w.~+/=-]{8,}|(?<=\bBasic )[A-Za-z0-9+/=]{8,}"),
)  # fmt: skip
_CREDENTIAL = re.compile("|".join(f"(?:{form})" for _, form in CREDENTIALS))
_USERINFO = re.compile(r"(?<=://)[^\s/?#@\"'<>]{1,512}(?=@)")
_PARAMETER = re.compile(r"(?<=[?&;])([\w.\[\]%-]{1,64})=([^&;\s\"'<>#\\]+)")

# Written files only.
_EMAIL_DOMAIN = re.compile(r"(?:@|%40)[^\W_][\w-]{0,62}(?:\.[^\W_][\w-]{0,62})+")
_EMAIL_LOCAL = re.compile(r"[^\s@\"'<>(),:;\[\]\\=&?/|{}]{1,64}\Z")
_PHONE = re.compile(
    r"(?<![\w+])\+\d[\d ().-]{6,18}\d(?!\w)"
    r"|(?<![\w.-])(?:\d{1,2}[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?: ?x\d{1,6})?(?![\w-])"
)
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?!\w)")
# Issuer ranges (ISO/IEC 7812): a number that only passes Luhn is one in ten of all numbers.
_ISSUER = re.compile(r"(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|6[0245])\d{14}|3[47]\d{13}|3[068]\d{12})\Z")
EMAIL = "redacted@example.com"

_NAMED_JSON = re.compile(r'"((?:[^"\\]|\\.){1,80})"(\s*:\s*)"((?:[^"\\]|\\.)*+)"')
_NAMED_ELEMENT = re.compile(r"<([\w:.-]{1,80})((?:\s[^<>]{0,400})?>)([^<]++)(?=</\1\s*>)")
_PART_NAME = re.compile(r'[; ]name="([^"\r\n]{1,80})"')
_SCHEME = re.compile(r"\s*([A-Za-z][\w-]*)\s+(?=\S)")
PERSONAL_NAMES = {"card": r"(card|pan)$|card number", "phone": r"\b(phone|telephone|mobile|fax)\b"}


def _is_card(digits: str) -> bool:
    digits = re.sub(r"[ -]", "", digits)
    if not _ISSUER.match(digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _zeros(text: str) -> str:
    return re.sub(r"\d", "0", text)


def _spellings(secret: str) -> set[str]:
    """How a secret may be spelled elsewhere: as it is, percent-encoded, in JSON, in base64 at each of three offsets."""
    found = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), encode_json(secret).decode()[1:-1]}
    raw = secret.encode("utf-8", "replace")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            # Only characters that depend on the secret alone: the first and last may carry a neighbour's bits.
            bits = encode(b"\0" * offset + raw).decode().rstrip("=")
            core = bits[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6]
            if len(core) >= 6:
                found.add(core)
    return found


class Scrubber:
    """One walk through texts, URLs, headers and bodies; `found` collects what was replaced."""

    def __init__(self, *, personal: bool, known: Iterable[str] = ()) -> None:
        self._personal = personal
        self.found: set[str] = set()
        spellings = {spelling for secret in known for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=lambda text: (-len(text), text))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def _note(self, secret: str, instead: str = REDACTED) -> str:
        if not secret or secret == instead:
            return secret
        if len(secret) >= 6 and self._personal and REDACTED not in secret:
            self.found.add(secret)
        return instead

    def text(self, text: str) -> str:
        """A text without the secrets that are known by their form."""
        text = _CREDENTIAL.sub(lambda found: self._note(found[0]), text)
        if "://" in text:
            text = _USERINFO.sub(lambda found: self._note(found[0]), text)
        if "=" in text:
            text = _PARAMETER.sub(self._parameter, text)
        if self._personal:
            text = self._without_personal(text)
        if self._known is not None:
            text = self._known.sub(lambda found: "1" * len(found[0]) if found[0].isdigit() else REDACTED, text)
        return text

    def _parameter(self, found: re.Match[str]) -> str:
        name, value = unquote_plus(found[1]), found[2]
        if is_secret_name(name) or (name.lower() in QUERY_NAMES and len(value) >= 16):
            self._note(unquote_plus(value))
            return f"{found[1]}={REDACTED}"
        return found[0]

    def _without_personal(self, text: str) -> str:
        if "@" in text or "%40" in text:
            text = self._without_email(text)
        text = _PHONE.sub(lambda found: self._note(found[0], _zeros(found[0])), text)
        return _CARD.sub(lambda f: self._note(f[0], _zeros(f[0])) if _is_card(f[0]) else f[0], text)

    def _without_email(self, text: str) -> str:
        parts, done = [], 0
        for domain in _EMAIL_DOMAIN.finditer(text):
            local = _EMAIL_LOCAL.search(text[max(done, domain.start() - 64) : domain.start()])
            if local:
                start = domain.start() - len(local[0])
                address = text[start : domain.end()]
                parts += [text[done:start], address if "REDACTED" in address else self._note(address, EMAIL)]
                done = domain.end()
        return "".join([*parts, text[done:]])

    def named(self, name: str, value: str) -> str:
        """A value without secrets, given the name that it stands under."""
        if is_secret_name(name):
            return self._note(value)
        if self._personal and any(c.isdigit() for c in value):
            words = " ".join(re.findall(r"[A-Z]?[a-z]+", name)).lower()
            if words and any(re.search(form, words) for form in PERSONAL_NAMES.values()):
                return self._note(value, _zeros(value))
        return self.text(value)

    def header(self, name: str, value: str) -> str:
        lower = name.lower()
        if lower in ("authorization", "proxy-authorization"):
            scheme = _SCHEME.match(value)
            rest = value[scheme.end() :] if scheme else value
            return (f"{scheme[1]} " if scheme else "") + self._note_basic(rest)
        if lower == "cookie":
            return "; ".join(self._cookie(part.strip()) for part in value.split(";"))
        if lower == "set-cookie":
            cookie, sep, attributes = value.partition(";")
            return self._cookie(cookie) + sep + self.text(attributes)
        return self.named(name, value)

    def _note_basic(self, value: str) -> str:
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except ValueError:
            decoded = ""
        _, colon, password = decoded.partition(":")
        if colon:
            self._note(password)
        return self._note(value)

    def _cookie(self, pair: str) -> str:
        name, sep, value = pair.partition("=")
        # A short cookie (`theme=dark`) is replaced here, but isn't hunted for in the rest of the exchange.
        if is_secret_name(name) or len(value) >= 16:
            self._note(value)
        return f"{name}={REDACTED}" if sep and value else pair

    def headers(self, headers: Headers) -> Headers:
        return Headers([(name, self.header(name, value)) for name, value in headers.pairs])

    def pairs(self, encoded: str) -> str:
        """A query or form in its encoded form; what needn't change stays byte for byte."""
        parts = []
        for part in encoded.split("&"):
            name, sep, value = part.partition("=")
            plain, plain_name = unquote_plus(value), unquote_plus(name)
            long_code = plain_name.lower() in QUERY_NAMES and len(plain) >= 16
            clean = self._note(plain) if long_code else self.named(plain_name, plain)
            clean_name = self.text(plain_name)
            name = name if clean_name == plain_name else quote_plus(clean_name)
            parts.append(name + sep + (value if clean == plain else quote_plus(clean)))
        return "&".join(parts)

    def url(self, url: str) -> str:
        rest, hash_sign, fragment = url.partition("#")
        rest, question, query = rest.partition("?")
        scheme, sep, rest = rest.rpartition("://")
        authority, slash, path = rest.partition("/")
        user, at, host = authority.rpartition("@")
        if user:
            self._note(unquote(user.partition(":")[2]))
            user = self._note(user)
        plain = unquote(path)
        clean = self.text(plain)
        path = path if clean == plain else quote(clean)
        fragment = self.pairs(fragment) if "=" in fragment else self.text(fragment)
        return scheme + sep + user + at + host + slash + path + question + self.pairs(query) + hash_sign + fragment

    def json(self, value: Any) -> Any:
        """A copy of a JSON value without secrets. Not recursive: bodies may be nested 1,024 levels deep."""
        holder: list[Any] = [None]
        work: list[tuple[Any, Any, Any, str]] = [(holder, 0, value, "")]
        while work:
            parent, place, item, name = work.pop()
            if isinstance(item, dict):
                copy: dict[str, Any] = {}
                parent[place] = copy
                for key in item:
                    below = name if is_secret_name(name) and key.lower() not in HARMLESS_LAST else str(key)
                    clean_key = self.text(str(key))
                    copy[clean_key] = None
                    work.append((copy, clean_key, item[key], below))
            elif isinstance(item, list | tuple):
                parent[place] = row = [None] * len(item)
                work.extend((row, i, one, name) for i, one in enumerate(item))
            else:
                parent[place] = self._scalar(item, name)
        return holder[0]

    def _scalar(self, item: Any, name: str) -> Any:
        if isinstance(item, str):
            return self.named(name, item)
        if isinstance(item, int | float) and not isinstance(item, bool):
            words = str(item)
            if self.named(name, words) != words:
                return 0
        return item

    def body(self, message: Request | Response) -> bytes:
        content = message.body
        if content is message.content and message.headers.get("content-encoding", "identity").lower() != "identity":
            return b""  # a coding that can't be undone can't be looked through
        encoding = _charset(message.headers)
        try:
            text = content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            encoding, text = "latin-1", content.decode("latin-1")
        if message.content_type == "application/x-www-form-urlencoded":
            clean = self.pairs(text)
        else:
            clean = self._loose(self._json_text(text, content))
        return content if clean == text else clean.encode(encoding, "replace")

    def _json_text(self, text: str, content: bytes) -> str:
        if text.lstrip()[:1] not in ("{", "["):
            return text
        try:
            value = decode_json(content)
            clean = self.json(value)
            return text if clean == value else encode_json(clean).decode()
        except (InvalidJson, UsageError):
            return text

    def _loose(self, text: str) -> str:
        """What names its values in text (JSON lines, events, cut JSON, multipart, XML), then every known form."""
        text = _NAMED_JSON.sub(lambda f: f'"{f[1]}"{f[2]}"{self._if_named(f[1], f[3])}"', text)
        start = text.lstrip()[:2]
        if start == "--":
            text = "\n--".join(map(self._part, text.split("\n--")))
        elif start[:1] == "<":
            text = _NAMED_ELEMENT.sub(lambda f: f"<{f[1]}{f[2]}{self._if_named(f[1], f[3])}", text)
        return self.text(text)

    def _part(self, part: str) -> str:
        head, blank, value = part.partition("\r\n\r\n")
        name = _PART_NAME.search(head)
        end = "\r" if value.endswith("\r") else ""
        return head + blank + self._if_named(name[1], value.removesuffix("\r")) + end if name else part

    def _if_named(self, name: str, value: str) -> str:
        return self._note(value) if is_secret_name(name) else value

    def exchange(self, exchange: Exchange) -> Exchange:
        request = exchange.request
        asked = Request(
            request.method, self.url(request.url), self._framed(request), self.body(request), timeout=request.timeout
        )
        response, fault = exchange.response, exchange.fault
        if fault is not None and fault.response is not None:
            fault = Fault(fault.kind, self.response(fault.response))
        return replace(exchange, request=asked, response=self.response(response) if response else None, fault=fault)

    def response(self, response: Response) -> Response:
        if response.chunks is not None:
            content = b"".join(pieces(response.chunks()))
            response = Response(response.status, response.headers, content, delay=response.delay)
        return Response(
            response.status, self._framed(response), self.body(response), delay=response.delay,
            reason=self.text(response.reason), http_version=response.http_version,
        )  # fmt: skip

    def _framed(self, message: Request | Response) -> Headers:
        """Headers that fit the written body: its coding is undone, its length may be another."""
        length = str(len(self.body(message)))
        pairs = [pair for pair in self.headers(message.headers).pairs if pair[0].lower() != "content-encoding"]
        return Headers([(n, length if n.lower() == "content-length" and message.content else v) for n, v in pairs])


def _charset(headers: Headers) -> str:
    found = re.search(r"charset=\"?([\w-]+)", headers.get("content-type", ""), re.IGNORECASE)
    return found[1] if found else "utf-8"
