"""A session's states, and every way from one to another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockserver.sessions import OUTCOMES, NoSession, callback_parameters
from mockserver.sessions.model import Plan, finished, opened, planned, polled, settled
from tests.mockserver.sessions.making import CREATED, LIFE, SECOND, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.sessions import Session

NOW = CREATED + 60 * SECOND
END = CREATED + LIFE
SECRETS = ("20260702221526ABCDEFABCDEFABCDEFAB", "https://app.example/done?user=7", "0f" * 16)


def group(session: Session, moment_ns: int) -> str:
    return f"group-{session.token}-{(moment_ns - CREATED) // SECOND}"


def no_group(session: Session, moment_ns: int) -> str:
    raise AssertionError((session, moment_ns))


FRESH = made("t")
OPEN = opened(FRESH, NOW)
PASSED = finished(OPEN, "pass", NOW, group)
FAILED = finished(OPEN, "fail", NOW, group)

CHANGES: list[Callable[[Session, int], Session]] = [
    opened,
    lambda session, now: finished(session, "pass", now, group),
    lambda session, now: finished(session, "fail", now, no_group),
    lambda session, now: planned(session, Plan("pass", at_ns=now), now),
]


# --- states -----------------------------------------------------------------------------------------------------------


def test_session_goes_from_created_over_opened_to_passed_or_failed() -> None:
    assert [one.state(NOW) for one in (FRESH, OPEN, PASSED, FAILED)] == ["created", "opened", "passed", "failed"]


@pytest.mark.parametrize("session", [FRESH, OPEN, PASSED, FAILED])
def test_life_that_is_over_hides_how_it_went(session: Session) -> None:
    before = session.state(END - 1)
    assert before != "expired"
    assert session.state(END) == session.state(END + LIFE) == "expired"
    assert session.state(END - 1) == before, "the time may go back"


def test_session_may_end_without_ever_being_opened() -> None:
    done = finished(FRESH, "fail", NOW, no_group)
    assert (done.state(NOW), done.opened_ns) == ("failed", None)


# --- opening ----------------------------------------------------------------------------------------------------------


def test_opening_again_changes_nothing_and_keeps_the_first_time() -> None:
    assert OPEN.opened_ns == NOW
    assert opened(OPEN, NOW + 5) is OPEN


@pytest.mark.parametrize("session", [PASSED, FAILED])
@pytest.mark.parametrize("change", CHANGES)
def test_used_session_takes_no_further_change(session: Session, change: Callable[[Session, int], Session]) -> None:
    with pytest.raises(NoSession) as caught:
        change(session, NOW)
    assert caught.value.reason == "used"


@pytest.mark.parametrize("session", [FRESH, OPEN, PASSED, FAILED])
@pytest.mark.parametrize("change", CHANGES)
def test_expired_session_takes_no_change_used_or_not(
    session: Session, change: Callable[[Session, int], Session]
) -> None:
    with pytest.raises(NoSession) as caught:
        change(session, END)
    assert caught.value.reason == "expired"


@pytest.mark.parametrize("change", CHANGES)
def test_last_nanosecond_of_a_life_counts(change: Callable[[Session, int], Session]) -> None:
    assert change(FRESH, END - 1).version == 1


# --- the end ----------------------------------------------------------------------------------------------------------


def test_pass_makes_the_group_at_that_moment() -> None:
    done = finished(OPEN, "pass", NOW + SECOND, group)
    assert (done.outcome, done.ended_ns, done.group_id) == ("pass", NOW + SECOND, "group-t-61")


@pytest.mark.parametrize("outcome", [name for name in OUTCOMES if name != "pass"])
def test_any_other_outcome_makes_no_group(outcome: str) -> None:
    done = finished(OPEN, outcome, NOW, no_group)
    assert (done.outcome, done.ended_ns, done.group_id, done.state(NOW)) == (outcome, NOW, "", "failed")


def test_outcome_that_is_none_is_refused_whatever_the_session() -> None:
    for session in (OPEN, PASSED):
        with pytest.raises(ValueError, match="maybe"):
            finished(session, "maybe", NOW, no_group)


def test_each_change_is_the_next_version_and_leaves_the_session_before_alone() -> None:
    before = replace(OPEN)
    assert [one.version for one in (FRESH, OPEN, PASSED)] == [0, 1, 2]
    for change in CHANGES[1:]:
        assert change(OPEN, NOW).version == OPEN.version + 1
    assert before == OPEN


# --- plans by time ----------------------------------------------------------------------------------------------------


def test_plan_happens_when_it_is_due_and_as_of_then() -> None:
    waiting = planned(OPEN, Plan("pass", at_ns=NOW + 5 * SECOND), NOW)
    assert settled(waiting, NOW + 5 * SECOND - 1, no_group) is waiting
    for late in (0, 1, 900 * SECOND):
        done = settled(waiting, NOW + 5 * SECOND + late, group)
        assert (done.outcome, done.ended_ns, done.group_id) == ("pass", NOW + 5 * SECOND, "group-t-65")
        assert done.plan is None
        assert done.version == waiting.version + 1


def test_plan_that_was_due_within_the_life_happens_also_when_looked_at_after_it() -> None:
    waiting = planned(OPEN, Plan("fail", at_ns=END - 1), NOW)
    done = settled(waiting, END + LIFE, no_group)
    assert (done.outcome, done.ended_ns, done.state(END + LIFE)) == ("fail", END - 1, "expired")


def test_session_that_expires_before_its_plan_is_due_never_ends() -> None:
    waiting = planned(OPEN, Plan("pass", at_ns=END), NOW)
    assert settled(waiting, END, no_group) is waiting
    assert settled(waiting, END + LIFE, no_group) is waiting


def test_later_plan_takes_the_place_of_the_one_before() -> None:
    first = planned(OPEN, Plan("pass", at_ns=NOW + SECOND), NOW)
    second = planned(first, Plan("fail", at_ns=NOW + 9 * SECOND), NOW)
    assert settled(second, NOW + SECOND, no_group) is second
    assert settled(second, NOW + 9 * SECOND, no_group).outcome == "fail"


def test_person_who_was_quicker_than_the_plan_decides() -> None:
    waiting = planned(OPEN, Plan("pass", at_ns=NOW + 5 * SECOND), NOW)
    done = finished(waiting, "fail", NOW, no_group)
    assert done.plan is None
    assert settled(done, NOW + 9 * SECOND, no_group) is done


def test_session_without_a_plan_settles_nothing() -> None:
    for session in (FRESH, OPEN, PASSED, planned(OPEN, Plan("pass", polls=0), NOW)):
        assert settled(session, END, no_group) is session


# --- plans by looks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("looks", [0, 1, 3])
def test_plan_happens_at_the_look_after_so_many(looks: int) -> None:
    session = planned(OPEN, Plan("pass", polls=looks), NOW)
    for number in range(looks):
        session = polled(session, NOW, no_group)
        assert (session.polls, session.outcome) == (number + 1, "")
    session = polled(session, NOW + SECOND, group)
    assert (session.outcome, session.ended_ns, session.group_id) == ("pass", NOW + SECOND, "group-t-61")
    assert polled(session, NOW + SECOND, no_group) is session


def test_looks_are_not_counted_where_none_is_waited_for() -> None:
    for session in (FRESH, PASSED, planned(OPEN, Plan("pass", at_ns=NOW + 1), NOW)):
        assert polled(session, NOW, no_group) is session


# --- what is said -----------------------------------------------------------------------------------------------------


def test_nothing_that_is_a_secret_stands_in_a_repr() -> None:
    session = replace(FRESH, token=SECRETS[0], callback_url=SECRETS[1], owner=SECRETS[2], link=b"secretsecretsecr")
    shown = repr(session) + repr(planned(session, Plan("pass", at_ns=NOW), NOW)) + str(session)
    assert not [secret for secret in (*SECRETS, "secretsecretsecr") if secret in shown]
    assert "created_ns=1783001726250000000" in shown


@pytest.mark.parametrize("reason", ["unknown", "expired", "other_caller", "used"])
def test_refusal_is_a_sentence_with_its_reason(reason: str) -> None:
    error = NoSession(reason)  # type: ignore[arg-type]
    assert error.reason == reason
    assert str(error).startswith("The")
    assert str(error).endswith(".")


def test_browser_brings_five_parameters_in_upstreams_order() -> None:
    assert callback_parameters("t", "pass") == (
        ("bytedToken", "t"),
        ("resultCode", "10000"),
        ("algorithmBaseRespCode", "0"),
        ("reqMeasureInfoValue", "1"),
        ("verify_type", "real_time"),
    )
    assert [value for _, value in callback_parameters("t", "fail")] == ["t", "20001", "0", "0", "real_time"]
    assert [value for _, value in callback_parameters("t", "server-error")] == ["t", "50500", "50500", "0", "real_time"]
