"""Whatever callers, persons and tests do with sessions, in any order and with any clock: every store as a plain model.

The model is written from the sentences of the protocol and of the keeper, in another way than they are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from mockserver.clock import ClockState, FrozenClock, ShiftedClock
from mockserver.identifiers import Identifiers
from mockserver.sessions import OUTCOMES, AutoComplete, Counts, InMemory, Keeper, NoSession, StoreUnavailable
from mockserver.sessions.in_redis import InRedis
from mockserver.sessions.in_sqlite import InSqlite
from tests.mockserver.sessions.making import CREATED, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.sessions import Session, Store
    from tests.redis_server import RedisServer

BOUND = 4
LIFE = 100
SEED = "journeys"

KEYS = st.sampled_from(["anna", "bert", "carl"])
ENDS = st.sampled_from(sorted(OUTCOMES))
STEPS = st.sampled_from([0, 0.001, 1, 30, LIFE - 1, LIFE, LIFE + 1, 1000, -0.001, -1, -50, -LIFE, -1000])
WAITS = st.sampled_from([0, 1, 30, LIFE - 1, LIFE, LIFE + 1])


class FewGroups(Identifiers):
    """Identifiers of which every third group id clashes."""

    def group(self, token: str, moment_ns: int, attempt: int) -> str:
        return f"group-{(int(token[14:], 16) + moment_ns + attempt) % (BOUND + 1)}"


@dataclass
class Journey:
    """What the model knows of one session."""

    token: str
    link: tuple[str, str]
    key: str
    callback: str | None
    created: int
    due: int | None = None
    looks_due: int | None = None
    planned: str = ""
    opened: int | None = None
    ended: int | None = None
    outcome: str = ""
    looks: int = 0

    @property
    def expires(self) -> int:
        return self.created + LIFE * SECOND


class Journeys(RuleBasedStateMachine):
    """A keeper beside the model."""

    handles = Bundle("handles")

    open_store: Callable[[], Store]

    def __init__(self) -> None:
        super().__init__()
        self.base = FrozenClock(CREATED / SECOND)
        self.store = type(self).open_store()
        self.clock = ShiftedClock(self.store.clock, self.base, StoreUnavailable)
        self.frozen: int | None = None
        self.ahead = 0
        self.kept: list[Journey] = []  # the oldest first
        self.numbers: Counter[str] = Counter()
        self.moves: list[str] = []  # owners whose number of sessions changed, the latest last
        self.evicted = 0
        self.events: list[tuple[str, str | None]] = []
        self.given: dict[str, set[str]] = {}  # key -> its tokens since the last reset

    @initialize(text=st.sampled_from(["", "pass", "fail:30s", "pass:0polls", "pass:2polls"]))
    def begin(self, text: str) -> None:
        self.auto = AutoComplete.parse(text) if text else None
        self.keeper = Keeper(self.store, FewGroups(self.clock, SEED), self.clock, LIFE, self.auto)

    def teardown(self) -> None:
        self.store.close()

    # --- the model ---

    @property
    def now(self) -> int:
        return self.frozen if self.frozen is not None else self.base.now_ns() + self.ahead

    def known(self, token: str) -> Journey | None:
        return next((one for one in self.kept if one.token == token), None)

    def at(self, *link: str) -> Journey | None:
        """Find by a link; after a reset the same one comes again, as it tells no time."""
        return next((one for one in self.kept if one.link == link), None)

    def keep(self, journey: Journey) -> None:
        self.kept.append(journey)
        self.moves.append(journey.key)
        if len(self.kept) > BOUND:
            sizes = Counter(one.key for one in self.kept)
            largest = [key for key, size in sizes.items() if size == max(sizes.values())]
            loser = min(largest, key=lambda key: len(self.moves) - self.moves[::-1].index(key))
            gone = next(one for one in self.kept if one.key == loser)
            self.kept.remove(gone)
            self.moves.append(loser)
            self.evicted += gone.expires > journey.created

    def end(self, journey: Journey, outcome: str, moment: int) -> None:
        journey.outcome, journey.ended = outcome, moment
        journey.due = journey.looks_due = None
        self.events.append(("finished", outcome))

    def settle(self, journey: Journey) -> None:
        """Let happen what is due."""
        due = journey.due
        if not journey.outcome and due is not None and due <= self.now and due < journey.expires:
            self.end(journey, journey.planned, due)

    def refusal(self, journey: Journey | None) -> str:
        """Tell why a session cannot be changed, if so."""
        if journey is None:
            return "unknown"
        self.settle(journey)
        if self.now >= journey.expires:
            return "expired"
        return "used" if journey.outcome else ""

    def expect(self, wanted: str, action: Callable[[], Session]) -> Session | None:
        """Do it, and see that it is refused for the reason wanted, or not at all."""
        refused, session = "", None
        try:
            session = action()
        except NoSession as error:
            refused = error.reason
        assert refused == wanted
        return session

    # --- what callers do ---

    @rule(target=handles, key=KEYS, callback=st.sampled_from([None, "", "https://a.example/?x=1", "\ud800\0"]))
    def create(self, key: str, callback: str | None) -> tuple[str, str, str]:
        made = self.keeper.create(key, callback)
        assert made == Identifiers(self.clock, SEED).session(key, self.numbers[key], self.now)
        self.numbers[key] += 1
        assert made.token not in set().union(*self.given.values()), "a token is given once"
        self.given.setdefault(key, set()).add(made.token)
        journey = Journey(made.token, (made.uid, made.pl), key, callback, self.now)
        if self.auto is not None:
            journey.planned, journey.looks_due = self.auto.outcome, self.auto.polls
            if self.auto.seconds is not None:
                journey.due = self.now + round(self.auto.seconds) * SECOND
        self.keep(journey)
        return made.token, made.uid, made.pl

    @rule(handle=handles, key=KEYS)
    def result(self, handle: tuple[str, str, str], key: str) -> None:
        journey = self.known(handle[0])
        wanted = "unknown" if journey is None else "other_caller" if journey.key != key else ""
        if journey is not None and not wanted and self.now >= journey.expires:
            wanted = "expired"
        if journey is not None and not wanted:
            self.settle(journey)
            if not journey.outcome and journey.looks_due is not None:
                if journey.looks >= journey.looks_due:
                    self.end(journey, journey.planned, self.now)
                else:
                    journey.looks += 1
        session = self.expect(wanted, lambda: self.keeper.result(key, handle[0]))
        if session is not None and journey is not None:
            assert bool(session.group_id) == (journey.outcome == "pass")

    # --- what persons do ---

    @rule(handle=handles)
    def open(self, handle: tuple[str, str, str]) -> None:
        journey = self.at(*handle[1:])
        wanted = self.refusal(journey)
        self.expect(wanted, lambda: self.keeper.open(*handle[1:]))
        if not wanted and journey is not None and journey.opened is None:
            journey.opened = self.now
            self.events.append(("opened", None))

    @rule(handle=handles, outcome=ENDS, by_link=st.booleans())
    def finish(self, handle: tuple[str, str, str], outcome: str, *, by_link: bool) -> None:
        token, uid, pl = handle
        journey = self.at(uid, pl) if by_link else self.known(token)

        def action() -> Session:
            return self.keeper.finish(uid, pl, outcome) if by_link else self.keeper.complete(token, outcome)

        session = self.expect(self.refusal(journey), action)
        if session is not None and journey is not None:
            self.end(journey, outcome, self.now)
            assert session.state(self.now) == ("passed" if outcome == "pass" else "failed")

    @rule(one=handles, other=handles)
    def open_with_half_a_link(self, one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
        if one[1:] != other[1:]:
            self.expect("unknown", lambda: self.keeper.at_link(one[1], other[2]))

    # --- what tests do ---

    @rule(handle=handles, outcome=ENDS, seconds=WAITS)
    def plan(self, handle: tuple[str, str, str], outcome: str, seconds: int) -> None:
        journey = self.known(handle[0])
        wanted = self.refusal(journey)
        self.expect(wanted, lambda: self.keeper.plan(handle[0], outcome, seconds))
        if not wanted and journey is not None:
            journey.planned, journey.due, journey.looks_due = outcome, self.now + seconds * SECOND, None

    @rule(handle=handles)
    def find(self, handle: tuple[str, str, str]) -> None:
        journey = self.known(handle[0])
        if journey is not None:
            self.settle(journey)
        self.expect("" if journey else "unknown", lambda: self.keeper.find(handle[0]))

    @rule(key=st.none() | KEYS)
    def reset(self, key: str | None) -> None:
        gone = [one for one in self.kept if key in (None, one.key)]
        assert self.keeper.forget(key) == len(gone)
        self.kept = [one for one in self.kept if one not in gone]
        for one in [key] if key is not None else list(self.numbers):
            del self.numbers[one]
            self.given.pop(one, None)
        if key is None:
            self.evicted = 0
            self.events.clear()

    @rule(seconds=STEPS)
    def time_passes(self, seconds: float) -> None:
        self.base.advance(seconds)

    @rule(seconds=STEPS, stands=st.booleans())
    def set_clock(self, seconds: float, *, stands: bool) -> None:
        moment = self.now + round(seconds * SECOND)
        self.frozen, self.ahead = (moment, 0) if stands else (None, moment - self.base.now_ns())
        self.store.set_clock(ClockState(self.frozen, self.ahead))

    # --- what always holds ---

    @invariant()
    def lists_and_counts_are_those_of_the_model(self) -> None:
        listed = self.store.newest(None, 99)
        assert [session.token for session in listed] == [one.token for one in reversed(self.kept)]
        assert self.store.counts() == Counts(len(self.kept), BOUND, self.evicted)
        groups = [session.group_id for session in listed if session.group_id]
        assert len(groups) == len(set(groups)), "a group id is given once"
        for session, journey in zip(listed, reversed(self.kept), strict=True):
            assert self.store.find(session.token) == self.store.find_link(session.link) == session
            assert (session.callback_url, session.created_ns, session.expires_ns, session.opened_ns) == (
                journey.callback,
                journey.created,
                journey.expires,
                journey.opened,
            )
            assert (session.outcome, session.ended_ns, session.polls) == (
                journey.outcome,
                journey.ended,
                journey.looks,
            )
            assert bool(session.group_id) == (session.outcome == "pass")
            assert (session.state(self.now) == "expired") == (self.now >= journey.expires)

    @invariant()
    def journal_tells_each_change_once(self) -> None:
        told = [(entry["event"], entry.get("outcome")) for entry in reversed(self.store.journal(1000))]
        assert told == self.events


def test_journeys_in_memory_go_as_in_the_model() -> None:
    _run(lambda: InMemory(BOUND), 120, 50)


def test_journeys_in_a_file_go_as_in_the_model(tmp_path: Path) -> None:
    made: list[Path] = []

    def open_store() -> Store:
        made.append(tmp_path / f"{len(made)}.db")
        return InSqlite(made[-1], BOUND)

    _run(open_store, 15, 40)


def test_journeys_in_redis_go_as_in_the_model(running_redis: RedisServer) -> None:
    def open_store() -> Store:
        with running_redis.client() as client:
            client.flushall()
        return InRedis(running_redis.url, BOUND)

    _run(open_store, 15, 40)


def _run(open_: Callable[[], Store], examples: int, steps: int) -> None:
    class Over(Journeys):
        open_store = staticmethod(open_)

    run_state_machine_as_test(
        Over,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
