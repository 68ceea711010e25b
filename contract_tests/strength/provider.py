"""The model provider: answers every request of the suite rightly, from the document alone. No server, no mock.

It knows a case by its request and answers as the case expects; what the document leaves to sentences and examples (a
new token, the echo of a member) it does by the same sentences. Its clock moves a tenth of a second with each answer.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from contract_tests.strength.answers import Answer, written
from contract_tests.strength.inventing import valid_value, value_of
from contract_tests.strength.sessions import CLOCK, COMPLETE, Sessions
from contract_tests.traveller import CREATE, RESULT
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.cases import Case
    from contract_tests.targets import Ask
    from openapi.contract import Contract
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json

__all__ = ["START", "CannotAnswer", "Provider"]

START = datetime(2026, 7, 2, 14, 15, 26, tzinfo=timezone.utc)
"""When the model's clock begins; any time would do."""


class CannotAnswer(Exception):
    """The document has too little for a right answer; `str()` says where."""


class Provider:
    """Answers requests, one after another. A second one, asked the same, answers the same.

    known: what such providers have answered already, by request and number of the answer.
    """

    def __init__(
        self, contract: Contract, cases: Iterable[Case], known: dict[tuple[Ask, int], Answer] | None = None
    ) -> None:
        self._cases = {case.ask: case for case in cases}
        self._methods: dict[str, list[str]] = {}
        for operation in contract.operations:
            self._methods.setdefault(operation.path, []).append(operation.method)
        self._result = next((one for one in contract.operations if one.id == RESULT), None)
        self._sessions = Sessions()
        self._answered = 0
        self._known = {} if known is None else known

    @property
    def now(self) -> datetime:
        """The time of the answer that is being made."""
        return START + timedelta(seconds=self._answered / 10) + self._sessions.ahead

    def answer(self, ask: Ask) -> tuple[Operation | None, Answer]:
        """Give the right answer, and the operation that it belongs to. Raises `CannotAnswer`."""
        self._answered += 1
        case = self._cases.get(ask)
        if case is None:
            return self._on_the_journey(ask)
        spot = (ask, self._answered)
        if spot not in self._known:
            self._known[spot] = self._as_expected(case)
        return case.operation, self._known[spot]

    def note(self, ask: Ask, told: Answer) -> None:
        """Take note of what was told in the end: whoever is given a wrong token has the session of that token."""
        case = self._cases.get(ask)
        value = told.value if case is not None and case.operation.id == CREATE and told.status < 300 else MISSING
        if isinstance(value, dict) and "BytedToken" in value:
            self._sessions.open(str(value["BytedToken"]), ask.header("authorization") or "", self.now)

    def _on_the_journey(self, ask: Ask) -> tuple[Operation | None, Answer]:
        """Answer what belongs to no case: a control route of the mock that it plays, or the result of a session."""
        asked = json.loads(ask.body or b"{}")
        if ask.path in (CLOCK, COMPLETE):
            return None, self._sessions.control(ask.path, asked, self.now)
        operation = self._result
        if operation is None:
            raise CannotAnswer(f"nothing is known of {ask.method} {ask.path}")
        group = self._sessions.group(asked.get("BytedToken"), ask.header("authorization") or "", self.now)
        if group is None:
            return operation, refusal(operation, 404)
        return operation, Answer(200, (("Content-Type", "application/json"),), written({"GroupId": group}))

    def _as_expected(self, case: Case) -> Answer:
        operation = case.operation
        if case.expect == "accepted":
            return self._success(case)
        if case.expect == "invalid":
            return refusal(operation, _refusing(operation))
        if case.expect == "no_path":
            return refusal(operation, 404, route=True)
        if case.expect == "no_method":
            return refusal(operation, 405, route=True).having("Allow", ", ".join(self._methods[operation.path]))
        schemes = [scheme for needed in operation.security for scheme in needed]
        challenge = schemes[0].kind.title() if schemes and schemes[0].kind != "apiKey" else "ApiKey"
        return refusal(operation, 401).having("WWW-Authenticate", f'{challenge} realm="api"')

    def _success(self, case: Case) -> Answer:
        found = case.operation.success()
        if found is None:
            raise CannotAnswer(f"{case.operation.name} documents no success")
        status, response = found
        media = _json_of(response)
        if media is None:
            return _bodiless(case.operation, status, response)
        value = valid_value(media)
        if isinstance(value, Missing):
            raise CannotAnswer(f"no valid example of status {status} of {case.operation.name} could be found or made")
        if isinstance(value, dict):
            value = self._fitting(case, value)
        return Answer(status, (("Content-Type", media.name), *_headers(case.operation, response)), written(value))

    def _fitting(self, case: Case, value: dict[str, Json]) -> dict[str, Json]:
        """Make an example the answer to a request: members of the request come back if they were sent."""
        sent = case.sent if isinstance(case.sent, dict) else {}
        asked = property_names(case.operation)
        value = {name: sent.get(name, item) for name, item in value.items() if name in sent or name not in asked}
        return self._new_session(value) if case.operation.id == CREATE else value

    def _new_session(self, example: dict[str, Json]) -> dict[str, Json]:
        """Give a session its own token and link: the time in UTC+8 and a hash, and the example's link with another."""
        local = self.now + timedelta(hours=8)
        link = str(example.get("H5Link", "")).partition("=")[0]
        new: dict[str, Json] = {
            "BytedToken": f"{local:%Y%m%d%H%M%S}{self.random('token')[:20].upper()}",
            "H5Link": f"{link}={self.random('link')}",
        }
        return {name: new.get(name, item) for name, item in example.items()}

    def random(self, purpose: str) -> str:
        """Give 64 hexadecimal digits that no other answer has."""
        return hashlib.sha256(f"{purpose} {self._answered}".encode()).hexdigest()


