"""The pytest plugin: the fixture `mock_api`, the marker `real_api`, and `--lookalike=MODE`.

What watches the tests of any run is here, as each module more would cost an idle run half a millisecond. This one
imports only pytest; the rest of lookalike is imported when a test or an option uses it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lookalike.pytest_plugin.options import MARKERS, says_something
from lookalike.pytest_plugin.options import pytest_addoption as pytest_addoption

if TYPE_CHECKING:
    from lookalike.api.api import Api
    from lookalike.api.doubles import Mock
    from lookalike.contract.reads import Reads
    from lookalike.double.double import Double
    from lookalike.pytest_plugin.active import MockApi as MockApi
    from lookalike.pytest_plugin.coverage import Kept
    from lookalike.pytest_plugin.replayed import ReplayApi
    from lookalike.pytest_plugin.run import Run
    from lookalike.pytest_plugin.wall import Wall

_WATCH = pytest.StashKey["Watch"]()
_MOCKS = pytest.StashKey["MockApi"]()
_REPLAYS = pytest.StashKey["ReplayApi"]()


class Watch:
    """Hears of every mock of the run, and of the test that runs; makes the `Run` when there is something to keep."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.item: pytest.Item | None = None
        self.before: Any = None
        self.owner: pytest.Item | pytest.Collector | None = None  # what a double that starts now belongs to
        self.wall: Wall | None = None
        self._run: Run | None = None
        self.coverage: Kept | None = None  # what is covered of each API; None where nobody asked
        self.replayed: set[str] = set()
        self.reads: dict[str, Reads] = {}  # by API, once the run is over; empty where nobody tracked

    @property
    def used(self) -> bool:
        """Whether anything was kept."""
        return self._run is not None

    @property
    def run(self) -> Run:
        """What is kept of the run."""
        if self._run is None:
            from lookalike.pytest_plugin.run import run_for

            self.close_with_the_run()
            self._run = run_for(self.config)
        return self._run

    def close_with_the_run(self) -> None:
        """Let the run's end ask, write and say what there is to be said."""
        manager = self.config.pluginmanager
        if not manager.has_plugin("lookalike-closing"):
            from lookalike.pytest_plugin.closing import Closing

            manager.register(Closing(self), "lookalike-closing")

    def switches(self) -> dict[str, Any]:
        """What the markers `lookalike` of the running test say; that of the test wins over its class and module."""
        if self.item is None:
            return {}
        found: dict[str, Any] = {}
        for marker in reversed(list(self.item.iter_markers("lookalike"))):
            if marker.args:
                from lookalike.errors import UsageError

                raise UsageError(
                    f"@pytest.mark.lookalike({marker.args[0]!r}): say it by name: @pytest.mark.lookalike("
                    'unused="ignore")'
                )
            found.update(marker.kwargs)
        return found

    @property
    def _real(self) -> bool:
        return self.item is not None and self.item.get_closest_marker("real_api") is not None

    def learns(self, api: Api) -> bool:
        """Whether the real API answers, and is learned from."""
        return self._real and self.config.getoption("lookalike_mode") == "record"

    def opening(self, api: Api, mock: Mock) -> Double:
        """A mock starts; the mode decides who answers."""
        test = self.item.nodeid if self.item is not None else ""
        return self.run.opening(api, mock, test, real=self._real)

    def closed(self, api: Api, mock: Mock) -> None:
        """A mock ended."""
        self.run.closed(api, mock, self.item.nodeid if self.item is not None else "")
        self.faked(api, mock)

    def replaying(self, api: Api, sources: Sequence[str]) -> str:
        """Recordings are about to be replayed; the recording mode of the run, `""` for their own."""
        self.close_with_the_run()
        self.replayed.update(source if "://" in source else str(Path(source).absolute()) for source in sources)
        return self.config.getoption("lookalike_record") or ""

    def faked(self, api: Api, double: Double) -> None:
        """A fake ended."""
        if self.coverage is not None:
            self.coverage.closed(api, double)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and begin to watch. Raises pytest.UsageError for options that don't fit together."""
    from lookalike.api.watch import replace

    for marker, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {meaning}")
    watching = config.stash[_WATCH] = Watch(config)
    watching.before = replace(watching)
    if says_something(config):
        from lookalike.pytest_plugin.said import begin

        begin(config, watching)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Watch no longer."""
    from lookalike.api.watch import replace

    watching = config.stash.get(_WATCH, None)
    if watching is not None:
        replace(watching.before)
        if watching.wall is not None:
            watching.wall.lift()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Block the network where the option or the project says so; not where workers of pytest-xdist run the tests."""
    config = session.config
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        config.stash[_WATCH].close_with_the_run()
        return
    if config.getoption("lookalike_network") == "block" or _may_block():
        from lookalike.pytest_plugin.wall import wall_for

        wall = config.stash[_WATCH].wall = wall_for(config)
        if wall is not None:
            wall.build()


