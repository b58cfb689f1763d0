"""requests-mock sends with the method that sessions had when it was imported, which may have been before the run."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from lookalike.audit.ear import Ear
from lookalike.audit.requests import heard_by

if TYPE_CHECKING:
    from lookalike.audit import Patching


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Let it send with the method that is heard."""
    patches.set(module, "_original_send", heard_by(ear, module._original_send))
