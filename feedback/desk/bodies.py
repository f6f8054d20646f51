"""Bodies: a spot as programs hear of it, over the API and by webhooks: a model for each form.

The API's document and the schemas of events are drawn from these models, so they say what is sent.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from feedback.anchoring.locate import Presence
from feedback.anchoring.slips import Slip
from feedback.articles import models as articles
from feedback.desk import links
from feedback.desk import models as desk
from feedback.desk.models import Kind
from feedback.reports import models as filed
from feedback.reports.models import About, Status
from feedback.reports.models import Kind as Mistake

#: Who decided where no editor did: who looks at articles, and who wakes what was snoozed.
CHECK = "article check"
CLOCK = "clock"


def moment(at: datetime) -> str:
    """Write a time as RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Body(BaseModel):
    """A body, or a part of one."""

    model_config = ConfigDict(frozen=True)


class Words(Body):
    """The words that are wrong, with what stands before and after them in the article."""

    exact: str
    prefix: str
    suffix: str

    @classmethod
    def of(cls, said: filed.Spot | filed.Report) -> Self:
        """Give the words of a spot or of a report."""
        return cls(exact=said.exact, prefix=said.prefix, suffix=said.suffix)


class Subject(Body):
    """An image or a link that is wrong, as the reader's browser sent it."""

    type: About
    text: str = Field(description="An image's alternative text, a link's words.")
    url: str = Field(
        description="Where the image comes from, where the link leads. A reader says so: do not "
        "follow it."
    )

    @classmethod
    def of(cls, said: filed.Spot | filed.Report) -> Self | None:
        """Give what a spot or a report is about; None for the words themselves."""
        if not said.about:
            return None
        return cls(type=About(said.about), text=said.about_text, url=said.about_url)


class Article(Body):
    """An article, as its page states it; what it does not state is empty."""

    url: str
    title: str
    author: str
    section: str
    lang: str = Field(description="BCP 47 tag of its language.")

    @classmethod
    def of(cls, article: articles.Article) -> Self:
        """Give an article."""
        return cls(
            url=article.address,
            title=article.title,
            author=article.author,
            section=article.section,
            lang=article.lang,
        )


class Spot(Body):
    """A place in an article that one or more readers point at."""

    id: int
    site: str
    status: Status
    presence: Presence = Field(description="What the last look at the article says.")
    reads: str | None = Field(
        description="What stands at its place, if `presence` is `changed`; else null."
    )
    looked_at: Moment | None = Field(description="When the article was asked for last.")
    snoozed_until: Moment | None = Field(description="Until when it is snoozed, while it is.")
    merged_into: int | None = Field(
        description="The spot that its reports went to, while it is merged."
    )
    article: Article
    quote: Words
    correction: str = Field(
        description="What it should read: an editor's word, else what most readers say, else empty."
    )
    slip: Slip | Literal[""] = Field(
        description="What kind of slip the correction mends; empty where none is known, or not yet."
    )
    about: Subject | None = Field(
        description="The image or the link that it is about; null for the words themselves."
    )
    readers: int = Field(description="How many reports it has.")
    first_at: Moment
    last_at: Moment
    version: int = Field(description="Grows with each decision; a decision states it.")
    link: str = Field(description="Leads to its place in the article.")

    @classmethod
    def of(cls, spot: filed.Spot, **more: Any) -> Self:
        """Give a spot; its article and site are to be loaded."""
        at = spot.article.looked_at
        return cls(
            id=spot.id,
            site=spot.site.name,
            status=spot.status,
            presence=spot.presence,
            reads=spot.reads if spot.presence is Presence.CHANGED else None,
            looked_at=at,
            snoozed_until=spot.snoozed_until,
            merged_into=spot.merged_into_id,
            article=Article.of(spot.article),
            quote=Words.of(spot),
            correction=spot.correction,
            slip=Slip(spot.slip) if spot.slip else "",
            about=Subject.of(spot),
            readers=spot.readers,
            first_at=spot.first_at,
            last_at=spot.last_at,
            version=spot.version,
            link=links.to(spot),
            **more,
        )


