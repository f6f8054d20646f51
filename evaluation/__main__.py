"""`python -m evaluation FOLDER`: how well `locate` does on a folder of pages."""

import random
import sys
from pathlib import Path

import click

from bench import tables
from evaluation import figures, timing
from evaluation.pages import pages
from evaluation.trials import trials


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True, help="Draws the selections and the edits.")
@click.option("--each", default=2, show_default=True, help="Selections of each kind, per page.")
@click.option("--failures", default=0, help="Show so many of the trials that failed.")
@click.option("--times/--no-times", default=True, help="Measure the time of a look, too.")
@click.option("--edit", default="", help="Show failures of this edit only.")
def main(folder: Path, seed: int, each: int, failures: int, edit: str, *, times: bool) -> None:
    """Select, edit, locate; print what came of it. Fails where a bar is missed."""
    articles = pages(folder)
    found = list(trials(articles, seed, each))
    if not found:
        raise click.ClickException(f"There is no page with enough text in {folder}.")
    outcomes = figures.outcomes(found)
    shown = [
        figures.table("By edit", found, lambda trial: trial.edit),
        figures.table("By selection", found, lambda trial: trial.selection),
        figures.summary(outcomes),
    ]
    fast = True
    if times:
        measured, fast = timing.measured(articles, seed)
        shown.append(measured)
    click.echo("\n\n".join(map(tables.text, shown)))
    failed = [t for t in found if not t.good and edit in t.edit]
    random.Random(seed).shuffle(failed)
    for trial in failed[:failures]:
        click.echo(f"\n{figures.failure(trial)}")
    if not fast or not all(outcome.reached for outcome in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    main()
