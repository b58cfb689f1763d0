"""What is kept on disk: believed if it is whole and one's own, bounded, and never needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookalike.contract.cache import Cache, key_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "lookalike" / "things"


def test_what_was_put_is_had_again(folder: Path) -> None:
    cache = Cache("things")
    key = key_of(b"a", b"bc")
    assert cache.get(key) is None
    cache.put(key, b"body")
    assert cache.get(key) == b"body"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / key).stat().st_mode & 0o077 == 0
    assert key_of(b"ab", b"c") != key


@pytest.mark.parametrize("broken", [b"", b"short", b"x" * 60])
def test_an_entry_that_is_not_whole_is_none(folder: Path, broken: bytes) -> None:
    cache = Cache("things")
    cache.put("key", b"body")
    (folder / "key").write_bytes(broken)
    assert cache.get("key") is None
    cache.put("key", b"again")
    assert cache.get("key") == b"again"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes are POSIX's")
def test_what_others_may_write_to_is_not_believed(folder: Path, tmp_path: Path) -> None:
    cache = Cache("things")
    cache.put("key", b"body")
    (folder / "key").chmod(0o666)
    assert cache.get("key") is None
    (folder / "key").chmod(0o600)
    assert cache.get("key") == b"body"
    folder.chmod(0o777)
    assert cache.get("key") is None
    cache.put("other", b"body")
    assert sorted(os.listdir(folder)) == ["key"]
    folder.chmod(0o700)
    (folder / "link").symlink_to(folder / "key")
    assert cache.get("link") is None


def test_a_folder_that_is_a_link_is_not_believed(folder: Path, tmp_path: Path) -> None:
    cache = Cache("things")
    cache.put("key", b"body")
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert cache.get("key") is None


def test_the_oldest_go_where_there_are_too_many(folder: Path) -> None:
    cache = Cache("things", limit=1000)
    for number in range(5):
        cache.put(f"key{number}", b"x" * 280)
        os.utime(folder / f"key{number}", (number, number))
    assert sorted(os.listdir(folder)) == ["key2", "key3", "key4"]
    cache.put("large", b"x" * 2000)
    assert cache.get("large") is None
    assert cache.get("key4") is not None


def test_how_old_an_entry_is(folder: Path) -> None:
    cache = Cache("things")
    assert cache.age("key", 100) == float("inf")
    cache.put("key", b"")
    os.utime(folder / "key", (40, 40))
    assert cache.age("key", 100) == 60
    assert cache.age("key", 10) == 0


def test_no_place_for_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache("things")
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    cache.put("key", b"body")
    assert cache.get("key") is None
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    cache.put("key", b"body")
    assert (cache.folder, cache.get("key"), cache.age("key", 1)) == (None, None, float("inf"))


def test_a_disk_that_is_full_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache("things")
    cache.put("key", b"body")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.put("other", b"body")
    assert os.listdir(folder) == ["key"]
