"""The mock in the browser's place, against receivers on loopback: where it goes, where it must not, what it tells."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from mockserver.visiting import MOST_HOPS, AllowList, Visit, system_addresses, visit
from tests.mockserver.receiver import Receiver, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TOKEN = "2026070222152680501D985EA34A3BE3D8"
QUERY = f"?bytedToken={TOKEN}&resultCode=10000&algorithmBaseRespCode=0&reqMeasureInfoValue=1&verify_type=real_time"


def resolving(**names: Sequence[str]) -> Callable[[str], Sequence[str]]:
    """Make a resolver that knows these hosts of the domain `test`, and no others."""

    def resolve(host: str) -> Sequence[str]:
        found = names.get(host.removesuffix(".").removesuffix(".test"))
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found

    return resolve


NOT_A_URL = "The callback was not visited: its URL is not an http(s) URL that every browser reads alike."
LOOPBACK = resolving(receiver=["127.0.0.1"])


def go(
    url: str,
    *listed: str,
    resolve: Callable[[str], Sequence[str]] = LOOPBACK,
    deadline: float = 1.5,
) -> Visit:
    return visit(url, AllowList.parse(listed), deadline=deadline, resolve=resolve)


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(status, f"Location: {location}", "Content-Length: 0")


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that anything connects to, in order; none beyond loopback is really reached."""
    addresses: list[str] = []
    connect = socket.socket.connect

    def record(sock: socket.socket, address: tuple[str, int]) -> None:
        addresses.append(address[0])
        if not address[0].startswith("127."):
            raise ConnectionRefusedError(111, "Connection refused")
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", record)
    return addresses


# --- a visit that arrives ---------------------------------------------------------------------------------------------


def test_a_callback_on_loopback_is_visited() -> None:
    with Receiver(answer(body=b"thanks")) as receiver:
        result = go(receiver.url(f"/back{QUERY}"))
    assert 0 < result.seconds < 1.5
    assert dataclasses.replace(result, seconds=0) == Visit(
        url=receiver.url("/back"),
        status=200,
        address="127.0.0.1",
        hops=0,
        seconds=0,
        size=6,
        error="",
        refused=False,
    )


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "304 Not Modified", "404 Not Found", "500 Oops"])
def test_any_status_of_the_receiver_is_told_and_is_no_error(status: str) -> None:
    with Receiver(answer(status)) as receiver:
        result = go(receiver.url())
    assert (result.status, result.error) == (int(status[:3]), "")


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        (f"/back{QUERY}", f"/back{QUERY}"),
        ("", "/"),
        ("?a", "/?a"),
        ("?", "/?"),
        ("/a/?", "/a/?"),
        ("/?a=1&&b=;&=", "/?a=1&&b=;&="),
        ("/%2F%zz%?%00%0d%0aX:%20y", "/%2F%zz%?%00%0d%0aX:%20y"),
        ("/a?b#c?d", "/a?b"),
        ("/\u00e4?\u00f6=\U0001f600", "/%C3%A4?%C3%B6=%F0%9F%98%80"),
        ("/{\"<>`'|}?{\"<>`'|}", "/%7B%22%3C%3E%60'|%7D?{%22%3C%3E`%27|}"),
    ],
)
def test_path_and_query_arrive_as_a_browser_sends_them(rest: str, target: str) -> None:
    with Receiver() as receiver:
        assert go(receiver.url(rest)).error == ""
    assert receiver.requests[0].split(b"\r\n")[0].decode("ascii") == f"GET {target} HTTP/1.1"


def test_a_request_carries_nothing_of_the_users_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password hunter2\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Receiver() as receiver:
        assert go(receiver.url("/back", host="receiver.test")).status == 200
    head, *fields = receiver.requests[0].decode("ascii").split("\r\n")
    assert head == "GET /back HTTP/1.1"
    assert f"Host: receiver.test:{receiver.port}" in fields
    assert {field.partition(":")[0] for field in fields if field} == {
        "Host",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "Connection",
    }


def test_a_cookie_is_not_sent_back() -> None:
    with Receiver(answer("302 Found", "Location: /next", "Set-Cookie: a=b", "Content-Length: 0"), answer()) as receiver:
        assert go(receiver.url()).hops == 1
    assert b"cookie" not in receiver.requests[1].lower()


def test_the_systems_resolver_knows_localhost() -> None:
    assert "127.0.0.1" in system_addresses("localhost")
    with Receiver() as receiver:
        result = visit(receiver.url(host="localhost"), AllowList(), deadline=1.5)
    assert (result.status, result.address) == (200, "127.0.0.1")


