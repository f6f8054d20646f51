"""The way out, against real servers on loopback that behave as badly as the network does."""

import gzip
import random
import re
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import brotli
import pytest
from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

from feedback import outbound
from feedback.outbound import (
    Answer,
    Blocked,
    Broken,
    OutboundError,
    Policy,
    Reason,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    fetch,
    targets,
    user_agent,
)
from tests.far_end import (
    PATIENCE,
    Behaviour,
    FarEnd,
    Visit,
    a_certificate,
    a_closed_port,
    a_far_end,
    answering,
    dripping,
    endless,
    head,
    redirecting,
    sending,
    silent,
)

PUBLIC = "93.184.215.14"


def a_policy(*ends: FarEnd | str, **limits: Any) -> Policy:
    pairs = frozenset(end if isinstance(end, str) else end.pair for end in ends)
    return Policy(allow=pairs, **{"connect": 1.0, "read": 1.0, "total": 3.0, **limits})


def ask(behaviour: Behaviour, method: str = "GET", path: str = "", **limits: Any) -> Answer:
    """Fetch once from a server that behaves so."""
    with a_far_end(behaviour) as end:
        return fetch(end.url + path, policy=a_policy(end, **limits), method=method)


class Names:
    """The DNS: a name's addresses, or what the next look-ups of it give."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo

    def look_up(self, host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host.replace(".", "").isdigit() or ":" in host:
            return self._real(host, port, *args, **options)
        self.asked.append(host)
        if host not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [_place(address, port) for address in self.known[host]]


def _place(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    return names


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address a socket is told to connect to; none is."""
    places: list[Any] = []

    def connect(_: socket.socket, place: Any) -> None:
        places.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return places


# --- Addresses that are refused

INSIDE = {
    "localhost": ["127.0.0.1"],
    "localhost6": ["::1"],
    "db": ["10.0.0.7"],
    "metadata.google.internal": ["169.254.169.254"],
    "mixed.example": [PUBLIC, "10.0.0.7"],
    "mixed-last.example": [PUBLIC, "2606:4700::1111", "fd00::1"],
    "nat64.example": ["64:ff9b::a00:1"],
    "scoped.example": ["fe80::1%2"],
    "public.example": [PUBLIC],
    "xn--80ak6aa92e.example": ["127.0.0.1"],
}

