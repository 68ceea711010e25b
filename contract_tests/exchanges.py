"""Every request is sent once in a run, whichever items look at its answer and in whichever worker they run."""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from contract_tests.targets import Ask, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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

    def tell(self, texts: Iterable[str]) -> None:
        """Let others know secrets of an answer that is not kept."""

    def told(self) -> list[str]:
        """Give the secrets that others told since the last call."""

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

    def tell(self, texts: Iterable[str]) -> None:
        """Do nothing: there are no others."""

    def told(self) -> list[str]:
        """Give nothing, likewise."""
        return []

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
        self._told = folder / f"{secrets.token_hex(8)}{TOLD}"
        self._read: dict[Path, int] = {}  # so many bytes of what others told

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

    def tell(self, texts: Iterable[str]) -> None:
        """Let others know secrets of an answer that is not kept: in this folder alone, which ends with the run."""
        lines = "".join(f"{json.dumps(text)}\n" for text in texts)
        if lines:
            with self._told.open("ab", buffering=0) as file:
                file.write(lines.encode("ascii"))

    def told(self) -> list[str]:
        """Give the secrets that others told since the last call."""
        found: list[str] = []
        for path in self._folder.glob(f"*{TOLD}"):
            if path != self._told:
                with path.open("rb") as file:
                    file.seek(self._read.get(path, 0))
                    whole = file.read().rpartition(b"\n")[0]
                self._read[path] = self._read.get(path, 0) + len(whole) + bool(whole)
                found += map(json.loads, whole.splitlines())
        return found

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


TOLD = ".told"
"""Ends the name of a file of secrets, one in a line, as JSON."""

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
