"""How the events of a worker come to the controller: read from JSON, and masked again by all that is known there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.event_parts import Content, Excuse, Item, Noted
from contract_tests.events import ExchangeMade, ItemSettled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.events import Event
    from contract_tests.redaction import Redactor

__all__ = ["from_json", "masked"]


def from_json(made: Mapping[str, Any]) -> ExchangeMade | ItemSettled:
    """Read what `as_json` of an event of a worker gave. Raises `ValueError` for that of another."""
    values = {name: value for name, value in made.items() if name != "event"}
    if made["event"] == "exchange-made":
        body = values["request_body"]
        values |= {
            "request_headers": _pairs(values["request_headers"]),
            "request_body": None if body is None else Content(**body),
            "headers": _pairs(values["headers"]),
            "body": Content(**values["body"]),
            "requested": tuple(values["requested"]),
            "answered": tuple(values["answered"]),
        }
        return ExchangeMade(**values)
    if made["event"] == "item-settled":
        values |= {
            "item": Item(**values["item"]),
            "findings": tuple(Noted(**one) for one in values["findings"]),
            "exchanges": tuple(values["exchanges"]),
            "judged": tuple(values["judged"]),
            "excuse": None if values["excuse"] is None else Excuse(**values["excuse"]),
        }
        return ItemSettled(**values)
    raise ValueError(f"{made['event']!r} is no event of a worker")


def masked(event: Event, redactor: Redactor) -> Event:
    """Mask what a worker told, by all that is known at the end of the run."""
    if not isinstance(event, ExchangeMade | ItemSettled):
        return event
    made = event.as_json()
    shown = {name: value if name in ("event", "item") else _masked(value, redactor) for name, value in made.items()}
    return event if shown == made else from_json(shown)


def _masked(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return redactor.text(value) if value else value
    if isinstance(value, list | tuple):
        return type(value)(_masked(one, redactor) for one in value)
    if isinstance(value, dict):
        return {name: _masked(one, redactor) for name, one in value.items()}
    return value


def _pairs(pairs: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
