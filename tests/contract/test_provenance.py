"""Where a statement comes from: recordings, their names, days and counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.files import evidence_bytes, evidence_path, load, read_evidence, save
from lookalike.contract.learning import accept, fold, learn
from lookalike.contract.ledger import LABELS, Ledger, Recording, few
from lookalike.contract.operation import Operation
from lookalike.contract.provenance import label
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"


def answer(at: int, day: str, status: int = 200) -> Exchange:
    body = {"id": at, "owner": {"login": "a"}, "tags": [{"name": "x"}, {"name": "y"}], "rates": {"1": 1, "2": 2}}
    headers = {"Content-Type": "application/json", "X-Total-Count": "1"}
    request = Request("GET", f"{BASE}/things/{at}?sort=up")
    return Exchange(request, Response(status, headers, json=body if status < 300 else {"error": "no"}), day=day)


@pytest.fixture
def contract() -> Contract:
    first = learn([answer(1, "2026-11-01"), answer(2, "2026-11-01")], base_url=BASE, label="traffic/a.har")
    second = fold(first, [answer(3, "2026-11-09"), answer(4, "2026-11-09", 404)], label="b.yaml")
    return fold(second, [answer(5, "2026-11-09")])


def operation(contract: Contract) -> Operation:
    found = contract.find("GET", "/things/1")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "place", "expected"),
    [
        ("200", "json.owner.login", ["a recording of 2026-11-09: 1", "b.yaml of 2026-11-09: 1",
                                     "traffic/a.har of 2026-11-01: 2"]),
        (200, "json.tags[].name", ["a recording of 2026-11-09: 2", "b.yaml of 2026-11-09: 2",
                                   "traffic/a.har of 2026-11-01: 4"]),
        ("", "json.rates.*", ["a recording of 2026-11-09: 2", "b.yaml of 2026-11-09: 2",
                              "traffic/a.har of 2026-11-01: 4"]),
        ("404", "json.error", ["b.yaml of 2026-11-09: 1"]),
        ("", "404 json.error", ["b.yaml of 2026-11-09: 1"]),
        ("404", "status", ["b.yaml of 2026-11-09: 1"]),
        ("404", "header X-Total-Count", ["b.yaml of 2026-11-09: 1"]),
        ("404", "header Content-Type", ["b.yaml of 2026-11-09: 1"]),
        ("", "query sort", ["a recording of 2026-11-09: 1", "b.yaml of 2026-11-09: 1",
                            "traffic/a.har of 2026-11-01: 2"]),
        ("", "query other", []), ("", "json.none.at[].all", []), ("", "request json.title", []),
    ],
)  # fmt: skip
def test_what_a_statement_rests_on(contract: Contract, status: str | int, place: str, expected: list[str]) -> None:
    assert [str(one) for one in contract.provenance(operation(contract), status, place)] == expected


def test_it_is_kept_in_the_file(contract: Contract, tmp_path: Path) -> None:
    save(contract, tmp_path / "things.yaml")
    again = load(tmp_path / "things.yaml")
    assert again.provenance(operation(again), 200) == contract.provenance(operation(contract), 200)
    assert evidence_bytes(read_evidence(evidence_path(tmp_path / "things.yaml"))) == evidence_bytes(
        again.evidence or Ledger()
    )


def test_a_new_era_is_what_counts(contract: Contract) -> None:
    later = fold(accept(contract, "GET /things/{id}", day="2026-11-10"), [answer(6, "2026-11-11")], label="c.har")
    assert [str(one) for one in later.provenance(operation(later), 200)] == ["c.har of 2026-11-11: 1"]


def test_one_recording_learned_under_two_names_has_both_in_any_order() -> None:
    counts = learn([answer(1, "")], base_url=BASE).evidence
    assert counts is not None
    ((id_, recording),) = counts.recordings.items()

    def named(*labels: str) -> Ledger:
        return Ledger({id_: Recording.of(recording.counts, recording.day, labels)})

    one, two, three = named("a"), named("b", "a"), named("c")
    merged = one.merge(two).merge(three)
    assert merged.recordings[id_].labels == ("a", "b", "c")
    assert evidence_bytes(merged) == evidence_bytes(three.merge(one.merge(two))) == evidence_bytes(merged.merge(merged))
    many = [named(f"{at:02}") for at in range(20)]
    forth, back = many[0], many[-1]
    for other in many:
        forth = forth.merge(other)
    for other in reversed(many):
        back = back.merge(other)
    assert forth.recordings[id_].labels == back.recordings[id_].labels == few(f"{at:02}" for at in range(LABELS))


def test_a_contract_without_evidence_has_none(contract: Contract) -> None:
    bare = Contract(contract.document)
    assert bare.provenance(operation(contract), 200) == []


@pytest.mark.parametrize(
    ("name", "below", "expected"),
    [
        ("/home/ada/shop/traffic/a.har", "/home/ada/shop", "traffic/a.har"),
        ("/home/ada/shop/traffic/a.har", "/home/ada/shop/", "traffic/a.har"),
        ("/home/ada/other/a.har", "/home/ada/shop", "a.har"),
        ("/home/ada/shopping/a.har", "/home/ada/shop", "a.har"),
        ("traffic/./a.har", "", "traffic/a.har"),
        ("../a.har", "/home/ada", "a.har"),
        ("C:\\shop\\traffic\\a.har", "C:\\shop", "traffic/a.har"),
        ("C:\\other\\a.har", "C:\\shop", "a.har"),
        ("s3://key:secret@bucket/a.har?X-Signature=1#x", "", "s3://bucket/a.har"),
        ("http://[::1", "", "http"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345.har", "", None),
    ],
)
def test_labels_say_no_more_than_a_name(name: str, below: str, expected: str | None) -> None:
    found = label(name, below=below)
    assert found == expected if expected is not None else "ghp_0123456789" not in found
