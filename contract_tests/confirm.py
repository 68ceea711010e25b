"""`contract-tests confirm`: what several observations of a host agreed on, written into a file that the user commits.

It reads JSON reports of runs and sends nothing. What it writes are names of items and codes, never a value.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_tests.terms import CONFIRMED_FILE, FORMAT, VERSION, UnusableFile, host_of, read_confirmation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Agreement", "CannotConfirm", "Observed", "agree", "main", "read_observation"]

REPORT, REPORT_VERSION = "anyfast-contract-report", 1
USAGE_ERROR, LEAST = 4, 3
WARNING = frozenset({"example", "prose", "rfc", "asked"})
"""The bases of findings that warn and can be confirmed; what is documented fails anyway, the others never do."""


class CannotConfirm(Exception):
    """These reports confirm nothing; `str()` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One run against a host. name: of its report. items: those that did not fail, each with the codes it missed."""

    name: str
    at: str
    host: str
    profile: str
    contract: tuple[str, ...]
    items: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What all observations agreed on: items, each with the codes that it never kept; and where they disagreed."""

    confirmed: dict[str, frozenset[str]]
    disagreed: tuple[str, ...]


def read_observation(path: Path) -> Observed:
    """Read a report. Raises `CannotConfirm` when it is none, and when its run did not come to its end."""
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        observed, interrupted = _observation(path.name, made), bool(made["run"]["interrupted"])
    except OSError as error:
        raise CannotConfirm(f"{path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CannotConfirm(f"{path} is no JSON report of the contract suite, version {REPORT_VERSION}.") from None
    if interrupted:
        raise CannotConfirm(f"{path}: the run was interrupted; leave it out.")
    return observed


def _observation(name: str, made: dict[str, Any]) -> Observed:
    if (made["format"], made["version"]) != (REPORT, REPORT_VERSION):
        raise ValueError(made["version"])
    return Observed(
        name=name,
        at=str(made["run"]["started"]),
        host=host_of(made["target"]["url"]),
        profile=str(made["contract"]["profile"]),
        contract=tuple(sorted(one["sha256"] for one in made["contract"]["documents"] if not one["reconstructed"])),
        items={
            str(item["id"]): frozenset(str(one["code"]) for one in item["findings"] if one["basis"] in WARNING)
            for item in made["items"]
            if item["verdict"] in ("passed", "warned")
        },
    )


def agree(observed: Sequence[Observed], least: int = LEAST) -> Agreement:
    """Find what observations of one host agreed on. Raises `CannotConfirm` for too few, and for such of several."""
    runs = {one.at: one for one in observed}
    if len(runs) < least:
        raise CannotConfirm(f"{len(runs)} runs are not enough: {least} observations are asked for (--observations).")
    first = observed[0]
    for one in observed:
        if one.host != first.host:
            raise CannotConfirm(f"{first.name} is of {first.host}, {one.name} of {one.host}: confirm one host.")
        if (one.contract, one.profile) != (first.contract, first.profile):
            raise CannotConfirm(f"{first.name} and {one.name} checked different documents or profiles.")
    common = [item for item in first.items if all(item in one.items for one in observed)]
    seen = sorted({item for one in observed for item in one.items} - set(common))
    disagreed = [f"{item}: not judged, or failed, in some of the runs" for item in seen]
    for item in common:
        codes = frozenset[str]().union(*(one.items[item] for one in observed))
        for code in sorted(codes):
            times = sum(code in one.items[item] for one in observed)
            if times < len(observed):
                disagreed.append(f"{item}: {code} in {times} of {len(observed)} runs")
    kept = {item: frozenset[str]().union(*(one.items[item] for one in observed)) for item in common}
    return Agreement(kept, tuple(disagreed))


def main(arguments: list[str]) -> int:
    """Confirm what reports agree on. Exit status: 0, or 4 when they cannot be used."""
    parser = argparse.ArgumentParser(
        prog="contract-tests confirm",
        description="Write down what several runs against a host agreed on, so that it fails when it changes.",
    )
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT.json", help="JSON reports, one of each run")
    parser.add_argument("--observations", type=_count, default=LEAST, metavar="N", help=f"runs at least ({LEAST})")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(CONFIRMED_FILE),
        metavar="FILE",
        help=f"the file to write ({CONFIRMED_FILE})",
    )
    try:
        asked = parser.parse_args(arguments)
    except SystemExit as end:
        return USAGE_ERROR if end.code else 0
    try:
        observed = [read_observation(path) for path in asked.reports]
        found = agree(observed, asked.observations)
        _write(asked.output, observed, found)
    except (CannotConfirm, UnusableFile) as error:
        print(f"contract-tests confirm: {error}", file=sys.stderr)  # noqa: T201
        return USAGE_ERROR
    for line in _lines(asked.output, observed, found):
        print(line)  # noqa: T201
    return 0


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs")
    return int(text)


def _write(path: Path, observed: Sequence[Observed], found: Agreement) -> None:
    first = observed[0]
    if path.exists() and (other := read_confirmation(path)["host"]) != first.host:
        raise CannotConfirm(f"{path} confirms {other}: name another file with --output.")
    made: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "host": first.host,
        "profile": first.profile,
        "contract": list(first.contract),
        "observations": sorted({one.at for one in observed}),
        "confirmed": {item: sorted(codes) for item, codes in sorted(found.confirmed.items())},
    }
    try:
        path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotConfirm(f"{path}: {error.strerror}.") from None


def _lines(path: Path, observed: Sequence[Observed], found: Agreement) -> Iterator[str]:
    runs = len({one.at for one in observed})
    yield f"{path}: {len(found.confirmed)} items of {observed[0].host}, as {runs} runs saw them"
    never = {item: codes for item, codes in found.confirmed.items() if codes}
    if never:
        yield f"not kept by the host, so not confirmed: {sum(map(len, never.values()))} findings in {len(never)} items"
    for one in found.disagreed:
        yield f"disagreed, so not confirmed: {one}"
