"""What a project says about its APIs: `[tool.lookalike]` of its pyproject.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.double.strictness import SWITCHES, check_switch
from lookalike.errors import FileError, UsageError
from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.contract.verdict import FailOn

_KEYS = ("allow", "apis", "coverage", "fail_on", "history", "mock", "network")
_COVERAGE_KEYS = ("operations", "places", "statuses")
_FAIL_ON: tuple[FailOn, ...] = ("additive", "risky", "breaking")
_NETWORK = ("block", "open")
_HISTORY_KEYS = ("keep", "path")
_API_KEYS = ("allow_refs", "auth", "base_url", "contract", "coverage", "fail_on")
_AUTH = (
    'Write auth = { bearer = "env:TOKEN" }, { basic = "env:USER_AND_PASSWORD" }, { header = "X-Api-Key: env:KEY" }, '
    '{ cookie = "sid=env:SID" } or { query = "key=env:KEY" }.'
)
_AUTH_FORMS = ("basic", "bearer", "cookie", "header", "query")
# What parts the name from the value, where the form has both.
_AUTH_JOINTS = {"header": ":", "cookie": "=", "query": "="}


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """One `[tool.lookalike.apis.NAME]`.

    contract: the contract's file, relative paths taken from pyproject.toml's folder; None where none is named
    base_url: of the real API, or None
    allow_refs: URLs and folders that references of the contract may lead to, folders taken from the same folder
    auth:     one of `bearer`, `basic` (`user:password`), `header` (`X-Api-Key: ...`), `cookie` (`sid=...`) and `query`
              (`key=...`), as written: `env:NAME` stands for an environment variable, see `resolve_auth`. Not shown by
              repr
    fail_on:  the least severity of a finding that makes `verify` fail
    coverage: floors of coverage of this API in percent, by `operations`, `statuses` and `places`
    """

    name: str
    contract: Path | None = None
    base_url: str | None = None
    auth: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_refs: tuple[str, ...] = ()
    fail_on: FailOn = "risky"
    coverage: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """`[tool.lookalike.history]`: what is kept of verifications.

    path: the file, relative paths taken from pyproject.toml's folder; None for the project's own cache folder
    keep: how many runs of each API stay; None for the usual number
    """

    path: Path | None = None
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`[tool.lookalike]` of one project; `path` is its pyproject.toml, None where there is none.

    declared: whether the file has a `[tool.lookalike]` at all
    network:  `block` where no test may reach more than this machine and `allow`, names or patterns of hosts
    mock:     how strict mocks are, as `lookalike.double.strictness.Switches` has it
    fail_on:  the least severity of a finding that makes `verify` fail, where an API says no other
    coverage: floors of coverage of all APIs together, as an API has them of its own
    """

    path: Path | None = None
    declared: bool = False
    apis: Mapping[str, ApiSettings] = field(default_factory=dict)
    mock: Mapping[str, Any] = field(default_factory=dict)
    network: str = "open"
    allow: tuple[str, ...] = ()
    history: HistorySettings = field(default_factory=HistorySettings)
    fail_on: FailOn = "risky"
    coverage: Mapping[str, float] = field(default_factory=dict)


_PLACE = "[tool.lookalike]"
_read: dict[Path, tuple[tuple[int, int], Settings]] = {}


def find(start: str | os.PathLike[str] | None = None) -> Path | None:
    """The nearest pyproject.toml at or above a folder (the working directory), None where there is none."""
    here = Path(start) if start is not None else Path.cwd()
    here = here.resolve()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            return path
    return None


def load(start: str | os.PathLike[str] | None = None) -> Settings:
    """The settings of the project at or above a folder (the working directory); read again when the file changes.

    Raises FileError for TOML that can't be read, UsageError for a setting that isn't known or has no sense.
    """
    path = find(start)
    if path is None:
        return Settings()
    try:
        stat = path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = _read.get(path)
        if known is None or known[0] != stamp:
            known = _read[path] = (stamp, _parse(path))
    except OSError as error:
        raise FileError(path, f"can't be read: {error.strerror or error}") from None
    return known[1]


def resolve_auth(settings: ApiSettings) -> dict[str, str]:
    """An API's credentials with every `env:NAME` replaced by that environment variable, as `from_environment` does."""
    return from_environment(
        settings.auth, api=settings.name, where=f"change auth in [tool.lookalike.apis.{settings.name}]"
    )


