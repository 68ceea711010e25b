"""`/_mock`: who may use it, the sessions without a person, the clock, the journal; and that it shows no secret."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.app import create_app
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.sessions import InMemory, StoreUnavailable
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.documents.making import CREATE

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

RESULT = "/volc/asset/GetVisualValidateResult"
FROZEN_AT = 1_783_001_726.0
"""2026-07-02 22:15:26 in UTC+8, the time of the vendor's example."""

CALLBACK = "https://app.example/done?user=7#top"


def client(**settings: Any) -> FlaskClient:  # noqa: ANN401 - one of many types
    settings.setdefault("frozen_at", FROZEN_AT)
    return create_app(packaged_contract(), Settings(**settings)).test_client()


def key(suffix: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {WORKING}{suffix}"}


def create(mock: FlaskClient, callback: str | None = CALLBACK, suffix: str = "") -> str:
    body = {} if callback is None else {"CallbackURL": callback}
    answer = mock.post(CREATE, json=body, headers=key(suffix)).json
    assert answer is not None
    return str(answer["BytedToken"])


def result(mock: FlaskClient, token: str, suffix: str = "") -> tuple[int, Any]:
    answer = mock.post(RESULT, json={"BytedToken": token}, headers=key(suffix))
    assert answer.json is not None
    return answer.status_code, answer.json.get("GroupId", answer.json)


def told(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["code"]


def content(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code < 300, answer.data
    assert answer.json is not None
    return dict(answer.json)


# --- a session without a person ---------------------------------------------------------------------------------------


def test_completed_session_gives_a_group_made_at_that_moment_and_keeps_it() -> None:
    mock = client()
    token = create(mock)
    assert result(mock, token) == (200, "")
    mock.post("/_mock/clock", json={"advance": 60})
    done = content(mock.post("/_mock/sessions/complete", json={"BytedToken": token}))
    assert (done["state"], done["outcome"]) == ("passed", "pass")
    assert re.fullmatch(r"group-20260702221626-[a-z0-9]{5}", done["GroupId"])
    assert result(mock, token) == result(mock, token) == (200, done["GroupId"])


@pytest.mark.parametrize("outcome", ["fail", "server-error"])
def test_failed_session_is_answered_as_an_unfinished_one_and_cannot_pass_any_more(outcome: str) -> None:
    mock = client()
    token = create(mock)
    done = content(mock.post("/_mock/sessions/complete", json={"BytedToken": token, "outcome": outcome}))
    assert (done["state"], done["outcome"], done["GroupId"]) == ("failed", outcome, "")
    assert result(mock, token) == (200, "")
    again = mock.post("/_mock/sessions/complete", json={"BytedToken": token})
    assert told(again) == (409, "session_used")


def test_delayed_outcome_comes_by_the_clock_of_the_mock() -> None:
    mock = client()
    token = create(mock)
    planned = mock.post("/_mock/sessions/complete", json={"BytedToken": token, "delay": 90})
    assert planned.status_code == 202
    assert content(planned)["planned"] == {"outcome": "pass", "at": "2026-07-02T14:16:56.000000Z", "after_polls": None}
    mock.post("/_mock/clock", json={"advance": 89.5})
    assert result(mock, token) == (200, "")
    mock.post("/_mock/clock", json={"advance": 100})
    status, group = result(mock, token)
    assert (status, group[:20]) == (200, "group-20260702221656"), "the group is as old as the outcome, not as the look"


def test_expired_session_can_neither_be_read_nor_completed() -> None:
    mock = client(session_life=1800)
    passed, waiting = create(mock), create(mock)
    mock.post("/_mock/sessions/complete", json={"BytedToken": passed})
    mock.post("/_mock/clock", json={"advance": 1799})
    assert result(mock, passed)[0] == result(mock, waiting)[0] == 200
    mock.post("/_mock/clock", json={"advance": 1})
    assert result(mock, passed)[0] == result(mock, waiting)[0] == 404
    assert told(mock.post("/_mock/sessions/complete", json={"BytedToken": waiting})) == (410, "session_expired")
    assert content(mock.post("/_mock/sessions/find", json={"BytedToken": waiting}))["state"] == "expired"


def test_refusals_of_a_result_look_the_same_to_a_caller_and_name_their_rule_to_a_developer() -> None:
    mock = client()
    expired, mine = create(mock), create(mock)
    mock.post("/_mock/clock", json={"advance": 1800})
    live = create(mock)
    asked = [("session.unknown", "2" * 34, ""), ("session.expired", expired, ""), ("session.other_caller", live, "-b")]
    answers = [
        (rule, mock.post(RESULT, json={"BytedToken": token}, headers=key(suffix))) for rule, token, suffix in asked
    ]
    assert {answer.status_code for _, answer in answers} == {404}
    assert len({json.dumps(answer.json) for _, answer in answers}) == 1
    assert [answer.headers["X-Mock-Rule"].partition(";")[0] for _, answer in answers] == [rule for rule, _, _ in asked]
    assert mine != expired


@pytest.mark.parametrize(
    ("auto", "unfinished"), [("pass", 0), ("pass:3polls", 3), ("pass:1poll", 1), ("server-error:2polls", 9)]
)
def test_auto_completed_session_ends_after_so_many_looks(auto: str, unfinished: int) -> None:
    from mockserver.sessions import AutoComplete

    mock = client(auto_complete=AutoComplete.parse(auto))
    token = create(mock)
    looks = [result(mock, token)[1] for _ in range(9)]
    assert [bool(look) for look in looks] == [False] * unfinished + [True] * (9 - unfinished)


def test_auto_completed_session_ends_after_so_many_seconds() -> None:
    from mockserver.sessions import AutoComplete

    mock = client(auto_complete=AutoComplete.parse("pass:2.5s"))
    token = create(mock)
    mock.post("/_mock/clock", json={"advance": 2.4})
    assert result(mock, token) == (200, "")
    mock.post("/_mock/clock", json={"advance": 0.1})
    assert result(mock, token)[1].startswith("group-20260702221528-")


@pytest.mark.parametrize("text", ["", "done", "pass:", "pass:x", "pass:-1", "pass:3 polls", "pass:polls", "pass:1e9s"])
def test_auto_completion_that_is_none_is_refused_with_the_forms(text: str) -> None:
    from mockserver.sessions import AutoComplete

    with pytest.raises(ValueError, match=r"pass:3polls"):
        AutoComplete.parse(text)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "no_token"),
        ({"BytedToken": "x"}, 404, "session_unknown"),
        ({"BytedToken": "\x00é"}, 404, "session_unknown"),
        ({"BytedToken": 5}, 400, "wrong_type"),
        ({"BytedTokn": "x"}, 400, "unknown_member"),
        ({"BytedToken": "x", "outcome": "passed"}, 400, "no_outcome"),
        ({"BytedToken": "x", "delay": -1}, 400, "no_delay"),
        ({"BytedToken": "x", "delay": True}, 400, "wrong_type"),
        ({"BytedToken": "x", "delay": 1e99}, 400, "no_delay"),
        ({"BytedToken": "x", "visit_callback": 1}, 400, "wrong_type"),
        ([], 400, "no_object"),
    ],
)
def test_completion_that_cannot_be_is_refused_with_what_is_wrong(body: object, status: int, code: str) -> None:
    assert told(client().post("/_mock/sessions/complete", json=body)) == (status, code)


