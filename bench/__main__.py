"""`python -m bench`: measure, print, and keep the last whole run in docs/benchmarks.md."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import click

from bench import desks, embed, footprint, intake, looks, paging, record, tables
from bench.parts import Part, Run, Void
from bench.servers import Broken
from bench.tables import Table

PARTS: dict[str, Part] = {
    "sqlite": intake.on_sqlite,
    "postgresql": intake.on_postgres,
    "isso": intake.beside_isso,
    "looks": looks.looking,
    "memory": footprint.memory,
    "queue": paging.paging,
    "history": intake.with_history,
    "desks": desks.open_desks,
    "embed": embed.embed,
    "start": footprint.start,
}


@click.command()
@click.option("--quick", is_flag=True, help="Check that it runs: one round of half a second each.")
@click.option(
    "--only",
    "chosen",
    type=click.Choice(list(PARTS)),
    multiple=True,
    help="Measure this part; may be given several times.",
)
@click.option("--keep", is_flag=True, help="With --only: renew the figures of these parts.")
@click.option(
    "--reports",
    type=(int, int),
    default=(1_000, 1_000_000),
    show_default=True,
    help="How many are behind the queue and the intake: little, and much.",
)
@click.option(
    "--filled",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep full SQLite databases in this folder, and take those that are there.",
)
def main(
    chosen: tuple[str, ...],
    *,
    quick: bool,
    keep: bool,
    reports: tuple[int, int],
    filled: Path | None,
) -> None:
    """Measure the service beside bare Flask views, and the reader's side beside the least.

    A whole run is kept in docs/benchmarks.md; of one with --only the parts are, with --keep;
    one with --quick is printed alone.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    run = Run(folder, rounds=1, seconds=0.5) if quick else _whole(folder, reports, filled)
    try:
        found, failures = measured(run, chosen or tuple(PARTS))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    printed = (tables.text(table) for part in found.values() for table in part)
    click.echo("\n\n".join([_lines(run.facts), *printed]))
    if failures:
        sys.exit(1)
    if not chosen and not quick:
        record.keep(run.facts, found)
    elif keep and not quick:
        try:
            record.renew(run.facts, found)
        except record.Unmarked as error:
            raise click.ClickException(str(error)) from error


def _whole(folder: Path, reports: tuple[int, int], kept: Path | None) -> Run:
    return Run(folder, rounds=3, seconds=2.5, visits=15, reports=reports, kept=kept)


def measured(run: Run, names: Iterable[str]) -> tuple[dict[str, list[Table]], int]:
    """Carry out the parts called `names`; give their tables and how many parts failed."""
    run.facts.update(_machine(run.folder))
    found: dict[str, list[Table]] = {}
    failures = 0
    for name in names:
        click.echo(f"measuring {name} …", err=True)
        try:
            found[name] = PARTS[name](run)
        except (Void, Broken) as error:
            failures += 1
            found[name] = [Table(name, (), (), f"Void: {error}")]
    return found, failures


def _machine(folder: Path) -> dict[str, str]:
    """Tell what the figures are measured on. Nothing that names the machine."""
    facts = {
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "System": f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores",
        "Python": platform.python_version(),
        "One fsync": f"{_fsync(folder) * 1000:.2f} ms",
    }
    if hasattr(os, "getloadavg"):
        facts["Load before the run"] = f"{os.getloadavg()[0]:.1f}"
    return facts


def _fsync(folder: Path) -> float:
    """Give the seconds that the disk takes to keep a page."""
    taken = []
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(100):
            began = time.perf_counter()
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)


def _lines(facts: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


if __name__ == "__main__":
    main()
