"""A clock in the hand of a test."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from mockserver.steering import SteeredClock

MOMENT = datetime(2026, 7, 2, 14, 15, 26, tzinfo=timezone.utc)


def test_it_runs_with_the_machine_until_it_is_frozen() -> None:
    clock = SteeredClock()
    assert abs(clock.now - datetime.now(timezone.utc)) < timedelta(seconds=5)
    clock.freeze()
    assert clock.now == clock.now


@pytest.mark.parametrize("at", [MOMENT, "2026-07-02T22:15:26+08:00", "2026-07-02T14:15:26Z"])
def test_it_stands_at_a_moment_and_moves_only_when_told(at: datetime | str) -> None:
    clock = SteeredClock()
    clock.freeze(at)
    assert clock.now == MOMENT
    clock.tick(90)
    clock.tick(timedelta(seconds=-30))
    assert clock.now == MOMENT + timedelta(seconds=60)
    clock.move_to(at)
    assert clock.now_ns() == 1_783_001_726_000_000_000


def test_a_running_clock_runs_on_from_where_it_was_moved_to() -> None:
    clock = SteeredClock()
    clock.move_to(MOMENT)
    first = clock.now_ns()
    while clock.now_ns() == first:
        pass
    assert MOMENT <= clock.now < MOMENT + timedelta(seconds=60)
    clock.reset()
    assert abs(clock.now - datetime.now(timezone.utc)) < timedelta(seconds=5)


@pytest.mark.parametrize("at", [datetime(2026, 7, 2), "2026-07-02T14:15:26", "soon"])  # noqa: DTZ001 - that is the point
def test_a_moment_without_a_zone_is_refused_with_the_form_that_is_asked_for(at: datetime | str) -> None:
    with pytest.raises(ValueError, match=r"no moment with a zone, such as 2026-07-02T22:15:26\+08:00"):
        SteeredClock().freeze(at)
