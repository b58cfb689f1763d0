"""Which places of an answer the code under test reads, noted while it reads them.

`attach.begin(observer, ...)` turns it on and returns how to turn it off: JSON that a parser makes of a received body
is then of `tracked.TrackedDict`. Doubles of ours are heard by themselves; whoever else gives answers says so before the
code under test has them: `observer.received(Source(base_url, method, url, status), body)`. `observer.begin(test)` and
`observer.end()` stand around a test; `observer.by_operation(...)` is what came of it.
"""

from lookalike.reads.observer import Observer as Observer
from lookalike.reads.observer import Source as Source
