"""`lookalike migrate` of vcrpy, pytest-recording and Betamax: what it writes replays the same cassettes."""

# ruff: noqa: ISC004  a source and what it becomes are two lines each

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from lookalike.cli.app import build
from lookalike.cli.migrate.making import SharedRecorders
from lookalike.cli.migrate.replayed import rewrite
from lookalike.cli.migrate.tidying import base_url_of

MATCH = 'match=["method", "url"]'
LENIENT = f'{MATCH}, unused="ignore"'
CASSETTE = """
interactions:
- request: {{body: null, headers: {{}}, method: GET, uri: '{url}'}}
  response:
    body: {{string: '{{"id": 1}}'}}
    headers: {{Content-Type: [application/json]}}
    status: {{code: 200, message: OK}}
version: 1
"""


def _rewritten(source: str, *others: str) -> tuple[str, list[str]]:
    shared = SharedRecorders()
    for one in (*others, source):
        shared.read(one)
    made = rewrite(source, shared)
    return made.text, [f"{one.line}: {one.reason}" for one in made.left]


def _vcr(body: str) -> str:
    return f"import vcr\nfrom vcr import VCR\nmine = VCR(cassette_library_dir='tapes')\n{body}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@vcr.use_cassette('a.yaml')\ndef test(): pass", f'@api.replay("a.yaml", {LENIENT})'),
        ("@vcr.use_cassette(path='a.yaml')\nasync def test(): pass", f'@api.replay("a.yaml", {LENIENT})'),
        ("@mine.use_cassette('a.yaml')\nclass TestIt: pass", f'@api.replay("tapes/a.yaml", {LENIENT})'),
        ("@mine.use_cassette\ndef test_it(): pass", f'@api.replay("tapes/test_it", {LENIENT})'),
        ("@mine.use_cassette()\ndef test_it(): pass", f'@api.replay("tapes/test_it", {LENIENT})'),
        ("@vcr.use_cassette()\ndef test_it(): pass",
         f'@api.replay(os.path.join(os.path.dirname(__file__), "test_it"), {LENIENT})'),
        ("with vcr.use_cassette('a.yaml'): pass", f'with api.replay("a.yaml", {LENIENT}): pass'),
        ("with vcr.VCR().use_cassette('a.yaml'): pass", f'with api.replay("a.yaml", {LENIENT}): pass'),
        ("name = 'a'\nwith mine.use_cassette(name): pass", f'with api.replay(f"tapes/{{name}}", {LENIENT}): pass'),
        ("with mine.use_cassette('%s.yaml' % 1): pass",
         f"with api.replay(os.path.join(\"tapes\", '%s.yaml' % 1), {LENIENT}): pass"),
        ("D = 1\nwith vcr.use_cassette('a', cassette_library_dir=D): pass",
         f'with api.replay(os.path.join(D, "a"), {LENIENT}): pass'),
        ("with vcr.use_cassette('a', path_transformer=VCR.ensure_suffix('.yaml')): pass",
         f'with api.replay("a.yaml", {LENIENT}): pass'),
        ("with vcr.use_cassette('a', match_on=['uri', 'method', 'raw_body']): pass",
         'with api.replay("a", match=["method", "url", "body"], unused="ignore"): pass'),
        ("with vcr.use_cassette('a', match_on=['path', 'host']): pass",
         'with api.replay("a", match=["host", "path"], unused="ignore"): pass'),
        ("with vcr.use_cassette('a', match_on=('method', 'scheme', 'host', 'port', 'path', 'query')): pass",
         f'with api.replay("a", {LENIENT}): pass'),
        ("with vcr.use_cassette('a', allow_playback_repeats=True): pass",
         f'with api.replay("a", {MATCH}, exhausted="repeat", unused="ignore"): pass'),
        ("with vcr.use_cassette('a', filter_query_parameters=['api_key', ('nonce', str(1))]): pass",
         f'with api.replay("a", {MATCH}, ignore=["query nonce"], unused="ignore"): pass'),
        ("with vcr.use_cassette('a', match_on=['headers', 'body'], filter_headers=['authorization', 'x-id'],"
         " filter_post_data_parameters=['when']): pass",
         'with api.replay("a", match=["headers", "body"], ignore=["header x-id", "form when", "json.when"],'
         ' unused="ignore"): pass'),
        ("with vcr.use_cassette('a', ignore_hosts=['x.example'], serializer='json', custom_patches=()): pass",
         f"with api.replay(\"a\", {MATCH}, unused=\"ignore\", allow=['x.example']): pass"),
        ("with vcr.use_cassette('a', record_mode=vcr.mode.NONE, ignore_localhost=True): pass",
         f'with api.replay("a", {LENIENT}): pass'),
        ("options = {'allow_playback_repeats': True}\nwith vcr.use_cassette('a', **options): pass",
         f'with api.replay("a", {MATCH}, exhausted="repeat", unused="ignore"): pass'),
        ("@vcr.use_cassette('a', inject_cassette=True)\ndef test(tape): assert tape.play_count == len(tape)",
         "def test(tape): assert len(tape.calls) == len(tape.recorded)"),
        ("with vcr.use_cassette('a') as tape:\n    assert tape.all_played and tape.requests[0].url\n    tape.rewind()",
         "    assert (not tape.unplayed) and [one.request for one in tape.recorded][0].url\n    tape.rewind()"),
    ],
)  # fmt: skip
def test_vcrpy(before: str, after: str) -> None:
    text, left = _rewritten(_vcr(before))
    assert after in text
    assert 'api = lookalike.Api(base_url="*")' in text
    assert "use_cassette" not in text
    assert left == []
    compile(text, "test.py", "exec")
    assert rewrite(text, SharedRecorders()).text == text  # a second run changes nothing


