"""A request and a response as small values, whatever server or client stands outside. Knows no framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Literal, Protocol

from openapi.escapes import plain, protected, with_encoded_slashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = [
    "ELSEWHERE",
    "LATER",
    "SOCKET",
    "Answer",
    "BodyError",
    "Decision",
    "EnvironHeaders",
    "Headers",
    "Kind",
    "PlainHeaders",
    "Request",
    "Response",
    "Transport",
    "is_length",
    "reason",
    "request_of",
    "slow_pieces",
]


LATER = "mockserver.later"
"""WSGI environ key of a callable that sends an answer late or slowly, its thread free; only our own server has it."""

ELSEWHERE = "mockserver.elsewhere"
"""WSGI environ key of a callable that has an answer made by a thread of its own; only our own server has it."""

SOCKET = "werkzeug.socket"
"""WSGI environ key of the connection itself; Werkzeug's server has it, granian has none to give."""


class BodyError(Exception):
    """The body did not arrive as announced; `str()` says how, in words for the caller."""


class Headers(Protocol):
    """Request headers, by lower-case name. Several fields of one name arrive joined by `, ` (RFC 9110 5.3)."""

    def get(self, name: str) -> str | None:
        """Give the value of a header such as `content-type`, or None."""

    def items(self) -> Iterable[tuple[str, str]]:
        """List names, in lower case, and values."""

    def kept(self) -> Headers:
        """Give the same headers to keep for later: they hold on to nothing else of the request."""


def _nothing_more(_: int) -> bytes:
    return b""


@dataclass(slots=True)
class Request:
    """One request. `path` is percent-decoded, `query` is not; `read(n)` gives at most n bytes of the body, once.

    raw_path: the path before it was decoded, when the host tells it and there is a `%` in it.

    What the engine finds out about it stands below, for the journal. body: as it was read; None: it was not. key: of an
    accepted credential. id: of the answer. began: when it came, by a clock that only measures.
    """

    method: str
    path: str
    query: str
    headers: Headers
    read: Callable[[int], bytes]
    body: bytes | None = None
    operation: Operation | None = None
    key: str = field(default="", repr=False)
    id: str = ""
    began: float = field(default_factory=perf_counter)
    raw_path: str = ""

    @property
    def route(self) -> str:
        """The path to look up: an encoded slash divides no segments, where the host tells it from one that is not."""
        return protected(self.raw_path) if self.raw_path else self.path

    @property
    def told_path(self) -> str:
        """The path for people: decoded, but for slashes that were encoded, as `with_encoded_slashes` has it."""
        route = self.route
        return self.path if route.isascii() else with_encoded_slashes(route)

    @property
    def resettable(self) -> bool:
        """Whether who sends the answer can reset the connection instead: Werkzeug's server, or no server at all."""
        return not isinstance(self.headers, EnvironHeaders) or self.headers.bring_connection

    def let_go(self) -> None:
        """Forget the connection, once the answer is decided: what is left can be kept for long."""
        self.headers = self.headers.kept()
        self.read = _nothing_more


@dataclass(slots=True)
class Answer:
    """What is answered, before it is written: a status and the value of the body (None: no body).

    rule, basis: of an answer that stands on another basis than its behaviour as a whole. raw: the body as it is sent,
    where it is not the value as JSON. media_type: of the body, where it is not the one that was negotiated. headers:
    those that the document requires.
    """

    status: int
    body: Json
    rule: str = ""
    basis: str | None = None
    raw: bytes | None = None
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


Kind: TypeAlias = 'Literal["slow-body", "truncated-body", "no-answer", "reset"]'


@dataclass(frozen=True, slots=True)
class Transport:
    """What goes wrong on an answer's way, on purpose; it is done by whoever sends the answer.

    slow-body: the body takes `lasting` seconds. truncated-body: half of it comes, then the end of the connection; the
    headers announce all of it. no-answer: nothing comes for `lasting` seconds, or until the client gives up; the
    response is what comes then, its delay includes them. reset: the connection is reset and nothing comes.
    """

    kind: Kind
    lasting: float = 0.0


@dataclass(slots=True)
class Decision:
    """What was decided about one request: by which rule, on which basis, in which words for a person.

    also: what `X-Mock-Rule` says beyond, as there: `; reply=` the basis of the words, `; by=` the channel that asked.
    """

    rule: str
    basis: str
    detail: str = ""
    also: str = ""


