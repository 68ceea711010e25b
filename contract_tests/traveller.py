"""Sends the requests of the liveness journey, each once, and knows whom it has to do with: a host or a mock of ours.

What is expected of the answers stands in `journey.py`, and in which order they come in `walk.py`.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Protocol

from contract_tests.cases import ACCEPT
from contract_tests.credentials import needed, with_credentials
from contract_tests.expectations import unanswered
from contract_tests.failures import Finding
from contract_tests.judge import body_of
from contract_tests.mock_process import MOCK_OTHER_KEY
from contract_tests.offered import is_offered
from contract_tests.redaction import CONTROL_VARIABLE, OTHER_KEY_VARIABLE
from contract_tests.run import Inconclusive, NotRun
from contract_tests.targets import CONTROL_TOKEN, KEY, OTHER_KEY, Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.receiver import Arrival, Callback
    from contract_tests.run import Run, Verdict
    from contract_tests.targets import Exchange
    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = ["CREATE", "RESULT", "Person", "Secret", "Traveller", "member"]

CREATE, RESULT = "createVisualValidateSession", "getVisualValidateResult"
"""The operations that the journey needs, by operationId."""

NEEDS_PERSON = "needs a person: --contract-interactive shows one the link and waits"
NEEDS_MOCK = "needs a mock of this project, which plays the person and has a clock to move"
NEEDS_OTHER_KEY = f"needs the key of another caller, in the variable {OTHER_KEY_VARIABLE}"
NEEDS_CALLBACK = "needs a way from the phone to this machine: --contract-callback-url says which"
NEEDS_CONTROL = f"the mock asks for its control token: put it into the variable {CONTROL_VARIABLE}"

AT_ARRIVAL = "journey/callback-group"
"""The result that is read while the browser waits. Where it is there, it is the first one, and not read anew."""

AFTER_POLLS = 3
"""Requests that the journey still needs once a person has finished."""

AGES = 10 * 365 * 86400
"""Seconds beyond the longest life that the mock gives a token."""


class Secret(str):
    """A text that no debugger of tests shows: they print what functions were given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


class Person(Protocol):
    """Whoever can bring a person to a link. limit: seconds that one is waited for at most."""

    limit: float

    def wait(self, link: Secret, poll: Callable[[], bool]) -> bool:
        """Show the link, and poll until that says that it is over (True) or the limit is reached (False)."""


