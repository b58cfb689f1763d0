"""A route with its reply, as source text: `mock.get(url, params=...).respond(404, json=...)`."""

from __future__ import annotations

from dataclasses import dataclass, field

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_WIDTH = 110


@dataclass
class Declaration:
    """What a call of another library declares.

    method: source text of a method, or a verb in lower case; "*" for any
    asked:  the route's criteria by keyword, as source text
    reply:  what follows the route: `respond` with its arguments, `fail`, `pass_through`
    """

    method: str
    url: str
    asked: dict[str, str] = field(default_factory=dict)
    replies: list[Said] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def route(self, mock: str) -> str:
        """The route's declaration without a reply."""
        call = f"{mock}.{self.method}(" if self.method in VERBS else f"{mock}.route({self.method}, "
        return f"{call}{', '.join([self.url, *(f'{name}={value}' for name, value in self.asked.items())])})"

    def text(self, mock: str, column: int) -> str:
        """All of it; over several lines where one would be too long. LibCST indents those like the statement."""
        return self._on(self.route(mock), column)

    def then(self, route: str, column: int) -> str:
        """The replies added to those of a route that was declared before."""
        return self._on(f"{route}.then", column)

    def _on(self, start: str, column: int) -> str:
        parts = [one.text() for one in self.replies]
        whole = start + "." + ".then.".join(parts)
        if "\n" not in whole and column + len(whole) <= _WIDTH and not self.comments:
            return whole
        told = "".join(f"    {comment}\n" for comment in self.comments)
        if len(parts) == 1:
            return f"{start}.{self.replies[0].below(told)}"
        first, *others = parts
        lines = f"    .{first}\n" + "".join(f"    .then.{part}\n" for part in others)
        return f"(\n    {start}\n{told}{lines})"


@dataclass
class Said:
    """One reply: a method of a route with its arguments, as source text; `after` is called on what it returns."""

    verb: str
    arguments: list[str] = field(default_factory=list)
    after: str = ""

    def text(self) -> str:
        """On one line, as far as its arguments are."""
        return f"{self.verb}({', '.join(self.arguments)}){self.after}"

    def below(self, told: str) -> str:
        """An argument a line, `told` before them; one that has several lines itself stays where it is."""
        if not told and (not self.arguments or (len(self.arguments) == 1 and "\n" in self.arguments[0])):
            return self.text()
        lines = "".join(f"    {one},\n" for one in self.arguments)
        return f"{self.verb}(\n{told}{lines}){self.after}"
