"""No secret in anything that is shown, however it is written there."""

from __future__ import annotations

import base64
import json
import re
import shlex
import string
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contract_tests.escapes import plain
from contract_tests.redaction import Redactor
from contract_tests.targets import KEY, Ask

if TYPE_CHECKING:
    from openapi.reading import Json

SECRET = 'sk-Ab3/9+x=_"\\é'
TOKEN = "2026070222152680501D985EA34A3BE3D8"

KEYS = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_.+/=~"), min_size=8, max_size=40).filter(
    lambda key: key.lower() not in "$anyfast_api_key"
)
VALUES = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_"), min_size=13, max_size=60).filter(
    lambda value: value.lower() not in "$anyfast_api_key"
)
AROUND = st.text(max_size=12).filter(lambda text: not any(mark.isalpha() for mark in text[-1:]))

BEFORE = AROUND.filter(lambda text: not re.search(r"[%\\&][^%\\&]{0,8}\Z", text))
"""What takes no letter of a key with it, as a sign of an escape before it does."""


def json_escaped(text: str) -> str:
    return "".join(f"\\u{ord(mark):04x}" for mark in text)


def percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


FORMS = (
    str, quote, lambda text: quote(text, safe=""), percent, lambda text: percent(text).lower(), json_escaped,
    lambda text: json_escaped(text).upper().replace("\\U", "\\u"), lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: json.dumps(text)[1:-1], lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"), lambda text: json.dumps(json.dumps(text))[3:-3],
    lambda text: repr(text)[1:-1], lambda text: text.upper(), lambda text: text.lower(),
    lambda text: text[:3] + percent(text[3:]), lambda text: quote(json_escaped(text), safe="\\"),
)  # fmt: skip


@pytest.mark.parametrize("form", range(len(FORMS)))
@given(KEYS, BEFORE, AROUND)
def test_key_is_never_shown_in_any_form(form: int, key: str, before: str, after: str) -> None:
    written = FORMS[form](key)
    shown = Redactor(key).text(f"{before}{written}{after}")
    assert written.lower() not in shown.lower() or written.lower() in (before + after + "$anyfast_api_key***").lower()


@pytest.mark.parametrize("form", range(len(FORMS)))
def test_key_with_every_kind_of_character_is_replaced_by_its_variable(form: int) -> None:
    assert Redactor(SECRET).text(f"a {FORMS[form](SECRET)} b") == "a $ANYFAST_API_KEY b"


def test_other_secrets_are_replaced_by_their_variables_the_longest_first() -> None:
    redactor = Redactor("sk-one", others=[("ANYFAST_API_KEY_2", "sk-one-two"), ("CONTROL", "sk"), ("NONE", "")])
    assert (
        redactor.text("sk-one sk-one-two sk%2Done sk")
        == "$ANYFAST_API_KEY $ANYFAST_API_KEY_2 $ANYFAST_API_KEY $CONTROL"
    )


@pytest.mark.parametrize("mark", ["%", "%4", "\\", "\\u00", "\\x", "\\1", "&", "&#", "&#x"])
@pytest.mark.parametrize("form", range(len(FORMS)))
def test_sign_of_an_escape_before_a_key_takes_a_few_letters_with_it_and_the_rest_is_masked(
    mark: str, form: int
) -> None:
    key = "41b7Zq7xKw3vJm9pRt5y"
    shown = plain(Redactor(key).text(f"a {mark}{FORMS[form](key)} b")).lower()
    assert [part for part in (key[at : at + 12].lower() for at in range(len(key) - 11)) if part in shown] == []
    assert "***" in shown or "$anyfast_api_key" in shown


def test_octal_digits_of_a_shell_are_read_and_no_token() -> None:
    said = "printf '" + "".join(f"\\{letter:03o}" for letter in b'{"a": "0123456789"}') + "\\376'"
    assert Redactor("sk-x").text(said) == said
    assert Redactor("0123456789").text(said).count("$ANYFAST_API_KEY") == 1


def test_variables_in_a_cookie_stay() -> None:
    said = "access_token=$ANYFAST_API_KEY; token=$ANYFAST_API_KEY"
    assert Redactor("sk-x").text(said) == said


def test_without_a_key_nothing_is_replaced_by_it() -> None:
    assert Redactor("").text("a b") == "a b"


@given(st.datetimes(), st.text("0123456789ABCDEFabcdef", min_size=20, max_size=20), AROUND, AROUND)
def test_token_is_never_shown(when: object, rest: str, before: str, after: str) -> None:
    token = f"{when:%Y%m%d%H%M%S}".zfill(14) + rest
    redactor = Redactor("sk-x")
    assert token not in redactor.text(f"{before}{token}{after}")
    assert token not in redactor.value(token)
    assert token not in redactor.value({token: 1, f"x{token}x": 2})
    assert token not in redactor.value([token])


