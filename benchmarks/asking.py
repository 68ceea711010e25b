"""The one valid call that every server gets, what may be changed of it, and its answer. Judges nothing."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

__all__ = ["BODY", "CALLBACK", "KEY", "PATH", "Answer", "ask", "body_with"]

PATH = "/volc/asset/CreateVisualValidateSession"
CALLBACK = "https://example.com/callback"
KEY = "sk-mock-byteplus-direct"
BODY = json.dumps({"CallbackURL": CALLBACK})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0: nothing did."""

    status: int
    body: bytes = b""

    def __getitem__(self, name: str) -> object:
        """Give a member of the body; None where the body is no object or has no such member."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return None
        return body.get(name) if isinstance(body, dict) else None


def body_with(callback: object) -> str:
    """Write the body with another CallbackURL."""
    return json.dumps({"CallbackURL": callback})


def ask(port: int, timeout: float, *, body: str = BODY, key: str = KEY) -> Answer:
    """Make the call on a connection of its own; without Authorization where the key is ''.

    Raises nothing: a server that is not there yet is no answer.
    """
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", PATH, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()
