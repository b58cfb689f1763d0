"""The formats of recorded traffic, a module each; the order is that in which a file is asked what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from lookalike.messages import Exchange
from lookalike.traffic.opened import Opened


class Reader(Protocol):
    """What a format's module has."""

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether a file that begins with `head` is of this format; `name` may end in what helps to tell."""

    def read(self, opened: Opened) -> Iterator[Exchange]:
        """Its exchanges in their order, one held at a time; what can't be read goes to `opened.skip`."""


@dataclass(frozen=True, slots=True)
class Format:
    """name: as `--format` has it; label: as people know it; module: with a `Reader`'s functions."""

    name: str
    label: str
    module: str

    @property
    def reader(self) -> Reader:
        """Its module, imported at first use."""
        return cast("Reader", import_module(self.module))


# One line a format; what is told by more of its content stands first.
FORMATS: tuple[Format, ...] = (
    Format("har", "HAR", "lookalike.traffic.har"),
    Format("cassette", "cassettes of vcrpy, VCR, go-vcr, Betamax, cassetter", "lookalike.traffic.cassette"),
    Format("ndjson", "NDJSON of exchanges", "lookalike.traffic.ndjson"),
    Format("nock", "nock recordings", "lookalike.traffic.nock"),
    Format("hoverfly", "Hoverfly simulations", "lookalike.traffic.hoverfly"),
    Format("wiremock", "WireMock mappings", "lookalike.traffic.wiremock"),
    Format("mitmproxy", "mitmproxy flows", "lookalike.traffic.mitmproxy"),
)  # fmt: skip
