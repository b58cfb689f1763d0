"""The variables that are set: told on the page, brought back to the byte, and the roots beside our own."""

from __future__ import annotations

import os
import re
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.messages import FaultKind
from lookalike.serve import trust
from lookalike.serve.environment import known_roots, put, variables
from lookalike.serve.faults import FAILURES

PAGE = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")


def test_every_variable_is_on_the_page() -> None:
    told = set(re.findall(r"`([A-Z0-9_]+)(?:=1)?`", PAGE[PAGE.index("## What is set") :]))
    names = {name.upper() for name in variables("http://x", bundle=Path("b"), authority=Path("a"))}
    assert told == names


def test_every_fault_is_on_the_page() -> None:
    rows = PAGE[PAGE.index("## Failures on a socket") :]
    told = {name for row in rows.splitlines() if row.startswith("| `") for name in re.findall(r"`([a-z-]+)`", row)}
    kinds: set[FaultKind] = set(FAILURES)
    assert kinds <= told


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=12))
def test_whatever_the_order_the_last_to_end_leaves_what_was_there(steps: list[tuple[bool, int]]) -> None:
    before = dict(os.environ)
    active: list[tuple[str, int]] = []
    undos = {}
    for number, (begins, which) in enumerate(steps):
        if begins or not active:
            undos[number] = put({"LOOKALIKE_TEST": str(number), "HOME": str(number)})
            active.append((str(number), number))
        else:
            _, key = active.pop(which % len(active))
            undos[key]()
            undos[key]()
        if active:
            assert os.environ["LOOKALIKE_TEST"] == os.environ["HOME"] == active[-1][0]
    for _, key in active:
        undos[key]()
    assert dict(os.environ) == before


def test_roots_are_read_once_and_from_what_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "certifi", None)
    one = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    own = tmp_path / "own.pem"
    own.write_bytes(b"# mine\n" + one + one + b"-----BEGIN CERTIFICATE-----\ncut off")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert [*known_roots({"PIP_CERT": str(own), "AWS_CA_BUNDLE": str(tmp_path)})].count(one) == 1


def test_trust_without_certifi_and_without_native_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("certifi", "pycurl", "curl_cffi.curl", "curl_cffi.aio"):
        monkeypatch.setitem(sys.modules, name, None)
    undo = trust.trusting(tmp_path / "bundle.pem")
    undo()
    undo()


def test_what_a_test_put_in_place_of_pycurls_handle_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pycurl

    undo = trust.trusting(tmp_path / "bundle.pem")
    own = object()
    with monkeypatch.context() as patching:
        patching.setattr(pycurl, "Curl", own)
        undo()
        assert pycurl.Curl is own
    undo()
    assert pycurl.Curl.__module__ == "pycurl"


def test_servers_that_end_in_any_order_leave_native_clients_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pycurl

    kept = types.ModuleType("curl_cffi.curl")
    monkeypatch.setattr(kept, "DEFAULT_CACERT", "own.pem", raising=False)
    monkeypatch.setitem(sys.modules, "curl_cffi.curl", kept)
    handle = pycurl.Curl
    first, second = trust.trusting(tmp_path / "1.pem"), trust.trusting(tmp_path / "2.pem")
    assert str(tmp_path / "2.pem") == kept.DEFAULT_CACERT
    first()
    assert pycurl.Curl is not handle
    assert str(tmp_path / "2.pem") == kept.DEFAULT_CACERT
    second()
    second()
    assert pycurl.Curl is handle
    assert kept.DEFAULT_CACERT == "own.pem"
