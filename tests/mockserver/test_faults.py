"""The vocabulary: what can be said, what cannot, and that both ways to write a wish are read back as it was."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.credentials import WORKING, Credential, Keyring
from mockserver.faults import (
    CODES,
    FAULTS,
    LONGEST_DELAY,
    LONGEST_LASTING,
    NO_WISH,
    RESTING,
    Wish,
    WrongWish,
    read_labels,
    read_preferences,
    read_settings,
)
from mockserver.magic import asked_by_callback, asked_by_key
from mockserver.replies import Replies
from openapi.contract import packaged_contract

SECONDS = st.integers(0, 60_000_000).map(lambda micros: micros / 1_000_000)
NAMES = string.ascii_letters + string.digits + "-"


@st.composite
def wishes(draw: st.DrawFn, names: str = NAMES + "._ ") -> Wish:
    fault = draw(st.sampled_from(["", *FAULTS]))
    alone = bool(fault) and FAULTS[fault].kind == "answer"
    code = None if alone else draw(st.none() | st.integers(200, 599))
    example = None if alone else draw(st.none() | st.text(names, min_size=1, max_size=60))
    lasting = draw(st.none() | SECONDS) if fault in RESTING else None
    wish = Wish(code, example, draw(SECONDS), fault, lasting)
    return NO_WISH if wish == NO_WISH else wish


@given(wishes())
def test_wish_written_as_preferences_is_read_as_it_was(wish: Wish) -> None:
    assert read_preferences(wish.applied) == wish


@given(wishes(NAMES))
def test_wish_written_as_labels_is_read_as_it_was(wish: Wish) -> None:
    if wish is not NO_WISH:
        assert read_labels(wish.labels) == wish
        assert all(len(label) <= 63 or label.startswith("example-") for label in wish.labels)


def test_example_with_a_name_that_is_no_label_is_not_written_as_one() -> None:
    with pytest.raises(WrongWish, match=r"'a b' cannot be named by a label"):
        _ = Wish(example="a b").labels


@pytest.mark.parametrize(
    ("labels", "wish"),
    [
        ("code-429", Wish(429)),
        ("delay-250ms.code-503", Wish(503, None, 0.25)),
        ("delay-2s", Wish(delay=2.0)),
        ("delay-1500us", Wish(delay=0.0015)),
        ("truncated-body", Wish(fault="truncated-body")),
        ("Truncated-Body", Wish(fault="truncated-body")),
        ("slow-body.lasting-5", Wish(fault="slow-body", lasting=5.0)),
        ("example-schema", Wish(example="schema")),
        ("401-no-token", Wish(fault="401-no-token")),
    ],
)
def test_label_means_what_the_preference_of_its_name_means(labels: str, wish: Wish) -> None:
    assert read_labels(labels.split(".")) == wish


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fault=trucated-body", "There is no fault 'trucated-body'. Did you mean 'truncated-body'?"),
        ("fault=zzz", "There is no fault 'zzz'. There are: 401-invalid-api-key, "),
        ("fault=", "fault= takes a word such as truncated-body."),
        ("fault=502-html, code=200", "fault=502-html is an answer of its own: leave code=, example= and dynamic= out."),
        ("lasting=2", "lasting= is for faults that take time: slow-body, no-answer."),
        ("fault=reset, lasting=2", "lasting= is for faults that take time: slow-body, no-answer."),
        ("fault=no-answer, lasting=601", "lasting= is at most 600 seconds."),
        ("delay=61", "delay= is at most 60 seconds."),
    ],
)
def test_wish_that_cannot_be_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(WrongWish) as refused:
        read_preferences(text)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("cod-429", "There is no word 'cod-429'. Did you mean 'code-429'?"),
        ("", "There is no word ''. There are: code-STATUS"),
        ("code-4290", "code= takes a status from 200 to 599."),
        ("code-429.code-503", "code is said twice."),
        ("delay-1.5", "There is no word '5'."),
        ("delay-99", "delay= is at most 60 seconds."),
    ],
)
def test_label_that_cannot_be_is_refused_with_a_sentence(labels: str, sentence: str) -> None:
    with pytest.raises(WrongWish) as refused:
        read_labels(labels.split("."))
    assert str(refused.value).startswith(sentence)


@given(st.dictionaries(st.sampled_from(["code", "example", "delay", "fault", "lasting"]), st.text(max_size=20)))
def test_any_settings_yield_a_bounded_wish_or_a_sentence(settings: dict[str, str]) -> None:
    wish = NO_WISH
    with suppress(WrongWish):
        wish = read_settings(settings)
    assert 0 <= wish.delay <= LONGEST_DELAY
    assert 0 <= wish.seconds <= LONGEST_LASTING
    assert wish.code is None or 200 <= wish.code <= 599


# --- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_basis_of_a_word_is_that_of_its_reply_in_the_contract(profile: str) -> None:
    contract = packaged_contract(profile)
    replies = Replies(contract)
    words = {name: word for name, word in FAULTS.items() if word.kind == "answer" and name != "502-html"}
    for name, word in {**words, **{str(code): word for code, word in CODES.items()}}.items():
        for operation in contract.operations:
            reply = replies.find(f"fault.{name}", operation)
            assert (reply.status, reply.basis) == (int(name[:3]), word.basis), name


# --- keys and hosts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "sandbox", "asks"),
    [
        (WORKING, WORKING, ""),
        (f"{WORKING}-ci-7", f"{WORKING}-ci-7", ""),
        (f"{WORKING}--code-429", f"{WORKING}--code-429", ""),
        (f"{WORKING}-code-429", f"{WORKING}-code-429", ""),
        (f"{WORKING}-a~b", f"{WORKING}-a~b", ""),
        (f"{WORKING}~~code-429", WORKING, "~~code-429"),
        (f"{WORKING}-ci-7~~delay-1~code-429", f"{WORKING}-ci-7", "~~delay-1~code-429"),
        (f"{WORKING}~~", WORKING, "~~"),
    ],
)
def test_only_what_stands_behind_two_tildes_of_a_working_key_asks(key: str, sandbox: str, asks: str) -> None:
    assert Keyring().look_up(key) == Credential(sandbox, "Byteplus-Direct", asks)


def test_key_of_ones_own_with_two_tildes_is_that_key() -> None:
    assert Keyring(("sk-own~~code-429",)).look_up("sk-own~~code-429") == Credential(
        "sk-own~~code-429", "Byteplus-Direct"
    )


def test_end_of_a_key_is_read_as_labels() -> None:
    assert asked_by_key("~~delay-1~code-429") == Wish(429, None, 1.0, channel="key")
    with pytest.raises(WrongWish, match=r"The end of the key: There is no word ''"):
        asked_by_key("~~")


@pytest.mark.parametrize(
    "url",
    [
        "https://code-429.mock.invalid",
        "https://code-429.mock.invalid/done?x=1",
        "http://code-429.mock.invalid:8080/",
        "https://code-429.mock.invalid.#top",
    ],
)
def test_host_below_the_magic_name_asks(url: str) -> None:
    assert asked_by_callback({"CallbackURL": url}) == Wish(429, channel="callback")


@pytest.mark.parametrize(
    "body",
    [
        {"CallbackURL": "https://app.example/code-429.mock.invalid"},
        {"CallbackURL": "https://app.example/?to=https://code-429.mock.invalid/"},
        {"CallbackURL": "https://code-429.mock.invalid.example/"},
        {"CallbackURL": "https://code-429.mock.invalid@app.example/"},
        {"CallbackURL": "https://mock.invalid/"},
        {"CallbackURL": "https://CODE-429.MOCK.INVALID/"},
        {"CallbackURL": "https://code-429.unmock.invalid/"},
        {"CallbackURL": 5},
        {"Callback": "https://code-429.mock.invalid/"},
        ["CallbackURL"],
        None,
        {},
    ],
)
def test_other_host_asks_for_nothing(body: object) -> None:
    assert asked_by_callback(body) is NO_WISH  # type: ignore[arg-type]


def test_unknown_word_in_a_host_is_refused() -> None:
    with pytest.raises(WrongWish, match=r"^The host of CallbackURL: There is no word 'cod-429'"):
        asked_by_callback({"CallbackURL": "https://cod-429.mock.invalid/"})
