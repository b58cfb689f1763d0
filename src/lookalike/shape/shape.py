"""What JSON looks like at a place, with how sure that is: the readable form of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Grade = Literal["assumed", "likely", "firm"]


@dataclass(frozen=True, slots=True)
class Property:
    """One key of an object.

    required: the key was in every object
    present:  objects that had the key, of `of` objects; `present_r` and `of_r` are the responses they were in
    size:     the effective size of the objects' sample, on which `required` rests; `grade` says it in a word
    """

    shape: Shape
    required: bool
    present: int
    of: int
    present_r: int = 0
    of_r: int = 0
    size: float = 0.0
    grade: Grade = "assumed"


@dataclass(frozen=True, slots=True)
class Union:
    """An object whose key `tag` tells which other keys it has: `{value of the tag: shape}`."""

    tag: str
    branches: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Shape:
    """What JSON looks like at a place.

    kinds:       JSON Schema's type names, sorted, without `null`; `()` where only null or nothing was seen
    kind_counts: values of each kind, `null` included
    nullable:    a null was seen
    n, r:        values seen, and the responses that they were in
    targets:     distinct request targets, at least 1 where anything was seen; counted up to a cap
    size, grade: the effective size of the sample and its word
    first, last: the days of the first and the last value, `YYYY-MM-DD`, `""` where unknown
    properties:  of an object with named keys, in order of name
    objects:     objects seen here, `objects_r` the responses they were in
    items:       of an array, None where every array was empty
    tuple_items: kinds of each position where all arrays have one length and positions differ, else `()`
    lengths:     shortest and longest array; `empty` counts the empty ones
    format:      the most specific format that all strings have, `""` for none
    enum:        the values of a string that takes few, sorted; `()` for none; enum_counts says how often each came
    words:       the values of a string seen so far, sorted, while they are few that look like words of a program
    prefixes:    what the strings begin with where that is a short list (`cus_`)
    text_lengths: shortest and longest string
    minimum, maximum: outer bounds of the numbers, to a power of ten; None until enough values were seen
    beyond:      numbers beyond 2**53, which JavaScript rounds
    map_values:  of an object whose keys are data: what the values look like
    map_form:    the form of a map's keys (`digits`, `uuid`, ...), `""` where they have none in common
    union:       of an object whose shape a tag decides
    open_keys:   keys that were too telling to be kept by name were seen beside the named ones
    companions:  optional keys that every object has either all or none of, in groups
    """

    kinds: tuple[str, ...] = ()
    kind_counts: Mapping[str, int] = field(default_factory=dict)
    nullable: bool = False
    n: int = 0
    r: int = 0
    targets: int = 0
    size: float = 0.0
    grade: Grade = "assumed"
    first: str = ""
    last: str = ""
    properties: Mapping[str, Property] = field(default_factory=dict)
    objects: int = 0
    objects_r: int = 0
    items: Shape | None = None
    tuple_items: tuple[tuple[str, ...], ...] = ()
    lengths: tuple[int, int] | None = None
    empty: int = 0
    format: str = ""
    enum: tuple[str, ...] = ()
    enum_counts: Mapping[str, int] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    text_lengths: tuple[int, int] | None = None
    minimum: int | None = None
    maximum: int | None = None
    beyond: int = 0
    map_values: Shape | None = None
    map_form: str = ""
    union: Union | None = None
    open_keys: bool = False
    companions: tuple[tuple[str, ...], ...] = ()
