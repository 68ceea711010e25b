"""What is shown of an exchange: no secret, however it is dressed; and what was masked can still be compared."""

from __future__ import annotations

import json
import tracemalloc
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.redaction import is_sealed, same_text, seal_header, seal_json, seal_query, seal_text, unsealed

if TYPE_CHECKING:
    from openapi.reading import Json

TOKEN = "20260702221526DADA2041E56D50C1C1A5"
PL = "Ab-_9" * 180
LINK = f"http://127.0.0.1:8080/en/liveness-face-manage/authorization?pl={PL}&uid=01234567-89ab-4def-a123-0123456789ab"
REQUEST_ID = "20260702141526250000000aB3dE6gH"

SHOWN = [
    pytest.param("", "hello, world", "hello, world", id="plain"),
    pytest.param("BytedToken", TOKEN, "20260702221526***", id="token"),
    pytest.param("BytedToken", "short", "***", id="what-should-be-a-token"),
    pytest.param("anything", f"x {TOKEN}é", "x 20260702221526***é", id="token-in-a-text"),
    pytest.param("anything", TOKEN.lower()[:26], "20260702221526***", id="most-of-a-token"),
    pytest.param("message", f"(request id: {REQUEST_ID})", f"(request id: {REQUEST_ID})", id="request-id-is-no-secret"),
    pytest.param("GroupId", "group-20260702221526-a1b2c", "group-20260702221526-a1b2c", id="group-is-no-secret"),
    pytest.param(
        "H5Link", LINK, "http://127.0.0.1:8080/en/liveness-face-manage/authorization?***", id="link-of-a-session"
    ),
    pytest.param("text", f"at {LINK} now", f"at {LINK.partition('?')[0]}?*** now", id="link-in-a-text"),
    pytest.param("CallbackURL", "https://ann:pw@app.example/done?u=7#t", "https://app.example/done?***", id="callback"),
    pytest.param("CallbackURL", "https://app.example/done#user=7", "https://app.example/done#***", id="fragment"),
    pytest.param("CallbackURL", "https://app.example/done", "https://app.example/done", id="callback-without-a-query"),
    pytest.param("CallbackURL", "javascript:alert('PRIVATE')", "javascript:***", id="another-scheme"),
    pytest.param("CallbackURL", "PRIVATE thing: x", "***", id="no-scheme-at-all"),
    pytest.param("CallbackURL", "/done?user=7", "/done?***", id="relative"),
    pytest.param("note", "see sk-live-77aa-PRIVATE", "see sk-***", id="key"),
    pytest.param("note", f"pl={PL}", "pl=***", id="pl"),
    pytest.param("note", PL[:60], "***", id="piece-of-a-pl"),
    pytest.param("note", '{"api_key": "abc", "name": "ann"', '{"api_key": "***", "name": "ann"', id="broken-json"),
    pytest.param("note", '{"CallbackURL": "javascript:x', '{"CallbackURL": "***"', id="broken-json-callback"),
    pytest.param("note", "access_token=abc&page=2", "access_token=***&page=2", id="form"),
    pytest.param("password", "hunter2", "***", id="password"),
    pytest.param("note", "my-own-key is here", "*** is here", id="the-callers-key"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "shown"), SHOWN)
def test_text_is_shown_without_its_secret(name: str, text: str, shown: str) -> None:
    sealed = seal_text(text, name, "my-own-key")
    assert unsealed(sealed) == shown
    assert is_sealed(sealed) is (text != shown)


@pytest.mark.parametrize(("name", "text", "shown"), SHOWN)
def test_masked_text_is_the_same_as_itself_and_as_nothing_else(name: str, text: str, shown: str) -> None:
    sealed = seal_text(text, name, "my-own-key")
    assert same_text(text, sealed)
    assert not same_text(text + "x", sealed)
    assert text == shown or not same_text(shown, sealed), "what is shown is not what was sent"


HEADERS = [
    ("Authorization", "Bearer sk-mine", "Bearer ***"),
    ("authorization", "sk-mine", "***"),
    ("Authorization", "", "***"),
    ("Proxy-Authorization", "Basic YTpi", "Basic ***"),
    ("X-Api-Key", "abc", "***"),
    ("Cookie", "a=b", "***"),
    ("Set-Cookie", "a=b", "***"),
    ("X-Auth-Token", "abc", "***"),
    ("Referer", "https://app.example/a?b=c", "https://app.example/a?***"),
    ("Content-Type", "application/json", "application/json"),
    ("WWW-Authenticate", 'Bearer error="invalid_token"', 'Bearer error="invalid_token"'),
    ("Prefer", f"code={TOKEN}", "code=20260702221526***"),
]


@pytest.mark.parametrize(("name", "value", "shown"), HEADERS)
def test_header_is_shown_without_its_secret(name: str, value: str, shown: str) -> None:
    sealed = seal_header(name, value)
    assert unsealed(sealed) == shown
    assert same_text(value, sealed)


def test_what_a_name_says_counts_for_all_below_it_and_names_are_masked_too() -> None:
    value: Json = {
        "BytedToken": ["abc", {"inner": "def"}],
        TOKEN: 1,
        "CallbackURL": {"a": "https://a/b?c"},
        "n": [1, None],
    }
    assert unsealed(seal_json(value)) == {
        "BytedToken": ["***", {"inner": "***"}],
        "20260702221526***": 1,
        "CallbackURL": {"a": "https://a/b?***"},
        "n": [1, None],
    }


def test_of_a_query_only_documented_parameters_are_shown() -> None:
    sealed = seal_query(f"limit=10&secret_thing=a&x=b&{TOKEN}=&limit=20&url=https%3A%2F%2Fa%2Fb%3Fc", {"limit", "url"})
    assert unsealed(sealed) == [
        ["limit", "10"],
        ["secret_thing", "***"],
        ["x", "***"],
        ["20260702221526***", ""],
        ["limit", "20"],
        ["url", "https://a/b?***"],
    ]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([TOKEN, LINK, PL, "sk-live-abcdef"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just(TOKEN), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(ANY_JSON)
def test_no_known_secret_survives_anywhere_in_a_json_value(value: Json) -> None:
    shown = json.dumps(unsealed(seal_json(value)))
    for secret in (TOKEN, PL, "uid=0123", "sk-live-abcdef"):
        assert secret not in shown
    assert json.dumps(seal_json(value)), "it can be stored"


LONG = [
    "-" * 60_000,
    "a_" * 30_000,
    '"' * 60_000,
    '"a": ' * 12_000,
    "https://" * 8_000,
    "1" * 60_000,
    "token=" * 10_000,
]


def test_long_text_takes_no_long_time() -> None:
    began = process_time()
    for text in LONG:
        seal_text(text)
    assert process_time() - began < 5


def test_long_names_and_keys_take_no_memory_once_they_are_sealed() -> None:
    tracemalloc.start()
    try:
        for number in range(20):
            seal_json({f"{number}" + "x" * 50_000: "a", f"{number}" + "token" * 10_000: "b"}, key=f"{number}" * 50_000)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000
