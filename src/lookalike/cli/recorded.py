"""`lookalike learn` from recorded traffic: which API it is about, and how it is told what came of it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lookalike import config
from lookalike.cli.screen import Screen, err, out
from lookalike.contract.counts import RecordingCounts
from lookalike.contract.disk import from_here
from lookalike.counted import counted
from lookalike.errors import FileError, UsageError
from lookalike.report.terminal import Style

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract
    from lookalike.learning.jobs import Runner
    from lookalike.learning.plan import Work
    from lookalike.learning.recorded import Lesson, Moved, Traffic
    from lookalike.learning.resume import Kept
    from lookalike.learning.tally import Host
    from lookalike.traffic import Skipped

_SHOWN = 5  # entries that were skipped, told one by one
_OPERATIONS = 40  # operations in a table
_WORTH_JOBS = 128 * 1024 * 1024  # bytes for which processes are worth their start
#: Endings of files, by which a URL is told from a running API's.
RECORDING = re.compile(r"\.(?:har|json|ya?ml|ndjson|jsonl|flows?|mitm|cassette)(?:\.(?:gz|zst))?$|\.(?:gz|zst)$", re.I)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was told.

    output:   file or folder, None for what pyproject.toml names;  name: the API's;  html: pages teach too
    base_url: empty where the recording says;  format: empty where a file says
    jobs:     processes, 0 for as many as it is worth;  scheduler: Dask's address, or empty
    resume:   go on from where an earlier run was interrupted;  verbose: all that was skipped
    """

    output: Path | None = None
    folder: bool = False
    name: str = ""
    html: bool = False
    base_url: str = ""
    format: str = ""
    jobs: int = 0
    scheduler: str = ""
    resume: bool = True
    verbose: bool = False


def learn_recorded(sources: Sequence[str], options: Options) -> None:
    """Learn from files, folders, globs and URLs of recorded traffic, write the contracts, and tell.

    Ends with exit code 2 where a file that was named couldn't be read, after the rest was learned.
    """
    from lookalike.learning import recorded
    from lookalike.learning.plan import plan
    from lookalike.learning.resume import Kept, folder
    from lookalike.traffic import find

    targets = _Targets(options)
    works = plan(find(*sources), format=options.format)
    base_url = targets.base_url
    kept = Kept(folder() if options.resume else None, base_url)
    runner = _runner(options, works)
    with _progress(sum(work.size for work in works)) as moved, _interruptible(kept):
        traffic = recorded.read(works, runner, base_url=base_url, kept=kept, moved=moved)
    _check(traffic, works, sources)
    chosen = list(targets.choose(traffic.hosts, sources))
    for number, (host, path, contract) in enumerate(chosen):
        lesson = recorded.teach(contract, traffic, host, html=options.html)
        if len(chosen) > 1:
            out().say(("\n" if number else "") + host, "strong")
        _write(lesson, path)
    kept.forget()
    _tell_others(out(), traffic, {host for host, _, _ in chosen}, base_url)
    _tell(out(), traffic, options.verbose)


class _Targets:
    """Which hosts are learned, into which contracts."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._known: Contract | None = None
        self._path = options.output
        if self._path is not None and not options.folder:
            self._known = _existing(self._path)
        self.base_url = options.base_url.rstrip("/")
        if self._known is not None:
            if not self.base_url:
                self.base_url = (self._known.base_url or "").rstrip("/")
            else:
                _check_promised(self.base_url, self._known, self._path)

    def choose(self, hosts: Mapping[str, Host], sources: Sequence[str]) -> Iterator[tuple[str, Path, Contract]]:
        """Each host with its file, and the contract as it is so far. Raises UsageError where it can't be told which."""
        from lookalike.learning.fold import home_of
        from lookalike.learning.recorded import base_url_of, candidates

        if self.base_url:
            home = home_of(self.base_url)
            if home not in hosts or not hosts[home].taught:
                raise UsageError(_not_there(self.base_url, self._known, hosts))
            yield home, self._file(sources), self._contract(self.base_url, self._file(sources))
            return
        found = candidates(hosts)
        if not found:
            raise UsageError(f"nothing to learn from: {_quoted(sources)}: no exchange with an answer is in there")
        if self._options.folder:
            folder = self._path or Path()
            for name in found:
                path = folder / f"{name.replace(':', '-').strip('[]')}.yaml"
                yield name, path, self._contract(base_url_of(name, hosts[name]), path)
            return
        if len(found) > 1:
            raise UsageError(_several(found, hosts, sources, self._path))
        yield found[0], self._file(sources), self._contract(base_url_of(found[0], hosts[found[0]]), self._file(sources))

    def _file(self, sources: Sequence[str]) -> Path:
        if self._path is None:
            raise UsageError(
                f"where should the contract be written? Say it: -o contracts/NAME.yaml, after {_quoted(sources)}"
            )
        if self._options.folder:
            from lookalike.learning.fold import home_of

            return self._path / f"{home_of(self.base_url).replace(':', '-').strip('[]')}.yaml"
        return self._path

    def _contract(self, base_url: str, path: Path) -> Contract:
        from lookalike.contract.learning import begin

        known = self._known if path == self._path else _existing(path)
        return known or begin(base_url=base_url, name=path.stem, title=self._options.name or path.stem)


