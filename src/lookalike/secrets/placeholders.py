"""What stands where a secret would, and is none: what recorders and people write in place of one, and test values."""

from __future__ import annotations

import re

_STANDS_FOR = re.compile(
    r"<[^<>]{1,80}>|<<[^<>]{1,80}>>|\{\{?[^{}]{1,80}\}\}?|\$\{?\w{1,80}\}?|%\(?\w{1,80}\)?s?|\[[^\[\]]{1,80}\]"
    r"|__\w{1,80}__|(?i:x{3,}|\*{3,}|\.{3,}|-{3,}|0{3,})"
)
_SAYS_SO = re.compile(
    r"(?i)(?:\A|[^a-z])(?:redacted|filtered|scrubbed|masked|hidden|removed|sanitized|anonymized|dummy|fake|placeholder|"
    r"sample|changeme|change.me|your|xxx+|\*\*\*+)(?:[^a-z]|\Z)|example|redacted"
)
_TEST_WORD = re.compile(r"(?i)(?:\A|[^a-z])(?:test(?:ing)?|mock(?:ed)?|foo|bar|demo)(?:[^a-z]|\Z)")
_WORDS = frozenset({
    "abc", "abc123", "admin", "bar", "baz", "default", "foo", "foobar", "hunter2", "key", "letmein", "mysecret",
    "mytoken", "null", "none", "pass", "passw0rd", "password", "password1", "passwd", "qwerty", "secret", "string",
    "token", "undefined", "user", "username", "value",
})  # fmt: skip
# RFC 2606 and RFC 6761; nobody reads what comes to the last ones.
_NO_ADDRESS = re.compile(
    r"(?i)(?:@|%40)(?:[\w.-]+\.)?(?:example\.(?:com|org|net)|[\w-]+\.(?:example|test|invalid|localhost|local))\Z"
    r"|\A(?:no-?reply|do-?not-?reply)(?:@|%40)|(?:@|%40)users\.noreply\.github\.com\Z"
)
# 555-0100 to 555-0199 belong to nobody, https://www.nationalnanpa.com/number_resource_info/555_numbers.html
_NO_PHONE = re.compile(r"555[-. ]?01\d\d\Z|\A[0 ().+-]+\Z")
# What payment providers publish to test with.
_TEST_CARDS = frozenset({
    "4242424242424242", "4111111111111111", "4000056655665556", "5555555555554444", "5200828282828210",
    "5105105105105100", "2223003122003222", "378282246310005", "371449635398431", "6011111111111117",
    "6011000990139424", "3056930009020004", "36227206271667", "3566002020360505", "4012888888881881",
    "4000000000000002", "4000002500003155", "4000000000009995", "4222222222222", "30569309025904", "38520000023237",
})  # fmt: skip
_PUBLISHED = frozenset({
    "sk" + "_test_4eC39HqLyjWDarjtT1zdp7dc", "sk" + "_test_BQokikJOvBiI2HlWgH4olfQ2",
})  # fmt: skip


def is_placeholder(value: str, kind: str) -> bool:
    """Whether a found value is no secret: `<TOKEN>`, `xxxx`, `REDACTED`, an address of example.com, a test card.

    kind: as it was found with; test keys of vendors are keys, but `test-token` under a name is none
    """
    text = value.strip().strip("\"'")
    if kind == "card number":
        return re.sub(r"[ -]", "", text) in _TEST_CARDS
    if kind == "telephone number":
        return _NO_PHONE.search(text) is not None
    if kind == "e-mail address":
        return _NO_ADDRESS.search(text) is not None
    if _STANDS_FOR.fullmatch(text) or len(set(text)) < 3 or text in _PUBLISHED or _SAYS_SO.search(text):
        return True
    by_name = kind.startswith(("value of ", "cookie ", "password ")) or kind.endswith(" credentials")
    return by_name and (text.lower() in _WORDS or _TEST_WORD.search(text) is not None)