HOSTILE = [
    # this machine, and the networks beside it
    ("http://127.0.0.1/", Reason.PRIVATE),
    ("http://127.1.2.3/", Reason.PRIVATE),
    ("http://0.0.0.0/", Reason.PRIVATE),
    ("http://0.1.2.3/", Reason.PRIVATE),
    ("http://10.0.0.1/", Reason.PRIVATE),
    ("http://172.16.0.1/", Reason.PRIVATE),
    ("http://172.31.255.255/", Reason.PRIVATE),
    ("http://192.168.1.1/", Reason.PRIVATE),
    ("http://169.254.169.254/latest/meta-data/", Reason.PRIVATE),
    ("http://100.64.0.1/", Reason.PRIVATE),
    ("http://100.100.100.200/", Reason.PRIVATE),
    ("http://168.63.129.16/", Reason.PRIVATE),
    ("http://192.0.0.192/", Reason.PRIVATE),
    ("http://192.0.2.1/", Reason.PRIVATE),
    ("http://192.88.99.1/", Reason.PRIVATE),
    ("http://198.18.0.1/", Reason.PRIVATE),
    ("http://198.51.100.1/", Reason.PRIVATE),
    ("http://203.0.113.1/", Reason.PRIVATE),
    ("http://224.0.0.1/", Reason.PRIVATE),
    ("http://239.255.255.250/", Reason.PRIVATE),
    ("http://240.0.0.1/", Reason.PRIVATE),
    ("http://255.255.255.255/", Reason.PRIVATE),
    ("https://127.0.0.1/", Reason.PRIVATE),
    ("https://10.0.0.1:443/", Reason.PRIVATE),
    # the same in IPv6
    ("http://[::]/", Reason.PRIVATE),
    ("http://[::1]/", Reason.PRIVATE),
    ("http://[0:0:0:0:0:0:0:1]/", Reason.PRIVATE),
    ("http://[::ffff:127.0.0.1]/", Reason.PRIVATE),
    ("http://[::ffff:7f00:1]/", Reason.PRIVATE),
    ("http://[::ffff:93.184.215.14]/", Reason.PRIVATE),
    ("http://[::ffff:0:127.0.0.1]/", Reason.PRIVATE),
    ("http://[::127.0.0.1]/", Reason.PRIVATE),
    ("http://[64:ff9b::7f00:1]/", Reason.PRIVATE),
    ("http://[64:ff9b:1::a00:1]/", Reason.PRIVATE),
    ("http://[2002:7f00:1::]/", Reason.PRIVATE),
    ("http://[2001:0:53aa:64c:0:fbff:f5ff:fffe]/", Reason.PRIVATE),
    ("http://[2001:db8::1]/", Reason.PRIVATE),
    ("http://[2001:20::1]/", Reason.PRIVATE),
    ("http://[3fff::1]/", Reason.PRIVATE),
    ("http://[5f00::1]/", Reason.PRIVATE),
    ("http://[100::1]/", Reason.PRIVATE),
    ("http://[fc00::1]/", Reason.PRIVATE),
    ("http://[fd00:ec2::254]/", Reason.PRIVATE),
    ("http://[fe80::1]/", Reason.PRIVATE),
    ("http://[fec0::1]/", Reason.PRIVATE),
    ("http://[ff02::1]/", Reason.PRIVATE),
    ("http://[4000::1]/", Reason.PRIVATE),
    ("http://[fe80::1%25eth0]/", Reason.MALFORMED),
    ("http://[::1/", Reason.MALFORMED),
    ("http://::1/", Reason.MALFORMED),
    ("http://[127.0.0.1]/", Reason.MALFORMED),
    ("http://[v1.1]/", Reason.MALFORMED),
    ("http://[::1]evil/", Reason.MALFORMED),
    # other notations of the same
    ("http://2130706433/", Reason.MALFORMED),
    ("http://134744072/", Reason.MALFORMED),
    ("http://0x7f000001/", Reason.MALFORMED),
    ("http://0X7F.1/", Reason.MALFORMED),
    ("http://017700000001/", Reason.MALFORMED),
    ("http://0177.0.0.1/", Reason.MALFORMED),
    ("http://127.0.0.01/", Reason.MALFORMED),
    ("http://127.1/", Reason.MALFORMED),
    ("http://0/", Reason.MALFORMED),
    ("http://0x/", Reason.MALFORMED),
    ("http://127.0.0.1.1/", Reason.MALFORMED),
    ("http://256.256.256.256/", Reason.MALFORMED),
    ("http://evil.0x7f/", Reason.MALFORMED),
    ("http://127.0.0.1./", Reason.MALFORMED),
    ("http://localhost./", Reason.MALFORMED),
    ("http://public.example./", Reason.MALFORMED),
    ("http://%31%32%37.0.0.1/", Reason.MALFORMED),
    ("http://127.0.0.1%00.public.example/", Reason.MALFORMED),
    ("http://127.0.0.1%2f.public.example/", Reason.MALFORMED),
    # Unicode that becomes one of them
    ("http://１２７.０.０.１/", Reason.PRIVATE),
    ("http://①②⑦.⓪.⓪.①/", Reason.PRIVATE),
    ("http://127。0。0。1/", Reason.PRIVATE),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", Reason.PRIVATE),
    ("http://local\u00adhost/", Reason.PRIVATE),
    ("http://lo\u200bcalhost/", Reason.PRIVATE),
    ("http://аррӏе.example/", Reason.PRIVATE),
    ("http://public.example℀evil/", Reason.MALFORMED),
    ("http://public．example．/", Reason.MALFORMED),
    ("http://a\u0338.\u202eexample/", Reason.MALFORMED),
    # names that lead there
    ("http://localhost/", Reason.PRIVATE),
    ("http://LOCALHOST/", Reason.PRIVATE),
    ("http://localhost6/", Reason.PRIVATE),
    ("http://db/", Reason.PRIVATE),
    ("http://metadata.google.internal/", Reason.PRIVATE),
    ("http://mixed.example/", Reason.PRIVATE),
    ("http://mixed-last.example/", Reason.PRIVATE),
    ("http://nat64.example/", Reason.PRIVATE),
    ("http://scoped.example/", Reason.PRIVATE),
    # two hosts to two parsers
    ("http://good.example\\@10.0.0.1/", Reason.MALFORMED),
    ("http://10.0.0.1\\@good.example/", Reason.MALFORMED),
    ("http:\\\\10.0.0.1/", Reason.MALFORMED),
    ("http://good.example@10.0.0.1/", Reason.CREDENTIALS),
    ("http://good.example:80@10.0.0.1/", Reason.CREDENTIALS),
    ("http://user:secret@public.example/", Reason.CREDENTIALS),
    ("http://@public.example/", Reason.CREDENTIALS),
    ("http://a@b@public.example/", Reason.CREDENTIALS),
    ("http://public.example:80:80/", Reason.MALFORMED),
    ("http://public.example /", Reason.MALFORMED),
    ("http:// public.example/", Reason.MALFORMED),
    ("http://pub\tlic.example/", Reason.MALFORMED),
    ("http://public.example/\r\nHost: evil", Reason.MALFORMED),
    ("http://public.example\x00.evil/", Reason.MALFORMED),
    ("http://public.example/\x85", Reason.MALFORMED),
    ("http://public.example/\ud800", Reason.MALFORMED),
    ("http://public.example;evil/", Reason.MALFORMED),
    ("http://public.example,evil/", Reason.MALFORMED),
    ("http://-public&evil/", Reason.MALFORMED),
    ("http://public..example/", Reason.MALFORMED),
    ("http://.public.example/", Reason.MALFORMED),
    ("http://*.example/", Reason.MALFORMED),
    ("http://" + "a" * 64 + ".example/", Reason.MALFORMED),
    ("http://" + "a." * 130 + "example/", Reason.MALFORMED),
    ("http://public.example/" + "a" * 9000, Reason.MALFORMED),
    ("http:///10.0.0.1/", Reason.MALFORMED),
    ("http:/10.0.0.1/", Reason.MALFORMED),
    ("http:10.0.0.1", Reason.MALFORMED),
    ("http://", Reason.MALFORMED),
    ("http://?q", Reason.MALFORMED),
    # ports
    ("http://public.example:22/", Reason.PORT),
    ("http://public.example:6379/", Reason.PORT),
    ("http://public.example:8080/", Reason.PORT),
    ("https://public.example:25/", Reason.PORT),
    ("http://public.example:0/", Reason.MALFORMED),
    ("http://public.example:65536/", Reason.MALFORMED),
    ("http://public.example:-80/", Reason.MALFORMED),
    ("http://public.example:８０/", Reason.MALFORMED),
    ("http://public.example:0x50/", Reason.MALFORMED),
    # schemes
    ("file:///etc/passwd", Reason.SCHEME),
    ("ftp://public.example/", Reason.SCHEME),
    ("gopher://127.0.0.1:6379/_FLUSHALL", Reason.SCHEME),
    ("dict://127.0.0.1:11211/", Reason.SCHEME),
    ("data:text/html,hello", Reason.SCHEME),
    ("javascript:alert(1)", Reason.SCHEME),
    ("http+unix://%2Fvar%2Frun%2Fdocker.sock/", Reason.SCHEME),
    ("//public.example/", Reason.SCHEME),
    ("public.example/", Reason.SCHEME),
    (" http://public.example/", Reason.MALFORMED),
    ("", Reason.SCHEME),
]


