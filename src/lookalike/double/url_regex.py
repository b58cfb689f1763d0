"""Regular expressions in place of a path: `mock.get(re.compile(r"/todos/\\d+"))`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from lookalike.messages import DEFAULT_PORTS, Request, SplitUrl

# Where the expression names a whole URL: `https://api...`, also with `^`, `https?`, `(?i)` or brackets in front.
_ABSOLUTE = re.compile(r"(?:\(\?[aimsux]+\))*(?:\^|\\A|\(\?:|\()*http")
_ANCHOR = re.compile(r"(?:\(\?[aimsux]+\))*(?:\^|\\A)?")
_HOST = re.compile(r"://((?:\\.|\[(?:\\.|[^]\\])+\]|[^/\\$\[])+)")


class RegexPattern:
    """A path, or a whole URL where the expression begins with http, that a regular expression matches from end to end,
    with its query or without. What is compared is percent-decoded.

    names: its named groups; the other attributes are those of `PathPattern`
    """

    __slots__ = ("_home", "_mark", "absolute", "names", "of_home", "regex", "sample", "template", "written")

    def __init__(self, regex: re.Pattern[str], home: SplitUrl | None) -> None:
        self.regex = regex
        self._home = home
        self.absolute = _ABSOLUTE.match(regex.pattern) is not None
        self.of_home = not self.absolute
        self.names = list(regex.groupindex)
        self.written = self.template = regex.pattern
        # A path that stands for all that the expression matches; no other pattern than the same one takes it.
        self._mark = f"{{re:{regex.flags}:{regex.pattern}}}"
        prefix = home.path.rstrip("/") if home and not self.absolute else ""
        self.sample = f"{prefix}/{quote(self._mark, safe='')}"

    @property
    def is_literal(self) -> bool:
        """It has no text to be found by."""
        return False

    @property
    def hosts(self) -> re.Pattern[str] | None:
        """The hosts that an absolute expression names, None where that can't be told."""
        found = _HOST.search(self.regex.pattern) if self.absolute else None
        if found is None or found[1].startswith((".*", ".+", "(")):
            return None
        host = re.sub(r":443\Z|:80\Z", "", found[1])
        try:
            return re.compile(host, re.IGNORECASE)
        except re.error:
            return None

    def below(self, home: SplitUrl | None) -> str:
        """As it was written."""
        return self.written

    def find(self, request: Request) -> dict[str, Any] | None:
        """The named groups' values, None where the expression doesn't match; a group that took no part is left out."""
        path = unquote(request.path, errors="surrogateescape")
        if self.absolute:
            port = "" if request.port == DEFAULT_PORTS[request.scheme] else f":{request.port}"
            host = f"[{request.host}]" if ":" in request.host else request.host
            subject = f"{request.scheme}://{host}{port}{path}"
        else:
            home = self._home.path.rstrip("/") if self._home else ""
            if home and path != home and not path.startswith(home + "/"):
                return None
            subject = path[len(home) :] or "/"
        found = self.regex.fullmatch(subject)
        if found is None and request.query:
            found = self.regex.fullmatch(f"{subject}?{unquote(request.query, errors='surrogateescape')}")
        if found is None:
            return {} if path.endswith(self._mark) else None
        return {name: value for name, value in found.groupdict().items() if value is not None}


def behind(prefix: str, regex: re.Pattern[str]) -> re.Pattern[str]:
    """The same expression for paths that begin with a prefix; one for whole URLs as it is."""
    if _ABSOLUTE.match(regex.pattern):
        return regex
    return re.compile(re.escape(prefix) + f"(?:{_ANCHOR.sub('', regex.pattern, count=1)})", regex.flags)