def _may_block() -> bool:
    """Whether pyproject.toml could say `network = "block"`: most don't, and then nothing is imported."""
    for folder in (here := Path.cwd(), *here.parents):
        try:
            text = (folder / "pyproject.toml").read_bytes()
        except OSError:
            continue
        return b"lookalike" in text and b"network" in text
    return False


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """A double that a fixture starts (setup_class and setUpModule are fixtures too) is of the fixture's scope."""
    watching = request.config.stash[_WATCH]
    before, watching.owner = watching.owner, request.node
    try:
        return (yield)
    finally:
        watching.owner = before


@pytest.fixture
def mock_api(request: pytest.FixtureRequest) -> Iterator[Callable[..., Mock]]:
    """Puts a mock in the place of an API until the test is over: `mock = mock_api("jsonplaceholder")`.

    It takes what `lookalike.Api` takes, or an Api, and what `api.mock` takes: `allow=`, `clients=`, `unused=` and more.
    Asked twice for one API, it gives the same mock, so a test may override what a fixture declared.
    """
    from lookalike.pytest_plugin.active import MockApi as MockApi

    mocks = request.node.stash[_MOCKS] = MockApi()
    yield mocks
    mocks.undo()


@pytest.fixture
def replay_api(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Replays a recording in the place of an API until the test is over: `replay = replay_api("github")`.

    It takes what `lookalike.Api` takes, or an Api, and what `api.replay` takes: `"session.har"`, `record=`, `unused=`
    and more. Without a recording it is the test's own: `cassettes/MODULE/TEST.har` beside its file.
    """
    from lookalike.pytest_plugin.replayed import ReplayApi

    replays = request.node.stash[_REPLAYS] = ReplayApi(request.node)
    try:
        for marker in reversed(list(request.node.iter_markers("replay_api"))):
            replays.marked(marker.args, marker.kwargs)
        yield replays
    finally:
        replays.undo()


def pytest_itemcollected(item: pytest.Item) -> None:
    """The marker `replay_api` is enough: the test needn't name the fixture."""
    names = getattr(item, "fixturenames", None)
    if names is not None and "replay_api" not in names and item.get_closest_marker("replay_api") is not None:
        names.insert(0, "replay_api")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which test runs, and skip one that can't reach what it is for."""
    watching = item.config.stash[_WATCH]
    watching.item = watching.owner = item
    if watching.used:
        watching.run.begin()
    if watching.wall is not None:
        watching.wall.begin(item)
        if _is_real(item):
            watching.wall.lift()
    if item.get_closest_marker("real_api") is not None:
        from lookalike.pytest_plugin.real import skip_where_out_of_reach

        skip_where_out_of_reach(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """What went wrong inside of a mock of `mock_api` fails the test itself."""
    __tracebackhide__ = True
    wall = item.config.stash[_WATCH].wall
    try:
        result = yield
    except BaseException as error:
        for doubles in _doubles(item):
            doubles.check(error)
        if wall is not None:
            wall.check(error)
        raise
    for doubles in _doubles(item):
        # unittest's errors don't pass through here; pytest keeps them at the item.
        kept = getattr(item, "_excinfo", None)
        doubles.check(kept[0].value if kept else None)
    if wall is not None:
        kept = getattr(item, "_excinfo", None)
        wall.check(kept[0].value if kept else None)
    return result


def _doubles(item: pytest.Item) -> Iterator[MockApi | ReplayApi]:
    """What the test holds through the fixtures."""
    if _MOCKS in item.stash:
        yield item.stash[_MOCKS]
    if _REPLAYS in item.stash:
        yield item.stash[_REPLAYS]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Stop what the test, or a fixture that ends with it, has started and left behind; that is an error."""
    __tracebackhide__ = True
    watching = item.config.stash[_WATCH]
    try:
        result = yield
    except BaseException as error:
        left = _left(item.config, nextitem)
        if left is not None:
            error.add_note(f"lookalike: {left}")
        raise
    finally:
        watching.owner = None
        if watching.wall is not None:
            watching.wall.build()
    left = _left(item.config, nextitem)
    if left is not None:
        raise left
    return result


def _left(config: pytest.Config, nextitem: pytest.Item | None) -> Exception | None:
    if "lookalike.api.running" not in sys.modules:
        return None
    from lookalike.pytest_plugin.left import stop_left

    return stop_left(config, nextitem.listchain() if nextitem is not None else [])


def _is_real(item: pytest.Item) -> bool:
    """Whether the real API answers a test in this mode."""
    real = item.get_closest_marker("real_api") is not None
    return real and item.config.getoption("lookalike_mode") in ("live", "record")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show our errors without our frames, and an unreachable real API as a skip."""
    if call.excinfo is None and not getattr(item, "_excinfo", None):
        return (yield)
    from lookalike.pytest_plugin.real import hidden_frames, retell

    with hidden_frames():
        report = yield
    retell(item, call, report, item.config.stash[_WATCH])
    return report
