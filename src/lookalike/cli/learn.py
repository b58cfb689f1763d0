"""`lookalike learn`: a contract from recorded traffic, or from what an API answers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike import config
from lookalike.cli.asking import (
    asker_for,
    auth_advice,
    bearer_option,
    budget_option,
    given_auth,
    header_option,
    rate_option,
    timeout_option,
)
from lookalike.cli.opening import complete_configured
from lookalike.cli.screen import Screen, out
from lookalike.contract.contract import Contract
from lookalike.errors import InvalidJson, LookalikeError, UsageError
from lookalike.messages import Exchange, split_url

if TYPE_CHECKING:
    from lookalike.live.sift import NotLearned

EXAMPLE = """
lookalike learn https://api.example.com /todos /todos/1 '/todos/{id}' -o contracts/todos.yaml
lookalike learn https://api.example.com /todos --header 'X-Api-Key: env:TODOS_KEY' -o contracts/todos.yaml
lookalike learn session.har cassettes/ 'logs/*.ndjson.gz' -o contracts/todos.yaml
"""


def learn(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Recorded traffic: files, folders, globs, URLs; or a running API, its base URL or its name in "
            "pyproject.toml, and what to ask it: paths, or templates such as '/todos/{id}', filled from the lists "
            "before.",
            autocompletion=complete_configured,
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The contract; an existing one learns more. A folder, with a slash, gets one for each host.",
            show_default="the API's own in pyproject.toml",
        ),
    ] = "",
    name: Annotated[str, typer.Option(help="The API's name.", show_default="the file's")] = "",
    base_url: Annotated[
        str,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Which API of a recording.",
            show_default="the contract's, else the host that answers JSON",
        ),
    ] = "",
    format: Annotated[  # noqa: A002  the option's name
        str, typer.Option("--format", metavar="NAME", help="A recording's format.", show_default="what it looks like")
    ] = "",
    jobs: Annotated[
        int,
        typer.Option(
            "-j", "--jobs", help="Processes that learn at once.", show_default="as many as it is worth", min=0
        ),
    ] = 0,
    scheduler: Annotated[
        str, typer.Option("--scheduler", metavar="ADDRESS", help="Learn on the workers of this Dask scheduler.")
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on from where a run was interrupted.")
    ] = True,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell each entry that was skipped.")] = False,
    html: Annotated[bool, typer.Option("--html", help="HTML pages are the API's answers too.")] = False,
    header: Annotated[str, header_option] = "",
    bearer: Annotated[str, bearer_option] = "",
    rate: Annotated[float | None, rate_option] = None,
    budget: Annotated[int, budget_option] = 200,
    timeout: Annotated[float, timeout_option] = 10.0,
) -> None:
    """Learn a contract from recorded traffic, or from what a running API answers.

    Recordings are HAR, cassettes of many tools and NDJSON, also .gz and .zst, of any size. Of several hosts, the one
    that answers JSON is learned.

    A running API is asked with GET alone. 401, 403, 429, 5xx and a login page teach nothing then: such a path is
    listed, the rest is written, and the exit code is 4 where credentials were refused, else 3.

    What is written is an OpenAPI document with the evidence for it beside it. A contract that exists learns more; what
    people wrote into it stays.
    """
    first, *rest = source
    if _is_running(first, rest):
        _learn_live(
            first, rest, output=Path(output) if output else None, name=name, html=html, auth=given_auth(header, bearer),
            rate=rate, budget=budget, timeout=timeout,
        )  # fmt: skip
        return
    from lookalike.cli.recorded import Options, learn_recorded, own_api

    own, home = own_api(first) if first in config.load().apis else (None, "")
    target = Path(output) if output else own
    if target is None and output == "":
        raise UsageError(
            f"where should the contract of {first} be written? Say it: -o contracts/example.yaml\n"
            "Or a folder, for a contract for each host: -o contracts/"
        )
    learn_recorded(
        rest if home or own else source,
        Options(
            output=target,
            folder=_is_folder(output),
            name=name,
            html=html,
            base_url=base_url or home,
            format=format,
            jobs=jobs,
            scheduler=scheduler,
            resume=resume,
            verbose=verbose,
        ),
    )


def _is_folder(output: str) -> bool:
    return output.endswith(("/", os.sep)) or (output != "" and Path(output).is_dir())


def _is_running(first: str, rest: Sequence[str]) -> bool:
    """Whether the arguments are a running API and what to ask it: a base URL or a configured name, and paths.

    A URL that ends as files of recordings do is one of those, unless paths follow it.
    """
    from lookalike.cli.recorded import RECORDING

    paths = bool(rest) and all(one.startswith("/") for one in rest)
    if first in config.load().apis:
        return paths or not rest
    if first.startswith(("http://", "https://")):
        return paths or RECORDING.search(first.partition("?")[0]) is None
    return paths and not RECORDING.search(first) and not any(Path(one).exists() for one in (first, *rest))


def _learn_live(
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
    _write(known, exchanges, base_url=base_url, target=target, title=name or target.stem)
    _say_failed(out(), failed, advice)


def _write(known: Contract | None, exchanges: list[Exchange], *, base_url: str, target: Path, title: str) -> None:
    """Teach the contract and write its files. Raises UsageError where no answer can be read, FileError."""
    from lookalike.contract import files, learning
    from lookalike.live.record import moved

    unreadable = unreadable_of(exchanges)
    if unreadable and len(unreadable) == len(exchanges):
        raise UsageError(f"nothing to learn from {base_url}: {'; '.join(unreadable)}\nAsk paths that answer JSON")
    contract = (
        learning.learn(exchanges, base_url=base_url, name=target.stem, title=title)
        if known is None
        else learning.fold(known, exchanges := [moved(one, base_url, known.base_url or base_url) for one in exchanges])
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    files.save(contract, target)
    report(out(), contract, exchanges, target)
    for text in unreadable:
        out().say(f"  {text}; its body taught nothing", "warn")


def existing(path: Path, base_url: str) -> Contract | None:
    """The contract as its file has it now, learned or a vendor's; None where there is none.

    base_url: where the API is, for a document that doesn't say it
    Raises FileError where it can't be read.
    """
    from lookalike.contract import files

    if not path.exists():
        return None
    contract = files.load(path)
    return contract if contract.base_url else files.load(path, base_url=base_url)


def _nothing(base_url: str, failed: Sequence[NotLearned], advice: str) -> LookalikeError:
    from lookalike.live.sift import nothing_learned

    if all(one.unfilled for one in failed):
        return UsageError(f"nothing to learn from {base_url}: {'; '.join(str(one) for one in failed)}")
    return nothing_learned(base_url, failed, advice)


def _say_failed(screen: Screen, failed: Sequence[NotLearned], advice: str) -> None:
    """What wasn't learned; ends with the exit code for it."""
    for one in failed:
        screen.say(f"  {one}", "warn")
    if advice:
        screen.say(advice)
    if failed:
        raise typer.Exit(4 if any(one.refused for one in failed) else 3)


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


