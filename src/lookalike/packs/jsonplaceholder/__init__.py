"""JSONPlaceholder: the free fake REST API at jsonplaceholder.typicode.com, in json-server's 0.16 dialect."""

from pathlib import Path

from lookalike.packs.jsonplaceholder.fake import BASE_URL, JsonPlaceholder, make
from lookalike.packs.pack import Pack

__all__ = ["BASE_URL", "PACK", "JsonPlaceholder"]

PACK = Pack(
    name="jsonplaceholder",
    summary="posts, comments, albums, photos, todos and users; writes are answered and forgotten",
    base_url=BASE_URL,
    path=Path(__file__).with_name("openapi.json"),
    make=make,
)
