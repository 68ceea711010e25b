"""The phone page by a test client: its steps and ends, what Complete does, and that it gives nothing away."""

from __future__ import annotations

import dataclasses
import io
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import __version__
from mockserver.app import create_app
from mockserver.behaviours.visual_validate import H5_PATH
from mockserver.clock import FrozenClock
from mockserver.engine import Engine
from mockserver.h5.links import read_asked
from mockserver.h5.page import STATIC_PATH
from mockserver.h5.qr import is_loopback, qr_code
from mockserver.h5.rendering import Renderer
from mockserver.h5.texts import TEXTS, Texts
from mockserver.sessions import OUTCOMES, Keeper, StoreUnavailable
from mockserver.settings import Settings
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from mockserver.identifiers import SessionIdentifiers
    from mockserver.sessions import Session

KEY = "sk-mock-byteplus-direct"
CALLBACK = "https://shop.example/back?order=7#top"
POLICY = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self'; form-action {form}; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


class Phone:
    """A mock with a clock of ours, a client, and short ways to what the tests ask for."""

    def __init__(self, **settings: object) -> None:
        self.clock = FrozenClock(1_783_001_726)
        ours = dataclasses.replace(Settings(base_url="http://192.0.2.7:8080"), **settings)  # type: ignore[arg-type]
        self.engine = Engine(packaged_contract(), ours, clock=self.clock)
        self.app = create_app(engine=self.engine)
        self.client: FlaskClient = self.app.test_client()
        self.keeper: Keeper = self.engine.sessions

    def create(self, callback_url: str | None = CALLBACK) -> SessionIdentifiers:
        return self.keeper.create(KEY, callback_url)

    def get(self, made: SessionIdentifiers, method: str = "GET", **fields: str) -> TestResponse:
        query = urlencode({"pl": made.pl, "uid": made.uid, **fields})
        return self.client.open(f"{H5_PATH}?{query}", method=method)

    def step(self, made: SessionIdentifiers, step: str, **fields: str) -> TestResponse:
        return self.get(made, step=step, agree="yes", **fields)

    def complete(self, made: SessionIdentifiers, outcome: str = "pass", **fields: str) -> TestResponse:
        return self.client.post(H5_PATH, data={"pl": made.pl, "uid": made.uid, "outcome": outcome, **fields})

    def session(self, made: SessionIdentifiers) -> Session:
        return self.keeper.find(made.token)

    def group(self, made: SessionIdentifiers) -> str:
        return self.keeper.result(KEY, made.token).group_id


@pytest.fixture
def phone() -> Phone:
    return Phone()


class Tags(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.found if tag == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def hidden(self) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.all("input") if one.get("type") == "hidden"}


def heading(response: TestResponse) -> str:
    (found,) = re.findall(r"<h1>(.*?)</h1>", response.text)
    return unescape(found)


def refresh(response: TestResponse) -> str | None:
    """Give the URL to which the page sends the browser."""
    found = [one["content"] for one in Tags(response.text).all("meta") if one.get("http-equiv") == "refresh"]
    return found[0].removeprefix("0; url=") if found else None


def rule(response: TestResponse) -> str:
    return response.headers["X-Mock-Rule"].partition(";")[0]


def every_page(phone: Phone, language: str = "en") -> Iterator[tuple[str, TestResponse]]:
    """Give one of each page that there is."""
    made, refused, none = phone.create(), phone.create("javascript:alert(1)"), phone.create(None)
    yield "consent", phone.get(made, lng=language)
    yield "consent again", phone.get(made, lng=language, step="face")
    yield "face", phone.step(made, "face", lng=language)
    for outcome in OUTCOMES:
        yield f"result {outcome}", phone.step(made, "result", lng=language, outcome=outcome)
    yield "result refused", phone.step(refused, "result", lng=language, outcome="pass")
    yield "result none", phone.step(none, "result", lng=language, outcome="pass")
    yield "leaving", phone.complete(made, lng=language)
    yield "closing", phone.complete(none, lng=language)
    yield "closing refused", phone.complete(refused, lng=language)
    yield "used", phone.get(made, lng=language)
    yield "unknown", phone.client.get(f"{H5_PATH}?lng={language}")
    yield "broken", phone.client.post(f"{H5_PATH}?lng={language}", json={})
    late = phone.create()
    phone.clock.advance(3600)
    yield "expired", phone.get(late, lng=language)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phone.keeper.store, "find_link", unavailable)
        yield "store", phone.get(late, lng=language)


