"""Merging in another order writes the same bytes, titles included."""

from __future__ import annotations

from pathlib import Path

from lookalike.cli.app import run
from lookalike.contract.files import evidence_path, save
from lookalike.contract.learning import learn
from lookalike.messages import Exchange, Request, Response


def test_the_order_of_files_does_not_show(tmp_path: Path) -> None:
    names = []
    for number, title in enumerate(["Sky", "Earth"]):
        answer = Response(200, {"content-type": "application/json"}, b'{"id": %d}' % number)
        seen = [Exchange(Request("GET", f"https://api.test/{title.lower()}"), answer, day="2026-11-20")]
        names.append(str(tmp_path / f"{title}.yaml"))
        save(learn(seen, base_url="https://api.test", title=title), names[-1])
    written: list[tuple[bytes, bytes]] = []
    for order in (names, names[::-1]):
        out = tmp_path / f"out{len(written)}.yaml"
        assert run(["merge", *order, "-o", str(out)]) == 0
        written.append((out.read_bytes(), evidence_path(out).read_bytes()))
    assert written[0] == written[1]
    assert b"title: Earth" in written[0][0]