def unreadable_of(exchanges: list[Exchange]) -> list[str]:
    """The answers that claim to be JSON and aren't, or nest deeper than a parser goes."""
    found = []
    for exchange in exchanges:
        response = exchange.response
        if response is None or not response.is_json or not response.content:
            continue
        try:
            response.json()
        except InvalidJson as error:
            found.append(f"{exchange.request.method} {exchange.request.path} says it is JSON, and is {error}")
    return found


def report(screen: Screen, contract: Contract, exchanges: list[Exchange], output: Path) -> None:
    """Which operations the answers were found to be of, and what was written."""
    seen: dict[str, Counter[int]] = {}
    for exchange in exchanges:
        path = contract.relative(exchange.request.url)
        operation = contract.find(exchange.request.method, path) if path is not None else None
        if operation is not None and exchange.response is not None:
            seen.setdefault(operation.key, Counter())[exchange.response.status] += 1
    for_each = sorted(seen.items(), key=lambda item: item[0].partition(" ")[2])
    screen.table(((key, "strong"), (_statuses(statuses), "")) for key, statuses in for_each)
    from lookalike.contract.files import evidence_path

    document = "OpenAPI 3.1" if contract.learned else "unchanged, not learned"
    screen.table(
        [
            ((str(output), "good"), (f"{document}, {_count(len(contract.operations), 'operation')}", "dim")),
            (
                (str(evidence_path(output)), "good"),
                (f"the counts behind it; {_count(len(exchanges), 'answer')} came", "dim"),
            ),
        ]
    )


def _statuses(statuses: Counter[int]) -> str:
    return ", ".join(
        f"{status}" + (f" ({times} times)" if times > 1 else "") for status, times in sorted(statuses.items())
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