def test_a_mapped_address_is_connected_to_as_what_it_is(connected: list[str]) -> None:
    with Receiver() as receiver:
        assert go(receiver.url(host="[::ffff:127.0.0.1]")).status == 200
    assert connected == ["127.0.0.1"]


# --- names and addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::]",
        "[::ffff:169.254.169.254]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[::127.0.0.1]",
    ],
)
def test_an_address_beyond_loopback_is_refused(host: str, connected: list[str]) -> None:
    result = go(f"http://{host}/{QUERY}")
    assert (result.refused, result.status, result.address, result.url, connected) == (True, 0, "", "", [])
    assert "was not visited: its address" in result.error


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0", "127.0.0.1.", "127%2e0.0.1"])
def test_an_address_in_a_form_that_readers_disagree_about_is_refused(host: str, connected: list[str]) -> None:
    result = go(f"http://{host}/")
    assert result.error == NOT_A_URL
    assert (result.refused, connected) == (True, [])


def test_a_name_that_resolves_beyond_loopback_is_refused(connected: list[str]) -> None:
    result = go(f"http://shop.test:8000/back{QUERY}", resolve=resolving(shop=["93.184.216.34"]))
    assert result.error == (
        "http://shop.test:8000 was not visited: its address 93.184.216.34 is not loopback and not listed with "
        "--allow-callback-host."
    )
    assert (result.refused, connected) == (True, [])


def test_of_mixed_addresses_only_the_permitted_ones_are_connected_to(connected: list[str]) -> None:
    mixed = resolving(receiver=["93.184.216.34", "169.254.169.254", "127.0.0.1", "::ffff:127.0.0.1", "fe80::1%eth0"])
    with Receiver() as receiver:
        result = go(receiver.url(host="receiver.test"), resolve=mixed)
    assert (result.status, result.address) == (200, "127.0.0.1")
    assert connected == ["127.0.0.1"]


def test_the_next_address_is_tried_when_one_does_not_answer(connected: list[str]) -> None:
    with Receiver() as receiver:
        two = resolving(receiver=["10.0.0.1", "127.0.0.1"])
        result = go(receiver.url(host="receiver.test"), "10.0.0.0/8", resolve=two)
    assert (result.status, result.address) == (200, "127.0.0.1")
    assert connected == ["10.0.0.1", "127.0.0.1"]


def test_an_address_that_swallows_everything_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def swallow(sock: socket.socket, address: tuple[str, int]) -> None:
        if address[0] == "10.0.0.1":
            time.sleep(sock.gettimeout() or 0)
            raise TimeoutError("timed out")
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", swallow)
    with Receiver() as receiver:
        url = receiver.url(host="receiver.test")
        two = go(url, "10.0.0.1", resolve=resolving(receiver=["10.0.0.1", "127.0.0.1"]), deadline=0.4)
        one = go(url, "10.0.0.1", resolve=resolving(receiver=["10.0.0.1"]), deadline=0.1)
    assert (two.status, two.address) == (200, "127.0.0.1")
    assert (one.status, one.error) == (0, "The visit was given up: it was not done within 0.1 s.")


@pytest.mark.parametrize("entry", ["shop.test", "10.1.2.3", "10.0.0.0/8"])
def test_a_listed_host_is_connected_to_at_its_address(entry: str, connected: list[str]) -> None:
    result = go("http://shop.test/", entry, resolve=resolving(shop=["10.1.2.3"]))
    assert connected == ["10.1.2.3"]
    assert (result.refused, result.error) == (
        False,
        "http://shop.test was not reached at 10.1.2.3: Connection refused.",
    )


def test_a_listed_name_that_resolves_to_a_metadata_service_is_refused(connected: list[str]) -> None:
    result = go("http://shop.test/", "shop.test", resolve=resolving(shop=["169.254.169.254", "::", "224.0.0.1"]))
    assert (result.refused, connected) == (True, [])
    assert "169.254.169.254 is link-local or a cloud's metadata service" in result.error


def test_a_name_is_resolved_once_for_each_request(connected: list[str]) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with Receiver() as receiver:
        result = go(receiver.url(host="rebinding.test"), resolve=lambda _host: next(answers))
    assert (result.status, connected) == (200, ["127.0.0.1"])


def test_a_name_that_turns_away_between_two_requests_is_refused(connected: list[str]) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with Receiver(redirect("/next")) as receiver:
        result = go(receiver.url(host="rebinding.test"), resolve=lambda _host: next(answers))
    assert (result.refused, result.status, result.hops, connected) == (True, 302, 0, ["127.0.0.1"])
    assert "its address 10.0.0.1 is not loopback" in result.error