def test_misspelt_member_and_outcome_name_the_nearest() -> None:
    mock = client()
    member = mock.post("/_mock/sessions/complete", json={"BytedTokn": "x"})
    outcome = mock.post("/_mock/sessions/complete", json={"outcome": "pas"})
    assert b"BytedToken" in member.data
    assert b"'pass'" in outcome.data


# --- the clock --------------------------------------------------------------------------------------------------------


def test_clock_freezes_moves_and_runs_again() -> None:
    mock = client(frozen_at=None)
    assert content(mock.get("/_mock/clock"))["frozen"] is False
    at = "2026-07-02T22:15:26+08:00"
    assert content(mock.post("/_mock/clock", json={"set": at, "freeze": True})) == {
        "now": "2026-07-02T14:15:26.000000Z",
        "frozen": True,
    }
    assert create(mock)[:14] == "20260702221526"
    assert content(mock.post("/_mock/clock", json={"advance": -3600}))["now"] == "2026-07-02T13:15:26.000000Z"
    resumed = content(mock.post("/_mock/clock", json={"freeze": False}))
    assert (resumed["now"][:17], resumed["frozen"]) == ("2026-07-02T13:15:", False)
    assert content(mock.post("/_mock/clock", json={"set": at}))["frozen"] is False
    assert content(mock.post("/_mock/clock", json={"reset": True}))["now"] > "2026-11"


