"""From what a user wrote after `--store` to a store. What is missing or cannot work is said before anything starts."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.sessions.in_memory import InMemory

if TYPE_CHECKING:
    from mockserver.sessions.store import Store

__all__ = ["UnusableStore", "check_store", "is_shared", "open_store"]

FORMS = "memory, sqlite:FILE, or redis://host:port/0"


class UnusableStore(Exception):
    """The store that was named cannot be used; `str()` says why and what to write, without any password."""


def check_store(text: str) -> None:
    """Raise `UnusableStore` for what is no store, or needs a library that is not there."""
    scheme = text.partition(":")[0]
    if text == "memory" or (scheme == "sqlite" and _file(text).name):
        return
    if scheme not in ("redis", "rediss"):
        raise UnusableStore(f"--store takes {FORMS}.")
    if not _is_redis_url(text):
        raise UnusableStore(f"--store has no such form of redis://; it takes {FORMS}.")
    if find_spec("redis") is None:
        raise UnusableStore("--store redis:// needs the library redis: pip install 'anyfast-mockserver[redis]'.")


def is_shared(text: str) -> bool:
    """Tell whether several processes can share a store."""
    return text != "memory"


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
    return bool(parts.hostname) and (parts.path.strip("/") or "0").isdigit()


def _file(text: str) -> Path:
    """Read `sqlite:FILE`; `sqlite:///FILE` is what users of database URLs write, and means the same."""
    name = text.partition(":")[2]
    return Path(name.removeprefix("//"))
