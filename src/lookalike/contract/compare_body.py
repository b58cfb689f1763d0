"""A JSON body of fresh answers held against what a contract says, place by place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lookalike.contract.compare_asked import Asked
from lookalike.contract.compare_column import Column
from lookalike.contract.compare_extents import (
    always_now,
    branch_gone,
    extents,
    first_values,
    other_keys,
    parted,
    surely_gone,
    tuples,
)
from lookalike.contract.compare_finding import Finding, share
from lookalike.contract.compare_form import DOCUMENT, Form, Support, kind_words
from lookalike.contract.compare_moves import Added, Gone, removed, resolve, wrapping
from lookalike.contract.compare_older import Lacking
from lookalike.contract.compare_places import ITEMS, VALUES, key_place, kind_of
from lookalike.contract.compare_sent import Sent, Usual
from lookalike.contract.compare_tags import fewer_kinds, is_new_variant, other_link, told_by_tag
from lookalike.contract.kinds import Severity
from lookalike.counted import counted
from lookalike.shape.formats import BY_NAME, has_format, matching, names
from lookalike.shape.policy import Statement
from lookalike.shape.words import looks_like_identifier

_MOST_NAMED = 5
_MOST_NEW = 25
_PAGE = 5


def compare_body(
    form: Form, column: Column, *, place: str = "json", asked: Sequence[Asked] = (), usual: Usual | None = None
) -> list[Finding]:
    """What contradicts a form in the bodies of fresh answers, without the operation's name.

    A subtree that is gone, a key that is renamed or moved, and a body that is wrapped are one finding each.

    asked: how the answers came about, in their order
    usual: what the learned requests had
    """
    walk = _Walk(asked, Sent(asked, usual or Usual(), form))
    walk.visit(form, column, place)
    return walk.findings()


class _Walk:
    """Collects what differs; keys that are gone or new wait until all are known, since one may be the other."""

    def __init__(self, asked: Sequence[Asked], sent: Sent) -> None:
        self.found: list[Finding] = []
        self.gone: list[Gone] = []
        self.added: list[Added] = []
        self._keys: frozenset[str] = frozenset()
        self._asked = asked
        self._sent = sent
        self._lacking = Lacking(asked)
        self._partly: list[tuple[Finding, str, frozenset[int]]] = []
        self._fewer = False  # of the kinds of objects that were seen some don't come

    def findings(self) -> list[Finding]:
        """All that differs, without what answers lack that are merely older."""
        found, gone, history = list(self.found), [], []
        for finding, name, older in self._partly:
            explained = self._lacking.explained(name, older)
            found.append(_of_the_past(finding) if explained == finding.k else _without(finding, explained))
        for one in self.gone:
            explained = self._lacking.explained(one.name, one.older)
            if explained and explained == one.k:
                history.append(one)
            else:
                gone.append(replace(one, k=one.k - explained, left_out=explained))
        return [*found, *map(_of_the_past, removed(history)), *resolve(gone, self.added)]

    def visit(self, form: Form, column: Column, place: str) -> None:
        """Compare the values at one place and below it."""
        if not column.n:
            return
        self._more(first_values(form, column, place))
        if form.unknown:
            return
        column = self._sent.without_given(form, column, place)
        wrapped = wrapping(form, column)
        if wrapped is not None and not self._sent.gave_all(form, column, place):
            words = wrapped.words
            now = f"{words}, in {counted(column.reached, 'answer')}"
            self._note(
                "body-wrapped", place, form.type_words(), now, _inner_support(form), column.reached, column, words
            )
            self.visit(wrapped.form, wrapped.column, place)
            return
        self._nulls(form, column, place)
        self._kinds(form, column, place)
        if "object" in form.kinds:
            self._objects(form, column.only("object"), place)
        self._more(extents(form, column, place, wanted=self._wanted))
        if "array" in form.kinds:
            moved = tuples(form, column.only("array"), place)
            self._more([moved] if moved else ())
            if moved is None and form.items is not None:
                self.visit(form.items, column.items, place + ITEMS)
        if form.enum:
            self._enum(form, column, place)
        elif "string" in form.kinds:
            self._format(form, column.only("string"), place)
            self._prefixes(form, column.only("string"), place)

    def _more(self, found: Iterable[Finding]) -> None:
        self.found += [replace(one, keys=self._keys) for one in found]

    @cached_property
    def _wanted(self) -> frozenset[str]:
        """What the requests asked for by name."""
        return frozenset().union(*(asked.values for asked in self._asked))

    def _note(
        self,
        kind: str,
        place: str,
        before: str,
        now: str,
        support: Support,
        k: int,
        column: Column,
        detail: str = "",
        severity: Severity | None = None,
        statement: Statement | None = None,
    ) -> None:
        self.found.append(
            Finding(
                kind, "", (place,), before, now, detail, severity, support, k, column.reached, self._keys,
                statement=statement,
            )
        )  # fmt: skip

    def _nulls(self, form: Form, column: Column, place: str) -> None:
        if form.nullable:
            return
        n, k = column.count(_is_null)
        if n:
            support = _partly(form, form.null_support, n, k, column)
            now = f"null {share(n, column.n, k)}"
            # A null is what data does; a page with many where pages had none is what a change of the API does.
            statement: Statement | None = "kind" if n >= _PAGE * k else None
            self._note("became-nullable", place, form.type_words(support), now, support, k, column, statement=statement)
            self.found[-1] = replace(self.found[-1], partly=n < column.n and statement is None)

    def _kinds(self, form: Form, column: Column, place: str) -> None:
        allowed = form.kinds | ({"integer"} if "number" in form.kinds else set()) | {"null"}
        bad = column.kinds - allowed
        if not bad:
            return
        n, k = column.count(lambda value: kind_of(value) in bad)
        fraction = bad == {"number"} and "integer" in form.kinds
        widened = fraction or bool(column.kinds & allowed - {"null"})
        kind = "type-widened" if widened else "item-type-changed" if place.endswith(ITEMS) else "type-changed"
        whole = fraction and not column.count(lambda value: type(value) is float and not value.is_integer())[0]
        now = f"{kind_words(bad)} {share(n, column.n, k)}"
        partly = n < column.n and n < _PAGE * k
        support = _partly(form, form.support, n, k, column) if partly and k == 1 else form.support
        severity = Severity.RISKY if whole else None
        self._note(kind, place, form.type_words(), now, support, k, column, "|".join(sorted(bad)), severity)
        self.found[-1] = replace(self.found[-1], partly=partly)

    def _objects(self, form: Form, column: Column, place: str) -> None:
        if not column.n:
            return
        mapped = other_keys(form, column, place)
        self._more([mapped] if mapped else ())
        if mapped is not None and form.values is None:
            return
        if form.values is not None:
            self.visit(form.values, column.map_values, place + VALUES)
            return
        if form.variants and column.key(form.tag).n:
            self._variants(form, column, place)
            return
        fields, above = form.fields, self._fewer
        self._fewer = above or fewer_kinds(form, column)
        for name, known in fields.items():
            self._presence(form, name, column, place)
            self._keys = frozenset(fields)
            values = column.key(name)
            self._lacking.see(name, values, required=known.required)
            self.visit(known.form, values, key_place(place, name))
        self._fewer = above
        self._keys = frozenset(fields)
        self._optional(form, column, place)
        if form.open:
            return
        fresh = [name for name in column.keys if name not in fields]
        if len(fresh) > _MOST_NEW:
            # So many keys are data: one finding, without their names.
            now = f"{len(fresh)} keys, in {counted(column.reached, 'answer')}"
            self._note("field-added", place + VALUES, "never seen", now, DOCUMENT, column.reached, column)
            return
        for name in fresh:
            self.added.append(Added(place, name, column.key(name), column, frozenset(fields)))

    def _optional(self, form: Form, column: Column, place: str) -> None:
        for name, known in form.fields.items():
            if known.seen is not None and not known.required:
                self._more(always_now(known.seen, name, column, place))
        gone = {one.name for one in self.gone if one.place == place}
        self._more(parted(form, column, place, gone))

    def _variants(self, form: Form, column: Column, place: str) -> None:
        """Each object against the variant that its tag names."""
        tags = {value: column.where(_Tagged(form.tag, value)) for value in form.variants}
        for value, tagged in tags.items():
            self._objects(form.variants[value], tagged, place)
        self._more(branch_gone(form, column, place, self._wanted))
        others = column.where(lambda one: one.get(form.tag) not in form.variants)
        if others.n and form.all_variants:
            self._keys = frozenset(form.fields)
            n, k = column.count(lambda one: one.get(form.tag) not in form.variants)
            before = form.string_words(_listed(sorted(form.variants)), form.support)
            values = sorted({_shown(value) for value in others.key(form.tag).scalars})
            now = f"{', '.join(values[:_MOST_NAMED]) or 'none'} {share(n, column.n, k, 'object')}"
            self._note("union-branch-added", key_place(place, form.tag), before, now, form.support, k, column)

    def _presence(self, form: Form, name: str, column: Column, place: str) -> None:
        missing, k = column.count(lambda one: name not in one)
        known = form.fields[name]
        if missing and known.required and not form.presence(name).certain:
            among = place.endswith(ITEMS)
            column = column.where(lambda one: not is_new_variant(form, one, among_others=among))
            missing, k = column.count(lambda one: name not in one)
        if not missing:
            return
        gone = missing == column.n
        keys = frozenset(form.fields)
        if known.required:
            support = form.presence(name)
            if not support.certain and (
                told_by_tag(form, name, column)
                or other_link(form, name, column, place)
                or self._sent.explains(form, place, name, column)
            ):
                return
            first = known.form.shape.first if known.form.shape is not None and not support.certain else ""
            older = self._lacking.miss(place, name, column, first)
            if gone:
                everything = not any(column.key(other).n for other in form.required)
                words = form.presence_words(name)
                tag = name == form.tag
                self.gone.append(
                    Gone(place, name, known.form, words, support, k, column, keys, tag, everything, older=older)
                )
                return
            # A few items without a key are what pages have; most of them without it aren't.
            few = 2 * missing <= column.n
            support = (
                form.of_answers(support, column.n / column.reached)
                if few
                else _partly(form, support, missing, k, column)
            )
            before = form.presence_words(name)
            now = f"missing {share(missing, column.n, k, 'object')}"
            finding = Finding(
                "field-became-optional", "", (key_place(place, name),), before, now,
                support=support, k=k, m=column.reached, keys=keys, partly=True,
            )  # fmt: skip
            self._partly.append((finding, name, older))
        elif (
            gone
            and column.reached > 1
            and not self._fewer
            and known.seen is not None
            and known.seen.present
            and surely_gone(known.seen, column.n, column.reached)
        ):
            words = form.presence_words(name)
            # It was judged here; the rule for what was always there doesn't apply.
            self.gone.append(Gone(place, name, known.form, words, DOCUMENT, k, column, keys, sometimes=True))

    def _enum(self, form: Form, column: Column, place: str) -> None:
        kinds = {kind_of(value) for value in form.enum}
        new: set[str] = set()
        # What was asked for by name is no news: `?status=sold` has sold things.
        wanted = self._wanted if not form.enum_support.certain else ()

        def outside(value: Any) -> bool:
            fresh = kind_of(value) in kinds and not any(value == one and type(value) is type(one) for one in form.enum)
            fresh = fresh and value not in wanted
            if fresh:
                new.add(_shown(value))
            return fresh

        n, k = column.count(outside)
        if not n:
            return
        kind = "enum-value-added" if len(form.enum) > 1 else "constant-changed"
        before = form.string_words(_listed(sorted(map(str, form.enum))), form.enum_support)
        now = f"{', '.join(sorted(new)[:_MOST_NAMED])} {share(n, column.n, k)}"
        self._note(kind, place, before, now, form.enum_support, k, column)

    def _format(self, form: Form, column: Column, place: str) -> None:
        if not column.n or form.format not in BY_NAME:
            return
        n, k = column.count(lambda value: not has_format(value, form.format))
        if not n:
            return
        found = names(matching(column.strings))
        words = BY_NAME[found[0]].words if found else "a string of another form"
        severity = None if BY_NAME[form.format].checked else Severity.RISKY
        now = f"{words} {share(n, column.n, k)}"
        self._note(
            "format-changed",
            place,
            form.type_words(),
            now,
            form.support,
            k,
            column,
            found[0] if found else "",
            severity,
        )

    def _prefixes(self, form: Form, column: Column, place: str) -> None:
        if not form.prefixes or not column.n:
            return
        n, k = column.count(lambda value: not value.startswith(form.prefixes))
        if n:
            before = form.string_words(f"beginning with {_listed(form.prefixes)}", form.support)
            now = f"begins otherwise {share(n, column.n, k)}"
            self._note("id-form-changed", place, before, now, form.support, k, column)


def _partly(form: Form, support: Support, n: int, k: int, column: Column) -> Support:
    """What a statement rests on that `n` values contradict in `k` answers, as few as these may be."""
    if n == column.n:
        return support
    values = column.n / column.reached
    return form.of_answers(support, values) if k > 1 else form.of_one_answer(support, values)


@dataclass(frozen=True, slots=True)
class _Tagged:
    """Whether an object's tag has a value."""

    tag: str
    value: str

    def __call__(self, one: Any) -> bool:
        return one.get(self.tag) == self.value  # type: ignore[no-any-return]  # a comparison of values


def _inner_support(form: Form) -> Support:
    """What a body's place rests on: each of the items that were found there was found below it."""
    inner = form.items.support if form.items is not None and "array" in form.kinds else form.support
    return max(form.support, inner, key=lambda one: one.size)


def _of_the_past(one: Finding) -> Finding:
    """A finding only in answers that are older than the evidence, or to a stranger: it counts for nothing else."""
    return replace(one, severity=Severity.INFO, now=f"{one.now}, older or asked for by somebody else", k=0, m=0)


def _without(one: Finding, answers: int) -> Finding:
    return replace(one, k=one.k - answers, m=one.m - answers)


def _is_null(value: Any) -> bool:
    return value is None


def _shown(value: Any) -> str:
    """A fresh value as a report may show it: only what looks like a word of a program, not like somebody's data."""
    if isinstance(value, str) and not looks_like_identifier(value):
        return "another value"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(f'"{value}"' for value in values[:_MOST_NAMED])
    more = len(values) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
