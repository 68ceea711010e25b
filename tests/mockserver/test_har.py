"""The journal as HAR 1.2: all that the format asks for, and no secret."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.clock import FrozenClock
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.har import har
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.contract_tests.test_writers import holds
from tests.documents.making import CREATE, ask

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "20260702221526DADA2041E56D50C1C1A5"


def written(asking: Callable[[Engine], object]) -> list[dict[str, Any]]:
    """Ask a new engine, and give the entries of the file."""
    mock = Engine(packaged_contract(), Settings(), clock=FrozenClock(1_783_001_726.25))
    asking(mock)
    made = json.loads(json.dumps(har(mock.journal.find(), "http://127.0.0.1:8080/base")))
    log = holds("log", made["log"])
    assert log["version"] == "1.2"
    holds("creator", log["creator"])
    entries: list[dict[str, Any]] = log["entries"]
    return entries


def test_har_has_what_the_format_asks_for_the_oldest_first() -> None:
    def asking(mock: Engine) -> None:
        ask(mock, "POST", f"{CREATE}?a=b", {"CallbackURL": "https://a/b?c"}, WORKING, {"Prefer": "delay=2"})
        ask(mock, "GET", "/no where/é")

    first, second = written(asking)
    for entry in (first, second):
        holds("entry", entry)
        request, response = holds("request", entry["request"]), holds("response", entry["response"])
        holds("content", response["content"])
        assert entry["time"] == sum(holds("timings", entry["timings"]).values())
        assert re.fullmatch(r"2026-07-02T14:15:26\.250000Z", entry["startedDateTime"])
        for pair in (*request["headers"], *response["headers"], *request["queryString"]):
            assert set(pair) == {"name", "value"}
    assert first["time"] >= 2000
    assert first["request"]["url"] == f"http://127.0.0.1:8080/base{CREATE}?a=***"
    holds("postData", first["request"]["postData"])
    assert first["request"]["postData"] == {
        "mimeType": "application/json",
        "text": '{"CallbackURL": "https://a/b?***"}',
    }
    assert (first["response"]["status"], first["response"]["statusText"]) == (200, "OK")
    assert first["response"]["content"]["mimeType"] == "application/json"
    assert "postData" not in second["request"]
    assert urlsplit(second["request"]["url"]).path == "/base/no%20where/%C3%A9"
    assert second["request"]["bodySize"] == -1, "nobody read it"
    assert second["comment"].startswith("route.path; basis=rfc")


def test_address_keeps_the_slashes_that_were_encoded() -> None:
    sent = ["/a%2Fb/c", "/a%2fb%25/%C3%A9", "/a%252Fb", "/a/b"]

    def asking(mock: Engine) -> None:
        for path in sent:
            ask(mock, "GET", path)

    found = [urlsplit(entry["request"]["url"]).path.removeprefix("/base") for entry in written(asking)]
    assert found == [sent[0], "/a%2Fb%25/%C3%A9", *sent[2:]]


def test_secret_in_a_path_is_masked_whichever_way_its_slash_is_sent() -> None:
    def asking(mock: Engine) -> None:
        for path in ("/PRIVATE/KEY0", "/PRIVATE%2FKEY0"):
            ask(mock, "GET", path, key="PRIVATE/KEY0")

    assert [urlsplit(entry["request"]["url"]).path for entry in written(asking)] == ["/base/***"] * 2


def test_har_holds_no_secret() -> None:
    def asking(mock: Engine) -> None:
        ask(mock, "POST", f"{CREATE}?token={TOKEN}", {"BytedToken": TOKEN}, f"{WORKING}-PRIVATE", {"Cookie": "PRIVATE"})

    text = json.dumps(written(asking))
    assert TOKEN not in text
    assert "PRIVATE" not in text
