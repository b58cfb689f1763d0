"""Names with values as HTTP has them: repeated ones are kept, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Pairs = Iterable[tuple[str, str]]


class MultiDict(Mapping[str, str]):
    """An immutable mapping that keeps repeated names and their order; `[name]` is the first value."""

    __slots__ = ("_index", "_pairs")

    def __init__(self, pairs: MultiDict | Mapping[str, str | Iterable[str]] | Pairs = ()) -> None:
        self._pairs = _as_pairs(pairs)
        self._index: dict[str, list[str]] | None = None

    @staticmethod
    def _key(name: str) -> str:
        return name

    def _values(self) -> dict[str, list[str]]:
        index = self._index
        if index is None:
            index = {}
            for name, value in self._pairs:
                index.setdefault(self._key(name), []).append(value)
            self._index = index
        return index

    def __getitem__(self, name: str) -> str:
        return self._values()[self._key(name)][0]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._key(name) in self._values()

    def __iter__(self) -> Iterator[str]:
        seen = set()
        for name, _ in self._pairs:
            key = self._key(name)
            if key not in seen:
                seen.add(key)
                yield name

    def __len__(self) -> int:
        return len(self._values())

    def get_all(self, name: str) -> list[str]:
        """Every value of `name`, in order; an empty list if there is none."""
        return list(self._values().get(self._key(name), ()))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All (name, value) pairs, in the order of the wire."""
        return self._pairs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MultiDict):
            return self._values() == other._values()
        if isinstance(other, Mapping):
            try:
                return self._values() == type(self)(other)._values()
            except (TypeError, AttributeError):
                # Names or values that are no text.
                return False
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(sorted((name, tuple(values)) for name, values in self._values().items())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self._pairs)!r})"


class Headers(MultiDict):
    """Header fields: names compare without case, repeated fields are kept (RFC 9110, section 5)."""

    __slots__ = ()

    @staticmethod
    def _key(name: str) -> str:
        return name.lower()

    def __getitem__(self, name: str) -> str:
        """All values of the field joined by a comma (RFC 9110, section 5.3); Set-Cookie gives the first."""
        if not isinstance(name, str):
            raise KeyError(name)
        values = self._values()[name.lower()]
        return values[0] if len(values) == 1 or name.lower() == "set-cookie" else ", ".join(values)


def _as_pairs(pairs: MultiDict | Mapping[str, str | Iterable[str]] | Pairs) -> tuple[tuple[str, str], ...]:
    if isinstance(pairs, MultiDict):
        return pairs._pairs
    if isinstance(pairs, Mapping):
        flat: list[tuple[str, str]] = []
        for name, value in pairs.items():
            if isinstance(value, str):
                flat.append((name, value))
            else:
                flat.extend((name, one) for one in value)
        return tuple(flat)
    return tuple(pairs)
