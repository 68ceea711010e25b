"""Is an operation there at all? Tells a host that lacks it from one that refuses a request to it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.cases import UNKNOWN
from contract_tests.judge import is_json
from openapi.operation import essence

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.targets import Ask, Exchange

__all__ = ["alike", "is_offered"]


def is_offered(answer: Exchange, send: Callable[[Ask], Exchange], show: Callable[[Exchange], None]) -> bool:
    """Tell an operation that is not there from a session that is not found, by the first answer of a host.

    405 and 501 mean that it is not there, and so do a web page with 200, which the gateway family shows for paths that
    it does not know [G8], and a 404 without JSON. A 404 with JSON does if a path that no API has, which is asked for
    then, is refused in the same words. show: called with what the verdict is about, where that was sent.
    """
    kind = answer.header("content-type") or ""
    if answer.status != 404 or not is_json(kind):
        is_page = answer.status == 200 and essence(kind) == "text/html"
        return not is_page and answer.status not in (404, 405, 501)
    beside = f"{answer.ask.path.rpartition('/')[0]}/{UNKNOWN}"
    unknown = send(replace(answer.ask, path=beside))
    show(answer)
    return not alike(answer, unknown)


def alike(one: Exchange, other: Exchange) -> bool:
    """Tell whether two refusals say the same, but for numbers, ids and the paths that were asked for."""
    return (one.status, _words(one)) == (other.status, _words(other))


def _words(exchange: Exchange) -> str:
    text = exchange.body.decode("utf-8", "replace").replace(exchange.ask.path, "")
    return re.sub(r"[0-9]+", "", re.sub(r"[0-9A-Za-z-]{16,}", "", text))
