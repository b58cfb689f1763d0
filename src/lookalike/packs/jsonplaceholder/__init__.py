"""JSONPlaceholder: the free fake REST API at jsonplaceholder.typicode.com, in json-server's 0.16 dialect.

The contract describes that dialect; `fake(dialect="1")` speaks another.
"""

from pathlib import Path

from lookalike.packs.jsonplaceholder.answering import BASE_URL
from lookalike.packs.jsonplaceholder.fake import JsonPlaceholder, make
from lookalike.packs.jsonplaceholder.one.fake import JsonServer1
from lookalike.packs.pack import Pack

__all__ = ["BASE_URL", "PACK", "JsonPlaceholder", "JsonServer1"]

PACK = Pack(
    name="jsonplaceholder",
    summary="posts, comments, albums, photos, todos and users; writes are answered and forgotten",
    base_url=BASE_URL,
    path=Path(__file__).with_name("openapi.json"),
    make=make,
)
