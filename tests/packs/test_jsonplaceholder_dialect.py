"""The dialect, answer by answer, as json-server 0.16.0 itself gave it over the same data.

`json_server_0_16.json` beside this file holds what it was asked and what it answered.
"""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from lookalike.messages import Request
from lookalike.packs import load
from lookalike.packs.jsonplaceholder import JsonPlaceholder

RECORDED = json.loads(Path(__file__).with_name("json_server_0_16.json").read_text())
ALWAYS = {
    "x-powered-by": "Express",
    "access-control-allow-credentials": "true",
}
# What the service sends besides, or otherwise than json-server, is tested on its own.
OURS = {"cache-control", "x-ratelimit-limit", "x-ratelimit-remaining", "content-length", "pragma", "expires"}


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> JsonPlaceholder:
    path = tmp_path_factory.mktemp("dump") / "db.json"
    path.write_text(json.dumps(RECORDED["db"]))
    made = load("jsonplaceholder").fake(data=path)
    assert isinstance(made, JsonPlaceholder)
    return made


def named(exchange: dict[str, Any]) -> str:
    return " ".join([exchange["ask"], *exchange.get("headers", {}).values(), exchange.get("body", "")])


@pytest.mark.parametrize("exchange", RECORDED["exchanges"], ids=named)
def test_it_answers_like_json_server(exchange: dict[str, Any], double: JsonPlaceholder) -> None:
    method, target = exchange["ask"].split(" ", 1)
    headers = {"Host": "host", "Accept-Encoding": "identity"} | {
        name.title(): value for name, value in exchange.get("headers", {}).items()
    }
    content = exchange.get("body", "").encode("utf-8", "surrogatepass")
    request = Request(method, f"https://jsonplaceholder.typicode.com{target}", headers.items(), content)
    response = double.handle(request)
    assert response.status == exchange["status"]
    answered = {name.lower(): value for name, value in response.headers.pairs if name.lower() not in OURS}
    if response.status == 500:
        del answered["etag"]
    assert answered == ALWAYS | exchange["answer"]
    if method == "HEAD":
        assert response.content == b""
        return
    text = unpacked(response.content, answered.get("content-encoding", "")).decode()
    if response.status == 500:
        assert text.split("\n")[0].startswith(exchange["text"])
        assert text.count("\n    at ") >= 3
    else:
        assert text == exchange["text"]


def unpacked(content: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.decompress(content)
    return zlib.decompress(content) if coding == "deflate" else content
