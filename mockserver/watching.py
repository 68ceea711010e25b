"""Reads the contract again when its files change, while the mock serves; a broken edit is told and changes nothing.

It looks at the files every quarter of a second, with the standard library alone: notifications of the kernel do not
come through every mount of a container, and a library for them would be imported by every start. It knows no server.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from mockserver.configuration import ConfigurationError
from openapi.contract import document_files, load_contract, packaged_contract
from openapi.errors import ContractError
from openapi.profiles import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from openapi.contract import Contract
    from openapi.document import Document

__all__ = ["Asked", "Sources", "Watcher", "watch"]

PAUSE = 0.25
"""Seconds between two looks, at least; looking takes at most a tenth of the time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What contract is asked for: documents or folders (none: the packaged one of a profile), and overlays.

    others: what else the configuration file says, by option; it counts at the start alone.
    """

    documents: tuple[Path, ...] = ()
    overlays: tuple[Path, ...] = ()
    profile: str = "published"
    others: Mapping[str, Any] | None = None

    def load(self) -> Contract:
        """Read and compile the contract. Raises `ContractError`."""
        if self.documents:
            return load_contract(self.documents, self.overlays)
        return packaged_contract(self.profile, self.overlays)

    def files(self) -> set[Path]:
        """Name the files that are read for it, but for those that documents refer to."""
        found = set(self.overlays)
        for source in self.documents:
            found |= set(document_files(source)) if source.is_dir() else {source}
        if not self.documents:
            found |= {*HOME.glob("*/*.yaml"), *HOME.glob("effective/*.json")}
        return found


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a contract comes from, and what the files held when it was read.

    read: says anew what is asked for; the configuration file may have changed. Raises `ConfigurationError`.
    """

    contract: Contract
    asked: Asked
    read: Callable[[], Asked]
    config: Path | None
    held: Mapping[Path, str]

    @classmethod
    def of(cls, contract: Contract, read: Callable[[], Asked], config: Path | None) -> Sources:
        """Note what the files of a contract hold now, just after it was read."""
        asked = read()
        held = _held(_files(asked, contract, config))
        held |= {path: _digest(document.raw) for path, document in _read_from(contract)}  # a file may change meanwhile
        return cls(contract, asked, read, config, held)


def watch(sources: Sources, exchange: Callable[[Contract], None], report: Callable[[str], None] | None) -> None:
    """Keep looking at the files in a thread, and hand over each contract that they come to.

    What has changed already is handed over before this returns. report: gets one line per event that a person should
    see; None: somebody else tells.
    """
    watcher = Watcher(sources, exchange, report or (lambda _: None))
    watcher.look()
    watcher.introduce()
    threading.Thread(target=watcher.run, name="contract-watch", daemon=True).start()


class Watcher:
    """Looks at files, and at what they hold when their size or times changed."""

    def __init__(self, sources: Sources, exchange: Callable[[Contract], None], report: Callable[[str], None]) -> None:
        self._sources = sources
        self._exchange = exchange
        self._report = report
        self._contract = sources.contract
        self._asked = sources.asked
        self._held = dict(sources.held)
        self._stamps: dict[Path, object] | None = None
        self._refused = ""

    def introduce(self) -> None:
        """Say that the files are watched, and which version of the contract is served."""
        self._report(f"{len(self._files())} file(s) are watched; served now: {_version(self._contract)}")

    def run(self) -> None:
        """Look for ever. A change is read once the files have been still from one look to the next."""
        while True:
            began = time.monotonic()
            stamps = self._look_at()
            if stamps != self._stamps:
                time.sleep(PAUSE)
                if stamps == self._look_at():  # else somebody is still writing
                    self._read(stamps)
            time.sleep(max(PAUSE, 10 * (time.monotonic() - began - PAUSE)))

    def look(self) -> None:
        """Look once, and read what has changed."""
        self._read(self._look_at())

    def _look_at(self) -> dict[Path, object]:
        """Give what the file system says of each file, and of the folders: a file that was missing may come."""
        files = self._files()
        return {path: _stamp(path) for path in files | {path.parent for path in files}}

    def _files(self) -> set[Path]:
        return _files(self._asked, self._contract, self._sources.config)

    def _read(self, stamps: dict[Path, object]) -> None:
        self._stamps = stamps
        held = _held(self._files())
        if held == self._held and not self._refused:
            return
        paths = held.keys() | self._held.keys()
        changed = sorted({path.name for path in paths if held.get(path) != self._held.get(path)})
        self._held = held  # without files that the new contract is the first to refer to: they are read once more
        try:
            asked = self._sources.read()
            contract = asked.load()
            self._exchange(contract)
        except (ContractError, ConfigurationError) as error:
            self._refuse(str(error))
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the watching, nor show a stack trace
            self._refuse(f"{type(error).__name__} while reading {', '.join(changed)}.")
        else:
            self._tell(contract, asked, changed)
            self._contract, self._asked, self._refused = contract, asked, ""

    def _refuse(self, why: str) -> None:
        if why != self._refused:
            self._report(f"the changed contract cannot be used, the one before stays: {why}")
        self._refused = why

    def _tell(self, contract: Contract, asked: Asked, changed: Iterable[str]) -> None:
        if asked.others != self._asked.others:
            self._report(f"{self._sources.config}: what is not about the contract counts from the next start on")
        if contract.sha256 == self._contract.sha256 and not self._refused:
            return
        known = set(map(str, self._contract.notices))
        for notice in contract.notices:
            if notice.level == "warning" and str(notice) not in known:
                self._report(str(notice))
        files = ", ".join(changed) or "as it was before"
        self._report(f"the contract changed ({files}) and is served from now on: {_version(contract)}")


def _files(asked: Asked, contract: Contract, config: Path | None) -> set[Path]:
    """Name every file that a contract hangs on, those included that its documents refer to."""
    found = asked.files() | {path for path, _ in _read_from(contract)} | ({config} if config else set())
    return {path.resolve() for path in found}


def _read_from(contract: Contract) -> Iterator[tuple[Path, Document]]:
    for document in contract.read:
        parts = urlsplit(document.uri)
        if parts.scheme == "file":
            yield Path(unquote(parts.path)), document


def _version(contract: Contract) -> str:
    return f"sha256 {contract.sha256[:12]}, {len(contract.operations)} operation(s)"


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError as error:
        return error.errno
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _held(paths: Iterable[Path]) -> dict[Path, str]:
    """Give a digest of what each file holds; '' for one that cannot be read."""
    found = {}
    for path in paths:
        try:
            found[path] = _digest(path.read_bytes())
        except OSError:
            found[path] = ""
    return found


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
