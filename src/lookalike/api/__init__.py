"""The face: what a test or a program says to lookalike. Each name is imported when it is first used."""

from __future__ import annotations

# As in the package's own file: importing typing would cost more than the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from lookalike.api.api import Api as Api
    from lookalike.api.doubles import Fake as Fake
    from lookalike.api.doubles import Mock as Mock
    from lookalike.api.doubles import Recording as Recording
    from lookalike.api.patcher import Patcher as Patcher
    from lookalike.api.skip import skip_real as skip_real
    from lookalike.api.structure import assert_same_structure as assert_same_structure
    from lookalike.api.structure import compare as compare

_HOME = {
    "Api": "lookalike.api.api",
    "Fake": "lookalike.api.doubles",
    "Mock": "lookalike.api.doubles",
    "Patcher": "lookalike.api.patcher",
    "Recording": "lookalike.api.doubles",
    "assert_same_structure": "lookalike.api.structure",
    "compare": "lookalike.api.structure",
    "skip_real": "lookalike.api.skip",
}

__all__ = ["Api", "Fake", "Mock", "Patcher", "Recording", "assert_same_structure", "compare", "skip_real"]


if not TYPE_CHECKING:  # checkers see the imports above, and so a name that isn't there is an error for them too

    def __getattr__(name: str) -> object:
        if name in _HOME:
            from importlib import import_module

            value = getattr(import_module(_HOME[name]), name)
            globals()[name] = value
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