def test_request_ids_follow_the_clock() -> None:
    mock = client()
    mock.post("/_mock/clock", json={"advance": 1})
    answer = mock.post(CREATE, headers=key())
    assert answer.headers["X-Oneapi-Request-Id"].startswith("20260702141527000000000")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_asked"),
        ({"set": "yesterday"}, "no_time"),
        ({"set": "2026-07-02T22:15:26"}, "no_time"),
        ({"set": "1960-01-01T00:00:00Z"}, "no_time"),
        ({"set": "9999-12-31T00:00:00Z"}, "no_time"),
        ({"advance": 1e300}, "no_time"),
        ({"advance": "60"}, "wrong_type"),
        ({"freeze": "yes"}, "wrong_type"),
    ],
)
def test_time_that_cannot_be_is_refused_and_changes_nothing(body: object, code: str) -> None:
    mock = client()
    assert told(mock.post("/_mock/clock", json=body)) == (400, code)
    assert content(mock.get("/_mock/clock"))["now"] == "2026-07-02T14:15:26.000000Z"


SHOWN = ("sessions", "journal", "requests", "requests.har", "requests/count", "health", "ready", "clock")

# --- what is shown ----------------------------------------------------------------------------------------------------


def test_nothing_shown_holds_a_token_a_link_a_callback_or_a_key() -> None:
    mock = client()
    answer = content(mock.post(CREATE, json={"CallbackURL": CALLBACK}, headers=key("-mine")))
    mock.get(answer["H5Link"].partition("8080")[2])
    mock.post("/_mock/sessions/complete", json={"BytedToken": answer["BytedToken"], "visit_callback": True})
    shown = b"".join(mock.get(f"/_mock/{name}").data for name in SHOWN)
    pl, uid = re.findall(r"pl=([^&]+)&uid=(.*)", answer["H5Link"])[0]
    for secret in (answer["BytedToken"], pl, uid, "user=7", WORKING):
        assert secret.encode() not in shown
    assert b"20260702221526***" in shown


def test_listing_and_journal_have_the_newest_first_and_a_limit() -> None:
    mock = client()
    for seconds in range(5):
        mock.post("/_mock/clock", json={"advance": seconds})
        token = create(mock, None)
        mock.post("/_mock/sessions/complete", json={"BytedToken": token})
    listed = content(mock.get("/_mock/sessions?limit=3"))["sessions"]
    assert [one["session"] for one in listed] == [f"202607022215{second}***" for second in (36, 32, 29)]
    entries = content(mock.get("/_mock/journal?limit=2"))["entries"]
    assert [(one["event"], one["session"]) for one in entries] == [
        ("finished", "20260702221536***"),
        ("finished", "20260702221532***"),
    ]


def test_reset_of_a_credential_leaves_the_others_and_starts_its_tokens_again() -> None:
    mock = client(seed="s")
    first, other = create(mock, suffix="-a"), create(mock, suffix="-b")
    assert content(mock.post("/_mock/reset", json={"credential": f"{WORKING}-a"})) == {"sessions": 1}
    assert result(mock, first, "-a")[0] == 404
    assert result(mock, other, "-b")[0] == 200
    assert create(mock, suffix="-a") == first


def test_reset_of_everything_forgets_sessions_journal_and_the_clock() -> None:
    mock = client(frozen_at=None)
    mock.post("/_mock/clock", json={"freeze": True})
    token = create(mock)
    mock.post("/_mock/sessions/complete", json={"BytedToken": token})
    assert content(mock.post("/_mock/reset", json={})) == {"sessions": 1}
    assert content(mock.get("/_mock/journal")) == {"entries": []}
    assert content(mock.get("/_mock/sessions")) == {"sessions": []}
    assert content(mock.get("/_mock/clock"))["frozen"] is False


def test_reset_brings_back_the_time_that_the_mock_was_started_with() -> None:
    mock = client()
    mock.post("/_mock/clock", json={"advance": 3600})
    mock.post("/_mock/reset", json={})
    assert content(mock.get("/_mock/clock")) == {"now": "2026-07-02T14:15:26.000000Z", "frozen": True}


@pytest.mark.parametrize("seed", [None, "s"])
def test_token_from_before_a_reset_comes_again_only_with_a_seed(seed: str | None) -> None:
    mock = client(seed=seed)
    first = create(mock)
    mock.post("/_mock/reset", json={})
    assert (create(mock) == first) is (seed is not None)


def test_health_counts_what_had_to_go() -> None:
    mock = client(most_sessions=3)
    for _ in range(5):
        create(mock)
    store = content(mock.get("/_mock/health"))["store"]
    assert store == {"kind": "memory", "available": True, "sessions": 3, "most": 3, "evicted": 2}


# --- a store that is gone ---------------------------------------------------------------------------------------------


class Gone(InMemory):
    """A store that can be taken away and given back."""

    gone = False

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the attribute is
        if not name.startswith("_") and name not in ("gone", "kind") and object.__getattribute__(self, "gone"):
            raise StoreUnavailable("memory", "taken away")
        return object.__getattribute__(self, name)


