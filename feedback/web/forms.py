"""Forms: their shape and the protection of every one against forgery."""

from uuid import UUID

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectMultipleField,
    StringField,
    URLField,
    validators,
)

from feedback import addresses
from feedback.accounts import passwords
from feedback.web import wording

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Protect every form. The APIs, which know no cookie, exempt themselves."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session
    csrf.init_app(app)


def _web_address(_form: FlaskForm, field: Field) -> None:
    """Take what can be the address of an article."""
    try:
        addresses.parse(field.data or "")
    except addresses.BadAddress as error:
        raise validators.ValidationError(wording.address(error)) from None


def _plain(text: str | None) -> str | None:
    """Drop what no database takes."""
    return text.replace("\0", "") if text else text


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Address and password."""

    email = EmailField(_("E-mail"), [validators.InputRequired(), validators.Length(max=254)])
    password = PasswordField(_("Password"), [validators.InputRequired()])
    next = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password."""

    password = PasswordField(
        _("New password"),
        [
            validators.InputRequired(),
            validators.Length(min=passwords.SHORTEST, max=passwords.LONGEST),
        ],
    )


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """A decision on a spot."""

    kind = StringField(validators=[validators.InputRequired()])
    version = IntegerField(validators=[validators.InputRequired()])
    reason = StringField(filters=[_plain])
    note = StringField(validators=[validators.Length(max=2000)], filters=[_plain])
    correction = StringField(validators=[validators.Length(max=2000)], filters=[_plain])
    until = StringField(validators=[validators.Length(max=40)])
    into = IntegerField(validators=[validators.Optional(), validators.NumberRange(1, 2**63 - 1)])
    reports = SelectMultipleField(coerce=UUID, validate_choice=False)
    back = HiddenField()


class ActForm(FlaskForm):  # type: ignore[misc]
    """What a decision needs beside what a link in a letter says."""

    reason = StringField(filters=[_plain])
    note = StringField(validators=[validators.Length(max=2000)], filters=[_plain])


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """One of a site's own reasons for rejecting."""

    label = StringField(
        _("What editors call it"),
        [validators.InputRequired(), validators.Length(max=60)],
        filters=[_plain],
    )
    sentence = StringField(
        _("What its reader is told"),
        [validators.InputRequired(), validators.Length(max=300)],
        filters=[_plain],
    )
    do = HiddenField()
    standard = HiddenField()


class BatchForm(FlaskForm):  # type: ignore[misc]
    """One decision on many spots: those that are chosen, or all that a query found."""

    kind = StringField(validators=[validators.InputRequired()])
    reason = StringField(filters=[_plain])
    note = StringField(validators=[validators.Length(max=2000)], filters=[_plain])
    until = StringField(validators=[validators.Length(max=40)])
    spots = SelectMultipleField(coerce=int, validate_choice=False)
    query = StringField(validators=[validators.Length(max=2000)], filters=[_plain])
    shown_at = IntegerField(validators=[validators.Optional(), validators.NumberRange(0, 2**62)])
    back = HiddenField()


class ViewForm(FlaskForm):  # type: ignore[misc]
    """A query that is kept under a name."""

    name = StringField(
        _("Name"), [validators.InputRequired(), validators.Length(max=40)], filters=[_plain]
    )
    query = StringField(validators=[validators.Length(max=2000)], filters=[_plain])


class CheckForm(FlaskForm):  # type: ignore[misc]
    """The address of a page that is to be checked."""

    address = URLField(
        _("Address of an article"),
        [validators.InputRequired(), _web_address],
        filters=[lambda text: text and text.strip()],
    )
