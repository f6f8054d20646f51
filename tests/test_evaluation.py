"""The evaluation: its truth is sound, its bars hold on prose of our own, its command says so."""

import html
import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import figures, timing
from evaluation.__main__ import main
from evaluation.edits import EDITS
from evaluation.pages import CLOSE, OPEN, Page, page, read
from evaluation.selections import KINDS, selections
from evaluation.trials import trials
from feedback.anchoring import Presence, normalize
from tests.prose import STORIES

#: No boilerplate here: what stands twice cannot be told apart by anyone.
HEADS = ("Harbour news", "Острів", "かもめの島", "أخبار الجزيرة", "คนเฝ้าประภาคาร")


def an_article_page(chance: random.Random, languages: list[str]) -> str:
    """An article in HTML: stories with links and emphasis in them, between a menu and a footer."""
    lines = [line for language in languages for line in STORIES[language].split("\n")]
    blocks = [f"<h1>{chance.choice(HEADS)}</h1>"]
    for line in lines:
        words = html.escape(line, quote=False).split(" ")
        for at in chance.sample(range(len(words)), k=len(words) // 6):
            tag = chance.choice(["em", "b", "a href='#'", "span"])
            words[at] = f"<{tag}>{words[at]}</{tag.split()[0]}>"
        blocks.append(f"<p>{' '.join(words)}</p>")
    menu = "<ul><li>Home</li><li>Sea and weather</li><li>Letters</li></ul>"
    return f"<!DOCTYPE html><body>{menu}{''.join(blocks)}<footer>The Island Paper</footer></body>"


def some_pages() -> list[Page]:
    chance = random.Random(7)
    languages = [["en", "ja"], ["de", "zh"], ["ru", "he"], ["uk", "ar"], ["th", "en"]]
    return [page(" ".join(two), an_article_page(chance, two)) for two in languages]


def test_the_bars_hold_on_our_own_prose() -> None:
    found = list(trials(some_pages(), seed=5, each=1))

    missed = [each for each in figures.outcomes(found) if not each.reached]

    assert len(found) > 600
    assert {trial.edit for trial in found} == set(EDITS)
    assert {trial.selection for trial in found} == set(KINDS)
    assert missed == []


def test_marks_stand_where_the_selection_is() -> None:
    chance = random.Random(8)

    for each in some_pages():
        for _, (start, end) in selections(chance, each, 3):
            marked = read(each.marked(start, end))
            assert (marked.text, marked.start, marked.end) == (each.text, start, end)


def test_a_page_in_pieces_reads_like_the_page() -> None:
    source = an_article_page(random.Random(9), ["en", "he"])

    assert page("one", source).text == normalize(source).text


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_keeps_the_marks_around_what_it_says(name: str) -> None:
    chance = random.Random(10)
    english = page("en", an_article_page(chance, ["en", "de"]))
    start = english.text.index("ship that passed")

    before, after = EDITS[name](chance, english.marked(start, start + 16)) or (None, None)

    if name == "fixed: doubled word":  # of a phrase none is
        assert before is None
        return
    assert before
    assert after
    marked = read(after)
    assert OPEN not in marked.text
    assert CLOSE not in marked.text
    if name.startswith("paragraph deleted"):
        assert marked.start is None
    else:
        now = marked.text[marked.start : marked.end].replace("\n", " ")
        assert (now != "ship that passed") == name.startswith("fixed")


def test_the_command_prints_the_table_and_fails_where_a_bar_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in ("en", "ja"):
        source = an_article_page(random.Random(11), [language, "de"])
        (tmp_path / f"{language}.html").write_text(source, "utf-8")
    run = CliRunner().invoke(main, [str(tmp_path), "--each", "1", "--no-times"])
    strict = figures.Bar("never", lambda _: True, lambda trial: trial.seconds < 0, least=0.5)
    monkeypatch.setattr(figures, "BARS", (strict,))

    failing = CliRunner().invoke(
        main, [str(tmp_path), "--each", "1", "--failures", "2", "--no-times"]
    )

    assert re.search(r"^unchanged +still +\d+ +100\.0", run.output, re.MULTILINE)
    assert re.search(r"^all at once +still", run.output, re.MULTILINE)
    assert failing.exit_code == 1
    assert "MISSED" in failing.output


def test_the_time_of_a_look_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "LONG", 20_000)
    monkeypatch.setattr(timing, "LARGEST", 8_000)

    table, _ = timing.measured(some_pages()[:1], seed=1)

    assert [row[0].split(",")[0] for row in table.rows[:3]] == ["20"] * 3
    assert all(float(row[1]) > 0 for row in table.rows)


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, [str(tmp_path)])

    assert run.exit_code == 1
    assert "no page" in run.output


def test_a_wrong_presence_is_a_failure() -> None:
    found = next(iter(trials(some_pages()[:1], seed=5, each=1)))
    object.__setattr__(found.sighting, "presence", Presence.GONE)

    assert not found.good
    assert "gone" in figures.failure(found)
