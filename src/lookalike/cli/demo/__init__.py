"""`lookalike demo`: the main job on a real socket, from nothing to drift, in six steps."""

from lookalike.cli.demo.command import EXAMPLE, demo

__all__ = ["EXAMPLE", "demo"]