@pytest.mark.parametrize(
    ("before", "left"),
    [
        ("with vcr.use_cassette('a', match_on=['mine']): pass", "'mine' is a matcher of your own"),
        ("with vcr.use_cassette('a', match_on=MINE): pass", "match_on=MINE is only known when the test runs"),
        ("with vcr.use_cassette('a', **options()): pass", "a star hides how it is replayed"),
        ("with vcr.use_cassette('a', filter_query_parameters=NAMES): pass", "only known when the test runs"),
        ("with vcr.use_cassette('a', path_transformer=str.upper): pass", "names the cassette"),
        ("with vcr.use_cassette(func_path_generator=str): pass", "is named when the test runs"),
        ("with mine.use_cassette() as tape: pass", "is named when the test runs"),
        ("with recorder().use_cassette('a'): pass", "no recorder is known here"),
        ("class TestIt(vcr.unittest.VCRTestCase): pass", "a case has no cassette of its own here"),
        ("with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException): pass", "fails the test"),
    ],
)
def test_what_stays_is_told(before: str, left: str) -> None:
    source = _vcr(before)
    text, told = _rewritten(source)
    assert before in text
    told = [one for one in told if one.startswith("4: ")]  # the third line makes a recorder, which stays too
    assert len(told) == 1
    assert left in told[0]


@pytest.mark.parametrize(
    ("option", "left"),
    [
        ("record_mode='new_episodes'", "never written"),
        ("record_mode=vcr.mode.ALL", "never written"),
        ("before_record_request=scrub", "nothing runs before a recording is compared"),
        ("before_record_response=scrub", "nothing runs before a recording is compared"),
        ("persister=Mine", "the format is told by its content"),
    ],
)
def test_what_is_rewritten_and_to_be_looked_at_is_told(option: str, left: str) -> None:
    text, told = _rewritten(_vcr(f"with vcr.use_cassette('a', {option}): pass"))
    assert f'api.replay("a", {LENIENT})' in text
    assert [left in one for one in told] == [True]


def test_a_recorder_that_is_told_afterwards_and_one_of_another_module() -> None:
    common = "import vcr\nmine = vcr.VCR(serializer='json')\nmine.match_on = ['method', 'path']\n"
    text, left = _rewritten("from common import mine\n\n@mine.use_cassette('a.json')\ndef test(): pass\n", common)
    assert '@api.replay("a.json", match=["method", "path"], unused="ignore")' in text
    assert left == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@pytest.mark.vcr\ndef test(): pass", f"@pytest.mark.replay_api({LENIENT})"),
        ("@pytest.mark.vcr()\ndef test(): pass", f"@pytest.mark.replay_api({LENIENT})"),
        ("pytestmark = [pytest.mark.vcr]", f"pytestmark = [pytest.mark.replay_api({LENIENT})]"),
        ("@pytest.mark.vcr(match_on=['path'])\ndef test(): pass",
         '@pytest.mark.replay_api(match=["path"], unused="ignore")'),
    ],
)  # fmt: skip
def test_pytest_recording(before: str, after: str) -> None:
    text, left = _rewritten(f"import pytest\n\n{before}\n")
    assert after in text
    assert "lookalike.Api" not in text
    assert left == []


def test_vcr_config_is_said_at_the_markers() -> None:
    config = (
        "import pytest\n@pytest.fixture\ndef vcr_config():\n    return {'match_on': ['method'], 'filter_headers': []}\n"
    )
    text, _ = _rewritten("import pytest\n@pytest.mark.vcr\ndef test(): pass\n", config)
    assert '@pytest.mark.replay_api(match=["method"], unused="ignore")' in text
    assert _rewritten(config)[1] == ["3: its options are said at the markers"]
    other = config.replace("return {", "return A | {")
    text, left = _rewritten("import pytest\n@pytest.mark.vcr\ndef test(): pass\n", other)
    assert "@pytest.mark.vcr\n" in text
    assert left == ["2: vcr_config is put together when the test runs"]


@pytest.mark.parametrize(
    "line",
    ["@pytest.mark.vcr('more.yaml')", "@pytest.mark.default_cassette('a.yaml')", "@pytest.mark.block_network"],
)
def test_markers_that_stay_are_told(line: str) -> None:
    text, left = _rewritten(f"import pytest\n{line}\ndef test(): pass\n")
    assert line in text
    assert len(left) == 1
    assert _rewritten("import pytest\ndef test(vcr): pass\n")[1] == ["2: the cassette of a marked test"]


BETAMAX = "import betamax\nfrom betamax import Betamax\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("with Betamax(s).use_cassette('a'): pass", f'with api.replay("vcr/cassettes/a.json", {LENIENT}): pass'),
        ("with Betamax(s, cassette_library_dir='t').use_cassette('a') as tape: pass",
         f'with api.replay("t/a.json", {LENIENT}) as tape: pass'),
        ("with Betamax(s, 't') as tape:\n    tape.use_cassette('a', record='none')\n    s.get('x')",
         f"with api.replay(\"t/a.json\", {LENIENT}) as tape:\n    s.get('x')"),
        ("with Betamax(s, 't') as tape:\n    tape.use_cassette('a')",
         f'with api.replay("t/a.json", {LENIENT}) as tape:\n    pass'),
        ("recorder = betamax.Betamax(s, 't', default_cassette_options={'match_requests_on': ['uri', 'digest-auth']})\n"
         "with recorder.use_cassette(name()): pass",
         'with api.replay(f"t/{name()}.json", match=["url"], unused="ignore"): pass'),
        ("with Betamax(s, 't').use_cassette('a', placeholders=[{'placeholder': '<T>', 'replace': 'x' * 9}]): pass",
         "placeholders={'<T>': 'x' * 9}, unused=\"ignore\"): pass"),
    ],
)  # fmt: skip
def test_betamax(before: str, after: str) -> None:
    text, left = _rewritten(f"{BETAMAX}{before}\n")
    assert after in text
    assert left == []
    assert re.search("etamax", text) is None