def test_a_connection_that_ended_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "getpeername", lambda _sock: ("192.0.2.1", 80))
    with Receiver() as receiver:
        result = go(receiver.url())
    assert receiver.requests == []
    assert (result.refused, result.status) == (True, 0)
    assert result.error.endswith("was not visited: 127.0.0.1 turned out to be 192.0.2.1.")


def test_an_unknown_name_is_told() -> None:
    result = go(f"http://nowhere.test/{QUERY}")
    assert result.error == ("http://nowhere.test was not reached: its host was not found (Name or service not known).")
    assert not result.refused


def test_a_name_without_an_address_is_told() -> None:
    result = go("http://empty.test/", resolve=resolving(empty=[]))
    assert result.error == "http://empty.test was not reached: its host was not found (it has no address)."


def test_a_name_server_that_does_not_answer_is_given_up_at_the_deadline() -> None:
    hanging = threading.Event()

    def resolve(_host: str) -> list[str]:
        hanging.wait(5)
        return ["127.0.0.1"]

    try:
        result = go("http://slow.test/", resolve=resolve, deadline=0.1)
        assert result.error == "The visit was given up: it was not done within 0.1 s."
        assert 0.1 <= result.seconds < 1
        many = [go("http://slow.test/", resolve=resolve, deadline=0.02) for _ in range(8)]
        assert many[-2].error == "The visit was given up: it was not done within 0.02 s."
        assert many[-1].error == "http://slow.test was not reached: too many names are being resolved."
    finally:
        hanging.set()
    assert go("http://nowhere.test/").error.endswith("(Name or service not known).")


# --- redirects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_on_loopback_is_followed(status: str) -> None:
    with Receiver(answer(body=b"end")) as last, Receiver(redirect(last.url("/end?b=2#c"), status)) as first:
        result = go(first.url(f"/back{QUERY}"))
    assert last.requests[0].startswith(b"GET /end?b=2 HTTP/1.1\r\n")
    assert (result.status, result.hops, result.size, result.error) == (200, 1, 3, "")
    assert result.url == last.url("")


@pytest.mark.parametrize(
    ("location", "target"),
    [("next", "/a/next"), ("?x", "/a/b?x"), ("//{host}/n", "/n"), ("../\u00c3\u00bc", "/%C3%BC"), ("/n  ", "/n")],
)
def test_a_relative_redirect_is_followed_from_where_it_was_sent(location: str, target: str) -> None:
    with Receiver() as receiver:
        receiver.plays = [redirect(location.format(host=f"127.0.0.1:{receiver.port}")), answer()]
        assert go(receiver.url("/a/b?q")).hops == 1
    assert receiver.requests[1].split(b" ")[1].decode("ascii") == target


def test_as_many_redirects_as_the_limit_are_followed() -> None:
    with Receiver(*[redirect("/next")] * MOST_HOPS, answer()) as receiver:
        result = go(receiver.url())
    assert (result.status, result.hops, result.error, len(receiver.requests)) == (200, 5, "", 6)


def test_a_redirect_loop_is_given_up() -> None:
    with Receiver(redirect("/")) as receiver:
        result = go(receiver.url())
    assert (result.status, result.hops, len(receiver.requests)) == (302, 5, 6)
    assert result.error == "The visit was given up after 5 redirects."


def test_a_redirect_off_the_list_is_refused(connected: list[str]) -> None:
    with Receiver(redirect("https://shop.test/evil?x")) as receiver:
        result = go(receiver.url("/back"), "10.0.0.0/8", resolve=resolving(shop=["93.184.216.34"]))
    assert (result.refused, result.status, result.hops, result.address) == (True, 302, 0, "127.0.0.1")
    assert result.url == receiver.url("/back")
    assert result.error == (
        "https://shop.test was not visited: its address 93.184.216.34 is not loopback and not listed with "
        "--allow-callback-host."
    )
    assert connected == ["127.0.0.1"]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "///127.0.0.1/",
        "http:127.0.0.1",
        "http://127.1/",
        "http://0x7f000001/",
        "http://127.0.0.1:70000/",
        "/\\127.0.0.1/",
        "/a b",
        "/a\tb",
        "/\u00e4",
        "/a\r\n b",
        "//[::1",
    ],
)
def test_a_redirect_to_what_browsers_could_read_differently_is_refused(location: str, connected: list[str]) -> None:
    with Receiver(redirect(location)) as receiver:
        result = go(receiver.url("/back"))
    assert (result.refused, result.status, result.hops, connected) == (True, 302, 0, ["127.0.0.1"])
    assert result.error == f"{receiver.url('')} redirects to what is not an http(s) URL that every browser reads alike."