LINKS = {
    "plain": lambda pl, uid: f"https://h.example/a?pl={pl}&uid={uid}",
    "other order": lambda pl, uid: f"https://h.example/a?x=1&uid={uid}&pl={pl}#top",
    "upper case": lambda pl, uid: f"https://h.example/a?PL={pl}&UID={uid}",
    "escaped for HTML": lambda pl, uid: f"https://h.example/a?x=1&amp;pl={pl}&amp;uid={uid}",
    "in JSON": lambda pl, uid: json.dumps({"H5Link": f"https://h.example/a?pl={pl}&uid={uid}"}),
    "in JSON that escapes": lambda pl, uid: f'"https://h.example/a?pl\\u003d{pl}\\u0026uid\\u003D{uid}"',
    "in another URL": lambda pl, uid: "https://x?" + urlencode({"to": f"https://h.example/a?pl={pl}&uid={uid}"}),
    "two URLs deep": lambda pl, uid: quote(quote(f"https://h.example/a?pl={pl}&uid={uid}", safe=""), safe=""),
    "as a form": lambda pl, uid: f"uid={uid}&pl={pl}",
    "as members": lambda pl, uid: json.dumps({"pl": pl, "uid": uid}),
    "as members, spaced": lambda pl, uid: f'{{"uid" : "{uid}" ,\n"pl" :"{pl}"}}',
    "quoted": lambda pl, uid: f"pl=\"{pl}\" uid='{uid}'",
    "in a repr": lambda pl, uid: repr(f"https://h.example/a?uid={uid}&pl={pl}"),
    "as the words of a header": lambda pl, uid: f"session; pl={pl}; uid={uid}",
}


@pytest.mark.parametrize("form", LINKS)
@given(VALUES, st.uuids().map(str))
def test_secret_of_a_link_is_never_shown(form: str, pl: str, uid: str) -> None:
    text = LINKS[form](pl, uid)
    redactor = Redactor("sk-x")
    for shown in (redactor.text(text), redactor.value(text), redactor.value({text: 1}), redactor.value([text])):
        assert pl not in shown
        assert uid not in shown
    assert "***" in redactor.text(text)


@pytest.mark.parametrize("name", ["token", "access_token", "bytedToken", "api_key", "sign", "signature", "X-Signature"])
def test_other_secrets_of_a_query_are_masked(name: str) -> None:
    assert Redactor("").text(f"/a?{name}=abcdef&b=c").endswith("=***&b=c")


@pytest.mark.parametrize(
    "text", ["/a?apply=1&b=2", "the plan: xpl=1", "a couple=2", "help=me", "https://h.example/a?b=c"]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor("sk-x").text(text) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
)


@given(JSON, KEYS)
def test_any_value_is_described_in_one_line_without_the_key(value: Json, key: str) -> None:
    shown = Redactor(key).value(value)
    assert "\n" not in shown
    assert len(shown) < 1000
    assert key not in Redactor(key).value({key: 1}) + Redactor(key).value(key) + Redactor(key).value([key])


@given(VALUES)
def test_text_that_was_not_sent_is_only_measured(text: str) -> None:
    assert Redactor("").value(text) == f"a string of {len(text)} characters"
    assert Redactor("", frozenset({text})).value(text) == repr(text)


def test_text_that_was_sent_is_shown_without_the_secrets_in_it() -> None:
    sent = f"https://h.example/{TOKEN}?pl=secretsecret&key=sk-mine-0001"
    shown = Redactor("sk-mine-0001", frozenset({sent})).value(sent)
    assert shown == "'https://h.example/***?pl=***&key=$ANYFAST_API_KEY'"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "None"), (True, "True"), (7, "7"), (1.5, "1.5"), ("short", "'short'"), ([], "an array of 0 items"),
     ({}, "an object with no members"), ({"a": 1, "b": 2}, "an object with 'a', 'b'"),
     (10**30, "an integer beyond 12 digits")],
)  # fmt: skip
def test_value_is_described(value: Json, shown: str) -> None:
    assert Redactor("sk-x").value(value) == shown


def test_number_that_python_does_not_write_is_described_too() -> None:
    assert Redactor("").value(-(10**5000)) == "an integer beyond 12 digits"


# --- curl lines -------------------------------------------------------------------------------------------------------


