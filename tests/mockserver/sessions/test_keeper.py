"""What the rest of the mock does with sessions, over a store in memory and a clock that the test moves."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from mockserver.clock import ClockState, FrozenClock, ShiftedClock, rfc3339
from mockserver.identifiers import Identifiers
from mockserver.sessions import AutoComplete, InMemory, Keeper, NoSession, StoreUnavailable, owner_of, shown
from mockserver.sessions.in_sqlite import InSqlite
from tests.mockserver.sessions.making import CREATED, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.identifiers import SessionIdentifiers
    from mockserver.sessions import Session, Store
    from openapi.reading import Json

CALLBACK = "https://app.example/done?user=7"


class FewGroups(Identifiers):
    """Identifiers with so few group ids that they clash."""

    def group(self, token: str, moment_ns: int, attempt: int) -> str:
        del token, moment_ns
        return f"group-{attempt}"


class Kept:
    """A keeper with its store and its clock."""

    def __init__(
        self,
        store: Store | None = None,
        auto_complete: AutoComplete | None = None,
        identifiers: type[Identifiers] = Identifiers,
        seed: str = "seed",
    ) -> None:
        self.base = FrozenClock(CREATED / SECOND)
        self.store = store or InMemory()
        self.clock = ShiftedClock(self.store.clock, self.base, StoreUnavailable)
        self.keeper = Keeper(self.store, identifiers(self.clock, seed), self.clock, 1800.0, auto_complete)
        self.made: SessionIdentifiers | None = None

    def create(self, credential: str = "key", callback_url: str | None = CALLBACK) -> SessionIdentifiers:
        self.made = self.keeper.create(credential, callback_url)
        return self.made

    def events(self) -> list[tuple[object, object]]:
        return [(entry["event"], entry.get("outcome")) for entry in reversed(self.store.journal(99))]


def reason(action: Callable[[], object]) -> str:
    with pytest.raises(NoSession) as caught:
        action()
    return caught.value.reason


# --- making one -------------------------------------------------------------------------------------------------------


def test_session_is_kept_as_made_under_digests_of_its_secrets() -> None:
    kept = Kept()
    made = kept.create()
    session = kept.store.find(made.token)
    assert session is not None
    assert (session.callback_url, session.created_ns, session.expires_ns) == (
        CALLBACK,
        CREATED,
        CREATED + 1800 * SECOND,
    )
    assert (session.owner, session.state(CREATED), session.version) == (owner_of("key"), "created", 0)
    assert made.token[:14] == "20260702221526"
    for secret in ("key", made.pl, made.uid):
        assert secret not in str([getattr(session, name) for name in session.__slots__])


def test_token_tells_the_time_of_the_stores_clock_to_which_the_session_was_made() -> None:
    kept = Kept()
    kept.store.set_clock(ClockState(CREATED + 86_400 * SECOND))
    made = kept.create()
    session = kept.keeper.find(made.token)
    assert made.token[:14] == "20260703221526"
    assert session.created_ns == CREATED + 86_400 * SECOND


def test_token_that_is_taken_is_passed_over() -> None:
    store = InMemory()
    first = Kept(store).create()
    store._counters.forget(owner_of("key"))  # as Redis does with a counter that was not used for a week
    second = Kept(store).create()
    assert first.token != second.token
    assert store.counts().sessions == 2


def test_store_that_takes_no_session_is_a_bug_and_ends_the_attempts() -> None:
    class Full(InMemory):
        def add(self, session: Session) -> bool:
            del session
            return False

    with pytest.raises(RuntimeError, match="no token is free"):
        Kept(Full()).create()


@pytest.mark.parametrize("credential", ["\ud800", "ключ", "a\0b", "", "x" * 10_000])
def test_any_text_is_a_credential_with_sessions_of_its_own(credential: str) -> None:
    kept = Kept()
    made = kept.create(credential)
    assert kept.keeper.result(credential, made.token).state(CREATED) == "created"
    assert reason(lambda: kept.keeper.result(credential + "x", made.token)) == "other_caller"
    assert kept.keeper.forget(credential) == 1


# --- the result -------------------------------------------------------------------------------------------------------


def test_result_is_unfinished_then_the_same_for_its_whole_life_then_gone() -> None:
    kept = Kept()
    made = kept.create()
    assert kept.keeper.result("key", made.token).group_id == ""
    kept.base.advance(60)
    kept.keeper.finish(made.uid, made.pl, "pass")
    first = kept.keeper.result("key", made.token)
    assert first.group_id.startswith("group-20260702221626-")
    kept.base.advance(1739)
    assert kept.keeper.result("key", made.token) == first
    kept.base.advance(1)
    assert reason(lambda: kept.keeper.result("key", made.token)) == "expired"
    kept.base.advance(-1)
    assert kept.keeper.result("key", made.token) == first, "the clock went back"


def test_result_of_an_unknown_token_and_of_another_caller_is_refused() -> None:
    kept = Kept()
    made = kept.create()
    kept.create("other")
    for token in ("", "None", made.token.lower(), made.token + "0", "\ud800"):
        assert reason(partial(kept.keeper.result, "key", token)) == "unknown"
    kept.keeper.complete(made.token, "pass")
    assert reason(lambda: kept.keeper.result("other", made.token)) == "other_caller"
    kept.base.advance(1800)
    assert reason(lambda: kept.keeper.result("other", made.token)) == "other_caller", "before whether it expired"


def test_results_of_others_and_of_nobody_count_no_look() -> None:
    kept = Kept(auto_complete=AutoComplete("pass", polls=1))
    made = kept.create()
    for _ in range(5):
        assert reason(lambda: kept.keeper.result("other", made.token)) == "other_caller"
        kept.keeper.find(made.token)
        kept.keeper.open(made.uid, made.pl)
    assert kept.keeper.result("key", made.token).outcome == ""
    assert kept.keeper.result("key", made.token).outcome == "pass"


# --- the link ---------------------------------------------------------------------------------------------------------


def test_link_needs_both_of_its_parts() -> None:
    kept = Kept()
    one, other = kept.create(), kept.create()
    assert kept.keeper.at_link(one.uid, one.pl).token == one.token
    wrong = [
        (one.uid, other.pl),
        (other.uid, one.pl),
        (one.pl, one.uid),
        ("", ""),
        (one.uid, ""),
        ("", one.pl),
        (one.uid, one.pl[:-1]),
        (one.uid, one.pl + "A"),
        (one.uid.upper(), one.pl),
        (one.uid + one.pl[:1], one.pl[1:]),
        (f"{one.uid} {one.pl[:1]}", one.pl[1:]),
        ("\ud800", "\udfff"),
    ]
    for uid, pl in wrong:
        assert reason(partial(kept.keeper.at_link, uid, pl)) == "unknown"
        assert reason(partial(kept.keeper.open, uid, pl)) == "unknown"
        assert reason(partial(kept.keeper.finish, uid, pl, "pass")) == "unknown"


def test_link_can_be_opened_until_something_is_decided() -> None:
    kept = Kept()
    made = kept.create()
    assert kept.keeper.open(made.uid, made.pl).opened_ns == CREATED
    kept.base.advance(5)
    assert kept.keeper.open(made.uid, made.pl).opened_ns == CREATED
    kept.keeper.finish(made.uid, made.pl, "fail")
    assert reason(lambda: kept.keeper.open(made.uid, made.pl)) == "used"
    assert kept.keeper.at_link(made.uid, made.pl).outcome == "fail", "who asks for no change is told"
    kept.base.advance(1800)
    assert reason(lambda: kept.keeper.open(made.uid, made.pl)) == "expired"


def test_one_authentication_per_link_whichever_way_it_is_tried() -> None:
    kept = Kept()
    made = kept.create()
    kept.keeper.finish(made.uid, made.pl, "fail")
    tries: list[Callable[[], object]] = [
        lambda: kept.keeper.finish(made.uid, made.pl, "pass"),
        lambda: kept.keeper.finish(made.uid, made.pl, "fail"),
        lambda: kept.keeper.complete(made.token, "pass"),
        lambda: kept.keeper.plan(made.token, "pass", 5),
    ]
    assert [reason(one) for one in tries] == ["used"] * 4
    assert kept.keeper.result("key", made.token).outcome == "fail"
    assert kept.events() == [("finished", "fail")]


def test_of_many_who_tap_complete_at_the_same_moment_one_is_told_so() -> None:
    kept = Kept()
    made = kept.create()
    barrier = threading.Barrier(8)
    told: list[str] = []

    def tap() -> None:
        barrier.wait()
        try:
            told.append(kept.keeper.finish(made.uid, made.pl, "pass").group_id)
        except NoSession as error:
            told.append(error.reason)

    threads = [threading.Thread(target=tap) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == sorted([kept.keeper.result("key", made.token).group_id, *["used"] * 7])
    assert kept.events() == [("finished", "pass")]


def test_same_change_by_another_at_the_same_moment_is_not_taken_for_ones_own() -> None:
    class Overtaken(InMemory):
        """Lets another worker make the very same change a moment before."""

        def replace(self, session: Session) -> bool:
            super().replace(session)
            return super().replace(session)

    kept = Kept(Overtaken())
    made = kept.create()
    assert reason(lambda: kept.keeper.complete(made.token, "pass")) == "used"


# --- ends without a person --------------------------------------------------------------------------------------------


def test_completed_token_is_passed_at_that_moment_also_when_it_was_never_opened() -> None:
    kept = Kept()
    made = kept.create()
    done = kept.keeper.complete(made.token, "pass")
    assert (done.opened_ns, done.ended_ns) == (None, CREATED)
    assert kept.keeper.result("key", made.token).group_id == done.group_id != ""
    assert reason(lambda: kept.keeper.complete("unknown", "pass")) == "unknown"


def test_planned_end_happens_at_its_time_however_late_somebody_looks() -> None:
    kept = Kept()
    made = kept.create()
    kept.keeper.plan(made.token, "pass", 5)
    kept.base.advance(4.999999)
    assert kept.keeper.result("key", made.token).group_id == ""
    kept.base.advance(600)
    done = kept.keeper.result("key", made.token)
    assert done.ended_ns == CREATED + 5 * SECOND
    assert done.group_id.startswith("group-20260702221531-")
    assert kept.events() == [("finished", "pass")]


@pytest.mark.parametrize("look", ["result", "find", "at_link", "open", "finish", "complete", "plan"])
def test_planned_end_comes_before_whatever_is_asked_next(look: str) -> None:
    kept = Kept()
    made = kept.create()
    kept.keeper.plan(made.token, "fail", 5)
    kept.base.advance(6)
    actions: dict[str, Callable[[], Session]] = {
        "result": lambda: kept.keeper.result("key", made.token),
        "find": lambda: kept.keeper.find(made.token),
        "at_link": lambda: kept.keeper.at_link(made.uid, made.pl),
        "open": lambda: kept.keeper.open(made.uid, made.pl),
        "finish": lambda: kept.keeper.finish(made.uid, made.pl, "pass"),
        "complete": lambda: kept.keeper.complete(made.token, "pass"),
        "plan": lambda: kept.keeper.plan(made.token, "pass", 1),
    }
    if look in ("result", "find", "at_link"):
        assert actions[look]().outcome == "fail"
    else:
        assert reason(actions[look]) == "used"
    assert kept.events() == [("finished", "fail")]


def test_plan_beyond_the_life_of_a_session_never_happens() -> None:
    kept = Kept()
    made = kept.create()
    kept.keeper.plan(made.token, "pass", 1800)
    kept.base.advance(1799)
    assert kept.keeper.result("key", made.token).outcome == ""
    kept.base.advance(1)
    assert kept.keeper.find(made.token).outcome == ""
    assert kept.events() == []


@pytest.mark.parametrize(
    ("text", "waits", "looks", "outcome"),
    [
        ("pass", 0, 0, "pass"),
        ("fail", 0, 0, "fail"),
        ("server-error:0s", 0, 0, "server-error"),
        ("pass:5s", 5, 0, "pass"),
        ("pass:1.5", 1.5, 0, "pass"),
        ("fail:0polls", 0, 0, "fail"),
        ("pass:1poll", 0, 1, "pass"),
        ("pass:3polls", 0, 3, "pass"),
    ],
)
def test_session_ends_by_itself_as_the_mock_was_told(text: str, waits: float, looks: int, outcome: str) -> None:
    kept = Kept(auto_complete=AutoComplete.parse(text))
    made = kept.create()
    if waits:
        kept.base.advance(waits - 0.001)
        assert kept.keeper.result("key", made.token).outcome == ""
        kept.base.advance(0.001)
    for _ in range(looks):
        assert kept.keeper.result("key", made.token).outcome == ""
    assert kept.keeper.result("key", made.token).outcome == outcome
    assert kept.events() == [("finished", outcome)]


@pytest.mark.parametrize(
    "text", ["", "maybe", "pass:", "pass:5m", "pass:-1s", "pass:polls", "pass:1.5polls", "pass: 5s", "pass:1e3", ":5s"]
)
def test_automatic_end_that_is_none_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"pass, pass:5s, pass:3polls; outcomes are pass, fail, server-error\."):
        AutoComplete.parse(text)


# --- group ids --------------------------------------------------------------------------------------------------------


def test_group_id_that_is_taken_is_passed_over() -> None:
    kept = Kept(identifiers=FewGroups)
    done = [kept.keeper.complete(kept.create(f"key{number}").token, "pass").group_id for number in range(5)]
    assert done == [f"group-{number}" for number in range(5)]


def test_group_id_does_not_depend_on_who_got_in_between() -> None:
    class Busy(InMemory):
        """Changes the session just before the first change that somebody else wants."""

        first = True

        def replace(self, session: Session) -> bool:
            if self.first:
                self.first = False
                kept.keeper.open(made.uid, made.pl)
            return super().replace(session)

    kept = Kept(Busy(), identifiers=FewGroups)
    made = kept.create()
    done = kept.keeper.complete(made.token, "pass")
    assert (done.group_id, done.opened_ns) == ("group-0", CREATED)
    assert kept.events() == [("opened", None), ("finished", "pass")]


def test_same_seed_gives_the_same_tokens_and_groups_again() -> None:
    def journey() -> list[str]:
        kept = Kept(seed="again")
        tokens = [kept.create(credential).token for credential in ("a", "b", "a")]
        return [*tokens, *(kept.keeper.complete(token, "pass").group_id for token in tokens)]

    assert journey() == journey()
    assert len(set(journey())) == 6


# --- what goes away meanwhile -----------------------------------------------------------------------------------------


def test_session_that_is_evicted_while_it_is_changed_is_unknown() -> None:
    class Losing(InMemory):
        """Loses everything just before a change."""

        def replace(self, session: Session) -> bool:
            self.reset(None)
            return super().replace(session)

    kept = Kept(Losing())
    made = kept.create()
    assert reason(lambda: kept.keeper.complete(made.token, "pass")) == "unknown"
    assert kept.events() == []


def test_session_that_changes_all_the_time_is_a_bug_and_ends_the_attempts() -> None:
    class Restless(InMemory):
        def replace(self, session: Session) -> bool:
            del session
            return False

    kept = Kept(Restless())
    made = kept.create()
    with pytest.raises(RuntimeError, match="changes all the time"):
        kept.keeper.open(made.uid, made.pl)


def test_lost_answer_of_the_store_is_told_and_the_end_stands() -> None:
    class Forgetful(InMemory):
        """Makes a change, and loses the answer once."""

        loses = True

        def replace(self, session: Session) -> bool:
            done = super().replace(session)
            if self.loses:
                self.loses = False
                raise StoreUnavailable(self.kind, "no answer")
            return done

    kept = Kept(Forgetful())
    made = kept.create()
    with pytest.raises(StoreUnavailable):
        kept.keeper.complete(made.token, "pass")
    assert kept.keeper.result("key", made.token).group_id != ""
    assert reason(lambda: kept.keeper.complete(made.token, "pass")) == "used"
    assert kept.store.counts().sessions == 1


def test_journal_that_cannot_be_written_undoes_nothing() -> None:
    class NoJournal(InMemory):
        def note(self, entry: dict[str, Json]) -> None:
            raise StoreUnavailable(self.kind, str(len(entry)))

    kept = Kept(NoJournal())
    made = kept.create()
    kept.keeper.open(made.uid, made.pl)
    assert kept.keeper.finish(made.uid, made.pl, "pass").group_id != ""


def test_reset_of_a_credential_forgets_its_sessions_and_starts_its_tokens_again() -> None:
    kept = Kept()
    mine, other = kept.create("a"), kept.create("b")
    assert kept.keeper.forget("a") == 1
    assert reason(lambda: kept.keeper.result("a", mine.token)) == "unknown"
    assert kept.keeper.result("b", other.token).state(CREATED) == "created"
    assert kept.create("a") == mine
    assert kept.keeper.forget(None) == 2
    assert kept.create("b") == other


# --- what is written down ---------------------------------------------------------------------------------------------


def test_journal_tells_what_happened_and_when_and_of_the_token_only_the_time() -> None:
    kept = Kept()
    made = kept.create()
    kept.keeper.open(made.uid, made.pl)
    kept.keeper.open(made.uid, made.pl)
    kept.base.advance(7)
    done = kept.keeper.finish(made.uid, made.pl, "fail")
    kept.keeper.note("visit", done, status=200)
    later = rfc3339(CREATED + 7 * SECOND)
    assert kept.store.journal(9) == [
        {"time": later, "event": "visit", "session": "20260702221526***", "status": 200},
        {"time": later, "event": "finished", "session": "20260702221526***", "outcome": "fail"},
        {"time": rfc3339(CREATED), "event": "opened", "session": "20260702221526***"},
    ]


def test_shown_token_has_none_of_its_secret_part() -> None:
    assert shown("20260702221526ABCDEF0123456789ABCD") == "20260702221526***"


def test_neither_errors_nor_files_hold_a_key_a_link_or_a_token_in_their_names(tmp_path: Path) -> None:
    store = InSqlite(tmp_path / "sessions.db")
    kept = Kept(store, AutoComplete("pass", seconds=9))
    key = "sk-very-secret-key"
    made = kept.create(key)
    kept.keeper.open(made.uid, made.pl)
    done = kept.keeper.complete(made.token, "pass")
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert made.token.encode() in written, "the test looks where sessions are"
    for secret in (key, made.pl, made.pl[:40], made.uid):
        assert secret.encode() not in written
    store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (key, made.pl, made.pl[:40], made.uid):
        assert secret.encode() not in written
    assert made.token not in str(list(tmp_path.iterdir()))
    told = "".join(
        [
            *map(repr, (kept.keeper, kept.store, done, made, kept.clock, *_errors(kept, made))),
            *map(str, _errors(kept, made)),
        ]
    )
    store.close()
    for secret in (key, made.token, made.token[14:], made.pl, made.uid, CALLBACK, owner_of(key)):
        assert secret not in told


def _errors(kept: Kept, made: SessionIdentifiers) -> list[Exception]:
    refused: list[Callable[[], object]] = [
        partial(kept.keeper.complete, made.token, "pass"),
        partial(kept.keeper.complete, made.token + "x", "pass"),
        partial(kept.keeper.result, "another", made.token),
        partial(kept.keeper.at_link, made.uid, "wrong"),
    ]
    found: list[Exception] = [StoreUnavailable("sqlite", "disk I/O error")]
    for action in refused:
        with pytest.raises(NoSession) as caught:
            action()
        found.append(caught.value)
    return found
