"""The events: nothing that gets in is a secret, and what travels arrives."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from contract_tests.event_parts import MOST, Content, Noted
from contract_tests.event_travel import from_json, masked
from contract_tests.events import ExchangeMade, ItemSettled
from contract_tests.failures import Finding
from contract_tests.redaction import Redactor
from contract_tests.targets import CONTROL_TOKEN, KEY, OTHER_KEY, Ask, Exchange
from tests.contract_tests.making_events import exchange, item, noted, settled, started

if TYPE_CHECKING:
    from contract_tests.events import Event

SECRET = "sk-canary-MARKED-7731"
OTHER = "sk-canary-OTHER-9902"
TOKEN = "20260101000000ABCDEF0123456789ABCDEF"
LINK = "pl-canary-MARKED-5540"
REDACTOR = Redactor(SECRET, others=[("ANYFAST_API_KEY_2", OTHER), ("ANYFAST_MOCK_CONTROL_TOKEN", "")])
CANARIES = (SECRET, OTHER, TOKEN, LINK)

FULL = " ".join([SECRET, f"x{OTHER}x", quote(SECRET, safe=""), TOKEN, f"https://h5.example/a?pl={LINK}&uid={LINK}"])
"""A text with every canary."""


def full_exchange(name: str = "op/auth/in-query") -> Exchange:
    """Make an exchange with canaries in every place that somebody else fills, and those that we fill."""
    ask = Ask(
        "POST",
        f"/thing?key={KEY}&other={OTHER_KEY}&control={CONTROL_TOKEN}",
        (("Authorization", f"Bearer {KEY}"), ("X-Mine", FULL)),
        json.dumps({"BytedToken": TOKEN, "said": FULL}).encode(),
    )
    headers = (("Set-Cookie", "session=unknown-secret-8812"), ("Location", FULL), (FULL, FULL))
    return Exchange(ask, 200, headers, json.dumps({"BytedToken": TOKEN, "x": FULL}).encode(), 0.5, 1.5, name=name)


def found_in(event: Event) -> list[str]:
    said = json.dumps(event.as_json(), ensure_ascii=False)
    return [canary for canary in (*CANARIES, "unknown-secret-8812") if canary in said]


def test_no_secret_gets_into_an_exchange() -> None:
    made = ExchangeMade.of(full_exchange(), f"https://host.example/{SECRET}", REDACTOR)
    assert found_in(made) == []
    assert ("Authorization", "Bearer $ANYFAST_API_KEY") in made.request_headers
    assert made.url.endswith("?key=$ANYFAST_API_KEY&other=$ANYFAST_API_KEY_2&control=$ANYFAST_MOCK_CONTROL_TOKEN")
    assert ("Set-Cookie", "***") in made.headers
    assert "$ANYFAST_API_KEY" in made.body.text


def test_no_secret_gets_into_a_finding() -> None:
    finding = Finding("AFC301", "prose", FULL, FULL, FULL, FULL)
    said = json.dumps(asdict(Noted.of("failed", finding, REDACTOR)))
    assert [canary for canary in CANARIES if canary in said] == []
    assert "$ANYFAST_API_KEY" in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_body_that_hides_a_secret_in_another_encoding_is_not_shown(encoding: str) -> None:
    content = Content.of(f"token {SECRET}".encode(encoding), REDACTOR)
    assert (content.text, content.note) == ("", "no text")


def test_body_is_masked_before_it_is_cut() -> None:
    content = Content.of(("x" * (MOST - 5) + SECRET).encode(), REDACTOR)
    assert content.note == "cut"
    assert content.text == "x" * (MOST - 5) + "$ANYF"
    assert content.size == MOST - 5 + len(SECRET)


@pytest.mark.parametrize(
    "event", [exchange(), exchange(status=0), settled("auth/x", "failed", noted(), noted("warned"))]
)
def test_event_of_a_worker_arrives_as_it_left(event: ExchangeMade | ItemSettled) -> None:
    assert from_json(json.loads(json.dumps(event.as_json()))) == event


def test_event_of_a_worker_is_masked_by_what_another_was_told() -> None:
    redactor = Redactor("")
    before = (
        exchange(text='{"a": "told-to-another-1"}'),
        settled("auth/x", "failed", noted(received="told-to-another-1")),
    )
    assert [masked(event, redactor) for event in before] == list(before)
    redactor.learn(["told-to-another-1"])
    after = [masked(event, redactor) for event in (*before, started(item()))]
    assert "told-to-another-1" not in repr(after)
    assert [type(event) for event in after] == [ExchangeMade, ItemSettled, type(started(item()))]
    assert "***" in repr(after[0])


def test_event_that_no_worker_sends_is_refused() -> None:
    with pytest.raises(ValueError, match="'run-started' is no event of a worker"):
        from_json(started(item()).as_json())


def test_event_names_itself_and_all_its_fields() -> None:
    made = settled()
    assert set(made.as_json()) == {"event", *(field.name for field in fields(made))}
    assert made.as_json()["event"] == "item-settled"
