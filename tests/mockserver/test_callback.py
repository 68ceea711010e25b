"""The URL that the browser goes to after a verification: read strictly, completed exactly."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mockserver.callback import join_url, read_host, read_url, returned_url

TOKEN = "2026070222152680501D985EA34A3BE3D8"
PARAMETERS = [
    ("bytedToken", TOKEN),
    ("resultCode", "10000"),
    ("algorithmBaseRespCode", "0"),
    ("reqMeasureInfoValue", "1"),
    ("verify_type", "real_time"),
]
ADDED = f"bytedToken={TOKEN}&resultCode=10000&algorithmBaseRespCode=0&reqMeasureInfoValue=1&verify_type=real_time"

JOINED = [
    ("https://shop.example/back", "https://shop.example/back?+"),
    ("https://shop.example", "https://shop.example?+"),
    ("https://shop.example/", "https://shop.example/?+"),
    ("https://shop.example/back?a=1", "https://shop.example/back?a=1&+"),
    ("https://shop.example/back?a=1&b=%26", "https://shop.example/back?a=1&b=%26&+"),
    ("https://shop.example/back?a=1&", "https://shop.example/back?a=1&+"),
    ("https://shop.example/back?a=1&&", "https://shop.example/back?a=1&&+"),
    ("https://shop.example/back?", "https://shop.example/back?+"),
    ("https://shop.example/back?a=b?", "https://shop.example/back?a=b?&+"),
    ("https://shop.example/back??", "https://shop.example/back??&+"),
    ("https://shop.example?a", "https://shop.example?a&+"),
    ("https://shop.example/back#top", "https://shop.example/back?+#top"),
    ("https://shop.example/back?#top", "https://shop.example/back?+#top"),
    ("https://shop.example/back?a=1#top", "https://shop.example/back?a=1&+#top"),
    ("https://shop.example/#/route?x=1&y", "https://shop.example/?+#/route?x=1&y"),
    ("https://shop.example#?", "https://shop.example?+#?"),
    ("https://shop.example/a#b#c", "https://shop.example/a?+#b#c"),
    ("https://shop.example/#", "https://shop.example/?+#"),
    ("HTTPS://Shop.Example:8443/Back", "HTTPS://Shop.Example:8443/Back?+"),
    ("http://127.0.0.1:8000/back", "http://127.0.0.1:8000/back?+"),
    ("http://[::1]:8000/back", "http://[::1]:8000/back?+"),
    ("http://[FE80::1]", "http://[FE80::1]?+"),
    ("http://localhost", "http://localhost?+"),
    ("http://localhost./", "http://localhost./?+"),
    ("http://my_service:80/", "http://my_service:80/?+"),
    ("http://localhost:/x", "http://localhost:/x?+"),
    ("https://user:word@shop.example/", "https://user:word@shop.example/?+"),
    (
        "https://b\u00fccher.example/\u00e4?\u00f6=\u00fc#\u00df",
        "https://b\u00fccher.example/\u00e4?\u00f6=\u00fc&+#\u00df",
    ),
    ("https://shop.example/back?bytedToken=old", "https://shop.example/back?bytedToken=old&+"),
    ("https://shop.example/%3F%23/<\"'>", "https://shop.example/%3F%23/<\"'>?+"),
]


@pytest.mark.parametrize(("callback", "expected"), JOINED)
def test_parameters_join_whatever_query_or_fragment_there_is(callback: str, expected: str) -> None:
    assert returned_url(callback, PARAMETERS) == expected.replace("+", ADDED)


def test_parameters_that_need_it_are_percent_encoded() -> None:
    added = [("a b", "1&2=3"), ("c", "\u00e4/?#%+")]
    assert returned_url("http://h/", added) == "http://h/?a%20b=1%262%3D3&c=%C3%A4%2F%3F%23%25%2B"


def test_without_parameters_the_url_stays_as_it_is() -> None:
    assert returned_url("http://h/?#f", []) == "http://h/?#f"


NOT_FOR_BROWSERS = [
    "",
    "shop.example",
    "/back",
    "//shop.example/back",
    "javascript:alert(1)",
    "JavaScript://shop.example/%0aalert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://shop.example/",
    "ws://shop.example/",
    "myapp://back",
    "view-source:https://shop.example/",
    "blob:https://shop.example/x",
    "http:",
    "http:shop.example",
    "http:/shop.example",
    "http:///shop.example",
    "http:////shop.example",
    "http://",
    "http://?a",
    "http://#a",
    "http://:80/",
    "http://user@/",
    "http://user@:80/",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "ht\ntp://shop.example/",
    "http\u017f://shop.example/",
    "\uff48ttp://shop.example/",
    " http://shop.example/",
    "http://shop.example/ ",
    "http://shop.example/\n",
    "\x00http://shop.example/",
    "\ufeffhttp://shop.example/",
    "http://shop.example/a b",
    "http://shop.example/a\tb",
    "http://shop.example/a\r\nSet-Cookie:x",
    "http://shop.example/a\x00",
    "http://shop.example/a\x7f",
    "http://shop.example/a\x85",
    "http://shop.example/a\u00a0",
    "http://shop.example/a\u2028",
    "http://shop.example/?a\u3000b",
    "http://shop.example/#\x1f",
    "http://shop.example\\@evil.example/",
    "http:\\\\shop.example/",
    "http://shop.example/\\evil",
    "http://shop.example/?a\\b",
    "http://shop.example/\ud800",
    "http://shop.example/?\udfff#a",
    "http://shop.example:65536/",
    "http://shop.example:0/",
    "http://shop.example:99999999999999999999/",
    "http://shop.example:-1/",
    "http://shop.example:+80/",
    "http://shop.example:80a/",
    "http://shop.example:8_0/",
    "http://shop.example:\u0663/",
    "http://shop.example:80:80/",
    "http://shop.example:80@/",
    "http://::1/",
    "http://[::1/",
    "http://::1]/",
    "http://[::1]x/",
    "http://x[::1]/",
    "http://[]/",
    "http://[1]/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[v1.a]/",
    "http://[127.0.0.1]/",
    "http://[::1]@[::2]/",
]


@pytest.mark.parametrize("callback", NOT_FOR_BROWSERS)
def test_what_no_browser_should_be_sent_to_gives_none(callback: str) -> None:
    assert returned_url(callback, PARAMETERS) is None


HOSTS_READ_DIFFERENTLY = [
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0X7F.1",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "127.0.0.0x1",
    "1.2.3.4.5",
    "256.0.0.1",
    "0",
    "0x",
    "shop.0x",
    "shop.example.1",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020.0.1",
    "127.0.0.\u2460",
    "shop\u3002example",
    "shop\uff0eexample",
    "shop\uff61example",
    "sh%6fp.example",
    "shop.example%00",
    "shop%2eexample",
    "\uff53hop.example",
    "\U0001d4c8hop.example",
    "\u017fhop.example",
    "\u212belvin.example",
    "stra\u00dfe.example",
    "stra\u1e9ee.example",
    "\u03bf\u03b4\u03bf\u03c2.example",
    "\u039f\u0394\u039f\u03a3.example",
    "\u00c4rger.example",
    "\uab70.example",
    "\u13a0.example",
    "sh\u00adop.example",
    "sh\u200dop.example",
    "sh\u200bop.example",
    "shop\ufe0f.example",
    "shop\U000e0100.example",
    "sh\u3164op.example",
    "sh\u115fop.example",
    "sh\u180fop.example",
    "\u0301shop.example",
    "u\u0308ber.example",
    "\u2488example",
    "\U0001f100example",
    "\u2100.example",
    "a\u2044b.example",
    "shop..example",
    ".shop.example",
    ".",
    "..",
    "shop.example..",
    "sh!op.example",
    "sh,op",
    "sh;op",
    "sh$op",
    "sh&op",
    "sh'op",
    'sh"op',
    "sh*op",
    "sh=op",
    "sh{op",
    "sh|op",
    "sh^op",
    "sh`op",
    "sh<op",
    "sh~op",
    "a" * 64,
    ".".join(["a" * 63] * 4),
    "\u00fc" * 80,
    ".".join(["\u00fc" * 20] * 12),
    "[fe80::1%eth0]",
]


@pytest.mark.parametrize("host", HOSTS_READ_DIFFERENTLY, ids=lambda host: ascii(host[:20]))
def test_a_host_that_two_readers_could_read_differently_is_refused(host: str) -> None:
    assert read_host(host) is None
    assert returned_url(f"http://{host}/", PARAMETERS) is None


def test_a_very_long_host_is_refused_at_once() -> None:
    began = time.monotonic()
    assert read_host("\u00fc." * 500_000) is None
    assert time.monotonic() - began < 0.5


def test_hosts_are_written_in_lower_case_ascii() -> None:
    hosts = ("Shop.Example", "B\u00fccher.example", "\u4f8b\u3048.jp", "[2001:DB8::0:1]", "10.0.0.5", "a." * 3 + "B.")
    assert [read_host(host) for host in hosts] == [
        "shop.example",
        "xn--bcher-kva.example",
        "xn--r8jz45g.jp",
        "2001:db8::1",
        "10.0.0.5",
        "a.a.a.b.",
    ]


def test_a_url_is_taken_apart_for_the_wire() -> None:
    url = read_url("HTTPS://Me@B\u00fccher.example:0443/\u00e4%2F?\u00f6='<#frag")
    assert url is not None
    assert (url.scheme, url.host, url.port, url.has_userinfo) == ("https", "xn--bcher-kva.example", 443, True)
    assert url.target == "/%C3%A4%2F?%C3%B6=%27%3C"
    assert (url.path, url.query) == ("/%C3%A4%2F", "%C3%B6=%27%3C")
    assert url.origin == "https://xn--bcher-kva.example"


def test_an_authority_names_the_port_unless_it_is_the_schemes_own() -> None:
    texts = ("http://h", "http://h:80", "https://h:80", "http://h:443", "https://h:443", "http://[::1]:8080")
    urls = [read_url(text) for text in texts]
    assert [url and url.authority for url in urls] == ["h", "h", "h:80", "h:443", "h", "[::1]:8080"]


def test_the_repr_of_a_url_shows_nothing_of_its_query() -> None:
    assert TOKEN not in repr(read_url(f"http://h/{TOKEN}?t={TOKEN}#{TOKEN}"))


REFERENCES = [
    ("next", "http://h:1/a/next"),
    ("/next?x=1#y", "http://h:1/next?x=1"),
    ("?x", "http://h:1/a/b?x"),
    ("../../c", "http://h:1/c"),
    ("//other/c", "http://other/c"),
    ("https://other:1/\u00e4", "https://other:1/%C3%A4"),
]


@pytest.mark.parametrize(("reference", "expected"), REFERENCES)
def test_a_reference_is_joined_to_its_base(reference: str, expected: str) -> None:
    base = read_url("http://h:1/a/b?q=1")
    assert base is not None
    joined = join_url(base, reference)
    assert joined is not None
    assert joined.origin + joined.target == expected


@pytest.mark.parametrize(
    "reference",
    [
        "///evil.example/",
        "////evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "http:evil.example",
        "http:/evil.example",
        "HTTP:///evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "file:///etc/passwd",
        "//evil.example:0/",
        "//[::1",
        "//[x]/",
        "//127.1/",
        " /next",
        "/a b",
    ],
)
def test_a_reference_that_two_readers_could_read_differently_is_refused(reference: str) -> None:
    base = read_url("http://h/a/b")
    assert base is not None
    assert join_url(base, reference) is None


# --- properties -------------------------------------------------------------------------------------------------------

SAFE = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\\")
LABELS = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9-]{0,8}[A-Za-z])?", fullmatch=True) | st.just("b\u00fccher")
NAMES = st.builds(
    "{}.{}".format, LABELS, st.sampled_from(["example", "Test", "xn--p1ai", "\u4f8b\u3048", "localhost."])
)
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map("[{}]".format)
PORTS = st.just("") | st.just(":") | st.integers(1, 65535).map(":{}".format)
TEXTS = st.text(SAFE, max_size=12)


@st.composite
def callback_urls(draw: st.DrawFn) -> str:
    scheme = draw(st.sampled_from(["http", "https", "HTTP", "hTTpS"]))
    user = draw(st.sampled_from(["", "", "user@", "us%40er:pa:ss@"]))
    path = draw(st.just("") | TEXTS.map("/{}".format))
    query = draw(st.just("") | TEXTS.map("?{}".format) | st.lists(st.sampled_from("a=&?;%"), max_size=6).map("?".join))
    fragment = draw(st.just("") | TEXTS.map("#{}".format))
    path = path.replace("?", "").replace("#", "")
    query = query.replace("#", "")
    query = query if query.startswith("?") else ""
    return f"{scheme}://{user}{draw(NAMES | ADDRESSES)}{draw(PORTS)}{path}{query}{fragment}"


@given(callback_urls())
@example("https://h?#?")
@example("https://h/?&&#")
def test_every_part_of_the_callback_url_is_preserved_and_the_parameters_come_last(callback: str) -> None:
    result = returned_url(callback, PARAMETERS)
    assert result is not None
    before, after = urlsplit(callback), urlsplit(result)
    assert after._replace(query="") == before._replace(query="")
    pairs = parse_qsl(before.query, keep_blank_values=True)
    assert parse_qsl(after.query, keep_blank_values=True) == pairs + PARAMETERS
    head, hash_sign, fragment = callback.partition("#")
    assert result.startswith(head)
    assert result.endswith(f"{ADDED}{hash_sign}{fragment}")


@given(callback_urls(), st.lists(st.tuples(st.text(SAFE, min_size=1), st.text(st.characters(codec="utf-8")))))
def test_parameters_of_any_text_arrive_as_they_were(callback: str, parameters: list[tuple[str, str]]) -> None:
    result = returned_url(callback, parameters)
    assert result is not None
    pairs = parse_qsl(urlsplit(callback).query, keep_blank_values=True)
    assert parse_qsl(urlsplit(result).query, keep_blank_values=True) == pairs + parameters


@given(callback_urls(), st.integers(0, 80), st.text(max_size=3) | st.sampled_from([*"@:/\\?#[]%.0x", "//", "\u3002"]))
def test_what_passes_is_read_alike_by_urlsplit(callback: str, at: int, inserted: str) -> None:
    text = callback[:at] + inserted + callback[at:]
    url = read_url(text)
    assume(url is not None)
    assert url is not None
    parts = urlsplit(returned_url(text, PARAMETERS) or "")
    assert parts.scheme == url.scheme
    assert read_host(f"[{parts.hostname}]" if ":" in url.host else str(parts.hostname)) == url.host
    assert (parts.port or {"http": 80, "https": 443}[url.scheme]) == url.port
    assert (parts.username is not None) == url.has_userinfo
    assert url.target.isascii()
    assert not set(url.target + url.authority) & set(" \r\n\t\x00#")


@given(
    callback_urls(), st.integers(0, 80), st.sampled_from([*map(chr, range(0x21)), *"\x7f\x85\xa0\\\ud800\udc00\u2029"])
)
def test_a_character_that_browsers_drop_or_change_is_refused_anywhere(callback: str, at: int, inserted: str) -> None:
    assert returned_url(callback[:at] + inserted + callback[at:], PARAMETERS) is None


# --- cost -------------------------------------------------------------------------------------------------------------


def test_importing_what_reads_and_visits_callbacks_loads_no_network_library() -> None:
    program = (
        "import sys, mockserver.callback, mockserver.addresses, mockserver.visiting\n"
        "print(*[name for name in ('socket', 'ssl', 'http.client', 'email', 'encodings.idna') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=root)
    assert (run.returncode, run.stdout.split()) == (0, []), run.stderr