def from_environment(auth: Mapping[str, str], *, api: str, where: str) -> dict[str, str]:
    """Credentials with every `env:NAME` replaced by that environment variable.

    where: how they are changed where they were said, for messages. Raises UsageError that names the variable where it
    isn't set; no message ever shows a value.
    """
    found = {}
    for form, value in auth.items():
        prefix = ""
        joint = _AUTH_JOINTS.get(form, "")
        if joint and joint in value and not value.startswith("env:"):
            name, _, value = value.partition(joint)
            prefix, value = f"{name}{': ' if joint == ':' else joint}", value.strip()
            # A scheme may stand before the variable: `Authorization: Token env:NAME`.
            scheme, space, variable = value.rpartition(" ")
            if joint == ":" and variable.startswith("env:"):
                prefix, value = f"{prefix}{scheme}{space}", variable
        if value.startswith("env:"):
            variable = value.removeprefix("env:").strip()
            value = os.environ.get(variable, "")
            if not value:
                raise UsageError(
                    f"the credentials of the API {api!r} are in the environment variable {variable}, "
                    f"which is not set; set it, or {where}"
                )
        found[form] = prefix + value
    return found


def nearest(word: str, words: Iterable[str]) -> str:
    """`did you mean "completed"? ` with the nearest of the words, or nothing where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(words), 1)
    return f'did you mean "{near[0]}"? ' if near else ""


def check_base_url(url: object, where: str) -> str:
    """An API's base URL without a trailing slash. Raises UsageError, which says where it stands."""
    if not isinstance(url, str):
        raise UsageError(f"{where}: {url!r} is not a URL; write it as https://api.example.com")
    try:
        parts = split_url(url)
    except UsageError as error:
        bare = url.split("/")[0]
        hint = f"; did you mean https://{url}?" if "." in bare and "://" not in url else ""
        raise UsageError(f"{where}: {error}{hint}") from None
    if parts.query or "#" in url or "?" in url:
        raise UsageError(f"{where}: {url!r} has a query or a fragment; a base URL ends with a host or a path")
    return url.rstrip("/")


def check_refs(allowed: object, where: str, folder: Path | None = None) -> tuple[str, ...]:
    """What references may lead to, checked: a list of URLs and folders, relative ones taken from `folder`.

    Raises UsageError, which says where it stands.
    """
    if isinstance(allowed, str) or not isinstance(allowed, Sequence):
        raise UsageError(f'{where}: {allowed!r} is not a list; write ["https://schemas.example.com/"]')
    found = []
    for one in allowed:
        if not isinstance(one, str) or not one or ("://" in one and not one.startswith(("https://", "http://"))):
            raise UsageError(f"{where}: {one!r} is neither an http URL nor a folder")
        found.append(one if "://" in one or folder is None else str(folder / one))
    return tuple(found)


def _parse(path: Path) -> Settings:
    import tomllib

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(
            path, f"not TOML: {error}", hint="Next: fix the file; `[tool.lookalike]` is read from it"
        ) from None
    tool = document.get("tool")
    table = tool.get("lookalike") if isinstance(tool, dict) else None
    if table is None:
        return Settings(path)
    _check_table(path, "[tool.lookalike]", table, _KEYS)
    apis = table.get("apis", {})
    _check_table(path, "[tool.lookalike.apis]", apis, None)
    mock = _mock(path, table.get("mock", {}))
    fail_on = _fail_on(path, "[tool.lookalike]", table, "risky")
    declared = {name: _api(path, name, value, fail_on) for name, value in sorted(apis.items())}
    history = _history(path, table.get("history", {}))
    coverage = _coverage(path, "[tool.lookalike.coverage]", table.get("coverage", {}))
    return Settings(path, True, declared, mock, *_network(path, table), history, fail_on, coverage)


def _coverage(path: Path, place: str, table: Any) -> Mapping[str, float]:
    _check_table(path, place, table, _COVERAGE_KEYS)
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise FileError(path, f"{name} = {value!r} is no percentage; write a number from 0 to 100", place=place)
    return dict(table)


