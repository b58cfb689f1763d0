"""What json-server throws, which its clients get as status 500 and the text of a stack trace."""

from __future__ import annotations

_AT = "/app/node_modules"
_EXPRESS = (
    f"Layer.handle [as handle_request] ({_AT}/express/lib/router/layer.js:95:5)",
    f"next ({_AT}/express/lib/router/route.js:137:13)",
    f"next ({_AT}/express/lib/router/route.js:131:14)",
    f"Route.dispatch ({_AT}/express/lib/router/route.js:112:3)",
    f"Layer.handle [as handle_request] ({_AT}/express/lib/router/layer.js:95:5)",
    f"{_AT}/express/lib/router/index.js:281:22",
    f"param ({_AT}/express/lib/router/index.js:354:14)",
    f"param ({_AT}/express/lib/router/index.js:365:14)",
    f"Function.process_params ({_AT}/express/lib/router/index.js:410:3)",
)
_PLURAL = f"{_AT}/json-server/lib/server/router/plural.js"

# Where each failure is thrown; the first line of the answer is what the service was seen to send for a PUT.
_FRAMES = {
    "update": (f"update ({_PLURAL}:262:24)", *_EXPRESS),
    "list": (f"list ({_PLURAL})", *_EXPRESS),
    "show": (f"show ({_PLURAL})", *_EXPRESS),
    "create": (f"create ({_PLURAL})", *_EXPRESS),
    "parse": ("JSON.parse (<anonymous>)", f"parse ({_AT}/body-parser/lib/types/json.js:89:19)",
              f"{_AT}/body-parser/lib/read.js:121:18"),
    "read": (f"readStream ({_AT}/raw-body/index.js:155:17)", f"getRawBody ({_AT}/raw-body/index.js:108:12)",
             f"read ({_AT}/body-parser/lib/read.js:77:3)"),
    "decode": ("decodeURIComponent (<anonymous>)", f"decode_param ({_AT}/express/lib/router/layer.js:172:12)",
               f"Layer.match ({_AT}/express/lib/router/layer.js:148:15)"),
}  # fmt: skip


class Thrown(Exception):
    """A failure inside the service."""

    def __init__(self, message: str, place: str) -> None:
        self.stack = "\n    at ".join((message, *_FRAMES[place]))
        super().__init__(message)
