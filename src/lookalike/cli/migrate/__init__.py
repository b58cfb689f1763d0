"""`lookalike migrate`: tests that use other libraries' mocks and cassettes, rewritten to use lookalike."""

from lookalike.cli.migrate.command import EXAMPLE, migrate

__all__ = ["EXAMPLE", "migrate"]
