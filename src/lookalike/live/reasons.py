"""Why the real API couldn't be asked, in words, with the next step: one table."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lookalike.errors import Unreachable


@dataclass(frozen=True, slots=True)
class Reason:
    """words: what happened, to follow the URL; next_step: what to do; lasting: the next request will meet it too."""

    words: str
    next_step: str
    lasting: bool = True


REASONS: Mapping[str, Reason] = {
    "dns": Reason(
        "the host's name can't be resolved", "check the host in the base URL, and that this machine is online"
    ),
    "refused": Reason("the connection was refused", "check the port in the base URL, and that the API is running"),
    "network": Reason("there is no way to the host", "check that this machine may reach it (VPN, firewall, proxy)"),
    "tls-expired": Reason(
        "the certificate has expired or isn't valid yet",
        "check this machine's clock, else the API's owner must renew it",
    ),
    "tls-self-signed": Reason(
        "the certificate is signed by nobody this machine trusts",
        "name its authority in SSL_CERT_FILE if you trust it; a captive portal or proxy may also stand between",
    ),
    "tls-hostname": Reason("the certificate is for another host", "check the host in the base URL"),
    "tls": Reason(
        "the TLS handshake failed", "check that the base URL should begin with https:// and names the TLS port"
    ),
    "timeout": Reason(
        "no answer came in time", "try again later, or give it more time (--timeout, in Python timeout=)", False
    ),
    "reset": Reason("the connection was closed before an answer came", "try again later", False),
    "truncated": Reason("the body ended before its announced end", "try again later", False),
    "wrong-length": Reason(
        "the body goes on behind its announced end", "try again later, or tell the API's owner", False
    ),
    "bad-coding": Reason("the body's content coding is broken", "try again later, or tell the API's owner", False),
    "bad-chunk": Reason("the body's chunked coding is broken", "try again later, or tell the API's owner", False),
    "protocol": Reason("what answered doesn't speak HTTP/1.1", "check the port and the scheme in the base URL"),
    "too-large": Reason(
        "the answer is larger than the limit",
        "ask for less at once; in Python max_body= raises the limit, `lookalike record` has --max-body",
        False,
    ),
    "rate-limit": Reason(
        "the API says that too much is asked", "try again later, or ask more slowly (--rate, in Python rate=)"
    ),
    "server-errors": Reason("the server fails", "try again later; its status page may know more", False),
    "html": Reason("an HTML page came where {wanted} was expected", "open the URL in a browser: {guess}", False),
    "login-page": Reason(
        "an HTML page came where {wanted} was expected",
        "open the URL in a browser: {guess}; check the base URL, and auth",
        False,
    ),
    "captive-portal": Reason(
        "an HTML page came where {wanted} was expected",
        "open the URL in a browser: {guess}; this machine's network may want a login",
        False,
    ),
    "network-login": Reason(
        "this machine's network wants a login before it lets anything pass", "log in, in a browser"
    ),
    "maintenance-page": Reason(
        "an HTML page came where {wanted} was expected",
        "open the URL in a browser: {guess}; try again when that is over",
        False,
    ),
    "maintenance": Reason("the API is closed for maintenance", "try again when that is over", False),
    "elsewhere": Reason(
        "it redirects to another host for now",
        "open the URL in a browser: a login, a captive portal or a maintenance page; if the API has moved, "
        "change the base URL",
        False,
    ),
    "redirects": Reason("it redirects in a circle, or too often", "check the base URL", False),
    "budget": Reason(
        "the call budget is used up", "raise budget (--budget, with pytest --lookalike-budget), or ask for less at once"
    ),
}

# OpenSSL's X509_V_ERR codes (x509_vfy.h).
_CERTIFICATE: Mapping[int, str] = {
    9: "tls-expired",
    10: "tls-expired",
    18: "tls-self-signed",
    19: "tls-self-signed",
    20: "tls-self-signed",
    21: "tls-self-signed",
    62: "tls-hostname",
    64: "tls-hostname",
}
_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}


def _incomplete(error: BaseException) -> str:
    # http.client reports a bad chunk size and a missing one alike; the ValueError behind them tells what was read.
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, ValueError):
            return "truncated" if str(behind).endswith("b''") else "bad-chunk"
        behind = behind.__cause__ or behind.__context__
    return "truncated"


def _certificate(error: BaseException) -> str:
    return _CERTIFICATE.get(getattr(error, "verify_code", 0), "tls")


def _os_error(error: BaseException) -> str:
    return "network" if getattr(error, "errno", None) in _NO_WAY else "reset"


# The first row whose type fits decides, so a subclass stands before its base.
_ERRORS: tuple[tuple[type[BaseException], str | Callable[[BaseException], str]], ...] = (
    (socket.gaierror, "dns"),
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLEOFError, "reset"),
    (ssl.SSLError, "tls"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (http.client.IncompleteRead, _incomplete),
    (http.client.RemoteDisconnected, "reset"),
    (http.client.HTTPException, "protocol"),
    (UnicodeError, "dns"),  # a host name that can't be a host name fails in the idna codec
    (OSError, _os_error),
)
FAILURES = (OSError, http.client.HTTPException, UnicodeError)


def reason_of(error: BaseException) -> str:
    """The key of `REASONS` for an exception of the socket, TLS or HTTP layer."""
    for kind, reason in _ERRORS:
        if isinstance(error, kind):
            return reason if isinstance(reason, str) else reason(error)
    return "protocol"


def unreachable(reason: str, url: str, *, detail: str = "", wanted: str = "JSON", guess: str = "") -> Unreachable:
    """The error for a reason; `url` is shown as it is, so it mustn't carry a query or credentials."""
    row = REASONS[reason]
    more = f" ({detail})" if detail else ""
    return Unreachable(
        f"{url}: {row.words.format(wanted=wanted)}{more}; {row.next_step.format(guess=guess)}", reason=reason
    )
