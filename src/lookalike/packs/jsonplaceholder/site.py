"""The pages of the site."""

from __future__ import annotations

from lookalike.packs.jsonplaceholder.headers import Reply

_TYPE = "text/html; charset=UTF-8"
_HEAD = (
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{0}</title></head>\n<body>\n<h1>{0}</h1>\n'
)
_INDEX = (
    _HEAD.format("A lookalike of JSONPlaceholder")
    + """<p>This is a test double, not the public service. It answers like it, and stores nothing unless it was told to.</p>
<ul>
"""
    + "".join(
        f'<li><a href="/{name}">/{name}</a></li>\n'
        for name in ("posts", "comments", "albums", "photos", "todos", "users")
    )
    + '</ul>\n<p><a href="/guide.html">Guide</a></p>\n</body>\n</html>\n'
)
_GUIDE = (
    _HEAD.format("Guide")
    + """<p>Lists take filters (<code>/posts?userId=1</code>), <code>q</code>, <code>_sort</code> and <code>_order</code>,
<code>_page</code> and <code>_limit</code>, <code>_start</code> and <code>_end</code>, <code>_embed</code> and <code>_expand</code>.</p>
<p>Items: <code>/posts/1</code>. Of a parent: <code>/posts/1/comments</code>. POST, PUT, PATCH and DELETE are answered.</p>
</body>
</html>
"""
)
_PAGES = {"/": _INDEX, "/index.html": _INDEX, "/guide.html": _GUIDE}


def page(path: str) -> Reply | None:
    """The page at a path, None where there is none."""
    text = _PAGES.get(path)
    return None if text is None else Reply(200, text.encode(), _TYPE, static=True)
