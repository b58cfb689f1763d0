"""The requests that arrive on a connection: what the parser finds in its bytes, up to those that wait for an answer."""

from __future__ import annotations

from collections import deque

import httptools

from lookalike.serve.incoming import Incoming, Refused
from lookalike.serve.limits import Limits


class Arriving:
    """The part of a connection that reads: HTTP/1.1 by httptools, which calls the methods `on_*`."""

    __slots__ = ("_continue", "_incoming", "_limits", "_parser", "_queue", "_ticks")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._incoming: Incoming | None = None  # the request that is arriving
        self._queue: deque[Incoming] = deque()  # those that have arrived
        self._continue = False  # the client waits for 100 Continue
        self._ticks = 0  # how often the server looked since anything happened

    def on_message_begin(self) -> None:
        self._incoming = Incoming(self._limits)

    def on_url(self, url: bytes) -> None:
        self._arriving().add_target(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._arriving().add_field(name, value)

    def on_headers_complete(self) -> None:
        parser = self._parser
        self._continue = self._arriving().end_head(
            parser.get_method().decode("ascii"), parser.get_http_version(), keep_alive=parser.should_keep_alive()
        )

    def on_body(self, body: bytes) -> None:
        self._continue = False
        self._ticks = 0
        self._arriving().add_body(body)

    def on_message_complete(self) -> None:
        self._continue = False
        self._ticks = 0
        self._queue.append(self._arriving())
        self._incoming = None

    def _arriving(self) -> Incoming:
        if self._incoming is None:
            raise Refused(400, "the request has no beginning")
        return self._incoming

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                # An offer of another protocol is declined by answering in this one (RFC 9110, section 7.8).
                self._parser = httptools.HttpRequestParser(self)
                data = data[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                cause = error.__context__
                if isinstance(cause, Refused):
                    raise cause from None
                raise Refused(400, f"this is not HTTP/1.1: {error}") from None

    def _check_head(self, begun: Incoming | None, data: bytes) -> None:
        """The parser holds back a field until it is complete, so a head without end is seen by its size alone."""
        incoming = self._incoming
        if incoming is None or incoming.complete_head:
            return
        incoming.waiting = (incoming.waiting if incoming is begun else 0) + len(data)
        limits = self._limits
        if incoming.waiting > limits.target + limits.head:
            raise Refused(431, f"the header fields are longer than {limits.head} bytes")
