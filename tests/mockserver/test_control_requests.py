"""`/_mock/requests`: the journal over HTTP. What it finds is tested with the journal; here, how it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.app import create_app
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.sessions import StoreUnavailable
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.documents.making import CREATE
from tests.mockserver.test_control import Gone, client, content, create, key, result, told

if TYPE_CHECKING:
    from flask.testing import FlaskClient

REQUESTS = "/_mock/requests"


@pytest.fixture
def mock() -> FlaskClient:
    """Give a mock that was asked four times, with two keys."""
    made = client()
    token = create(made, suffix="-a")
    create(made, None, suffix="-b")
    result(made, token, "-a")
    made.post(CREATE, json={})
    return made


def numbers(mock: FlaskClient, query: str = "") -> list[int]:
    return [one["number"] for one in content(mock.get(REQUESTS + query))["requests"]]


def found(mock: FlaskClient, **wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON has
    return content(mock.post(f"{REQUESTS}/find", json=wanted))


def test_listing_gives_exchanges_and_what_a_reader_goes_on_with(mock: FlaskClient) -> None:
    told = content(mock.get(REQUESTS))
    assert [one["number"] for one in told.pop("requests")] == [4, 3, 2, 1]
    assert told == {"total": 4, "entries": 4, "newest": 4, "dropped": 0}
    assert numbers(mock, "?after=2") == [4, 3]
    assert numbers(mock, "?limit=2&offset=1") == [3, 2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=401", [4]),
        ("?status=2xx&method=POST", [3, 2, 1]),
        ("?operation=getVisualValidateResult", [3]),
        ("?path=/volc/*&rule=auth", [4]),
        ("?since=2026-07-02T22:15:26%2B08:00", [4, 3, 2, 1]),
        ("?since=2026-07-02T22:15:26+08:00", [4, 3, 2, 1]),
        ("?since=2026-07-02T22:15:27%2B08:00", []),
    ],
)
def test_query_filters(mock: FlaskClient, query: str, expected: list[int]) -> None:
    assert numbers(mock, query) == expected
    assert content(mock.get(f"{REQUESTS}/count{query}")) == {"count": len(expected), "dropped": 0}
    assert len(content(mock.get(f"/_mock/requests.har{query}"))["log"]["entries"]) == len(expected)


def test_credential_in_a_body_finds_its_own_and_gives_the_name_of_its_sandbox(mock: FlaskClient) -> None:
    told = found(mock, credential=f"{WORKING}-a")
    assert [one["number"] for one in told["requests"]] == [3, 1]
    assert numbers(mock, f"?sandbox={told['sandbox']}") == [3, 1]
    assert found(mock, credential=f"{WORKING}-c")["requests"] == []
    assert found(mock, status=401, limit=1)["total"] == 1
    listed = content(mock.get("/_mock/sessions"))["sessions"]
    assert listed[1]["sandbox"] == told["sandbox"], "sessions have the same name for whose they are"


def test_exchange_is_shown_by_its_request_id(mock: FlaskClient) -> None:
    answer = mock.post(CREATE, json={})
    shown = content(mock.get(f"{REQUESTS}/{answer.headers['X-Oneapi-Request-Id']}"))
    assert (shown["number"], shown["decision"]["rule"]) == (5, "auth.missing")
    assert told(mock.get(f"{REQUESTS}/20260702141526000000000none")) == (404, "request_unknown")


WRONG: list[tuple[str, str, object, str]] = [
    ("GET", f"{REQUESTS}?credential=x", None, "unknown_parameter"),
    ("GET", f"{REQUESTS}?statsu=1", None, "unknown_parameter"),
    ("GET", f"{REQUESTS}?limit=many", None, "wrong_type"),
    ("GET", f"{REQUESTS}?after=-1", None, "wrong_type"),
    ("GET", f"{REQUESTS}?since=yesterday", None, "no_time"),
    ("GET", f"{REQUESTS}?operation=createSession", None, "no_operation"),
    ("GET", f"{REQUESTS}/count?limit=1", None, "unknown_parameter"),
    ("POST", f"{REQUESTS}/find", {"status": []}, "wrong_type"),
    ("POST", f"{REQUESTS}/find", {"credentail": "x"}, "unknown_member"),
    ("POST", f"{REQUESTS}/verify", {"operation": "createSession"}, "no_operation"),
    ("POST", f"{REQUESTS}/verify", {"headers": {"a": 1}}, "wrong_type"),
    ("POST", f"{REQUESTS}/verify", {"query": {"a": [1]}}, "wrong_type"),
    ("POST", f"{REQUESTS}/verify", {"times": "once"}, "wrong_type"),
]


@pytest.mark.parametrize(("method", "path", "body", "code"), WRONG)
def test_question_that_cannot_be_is_refused(mock: FlaskClient, method: str, path: str, body: object, code: str) -> None:
    assert told(mock.open(path, method=method, json=body)) == (400, code)


def test_met_expectation_is_answered_with_200(mock: FlaskClient) -> None:
    asked = {"operation": "createVisualValidateSession", "json": {}, "credential": f"{WORKING}-b", "times": 1}
    answer = content(mock.post(f"{REQUESTS}/verify", json=asked))
    assert (answer["verified"], answer["count"], answer["looked_at"]) == (True, 1, 1)
    assert len(answer["matches"]) == 1


def test_expectation_that_is_not_met_is_answered_with_422_and_the_nearest(mock: FlaskClient) -> None:
    asked = {"operation": "createVisualValidateSession", "json": {"CallbackUrl": "https://app.example/done"}}
    answer = mock.post(f"{REQUESTS}/verify", json=asked)
    assert told(answer) == (422, "not_verified")
    assert answer.json is not None
    assert answer.json["nearest"]["differences"] == [
        {
            "place": "body",
            "pointer": "/CallbackUrl",
            "expected": '"https://app.example/done"',
            "received": "nothing",
            "hint": "Did you mean 'CallbackURL'?",
        }
    ]
    assert answer.json["nearest"]["request"]["number"] == 1
    assert "Did you mean 'CallbackURL'?" in answer.json["error"]["message"]
    missing = mock.post(f"{REQUESTS}/verify", json={"credential": "nobody"})
    assert missing.json is not None
    assert (missing.status_code, missing.json["nearest"]) == (422, None)


def test_filters_narrow_what_is_verified(mock: FlaskClient) -> None:
    assert content(mock.post(f"{REQUESTS}/verify", json={"status": 401, "times": 1}))["verified"] is True


def test_clearing_goes_by_credential_by_sandbox_or_all(mock: FlaskClient) -> None:
    assert content(mock.delete(REQUESTS, json={"credential": f"{WORKING}-a"})) == {"cleared": 2}
    sandbox = found(mock, credential=f"{WORKING}-b")["sandbox"]
    assert content(mock.delete(f"{REQUESTS}?sandbox={sandbox}")) == {"cleared": 1}
    assert numbers(mock) == [4]
    assert content(mock.delete(REQUESTS)) == {"cleared": 1}
    assert content(mock.get(REQUESTS)) == {"requests": [], "total": 0, "entries": 0, "newest": 4, "dropped": 0}


def test_health_counts_what_is_kept_and_what_had_to_go() -> None:
    mock = client(journal=2)
    for _ in range(3):
        mock.post(CREATE, json={})
    told = content(mock.get("/_mock/health"))["journal"]
    assert told.pop("bytes") > 1000
    assert told == {"entries": 2, "most": 2, "dropped": 1, "lost": 0}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", REQUESTS), ("GET", "/_mock/requests.har"), ("POST", f"{REQUESTS}/verify"), ("DELETE", REQUESTS)],
)
def test_journal_that_is_off_is_told_with_the_remedy(method: str, path: str) -> None:
    answer = client(journal=0).open(path, method=method, json={} if method == "POST" else None)
    assert told(answer) == (409, "journal_off")
    assert b"--journal 0" in answer.data


def test_store_that_is_gone_is_told_and_what_was_not_written_is_counted() -> None:
    store = Gone()
    mock = create_app(engine=Engine(packaged_contract(), Settings(), store=store)).test_client()
    store.gone = True
    assert mock.post(CREATE, headers=key()).status_code == 503
    assert told(mock.get(REQUESTS)) == (503, "store_unavailable")
    assert content(mock.get("/_mock/health"))["journal"] == {"most": 1000, "lost": 1}
    with pytest.raises(StoreUnavailable):
        store.exchanges()


def test_file_is_offered_for_saving() -> None:
    answer = client().get("/_mock/requests.har")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="anyfast-mock.har"'
    assert answer.headers["Cache-Control"] == "no-store"
