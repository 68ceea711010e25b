"""Which addresses may be connected to, and what the user may list."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from mockserver.addresses import AllowList, plain_address

NOBODY = AllowList()


def objection(allowed: AllowList, address: str, host: str = "shop.example") -> str:
    return allowed.objection(host, plain_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"])
def test_loopback_is_permitted_to_everybody(address: str) -> None:
    assert objection(NOBODY, address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "192.168.1.1",
        "93.184.216.34",
        "128.0.0.1",
        "::2",
        "::127.0.0.1",
        "64:ff9b::127.0.0.1",
        "2002:7f00:1::",
        "fd00::1",
        "2606:2800::1",
    ],
)
def test_another_address_needs_the_list(address: str) -> None:
    assert objection(NOBODY, address) == "is not loopback and not listed with --allow-callback-host"
    assert objection(AllowList.parse(["other.example", "172.16.0.0/12", "fc00::/16"]), address)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.0/8", "10.255.0.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.0/104", "10.1.1.1"),
        ("[fd00::5]", "fd00::5"),
        ("fd00::/8", "fd12::1"),
        ("0.0.0.0/0", "93.184.216.34"),
        ("::/0", "2606:2800::1"),
    ],
)
def test_a_listed_address_or_network_is_permitted_under_any_name(entry: str, address: str) -> None:
    assert objection(AllowList.parse([entry]), address) == ""


@pytest.mark.parametrize("name", ["shop.example", "Shop.Example", "shop.example."])
@pytest.mark.parametrize("host", ["shop.example", "shop.example."])
def test_a_listed_name_is_permitted_whatever_it_resolves_to(name: str, host: str) -> None:
    allowed = AllowList.parse([name])
    assert objection(allowed, "93.184.216.34", host) == ""
    assert objection(allowed, "fd00::1", host) == ""


def test_a_listed_name_permits_neither_what_stands_below_it_nor_above() -> None:
    allowed = AllowList.parse(["shop.example"])
    assert objection(allowed, "10.0.0.1", "www.shop.example")
    assert objection(allowed, "10.0.0.1", "example")
    assert objection(allowed, "10.0.0.1", "shop.example.evil.test")


GUARDED = [
    "169.254.169.254",
    "169.254.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "100.96.0.96",
    "168.63.129.16",
    "192.0.0.192",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
]


@pytest.mark.parametrize("address", GUARDED)
def test_link_local_and_metadata_services_need_to_be_listed_themselves(address: str) -> None:
    sentence = "is link-local or a cloud's metadata service and would have to be listed itself"
    wide = AllowList.parse(["shop.example", "0.0.0.0/0", "::/0", "169.0.0.0/8", "100.64.0.0/10", "fc00::/7"])
    assert objection(wide, address).startswith(sentence)
    assert objection(NOBODY, address).startswith(sentence)
    assert objection(AllowList.parse([address.partition("%")[0]]), address) == ""


@pytest.mark.parametrize(("network", "address"), [("169.254.0.0/16", "169.254.169.254"), ("fe80::/64", "fe80::1")])
def test_a_link_local_network_can_be_listed_itself(network: str, address: str) -> None:
    assert objection(AllowList.parse([network]), address) == ""


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "224.0.0.1", "255.255.255.255", "ff02::1"]
)
def test_what_is_no_single_host_is_permitted_by_nothing(address: str) -> None:
    allowed = AllowList.parse(["shop.example", "0.0.0.0/0", "::/0"])
    assert objection(allowed, address) == "is unspecified, multicast or broadcast, which nothing permits"


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "shop.example ",
        "a.example,b.example",
        "http://shop.example",
        "shop.example:8080",
        "shop.example/path",
        "*.shop.example",
        "*",
        "127.1",
        "0x7f000001",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1:80",
        "10.0.0.0/33",
        "10.0.0.0/",
        "[::1",
        "[::1]:80",
        "::1::",
        "fd00::/129",
        "user@shop.example",
        "shop..example",
        "sh\nop",
    ],
)
def test_an_entry_that_is_no_host_is_refused_with_what_to_write(entry: str) -> None:
    with pytest.raises(ValueError, match="is neither a host name") as caught:
        AllowList.parse(["fine.example", entry])
    assert str(caught.value).startswith(f"--allow-callback-host {entry!r} is neither")


@pytest.mark.parametrize(
    ("entry", "network"),
    [("10.1.2.3/8", "10.0.0.0/8"), ("fd00::1/64", "fd00::/64"), ("::ffff:10.0.0.1/104", "10.0.0.0/8")],
)
def test_a_network_with_stray_bits_is_refused_with_the_one_meant(entry: str, network: str) -> None:
    with pytest.raises(ValueError, match="has bits beyond its prefix") as caught:
        AllowList.parse([entry])
    assert str(caught.value).endswith(f"for the whole network say {network}.")


@pytest.mark.parametrize("entry", ["0.0.0.0", "::", "224.0.0.0/4", "239.1.2.3", "ff02::1", "255.255.255.255"])
def test_an_entry_that_could_never_be_connected_to_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="no callback can be there"):
        AllowList.parse([entry])


def test_entries_are_sorted_into_names_and_networks() -> None:
    allowed = AllowList.parse(["B\u00fccher.example", "10.0.0.5", "[::1]", "shop.example", "SHOP.example."])
    assert allowed.names == {"xn--bcher-kva.example", "shop.example"}
    assert allowed.networks == (ip_network("10.0.0.5/32"), ip_network("::1/128"))


def test_an_empty_list_is_the_default() -> None:
    assert AllowList.parse([]) == NOBODY