@pytest.mark.parametrize(("url", "reason"), HOSTILE)
def test_a_hostile_address_is_refused_before_any_connection(
    url: str, reason: Reason, dns: Names, dialled: list[Any]
) -> None:
    dns.known = INSIDE

    with pytest.raises(Blocked) as refusal:
        fetch(url, policy=Policy())

    assert refusal.value.reason is reason
    assert dialled == []


def test_a_redirect_to_a_hostile_address_is_refused(dns: Names) -> None:
    # Without a scheme it is a path on the same host; a header holds no line's end.
    places = [(u, r) for u, r in HOSTILE if re.match(r"[a-z+]+:", u) and "\r" not in u]
    places.remove(("http://public.example/\ud800", Reason.MALFORMED))
    dns.known = INSIDE

    with a_far_end(redirecting(*(url for url, _ in places))) as end:
        for number, (url, reason) in enumerate(places):
            with pytest.raises(Blocked) as refusal:
                fetch(f"{end.url}{number}", policy=a_policy(end))
            assert refusal.value.reason is reason, url

    assert len(places) > 100
    assert end.connections == len(places)


@pytest.mark.parametrize("place", ["//10.0.0.1/", "///10.0.0.1/", "/\\10.0.0.1/", "\\\\10.0.0.1"])
def test_a_relative_redirect_does_not_leave_the_host_unseen(place: str) -> None:
    with a_far_end(redirecting(place)) as end:
        try:
            answer = fetch(end.url, policy=a_policy(end))
        except Blocked:
            return

    assert answer.url.startswith(end.url)


@pytest.mark.parametrize("network", [*targets._SPECIAL, *EXTRA_BLOCKED_NET_RANGES], ids=str)
def test_a_special_network_is_refused_from_its_first_address_to_its_last(network: Any) -> None:
    assert targets.standing(str(network[0]))
    assert targets.standing(str(network[-1]))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700:4700::1111",
        "2a00::1",
    ],
)
def test_a_public_address_is_public(address: str) -> None:
    assert targets.standing(address) is None