def unavailable(*_: object) -> None:
    raise StoreUnavailable("redis", "connection refused")


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TEXTS)
def test_every_page_speaks_one_language_and_says_that_it_is_a_mock(phone: Phone, language: str) -> None:
    texts = TEXTS[language]
    for name, response in every_page(phone, language):
        tags = Tags(response.text)
        assert tags.all("html") == [{"lang": texts.tag}], name
        assert [one for one in tags.found if one[0] == "h1"] == [("h1", {})], name
        assert re.findall(r'<p class="mock">(.*?)</p>', unescape(response.text)) == [texts.mock], name
        assert texts.served_by.format(version=__version__) in tags.text, name


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ("", "zh-Hans"),
        ("&lng=", "zh-Hans"),
        ("&lng=zh", "zh-Hans"),
        ("&lng=fr", "zh-Hans"),
        ("&lng=EN", "zh-Hans"),
        ("&lng=en", "en"),
        ("&lng=zh-Hant", "zh-Hant"),
        ("&lng=zh&lng=en", "en"),
    ],
)
def test_language_is_the_last_one_named_or_chinese(phone: Phone, query: str, tag: str) -> None:
    made = phone.create()
    response = phone.client.get(f"{H5_PATH}?pl={made.pl}&uid={made.uid}{query}")
    assert f'<html lang="{tag}">' in response.text


def test_language_links_keep_the_link_and_the_step(phone: Phone) -> None:
    made = phone.create()
    links = [one for one in Tags(phone.step(made, "result", lng="en", outcome="fail").text).all("a") if "lang" in one]
    assert [one["lang"] for one in links if "aria-current" in one] == ["en"]
    for link, (language, texts) in zip(links, TEXTS.items(), strict=True):
        assert (link["lang"], link["hreflang"]) == (texts.tag, texts.tag)
        response = phone.client.get(f"{H5_PATH.rpartition('/')[0]}/{link['href']}")
        assert heading(response) == texts.outcomes["fail"].heading
        assert parse_qs(urlsplit(link["href"]).query)["lng"] == [language]


def test_links_and_forms_lead_back_to_the_page_with_and_without_a_slash_at_the_end(phone: Phone) -> None:
    made = phone.create()
    for slash, prefix in (("", ""), ("/", "../")):
        response = phone.client.get(f"{H5_PATH}{slash}?pl={made.pl}&uid={made.uid}")
        tags = Tags(response.text)
        assert response.status_code == 200
        assert [one["action"] for one in tags.all("form")] == [f"{prefix}authorization"]
        assert all(one["href"].startswith(f"{prefix}authorization?") for one in tags.all("a"))
        assert all(one["href"].startswith(f"{prefix}static/") for one in tags.all("link"))


# --- texts ------------------------------------------------------------------------------------------------------------


