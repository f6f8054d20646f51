"""Our line as this installation serves it, for whoever tells site owners of it."""

from functools import cache

from flask import Flask
from werkzeug.local import LocalProxy

from feedback.config import Settings
from feedback.embedding.embed import Embed
from feedback.web import reader_strings
from feedback.web.assets import Assets


def init_app(app: Flask) -> None:
    """Say what the line is: the desk shows it, and `feedback doctor` looks for it."""
    settings: Settings = app.extensions["settings"]
    assets: Assets = app.extensions["assets"]

    @cache
    def embed() -> Embed:
        leads = {tag: table["form"]["lead"] for tag, table in reader_strings.tables().items()}
        return Embed(settings.base_url, *assets.pinned(), leads=leads, match=reader_strings.match)

    app.extensions["embed"] = LocalProxy(embed)
