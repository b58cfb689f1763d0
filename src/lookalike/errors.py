"""Every error lookalike raises, in one tree; each blames one side.

    LookalikeError
    ├── DoubleError (AssertionError)     a test meets these
    │   ├── UnmatchedRequest             the code's request matches no route
    │   ├── ContractViolation            a mocked reply, or a request, contradicts the contract
    │   ├── UnusedRoute                  the test declared what was never asked for
    │   └── BlockedConnection            a socket tried to leave while a double was active
    ├── UsageError (ValueError)          lookalike was used wrongly: the test, the command or the configuration
    │   ├── FileError                    a file can't be read as what it should be; names file and place
    │   └── NoSuchAttribute (AttributeError)   a name that other libraries have, and what is written here
    ├── UnknownRelease                   a client has changed where a double takes its requests over
    ├── InvalidJson (ValueError)         a body isn't JSON
    └── RealApiError                     the real API, or the way to it
        ├── Unreachable                  DNS, refusal, TLS, timeout, 429, 5xx, HTML in place of JSON
        └── CredentialsRefused           401 or 403

    LookalikeWarning (UserWarning)       said once, and filtered by class
    ├── NeverStopped                     a double was started and nobody stopped it
    └── UncoveredClient                  a client is there that no double in process reaches

A DoubleError is an AssertionError and no OSError or client exception, so `except requests.RequestException` in the
code under test doesn't swallow it.
"""

from __future__ import annotations

from lookalike.visible import visible


class LookalikeError(Exception):
    """The root: every error of lookalike is one. What its message repeats of others can't turn or hide text."""

    def __str__(self) -> str:
        return visible(super().__str__())


class DoubleError(LookalikeError, AssertionError):
    """A test's double and the code under test disagree."""


class UnmatchedRequest(DoubleError):
    """The code under test sent a request that no route of the double matches."""


class ContractViolation(DoubleError):
    """A mocked reply, or a request of the code under test, contradicts the contract."""


class UnusedRoute(DoubleError):
    """A declared route was never called, or a declared reply was never reached."""


class BlockedConnection(DoubleError):
    """A connection would have left the machine while a double was active."""


class UsageError(LookalikeError, ValueError):
    """lookalike was used wrongly; the message shows the wrong spelling and the right one."""


class FileError(UsageError):
    """A file can't be read as what it should be.

    `path` is the file, `place` where in it (a line, a JSON pointer, a byte), `hint` the next step.
    """

    def __init__(self, path: object, problem: str, *, place: str = "", hint: str = "") -> None:
        self.path = str(path)
        self.problem = problem
        self.place = place
        self.hint = hint
        where = f"{self.path}, {place}" if place else self.path
        super().__init__(f"{where}: {problem}" + (f"\n{hint}" if hint else ""))

    def __reduce__(self) -> tuple[object, ...]:
        return (_file_error, (self.path, self.problem, self.place, self.hint))


def _file_error(path: str, problem: str, place: str, hint: str) -> FileError:
    return FileError(path, problem, place=place, hint=hint)


class NoSuchAttribute(UsageError, AttributeError):
    """A UsageError for an attribute, which `hasattr` takes for what it is."""


class UnknownRelease(LookalikeError):
    """A client that is imported has changed where a double takes its requests over, so none could answer them."""


class InvalidJson(LookalikeError, ValueError):
    """A body isn't JSON; the message says where it stops being it."""


class RealApiError(LookalikeError):
    """The real API couldn't be asked, which is never drift."""


class Unreachable(RealApiError):
    """No usable answer came: `reason` is one word of `lookalike.live.ask.REASONS`."""

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return (_unreachable, (str(self), self.reason))


def _unreachable(message: str, reason: str) -> Unreachable:
    return Unreachable(message, reason=reason)


class CredentialsRefused(RealApiError):
    """The real API answered 401 or 403."""


class LookalikeWarning(UserWarning):
    """The root: every warning of lookalike that has a class of its own is one; its message is as an error's."""

    def __str__(self) -> str:
        return visible(super().__str__())


class NeverStopped(LookalikeWarning):
    """A double was started and never stopped; the message names the line that started it."""


class UncoveredClient(LookalikeWarning):
    """A client is there that no double in process reaches; the message names it and what carries its requests."""


# Shown by the name that people import: `lookalike.UnmatchedRequest`.
for _error in (
    LookalikeError, DoubleError, UnmatchedRequest, ContractViolation, UnusedRoute, BlockedConnection, UsageError,
    FileError, InvalidJson, RealApiError, Unreachable, CredentialsRefused,
):  # fmt: skip
    _error.__module__ = "lookalike"