def _existing(path: Path) -> Contract | None:
    """The contract of a file, learned or a vendor's: beside the latter the evidence is kept."""
    from lookalike.contract import files

    return files.load(path) if path.exists() else None


def _servers(contract: Contract) -> list[str]:
    document = contract.document
    return [url.rstrip("/") for url in document.server_urls(document.root.get("servers"))]


def _check_promised(base_url: str, contract: Contract, path: Path | None) -> None:
    """Raises UsageError for a base URL on the host of a vendor's document that isn't one of its servers.

    What is learned there would be none of the document's operations, and the evidence would keep it.
    """
    from lookalike.learning.fold import home_of

    servers = _servers(contract)
    same = [url for url in servers if home_of(url) == home_of(base_url)]
    if contract.learned or not same or base_url in servers:
        return
    raise UsageError(
        f"{base_url} is no server of {path}, so nothing learned there would be one of its operations\n"
        f"Its servers on that host: --base-url {' or --base-url '.join(same)}"
    )


def _not_there(base_url: str, known: Contract | None, hosts: Mapping[str, Host]) -> str:
    from lookalike.learning.fold import home_of

    home = home_of(base_url)
    said = f"no exchange with {base_url} teaches anything" + (", which the contract is about" if known else "")
    if home not in hosts:
        return f"{said}\n{_listed(hosts)}\nIf one of them is that API: --base-url https://HOST" if hosts else said
    others = [url for url in _servers(known) if url != base_url and home_of(url) == home] if known is not None else []
    step = f"The document names {' and '.join(others)} too: --base-url {others[0]}" if others else (
        "Say where on that host the API begins: --base-url https://HOST/PATH"
    )  # fmt: skip
    return (
        f"{said}: {counted(hosts[home].n, 'exchange')} with {home}, all below other paths or without an answer\n{step}"
    )


def _several(found: Sequence[str], hosts: Mapping[str, Host], sources: Sequence[str], path: Path | None) -> str:
    output = path or Path("contracts/NAME.yaml")
    folder = output.parent if output.suffix else output
    each = folder if folder != Path() else Path("contracts")
    answer = "answer with JSON" if hosts[found[0]].json else "answer, none of them with JSON"
    return (
        f"which API is meant? {len(found)} hosts {answer}, and a contract is about one\n"
        f"{_listed({name: hosts[name] for name in found})}\n"
        f"One:  lookalike learn {_quoted(sources)} --base-url {_https(found, hosts)} -o {output}\n"
        f"Each: lookalike learn {_quoted(sources)} -o {each}{os.sep}"
    )


def _https(found: Sequence[str], hosts: Mapping[str, Host]) -> str:
    from lookalike.learning.recorded import base_url_of

    most = max(found, key=lambda name: (hosts[name].json, hosts[name].n, name))
    return base_url_of(most, hosts[most])


def _listed(hosts: Mapping[str, Host]) -> str:
    ordered = sorted(hosts.items(), key=lambda item: (-item[1].json, -item[1].n, item[0]))
    lines = [f"  {name}  {counted(host.n, 'exchange')}, {host.json:,} with JSON" for name, host in ordered[:20]]
    return "\n".join([*lines, *([f"  and {len(ordered) - 20} more hosts"] if len(ordered) > 20 else [])])


def _runner(options: Options, works: Sequence[Work]) -> Runner:
    from lookalike.learning.cluster import Cluster
    from lookalike.learning.jobs import Processes, here

    if options.scheduler:
        return Cluster(options.scheduler)
    jobs = options.jobs
    if not jobs:
        much = sum(work.size for work in works) >= _WORTH_JOBS and sum(work.chunks for work in works) > 1
        jobs = (
            (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) if much else 1
        )
    return Processes(jobs) if jobs > 1 else here


@contextmanager
def _progress(total: int) -> Iterator[Moved]:
    """A bar with the rate and the time left, on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda size, n: None
        return
    columns = (TextColumn("learning"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
               TextColumn("{task.fields[exchanges]:,} exchanges"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("learning", total=total or None, exchanges=0)
        seen = 0

        def moved(size: int, n: int) -> None:
            nonlocal seen
            seen += n
            progress.update(task, advance=size, exchanges=seen)

        yield moved


@contextmanager
def _interruptible(kept: Kept) -> Iterator[None]:
    """Ctrl-C writes nothing, and says what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        what = f"; {counted(kept.n, 'part')} of it kept: the same command goes on from there" if kept.n else ""
        err().say(f"interrupted, nothing is written{what}", "warn")
        raise typer.Exit(130) from None


