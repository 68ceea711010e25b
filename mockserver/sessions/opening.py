"""From what a user wrote after `--store` to a store. What is missing or cannot work is said before anything starts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from mockserver.clock import ClockState, nanoseconds, rfc3339
from mockserver.sessions.in_memory import InMemory
from mockserver.sessions.store import MOST_SESSIONS, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.sessions.store import Store

__all__ = ["IN_MEMORY", "PreparedStore", "UnusableStore", "check_store", "open_store", "prepared_store"]

FORMS = "memory, sqlite:FILE, or redis://host:port/0"


class UnusableStore(Exception):
    """The store that was named cannot be used; `str()` says why and what to write, without any password."""


def check_store(text: str) -> None:
    """Raise `UnusableStore` for what is no store, has no place, or needs a library that is not there."""
    scheme = text.partition(":")[0]
    if text == "memory":
        return
    if scheme == "sqlite":
        _check_file(_file(text))
        return
    if scheme not in ("redis", "rediss"):
        raise UnusableStore(f"--store takes {FORMS}.")
    if not _is_redis_url(text):
        raise UnusableStore(f"--store has no such form of redis://; it takes {FORMS}.")
    if find_spec("redis") is None:
        raise UnusableStore("--store redis:// needs the library redis: pip install 'anyfast-mockserver[redis]'.")


def _check_file(path: Path) -> None:
    if not path.name or "\0" in str(path):
        raise UnusableStore(f"--store takes {FORMS}.")
    if path.is_dir():
        raise UnusableStore(f"--store sqlite:{path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise UnusableStore(f"--store sqlite:{path}: there is no folder {path.parent}; make it, or name another one.")


@dataclass(frozen=True, slots=True)
class PreparedStore:
    """A store that workers can open. text: as after `--store`, and a secret; where: in words for a person."""

    text: str
    where: str
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"PreparedStore({self.kind!r})"

    @property
    def kind(self) -> str:
        """The kind: `memory`, `sqlite` or `redis`."""
        return self.text.partition(":")[0].replace("rediss", "redis")

    @property
    def is_shared(self) -> bool:
        """Whether several processes can share it."""
        return self.text != IN_MEMORY.text


IN_MEMORY = PreparedStore("memory", "in memory, gone with the mock")


@contextmanager
def prepared_store(text: str, workers: int, frozen_at: float | None = None) -> Iterator[PreparedStore]:
    """Choose the store of a mock and look whether it answers, before any worker is started.

    text: as after `--store`, checked by `check_store`; empty: memory for one worker, for several a file that is removed
    at the end. frozen_at: seconds since 1970 at which the clock of the store is made to stand. Raises `UnusableStore`.
    """
    if text == IN_MEMORY.text and workers > 1:
        raise UnusableStore("Workers cannot share memory: say --workers 1, --store sqlite:FILE, or leave --store out.")
    if (text or IN_MEMORY.text) == IN_MEMORY.text and workers == 1:
        yield IN_MEMORY
        return
    folder = None if text else _temporary_folder()
    try:
        where = "in a temporary file, gone with the mock" if folder else _where(text)
        text = text or f"sqlite:{folder}/sessions.db"
        yield PreparedStore(text, where, _looked_at(text, frozen_at))
    finally:
        if folder:
            import shutil  # as below

            shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder() -> str:
    import tempfile  # with what it brings 8 ms, and most mocks need no file

    try:
        return tempfile.mkdtemp(prefix="anyfast-mock-")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UnusableStore(f"There is no place for temporary files ({why}): say --store sqlite:FILE.") from None


def _looked_at(text: str, frozen_at: float | None) -> tuple[str, ...]:
    """Use a store for the first time, and give what a person should be warned of."""
    store = open_store(text, MOST_SESSIONS)
    try:
        if frozen_at is not None:
            store.set_clock(ClockState(nanoseconds(frozen_at)))
        state = store.clock()
    except StoreUnavailable as error:
        if store.kind == "sqlite" or frozen_at is not None:
            raise UnusableStore(f"{error} Sessions cannot be kept there.") from None
        return (f"{error} Requests that need a session get 503 until it is.",)
    finally:
        store.close()
    if state.frozen_ns is not None and frozen_at is None:
        return (f"the clock in this store stands at {rfc3339(state.frozen_ns)}; POST /_mock/reset lets it run",)
    return ()


def _where(text: str) -> str:
    if text.startswith("sqlite:"):
        return f"in {_file(text)}"
    parts = urlsplit(text)
    return f"in Redis at {parts.hostname}:{parts.port or 6379}, database {parts.path.strip('/') or '0'}"


def open_store(text: str, most: int) -> Store:
    """Make a store that `check_store` passed, in the process that uses it. Nothing is opened before its first use."""
    if text == "memory":
        return InMemory(most)
    if text.startswith("sqlite:"):
        from mockserver.sessions.in_sqlite import InSqlite  # 5 ms, and most mocks keep their sessions in memory

        return InSqlite(_file(text), most)
    from mockserver.sessions.in_redis import InRedis  # 50 ms, likewise

    return InRedis(text, most)


def _is_redis_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return False
    database = parts.path.strip("/") or "0"
    options = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    known = _TLS_OPTIONS if parts.scheme == "rediss" else frozenset()
    return bool(parts.hostname) and database.isascii() and database.isdigit() and options <= known


_TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_keyfile"})
"""What may follow `?` in rediss://. Any other option of the library would change what we rely on."""


def _file(text: str) -> Path:
    """Read `sqlite:FILE`; `sqlite:///FILE` is what users of database URLs write, and means the same."""
    name = text.partition(":")[2]
    return Path(name.removeprefix("//"))
