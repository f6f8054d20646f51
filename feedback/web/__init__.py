"""The edges: HTTP requests come in here, and only here they commit."""

from flask import Flask, request

from feedback.config import Settings
from feedback.db import db
from feedback.shipped import shipped
from feedback.web import (
    accounts,
    acting,
    api,
    assets,
    batches,
    carriers,
    chat_buttons,
    chat_hooks,
    chat_links,
    checks,
    corrections,
    corrections_api,
    desk,
    embed,
    erasing,
    errors,
    feed_key,
    forms,
    guard,
    headers,
    health,
    hooks,
    joining,
    letters,
    limits,
    live,
    locales,
    members,
    metrics,
    others,
    own_mail,
    profile,
    queue_feed,
    reached,
    reasons,
    receipts,
    report_form,
    reports_api,
    second_factor,
    security_log,
    sessions,
    site_corrections,
    site_hook,
    site_record,
    sites,
    tokens,
    traces,
    unsubscribing,
    views,
    wording,
)

#: Largest body of any request, in bytes; the intake's own is smaller.
LARGEST = 256 * 1024

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Put all the edges on the application."""
    settings: Settings = app.extensions["settings"]
    app.config.from_mapping(
        SECRET_KEY=settings.secret,
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=LARGEST,
        SESSION_COOKIE_NAME="__Host-feedback" if settings.https else "feedback",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    metrics.init_app(app)
    app.before_request(_begin)
    seen = (limits, security_log, guard, traces)
    for part in (headers, sessions, errors, locales, *seen, forms, wording):
        part.init_app(app)
    assets.init_app(app, shipped("static"))
    embed.init_app(app)
    readers = (reports_api, report_form, receipts, erasing)
    editors = (api, accounts, batches, desk, live, others, reasons, sites, checks, views)
    people = (profile, second_factor, members, joining, tokens, site_record)
    told = (corrections, corrections_api, site_corrections, queue_feed, feed_key)
    chats = (chat_buttons, chat_hooks, chat_links)
    word = (carriers, letters, own_mail, acting, unsubscribing, *chats, hooks, site_hook)
    for room in (*readers, *editors, *people, *told, *word, health, metrics, reached):
        app.register_blueprint(room.bp)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _begin() -> None:
    if request.method in _READING and request.blueprint not in {None, "reports_api"}:
        db.only_reads()
