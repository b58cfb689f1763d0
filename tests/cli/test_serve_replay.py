"""`lookalike serve --replay`: recordings on a socket, for any program."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from lookalike.cli import app
from lookalike.messages import Exchange, Request, Response
from lookalike.traffic.har_file import write

CONTRACT = """\
openapi: 3.1.0
info: {title: Todos, version: "1"}
servers: [{url: https://api.example.com}]
paths:
  /todos:
    get:
      responses: {"200": {description: all, content: {application/json: {schema: {type: array}}}}}
"""


def test_recordings_are_served_and_the_last_answer_repeats(tmp_path: Path) -> None:
    (tmp_path / "todos.yaml").write_text(CONTRACT, encoding="utf-8")
    asked = Request("GET", "https://api.example.com/todos")
    write(tmp_path / "session.har", [Exchange(asked, Response(json=[number])) for number in (1, 2)])
    server = subprocess.Popen(
        [sys.executable, "-m", "lookalike.cli", "serve", "todos.yaml", "--replay", "session.har", "--port", "0"],
        cwd=tmp_path, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with server:
        assert server.stdout is not None
        told = server.stdout.readline()
        found = re.search(r"http://\S+", told)
        assert found is not None, told
        try:
            answers = []
            for _ in range(3):
                with urllib.request.urlopen(f"{found[0]}/todos", timeout=10) as response:
                    answers.append(json.load(response))
        finally:
            server.send_signal(signal.SIGINT)
        assert answers == [[1], [2], [2]]
        assert "answered 3 requests" in server.stdout.read()


def test_options_of_a_fake_are_not_those_of_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["serve", "jsonplaceholder", "--replay", "session.har", "--stateful"]) == 2
    assert "--stateful is of the fake" in capsys.readouterr().err
