"""The setup page: what a site owner pastes."""

import re
from html import unescape

import pytest
from flask import Flask

from feedback.accounts.models import Role
from feedback.web import reader_strings
from tests.makers import an_editor, newsroom, signed_in

BASE = "https://feedback.example"


def setup(app: Flask, query: str = "", email: str = "ed@paper.example") -> str:
    with newsroom(app) as (site, _):
        an_editor(site, "vera@paper.example", Role.VIEWER)
    return signed_in(app, email).get(f"/desk/sites/1/setup{query}", base_url=BASE).text


def lines(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"data-copied>(.*?)</code>", page)]


def test_the_line_and_the_policy_name_the_service(app: Flask) -> None:
    found = lines(setup(app))

    assert found[0] == f'<script async src="{BASE}/embed.js"></script>'
    assert found[1] == f"script-src {BASE}; connect-src {BASE}"


def test_the_line_with_a_hash_names_a_file_that_has_it(app: Flask) -> None:
    found = lines(setup(app))[2]

    match = re.search(r'crossorigin src="https://[^/]+(/[^"]+)" integrity="(sha384-[^"]+)"', found)
    assert match
    assert match.groups() == app.extensions["assets"].pinned()
    assert app.test_client().get(match[1]).status_code == 200


@pytest.mark.parametrize(
    ("query", "tag"), [("", "en"), ("?lang=de", "de"), ("?lang=pt_br", "pt-BR"), ("?lang=xx", "en")]
)
def test_the_paragraph_is_in_the_chosen_language(app: Flask, query: str, tag: str) -> None:
    page = setup(app, query)

    lead = reader_strings.strings(tag)["form"]["lead"]
    link = f'<a href="{BASE}/report" referrerpolicy="no-referrer-when-downgrade">{lead}</a>'
    assert lines(page)[3] == f"<p data-feedback-caption>{link}</p>"
    assert re.findall(r'value="([\w-]+)" lang="[\w-]+" selected', page) == [tag]


def test_all_languages_of_readers_can_be_chosen(app: Flask) -> None:
    offered = re.findall(r'<option value="([\w-]+)"', setup(app))

    assert sorted(offered) == sorted(reader_strings.tables())


def test_who_decides_is_led_to_the_check_and_a_viewer_is_not(app: Flask) -> None:
    page = setup(app)

    assert 'href="/desk/sites/1/check"' in page
    viewer = signed_in(app, "vera@paper.example").get("/desk/sites/1/setup", base_url=BASE).text
    assert 'href="/desk/sites/1/check"' not in viewer
