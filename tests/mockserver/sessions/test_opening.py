"""From `--store` to a store: what is taken, what is refused and how, and what is looked at before a mock starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockserver.clock import ClockState
from mockserver.sessions import InMemory, opening
from mockserver.sessions.in_redis import InRedis
from mockserver.sessions.in_sqlite import InSqlite
from mockserver.sessions.opening import IN_MEMORY, UnusableStore, check_store, open_store, prepared_store
from tests.mockserver.sessions.making import CREATED, SECOND, made

if TYPE_CHECKING:
    from tests.redis_server import RedisServer

PASSWORD = "open-sesame"
FORMS = "--store takes memory, sqlite:FILE, or redis://host:port/0."


def refusal(text: str) -> str:
    with pytest.raises(UnusableStore) as caught:
        check_store(text)
    assert PASSWORD not in str(caught.value) + repr(caught.value)
    return str(caught.value)


# --- what is written --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "memory",
        "sqlite:sessions.db",
        "sqlite:./sessions.db",
        "sqlite::memory:",
        "sqlite:///sessions.db",
        "sqlite:/sessions.db",
        "redis://localhost",
        "redis://localhost:6379",
        "redis://localhost:6379/",
        "redis://localhost:6379/15",
        "redis://[::1]:6379/0",
        f"redis://:{PASSWORD}@redis:6379/0",
        f"redis://user:{PASSWORD}@redis/0",
        "rediss://redis.example:6380/0",
        "rediss://redis.example:6380/0?ssl_ca_certs=/etc/ca.pem&ssl_cert_reqs=required",
    ],
)
def test_form_that_means_a_store_is_taken(text: str) -> None:
    check_store(text)


@pytest.mark.parametrize(
    "text", ["", "Memory", "memory:", "mysql://host/db", "sqlite", "sqlite:", "sqlite://", "sqlite:a\0b"]
)
def test_text_that_means_no_store_is_refused_with_the_forms(text: str) -> None:
    assert refusal(text) == FORMS


@pytest.mark.parametrize(
    "text",
    [
        "redis",
        "redis:",
        "redis://",
        f"redis://:{PASSWORD}@",
        f"redis://:{PASSWORD}#@host/0",
        f"redis://:{PASSWORD}/x@host/0",
        "redis://host:port/0",
        "redis://host:99999/0",
        "redis://host/sessions",
        "redis://host/-1",
        "redis://host/0/1",
        "redis://host/²",
        "redis://[::1",
        f"redis://host/0?password={PASSWORD}",
        "redis://host/0?decode_responses=true",
        "redis://host/0?ssl_ca_certs=/etc/ca.pem",
        "rediss://host/0?socket_timeout=100",
    ],
)
def test_address_that_redis_does_not_have_is_refused_without_repeating_it(text: str) -> None:
    assert refusal(text) == f"--store has no such form of redis://; {FORMS.replace('--store', 'it')}"


def test_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    wanted = f"--store sqlite:{tmp_path}/no/s.db: there is no folder {tmp_path}/no; make it, or name another one."
    assert refusal(f"sqlite:{tmp_path}/no/s.db") == wanted
    assert refusal(f"sqlite:{tmp_path}") == f"--store sqlite:{tmp_path} is a folder; name a file in it."


def test_redis_without_its_library_is_refused_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda name: None if name == "redis" else object())
    wanted = "--store redis:// needs the library redis: pip install 'anyfast-mockserver[redis]'."
    assert refusal(f"redis://:{PASSWORD}@host/0") == wanted
    check_store("memory")


# --- what is opened ---------------------------------------------------------------------------------------------------


def test_each_form_opens_its_kind_and_nothing_before_its_first_use(tmp_path: Path) -> None:
    memory, file, redis = (
        open_store("memory", 5),
        open_store(f"sqlite:{tmp_path}/s.db", 5),
        open_store("redis://no-such-host.invalid/0", 5),
    )
    assert [type(store) for store in (memory, file, redis)] == [InMemory, InSqlite, InRedis]
    assert [store.kind for store in (memory, file, redis)] == ["memory", "sqlite", "redis"]
    assert list(tmp_path.iterdir()) == []
    assert file.counts().most == memory.counts().most == 5
    for store in (memory, file, redis):
        store.close()


def test_url_of_a_file_means_the_same_file(tmp_path: Path) -> None:
    one, other = open_store(f"sqlite:{tmp_path}/s.db", 5), open_store(f"sqlite://{tmp_path}/s.db", 5)
    one.add(made("t"))
    assert other.find("t") == made("t")
    one.close()
    other.close()


def test_memory_imports_no_database() -> None:
    program = (
        "import sys; from mockserver.sessions.opening import check_store, open_store;"
        "check_store('memory'); check_store('sqlite:s.db'); check_store('redis://host/0'); open_store('memory', 5);"
        "print(*{'sqlite3', 'redis'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


# --- what is looked at before a start ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "memory"])
def test_one_worker_keeps_sessions_in_memory(text: str) -> None:
    with prepared_store(text, 1) as prepared:
        assert prepared is IN_MEMORY
        assert (prepared.kind, prepared.is_shared, prepared.warnings) == ("memory", False, ())


def test_several_workers_share_a_file_that_is_gone_at_the_end() -> None:
    with prepared_store("", 2) as prepared:
        assert (prepared.kind, prepared.is_shared, prepared.warnings) == ("sqlite", True, ())
        file = Path(prepared.text.removeprefix("sqlite:"))
        assert file.exists()
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert str(file) not in prepared.where
    assert not file.parent.exists()


def test_several_workers_cannot_share_memory() -> None:
    with pytest.raises(UnusableStore, match="--store sqlite:FILE"), prepared_store("memory", 2):
        pass


def test_file_is_made_before_any_worker_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "s.db"
    with prepared_store(f"sqlite:{file}", 1) as prepared:
        assert prepared.where == f"in {file}"
        assert file.exists()
        store = open_store(prepared.text, 5)
        store.add(made("t"))
        store.close()
    assert file.exists()


def test_file_of_something_else_is_refused_before_the_start(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_text("Dear diary " * 500, encoding="ascii")
    wanted = "The sqlite store is not available: file is not a database. Sessions cannot be kept there."
    with pytest.raises(UnusableStore) as caught, prepared_store(f"sqlite:{tmp_path}/s.db", 1):
        pass
    assert str(caught.value) == wanted


def test_clock_is_frozen_for_all_workers_and_a_clock_that_stands_is_warned_of(tmp_path: Path) -> None:
    text = f"sqlite:{tmp_path}/s.db"
    with prepared_store(text, 2, CREATED / SECOND) as prepared:
        assert prepared.warnings == ()
        store = open_store(text, 5)
        assert store.clock() == ClockState(CREATED)
        store.close()
    with prepared_store(text, 2) as prepared:
        (warning,) = prepared.warnings
        assert "stands at 2026-07-02T14:15:26.250000Z; POST /_mock/reset lets it run" in warning


def test_redis_is_told_by_its_place_and_never_by_its_password(redis_server: RedisServer) -> None:
    text = redis_server.url.replace("//", f"//:{PASSWORD}@")
    with redis_server.configured(requirepass="another"), prepared_store(text, 2) as prepared:
        assert prepared.where == f"in Redis at 127.0.0.1:{redis_server.port}, database 0"
        (warning,) = prepared.warnings
        assert "the user or the password is wrong. Requests that need a session get 503 until it is." in warning
        assert PASSWORD not in repr(prepared) + warning + prepared.where
        assert (prepared.kind, prepared.is_shared) == ("redis", True)


def test_redis_that_is_not_there_is_warned_of_and_refused_where_the_clock_cannot_be_set() -> None:
    text = f"rediss://:{PASSWORD}@no-such-host.invalid/7"
    with prepared_store(text, 1) as prepared:
        assert prepared.kind == "redis"
        assert prepared.where == "in Redis at no-such-host.invalid:6379, database 7"
        assert prepared.warnings == (
            "The redis store is not available: no connection. Requests that need a session get 503 until it is.",
        )
    with pytest.raises(UnusableStore, match="no connection"), prepared_store(text, 1, 5.0):
        pass
