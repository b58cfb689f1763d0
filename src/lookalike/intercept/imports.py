"""Do something to a module as soon as it is imported, without importing it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

Hook = Callable[[ModuleType], None]


class _HookedLoader(Loader):
    """The module's own loader, and then the hook."""

    def __init__(self, loader: Loader, after: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._after = after

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module keeps no trace of the hook: its loader is its own again before its code runs.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._after(module)


class _Finder(MetaPathFinder):
    """Stands first in `sys.meta_path`, answers only for the watched modules, and lets the others find them."""

    def __init__(self) -> None:
        self.hooks: dict[str, list[Hook]] = {}
        self.watches: tuple[tuple[Collection[str], Hook], ...] = ()
        self._searching = threading.local()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not self._is_watched(fullname) or getattr(self._searching, "name", None) == fullname:
            return None
        self._searching.name = fullname
        try:
            spec = find_spec(fullname)
        finally:
            self._searching.name = None
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _HookedLoader(spec.loader, self._imported)
        return spec

    def _is_watched(self, name: str) -> bool:
        return name in self.hooks or any(name in names for names, _ in self.watches)

    def _imported(self, module: ModuleType) -> None:
        # Who watches for several may put in a seam with a hook of its own for this one.
        for names, hook in self.watches:
            if module.__name__ in names:
                hook(module)
        for hook in list(self.hooks.get(module.__name__, ())):
            hook(module)

    def stand(self) -> None:
        """Be in `sys.meta_path` exactly while there is something to watch."""
        if not (self.hooks or self.watches):
            if self in sys.meta_path:
                sys.meta_path.remove(self)
        elif self not in sys.meta_path:
            sys.meta_path.insert(0, self)


_finder = _Finder()
_lock = threading.Lock()


def when_imported(name: str, hook: Hook) -> Callable[[], None]:
    """Call `hook` with the module `name` now if it is imported, else as soon as it is. Returns how to stop watching."""
    with _lock:
        _finder.hooks.setdefault(name, []).append(hook)
        _finder.stand()

    def stop() -> None:
        with _lock:
            hooks = _finder.hooks.get(name, [])
            if hook in hooks:
                hooks.remove(hook)
            if not hooks:
                _finder.hooks.pop(name, None)
            _finder.stand()

    module = sys.modules.get(name)
    if module is not None and not getattr(module.__spec__, "_initializing", False):
        try:
            hook(module)
        except BaseException:
            stop()
            raise
    return stop


def watch(hooks: Mapping[str, Hook], undo: Callable[[], None]) -> Callable[[], None]:
    """`when_imported` for several modules. Returns how to stop watching, which then calls `undo`.

    Where a hook raises now, what the others have done is undone.
    """
    # No ExitStack: each test that has a double comes here several times.
    stops: list[Callable[[], None]] = []

    def stop() -> None:
        try:
            for one in reversed(stops):
                one()
        finally:
            undo()

    try:
        for name, hook in hooks.items():
            stops.append(when_imported(name, hook))
    except BaseException:
        stop()
        raise
    return stop


def when_any_imported(names: Collection[str], hook: Hook) -> Callable[[], None]:
    """Call `hook` with each of these modules that gets imported from now on. Returns how to stop watching."""
    watch = (names, hook)
    with _lock:
        _finder.watches = (*_finder.watches, watch)
        _finder.stand()

    def stop() -> None:
        with _lock:
            _finder.watches = tuple(one for one in _finder.watches if one is not watch)
            _finder.stand()

    return stop
