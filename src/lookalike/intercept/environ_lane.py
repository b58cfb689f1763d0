"""A fast lane in requests: no walk over the whole environment for proxies at each request when there are none.

The walk decodes every variable, twice a request, and is most of what a mocked `Session.get` costs beside the client's
real work. The names are looked at on each call, so a proxy that a test sets meanwhile counts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from lookalike.intercept import active
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches

enabled = True  # Private: tests run the same table of behaviours without the lane.


def no_proxy_is_set() -> bool:
    """Whether no variable's name ends in `_proxy`, in whatever case; False where that can't be told cheaply."""
    names = getattr(os.environ, "_data", None)
    if type(names) is not dict:
        return False
    try:
        return b"_proxy" not in b"\n".join(names).lower()
    except TypeError:  # Names are text on Windows, where the registry names proxies too.
        return False


def install() -> Callable[[], None]:
    """Open the lane, in the requests that is imported or will be; returns how to close it."""
    patches = Patches()

    def hook(sessions: ModuleType) -> None:
        utils: Any = sys.modules["requests.utils"]
        library: Any = sys.modules["urllib.request"]
        original: Any = getattr(sessions, "get_environ_proxies", None)
        # Elsewhere than on Linux the system's settings count too; and what a test has replaced already stays.
        known = (utils.getproxies, utils.proxy_bypass, utils.should_bypass_proxies)
        ordinary = (library.getproxies_environment, library.proxy_bypass_environment)
        if not enabled or known[:2] != ordinary or original is not utils.get_environ_proxies:
            return

        def get_environ_proxies(url: str, no_proxy: str | None = None) -> Any:
            unchanged = (utils.getproxies, utils.proxy_bypass, utils.should_bypass_proxies) == known
            if no_proxy is None and unchanged and active.any_active() and no_proxy_is_set():
                return {}
            return original(url, no_proxy=no_proxy)

        patches.set(sessions, "get_environ_proxies", get_environ_proxies)

    stop = when_imported("requests.sessions", hook)

    def undo() -> None:
        stop()
        patches.undo()

    return undo
