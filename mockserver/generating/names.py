"""What people mean by the name of a field: `email`, `createdAt`, `price`. Only hints: the schema decides what fits."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mockserver.generating import words
from mockserver.generating.formats import of_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from mockserver.generating.dice import Dice
    from mockserver.generating.moments import Moments

    Maker: TypeAlias = Callable[[Dice, Moments, str], Iterator[str]]

__all__ = [
    "ANY_SIZE",
    "Size",
    "is_id",
    "is_moment",
    "is_plain_id",
    "plain_name",
    "size_of",
    "stem_of_id",
    "texts_by_name",
]

_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z0-9])(?=[A-Z])", re.ASCII)


_LONGEST = 200
"""Characters of a name that is kept: a caller may send thousands of a megabyte each."""


def plain_name(name: str) -> str:
    """Write a name in lower case, without what separates its words: `created_at` and `createdAt` are one."""
    return _kept_plain(name) if len(name) <= _LONGEST else _plain(name)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_kept_plain = lru_cache(maxsize=5000)(_plain)


@lru_cache(maxsize=5000)
def _last_word(name: str) -> str:
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", name)
    return found[-1].lower() if found else ""


def is_id(name: str) -> bool:
    """Whether a field of that name identifies something."""
    return _last_word(name) in ("id", "uuid", "guid", "uid", "key", "token", "sku")


def stem_of_id(name: str) -> str:
    """Give what a name that ends in `id` or the like is the id of: `user` of `userId`, nothing of `id`."""
    return plain_name(name).removesuffix(_last_word(name))


def is_plain_id(name: str) -> bool:
    """Whether a field of that name identifies the object that has it."""
    return name.lower() in ("id", "_id", "uuid", "guid", "uid")


def is_moment(name: str) -> bool:
    """Whether a field of that name holds a time: `createdAt`, `updated_on`, `timestamp`."""
    return _last_word(name) in ("at", "timestamp", "datetime", "created", "updated", "modified") and len(name) > 2


def _each(values: tuple[str, ...]) -> Maker:
    def made(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
        yield dice.one_of(values)
        yield from dice.shuffled(values)

    return made


def _format(name: str) -> Maker:
    def made(dice: Dice, moments: Moments, field: str) -> Iterator[str]:
        yield from of_format(name, dice, moments, field)

    return made


def _full_name(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.one_of(words.FIRST_NAMES)} {dice.one_of(words.LAST_NAMES)}"
    yield dice.one_of(words.FIRST_NAMES)


def _phone(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    number = dice.letters(4, "0123456789")
    yield f"+1202555{number}"
    yield f"202555{number}"
    yield f"555-{number}"


def _country(dice: Dice, _moments: Moments, field: str) -> Iterator[str]:
    two, three, full = dice.one_of(words.COUNTRIES)
    yield from (two, three, full) if "code" in field else (full, two, three)


def _street(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.between(1, 250)} {dice.one_of(words.STREETS)}"


def _zip(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield dice.letters(5, "123456789")


def _phrase(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    first, second = dice.one_of(words.WORDS), dice.one_of(words.WORDS)
    yield f"{first.capitalize()} {second} {dice.one_of(words.WORDS)}"
    yield f"{first.capitalize()} {second}"
    yield first


def _title(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.one_of(words.WORDS).capitalize()} {dice.one_of(words.WORDS)}"
    yield dice.one_of(words.WORDS)


def _user(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.one_of(words.FIRST_NAMES).lower()}{dice.between(1, 99)}"
    yield dice.one_of(words.FIRST_NAMES).lower()


def _id(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    text = dice.bytes(16).hex()
    yield text[:12]
    yield f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
    yield text
    yield text[:6]


def _slug(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.one_of(words.WORDS)}-{dice.one_of(words.WORDS)}"


def _version(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.between(1, 4)}.{dice.below(10)}.{dice.below(10)}"


def _latitude(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield f"{dice.between(-80, 80)}.{dice.letters(4, '0123456789')}"


def _digest(dice: Dice, _moments: Moments, _field: str) -> Iterator[str]:
    yield dice.bytes(32).hex()
    yield dice.bytes(20).hex()


_ENDS: tuple[tuple[str, Maker], ...] = (
    ("email", _format("email")), ("emailaddress", _format("email")),
    ("src", _format("uri")),
    ("url", _format("uri")), ("uri", _format("uri")), ("href", _format("uri")), ("website", _format("uri")),
    ("homepage", _format("uri")), ("link", _format("uri")), ("avatar", _format("uri")), ("image", _format("uri")),
    ("thumbnail", _format("uri")), ("logo", _format("uri")), ("photo", _format("uri")),
    ("phone", _phone), ("phonenumber", _phone), ("mobile", _phone), ("fax", _phone), ("tel", _phone),
    ("firstname", _each(words.FIRST_NAMES)), ("givenname", _each(words.FIRST_NAMES)),
    ("lastname", _each(words.LAST_NAMES)), ("familyname", _each(words.LAST_NAMES)),
    ("surname", _each(words.LAST_NAMES)),
    ("fullname", _full_name), ("displayname", _full_name), ("author", _full_name), ("owner", _full_name),
    ("username", _user), ("login", _user), ("nickname", _user), ("handle", _user),
    ("companyname", _each(words.COMPANIES)), ("company", _each(words.COMPANIES)),
    ("organization", _each(words.COMPANIES)), ("organisation", _each(words.COMPANIES)),
    ("city", _each(words.CITIES)), ("town", _each(words.CITIES)), ("countrycode", _country), ("country", _country),
    ("state", _each(("active", "pending", "closed"))), ("status", _each(("active", "pending", "done"))),
    ("street", _street), ("address", _street), ("addressline1", _street), ("line1", _street), ("zip", _zip),
    ("zipcode", _zip), ("postalcode", _zip), ("postcode", _zip),
    ("currency", _each(("EUR", "USD", "GBP", "JPY"))), ("currencycode", _each(("EUR", "USD", "GBP", "JPY"))),
    ("price", _each(("19.99", "4.50", "120.00"))), ("amount", _each(("19.99", "4.50", "120.00"))),
    ("locale", _each(("en-GB", "de-DE", "pt-PT"))), ("language", _each(("en", "de", "pt", "ja"))),
    ("lang", _each(("en", "de", "pt", "ja"))), ("timezone", _each(("Europe/Berlin", "UTC", "Asia/Tokyo"))),
    ("color", _each(("#1f77b4", "#2ca02c", "#d62728"))), ("colour", _each(("#1f77b4", "#2ca02c", "#d62728"))),
    ("ip", _format("ipv4")), ("ipaddress", _format("ipv4")), ("host", _format("hostname")),
    ("hostname", _format("hostname")), ("domain", _format("hostname")),
    ("gender", _each(("female", "male", "other"))), ("mimetype", _each(("image/png", "text/plain"))),
    ("contenttype", _each(("image/png", "text/plain"))), ("filename", _each(("report.pdf", "photo.png"))),
    ("version", _version), ("slug", _slug), ("hash", _digest), ("checksum", _digest), ("sha256", _digest),
    ("latitude", _latitude), ("lat", _latitude), ("longitude", _latitude), ("lng", _latitude),
    ("next", _format("uri")), ("previous", _format("uri")), ("prev", _format("uri")),
    ("date", _format("date")), ("birthday", _format("date")), ("duration", _format("duration")),
    ("description", _phrase), ("summary", _phrase), ("message", _phrase), ("comment", _phrase), ("text", _phrase),
    ("note", _phrase), ("body", _phrase), ("content", _phrase), ("reason", _phrase), ("detail", _phrase),
    ("title", _title), ("label", _title), ("subject", _title), ("name", _title),
)  # fmt: skip
"""The end of a plain name -> what it is called; the first that fits counts."""

_PEOPLE = (
    "user",
    "customer",
    "person",
    "contact",
    "author",
    "employee",
    "owner",
    "member",
    "patient",
    "player",
    "buyer",
)


class Size(NamedTuple):
    """The usual size of a number: from `low` to `high`, with so many decimal places."""

    low: int
    high: int
    places: int = 0


ANY_SIZE = Size(1, 1000, 2)
"""The size of a number whose name says nothing of it."""

_MONEY = ("price", "amount", "cost")
_PRICE = Size(1, 200, 2)

_SIZES: tuple[tuple[str, Size], ...] = (
    ("latitude", Size(-80, 80, 6)), ("lat", Size(-80, 80, 6)), ("longitude", Size(-170, 170, 6)),
    ("lng", Size(-170, 170, 6)), ("lon", Size(-170, 170, 6)), ("age", Size(18, 80)), ("year", Size(1990, 2030)),
    ("month", Size(1, 12)), ("day", Size(1, 28)), ("hour", Size(0, 23)), ("minute", Size(0, 59)),
    ("percent", Size(0, 100, 1)), ("percentage", Size(0, 100, 1)), ("rating", Size(1, 5, 1)), ("score", Size(0, 100)),
    ("quantity", Size(1, 10)), ("qty", Size(1, 10)), ("count", Size(0, 50)), ("total", Size(1, 50)),
    ("page", Size(1, 1)),
    ("limit", Size(20, 20)), ("offset", Size(0, 0)), ("index", Size(0, 20)), ("position", Size(1, 20)),
    ("number", Size(1, 1000)), ("size", Size(1, 5000)), ("bytes", Size(100, 100_000)), ("length", Size(1, 500)),
    ("popularity", Size(0, 100)), ("balance", Size(1, 5000, 2)),
    ("fee", Size(1, 50, 2)), ("tax", Size(1, 50, 2)), ("rate", Size(0, 1, 2)), ("ratio", Size(0, 1, 2)),
    ("probability", Size(0, 1, 2)), ("port", Size(1024, 65535)), ("width", Size(100, 1920)),
    ("height", Size(100, 1080)),
    ("duration", Size(1, 600)), ("seconds", Size(1, 600)), ("minutes", Size(1, 60)), ("days", Size(1, 30)),
)  # fmt: skip
"""The end of a plain name -> the usual size of a number that is called so; the first that fits counts."""


@lru_cache(maxsize=5000)
def size_of(name: str) -> Size:
    """Give the usual size of a number that is called so."""
    plain, last = plain_name(name), _last_word(name)
    if any(word in plain for word in _MONEY):
        return _PRICE
    return next(
        (size for end, size in _SIZES if end in (plain, last) or (len(end) > 5 and plain.endswith(end))), ANY_SIZE
    )


@lru_cache(maxsize=5000)
def _maker(name: str, owner: str) -> Maker | None:
    if is_moment(name):
        return _format("date-time")
    if is_id(name):
        return _id
    plain = plain_name(name)
    if plain == "name" and any(word in owner for word in _PEOPLE):
        return _full_name
    if plain in ("state", "region", "province") and "address" in owner:
        return _each(words.REGIONS)
    if owner.endswith(("urls", "links")):
        return _format("uri")
    return next(
        (made for end, made in _ENDS if plain.endswith(end) and (len(end) > 3 or _last_word(name) == end)), None
    )


def texts_by_name(name: str, owner: str, dice: Dice, moments: Moments) -> Iterator[str]:
    """Yield texts that a field of that name may hold; owner: the plain name of the object that has it, if known."""
    made = _maker(name, owner)
    if made is not None:
        plain = plain_name(name)
        yield from made(dice, moments, owner + plain if plain in ("url", "uri", "href", "src") else plain)
