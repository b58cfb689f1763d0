"""Several APIs in one run: those of different hosts at once, those of one host one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from lookalike.api import Api
from lookalike.contract.verdict import ApiReport
from lookalike.messages import split_url

_AT_ONCE = 8


def reports_of(apis: Sequence[Api], ask: Callable[[Api], ApiReport]) -> list[ApiReport]:
    """A report an API, in their order; what `ask` raises for the first of them is raised.

    A host's rate is kept, as no two of its APIs are asked at the same time.
    """
    hosts: dict[str, list[int]] = {}
    for position, api in enumerate(apis):
        hosts.setdefault(_host(api), []).append(position)
    found: dict[int, ApiReport] = {}

    def ask_host(positions: list[int]) -> None:
        for position in positions:
            found[position] = ask(apis[position])

    if len(hosts) == 1:
        ask_host(list(range(len(apis))))
    else:
        with ThreadPoolExecutor(min(_AT_ONCE, max(1, len(hosts))), "lookalike-apis") as pool:
            for asked in [pool.submit(ask_host, positions) for positions in hosts.values()]:
                asked.result()
    return [found[position] for position in range(len(apis))]


def _host(api: Api) -> str:
    contract = api.contract
    base_url = api.base_url or (contract.base_url if contract is not None else None)
    return split_url(base_url).host if base_url else ""