def test_store_that_is_gone_is_told_in_the_shape_of_the_vendor_and_used_again_when_back() -> None:
    store = Gone()
    mock = create_app(engine=Engine(packaged_contract(), Settings(), store=store)).test_client()
    token = create(mock)
    store.gone = True
    for path, body in ((CREATE, {}), (RESULT, {"BytedToken": token})):
        answer = mock.post(path, json=body, headers=key())
        assert answer.status_code == 503
        assert answer.json is not None
        assert "memory store is not available: taken away" in answer.json["error"]["message"]
        assert answer.headers["X-Mock-Rule"].startswith("mock.store;")
    assert mock.post(CREATE).status_code == 401, "what needs no store is answered as ever"
    assert told(mock.get("/_mock/ready")) == told(mock.get("/_mock/sessions")) == (503, "store_unavailable")
    health = content(mock.get("/_mock/health"))["store"]
    assert (health["available"], health["kind"]) == (False, "memory")
    store.gone = False
    assert result(mock, token) == (200, "")


# --- who may ----------------------------------------------------------------------------------------------------------

ROUTES = [
    ("GET", "/_mock/health"),
    ("GET", "/_mock/ready"),
    ("GET", "/_mock/openapi.json"),
    ("GET", "/_mock/fidelity"),
    ("GET", "/_mock/control.yaml"),
    ("GET", "/_mock/clock"),
    ("POST", "/_mock/clock"),
    ("GET", "/_mock/faults"),
    ("POST", "/_mock/faults"),
    ("DELETE", "/_mock/faults"),
    ("GET", "/_mock/journal"),
    ("GET", "/_mock/sessions"),
    ("POST", "/_mock/sessions/find"),
    ("POST", "/_mock/sessions/complete"),
    ("POST", "/_mock/reset"),
    ("GET", "/_mock/requests"),
    ("POST", "/_mock/requests/find"),
    ("GET", "/_mock/requests/count"),
    ("POST", "/_mock/requests/verify"),
    ("GET", "/_mock/requests.har"),
    ("GET", "/_mock/requests/<string(minlength=20):id>"),
    ("DELETE", "/_mock/requests"),
]

PAGE = {("GET", "/_mock/"), ("GET", "/_mock/static/<name>")}
"""What shows no state and so asks for no token: `test_overview.py`."""


def test_every_route_is_in_the_list_that_these_tests_go_through() -> None:
    app = create_app(packaged_contract(), Settings())
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/_mock")]
    assert {(method, rule.rule) for rule in rules for method in rule.methods or ()} - {
        ("HEAD", path) for _, path in (*ROUTES, *PAGE)
    } == set(ROUTES) | PAGE


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_control_token_is_asked_for_on_every_route(method: str, path: str) -> None:
    mock = client(control_token="open-sesame")
    for headers in ({}, {"Authorization": "Bearer open-sesam"}, {"Authorization": "open-sesame"}, key()):
        answer = mock.open(path, method=method, headers=headers, json={} if method == "POST" else None)
        assert told(answer) == (401, "control_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    opened = mock.open(
        path, method=method, headers={"Authorization": "bearer open-sesame"}, json={} if method == "POST" else None
    )
    assert opened.status_code != 401


@pytest.mark.parametrize(("method", "path"), [one for one in ROUTES if one[0] == "POST"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_form_of_a_web_page_changes_nothing(method: str, path: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert told(client().open(path, method=method, data="{}", headers=headers)) == (415, "media_type")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", "[::2]", "x:y"])
def test_state_is_not_shown_under_the_name_of_another_host(host: str) -> None:
    mock = client()
    for method, path in ROUTES[5:]:
        answer = mock.open(path, method=method, headers={"Host": host}, json={} if method == "POST" else None)
        assert told(answer) == (403, "other_host")
    assert mock.get("/_mock/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8080", "[::1]:99", "127.8.8.8", "mock.localhost", "mock.test"]
)
def test_loopback_and_the_public_name_are_ours(host: str) -> None:
    mock = client(base_url="http://mock.test:8080")
    assert mock.get("/_mock/sessions", headers={"Host": host}).status_code == 200


def test_answers_allow_no_other_origin() -> None:
    answer = client().get("/_mock/sessions", headers={"Origin": "https://evil.example"})
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_body_over_the_limit_or_broken_is_refused() -> None:
    mock = client()
    for data, status in ((b"x" * 70_000, 413), (b'{"a":', 400), (b'{"set": NaN}', 400), (b"\xff", 400)):
        answer = mock.post("/_mock/clock", data=data, content_type="application/json")
        assert answer.status_code == status
