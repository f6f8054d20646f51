"""Articles to make reports on, written for these tests, mistakes included."""

BODY = """
<h1>The lighthouse keeper’s last winter</h1>
<p id="first">For thirty years Marta Holm climbed the stairs at dusk. She counted them every
time, and every time she <em>recieved</em> the same answer: two hundred and twelve. The sea did not
care.</p>
<p id="second">In Novembre the mainland promised a new lamp that needs nobody. “I will beleive it
when I see it,” she said. A boat brought it on a Tuesday.</p>
<p id="third">Nothing was writen about the cat.</p>
<p id="markup">The notice on the door read &lt;img src=x onerror=alert(1)&gt; for a year.</p>
<p><input id="input" aria-label="Search" value="misteak in a field">
<textarea id="area" aria-label="Letter">misteak in a letter</textarea></p>
<div id="editable" contenteditable="true" role="textbox" aria-label="Note">a <b>misteak</b></div>
<p data-feedback-caption></p>
"""


def article(
    embed: str,
    *,
    body: str = BODY,
    title: str = "The lighthouse keeper’s last winter",
    lang: str = "en",
    head: str = '<link rel="canonical" href="https://news.example/lighthouse">',
    direction: str = "ltr",
    attributes: str = "async",
) -> str:
    """A whole page that carries the line that sites paste."""
    return (
        f'<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>{head}"
        f'<script {attributes} src="{embed}"></script></head>'
        f"<body><main>{body}</main></body></html>"
    )


def strict_policy(service: str) -> str:
    """The strictest Content-Security-Policy a site can have and still embed us."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {service}",
            "style-src 'none'",
            f"connect-src {service}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )
