"""Texts of formats that nobody checks: of the OpenAPI registry, of one vendor, and other spellings of known ones."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from mockserver.generating import words
from mockserver.generating.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.dice import Dice
    from mockserver.generating.formats import Text
    from mockserver.generating.moments import Moments

__all__ = ["LIKELY"]


def _digits(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield str(dice.between(1, 9999))
    yield "1" + dice.letters(max(0, shortest - 1), "0123456789")


def _decimal(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield f"{dice.between(1, 200)}.{dice.below(100):02d}"


def _seconds(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield f"{dice.between(1, 600)}s"


def _http_date(dice: Dice, moments: Moments, field: str, _: int) -> Iterator[str]:
    yield moments.http_date(field, dice)


def _letter(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield dice.letters(1)


def _markup(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield f"<p>{dice.one_of(words.WORDS).capitalize()} {dice.one_of(words.WORDS)}</p>"


def _phone(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield "+1202555" + dice.letters(4, "0123456789")


def _hardware(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield ":".join(["00", "00", "5e", "00", "53", dice.bytes(1).hex()])  # for documentation (RFC 7042)


def _color(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield f"#{dice.bytes(3).hex()}"


def _base64url(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield base64.urlsafe_b64encode(dice.bytes(max(6, shortest))).decode().rstrip("=")


LIKELY: dict[str, Text] = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "integer", "bigint", "unix-time"), _digits),
    **dict.fromkeys(("decimal", "number", "float", "double", "money", "decimal128"), _decimal),
    **dict.fromkeys(
        ("datetime", "timestamp", "google-datetime", "dateTime", "date time", "iso8601"), FORMATS["date-time"]
    ),
    **dict.fromkeys(("phone", "phone-number", "tel", "e164", "mobile"), _phone),
    **dict.fromkeys(("guid", "uuid4", "uuidv4", "UUID"), FORMATS["uuid"]),
    **dict.fromkeys(("ip", "ip-address", "ipv4-address"), FORMATS["ipv4"]),
    **dict.fromkeys(("html", "xhtml"), _markup),
    **dict.fromkeys(("mac", "mac-address"), _hardware),
    **dict.fromkeys(("color", "hex-color"), _color),
    "google-duration": _seconds,
    "http-date": _http_date,
    "char": _letter,
    "base64url": _base64url,
    "host-name": FORMATS["hostname"],
    "URI": FORMATS["uri"],
}
"""Format -> some texts of what it most likely means."""
