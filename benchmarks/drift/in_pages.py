"""Changes of how lists are cut into pages: another way to turn them, and fewer items on each."""

from __future__ import annotations

from typing import Any

from benchmarks.drift.planting import Ground, Plant, plants
from benchmarks.drift.survey import answered, body_of, edited

# What leads on in the simulated services, besides the header Link, and where it lies.
_LEADS = (("meta", "next_page"), ("", "next"), ("", "has_more"), ("cursors", "next"))
_COUNTS = ("page", "per_page", "total", "has_more")


@plants("pagination-changed")
def _turned_otherwise(ground: Ground) -> Plant | None:
    if ground.random.random() < 0.3:
        return _cut_shorter(ground)
    if all(one.response is not None and "Link" in one.response.headers for one in ground.fresh):
        return _by_cursor(ground)
    place = next((place for place in map(_place, _LEADS) if place in ground.places), "")
    if not place:
        return None
    by_page = place in ("json.has_more", "json.cursors.next", "json.next")
    token = f"{ground.random.getrandbits(40):x}"

    def edit(body: Any) -> None:
        holder = body if place.count(".") == 1 else body[place.split(".")[1]]
        holder.pop(place.rpartition(".")[2])
        for key in _COUNTS:
            holder.pop(key, None)
        body.update({"page_number": 3, "total_pages": 90} if by_page else {"next_cursor": token})

    return Plant("pagination-changed", place, [edited(one, edit) for one in ground.fresh])


def _place(lead: tuple[str, str]) -> str:
    return "json." + ".".join(part for part in lead if part)


def _by_cursor(ground: Ground) -> Plant:
    """A cursor in a header in place of Link."""
    headers: dict[str, str | None] = {"Link": None, "X-Next-Cursor": f"{ground.random.getrandbits(40):x}"}
    return Plant("pagination-changed", "header Link", [answered(one, headers=headers) for one in ground.fresh])


def _cut_shorter(ground: Ground) -> Plant | None:
    """Half as many items on each page, which lead on as before."""
    lists = [len(body) for one in ground.fresh if isinstance(body := body_of(one), list)]
    leads = all(one.response is not None and "Link" in one.response.headers for one in ground.fresh)
    if not lists or not leads or len(lists) < len(ground.fresh):
        return None
    length = min(lists) // 2
    return Plant("pagination-changed", "json[]", [edited(one, lambda body: body[:length]) for one in ground.fresh])
