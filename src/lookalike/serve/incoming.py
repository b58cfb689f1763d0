"""One request as it arrives, part by part."""

from __future__ import annotations

from dataclasses import dataclass, field

from lookalike.double.double import Double
from lookalike.errors import UsageError
from lookalike.messages import Request, split_url
from lookalike.serve.limits import Limits


class Refused(Exception):
    """The server itself answers, and closes; `mark` is for the header `x-lookalike`."""

    def __init__(self, status: int, why: str, *, mark: str = "refused") -> None:
        self.status = status
        self.mark = mark
        super().__init__(why)


@dataclass(slots=True)
class Incoming:
    """A request's parts; `raw` is the request as it was read if one read brought all of it and nothing else."""

    limits: Limits
    target: bytes = b""
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    method: str = ""
    version: str = "1.1"
    keep_alive: bool = True
    raw: bytes | None = None
    complete_head: bool = False
    head_size: int = 0
    waiting: int = 0
    body_size: int = 0

    def add_target(self, part: bytes) -> None:
        """More of the request target."""
        self.target += part
        if len(self.target) > self.limits.target:
            raise Refused(414, f"the request target is longer than {self.limits.target} bytes")

    def add_field(self, name: bytes, value: bytes) -> None:
        """One header field; those after the body (trailers) are dropped."""
        self.head_size += len(name) + len(value) + 4
        if self.head_size > self.limits.head:
            raise Refused(431, f"the header fields are longer than {self.limits.head} bytes")
        if self.complete_head:
            return
        self.fields.append((name.decode("latin-1"), value.decode("latin-1")))
        if len(self.fields) > self.limits.fields:
            raise Refused(431, f"there are more than {self.limits.fields} header fields")

    def end_head(self, method: str, version: str, *, keep_alive: bool) -> bool:
        """The head is complete. Returns whether the client waits for `100 Continue` before it sends the body."""
        self.complete_head = True
        self.method, self.version, self.keep_alive = method, version, keep_alive
        if version not in ("1.0", "1.1"):
            raise Refused(505, f"HTTP/{version} is not spoken here; HTTP/1.1 is")
        hosts = expects = 0
        waits = False
        for name, value in self.fields:
            lower = name.lower()
            if lower == "host":
                hosts += 1
            elif lower == "content-length" and value.isdigit() and int(value) > self.limits.body:
                raise Refused(413, f"the body is longer than {self.limits.body} bytes")
            elif lower == "expect":
                expects += 1
                waits = value.strip().lower() == "100-continue"
        if hosts > 1 or (hosts == 0 and version == "1.1"):
            raise Refused(400, "an HTTP/1.1 request has exactly one Host header")  # RFC 9112, section 3.2
        if expects and not waits:
            raise Refused(417, "the only expectation that is known is 100-continue")
        if method == "CONNECT":
            raise Refused(501, "this is no proxy: CONNECT is not served")
        return waits and version == "1.1"

    def add_body(self, part: bytes) -> None:
        """More of the body."""
        self.body.append(part)
        self.body_size += len(part)
        if self.body_size > self.limits.body:
            raise Refused(413, f"the body is longer than {self.limits.body} bytes")

    def request(self, double: Double) -> Request:
        """The request as the double sees it: on the API's own host, whatever address the server has."""
        return self.request_to(self._url(double))

    def request_to(self, url: str) -> Request:
        """The request, to this URL."""
        return Request(self.method, url, self.fields, b"".join(self.body))

    @property
    def asked(self) -> str:
        """The request target: a path, or an absolute URL, which clients send to a proxy (RFC 9112, section 3.2.2)."""
        target = self.target.decode("ascii")  # the parser takes nothing else
        return "/*" if target == "*" else target

    @property
    def host(self) -> str:
        """The Host header, `""` if there is none."""
        return next((value.strip() for name, value in self.fields if name.lower() == "host"), "")

    def _url(self, double: Double) -> str:
        target = self.asked
        if not target.startswith("/"):
            try:
                parts = split_url(target)
            except UsageError as error:
                raise Refused(400, str(error)) from None
            if double.covers(parts.host, parts.port):
                return target
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if double.base_url is not None:
            return double.base_url + target
        url = f"http://{self.host or 'localhost'}{target}"
        try:
            split_url(url)
        except UsageError as error:
            raise Refused(400, str(error)) from None
        return url
