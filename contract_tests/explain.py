"""The command `contract-tests explain`: what a code means, why it is checked, on which basis, at which price.

What it says stands beside the checks; here is only what is true of all codes of a hundred. It sends nothing.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from contract_tests.codes import CODES
from contract_tests.failures import severity
from contract_tests.parser import USAGE, Parser
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.cases import Case
    from contract_tests.codes import Code

__all__ = ["Kind", "all_codes", "facts", "kind_of", "main", "markdown", "silence_of"]

MODULES = (
    "judge", "expectations", "invariants", "steps", "cases", "targets", "verdicts", "deviations", "telling",
    "reporting", "drift_kinds", "comparing", "fuzzing.fuzz",
)  # fmt: skip
"""The modules that define codes."""

NARROW, WIDE = 60, 100
"""Columns that text is wrapped at, at least and at most."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The codes of a hundred. cost, silence: where a code has none of its own."""

    title: str
    about: str
    cost: str
    silence: str


_KNOWN = "Write it down as a known deviation (contract-deviations.toml), or leave "
_LEAVE_OUT = _KNOWN + "the item out, with "
KINDS = {
    "1": Kind(
        "Answers and the document",
        "What is checked of each answer by itself: its status against what the case expects, and all of it against the "
        "document, by openapi-core.",
        "Nothing of its own: it looks at the answers to the cases.",
        _LEAVE_OUT + "--deselect and its id, or -k and a part of that, such as -k 'not body/long'.",
    ),
    "2": Kind(
        "Invariants of every operation",
        "What no schema can say, of any operation.",
        "",
        _LEAVE_OUT + "-k 'not {code}'.",
    ),
    "3": Kind(
        "Invariants of the session",
        "What no schema can say of createVisualValidateSession.",
        "",
        _LEAVE_OUT + "-k 'not {code}'.",
    ),
    "4": Kind(
        "Steps of the journey",
        "From the session over the person to the result, the callback and its end. Walked with the mock, elsewhere if "
        "asked for. Whatever the basis, a mock of this project has to keep it.",
        "",
        _LEAVE_OUT + "--deselect and its id, or all steps by leaving --contract-journey out.",
    ),
    "5": Kind(
        "Groups of cases",
        "What is sent. Failures of a case name the code of its group beside that of what failed.",
        "",
        _KNOWN + "the group out, with -k 'not /{group}/'.",
    ),
    "9": Kind(
        "The run itself",
        "What ends an item or a run without a verdict on the target.",
        "",
        "",
    ),
}
"""By the digit after AFC."""


def all_codes() -> list[Code]:
    """Give every code, in order."""
    for name in MODULES:
        import_module(f"contract_tests.{name}")
    return [CODES[code] for code in sorted(CODES)]


def kind_of(code: Code) -> Kind:
    """Give the kind of a code."""
    return KINDS[code.code[3]]


# --- what is known of a code ------------------------------------------------------------------------------------------


def facts(code: Code) -> Iterator[tuple[str, str]]:
    """Give what is known of a code, each with its label."""
    kind = kind_of(code)
    yield "what", code.sentence
    yield "why", code.why
    if code.code[3] != "9":
        yield "basis", _basis(code)
        yield "cost", code.cost or _cost(code) or kind.cost
    yield "remedy" if code.code[3] == "9" else "silence", silence_of(code)


def silence_of(code: Code) -> str:
    """Say how a code is silenced, or what to do about it."""
    return code.silence or kind_of(code).silence.format(code=code.code, group=_group(code))


def _basis(code: Code) -> str:
    if code.code[3] == "5" and not code.basis:
        return "that of each case, mostly documented"
    if not code.basis:
        return "that of the clause that is broken"
    promised = code.code[3] == "4"  # what the journey of a mock of ours comes to
    here = severity(code.basis, loopback=True, promised=promised)
    there = severity(code.basis, loopback=False)
    words = {"fail": "fails", "warn": "warns", "report": "is reported"}
    if here == there:
        return f"{code.basis}: {words[here]}"
    where = "at a mock of this project" if promised else "at the mock and on this machine"
    return f"{code.basis}: {words[here]} {where}, {words[there]} at another host"


def _cost(code: Code) -> str:
    """Count requests for the vendor's document."""
    if code.code[3] == "5":
        sent = [case for case in _cases() if case.group == _group(code)]
        return f"With the vendor's document, {_priced(sent)}."
    looked_at = _looked_at(code)
    if not looked_at:
        return ""
    return f"Nothing of its own: it looks at other items' answers. Chosen alone, {_priced(looked_at)}."


