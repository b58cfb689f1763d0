"""A contract as one HTML page that needs nothing else: to search, and to walk through its trees.

Trees are drawn when they are opened, so that documents of a thousand operations stay quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote

from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import Disagreement
from lookalike.contract.operation import Operation
from lookalike.counted import counted
from lookalike.report.html import document
from lookalike.report.page.data import data_of

_BODY = """<header>
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
</main>"""  # noqa: E501  markup


def page(
    contract: Contract, operations: Sequence[Operation], disagreements: Iterable[Disagreement] = (), *, status: str = ""
) -> str:
    """The page of these operations of a contract; the same contract is the same page.

    status: only answers of this status
    Raises FileError where the document is broken.
    """
    found = list(disagreements)
    data = data_of(contract, operations, found, status=status)
    kind = "learned" if contract.learned else "from a document"
    parts = (contract.base_url or "", contract.source, kind, counted(len(operations), "operation"))
    body = _BODY.format(
        title=escape(contract.title),
        told=" · ".join(escape(part) for part in parts if part),
        count=counted(len(operations), "operation"),
        no_disagreements="" if found else " hidden",
        operations="\n".join(_item(at, one, found) for at, one in enumerate(operations)),
    )
    return document(title=contract.title, body=body, data=data, style=_asset("page.css"), script=_asset("page.js"))


def _item(at: int, operation: Operation, found: Sequence[Disagreement]) -> str:
    many = sum(one.operation == operation.key for one in found)
    mark = f' <b class="odd" title="document and traffic disagree">{many}</b>' if many else ""
    summary = f"<small>{escape(operation.summary)}</small>" if operation.summary else ""
    path = escape(operation.path).replace("/", "/<wbr>")  # long ones are broken there
    return (
        f'<li><a href="#{quote(operation.key)}" data-at="{at}"><span class="method {escape(operation.method.lower())}">'
        f"{escape(operation.method)}</span> <code>{path}</code>{mark}{summary}</a></li>"
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
