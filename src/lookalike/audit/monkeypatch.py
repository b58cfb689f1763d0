"""pytest's monkeypatch: functions that send requests, replaced with `setattr`."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Ear, place_outside
from lookalike.audit.known import sender_of
from lookalike.audit.mocks import patched_of

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Hear what is put in the place of a function that sends requests."""
    setting = module.MonkeyPatch.setattr
    known = patched_of(ear)

    @wraps(setting)
    def noted_setattr(self: Any, *args: Any, **kwargs: Any) -> None:
        setting(self, *args, **kwargs)
        with ear.quietly("monkeypatch"):
            target, name, original = self._setattr[-1]
            sender = sender_of(original)
            if sender is not None:
                new = vars(target).get(name)
                ours = known.register(new, sender, place_outside())
                if ours is not new:
                    setattr(target, name, ours)

    patches.set(module.MonkeyPatch, "setattr", noted_setattr)
