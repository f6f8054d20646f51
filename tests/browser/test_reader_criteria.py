"""What WCAG 2.2 asks of the reader's dialog in figures: text spacing, and contrasts of edges."""

from typing import Any

import pytest

from tests.browser.conftest import ReaderPage

BODY = "<h1>Rain</h1><p>In Novembre it rained.</p>"
ALL_FIELDS = 'async data-kinds="typo fact link other" data-email="true"'

#: The spacing of success criterion 1.4.12, as a reader's own style sheet has it.
SPACING = """shadow => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
                         word-spacing: .16em !important }
                     p { margin-block-end: 2em !important }`);
  shadow.adoptedStyleSheets.push(sheet);
}"""

#: Contrast ratios with what is around: of each control's edge, or its surface if that is more.
CONTRASTS = """dialog => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (...colours) => {
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = getComputedStyle(dialog).backgroundColor;
  const ratio = (colour) => {
    const [low, high] = [luminance(ground), luminance(ground, colour)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = {};
  for (const control of dialog.querySelectorAll("textarea, select, input:not([hidden]), button")) {
    control.focus();
    const { borderTopColor, backgroundColor, outlineColor } = getComputedStyle(control);
    found[control.name || control.textContent] = [
      Math.max(ratio(borderTopColor), ratio(backgroundColor)), ratio(outlineColor)];
  }
  return found;
}"""


def cut(reader: ReaderPage) -> list[str]:
    """What is wider than the box it stands in."""
    return reader.dialog.locator("h2, p, label, button, select, blockquote").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1)"
        ".map(one => one.textContent)"
    )


@pytest.mark.parametrize("size", [(320, 256), (1280, 1024)], ids=str)
def test_text_may_be_spaced_out(reader_page: ReaderPage, size: tuple[int, int]) -> None:
    reader_page.page.set_viewport_size({"width": size[0], "height": size[1]})
    reader_page.service.refuse(429)
    reader_page.visit(body=BODY, attributes=ALL_FIELDS).report().button("Send").click()
    reader_page.button("Try again").wait_for()

    reader_page.page.locator("reader-feedback").evaluate(f"host => ({SPACING})(host.shadowRoot)")

    assert cut(reader_page) == []
    assert reader_page.dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_and_the_focus_stand_out(reader_page: ReaderPage, scheme: Any) -> None:
    reader_page.page.emulate_media(color_scheme=scheme)
    reader_page.visit(body=BODY, attributes=ALL_FIELDS).report()

    found = reader_page.dialog.evaluate(CONTRASTS)

    assert len(found) == 7
    assert {name: ratios for name, ratios in found.items() if min(ratios) < 3} == {}
