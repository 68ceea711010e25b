"""The Flask application and the lane before it: two ways into the engine with one answer, and hooks that run."""

from __future__ import annotations

import io
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from flask.signals import appcontext_pushed, request_finished, request_started
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mockserver.app import MockApp, create_app
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.exchange import LATER, Response
from mockserver.lane import Lane, send
from mockserver.settings import Settings
from openapi.contract import load_contract, packaged_contract
from tests.documents.making import CREATE, DOCUMENTS, contract, operation_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import flask
    from _typeshed.wsgi import WSGIEnvironment

KEY = {"Authorization": f"Bearer {WORKING}"}
SETTINGS = Settings(seed="s", frozen_at=1_783_001_726, body_limit=200)


def made(profile: str = "published") -> MockApp:
    return create_app(packaged_contract(profile), SETTINGS)


def asked(app: Callable[..., Any], method: str, path: str, **more: Any) -> tuple[str, dict[str, str], bytes]:  # noqa: ANN401
    environ = EnvironBuilder(path=path, method=method, **more).get_environ()
    parts, status, headers = run_wsgi_app(app, environ)
    return status, dict(headers), b"".join(parts)


# --- one answer, two ways ---------------------------------------------------------------------------------------------

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", CREATE, {"headers": KEY}),
    ("POST", CREATE, {"headers": KEY, "json": {"CallbackURL": "https://a.example/ä"}}),
    ("POST", CREATE, {"headers": KEY, "json": {"CallbackURL": 5}}),
    ("POST", CREATE, {"headers": KEY, "data": b"\xff", "content_type": "application/json"}),
    ("POST", CREATE, {"headers": KEY, "data": b"x" * 300, "content_type": "application/json"}),
    ("POST", CREATE, {"headers": {**KEY, "Accept": "text/html"}}),
    ("POST", CREATE, {"headers": {**KEY, "User-Agent": "curl/8.0"}}),
    ("POST", CREATE, {"headers": {**KEY, "Prefer": "code=401"}}),
    ("POST", CREATE, {}),
    ("GET", CREATE, {}),
    ("HEAD", CREATE, {}),
    ("OPTIONS", CREATE, {}),
    ("POST", CREATE + "/", {"headers": KEY}),
    ("POST", "/" + CREATE, {"headers": KEY}),
    ("GET", "/", {}),
    ("GET", "/nope/ä", {}),
    ("DELETE", "/_mock/health", {}),
    ("OPTIONS", "/_mock/health", {}),
    ("POST", "/_mock/nope", {}),
    ("DELETE", "/en/liveness-face-manage/authorization", {}),
    ("GET", "/static/x", {}),
]


@pytest.mark.parametrize("profile", ["published", "observed"])
@pytest.mark.parametrize(("method", "path", "more"), CASES)
def test_lane_and_flask_rule_give_the_same_answer(profile: str, method: str, path: str, more: dict[str, Any]) -> None:
    by_lane, by_rule = (asked(way, method, path, **more) for way in (made(profile), made(profile).dispatching))
    assert by_lane == by_rule
    assert "text/html" not in by_lane[1].get("Content-Type", "")
    assert int(by_lane[0][:3]) < 500


def test_app_works_with_a_test_client() -> None:
    client = create_app().test_client()
    assert client.post(CREATE).status_code == 401
    response = client.post(CREATE, headers=KEY, json={"CallbackURL": "https://a.example"})
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["CallbackURL"] == "https://a.example"


def test_templated_paths_lead_through_both_ways() -> None:
    for name, target in (("pets-3.1.yaml", "/pets/5"), ("pets-3.0.yaml", "/v1/pets")):
        one, two = (create_app(load_contract([DOCUMENTS / name]), SETTINGS) for _ in range(2))
        for method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            assert asked(one, method, target) == asked(two.dispatching, method, target)
        for path in (target + "/", target + "%2F5", "//pets/5", "/pets/a%0Ab", "/pets/%2541", "/pets/<p>"):
            answer = asked(one, "GET", path)
            assert answer == asked(two.dispatching, "GET", path)
            assert "location" not in {name.lower() for name in answer[1]}


ODD = ["/a<b>/{id}", "/a<b/{id}", "/<p1>/{id}", "/a>/{id}", "/a.b/{id}.json", "/{a}-{b}/{c}", "/a b/{id}", "/创/{id}"]