class Report(Body):
    """What one reader sent."""

    id: UUID
    quote: Words = Field(description="This reader's own selection.")
    correction: str
    comment: str
    kind: Mistake | Literal[""] = Field(description="What the reader calls it; or empty.")
    about: Subject | None
    at: Moment

    @classmethod
    def of(cls, report: filed.Report) -> Self:
        """Give a report."""
        return cls(
            id=report.uid,
            quote=Words.of(report),
            correction=report.correction,
            comment=report.comment,
            kind=Mistake(report.kind) if report.kind else "",
            about=Subject.of(report),
            at=report.at,
        )


class Decision(Body):
    """What was concluded on a spot, by whom, when and why."""

    kind: Kind
    reason: str | None = Field(description="The code of the reason of a rejection.")
    label: str = Field(
        description="What the site's own reason was called then; empty for a standard one."
    )
    note: str = Field(description="For colleagues.")
    by: str = Field(
        description=f"An editor's address; `{CHECK}` or `{CLOCK}` where no editor decided."
    )
    became: str = Field(description="What the article check read at the spot's place.")
    into: int | None = Field(description="The spot it was merged into, or that was split off.")
    until: Moment | None = Field(description="Until when it was snoozed.")
    at: Moment

    @classmethod
    def of(cls, decision: desk.Decision) -> Self:
        """Give a decision; its editor is to be loaded."""
        nobody = CLOCK if decision.kind is Kind.WAKE else CHECK
        return cls(
            kind=decision.kind,
            reason=decision.reason,
            label=decision.label,
            note=decision.note,
            by=decision.editor.email if decision.editor else nobody,
            became=decision.became,
            into=decision.into_id,
            until=decision.until,
            at=decision.at,
        )


class WholeSpot(Spot):
    """A spot with its newest 200 reports and all its decisions, newest first."""

    reports: list[Report]
    decisions: list[Decision]

    @classmethod
    def whole(
        cls,
        spot: filed.Spot,
        said: Iterable[filed.Report],
        decided: Iterable[desk.Decision],
    ) -> Self:
        """Give a spot with its reports and decisions."""
        return cls.of(
            spot,
            reports=[Report.of(report) for report in said],
            decisions=[Decision.of(decision) for decision in decided],
        )


class Spots(Body):
    """A page of a site's spots."""

    spots: list[Spot]
    next: str | None = Field(description="The cursor of the page after this one; null at the end.")
    previous: str | None = Field(
        description="The cursor of the page before this one; null at the beginning."
    )


class Reason(Body):
    """Why a spot can be rejected."""

    code: str = Field(description="What a decision says as its `reason`.")
    label: str = Field(description="What editors call it.")
    sentence: str = Field(description="What the reader is told; empty if nothing.")


class Reasons(Body):
    """The reasons of a site, in their order."""

    reasons: list[Reason]


class Received(Body):
    """A report is taken."""

    id: UUID
    receipt: str = Field(description="The reader's secret link: what became of the report.")
    readers: int = Field(description="How many reports the spot has, this one included.")
    status: Status = Field(description="The spot's.")
    decided_at: str | None = Field(
        None,
        description="When the spot was decided; only there where it was, as the next two.",
        json_schema_extra={"format": "date-time"},
    )
    reason: str | None = Field(None, description="The code of the reason of a rejection.")
    because: str | None = Field(
        None, description="The reason as a sentence for the reader, in the language of `lang`."
    )


class Correction(Body):
    """A mistake that was mended."""

    said: str = Field(description="What the article said.")
    says: str = Field(description="What it says instead; empty where the words were taken out.")
    at: Moment = Field(description="When it was decided that it is mended.")


class Corrections(Body):
    """What was corrected in an article."""

    lang: str = Field(description="The article's language (BCP 47); empty where it names none.")
    corrections: list[Correction] = Field(description="The newest 20, newest first.")
    more: bool = Field(description="Whether there are older ones.")
    link: str = Field(description="The page of the article's corrections.")


class Document(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


class Schemas(BaseModel):
    """A JSON Schema document."""

    model_config = ConfigDict(extra="allow")

    oneOf: list[dict[str, str]] = Field(description="Where each is.")  # noqa: N815 -- its word
