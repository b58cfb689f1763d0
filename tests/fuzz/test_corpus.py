"""Every input that was kept, and inputs made of them: no reader crashes. What finds new ones is `make fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz.harness import CORPUS, TARGETS, Target

KEPT = [(name, path) for name, target in TARGETS.items() for path in target.corpus]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_kept(name: str) -> None:
    target = TARGETS[name]
    for path in target.corpus:
        try:
            target.run(path.read_bytes())
        except Exception as error:
            error.add_note(f"on {path}")
            raise


def test_the_corpus_is_small_and_each_target_has_some() -> None:
    assert {one.name for one in CORPUS.iterdir()} == set(TARGETS)
    assert all(target.corpus for target in TARGETS.values())
    assert sum(path.stat().st_size for _, path in KEPT) < 1_000_000


@st.composite
def mutated(draw: st.DrawFn, target: Target) -> bytes:
    """A kept input with a few changes: bytes flipped, cut, repeated, and taken from another input."""
    inputs = [path.read_bytes() for path in target.corpus]
    data = bytearray(draw(st.sampled_from(inputs)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 40))
        match draw(st.sampled_from(("bytes", "cut", "end", "repeat", "splice", "word"))):
            case "bytes":
                data[at : at + size] = draw(st.binary(max_size=size))
            case "cut":
                del data[at : at + size]
            case "end":
                del data[at:]
            case "repeat":
                data[at:at] = data[at : at + size] * draw(st.integers(1, 30))
            case "splice":
                other = draw(st.sampled_from(inputs))
                begin = draw(st.integers(0, len(other)))
                data[at:] = other[begin:]
            case "word":
                data[at:at] = draw(st.sampled_from(WORDS))
    return bytes(data[:20_000])


#: What formats give a meaning to.
WORDS = (
    b"{", b"}", b"[", b"]", b'"', b"\\", b"\n", b"\n- ", b": ", b"&a ", b"*a", b"!!binary ", b"<<: *a", b"null",
    b"-1", b"1e999", b'"\\ud800"', b"\xff", b"\0", b"\x1f\x8b", b"99999999999999999999", b"$ref", b"#/", b"http://[",
    b"..", b"%", b"\xef\xbb\xbf",
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_made_of_it(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(mutated(target))
    def check(data: bytes) -> None:
        target.run(data)

    check()
