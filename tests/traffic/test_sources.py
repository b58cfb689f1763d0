"""What people name, as the files that it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import fsspec
import pytest

from lookalike.errors import FileError, UsageError
from lookalike.traffic import Source, files, find
from lookalike.traffic.sources import is_url, shown, unreadable


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.har", "a/z.har", "a/b/c.yaml", "a.har", ".git/x.har", "a/.hidden.har", "é.har"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (["b.har"], ["b.har"]),
        (["."], ["./a/b/c.yaml", "./a/z.har", "./a.har", "./b.har", "./é.har"]),
        (["a"], ["a/b/c.yaml", "a/z.har"]),
        (["*.har"], ["a.har", "b.har", "é.har"]),
        (["**/*.har"], ["a/z.har", "a.har", "b.har", "é.har"]),
        (["a*"], ["a/b/c.yaml", "a/z.har", "a.har"]),
        (["b.har", "a.har", "*.har"], ["b.har", "a.har", "é.har"]),
        (["-"], ["-"]),
    ],
)
def test_in_the_order_of_the_sources_each_sorted_none_twice(tree: Path, sources: list[str], found: list[str]) -> None:
    assert files(*sources) == found


def test_what_was_named_is_known_as_named(tree: Path) -> None:
    assert find("b.har", "a") == [Source("b.har", True), Source("a/b/c.yaml", False), Source("a/z.har", False)]
    assert find("*.har", tree / "b.har", "b.har")[1] == Source("b.har", True)


def test_a_name_with_a_globs_characters_is_that_file(tree: Path) -> None:
    (tree / "[x].har").write_bytes(b"x")
    assert find("[x].har") == [Source("[x].har", True)]


def test_the_home_folder_is_known(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tree))
    assert files("~/b.har") == [str(tree / "b.har")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_left_out_and_links_to_folders_end_nowhere(tree: Path) -> None:
    os.mkfifo(tree / "a" / "pipe")
    (tree / "a" / "loop").symlink_to(tree / "a")
    (tree / "a" / "link.har").symlink_to(tree / "b.har")
    assert files("a") == ["a/b/c.yaml", "a/link.har", "a/z.har"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("gone.har", "gone.har: no such file or folder"),
        ("gone/*.har", "gone/*.har: no file matches"),
        ("empty", "empty: the folder holds no file"),
        ("memory://gone-for-sure/*.har", "memory://gone-for-sure/*.har: no file matches"),
        ("nosuch://x/y", "nosuch://x/y: Protocol not known: nosuch"),
    ],
)
def test_a_source_that_is_not_there(tree: Path, source: str, said: str) -> None:
    (tree / "empty" / ".hidden").mkdir(parents=True)
    with pytest.raises(FileError) as caught:
        find(source)
    assert str(caught.value).splitlines()[0] == said
    assert caught.value.hint


def test_no_source_at_all() -> None:
    with pytest.raises(UsageError, match="nothing to read: name a file"):
        find()


def test_a_folder_that_may_not_be_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(FileError, match="a: can't be read: Permission denied"):
        find("a")


class TestUrls:
    @pytest.fixture(autouse=True)
    def bucket(self) -> None:
        memory = fsspec.filesystem("memory")
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]
        for name in ("b.har", "a/z.har", "a/.x.har", "a.har"):
            memory.pipe(f"/bucket/{name}", b"x")

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("memory://bucket/b.har", ["memory://bucket/b.har"]),
            ("memory://bucket", ["memory:///bucket/a/z.har", "memory:///bucket/a.har", "memory:///bucket/b.har"]),
            ("memory://bucket/*.har", ["memory:///bucket/a.har", "memory:///bucket/b.har"]),
            ("memory://bucket/a*", ["memory:///bucket/a/z.har", "memory:///bucket/a.har"]),
            ("https://x.test/s.har?a=[1]", ["https://x.test/s.har?a=[1]"]),
        ],
    )
    def test_of_a_file_system(self, source: str, found: list[str]) -> None:
        assert [name.replace("memory://bucket", "memory:///bucket") for name in files(source)] == [
            name.replace("memory://bucket", "memory:///bucket") for name in found
        ]

    def test_in_an_archive(self, tmp_path: Path) -> None:
        import zipfile

        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr("a.har", "x")
            archive.writestr("b.txt", "x")
        inside = f"file://{tmp_path}/x.zip"
        assert files(f"zip://*.har::{inside}") == [f"zip://a.har::{inside}"]

    def test_a_file_system_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(self: object, path: str, **options: object) -> bool:
            raise RuntimeError("token of x expired")

        monkeypatch.setattr(type(fsspec.filesystem("memory")), "isdir", refuse)
        with pytest.raises(FileError, match="memory://bucket: can't be read: token of x expired"):
            find("memory://bucket")

    def test_a_connection_that_is_refused_is_no_missing_file(self) -> None:
        lost = FileNotFoundError("http://x.test/a.har")
        lost.__cause__ = ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)")
        said = str(unreadable("http://bob:hunter2@x.test/a.har", lost))
        assert said.startswith("http://REDACTED@x.test/a.har: can't be read: Connect call failed ('127.0.0.1', 1)\n")
        assert "no such file" in str(unreadable("a.har", FileNotFoundError(2, "x")))
        assert "hunter2" not in str(unreadable("s3://b/x", RuntimeError("GET https://x?api_key=hunter2abc failed")))

    def test_without_fsspec(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "fsspec", None)
        with pytest.raises(UsageError) as caught:
            find("s3://bucket/a.har")
        assert (
            str(caught.value) == 's3://bucket/a.har: URLs are read with fsspec; run: pip install "lookalike[traffic]"'
        )

    def test_without_the_library_of_a_scheme(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(url: str) -> None:
            raise ImportError("Install s3fs to access S3")

        monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
        with pytest.raises(UsageError, match="a library for this kind of URL is missing: Install s3fs to access S3"):
            find("s3://bucket/a.har")


@pytest.mark.parametrize(
    ("name", "url"),
    [("s3://b/x", True), ("zip::x.zip", True), ("a.har", False), ("C:\\x", False), ("/a://b", False), ("a:b", False)],
)
def test_what_is_a_url(name: str, url: bool) -> None:
    assert is_url(name) is url


def test_credentials_of_a_url_are_not_shown() -> None:
    assert "hunter2" not in shown("https://bob:hunter2@x.test/s.har?X-Amz-Signature=hunter2")
    assert shown("-") == "standard input"
    assert shown("a.har") == "a.har"