class Traveller:
    """Travels through one run.

    own_mock: the target is the mock that the suite started. person: None when nobody is asked to come. callback: where
    their browser arrives, None for the CallbackURL of the document.
    """

    def __init__(
        self, run: Run, *, own_mock: bool = False, person: Person | None = None, callback: Callback | None = None
    ) -> None:
        self.run = run
        self._own_mock = own_mock
        self._person = person
        self._callback = callback
        self._operation = {one.id: one for one in run.contract.operations}
        self._last: Exchange | None = None
        self._arrived: Exchange | None = None

    def settle(self, findings: list[Finding], item: str, shown: Exchange | None = None) -> Verdict:
        """Give the verdict on a step, or on one of its requests. Raises `ContractFailure`.

        A mock of ours is held to all that it says of itself, on whatever basis.
        """
        shown = shown or self._last
        assert shown is not None, "every step looks at an exchange"
        what = f"{shown.ask.method} {shown.ask.path.partition('?')[0]}"
        return self.run.settle(findings, what, item, shown, promised=self.is_mock)

    def show(self, exchange: Exchange) -> None:
        """Let this request be the one that is shown if the step fails; without a word it is the last one."""
        self._last = exchange

    def judged(self, operation: str, exchange: Exchange) -> Iterator[Finding]:
        """Judge an answer by the document of an operation."""
        return self.run.judged(self._operation[operation], exchange)

    # --- sessions and results -----------------------------------------------------------------------------------------

    def session(self, name: str) -> Exchange:
        """Make a session, with the body that the document shows."""
        case = next(one for one in self.run.cases if one.operation.id == CREATE and one.group == "body")
        if case.not_run:
            raise NotRun(case.not_run)
        ask = case.ask
        if self._callback is not None and isinstance(case.sent, dict):
            fields: dict[str, Json] = {**case.sent, "CallbackURL": self._callback.url(name.partition("/")[0])}
            ask = replace(ask, body=json.dumps(fields).encode("ascii"))
        return self._exchange(name, lambda: ask, paid=True)

    @property
    def token(self) -> str:
        """The token of the journey's session."""
        return self.token_of(self.session("create"))

    def token_of(self, session: Exchange) -> str:
        """Give the token of a session. Raises `NotRun` when the answer has none."""
        token = member(session, "BytedToken")
        if not isinstance(token, str):
            raise NotRun("the answer of CreateVisualValidateSession holds no BytedToken")
        return Secret(token)

    def result(self, name: str, token: str, *, other_caller: bool = False) -> Exchange:
        """Ask for the result of a token, as its owner or as another caller."""
        ask = _result_ask(self._operation[RESULT], token)
        if other_caller:
            if not self.run.target.other_key or (self.run.target.other_key == MOCK_OTHER_KEY and not self.is_mock):
                raise NotRun(NEEDS_OTHER_KEY)
            headers = tuple((header, text.replace(KEY, OTHER_KEY)) for header, text in ask.headers)
            ask = replace(ask, path=ask.path.replace(KEY, OTHER_KEY), headers=headers)
        exchange = self._exchange(name, lambda: ask)
        if other_caller and exchange.status == 401:
            raise Inconclusive(f"the target does not know the key in {OTHER_KEY_VARIABLE}: it answered 401")
        return exchange

    @property
    def refusals(self) -> dict[str, Exchange]:
        """The refusals of results so far, by the step that asked."""
        names = {"unknown-token", "other-caller", "expiry"}
        made = {name.removeprefix("journey/"): one for name, one in self.run.exchanges.all().items()}
        return {name: one for name, one in made.items() if name in names and one.status >= 400}

    @property
    def empty_results(self) -> dict[str, Exchange]:
        """The results so far that hold no group, by the step that asked."""
        made = {name.removeprefix("journey/"): one for name, one in self.run.exchanges.all().items()}
        return {name: one for name, one in made.items() if one.status == 200 and member(one, "GroupId") == ""}

    def finish(self) -> Exchange:
        """Bring the journey's session to its end, once: by a person if one is asked to come, else by the mock."""
        if self._person is not None:
            self._arrived = self._arrived or self._wait(self._person)
            return self._arrived
        if not self.is_mock:
            raise NotRun(NEEDS_PERSON)
        return self.play("complete", self.token)

    def finished(self) -> Exchange:
        """Ask for the result of the journey's session after its end, unless it was read already.

        It was while a person was waited for, or while the browser waited for its page.
        """
        self.finish()
        return self._arrived or self._first_result() or self.result("present", self.token)

    def _first_result(self) -> Exchange | None:
        """Give the result that was read while the browser waited, if it holds a group."""
        first = self.result_at_arrival()
        return first if first is not None and first.status == 200 and member(first, "GroupId") else None

    def _wait(self, person: Person) -> Exchange:
        link, token = member(self.session("create"), "H5Link"), self.token
        if not isinstance(link, str) or not re.fullmatch(r"https?://[\x21-\x7e]+", link):
            raise NotRun("the answer of CreateVisualValidateSession holds no H5Link that a terminal can show")
        ask, numbers = _result_ask(self._operation[RESULT], token), count(1)
        seen: list[Exchange] = []
        room = self.run.spending.ledger.room() - AFTER_POLLS - (self._callback is not None)
        if room < 1:
            raise NotRun("the budget has no room to ask for the result again and again; see --contract-budget")
        every, due = person.limit / room, [0.0]

        def poll() -> bool:
            if (first := self._first_result()) is not None:
                seen.append(first)
                return True
            if time.monotonic() < due[0]:
                return False
            due[0] = time.monotonic() + every  # within a budget it is asked less often, up to the end
            seen.append(self.run.once(f"journey/complete/poll-{next(numbers)}", lambda: ask))
            made = seen[-1]
            if made.left_out:
                raise NotRun(made.left_out)
            return bool(made.status) and not made.inconclusive and (made.status != 200 or member(made, "GroupId") != "")

        came = person.wait(Secret(link), poll)
        self.show(seen[-1])
        if not came:
            why = seen[-1].inconclusive or "GroupId stayed empty"
            raise Inconclusive(f"nobody finished within {person.limit:g} s: {why}")
        if seen[-1].status != 200:
            raise Inconclusive(f"the result was answered {seen[-1].status} while a person was waited for")
        return seen[-1]

    # --- the callback -------------------------------------------------------------------------------------------------

    def arrivals(self, session: str) -> list[Arrival]:
        """Give what came to the CallbackURL of a session, waiting for the first. Raises `NotRun` where nothing can."""
        if self._callback is None:
            raise NotRun(NEEDS_CALLBACK)
        self.show(self.finish())
        if self.is_mock and not self._callback.arrivals(session):
            visit = member(self.finish(), "visit")
            if isinstance(visit, dict) and visit.get("error") and not visit.get("status"):
                raise NotRun(f"the mock cannot reach this machine: {visit['error']}")
        return self._callback.wait(session)

    def arrivals_so_far(self, session: str) -> list[Arrival]:
        """Give what came to the CallbackURL of a session so far."""
        return [] if self._callback is None else self._callback.arrivals(session)

    def callback_fragment(self, session: str) -> str | None:
        """Give the fragment that the browser told of, None if it told of none."""
        return None if self._callback is None else self._callback.fragment(session)

    def at_arrival(self, session: str) -> None:
        """Ask for the result while the browser waits: called by whoever receives it, beside the walk."""
        created = self.run.exchanges.all().get("journey/create")
        token = None if created is None else member(created, "BytedToken")
        if session == "create" and isinstance(token, str) and not self.run.spending.ledger.one_at_a_time:
            ask = _result_ask(self._operation[RESULT], token)
            self.run.once(AT_ARRIVAL, lambda: ask)

    def result_at_arrival(self) -> Exchange | None:
        """Give the result that was read while the browser waited, None if none was."""
        return self.run.exchanges.all().get(AT_ARRIVAL)

    # --- the mock's controls ------------------------------------------------------------------------------------------

    @cached_property
    def is_mock(self) -> bool:
        """Whether the target is a mock of this project: the suite's own, or one on this machine that says so."""
        if self._own_mock or not self.run.target.loopback:
            return self._own_mock
        return self._ready.header("x-mock-version") is not None

    @property
    def _ready(self) -> Exchange:
        return self.run.once("journey/ready", lambda: Ask("GET", "/_mock/ready", self._control_headers))

    @property
    def _control_headers(self) -> tuple[tuple[str, str], ...]:
        token = self.run.target.control_token
        return (ACCEPT, ("Authorization", f"Bearer {CONTROL_TOKEN}")) if token else (ACCEPT,)

    def needs_mock(self) -> None:
        """Raise `NotRun` when the target is no mock of ours."""
        if not self.is_mock:
            raise NotRun(NEEDS_MOCK)

    def play(self, name: str, token: str, outcome: str = "pass", *, surely: bool = True) -> Exchange:
        """Let the mock play the person of a session. surely: fail the step if it does not."""
        fields: dict[str, Json] = {"BytedToken": token, "outcome": outcome}
        if self._callback is not None:
            fields["visit_callback"] = True
        return self._control(name, "/_mock/sessions/complete", fields, surely=surely)

    def later(self, name: str, token: str) -> Exchange:
        """Ask for the result of a token after the end of its life: the mock's clock is moved for this one request."""
        with self.run.exchanges.alone():  # whatever was sent meanwhile would be answered in another time
            self._control(f"{name}/clock-forward", "/_mock/clock", {"advance": AGES})
            try:
                made = self.result(name, token)
            finally:
                self._control(f"{name}/clock-back", "/_mock/clock", {"advance": -AGES})
        self.show(made)
        return made

    def _control(self, name: str, path: str, fields: dict[str, Json], *, surely: bool = True) -> Exchange:
        headers = (*self._control_headers, ("Content-Type", "application/json"))
        exchange = self._exchange(name, lambda: Ask("POST", path, headers, json.dumps(fields).encode("ascii")))
        if exchange.status == 401:
            raise NotRun(NEEDS_CONTROL)
        if surely and exchange.status != 200:
            sentence = "The mock does what its control routes are asked for."
            found = Finding("AFC404", "asked", sentence, "200", str(exchange.status))
            self.settle([found], f"journey/{name}", exchange)
        return exchange

    def _exchange(self, name: str, ask: Callable[[], Ask], *, paid: bool = False) -> Exchange:
        self._last = exchange = self.run.once(f"journey/{name}", ask, paid=paid, creates=paid)
        self.run.stop_if_inconclusive(exchange)
        if not exchange.status:
            self.settle([unanswered(exchange)], f"journey/{name}", exchange)
        return exchange

    # --- is the operation there at all? -------------------------------------------------------------------------------

    def stop_if_not_offered(self, answer: Exchange) -> None:
        """Raise `NotRun` when the first answer of the result's operation says that the target has no such operation."""
        operation = self._operation[RESULT]
        if not self._is_offered(operation, answer):
            raise NotRun(f"not offered: the target has no {operation.name}")

    def _is_offered(self, operation: Operation, answer: Exchange) -> bool:
        """Tell whether the target has the operation; a mock of ours lists what it serves."""
        if self._own_mock:
            return True
        if self.is_mock:
            listed = member(self._ready, "operations")
            return not isinstance(listed, list) or operation.name in listed
        return is_offered(answer, lambda ask: self._exchange("not-offered", lambda: ask), self.show)


def member(exchange: Exchange, name: str) -> Json:
    """Give a member of the JSON object that was answered; None when there is none."""
    try:
        body = body_of(exchange)
    except (ValueError, RecursionError):
        return None
    return body.get(name) if isinstance(body, dict) else None


def _result_ask(operation: Operation, token: str) -> Ask:
    body = json.dumps({"BytedToken": token}).encode("utf-8")
    path = operation.base_paths[0] + operation.path
    ask = Ask(operation.method, path, (ACCEPT, ("Content-Type", "application/json")), body)
    return with_credentials(ask, needed(operation))
