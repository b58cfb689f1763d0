"""Text that others wrote, as it may be shown: what turns, hides or commands is written out.

An API's answer, a recording or a test's mock may hold characters that a terminal obeys (ECMA-48 control sequences),
that turn the direction of what follows, or that nobody sees, so that one word looks like another (Unicode Technical
Report 36, section 2.9; Unicode Technical Standard 55).
"""

from __future__ import annotations

import re
from typing import Any

# Controls but tab and line feed; what the Unicode database calls default-ignorable, without the variation selectors of
# emoji; separators of lines and paragraphs; halves of surrogate pairs and the two that XML 1.0 can't say (section 2.2).
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BREAKS = {"\n": "\\n", "\t": "\\t"}


def visible(text: str) -> str:
    """The text with such characters written as JSON writes them, `\\u202e`; lines stay lines. Twice is the same."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_written, text)


def one_line(text: str) -> str:
    """The same in one line: what belongs into a line must not begin another."""
    if text.isprintable() and text.isascii():
        return text
    return visible(text).replace("\n", _BREAKS["\n"]).replace("\t", _BREAKS["\t"])


def visible_json(value: Any) -> Any:
    """JSON values with visible text, keys included."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list | tuple):
        return [visible_json(one) for one in value]
    return {visible_json(key): visible_json(one) for key, one in value.items()} if isinstance(value, dict) else value


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    # As two halves, RFC 8259, section 7: then a text of JSON stays what it says.
    return f"\\u{0xD7C0 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
