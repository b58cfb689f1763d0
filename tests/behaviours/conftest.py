"""The marker `since`, as in tests/intercept."""

from __future__ import annotations

import pytest
from tests.versions import older


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what a client does only since a release: `make test-oldest` runs the tests with older ones."""
    if why := older(item):
        pytest.skip(why)
