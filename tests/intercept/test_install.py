"""The door itself: who answers, what is left after the undo, and clients that are imported later."""

from __future__ import annotations

import asyncio
import gc
import http.client
import os
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import urllib.request
from pathlib import Path
from typing import Any

import httpcore
import httpcore2
import httplib2  # type: ignore[import-untyped]  # without types
import httpx
import pytest
import requests
import requests.sessions
import urllib3.connection

from lookalike.errors import UnmatchedRequest
from lookalike.intercept import active, guard, install
from lookalike.intercept import httpcore as httpcore_seam
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.messages import Response

# Who answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("db.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("fe80::1%eth0", False),
        ("0.0.0.0", True),
        ("", True),
        ("10.0.0.1", False),
        ("1and1.com", False),
        ("localhost.evil.com", False),
        ("example.com", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert active.is_loopback(host) is loopback


def test_the_innermost_double_that_covers_the_host_answers(doubled: Any) -> None:
    with doubled(Response(200, (), b"outer")) as outer, doubled(Response(200, (), b"inner"), "https://b.test") as inner:
        assert requests.get("https://api.example.com/x").text == "outer"
        assert requests.get("https://b.test/x").text == "inner"
        assert httpx.get("http://api.example.com/x").text == "outer"
        assert requests.get("https://c.test/x").text == "inner"
        with doubled(Response(200, (), b"third")):
            assert requests.get("https://api.example.com/x").text == "third"
        assert requests.get("https://api.example.com/x").text == "outer"
    assert (len(outer.calls), len(inner.calls)) == (3, 2)


def test_a_double_without_a_base_url_takes_all_but_loopback_and_allowed_hosts(doubled: Any, server: Any) -> None:
    with doubled(Response(200, (), b"double"), None, allow=("nowhere.invalid",)) as double:
        assert requests.get("https://any.test/x").text == "double"
        assert requests.get(server.url).json() == {"real": True}
        assert active.decide("nowhere.invalid", 443) is None
    assert len(double.calls) == 1


def test_a_double_on_loopback_covers_it(doubled: Any, server: Any) -> None:
    with doubled(Response(200, (), b"double"), server.url):
        assert requests.get(server.url).text == "double"
        assert httpx.get(server.url).text == "double"
    assert server.hits == []


def test_patterns_of_every_active_double_count(doubled: Any) -> None:
    with doubled(None, allow=("A.Internal",)), doubled():
        assert active.decide("a.internal", 80) is None
        assert active.decide("b.internal", 80) is not None
        assert active.is_allowed("a.internal")
    assert active.decide("b.internal", 80) is None
    assert active.innermost() is None


# Install and undo ----------------------------------------------------------------------------------------------------


def everything() -> dict[str, Any]:
    """All that could have been patched: the dictionaries of the modules and of the classes in them."""
    modules = [
        socket, ssl, http.client, urllib.request, requests, requests.sessions, requests.utils, urllib3.connection,
        httpcore, httpcore2, httplib2, asyncio.base_events,
    ]  # fmt: skip
    found: dict[str, Any] = {"sys.meta_path": list(sys.meta_path)}
    for module in modules:
        for name, value in vars(module).items():
            found[f"{module.__name__}.{name}"] = value
            if isinstance(value, type):
                # Python makes these when somebody first reads them, which is no change.
                getattr(value, "__annotations__", None)
                found.update({f"{module.__name__}.{name}.{key}": one for key, one in vars(value).items()})
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    volatile = ("__warningregistry__", "_abc_impl", "__annotations_cache__")
    names = before.keys() | after.keys()
    return sorted(
        name for name in names if not name.endswith(volatile) and before.get(name) is not after.get(name)
        and name != "sys.meta_path"
    )  # fmt: skip


def test_nothing_is_left_behind(doubled: Any) -> None:
    before = everything()
    threads = threading.enumerate()
    with doubled(Response(200, (), b"x")), doubled(Response(), "https://b.test"):
        assert changed(before, everything()) != []
        requests.get("https://api.example.com/x")
        httpx.get("https://api.example.com/x")
    assert changed(before, everything()) == []
    assert before["sys.meta_path"] == sys.meta_path
    assert threading.enumerate() == threads


def test_undo_works_in_any_order_and_twice(scripted: Any) -> None:
    before = everything()
    undo_first, undo_second = install(scripted(Response(), "https://a.test")), install(scripted(None, "https://b.test"))
    undo_second()
    undo_second()
    assert requests.get("https://a.test/x").status_code == 200
    undo_third = install(scripted(None, "https://c.test"))
    undo_first()
    with pytest.raises(UnmatchedRequest):
        requests.get("https://a.test/x")
    undo_third()
    assert changed(before, everything()) == []


def test_a_seam_that_fails_to_install_leaves_nothing(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        raise RuntimeError("no seam")

    before = everything()
    monkeypatch.setattr(httpcore_seam, "install", fail)
    monkeypatch.setattr("lookalike.intercept.door._SEAMS", {"": (guard.install,), "http.client": (fail,)})
    with pytest.raises(RuntimeError, match="no seam"):
        install(scripted(Response(), "https://a.test"))
    monkeypatch.undo()
    assert changed(before, everything()) == []
    assert active.innermost() is None


def test_a_seam_that_fails_half_way_takes_back_what_it_did(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, kind: type) -> None:
        raise RuntimeError("no class")

    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr("lookalike.intercept.http_client.Seam._adopt", fail)
        with pytest.raises(RuntimeError, match="no class"):
            install(scripted(Response(), "https://a.test"))
    assert changed(before, everything()) == []


def test_what_somebody_else_replaced_meanwhile_stays(scripted: Any) -> None:
    original = http.client.HTTPConnection.putrequest
    undo = install(scripted(Response(), "https://a.test"))
    ours = http.client.HTTPConnection.putrequest
    seen: list[str] = []

    def theirs(connection: Any, method: str, url: str, *args: Any, **options: Any) -> None:
        seen.append(url)
        ours(connection, method, url, *args, **options)

    try:
        http.client.HTTPConnection.putrequest = theirs  # type: ignore[method-assign, assignment]  # as another library patches
        undo()
        assert http.client.HTTPConnection.putrequest is theirs
        with pytest.raises(OSError):  # noqa: PT011 - whatever a real attempt meets
            urllib.request.urlopen("http://127.0.0.1:1/x")
        assert seen == ["/x"]
    finally:
        http.client.HTTPConnection.putrequest = original  # type: ignore[method-assign]  # as another library patches


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts the process's files where the system lists them")
@pytest.mark.usefixtures("lane")
def test_no_file_descriptor_leaks(doubled: Any) -> None:
    def work() -> None:
        with doubled(Response(200, (), b"x")):
            with requests.Session() as session:
                session.get("https://api.example.com/x")
                session.post("https://api.example.com/x", data=iter([b"a"]))
                session.get("https://api.example.com/x")
            urllib.request.urlopen("https://api.example.com/x").close()
            requests.get("https://api.example.com/x")
            httpx.get("https://api.example.com/x")

    work()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        work()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_patches_put_back_what_was_inherited_and_what_was_not() -> None:
    class Base:
        name = "base"

    class Child(Base):
        own = "own"

    patches = Patches()
    patches.set(Child, "name", "patched")
    patches.set(Child, "own", "patched")
    assert (Child.name, Child.own) == ("patched", "patched")
    patches.undo()
    patches.undo()
    assert "name" not in vars(Child)
    assert (Child.name, Child.own) == ("base", "own")


# Imported later ------------------------------------------------------------------------------------------------------

LATER = """
    import sys
    import warnings
    warnings.simplefilter("error")
    from lookalike.errors import UncoveredClient
    warnings.simplefilter("ignore", UncoveredClient)
    warnings.simplefilter("ignore", DeprecationWarning)  # httplib2 0.22's, of what it imports
    from lookalike.double.double import Double
    from lookalike.intercept import install
    from lookalike.messages import Response

    clients = {"requests", "urllib3", "httpx", "httpcore", "httpx2", "httplib2"}
    assert clients.isdisjoint(sys.modules)

    class Fixed(Double):
        def handle(self, request):
            return Response(200, [("Content-Type", "application/json")], b'{"double": true}')

    undo = install(Fixed("fixed", "https://api.example.com"))
    assert clients.isdisjoint(sys.modules)
    import httplib2  # type: ignore[import-untyped]  # without types
    import httpx
    import httpx2
    import requests
    url = "https://api.example.com/x"
    assert requests.get(url).json() == {"double": True}
    assert httpx.get(url).json() == {"double": True}
    assert httpx2.get(url).json() == {"double": True}
    assert httplib2.Http().request(url)[1] == b'{"double": true}'
    import urllib3.connection
    # urllib3 1.26 has no lane of its own: it goes by way of http.client.
    assert "lookalike" in urllib3.connection.HTTPConnection.request.__module__ or urllib3.__version__[0] == "1"
    assert httpx.__spec__.loader is httpx.__loader__
    undo()
    import httpcore
    for function in (urllib3.connection.HTTPConnection.request, httpcore.ConnectionPool.handle_request):
        assert "lookalike" not in function.__module__
    print("fine")
"""


def test_clients_that_are_imported_later_are_covered() -> None:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LATER)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stdout, run.stderr) == ("fine\n", "")