def _history(path: Path, table: Any) -> HistorySettings:
    place = "[tool.lookalike.history]"
    _check_table(path, place, table, _HISTORY_KEYS)
    kept, keep = table.get("path"), table.get("keep")
    if kept is not None and not (isinstance(kept, str) and kept and "\0" not in kept):
        raise FileError(path, f'path = {kept!r} is not a path; write path = "ci/history.sqlite"', place=place)
    if keep is not None and not (type(keep) is int and keep > 0):
        raise FileError(
            path, f"keep = {keep!r} is not a number of runs; write a whole number above 0, keep = 500", place=place
        )
    return HistorySettings(path.parent / kept if kept is not None else None, keep)


def _network(path: Path, table: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    network, allow = table.get("network", "open"), table.get("allow", [])
    if network not in _NETWORK:
        hint = nearest(str(network), _NETWORK) + 'Write network = "block" or network = "open".'
        raise FileError(path, f'network = {network!r} is neither "block" nor "open"', place=_PLACE, hint=hint)
    if not isinstance(allow, list) or not all(isinstance(host, str) and host for host in allow):
        raise FileError(
            path, f'allow = {allow!r} is not a list of host names; write allow = ["db", "*.internal"]', place=_PLACE
        )
    return network, tuple(allow)


def _mock(path: Path, table: Any) -> Mapping[str, Any]:
    place = "[tool.lookalike.mock]"
    _check_table(path, place, table, SWITCHES)
    for name, value in table.items():
        try:
            check_switch(name, value, place)
        except UsageError as error:
            raise FileError(path, str(error).removeprefix(f"{place}: "), place=place) from None
    return dict(table)


def _api(path: Path, name: str, table: Any, fail_on: FailOn) -> ApiSettings:
    place = f"[tool.lookalike.apis.{name}]"
    _check_table(path, place, table, _API_KEYS)
    contract, base_url = table.get("contract"), table.get("base_url")
    if contract is not None and not (isinstance(contract, str) and contract):
        raise FileError(
            path, f'contract = {contract!r} is not a path; write contract = "contracts/{name}.yaml"', place=place
        )
    if contract is None and base_url is None:
        hint = f'Write contract = "contracts/{name}.yaml", base_url = "https://api.example.com", or both.'
        raise FileError(path, "neither contract nor base_url says what the API is", place=place, hint=hint)
    if base_url is not None:
        base_url = check_base_url(base_url, f"{path}, {place} base_url")
    auth = table.get("auth", {})
    # What stands there may be a secret, so no message repeats it.
    if not isinstance(auth, dict):
        raise FileError(path, "auth is not a table", place=place, hint=_AUTH)
    _check_table(path, f"{place} auth", auth, _AUTH_FORMS)
    if len(auth) > 1 or not all(isinstance(value, str) and value for value in auth.values()):
        raise FileError(path, "auth is not one name with its text", place=place, hint=_AUTH)
    try:
        allowed = check_refs(table.get("allow_refs", []), "allow_refs", path.parent)
    except UsageError as error:
        raise FileError(path, str(error), place=place) from None
    file = path.parent / contract if contract is not None else None
    coverage = _coverage(path, f"{place} coverage", table.get("coverage", {}))
    return ApiSettings(name, file, base_url, auth, allowed, _fail_on(path, place, table, fail_on), coverage)


def _fail_on(path: Path, place: str, table: Mapping[str, Any], usual: FailOn) -> FailOn:
    said = table.get("fail_on", usual)
    for known in _FAIL_ON:
        if said == known:
            return known
    hint = nearest(str(said), _FAIL_ON) + 'Write fail_on = "additive", "risky" or "breaking".'
    raise FileError(path, f"fail_on = {said!r} is none of {', '.join(_FAIL_ON)}", place=place, hint=hint)


def _check_table(path: Path, place: str, table: Any, known: tuple[str, ...] | None) -> None:
    if not isinstance(table, dict):
        what = f"[{place.strip('[]')}.NAME] tables" if known is None else f"{known[0]} = ... below {place}"
        raise FileError(path, f"{table!r} is not a table", place=place, hint=f"Write {what}.")
    for key in table if known is not None else ():
        if key not in (known or ()):
            raise FileError(
                path,
                f"unknown key {key!r}",
                place=place,
                hint=nearest(key, known or ()) + f"Known: {', '.join(known or ())}",
            )
