"""Something else is wrong here: what cannot be selected can be reported all the same."""

from playwright.sync_api import expect

from tests.browser.conftest import ReaderPage

BODY = """
<h1>The lighthouse keeper’s last wniter</h1>
<p>She lived by the sea, as <a id="dead" href="https://gone.example/tower">the almanac</a> says.</p>
<figure><img id="lamp" src="/lamp.jpg" alt="A lmap" width="80" height="40">
<figcaption>The old lamp, in Novembre.</figcaption></figure>
<p>Before the boat.</p>
<img src="/boat.jpg" alt="" width="80" height="40">
<p>A boat brought it on a Tuesday.</p>
<p data-feedback-ignore><a href="/ad">Buy a boat</a></p>
<div style="height: 400vh"></div><p><a href="/far">far below</a></p>
"""


def choices(reader: ReaderPage) -> list[str]:
    expect(reader.choice).to_be_visible()
    return reader.choice.locator("option").all_inner_texts()


def visit(reader: ReaderPage) -> ReaderPage:
    return reader.visit(body=BODY, headers={})


def send(reader: ReaderPage) -> dict[str, object]:
    reader.button("Send").click()
    expect(reader.outcome).to_contain_text("Thank you!")
    return reader.service.reports[0]


def test_what_is_on_the_screen_is_offered(reader_page: ReaderPage) -> None:
    visit(reader_page).report("Tuesday")

    assert choices(reader_page) == [
        "—",
        "Headline: The lighthouse keeper’s last wniter",
        "Broken link: the almanac",
        "Image: A lmap",
        f"Image: {reader_page.site.origin}/boat.jpg",
    ]


def test_the_headline(reader_page: ReaderPage) -> None:
    visit(reader_page).report("Tuesday")

    reader_page.choice.select_option(index=1)

    expect(reader_page.correction).to_have_value("The lighthouse keeper’s last wniter")
    reader_page.correction.fill("The lighthouse keeper’s last winter")
    report = send(reader_page)
    assert report["quote"]["exact"] == "The lighthouse keeper’s last wniter"
    assert report["correction"] == "The lighthouse keeper’s last winter"
    assert "about" not in report


def test_an_image_is_told_by_its_caption_and_corrected_in_its_alternative_text(
    reader_page: ReaderPage,
) -> None:
    visit(reader_page).report("Tuesday")

    reader_page.choice.select_option(label="Image: A lmap")

    expect(reader_page.passage).to_have_text("Image: A lmap")
    reader_page.correction.fill("A lamp")
    report = send(reader_page)
    assert report["quote"]["exact"] == "The old lamp, in Novembre."
    assert report["correction"] == "A lamp"
    assert report["about"] == {
        "type": "image",
        "text": "A lmap",
        "url": f"{reader_page.site.origin}/lamp.jpg",
    }


def test_an_image_without_words_is_told_by_those_after_it(reader_page: ReaderPage) -> None:
    visit(reader_page).report("Tuesday")

    reader_page.choice.select_option(index=4)
    reader_page.comment.fill("Say what it shows.")

    report = send(reader_page)
    assert report["quote"]["exact"] == "A boat brought it on a Tuesday."
    assert report["correction"] == ""
    assert report["about"]["url"].endswith("/boat.jpg")


def test_a_link_that_leads_nowhere(reader_page: ReaderPage) -> None:
    visit(reader_page).report("Tuesday")

    reader_page.choice.select_option(label="Broken link: the almanac")

    expect(reader_page.correction).to_have_value("https://gone.example/tower")
    report = send(reader_page)
    assert report["quote"]["exact"] == "the almanac"
    assert report["about"] == {
        "type": "link",
        "text": "the almanac",
        "url": "https://gone.example/tower",
    }


def test_the_way_back_leads_to_the_words(reader_page: ReaderPage) -> None:
    visit(reader_page).report("Tuesday")
    reader_page.choice.select_option(index=1)

    reader_page.choice.select_option(index=0)

    expect(reader_page.correction).to_have_value("Tuesday")
    assert send(reader_page)["quote"]["exact"] == "Tuesday"


def test_without_a_selection_it_is_the_only_way(reader_page: ReaderPage) -> None:
    visit(reader_page).press()
    expect(reader_page.dialog).to_contain_text("Please select the words with the mistake")
    expect(reader_page.correction).to_have_count(0)
    expect(reader_page.button("Send")).to_have_count(0)

    reader_page.choice.select_option(label="Image: A lmap")

    expect(reader_page.correction).to_have_value("A lmap")
    expect(reader_page.dialog).to_contain_text("The following text will be sent")
    assert send(reader_page)["about"]["text"] == "A lmap"


def test_arrow_keys_go_through_the_list(reader_page: ReaderPage) -> None:
    visit(reader_page).report("Tuesday")
    reader_page.choice.focus()

    for _ in range(3):
        reader_page.press("ArrowDown")

    expect(reader_page.choice).to_be_focused()
    expect(reader_page.correction).to_have_value("A lmap")


def test_what_is_no_place_in_the_article_is_left_out(reader_page: ReaderPage) -> None:
    body = (
        '<h1>Odd</h1><main><svg width="40" height="20"><a href="/x"><text y="15">map</text></a>'
        "</svg><img width=9 height=9>One two.</main>"
    )
    reader_page.visit(body=body, headers={}).press()

    assert choices(reader_page) == ["—", "Headline: Odd"]


def test_what_a_page_calls_markup_stays_text(reader_page: ReaderPage) -> None:
    alt = "&lt;img src=x onerror=alert(1)&gt;"
    body = f'<h1>Markup</h1><main><img src="/a.png" alt="{alt}" width="9" height="9">One.</main>'
    reader_page.visit(body=body, headers={}).press()

    reader_page.choice.select_option(index=2)

    expect(reader_page.passage).to_have_text("Image: <img src=x onerror=alert(1)>")
    expect(reader_page.dialog.locator("img")).to_have_count(0)
