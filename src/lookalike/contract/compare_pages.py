"""Pages that are turned in another way than before, or hold less: one finding in place of all that shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import DOCUMENT, SAYS, Form, Support
from lookalike.contract.compare_places import ITEMS, ROOT, key_place, split_place
from lookalike.contract.counts import AnswerCounts
from lookalike.contract.leads import Page, Way, known_page, page_of
from lookalike.contract.pagination import is_of_pages, is_size
from lookalike.counted import counted
from lookalike.messages import Response
from lookalike.shape.policy import grade, size
from lookalike.shape.shape import Shape

# What a way that is gone, and one that is new, shows as besides.
_SYMPTOMS = frozenset({
    "header-removed", "header-became-optional", "header-changed", "field-removed", "optional-field-removed",
    "field-became-optional", "field-renamed", "field-moved", "field-added",
})  # fmt: skip
# A single page of another length tells only after so many of one length, and never for sure: pages may vary.
_PAGES = 3
_ALONE = Support(4.0, "assumed")
# So many pages of one length tell, if those before lacked less than this share of the longest: by chance that is rare.
_MANY, _SPARE = 4, 0.21
_CERTAIN = 1000.0
_SIZE = "size"


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of the lists that an operation answers with.

    form:    of its bodies
    headers: the names that its answers may have, in lower case
    counts:  what was counted of its answers, None for a document
    targets: distinct targets that were asked
    sized:   whether a request that was learned from said how long a page is
    """

    form: Form
    headers: Collection[str]
    counts: AnswerCounts | None = None
    targets: int = 1
    sized: bool = False

    @property
    def page(self) -> Page | None:
        """How it leads on."""
        return known_page(self.form, self.headers)


