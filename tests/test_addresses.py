"""Addresses: which spellings are one article, which are none, and what an origin is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback.addresses import LONGEST, BadAddress, origin, parse

ARTICLE = "https://paper.example/news/captain"

ONE_ARTICLE = {
    "fragment": (f"{ARTICLE}#comments", ARTICLE),
    "empty fragment": (f"{ARTICLE}#", ARTICLE),
    "text fragment": (f"{ARTICLE}#:~:text=wrold", ARTICLE),
    "empty query": (f"{ARTICLE}?", ARTICLE),
    "campaign": (f"{ARTICLE}?utm_source=letter&utm_medium=mail", ARTICLE),
    "click ids": (f"{ARTICLE}?fbclid=a&gclid=b&msclkid=c&yclid=d&_ga=e", ARTICLE),
    "campaign in capitals": (f"{ARTICLE}?UTM_Source=letter", ARTICLE),
    "campaign escaped": (f"{ARTICLE}?utm%5Fsource=letter", ARTICLE),
    "campaign among others": (f"{ARTICLE}?id=1&utm_source=x&page=2", f"{ARTICLE}?id=1&page=2"),
    "no pair between": (f"{ARTICLE}?&id=1&&page=2&", f"{ARTICLE}?id=1&page=2"),
    "scheme and host in capitals": ("HTTPS://Paper.EXAMPLE/news/captain", ARTICLE),
    "port of https": ("https://paper.example:443/news/captain", ARTICLE),
    "port of http": ("http://paper.example:80/a", "http://paper.example/a"),
    "port left empty": ("https://paper.example:/news/captain", ARTICLE),
    "no path": ("https://paper.example", "https://paper.example/"),
    "no path, a query": ("https://paper.example?id=1", "https://paper.example/?id=1"),
    "escaped letter": ("https://paper.example/news/%63aptain", ARTICLE),
    "escape in small letters": (f"{ARTICLE}/%c3%a9", f"{ARTICLE}/%C3%A9"),
    "letters beyond ASCII": (f"{ARTICLE}/é?q=ж", f"{ARTICLE}/%C3%A9?q=%D0%B6"),
    "brackets in a query": (f"{ARTICLE}?a[]=1", f"{ARTICLE}?a%5B%5D=1"),
    "per cent alone": (f"{ARTICLE}?sale=100%", f"{ARTICLE}?sale=100%25"),
    "dot": ("https://paper.example/./news/./captain", ARTICLE),
    "two dots": ("https://paper.example/old/../news/captain", ARTICLE),
    "two dots too many": ("https://paper.example/../../news/captain", ARTICLE),
    "dots escaped": ("https://paper.example/old/%2e%2E/news/%2e/captain", ARTICLE),
    "dot at the end": ("https://paper.example/news/.", "https://paper.example/news/"),
    "two dots at the end": ("https://paper.example/news/x/..", "https://paper.example/news/"),
    "nothing but dots": ("https://paper.example/..", "https://paper.example/"),
    "umlaut in the host": ("https://münchen.example/a", "https://xn--mnchen-3ya.example/a"),
    "host in Unicode capitals": ("https://MÜNCHEN.example/a", "https://xn--mnchen-3ya.example/a"),
    "host in Cyrillic": ("https://газета.рф/a", "https://xn--80aahjj1e.xn--p1ai/a"),
    "host in Japanese": ("https://新聞。例え/a", "https://xn--efvv70d.xn--r8jz45g/a"),
    "sharp s, kept": ("https://straße.example/", "https://xn--strae-oqa.example/"),
    "short IPv6": ("http://[0:0:0:0:0:0:0:1]:8000/a", "http://[::1]:8000/a"),
    "IPv6 in capitals": ("http://[2001:DB8::A]/", "http://[2001:db8::a]/"),
    "IPv4 in IPv6": ("http://[::ffff:1.2.3.4]/", "http://[::ffff:102:304]/"),
}


@pytest.mark.parametrize(("spelt", "article"), ONE_ARTICLE.values(), ids=ONE_ARTICLE)
def test_an_article_has_one_address_however_it_is_spelt(spelt: str, article: str) -> None:
    assert parse(spelt).article == article
    assert parse(article).article == article


OTHER_ARTICLES = {
    "scheme": ("https://paper.example/a", "http://paper.example/a"),
    "host": ("https://paper.example/a", "https://www.paper.example/a"),
    "port": ("https://paper.example/a", "https://paper.example:8443/a"),
    "path": ("https://paper.example/a", "https://paper.example/b"),
    "case of the path": ("https://paper.example/a", "https://paper.example/A"),
    "slash at the end": ("https://paper.example/a", "https://paper.example/a/"),
    "two slashes": ("https://paper.example/a/b", "https://paper.example/a//b"),
    "escaped slash": ("https://paper.example/a/b", "https://paper.example/a%2Fb"),
    "parent after two slashes": ("https://paper.example/a/b", "https://paper.example/a//../b/"),
    "query": (f"{ARTICLE}?id=1", f"{ARTICLE}?id=2"),
    "no query": (f"{ARTICLE}?id=1", ARTICLE),
    "order of the query": (f"{ARTICLE}?a=1&b=2", f"{ARTICLE}?b=2&a=1"),
    "escaped ampersand": (f"{ARTICLE}?a=1&b=2", f"{ARTICLE}?a=1%26b=2"),
    "plus and space": (f"{ARTICLE}?q=a+b", f"{ARTICLE}?q=a%20b"),
    "what only looks like tracking": (f"{ARTICLE}?utmost=1", ARTICLE),
    "three dots": ("https://paper.example/.../a", "https://paper.example/a"),
    "look-alike host": ("https://paper.example/", "https://pаper.example/"),
}


@pytest.mark.parametrize(("one", "other"), OTHER_ARTICLES.values(), ids=OTHER_ARTICLES)
def test_other_articles_have_other_addresses(one: str, other: str) -> None:
    assert parse(one).article != parse(other).article


BAD = {
    "nothing": "",
    "words": "hello",
    "no scheme": "paper.example/a",
    "scheme left out": "//paper.example/a",
    "another scheme": "ftp://paper.example/a",
    "script": "javascript:alert(1)",
    "data": "data:text/html,hello",
    "file": "file:///etc/passwd",
    "no host": "https:///a",
    "no slashes": "https:paper.example",
    "port alone": "https://:443/",
    "user name": "https://ann@paper.example/",
    "user name and password": "https://ann:secret@paper.example/",
    "empty user name": "https://@paper.example/",
    "backslash": "https://good.example\\@evil.example/",
    "space": "https://paper.example/a b",
    "space before": " https://paper.example/a",
    "tab": "https://paper.example/\ta",
    "line feed": "https://paper.example/\na",
    "NUL": "https://paper.example/\0",
    "no-break space": "https://paper.example/\xa0",
    "line separator": "https://paper.example/\u2028",
    "half a character": "https://paper.example/\ud800",
    "half a character in the host": "https://\udcff.example/",
    "port of letters": "https://paper.example:http/",
    "port too large": "https://paper.example:65536/",
    "port below nothing": "https://paper.example:-1/",
    "two ports": "https://paper.example:80:80/",
    "host begins with a dot": "https://.paper.example/",
    "empty label": "https://paper..example/",
    "label begins with a hyphen": "https://-paper.example/",
    "escaped host": "https://p%61per.example/",
    "sign in the host": "https://pa$per.example/",
    "host too long": "https://" + "a." * 130 + "example/",
    "address of a number": "http://2130706433/",
    "address in hexadecimal": "http://127.0.0.0x1/",
    "address in octal": "http://0127.0.0.1/",
    "short address": "http://127.1/",
    "address out of range": "http://999.1.1.1/",
    "open bracket": "http://[::1/",
    "name in brackets": "http://[paper.example]/",
    "zone": "http://[fe80::1%25eth0]/",
    "a future kind of address": "http://[v1.paper]/",
    "what follows a bracket": "http://[::1]paper.example/",
    "very long": "https://paper.example/" + "a" * LONGEST,
    "very long once escaped": "https://paper.example/" + "ж" * (LONGEST // 4),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_an_address_that_no_browser_shows_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        parse(text)


ORIGINS = {
    "as browsers send it": ("https://paper.example", "https://paper.example"),
    "slash": ("https://paper.example/", "https://paper.example"),
    "white space around": ("  https://paper.example\n", "https://paper.example"),
    "capitals": ("HTTPS://Paper.Example", "https://paper.example"),
    "port of the scheme": ("https://paper.example:443/", "https://paper.example"),
    "another port": ("http://paper.example:8080", "http://paper.example:8080"),
    "Unicode": ("https://münchen.example", "https://xn--mnchen-3ya.example"),
    "IPv4": ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    "IPv6": ("http://[::1]:8000", "http://[::1]:8000"),
    "one label": ("http://localhost", "http://localhost"),
}


@pytest.mark.parametrize(("text", "stated"), ORIGINS.values(), ids=ORIGINS)
def test_an_origin_is_given_as_browsers_send_it(text: str, stated: str) -> None:
    assert origin(text) == stated


NO_ORIGINS = {
    "nothing": "",
    "null": "null",
    "star": "*",
    "host alone": "paper.example",
    "path": "https://paper.example/news",
    "two slashes": "https://paper.example//",
    "query": "https://paper.example/?a",
    "empty query": "https://paper.example?",
    "fragment": "https://paper.example/#a",
    "empty fragment": "https://paper.example#",
    "wildcard": "https://*.paper.example",
    "user name": "https://ann@paper.example",
    "another scheme": "ftp://paper.example",
    "two": "https://paper.example https://other.example",
}


@pytest.mark.parametrize("text", NO_ORIGINS.values(), ids=NO_ORIGINS)
def test_what_is_more_or_less_than_an_origin_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        origin(text)

    assert repr(text) in str(refused.value)
    assert "https://paper.example" in str(refused.value)


PARTS = st.lists(
    st.sampled_from(
        "https http :// : / // . .. ? # & = % %2 %25 %2e %2F %c3%a9 [ ] @ ::1 a A é 例 "
        "paper.example 127.0.0.1 0x1 utm_source=x \ud800 \0 \u3000 ０ ß ．".split(" ")
    ),
    max_size=12,
).map("".join)
ANYTHING = st.text(st.characters(), max_size=60)


@given(st.one_of(PARTS, ANYTHING, PARTS.map("https://paper.example/".__add__)))
@example("https://paper.example/%%341")
@example("https://paper.example/a/%252e%252e/b")
@example("https://paper.example//..//")
def test_an_articles_address_is_its_own_address_whatever_is_given(text: str) -> None:
    try:
        article = parse(text).article
    except BadAddress:
        return

    assert parse(article).article == article
    assert article.isascii()
    assert len(article) <= LONGEST


@given(st.one_of(PARTS, ANYTHING, PARTS.map("https://".__add__)))
def test_an_origin_states_itself_whatever_is_given(text: str) -> None:
    try:
        stated = origin(text)
    except BadAddress:
        return

    assert origin(stated) == stated
    assert parse(stated).origin == stated
