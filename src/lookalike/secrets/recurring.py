"""Where known secrets recur in a text, however they are spelled there.

A secret is looked for as it is, in base64 (also base64url, wrapped, and in the middle of something longer) and in hex;
each of them also percent-encoded, in JSON's or HTML's escapes, in whole or in part, and twice over.

Two searches, both linear in the text: a few spellings are each searched for at the speed of memory; of many, every
window of the text is looked up in a set.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from lookalike.secrets.spans import REDACTED

# A shorter secret is replaced where it is known to be, but not hunted: `1234` or `admin` recur by chance, and what is
# left of an exchange without them teaches nothing.
SHORTEST = 6
_FEW = 600
_WINDOW = 1 << 20

_JSON_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/bfnrt]))')
_ESCAPED = re.compile("(?:%[0-9A-Fa-f]{2})+")
_HALF = re.compile("[\ud800-\udfff]")
_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WRITTEN = {char: letter for letter, char in _SIMPLE.items()}
_HTML_NAMES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


def is_hunted(secret: str) -> bool:
    """Whether a secret is looked for outside of its own place: from six characters on."""
    return len(secret) >= SHORTEST and secret not in REDACTED


def unescaped_json(text: str) -> str:
    """A text with the escapes of JSON strings undone (RFC 8259, section 7)."""
    if "\\" not in text:
        return text
    plain = _JSON_ESCAPE.sub(lambda f: chr(int(f[1], 16)) if f[1] else _SIMPLE.get(f[2], f[2]), text)
    if _HALF.search(plain):
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def unescaped_percent(text: str) -> str:
    """What `urllib.parse.unquote` gives, in time that binary content doesn't multiply."""
    return _ESCAPED.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)


_UNDO: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("&", html.unescape),
    ("\\", unescaped_json),
    ("%", unescaped_percent),
)
_MARKS = (*(mark for mark, _ in _UNDO), "\n")


def _views(text: str) -> Iterator[str]:
    """A text as it is and with its escapes undone, one after the other, up to three times."""
    yield text
    for _ in range(3):
        before = text
        for mark, undo in _UNDO:
            if mark in text:
                plain = undo(text)
                if plain != text:
                    text = plain
                    yield text
        if text == before:
            break
    if "\n" in text:
        yield text.replace("\n", "").replace("\r", "")


def _spellings(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "replace")
    yield secret
    if not secret.isascii():
        yield raw.decode("latin-1")  # where bytes that are no text are looked through
    if " " in secret:
        yield secret.replace(" ", "+")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            # Only characters that depend on the secret alone: the first and last may carry a neighbour's bits.
            bits = encode(b"\0" * offset + raw).decode()
            core = bits[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6]
            if len(core) >= SHORTEST:
                yield core
    yield raw.hex()
    yield raw.hex().upper()


def _loose(char: str) -> str:
    """An expression for a character and each of its escapes."""
    forms = [re.escape(char), "".join(f"%(?:25)*(?i:{byte:02x})" for byte in char.encode("utf-8", "replace"))]
    units = char.encode("utf-16-be", "surrogatepass").hex()
    forms.append("".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)))
    if char in '"\\/':
        forms.append(r"\\+" + re.escape(char))
    if char in _WRITTEN:
        forms.append(r"\\+" + _WRITTEN[char])
    forms.append(f"&#(?:0*{ord(char)}|[xX]0*(?i:{ord(char):x}));?")
    if char in _HTML_NAMES:
        forms.append(f"&{_HTML_NAMES[char]};")
    return f"(?:{'|'.join(forms)})"


class Recurrences:
    """Finds known secrets in texts, and takes them out."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {one for secret in secrets for one in (secret, unquote(secret))}  # a cookie's value is often encoded
        spelled = {one for secret in known if is_hunted(secret) for one in _spellings(secret)}
        self._spelled = sorted(spelled, key=lambda text: (-len(text), text))
        self._shortest = min(map(len, self._spelled), default=0)
        only = {one[0] for one in spelled if len(set(one)) == 1}
        self._digit = next((digit for digit in "123456789" if digit not in only), "")
        self._by_start: dict[str, list[str]] = {}
        if len(self._spelled) > _FEW:
            for one in self._spelled:
                self._by_start.setdefault(one[: self._shortest], []).append(one)

    def __bool__(self) -> bool:
        return bool(self._spelled)

    def there(self, text: str) -> list[str]:
        """The spellings that a text has, its escapes undone, the longest first."""
        if len(text) < self._shortest:
            return []
        if not self._by_start and not any(mark in text for mark in _MARKS):
            return [one for one in self._spelled if one in text]  # most texts: nothing to undo, and sorted as they are
        found: set[str] = set()
        for view in _views(text):
            found.update(self._in(view))
        return sorted(found, key=lambda one: (-len(one), one))

    def _in(self, text: str) -> Iterator[str]:
        if not self._by_start:
            yield from (one for one in self._spelled if one in text)
            return
        size = self._shortest
        starts: set[str] = set()
        for at in range(0, len(text), _WINDOW):
            piece = text[at : at + _WINDOW + size - 1]
            starts.update(self._by_start.keys() & {piece[i : i + size] for i in range(len(piece) - size + 1)})
        for start in starts:
            yield from (one for one in self._by_start[start] if one in text)

    def without(self, text: str, *, digits: bool = True) -> str:
        """The text without them. Digits stay digits where `digits` says so, as a number has to stay a number."""
        for _ in range(4):
            found = self.there(text)
            if not found:
                return text
            text = self._replaced(text, found, digits)
        return REDACTED

    def _replaced(self, text: str, found: list[str], digits: bool) -> str:
        def instead(secret: str) -> str:
            return self._digit * len(secret) if self._digit and digits and secret.isdecimal() else REDACTED

        escaped = [one for one in found if one not in text]
        for one in found:
            text = text.replace(one, instead(one))
        if not escaped:
            return text
        joint = r"(?:[\r\n]|\\+[rn])*" if "\n" in text or "\\" in text else ""
        loose = re.compile("|".join(joint.join(map(_loose, one)) for one in escaped))
        clean = loose.sub(lambda match: instead(match[0]), text)
        if clean != text:
            return clean
        # Escapes within escapes that no expression sees through: what is left is plain.
        for view in _views(text):
            for one in escaped:
                clean = view.replace(one, instead(one))
                if clean != view:
                    return clean
        return text
