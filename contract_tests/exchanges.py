"""Every request is sent once in a run, whichever items look at its answer and in whichever worker they run."""

from __future__ import annotations

import fcntl
import hashlib
import json
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from contract_tests.targets import Ask, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["Exchanges", "FolderExchanges", "MemoryExchanges"]


class Exchanges(Protocol):
    """The exchanges of one run."""

    def once(self, name: str, perform: Callable[[], Exchange]) -> Exchange:
        """Give the exchange of a case, performing it if nobody has."""

    def all(self) -> dict[str, Exchange]:
        """Give the exchanges performed so far, by name."""

    def fresh(self) -> list[Exchange]:
        """Give the exchanges performed since the last call, by whomever."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep everybody else from performing any exchange until the end of the block."""


class MemoryExchanges:
    """The exchanges of a run in one process."""

    def __init__(self) -> None:
        self._made: dict[str, Exchange] = {}
        self._given = 0

    def once(self, name: str, perform: Callable[[], Exchange]) -> Exchange:
        """Give the exchange of a case, performing it if nobody has."""
        if name not in self._made:
            self._made[name] = perform()
        return self._made[name]

    def all(self) -> dict[str, Exchange]:
        """Give the exchanges performed so far, by name."""
        return dict(self._made)

    def fresh(self) -> list[Exchange]:
        """Give the exchanges performed since the last call."""
        begin, self._given = self._given, len(self._made)
        return list(islice(self._made.values(), begin, None))

    def alone(self) -> AbstractContextManager[None]:
        """Do nothing: one process performs one exchange at a time."""
        return nullcontext()


class FolderExchanges:
    """The exchanges of a run in several processes, as files in a folder that only this user can read.

    A lock is held while a request is under way. It ends with its process, so nobody waits for a worker that died; and
    what such a worker had begun is not sent again, because it may have cost money.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._alone = False
        self._given: set[Path] = set()

    def once(self, name: str, perform: Callable[[], Exchange]) -> Exchange:
        """Give the exchange of a case, performing it if nobody has; wait for it while another worker does."""
        path = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.exchange"
        begun = path.with_suffix(".begun")
        with self._beside_others(), _locked(path.with_suffix(".lock")):
            if path.exists():
                return _read(path)[1]
            lost = begun.exists()
            begun.touch()
            exchange = Exchange(Ask("", ""), 0, error="lost", name=name) if lost else perform()
            written = path.with_suffix(".part")
            written.write_text(json.dumps([name, exchange.as_json()]), encoding="utf-8")
            written.replace(path)
            return exchange

    def all(self) -> dict[str, Exchange]:
        """Give the exchanges performed so far, by name."""
        return dict(_read(path) for path in sorted(self._folder.glob("*.exchange")))

    def fresh(self) -> list[Exchange]:
        """Give the exchanges performed since the last call, by any worker."""
        found = set(self._folder.glob("*.exchange")) - self._given
        self._given |= found
        return [_read(path)[1] for path in found]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else from performing any exchange until the end of the block; wait until nobody does."""
        with _locked(self._folder / ALL):
            self._alone = True
            try:
                yield
            finally:
                self._alone = False

    def _beside_others(self) -> AbstractContextManager[None]:
        """Wait for whoever wants to be alone. Taken before the lock of a name: else two could wait for each other."""
        return nullcontext() if self._alone else _locked(self._folder / ALL, fcntl.LOCK_SH)


ALL = "all.lock"
"""Locked by many at once while exchanges are performed, or by one who wants to be alone."""


@contextmanager
def _locked(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    with path.open("ab") as lock:
        fcntl.flock(lock, how)
        yield


def _read(path: Path) -> tuple[str, Exchange]:
    name, made = json.loads(path.read_text(encoding="utf-8"))
    return name, Exchange.from_json(made)