@given(KEYS, VALUES, st.text(max_size=20).filter(lambda text: "\0" not in text and "{" not in text))
def test_curl_line_is_masked_and_valid_shell(key: str, pl: str, other: str) -> None:
    assume(key not in other + pl and pl not in other + key)
    redactor = Redactor(key)
    ask = Ask(
        "POST",
        f"/a?pl={pl}&t={KEY}",
        (("Authorization", f"Bearer {KEY}"), ("X-Link", f"https://h.example/?pl={pl}"), ("X-Other", other)),
        json.dumps({"BytedToken": TOKEN, "echo": key, "o": other}).encode(),
    )
    line = ask.curl("http://127.0.0.1:1", redactor.text)
    for secret in (key, pl, TOKEN):
        assert secret not in line
    words = shlex.split(line)
    assert words[0] == "curl"
    assert "Authorization: Bearer $ANYFAST_API_KEY" in words


def test_basic_credential_is_the_key_itself() -> None:
    key = base64.b64encode(b"user:password").decode()
    assert key not in Redactor(key).text(f"Basic {key}")


# --- cutting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", range(len(FORMS)))
@given(st.integers(0, 90))
def test_no_part_of_the_key_is_left_where_a_text_is_cut(form: int, most: int) -> None:
    key = "sk-Zq7xKw3vJm9pRt5y"
    shown = Redactor(key).short("." * 50 + FORMS[form](key), most)
    assert shown == ("." * 50 + "$ANYFAST_API_KEY")[:most]


