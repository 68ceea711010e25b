"""The page at `/_mock/`: its frame shows no state, asks for no token, and lets nothing of others in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mockserver.app import create_app
from mockserver.known import BASES, known
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from openapi.profiles import PROFILES, actions
from openapi.provenance import BASES as WORDS
from tests.documents.making import read
from tests.mockserver.test_control import client, content, create, told

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def page(mock: FlaskClient, path: str = "/_mock/") -> str:
    answer = mock.get(path, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.text


def test_browser_gets_the_page_and_a_program_the_routes() -> None:
    mock = client()
    assert "<h1>Anyfast mock</h1>" in page(mock)
    for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        routes = content(mock.get("/_mock/", headers=accept))["routes"]
        assert {"GET /_mock/requests", "DELETE /_mock/requests", "POST /_mock/requests/verify"} <= set(routes)
        assert {"GET /_mock/requests/{id}", "GET /_mock/static/{name}"} <= set(routes)
    assert mock.get("/_mock/", headers=BROWSER).headers["Vary"] == "Accept"


def test_page_allows_its_own_script_and_style_and_nothing_else() -> None:
    headers = client().get("/_mock/", headers=BROWSER).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert not [name for name, _ in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/_mock/", "/_mock"])
def test_everything_the_page_names_is_served_from_here_and_may_be_kept(path: str) -> None:
    mock = client()
    html = page(mock, path)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert "style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=", html)
    names = set(re.findall(r'(?:src|href)="([^"#]*static/[^"]+)"', html))
    assert len(names) == 3
    for name in names:
        answer = mock.get(f"/_mock/{name.removeprefix('_mock/')}" if path == "/_mock/" else f"/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert mock.get("/_mock/static/../page.py").status_code == 404
    assert mock.get("/_mock/static/overview.js").status_code == 404, "only under the name that its content gives it"


def test_page_shows_no_state_so_that_it_needs_no_token_and_its_data_do() -> None:
    mock = client(control_token="open-sesame")
    token = create(mock)
    html = page(mock)
    assert token[14:] not in html
    assert "open-sesame" not in html
    for route in ("requests", "sessions", "clock", "fidelity"):
        assert told(mock.get(f"/_mock/{route}")) == (401, "control_token")


def test_page_names_what_to_do_and_the_operations_of_any_document() -> None:
    html = page(client(base_url="http://mock.test:8080"))
    assert "curl -X POST http://mock.test:8080/volc/asset/CreateVisualValidateSession" in html
    other = create_app(read("pets-3.1.yaml"), Settings()).test_client()
    assert "profile your documents" in page(other)


def test_text_of_a_document_is_no_html() -> None:
    html = page(client(base_url="http://x/<img src=y>"))
    assert "<img src=y>" not in html


# --- what is known ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_every_rule_of_a_profile_is_told_with_its_basis_and_evidence(profile: str) -> None:
    made = content(create_app(packaged_contract(profile), Settings()).test_client().get("/_mock/fidelity"))
    assert made["profile"] == profile
    rules = {(one["what"], one["basis"]) for one in made["rules"]}
    assert {(" ".join(one.description.split()), one.basis) for one in actions(profile)} <= rules
    assert {one["basis"] for one in made["rules"]} <= set(made["bases"])
    assert all(one["evidence"] and one["source"] for one in made["rules"])


def test_every_basis_has_its_words() -> None:
    assert list(BASES) == [*WORDS, "asked"]


def test_documents_of_a_user_are_what_they_say_they_are() -> None:
    rules = known(read("pets-3.1.yaml"))["rules"]
    assert isinstance(rules, list)
    assert rules
    assert {one["basis"] for one in rules if isinstance(one, dict)} == {"documented"}
