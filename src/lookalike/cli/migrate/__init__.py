"""`lookalike migrate`: tests that use responses or requests-mock, rewritten to use lookalike."""

from lookalike.cli.migrate.command import EXAMPLE, migrate

__all__ = ["EXAMPLE", "migrate"]
