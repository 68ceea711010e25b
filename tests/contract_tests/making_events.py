"""Makes events by hand, for tests of what is written of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.event_parts import Content, Covered, DocumentRead, Excuse, Item, Noted
from contract_tests.events import (
    BrowserArrived,
    CoverageMeasured,
    DifferenceFound,
    ExchangeMade,
    ItemSettled,
    RunEnded,
    RunStarted,
)

if TYPE_CHECKING:
    from contract_tests.event_parts import Verdict, Weight
    from contract_tests.events import Event

__all__ = [
    "AT",
    "HOSTILE",
    "a_known_deviation",
    "a_run",
    "everything",
    "exchange",
    "item",
    "noted",
    "settled",
    "started",
]

HOSTILE = "</script></style></pre><img src=x onerror=alert(1)>\"'`|&\r\n::error::x\n## h\n[a](http://x)"
"""What breaks out of everything that does not escape."""

AT = 1_700_000_000.0


def item(name: str = "auth/missing", operation: str = "op", code: str = "AFC501") -> Item:
    """Make an item; its group is the first part of its name."""
    group, _, rest = name.partition("/")
    identifier = f"{operation}/{name}" if operation else name
    return Item(identifier, code, group, operation, rest, "free", "documented", "A sentence.")


def noted(
    weight: Weight = "failed", code: str = "AFC113", received: str = "200", exchange: str = "", pointer: str = ""
) -> Noted:
    """Make a finding."""
    return Noted(weight, code, "documented", "A sentence.", "401", received, pointer, "AFC501", exchange)


def settled(
    name: str = "auth/missing",
    verdict: Verdict = "passed",
    *findings: Noted,
    reason: str = "",
    operation: str = "op",
    excuse: Excuse | None = None,
) -> ItemSettled:
    """Make the verdict on an item that looked at the exchange of its own name and judged it."""
    made = item(name, operation)
    code = {"inconclusive": "AFC912", "not run": "AFC923", "known deviation": "AFC931"}.get(verdict, "")
    return ItemSettled(made, verdict, reason, code, findings, (made.id,), (made.id,), 0.25, excuse)


def a_known_deviation(text: str = "x", name: str = "auth/known") -> ItemSettled:
    """Make an item that a known deviation excuses."""
    excuse = Excuse(f"{text} for now", f"team {text}", "2026-12-31", f"https://issues.example/{text}", "known.toml:7")
    found = noted("known", "AFC114", text)
    return settled(name, "known deviation", found, reason=str(excuse), excuse=excuse)


def exchange(name: str = "op/auth/missing", text: str = '{"a": 1}', status: int = 401) -> ExchangeMade:
    """Make an exchange with an answer of JSON."""
    return ExchangeMade(
        name=name,
        operation="op",
        method="POST",
        url="https://host.example/thing?a=1&b=%20",
        request_headers=(("Accept", "application/json"), ("Authorization", "Bearer $ANYFAST_API_KEY")),
        request_body=Content("{}", 2),
        status=status,
        headers=(("Content-Type", "application/json"), ("X-Said", text)) if status else (),
        body=Content(text, len(text.encode())) if status else Content("", 0),
        trouble="" if status else "the target cannot be reached",
        seconds=0.125,
        at=AT + 1,
        paid=status == 200,
        sent=bool(status),
        curl=f"curl -i -X POST https://host.example/thing --data-raw '{text}'",
    )


def started(*items: Item, **more: object) -> RunStarted:
    """Make the start of a run against a host; `more` are other values of its fields."""
    fields: dict[str, object] = {
        "at": AT,
        "target": "https://host.example",
        "is_mock": False,
        "loopback": False,
        "profile": "observed",
        "documents": (DocumentRead("Title", "1.0", "abc" * 20, reconstructed=False),),
        "versions": (("python", "3.11.7"),),
        "items": items,
    }
    return RunStarted(**{**fields, **more})  # type: ignore[arg-type]


def a_run(*events: Event, status: int = 1, interrupted: bool = False) -> list[Event]:
    """Make the events of a run: its start, these, what was covered, and its end."""
    items = [event.item for event in events if isinstance(event, ItemSettled)]
    clauses = (
        Covered("op", "request", "operation", "POST /thing", 3, 2),
        Covered("op", "request", "property", "/name", 2, 1),
        Covered("op", "request", "enum value", '/name = "a"', 1, 0),
        Covered("op", "answer", "status", "200", 1, 1),
        Covered("op", "answer", "status", "500", 0, 0),
        Covered("op", "answer", "media type", "200 application/json", 1, 1),
    )
    return [started(*items), *events, CoverageMeasured(clauses), RunEnded(AT + 3.5, 3.5, status, interrupted)]


def everything(text: str = "x") -> list[Event]:
    """Make a run in which there is everything, and a text wherever one from outside may stand."""
    return a_run(
        exchange("op/auth/missing", text),
        settled("auth/missing", "failed", noted(received=text, exchange="op/auth/missing", pointer=f"/{text}")),
        settled("auth/empty", "passed"),
        a_known_deviation(text),
        exchange("op/body/documented", text, 200),
        settled("body/documented", "warned", noted("warned", "AFC205", text, "op/body/documented")),
        settled(f"body/{text}", "passed", noted("reported", "AFC112", text)),
        exchange("op/method/get", text, 0),
        settled("method/get", "inconclusive", reason=f"the target answered {text}"),
        settled("path/unknown", "not run", reason=f"the run ended before {text}"),
        settled("invariant/broken", "failed", noted("broken", "AFC991", f"TypeError: {text}")),
        settled("journey/create", "passed", operation=""),
        BrowserArrived("create", "GET", f"/x?a={text}", (("User-Agent", text),), 0, text, AT + 2),
        DifferenceFound("op/body/documented", f"/{text}", text, text, f"{text}.yaml", "AFC942"),
    )
