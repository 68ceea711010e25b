"""Texts of the formats of OpenAPI and JSON Schema, from the shortest to as long as is asked for.

One function for each; whether a text is of its format is for the validator to say.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from mockserver.generating import words
from openapi.schema import FORMATS as CHECKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.generating.dice import Dice
    from mockserver.generating.moments import Moments

__all__ = ["FORMATS", "Text", "has_format", "of_format"]


Text: TypeAlias = "Callable[[Dice, Moments, str, int], Iterator[str]]"
"""Yields texts of a format: by chance and clock, for a field of a name, of at least a length."""


@lru_cache(maxsize=200)
def _checker(name: str) -> object:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True, formats=dict(CHECKED))


def has_format(name: str, text: str) -> bool:
    """Tell whether a text is of a format, as the validator does; every text is of a format that it does not know."""
    return _checker(name).is_valid(text)  # type: ignore[attr-defined,no-any-return]


def of_format(
    name: str, dice: Dice, moments: Moments, field: str, shortest: int = 0, longest: int | None = None
) -> Iterator[str]:
    """Yield texts of a format whose length is within bounds, those that read best first; none of an unknown format.

    field: the name of the member that it is for, in lower case.
    """
    made = FORMATS.get(name)
    if made is None:
        return
    for text in made(dice, moments, field, shortest):
        if shortest <= len(text) and (longest is None or len(text) <= longest):
            yield text


def _date_time(dice: Dice, moments: Moments, field: str, shortest: int) -> Iterator[str]:
    for _ in range(6):
        text = moments.date_time(field, dice)
        if shortest > len(text):
            text = text[:-1] + "0" * (shortest - len(text)) + "Z"
        yield text
        yield text[:19] + "Z"
        yield text[:19] + "+00:00"
        yield text[:-1] + "+00:00"
        yield text[:-1] + "000Z"


def _date(dice: Dice, moments: Moments, field: str, _: int) -> Iterator[str]:
    for _again in range(4):
        yield moments.date(field, dice)
    for _again in range(200):
        yield f"{dice.between(1950, 2040):04d}-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}"


def _time(dice: Dice, moments: Moments, field: str, shortest: int) -> Iterator[str]:
    text = moments.time(field, dice)
    yield text
    yield text[:-1] + "+00:00"
    if shortest > len(text):
        yield text[:-1] + "." + "0" * max(1, shortest - len(text) - 1) + "Z"
    for _ in range(50):
        yield f"{dice.below(24):02d}:{dice.below(60):02d}:{dice.below(60):02d}Z"


def _duration(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield f"PT{dice.between(5, 90)}M"
    yield f"P{dice.between(1, 30)}D"
    yield f"P{dice.between(1, 9)}D"
    yield f"P{dice.between(1, 9)}Y{dice.between(1, 9)}M{dice.between(1, 9)}DT{dice.between(1, 9)}H5M5S"
    yield f"P{dice.between(1, 9)}W"
    yield "P" + dice.letters(max(1, shortest - 2), "123456789") + "D"


def _email(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    first, last = dice.one_of(words.FIRST_NAMES).lower(), dice.one_of(words.LAST_NAMES).lower()
    yield f"{first}.{last}{dice.between(1, 99)}@example.com"
    yield f"{first}@example.com"
    missing = shortest - len(first) - len("@example.com")
    if missing > 0:
        local = (first + dice.letters(missing))[:60]
        host = ""
        while len(local) + len(host) + len("@example.com") < shortest:
            host += dice.letters(30) + "."
        yield f"{local}@{host}example.com"
    yield f"{dice.letters(2)}@x.org"
    yield f"{dice.letters(1)}@b.co"


def _hostname(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield f"{dice.one_of(words.WORDS)}-{dice.between(1, 99)}.example.com"
    yield f"{dice.letters(4)}.example"
    if shortest > 12:
        label = ""
        while len(label) + 12 < shortest:
            label += dice.letters(min(50, max(1, shortest - len(label) - 13))) + "."
        yield f"{label}example.com"
        yield f"{label}a.example.com"
    yield dice.letters(3)
    yield dice.letters(1)


def _ipv4(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield f"192.0.2.{dice.between(1, 254)}"  # addresses for documentation (RFC 5737)
    yield f"198.51.100.{dice.between(1, 254)}"
    yield f"203.0.113.{dice.between(100, 254)}"
    yield f"10.{dice.below(10)}.{dice.below(10)}.{dice.between(1, 9)}"


def _ipv6(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    yield f"2001:db8::{dice.between(1, 0xFFFF):x}"  # RFC 3849
    yield ":".join(["2001", "0db8", *(f"{dice.below(0x10000):04x}" for _ in range(6))])
    yield "::1"
    yield "::"


def _uri(dice: Dice, _moments: Moments, field: str, shortest: int) -> Iterator[str]:
    path = next(
        (
            kind
            for kind in ("avatar", "image", "img", "photo", "logo", "icon", "picture", "thumb", "banner", "cover")
            if kind in field
        ),
        "",
    )
    one, number = dice.one_of(words.WORDS), dice.between(1, 9999)
    full = f"https://example.com/images/{one}-{number}.png" if path else f"https://example.com/{one}/{number}"
    yield full
    if shortest > len(full):
        yield full + "/" + dice.letters(shortest - len(full) - 1)
        yield full + "/" + dice.letters(shortest - len(full))
    yield f"https://example.com/{dice.letters(3)}"
    yield f"https://{dice.letters(3)}.co"
    yield f"{dice.letters(1)}:{dice.letters(1)}"


def _uri_reference(dice: Dice, moments: Moments, field: str, shortest: int) -> Iterator[str]:
    one = f"/{dice.one_of(words.WORDS)}/{dice.between(1, 9999)}"
    yield one
    yield one + "/" + dice.letters(max(1, shortest - len(one) - 1))
    yield from _uri(dice, moments, field, shortest)
    yield f"/{dice.letters(1)}"
    yield "/"
    yield ""


def _uri_template(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    one = f"/{dice.one_of(words.WORDS)}/{{id}}"
    yield f"https://example.com{one}"
    yield one
    yield one + "/" + dice.letters(max(1, shortest - len(one) - 1))
    yield "{x}"
    yield "/"


def _uuid(dice: Dice, _moments: Moments, _field: str, _: int) -> Iterator[str]:
    for _again in range(50):
        text = dice.bytes(16).hex()
        yield f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) % 4]}{text[17:20]}-{text[20:]}"
        text = text.upper()
        yield f"{text[:8]}-{text[8:12]}-4{text[13:16]}-A{text[17:20]}-{text[20:]}"


def _json_pointer(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield f"/{dice.one_of(words.WORDS)}/{dice.below(10)}"
    yield "/" + dice.letters(max(1, shortest - 1))
    yield "/a"
    yield ""


def _relative_pointer(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield f"{dice.between(1, 3)}/{dice.one_of(words.WORDS)}"
    yield "1/" + dice.letters(max(1, shortest - 2))
    yield "1#"
    yield "0"


def _regex(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield f"^{dice.one_of(words.WORDS)}[0-9]+$"
    yield "^" + dice.letters(max(1, shortest - 1))
    yield "a"
    yield ""


def _byte(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield base64.b64encode(dice.one_of(words.WORDS).encode()).decode()
    size = -(-shortest // 4) * 3
    yield base64.b64encode(dice.bytes(size)).decode()
    yield base64.b64encode(dice.bytes(3)).decode()
    yield ""


def _binary(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield dice.letters(max(8, shortest))
    yield dice.letters(shortest)


def _password(dice: Dice, _moments: Moments, _field: str, shortest: int) -> Iterator[str]:
    yield "Aa1!" + dice.letters(max(8, shortest - 4))
    yield ("Aa1!" + dice.letters(shortest))[: max(1, shortest)]


def _international(text: Text, letter: str, at: str) -> Text:
    """Give texts of a format with a letter in them that its plain sister does not allow, and then the plain ones."""

    def made(dice: Dice, moments: Moments, field: str, shortest: int) -> Iterator[str]:
        first = next(text(dice, moments, field, shortest))
        if len(first) >= shortest:
            yield first if not at else first.replace(at, letter + at, 1)
        yield from text(dice, moments, field, shortest)

    return made


FORMATS: dict[str, Text] = {
    "date-time": _date_time,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "email": _email,
    "idn-email": _international(_email, "\u00fc", "@"),
    "hostname": _hostname,
    "idn-hostname": _international(_hostname, "\u00fc", ".example"),
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "uri": _uri,
    "url": _uri,
    "iri": _uri,
    "uri-reference": _uri_reference,
    "iri-reference": _uri_reference,
    "uri-template": _uri_template,
    "uuid": _uuid,
    "json-pointer": _json_pointer,
    "relative-json-pointer": _relative_pointer,
    "regex": _regex,
    "byte": _byte,
    "base64": _byte,
    "binary": _binary,
    "password": _password,
}
"""Format -> some texts of it; `url` and `base64` are what people write for `uri` and `byte`."""
