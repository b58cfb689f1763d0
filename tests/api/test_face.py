"""What `import lookalike` offers."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

import lookalike
import lookalike.api


def test_at_most_thirty_sorted_names_and_each_is_there() -> None:
    names = lookalike.__all__
    assert len(names) <= 30
    assert names == sorted(names)
    for name in names:
        value = getattr(lookalike, name)
        assert getattr(value, "__name__", name) in (name, name.lower())
    assert set(names) <= set(dir(lookalike))


def test_the_room_of_the_face_has_its_names_too() -> None:
    for name in lookalike.api.__all__:
        assert callable(getattr(lookalike.api, name))
    assert lookalike.api.compare is lookalike.compare


@pytest.mark.parametrize("module", [lookalike, lookalike.api])
def test_other_names_are_attribute_errors(module: object) -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = module.nonsense  # type: ignore[attr-defined]  # wrong on purpose


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mock", 'lookalike.Api("NAME").mock()'),
        ("activate", 'lookalike.Api("NAME").mock()'),
        ("fake", 'lookalike.Api("NAME").fake()'),
        ("get", 'mock.get(...), of a mock: with lookalike.Api("NAME").mock() as mock'),
        ("add", 'mock.get(...), of a mock: with lookalike.Api("NAME").mock() as mock'),
        ("calls", 'mock.calls, of a mock: with lookalike.Api("NAME").mock() as mock'),
    ],
)
def test_a_name_that_other_libraries_have_at_their_top_says_what_is_written(name: str, told: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(lookalike, name)
    assert str(caught.value) == f"module 'lookalike' has no attribute {name!r}; write {told}"


def test_what_people_see_of_the_module_is_what_they_may_use() -> None:
    assert not {"TYPE_CHECKING", "annotations"} & set(dir(lookalike))


def test_the_static_names_are_the_dynamic_ones() -> None:
    """Each name of `__all__` stands in the TYPE_CHECKING block with the module that it is loaded from."""
    with open(lookalike.__file__ or "", encoding="utf-8") as file:
        source = file.read()
    for name, room in lookalike._HOME.items():
        assert f"from lookalike.{room} import {name} as {name}" in source
    assert sorted(lookalike._HOME) == lookalike.__all__


def test_errors_are_named_as_people_import_them() -> None:
    assert repr(lookalike.UnmatchedRequest) == "<class 'lookalike.UnmatchedRequest'>"
    for error in (lookalike.UsageError("a"), lookalike.FileError("a.yaml", "broken", place="line 1")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again)) == (type(error), str(error))


def test_every_name_can_be_the_first() -> None:
    """No import order is needed: each name is imported alone in a process of its own, a few at a time."""
    code = "import lookalike\nfor name in {names!r}: getattr(lookalike, name)"
    for start in range(0, len(lookalike.__all__), 10):
        names = lookalike.__all__[start : start + 10][::-1]
        subprocess.run([sys.executable, "-W", "error", "-c", code.format(names=names)], check=True)
