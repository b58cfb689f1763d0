"""Path templates from skeletons: which names at a place are values, and what the parameters are called.

Decided when evidence is read, over everything that was recorded; the counts themselves are never folded by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lookalike.contract.paths import normal
from lookalike.contract.skeleton import ANY, at_root, is_door, is_form, is_version, verb_of

Path = tuple[str, ...]
# What an answer looks like, as the set of its places; two answers are alike by what they share.
Look = frozenset[str]

# Names that are resources of their own beside identifiers: `/users/me` beside `/users/{id}`.
_RESERVED_WORDS = """
    _all active all archived archive auth batch best blocked bookmarked bulk cancel check closed config controversial
    count counts current default direct download downvoted draft edit enabled export favorites favourites featured first
    followers following gilded health healthz hidden history home hot import inbox info invite last latest liked list
    local login logout lookup me mentions meta metadata mine nearby new oldest open outbox overview pending ping popular
    preview private profile public random recent resolved rising root saved scheduled schema search self sent session
    settings spam starred stats statistics status submitted subscribed subscriptions suggestions summary top total
    totals trash trending unread upcoming upload upvoted validate verify version versions watched whoami"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
# The look of what was always answered with 404.
NOT_FOUND: Look = frozenset({"404"})
_ALIKE = 0.8
# For one more name where names are known to vary: what differs is who asked, and when.
_ALSO_ALIKE, _ALSO_PLACES = 0.55, 8
_ENOUGH_PLACES = 3
_IRREGULAR = {
    "people": "person", "children": "child", "addresses": "address", "statuses": "status", "aliases": "alias",
    "indices": "index", "matrices": "matrix", "movies": "movie", "caches": "cache", "news": "news", "series": "series",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """A path template with the skeletons that it stands for, sorted."""

    path: str
    skeletons: tuple[Path, ...]


class _Node:
    __slots__ = ("children", "looks", "parents", "paths")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.looks: dict[str, Look] = {}
        self.paths: list[Path] = []
        self.parents = 1  # how many things of one kind have it

    def absorb(self, other: _Node) -> None:
        self.paths += other.paths
        for method, look in other.looks.items():
            self.looks[method] = self.looks.get(method, frozenset()) | look
        for name, child in other.children.items():
            own = self.children.get(name)
            if own is None:
                own = self.children[name] = _Node()
                own.parents = 0
            own.parents += child.parents
            own.absorb(child)


def find_templates(skeletons: Mapping[Path, Mapping[str, Look]]) -> list[Template]:
    """Templates for skeletons; each skeleton belongs to exactly one. Sorted by path.

    skeletons: for each, by method, the places of its successful answers (`[]`, `[].id`); empty where it has none,
               NOT_FOUND where all that was ever answered was 404
    """
    root = _Node()
    for path, looks in sorted(skeletons.items()):
        node = root
        for part in path:
            node = node.children.setdefault(part, _Node())
        node.looks = dict(looks)
        node.paths = [path]
    found: list[tuple[Path, tuple[Path, ...]]] = []
    _walk(root, (), found)
    return sorted((Template(_named(path), paths) for path, paths in found), key=lambda one: one.path)


def _walk(node: _Node, path: Path, found: list[tuple[Path, tuple[Path, ...]]]) -> None:
    if node.paths:
        found.append((path, tuple(sorted(node.paths))))
    for name, child in sorted(_joined(node, path).items()):
        _walk(child, (*path, name), found)


def _joined(node: _Node, path: Path) -> dict[str, _Node]:
    """The children with those that are values joined into one variable."""
    forms = sorted(name for name in node.children if is_form(name))
    names = sorted(name for name in node.children if not is_form(name))
    whole = [name for name in forms if name.endswith("}")]
    verbs = {name: verb for name in names if (verb := _verb(name, node.children[name]))}
    values = _varying(node, [name for name in names if name not in verbs], path, whole)
    endings = dict.fromkeys(values, "") | {name: verb for name, verb in verbs.items() if _has_verb(name, verb, path)}
    result = {name: node.children[name] for name in names if name not in endings}
    endings |= {name: name.rpartition("}")[2] for name in forms}
    for ending in sorted(set(endings.values())):
        same = sorted(name for name, its in endings.items() if its == ending)
        variable = _Node()
        for name in same:
            variable.absorb(node.children[name])
        # What was never there doesn't say what the identifiers are.
        telling = [name for name in same if is_form(name) or not _missing(node.children[name])] or same
        kinds = {name.rpartition("}")[0][1:] if is_form(name) else "*" for name in telling}
        kind = kinds.pop() if len(kinds) == 1 else "*" if "*" in kinds else "id"
        result["{" + kind + "}" + ending] = variable
    return result


def _verb(name: str, node: _Node) -> str:
    """What a name says is done with a thing, `:countTokens`: what is written as a verb, or only ever sent."""
    ending = verb_of(name) if not node.children else ""
    return ending if ending.lower() != ending or {*node.looks} == {"POST"} else ""


def _has_verb(name: str, verb: str, path: Path) -> bool:
    """Whether what is before a verb is a value: one of `/models`, as `gemini:countTokens`, and no `values:batchGet`."""
    stem = name.removesuffix(verb)
    if _value_like(stem):
        return True
    return not at_root(path) and not is_form(path[-1]) and singular(path[-1]) != path[-1] and singular(stem) == stem


def _varying(node: _Node, names: list[str], path: Path, forms: list[str]) -> set[str]:
    """The names that are values: alike in what they answer, and more of them than a chance."""
    if ANY in node.children:
        return set()
    candidates = [
        name for name in names if name.lower() not in _RESERVED and not _is_action(name, node.children[name], path)
    ]
    # Below an identifier a plural is what the thing has (`/orgs/{org}/members`), unless it is one of many names there.
    # So is what stands at the root of an API: `/v4/nodebalancers`, `/v4/volumes`.
    below = at_root(path) or is_form(path[-1])
    plurals = [name for name in candidates if below and singular(name) != name and not _value_like(name)]
    candidates = [name for name in candidates if name not in plurals]
    values: set[str] = set()
    for group in _alike_groups([(name, node.children[name]) for name in candidates]):
        # What several things have by the same names is a part of each; their own things would be named otherwise.
        parts = [name for name in group if node.children[name].parents > 1]
        if len(group) >= _wanted(group, path) and 2 * len(parts) < len(group):
            values |= set(group)
    if path and not is_form(path[-1]) and singular(path[-1]) != path[-1]:
        # `/types/g6-standard-1` is one of the types, however few were asked for; `/services/v2` is a version.
        values |= {name for name in candidates if _value_like(name) and not is_version(name)}
        values |= {name for name in candidates if _missing(node.children[name])}
    elif values or forms:
        values |= {name for name in candidates if _missing(node.children[name])}
    if values or forms:
        known, ids = [node.children[name] for name in sorted(values)], [node.children[name] for name in forms]
        # Where only identifiers are known, two words are what is asked: `/accounts/verify_credentials` beside numbers.
        alike = {
            name
            for name in candidates
            if any(_also_alike(node.children[name], one) for one in (known if "_" in name else known + ids))
        }
        values |= {name for name in alike if not at_root(path)}
        if path and not is_form(path[-1]) and singular(path[-1]) != path[-1]:
            values |= {name for name in candidates if _says_nothing(node.children[name])}
    values |= {name for name in plurals if any(_alike(node.children[name], node.children[one]) for one in values)}
    for form in forms:
        # Beside identifiers, a name that answers alike is one of them if it looks like a value itself.
        other = node.children[form]
        values |= {name for name in candidates if _value_like(name) and _alike(node.children[name], other)}
    return values


def _says_nothing(node: _Node) -> bool:
    """Whether a name only ever got answers without a body, as `PUT /user/following/octocat`."""
    return not node.children and not any(node.looks.values()) and "POST" not in node.looks


def _is_action(name: str, node: _Node, path: Path) -> bool:
    """Whether a name is what is done, with a thing or at all: `POST /accounts/7/follow`, `POST /api/vote`."""
    after = at_root(path) or is_form(path[-1]) or is_door(path[-1])
    return after and not node.children and {*node.looks} == {"POST"} and not _value_like(name)


def _also_alike(one: _Node, other: _Node) -> bool:
    """Whether a name answers mostly as those do that are known to be values."""
    pairs = [(ours, theirs) for ours, theirs in _shared(one, other, 0) if len(ours & theirs) >= _ALSO_PLACES]
    return any(len(ours & theirs) >= _ALSO_ALIKE * len(ours | theirs) for ours, theirs in pairs)


def _missing(node: _Node) -> bool:
    """Whether nothing was ever there: a name that only got 404 is a guess at an identifier."""
    return not node.children and bool(node.looks) and all(look == NOT_FOUND for look in node.looks.values())


def _wanted(group: list[str], path: Path) -> int:
    """How many names must be alike: fewer below a plural (`users`) or a name, and where they look like values."""
    if at_root(path) or all(singular(name) != name for name in group):
        return 5
    plural = not is_form(path[-1]) and singular(path[-1]) != path[-1]
    return 2 if plural or path[-1] == ANY or any(map(_value_like, group)) else 3


def _value_like(name: str) -> bool:
    return bool(re.search(r"\d|[A-Z].*[a-z]|[a-z].*[A-Z]|[%+@:,]|\w\.\w", name)) or name.count("-") >= 2


def _alike_groups(items: list[tuple[str, _Node]]) -> list[list[str]]:
    """Names joined where their answers are alike, in order."""
    groups: list[list[tuple[str, _Node]]] = []
    for name, node in items:
        joined = [group for group in groups if any(_alike(node, other) for _, other in group)]
        rest = [group for group in groups if not any(group is one for one in joined)]
        groups = [*rest, [entry for group in joined for entry in group] + [(name, node)]]
    return [[name for name, _ in group] for group in groups]


def _alike(one: _Node, other: _Node) -> bool:
    """Whether two places answer alike: something that both answer looks the same, and nothing looks different."""
    same = False
    for ours, theirs in _shared(one, other, 0):
        if len(ours | theirs) < _ENOUGH_PLACES:
            continue
        if len(ours & theirs) / len(ours | theirs) < _ALIKE:
            return False
        same = True
    return same


def _shared(one: _Node, other: _Node, depth: int) -> Iterable[tuple[Look, Look]]:
    for method in sorted(one.looks.keys() & other.looks.keys()):
        if one.looks[method] and other.looks[method]:
            yield one.looks[method], other.looks[method]
    if depth > 4:
        return
    common = sorted(one.children.keys() & other.children.keys())
    for name in common:
        yield from _shared(one.children[name], other.children[name], depth + 1)
    if not common and not one.looks and not other.looks:
        # Names of their own again, as below an owner: /repos/OWNER/NAME.
        for mine in one.children.values():
            for theirs in other.children.values():
                yield from _shared(mine, theirs, depth + 1)


def singular(word: str) -> str:
    """`posts` to `post`, `categories` to `category`; the word itself where it is no plural."""
    lower = word.lower()
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("zes", "ze")):
        if lower.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def _camel(text: str) -> str:
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", text) if part]
    if not parts:
        return "value"
    if text.isupper():
        parts = [part.lower() for part in parts]
    joined = parts[0][0].lower() + parts[0][1:] + "".join(part[0].upper() + part[1:] for part in parts[1:])
    return joined if joined[0].isalpha() else "value"


_NAMES: dict[str, Callable[[str, bool], str]] = {
    "date": lambda noun, last: "date",
    "number": lambda noun, last: "value",
    "email": lambda noun, last: "email",
    "*": lambda noun, last: noun or "name",
}


def _named(path: Path) -> str:
    """A path with its parameters named: `{id}` for the last segment, `{postId}` before it, `{user}` for names."""
    parts: list[str] = []
    taken: set[str] = set()
    for at, part in enumerate(path):
        if not is_form(part):
            parts.append(part)
            continue
        kind, _, ending = part[1:].partition("}")
        before = path[at - 1] if at and not is_form(path[at - 1]) else ""
        noun = _camel(singular(before)) if before else ""
        last = at == len(path) - 1
        if kind in _NAMES:
            name = _NAMES[kind](noun, last)
        else:
            name = "id" if last or not noun else f"{noun}Id"
        parts.append("{" + free_name(name, taken) + "}" + ending)
    return "/" + "/".join(parts)


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken already; it is taken from now on."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    taken.add(free)
    return free


def same(one: str, other: str) -> bool:
    """Whether two templates are the same but for their parameters' names."""
    return normal(one) == normal(other)
