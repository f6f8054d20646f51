"""Forms of carriers: where word goes, what it is to hear, and when."""

from dataclasses import replace
from typing import Any

import pytz
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField, TextAreaField, validators

from feedback.delivery.models import Happening, Means
from feedback.delivery.wishes import Rhythm, Wishes, sections
from feedback.web import locales
from feedback.web.account_forms import LONGEST, line, one_of
from feedback.web.wording import MEANS

#: What people may choose from; a program hears of each by itself.
GATHERED = (Rhythm.AT_ONCE, Rhythm.HOURLY, Rhythm.DAILY)
#: Longest address, in characters.
ADDRESS = 2000
#: Most sections, in characters.
_SECTIONS = 2000
_MOST = 100_000

_hours = [str(hour) for hour in range(24)]


def rhythms(means: Means | None, held: Rhythm | None = None) -> tuple[Rhythm, ...]:
    """Give what one can choose from; what was chosen by other ways stays among it."""
    usual = () if means is Means.WEBHOOK else GATHERED
    return usual if held is None or held in usual else (held, *usual)


def happenings(means: Means | None) -> tuple[Happening, ...]:
    """Give what one can hear of by a means: what is gathered is about spots."""
    if means in {Means.MAIL, Means.CHAT}:
        return tuple(kind for kind in Happening if kind is not Happening.CHANGED)
    return tuple(Happening)


def _alarm(label: str) -> IntegerField:
    return IntegerField(label, [validators.Optional(), validators.NumberRange(0, _MOST)])


def _hour(label: str) -> StringField:
    return StringField(label, [validators.Optional(), validators.AnyOf(_hours)])


class WishesForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What a carrier is called, what it is to hear, and when. What is left out is as it was."""

    name = StringField(_("Name"), [validators.Length(max=LONGEST)], filters=[line])
    happenings = SelectMultipleField(_("It hears when"), coerce=Happening, validate_choice=False)
    rhythm = one_of(_("How often"), ["", *Rhythm], default="")
    sections = TextAreaField(
        _("Only articles of these sections"), [validators.Length(max=_SECTIONS)]
    )
    hour = _hour(_("At this hour"))
    zone = one_of(_("Time zone"), ["", "UTC", *pytz.common_timezones], default="")
    lang = one_of(_("Language"), ["", *locales.LANGUAGES], default="")
    quiet_from = _hour(_("Quiet from"))
    quiet_to = _hour(_("Quiet until"))
    alarm_spots = _alarm(_("Alarm when so many new spots come within an hour"))
    alarm_reports = _alarm(_("Alarm when an article gets so many reports within an hour"))

    @classmethod
    def showing(cls, name: str, wishes: Wishes) -> "WishesForm":
        """Make the form that shows these wishes."""
        return cls(None, name=name, **shown(wishes))

    def wishes(self, held: Wishes, means: Means) -> Wishes:
        """Give what is wished for; `held` is what was, or the usual."""
        ticked = self.happenings.data or []
        chosen = tuple(kind for kind in happenings(means) if kind in ticked)
        return replace(
            held,
            happenings=chosen or held.happenings,
            rhythm=Rhythm(self.rhythm.data) if self.rhythm.data else held.rhythm,
            sections=tuple(sections(_plain(self.sections.data))),
            zone=self.zone.data or held.zone,
            lang=self.lang.data or held.lang,
            alarm_spots=self.alarm_spots.data or 0,
            alarm_reports=self.alarm_reports.data or 0,
            **self._hours(),
        )

    def _hours(self) -> dict[str, Any]:
        fields = {"hour": self.hour, "quiet_from": self.quiet_from, "quiet_to": self.quiet_to}
        return {name: int(field.data) for name, field in fields.items() if field.data}


class AddForm(WishesForm):
    """A new carrier: of all this the address suffices."""

    means = one_of(_("What it is"), ["", *MEANS], default="")
    address = StringField(
        _("Address"), [validators.InputRequired(), validators.Length(max=ADDRESS)], filters=[line]
    )


class ChangeForm(WishesForm):
    """A carrier that is there. Without an address it stays as it is, which may be secret."""

    address = StringField(_("Address"), [validators.Length(max=ADDRESS)], filters=[line])


class OwnForm(FlaskForm):  # type: ignore[misc]
    """An editor's own mail about a site."""

    rhythm = one_of(_("Mail me"), ["", *GATHERED], default="")
    hour = _hour(_("At this hour"))
    sections = StringField(
        _("Only articles of these sections"), [validators.Length(max=_SECTIONS)], filters=[line]
    )


def shown(wishes: Wishes) -> dict[str, Any]:
    """Give the values of a form's fields."""
    return {
        "happenings": [kind.value for kind in wishes.happenings],
        "rhythm": wishes.rhythm.value,
        "sections": "\n".join(wishes.sections),
        "hour": str(wishes.hour),
        "zone": wishes.zone,
        "lang": wishes.lang,
        "quiet_from": str(wishes.quiet_from),
        "quiet_to": str(wishes.quiet_to),
        "alarm_spots": wishes.alarm_spots or None,
        "alarm_reports": wishes.alarm_reports or None,
    }


def _plain(text: str | None) -> str:
    """Give text without what no database takes."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text or "")
