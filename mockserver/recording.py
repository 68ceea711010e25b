"""One exchange as the journal keeps it: raw in this process, sealed wherever it is stored, without secrets when shown.

Taking one down has to be cheap, so it holds what came and went by reference; everything else happens when somebody
looks. It decides nothing and keeps nothing: that is the stores' part.
"""

from __future__ import annotations

import calendar
import json
import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from mockserver.credentials import FAKES, WORKING, owner_of

if TYPE_CHECKING:
    from mockserver.exchange import Decision, Request, Response
    from openapi.reading import Json

__all__ = ["ABOUT", "BODY", "ENCODED", "JOURNAL_BYTES", "Entry", "ExchangeCounts", "Recorded", "sandbox_of"]

BODY = 65_536
"""Bytes of a body that are kept."""

TEXT = 4096
"""Characters that are shown of a body that is no JSON."""

JOURNAL_BYTES = 16 * 1024 * 1024
"""Bytes of exchanges that are kept; the oldest go first."""

ABOUT = 2048
"""Bytes that an exchange takes beside its bodies, roughly."""

ENCODED = "path_with_encoded_slashes"
"""Member of a request whose path has slashes that were encoded: `%2F` in it, and each percent sign as `%25`."""

_ALSO = r"""; (\w+)=("[^"]*"|[^;]*)"""
"""What a decision says beside its basis, name and value."""


@dataclass(slots=True)
class Recorded:
    """An exchange as it was. Everything in it may be a secret: show and store `sealed()` instead.

    seconds: from the request's arrival to its decision. number: given by the store, as its `size` in bytes, roughly.
    sizes: of the two bodies before one was cut.
    """

    request: Request = field(repr=False)
    response: Response = field(repr=False)
    decision: Decision = field(repr=False)
    seconds: float
    number: int = 0
    size: int = 0
    sizes: tuple[int | None, int | None] = (None, None)
    _sealed: dict[str, Json] | None = field(default=None, repr=False)

    def shorten(self) -> None:
        """Cut long bodies, to keep no more than `BODY` of each."""
        body, sent = self.request.body, self.response.body
        self.sizes = None if body is None else len(body), len(sent)
        self.request.body = None if body is None else body[:BODY]
        self.response = replace(self.response, body=sent[:BODY])

    @property
    def key(self) -> str:
        """The key that came, also one that was refused; '' when none did."""
        if self.request.key:
            return self.request.key
        scheme, space, key = (self.request.headers.get("authorization") or "").strip().partition(" ")
        return key.strip() if space else scheme

    @property
    def sandbox(self) -> str:
        """The name of whose exchange it is; '' when no key came."""
        return sandbox_of(owner_of(self.key)) if self.key else ""

    def sealed(self) -> dict[str, Json]:
        """Give it without secrets, each masked text with its digest. It can be written as JSON."""
        if self._sealed is None:
            self._sealed = _sealed(self)
        return self._sealed


@dataclass(frozen=True, slots=True)
class ExchangeCounts:
    """What is kept of the exchanges. dropped: those that had to go; newest: the number of the last one, 0 for none."""

    entries: int = 0
    bytes: int = 0
    dropped: int = 0
    newest: int = 0


class Entry:
    """One exchange of the journal, to be looked at. Its `repr` and `shown()` hold no secret.

    The raw values are there as long as the exchange is in the memory of this process; from a store that several
    processes share come the masked ones.
    """

    __slots__ = ("_raw", "_sealed", "number")

    def __init__(self, number: int, raw: Recorded | None = None, sealed: dict[str, Json] | None = None) -> None:
        self.number = number
        self._raw = raw
        self._sealed = sealed

    def __repr__(self) -> str:
        return f"<Entry {self.number}: {self.method} {self.shown_path} -> {self.status} by {self.rule}>"

    @property
    def sealed(self) -> dict[str, Json]:
        """The exchange without secrets, with the digests of what was masked."""
        if self._sealed is None:
            assert self._raw is not None
            self._sealed = self._raw.sealed()
        return self._sealed

    def shown(self) -> dict[str, Json]:
        """Give it for people and programs: JSON without secrets."""
        from mockserver.redaction import unsealed

        return {"number": self.number, **cast("dict[str, Json]", unsealed(self.sealed))}

    def _part(self, *way: str) -> Json:
        found: Json = self.sealed
        for name in way:
            found = found[name]  # type: ignore[index,call-overload]  # our own shape
        return found

    @property
    def id(self) -> str:
        """The request id, as `X-Oneapi-Request-Id` has it."""
        return str(self.sealed["id"])

    @property
    def time(self) -> str:
        """When it was decided, by the mock's clock (RFC 3339)."""
        return str(self.sealed["time"])

    @property
    def time_ns(self) -> int:
        """When it was decided, by the mock's clock, in nanoseconds since 1970."""
        return _moment(self.id)

    @property
    def operation(self) -> str | None:
        """The operationId; None where the path is none of the contract's."""
        return cast("str | None", self.sealed["operation"])

    @property
    def sandbox(self) -> str:
        """The name of whose it is: of the key that came, a digest; '' when none did."""
        return str(self.sealed["sandbox"])

    @property
    def method(self) -> str:
        """The method."""
        return str(self._part("request", "method"))

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return self._raw.request.path if self._raw else self.shown_path

    @property
    def shown_path(self) -> str:
        """The path without secrets."""
        from mockserver.redaction import unsealed

        return str(unsealed(self._part("request", "path")))

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(cast("int", self._part("response", "status")))

    @property
    def rule(self) -> str:
        """The rule that decided."""
        return str(self._part("decision", "rule"))

    @property
    def headers(self) -> dict[str, str]:
        """The headers that came, by lower-case name."""
        if self._raw:
            return dict(self._raw.request.headers.items())
        return cast("dict[str, str]", self.shown()["request"]["headers"])  # type: ignore[index,call-overload]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query that came."""
        if self._raw:
            return parse_qsl(self._raw.request.query, keep_blank_values=True)
        pairs = cast("list[list[str]]", self.shown()["request"]["query"])  # type: ignore[index,call-overload]
        return [(name, value) for name, value in pairs]

    @property
    def json(self) -> Json:
        """The body that came as a JSON value; None where it was none."""
        if self._raw:
            return _json(self._raw.request.body or b"")
        body = cast("dict[str, Json]", self.shown()["request"]["body"])  # type: ignore[index,call-overload]
        return body.get("json")


