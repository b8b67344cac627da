"""Which addresses are asked for, and how they are shown."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.articles.web.addresses import checked, host_of, is_public, shown
from toolkit.errors import SourceError


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("127.0.0.1", False),
        ("127.255.255.254", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.0.192", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:169.254.169.254", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::808:808", False),
        ("2002:7f00:1::", False),
        ("2002:808:808::", True),
        ("2001:db8::1", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


@given(st.integers(0, 2**32 - 1))
def test_no_wrapping_makes_an_address_public(number):
    """What holds for an IPv4 address holds for every IPv6 address that leads to it."""
    plain = ipaddress.IPv4Address(number)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | number)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)
    for wrapped in (mapped, nat64, six_to_four):
        assert is_public(str(wrapped)) == is_public(str(plain))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not an http or https address"),
        ("gopher://example.org/", "not an http or https address"),
        ("ftp://example.org/", "not an http or https address"),
        ("http://", "not an"),
        ("http:///etc/passwd", "not an"),
        ("http://user:secret@example.org/", "user name or password"),
        ("http://secret@example.org/", "user name or password"),
        ("http://2130706433/", "in disguise"),
        ("http://0x7f000001/", "in disguise"),
        ("http://0x7f.1/", "in disguise"),
        ("http://0177.0.0.1/", "address"),
        ("http://127.1/", "in disguise"),
        ("http://127.0.0.1./", "in disguise"),
        ("http://example.0x1/", "in disguise"),
        ("http://[::1/", "not an address"),
        ("http://exam ple.org/", "not an http"),
        ("http://example.org:70000/", "70000"),
        ("http://example.org:0/", "0 is not a port"),
        ("http://" + "a" * 9_000 + ".org/", "characters"),
    ],
)
def test_what_is_not_asked_for(url, reason):
    with pytest.raises(SourceError) as raised:
        checked(url, url)
    assert reason in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_host_has_one_name_however_it_is_written():
    names = ["http://Bücher.example/", "http://xn--bcher-kva.example./a", "https://BÜCHER.example:8443/?b"]
    assert {host_of(checked(name, name)) for name in names} == {"xn--bcher-kva.example"}


def test_full_width_digits_are_digits():
    """An address in other digits is that address or is refused; it is never a name to be looked up."""
    for url in ("http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/"):
        try:
            host = host_of(checked(url, url))
        except SourceError:
            continue
        assert not is_public(host)


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_address_makes_anything_but_an_error(text, secret):
    for url in (text, f"http://{text}", f"https://a:{secret}@{text}"):
        said = ""
        try:
            checked(url, url)
        except SourceError as error:
            said = str(error)
        assert len(said.splitlines()) <= 1


@given(st.from_regex(r"[a-zA-Z0-9!$&'()*+,;=:._~%-]{8,20}", fullmatch=True))
def test_passwords_are_not_shown(secret):
    for url in (f"https://me:{secret}@example.org/a", f"http://{secret}@example.org"):
        assert shown(url) in ("https://example.org/a", "http://example.org")
