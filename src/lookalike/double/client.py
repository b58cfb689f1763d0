"""How a client was told to ask, where its door can see it: timeout, verify, cert, proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from lookalike.double.check import Check, Wanted
from lookalike.double.combined import matcher_for
from lookalike.double.diff import differences, is_pure
from lookalike.double.matcher import MISSING
from lookalike.double.matchers import absent
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.messages import Request
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_url


class ClientAsked(TypedDict, total=False):
    """What `client=` may ask; each value may be a matcher, and None is "not set", or not to be seen by the door.

    timeout: seconds that the client waits for an answer
    verify:  whether it checks the server's certificate; a str is the CA bundle's path, which True fits too
    cert:    the path of the client's certificate
    proxy:   the proxy's URL
    """

    timeout: Any
    verify: Any
    cert: Any
    proxy: Any


_TAKES: dict[str, tuple[type, ...]] = {
    "timeout": (int, float),
    "verify": (bool, str),
    "cert": (str, tuple),
    "proxy": (str,),
}


class ClientTold(Check):
    """The client's options."""

    def __init__(self, wanted: Any) -> None:
        if not isinstance(wanted, Mapping):
            raise UsageError(f'client= takes a dict, client={{"timeout": 5, "verify": False}}, not {wanted!r}')
        unknown = [str(name) for name in wanted if name not in _TAKES]
        if unknown:
            raise UsageError(f"client= has no option {unknown[0]!r}. There are {', '.join(_TAKES)}.")
        self._wanted = {name: _option(name, value) for name, value in wanted.items()}
        self.pure = is_pure(self._wanted)

    @property
    def wanted(self) -> Wanted:
        return tuple((f"client {name}", _shown(name, value)) for name, value in self._wanted.items())

    def explain(self, request: Request) -> Iterator[Mismatch]:
        told = request.options
        for name, wanted in self._wanted.items():
            got: Any = getattr(told, name)
            where = f"client {name}"
            value = MISSING if got is None else got
            if wanted is True and isinstance(got, str) and name == "verify":
                continue
            if name == "proxy" and isinstance(got, str):
                value = got.rstrip("/")
            if next(differences(wanted, value, where), None) is not None:
                shown = "not set, or not known" if value is MISSING else _shown(name, value)
                yield Mismatch(where, _shown(name, wanted), shown)


def _shown(name: str, value: Any) -> str:
    return words(mask_url(value)) if name == "proxy" and isinstance(value, str) else words(value)


def _option(name: str, value: Any) -> Any:
    if value is None:
        return absent
    matcher = None if isinstance(value, _TAKES[name]) else matcher_for(value)
    if matcher is not None:
        return matcher
    if name == "timeout" and isinstance(value, tuple):
        reads = value[-1] if len(value) == 2 else 5
        raise UsageError(
            f"client['timeout'] is {value!r}: a tuple is requests' (connect, read), and compared are the seconds that "
            f'the client waits for an answer; write client={{"timeout": {reads!r}}}'
        )
    if not isinstance(value, _TAKES[name]) or (name == "timeout" and isinstance(value, bool)):
        kinds = " or ".join(kind.__name__ for kind in _TAKES[name])
        raise UsageError(f"client[{name!r}] is {value!r}; give a {kinds}, None for none, or a matcher")
    if name == "cert" and isinstance(value, tuple):
        return value[0]
    return value.rstrip("/") if isinstance(value, str) and name == "proxy" else value
