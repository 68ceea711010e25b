"""Operators that let an answer tell what it must not: the caller's credential, or what another caller got."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING

from contract_tests.strength.answers import Answer, at
from contract_tests.strength.mutating import Kind, Mutation, operator
from contract_tests.strength.traits import trait
from contract_tests.targets import Target
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.strength.mutating import Change
    from contract_tests.strength.rehearsing import Moment

LEAK = "secrecy"

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda key: "".join(f"%{ord(letter):02X}" for letter in key),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "url-base64": lambda key: base64.urlsafe_b64encode(f"Bearer {key}".encode()).decode().rstrip("="),
    "escaped": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "hexadecimal": lambda key: key.encode().hex(),
}
"""How a credential may stand in an answer so that anybody can read it."""


def told(place: Callable[[Answer, str], Answer], secret: Callable[[Moment], str]) -> Change:
    """Make a change that puts a secret into a place of an answer."""

    def change(right: Answer, moment: Moment) -> Answer:
        text = secret(moment)
        return place(right, text) if text else right

    return change


def in_header(answer: Answer, text: str) -> Answer:
    """Put a text into a header of its own."""
    return answer.having("X-Debug", text)


def in_member(pointer: str) -> Callable[[Answer, str], Answer]:
    """Put a text behind that of a member."""

    def place(answer: Answer, text: str) -> Answer:
        value = answer.value
        if isinstance(value, Missing):
            return answer
        return answer.saying(at(value, pointer, lambda item: f"{item}&x={text}" if isinstance(item, str) else item))

    return place


def places(kind: Kind) -> Iterator[tuple[str, Callable[[Answer, str], Answer]]]:
    """Name the places that may tell something: a header, and the texts of the body whose form nobody fixed."""
    yield "header", in_header
    for pointer, item in kind.leaves.items():
        free = not kind.succeeds or trait(kind.operation.id, pointer, "link") is not None
        if isinstance(item, str) and free:
            yield pointer.lstrip("/"), in_member(pointer)


def _key(write: Callable[[str], str], moment: Moment) -> str:
    return write(moment.key)


@operator("leak")
def leak(kind: Kind) -> Iterator[Mutation]:
    """An answer holds the caller's credential, plain or in a form that anybody can read."""
    for number, (name, place) in enumerate(places(kind)):
        for form, write in FORMS.items() if number < 2 else (("plain", str),):
            yield Mutation(f"{name}/{form}", LEAK, "rfc", told(place, partial(_key, write)))


@operator("leak-sent")
def leak_sent(kind: Kind) -> Iterator[Mutation]:
    """A refusal holds the wrong credential that was sent: the right one with a slip of the hand, most of the time."""

    def sent(moment: Moment) -> str:
        return Target("", moment.key).filled(moment.seen.ask.header("authorization") or "").rpartition(" ")[2]

    if kind.status == 401:
        for name, place in places(kind):
            yield Mutation(name, LEAK, "rfc", told(place, sent))


@operator("leak-session")
def leak_session(kind: Kind) -> Iterator[Mutation]:
    """An answer holds what another caller's success gave that caller alone."""
    earlier = [other.id for other in kind.others].index(kind.id)
    for number, other in enumerate(kind.others):
        if other.operation is not kind.operation and number > earlier:
            continue
        for pointer, item in other.leaves.items():
            basis = trait(other.operation.id, pointer, "new") if other.succeeds else None
            if basis is None or not isinstance(item, str):
                continue
            for name, place in places(kind):

                def change(
                    right: Answer, _: Moment, place: Callable[[Answer, str], Answer] = place, item: str = item
                ) -> Answer:
                    return right if item.encode() in right.body else place(right, item)

                yield Mutation(f"{name}/{pointer.lstrip('/')}", LEAK, basis, change)
