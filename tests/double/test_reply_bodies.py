"""What a reply carries: files, content codings, cookies with attributes, redirects, reasons, versions, pauses."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike import codec
from lookalike.double import encoding, files
from lookalike.double.mock import MockDouble
from lookalike.errors import UsageError
from lookalike.messages import Pause, Request, Response

BASE = "https://api.test"
GET = Request("GET", BASE + "/x")
CODINGS = ("gzip", "deflate", "br", "zstd")


def answer(**reply: Any) -> Response:
    double = MockDouble("api", BASE)
    double.get("/x").respond(**reply)
    response = double.handle(GET)
    assert isinstance(response, Response)
    return response


def refused(**reply: Any) -> str:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError) as caught:
        double.get("/x").respond(**reply)
    assert not double.routes, "a declaration that failed leaves no route"
    return str(caught.value)


class TestFiles:
    KINDS = (
        ("data.json", "application/json"),
        ("rows.csv", "text/csv; charset=utf-8"),
        ("page.html", "text/html; charset=utf-8"),
        ("picture.png", "image/png"),
        ("paper.pdf", "application/pdf"),
        ("rows.csv.gz", "application/gzip"),
        ("rows.tar.xz", "application/x-xz"),
        ("packed.br", "application/octet-stream"),
        ("unknown", "application/octet-stream"),
    )

    @pytest.mark.peer("File body")
    @pytest.mark.parametrize(("name", "kind"), KINDS)
    def test_a_file_has_the_type_of_its_name(self, tmp_path: Path, name: str, kind: str) -> None:
        path = tmp_path / name
        path.write_bytes(b"[1]")
        with path.open("rb") as opened:
            for file in (path, str(path), opened):
                response = answer(file=file)
                assert (response.headers["content-type"], response.content) == (kind, b"[1]")
                assert response.reusable

    def test_a_file_without_a_name_and_a_type_that_is_said(self) -> None:
        assert answer(file=io.BytesIO(b"x")).content_type == "application/octet-stream"
        assert answer(file=io.BytesIO(b"x"), headers={"content-type": "a/b"}).content_type == "a/b"

    def test_it_is_read_when_the_reply_is_declared(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"before")
        double = MockDouble("api", BASE)
        double.get("/x").respond(file=path)
        path.unlink()
        response = double.handle(GET)
        assert isinstance(response, Response)
        assert response.content == b"before"

    def test_a_large_file_is_streamed_from_the_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "_READ_AT_ONCE", 10)
        monkeypatch.setattr(files, "_PIECE", 4)
        path = tmp_path / "a.bin"
        path.write_bytes(b"0123456789abc")
        response = answer(file=path)
        assert response.chunks is not None
        assert (response.headers["content-length"], response.content) == ("13", b"")
        for _ in range(2):
            assert list(response.chunks()) == [b"0123", b"4567", b"89ab", b"c"]  # type: ignore[arg-type]  # a sync stream
        coded = answer(file=path, encoding="gzip")
        assert "content-length" not in coded.headers
        assert coded.chunks is not None
        assert codec.decode_content(b"".join(coded.chunks()), "gzip") == path.read_bytes()  # type: ignore[arg-type]  # a sync stream

    def test_a_file_that_is_not_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert refused(file="gone.json") == (
            f'file="gone.json": no such file or directory ({tmp_path / "gone.json"}); a path is relative to the '
            "working directory, Path(__file__).parent / ... to the test"
        )
        assert "is a directory" in refused(file=tmp_path)

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("x", encoding="utf-8")
        with path.open(encoding="utf-8") as opened:
            assert 'open(path, "rb")' in refused(file=opened)
        assert "bytes are content=" in refused(file=b"x")


class TestEncodings:
    @pytest.mark.parametrize("coding", CODINGS)
    def test_a_body_is_sent_in_its_coding(self, coding: str) -> None:
        response = answer(json={"a": "b" * 100}, encoding=coding)
        assert response.headers["content-encoding"] == coding
        assert len(response.content) < 100
        assert response.json() == {"a": "b" * 100}
        assert response.reusable
        assert answer(json={"a": 1}, encoding=coding).content == answer(json={"a": 1}, encoding=coding).content

    def test_several_in_the_order_in_which_they_are_applied(self) -> None:
        response = answer(text="x" * 100, encoding=["gzip", "br"])
        assert response.headers["content-encoding"] == "gzip, br"
        assert codec.decode_content(response.content, "br")[:2] == b"\x1f\x8b"
        assert response.text == "x" * 100

    @pytest.mark.parametrize("coding", CODINGS)
    def test_a_stream_s_pieces_can_be_decoded_as_they_come(self, coding: str) -> None:
        def numbers() -> Any:
            yield from ("one", timedelta(seconds=1), "two")

        for stream in (["one", timedelta(seconds=1), "two"], numbers):
            response = answer(stream=stream, encoding=coding)
            assert response.chunks is not None
            one, pause, two, end = response.chunks()  # type: ignore[misc]  # a sync stream
            assert isinstance(pause, Pause)
            assert codec.decode_content(one + two + end, coding) == b"onetwo"

    @given(st.binary(max_size=500), st.sampled_from(CODINGS), st.booleans())
    def test_what_is_coded_is_decoded(self, content: bytes, coding: str, reverse: bool) -> None:
        names = (coding, "gzip") if reverse else ("gzip", coding)
        assert codec.decode_content(encoding.encode_content(content, names), ", ".join(names)) == content

    @pytest.mark.parametrize("coding", CODINGS)
    def test_what_is_not_of_the_coding_stays_as_it_is(self, coding: str) -> None:
        assert codec.decode_content(b"plain", coding) == b"plain"
        half = encoding.encode_content(b"x" * 1000, [coding])[:-3]
        assert codec.decode_content(half, coding) == half

    def test_nothing_is_not_coded(self) -> None:
        assert answer(status=204, encoding="gzip").headers.pairs == ()

    @pytest.mark.parametrize("library", ["backports.zstd", "zstandard"])
    def test_each_library_for_zstd(self, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
        monkeypatch.setitem(codec._LIBRARIES, "zstd", (library,))
        codec.coding_library.cache_clear()
        try:
            whole = encoding.encode_content(b"a" * 1000, ["zstd"])
            assert codec.coding_library("zstd").__name__ == library
            assert len(whole) < 100
            # Frames follow each other.
            assert codec.decode_content(whole + whole, "zstd") == b"a" * 2000
            assert codec.decode_content(whole[:-2], "zstd") == whole[:-2]
        finally:
            codec.coding_library.cache_clear()

    @pytest.mark.parametrize(("coding", "install"), [("br", "pip install brotli"), ("zstd", "pip install zstandard")])
    def test_a_library_that_is_missing(self, monkeypatch: pytest.MonkeyPatch, coding: str, install: str) -> None:
        known = encoding.encode_content(b"abc" * 100, [coding])
        monkeypatch.setitem(codec._LIBRARIES, coding, ("no_such_library",))
        codec.coding_library.cache_clear()
        try:
            assert refused(json=1, encoding=coding).endswith(install)
            assert codec.decode_content(known, coding) == known
        finally:
            codec.coding_library.cache_clear()

    def test_misuse(self) -> None:
        assert "gzip, deflate, br, zstd" in refused(json=1, encoding="snappy")
        assert "or a list of them" in refused(json=1, encoding=[])
        assert "or a list of them" in refused(json=1, encoding=7)
        assert "keep one of them" in refused(json=1, encoding="gzip", headers={"Content-Encoding": "gzip"})


class TestCookies:
    FIELDS: tuple[tuple[Any, str], ...] = (
        ("abc", "sid=abc; Path=/"),
        (7, "sid=7; Path=/"),
        (None, "sid=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        ({"value": "abc"}, "sid=abc; Path=/"),
        ({"value": "a", "path": None}, "sid=a"),
        ({"value": "a", "path": "/a", "max_age": 60, "domain": "test"}, "sid=a; Path=/a; Max-Age=60; Domain=test"),
        (
            {"value": "a", "Max-Age": 1, "HttpOnly": True, "secure": True, "samesite": "Lax"},
            "sid=a; Path=/; Max-Age=1; HttpOnly; Secure; SameSite=Lax",
        ),
        ({"value": "a", "httponly": False, "partitioned": True}, "sid=a; Path=/; Partitioned"),
        (
            {"value": "a", "expires": datetime(2026, 11, 22, 10, tzinfo=UTC)},
            "sid=a; Path=/; Expires=Sun, 22 Nov 2026 10:00:00 GMT",
        ),
    )

    @pytest.mark.peer("Cookies helper")
    @pytest.mark.parametrize(("said", "field"), FIELDS)
    def test_a_cookie_with_its_attributes(self, said: Any, field: str) -> None:
        assert answer(cookies={"sid": said}).headers.pairs == (("set-cookie", field),)

    def test_each_is_a_field_of_its_own(self) -> None:
        response = answer(cookies={"a": "1", "b": {"value": "2"}})
        assert response.headers.get_all("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ({"path": "/"}, "has no value"),
            ({"value": "a", "colour": "red"}, "no attribute 'colour'; there are value, path, domain, max_age, expires"),
            ("a; b", 'a ";" ends'),
            ("a\nb", "single lines"),
            ({"value": "a", "path": "/\r\n"}, "single lines"),
        ],
    )
    def test_misuse(self, said: Any, told: str) -> None:
        assert told in refused(cookies={"sid": said})


class TestRedirects:
    def test_where_the_client_goes(self) -> None:
        response = answer(redirect="/new")
        assert (response.status, response.headers["location"]) == (302, "/new")
        response = answer(status=308, redirect="https://other.test/", headers=[("x", "1")])
        assert (response.status, response.headers.pairs) == (308, (("location", "https://other.test/"), ("x", "1")))

    @pytest.mark.parametrize(
        ("place", "sent"),
        [
            ("/é x%20?q=ü#ß", "/%C3%A9 x%20?q=%C3%BC#%C3%9F"),
            ("é?to=http://ü/", "%C3%A9?to=http://%C3%BC/"),
            ("https://é.test/é", "https://é.test/%C3%A9"),
            ("//é.test?é", "//é.test?%C3%A9"),
            ("/a b|[]", "/a b|[]"),
        ],
    )
    def test_a_place_that_is_not_ascii_is_percent_encoded(self, place: str, sent: str) -> None:
        assert answer(redirect=place).headers["location"] == sent

    def test_misuse(self) -> None:
        assert "from 300 to 399, not 200" in refused(status=200, redirect="/new")
        assert "from 300 to 399, not 304" in refused(status=304, redirect="/new")
        assert 'redirect="/new"' in refused(redirect=7)
        assert "keep one of them" in refused(redirect="/new", headers={"Location": "/old"})


class TestNames:
    @pytest.mark.parametrize("name", ["a b", "a:", "é", "a(b)", "a,"])
    def test_a_header_that_no_message_can_have(self, name: str) -> None:
        assert refused(headers={name: "1"}).startswith(f"headers[{name!r}]: a header's name has letters")

    def test_unusual_names_that_are_allowed(self) -> None:
        assert answer(headers={"X_y.z!#$%&'*+-^`|~9": "1"}).headers["x_Y.z!#$%&'*+-^`|~9"] == "1"

    def test_what_has_no_bytes(self) -> None:
        assert "half of a surrogate pair" in refused(headers={"x": "a\ud800"})
        assert "half of a surrogate pair" in refused(cookies={"x": "a\udcff"})
        assert "half of a surrogate pair" in refused(redirect="/\ud800")

    def test_a_cookie_whose_name_would_end_early(self) -> None:
        assert "cookies['a=b']" in refused(cookies={"a=b": "1"})


class TestLines:
    def test_reason_and_version(self) -> None:
        response = answer(status=418, reason="Out of tea", http_version="1.0")
        assert (response.reason, response.http_version, response.reusable) == ("Out of tea", "1.0", True)

    def test_misuse(self) -> None:
        assert "a single line" in refused(reason="a\r\nb: c")
        assert "one of '1.0', '1.1', '2'" in refused(http_version="3")
        assert "one of '1.0', '1.1', '2'" in refused(http_version=1.1)


class TestPauses:
    def test_a_timedelta_is_a_pause(self) -> None:
        for reply in ({"stream": [b"a", timedelta(seconds=2.5), b"b"]}, {"sse": ["a", timedelta(seconds=2.5), "b"]}):
            response = answer(**reply)
            assert response.chunks is not None
            one, pause, two = response.chunks()  # type: ignore[misc]  # a sync stream
            assert isinstance(pause, Pause)
            assert (pause, pause.seconds, repr(pause)) == (b"", 2.5, "Pause(2.5)")
            assert (one[-2:], two[-2:]) in ((b"a", b"b"), (b"\n\n", b"\n\n"))

    def test_the_journal_shows_the_time_that_the_whole_answer_takes(self) -> None:
        double = MockDouble("api", BASE)
        double.get("/x").respond(stream=["a", timedelta(seconds=2), "b", timedelta(seconds=1)], delay=0.5)
        double.handle(GET)
        assert double.calls.last.elapsed == 3.5

    def test_misuse(self) -> None:
        assert "less than none" in refused(stream=[timedelta(seconds=-1)])
        assert "or a timedelta for a pause" in refused(stream=[1.5])