def _check(traffic: Traffic, works: Sequence[Work], sources: Sequence[str]) -> None:
    """Raises the error of a file where no file could be read, FileError where none is a recording."""
    failed = list(traffic.failed.values())
    if failed and len(failed) == len(works):
        raise failed[0] if len(failed) == 1 else UsageError("\n".join(str(one) for one in failed))
    if not failed and not any(tally.n or tally.unanswered for tally in traffic.tallies.values()):
        reasons = "".join(f"\n  {one}" for one, _ in zip(_entries_first(traffic), range(_SHOWN), strict=False))
        raise FileError(
            _quoted(sources),
            f"no exchange could be read{reasons}",
            hint="Record or export it again, or name another recording: lookalike learn --help",
        )


def _write(lesson: Lesson, path: Path) -> None:
    from lookalike.contract import files

    path.parent.mkdir(parents=True, exist_ok=True)
    files.save(lesson.contract, path)
    screen = out()
    _table(screen, lesson.counted)
    document = "OpenAPI 3.1" if lesson.contract.learned else "unchanged, not learned"
    operations = counted(len(lesson.contract.operations), "operation")
    came = f"{counted(lesson.answers, 'answer')} from {counted(lesson.files, 'file')}"
    screen.table([
        ((str(from_here(path)), "good"), (f"{document}, {operations}", "dim")),
        ((str(from_here(files.evidence_path(path))), "good"), (f"the counts behind it; {came} came", "dim")),
    ])  # fmt: skip
    if lesson.pages:
        screen.say(
            f"  {counted(lesson.pages, 'exchange')} for browsers (pages, scripts, pictures) left out; "
            "--html learns them"
        )


def _table(screen: Screen, counted: Mapping[str, RecordingCounts]) -> None:
    """The operations that this run is about, with the statuses of their answers."""
    from lookalike.contract.ledger import Ledger, Recording

    found = Ledger({id_: Recording.of(counts, "") for id_, counts in sorted(counted.items())}).operations.values()
    ordered = sorted(found, key=lambda one: (one.path, one.method))
    rows: list[tuple[tuple[str, Style], tuple[str, Style]]] = [
        ((one.key, "strong"), (_statuses({status: answer.n for status, answer in one.counts.answers.items()}), ""))
        for one in ordered[:_OPERATIONS]
    ]
    screen.table(rows)
    if len(ordered) > _OPERATIONS:
        screen.say(f"  and {len(ordered) - _OPERATIONS} more operations", "dim")


def _statuses(seen: Mapping[str, int]) -> str:
    return ", ".join(status + (f" ({n:,} times)" if n > 1 else "") for status, n in sorted(seen.items()))


def _tell_others(screen: Screen, traffic: Traffic, chosen: Set[str], base_url: str) -> None:
    """What could be read, and is none of the contracts' business."""
    hosts = traffic.hosts
    others = sorted((name for name in hosts if name not in chosen), key=lambda name: (-hosts[name].n, name))
    elsewhere = sum(hosts[name].elsewhere for name in chosen if name in hosts)
    unanswered = sum(tally.unanswered for tally in traffic.tallies.values())
    if others:
        n = counted(sum(hosts[name].n for name in others), "exchange")
        listed = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else "")
        screen.say(f"  {n} with {counted(len(others), 'other host')} left out: {listed}", "dim")
    if elsewhere:
        screen.say(f"  {counted(elsewhere, 'exchange')} left out: not below {base_url}", "dim")
    if unanswered:
        n = counted(unanswered, "exchange")
        screen.say(f"  {n} left out: without an answer, or HEAD, OPTIONS, TRACE or CONNECT", "dim")


def _tell(screen: Screen, traffic: Traffic, verbose: bool) -> None:
    """What wasn't learned; ends with 2 where a file couldn't be read."""
    if traffic.left_out:
        told = _entries_first(traffic)
        reasons = Counter(one.why for one in told)
        screen.say(f"  {counted(traffic.left_out, 'entry', 'entries')} skipped", "warn")
        for one in told if verbose else told[:_SHOWN]:
            screen.say(f"    {one}", "warn")
        if not verbose and len(told) > _SHOWN:
            kinds = counted(len(reasons), "different reason") if len(reasons) > 1 else "all for one reason"
            screen.say(f"    and {traffic.left_out - _SHOWN:,} more ({kinds}); -v tells them", "warn")
    for error in traffic.failed.values():
        screen.say(f"  {error}", "bad")
    if traffic.failed:
        raise typer.Exit(2)


def _entries_first(traffic: Traffic) -> list[Skipped]:
    """What was skipped: entries of recordings before files that are none, as a project's folder has many of them."""
    return sorted(traffic.skipped, key=lambda one: not one.entry)


def _quoted(sources: Sequence[str]) -> str:
    import shlex

    return shlex.join(sources[:3]) + (" ..." if len(sources) > 3 else "")


def own_api(name: str) -> tuple[Path | None, str]:
    """The contract's file and base URL that pyproject.toml gives an API's name."""
    settings = config.load().apis[name]
    return settings.contract, settings.base_url or ""
