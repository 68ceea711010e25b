"""What a mock prints: no token, no link, no key and nothing of a CallbackURL's query, whatever goes well or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.canaries.scanning import leaks
from tests.system.receiver import integrator
from tests.system.running import CREATE, RESULT, Client, Mock, eventually

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-mock-byteplus-direct-8d1f-PRIVATE"
OWN = "sk-own-5b0e-PRIVATE"
UNKNOWN = "sk-live-77aa-PRIVATE"
CONTROL = "control-c0de-PRIVATE"


SHOWN = (
    "requests?limit=1000",
    "requests.har",
    "requests/count",
    "sessions",
    "health",
    "ready",
    "clock",
    "",
    "fidelity",
)


def go_everywhere(client: Client, callback: str) -> list[str]:
    """Go a whole journey, and every wrong way beside it; give what must not be seen."""
    token, link = client.create(callback)
    client.open(link)
    client.open(f"{link}&lng=en&agree=yes&step=result&outcome=pass")
    client.tap(link, token)
    client.open(link[:-1] + ("0" if link[-1] != "0" else "1"))
    client.result(token)
    client.result(token, OWN)
    client.call(RESULT, {"BytedToken": token}, UNKNOWN)
    client.call(RESULT, {"BytedToken": token, "CallbackURL": callback})
    client.call(RESULT, {"BytedToken": [token]})
    client.call(RESULT + f"?BytedToken={token}", {"BytedToken": token + "é"})
    client.call(CREATE + f"?token={token}&CallbackURL={callback}", {"CallbackURL": {"a": callback}})
    client.ask("POST", CREATE, {"CallbackURL": callback}, {"Authorization": f"Basic {KEY}"})
    client.ask("POST", CREATE, None, {"Authorization": f"Bearer {KEY}", "Content-Type": f"text/{token}"})
    client.ask("POST", CREATE, None, {"Authorization": f"Bearer {KEY}", "Prefer": f"code={token}"})
    client.ask("GET", CREATE + f"?token={token}")
    client.complete(token, outcome=token)
    client.complete(token, visit_callback=True)
    client.complete(token)
    client.control("sessions/find", {"BytedToken": token, token: 1})
    client.control("clock", {"set": token})
    client.control("reset", {"credential": UNKNOWN})
    client.tap(link, "fail")
    other, _ = client.create("javascript:alert('PRIVATE')")
    client.complete(other, visit_callback=True)
    third, its_link = client.create(callback)
    assert client.tap(its_link, "pass").status == 200
    later, _ = client.create(callback)
    client.complete(later, "fail", delay=0.05, visit_callback=True)
    query = parse_qs(urlsplit(link).query)
    return [
        token,
        token[14:],
        other[14:],
        later[14:],
        third[14:],
        *query["pl"],
        *query["uid"],
        KEY.removeprefix("sk-mock-byteplus-"),  # the rest is documented, and shown at the start
        OWN,
        UNKNOWN,
        CONTROL,
    ]


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_nothing_that_is_printed_holds_a_secret(tmp_path: Path, style: str, workers: str) -> None:
    environment = {"ANYFAST_MOCK_CONTROL_TOKEN": CONTROL, "ANYFAST_MOCK_TOKEN": OWN}
    options = ("--log-format", style, "--workers", workers, "--check-answers")
    with Mock(tmp_path, *options, environment=environment) as mock, integrator() as receiver:
        with mock.client(KEY, CONTROL) as client:
            secrets = go_everywhere(client, f"{receiver.url}/done?user=PRIVATE-7&x=1#PRIVATE-8")
            assert eventually(lambda: len(receiver.arrived) == 2)
            journal = client.control("journal").text
            shown = [client.control(route).text for route in SHOWN]
            expected = {"json": {"BytedToken": secrets[0]}, "headers": {"Authorization": f"Bearer {KEY}"}, "times": 99}
            verdict = client.control("requests/verify", expected)
            assert verdict.status == 422
            shown.append(verdict.text)
            kept = b"".join(path.read_bytes() for path in tmp_path.glob("anyfast-mock-*/*"))
        assert mock.end() == 0
        printed = mock.out + mock.err
    assert mock.err.count(RESULT) >= 5, "the log is there"
    told = {"printed": printed, "journal": journal, "shown": "".join(shown)}
    assert "PRIVATE" not in "".join(told.values())
    assert leaks(told, {one: one for one in secrets}) == []
    assert shown[0].count('"number"') >= 12, "the exchanges are there"
    assert bool(kept) is (workers == "2")
    for key in (KEY, OWN, UNKNOWN, CONTROL):
        assert key.encode() not in kept


def test_store_with_a_password_is_named_without_it(tmp_path: Path) -> None:
    for scheme in ("redis", "rediss"):
        store = f"{scheme}://ann:PRIVATE@127.0.0.1:1/3"
        with Mock(tmp_path, environment={"ANYFAST_MOCK_STORE": store}) as mock:
            with mock.client() as client:
                assert client.call(CREATE, {}).status == 503
                health = client.control("health").text
            assert mock.end() == 0
            assert "Redis at 127.0.0.1:1, database 3" in mock.out
            assert "PRIVATE" not in mock.out + mock.err + health