def _looked_at(code: Code) -> list[Case]:
    from contract_tests.invariants import INVARIANTS

    over = next((one.over for one in INVARIANTS if one.code == code.code), "")
    kinds = {"all": (True, False), "accepted": (True,), "refused": (False,)}.get(over, ())
    return [case for case in _cases() if (case.expect == "accepted") in kinds]


def _priced(cases: Sequence[Case]) -> str:
    if not cases:
        return "no request"
    paid = sum(case.cost == "paid" for case in cases)
    how_many = {0: "none", len(cases): "all"}.get(paid, str(paid))
    return f"{len(cases)} requests, {how_many} of them paid"


def _group(code: Code) -> str:
    from contract_tests.cases import GROUPS

    return next((name for name, group in GROUPS.items() if group.code is code), "")


@cache
def _cases() -> tuple[Case, ...]:
    from contract_tests.cases import cases_of
    from openapi.contract import packaged_contract

    return cases_of(packaged_contract())


# --- told -------------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Explain codes, or list them all. Exit status: 0, or 4 for a code that is none."""
    options = _parser().parse_args(list(arguments))
    codes = all_codes()
    if options.markdown:
        print(markdown(codes), end="")  # noqa: T201 - what a command says
        return 0
    if not options.code:
        print("\n".join(_listed(codes, _width())))  # noqa: T201 - what a command says
        return 0
    for number, word in enumerate(options.code):
        code = _find(word, codes)
        if code is None:
            print(f"contract-tests explain: there is no code {word!r}. {_hint(word, codes)}", file=sys.stderr)  # noqa: T201
            return USAGE
        print("\n".join([*([""] if number else []), *_explained(code, _width())]))  # noqa: T201
    return 0


def _find(word: str, codes: Sequence[Code]) -> Code | None:
    """Find a code by itself, its number, its name, or the name of its group of cases."""
    wanted = word.upper().removeprefix("AFC")
    name = word.lower().replace("_", " ").replace("-", " ")
    return next(
        (one for one in codes if one.code == f"AFC{wanted}" or name in (one.name, _group(one).replace("-", " "))), None
    )


def _hint(word: str, codes: Sequence[Code]) -> str:
    names = [name for one in codes for name in (one.name, _group(one)) if name]
    near = nearest(word.upper(), [one.code for one in codes]) or nearest(word.lower(), names)
    return near or "Without a code, all of them are listed."


def _explained(code: Code, width: int) -> Iterator[str]:
    yield f"{code.code}  {code.name}"
    for label, text in facts(code):
        yield from _wrapped(text, f"  {label:<9}", width)


def _listed(codes: Sequence[Code], width: int) -> Iterator[str]:
    last = ""
    for code in codes:
        if code.code[3] != last:
            yield from ([""] if last else [])
            yield kind_of(code).title
            last = code.code[3]
        basis = "" if last in ("5", "9") else code.basis or "clause's"
        yield from _wrapped(code.sentence, f"  {code.code}  {basis:<11}", width)


def _wrapped(text: str, first: str, width: int) -> list[str]:
    indent = " " * len(first)
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)


def _width() -> int:
    return max(NARROW, min(WIDE, shutil.get_terminal_size().columns))


def markdown(codes: Sequence[Code]) -> str:
    """Write the page about all codes."""
    lines = [
        "# What the suite checks",
        "",
        "Every code that the suite shows; `contract-tests explain CODE` says the same at the terminal. What a basis",
        "does is in [contract-tests.md](contract-tests.md#what-a-verdict-means). Marks such as [U1] name",
        "[sources](../openapi/reconstructed/SOURCES.md). Generated from the checks themselves by `make effective`.",
    ]
    last = ""
    for code in codes:
        kind = kind_of(code)
        if code.code[3] != last:
            lines += ["", f"## {kind.title}", "", kind.about]
            common = (("Cost", kind.cost), ("To silence one", kind.silence.format(code="CODE", group="NAME")))
            lines += [line for label, text in common if text for line in ("", f"{label}: {text}")]
            last = code.code[3]
        own = {label: text for label, text in facts(code) if label not in ("what", "why")}
        if code.cost == "" and _cost(code) == "":
            own.pop("cost", None)
        if not code.silence:
            own.pop("silence", None)
        lines += ["", f"### {code.code}: {code.name}", "", f"**{code.sentence}** {code.why}", ""]
        lines += [f"- {label}: {text}" for label, text in own.items()]
    return "\n".join(lines) + "\n"


def _parser() -> Parser:
    parser = Parser(
        "explain", "Say what a code means, why it is checked, on which basis, at which price, and how to silence it."
    )
    parser.add_argument("code", nargs="*", metavar="CODE", help="such as AFC304; without one, all are listed")
    parser.add_argument("--markdown", action="store_true", help="write the page of all codes")
    return parser
