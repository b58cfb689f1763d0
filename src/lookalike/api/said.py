"""What people say of an API and its doubles, checked, with the word that was meant where one is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lookalike import config
from lookalike.double.misuse import nearest
from lookalike.errors import UsageError
from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.intercept.active import Scope

__tracebackhide__ = True

_AUTH_FORMS = ("basic", "bearer", "header")
API_HABITS = {
    **dict.fromkeys(("url", "host", "root", "server", "endpoint"), 'did you mean "base_url"?'),
    **dict.fromkeys(("path", "contract", "file", "openapi"), 'the contract comes first: Api("contracts/sky.yaml")'),
    **dict.fromkeys(
        ("token", "api_key", "headers"), 'credentials are auth={"bearer": "..."} or {"header": "Name: ..."}'
    ),
}
DOUBLE_HABITS = {
    **dict.fromkeys(
        ("base_url", "url", "name", "contract", "auth"), "that is said of the Api: Api(name, base_url=...)"
    ),
    **dict.fromkeys(
        ("assert_all_called", "assert_all_requests_are_fired"), "what may stay unused says so: .respond(...).optional()"
    ),
    **dict.fromkeys(("passthrough", "passthru_prefixes", "allowed_hosts", "allow_hosts"), 'did you mean "allow"?'),
}


def polite_rate(base_url: str) -> float:
    """How many requests a second an API gets unless somebody says otherwise; a server of one's own machine more."""
    from lookalike.intercept.active import is_loopback

    return 500.0 if is_loopback(split_url(base_url).host) else 5.0


def unknown(name: str, settings: config.Settings, packs: Sequence[str]) -> str:
    """What is told of a name that is neither configured nor a pack."""
    near = config.nearest(name, [*settings.apis, *packs]).rstrip()
    lines = [f"no API is called {name!r}" + (f"; {near}" if near else "")]
    if settings.apis:
        lines.append(f"  in {settings.path}: {', '.join(sorted(settings.apis))}")
    lines.append(f"  packs: {', '.join(packs)}")
    lines.append("A contract is named by its path: Api('./contracts/github.yaml'); with nothing known yet, by "
                 "Api(base_url='https://api.example.com').")  # fmt: skip
    return "\n".join(lines)


def hosts(allow: object, spelled: str) -> tuple[str, ...]:
    """Patterns of hosts; raises UsageError for anything but a list of text."""
    if isinstance(allow, str) or not isinstance(allow, Sequence) or not all(isinstance(one, str) for one in allow):
        raise UsageError(f'api.{spelled}(allow={allow!r}): allow is a list of host names: allow=["db", "*.internal"]')
    return tuple(allow)


def scope(scope: object, spelled: str) -> Scope:
    """A scope; raises UsageError for another word."""
    if scope == "process" or scope == "context":
        return scope
    raise UsageError(
        f'api.{spelled}(scope={scope!r}): scope is "process" (every thread and task) or "context" (this task, and '
        "what copies its context)"
    )


def seams(clients: Sequence[str] | None) -> frozenset[str] | None:
    """The seams of some clients, None for all. Raises UsageError for a client that nobody knows."""
    if clients is None:
        return None
    from lookalike.intercept.chosen import seams_of

    return seams_of(clients, "api.mock()")


def checked_auth(auth: object) -> dict[str, str]:
    """Credentials as they were given; raises UsageError, without showing a value, for another form."""
    forms = 'auth={"bearer": "..."}, {"basic": "user:password"} or {"header": "Name: ..."}'
    # No value is shown: it is a credential.
    if not isinstance(auth, Mapping):
        raise UsageError(f"Api(auth=...) takes a dict, not a {type(auth).__name__}; write {forms}")
    for form, value in auth.items():
        if form not in _AUTH_FORMS:
            hint = nearest(str(form), _AUTH_FORMS)
            raise UsageError(f"Api(auth=...): {form!r} isn't a known form; {hint + ' W' if hint else 'w'}rite {forms}")
        if not isinstance(value, str) or not value:
            raise UsageError(f"Api(auth=...): {form} is text that isn't empty; write {forms}")
    return dict(auth)


def called(wrongly: object, spelled: str) -> None:
    """Raises UsageError where a decorator was written without parentheses."""
    if wrongly is not None:
        raise UsageError(f"write @api.{spelled}() with parentheses, not @api.{spelled}")
