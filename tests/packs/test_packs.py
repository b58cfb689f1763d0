"""The registry."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from lookalike import packs
from lookalike.errors import UsageError


def test_the_packs_are_listed() -> None:
    assert packs.names() == ["jsonplaceholder"]
    assert packs.load("jsonplaceholder").name == "jsonplaceholder"


def test_an_unknown_pack_is_told_from_the_known() -> None:
    with pytest.raises(UsageError, match=r"no pack 'jsonplaceholdr'; did you mean 'jsonplaceholder'\?"):
        packs.load("jsonplaceholdr")
    with pytest.raises(UsageError, match=r"no pack 'x'; the packs are: jsonplaceholder"):
        packs.load("x")


def test_a_module_without_a_pack_is_said_to_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("broken_pack")
    broken.PACK = "no pack"  # type: ignore[attr-defined]  # a module of the test
    monkeypatch.setitem(sys.modules, "broken_pack", broken)
    monkeypatch.setitem(packs._PACKS, "broken", "broken_pack")
    with pytest.raises(UsageError, match="'broken' is broken"):
        packs.load("broken")


def test_options_may_be_given_when_loading_and_when_faking() -> None:
    pack = packs.load("jsonplaceholder", stateful=True)
    assert pack.options == {"stateful": True}
    assert pack.fake().journal.total == pack.fake(stateful=False).journal.total == 0
    with pytest.raises(UsageError, match="no option 'state'; it has: changed, data, dialect, journal_limit, stateful"):
        pack.fake(state=True)
    with pytest.raises(UsageError, match="leave out"):
        pack.fake(data="db.json", changed=True)


def test_a_pack_has_a_contract_and_covers_its_host() -> None:
    pack = packs.load("jsonplaceholder")
    assert pack.document["openapi"] == "3.1.0"
    assert pack.contract.base_url == pack.base_url == "https://jsonplaceholder.typicode.com"
    assert pack.contract.name == "jsonplaceholder"
    double = pack.fake()
    assert double.covers("jsonplaceholder.typicode.com", 80)
    assert double.covers("jsonplaceholder.typicode.com", 443)
    assert not double.covers("typicode.com", 443)
