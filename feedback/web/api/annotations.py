"""Spots as Web Annotations, for programs that know those and not us.

A spot is an annotation that edits: its target is the words in the article, its bodies are what they
should read and what readers say of them. Readers are anonymous, so no creator is named.

https://www.w3.org/TR/annotation-model/
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import Field, RootModel
from werkzeug.datastructures import MIMEAccept

from feedback.desk.bodies import Body, Moment
from feedback.reports.models import About, Report, Spot

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
TYPE = "application/ld+json"
MEDIA_TYPE = f'{TYPE}; profile="{CONTEXT}"'

Context = Annotated[str | None, Field(serialization_alias="@context")]


def wanted(accepted: MIMEAccept) -> bool:
    """Tell whether a request would rather have annotations than our own JSON (RFC 9110, 12.5.1).

    Where it does not care it gets our own. Parameters, such as a profile, make no difference.
    """
    return _quality(accepted, TYPE) > _quality(accepted, "application/json")


def _quality(accepted: MIMEAccept, name: str) -> tuple[float, int]:
    """Give how much a type is wanted, and by how exact a name; the most exact counts."""
    names = {"*/*": 0, f"{name.partition('/')[0]}/*": 1, name: 2}
    found = [
        (names[bare], quality)
        for value, quality in accepted
        if (bare := value.partition(";")[0].strip().lower()) in names
    ]
    exact, quality = max(found, default=(0, 0.0))
    return quality, exact if quality else 0


class TextQuoteSelector(Body):
    """The words, with what stands before and after them, in the article's normal text."""

    type: Literal["TextQuoteSelector"] = "TextQuoteSelector"
    exact: str
    prefix: str
    suffix: str


class TextPositionSelector(Body):
    """Where the words stand, in code points of the article's normal text."""

    type: Literal["TextPositionSelector"] = "TextPositionSelector"
    start: int
    end: int


class Target(Body):
    """The words in the article."""

    type: Literal["SpecificResource"] = "SpecificResource"
    source: str
    selector: list[TextQuoteSelector | TextPositionSelector]

    @classmethod
    def of(cls, spot: Spot) -> Self:
        """Give what a spot points at."""
        quote = TextQuoteSelector(exact=spot.exact, prefix=spot.prefix, suffix=spot.suffix)
        place = TextPositionSelector(start=spot.start, end=spot.end)
        return cls(source=spot.article.address, selector=[quote, place])


class TextualBody(Body):
    """What is said: a correction (`editing`), a comment, or the image or link it is about."""

    type: Literal["TextualBody"] = "TextualBody"
    purpose: Literal["editing", "commenting", "identifying"]
    value: str
    format: Literal["text/plain"] = "text/plain"
    language: str | None = None
    created: Moment | None = None


class Annotation(Body):
    """A spot as a Web Annotation."""

    context: Context = None
    id: str
    type: Literal["Annotation"] = "Annotation"
    motivation: Literal["editing"] = "editing"
    created: Moment
    modified: Moment
    body: list[TextualBody]
    target: Target

    @classmethod
    def of(cls, spot: Spot, base: str, said: Iterable[Report] = (), **more: Any) -> Self:
        """Give a spot, with the comments in `said`; `base` is the address of all spots."""
        return cls(
            id=f"{base}/{spot.id}",
            created=spot.first_at,
            modified=_modified(spot),
            body=[*_subject(spot), *_correction(spot), *_comments(said)],
            target=Target.of(spot),
            **more,
        )


def _modified(spot: Spot) -> datetime:
    return max(spot.last_at, spot.moved_at or spot.last_at)


def _subject(spot: Spot) -> Iterable[TextualBody]:
    if spot.about:
        text = spot.about_text if spot.about == About.IMAGE else spot.about_url
        yield TextualBody(purpose="identifying", value=text)


def _correction(spot: Spot) -> Iterable[TextualBody]:
    if spot.correction:
        lang = spot.article.lang or None
        yield TextualBody(purpose="editing", value=spot.correction, language=lang)


def _comments(said: Iterable[Report]) -> Iterable[TextualBody]:
    for report in said:
        if report.comment:
            yield TextualBody(purpose="commenting", value=report.comment, created=report.at)


class Part(Body):
    """The collection that a page is part of."""

    id: str
    type: Literal["AnnotationCollection"] = "AnnotationCollection"


class AnnotationPage(Body):
    """A page of a site's spots."""

    context: Context = None
    id: str
    type: Literal["AnnotationPage"] = "AnnotationPage"
    part_of: Annotated[Part | None, Field(serialization_alias="partOf")] = None
    next: str | None = None
    prev: str | None = None
    items: list[Annotation]


class AnnotationCollection(Body):
    """A site's spots, with their first page."""

    context: Context = None
    id: str
    type: Literal["AnnotationCollection"] = "AnnotationCollection"
    label: str
    first: AnnotationPage


def one(spot: Spot, said: Iterable[Report], base: str) -> Annotation:
    """Give a spot with its readers' comments."""
    return Annotation.of(spot, base, said, context=CONTEXT)


def listed(
    spots: Iterable[Spot],
    label: str,
    base: str,
    asked: Mapping[str, str],
    after: str | None,
    before: str | None,
) -> AnnotationCollection | AnnotationPage:
    """Give a page of spots: the first within its collection, others by themselves.

    `asked` is the request's query, `after` and `before` are the cursors of the pages there.
    """
    rest = {name: value for name, value in asked.items() if name != "cursor"}

    def at(cursor: str | None) -> str:
        query = urlencode(rest | ({"cursor": cursor} if cursor else {}))
        return f"{base}?{query}" if query else base

    here = asked.get("cursor")
    page = AnnotationPage(
        id=at(here) if here else f"{at(None)}#first",
        next=at(after) if after else None,
        prev=at(before) if before else None,
        items=[Annotation.of(spot, base) for spot in spots],
    )
    if here:
        return page.model_copy(update={"context": CONTEXT, "part_of": Part(id=at(None))})
    return AnnotationCollection(context=CONTEXT, id=at(None), label=label, first=page)


class Listed(RootModel[AnnotationCollection | AnnotationPage]):
    """A collection with its first page; or, behind a cursor, another page of it."""
