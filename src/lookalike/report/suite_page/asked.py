"""The section of what a run asked of the real APIs: what `asked.js` draws, as JSON values."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.counted import counted
from lookalike.report.data import shown
from lookalike.report.suite_page import Section

#: Title and lines of a list beside the differences.
Listed = tuple[str, Sequence[str]]
_MOST = 2_000


def asked_section(
    differences: Sequence[tuple[str, str, Sequence[str]]], lists: Sequence[Listed], *, against: str, asked: int
) -> Section:
    """What the real APIs answer otherwise, and what there is to say beside it.

    differences: the API, what differs, and the tests that would be wrong
    against:     what the answers were held to: `the mocks`, `the contract`
    asked:       how many distinct requests the tests made of the kind that is asked
    """
    differ = f"{counted(len(differences), 'place')} differ{'s' if len(differences) == 1 else ''} from {against}"
    data = {
        "against": against,
        "differences": [
            [shown(api), shown(what), [shown(test) for test in tests]] for api, what, tests in differences[:_MOST]
        ],
        "total": len(differences),
        "lists": [[title, [shown(line) for line in lines[:_MOST]], len(lines)] for title, lines in lists if lines],
    }
    told = differ if differences else f"no difference from {against}"
    return Section("asked", "The real APIs", f"{told}, {counted(asked, 'request')} made by the tests", data)
