"""A test run as one HTML page that needs nothing else, made of sections: the audit of its mocks, and whatever joins it.

A section is data, a title and a script of its own: the file `NAME.js` here, which sets `draw.NAME = (data) => node` for
page.js to call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from lookalike.report.html import document

_BODY = """<header>
<h1>{title}</h1>
<nav aria-label="Sections">
<ul>
{links}
</ul>
</nav>
</header>
<main id="main">
<noscript><p>The tables are drawn by the script of this page; without it only the headlines are here.</p></noscript>
</main>"""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page.

    name:  of its script, `audit`; also its anchor
    title: what stands above it; told: its outcome in a few words
    data:  JSON values that its script draws
    """

    name: str
    title: str
    told: str
    data: Any


def suite_page(sections: Sequence[Section], *, title: str = "Tests and the APIs that they mock") -> str:
    """The page of a run; the same sections are the same page."""
    links = "\n".join(
        f'<li><a href="#{escape(one.name)}">{escape(one.title)}</a> <small>{escape(one.told)}</small></li>'
        for one in sections
    )
    data = [{"name": one.name, "title": one.title, "told": one.told, "data": one.data} for one in sections]
    script = "\n".join([_asset("page.js"), *(_asset(f"{one.name}.js") for one in sections), "start();\n"])
    body = _BODY.format(title=escape(title), links=links)
    return document(title=title, body=body, data=data, style=_asset("page.css"), script=script)


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