def sandbox_of(owner: str) -> str:
    """Shorten the digest of a key to the name of its sandbox."""
    return owner[:12]


def _sealed(one: Recorded) -> dict[str, Json]:
    from mockserver.redaction import seal_header, seal_query, seal_text  # 2 ms, and not every start is looked at

    request, key = one.request, one.key
    documented = {parameter.name for parameter in request.operation.parameters} if request.operation else set()
    came: dict[str, Json] = {name: seal_header(name, value, key) for name, value in request.headers.items()}
    went: list[Json] = [[name, seal_header(name, value, key)] for name, value in one.response.headers]
    kind = next((value for name, value in one.response.headers if name == "Content-Type"), "")
    path, told = seal_text(request.path[:2000], "", key), request.told_path
    apart: dict[str, Json] = {}
    if path == request.path != told:  # where something is masked, it could stand here in other words
        apart[ENCODED] = told
    return {
        "id": request.id,
        "time": _time(request.id),
        "seconds": round(one.seconds, 6),
        "delay": one.response.delay,
        "operation": request.operation.id if request.operation else None,
        "sandbox": one.sandbox,
        "credential": _part_of(one),
        "decision": {
            "rule": one.decision.rule,
            "basis": one.decision.basis,
            "detail": seal_text(one.decision.detail, "", key),
            **{name: text.strip('"') for name, text in re.findall(_ALSO, one.decision.also)},
        },
        "request": {
            "method": seal_text(request.method[:40], "", key),
            "path": path,
            **apart,
            "query": seal_query(request.query, documented, key),
            "headers": came,
            "body": _body(request.body, one.sizes[0], request.headers.get("content-type") or "", key),
        },
        "response": {
            "status": one.response.status,
            "headers": went,
            "body": _body(one.response.body, one.sizes[1], kind, key),
        },
    }


def _body(raw: bytes | None, size: int | None, kind: str, key: str) -> dict[str, Json]:
    """Give a body as its JSON value where it is one, else as a text; and say what is missing."""
    from mockserver.redaction import seal_json, seal_text

    if raw is None:
        return {"size": None, "note": "Not read: the request was decided before."}
    if not raw:
        return {"size": 0}
    size = size or len(raw)
    if size == len(raw):
        value = _json(raw)
        if value is not None or raw.strip() == b"null":
            return {
                "size": size,
                "type": kind.partition(";")[0].strip().lower()[:100],
                "json": seal_json(value, key),
            }
    try:
        text = raw.decode("utf-8", "strict" if size == len(raw) else "ignore")
    except UnicodeDecodeError:
        return {"size": size, "note": "No text in UTF-8, and so not shown."}
    masked = seal_text(text, "", key)
    cut = len(masked) > TEXT
    made: dict[str, Json] = {"size": size, "text": re.sub(r"\0.*", "", masked[:TEXT])}
    if cut or size > len(raw):
        made["note"] = "Not all of it is shown."
    return made


def _json(raw: bytes) -> Json:
    try:
        value: Json = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value


def _part_of(one: Recorded) -> str:
    """Say in words which credential came, and never the credential."""
    key = one.key
    if not key:
        return "none"
    if key in FAKES:
        return FAKES[key].part
    if key.startswith(f"{WORKING}-"):
        return "works, as a sandbox of its own"
    return "accepted" if one.request.key else "refused"


def _time(request_id: str) -> str:
    """Write the time of a request id: 14 digits in UTC and 9 of nanoseconds, from the clock that all answers follow."""
    day, clock = request_id[:8], request_id[8:20]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:6]}.{clock[6:]}Z"


def _moment(request_id: str) -> int:
    """Read the same time in nanoseconds since 1970."""
    try:
        seconds = calendar.timegm(time.strptime(request_id[:14], "%Y%m%d%H%M%S"))
        return seconds * 1_000_000_000 + int(request_id[14:23])
    except ValueError:
        return 0
