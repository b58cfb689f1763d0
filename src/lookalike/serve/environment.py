"""The environment variables that point HTTP clients at a proxy and make them trust its certificates."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Lock

# Who reads a proxy's URL: nearly everybody these, in either case (on Windows the two are one variable).
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# Who reads a file with every certificate to trust, in place of what it would trust otherwise.
_BUNDLES = (
    "SSL_CERT_FILE",  # OpenSSL, Go, Rust's native roots, httpx, aiohttp
    "REQUESTS_CA_BUNDLE",  # requests, pip's own requests, niquests
    "CURL_CA_BUNDLE",  # curl, requests
    "AWS_CA_BUNDLE",  # botocore, the AWS command line
    "BUNDLE_SSL_CA_CERT",  # Ruby's bundler
    "CARGO_HTTP_CAINFO",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "GIT_SSL_CAINFO",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",
    "NIX_SSL_CERT_FILE",
    "PERL_LWP_SSL_CA_FILE",
    "PIP_CERT",
    "PRIMP_CA_BUNDLE",
    "WEBSOCKET_CLIENT_CA_BUNDLE",
)
# Who reads a file with certificates to trust as well.
_ADDITIONS = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
_HERE = "localhost,127.0.0.1,::1"


def variables(url: str, *, bundle: Path, authority: Path, through: bool = False) -> dict[str, str]:
    """The variables by name.

    url:       of the proxy
    bundle:    a file with all certificates to trust
    authority: a file with the proxy's own alone
    through:   whether requests to this machine go through the proxy too
    """
    proxies = {**dict.fromkeys(_PROXIES, url), "NO_PROXY": "" if through else _HERE}
    return {
        **proxies,
        **{name.lower(): value for name, value in proxies.items()},
        "NODE_USE_ENV_PROXY": "1",  # Node 24 and newer read the proxies only then
        **dict.fromkeys(_BUNDLES, str(bundle)),
        **dict.fromkeys(_ADDITIONS, str(authority)),
    }


def known_roots(environ: Mapping[str, str]) -> Iterator[bytes]:
    """The certificates that clients trust without us, one PEM a piece, each once.

    Of the files that the environment names already, of the system's, and of certifi where it is installed: a request
    that is let through meets the real host's certificate.
    """
    import ssl
    from importlib import import_module

    named = [environ.get(name) for name in _BUNDLES]
    system = ssl.get_default_verify_paths()
    places = [*named, system.cafile, system.openssl_cafile]
    with contextlib.suppress(ImportError):
        places.append(import_module("certifi").where())
    seen: set[bytes] = set()
    for place in dict.fromkeys(one for one in places if one):
        try:
            text = Path(place).read_bytes()
        except OSError:
            continue
        for part in text.split(_BEGIN)[1:]:
            body, end, _ = part.partition(_END)
            if end and body not in seen:
                seen.add(body)
                yield _BEGIN + body + _END + b"\n"


_BEGIN = b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"

# What this process had before the first server, and what each server since set, the newest last: servers may end in
# any order, and the newest that is left is the one whose variables hold.
_before: dict[str, str | None] = {}
_layers: list[Mapping[str, str]] = []
_lock = Lock()


def put(values: Mapping[str, str]) -> Callable[[], None]:
    """Set variables in this process; returns how to bring back, to the byte, what was there (safe to call twice)."""
    layer = dict(values)
    with _lock:
        for name in layer:
            _before.setdefault(name, os.environ.get(name))
        _layers.append(layer)
        os.environ.update(layer)

    def undo() -> None:
        with _lock:
            if not any(one is layer for one in _layers):
                return
            _layers[:] = [one for one in _layers if one is not layer]
            for name in layer:
                _bring_back(name)
            if not _layers:
                _before.clear()

    return undo


def _bring_back(name: str) -> None:
    value = next((one[name] for one in reversed(_layers) if name in one), _before.get(name))
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
