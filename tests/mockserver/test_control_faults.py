"""`/_mock/faults`: adding, listing and clearing over HTTP, and what is said to who asks wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.app import create_app
from mockserver.credentials import WORKING
from mockserver.exchange import SOCKET
from tests.documents.making import CREATE

if TYPE_CHECKING:
    from flask.testing import FlaskClient

OTHER = f"{WORKING}-other"


def client() -> FlaskClient:
    return create_app().test_client()


def create(mock: FlaskClient, key: str = WORKING) -> int:
    return mock.post(CREATE, json={}, headers={"Authorization": f"Bearer {key}"}).status_code


def test_answer_is_queued_listed_given_and_gone() -> None:
    mock = client()
    added = mock.post("/_mock/faults", json={"code": 429, "delay": 0.001, "times": 2, "credential": OTHER})
    entry = {
        "asks": "code=429, delay=0.001",
        "times": 2,
        "for_one_credential": True,
        "operation": None,
        "chance": 1,
        "requests": 0,
    }
    assert (added.status_code, added.json) == (201, {"faults": [entry]})
    assert [create(mock), create(mock, OTHER)] == [200, 429]
    assert mock.get("/_mock/faults").json == {"faults": [{**entry, "times": 1, "requests": 1}]}
    assert [create(mock, OTHER), create(mock, OTHER)] == [429, 200]
    assert mock.get("/_mock/faults").json == {"faults": []}


def test_sequence_is_given_in_its_order() -> None:
    mock = client()
    mock.post("/_mock/faults", json={"sequence": [{"code": 503}, {"fault": "502-html"}, {"delay": 0.001}]})
    assert [create(mock) for _ in range(4)] == [503, 502, 200, 200]


@pytest.mark.parametrize("way", ["clear", "reset"])
def test_answer_until_reset_ends_with_either(way: str) -> None:
    mock = client()
    mock.post("/_mock/faults", json={"code": 500, "until_reset": True})
    assert [create(mock) for _ in range(3)] == [500] * 3
    if way == "clear":
        assert mock.delete("/_mock/faults").json == {"cleared": 1}
    else:
        mock.post("/_mock/reset", json={})
    assert create(mock) == 200


@pytest.mark.parametrize("way", ["clear", "reset"])
def test_one_credential_can_be_cleared(way: str) -> None:
    mock = client()
    for key in (OTHER, WORKING):
        mock.post("/_mock/faults", json={"code": 503, "credential": key})
    if way == "clear":
        assert mock.delete("/_mock/faults", json={"credential": OTHER}).json == {"cleared": 1}
    else:
        mock.post("/_mock/reset", json={"credential": OTHER})
    assert [create(mock, OTHER), create(mock)] == [200, 503]


def test_chance_is_drawn_by_its_seed() -> None:
    runs = []
    for _ in range(2):
        mock = client()
        mock.post("/_mock/faults", json={"code": 503, "until_reset": True, "chance": 0.5, "seed": "7"})
        runs.append([create(mock) for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "Say what to answer: code, example, delay or fault."),
        ({"fault": "rest"}, "There is no fault 'rest'. Did you mean 'reset'?"),
        ({"code": "429"}, "'code' is a whole number."),
        ({"code": 99}, "code= takes a status from 200 to 599."),
        ({"code": True}, "'code' is a whole number."),
        ({"delay": -1}, "delay= takes seconds, such as 1.5."),
        ({"delay": 1e300}, "delay= takes seconds, such as 1.5."),
        ({"cod": 429}, "There is no member 'cod'. Did you mean 'code'?"),
        ({"code": 418}, "code=418 is not documented here"),
        ({"code": 429, "times": 0}, "times is a number from 1"),
        ({"code": 429, "chance": 0.1}, "chance needs a seed"),
        ({"code": 429, "operation": "create"}, "There is no operation 'create'."),
        ({"sequence": []}, "'sequence' is a list of answers"),
        ({"sequence": [{"code": 429}], "code": 503}, "in the place of a single one"),
        ({"sequence": [{"code": 429}, 5]}, "Item 1 of 'sequence' is no object of code,"),
        ({"sequence": [{"times": 2}]}, "Item 0 of 'sequence' is no object of code,"),
        ({"sequence": [{"code": 429}, {}]}, "Say what to answer"),
    ],
)
def test_wrong_request_is_told_what_is_wrong_and_queues_nothing(body: dict[str, Any], sentence: str) -> None:
    mock = client()
    answer = mock.post("/_mock/faults", json=body)
    assert answer.json is not None
    assert answer.status_code == 400
    assert sentence in answer.json["error"]["message"]
    assert mock.get("/_mock/faults").json == {"faults": []}


def test_reset_of_connections_is_not_queued_by_a_server_that_cannot_do_it() -> None:
    mock = client()
    answer = mock.post("/_mock/faults", json={"fault": "reset"})
    assert answer.json is not None
    assert (answer.status_code, "cannot be done here" in answer.json["error"]["message"]) == (400, True)
    assert mock.post("/_mock/faults", json={"fault": "reset"}, environ_overrides={SOCKET: None}).status_code == 201


def test_no_answer_shows_a_credential() -> None:
    mock = client()
    text = mock.post("/_mock/faults", json={"code": 503, "credential": OTHER}).text + mock.get("/_mock/faults").text
    assert OTHER not in text
