"""The pages of the site."""

from __future__ import annotations

from lookalike.packs.jsonplaceholder.headers import Reply

_TYPE = "text/html; charset=UTF-8"
_NAMES = ("posts", "comments", "albums", "photos", "todos", "users")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""
_INDEX = """<p>This is a test double of JSONPlaceholder, not the public service.</p>
<ul>
{links}
</ul>
<p><a href="/guide.html">Guide</a></p>"""
_GUIDE = """<p>Lists take filters (<code>/posts?userId=1</code>), <code>q</code>, <code>_sort</code>,
<code>_order</code>, <code>_page</code>, <code>_limit</code>, <code>_start</code>, <code>_end</code>,
<code>_embed</code> and <code>_expand</code>.</p>
<p>One of them is <code>/posts/1</code>, and what belongs to it <code>/posts/1/comments</code>.
POST, PUT, PATCH and DELETE are answered, too.</p>"""

_LINKS = "\n".join(f'<li><a href="/{name}">/{name}</a></li>' for name in _NAMES)
_START = _PAGE.format(title="A lookalike of JSONPlaceholder", content=_INDEX.format(links=_LINKS))
_PAGES = {"/": _START, "/index.html": _START, "/guide.html": _PAGE.format(title="Guide", content=_GUIDE)}


def page(path: str) -> Reply | None:
    """The page at a path, None where there is none."""
    text = _PAGES.get(path)
    return None if text is None else Reply(200, text.encode(), _TYPE, static=True)