def test_two_locations_are_followed_only_if_they_agree() -> None:
    same = answer("302 Found", "Location: /next", "Location: /next", "Content-Length: 0")
    other = answer("302 Found", "Location: /next", "Location: /other", "Content-Length: 0")
    with Receiver(same, other) as receiver:
        result = go(receiver.url())
    assert (result.status, result.hops, len(receiver.requests)) == (302, 1, 2)
    assert result.error == f"{receiver.url('')} redirects to several places at once."


def test_a_redirect_without_a_place_to_go_is_the_end() -> None:
    with Receiver(
        answer("302 Found", body=b"here"), answer("303 See Other", "Location: ", "Content-Length: 0")
    ) as receiver:
        first, second = go(receiver.url()), go(receiver.url())
    assert (first.status, first.hops, first.size, first.error) == (302, 0, 4, "")
    assert (second.status, second.hops, second.error) == (303, 0, "")


def test_a_location_of_another_answer_is_not_followed() -> None:
    with Receiver(answer("201 Created", "Location: /next", "Content-Length: 0")) as receiver:
        assert go(receiver.url()).hops == 0


# --- what is not requested --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1",
        "//127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://127.0.0.1/a\r\nX-Injected: 1",
        "http://127.0.0.1/a b",
        "http://127.0.0.1\r\n/",
        "http://127.0.0.1\\@10.0.0.1/",
        "http://127.0.0.1/\ud800",
        "http://127.0.0.1:port/",
    ],
)
def test_what_is_no_url_for_browsers_is_refused(url: str, connected: list[str]) -> None:
    result = go(url)
    assert result.error == NOT_A_URL
    assert (result.url, result.refused, connected) == ("", True, [])


def test_user_names_and_passwords_are_refused_and_not_told(connected: list[str]) -> None:
    with Receiver(redirect("http://somebody:hunter2@127.0.0.1/")) as receiver:
        results = [go("http://somebody:hunter2@127.0.0.1/"), go("http://hunter2@127.0.0.1/"), go(receiver.url())]
    for result in results:
        assert result.error == "http://127.0.0.1 was not visited: a user name or password stands in its URL."
        assert result.refused
        assert "hunter2" not in repr(result)
    assert connected == ["127.0.0.1"]


@pytest.mark.parametrize("port", [1, 22, 25, 6000, 6667, 10080])
def test_ports_that_browsers_block_are_refused(port: int, connected: list[str]) -> None:
    result = go(f"http://127.0.0.1:{port}/")
    assert result.error == f"http://127.0.0.1:{port} was not visited: browsers block port {port}."
    assert (result.refused, connected) == (True, [])


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        f"http://{TOKEN}.evil.test/",
        f"http://{TOKEN.lower()}.evil.test/{TOKEN}",
        f"/{TOKEN}",
        f"{TOKEN}:x",
        f"http://a/{TOKEN} b",
        f"http://{TOKEN}@127.0.0.1/",
        f"http://127.0.0.1:1/{TOKEN}",
    ],
)
def test_a_redirect_that_repeats_the_token_does_not_bring_it_into_the_result(location: str) -> None:
    with Receiver(redirect(location), b"%a\r\n\r\n" % TOKEN) as receiver:
        result = go(receiver.url(f"/back{QUERY}"), resolve=lambda _host: ["10.0.0.1"])
    assert result.error
    assert TOKEN.lower() not in repr(result).lower()


def test_a_secret_of_the_query_is_hidden_in_the_path_too() -> None:
    with Receiver() as receiver:
        result = go(receiver.url(f"/back/{TOKEN}{QUERY}#{TOKEN}"))
    assert result.url == receiver.url("/back/***")
    assert "10000" not in repr(result)


def test_a_query_that_names_its_own_host_does_not_hide_it() -> None:
    with Receiver() as receiver:
        result = go(receiver.url(f"/back?next=http://127.0.0.1:{receiver.port}&then=127.0.0.1:{receiver.port}"))
    assert result.url == receiver.url("/back")


def test_a_query_of_many_values_holds_nobody_up() -> None:
    query = "&".join(f"{number}=abcdefghijklmnop{number}" for number in range(50_000))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    began = time.monotonic()
    assert go(f"http://127.0.0.1:{port}/?{query}").error.endswith("Connection refused.")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("first_line", [f"HTTP/1.1 {TOKEN} x", f"{TOKEN}", f"HTTP/1.1 200 OK\r\n{TOKEN}"])
def test_an_answer_that_repeats_the_token_does_not_bring_it_into_the_result(first_line: str) -> None:
    with Receiver(first_line.encode() + b"\r\n\r\n") as receiver:
        result = go(receiver.url(f"/back{QUERY}"))
    assert TOKEN not in repr(result)
