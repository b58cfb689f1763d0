"""`lookalike learn`: a contract from recorded traffic, or from what an API answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lookalike import config
from lookalike.cli.asking import (
    bearer_option,
    budget_option,
    given_auth,
    header_option,
    rate_option,
    timeout_option,
)
from lookalike.cli.learn_live import learn_live
from lookalike.cli.opening import complete_configured
from lookalike.errors import UsageError

EXAMPLE = """
lookalike learn https://api.example.com /todos /todos/1 '/todos/{id}' -o contracts/todos.yaml
lookalike learn https://api.example.com /todos --header 'X-Api-Key: env:TODOS_KEY' -o contracts/todos.yaml
lookalike learn session.har cassettes/ 'logs/*.ndjson.gz' -o contracts/todos.yaml
"""


def learn(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
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
    listed, the rest is written, and the exit code is 4 where credentials were refused, 2 where all that failed
    is a template that nothing fills, else 3.

    What is written is an OpenAPI document with the evidence for it beside it. A contract that exists learns more; what
    people wrote into it stays.
    """
    first, *rest = source
    if _is_running(first, rest):
        learn_live(
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
