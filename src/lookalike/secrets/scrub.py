"""One walk through URLs, headers and bodies that replaces what is secret, by its name or by its form."""

from __future__ import annotations

import base64
import re
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from lookalike.codec import decode_json, encode_json
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange, Headers, Request, Response
from lookalike.secrets.bodies import bytes_of, deflated, inflated, text_of, undone
from lookalike.secrets.names import is_secret_name, name_below
from lookalike.secrets.personal import is_personal_name, zeros
from lookalike.secrets.recurring import unescaped_json
from lookalike.secrets.spans import REDACTED, is_query_secret, spans, without
from lookalike.secrets.walking import Trail, answered, copied, each, framed, path_of, type_alone
from lookalike.waiting import pieces

_JSON_KEY = re.compile(r'"([^"\\]{1,80})"\s*:')
_NAMED_JSON = re.compile(r'"((?:[^"\\]|\\.){1,80})"(\s*:\s*)"((?:[^"\\]|\\.)*+)"')
# An assignment in a configuration: `AWS_SECRET_ACCESS_KEY=...`, `password: ...`; code that calls something isn't one.
_ASSIGNED = re.compile(
    r"(?m)^[ \t]*(?:export |set )?([A-Za-z][\w.-]{0,80})([ \t]*[:=][ \t]*[\"']?)"
    r"((?=[A-Za-z!-&*+./:<->@^~_-]{0,200}\d)[\w!#$%&*+./:<=>?@^~-]{8,4000})(?=[\"']?[ \t]*\r?$)"
)
_NAMED_ELEMENT = re.compile(r"<([\w:.-]{1,80})((?:\s[^<>]{0,400})?>)([^<]++)(?=</\1\s*>)")
_NAMED_ATTRIBUTE = re.compile(r"([\w:.-]{1,80})(\s?=\s?)([\"'])([^\"'<>]{1,4000})(?=\3)")
_NAMED_INPUT = re.compile(r"<(?:input|meta)\s([^<>]{1,2000})>", re.IGNORECASE)
_INPUT_NAME = re.compile(r"\bname\s?=\s?[\"']([^\"'<>]{1,80})[\"']", re.IGNORECASE)
_INPUT_VALUE = re.compile(r"\b(?:value|content)\s?=\s?[\"']([^\"'<>]{1,4000})[\"']", re.IGNORECASE)
_PART_NAME = re.compile(r'[; ]name="?([^"\r\n;]{1,80})')
_FORM = re.compile(r"[\w.\[\]%+~-]{1,80}=[^&\s<>\"{}]*(?:&[\w.\[\]%+~-]{1,80}=[^&\s<>\"{}]*)*\Z")
_SCHEME = re.compile(r"\s*([A-Za-z][\w-]*)\s+(?=\S)")
_SAYS_NOTHING = frozenset({"", "true", "false", "null", "none"})
# Twilio's names of things are `sid`s, and who signed a commit shows the signature.
_OFTEN_NONE = frozenset({"sid", "signature"})
_NO_SECRET = re.compile(r"(?!SK)[A-Z]{2}[0-9a-f]{32}\Z|-----BEGIN (?:PGP|SSH) SIGNATURE-----")
# A URL is a place; what is secret in it is found by its own rules.
_URL = re.compile(r"https?:\\?/\\?/[\w.-]")
_LONG_COOKIE = 16


class Found(NamedTuple):
    """A secret that was found.

    place: where in the exchange, in words: `request header authorization`
    kind:  what it is, or the name that it stands under
    value: itself; never to be shown or written
    """

    place: str
    kind: str
    value: str


