"""An Api: where its names come from, what it knows, and that it reads nothing before it is needed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

import lookalike
from lookalike import Api, UsageError

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example.com/v1}]
paths:
  /items/{id}:
    get:
      responses:
        "200":
          description: an item
          content:
            application/json:
              schema:
                type: object
                required: [id, name]
                properties: {id: {type: integer}, name: {type: string}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "shop.yaml").write_text(DOCUMENT, "utf-8")
    return tmp_path


def configure(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text, "utf-8")


def test_a_pack() -> None:
    api = Api("jsonplaceholder")
    assert (api.name, api.base_url) == ("jsonplaceholder", "https://jsonplaceholder.typicode.com")
    assert api.contract is not None
    assert api.contract.find("GET", "/todos/1") is not None
    assert repr(api) == "<Api jsonplaceholder: a pack>"


def test_a_pack_somewhere_else() -> None:
    assert Api("jsonplaceholder", base_url="http://127.0.0.1:1/").base_url == "http://127.0.0.1:1"


def test_a_base_url_alone() -> None:
    api = Api(base_url="https://api.example.com/v1/")
    assert (api.name, api.base_url, api.contract) == ("api.example.com", "https://api.example.com/v1", None)
    assert repr(api) == "<Api api.example.com: nothing known yet, https://api.example.com/v1>"


@pytest.mark.parametrize("spelled", ["contracts/shop.yaml", Path("contracts/shop.yaml")])
def test_a_contract_s_path(spelled: str | Path, project: Path) -> None:
    api = Api(spelled)
    assert (api.name, api.base_url) == ("shop", "https://shop.example.com/v1")
    assert api.contract is not None
    assert api.contract is Api(spelled).contract
    with api.mock() as mock:
        mock.get("/items/{id}").respond_like(json={"name": "cup"})
        assert requests.get("https://shop.example.com/v1/items/3", timeout=5).json()["name"] == "cup"
        with pytest.raises(lookalike.ContractViolation, match=r"json\.name"):
            mock.get("/items/{id}").respond(json={"id": 1})


def test_a_contract_that_changes_is_read_again(project: Path) -> None:
    api = Api("contracts/shop.yaml")
    before = api.contract
    (project / "contracts" / "shop.yaml").write_text(DOCUMENT.replace("Shop", "Other shop"), "utf-8")
    after = api.contract
    assert before is not None
    assert after is not None
    assert (before.title, after.title) == ("Shop", "Other shop")


def test_a_contract_that_is_not_there(project: Path) -> None:
    api = Api("contracts/none.yaml", base_url="https://x.test")
    with pytest.raises(lookalike.FileError, match=r"none\.yaml"), api.mock():
        pass
    assert Api("contracts/none.yaml").base_url is None


def test_a_name_from_pyproject(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(
        project,
        '[tool.lookalike.apis.shop]\ncontract = "contracts/shop.yaml"\nbase_url = "https://test.example.com"\n'
        'auth = { bearer = "env:SHOP_TOKEN" }\n[tool.lookalike.apis.bare]\nbase_url = "https://bare.example.com"\n',
    )
    api = Api("shop")
    assert (api.name, api.base_url) == ("shop", "https://test.example.com")
    assert api.path == project / "contracts" / "shop.yaml"
    with pytest.raises(UsageError, match="SHOP_TOKEN"):
        _ = api.auth
    monkeypatch.setenv("SHOP_TOKEN", "abc")
    assert api.auth == {"bearer": "abc"}
    assert Api("shop", auth={"header": "X-Key: k"}).auth == {"header": "X-Key: k"}
    assert Api("bare").contract is None
    assert Api("bare").auth == {}


def test_credentials_of_the_constructor_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(base_url="https://api.example.com", auth={"header": "X-Key: env:SHOP_KEY"})
    with pytest.raises(UsageError, match="SHOP_KEY, which is not set; set it, or change auth= of the Api"):
        _ = api.auth
    monkeypatch.setenv("SHOP_KEY", "abc")
    assert api.auth == {"header": "X-Key: abc"}
    assert api.given_auth == {"header": "X-Key: env:SHOP_KEY"}


def test_a_pack_may_be_configured_under_its_name(project: Path) -> None:
    configure(project, '[tool.lookalike.apis.jsonplaceholder]\nbase_url = "https://mirror.example.com"\n')
    api = Api("jsonplaceholder")
    assert api.base_url == "https://mirror.example.com"
    assert api.contract is not None
    configure(project, '[tool.lookalike.apis.jsonplaceholder]\ncontract = "contracts/shop.yaml"\n')
    assert Api("jsonplaceholder").pack is None


def test_a_name_that_nobody_knows_lists_those_that_are(project: Path) -> None:
    configure(project, '[tool.lookalike.apis.github]\nbase_url = "https://api.github.com"\n')
    with pytest.raises(UsageError) as caught:
        Api("gihub")
    assert str(caught.value) == (
        "no API is called 'gihub'; did you mean \"github\"?\n"
        f"  in {project / 'pyproject.toml'}: github\n"
        "  packs: jsonplaceholder\n"
        "A contract is named by its path: Api('./contracts/github.yaml'); with nothing known yet, by "
        "Api(base_url='https://api.example.com')."
    )
    with pytest.raises(UsageError, match='did you mean "jsonplaceholder"'):
        Api("jsonplaceholdr")
    with pytest.raises(UsageError, match=r"^no API is called 'zzz'\n"):
        Api("zzz")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Api(), "names no API"),
        (lambda: Api(3), "a name, or the path"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Api(base_url="api.example.com"), r"did you mean https://api\.example\.com\?"),
        (lambda: Api(base_url="ftp://api.example.com"), "not an absolute http or https URL"),
        (lambda: Api(base_url="https://x.test/?a=b"), "query"),
        (lambda: Api(base_url="https://x.test/#top"), "fragment"),
        (lambda: Api(base_url=""), "not an absolute"),
        (lambda: Api(base_url=1), "is not a URL"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Api("https://api.example.com"), "base_url="),
        (
            lambda: Api("x.yaml", baseurl="https://x.test"),  # type: ignore[call-arg]  # wrong on purpose
            'has no keyword .baseurl.; did you mean "base_url"\\? There are',
        ),
        (lambda: Api("x.yaml", url="https://x.test"), 'did you mean "base_url"'),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml", "https://x.test"), r"write Api\(name, base_url=\.\.\.\)"),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml", token="s3cret"), r"credentials are auth="),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml", auth={"baerer": "s3cret"}), 'isn.t a known form; did you mean "bearer"\\? Write auth='),
        (lambda: Api("x.yaml", auth={"oauth": "s3cret"}), r"isn't a known form; write auth="),
        (lambda: Api("x.yaml", auth={"bearer": ""}), "text that isn't empty"),
        (lambda: Api("x.yaml", auth="s3cret"), "takes a dict, not a str"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Api("x.yaml").mock(basurl="https://x.test"), r"api\.mock\(\) has no keyword 'basurl'"),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml").mock(base_url="https://x.test"), r"said of the Api"),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml").mock(alow=["db"]), 'did you mean "allow"'),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml").record(alow=["db"]), r"api\.record\(\) has no keyword 'alow'"),  # type: ignore[call-arg]  # wrong on purpose
        (lambda: Api("x.yaml").verify(timout=3), 'api.verify.. has no keyword .timout.; did you mean "timeout"'),
        (
            lambda: Api("jsonplaceholder").reply("GET", "/todos", status_code=3),
            r"api\.reply\(\) has no keyword 'status_code'; write status=",
        ),
    ],
)
def test_misuse_says_what_to_write(make: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        make()
    assert "s3cret" not in str(caught.value)


def test_a_route_that_the_contract_does_not_have_is_told_so() -> None:
    with pytest.raises(lookalike.ContractViolation) as caught, Api("jsonplaceholder").mock() as mock:
        mock.get("/todo").respond(json=[])
    heading, _, place, *_ = str(caught.value).splitlines()
    assert heading == "GET /todo is no operation of the contract of jsonplaceholder."
    assert place.endswith("got GET /todo  (jsonplaceholder has no such operation; did you mean GET /todos?)")


def test_what_needs_knowledge_says_so(project: Path) -> None:
    nothing = Api(base_url="https://api.example.com")
    for use, says in (
        (lambda: nothing.fake().start(), r"^api\.fake\(\): .*"),
        (nothing.serve, r"^api\.serve\(\): .*mock\.serve\(\)"),
        (nothing.verify, r"^api\.verify\(\): .*"),
    ):
        with pytest.raises(UsageError, match=r"nothing is known of api\.example\.com.*lookalike learn") as caught:
            use()
        assert re.match(says, str(caught.value))
    nowhere = Api("contracts/new.yaml")
    with pytest.raises(UsageError, match="where is new"):
        nowhere.record().start()


def test_http_and_https_of_one_host_are_one_api() -> None:
    with Api(base_url="https://api.example.com").mock() as mock:
        mock.get("/a").respond(text="a")
        assert requests.get("http://api.example.com/a", timeout=5).text == "a"
        assert requests.get("https://api.example.com:443/a", timeout=5).text == "a"


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*(name for name in sys.modules if name.startswith('lookalike')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_one_file_and_making_an_api_no_contract_and_no_door() -> None:
    assert loaded_by("import lookalike") == {"lookalike"}
    loaded = loaded_by("import lookalike; lookalike.Api('jsonplaceholder'); lookalike.Api('contracts/x.yaml')")
    assert not {
        name for name in loaded if name.startswith(("lookalike.intercept", "lookalike.serve", "lookalike.live"))
    }
    assert "lookalike.contract.contract" not in loaded
    assert "lookalike.packs.jsonplaceholder" not in loaded


def test_a_reply_that_only_lacks_something_is_told_of_respond_like() -> None:
    with lookalike.Api("jsonplaceholder").mock() as mock:
        with pytest.raises(lookalike.ContractViolation, match=r"let \.respond_like\(.*supply what is missing"):
            mock.get("/todos/1").respond(json={"id": 7})
        with pytest.raises(lookalike.ContractViolation) as caught:
            mock.get("/todos/1").respond(json={"id": "7"})
        assert "respond_like" not in str(caught.value)
