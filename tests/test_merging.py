"""Merging and splitting by hand: where reports go, that it sticks, and that it is taken back."""

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import decisions, queue
from feedback.desk.decisions import NotPossible, Verdict
from feedback.desk.models import Decision, Kind, Parting
from feedback.reports.models import Report, Spot, Status
from tests.makers import TEXT, a_double, a_look, a_site, a_spot, an_editor, newsroom, standing

FIXED = TEXT.replace("wrold", "world")


def decide(spot: Spot, editor: Editor, kind: Kind, **more: object) -> Decision:
    spot = standing(spot)
    decision = decisions.decide(db.session, spot, editor, Verdict(kind, spot.version, **more))
    db.session.commit()
    return decision


def comments(spot: Spot) -> list[str]:
    found = db.session.scalars(
        sa.select(Report.comment).where(Report.spot_id == spot.id).order_by(Report.id)
    ).all()
    db.session.commit()
    return list(found)


def the_report(comment: str) -> int:
    found = db.session.scalars(sa.select(Report.id).where(Report.comment == comment)).one()
    db.session.commit()
    return found


def test_a_merge_takes_all_reports_along(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into = a_spot(site, comment="one")
        spot = a_spot(site, nth=1, comment="two")
        a_spot(site, nth=1, comment="three")

        decide(spot, ed, Kind.MERGE, into=into.id)

        assert comments(into) == ["one", "two", "three"]
        assert (standing(into).readers, standing(spot).readers) == (3, 0)
        assert (spot.status, spot.merged_into_id) == (Status.MERGED, into.id)
        assert into.last_at > into.first_at


def test_a_merge_has_its_readers_heard(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into = a_spot(site, correction="")
        spot = a_spot(site, nth=1, correction="world")

        decide(spot, ed, Kind.MERGE, into=into.id)

        assert standing(into).correction == "world"


def test_an_undone_merge_is_undone_to_the_letter(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into = a_spot(site, comment="one")
        spot = a_spot(site, nth=1, comment="two", correction="word")
        decide(spot, ed, Kind.ACCEPT)
        before = (spot.first_at, spot.last_at)
        decide(spot, ed, Kind.MERGE, into=into.id)
        a_spot(site, comment="late")

        decide(spot, ed, Kind.UNDO)

        assert (comments(into), comments(spot)) == (["one", "late"], ["two"])
        assert (spot.status, spot.readers, spot.correction) == (Status.ACCEPTED, 1, "word")
        assert (spot.first_at, spot.last_at) == before
        assert (standing(into).readers, into.correction) == (2, "world")


def test_reports_land_where_a_merged_spot_went(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        last = a_spot(site, nth=2)
        into = a_spot(site)
        spot = a_spot(site, nth=1)
        decide(spot, ed, Kind.MERGE, into=into.id)
        decide(into, ed, Kind.MERGE, into=last.id)

        landed = a_spot(site, nth=1, comment="late")

        assert landed.id == last.id
        assert standing(last).readers == 4


def test_a_merge_by_hand_sticks_when_the_article_is_looked_at(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into, spot = a_spot(site), a_spot(site, nth=1)
        decide(spot, ed, Kind.MERGE, into=into.id)

        a_look(into.article, TEXT)
        a_look(into.article, TEXT)

        assert standing(spot).merged_into_id == into.id
        assert standing(into).readers == 2


def test_a_spot_of_two_places_is_fixed_when_both_are(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into, spot = a_spot(site), a_spot(site, nth=1)
        decide(spot, ed, Kind.MERGE, into=into.id)

        half = TEXT.replace("The end of the wrold", "The end of the world")
        a_look(into.article, half)
        a_look(into.article, half)
        before = standing(into).status
        a_look(into.article, FIXED)
        a_look(into.article, FIXED)

        assert (before, standing(into).status) == (Status.WAITING, Status.FIXED)


def test_a_merge_that_is_undone_is_not_made_again(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, nth=1, comment="one")
        double = a_double(site, spot)
        a_look(spot.article, TEXT)
        before = standing(double).status

        decide(double, ed, Kind.UNDO)
        a_look(spot.article, TEXT)

        assert (before, standing(double).status) == (Status.MERGED, Status.WAITING)
        assert (comments(spot), comments(double)) == (["one"], ["double"])


def test_a_split_makes_a_spot_of_the_chosen_reports(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two", correction="word")
        a_spot(site, comment="three", correction="word")

        chosen = (the_report("two"), the_report("three"))
        decision = decide(spot, ed, Kind.SPLIT, reports=chosen)

        new = db.session.get_one(Spot, decision.into_id)
        assert (comments(spot), comments(new)) == (["one"], ["two", "three"])
        assert (new.status, new.readers, new.correction) == (Status.WAITING, 2, "word")
        assert (standing(spot).readers, spot.correction) == (1, "world")
        assert new.exact == "wrold"


def test_a_split_sticks_when_the_article_is_looked_at(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        decision = decide(spot, ed, Kind.SPLIT, reports=(the_report("two"),))

        concluded = a_look(spot.article, TEXT)

        assert (concluded.merged, concluded.still) == (0, 2)
        assert comments(db.session.get_one(Spot, decision.into_id)) == ["two"]


def test_what_was_parted_stays_so_in_a_spot_it_was_merged_into(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        split_off = decide(spot, ed, Kind.SPLIT, reports=(the_report("two"),)).into_id
        third = a_spot(site, nth=1)

        decide(db.session.get_one(Spot, split_off), ed, Kind.MERGE, into=third.id)

        pairs = db.session.execute(sa.select(Parting.spot_id, Parting.other_id)).all()
        assert (spot.id, third.id) in [tuple(pair) for pair in pairs]


def test_an_undone_split_brings_the_reports_back(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        new_id = decide(spot, ed, Kind.SPLIT, reports=(the_report("two"),)).into_id

        decide(spot, ed, Kind.UNDO)
        a_look(spot.article, TEXT)

        assert comments(spot) == ["one", "two"]
        assert db.session.get_one(Spot, new_id).merged_into_id == spot.id
        assert standing(spot).readers == 2


def test_a_split_is_not_undone_over_what_was_decided_since(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        new_id = decide(spot, ed, Kind.SPLIT, reports=(the_report("two"),)).into_id
        decide(db.session.get_one(Spot, new_id), ed, Kind.ACCEPT)

        with pytest.raises(NotPossible, match="undo that first"):
            decide(spot, ed, Kind.UNDO)
        db.session.rollback()

        assert comments(spot) == ["one"]


def test_what_cannot_be_merged_is_refused(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot, other = a_spot(site), a_spot(site, nth=1)
        elsewhere = a_spot(site, url="https://paper.example/other")
        gazette = a_site("Gazette", "https://gazette.example")
        theirs = a_spot(gazette, url="https://gazette.example/a")
        third = a_spot(site, nth=2)
        decide(third, ed, Kind.MERGE, into=other.id)

        for into in (spot.id, elsewhere.id, theirs.id, third.id, None, 10**9):
            with pytest.raises(NotPossible) as refused:
                decide(spot, ed, Kind.MERGE, into=into)
            assert refused.value.field == "into"
            db.session.rollback()

        assert standing(spot).status is Status.WAITING


def test_what_cannot_be_split_is_refused(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        a_spot(site, nth=1, comment="other")
        one, two, other = the_report("one"), the_report("two"), the_report("other")

        for reports in ((), (one, two), (other,), (one, other), (10**9,)):
            with pytest.raises(NotPossible) as refused:
                decide(spot, ed, Kind.SPLIT, reports=reports)
            assert refused.value.field == "reports"
            db.session.rollback()

        assert comments(spot) == ["one", "two"]


def test_the_history_of_a_spot_tells_what_came_to_it(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into, spot = a_spot(site), a_spot(site, nth=1)
        decide(spot, ed, Kind.MERGE, into=into.id)
        decide(into, ed, Kind.ACCEPT)

        told = db.session.scalars(queue.history(into.id)).all()

        assert [(each.kind, each.spot_id) for each in told] == [
            (Kind.ACCEPT, into.id),
            (Kind.MERGE, spot.id),
        ]


def test_a_site_with_merged_spots_can_be_removed(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        an_editor(site, "eva@paper.example")
        into, spot = a_spot(site, comment="one"), a_spot(site, nth=1, comment="two")
        decide(spot, ed, Kind.MERGE, into=into.id)
        decide(into, ed, Kind.SPLIT, reports=(the_report("two"),))
        a_look(into.article, TEXT)

        db.session.execute(sa.text("DELETE FROM site"))
        db.session.commit()

        assert db.session.scalar(sa.select(sa.func.count()).select_from(Spot)) == 0


def test_an_undone_merge_leaves_nothing_of_what_its_readers_said(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into = a_spot(site, correction="")
        spot = a_spot(site, nth=1, correction="world")
        decide(spot, ed, Kind.MERGE, into=into.id)

        decide(spot, ed, Kind.UNDO)

        assert (standing(into).correction, standing(spot).correction) == ("", "world")


def test_an_undone_merge_takes_no_reports_that_came_another_way(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        into = a_spot(site, nth=1, comment="two")
        last = a_spot(site, nth=2, comment="three")
        decide(spot, ed, Kind.MERGE, into=into.id)
        decide(into, ed, Kind.MERGE, into=last.id)
        decide(spot, ed, Kind.UNDO)
        decide(spot, ed, Kind.MERGE, into=last.id)

        decide(into, ed, Kind.UNDO)

        assert (comments(into), comments(last)) == (["two"], ["one", "three"])


def test_what_was_split_off_stays_so_when_its_merge_is_undone(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into = a_spot(site, comment="one")
        spot = a_spot(site, nth=1, comment="two")
        decide(spot, ed, Kind.MERGE, into=into.id)
        chosen = (the_report("two"),)
        new_id = decide(into, ed, Kind.SPLIT, reports=chosen).into_id
        decide(db.session.get_one(Spot, new_id), ed, Kind.MERGE, into=into.id)

        decide(spot, ed, Kind.UNDO)

        assert (comments(spot), comments(into)) == ([], ["one", "two"])


def test_a_split_is_undone_once_what_was_decided_since_is(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        new_id = decide(spot, ed, Kind.SPLIT, reports=(the_report("two"),)).into_id
        new = db.session.get_one(Spot, new_id)
        decide(new, ed, Kind.ACCEPT)
        decide(new, ed, Kind.UNDO)

        decide(spot, ed, Kind.UNDO)

        assert comments(spot) == ["one", "two"]
        assert (standing(new).status, new.merged_into_id) == (Status.MERGED, spot.id)


def test_a_spot_whose_reports_have_gone_begins_anew(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        into = a_spot(site, comment="one")
        spot = a_spot(site, nth=1, comment="two", correction="word")
        decide(spot, ed, Kind.MERGE, into=into.id)
        decide(into, ed, Kind.SPLIT, reports=(the_report("two"),))
        decide(spot, ed, Kind.UNDO)
        before = (standing(spot).readers, spot.correction)

        a_spot(site, nth=1, comment="late", correction="world")

        assert (before, comments(spot)) == ((0, "word"), ["late"])
        assert (standing(spot).readers, spot.correction) == (1, "world")
        assert spot.first_at == spot.last_at