def test_a_hook_runs_once_when_its_module_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hooked_module.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    seen: list[int] = []
    stop = when_imported("hooked_module", lambda module: seen.append(module.value))
    stop_other = when_imported("hooked_module", lambda module: seen.append(-module.value))
    stop_none = when_imported("there_is_no_such_module", lambda module: seen.append(0))
    with pytest.raises(ModuleNotFoundError):
        import there_is_no_such_module  # type: ignore[import-not-found]  # noqa: F401  made by the test, or nowhere
    stop_none()
    import hooked_module  # type: ignore[import-not-found]  # made by the test, or nowhere

    assert seen == [1, -1]
    when_imported("hooked_module", lambda module: seen.append(2))()
    assert seen == [1, -1, 2]
    stop()
    stop_other()
    stop_other()
    assert not any(type(finder).__module__ == "lookalike.intercept.imports" for finder in sys.meta_path)
    assert hooked_module.__loader__ is hooked_module.__spec__.loader
    del sys.modules["hooked_module"]


def test_what_only_other_clients_need_is_not_imported() -> None:
    code = (
        "import sys, warnings; warnings.simplefilter('ignore'); import lookalike\n"
        "with lookalike.Api(base_url='https://api.test').mock(): pass\n"
        "print(sorted({'asyncio', 'tornado', 'aiohttp', 'httpx', 'trio'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n", told.stderr
