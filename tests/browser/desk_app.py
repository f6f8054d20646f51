"""A desk that runs on the loopback, and sentences for its queue, written for these tests."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import selectinload
from werkzeug.serving import WSGIRequestHandler, make_server

from feedback import create_app, migrations
from feedback.accounts.models import Role
from feedback.articles.looking import Failure
from feedback.config import load
from feedback.db import db
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.makers import PASSWORD, a_look, a_miss, a_site, a_spot, an_editor

ED = "ed@paper.example"


LIGHTHOUSE = (
    "The lighthouse keeper’s last winter\n"
    "For thirty years Marta Holm climbed the stairs at dusk. She counted them every time, and "
    "every time she recieved the same answer: two hundred and twelve. The sea did not care. In "
    "Novembre the mainland promised a new lamp that needs nobody. “I will beleive it when I "
    "see it,” she said. A boat brought it on a Tuesday, and it was it was heavier than the cat."
)


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Keep quiet."""


def make_tables(home: Path) -> Path:
    """Make a database with all tables and no rows, to be copied."""
    with create_app(load(home=home)).app_context():
        migrations.upgrade(db.engine)
        db.engine.dispose()
    return home / "feedback.sqlite3"


@dataclass
class DeskApp:
    """A desk at `address`, where Ed decides on the spots of `site_id`."""

    app: Flask
    address: str
    site_id: int = 0

    def ask(self, what: Callable[[], Any]) -> Any:
        """Run `what` in an application context."""
        with self.app.app_context():
            return what()

    def site(self) -> Site:
        """Read the site with its origins; the transaction is over."""
        options = [selectinload(Site.origins)]
        found = db.session.get_one(Site, self.site_id, options=options)
        db.session.commit()
        return found

    def reported(self, exact: str, correction: str = "", **more: Any) -> int:
        """Let Ann report `exact`; give the id of the spot."""
        values = {"text": LIGHTHOUSE, "title": "The lighthouse keeper’s last winter"} | more
        return self.ask(lambda: a_spot(self.site(), exact, correction=correction, **values).id)

    def looked(self, spot_id: int, *texts: str, **more: Any) -> None:
        """Let the article check read each of these texts at a spot's article."""

        def look() -> None:
            for text in texts:
                a_look(db.session.get_one(Spot, spot_id).article, text, **more)

        self.ask(look)

    def missed(self, spot_id: int, kind: Failure) -> None:
        """Let a look at a spot's article give no page."""
        self.ask(lambda: a_miss(db.session.get_one(Spot, spot_id).article, kind))

    def spot(self, spot_id: int) -> Spot:
        """Read a spot as it is now."""
        return self.ask(lambda: db.session.get_one(Spot, spot_id))

    def employ(self, email: str = ED, role: Role = Role.EDITOR) -> None:
        """Give somebody a role at the site, and the password of all makers."""
        self.ask(lambda: an_editor(db.session.get_one(Site, self.site_id), email, role))


@contextmanager
def running_desk(home: Path, tables: Path, **given: Any) -> Iterator[DeskApp]:
    """Run a desk with one site and Ed on a copy of the database that `tables` names."""
    shutil.copy(tables, home / "feedback.sqlite3")
    settings = load(home=home, limit_sign_in="off", base_url="http://127.0.0.1", **given)
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    desk = DeskApp(app, f"http://127.0.0.1:{server.server_port}")
    desk.site_id = desk.ask(lambda: a_site().id)
    desk.employ()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


def let_in(page: Page, email: str) -> Page:
    """Sign an editor in, who comes to the desk."""
    page.goto("/desk/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/**")
    return page
