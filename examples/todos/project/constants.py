"""What depends on where the project runs."""

import os

#: The API; TODOS_BASE_URL points the project at a stand-in on a socket, such as `lookalike serve jsonplaceholder`.
BASE_URL = os.getenv("TODOS_BASE_URL", "http://jsonplaceholder.typicode.com").rstrip("/")

#: Whether to leave out the tests that ask the real API.
SKIP_REAL = os.getenv("SKIP_REAL", "").lower() not in ("", "0", "false", "no")
