"""When a changed answer is still right: rules, each with a sentence and a source. None of them asks the suite.

A rule is asked only about what the document itself does not forbid. What no rule excuses is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from contract_tests.strength.answers import leaves
from contract_tests.strength.traits import trait
from contract_tests.targets import TRANSIENT
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.strength.answers import Answer
    from contract_tests.strength.mutating import Kind, Mutation

__all__ = ["RULES", "Rule", "Trial", "excuse"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutation and what it made of each answer of its kind. pairs: the right answer and the changed one."""

    kind: Kind
    operator: str
    mutation: Mutation
    pairs: tuple[tuple[Answer, Answer], ...]
    forbidden: str

    @property
    def changed(self) -> list[tuple[Answer, Answer]]:
        """The answers that are others now."""
        return [(right, wrong) for right, wrong in self.pairs if right != wrong]

    @property
    def keeps_all_but_body(self) -> bool:
        """Whether status, headers and delivery are as before."""
        return all(
            (right.status, right.headers, right.seconds, right.error)
            == (wrong.status, wrong.headers, wrong.seconds, wrong.error)
            for right, wrong in self.pairs
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a changed answer may still be right."""

    name: str
    sentence: str
    source: str
    whatever: bool
    holds: Callable[[Trial], bool]


RULES: list[Rule] = []


def rule(
    name: str, source: str, *, whatever: bool = False
) -> Callable[[Callable[[Trial], bool]], Callable[[Trial], bool]]:
    """Register a rule. Its docstring is its sentence. whatever: it holds whatever the document says."""

    def register(function: Callable[[Trial], bool]) -> Callable[[Trial], bool]:
        RULES.append(Rule(name, (function.__doc__ or "").strip().partition("\n")[0], source, whatever, function))
        return function

    return register


def excuse(trial: Trial) -> str:
    """Name the first rule by which the changed answers are still right; '' when they are wrong."""
    if not trial.changed:
        return "unchanged"
    return next((one.name for one in RULES if (one.whatever or not trial.forbidden) and one.holds(trial)), "")


@rule("unchanged", "")
def unchanged(trial: Trial) -> bool:
    """The change came to nothing: the answers are the same, byte for byte."""
    return not trial.changed


@rule("same-json", "RFC 8259 1, 2, 7")
def same_json(trial: Trial) -> bool:
    """The body is the same JSON value: order of members, white space and escapes say nothing."""
    return trial.keeps_all_but_body and all(
        not isinstance(wrong.value, Missing) and right.value == wrong.value for right, wrong in trial.changed
    ) and trial.operator in ("reorder", "rewrite", "unasked")  # fmt: skip


@rule("same-type", "RFC 9110 8.3.1, RFC 8259 11")
def same_type(trial: Trial) -> bool:
    """The media type is the same: its case and quotes say nothing, and JSON is UTF-8 with or without a charset."""
    return trial.operator == "same-type"


@rule("header-names", "RFC 9110 5.1")
def header_names(trial: Trial) -> bool:
    """The names of headers are case-insensitive."""
    return trial.operator == "header-case"


@rule("more-headers", "RFC 9110 5.1")
def more_headers(trial: Trial) -> bool:
    """A host may send further headers; who does not know one ignores it."""
    return trial.operator == "extra-header"


@rule("in-time", "--contract-max-response-time")
def in_time(trial: Trial) -> bool:
    """The answer takes no longer than it may."""
    return trial.operator == "within"


@rule("transient", "RFC 9110 15.6.3 to 15.6.5, RFC 6585 4", whatever=True)
def transient(trial: Trial) -> bool:
    """429, 502, 503 and 504 speak of the way to the service: the suite calls them inconclusive and ends with 10."""
    return all(wrong.status in TRANSIENT for _, wrong in trial.changed)


@rule("any-refusal", "nobody saw with which status an unknown or foreign token is refused [L, C5]; RFC 9110 15.5.21")
def any_refusal(trial: Trial) -> bool:
    """Where nobody documented with which status a request is refused, another one that fits will do."""
    kind, statuses = trial.kind, {wrong.status for _, wrong in trial.changed}
    if kind.succeeds or trial.operator != "status":
        return False
    if kind.operation.reconstructed:
        return all(400 <= one < 500 for one in statuses)
    invalid = all(one.case is not None and one.case.expect == "invalid" for one in kind.seen)
    return invalid and "400" not in {one.status for one in kind.operation.responses} and statuses <= {400, 422}


@rule("any-success", "")
def any_success(trial: Trial) -> bool:
    """A success may have another status of success that the document has."""
    return (
        trial.kind.succeeds
        and trial.operator == "status"
        and all(200 <= wrong.status < 300 for _, wrong in trial.changed)
    )


@rule("items", "no sentence says how many there are")
def items(trial: Trial) -> bool:
    """How many items an array has is the host's affair, where its schema leaves it open."""
    last = trial.mutation.clause.rpartition("/")[2]
    one_item = trial.operator in ("drop", "empty") and last.isdigit()
    arrays = all(isinstance(one.value, list) for pair in trial.changed for one in pair)
    return trial.kind.succeeds and (one_item or (arrays and trial.operator in ("replace", "garble")))


@rule("open-body", "the document gives this success no body")
def open_body(trial: Trial) -> bool:
    """A success may have any body where none is documented."""
    response = trial.kind.response
    return trial.kind.succeeds and response is not None and not response.media_types and trial.mutation.clause == "body"


@rule("explicitly-open", "additionalProperties of the document")
def explicitly_open(trial: Trial) -> bool:
    """An object may have members more where its schema says so in as many words."""
    media = trial.kind.json_media()
    if trial.operator != "extra" or media is None or media.schema is None or trial.mutation.clause != "body":
        return False
    schema = media.schema.schemas.library.follow(media.schema.node).value
    return isinstance(schema, dict) and schema.get("additionalProperties") is True


@rule("open-error", "the document gives refusals no body; what other pages show leaves the rest open")
def open_error(trial: Trial) -> bool:
    """An error says what it likes, in its own words and with further members, where its schema allows it."""
    return not trial.kind.succeeds and trial.keeps_all_but_body and trial.mutation.basis == ""


@rule("open-type", "RFC 9457, RFC 6839")
def open_type(trial: Trial) -> bool:
    """An error may come under another media type of JSON, where none is documented."""
    return not trial.kind.succeeds and trial.operator == "media-type" and trial.mutation.basis == ""


@rule("bare-error", "the document gives refusals no body")
def bare_error(trial: Trial) -> bool:
    """An error may come without a body, where none is documented."""
    return not trial.kind.succeeds and trial.operator == "empty-body"


@rule("page-of-a-route", "RFC 9110 15.5.5, 15.5.6")
def page_of_a_route(trial: Trial) -> bool:
    """Where no operation answers, a 404 or 405 may have any body: a proxy or a web page may have sent it."""
    return trial.kind.of_a_route and trial.mutation.clause in ("body", "header Content-Type")


@rule("opaque", "no sentence says what stands inside")
def opaque(trial: Trial) -> bool:
    """What stands inside a text is the host's own affair as long as its form holds: a link still is one."""
    kind, pointer = trial.kind, trial.mutation.clause
    reshaping = ("case", "truncate", "lengthen", "recode", "stale", "future", "empty", "retype", "null")
    if not kind.succeeds or trial.operator not in reshaping or kind.asked(pointer):
        return False
    if trait(kind.operation.id, pointer, "link") is None:
        return trait(kind.operation.id, pointer, "dated") is None
    links = [dict(leaves(wrong.value)).get(pointer) for _, wrong in trial.changed]
    return all(isinstance(link, str) and _is_link(link) for link in links)


def _is_link(text: str) -> bool:
    """Tell whether a phone can open a text: https, a host, and a query that says something."""
    parts = urlsplit(text)
    return (
        parts.scheme == "https" and bool(parts.hostname) and not re.search(r"\s", text) and bool(parse_qsl(parts.query))
    )


@rule("repeatable", "no sentence asks for another value in each answer")
def repeatable(trial: Trial) -> bool:
    """A value may be that of another answer where nobody says that it is new with each."""
    borrowed = trial.operator in ("constant", "previous", "example", "replay")
    return borrowed and trial.mutation.basis == ""
