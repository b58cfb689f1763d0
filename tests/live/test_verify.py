"""A whole API on loopback: learned, changed, broken and stopped; what verify says each time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.drift import DeclaredMock
from lookalike.contract.kinds import Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.contract.verdict import ApiReport, Verdict, exit_code
from lookalike.errors import Unreachable, UsageError
from lookalike.live.ask import Asker
from lookalike.live.learn import ask_paths
from lookalike.live.update import accept, update
from lookalike.live.verify import verify
from lookalike.messages import Request

Ask = Callable[..., Asker]
Change = Callable[[str, Any], Any]
PATHS = ("/todos", "/todos/{id}", "/users", "/users/{id}", "/users/{id}/todos")


class Api:
    """Todos and users. `change` alters bodies, `status` answers instead for a path or for all (`""`)."""

    def __init__(self) -> None:
        self.data = {
            "todos": [
                {"id": i, "userId": i % 10 + 1, "title": f"words of {i}", "done": i % 2 == 0} for i in range(1, 61)
            ],
            "users": [{"id": i, "name": f"Name {i}", "email": f"u{i}@example.com"} for i in range(1, 41)],
        }
        self.change: Change = lambda path, body: body
        self.instead: dict[str, tuple[int, bytes, str]] = {}
        self.token = ""
        self.public: set[str] = set()
        self.asked: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None: ...

            def do_GET(self) -> None:
                api.asked.append(self.path)
                status, content, kind = api.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                if status == 301:
                    self.send_header("Location", "/users")
                self.end_headers()
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, target: str, authorization: str) -> tuple[int, bytes, str]:
        path = target.partition("?")[0]
        if self.token and authorization != f"Bearer {self.token}" and path not in self.public:
            return 401, b"{}", "application/json"
        for known in (path, ""):
            if known in self.instead:
                return self.instead[known]
        body = self.find(path.strip("/").split("/"))
        if body is None:
            return 404, b"{}", "application/json"
        return 200, json.dumps(self.change(path, deepcopy(body))).encode(), "application/json; charset=utf-8"

    def find(self, parts: list[str]) -> Any:
        rows = self.data.get(parts[0])
        if rows is None or len(parts) == 1:
            return rows
        if len(parts) == 3:
            return [todo for todo in self.data["todos"] if str(todo["userId"]) == parts[1]]
        return next((row for row in rows if str(row["id"]) == parts[1]), None)

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.close()


def learned(api: Api, asker: Asker, *paths: str) -> Contract:
    answers = ask_paths(asker, base_url=api.url, paths=paths or PATHS, day="2026-11-20")
    return learn(answers.exchanges, base_url=api.url, name="todos", day="2026-11-20")


def verdicts(report: ApiReport) -> dict[str, str]:
    return {result.operation: str(result.verdict) for result in report.results}


def rows(change: Callable[[dict[str, Any]], None], resource: str = "todos") -> Change:
    """Change each row of a resource, wherever it is answered."""

    def changed(path: str, body: Any) -> Any:
        of = "todos" if "todos" in path else "users"
        if of == resource:
            for row in body if isinstance(body, list) else [body]:
                change(row)
        return body

    return changed


def rename(row: dict[str, Any]) -> None:
    row["finished"] = row.pop("done")


class TestDrift:
    def test_nothing_changed(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        report = verify(contract, asker(), base_url=api.url, day="2026-11-22")
        assert set(verdicts(report).values()) == {"OK"}
        assert len(report.results) == 5
        assert (report.api, report.day, report.drifts, report.message) == ("todos", "2026-11-22", (), "")
        assert exit_code([report]) == 0
        assert report.results[0].last_seen == "2026-11-20"
        assert verify(contract, asker(), base_url=api.url).day > "2026-11-01"

    def test_a_renamed_field_is_one_finding_with_its_operations_and_mocks(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.change = rows(rename)
        lies = DeclaredMock("", "GET", "/todos", 200, [{"id": 1, "done": True}], "tests/test_todos.py:14")
        fits = DeclaredMock("", "GET", "/todos", 200, [], "tests/test_todos.py:30")
        report = verify(contract, asker(), base_url=api.url, mocks=[fits, lies])
        (drift,) = report.drifts
        assert (drift.kind, drift.detail, drift.certainty) == ("field-renamed", "finished", "likely")
        assert drift.at == (
            ("GET /todos", "json[].done"),
            ("GET /todos/{id}", "json.done"),
            ("GET /users/{userId}/todos", "json[].done"),
        )
        assert drift.mocks == (lies,)
        assert set(verdicts(report).values()) == {"DRIFT", "OK"}
        assert exit_code([report]) == 1

    def test_additions_alone(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.change = rows(lambda row: row.update(priority=1), "users")
        report = verify(contract, asker(), base_url=api.url)
        assert verdicts(report)["GET /users"] == "ADDITIVE"
        assert report.verdict is Verdict.ADDITIVE
        assert (exit_code([report]), exit_code([report], strict=True)) == (0, 1)

    def test_a_suspicion_is_asked_about_before_it_is_spoken(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/users/1", "/users/2", "/users/3", "/users/4", "/users/5", "/users/6")
        api.change = rows(lambda row: row.pop("email"), "users")
        report = verify(contract, asker(), base_url=api.url, samples=1)
        assert verdicts(report) == {"GET /users/{id}": "DRIFT"}
        assert report.results[0].asked > 1

    def test_a_suspicion_that_stays_one_is_a_warning(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/users/1")
        api.change = rows(lambda row: row.pop("email"), "users")
        report = verify(contract, asker(), base_url=api.url)
        assert verdicts(report) == {"GET /users/{id}": "SUSPECT"}
        assert exit_code([report]) == 0

    def test_a_path_that_is_gone(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        del api.data["users"]
        report = verify(contract, asker(), base_url=api.url)
        (drift,) = report.drifts
        assert (drift.kind, drift.severity) == ("path-gone", Severity.BREAKING)
        assert drift.operations == ("GET /users", "GET /users/{id}", "GET /users/{userId}/todos")
        assert verdicts(report)["GET /users"] == "DRIFT"

    def test_a_redirect_is_noted_and_what_it_leads_to_compared(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/todos", "/users")
        api.instead["/todos"] = (301, b"", "text/plain")
        report = verify(contract, asker(), base_url=api.url)
        kinds = {drift.kind for drift in report.drifts}
        assert "redirected" in kinds
        assert "field-removed" in kinds

    def test_only_the_chosen_operations(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.asked.clear()
        report = verify(contract, asker(), base_url=api.url, operations=["GET /users"])
        assert verdicts(report) == {"GET /users": "OK"}
        assert api.asked == ["/users"]


class TestGoneItems:
    def test_others_are_found_through_the_list(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/users", "/users/1", "/users/2")
        api.data["users"] = api.data["users"][5:]
        assert set(verdicts(verify(contract, asker(), base_url=api.url)).values()) == {"OK"}

    def test_without_a_list_one_id_proves_nothing(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/users/1", "/todos")
        api.data["users"] = api.data["users"][5:]
        report = verify(contract, asker(), base_url=api.url)
        assert verdicts(report) == {"GET /todos": "OK", "GET /users/{id}": "UNVERIFIED"}
        assert report.drifts == ()
        assert "the item that was asked for is gone (404 for /users/1)" in report.results[1].detail


class TestOutage:
    def test_a_stopped_api_is_unreachable_and_nothing_is_drift(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.close()
        one = asker()
        report = verify(contract, one, base_url=api.url)
        assert set(verdicts(report).values()) == {"UNREACHABLE"}
        assert report.drifts == ()
        assert one.spent == 1
        assert "the connection was refused" in report.message
        assert exit_code([report]) == 3

    @pytest.mark.parametrize(
        ("status", "body", "kind", "words"),
        [
            (503, b"", "text/plain", "the server fails (status 503, 3 times)"),
            (429, b"", "text/plain", "too much is asked"),
            (200, b"<html>Please log in", "text/html", "it looks like a login page"),
        ],
    )
    def test_a_broken_one_is_stopped_at_early(
        self, api: Api, asker: Ask, status: int, body: bytes, kind: str, words: str
    ) -> None:
        contract = learned(api, asker())
        api.instead[""] = (status, body, kind)
        api.asked.clear()
        report = verify(contract, asker(), base_url=api.url)
        assert set(verdicts(report).values()) == {"UNREACHABLE"}
        assert len(set(api.asked)) <= 2
        assert words in report.message
        assert (report.drifts, exit_code([report])) == ((), 3)

    @pytest.mark.parametrize(
        ("status", "body", "kind", "wanted"),
        [
            (200, b"id,name\n1,Ulm\n", "text/csv", "text/csv"),
            (200, b"data: 1\n\n", "text/event-stream", "text/event-stream"),
            (200, b"PDF", "application/pdf", "application/pdf"),
            (204, b"", "", "no body"),
        ],
    )
    def test_a_page_in_place_of_another_media_type_is_no_drift(
        self, api: Api, asker: Ask, status: int, body: bytes, kind: str, wanted: str
    ) -> None:
        api.instead["/users"] = (status, body, kind)
        contract = learned(api, asker(), "/todos", "/users")
        api.instead["/users"] = (200, b"<!doctype html><title>Log in</title>", "text/html; charset=utf-8")
        report = verify(contract, asker(), base_url=api.url)
        assert verdicts(report) == {"GET /todos": "OK", "GET /users": "UNREACHABLE"}
        assert report.drifts == ()
        detail = report.results[1].detail
        assert f"an HTML page came where {wanted} was expected; open the URL in a browser" in detail
        assert "it looks like a login page" in detail

    def test_one_operation_that_fails_leaves_the_others(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/todos", "/users")
        api.instead["/todos"] = (500, b"", "text/plain")
        report = verify(contract, asker(), base_url=api.url)
        assert verdicts(report) == {"GET /todos": "UNREACHABLE", "GET /users": "OK"}
        assert report.message == ""
        assert exit_code([report]) == 3

    def test_the_budget_ends_it_quietly(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        report = verify(contract, asker(budget=2), base_url=api.url)
        assert sorted(verdicts(report).values()) == ["OK", "OK", "UNVERIFIED", "UNVERIFIED", "UNVERIFIED"]
        assert {result.detail for result in report.results} == {
            "",
            "not asked: the call budget is used up; raise budget (on the command line: --budget)",
        }
        assert exit_code([report]) == 0
        assert exit_code([verify(contract, asker(budget=0), base_url=api.url)]) == 3


class TestCredentials:
    def contract(self, api: Api, asker: Ask) -> Contract:
        return learned(api, asker())

    def test_when_all_is_refused_it_is_the_credentials_and_asking_ends(self, api: Api, asker: Ask) -> None:
        contract = self.contract(api, asker)
        api.token = "new"
        api.asked.clear()
        report = verify(contract, asker(auth={"bearer": "old"}), base_url=api.url)
        assert set(verdicts(report).values()) == {"AUTH"}
        assert report.drifts == ()
        assert len({target.split("/")[1] for target in api.asked}) <= 2
        assert "check that the credentials in auth are still good" in report.message
        assert "old" not in report.message
        assert exit_code([report]) == 4

    def test_where_good_credentials_are_refused_it_is_drift(self, api: Api, asker: Ask) -> None:
        api.token = "good"
        auth = {"bearer": "good"}
        contract = learned(api, asker(auth=auth), "/todos", "/users")
        api.instead["/users"] = (403, b"{}", "application/json")
        report = verify(contract, asker(auth=auth), base_url=api.url)
        assert [(drift.kind, drift.operation) for drift in report.drifts] == [("auth-changed", "GET /users")]
        assert verdicts(report) == {"GET /todos": "OK", "GET /users": "DRIFT"}

    def test_what_is_public_proves_nothing(self, api: Api, asker: Ask) -> None:
        api.token = "good"
        api.public = {"/todos"}
        contract = learned(api, asker(auth={"bearer": "good"}), "/todos", "/users")
        report = verify(contract, asker(auth={"bearer": "expired"}), base_url=api.url)
        assert verdicts(report) == {"GET /todos": "OK", "GET /users": "AUTH"}
        assert exit_code([report]) == 4

    def test_without_a_budget_for_the_proof_it_stays_the_credentials(self, api: Api, asker: Ask) -> None:
        api.token = "good"
        contract = learned(api, asker(auth={"bearer": "good"}), "/todos", "/users")
        api.instead["/users"] = (403, b"{}", "application/json")
        report = verify(contract, asker(auth={"bearer": "good"}, budget=2), base_url=api.url)
        assert verdicts(report) == {"GET /todos": "OK", "GET /users": "AUTH"}

    def test_an_api_that_begins_to_ask_for_some_is_drift(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker(), "/todos", "/users")
        api.token, api.public = "new", {"/todos"}
        report = verify(contract, asker(), base_url=api.url)
        assert [drift.kind for drift in report.drifts] == ["auth-changed"]


ROOT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "todos", "version": "1"},
    "servers": [{"url": "https://vendor.test"}],
}


def ok(schema: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}


def parameter(name: str, place: str = "path", **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": {"type": "integer", **schema}}


TODO = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


class TestDocuments:
    def verify(self, api: Api, asker: Ask, paths: dict[str, Any], name: str = "") -> ApiReport:
        return verify(Contract(Document({**ROOT, "paths": paths}, "v.yaml")), asker(), base_url=api.url)

    def test_examples_lists_and_what_cannot_be_asked(self, api: Api, asker: Ask) -> None:
        api.data["odd"] = []
        paths = {
            "/todos": {"get": ok({"type": "array", "items": TODO}), "post": ok(TODO)},
            "/todos/{id}": {"get": {**ok(TODO), "parameters": [parameter("id")]}},
            "/users/{id}": {"get": {**ok(TODO), "parameters": [parameter("id", example=7)]}},
            "/odd/{name}": {"get": {**ok(TODO), "parameters": [parameter("name")]}},
            "/search": {"get": {**ok(TODO), "parameters": [parameter("q", "query")]}},
            "/users": {"get": {**ok({"type": "array"}), "parameters": [parameter("page", "query", enum=[3])]}},
            "/secret": {"get": {**ok(TODO), "parameters": [parameter("X-Key", "header", default=3)]}},
        }
        report = self.verify(api, asker, paths)
        found = verdicts(report)
        assert {key for key, verdict in found.items() if verdict == "ADDITIVE"} == {
            "GET /todos", "GET /todos/{id}", "GET /users/{id}",
        }  # fmt: skip
        assert found["GET /users"] == "OK"
        assert {key for key, verdict in found.items() if verdict == "UNVERIFIED"} == {
            "POST /todos", "GET /odd/{name}", "GET /search", "GET /secret",
        }  # fmt: skip
        assert "/users?page=3" in api.asked
        assert {"/todos/1", "/todos/2", "/todos/3"} <= set(api.asked)
        details = {result.operation: result.detail for result in report.results}
        assert details["POST /todos"] == "not asked: POST may change something"
        assert "no request that should succeed is known" in details["GET /search"]

    @pytest.mark.parametrize(
        "shown",
        [
            {"example": 2},
            {"examples": {"usual": {"value": 2}, "other": {"value": 99}}},
            {"examples": {"far": {"externalValue": "https://api.test/2"}, "usual": {"value": 2}}},
            {"schema": {"$ref": "#/components/schemas/Id"}},
        ],
    )
    def test_what_a_parameter_shows_beside_its_schema_is_asked(
        self, api: Api, asker: Ask, shown: dict[str, Any]
    ) -> None:
        document = {
            **ROOT,
            "paths": {"/todos/{id}": {"get": {**ok(TODO), "parameters": [{**parameter("id"), **shown}]}}},
            "components": {"schemas": {"Id": {"type": "integer", "example": 2}}},
        }
        verify(Contract(Document(document, "v.yaml")), asker(), base_url=api.url)
        assert api.asked == ["/todos/2"]

    def test_a_document_that_is_wrong_is_certain_drift(self, api: Api, asker: Ask) -> None:
        wrong = {"type": "object", "properties": {"id": {"type": "string"}}}
        report = self.verify(api, asker, {"/todos": {"get": ok({"type": "array", "items": wrong})}})
        assert (report.drifts[0].kind, report.drifts[0].certainty) == ("type-changed", "firm")
        assert {drift.kind for drift in report.drifts[1:]} == {"field-added"}

    def test_a_page_is_an_answer_where_a_document_says_so(self, api: Api, asker: Ask) -> None:
        api.instead["/todos"] = (200, b"<html>", "text/html")
        page = {"responses": {"200": {"description": "", "content": {"text/html": {}}}}}
        assert self.verify(api, asker, {"/todos": {"get": page}}).verdict is Verdict.OK

    def test_nothing_to_verify_is_no_success(self, api: Api, asker: Ask) -> None:
        report = self.verify(api, asker, {"/todos": {"post": ok(TODO)}})
        assert report.verdict is Verdict.UNVERIFIED
        assert exit_code([report]) == 3


class TestUpdate:
    def test_what_fits_is_learned(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.change = rows(lambda row: row.update(priority=1), "users")
        report = verify(contract, asker(), base_url=api.url, day="2026-11-22")
        newer = update(contract, report)
        assert verify(newer, asker(), base_url=api.url).verdict is Verdict.OK
        users = newer.find("GET", "/users")
        assert users is not None
        shape = newer.shape_of(users, 200)
        assert shape is not None
        assert shape.last == "2026-11-22"

    def test_what_contradicts_is_disputed_until_it_is_accepted(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.change = rows(rename)
        report = verify(contract, asker(), base_url=api.url, day="2026-11-22")
        disputed = update(contract, report)
        assert disputed.evidence is not None
        assert sorted(disputed.evidence.disputed) == ["GET /todos", "GET /todos/{id}", "GET /users/{userId}/todos"]
        again = verify(disputed, asker(), base_url=api.url, day="2026-11-23")
        assert [drift.fingerprint for drift in again.drifts] == [drift.fingerprint for drift in report.drifts]
        accepted = accept(disputed, again, report.drifts[0].fingerprint)
        assert verify(accepted, asker(), base_url=api.url).verdict is Verdict.OK
        api.change = lambda path, body: body
        back = verify(accepted, asker(), base_url=api.url)
        assert [drift.kind for drift in back.drifts] == ["field-renamed"]

    def test_another_base_url_teaches_the_same(self, api: Api, asker: Ask) -> None:
        exchanges = ask_paths(asker(), base_url=api.url, paths=["/users?page=1"], day="2026-11-20").exchanges
        moved = [replace(one, request=Request("GET", "https://api.test/v1" + one.request.target)) for one in exchanges]
        contract = learn(moved, base_url="https://api.test/v1", name="todos")
        report = verify(contract, asker(), base_url=api.url, day="2026-11-22")
        assert report.verdict is Verdict.OK
        users = (newer := update(contract, report)).find("GET", "/users")
        assert users is not None
        shape = newer.shape_of(users, 200)
        assert shape is not None
        assert shape.last == "2026-11-22"

    def test_an_unknown_fingerprint_names_those_there_are(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        report = verify(contract, asker(), base_url=api.url)
        with pytest.raises(UsageError, match="todos has no finding abc now; there is: none"):
            accept(contract, report, "abc")

    def test_a_vendors_document_is_not_changed(self, api: Api, asker: Ask) -> None:
        vendor = Contract(Document({**ROOT, "paths": {"/todos": {"get": ok({"type": "array"})}}}, "v.yaml"))
        report = verify(vendor, asker(), base_url=api.url)
        with pytest.raises(UsageError, match="a vendor's document: correct it"):
            accept(vendor, report, "abc")

    def test_an_outage_teaches_nothing(self, api: Api, asker: Ask) -> None:
        contract = learned(api, asker())
        api.close()
        assert update(contract, verify(contract, asker(), base_url=api.url)) is contract


class TestLearn:
    def test_paths_templates_and_missing_items(self, api: Api, asker: Ask) -> None:
        exchanges = ask_paths(
            asker(),
            base_url=api.url + "/",
            paths=["/users", "/users/{id}", "/users/1", "/users/0"],
            items=2,
            day="2026-11-20",
        ).exchanges
        targets = [exchange.request.target for exchange in exchanges]
        assert targets == ["/users", "/users/1", "/users/2", "/users/0"]
        assert [exchange.response.status for exchange in exchanges if exchange.response] == [200, 200, 200, 404]
        assert {exchange.day for exchange in exchanges} == {"2026-11-20"}

    def test_lists_in_envelopes_lead_to_items_too(self, api: Api, asker: Ask) -> None:
        api.change = lambda path, body: {"data": body, "next": None} if isinstance(body, list) else body
        exchanges = ask_paths(asker(), base_url=api.url, paths=["/users", "/users/{user_id}"], items=3).exchanges
        assert [exchange.request.path for exchange in exchanges] == ["/users", "/users/1", "/users/2", "/users/3"]

    def test_redirects_are_learned_as_such(self, api: Api, asker: Ask) -> None:
        api.instead["/old"] = (301, b"", "text/plain")
        exchanges = ask_paths(asker(), base_url=api.url, paths=["/old"]).exchanges
        assert [(one.request.path, one.response.status) for one in exchanges if one.response] == [
            ("/old", 301),
            ("/users", 200),
        ]
        contract = learn(exchanges, base_url=api.url, name="todos")
        assert verify(contract, asker(), base_url=api.url).drifts == ()

    @pytest.mark.parametrize("path", ["todos", "https://api.test/todos", "/todos#a", ""])
    def test_what_is_no_path(self, api: Api, asker: Ask, path: str) -> None:
        with pytest.raises(UsageError, match="is not a path of the API; write it as /todos or"):
            ask_paths(asker(), base_url=api.url, paths=[path])

    def test_a_template_that_nothing_fills(self, api: Api, asker: Ask) -> None:
        api.instead["/todos"] = (200, b"{", "application/json")
        answers = ask_paths(asker(), base_url=api.url, paths=["/todos", "/todos/{id}", "/users"])
        assert [one.request.path for one in answers.exchanges] == ["/todos", "/users"]
        (one,) = answers.not_learned
        assert str(one).startswith("GET /todos/{id} has nothing that fills it: name the list")
        assert one.unfilled

    @pytest.mark.parametrize(
        ("status", "refused", "words"),
        [(500, False, "the server fails (status 500"), (401, True, "the API answered 401; no credentials were sent")],
    )
    def test_what_fails_is_listed_and_the_rest_asked(
        self, api: Api, asker: Ask, status: int, refused: bool, words: str
    ) -> None:
        api.instead["/users"] = (status, b"", "text/plain")
        answers = ask_paths(asker(), base_url=api.url, paths=["/users", "/users/{id}", "/todos", "/todos/1"])
        assert [one.request.path for one in answers.exchanges] == ["/todos", "/todos/1"]
        assert [one.request for one in answers.not_learned] == ["GET /users", "GET /users/{id}"]
        assert words in answers.not_learned[0].why
        assert answers.not_learned[0].refused is refused

    def test_bad_credentials_are_not_tried_on_and_on(self, api: Api, asker: Ask) -> None:
        api.instead[""] = (401, b"", "text/plain")
        answers = ask_paths(asker(), base_url=api.url, paths=["/a", "/b", "/c", "/d"])
        assert api.asked == ["/a", "/b"]
        assert [one.refused for one in answers.not_learned] == [True, True, False, False]
        assert "was not asked: the first 2 requests were refused" in answers.not_learned[2].why

    def test_the_budget_leaves_what_was_answered(self, api: Api, asker: Ask) -> None:
        answers = ask_paths(asker(budget=2), base_url=api.url, paths=["/todos", "/users", "/users/1", "/users/2"])
        assert [one.request.path for one in answers.exchanges] == ["/todos", "/users"]
        assert [one.request for one in answers.not_learned] == ["GET /users/1", "GET /users/2"]
        assert all(
            "the call budget (2 requests) is used up; raise it with --budget" in str(o) for o in answers.not_learned
        )

    def test_a_dead_api_stops_at_once(self, api: Api, asker: Ask) -> None:
        api.close()
        with pytest.raises(Unreachable, match="the connection was refused"):
            ask_paths(asker(), base_url=api.url, paths=["/todos", "/users"])
        with pytest.raises(UsageError, match="not an absolute"):
            ask_paths(asker(), base_url="api.test", paths=["/todos"])
