"""A contract as one HTML page that needs nothing else: to search, and to walk through its trees.

All of it is in the file: no other one is asked for, and a policy in it forbids the browser to (Content Security
Policy, level 3). What a contract says is in the page as JSON, which the page's own script writes as text, never as
HTML; trees are drawn when they are opened, so that documents of a thousand operations stay quick.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote

from lookalike.codec import encode_json
from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import Disagreement
from lookalike.contract.operation import Operation
from lookalike.report.page.data import data_of

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{style_hash}'; script-src \
'{script_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="lookalike">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{told}</p>
</header>
<nav aria-label="Operations">
<div id="finding">
<input id="search" type="search" placeholder="Search operations" aria-label="Search operations" autocomplete="off">
<label id="only"{no_disagreements}><input id="disagreeing" type="checkbox"> only where document and traffic disagree</label>
<p id="count" role="status">{count}</p>
</div>
<ol>
{operations}
</ol>
</nav>
<main id="main" tabindex="-1">
<p class="hint">Choose an operation. <kbd>/</kbd> goes to the search.</p>
<noscript><p>The trees are drawn by the script of this page; without it only the list of operations is here.</p></noscript>
</main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""  # noqa: E501


def page(
    contract: Contract, operations: Sequence[Operation], disagreements: Iterable[Disagreement] = (), *, status: str = ""
) -> str:
    """The page of these operations of a contract; the same contract is the same page.

    status: only answers of this status
    Raises FileError where the document is broken.
    """
    found = list(disagreements)
    data = data_of(contract, operations, found, status=status)
    style, script = _asset("page.css"), _asset("page.js")
    kind = "learned" if contract.learned else "from a document"
    parts = (contract.base_url or "", contract.source, kind, _count(len(operations)))
    return _PAGE.format(
        title=escape(contract.title),
        told=" · ".join(escape(part) for part in parts if part),
        count=_count(len(operations)),
        no_disagreements="" if found else " hidden",
        operations="\n".join(_item(at, one, found) for at, one in enumerate(operations)),
        data=_embedded(data),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _count(number: int) -> str:
    return f"{number:,} operation{'' if number == 1 else 's'}"


def _item(at: int, operation: Operation, found: Sequence[Disagreement]) -> str:
    many = sum(one.operation == operation.key for one in found)
    mark = f' <b class="odd" title="document and traffic disagree">{many}</b>' if many else ""
    summary = f"<small>{escape(operation.summary)}</small>" if operation.summary else ""
    path = escape(operation.path).replace("/", "/<wbr>")  # long ones are broken there
    return (
        f'<li><a href="#{quote(operation.key)}" data-at="{at}"><span class="method {escape(operation.method.lower())}">'
        f"{escape(operation.method)}</span> <code>{path}</code>{mark}{summary}</a></li>"
    )


def _embedded(data: object) -> str:
    """JSON that no parser of HTML takes for anything else (HTML, restrictions for contents of script elements)."""
    text = encode_json(data).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
