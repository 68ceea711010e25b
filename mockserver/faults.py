"""What the mock can be asked to answer: one vocabulary for every channel, its words, and the two ways to write them.

A wish is written as preferences, `code=429, delay=1`, or as labels, `code-429` and `delay-1`, where no `=` may stand.
This module knows words and texts; it answers nothing and sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mockserver.credentials import Refusal
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

__all__ = [
    "CODES",
    "FAULTS",
    "LONGEST_DELAY",
    "LONGEST_LASTING",
    "NO_WISH",
    "SETTINGS",
    "Channel",
    "Wish",
    "Word",
    "WrongWish",
    "number",
    "read_labels",
    "read_prefer",
    "read_preferences",
    "read_settings",
]

LONGEST_DELAY = 60.0
"""Longest deliberate delay, in seconds."""

LONGEST_LASTING = 600.0
"""Longest time, in seconds, that a fault may last: clients of the vendor wait up to 600 s for a create call [L, C1]."""

Channel: TypeAlias = Literal["prefer", "key", "callback", "queue"]
"""Where a wish came from: the Prefer header, the end of the key, the host of the CallbackURL, or the queue."""


@dataclass(frozen=True, slots=True)
class Word:
    """One fault: its kind, the basis of what it imitates, and what goes over the wire, in a sentence.

    kind: `answer` stands in the place of the answer, `body` changes its body, `transport` how it is sent.
    """

    kind: Literal["answer", "body", "transport"]
    basis: str
    wire: str


CODES = {
    429: Word("answer", "assumed", "429 without body and without `Retry-After`, as the family's global limiter [G9]"),
    500: Word("answer", "assumed", "500 with the family's words for trouble with its database [G1]"),
    502: Word("answer", "assumed", "502 with a relayed upstream error, seen in an account's log [L, C3]"),
    503: Word("answer", "assumed", "503 with the family's words when no channel is free [G4, G5]"),
    504: Word("answer", "assumed", "504 in the envelope of the family's errors; nobody saw one [I]"),
}
"""Statuses that a gateway sends whatever the page of an operation lists: `code=` gives them for every operation."""

FAULTS = {
    "401-invalid-api-key": Word("answer", "elsewhere", "401 `authentication_error`, the Introduction's [V2]"),
    "401-invalid-token": Word("answer", "assumed", "401 `new_api_error`, the gateway family's [C2, G1]"),
    "401-no-token": Word("answer", "elsewhere", "401 with a message alone, that of the models-list guide [V9]"),
    "429-model-limit": Word("answer", "assumed", "429 with the words of the family's limiter per model [G5]"),
    "429-retry-after": Word("answer", "rfc", "429 with `Retry-After: 1` (RFC 6585); the family sends none [G9]"),
    "502-html": Word("answer", "assumed", "502 with the HTML page of a proxy [I]"),
    "invalid-json": Word("body", "assumed", "the answer without its last character"),
    "empty-body": Word("body", "assumed", "the answer's status and type, `Content-Length: 0`"),
    "wrong-content-type": Word("body", "assumed", "the answer as `Content-Type: text/plain`"),
    "slow-body": Word("transport", "assumed", "the head at once, the body in 10 pieces within `lasting` (2) seconds"),
    "truncated-body": Word("transport", "assumed", "the whole `Content-Length`, half of the body, the end (FIN)"),
    "no-answer": Word("transport", "assumed", "nothing until the client gives up; after `lasting` (600) seconds a 504"),
    "reset": Word("transport", "assumed", "a TCP reset (RST) and no byte"),
}
"""`fault=` -> what it is. Words that begin with a status are answers with that status."""

RESTING = {"slow-body": 2.0, "no-answer": LONGEST_LASTING}
"""Faults that take time -> how long, in seconds, unless `lasting=` says otherwise."""


class WrongWish(ValueError):
    """What was asked for cannot be: an unknown word, a bad value, two that exclude each other; `str()` says which."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. `code`: a status, `example`: the name of an example, `delay`: seconds before the answer.

    fault: a word of `FAULTS`, or empty. lasting: seconds that a fault takes which takes time; None: the usual ones.
    dynamic: whether the answer is made from the schema, though there may be examples.
    """

    code: int | None = None
    example: str | None = None
    delay: float = 0.0
    fault: str = ""
    lasting: float | None = None
    channel: Channel = "prefer"
    dynamic: bool = False

    @property
    def chooses(self) -> bool:
        """Whether it names the documented answer, rather than only when and how it comes."""
        return self.code is not None or self.example is not None or self.dynamic

    @property
    def refuses(self) -> bool:
        """Whether it names an error, which is answered without a look at the rest of the request."""
        if self.code is not None:
            return self.code >= 400
        return bool(self.fault) and FAULTS[self.fault].kind == "answer"

    @property
    def marked(self) -> bool:
        """Whether `X-Mock-Rule` has to say that it was asked for; `Preference-Applied` says so of the older ones."""
        return bool(self.fault) or self.channel != "prefer"

    @property
    def name(self) -> str:
        """The word that says most about it: the fault, `code`, `example`, `dynamic` or `delay`."""
        return self.fault or next(
            (one for one in ("code", "example", "dynamic") if getattr(self, one) not in (None, False)), "delay"
        )

    @property
    def seconds(self) -> float:
        """How long its fault takes, in seconds."""
        return RESTING.get(self.fault, 0.0) if self.lasting is None else self.lasting

    def granted(self, status: int) -> Wish:
        """What of it a refusal with a status grants: all but another code, and an example."""
        if self is NO_WISH:
            return self
        code = self.code if self.code == status else None
        return Wish(code, None, self.delay, self.fault, self.lasting, self.channel, self.dynamic and code is not None)

    @property
    def applied(self) -> str:
        """Write it as preferences, as in `Preference-Applied` (RFC 7240 section 3); `read_prefer` reads it."""
        values = self._values()
        if self.example is not None:
            values["example"] = '"' + re.sub(r'([\\"])', r"\\\1", self.example) + '"'
        return ", ".join(f"{name}={value}" for name, value in values.items())

    @property
    def labels(self) -> tuple[str, ...]:
        """Write it as labels; `read_labels` reads them. Raises `WrongWish` for an example whose name is no label."""
        labels = []
        for name, value in self._values().items():
            if name == "example" and not re.fullmatch(_NAME, value):
                raise WrongWish(f"The example {value!r} cannot be named by a label: ask by Prefer or by the queue.")
            text = _units(float(value)) if name in ("delay", "lasting") else value
            labels.append(value if name == "fault" else f"{name}-{text}")
        return tuple(labels)

    def _values(self) -> dict[str, str]:
        found: dict[str, str | None] = {
            "code": None if self.code is None else str(self.code),
            "example": self.example,
            "dynamic": "true" if self.dynamic else None,
            "delay": number(self.delay) if self.delay else None,
            "fault": self.fault or None,
            "lasting": None if self.lasting is None else number(self.lasting),
        }
        return {name: value for name, value in found.items() if value is not None}


NO_WISH = Wish()

SETTINGS = {
    "code": "[2-5][0-9]{2}",
    "example": r"[^\x00-\x1f\x7f]{1,200}",
    "dynamic": "true|false",
    "delay": r"[0-9]{1,4}(\.[0-9]{1,6})?",
    "fault": "[A-Za-z0-9-]{1,40}",
    "lasting": r"[0-9]{1,4}(\.[0-9]{1,6})?",
}
"""What can be set -> the form of its value."""

_TAKES = {
    "code": "a status from 200 to 599",
    "example": "the name of an example",
    "dynamic": "true or false",
    "delay": "seconds, such as 1.5",
    "fault": "a word such as truncated-body",
    "lasting": "seconds, such as 1.5",
}


def read_settings(found: Mapping[str, str]) -> Wish:
    """Make a wish of settings by their names. Raises `WrongWish`."""
    for name, value in found.items():
        if not re.fullmatch(SETTINGS[name], value):
            raise WrongWish(f"{name}= takes {_TAKES[name]}.")
    fault, dynamic = found.get("fault", ""), found.get("dynamic") == "true"
    if fault and fault not in FAULTS:
        raise WrongWish(f"There is no fault {fault!r}. {nearest(fault, FAULTS) or f'There are: {_words()}.'}")
    for name, most in (("delay", LONGEST_DELAY), ("lasting", LONGEST_LASTING)):
        if float(found.get(name, 0)) > most:
            raise WrongWish(f"{name}= is at most {most:g} seconds.")
    if fault and FAULTS[fault].kind == "answer" and ("code" in found or "example" in found or dynamic):
        raise WrongWish(f"fault={fault} is an answer of its own: leave code=, example= and dynamic= out.")
    if "lasting" in found and fault not in RESTING:
        raise WrongWish(f"lasting= is for faults that take time: {', '.join(RESTING)}.")
    lasting = float(found["lasting"]) if "lasting" in found else None
    code = int(found["code"]) if "code" in found else None
    if dynamic and "example" in found:
        raise WrongWish("dynamic=true makes an answer from the schema: leave example= out.")
    wish = Wish(code, found.get("example"), float(found.get("delay", 0)), fault, lasting, dynamic=dynamic)
    return NO_WISH if wish == NO_WISH else wish


_PREFERENCES = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+')
_PREFERENCE = re.compile(r'\s*([A-Za-z0-9_.-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*))?\s*([^;]*)')
"""Its name, its value, and what should not follow; `;` begins what is said of the preference itself."""


def read_prefer(header: str) -> Wish | Refusal:
    """Read a `Prefer` header. Unknown preferences are ignored (RFC 7240); a known one with a bad value is refused."""
    try:
        return read_preferences(header)
    except WrongWish as error:
        return Refusal("request.prefer", f"Prefer: {error}")


def read_preferences(text: str) -> Wish:
    """Read preferences, `code=429, delay=1`; unknown ones are ignored, of two of a name the first counts (RFC 7240).

    Raises `WrongWish`.
    """
    found: dict[str, str] = {}
    for part in _PREFERENCES.findall(text[:2000]):
        read = _PREFERENCE.match(part)
        if read is None or read[1].lower() not in SETTINGS:
            continue
        name, value = read[1].lower(), _unquoted(read[2] or "")
        if read[3].strip():
            raise WrongWish(f"{name}= takes one value: put commas between preferences, quotes around blanks.")
        if name == "dynamic":
            value = value.lower() or "true"  # what is said without a value is said (RFC 7240 section 2)
        found.setdefault(name, value)
    return read_settings(found) if found else NO_WISH


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if len(value) > 1 and value[0] == value[-1] == '"' else value


_NAME = "[A-Za-z0-9-]{1,63}"
_LABEL = re.compile(
    rf"(?P<name>code|example|dynamic)-(?P<value>{_NAME})|(?P<time>delay|lasting)-(?P<count>\d{{1,10}})(?P<unit>m?s|us)?"
)
_UNITS = {"": 1, "s": 1, "ms": 1000, "us": 1_000_000}


def read_labels(labels: Iterable[str]) -> Wish:
    """Read labels such as `code-429`, `delay-250ms`, `truncated-body`. Raises `WrongWish`."""
    found: dict[str, str] = {}
    for label in labels:
        name, value = _read_label(label)
        if name in found:
            raise WrongWish(f"{name} is said twice.")
        found[name] = value
    return read_settings(found)


def _read_label(label: str) -> tuple[str, str]:
    read = _LABEL.fullmatch(label)
    if label.lower() in FAULTS:
        return "fault", label.lower()
    if read is None:
        known = (*FAULTS, *(f"code-{code}" for code in CODES))
        hint = (
            nearest(label, known)
            or f"There are: code-STATUS, example-NAME, delay-SECONDS, lasting-SECONDS, {_words()}."
        )
        raise WrongWish(f"There is no word {label[:40]!r}. {hint}")
    if read["time"]:
        return read["time"], number(int(read["count"]) / _UNITS[read["unit"] or ""])
    return read["name"], read["value"]


def number(value: float) -> str:
    """Write seconds as a person would: at most six digits behind the point, and no more than are needed."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _units(seconds: float) -> str:
    """Write seconds without a point, in the largest unit that does."""
    micros = round(seconds * 1_000_000)
    unit = next(unit for unit, parts in _UNITS.items() if micros % (1_000_000 // parts) == 0)
    return f"{micros * _UNITS[unit] // 1_000_000}{unit}"


def _words() -> str:
    return ", ".join(FAULTS)
