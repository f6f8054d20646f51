"""Statements on the driver do what SQLAlchemy does with them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.articles.models import Article
from feedback.db import db
from feedback.sites import Origin, Site
from feedback.statements import Statement
from tests.makers import a_site

AT = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
_NAMED = Statement(sa.select(Site.id, Site.created_at).where(Site.name == sa.bindparam("name")))
_ADD = Statement(sa.insert(Site).returning(Site.id), ("name", "created_at"))
_ADMIT = Statement(sa.insert(Origin), ("site_id", "origin"))


def test_values_go_and_come_as_the_columns_types_say(app: Flask) -> None:
    with app.app_context():
        with db.writing() as connection:
            added = _ADD.one(connection, name="Paper", created_at=AT)
        with db.reading.connect() as connection:
            found = _NAMED.first(connection, name="Paper")
            assert _NAMED.first(connection, name="Journal") is None

        assert found == (added.id, AT)


def test_columns_that_are_not_given_have_their_models_values(app: Flask) -> None:
    put = Statement(
        sa.insert(Article).returning(Article.id),
        ("site_id", "address", "title", "lang", "created_at"),
    )
    with app.app_context():
        site = a_site()
        with db.writing() as connection:
            row = put.one(
                connection,
                site_id=site.id,
                address="https://paper.example/a",
                title="A",
                lang="en",
                created_at=AT,
            )
        article = db.session.get_one(Article, row.id)

        assert (article.step, article.failures, article.section) == (0, 0, "")


def test_a_statement_belongs_to_the_transaction(app: Flask) -> None:
    name = uuid4().hex
    with app.app_context():
        with db.engine.connect() as connection, connection.begin() as transaction:
            _ADD.one(connection, name=name, created_at=AT)
            transaction.rollback()
        with db.reading.connect() as connection:
            assert _NAMED.first(connection, name=name) is None


def test_errors_are_those_of_sqlalchemy(app: Flask) -> None:
    with app.app_context():
        site = a_site("Paper", "https://paper.example")
        with pytest.raises(sa.exc.IntegrityError), db.writing() as connection:
            _ADMIT.all(connection, site_id=site.id, origin="https://paper.example")


def test_what_is_not_given_is_an_error(app: Flask) -> None:
    with app.app_context(), db.reading.connect() as connection, pytest.raises(KeyError):
        _NAMED.all(connection, title="Paper")


def test_a_statement_that_only_its_values_can_write_is_refused(app: Flask) -> None:
    several = Statement(
        sa.select(Site.id).where(Site.name.in_(sa.bindparam("names", expanding=True)))
    )
    with app.app_context(), db.reading.connect() as connection, pytest.raises(TypeError):
        several.all(connection, names=["Paper"])
