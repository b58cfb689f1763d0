"""`lookalike learn`: a contract from what an API answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from lookalike import config
from lookalike.cli.asking import asker_for, budget_option, rate_option, timeout_option
from lookalike.cli.screen import Screen, out
from lookalike.contract.contract import Contract
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange, split_url

EXAMPLE = """
lookalike learn https://api.example.com /todos /todos/1 '/todos/{id}' -o contracts/todos.yaml
"""


def learn(
    source: Annotated[str, typer.Argument(metavar="API", help="The API's base URL, or its name in pyproject.toml.")],
    path: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="What to ask it: paths, or templates such as '/todos/{id}', filled from the lists before.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The contract; an existing one learns more.")
    ],
    name: Annotated[str, typer.Option(help="The API's name.", show_default="the file's")] = "",
    rate: Annotated[float | None, rate_option] = None,
    budget: Annotated[int, budget_option] = 200,
    timeout: Annotated[float, timeout_option] = 10.0,
) -> None:
    """Learn a contract from what an API answers.

    Asks with GET alone, and writes an OpenAPI document with the evidence for it beside it. A contract that exists
    learns more; what people wrote into it stays.
    """
    from lookalike.contract import files, learning
    from lookalike.live.learn import ask_paths

    base_url, paths = _asked(_base_url(source), path)
    known = files.load(output) if output.exists() else None
    asker = asker_for(base_url, rate=rate, budget=budget, timeout=timeout, auth=_credentials(base_url))
    exchanges = ask_paths(asker, base_url=base_url, paths=paths)
    unreadable = _unreadable(exchanges)
    if unreadable and len(unreadable) == len(exchanges):
        raise UsageError(f"nothing to learn from {base_url}: {'; '.join(unreadable)}\nAsk paths that answer JSON")
    title = name or output.stem
    contract = (
        learning.learn(exchanges, base_url=base_url, name=output.stem, title=title)
        if known is None
        else learning.fold(known, exchanges)
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    files.save(contract, output)
    _report(out(), contract, exchanges, output)
    for text in unreadable:
        out().say(f"  {text}; its body taught nothing", "warn")


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
        if Path(base_url).exists():
            raise UsageError(
                f"{base_url} is a file; so far `learn` asks a running API\n"
                "Write: lookalike learn https://api.example.com /things '/things/{id}' -o contracts/example.yaml"
            )
        host = base_url.lstrip("/")
        scheme = "http" if host.startswith(("localhost", "127.", "[::1]")) else "https"
        raise UsageError(f"{base_url!r} is not a URL: it has no scheme\nWrite it as {scheme}://{host}")
    split_url(base_url)
    for path in paths:
        if not path.startswith("/"):
            raise UsageError(f"{path!r} is not a path: it begins with a slash, as in /{path.rpartition('://')[2]}")
    return base_url.rstrip("/"), paths


def _unreadable(exchanges: list[Exchange]) -> list[str]:
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


def _report(screen: Screen, contract: Contract, exchanges: list[Exchange], output: Path) -> None:
    """Which operations the answers were found to be of, and what was written."""
    seen: dict[str, Counter[int]] = {}
    for exchange in exchanges:
        path = contract.relative(exchange.request.url)
        operation = contract.find(exchange.request.method, path) if path is not None else None
        if operation is not None and exchange.response is not None:
            seen.setdefault(operation.key, Counter())[exchange.response.status] += 1
    for_each = sorted(seen.items(), key=lambda item: item[0].partition(" ")[2])
    screen.table(((key, "strong"), (_statuses(statuses), "")) for key, statuses in for_each)
    evidence = output.with_suffix(".evidence.json")
    screen.table(
        [
            ((str(output), "good"), (f"OpenAPI 3.1, {_count(len(contract.operations), 'operation')}", "dim")),
            ((str(evidence), "good"), (f"the counts behind it; {_count(len(exchanges), 'answer')} came", "dim")),
        ]
    )


def _statuses(statuses: Counter[int]) -> str:
    return ", ".join(
        f"{status}" + (f" ({times} times)" if times > 1 else "") for status, times in sorted(statuses.items())
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