class Scrubber:
    """Replaces secrets in one exchange, or in one value; `found` has what was replaced, in the order of the walk."""

    def __init__(self, *, personal: bool) -> None:
        self._personal = personal
        self.found: list[Found] = []
        self._place = ""
        self._trail: Trail = None

    def _note(self, secret: str, kind: str, instead: str = REDACTED) -> str:
        """What stands instead of a secret, which is kept in `found`."""
        if secret.strip().lower() in _SAYS_NOTHING or secret == instead:
            return secret
        if REDACTED not in secret:
            self.found.append(Found(self._place + path_of(self._trail), kind, secret))
        return instead

    def _below(self, place: str) -> None:
        self._place, self._trail = place, None

    # -- values

    def text(self, text: str) -> str:
        """A text without the secrets that are known by their form."""
        found = spans(text, personal=self._personal)
        if not found:
            return text
        for one in found:
            self._note(text[one.start : one.end], one.kind, one.instead)
        return without(text, found)

    def named(self, name: str, value: str) -> str:
        """A value without secrets, given the name that it stands under."""
        if self._is_secret(name, value):
            return self._note(value, f"value of {name}")
        if self._personal and is_personal_name(name) and any(map(str.isdigit, value)) and not _URL.match(value):
            return self._note(value, f"value of {name}", zeros(value))
        return self.text(value)

    @staticmethod
    def _is_secret(name: str, value: str) -> bool:
        if not is_secret_name(name) or _URL.match(value):
            return False
        return not (name.lower() in _OFTEN_NONE and _NO_SECRET.match(value))

    # -- headers

    def header(self, name: str, value: str) -> str:
        """A header's value without secrets; the scheme of Authorization and the names of cookies stay."""
        lower = name.lower()
        if lower in ("authorization", "proxy-authorization"):
            scheme = _SCHEME.match(value)
            rest = value[scheme.end() :] if scheme else value
            return (f"{scheme[1]} " if scheme else "") + self._credentials(scheme[1] if scheme else "", rest)
        if lower == "cookie":
            return "; ".join(self._cookie(part.strip()) for part in value.split(";"))
        if lower == "set-cookie":
            cookie, sep, attributes = value.partition(";")
            return self._cookie(cookie) + sep + self.text(attributes)
        return self.named(name, value)

    def _credentials(self, scheme: str, value: str) -> str:
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except ValueError:
            decoded = ""
        user, colon, password = decoded.partition(":")
        if colon:
            # Who sends a key alone sends it as the user (Stripe); who sends both has the secret in the second.
            self._note(password or user, "password of basic authentication")
        return self._note(value, f"{scheme or 'plain'} credentials")

    def _cookie(self, pair: str) -> str:
        name, sep, value = pair.partition("=")
        # A short cookie (`theme=dark`) is replaced here, but isn't hunted for in the rest of the exchange.
        if is_secret_name(name) or len(value) >= _LONG_COOKIE:
            self._note(value.strip('"'), f"cookie {name}")
        return f"{name}={REDACTED}" if sep and value else pair

    def headers(self, headers: Headers) -> Headers:
        """Header fields without secrets, in the same order."""
        place = self._place
        pairs = []
        for name, value in headers.pairs:
            self._below(f"{place} header {name.lower()}".strip())
            pairs.append((self.text(name), self.header(name, value)))
        self._below(place)
        return Headers(pairs)

    # -- URLs and forms

    def pairs(self, encoded: str) -> str:
        """A query or form in its encoded form; what needn't change stays byte for byte."""
        parts = []
        for part in encoded.split("&"):
            name, sep, value = part.partition("=")
            plain, plain_name = unquote_plus(value), unquote_plus(name)
            if is_query_secret(plain_name, plain):
                clean = self._note(plain, f"value of {plain_name}")
            else:
                clean = self.named(plain_name, plain)
            clean_name = self.text(plain_name)
            name = name if clean_name == plain_name else quote_plus(clean_name)
            parts.append(name + sep + (value if clean == plain else quote_plus(clean)))
        return "&".join(parts)

    def url(self, url: str) -> str:
        """A URL without user and password, secret parameters, and tokens in its path."""
        place = self._place
        rest, hash_sign, fragment = url.partition("#")
        rest, question, query = rest.partition("?")
        scheme, sep, rest = rest.rpartition("://")
        authority, slash, path = rest.partition("/")
        user, at, host = authority.rpartition("@")
        self._below(f"{place} url".strip())
        if user:
            name, _, password = unquote(user).partition(":")
            self._note(password or name, "password in a URL")
            user = REDACTED
        plain = unquote(path)
        clean = self.text(plain)
        path = path if clean == plain else quote(clean)
        self._below(f"{place} query".strip())
        query = self.pairs(query) if query else ""
        fragment = self.pairs(fragment) if "=" in fragment else self.text(fragment)
        self._below(place)
        return scheme + sep + user + at + host + slash + path + question + query + hash_sign + fragment

    # -- JSON

    def json(self, value: Any) -> Any:
        """A copy of a JSON value without secrets. Not recursive: bodies may be nested 1,024 levels deep."""
        return copied(value, self._key, self._scalar)

    def _key(self, key: str) -> str:
        return self.text(key)

    def _scalar(self, item: Any, name: str, trail: Trail) -> Any:
        self._trail = trail
        if isinstance(item, str):
            clean = self.named(name, item)
            # JSON written into a JSON string names its secrets too.
            return self._loose_json(clean) if clean is item and '"' in item else clean
        if isinstance(item, int | float) and not isinstance(item, bool):
            words = str(item)
            if self.named(name, words) != words:
                return 0
        return item

    def named_in(self, value: Any) -> None:
        """Note what a JSON value has under names that say it is a secret, and nothing else; it is not copied."""
        work: list[tuple[Any, str]] = [(value, "")]
        while work:
            item, name = work.pop()
            if isinstance(item, dict):
                work.extend((one, name_below(name, key)) for key, one in item.items())
            elif isinstance(item, list):
                work.extend((one, name) for one in item)
            elif isinstance(item, str):
                if is_secret_name(name):
                    self.named(name, item)
                elif '"' in item:
                    self._loose_json(item)
            elif isinstance(item, int | float) and not isinstance(item, bool) and is_secret_name(name):
                self.named(name, str(item))

    # -- bodies

    def body(self, message: Request | Response, *, inside: bool = True) -> bytes:
        """A message's decoded body without secrets; nothing where its coding is unknown."""
        content = undone(message)
        if not content:
            return b""
        packed = inflated(content) if inside else None
        if packed is not None:
            clean = self.body(Response(200, type_alone(message.headers), packed), inside=False)
            return content if clean == packed else deflated(clean)
        text, charset = text_of(content, message.headers)
        done = self._body_text(text, message.content_type)
        return content if done is text or done == text else bytes_of(done, charset)

    def _body_text(self, text: str, content_type: str) -> str:
        self._trail = None
        start = text[:64].lstrip("\ufeff \t\r\n")[:2]
        if content_type == "application/x-www-form-urlencoded" or (start[:1] not in "{[<-" and _FORM.match(text)):
            return self.pairs(text)
        if start[:1] in ("{", "["):
            if not self._may_have(text):
                return text
            clean = self._json_text(text)
            if clean is not None:
                return clean
        return self._loose(text, start)

    def _may_have(self, text: str) -> bool:
        """Whether JSON, or what looks like it, can have a secret at all: most bodies have none and aren't parsed."""
        plain = unescaped_json(text)
        names = set(_JSON_KEY.findall(plain))
        if any(is_secret_name(name) or (self._personal and is_personal_name(name)) for name in names):
            return True
        return bool(spans(plain, personal=self._personal)) or "\\u00" in text

    def _json_text(self, text: str) -> str | None:
        try:
            value = decode_json(text.encode("utf-8", "surrogatepass"))
            noted = len(self.found)
            clean = self.json(value)
            if clean != value:
                return encode_json(clean).decode()
            del self.found[noted:]  # the text may name twice what the value has once
        except (InvalidJson, UsageError):
            pass
        return None

    def _loose(self, text: str, start: str) -> str:
        """What names its values in text (JSON lines, events, cut JSON, multipart, XML), then every known form."""
        text = self._loose_json(text)
        if start == "--":
            text = "\n--".join(map(self._part, text.split("\n--")))
        elif start[:1] == "<":
            text = self._loose_xml(text)
        return self.text(text)

    def loose(self, text: str) -> str:
        """Any text without secrets: what lines and JSON assign to a secret name, and every known form."""
        text = _ASSIGNED.sub(lambda f: f[1] + f[2] + self._if_named(f[1], f[3]), self._loose_json(text))
        return self.text(text)

    def _loose_json(self, text: str) -> str:
        if '"' not in text or ":" not in text:
            return text
        return _NAMED_JSON.sub(lambda f: f'"{f[1]}"{f[2]}"{self._if_named(f[1], f[3])}"', text)

    def _loose_xml(self, text: str) -> str:
        text = _NAMED_ELEMENT.sub(lambda f: f"<{f[1]}{f[2]}{self._if_named(f[1], f[3])}", text)
        text = _NAMED_INPUT.sub(self._input, text)
        return _NAMED_ATTRIBUTE.sub(lambda f: f"{f[1]}{f[2]}{f[3]}{self._if_named(f[1], f[4])}", text)

    def _input(self, found: re.Match[str]) -> str:
        name, value = _INPUT_NAME.search(found[1]), _INPUT_VALUE.search(found[1])
        if name is None or value is None:
            return found[0]
        start, end = (at + found.start(1) - found.start() for at in value.span(1))
        return found[0][:start] + self._if_named(name[1], value[1]) + found[0][end:]

    def _part(self, part: str) -> str:
        head, blank, value = part.partition("\r\n\r\n")
        name = _PART_NAME.search(head)
        end = "\r" if value.endswith("\r") else ""
        return head + blank + self._if_named(name[1], value.removesuffix("\r")) + end if name else part

    def _if_named(self, name: str, value: str) -> str:
        return self._note(value, f"value of {name}") if self._is_secret(name, value) else value

    # -- messages

    def request(self, request: Request) -> Request:
        """A request without secrets, its body decoded."""
        self._below("request")
        url, headers = self.url(request.url), self.headers(request.headers)
        self._below("request body")
        content = self.body(request)
        return Request(request.method, url, framed(headers, request, content), content, timeout=request.timeout)

    def response(self, response: Response) -> Response:
        """A response without secrets, its body whole and decoded."""
        if response.chunks is not None:
            content = b"".join(pieces(response.chunks()))
            response = Response(
                response.status, response.headers, content, delay=response.delay,
                reason=response.reason, http_version=response.http_version,
            )  # fmt: skip
        self._below("response")
        headers, reason = self.headers(response.headers), self.text(response.reason)
        self._below("response body")
        content = self.body(response)
        return answered(response, framed(headers, response, content), content, reason)

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange without the secrets of known places and forms; they may recur elsewhere in it."""
        return each(exchange, self.request, self.response)
