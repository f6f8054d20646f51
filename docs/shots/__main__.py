"""Takes the pictures of the docs: `make shots`, or `python -m docs.shots dialogs` for some.

It runs the demo and looks at it with the system's Chromium.
"""

import sys
import tempfile
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from docs.shots.camera import PICTURES
from docs.shots.demo import running_demo
from docs.shots.desk import desks, everywhere, menus
from docs.shots.reader import corrections, dialogs, moments, narrow_and_wide, receipt
from docs.shots.word import mail, word
from tests.browser.conftest import CHROMIUM_ARGS, chromium

#: The largest picture and all of them together, in bytes.
LARGEST, ALL = 200_000, 2_000_000

#: What takes pictures, in an order in which each finds what it shows.
ROOMS = (
    dialogs,
    narrow_and_wide,
    moments,
    receipt,
    desks,
    menus,
    mail,
    corrections,
    word,
    everywhere,
)


def main(wanted: list[str]) -> None:
    """Take all pictures anew, or those of the rooms that are named."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="shots") as home,
        running_demo(Path(home)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        demo.look((), ("embarassed",))
        demo.age()
        for room in ROOMS:
            if not wanted or room.__name__ in wanted:
                room(browser, demo)
        browser.close()
    weigh()


def weigh() -> None:
    """Say what each picture weighs. Raises ClickException when one, or all, weigh too much."""
    sizes = {path.name: path.stat().st_size for path in sorted(PICTURES.glob("*.png"))}
    for name, size in sizes.items():
        click.echo(f"{size / 1000:6.0f} kB  docs/pictures/{name}")
    click.echo(f"{sum(sizes.values()) / 1000:6.0f} kB  in all")
    if max(sizes.values()) > LARGEST or sum(sizes.values()) > ALL:
        raise click.ClickException("the pictures weigh too much: clip them, or show less")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except click.ClickException as error:
        error.show()
        sys.exit(1)
