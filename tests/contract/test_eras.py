"""What an accepted change leaves behind: mocks of yesterday are held against what was seen before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.files import load, save
from lookalike.contract.learning import accept, dispute, fold, learn
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
JSON = {"content-type": "application/json"}
OLD, NEW = "2026-11-20", "2026-11-25"


def exchange(
    path: str, body: Any = None, status: int = 200, *, day: str = OLD, kind: str = JSON["content-type"]
) -> Exchange:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Exchange(Request("GET", BASE + path), Response(status, {"content-type": kind}, content), day=day)


def reply(value: Any, status: int = 200) -> Response:
    return Response(status, JSON, json.dumps(value).encode())


def place(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Ulm {number}", **({"nickname": "x y"} if number % 3 == 0 else {}), **more}


def renamed(number: int) -> dict[str, Any]:
    return {"id": number, "title": f"Ulm {number}"}


def accepted(fresh: list[Exchange], *, before: int = 11, places: tuple[str, ...] = ()) -> Contract:
    seen = [exchange(f"/places/{number}", place(number)) for number in range(1, before + 1)]
    seen += [exchange("/places/99", {"error": "none"}, 404)]
    contract = learn(seen, base_url=BASE)
    return accept(dispute(contract, fresh, day=NEW), "GET /places/{id}", day=NEW, places=places)


def found(contract: Contract, body: Any, status: int = 200) -> list[tuple[str, str]]:
    return [(one.where, one.level) for one in contract.check_reply("GET", "/places/1", reply(body, status))]


def test_a_mock_of_yesterday_is_false_however_young_the_era_is() -> None:
    contract = accepted([exchange(f"/places/{n}", renamed(n), day=NEW) for n in (1, 2, 3)])
    wrong = contract.check_reply("GET", "/places/1", reply({"id": 1, "name": "Ulm"}))
    (name,) = [one for one in wrong if one.level == "violation"]
    assert (name.where, name.evidence) == (
        "json.name",
        f"so until {OLD}: present in all 11 objects seen; gone since",
    )
    assert found(contract, renamed(1)) == []


def test_what_only_chance_kept_away_is_a_warning() -> None:
    contract = accepted([exchange(f"/places/{n}", renamed(n), day=NEW) for n in (1, 2, 3)])
    # sometimes there before, and no more than three were asked since
    assert found(contract, {**renamed(1), "nickname": "x"}) == [("json.nickname", "warning")]
    # never seen in any era
    assert found(contract, {**renamed(1), "new": 1}) == [("json.new", "warning")]
    assert found(contract, {**renamed(1), "id": None}) == [("json.id", "warning")]


@pytest.mark.parametrize(
    ("now", "mocked", "level", "words"),
    [
        ("a-1", 7, "violation", "integer in all 11 values seen"),
        ("a-1", True, "warning", ""),
        (1.5, 7, None, ""),
    ],
)
def test_a_kind_of_yesterday(now: Any, mocked: Any, level: str | None, words: str) -> None:
    contract = accepted([exchange(f"/places/{n}", place(n, id=now), day=NEW) for n in (1, 2, 3)])
    wrong = contract.check_reply("GET", "/places/1", reply({**place(1), "id": mocked}))
    assert [one.level for one in wrong] == ([level] if level else [])
    assert all(one.evidence == f"so until {OLD}: {words}; gone since" for one in wrong if words)


def test_a_format_of_yesterday() -> None:
    seen = [exchange(f"/places/{n}", place(n, at=f"2026-11-{n}")) for n in range(10, 17)]
    # one target asked again and again is little to rely on
    fresh = [exchange("/places/1", place(1, at=f"2026-11-{n}T10:00:00Z"), day=NEW) for n in range(10, 17)]
    contract = accept(dispute(learn(seen, base_url=BASE), fresh, day=NEW), "GET /places/{id}", day=NEW)
    (wrong,) = contract.check_reply("GET", "/places/1", reply(place(1, at="2026-11-20")))
    assert (wrong.where, wrong.level) == ("json.at", "violation")
    assert wrong.evidence == f"so until {OLD}: a date (YYYY-MM-DD) in all 7 strings seen; gone since"
    (wrong,) = contract.check_reply("GET", "/places/1", reply(place(1, at="soon")))
    assert (wrong.where, wrong.level) == ("json.at", "warning")


def test_a_status_and_a_media_type_of_yesterday() -> None:
    fresh = [exchange(f"/places/{n}", renamed(n), 202, day=NEW) for n in (1, 2, 3)]
    contract = accepted(fresh, places=("status",))
    (wrong,) = contract.check_reply("GET", "/places/1", reply(renamed(1)))
    assert (wrong.where, wrong.level) == ("status", "violation")
    assert wrong.evidence == f"so until {OLD}: in all 11 answers seen; gone since"
    assert found(contract, renamed(1), 201) == [("status", "warning")]

    contract = accepted([exchange(f"/places/{n}", b"a,b", day=NEW, kind="text/csv") for n in (1, 2, 3)])
    (wrong,) = contract.check_reply("GET", "/places/1", reply(place(1)))
    assert (wrong.where, wrong.level) == ("header content-type", "violation")
    html = Response(200, {"content-type": "text/html"}, b"<p>")
    assert [one.level for one in contract.check_reply("GET", "/places/1", html)] == ["warning"]


def test_an_era_is_about_what_the_finding_is_about() -> None:
    fresh = [exchange(f"/places/{n}", renamed(n), day=NEW) for n in (1, 2, 3)]
    contract = accepted(fresh, places=("json.name",))
    operation = contract.find("GET", "/places/1")
    assert operation is not None
    assert set(operation.responses) == {"200", "404"}
    missing = contract.shape_of(operation, 404)
    assert missing is not None
    assert list(missing.properties) == ["error"]

    errors = [exchange("/places/99", {"code": 1}, 404, day=NEW)]
    contract = accept(dispute(contract, errors, day=NEW), "GET /places/{id}", day=NEW, places=("404 json.error",))
    operation = contract.find("GET", "/places/1")
    assert operation is not None
    missing, body = contract.shape_of(operation, 404), contract.shape_of(operation, 200)
    assert missing is not None
    assert body is not None
    assert (list(missing.properties), list(body.properties)) == (["code"], ["id", "title"])
    assert contract.evidence is not None
    assert list(contract.evidence.eras) == ["GET /places/{id}", "GET /places/{id} 404"]


def test_what_is_learned_in_the_new_era_fits_though_it_was_so_before() -> None:
    contract = accepted([exchange(f"/places/{n}", renamed(n), day=NEW) for n in (1, 2, 3)])
    back = fold(contract, [exchange("/places/4", {**renamed(4), "name": "Ulm"}, day=NEW)])
    assert found(back, {**renamed(1), "name": "Ulm"}) == []


def test_a_persons_words_about_what_is_gone_are_kept_and_passed_by(tmp_path: Path) -> None:
    path = tmp_path / "places.yaml"
    seen = [exchange(f"/places/{number}", place(number)) for number in range(1, 12)]
    save(learn([*seen, exchange("/other", {"a": 1})], base_url=BASE), path)
    path.write_text(
        path.read_text().replace(
            "name:\n", "name:\n                    description: the city\n                    maxLength: 40\n"
        )
    )
    before = load(path)
    assert "description: the city" in path.read_text()
    fresh = [exchange(f"/places/{n}", renamed(n), day=NEW) for n in (1, 2, 3)]
    contract = accept(dispute(before, fresh, day=NEW), "GET /places/{id}", day=NEW)
    save(contract, path)
    contract = load(path)
    media = contract.document.root["paths"]["/places/{id}"]["get"]["responses"]["200"]["content"]
    schema = media["application/json"]["schema"]
    assert schema["properties"]["name"] == {"description": "the city", "maxLength": 40, "x-gone-since": NEW}
    (name,) = [one for one in contract.check_reply("GET", "/places/1", reply(place(1))) if one.level == "violation"]
    assert (name.where, name.evidence[:8]) == ("json.name", "so until")
    assert "name" not in contract.complete("GET", "/places/1", 200, {})
    assert [(one.kind, one.places) for one in diff(before, contract)] == [
        ("field-renamed", ("json.name",)),
    ]
    # it comes back: the words are about something again
    back = fold(contract, [exchange("/places/4", {**renamed(4), "name": "Ulm"}, day=NEW)])
    save(back, path)
    media = load(path).document.root["paths"]["/places/{id}"]["get"]["responses"]["200"]["content"]
    name_node = media["application/json"]["schema"]["properties"]["name"]
    assert name_node == {"type": "string", "description": "the city", "maxLength": 40}


def test_a_persons_words_about_an_answer_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    save(learn([exchange(f"/places/{number}", place(number)) for number in range(1, 12)], base_url=BASE), path)
    path.write_text(path.read_text().replace('"OK"', '"A place"'))
    fresh = [exchange(f"/places/{n}", renamed(n), 202, day=NEW) for n in (1, 2, 3)]
    contract = accept(dispute(load(path), fresh, day=NEW), "GET /places/{id}", day=NEW, places=("status",))
    responses = contract.document.root["paths"]["/places/{id}"]["get"]["responses"]
    assert responses["200"] == {"description": "A place", "x-gone-since": NEW}
    assert found(contract, place(1)) == [("status", "violation")]
    assert contract.default_status("GET", "/places/1") == 202


def test_mocks_of_yesterday_in_lists() -> None:
    def listed(value: Any, day: str, status: int = 200) -> list[Exchange]:
        return [exchange(f"/lists/{n}", value, status, day=day) for n in (1, 2, 3)]

    seen = learn(listed([{"name": "x", "tags": [1]}], OLD), base_url=BASE)
    fresh = listed([{"title": "x", "tags": ["a"]}], NEW)
    contract = accept(dispute(seen, fresh, day=NEW), "GET /lists/{id}", day=NEW)
    wrong = contract.check_reply("GET", "/lists/1", reply([{"name": "x", "tags": [1, True]}]))
    assert [(one.where, one.level) for one in wrong] == [
        ("json[0].name", "violation"),
        ("json[0].tags[0]", "violation"),
        ("json[0].tags[1]", "warning"),
        ("json[0].title", "warning"),
    ]
    assert [one.level for one in contract.check_reply("GET", "/lists/1", reply(["x"]))] == ["warning"]
    assert [one.level for one in contract.check_reply("GET", "/lists/1", reply({"name": 1}))] == ["warning"]

    wrapped = listed({"items": []}, NEW)
    contract = accept(dispute(seen, wrapped, day=NEW), "GET /lists/{id}", day=NEW)
    (wrong_root,) = contract.check_reply("GET", "/lists/1", reply([{"name": "x", "tags": [1]}]))
    assert (wrong_root.where, wrong_root.level) == ("json", "violation")
    assert wrong_root.evidence == f"so until {OLD}: array in all 3 values seen; gone since"