def property_names(operation: Operation) -> frozenset[str]:
    """Name the members that a request may have."""
    from contract_tests.cases import property_nodes

    return frozenset(property_nodes(operation.body[0])) if operation.body else frozenset()


def refusal(operation: Operation, status: int, *, route: bool = False) -> Answer:
    """Make a refusal: the example of its status, or for a route the words of any refusal that has some."""
    response = operation.response(status)
    media = _json_of(response) if response is not None else None
    if media is None and route:
        others = (_json_of(one) for one in operation.responses if one.status.startswith("4"))
        media = next((one for one in others if one is not None), None)
    value: Json | Missing = MISSING if media is None else valid_value(media)
    if media is None or isinstance(value, Missing):
        return _bodiless(operation, status, response)
    extra = () if response is None else _headers(operation, response)
    return Answer(status, (("Content-Type", media.name), *extra), written(value))


def _bodiless(operation: Operation, status: int, response: Response | None) -> Answer:
    return Answer(status, () if response is None else _headers(operation, response))


def _headers(operation: Operation, response: Response) -> tuple[tuple[str, str], ...]:
    """Give the headers that a response has to have, each with its example or one made up."""
    found = []
    node = response.node.get("headers")
    for name, entry in node.members() if node is not None else []:
        header = operation.library.follow(entry)
        schema = header.get("schema")
        if header.mapping.get("required") is True and name.lower() != "content-type":
            value = header.mapping.get("example", MISSING)
            if isinstance(value, Missing) and schema is not None:
                value = value_of(operation.library, schema)
            found.append((name, "x" if isinstance(value, Missing | dict | list | None) else str(value)))
    return tuple(found)


def _refusing(operation: Operation) -> int:
    """Choose the status that refuses an invalid request."""
    documented = sorted(int(one.status) for one in operation.responses if one.status.isdigit())
    if 400 in documented or not documented:
        return 400
    return next((one for one in documented if 400 < one < 500 and one not in (401, 403, 404)), 400)


def _json_of(response: Response) -> MediaType | None:
    return next((media for media in response.media_types if media.is_json), None)