@pytest.mark.parametrize("path", [*ODD, "/a|b/{id}", "/a/{id}/"])
def test_path_of_any_characters_makes_an_application(path: str) -> None:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    parameters = [{"name": name, "in": "path", "required": True} for name in names]
    app = create_app(contract(operation_tree({"parameters": parameters}, path)), SETTINGS)  # type: ignore[dict-item]
    concrete = path
    for name in names:
        concrete = concrete.replace(f"{{{name}}}", "1")
    assert asked(app, "GET", concrete)[0] == asked(app.dispatching, "GET", concrete)[0] == "200 OK"
    for near in (concrete + "/", concrete.rstrip("/")):
        if near != concrete:
            assert asked(app, "GET", near)[0] == asked(app.dispatching, "GET", near)[0] == "404 Not Found"


# --- hooks close the lane ---------------------------------------------------------------------------------------------


def counting(count: list[str], name: str) -> Callable[..., None]:
    def note(*_: object, **__: object) -> None:
        count.append(name)

    return note


def hook_before(app: MockApp, ran: list[str]) -> None:
    app.before_request(counting(ran, "before"))


def hook_after(app: MockApp, ran: list[str]) -> None:
    @app.after_request
    def note(response: flask.Response) -> flask.Response:
        ran.append("after")
        return response


def hook_teardown(app: MockApp, ran: list[str]) -> None:
    app.teardown_request(counting(ran, "teardown"))


def hook_appcontext(app: MockApp, ran: list[str]) -> None:
    app.teardown_appcontext(counting(ran, "appcontext"))


def hook_preprocessor(app: MockApp, ran: list[str]) -> None:
    app.url_value_preprocessor(counting(ran, "preprocessor"))


@pytest.mark.parametrize("hook", [hook_before, hook_after, hook_teardown, hook_appcontext, hook_preprocessor])
def test_hook_closes_the_lane_and_runs_and_the_answer_stays(hook: Callable[[MockApp, list[str]], None]) -> None:
    ran: list[str] = []
    app, plain = made(), made()
    hook(app, ran)
    for method, path, more in CASES[:13]:
        before = len(ran)
        assert asked(app, method, path, **more) == asked(plain, method, path, **more)
        assert len(ran) == before + 1


@pytest.mark.parametrize("signal", [request_started, request_finished, appcontext_pushed])
def test_signal_receiver_closes_the_lane_and_runs(signal: Any) -> None:  # noqa: ANN401 - blinker's
    ran: list[str] = []
    app = made()
    receiver = counting(ran, "signal")
    with signal.connected_to(receiver):
        assert asked(app, "POST", CREATE, headers=KEY) == asked(made().dispatching, "POST", CREATE, headers=KEY)
    assert ran
    asked(app, "POST", CREATE, headers=KEY)
    known = len(ran)
    asked(app, "POST", CREATE, headers=KEY)
    assert len(ran) == known, "the lane did not open again"


@pytest.mark.parametrize(("code", "method", "path"), [(404, "GET", "/nope"), (405, "GET", CREATE)])
def test_error_handler_that_takes_the_place_of_ours_runs(code: int, method: str, path: str) -> None:
    app = made()
    app.register_error_handler(code, lambda _: ("mine", code))
    assert asked(app, method, path)[2] == b"mine"
    assert asked(app, "POST", CREATE, headers=KEY)[0] == "200 OK"


def test_error_handler_for_another_exception_runs_and_the_answers_stay() -> None:
    app, plain = made(), made()

    def fail() -> flask.Response:
        raise ZeroDivisionError

    app.add_url_rule("/fail", "fail", fail)
    app.register_error_handler(ZeroDivisionError, lambda _: ("mine", 500))
    for method, path, more in CASES[:13]:
        assert asked(app, method, path, **more) == asked(plain, method, path, **more)
    assert asked(app, "GET", "/fail")[2] == b"mine"


def test_view_of_ones_own_is_answered_beside_the_operations() -> None:
    app = made()
    app.add_url_rule("/<path:rest>", "mine", lambda rest: f"mine {rest}")
    assert asked(app, "GET", "/anything/else")[2] == b"mine anything/else"
    assert asked(app, "POST", CREATE, headers=KEY)[0] == "200 OK"
    assert asked(app, "GET", CREATE) == asked(app.dispatching, "GET", CREATE)


def test_bug_of_a_page_is_told_without_a_stack_trace() -> None:
    app = made()

    def fail() -> flask.Response:
        raise ZeroDivisionError("sk-secret")

    app.add_url_rule("/fail", "fail", fail)
    status, headers, body = asked(app, "GET", "/fail")
    assert status == "500 Internal Server Error"
    assert headers["X-Mock-Rule"] == "mock.bug; basis=assumed"
    assert b"ZeroDivisionError" in body
    assert b"sk-secret" not in body
    assert b"Traceback" not in body