@dataclass(slots=True)
class Response:
    """One answer. `delay` is in seconds, deliberate, and spent by whoever sends the answer.

    headers, body: as they are meant; a `transport` that is not None says what becomes of them on their way.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    delay: float = 0.0
    transport: Transport | None = None


PIECES = 10
"""Pieces of a slow body."""


def slow_pieces(body: bytes, seconds: float, pause: Callable[[float], object]) -> Iterator[bytes]:
    """Give a body in at most ten pieces, a pause before each, so that the last one comes after that many seconds."""
    size = -(-len(body) // PIECES) or 1
    starts = range(0, len(body), size)
    for start in starts:
        pause(seconds / len(starts))
        yield body[start : start + size]


class PlainHeaders:
    """Headers given as a mapping, names in any case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}

    def get(self, name: str) -> str | None:
        """Give the value of a header by its lower-case name, or None."""
        return self._headers.get(name)

    def items(self) -> Iterable[tuple[str, str]]:
        """List names, in lower case, and values."""
        return self._headers.items()

    def kept(self) -> Headers:
        """Give the same headers to keep for later."""
        return self


_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class EnvironHeaders:
    """Headers read from a WSGI environ (PEP 3333), none of them before it is asked for."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, object]) -> None:
        self._environ = environ

    def get(self, name: str) -> str | None:
        """Give the value of a header by its lower-case name, or None."""
        key = _KEYS.get(name)
        if key is None:
            key = _KEYS[name] = "HTTP_" + name.upper().replace("-", "_") if len(_KEYS) < 500 else _key(name)
        value = self._environ.get(key)
        return value if isinstance(value, str) else None

    def items(self) -> Iterable[tuple[str, str]]:
        """List names, in lower case, and values."""
        for key, value in self._environ.items():
            if isinstance(value, str) and (key.startswith("HTTP_") or (key in _KEYS.values() and value)):
                yield key.removeprefix("HTTP_").replace("_", "-").lower(), value

    def kept(self) -> Headers:
        """Give the same headers to keep for later, without the connection and the like that an environ holds."""
        return EnvironHeaders({**self._environ, **_LET_GO})

    @property
    def bring_connection(self) -> bool:
        """Whether the server gave its connection away with them."""
        return self._environ.get(SOCKET) is not None


_LET_GO = dict.fromkeys(
    ("wsgi.input", "wsgi.errors", "wsgi.file_wrapper", "werkzeug.request", "flask.app", LATER, ELSEWHERE, SOCKET)
)
"""What an environ has that leads to the server, as nothing."""


def _key(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def request_of(environ: Mapping[str, object]) -> Request:
    """Read a WSGI environ as a request. The body stays unread."""
    path = _undressed(str(environ["PATH_INFO"]))
    source = environ["wsgi.input"]
    announced = str(environ.get("CONTENT_LENGTH") or "")
    # PEP 3333: no more may be read than was announced, or a server whose input does not end there waits for ever.
    bound = int(announced) if is_length(announced) and not environ.get("wsgi.input_terminated") else None

    def read(limit: int) -> bytes:
        try:
            body: bytes = source.read(limit if bound is None else min(limit, bound))  # type: ignore[attr-defined]
        except (OSError, ValueError, RuntimeError):
            what = "The body ended before its announced length." if announced else "The chunks of the body broke off."
            raise BodyError(what) from None
        return body

    query = str(environ.get("QUERY_STRING") or "")
    request = Request(str(environ["REQUEST_METHOD"]), path, query, EnvironHeaders(environ), read)
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")  # of Werkzeug, gunicorn and others; not of PEP 3333
    if isinstance(raw, str) and "%" in raw:
        request.raw_path = _raw_path(_undressed(raw), str(environ.get("SCRIPT_NAME") or ""), path)
    return request


def _undressed(text: str) -> str:
    """Read what PEP 3333 has as bytes dressed as Latin-1."""
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def _raw_path(uri: str, mounted: str, path: str) -> str:
    """Cut the path out of a request target; nothing when it is not the path that the host tells."""
    raw = uri.partition("?")[0]
    if raw[:1] != "/" and "://" in raw:
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    raw = raw.removeprefix(mounted)
    return raw if plain(protected(raw)) == path else ""


def is_length(text: str) -> bool:
    """Tell whether a Content-Length is a number (RFC 9110 8.6); `str.isdigit` would take `\u00b2` for one."""
    return text.isascii() and text.isdigit() and len(text) <= 19


def reason(status: int) -> str:
    """Give the status line of a status: `404 Not Found`."""
    line = _LINES.get(status)
    if line is None:
        from http import HTTPStatus  # 5 ms, and nearly every answer is in the table

        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Unknown"
        line = _LINES[status] = f"{status} {phrase}"
    return line


_LINES = {200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found"}
