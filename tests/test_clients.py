"""Who is asking, through the proxies we trust: what each spelling of an address comes to."""

from collections.abc import Callable
from ipaddress import ip_network

import pytest
from flask import Flask

from feedback.web import clients
from feedback.web.limits import here

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def asked(peer: str, chain: str) -> str:
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": chain}
    return clients.address(environ, PROXIES)


@pytest.mark.parametrize(
    ("peer", "chain", "client"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:50123", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1:50123, 10.0.0.2:443", "198.51.100.1"),
        ("10.0.0.1", "2001:db8:0:1", "2001:db8:0:1"),
        ("10.0.0.1", "[2001:db8::1]:50123", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1, [fd00::2]", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "unknown:1", "unknown:1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_the_client_is_the_first_from_the_right_that_is_no_proxy(
    peer: str, chain: str, client: str
) -> None:
    assert asked(peer, chain) == client


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("chain", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1:1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("::FFFF:C633:6401", "198.51.100.1"),
        ("[2001:db8::1:2:3]:443", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
    ],
)
def test_a_network_is_counted_as_one_however_its_address_is_written(
    make_app: Callable[..., Flask], chain: str, network: str
) -> None:
    app = make_app(trusted_proxies="10.0.0.0/8")
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": chain}

    with app.test_request_context(environ_base=environ):
        assert here() == network