@dataclass(frozen=True, slots=True)
class Got:
    """One answer: the request's query, the answer, and its body."""

    query: str
    response: Response
    body: Any

    @property
    def asked(self) -> dict[str, str]:
        """The query by name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def size(self) -> int | None:
        """How many items it asked for."""
        said = [value for name, value in self.asked.items() if is_size(name) and value.isdigit()]
        return int(said[0]) if said else None

    @property
    def page(self) -> Page | None:
        """What it says of pages, None where it is empty or no list."""
        return page_of(self.body, self.response.headers, self.asked)


def pages(known: Listed, got: Sequence[Got]) -> Iterator[Finding]:
    """What answers say of how their list is cut: another way to turn pages, and pages that hold less."""
    listed = [(one, page) for one in got if (page := one.page) is not None]
    old = known.page
    if old is None or not listed:
        return
    yield from _turned(known, old, [page for _, page in listed])
    yield from _smaller(known, listed)


def _turned(known: Listed, old: Page, fresh: Sequence[Page]) -> Iterator[Finding]:
    """Answers which lead on by a way that was never there, and none of which has a way that was."""
    gone = {way.place for way in old.ways}
    styles = {way.style for way in old.ways}
    if not gone or any(way.place in gone for page in fresh for way in page.ways):
        return
    new = [[way for way in page.leading if way.style not in styles] for page in fresh]
    leading = [ways for ways in new if ways]
    if not leading:
        return  # a last page, or the only one, leads nowhere
    ways = sorted({way for one in leading for way in one})
    support = max((_support(known, way, form) for way, form in old.ways.items()), key=lambda one: one.size)
    k = len(leading)
    now = f"{_words(ways)}, in {among(k, k, 'answer')} that {'leads' if k == 1 else 'lead'} on"
    yield _finding(old, ways, _before(known, old, support), now, support, k)


def _finding(old: Page, new: Sequence[Way], before: str, now: str, support: Support, k: int) -> Finding:
    places = (*sorted(way.place for way in old.ways), *(way.place for way in new))
    detail = "|".join(sorted({way.style for way in new}))
    return Finding(
        "pagination-changed", "", places, before, now, detail, support=support, k=k, m=k, statement="present"
    )


def _before(known: Listed, old: Page, support: Support) -> str:
    words = _words(sorted(old.ways))
    return f"{words}, {SAYS}" if support.certain or known.counts is None else f"{words}, {_seen(known.counts)}"


def _seen(counts: AnswerCounts) -> str:
    return f"in {counted(counts.n, 'answer')} seen"


def _words(ways: Sequence[Way]) -> str:
    """`page by json.page`, `link header by header Link`."""
    return ", ".join(f"{way.style} by {way.place.removeprefix('header ')}" for way in ways)


def _support(known: Listed, way: Way, form: Form | None) -> Support:
    """What it rests on that answers lead on so: those that did."""
    if known.counts is None:
        return DOCUMENT
    if form is None:
        n = known.counts.headers.get(way.place.removeprefix("header ").lower(), 0)
    elif form.shape is None:
        return DOCUMENT
    else:
        n = form.shape.n - form.shape.kind_counts.get("null", 0)
    targets = max(1, min(known.targets, n))
    s = size(n, targets)
    return Support(s, grade(s, targets))


def _smaller(known: Listed, listed: Sequence[tuple[Got, Page]]) -> Iterator[Finding]:
    """Pages that were longer, and are all cut at one length now though there are more items."""
    place, lists = _list_of(known.form)
    if lists is None or known.counts is None or lists.lengths is None:
        return
    shortest, longest = lists.lengths
    cut = [(one, page) for one, page in listed if page.further and _comparable(known, one, page.length)]
    at = min((page.length for _, page in cut), default=longest)
    k = len({one.query for one, _ in cut})
    if at >= longest or any(page.length > at for _, page in listed) or not _full(lists, sure=k < _MANY):
        return
    support = Support(lists.size, lists.grade)
    if k == 1:
        if shortest < longest or lists.kind_counts["array"] < _PAGES:
            return
        support = min(support, _ALONE, key=lambda one: one.size)
    now = f"{counted(at, 'item')} in {among(k, k, 'answer')} that {'has' if k == 1 else 'have'} a further page"
    yield _size_finding(place, lists, now, support, k)


def _size_finding(place: str, lists: Shape, now: str, support: Support, k: int) -> Finding:
    most = counted(lists.lengths[1] if lists.lengths is not None else 0, "item")
    before = f"up to {most} a page in {counted(lists.kind_counts['array'], 'list')} seen"
    return Finding(
        "pagination-changed", "", (place,), before, now, _SIZE, support=support, k=k, m=k, statement="kind"
    )  # fmt: skip


def _comparable(known: Listed, one: Got, length: int) -> bool:
    """Whether a page would be longer if it were cut as before: it asked for more, or nobody ever said how many."""
    return one.size > length if one.size is not None else not known.sized


def _list_of(form: Form) -> tuple[str, Shape | None]:
    if form.kinds == {"array"}:
        return ROOT + ITEMS, form.shape
    lists = [(name, one.form) for name, one in form.fields.items() if one.form.kinds == {"array"}]
    if form.kinds != {"object"} or len(lists) != 1:
        return "", None
    return key_place(ROOT, lists[0][0]) + ITEMS, lists[0][1].shape


def _full(lists: Shape, *, sure: bool = True) -> bool:
    """Whether the lists that were seen were mostly as long as the longest, as pages are but for the last.

    sure: at least half of them must have been, however the items were spread; else it is enough that it seems so
    """
    if lists.lengths is None or lists.items is None:
        return False
    n = lists.kind_counts.get("array", 0) - lists.empty
    shortest, longest = lists.lengths
    lacking = n * longest - lists.items.n
    if not sure and lacking < _SPARE * n * longest:
        return True
    # The shortest one lacks what it lacks; of the others each that isn't full lacks one item at least.
    short = 0 if not lacking else lacking if lists.empty else 1 + lacking - (longest - shortest)
    return 2 * (n - short) >= n > 0


def between(old: Listed, new: Listed) -> Iterator[Finding]:
    """The same for two contracts."""
    before, after = old.page, new.page
    if before is None or after is None:
        return
    gone, styles = {way.place for way in before.ways}, {way.style for way in before.ways}
    fresh = sorted(way for way in after.ways if way.style not in styles)
    if gone and fresh and not any(way.place in gone for way in after.ways):
        support = max((_support(old, way, form) for way, form in before.ways.items()), key=lambda one: one.size)
        k = _answers(_support(new, way, after.ways[way]) for way in fresh)
        now = f"{_words(fresh)}, {SAYS if new.counts is None else _seen(new.counts)}"
        yield _finding(before, fresh, _before(old, before, support), now, support, k)
    elif after.ways:
        yield from _smaller_between(old, new)


def _smaller_between(old: Listed, new: Listed) -> Iterator[Finding]:
    (place, was), (same, has) = _list_of(old.form), _list_of(new.form)
    if was is None or has is None or place != same or old.sized or new.sized:
        return
    full = _full(was) and _full(has) and has.kind_counts["array"] >= _PAGES
    if full and was.lengths is not None and has.lengths is not None and has.lengths[1] < was.lengths[1]:
        lists = has.kind_counts["array"]
        now = f"{counted(has.lengths[1], 'item')} at most, in {counted(lists, 'list')} seen"
        k = _answers([Support(has.size, has.grade)])
        yield _size_finding(place, was, now, Support(was.size, was.grade), k)


def _answers(rests: Iterable[Support]) -> int:
    """How many answers a statement of the newer contract is worth."""
    return max(1, int(min(max(one.size for one in rests), _CERTAIN)))


def without_symptoms(findings: Iterable[Finding], changed: Sequence[Finding]) -> list[Finding]:
    """Findings of one operation without what merely shows that its pages are turned in another way."""
    found = list(findings)
    if not any(one.detail != _SIZE for one in changed):
        return found
    return [one for one in found if not _is_symptom(one)]


def _is_symptom(one: Finding) -> bool:
    places: list[str] = [split_place(place)[1] for place in one.places]
    if one.kind == "field-renamed":
        places.append(key_place(ROOT, one.detail))
    elif one.kind == "field-moved":
        places.append(one.detail)
    return one.kind in _SYMPTOMS and all(map(is_of_pages, places))
