"""CA bundles that are read only if a TLS connection is really made.

A client makes its SSL context when it is created, and reading a CA bundle is most of what that costs (17 of the 18
milliseconds of an `httpx.get`). While a double is active the default bundles are noted and read by the context's first
real use, which then trusts exactly the peers that it would have trusted. Contexts are mutable, so they can't be shared.
"""

from __future__ import annotations

import os
import ssl
import sys
import threading
from collections.abc import Callable
from typing import Any

from lookalike import passage
from lookalike.intercept import active
from lookalike.intercept.patching import Patches

# What needs the certificates to be there. Each is looked up on the instance by ssl's own code.
_USES = ("_wrap_socket", "_wrap_bio", "get_ca_certs", "cert_store_stats")
_MARK = "_lookalike_deferred"

Load = Callable[[], None]


def _default_files() -> set[str]:
    """The bundles that a client loads by default; anything else is the test's own and read at once."""
    paths = ssl.get_default_verify_paths()
    files = {paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem"}
    certifi = sys.modules.get("certifi")
    if certifi is not None:
        files.add(certifi.where())
    # What is gone before its context is used has to be read at once.
    return {os.path.realpath(file) for file in files if file and os.path.isfile(file) and not passage.is_passing(file)}


def _default_directories() -> set[str]:
    paths = ssl.get_default_verify_paths()
    return {os.path.realpath(path) for path in (paths.capath, paths.openssl_capath) if path}


class _Deferred:
    """One context's loads that are still to be done; they are done once, by the first use."""

    __slots__ = ("_lock", "context", "flushing", "loads")

    def __init__(self, context: Any) -> None:
        self._lock = threading.Lock()
        self.context = context
        self.flushing = False
        self.loads: list[Load] = []
        for name in _USES:
            setattr(context, name, self._using(name))

    def _using(self, name: str) -> Callable[..., Any]:
        def use(*args: Any, **options: Any) -> Any:
            self.flush()
            return getattr(self.context, name)(*args, **options)

        return use

    def flush(self) -> None:
        """Read the bundles and leave no trace on the context."""
        # The hooks go last: another thread that uses the context meanwhile waits here for the certificates.
        with self._lock:
            self.flushing = True  # One load calls another, and what comes now is too late to be noted.
            loads, self.loads = self.loads, []
            for load in loads:
                load()
            attributes = vars(self.context)
            for name in (*_USES, _MARK):
                attributes.pop(name, None)


def _defer(context: Any, load: Load) -> None:
    deferred: _Deferred | None = vars(context).get(_MARK)
    if deferred is None:
        deferred = _Deferred(context)
        setattr(context, _MARK, deferred)
    if deferred.flushing:
        load()
    else:
        deferred.loads.append(load)


def _is_active() -> bool:
    return active.any_active() and not passage.is_open()


def install() -> Callable[[], None]:
    """Put the deferral in; returns how to take it out. Contexts that still owe a load keep owing it."""
    patches = Patches()
    kind = ssl.SSLContext
    load_verify_locations = kind.load_verify_locations
    load_default_certs = kind.load_default_certs
    set_default_verify_paths = kind.set_default_verify_paths

    def locations(context: Any, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        def load() -> None:
            load_verify_locations(context, cafile, capath, cadata)

        if _is_active() and cadata is None and _is_default(cafile, capath):
            _defer(context, load)
        else:
            load()

    def defaults(context: Any, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH) -> None:
        def load() -> None:
            load_default_certs(context, purpose)

        _later(context, load)

    def paths(context: Any) -> None:
        def load() -> None:
            set_default_verify_paths(context)

        _later(context, load)

    patches.set(kind, "load_verify_locations", locations)
    patches.set(kind, "load_default_certs", defaults)
    patches.set(kind, "set_default_verify_paths", paths)
    return patches.undo


def _is_default(cafile: Any, capath: Any) -> bool:
    if cafile is None and capath is None:
        return False  # The real thing raises a TypeError.
    return (cafile is None or os.path.realpath(os.fspath(cafile)) in _default_files()) and (
        capath is None or os.path.realpath(os.fspath(capath)) in _default_directories()
    )


def _later(context: Any, load: Load) -> None:
    # The environment says which files these are, now: a later change must not change what this context trusts.
    if _is_active() and not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
        _defer(context, load)
    else:
        load()
