"""Plural and singular of the English nouns that name collections.

json-server finds related collections by these: `postId` belongs to `posts`, `?_expand=category` to `categories`.
"""

from __future__ import annotations

import re

_SAME = frozenset(
    (
        "aircraft", "bison", "chassis", "deer", "equipment", "fish", "information", "means", "media", "money", "moose",
        "news", "rice", "salmon", "series", "sheep", "species", "swine", "trout", "tuna",
    )
)  # fmt: skip
_IRREGULAR = {
    "child": "children", "die": "dice", "foot": "feet", "goose": "geese", "human": "humans", "leaf": "leaves",
    "life": "lives", "loaf": "loaves", "louse": "lice", "man": "men", "medium": "mediums", "mouse": "mice",
    "move": "moves", "ox": "oxen", "person": "people", "quiz": "quizzes", "roof": "roofs", "tooth": "teeth",
    "woman": "women",
}  # fmt: skip
_REGULAR = {plural: singular for singular, plural in _IRREGULAR.items()}

# The first rule that fits wins.
_PLURAL = [
    (r"(alumn|bacill|cact|foc|fung|nucle|radi|stimul|syllab|termin|uter|vir)(?:us|i)$", r"\1i"),
    (r"(agend|bacteri|criteri|dat|errat|memorand|ov|phenomen|strat|symposi)(?:um|on|a)$", r"\1a"),
    (r"sis$", "ses"),
    (r"(matr|append|vert|ind)(?:ix|ex)$", r"\1ices"),
    (r"([^aeiou]|qu)y$", r"\1ies"),
    (r"(ar|l|ea|eo|oa|hoo)f$", r"\1ves"),
    (r"(kni|wi)fe$", r"\1ves"),
    (r"(her|at|gr|potat|tomat|ech|vet)o$", r"\1oes"),
    (r"(ss|sh|ch|x|z|[^aou]us|alias|atlas|gas|iris)$", r"\1es"),
    (r"s$", "s"),
    (r"$", "s"),
]
_SINGULAR = [
    (r"(alumn|bacill|cact|foc|fung|nucle|radi|stimul|syllab|termin|uter|vir)i$", r"\1us"),
    (r"(bacteri|dat|errat|memorand|ov|strat|symposi)a$", r"\1um"),
    (r"(criteri|phenomen)a$", r"\1on"),
    (r"(cri|the|analy|ba|diagno|oa|parenthe|progno|synop|hypothe|neuro|cri)ses$", r"\1sis"),
    (r"(matr|append)ices$", r"\1ix"),
    (r"(vert|ind)ices$", r"\1ex"),
    (r"(movie|zombie|cookie|tie|pie|lie|selfie|genie|calorie|brownie)s$", r"\1"),
    (r"ies$", "y"),
    (r"(ar|l|ea|eo|oa|hoo)ves$", r"\1f"),
    (r"(kni|wi)ves$", r"\1fe"),
    (r"(her|at|gr|potat|tomat|ech|vet)oes$", r"\1o"),
    (r"(ss|sh|ch|x|zz|[^aou]us|alias|atlas|gas|iris)es$", r"\1"),
    (r"(ss|us|is|alias|atlas|gas)$", r"\1"),
    (r"s$", ""),
]


def plural(word: str) -> str:
    """`post` becomes `posts`; what is a plural already stays."""
    if word.lower() in _REGULAR:
        return word
    return _turned(word, _IRREGULAR, _PLURAL)


def singular(word: str) -> str:
    """`posts` becomes `post`; what is a singular already stays."""
    if word.lower() in _IRREGULAR:
        return word
    return _turned(word, _REGULAR, _SINGULAR)


def _turned(word: str, irregular: dict[str, str], rules: list[tuple[str, str]]) -> str:
    lower = word.lower()
    if not word or lower in _SAME:
        return word
    if lower in irregular:
        found = irregular[lower]
        return found.upper() if word.isupper() else (found.capitalize() if word[0].isupper() else found)
    for pattern, replacement in rules:
        turned, count = re.subn(pattern, replacement, word, count=1, flags=re.IGNORECASE)
        if count:
            return turned
    return word