def test_what_betamax_is_configured_with_is_said_where_it_is_replayed() -> None:
    config = (
        f"{BETAMAX}with Betamax.configure() as config:\n    config.cassette_library_dir = 'tapes'\n"
        '    config.default_cassette_options["match_requests_on"].append("body")\n'
        "    config.default_cassette_options['allow_playback_repeats'] = True\n"
    )
    helper = "import betamax\nclass Case:\n    def setUp(self):\n        self.recorder = betamax.Betamax(self.s)\n"
    text, left = _rewritten(
        "class Test(Case):\n    def test(self):\n        with self.recorder.use_cassette('a'):\n            pass\n",
        config,
        helper,
    )
    assert 'api.replay("tapes/a.json", match=["method", "url", "body"], exhausted="repeat", unused="ignore")' in text
    assert left == []
    assert _rewritten(config)[1] == ["3: what it configures is said where it is replayed"]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("@betamax.decorator.use_cassette('a')\ndef test(session): pass", "gives the test a session of its own"),
        ("Betamax.register_request_matcher(Mine)", "nothing that is rewritten asks for it"),
        ("r = Betamax(s)\nr.current_cassette.is_recording()", "begins no replay has no cassette"),
        ("with Betamax(s, **o) as tape:\n    tape.use_cassette('a')", "only known when the test runs"),
        ("with Betamax(s).use_cassette('a', placeholders=[{'placeholder': '<T>', 'replace': T}]): pass",
         "put together elsewhere"),
    ],
)  # fmt: skip
def test_what_stays_of_betamax_is_told(line: str, left: str) -> None:
    _, told = _rewritten(f"{BETAMAX}{line}\n")
    assert any(left in one for one in told)


def test_the_api_is_where_all_cassettes_were_recorded(tmp_path: Path) -> None:
    for name, host in (("a", "one.example"), ("b", "one.example"), ("c", "two.example:8443")):
        (tmp_path / f"{name}.yaml").write_text(CASSETTE.format(url=f"https://{host}/x"))
    (tmp_path / "odd.yaml").write_text("no cassette")
    module = tmp_path / "tests" / "test_it.py"
    assert base_url_of({"a.yaml", "b.yaml", "gone.yaml"}, module) == "https://one.example"
    assert base_url_of({"c.yaml"}, module) == "https://two.example:8443"
    assert base_url_of({"a.yaml", "c.yaml"}, module) == "*"
    assert base_url_of({"odd.yaml"}, module) == base_url_of({"gone.yaml"}, None) == "*"


@pytest.mark.peer("Records")
def test_a_suite_replays_its_cassettes_before_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vcr")
    monkeypatch.chdir(tmp_path)
    Path("tapes").mkdir()
    Path("tapes/a.yaml").write_text(CASSETTE.format(url="https://one.example/x"))
    source = (
        "import requests\nimport vcr\n\nmine = vcr.VCR(cassette_library_dir='tapes')\n\n\n"
        "@mine.use_cassette('a.yaml', inject_cassette=True)\ndef test(tape):\n"
        "    assert requests.get('https://one.example/x').json() == {'id': 1}\n    assert tape.play_count == 1\n"
    )
    Path("test_it.py").write_text(source)
    _run(source)
    shown = CliRunner().invoke(build(), ["migrate", ".", "--diff"])
    assert Path("test_it.py").read_text() == source
    assert "+@api.replay(" in shown.output
    done = CliRunner().invoke(build(), ["migrate", "."])
    assert "1 file rewritten, 2 places; 0 places left to do by hand" in done.output
    text = Path("test_it.py").read_text()
    assert 'api = lookalike.Api(base_url="https://one.example")' in text
    assert "vcr" not in text
    _run(text)


def _run(source: str) -> None:
    module = ModuleType("migrated")
    exec(compile(source, "test_it.py", "exec"), vars(module))
    module.test()
