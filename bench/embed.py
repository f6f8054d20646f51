"""What the reader's side costs: its bytes, the time of a page view, the wait for the dialog."""

import re

from bench import chromium, opening, servers, viewing
from bench.parts import Run, Void
from bench.servers import Running
from bench.tables import Table
from feedback.web import reader_strings

_CODINGS = ("identity", "gzip", "br")
_HEAD = ("", "requests", "plain", "gzip", "br")
_VERSIONED = re.compile(r"static/[0-9a-f]+/js/reader/")

Sizes = list[int]


def embed(run: Run) -> list[Table]:
    """Measure what a page view costs, and what the dialog costs whoever opens it."""
    home = run.folder / "embed"
    with servers.service(home, servers.sqlite(home)) as server:
        script = f"http://127.0.0.1:{server.port}/embed.js"
        try:
            with chromium.running() as browser:
                run.facts["Chromium"] = browser.version
                views = viewing.table(run, browser, script)
                openings = opening.openings(run, browser, script)
        except chromium.Absent as error:
            absent = Table("The reader's side in a browser", (), (), f"Not measured: {error}.")
            return [_weighed(server, ""), absent]
        weighed = _weighed(server, opening.fetched(openings))
    return [weighed, views, opening.table(openings)]


def _weighed(server: Running, note: str) -> Table:
    """Weigh what is served to a page view, and to a first use of the dialog."""
    version = _VERSIONED.search(server.get("/embed.js").decode())
    if version is None:
        raise Void("the embed does not say where its modules are")
    folder = f"/{version[0]}"
    reader = _sizes(server, f"{folder}reader.js")
    tables = {tag: _sizes(server, f"{folder}strings/{tag}.js") for tag in reader_strings.tables()}
    least, most = (choose(tables, key=lambda tag: tables[tag][-1]) for choose in (min, max))
    rows = [
        _row("each page view: embed.js", 1, _sizes(server, "/embed.js")),
        _row("a caption that comes near, in English", 1, _sizes(server, f"{folder}caption/en.js")),
        *(
            _row(f"first use of the dialog, in {language}", 2, _both(reader, tables[tag]))
            for language, tag in (
                ("English", reader_strings.ENGLISH),
                (f"the smallest of {len(tables)} languages ({least})", least),
                (f"the largest ({most})", most),
            )
        ),
    ]
    return Table("Bytes served to a reader", _HEAD, rows, note)


def _sizes(server: Running, path: str) -> Sizes:
    return [len(server.get(path, coding)) for coding in _CODINGS]


def _both(one: Sizes, other: Sizes) -> Sizes:
    return [a + b for a, b in zip(one, other, strict=True)]


def _row(name: str, requests: int, sizes: Sizes) -> list[str]:
    return [name, str(requests), *(f"{size:,}" for size in sizes)]
