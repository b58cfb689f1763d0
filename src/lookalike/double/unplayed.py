"""What is told of recordings: a request that none is alike to, and those that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from lookalike.counted import counted
from lookalike.double.columns import aligned, masked
from lookalike.double.declaration import declaration
from lookalike.double.nearness import distance
from lookalike.double.recorded import Playing
from lookalike.double.target import below
from lookalike.double.told import told_call, told_mismatch
from lookalike.messages import Request, SplitUrl
from lookalike.mismatch import Mismatch

_COMPARED = 20
_OTHERS = 5
_ROWS = 12
_BEGUN = 40
_SHOWN = 20
_FIRST = ("method", "host", "port", "path")


def told_miss(playing: Playing, request: Request, home: SplitUrl | None, *, ordered: bool, elsewhere: str) -> str:
    """The whole message for a request that no recording answers.

    elsewhere: how a new recording is made, to follow "Next: "
    """
    recorded = playing.recordings.recorded
    asked = told_call(request)
    path = below(request.path, home)
    line = declaration(request, path if path is not None else request.url.partition("?")[0])
    declared = f"Or declare it: {line.replace('mock.', 'replay.', 1)}"
    if not recorded:
        return f"{asked} is not recorded: the recording is empty.\n\nNext: {elsewhere}\n{declared}"
    found = playing.recordings.candidates(request)
    if found and ordered and playing.turn is not None and not playing.played[found[-1]]:
        return _out_of_turn(playing, asked, found)
    if found:
        return _all_played(playing, asked, found, elsewhere)
    ranked = _ranked(playing, request)
    _, at, why = ranked[0]
    parts = [
        f"{asked} matches none of {counted(len(recorded), 'recording')}.",
        "",
        f"Nearest: {_label(playing, at)}   (recorded in {recorded[at].place})",
        aligned(why, limit=_ROWS),
    ]
    if len(ranked) > 1:
        parts += ["Others:", *(f"  {_label(playing, at)}   {told_mismatch(masked(why[0]))}"
                               for _, at, why in ranked[1 : _OTHERS + 1] if why)]  # fmt: skip
        more = len(recorded) - _OTHERS - 1
        parts += [f"  ... and {more} more"] if more > 0 else []
    parts += ["", f"Next: {_ignoring(why)}{elsewhere}", declared]
    return "\n".join(parts)


def _label(playing: Playing, at: int) -> str:
    request = playing.recordings.plain[at]
    return (
        f"{request.method} {told_call(request).partition(' ')[2].partition('://')[2].partition('/')[2].join(('/', ''))}"
    )


def _ranked(playing: Playing, request: Request) -> list[tuple[float, int, list[Mismatch]]]:
    """The recordings that are nearest, each with why it doesn't answer; the address of all, the rest of a few."""
    recordings = playing.recordings
    comparison, plain = recordings.comparison, recordings.comparison.plain(request)
    address = [part for part in comparison.parts if part in _FIRST] or ["method"]
    begun = sorted(
        (distance(list(comparison.explain(one, plain, address)), one.path, plain.path), at)
        for at, one in enumerate(recordings.plain)
    )[:_COMPARED]
    told = []
    for _, at in begun:
        one = recordings.plain[at]
        why = list(islice(comparison.explain(one, plain), _BEGUN))
        why += comparison.doubts(recordings.recorded[at].exchange.request, request) if not why else ()
        told.append((distance(why, one.path, plain.path), at, why or _PERSONAL))
    return sorted(told, key=lambda one: one[:2])


_PERSONAL = [Mismatch("request", "the recorded personal data", "other data")]


def _ignoring(why: Sequence[Mismatch]) -> str:
    """How to leave out what differs, where that is named as a place."""
    kinds = ("query ", "header ", "form ", "json.", "json[")
    places = [one.where for one in why]
    if not 0 < len(places) <= 3 or not all(place.startswith(kinds) for place in places):
        return ""
    listed = ", ".join(f'"{place}"' for place in places)
    return f"fix the code's request; what differs each time is left out with ignore=[{listed}]; or "


def _all_played(playing: Playing, asked: str, found: Sequence[int], elsewhere: str) -> str:
    recorded = playing.recordings.recorded
    places = ", ".join(recorded[at].place for at in found[:_OTHERS])
    times = "once" if len(found) == 1 else f"{len(found)} times"
    return (
        f"{asked} is recorded {times}, and was asked for once more.\n\nPlayed already: {places}\n\n"
        f'Next: exhausted="repeat" lets the last one answer again; else {elsewhere}'
    )


def _out_of_turn(playing: Playing, asked: str, found: Sequence[int]) -> str:
    recorded, turn = playing.recordings.recorded, playing.turn or 0
    return (
        f"{asked} came out of turn.\n\nAsked for: {recorded[found[0]].place}\n"
        f"Its turn:  {_label(playing, turn)}   ({recorded[turn].place})\n\n"
        "Next: change the order of the code's requests, or leave out ordered=True."
    )


def told_unplayed(playing: Playing, left: Sequence[int]) -> str:
    """Recordings that were not played, in words; empty where there are none."""
    if not left:
        return ""
    recorded = playing.recordings.recorded
    what = "1 recording was" if len(left) == 1 else f"{len(left)} recordings were"
    lines = [f"  {_label(playing, at)}   ({recorded[at].place})" for at in left[:_SHOWN]]
    if len(left) > _SHOWN:
        lines.append(f"  ... and {len(left) - _SHOWN} more")
    return (
        f"{what} never played.\n\n" + "\n".join(lines) + "\n\n"
        'Next: record again what the code asks for now, or let recordings stay unplayed: unused="ignore".'
    )