@pytest.mark.parametrize("run", [" ", "\\", "a", '"', "%25", "0a", "pl\\", '"pl" '])
def test_a_megabyte_of_anything_is_masked_in_time(run: str) -> None:
    redactor = Redactor("sk-Ab3/9+x_")
    text = run * (2**20 // len(run))
    began = time.perf_counter()
    redactor.text(text)
    assert time.perf_counter() - began < 5


def test_a_variable_in_the_place_of_a_secret_stays_so_that_the_line_can_be_run() -> None:
    redactor = Redactor("sk-mine-0001")
    assert redactor.text("/a?access_token=sk-mine-0001&key=sk-mine-0001") == (
        "/a?access_token=$ANYFAST_API_KEY&key=$ANYFAST_API_KEY"
    )
    assert redactor.text("/a?token=$ANYFAST_API_KEYabcdef&key=$ANYFAST_API_KEY-x") == "/a?token=***&key=***"
    assert redactor.text("/a?token=$OTHER") == "/a?token=***"


# --- what a target tells ----------------------------------------------------------------------------------------------

OTHER_SHAPE = "tok_Zq7xKw3vJm9pRt5y"

TOLD = {
    "member": ((), json.dumps({"BytedToken": OTHER_SHAPE})),
    "member below": ((), json.dumps({"data": [{"session_token": {"it": [OTHER_SHAPE]}}]})),
    "member of JSON in JSON": ((), json.dumps({"data": json.dumps({"access_token": OTHER_SHAPE})})),
    "member of broken JSON": ((), f'{{"BytedToken": "{OTHER_SHAPE}'),
    "number": ((), '{"BytedToken": 73501923847561}'),
    "link": ((), json.dumps({"H5Link": f"https://h.example/a?x={OTHER_SHAPE}"})),
    "path of a link": ((), json.dumps({"H5Link": f"https://h.example/s/{OTHER_SHAPE}/go"})),
    "page": ((), f"<input type=hidden name='token' value='{OTHER_SHAPE}'>"),
    "XML": ((), f"<BytedToken>{OTHER_SHAPE}</BytedToken>"),
    "line": ((), f"token: {OTHER_SHAPE}\nother: 1"),
    "form": ((), f"a=b&uid={OTHER_SHAPE}"),
    "encoded form": ((), "to=" + quote(f"https://h.example/?pl={OTHER_SHAPE}", safe="")),
    "bearer": ((), f"you sent Bearer {OTHER_SHAPE}, which is wrong"),
    "cookie": ((("Set-Cookie", f"sid={OTHER_SHAPE}; Path=/"),), ""),
    "header": ((("X-Api-Key", OTHER_SHAPE),), ""),
    "header with words": ((("Authorization", f"Bearer {OTHER_SHAPE}"),), ""),
    "redirect": ((("Location", f"/next?state={OTHER_SHAPE}"),), ""),
}


@pytest.mark.parametrize("place", TOLD)
def test_what_a_target_tells_in_a_secret_place_is_masked_everywhere_from_then_on(place: str) -> None:
    headers, body = TOLD[place]
    redactor = Redactor("sk-x")
    secret = "73501923847561" if place == "number" else OTHER_SHAPE
    assert redactor.text(f"it was {secret} there") == f"it was {secret} there"
    redactor.learn_from(headers, body.encode())
    assert redactor.text(f"it was {secret} there") == "it was *** there"
    for form in FORMS:
        assert redactor.text(f"it was {form(secret)} there") == "it was *** there"


@pytest.mark.parametrize(
    "body",
    ['{"token": "abc"}', '{"token": "is missing or wrong"}', '{"key": "CallbackURL", "uid": null, "pl": true}',
     '{"BytedToken": "string"}', '{"token": "$ANYFAST_API_KEY"}', '{"CallbackURL": "https://mine.example/done"}'],
)  # fmt: skip
def test_words_that_stand_in_a_secret_place_are_no_secrets(body: str) -> None:
    redactor = Redactor("sk-x")
    redactor.learn_from((), body.encode())
    said = "abc is missing or wrong: string, CallbackURL null true $ANYFAST_API_KEY https://mine.example/done"
    assert redactor.text(said) == said


def test_what_is_public_is_no_secret_whoever_says_so() -> None:
    redactor = Redactor("sk-x", public=["POST /volc/asset/CreateVisualValidateSession"])
    redactor.learn_from((), b'{"token": "CreateVisualValidateSession"}')
    assert "CreateVisualValidateSession" in redactor.text("of CreateVisualValidateSession")


def test_secret_that_begins_with_a_public_word_masks_no_other_text_with_that_word() -> None:
    redactor = Redactor("sk-x", public=["/v1/payment_links", "Authorization"])
    redactor.learn_from((), b'{"token": "payment_links9G20I1xkW", "key": "AuthorizationSk1Pq2Ek2"}')
    shown = "curl http://h/v1/payment_links -H 'Authorization: x'"
    assert redactor.text(shown) == shown
    assert "9G20I1xkW" not in redactor.text("it is payment_links9G20I1xkW")
    assert "Sk1Pq2Ek2" not in redactor.text("it is AuthorizationSk1Pq2Ek2")


def test_letters_of_any_script_are_masked_in_any_case() -> None:
    redactor = Redactor("sk-x")
    redactor.learn(["GEHEIM\u03a3NISöÄ\u03a3", "İstanbul-geheim-1"])
    for text in ("geheim\u03c3nisÖä\u03c3", "İSTANBUL-GEHEIM-1"):
        assert text not in redactor.text(f"it is {text}!")


@pytest.mark.parametrize("start", range(0, len(OTHER_SHAPE) - 11, 4))
def test_part_of_a_secret_is_masked_alone(start: int) -> None:
    redactor = Redactor("sk-one-" + OTHER_SHAPE)
    assert redactor.text(f"a {OTHER_SHAPE[start : start + 12]} b") == "a *** b"


@pytest.mark.parametrize("words", ["ann:{}", "{}", "a:{}!", "xx{}:"])
def test_credential_of_basic_and_hexadecimal_digits_hide_nothing(words: str) -> None:
    text = words.format(OTHER_SHAPE)
    redactor = Redactor(OTHER_SHAPE)
    for hidden in (
        base64.b64encode(text.encode()),
        base64.urlsafe_b64encode(text.encode()),
        text.encode().hex().encode(),
    ):
        assert redactor.text(f"it {hidden.decode()} is") == "it *** is"


@pytest.mark.parametrize(
    ("name", "secret"),
    [("Authorization", True), ("proxy-authorization", True), ("Set-Cookie", True), ("COOKIE", True),
     ("X-Api-Key", True), ("api_key", True), ("X-Amz-Security-Token", True), ("X-Session-Id", True),
     ("WWW-Authenticate", False),
     ("Content-Type", False), ("X-Request-Id", False), ("Keep-Alive", False)],
)  # fmt: skip
def test_header_is_masked_by_its_name(name: str, secret: bool) -> None:
    assert Redactor("").header(name, "some value") == (name, "***" if secret else "some value")


def test_exception_out_of_a_sealed_block_is_a_masked_sentence_and_shows_no_frame() -> None:
    redactor = Redactor(OTHER_SHAPE)
    with pytest.raises(RuntimeError) as raised, redactor.sealed():
        json.loads(OTHER_SHAPE + "{")
    assert str(raised.value).startswith("JSONDecodeError: ")
    assert raised.value.__suppress_context__
    with pytest.raises(RuntimeError, match=r"ValueError: a \$ANYFAST_API_KEY"), redactor.sealed():
        raise ValueError(f"a {OTHER_SHAPE}")
