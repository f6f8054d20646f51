"""Forms of people: profile, second factor, members, tokens."""

from collections.abc import Sequence

import pytz
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, PasswordField, StringField, validators

from feedback.accounts import passwords, people
from feedback.accounts.models import Editor, Role, Scope
from feedback.accounts.passwords import Guessable
from feedback.db import db
from feedback.web import locales

#: Longest name of a person or a token, and longest note, in characters.
LONGEST = 100

#: For how many days a token works; 0 is for ever.
DAYS = {
    "30": _("30 days"),
    "90": _("90 days"),
    "365": _("A year"),
    "0": _("Until it is revoked"),
}


def zones() -> dict[str, list[tuple[str, str]]]:
    """Give the names of the time zones with what they are called, by region."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in pytz.common_timezones:
        region, _slash, place = name.partition("/")
        if place:
            regions.setdefault(region, []).append((name, place.replace("_", " ")))
    return regions


def line(text: str | None) -> str | None:
    """Make one line of what people type, without what no database takes."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) if text else text


def one_of(label: str, values: Sequence[str], default: str | None = None) -> StringField:
    """Give a field that takes one of these; the page lists them."""
    return StringField(label, [validators.AnyOf(values)], default=default)


def _new_password() -> PasswordField:
    return PasswordField(
        _("New password"),
        [
            validators.InputRequired(),
            validators.Length(min=passwords.SHORTEST, max=passwords.LONGEST),
        ],
    )


def chooses(editor: Editor, field: Field) -> bool:
    """Give an editor the password that was typed; tell whether it was taken, else the field why.

    The caller commits.
    """
    try:
        people.choose_password(db.session, editor, str(field.data))
    except Guessable:
        field.errors = [guessable()]
        return False
    return True


def guessable() -> str:
    """Say that a password is no good and what would be."""
    text = gettext(
        "This password is easy to guess. Choose a longer one: several words that do not belong "
        "together."
    )
    return str(text)


def _own_name(_form: object, field: Field) -> None:
    if people.poses(field.data or ""):
        raise validators.ValidationError(
            _("A name is without “@”: it could be taken for the address of somebody else.")
        )


class ProfileForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What an editor is called, and how times and pages are shown."""

    name = StringField(_("Name"), [validators.Length(max=LONGEST), _own_name], filters=[line])
    zone = one_of(_("Time zone"), ["", *pytz.common_timezones])
    language = one_of(_("Language"), ["", *locales.LANGUAGES])


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    """The password as it was, and a new one."""

    old = PasswordField(_("Password until now"), [validators.InputRequired()])
    password = _new_password()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the second factor."""

    code = StringField(_("Code"), [validators.InputRequired(), validators.Length(max=64)])
    next = HiddenField()


class ProofForm(FlaskForm):  # type: ignore[misc]
    """Password and code, for what makes an account weaker."""

    password = PasswordField(_("Password"), [validators.InputRequired()])
    code = StringField(_("Code"), [validators.InputRequired(), validators.Length(max=64)])


class RoleForm(FlaskForm):  # type: ignore[misc]
    """A role at a site."""

    role = one_of(_("Role"), list(Role))


class InvitationForm(RoleForm):
    """Who is invited, and as what."""

    note = StringField(_("For whom"), [validators.Length(max=LONGEST)], filters=[line])


class JoinForm(FlaskForm):  # type: ignore[misc]
    """An account for somebody who was invited."""

    email = EmailField(_("E-mail"), [validators.InputRequired(), validators.Length(max=254)])
    password = _new_password()


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A token: what it is for, what it may do and for how long."""

    name = StringField(
        _("What it is for"),
        [validators.InputRequired(), validators.Length(max=LONGEST)],
        filters=[line],
    )
    scope = one_of(_("It may"), list(Scope))
    days = one_of(_("It works for"), list(DAYS), default="90")