def test_no_embedded_ipv4_address_gets_in_by_another_name() -> None:
    inside = int(IPv4Address("10.0.0.1"))

    for prefix, shift in [("::", 0), ("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80)]:
        address = IPv6Address(int(IPv6Address(prefix)) | inside << shift)
        assert targets.standing(str(address)), address


def test_a_name_is_looked_up_once_and_that_answer_is_dialled(
    dns: Names, dialled: list[Any]
) -> None:
    dns.known = {"rebinds.example": [PUBLIC]}

    with pytest.raises(Unreachable):
        fetch("http://rebinds.example/", policy=Policy())

    assert dns.asked == ["rebinds.example"]
    assert dialled == [(PUBLIC, 80)]


def test_every_address_of_a_name_is_tried(dns: Names) -> None:
    with a_far_end(answering(b"hello")) as end:
        dns.known = {"paper.example": ["127.0.0.2", "127.0.0.1"]}
        pair = f"paper.example:{end.port}"

        answer = fetch(f"http://{pair}/", policy=a_policy(pair))

    assert answer.body == b"hello"


@pytest.mark.parametrize(
    ("url", "spelt"),
    [
        ("HTTP://Paper.Example", "http://paper.example/"),
        ("http://paper.example:80/a#b", "http://paper.example/a"),
        ("https://paper.example:443?q=1", "https://paper.example/?q=1"),
        ("http://paper.example:/", "http://paper.example/"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/ä"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://[2606:4700:0:0::1]/", "http://[2606:4700::1]/"),
        ("http://a_b.example:8080/", "http://a_b.example:8080/"),
        ("http://paper.example/a b?c=d e", "http://paper.example/a b?c=d e"),
        ("http://paper.example/?u=http://a@b:1/", "http://paper.example/?u=http://a@b:1/"),
    ],
)
def test_an_address_has_one_spelling(url: str, spelt: str) -> None:
    assert targets.target(url).url == spelt


# --- What the owner allows


def test_an_allowed_pair_may_be_private_and_on_any_port(dns: Names) -> None:
    with a_far_end(answering(b"hello")) as end:
        dns.known = {"intranet.example": ["127.0.0.1"]}
        pair = f"Intranet.example:{end.port}"

        answer = fetch(f"http://intranet.EXAMPLE:{end.port}/", policy=a_policy(pair))

    assert answer.body == b"hello"


def test_what_is_allowed_is_the_pair_and_not_the_host(dialled: list[Any]) -> None:
    policy = Policy(allow=frozenset({"127.0.0.1:8000", "[::1]:8000"}))

    for url in ["http://127.0.0.1/", "http://127.0.0.1:8001/", "http://[::1]/", "http://[::2]/"]:
        with pytest.raises(Blocked):
            fetch(url, policy=policy)
    with pytest.raises(Unreachable):
        fetch("http://[0::1]:8000/", policy=policy)

    assert [place[:2] for place in dialled] == [("::1", 8000)]


@pytest.mark.parametrize(
    "pair", ["", "localhost", ":80", "localhost:0", "a/b:80", "10.1:80", "*:1"]
)
def test_a_pair_that_is_none_is_told_at_once(pair: str) -> None:
    with pytest.raises(ValueError, match=r"is not host:port, as in intranet\.example:8080"):
        Policy(allow=frozenset({pair}))


def test_a_refusal_names_the_remedy(dns: Names) -> None:
    dns.known = INSIDE

    with pytest.raises(Blocked, match="add localhost:80 to FEEDBACK_FETCH_ALLOW"):
        fetch("http://localhost/", policy=Policy())
    with pytest.raises(Blocked, match=r"add \[2606:4700::1]:81 to FEEDBACK_FETCH_ALLOW"):
        fetch("http://[2606:4700::1]:81/", policy=Policy())


# --- Redirects


def test_redirects_are_followed_to_the_end() -> None:
    with a_far_end(redirecting("1", "/2", "3?x=1#there")) as end:
        answer = fetch(end.url, policy=a_policy(end))

    assert (answer.url, answer.body) == (f"{end.url}3?x=1", b"done")
    assert answer.redirects == (end.url, f"{end.url}1", f"{end.url}2")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_each_kind_of_redirect_is_followed(status: int) -> None:
    assert ask(redirecting("/end", status=status)).body == b"done"


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_statuses_are_answers(status: int) -> None:
    assert ask(redirecting("/end", status=status)).status == status


def test_a_redirect_to_nowhere_is_an_answer() -> None:
    assert ask(answering(b"here", 302)).body == b"here"


def test_a_redirect_may_be_spelt_in_utf_8() -> None:
    with a_far_end(redirecting("/новости а?б")) as end:
        answer = fetch(end.url, policy=a_policy(end))

    assert answer.url == f"{end.url}новости а?б"
    assert end.requests[1].path.startswith("/%D0%BD%D0%BE")


def test_redirects_come_to_an_end() -> None:
    chain = redirecting(*(str(number + 1) for number in range(9)))

    with a_far_end(chain) as end, pytest.raises(TooManyRedirects, match="more than 5"):
        fetch(f"{end.url}0", policy=a_policy(end, max_redirects=5))

    assert len(end.requests) == 6


@pytest.mark.parametrize("places", [["/"], ["/0"], ["/1", "/2", "/1"], ["/1#a", "/0#b"]])
def test_a_circle_is_seen(places: list[str]) -> None:
    with pytest.raises(TooManyRedirects, match="circle"):
        ask(redirecting(*places), max_redirects=9)


def test_no_redirect_is_followed_where_none_is_taken() -> None:
    with pytest.raises(TooManyRedirects):
        ask(redirecting("/end"), max_redirects=0)


def test_only_safe_methods_follow() -> None:
    with a_far_end(redirecting("/end", body=b"moved")) as end:
        answer = fetch(end.url, policy=a_policy(end), method="POST", body=b"secret")

    assert (answer.status, answer.body, len(end.requests)) == (302, b"", 1)


def test_no_credential_crosses_a_redirect() -> None:
    secrets = {"Authorization": "Bearer x", "Cookie": "a=b", "X-Api-Key": "k", "Referer": "r"}
    with a_far_end(redirecting("/end", set_cookie="c=d; Path=/")) as end:
        fetch(end.url, policy=a_policy(end), headers={**secrets, "Accept": "text/html"})

    first, second = end.requests
    assert {"authorization", "cookie", "x-api-key", "referer"} < set(first.headers)
    assert set(second.headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert second.headers["accept"] == "text/html"


def test_a_redirects_body_is_not_read() -> None:
    with (
        a_far_end(endless(head(302, location="http://10.0.0.1/"))) as end,
        measured() as cost,
        pytest.raises(Blocked),
    ):
        fetch(end.url, policy=a_policy(end))

    assert cost["seconds"] < PATIENCE
    assert cost["bytes"] < 3_000_000


# --- Time


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


SLOW: dict[str, Behaviour] = {
    "a dripping body": dripping(head(content_length=9999)),
    "a body without an end": dripping(head()),
    "dripping chunks": dripping(head(transfer_encoding="chunked"), chunk(b"x")),
    "a dripping chunk": dripping(head(transfer_encoding="chunked") + b"fff\r\n"),
    "a dripping chunk size": dripping(head(transfer_encoding="chunked"), b"0"),
    "a dripping trailer": dripping(head(transfer_encoding="chunked") + b"0\r\n"),
    "dripping trailers": dripping(head(transfer_encoding="chunked") + b"0\r\n", b"a: b\r\n"),
    "dripping gzip": dripping(head(content_encoding="gzip") + gzip.compress(b"")[:10], b"\0"),
    "a dripping status": dripping(b"HTTP/1.1 200 ", b"O"),
    "a dripping header": dripping(b"HTTP/1.1 200 OK\r\nX: "),
    "dripping headers": dripping(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "continue after continue": dripping(b"", head(100)),
    "a dripping redirect": dripping(b"HTTP/1.1 302 Found\r\nLocation: /"),
}


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW.keys())
def test_no_drip_outlasts_the_whole_time(behaviour: Behaviour) -> None:
    with a_far_end(behaviour) as end:
        began = time.monotonic()
        with pytest.raises(TooSlow, match=r"the whole took longer than 0\.2 s"):
            fetch(end.url, policy=a_policy(end, total=0.2))
        took = time.monotonic() - began

    assert 0.15 < took < PATIENCE  # the far end was left while it dripped


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200", head(content_length=3) + b"x"])
def test_a_silence_is_not_waited_out(before: bytes) -> None:
    with a_far_end(silent(before)) as end:
        began = time.monotonic()
        with pytest.raises(TooSlow, match=r"silent for 0\.2 s"):
            fetch(end.url, policy=a_policy(end, read=0.2))
        took = time.monotonic() - began

    assert took < PATIENCE


@pytest.mark.parametrize(
    "behaviour", [silent(), dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")]
)
def test_a_slow_handshake_is_not_waited_out(behaviour: Behaviour) -> None:
    with a_far_end(behaviour, reads=False) as end:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            fetch(end.url, policy=a_policy(end, connect=0.3))
        took = time.monotonic() - began

    assert took < PATIENCE


def test_the_time_is_one_for_all_redirects() -> None:
    def late(visit: Visit) -> None:
        visit.wait(0.25)
        redirecting(*(str(number + 1) for number in range(9)))(visit)

    with a_far_end(late) as end:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            fetch(f"{end.url}0", policy=a_policy(end, total=0.4, max_redirects=9))
        took = time.monotonic() - began

    assert took < 9 * 0.25


def test_a_look_up_is_not_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: enough.wait(5) and [])

    with pytest.raises(TooSlow, match=r"whole took longer than 0\.2 s"):
        fetch("http://slow.example/", policy=Policy(total=0.2))

    enough.set()


def test_a_far_end_that_does_not_listen_is_left() -> None:
    with a_far_end(silent(), reads=False) as end:
        url = end.url.replace("https", "http")
        with pytest.raises((TooSlow, Broken)):
            fetch(url, policy=a_policy(end, read=0.2), method="POST", body=bytes(30_000_000))


# --- Size

MEGA = 1_000_000


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Measure the peak of what Python allocates, in bytes, and the seconds."""
    cost: dict[str, float] = {}
    tracemalloc.start()
    began = time.monotonic()
    try:
        yield cost
    finally:
        cost["seconds"] = time.monotonic() - began
        cost["bytes"] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", lambda data: brotli.compress(data, quality=1)),
}


@pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS.keys())
def test_a_bomb_is_not_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(50 * MEGA))

    with (
        a_far_end(answering(bomb, content_encoding=coding)) as end,
        measured() as cost,
        pytest.raises(TooLarge, match="larger than 1000000 bytes"),
    ):
        fetch(end.url, policy=a_policy(end, max_body=MEGA))

    assert cost["bytes"] < 6 * MEGA


@pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS.keys())
def test_a_bomb_in_chunks_is_not_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    headers = head(content_encoding=coding, transfer_encoding="chunked")
    bomb = headers + chunk(pack(bytes(50 * MEGA))) + chunk(b"")

    with a_far_end(sending(bomb)) as end, measured() as cost, pytest.raises(TooLarge):
        fetch(end.url, policy=a_policy(end, max_body=MEGA))

    assert cost["bytes"] < 6 * MEGA


def test_a_bomb_on_a_redirect_is_not_touched() -> None:
    bomb = gzip.compress(bytes(50 * MEGA))
    way = redirecting("/end", body=bomb, content_encoding="gzip")

    with a_far_end(way) as end, measured() as cost:
        answer = fetch(end.url, policy=a_policy(end))

    assert answer.body == b"done"
    assert cost["bytes"] < 3 * MEGA


def test_a_bomb_inside_a_bomb_is_refused() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50 * MEGA)))

    with pytest.raises(Broken, match="compressed more than once"):
        ask(answering(bomb, content_encoding="gzip, gzip"))


def test_what_unpacks_to_nothing_ends_too() -> None:
    nothing = b"\0\0\0\xff\xff" * 100_000  # empty stored blocks of RFC 1951

    with pytest.raises((TooLarge, Broken)):
        ask(endless(head(content_encoding="deflate"), nothing), max_body=100_000)


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    body = bytes(100_000)

    for coding, pack in [("identity", bytes), ("gzip", gzip.compress)]:
        behaviour = answering(pack(body), content_encoding=coding)
        assert ask(behaviour, max_body=100_000).body == body
        with pytest.raises(TooLarge):
            ask(behaviour, max_body=99_999)


def test_a_body_that_says_it_is_too_large_is_not_begun() -> None:
    with a_far_end(silent(head(content_length=10**15))) as end, pytest.raises(TooLarge):
        fetch(end.url, policy=a_policy(end))


@pytest.mark.parametrize(
    ("behaviour", "body"),
    [
        (answering(b"x" * 1_000_000), b"x" * 1000),
        (endless(head()), b"x" * 1000),
        (endless(head(content_length=10**15)), b"x" * 1000),
        (endless(head(transfer_encoding="chunked"), b"4\r\nxxxx\r\n" * 9999), b"x" * 1000),
        (answering(gzip.compress(b"x" * 10 * MEGA), content_encoding="gzip"), b"x" * 1000),
        (answering(b"short", content_length=9), None),
        (dripping(head(content_length=99)), None),
        (silent(head(content_length=99)), b""),
        (answering(b"short"), b"short"),
    ],
    ids="large endless promising chunks bomb short dripping silent whole".split(),
)
def test_a_body_may_be_cut_where_it_ends(behaviour: Behaviour, body: bytes | None) -> None:
    answer = ask(behaviour, max_body=1000, cuts=True, read=0.3, total=0.6)

    assert answer.status == 200
    assert body is None or answer.body == body


def test_headers_are_not_cut() -> None:
    with pytest.raises((TooLarge, Broken)):
        ask(endless(b"HTTP/1.1 200 OK\r\nX: "), cuts=True)


ENDLESS: dict[str, Behaviour] = {
    "a body": endless(head()),
    "chunks": endless(head(transfer_encoding="chunked"), chunk(b"x" * 65536)),
    "small chunks": endless(head(transfer_encoding="chunked"), chunk(b"x") * 9999),
    "a chunk size": endless(head(transfer_encoding="chunked"), b"0" * 65536),
    "a chunk's extension": endless(head(transfer_encoding="chunked") + b"5;"),
    "a trailer": endless(head(transfer_encoding="chunked") + b"0\r\n"),
    "trailers": endless(head(transfer_encoding="chunked") + b"0\r\n", b"a: b\r\n" * 9999),
    "a negative chunk": endless(head(transfer_encoding="chunked") + b"-1\r\n"),
    "a status": endless(b"HTTP/1.1 200 "),
    "a header": endless(b"HTTP/1.1 200 OK\r\nX: "),
    "headers": endless(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 9999),
    "long headers": endless(b"HTTP/1.1 200 OK\r\n", b"a: " + b"b" * 60_000 + b"\r\n"),
    "folded headers": endless(b"HTTP/1.1 200 OK\r\na: b\r\n", b" c\r\n" * 9999),
    "continue": endless(b"", head(100) * 999),
    "a null": endless(b"", bytes(65536)),
    "gzip": endless(head(content_encoding="gzip"), gzip.compress(b"") * 999),
}


@pytest.mark.parametrize("behaviour", ENDLESS.values(), ids=ENDLESS.keys())
def test_nothing_endless_fills_the_memory(behaviour: Behaviour) -> None:
    with a_far_end(behaviour) as end, measured() as cost, pytest.raises((TooLarge, Broken)):
        fetch(end.url, policy=a_policy(end, max_body=300_000))

    assert cost["bytes"] < 3 * MEGA
    assert cost["seconds"] < 10  # of a machine that is busy, too


def test_headers_have_a_limit_together() -> None:
    lines = {f"x_{number}": "y" * 1000 for number in range(50)}

    assert ask(answering(b"hello", **lines), max_head=60_000).body == b"hello"
    with pytest.raises(TooLarge):
        ask(answering(b"hello", **lines), max_head=30_000)


# --- What is not HTTP

BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "no status": b"\r\n\r\n",
    "no http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "no number": b"HTTP/1.1 abc OK\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a body cut short": head(content_length=10) + b"abc",
    "no chunks": head(transfer_encoding="chunked"),
    "no chunk size": head(transfer_encoding="chunked") + b"zz\r\nabc\r\n0\r\n\r\n",
    "a negative chunk": head(transfer_encoding="chunked") + b"-5\r\nabc\r\n0\r\n\r\n",
    "a chunk cut short": head(transfer_encoding="chunked") + b"ff\r\nabc",
    "chunks without an end": head(transfer_encoding="chunked") + chunk(b"abc"),
    "no gzip": head(content_length=3, content_encoding="gzip") + b"abc",
    "no deflate": head(content_length=3, content_encoding="deflate") + b"\xff\xff\xff",
    "no brotli": head(content_length=3, content_encoding="br") + b"\xff\xff\xff",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_answer_is_told_so(data: bytes) -> None:
    with pytest.raises(Broken, match=r"127\.0\.0\.1 hung up or sent no valid HTTP"):
        ask(sending(data))


def test_whatever_comes_is_an_answer_or_one_of_our_errors() -> None:
    chance = random.Random(7)
    seeds = [
        head(content_encoding="gzip", transfer_encoding="chunked") + chunk(gzip.compress(b"ab")),
        head(content_length=5, set_cookie="a=b") + b"hello",
        head(302, location="http://paper.example/a?b=c"),
    ]

    def garble(visit: Visit) -> None:
        data = bytearray(chance.choice(seeds) + b"0\r\n\r\n")
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.choice(b"\0\r\n :;-,0129azAZ\xff/\\[]@%#")
        visit.send(bytes(data))

    with a_far_end(garble) as end:
        for _ in range(400):
            with suppress(OutboundError):
                fetch(end.url, policy=a_policy(end, read=0.5))


# --- What cannot be reached


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    pair = f"127.0.0.1:{a_closed_port()}"

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 takes no connection"):
        fetch(f"http://{pair}/", policy=a_policy(pair))


def test_a_name_that_nobody_has_is_unreachable(dns: Names) -> None:
    with pytest.raises(Unreachable, match=r"no host named nobody\.example"):
        fetch("http://nobody.example/", policy=Policy())

    assert dns.asked == ["nobody.example"]


def test_no_message_repeats_the_path(dns: Names, dialled: list[Any]) -> None:
    dns.known = {**INSIDE, "paper.example": [PUBLIC]}

    for host in ["db", "nobody.example", "paper.example", "paper.example:81", "paper..example"]:
        with pytest.raises(OutboundError) as error:
            fetch(f"https://{host}/s3cret?s3cret", policy=Policy())
        assert "s3cret" not in str(error.value)


def test_no_warning_repeats_the_path(caplog: pytest.LogCaptureFixture) -> None:
    ask(sending(b"HTTP/1.1 200 OK\r\nno header\r\n\r\nhello"), path="s3cret")

    assert [record for record in caplog.records if record.levelname != "DEBUG"] == []


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate of paper.example alone, and its key."""
    return a_certificate(tmp_path_factory.mktemp("tls"), "paper.example")


def test_tls_keeps_the_name_while_the_address_is_pinned(
    dns: Names, certificate: tuple[str, str]
) -> None:
    with a_far_end(answering(b"hello"), certificate=certificate) as end:
        dns.known = {"paper.example": ["127.0.0.1"]}
        pair = f"paper.example:{end.port}"
        policy = a_policy(pair, ca_bundle=certificate[0])

        answer = fetch(f"https://{pair}/", policy=policy, method="POST", body=bytes(200_000))

    assert answer.body == b"hello"
    assert end.names == ["paper.example"]
    assert end.requests[0].headers["host"] == pair
    assert len(end.requests[0].body) == 200_000


@pytest.mark.parametrize(("host", "trusted"), [("other.example", True), ("paper.example", False)])
def test_a_certificate_must_be_trusted_and_name_the_host(
    host: str, trusted: bool, dns: Names, certificate: tuple[str, str]
) -> None:
    with a_far_end(answering(b"hello"), certificate=certificate) as end:
        dns.known = {host: ["127.0.0.1"]}
        pair = f"{host}:{end.port}"
        policy = a_policy(pair, ca_bundle=certificate[0] if trusted else None)

        with pytest.raises(Unreachable, match="certificate verify failed"):
            fetch(f"https://{pair}/", policy=policy)

    assert end.requests == []


def test_a_server_without_tls_is_no_secure_connection() -> None:
    plain = sending(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with (
        a_far_end(plain, reads=False) as end,
        pytest.raises(Unreachable, match="no secure connection"),
    ):
        fetch(end.url, policy=a_policy(end))


def test_a_missing_bundle_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="no file"):
        Policy(ca_bundle="/nowhere/ca.pem")


# --- What is asked and what is answered


def test_we_say_who_we_are() -> None:
    name = user_agent("1.2", "https://feedback.example")
    with a_far_end(answering(b"hello")) as end:
        fetch(end.url, policy=a_policy(end, user_agent=name))

    assert end.requests[0].headers == {
        "host": end.pair,
        "user-agent": "reader-feedback/1.2 (+https://feedback.example)",
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "connection": "close",
    }


def test_a_body_and_its_headers_arrive() -> None:
    with a_far_end(answering(b"", 202)) as end:
        headers = {"content-type": "application/json", "webhook-id": "1"}
        answer = fetch(
            end.url + "hook?a=b",
            policy=a_policy(end),
            method="POST",
            headers=headers,
            body=b"{}",
        )

    sent = end.requests[0]
    assert (answer.status, answer.body) == (202, b"")
    assert (sent.method, sent.path, sent.body) == ("POST", "/hook?a=b", b"{}")
    assert headers.items() < sent.headers.items()


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a\n": "b"}, {"a b\r\n": "c"}])
def test_a_header_of_two_lines_is_not_sent(headers: dict[str, str]) -> None:
    with a_far_end(answering(b"")) as end, pytest.raises(ValueError, match="header"):
        fetch(end.url, policy=a_policy(end), headers=headers)

    assert end.requests == []


@pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS.keys())
def test_a_compressed_body_is_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    answer = ask(answering(pack(b"hello" * 9999), content_encoding=coding))

    assert answer.body == b"hello" * 9999


def test_bytes_arrive_as_they_were_sent() -> None:
    every = bytes(range(256)) * 500
    pieces = b"".join(chunk(every[at : at + 1000]) for at in range(0, len(every), 1000))

    assert ask(answering(every)).body == every
    assert ask(sending(b"HTTP/1.0 200 OK\r\n\r\n" + every)).body == every
    assert ask(sending(head(transfer_encoding="chunked") + pieces + chunk(b""))).body == every


@pytest.mark.parametrize("status", [200, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(status: int) -> None:
    answer = ask(answering(b"hello", status, retry_after="5", x_thing="ü"))

    assert (answer.status, answer.body) == (status, b"hello")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_an_answer_may_have_no_body(method: str, status: int) -> None:
    answer = ask(sending(head(status, content_length=10**12, content_encoding="gzip")), method)

    assert (answer.status, answer.body) == (status, b"")


def test_the_environment_names_no_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))

    with a_far_end(answering(b"proxied")) as proxy, a_far_end(answering(b"direct")) as end:
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"]:
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(netrc))
        answer = fetch(end.url, policy=a_policy(end))

    assert answer.body == b"direct"
    assert proxy.requests == []
    assert "authorization" not in end.requests[0].headers


def test_many_fetches_at_once_keep_apart() -> None:
    def echo(visit: Visit) -> None:
        assert visit.request is not None
        answering(visit.request.path.encode())(visit)

    answers: dict[int, bytes] = {}
    with a_far_end(echo) as end:
        policy = a_policy(end)

        def visit(number: int) -> None:
            answers[number] = fetch(f"{end.url}{number}", policy=policy).body

        visitors = [threading.Thread(target=visit, args=(number,)) for number in range(30)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()

    assert answers == {number: f"/{number}".encode() for number in range(30)}


def test_the_room_offers_what_it_says() -> None:
    errors = {Blocked, Broken, TooLarge, TooManyRedirects, TooSlow, Unreachable}

    assert all(hasattr(outbound, name) for name in outbound.__all__)
    assert {error.__name__ for error in errors} < set(outbound.__all__)
    assert {e for e in errors if e.permanent} == {Blocked, TooLarge, TooManyRedirects}
    assert all(error.__name__ in (outbound.__doc__ or "") for error in errors)
