"""What `lookalike learn` asks a running API, and what it says of what it got."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lookalike import config
from lookalike.cli.asking import asker_for, auth_advice
from lookalike.cli.screen import Screen, err, out
from lookalike.cli.taught import existing, write
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Exchange, split_url

if TYPE_CHECKING:
    from lookalike.live.sift import NotLearned


def learn_live(
    source: str,
    path: list[str],
    *,
    output: Path | None,
    name: str,
    html: bool,
    auth: dict[str, str],
    rate: float | None,
    budget: int,
    timeout: float,
) -> None:
    """Ask a running API."""
    from lookalike.live.learn import ask_paths
    from lookalike.live.sift import sift

    base_url, paths = _asked(_base_url(source), path)
    target = output or _own_file(source)
    known = existing(target, base_url)
    auth = auth or _credentials(base_url)
    asker = asker_for(base_url, rate=rate, budget=budget, timeout=timeout, auth=auth)
    answers = ask_paths(asker, base_url=base_url, paths=paths)
    exchanges, gates = sift(answers.exchanges, known, html=html)
    failed = [*answers.not_learned, *gates]
    advice = auth_advice(target.stem, base_url) if not auth and any(one.refused for one in failed) else ""
    if not exchanges:
        raise _nothing(base_url, failed, advice)
    write(known, exchanges, base_url=base_url, target=target, title=name or target.stem)
    if known is None:
        _say_errors_alone(err(), exchanges, base_url)
    _say_failed(out(), failed, advice)


def _nothing(base_url: str, failed: Sequence[NotLearned], advice: str) -> LookalikeError:
    from lookalike.live.sift import nothing_learned

    if all(one.unfilled for one in failed):
        return UsageError(f"nothing to learn from {base_url}: {'; '.join(str(one) for one in failed)}")
    return nothing_learned(base_url, failed, advice)


def _say_errors_alone(screen: Screen, exchanges: Sequence[Exchange], base_url: str) -> None:
    """A contract without one good answer is rarely what was meant."""
    if any(one.response is None or one.response.status < 400 for one in exchanges):
        return
    statuses = ", ".join(str(status) for status in sorted({one.response.status for one in exchanges if one.response}))
    screen.say(f"warning: no answer is a good one: {statuses} is all that came", "warn")
    screen.say(f"Check the paths, the base URL {base_url}, and whether credentials are needed: --header, --bearer")


def _say_failed(screen: Screen, failed: Sequence[NotLearned], advice: str) -> None:
    """What wasn't learned; ends with the exit code for it."""
    for one in failed:
        screen.say(f"  {one}", "warn")
    if advice:
        screen.say(advice)
    if failed:
        refused, unfilled = any(one.refused for one in failed), all(one.unfilled for one in failed)
        raise typer.Exit(4 if refused else 2 if unfilled else 3)


def _own_file(source: str) -> Path:
    """The contract that pyproject.toml names for the API."""
    settings = config.load().apis.get(source)
    if settings is None or settings.contract is None:
        raise UsageError(
            f"where should the contract of {source} be written? Say it: -o contracts/example.yaml\n"
            "It isn't needed for an API whose contract pyproject.toml names"
        )
    return settings.contract


def _base_url(source: str) -> str:
    """The base URL that pyproject.toml gives a name, else the source itself."""
    settings = config.load().apis.get(source)
    if settings is None:
        return source
    if settings.base_url is None:
        raise UsageError(f"the API {source!r} of {config.load().path} has no base_url\nAdd it, or say the URL here")
    return settings.base_url


def _credentials(base_url: str) -> dict[str, str]:
    """What pyproject.toml says for the API at this base URL."""
    found = (one for one in config.load().apis.values() if one.base_url == base_url)
    settings = next(found, None)
    return config.resolve_auth(settings) if settings is not None else {}


def _asked(base_url: str, paths: list[str]) -> tuple[str, list[str]]:
    if "://" not in base_url:
        host = base_url.lstrip("/")
        scheme = "http" if host.startswith(("localhost", "127.", "[::1]")) else "https"
        raise UsageError(f"{base_url!r} is not a URL: it has no scheme\nWrite it as {scheme}://{host}")
    split_url(base_url)
    if not paths:
        raise UsageError(
            f"{base_url} is a running API: what should it be asked?\n"
            f"Say paths: lookalike learn {base_url} /things '/things/{{id}}' -o contracts/example.yaml"
        )
    for path in paths:
        if not path.startswith("/"):
            raise UsageError(f"{path!r} is not a path: it begins with a slash, as in {_path_in(path, base_url)}")
    return base_url.rstrip("/"), paths


def _path_in(text: str, base_url: str) -> str:
    """The path that was probably meant: a URL without the base URL, or without its host."""
    text = text.removeprefix(base_url.rstrip("/"))
    if "://" in text:
        text = text.partition("://")[2].partition("/")[2]
    return "/" + text.lstrip("/")
