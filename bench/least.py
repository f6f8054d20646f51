"""The least that keeps a report: a bare Flask view with one ORM insert and commit.

It is the baseline of every ratio. `python -m bench.least DATABASE HOST:PORT`
serves it on plain waitress and loads nothing of ours: what Flask, SQLAlchemy
and waitress take up by themselves.
"""

import sys
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import waitress
from flask import Flask, Response, json, request
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

#: Where reports are posted to.
PATH = "/notes"


class Base(DeclarativeBase):
    """The base of the one table."""


class Note(Base):
    """A report as a bare view would keep it: one row."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    url: Mapped[str]
    exact: Mapped[str]
    prefix: Mapped[str]
    suffix: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    correction: Mapped[str]
    comment: Mapped[str]


def app() -> Flask:
    """Make an application that only says that it is there."""
    made = Flask("baseline", static_folder=None)
    made.add_url_rule("/healthz", view_func=lambda: "ok\n")
    return made


def orm(app: Flask, address: str) -> None:
    """Keep each report by the ORM: SQLAlchemy as it comes, SQLite made durable."""
    engine = sa.create_engine(address)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _durable)
    Base.metadata.create_all(engine)

    @app.post(PATH)
    def keep() -> Response:
        values = sent()
        with Session(engine) as session:
            session.add(Note(**values))
            session.commit()
        return kept(values["uid"])


def _durable(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def sent() -> dict[str, Any]:
    """Give the columns' values from the request's JSON."""
    body = request.get_json(force=True)
    return {
        "uid": UUID(body["id"]),
        "url": body["url"],
        **body["quote"],
        "start": body["position"]["start"],
        "end": body["position"]["end"],
        "correction": body["correction"],
        "comment": body["comment"],
    }


def kept(uid: UUID) -> Response:
    """Answer that the report was taken."""
    return Response(json.dumps({"id": str(uid)}), 201, mimetype="application/json")


def main(address: str, bind: str) -> None:
    """Serve the view until the process is ended."""
    made = app()
    orm(made, address)
    waitress.serve(made, listen=bind, threads=8, _quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
