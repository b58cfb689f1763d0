"""One HTML file that needs nothing else: what every page of ours has around it.

No other file is asked for, and a policy in it forbids the browser to (Content Security Policy, level 3). What a page
says is in it as JSON, which the page's own script writes as text, never as HTML. What turns or hides
text is written out.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from lookalike.codec import encode_json
from lookalike.visible import visible, visible_json

_DOCUMENT = """<!doctype html>
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
{body}
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def document(*, title: str, body: str, data: object, style: str, script: str) -> str:
    """The whole file.

    title: plain text; body: markup, in which everything foreign is escaped already
    data:  what the script draws: JSON values, in the page as the element `data`
    """
    return _DOCUMENT.format(
        title=escape(visible(title)),
        body=visible(body),
        data=_embedded(visible_json(data)),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _embedded(data: object) -> str:
    """JSON that no parser of HTML takes for anything else (HTML, restrictions for contents of script elements)."""
    text = encode_json(data).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
