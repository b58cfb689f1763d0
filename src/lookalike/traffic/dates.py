"""When and how long, as recorders write it."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_BEFORE = 1990  # HTTP is younger: what says 1970 is a clock that was never set
UNKNOWN = "1970-01-01"  # what a clock says that knows no day, and a format that must name one
_MILLISECONDS = 1e11  # a count of seconds so large would be in the year 5138


def day_of(value: Any) -> str:
    """The day in UTC of a moment, `YYYY-MM-DD`; `""` for what is none.

    value: ISO 8601, a date of HTTP (RFC 9110, section 5.6.7), seconds or milliseconds since 1970, a datetime or a date
    """
    try:
        moment = _moment(value)
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
        return "" if moment is None else moment.strftime("%Y-%m-%d") if moment.year > _BEFORE else ""
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return ""


def _moment(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if abs(value) > _MILLISECONDS else value, UTC) if value > 0 else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if text[:4].isdigit():
        # More digits or another zone than Python reads: the day as it is written.
        return date.fromisoformat(text[:10].replace("/", "-"))
    return parsedate_to_datetime(text)


def seconds_of(value: Any, *, unit: float = 0.001) -> float:
    """A duration in seconds; 0 for what is none, or is negative.

    unit: what one is, in seconds
    """
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return 0.0
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        return 0.0
    try:
        seconds = float(value) * unit
    except OverflowError:
        return 0.0
    return seconds if math.isfinite(seconds) else 0.0