def sentences(value: object) -> Iterator[str]:
    """Give every text of a language, those within outcomes and ends included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from sentences(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from sentences(one)
    else:
        assert dataclasses.is_dataclass(value)
        for field in dataclasses.fields(value):
            yield from sentences(getattr(value, field.name))


def test_every_language_has_every_outcome_and_every_end() -> None:
    ends = set(TEXTS["zh"].ends)
    for language, texts in TEXTS.items():
        assert list(texts.outcomes) == list(OUTCOMES), language
        assert set(texts.ends) == ends == {"used", "expired", "unknown", "broken", "store"}, language
        assert all(text.strip() == text != "" for text in sentences(texts)), language


def test_every_text_is_used() -> None:
    folder = Path(__file__).parents[2] / "mockserver" / "h5" / "templates"
    templates = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    names = [field.name for field in dataclasses.fields(Texts)]
    assert [name for name in names if not re.search(rf"\b(t|other)\.{name}\b", templates)] == []


@pytest.mark.parametrize(("language", "charset"), [("zh", "gb2312"), ("zh-Hant", "big5"), ("en", "ascii")])
def test_texts_keep_to_the_characters_of_their_script(language: str, charset: str) -> None:
    own_names = {"简体", "繁體"}
    for text in sentences(TEXTS[language]):
        if text not in own_names:
            assert text.encode(charset).decode(charset) == text


# --- the steps --------------------------------------------------------------------------------------------------------


def test_first_look_opens_the_session_and_the_steps_change_nothing_more(phone: Phone) -> None:
    made = phone.create()
    assert phone.session(made).state(phone.clock.now_ns()) == "created"
    assert phone.get(made).status_code == 200
    opened = phone.session(made)
    assert opened.state(phone.clock.now_ns()) == "opened"
    phone.step(made, "face")
    for outcome in OUTCOMES:
        phone.step(made, "result", outcome=outcome)
    assert phone.session(made) == opened
    assert phone.group(made) == ""


def test_asking_for_the_headers_alone_is_no_look(phone: Phone) -> None:
    made = phone.create()
    response = phone.get(made, "HEAD")
    assert (response.status_code, response.data, response.mimetype) == (200, b"", "text/html")
    assert phone.session(made).opened_ns is None
    phone.complete(made)
    assert (phone.get(made, "HEAD").status_code, rule(phone.get(made, "HEAD"))) == (409, "session.used")
    late = phone.create()
    phone.clock.advance(1800)
    assert (phone.get(late, "HEAD").status_code, rule(phone.get(late, "HEAD"))) == (410, "session.expired")


def test_consent_has_to_be_given(phone: Phone) -> None:
    made = phone.create()
    first = Tags(phone.get(made, lng="en").text)
    (box,) = [one for one in first.all("input") if one.get("type") == "checkbox"]
    assert (box["name"], box["value"], "required" in box) == ("agree", "yes", True)
    assert first.hidden == {"pl": made.pl, "uid": made.uid, "lng": "en", "step": "face"}
    assert TEXTS["en"].terms_mock in first.text
    assert TEXTS["en"].agree_first not in first.text
    for step in ("face", "result"):
        again = phone.get(made, lng="en", step=step, outcome="pass")
        assert heading(again) == TEXTS["en"].consent_heading
        assert re.search(f'role="alert">{re.escape(TEXTS["en"].agree_first)}<', again.text)


def test_face_step_shows_a_circle_and_a_button_for_each_outcome(phone: Phone) -> None:
    made = phone.create()
    response = phone.step(made, "face", lng="en")
    tags = Tags(response.text)
    assert heading(response) == TEXTS["en"].face_heading
    assert [(one["name"], one["value"]) for one in tags.all("button")] == [("outcome", name) for name in OUTCOMES]
    assert tags.hidden == {"pl": made.pl, "uid": made.uid, "lng": "en", "step": "result", "agree": "yes"}
    assert TEXTS["en"].mock_only in tags.text
    for outcome in OUTCOMES.values():
        assert f"resultCode {outcome.code}" in tags.text
    (video,) = tags.all("video")
    assert {"hidden", "muted", "playsinline", "autoplay"} <= set(video)
    assert [one["aria-label"] for one in tags.all("svg") if one.get("role") == "img"] == [TEXTS["en"].drawing]


@pytest.mark.parametrize("outcome", ["", "nope", "PASS"])
def test_result_without_an_outcome_is_the_face_step(phone: Phone, outcome: str) -> None:
    assert heading(phone.step(phone.create(), "result", lng="en", outcome=outcome)) == TEXTS["en"].face_heading


def test_unknown_step_is_the_first(phone: Phone) -> None:
    assert heading(phone.step(phone.create(), "<b>", lng="en")) == TEXTS["en"].consent_heading


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_result_step_says_what_complete_will_do(phone: Phone, outcome: str) -> None:
    made = phone.create()
    response = phone.step(made, "result", lng="en", outcome=outcome)
    tags = Tags(response.text)
    assert heading(response) == TEXTS["en"].outcomes[outcome].heading
    assert [(one["method"], one["action"]) for one in tags.all("form")] == [("post", "authorization?lng=en")]
    assert tags.hidden == {"pl": made.pl, "uid": made.uid, "lng": "en", "outcome": outcome}
    assert TEXTS["en"].leave in tags.text
    assert CALLBACK in tags.text
    assert f"resultCode {OUTCOMES[outcome].code}" in tags.text
    assert made.token not in response.text


def test_another_result_can_be_chosen(phone: Phone) -> None:
    made = phone.create()
    (back,) = [
        one for one in Tags(phone.step(made, "result", lng="en", outcome="fail").text).all("a") if "class" in one
    ]
    assert heading(phone.client.get(f"{H5_PATH}?{urlsplit(back['href']).query}")) == TEXTS["en"].face_heading


# --- Complete ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_complete_sends_the_browser_to_the_callback_with_five_parameters(phone: Phone, outcome: str) -> None:
    made = phone.create()
    response = phone.complete(made, outcome, lng="en")
    one = OUTCOMES[outcome]
    assert response.status_code == 200
    url = refresh(response)
    assert url is not None
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "shop.example", "/back", "top")
    assert parse_qsl(parts.query) == [
        ("order", "7"),
        ("bytedToken", made.token),
        ("resultCode", str(one.code)),
        ("algorithmBaseRespCode", str(one.sub_code)),
        ("reqMeasureInfoValue", str(one.billed)),
        ("verify_type", "real_time"),
    ]
    (link,) = Tags(response.text).all("a")
    assert (link["href"], link["rel"]) == (url, "noreferrer noopener")
    assert "Location" not in response.headers


def test_group_is_created_when_a_passed_verification_is_completed(phone: Phone) -> None:
    made = phone.create()
    phone.step(made, "result", outcome="pass")
    assert phone.group(made) == ""
    phone.clock.advance(60)
    phone.complete(made)
    assert re.fullmatch(r"group-20260702221626-[a-z0-9]{5}", phone.group(made))


@pytest.mark.parametrize("outcome", [name for name in OUTCOMES if name != "pass"])
def test_failed_verification_leaves_no_group(phone: Phone, outcome: str) -> None:
    made = phone.create()
    phone.complete(made, outcome)
    assert phone.group(made) == ""
    assert phone.session(made).outcome == outcome


@pytest.mark.parametrize("callback_url", [None, ""])
def test_without_a_callback_the_page_can_be_closed(phone: Phone, callback_url: str | None) -> None:
    made = phone.create(callback_url)
    assert TEXTS["en"].goes_nowhere in Tags(phone.step(made, "result", lng="en", outcome="pass").text).text
    response = phone.complete(made, lng="en")
    assert (response.status_code, refresh(response), Tags(response.text).all("a")) == (200, None, [])
    assert heading(response) == TEXTS["en"].closing_heading
    assert TEXTS["en"].not_gone not in Tags(response.text).text
    assert phone.group(made).startswith("group-")


HOSTILE = [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://shop.example",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "intent://scan/#Intent;scheme=zxing;end",
    "//shop.example/x",
    "/local",
    "shop.example/x",
    "ftp://shop.example/",
    "https://",
    "http:///path",
    "https://shop.example\\@other.example/",
    "https://shop.example/\nrefresh",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}{% raw %}",
    "\ud800",
    "x" * 100_000,
]


@pytest.mark.parametrize("callback_url", HOSTILE)
def test_callback_that_is_no_http_address_is_shown_and_never_followed(phone: Phone, callback_url: str) -> None:
    made = phone.create(callback_url)
    before = phone.step(made, "result", lng="en", outcome="pass")
    after = phone.complete(made, lng="en")
    assert (before.status_code, after.status_code) == (200, 200)
    assert heading(after) == TEXTS["en"].closing_heading
    for response, sentence in ((before, TEXTS["en"].goes_refused), (after, TEXTS["en"].not_gone)):
        tags = Tags(response.text)
        assert sentence in tags.text
        assert refresh(response) is None
        assert all(one["href"].startswith("authorization?") for one in tags.all("a"))
        assert [one.get("src") for one in tags.all("script")] in ([], [f"static/{asset_names()['page.js']}"])
        shown = callback_url[:20].replace("\ud800", "?").strip()
        assert " ".join(shown.split()) in tags.text
        assert "Location" not in response.headers
        assert len(response.text) < 20_000
    assert phone.group(made).startswith("group-"), "the verification itself has ended all the same"


def test_callback_is_escaped_where_it_is_followed(phone: Phone) -> None:
    url = 'https://shop.example/a"b\'c<d>&e;url=javascript:x?q="><script>alert(1)</script>'
    made = phone.create(url)
    response = phone.complete(made)
    assert "<script>alert" not in response.text
    followed = refresh(response)
    assert followed is not None
    assert followed.startswith(url + "&bytedToken=")


def test_second_complete_finds_the_link_used(phone: Phone) -> None:
    made = phone.create()
    phone.complete(made)
    first = phone.session(made)
    for response in (phone.complete(made, "fail", lng="en"), phone.get(made, lng="en")):
        assert (response.status_code, rule(response)) == (409, "session.used")
        assert heading(response) == TEXTS["en"].ends["used"].heading
        assert refresh(response) is None
    assert phone.session(made) == first


# --- the ends ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TEXTS)
def test_each_end_says_in_each_language_what_happened(phone: Phone, language: str) -> None:
    statuses = {}
    for name, response in every_page(phone, language):
        if name in TEXTS[language].ends:
            statuses[name] = response.status_code
            assert heading(response) == TEXTS[language].ends[name].heading
            assert TEXTS[language].ends[name].sentence in Tags(response.text).text
            assert response.mimetype == "text/html"
            assert Tags(response.text).all("script") == []
    assert statuses == {"used": 409, "expired": 410, "unknown": 404, "broken": 400, "store": 503}


def test_session_expires_at_the_end_of_its_life(phone: Phone) -> None:
    made = phone.create()
    phone.clock.advance(1799.9)
    assert phone.get(made).status_code == 200
    phone.clock.advance(0.1)
    for response in (phone.get(made), phone.step(made, "result", outcome="pass"), phone.complete(made)):
        assert (response.status_code, rule(response)) == (410, "session.expired")
    assert phone.session(made).outcome == ""


def broken_links(one: SessionIdentifiers, two: SessionIdentifiers) -> Mapping[str, str]:
    return {
        "no query": "",
        "no uid": f"pl={one.pl}",
        "no pl": f"uid={one.uid}",
        "empty pl": f"pl=&uid={one.uid}",
        "pl cut": f"pl={one.pl[:500]}&uid={one.uid}",
        "pl longer": f"pl={one.pl}A&uid={one.uid}",
        "pl much longer": f"pl={one.pl * 50}&uid={one.uid}",
        "uid cut": f"pl={one.pl}&uid={one.uid[:-1]}",
        "uid in upper case": f"pl={one.pl}&uid={one.uid.upper()}",
        "pl of another link": f"pl={two.pl}&uid={one.uid}",
        "two different pl": f"pl={one.pl}&pl={two.pl}&uid={one.uid}",
        "two different uid": f"pl={one.pl}&uid={one.uid}&uid={two.uid}",
        "not decoded from JSON": f"pl={one.pl}\\u0026uid={one.uid}",
        "unknown": "pl=abc&uid=00000000-0000-4000-a000-000000000000",
        "too many fields": f"pl={one.pl}&uid={one.uid}" + "&a=b" * 60,
        "NUL": f"pl={one.pl}%00&uid={one.uid}",
    }


def test_broken_link_is_unknown_and_opens_nothing(phone: Phone) -> None:
    one, two = phone.create(), phone.create()
    for name, query in broken_links(one, two).items():
        response = phone.client.get(f"{H5_PATH}?{query}")
        assert (response.status_code, rule(response)) == (404, "session.unknown"), name
        posted = phone.client.post(
            H5_PATH, data=f"{query}&outcome=pass", content_type="application/x-www-form-urlencoded"
        )
        assert posted.status_code in (400, 404, 413), name
    assert phone.session(one).opened_ns is None
    assert phone.session(one).outcome == phone.session(two).outcome == ""


@pytest.mark.parametrize("query", ["pl=a/b&uid={uid}", "pl={pl}&uid=' OR 1=1", "pl=%ff&uid={uid}", "pl=&uid={uid}"])
def test_store_is_not_asked_for_what_cannot_be_a_link(
    phone: Phone, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = phone.create()
    monkeypatch.setattr(phone.keeper.store, "find_link", unavailable)
    assert phone.client.get(f"{H5_PATH}?{query.format(pl=made.pl, uid=made.uid)}").status_code == 404


def test_link_given_twice_alike_is_one_link(phone: Phone) -> None:
    made = phone.create()
    link = f"pl={made.pl}&uid={made.uid}"
    assert phone.client.get(f"{H5_PATH}?{link}&{link}").status_code == 200


@pytest.mark.parametrize("method", ["find_link", "replace"])
def test_store_that_is_gone_gives_a_clear_page(phone: Phone, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = phone.create()
    monkeypatch.setattr(phone.keeper.store, method, unavailable)
    for response in (phone.get(made, lng="en"), phone.complete(made, lng="en")):
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert rule(response) == "mock.store"
        assert "connection refused" not in response.text
        assert heading(response) == TEXTS["en"].ends["store"].heading
        (again,) = [one for one in Tags(response.text).all("a") if "class" in one]
        assert parse_qs(urlsplit(again["href"]).query) == {"pl": [made.pl], "uid": [made.uid], "lng": ["en"]}
    monkeypatch.undo()
    assert phone.complete(made).status_code == 200, "it is used again when it is back"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "BREW"])
def test_other_methods_are_refused_with_what_is_allowed(phone: Phone, method: str) -> None:
    response = phone.get(phone.create(), method)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


def test_options_tells_the_methods(phone: Phone) -> None:
    response = phone.client.options(H5_PATH)
    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    response = phone.client.options(f"{STATIC_PATH}{asset_names()['page.css']}")
    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


# --- forms that are none ----------------------------------------------------------------------------------------------


FORM = "application/x-www-form-urlencoded"
BROKEN: dict[str, tuple[int, str, dict[str, str]]] = {
    "json": (400, '{"outcome": "pass"}', {"Content-Type": "application/json"}),
    "no type": (400, "LINK&outcome=pass", {}),
    "text": (400, "LINK&outcome=pass", {"Content-Type": "text/plain"}),
    "nearly": (400, "LINK&outcome=pass", {"Content-Type": FORM + "x"}),
    "multipart": (400, "--x\r\n\r\nLINK", {"Content-Type": "multipart/form-data; boundary=x"}),
    "large": (413, "LINK&outcome=pass&more=" + "x" * 8192, {"Content-Type": FORM}),
    "another site": (403, "LINK&outcome=pass", {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"}),
    "a neighbour": (403, "LINK&outcome=pass", {"Content-Type": FORM, "Sec-Fetch-Site": "same-site"}),
    "empty": (400, "", {"Content-Type": FORM}),
    "no outcome": (400, "LINK", {"Content-Type": FORM}),
    "unknown outcome": (400, "LINK&outcome=nope", {"Content-Type": FORM}),
    "two outcomes": (400, "LINK&outcome=pass&outcome=fail", {"Content-Type": FORM}),
    "no text": (400, "LINK&outcome=\xff\xfe\x00", {"Content-Type": FORM}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_form_that_is_not_ours_changes_nothing(phone: Phone, name: str) -> None:
    made = phone.create()
    status, text, headers = BROKEN[name]
    data = text.replace("LINK", f"pl={made.pl}&uid={made.uid}").encode("latin-1")
    response = phone.client.post(f"{H5_PATH}?lng=en", data=data, headers=headers)
    assert (response.status_code, rule(response), response.mimetype) == (status, "h5.broken", "text/html")
    assert heading(response) in {texts.ends["broken"].heading for texts in TEXTS.values()}
    assert phone.session(made).outcome == ""


def test_form_that_breaks_off_changes_nothing(phone: Phone) -> None:
    class Socket(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError

    overrides = {"wsgi.input": Socket(), "CONTENT_LENGTH": "100", "CONTENT_TYPE": FORM}
    response = phone.client.post(f"{H5_PATH}?lng=en", environ_overrides=overrides)
    assert (response.status_code, heading(response)) == (400, TEXTS["en"].ends["broken"].heading)


def test_form_with_a_charset_and_from_the_page_itself_is_ours(phone: Phone) -> None:
    made = phone.create()
    response = phone.client.post(
        H5_PATH,
        data=f"pl={made.pl}&uid={made.uid}&outcome=pass",
        content_type="Application/X-WWW-Form-Urlencoded; charset=UTF-8",
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    )
    assert response.status_code == 200
    assert phone.group(made).startswith("group-")


def test_complete_says_its_words_in_the_language_of_the_form(phone: Phone) -> None:
    assert heading(phone.complete(phone.create(), lng="zh-Hant")) == TEXTS["zh-Hant"].leaving_heading


# --- the countdown ----------------------------------------------------------------------------------------------------


def timer(response: TestResponse) -> tuple[str, str | None]:
    found = re.search(r'<span role="timer"( data-left-ms="(\d+)")?>([^<]*)</span>', response.text)
    assert found is not None
    return found[3], found[2]


def test_countdown_starts_with_the_time_that_is_left(phone: Phone) -> None:
    made = phone.create()
    assert timer(phone.get(made)) == ("30:00", "1800000")
    phone.clock.advance(125.5)
    for response in (phone.get(made), phone.step(made, "face"), phone.step(made, "result", outcome="pass")):
        assert timer(response) == ("27:54", "1674500")
    assert TEXTS["en"].frozen not in phone.get(made, lng="en").text


def test_long_life_is_counted_in_minutes() -> None:
    phone = Phone(session_life=86_400.0)
    assert timer(phone.get(phone.create()))[0] == "1440:00"


def test_countdown_stands_still_with_the_clock_of_the_mock() -> None:
    phone = Phone(frozen_at=1_783_001_726.0)
    response = phone.get(phone.create(), lng="en")
    assert timer(response) == ("30:00", None)
    assert TEXTS["en"].frozen in Tags(response.text).text


# --- the way to a phone -----------------------------------------------------------------------------------------------


def test_first_step_has_the_code_of_its_own_link_and_not_of_the_host_header(phone: Phone) -> None:
    made = phone.create()
    url = f"http://192.0.2.7:8080{H5_PATH}?pl={made.pl}&uid={made.uid}&lng=en"
    query = urlencode({"pl": made.pl, "uid": made.uid, "lng": "en"})
    response = phone.client.get(f"{H5_PATH}?{query}", headers={"Host": "evil.example"})
    assert str(qr_code(url)) in response.text
    assert TEXTS["en"].phone_heading in response.text
    assert "--public-url" not in response.text
    assert "evil.example" not in response.text
    assert TEXTS["en"].phone_heading not in phone.step(made, "face", lng="en").text


@pytest.mark.parametrize(
    ("url", "host", "commands"),
    [
        (
            "http://127.0.0.1:8123",
            "127.0.0.1:8123",
            [
                "mockserver --host 0.0.0.0 --port 8123 \\\n  --public-url http://192.0.2.10:8123",
                "mockserver --host 0.0.0.0 --port 8123 \\\n  --public-url https://192.0.2.10:8123 \\\n  --tls auto",
            ],
        ),
        (
            "https://localhost:8080",
            "localhost:8080",
            ["mockserver --host 0.0.0.0 \\\n  --public-url https://192.0.2.10:8080 \\\n  --tls auto"],
        ),
    ],
)
def test_code_of_a_loopback_address_says_how_to_start_the_mock_for_a_phone(
    url: str, host: str, commands: list[str]
) -> None:
    phone = Phone(base_url=url)
    html = phone.get(phone.create(), lng="en").text
    assert TEXTS["en"].phone_cannot.format(host=host) in Tags(html).text
    assert re.findall(r"<code>(.*?)</code>", html, re.DOTALL) == commands


def test_link_that_is_too_long_for_a_code_shows_none() -> None:
    phone = Phone(base_url="http://mock.example/" + "x" * 3000)
    response = phone.get(phone.create(), lng="en")
    assert (response.status_code, heading(response)) == (200, TEXTS["en"].consent_heading)
    assert TEXTS["en"].phone_heading not in response.text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://localhost:1", True),
        ("http://a.localhost", True),
        ("http://[::1]:1", True),
        ("http://192.0.2.7", False),
        ("https://mock.example", False),
        ("http://localhost.example", False),
        ("http://[2001:db8::1]:1", False),
    ],
)
def test_loopback_is_told_from_other_addresses(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


# --- headers, and nothing from elsewhere ------------------------------------------------------------------------------


def test_every_page_has_strict_headers_and_no_cookie(phone: Phone) -> None:
    for name, response in every_page(phone):
        headers = response.headers
        scripted = name.startswith(("consent", "face", "result"))
        assert headers["Content-Security-Policy"] == POLICY.format(
            script="'self'" if scripted else "'none'", form="'self'" if scripted else "'none'"
        ), name
        assert headers["Referrer-Policy"] == "no-referrer", name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Cache-Control"] == "no-store", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Opener-Policy"] == "unsafe-none", name
        assert headers["Permissions-Policy"].startswith(f"camera={'(self)' if name == 'face' else '()'}, "), name
        assert "microphone=()" in headers["Permissions-Policy"], name
        assert headers["X-Mock-Version"] == __version__, name
        assert headers["X-Mock-Rule"], name
        assert headers["Content-Type"] == "text/html; charset=utf-8", name
        assert "Set-Cookie" not in headers, name


def test_no_page_has_a_script_or_style_within_or_anything_from_another_host(phone: Phone) -> None:
    for name, response in every_page(phone):
        tags = Tags(response.text)
        assert tags.all("style") == tags.all("iframe") == tags.all("img") == tags.all("base") == [], name
        for tag, attributes in tags.found:
            assert "style" not in attributes, (name, tag)
            assert not [one for one in attributes if one.startswith("on")], (name, tag)
            for url in (attributes.get("src"), attributes.get("href"), attributes.get("action")):
                followed = name == "leaving" and tag == "a"
                assert url is None or followed or url.startswith(("static/", "authorization")), (name, tag)
        assert all(set(one) == {"src", "defer"} for one in tags.all("script")), name
        assert re.findall(r"<script[^>]*>[^<]", response.text) == [], name


def asset_names() -> dict[str, str]:
    return Renderer()._names


def test_static_files_are_kept_by_what_is_in_them(phone: Phone) -> None:
    types = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
    assert set(asset_names()) == set(types)
    for file, name in asset_names().items():
        response = phone.client.get(STATIC_PATH + name)
        content = Path(__file__).parents[2].joinpath("mockserver", "h5", "static", file).read_bytes()
        assert (response.status_code, response.data, response.mimetype) == (200, content, types[file])
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert phone.client.head(STATIC_PATH + name).data == b""
        assert re.search(r"https?://(?!www\.w3\.org/2000/svg)", response.text) is None


@pytest.mark.parametrize("name", ["page.css", "page.000000000000.css", "../page.py", "..%2f..%2fpage.py", "%00", ""])
def test_other_static_names_are_not_found(phone: Phone, name: str) -> None:
    assert phone.client.get(STATIC_PATH + name).status_code == 404


def test_script_sends_and_keeps_nothing() -> None:
    script = Path(__file__).parents[2].joinpath("mockserver", "h5", "static", "page.js").read_text(encoding="utf-8")
    ways_out = "fetch XMLHttpRequest sendBeacon WebSocket EventSource RTC canvas MediaRecorder ImageCapture innerHTML"
    ways_out += " localStorage sessionStorage indexedDB cookie postMessage eval import("
    assert [word for word in ways_out.split() if word in script] == []


# --- whatever is sent -------------------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from(["PL", "UID", "pl=PL&uid=UID&"]),
    st.sampled_from(
        ["pl=", "uid=", "lng=", "step=", "outcome=", "agree=yes", "&", ";", "=", "%", "%00", "%ff", "%E4%B8"]
    ),
    st.sampled_from(["face", "result", "pass", "fail", "en", "zh-Hant", "+", "<script>", '"', "'", "{{t}}", "\x00"]),
    st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=20),
)


@pytest.fixture(scope="module")
def lasting() -> Phone:
    return Phone()


@given(pieces=st.lists(PIECES, max_size=30), posted=st.booleans())
def test_any_query_and_any_form_get_a_page(lasting: Phone, pieces: list[str], posted: bool) -> None:
    made = lasting.create()
    text = "".join(pieces).replace("PL", made.pl).replace("UID", made.uid)
    if posted:
        response = lasting.client.post(H5_PATH, data=text.encode("latin-1"), content_type=FORM)
    else:
        response = lasting.client.get(H5_PATH, environ_overrides={"QUERY_STRING": text})
    assert response.status_code in (200, 400, 404, 413)
    assert response.mimetype == "text/html"
    assert "<script>" not in response.text


def test_huge_query_gets_a_page(phone: Phone) -> None:
    assert phone.client.get(f"{H5_PATH}?pl={'A' * 2_000_000}&uid=x").status_code == 404


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_what_was_asked_shows_no_secret_of_the_link(phone: Phone) -> None:
    made = phone.create()
    shown = repr(read_asked(f"pl={made.pl}&uid={made.uid}&lng=en"))
    assert made.pl not in shown
    assert made.uid not in shown


def test_bug_in_a_template_gives_nothing_away(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    made = phone.create()

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Renderer, "page", fail)
    for response in (phone.get(made), phone.complete(made)):
        assert response.status_code == 500
        assert "Traceback" not in response.text
        for place in (response.text, caplog.text, "".join(capfd.readouterr())):
            assert made.pl not in place
            assert made.uid not in place
            assert made.token not in place


def test_journal_and_result_page_show_a_token_without_its_secret(phone: Phone) -> None:
    made = phone.create()
    page = phone.step(made, "result", outcome="pass").text
    phone.complete(made)
    assert f"{made.token[:14]}***" in page
    for text in (page, str(phone.keeper.store.journal(100))):
        assert made.token not in text
