"""`/_mock/faults`: choose what the next requests are answered with, when they cannot say so themselves.

A credential comes in the body, never in a URL, and goes out in no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask

from mockserver.asking import NO_RESET
from mockserver.control_access import json_answer, read_fields, wrong
from mockserver.exchange import SOCKET
from mockserver.faults import SETTINGS, WrongWish, number, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.engine import Engine
    from mockserver.fault_queue import Queued
    from mockserver.faults import Wish
    from openapi.reading import Json

__all__ = ["add_fault_routes"]

_WISH: dict[str, tuple[type, ...]] = {
    "code": (int,),
    "example": (str,),
    "delay": (int, float),
    "fault": (str,),
    "lasting": (int, float),
}
_FOR: dict[str, tuple[type, ...]] = {
    "times": (int,),
    "until_reset": (bool,),
    "credential": (str,),
    "operation": (str,),
    "chance": (int, float),
    "seed": (str,),
}


def add_fault_routes(blueprint: flask.Blueprint, engine: Engine) -> None:
    """Add the routes of the queue of faults to the blueprint of `/_mock`."""

    @blueprint.get("/faults")
    def list_faults() -> flask.Response:
        """List the queue, the next entry first, without credentials."""
        return _listed(engine.faults.list())

    @blueprint.post("/faults")
    def add_faults() -> flask.Response:
        """Queue an answer, or a sequence of answers, for the next requests that ask for nothing themselves."""
        fields = read_fields({**_WISH, **_FOR, "sequence": (list,)})
        if isinstance(fields, flask.Response):
            return fields
        times = None if fields.get("until_reset") else fields.get("times", 1)
        try:
            wishes = _wishes(fields)
            if any(one.fault == "reset" for one in wishes) and SOCKET not in flask.request.environ:
                return wrong(400, "no_fault", NO_RESET)
            engine.faults.add(
                *wishes,
                times=times if isinstance(times, int) else None,
                credential=_text(fields, "credential"),
                operation=_text(fields, "operation"),
                chance=float(str(fields.get("chance", 1))),
                seed=_text(fields, "seed") or "",
            )
        except WrongWish as error:
            return wrong(400, "no_fault", str(error))
        return _listed(engine.faults.list(), 201)

    @blueprint.delete("/faults")
    def clear_faults() -> flask.Response:
        """Clear the queue, or the entries of one credential; tell how many went."""
        fields = read_fields({"credential": (str,)})
        if isinstance(fields, flask.Response):
            return fields
        return json_answer({"cleared": engine.faults.clear(_text(fields, "credential"))})


def _text(fields: Mapping[str, Json], name: str) -> str | None:
    return str(fields[name]) if name in fields else None


def _wishes(fields: Mapping[str, Json]) -> list[Wish]:
    """Read the wish of the members of a request, or those of its `sequence`. Raises `WrongWish`."""
    sequence = fields.get("sequence")
    if not isinstance(sequence, list):
        return [_wish(fields)]
    if not sequence or any(name in fields for name in SETTINGS):
        raise WrongWish("'sequence' is a list of answers, each as {\"code\": 429}, in the place of a single one.")
    found = []
    for place, one in enumerate(sequence):
        if not isinstance(one, dict) or any(
            name not in _WISH or not isinstance(value, _WISH[name]) or isinstance(value, bool)
            for name, value in one.items()
        ):
            raise WrongWish(f"Item {place} of 'sequence' is no object of {', '.join(_WISH)}.")
        found.append(_wish(one))
    return found


def _wish(fields: Mapping[str, Json]) -> Wish:
    given = {name: fields[name] for name in SETTINGS if name in fields}
    return read_settings(
        {name: number(value) if isinstance(value, int | float) else str(value) for name, value in given.items()}
    )


def _listed(queue: list[Queued], status: int = 200) -> flask.Response:
    entries: list[Json] = [
        {
            "asks": one.wish.applied,
            "times": one.times,
            "for_one_credential": one.owner is not None,
            "operation": one.operation,
            "chance": one.chance,
            "requests": one.seen,
        }
        for one in queue
    ]
    return json_answer({"faults": entries}, status)
