"""What ships: the embed and the files it loads, compressed, versioned, cached."""

import base64
import gzip
import hashlib
import re
import shutil
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from feedback.shipped import shipped
from feedback.web.assets import Assets
from feedback.web.headers import HEADERS

STATIC = shipped("static")
#: What is not served as it is written.
BOUND = {"js/embed.js", "js/reader/reader.js"}


@pytest.fixture
def files(client: FlaskClient) -> str:
    """The folder of the current version, as the embed names it."""
    found = re.search(r"static/[0-9a-f]{8}/", client.get("/embed.js").text)
    assert found
    return "/" + found[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestAssets:
    def test_the_embed_sets_no_cookie_and_varies_by_coding_only(self, client: FlaskClient) -> None:
        answer = client.get("/embed.js")

        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"

    @pytest.mark.parametrize(("accept", "coding"), [("br, gzip", "br"), ("gzip", "gzip")])
    def test_every_script_and_sheet_comes_compressed(
        self, client: FlaskClient, files: str, accept: str, coding: str
    ) -> None:
        undo = {"br": brotli.decompress, "gzip": gzip.decompress}[coding]
        paths = [path for path in STATIC.rglob("*") if path.suffix in {".js", ".css", ".svg"}]
        assert len(paths) > 8

        for path in paths:
            name = path.relative_to(STATIC).as_posix()
            answer = client.get(files + name, headers={"Accept-Encoding": accept})

            assert (answer.status_code, answer.content_encoding) == (200, coding), name
            assert undo(answer.data) == path.read_bytes() or name in BOUND, name

    def test_a_versioned_file_is_kept_for_ever(self, client: FlaskClient, files: str) -> None:
        answer = client.get(files + "js/reader/anchoring.js")

        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype == "text/javascript"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_another_versions_file_is_served_but_not_kept(self, client: FlaskClient) -> None:
        answer = client.get("/static/000000000000/js/reader/anchoring.js")

        assert answer.status_code == 200
        assert "immutable" not in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("path", ["/embed.js", "js/reader/anchoring.js"])
    def test_who_has_it_already_is_told_so(
        self, client: FlaskClient, files: str, path: str
    ) -> None:
        path = path if path.startswith("/") else files + path
        etag = client.get(path).headers["ETag"]

        answer = client.get(path, headers={"If-None-Match": etag})

        assert (answer.status_code, answer.data) == (304, b"")

    @pytest.mark.parametrize(
        "name",
        [
            "js/none.js",
            "../pyproject.toml",
            "..%2fpyproject.toml",
            "js/../../feedback/db.py",
            "etc/passwd",
            "js",
        ],
    )
    def test_nothing_else_is_served(self, client: FlaskClient, files: str, name: str) -> None:
        assert client.get(files + name).status_code == 404

    @pytest.mark.parametrize(
        "path", ["/embed.js", "/sign-in", "/healthz", "/none", "/api/v1/spots", "/desk/"]
    )
    def test_every_answer_carries_the_headers(self, client: FlaskClient, path: str) -> None:
        headers = client.get(path, base_url="https://feedback.example").headers

        assert set(HEADERS) <= set(headers.keys())
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_version_follows_the_contents(tmp_path: Path) -> None:
    folder = shutil.copytree(STATIC, tmp_path / "static")
    first = Assets(folder).version

    (folder / "css" / "desk.css").write_text("p { color: red }")

    assert first != Assets(folder).version


def test_an_embed_fits_whatever_the_version(tmp_path: Path) -> None:
    folder = shutil.copytree(STATIC, tmp_path / "static")

    weights = []
    for round_ in range(8):
        (folder / "css" / "desk.css").write_text(f"p {{ order: {round_} }}")
        weights.append(len(Assets(folder).embed.bodies["br"]))

    assert max(weights) <= 512


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestTheReadersSide:
    def test_the_embed_weighs_at_most_half_a_kilobyte(self, client: FlaskClient) -> None:
        answer = client.get("/embed.js", headers={"Accept-Encoding": "br"})

        assert answer.content_encoding == "br"
        assert len(answer.data) <= 512

    @pytest.mark.parametrize(
        ("tag", "language"),
        [("uk-UA", "uk"), ("PT_br", "pt-BR"), ("zh-TW", "zh-Hant"), ("tlh", "en"), ("", "en")],
    )
    def test_a_language_is_found_by_any_tag_that_suits(
        self, client: FlaskClient, files: str, tag: str, language: str
    ) -> None:
        answer = client.get(f"{files}js/reader/strings/{tag}.js")

        assert answer.mimetype == "text/javascript"
        assert answer.text.startswith(f'export default {{"lang":"{language}"')
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"

    def test_the_caption_comes_with_its_words_alone(self, client: FlaskClient, files: str) -> None:
        answer = client.get(f"{files}js/reader/caption/de.js")

        assert "Rechtschreibfehler" in answer.text
        assert len(answer.data) < 1000

    def test_the_note_of_corrections_is_a_kilobyte(self, client: FlaskClient, files: str) -> None:
        headers = {"Accept-Encoding": "br"}

        answer = client.get(f"{files}js/reader/corrections/de.js", headers=headers)

        assert len(answer.data) <= 1024
        assert "Korrekturen" in brotli.decompress(answer.data).decode()

    def test_a_pinned_embed_is_what_its_hash_says(self, client: FlaskClient) -> None:
        path, integrity = client.application.extensions["assets"].pinned()

        answer = client.get(path)

        digest = base64.b64encode(hashlib.sha384(answer.data).digest()).decode()
        assert integrity == f"sha384-{digest}"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "immutable" in answer.headers["Cache-Control"]
