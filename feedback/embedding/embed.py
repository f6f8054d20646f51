"""What a page is to have: our line, its other forms, and the sentence for readers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Embed:
    """The embed as one installation serves it."""

    base_url: str
    #: The path of this version's own file, as `/static/<version>/js/embed.js`, and its hash.
    pinned_path: str
    integrity: str
    #: By each language of the dialog, what a link says that leads readers to the editors.
    leads: Mapping[str, str]
    #: Gives the language that suits a tag best.
    match: Callable[[str], str]

    @property
    def address(self) -> str:
        """Where the script is, whatever the version."""
        return f"{self.base_url}/embed.js"

    @property
    def pinned(self) -> str:
        """Where this version's script is, and no other's."""
        return self.base_url + self.pinned_path

    @property
    def origin(self) -> str:
        """What a Content-Security-Policy has to name."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def line(self) -> str:
        """The line to paste."""
        return f'<script async src="{self.address}"></script>'

    @property
    def pinned_line(self) -> str:
        """The line for pages that load nothing but what they know; a release outdates it."""
        return (
            f'<script async crossorigin src="{self.pinned}" integrity="{self.integrity}"></script>'
        )

    @property
    def form(self) -> str:
        """Where readers without scripts report."""
        return f"{self.base_url}/report"

    def caption(self, tag: str) -> str:
        """Give the paragraph that tells readers how to report, in the language that suits `tag`.

        Without scripts its link opens a form, which knows the article by the `Referer`: so that
        must hold the whole address.
        """
        lead = escape(self.leads[self.match(tag)], quote=False)
        link = f'<a href="{self.form}" referrerpolicy="no-referrer-when-downgrade">{lead}</a>'
        return f"<p data-feedback-caption>{link}</p>"

    def is_pinned(self, address: str) -> bool:
        """Tell whether an address is that of some version's own file."""
        version = r"/static/[^/]+/js/embed\.js"
        return bool(re.fullmatch(re.escape(self.base_url) + version, address))

    def is_ours(self, address: str) -> bool:
        """Tell whether an address is that of the script, of any version."""
        return address == self.address or self.is_pinned(address)
