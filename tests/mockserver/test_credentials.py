"""Credentials: every fake one plays its part, every scheme is read, and no key is ever told."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.credentials import FAKES, WORKING, Credential, Keyring, Refusal, challenge
from openapi.contract import packaged_contract
from tests.documents.making import CREATE, read, request

if TYPE_CHECKING:
    from openapi.operation import Operation

KEYS = read("keys.yaml")
CREATE_OPERATION = packaged_contract().operations[0]


def at(path: str) -> Operation:
    return KEYS.operation(f"GET {path}")


def judged(path: str, target: str = "", headers: dict[str, str] | None = None) -> Credential | Refusal:
    return Keyring().authenticate(at(path), request("GET", target or path, None, headers))


def rule(found: Credential | Refusal) -> str:
    return found.rule if isinstance(found, Refusal) else ""


# --- the fake credentials ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", FAKES)
def test_fake_credential_plays_its_part(key: str) -> None:
    found = Keyring().look_up(key)
    fake = FAKES[key]
    if fake.rule:
        assert rule(found) == fake.rule
        assert fake.part in found.detail  # type: ignore[union-attr]
    else:
        assert isinstance(found, Credential)
        assert (found.sandbox, found.group) == (key, fake.group)


def test_parts_of_the_fake_credentials_are_those_of_the_design() -> None:
    assert {key: fake.rule for key, fake in FAKES.items()} == {
        "sk-mock-byteplus-direct": "",
        "sk-mock-aigc": "",
        "sk-mock-expired": "auth.state.expired",
        "sk-mock-disabled": "auth.state.disabled",
        "sk-mock-exhausted": "auth.state.exhausted",
        "sk-mock-banned": "auth.state.banned",
    }


def test_suffix_of_the_working_key_is_its_own_sandbox() -> None:
    found = [Keyring().look_up(f"{WORKING}{suffix}") for suffix in ("", "-1", "-2", "-1")]
    sandboxes = [one.sandbox for one in found if isinstance(one, Credential)]
    assert sandboxes == [WORKING, f"{WORKING}-1", f"{WORKING}-2", f"{WORKING}-1"]


@pytest.mark.parametrize("key", ["", "sk-real", WORKING[:-1], WORKING + "x", WORKING.upper(), f"{WORKING}-{'x' * 200}"])
def test_any_other_key_is_unknown(key: str) -> None:
    assert rule(Keyring().look_up(key)) == "auth.unknown"


def test_unknown_key_is_taken_when_all_are_or_when_it_was_named() -> None:
    for keyring in (Keyring(accept_any=True), Keyring(("sk-mine", "sk-other"))):
        assert isinstance(keyring.look_up("sk-other"), Credential)
    assert rule(Keyring(("sk-mine",)).look_up("sk-other")) == "auth.unknown"


@pytest.mark.parametrize("key", ["sk-mock-expired", "sk-mock-banned"])
def test_fake_key_plays_its_part_even_when_all_are_taken(key: str) -> None:
    assert rule(Keyring(accept_any=True).look_up(key)) == FAKES[key].rule


# --- bearer -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (f"Bearer {WORKING}", ""),
        (f"bearer {WORKING}", ""),
        (f"BEARER   {WORKING}  ", ""),
        (f"\tBearer {WORKING}", ""),
        (None, "auth.missing"),
        ("", "auth.empty"),
        ("   ", "auth.empty"),
        ("Bearer", "auth.empty"),
        ("Bearer   ", "auth.empty"),
        (f"Bearer: {WORKING}", "auth.scheme"),
        (f"Token {WORKING}", "auth.scheme"),
        (WORKING, "auth.scheme"),
        (f"Basic {WORKING}", "auth.scheme"),
        (f"Bearer\t{WORKING}", "auth.scheme"),
        (f"Bearer {WORKING} {WORKING}", "auth.malformed"),
        (f"Bearer {WORKING}, Bearer {WORKING}", "auth.malformed"),
        (f"Bearer {WORKING},", "auth.malformed"),
        (f'Bearer "{WORKING}"', "auth.malformed"),
        ("Bearer =", "auth.malformed"),
        ("Bearer sk-ä", "auth.malformed"),
        ("Bearer sk-unknown==", "auth.unknown"),
        ("Bearer sk-mock-expired", "auth.state.expired"),
    ],
)
def test_authorization_header_is_judged_by_what_is_wrong_with_it(value: str | None, wanted: str) -> None:
    headers = {} if value is None else {"authorization": value}
    assert rule(Keyring().authenticate(CREATE_OPERATION, request("POST", CREATE, None, headers))) == wanted


def test_key_in_the_query_of_a_bearer_operation_does_not_count() -> None:
    for name in ("access_token", "token", "key", "Authorization"):
        assert rule(judged("/bearer", f"/bearer?{name}={WORKING}")) == "auth.missing"


# --- the other schemes ------------------------------------------------------------------------------------------------


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (basic(f"{WORKING}:"), ""),
        (basic(f"user:{WORKING}"), ""),
        (basic(f"user:{WORKING}").replace("Basic", "bAsIc"), ""),
        (basic("user:other"), "auth.unknown"),
        (basic(WORKING), "auth.malformed"),
        (basic(":"), "auth.unknown"),
        ("Basic !", "auth.malformed"),
        ("Basic /w==", "auth.malformed"),
        ("Basic", "auth.malformed"),
        ("Basic é", "auth.malformed"),
        (f"Bearer {WORKING}", "auth.scheme"),
        ("", "auth.empty"),
    ],
)
def test_basic_takes_the_key_as_password_or_as_user(value: str, wanted: str) -> None:
    assert rule(judged("/basic", headers={"Authorization": value})) == wanted


@pytest.mark.parametrize(
    ("path", "target", "headers", "wanted"),
    [
        ("/header", "/header", {"X-Key": WORKING}, ""),
        ("/header", "/header", {"x-key": f" {WORKING} "}, ""),
        ("/header", "/header", {"X-Key": ""}, "auth.empty"),
        ("/header", "/header", {}, "auth.missing"),
        ("/header", "/header", {"Authorization": f"Bearer {WORKING}"}, "auth.missing"),
        ("/query", f"/query?key={WORKING}", {}, ""),
        ("/query", "/query?key=", {}, "auth.empty"),
        ("/query", f"/query?Key={WORKING}", {}, "auth.missing"),
        ("/cookie", "/cookie", {"Cookie": f"a=b; session={WORKING}"}, ""),
        ("/cookie", "/cookie", {"Cookie": "session"}, "auth.empty"),
        ("/cookie", "/cookie", {"Cookie": "a=b"}, "auth.missing"),
        ("/cookie", "/cookie", {}, "auth.missing"),
    ],
)
def test_api_key_is_read_from_its_place(path: str, target: str, headers: dict[str, str], wanted: str) -> None:
    assert rule(judged(path, target, headers)) == wanted


@pytest.mark.parametrize("path", ["/open", "/optional"])
def test_operation_that_asks_for_no_key_lets_anyone_in(path: str) -> None:
    assert isinstance(judged(path), Credential)
    assert isinstance(judged(path, headers={"Authorization": "Bearer sk-unknown"}), Credential)


def test_key_that_is_given_where_none_is_needed_still_has_its_sandbox() -> None:
    found = judged("/optional", headers={"Authorization": f"Bearer {WORKING}-1"})
    assert isinstance(found, Credential)
    assert found.sandbox == f"{WORKING}-1"


def test_either_alternative_is_enough_and_all_of_one_are_needed() -> None:
    bearer, key = {"authorization": f"Bearer {WORKING}"}, f"/either?key={WORKING}"
    assert isinstance(judged("/either", headers={"X-Key": WORKING}), Credential)
    assert isinstance(judged("/either", key, bearer), Credential)
    assert rule(judged("/either", "/either", bearer)) == "auth.missing"
    assert rule(judged("/either", key)) == "auth.missing"
    assert rule(judged("/either", "/either")) == "auth.missing"


def test_refusal_tells_of_the_alternative_that_was_tried() -> None:
    assert rule(judged("/either", headers={"X-Key": "sk-mock-expired"})) == "auth.state.expired"
    assert rule(judged("/either", f"/either?key={WORKING}", {"Authorization": "Bearer sk-x"})) == "auth.unknown"


@pytest.mark.parametrize(
    ("path", "refused_by", "wanted"),
    [
        ("/bearer", "auth.missing", "Bearer"),
        ("/bearer", "auth.scheme", "Bearer"),
        ("/bearer", "auth.unknown", 'Bearer error="invalid_token"'),
        ("/basic", "auth.missing", 'Basic realm="mock", charset="UTF-8"'),
        ("/header", "auth.missing", "ApiKey"),
        ("/either", "auth.missing", "Bearer"),
    ],
)
def test_challenge_names_the_schemes_of_the_operation(path: str, refused_by: str, wanted: str) -> None:
    assert challenge(at(path), refused_by) == wanted


# --- never told -------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(max_codepoint=255)) | st.sampled_from(["Bearer ", "Basic ", f"Bearer {WORKING}"]).flatmap(
    lambda start: st.text(st.characters(max_codepoint=255)).map(lambda end: start + end)
)


@given(texts, st.sampled_from([one.path for one in KEYS.operations]))
def test_any_header_yields_a_credential_or_a_refusal_without_the_header_in_it(text: str, path: str) -> None:
    target = f"{path}?key=" + "".join(f"%{byte:02x}" for byte in text.encode())
    found = judged(path, target, {"Authorization": text, "X-Key": text, "Cookie": f"session={text}"})
    assert isinstance(found, Credential | Refusal)
    if isinstance(found, Refusal) and len(text.strip()) > 6 and text.strip() not in (WORKING, f"Bearer {WORKING}"):
        assert text.strip() not in f"{found!r}"


def test_key_is_kept_out_of_every_repr() -> None:
    secret = "sk-secret-of-mine"
    keyring = Keyring((secret,))
    found = keyring.look_up(secret)
    assert isinstance(found, Credential)
    assert secret not in f"{found!r} {keyring!r} {Keyring().look_up(secret)!r}"
