"""On which terms a host is judged: as on loopback if asked for, and in what a host was seen to keep (`confirm.py`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CONFIRMED_FILE",
    "FORMAT",
    "VERSION",
    "Terms",
    "UnusableFile",
    "host_of",
    "read_confirmation",
    "read_terms",
]

CONFIRMED_FILE = "contract-confirmed.json"
"""Read from the current folder without a word; the user commits it."""

FORMAT, VERSION = "anyfast-contract-confirmed", 1


class UnusableFile(Exception):
    """A file of confirmations cannot be used; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a host fails beyond what is documented.

    strict: all that fails on loopback. confirmed: items that were observed, each with the codes that it did not keep.
    warning: a confirmation that does not count here, and why.
    """

    strict: bool = False
    confirmed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    warning: str = ""

    def hold(self, item: str, code: str) -> bool:
        """Tell whether a finding of a code in an item counts as on loopback."""
        return self.strict or (item in self.confirmed and code not in self.confirmed[item])


def host_of(url: str) -> str:
    """Name host and port of a URL, as confirmations and reports have it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def read_terms(
    url: str, documents: Sequence[str], profile: str = "", *, strict: bool = False, named: str = ""
) -> Terms:
    """Read the confirmation of a host, if there is one.

    documents: the SHA-256 of each that promises something. profile: of the packaged contract.
    named: the file, '' for `CONFIRMED_FILE` if that is there.

    Raises `UnusableFile` for a file that is named and not there, and for one that is no confirmation.
    """
    path = Path(named or CONFIRMED_FILE)
    if not named and not path.is_file():
        return Terms(strict)
    made = read_confirmation(path)
    if made["host"] != host_of(url):
        return Terms(strict, warning=f"{path} confirms {made['host']}: it does not count here" if named else "")
    if (sorted(made["contract"]), made["profile"]) != (sorted(documents), profile):
        return Terms(strict, warning=f"{path} confirms another document or profile: it does not count; confirm anew")
    return Terms(strict, {item: frozenset(codes) for item, codes in made["confirmed"].items()})


def read_confirmation(path: Path) -> dict[str, Any]:
    """Read a file that `confirm` wrote. Raises `UnusableFile`."""
    made: dict[str, Any] = {}
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        known = made["format"] == FORMAT and made["version"] == VERSION
        whole = (
            isinstance(made["host"], str) and isinstance(made["contract"], list) and isinstance(made["profile"], str)
        )
        codes = made["confirmed"].values()
        right = all(isinstance(one, list) and all(isinstance(code, str) for code in one) for one in codes)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        known = whole = right = False
    if not (known and whole and right):
        raise UnusableFile(f"{path} is no confirmation; `contract-tests confirm` writes one.")
    return made
