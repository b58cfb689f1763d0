"""The tree of errors: who is blamed, what swallows it, and that each can be pickled (xdist sends them)."""

from __future__ import annotations

import inspect
import pickle

import pytest

from lookalike import errors

TREE: dict[str, tuple[type[BaseException], ...]] = {
    "LookalikeError": (Exception,),
    "DoubleError": (errors.LookalikeError, AssertionError),
    "UnmatchedRequest": (errors.DoubleError,),
    "ContractViolation": (errors.DoubleError,),
    "UnusedRoute": (errors.DoubleError,),
    "BlockedConnection": (errors.DoubleError,),
    "UsageError": (errors.LookalikeError, ValueError),
    "FileError": (errors.UsageError,),
    "NoSuchAttribute": (errors.UsageError, AttributeError),
    "UnknownRelease": (errors.LookalikeError,),
    "InvalidJson": (errors.LookalikeError, ValueError),
    "RealApiError": (errors.LookalikeError,),
    "Unreachable": (errors.RealApiError,),
    "CredentialsRefused": (errors.RealApiError,),
    "LookalikeWarning": (UserWarning,),
    "NeverStopped": (errors.LookalikeWarning,),
    "UncoveredClient": (errors.LookalikeWarning,),
}

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, BaseException) and not name.startswith("_")
}


def test_the_tree_is_as_drawn() -> None:
    assert {name: value.__bases__ for name, value in CLASSES.items()} == TREE


def test_every_error_is_in_the_drawing() -> None:
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in CLASSES)


@pytest.mark.parametrize("kind", [value for value in CLASSES.values() if issubclass(value, errors.DoubleError)])
def test_what_a_test_meets_is_no_error_that_code_under_test_expects(kind: type[BaseException]) -> None:
    assert not issubclass(kind, (OSError, ValueError, RuntimeError))


@pytest.mark.parametrize(
    "error",
    [
        *(CLASSES[name]("told") for name in TREE if name not in ("FileError", "Unreachable")),
        errors.FileError("a.yaml", "is empty", place="line 3", hint="write something"),
        errors.Unreachable("told", reason="dns"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_can_be_pickled(error: BaseException) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_a_file_error_names_file_place_and_next_step() -> None:
    error = errors.FileError("a.yaml", "is empty", place="line 3", hint="write something")
    assert str(error) == "a.yaml, line 3: is empty\nwrite something"
    assert str(errors.FileError("a.yaml", "is empty")) == "a.yaml: is empty"
    assert (error.path, error.problem, error.place, error.hint) == ("a.yaml", "is empty", "line 3", "write something")


def test_unreachable_has_a_reason() -> None:
    assert errors.Unreachable("told", reason="dns").reason == "dns"
