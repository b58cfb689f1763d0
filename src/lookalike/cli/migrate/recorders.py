"""What recorders of vcrpy, pytest-recording and Betamax were told, as what a replay is told."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from lookalike.cli.migrate.edits import CantRewrite
from lookalike.cli.migrate.nodes import bound, code, dotted, literal, names_in, text_of
from lookalike.cli.migrate.urls import repr_of
from lookalike.secrets import is_secret_name

Options = Mapping[str, cst.BaseExpression]

_KEYWORDS = ("match", "ignore", "placeholders", "exhausted", "unused", "allow", "into")
_CRITERIA = {
    **{name: name for name in ("method", "scheme", "host", "port", "path", "query", "headers", "body")},
    "uri": "url",
    "raw_body": "body",
    "json-body": "body",
    "form-urlencoded-body": "body",
}
_URL = ("scheme", "host", "port", "path", "query")
_UNWRITTEN = (
    "a cassette is replayed and never written",
    "lookalike export x.yaml --to har -o x.har, then api.replay(\"x.har\", record=\"new_episodes\")",
)  # fmt: skip
#: What can't be said in a keyword, and what to look at: by option.
_NOTED = {
    **dict.fromkeys(
        ("before_record_request", "before_record", "before_record_response", "before_save_interaction",
         "after_load_interaction", "filter_sensitive_data"),
        ("nothing runs before a recording is compared: credentials never are, and never are written",
         'ignore=["query x"] for what else differs, placeholders={"<TOKEN>": "env:TOKEN"}, a function in match=[...]'),
    ),
    "re_record_interval": ("a cassette is replayed and never written", 'max_age="30d": an older one fails'),
    "func_path_generator": ("it names the cassette when the test runs", "name the cassette: api.replay(path)"),
    "persister": ("the format is told by its content", "leave it out"),
}  # fmt: skip


@dataclass
class Recorder:
    """One that tests use: of which library, and what it was told when it was made or afterwards."""

    library: str
    options: dict[str, cst.BaseExpression] = field(default_factory=dict)

    def told(self, more: Options) -> dict[str, cst.BaseExpression]:
        """Its options with those of one use, which win."""
        return {**self.options, **more}


@dataclass
class Translated:
    """Keywords of `api.replay`, as source text, and what is to be looked at by hand."""

    keywords: dict[str, str]
    notes: list[tuple[str, str]]

    def text(self, first: str = "", *, own: Mapping[str, str] | None = None) -> str:
        """The arguments: the recording, then the keywords."""
        every = {**self.keywords, **(own or {})}
        shown = [f"{name}={every[name]}" for name in _KEYWORDS if name in every]
        return ", ".join([first, *shown] if first else shown)


def given(arguments: Sequence[cst.Arg], names: Sequence[str]) -> dict[str, cst.BaseExpression]:
    """Arguments by name. Raises CantRewrite where a star hides them."""
    found = bound(arguments, names)
    if found is None:
        raise CantRewrite("a star hides how it is replayed", 'api.replay(path, match=["method", "url"])')
    return found


def translated(options: Options) -> Translated:
    """What a replay is told. Raises CantRewrite for what has no form that surely means the same."""
    made = Translated({}, [])
    matched = _matched(options)
    made.keywords["match"] = "[" + ", ".join(map(repr_of, matched)) + "]"
    ignored = list(_ignored(options, matched))
    if ignored:
        made.keywords["ignore"] = "[" + ", ".join(map(repr_of, ignored)) + "]"
    if literal(options.get("allow_playback_repeats")) is True:
        made.keywords["exhausted"] = '"repeat"'
    made.keywords["unused"] = '"ignore"'
    if "ignore_hosts" in options and literal(options["ignore_hosts"]) not in ((), [], None):
        made.keywords["allow"] = code(options["ignore_hosts"])
    stands_for = _placeholders(options, made)
    if stands_for:
        made.keywords["placeholders"] = "{" + ", ".join(f"{name}: {value}" for name, value in stands_for) + "}"
    mode = options.get("record_mode", options.get("record"))
    if mode is not None and _word(mode) in ("new_episodes", "all", "any"):
        made.notes.append(_UNWRITTEN)
    made.notes += [
        _NOTED[name] for name in options if name in _NOTED and literal(options[name]) not in (None, (), [], False)
    ]
    made.notes = list(dict.fromkeys(made.notes))
    return made


def _word(mode: cst.BaseExpression) -> str:
    """`none` of `"none"`, `vcr.mode.NONE` and `RecordMode.NONE`."""
    return (text_of(mode) or dotted(mode).rpartition(".")[2]).lower()


def _matched(options: Options) -> list[str]:
    node = options.get("match_on", options.get("match_requests_on"))
    if node is None:
        return ["method", "url"]
    names = literal(node)
    if not isinstance(names, list | tuple | set):
        raise CantRewrite(f"match_on={code(node)} is only known when the test runs", 'match=["method", "url"]')
    told = [str(one) for one in names if one != "digest-auth"]
    own = [one for one in told if one not in _CRITERIA]
    if own:
        raise CantRewrite(
            f"{own[0]!r} is a matcher of your own",
            'a function of the recorded request and this one: match=["method", "url", function]',
        )
    found = sorted({_CRITERIA[one] for one in told}, key=[*_CRITERIA, "url"].index)
    if "url" in found or set(_URL) <= set(found):
        found = [one for one in found if one not in (*_URL, "url")]
        found.insert(1 if "method" in found else 0, "url")
    return found


def _names(options: Options, option: str) -> list[str]:
    node = options.get(option)
    if node is None:
        return []
    value = literal(node)
    if isinstance(node, cst.List | cst.Tuple) and value is ...:
        # What replaces a name may be an expression; the name is enough.
        firsts = [
            one.value.elements[0].value if isinstance(one.value, cst.Tuple) else one.value for one in node.elements
        ]
        value = [text_of(one) for one in firsts]
    if not isinstance(value, list | tuple) or None in value:
        raise CantRewrite(f"{option}={code(node)} is only known when the test runs", 'ignore=["query x"]')
    return [str(one[0] if isinstance(one, tuple | list) else one) for one in value]


def _ignored(options: Options, matched: Sequence[str]) -> Iterable[str]:
    if "url" in matched or "query" in matched:
        yield from (f"query {name}" for name in _names(options, "filter_query_parameters") if not is_secret_name(name))
    if "headers" in matched:
        yield from (f"header {name}" for name in _names(options, "filter_headers") if not is_secret_name(name))
    if "body" in matched:
        for name in _names(options, "filter_post_data_parameters"):
            if not is_secret_name(name):
                yield from (f"form {name}", f"json.{name}")


def _placeholders(options: Options, made: Translated) -> list[tuple[str, str]]:
    node = options.get("placeholders")
    found = []
    for one in node.elements if isinstance(node, cst.List | cst.Tuple) else ():
        pairs = {
            text_of(each.key): each.value
            for each in (one.value.elements if isinstance(one.value, cst.Dict) else ())
            if isinstance(each, cst.DictElement)
        }
        name, value = pairs.get("placeholder"), pairs.get("replace")
        if name is None or value is None or names_in(value) - {"os", "environ", "get", "getenv"}:
            made.notes.append(
                ("what stands for a secret is put together elsewhere", 'placeholders={"<TOKEN>": "env:TOKEN"}')
            )
            continue
        found.append((code(name), code(value)))
    return found


def place(recorder: Recorder, name: cst.BaseExpression | None, options: Options, function: str) -> tuple[str, str]:
    """The cassette's path as source text, and as text where it is written out, else `""`.

    name:     None where the cassette is named after the function that it decorates
    Raises CantRewrite where nobody can tell.
    """
    betamax = recorder.library == "betamax"
    folder = options.get("cassette_library_dir")
    suffix = ".json" if betamax else _suffix(options)
    at = text_of(folder) if folder is not None else "vcr/cassettes" if betamax else ""
    last = text_of(name) if name is not None else function
    if name is None and (not function or "func_path_generator" in options):
        raise CantRewrite("its cassette is named when the test runs", 'api.replay("cassettes/x.yaml")')
    if name is None and folder is None:
        named = function + suffix
        return f'os.path.join(os.path.dirname(__file__), "{named}")', ""
    if last is not None and not last.endswith(suffix):
        last += suffix
    if at is not None and last is not None:
        whole = last if not at or last.startswith(at) else posixpath.join(at, last)
        return repr_of(whole), whole
    return _joined(folder, at, name, last, suffix), ""


def _joined(
    folder: cst.BaseExpression | None, at: str | None, name: cst.BaseExpression | None, last: str | None, suffix: str
) -> str:
    """`f"cassettes/{name}.json"`, or `os.path.join(FOLDER, ...)`."""
    if last is not None:
        end = repr_of(last)
    else:
        inner = code(name) if name is not None else ""
        if not suffix and not at:
            end = inner
        elif any(sign in inner for sign in "{}\"'\\") or "\n" in inner:
            end = f"({inner}) + {repr_of(suffix)}" if suffix else inner
        else:
            before = f"{at.rstrip('/')}/" if at else ""
            return _in_folder(folder, at, f'f"{before}{{{inner}}}{suffix}"')
    if at:
        return f"os.path.join({repr_of(at)}, {end})"
    return _in_folder(folder, at, end)


def _in_folder(folder: cst.BaseExpression | None, at: str | None, end: str) -> str:
    return f"os.path.join({code(folder)}, {end})" if folder is not None and at is None else end


def _suffix(options: Options) -> str:
    """What `VCR.ensure_suffix(".yaml")` adds."""
    node = options.get("path_transformer")
    if node is None:
        return ""
    if isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2] == "ensure_suffix" and node.args:
        told = text_of(node.args[0].value)
        if told is not None:
            return told
    raise CantRewrite(f"path_transformer={code(node)} names the cassette", 'api.replay("cassettes/x.yaml")')
