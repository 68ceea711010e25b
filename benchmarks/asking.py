"""The one valid call that every server gets, and its answer. Judges nothing."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

__all__ = ["CALLBACK", "PATH", "Answer", "ask"]

PATH = "/volc/asset/CreateVisualValidateSession"
CALLBACK = "https://example.com/callback"
_HEADERS = {"Authorization": "Bearer sk-mock-byteplus-direct", "Content-Type": "application/json"}
_BODY = json.dumps({"CallbackURL": CALLBACK})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0: nothing did."""

    status: int
    body: bytes = b""


def ask(port: int, timeout: float) -> Answer:
    """Make the call on a connection of its own. Raises nothing: a server that is not there yet is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", PATH, _BODY, _HEADERS)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()
