"""What a spot can be merged into, for the menu in its row. Asked for by the desk's scripts."""

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _

from feedback.db import db
from feedback.desk import queue
from feedback.desk.cards import Card
from feedback.web.desk import own
from feedback.web.guard import signed_in

bp = Blueprint("others", __name__, url_prefix="/desk")

#: How many are offered: each has a digit for its key.
NEAREST = 9


@bp.get("/spots/<int:spot_id>/others")
@signed_in
def near(spot_id: int) -> str:
    """Show the panel with the spots that stand nearest in the article."""
    found, role = own(spot_id)
    if not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    beside = db.session.scalars(queue.beside(found).limit(NEAREST + 1)).all()
    return render_template(
        "desk/others.html",
        spot=found,
        cards=[Card.of(other) for other in beside[:NEAREST]],
        more=len(beside) > NEAREST,
    )
