"""Every request is sent once in a run, whichever items look at its answer and in whichever worker they run."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from contract_tests.targets import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Exchanges", "FolderExchanges", "MemoryExchanges"]

PATIENCE = 120.0
"""Seconds that a worker waits for another one's exchange."""


class Exchanges(Protocol):
    """The exchanges of one run."""

    def once(self, name: str, perform: Callable[[], Exchange]) -> Exchange:
        """Give the exchange of a case, performing it if nobody has."""

    def all(self) -> dict[str, Exchange]:
        """Give the exchanges performed so far, by name."""


class MemoryExchanges:
    """The exchanges of a run in one process."""

    def __init__(self) -> None:
        self._made: dict[str, Exchange] = {}

    def once(self, name: str, perform: Callable[[], Exchange]) -> Exchange:
        """Give the exchange of a case, performing it if nobody has."""
        if name not in self._made:
            self._made[name] = perform()
        return self._made[name]

    def all(self) -> dict[str, Exchange]:
        """Give the exchanges performed so far, by name."""
        return dict(self._made)


class FolderExchanges:
    """The exchanges of a run in several processes, as files in a folder that only this user can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def once(self, name: str, perform: Callable[[], Exchange]) -> Exchange:
        """Give the exchange of a case, performing it if nobody has; wait for it while another worker does."""
        path = self._folder / f"{name.encode().hex()}.json"
        claim = path.with_suffix(".claim")
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return self._await(path)
        exchange = perform()
        written = path.with_suffix(".part")
        written.write_text(json.dumps(exchange.as_json()), encoding="utf-8")
        written.replace(path)
        return exchange

    def all(self) -> dict[str, Exchange]:
        """Give the exchanges performed so far, by name."""
        found = {}
        for path in sorted(self._folder.glob("*.json")):
            with suppress(ValueError):
                found[bytes.fromhex(path.stem).decode()] = _read(path)
        return found

    def _await(self, path: Path) -> Exchange:
        limit = time.monotonic() + PATIENCE
        while not path.exists():
            if time.monotonic() > limit:
                raise TimeoutError("another worker did not finish its request")
            time.sleep(0.005)
        return _read(path)


def _read(path: Path) -> Exchange:
    return Exchange.from_json(json.loads(path.read_text(encoding="utf-8")))
