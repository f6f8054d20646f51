"""Suggestions for the filters: what articles of waiting spots state."""

from flask import Flask

from feedback.articles.models import Article
from feedback.db import db
from feedback.desk.queue.choices import Choices, choices
from feedback.reports.models import Spot, Status
from tests.conftest import BASE
from tests.makers import ORIGIN, a_site, a_spot, newsroom, signed_in


def stated(spot: Spot, **values: str) -> None:
    article = db.session.get_one(Article, spot.article_id)
    for name, value in values.items():
        setattr(article, name, value)
    db.session.commit()


def test_what_waits_is_suggested_once_and_in_order(app: Flask) -> None:
    with newsroom(app) as (site, _):
        for n, section in enumerate(("sport", "Arts", "sport", "")):
            spot = a_spot(site, url=f"{ORIGIN}/{n}")
            stated(spot, section=section, author="Ann", lang="en")

        assert choices(db.session, [site.id]) == Choices(("Arts", "sport"), ("Ann",), ("en",))


def test_what_is_decided_or_elsewhere_is_not_suggested(app: Flask) -> None:
    with newsroom(app) as (site, _):
        stated(a_spot(site, url=f"{ORIGIN}/1"), section="Old", lang="")
        db.session.get_one(Spot, 1).status = Status.FIXED
        other = a_site("Elsewhere", "https://elsewhere.example")
        db.session.commit()

        assert choices(db.session, [site.id, other.id]) == Choices()


def test_the_filters_offer_them(app: Flask) -> None:
    with newsroom(app) as (site, _):
        stated(a_spot(site), section='Arts & "Letters"')

    page = signed_in(app).get("/desk/sites/1/", base_url=BASE).text

    assert '<option value="Arts &amp; &#34;Letters&#34;"></option>' in page
    assert 'list="suggested-section"' in page
    assert 'list="suggested-author"' not in page
