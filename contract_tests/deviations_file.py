"""Reads known deviations from a TOML file that the user commits. Every error says where it is and how to mend it.

It shows names of keys, never a value: a value may hold what is no business of a log.
"""

from __future__ import annotations

import re
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_tests.deviations import Deviation, Deviations
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEVIATIONS_FILE", "LONGEST", "UnusableDeviations", "read_deviations", "utc_today"]

DEVIATIONS_FILE = "contract-deviations.toml"
"""Read from the current folder without a word; the user commits it."""

LONGEST = timedelta(days=366)
"""How far ahead an entry may expire: what nobody looks at for a year is the contract by then."""

TABLE, REQUIRED, OPTIONAL = "deviation", ("case", "reason", "owner", "expires"), ("code", "target", "issue")
_HEADER = re.compile(rf"\s*\[\[\s*{TABLE}\s*\]\]")


class UnusableDeviations(Exception):
    """A file of deviations cannot be used; `str()` says where, why and how to mend it."""


def utc_today() -> date:
    """Give the day it is, in UTC: the same for everybody who runs the suite."""
    return datetime.now(timezone.utc).date()


def read_deviations(named: str = "", today: date | None = None) -> Deviations:
    """Read the known deviations.

    named: the file, '' for `DEVIATIONS_FILE` if that is there. today: the day to judge by, None for that of the clock.

    Raises `UnusableDeviations` for a file that is named and not there, and for one with an error in it.
    """
    today = today or utc_today()
    path = Path(named or DEVIATIONS_FILE)
    if not named and not path.is_file():
        return Deviations((), today)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnusableDeviations(f"{path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UnusableDeviations(f"{path} is no text in UTF-8: save it as UTF-8.") from None
    try:
        tables = _tables(path, _parsed(text))
    except ValueError as error:
        raise UnusableDeviations(f"{path} is not TOML: {error}.") from None
    lines = text.splitlines()
    starts = list(_starts(lines, len(tables)))
    found = [_read(path, number, table, lines, starts, today) for number, table in enumerate(tables, start=1)]
    _refuse_twins(found)
    return Deviations(tuple(found), today)


def _parsed(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    made: dict[str, Any] = tomllib.loads(text)
    return made


def _tables(path: Path, made: dict[str, Any]) -> list[dict[str, Any]]:
    for name in made:
        if name != TABLE:
            raise UnusableDeviations(f"{path}: there is no table {name!r}. Write [[{TABLE}]] above each entry.")
    tables = made.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise UnusableDeviations(f"{path}: {TABLE!r} is no list of entries. Write [[{TABLE}]] above each entry.")
    return tables


def _starts(lines: list[str], entries: int) -> Iterator[int]:
    """Give the line at which each entry begins, from 1: TOML tells no lines. Nothing of entries within a line.

    A header in a text of several lines is none: what is before it is no TOML then.
    """
    begun = 0
    for number, line in enumerate(lines, start=1):
        if begun < entries and _HEADER.match(line):
            try:
                before = _parsed("\n".join(lines[: number - 1]))
            except ValueError:
                continue
            if len(before.get(TABLE, ())) == begun:
                begun += 1
                yield number


def _read(
    path: Path, number: int, table: dict[str, Any], lines: list[str], starts: list[int], today: date
) -> Deviation:
    begin = starts[number - 1] if len(starts) >= number else 0
    end = starts[number] if len(starts) > number else len(lines) + 1

    def refuse(key: str, why: str) -> UnusableDeviations:
        words = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        own = (at for at in range(begin + 1, end) if begin and words.match(lines[at - 1]))
        line = next(own, begin)
        return UnusableDeviations(f"{path}{f':{line}' if line else ''}: {why}")

    for key, value in table.items():
        if key not in (*REQUIRED, *OPTIONAL):
            hint = nearest(key, (*REQUIRED, *OPTIONAL)) or f"There are: {', '.join((*REQUIRED, *OPTIONAL))}."
            raise refuse(key, f"there is no key {key!r}. {hint}")
        if key != "expires" and not (isinstance(value, str) and value.strip()):
            raise refuse(key, f"{key!r} takes a text in quotes that is not empty.")
    for key in REQUIRED:
        if key not in table:
            raise refuse(key, f"the entry has no {key!r}. {_MISSING[key]}")
    expires = table["expires"]
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise refuse("expires", f"'expires' takes a date without quotes, such as {today + timedelta(days=90)}.")
    if expires > today + LONGEST:
        raise refuse("expires", f"'expires' is more than a year ahead: {today + LONGEST} is the latest.")
    if "code" in table and not re.fullmatch(r"AFC[0-9]{3}", table["code"]):
        raise refuse("code", "'code' takes the code of a finding, such as AFC113; `contract-tests explain` lists them.")
    place = f"{path}:{begin}" if begin else f"{path}, entry {number}"
    texts = {key: str(table[key]).strip() for key in ("case", "reason", "owner", *OPTIONAL) if key in table}
    return Deviation(number, place, expires=expires, **texts)


_MISSING = {
    "case": "Name the items that it is about, such as createVisualValidateSession/auth/*.",
    "reason": "Say why the deviation is known and left.",
    "owner": "Say who sees to it.",
    "expires": "Say until when, as a date without quotes.",
}


def _refuse_twins(found: list[Deviation]) -> None:
    seen: dict[tuple[str, str, str], Deviation] = {}
    for one in found:
        first = seen.setdefault((one.case, one.code, one.target), one)
        if first is not one:
            raise UnusableDeviations(f"{one.place}: {first.place} is about the same case, code and target: remove one.")
