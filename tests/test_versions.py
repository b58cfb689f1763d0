"""What is said of clients' releases is what is tested."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.versions import Client, clients, lowest, numbers, wanted

ROOT = Path(__file__).parents[1]
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
# botocore is asked for by way of boto3, and httpcore by way of httpx.
THROUGH = {"botocore": "boto3", "httpcore": ""}


@pytest.mark.parametrize("client", clients(), ids=lambda client: client.name)
def test_the_oldest_is_the_lower_bound(client: Client) -> None:
    name = THROUGH.get(client.name, client.name)
    if not name:
        return
    group = GROUPS[client.alone or "test"]
    bound = next(one for one in group if isinstance(one, str) and re.split("[><=!]", one)[0] == name)
    said = numbers(bound.partition(">=")[2])
    assert said == numbers(client.oldest)[: len(said)]
    assert numbers(client.oldest) <= numbers(client.newest)


@pytest.mark.parametrize("client", [one for one in clients() if not one.alone], ids=lambda client: client.name)
def test_what_is_installed_is_in_the_range(client: Client) -> None:
    """Newer ones than the table's may be out already; that is found by running the tests with them."""
    assert numbers(version(client.name)) >= numbers(client.oldest)


def test_what_pip_is_asked_for() -> None:
    assert "urllib3==1.26.15" in wanted("oldest")
    assert "httpx<1" in wanted("next")
    assert not {"niquests", "urllib3-future"} & set(wanted("next"))
    assert {"orjson==3.9.15", "requests==2.31", "uvloop==0.19"} <= set(lowest())
    assert wanted("next", "niquests") == ["niquests", "urllib3-future"]
