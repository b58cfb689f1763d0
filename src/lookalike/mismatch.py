"""One reason why something doesn't fit; nothing to explain means that it fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["violation", "warning"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One reason why a request doesn't match a route, or a value its contract.

    where:    the place: `method`, `path`, `header X-Id`, `query page`, `json.items[0].name`, `body`, `status`
    expected: words for what belongs there (`a string`, `/orders`)
    got:      words for what is there (`null`, `missing`, `"no"`)
    evidence: why that is expected (`boolean in all 200 values seen, in 1 response`), or empty
    hint:     the next step or the nearest right spelling (`did you mean "completed"?`), or empty
    level:    a `violation` fails the test, a `warning` goes into the report
    """

    where: str
    expected: str
    got: str
    evidence: str = ""
    hint: str = ""
    level: Level = "violation"

    def __str__(self) -> str:
        text = f"{self.where}: expected {self.expected}, got {self.got}"
        if self.evidence:
            text += f" ({self.evidence})"
        if self.hint:
            text += f"; {self.hint}"
        return text
