"""The table of trials, and the bars that they must pass."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.tables import Table
from evaluation.trials import Trial
from feedback.anchoring import Presence

_SAID: Final = (Presence.STILL, Presence.CHANGED, Presence.GONE, Presence.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Bar:
    """A share of some trials that must be reached, or not be exceeded."""

    name: str
    among: Callable[[Trial], bool]
    passes: Callable[[Trial], bool]
    least: float = 0.0
    most: float = 1.0


def _still(trial: Trial) -> bool:
    return trial.truth is Presence.STILL


def _changed(trial: Trial) -> bool:
    return trial.truth is Presence.CHANGED


BARS: Final = (
    Bar(
        "unchanged page: right place",
        lambda trial: trial.edit == "unchanged",
        lambda trial: trial.exactly,
        least=0.995,
    ),
    Bar("still, at the right place", _still, lambda trial: trial.good, 0.98),
    Bar("changed, at the right place", _changed, lambda trial: trial.good, 0.97),
    Bar("gone", lambda trial: trial.truth is Presence.GONE, lambda trial: trial.right, least=0.90),
    Bar(
        "fixed, called still",
        _changed,
        lambda trial: trial.sighting.presence is Presence.STILL,
        most=0.005,
    ),
    Bar(
        "untouched, called changed",
        _still,
        lambda trial: trial.sighting.presence is Presence.CHANGED,
        most=0.01,
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A bar, over some trials."""

    bar: Bar
    count: int
    share: float

    @property
    def reached(self) -> bool:
        """Whether the bar is passed."""
        return self.bar.least <= self.share <= self.bar.most


def outcomes(trials: Sequence[Trial]) -> list[Outcome]:
    """Hold trials against all bars that they say something of."""
    found = []
    for bar in BARS:
        among = [trial for trial in trials if bar.among(trial)]
        if among:
            found.append(Outcome(bar, len(among), sum(map(bar.passes, among)) / len(among)))
    return found


def table(title: str, trials: Iterable[Trial], by: Callable[[Trial], str]) -> Table:
    """Count what was said of trials, a row for each kind and truth."""
    groups: dict[tuple[str, Presence], list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[by(trial), trial.truth].append(trial)
    rows = [_row(name, truth, group) for (name, truth), group in groups.items()]
    head = ("", "truth", "n", "right %", "place %", "exactly %", *_SAID)
    return Table(title, head, rows)


def _row(name: str, truth: Presence, group: Sequence[Trial]) -> list[str]:
    said = Counter(trial.sighting.presence for trial in group)
    shares = (
        sum(trial.right for trial in group),
        sum(trial.placed for trial in group),
        sum(trial.exactly for trial in group),
    )
    size = len(group)
    percent = [f"{100 * share / size:.1f}" for share in shares]
    return [name, truth, f"{size:,}", *percent, *(str(said[each] or "") for each in _SAID)]


def summary(found: Iterable[Outcome]) -> Table:
    """Show each bar beside what was reached."""
    rows = []
    for each in found:
        bar = each.bar
        wanted = f"≤ {bar.most:.1%}" if bar.most < 1 else f"≥ {bar.least:.1%}"
        passed = "pass" if each.reached else "MISSED"
        rows.append([bar.name, f"{each.count:,}", f"{each.share:.2%}", wanted, passed])
    return Table("Bars", ("", "n", "reached", "bar", ""), rows)


def failure(trial: Trial) -> str:
    """Show a trial for reading: what was there, what is there, what was said."""
    start, end = trial.quote
    before = trial.before
    was = f"{before[max(0, start - 50) : start]}⟦{trial.exact}⟧{before[end : end + 50]}"
    said = f"{trial.sighting.presence}{' (twin)' if trial.twin else ''}"
    lines = [
        " | ".join([trial.page, trial.selection, trial.edit, f"{trial.truth} as {said}"]),
        f"  was  {was!r}",
        f"  true {_shown(trial.after.text, trial.after.start, trial.after.end)}",
        f"  said {_shown(trial.after.text, trial.sighting.start, trial.sighting.end)}",
    ]
    return "\n".join(lines)


def _shown(text: str, start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return "-"
    around = f"{text[max(0, start - 50) : start]}⟦{text[start:end]}⟧{text[end : end + 50]}"
    return f"{start}: {around!r}"