# --- /_mock -----------------------------------------------------------------------------------------------------------


def test_health_and_ready_tell_what_is_served() -> None:
    client = made("observed").test_client()
    health, ready = client.get("/_mock/health").json, client.get("/_mock/ready").json
    assert health is not None
    assert ready is not None
    assert health["status"] == "ok"
    assert (ready["status"], ready["profile"]) == ("ready", "observed")
    assert ready["operations"] == [f"POST {CREATE}", "POST /volc/asset/GetVisualValidateResult"]
    assert [(one["name"], one["reconstructed"]) for one in ready["documents"]] == [
        ("create-visual-validate-session.yaml", False),
        ("get-visual-validate-result.yaml", True),
    ]
    assert len(ready["documents"][0]["sha256"]) == 64


def test_effective_document_names_the_mock_as_its_server() -> None:
    app = create_app(load_contract([DOCUMENTS / "pets-3.0.yaml"]), Settings(base_url="http://127.0.0.1:9"))
    found = app.test_client().get("/_mock/openapi.json").json
    assert found is not None
    assert found["servers"] == [{"url": "http://127.0.0.1:9/v1"}]
    assert set(found["paths"]) == {"/pets"}


def test_documents_of_one_file_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("a b", "c"):
        (tmp_path / folder).mkdir()
        text = f"openapi: 3.1.0\ninfo: {{title: '{folder}'}}\nservers: [{{url: '/{folder[0]}'}}]\n"
        text += "paths: {/p: {get: {responses: {'200': {description: ok}}}}}\n"
        (tmp_path / folder / "api.yaml").write_text(text, encoding="utf-8")
    client = create_app(load_contract([tmp_path]), SETTINGS).test_client()
    ready = client.get("/_mock/ready").json
    assert ready is not None
    assert [one["name"] for one in ready["documents"]] == ["a b/api.yaml", "c/api.yaml"]
    assert str(tmp_path) not in json.dumps(ready)
    found = client.get("/_mock/openapi.json?document=c/api.yaml").json
    assert found is not None
    assert found["info"]["title"] == "c"
    missing = client.get("/_mock/openapi.json?document=d")
    assert missing.status_code == 404
    assert b"a b/api.yaml, c/api.yaml" in missing.data


# --- delays -----------------------------------------------------------------------------------------------------------


def test_delay_is_slept_where_the_server_cannot_wait_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for way in (made(), made().dispatching):
        assert asked(way, "POST", CREATE, headers={**KEY, "Prefer": "delay=7"})[0] == "200 OK"
    assert slept == [7.0, 7.0]


def test_delay_leaves_the_thread_where_the_server_can_wait() -> None:
    calls: list[tuple[object, ...]] = []

    def later(*arguments: object) -> Iterable[bytes]:
        calls.append(arguments)
        return ()

    def start(*_: object) -> None:
        pytest.fail("the answer was started at once")

    environ: WSGIEnvironment = {LATER: later}
    assert send(Response(200, [("A", "b")], b"c", 5.0), environ, start) == ()  # type: ignore[arg-type]
    assert calls == [(5.0, "200 OK", [("A", "b")], b"c")]


# --- the lane alone ---------------------------------------------------------------------------------------------------


def test_pages_are_made_once_and_only_when_one_is_asked_for() -> None:
    made_pages: list[int] = []
    barrier = threading.Barrier(8)

    def pages(engine: Engine) -> Callable[..., Any]:
        made_pages.append(1)
        time.sleep(0.05)
        return create_app(engine=engine).dispatching

    engine = Engine(packaged_contract(), SETTINGS)
    lane = Lane(engine, pages)
    assert asked(lane, "POST", CREATE, headers=KEY)[0] == "200 OK"
    assert made_pages == []

    def ask() -> None:
        barrier.wait()
        assert asked(lane, "GET", "/_mock/health")[0] == "200 OK"

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made_pages == [1]


def test_body_is_never_read_beyond_its_length_in_either_way() -> None:
    class Socket(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 <= size <= len(self.getvalue()) - self.tell()
            return super().read(size)

    for way in (made(), made().dispatching):
        environ = EnvironBuilder(path=CREATE, method="POST", headers=list(KEY.items()), json={}).get_environ()
        environ["wsgi.input"] = Socket(b"{}")
        environ.pop("wsgi.input_terminated", None)
        parts, status, _ = run_wsgi_app(way, environ)
        assert (status, b"BytedToken" in b"".join(parts)) == ("200 OK", True)
