"""Reads wire transcripts: what goes over the socket, to the byte, and what must come back.

README.md beside this file describes the format. It only reads: `comparing.py` compares, `connection.py` sends.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from tests.wire.comparing import MARKS, PLACEHOLDERS, Expected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Exchange", "Sent", "TranscriptError", "read_transcript"]


class TranscriptError(Exception):
    """A transcript that cannot be read; `str()` says where and why."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}"


class Line(NamedTuple):
    """A line of an exchange without its mark, and its number in the file."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes for the socket. `method` is that of the request, for HEAD has no body in its answer.

    ends: nothing more will be sent, and the server is told so.
    """

    line: int
    data: bytes
    method: str = ""
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange with one server: steps in the order of the wire, then whether the server closes the connection."""

    path: Path
    line: int
    title: str
    options: tuple[str, ...]
    steps: tuple[Sent | Expected, ...]
    closes: bool

    @property
    def id(self) -> str:
        """Name the exchange: file, title, and the options of its server."""
        return "/".join(_slug(part) for part in (self.path.stem, self.title, " ".join(self.options)) if part)


class _Server(NamedTuple):
    options: tuple[str, ...]
    words: dict[str, str]


def read_transcript(path: Path) -> list[Exchange]:
    """Read a file: every exchange once for each of its servers. Raises `TranscriptError` for anything unclear."""
    return _Reader(path).read()


class _Reader:
    """One transcript being read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.used: set[str] = set()

    def error(self, line: int, problem: str) -> TranscriptError:
        return TranscriptError(self.path, line, problem)

    def read(self) -> list[Exchange]:
        lines = [Line(*pair) for pair in enumerate(self.path.read_text(encoding="utf-8").split("\n"), 1)]
        if not lines[0].text or lines[0].text[0] in "#=<> ":
            raise self.error(1, "the first line is the title of the transcript")
        starts = [index for index, line in enumerate(lines) if line.text.startswith("==")]
        if not starts:
            raise self.error(len(lines), "there is no exchange; one starts with '== its title'")
        servers = self.servers(lines[1 : starts[0]])
        found: dict[str, Exchange] = {}
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            for server in servers:
                one = self.exchange(lines[start], lines[start + 1 : end], server)
                if one.id in found:
                    raise self.error(one.line, f"the title {one.title!r} is taken by line {found[one.id].line}")
                found[one.id] = one
        unused = {word for server in servers for word in server.words} - self.used
        if unused:
            raise self.error(2, f"nothing uses the words {', '.join(sorted(unused))}")
        return list(found.values())

    def servers(self, lines: list[Line]) -> list[_Server]:
        """Read the head: lines of `mockserver OPTIONS`, each followed by its indented `word = text` lines."""
        servers: list[_Server] = []
        for line in lines:
            word = re.fullmatch(r"  ([a-z][a-z0-9-]*) = (.*)", line.text)
            if line.text == "mockserver" or line.text.startswith("mockserver "):
                servers.append(_Server(tuple(shlex.split(line.text)[1:]), {}))
            elif word and servers:
                servers[-1].words[word[1]] = word[2]
            elif line.text and not line.text.startswith("#"):
                raise self.error(line.number, f"neither 'mockserver OPTIONS' nor '  word = text': {line.text!r}")
        if len({frozenset(server.words) for server in servers}) > 1:
            raise self.error(2, "every server of a transcript defines the same words")
        return servers or [_Server((), {})]

    def exchange(self, head: Line, lines: list[Line], server: _Server) -> Exchange:
        title = head.text[2:].strip()
        if not title:
            raise self.error(head.number, "an exchange has a title: '== what it shows'")
        steps: list[Sent | Expected] = []
        closes = False
        for mark, block in self.blocks(lines):
            first = block[0].number
            if closes:
                raise self.error(first, "nothing follows 'closed'")
            if mark == "closed":
                closes = True
            elif mark == "end":
                if not steps or not isinstance(steps[-1], Sent):
                    raise self.error(first, "'end' follows what is sent")
                steps[-1] = replace(steps[-1], ends=True)
            else:
                steps.append(self.step(mark, block, server))
        self.check(head, steps)
        return Exchange(self.path, head.number, title, server.options, tuple(steps), closes)

    def check(self, head: Line, steps: list[Sent | Expected]) -> None:
        sent = sum(isinstance(step, Sent) and bool(step.method) for step in steps)
        wanted = sum(isinstance(step, Expected) and not step.interim for step in steps)
        if not sent or wanted != sent:
            raise self.error(head.number, f"{sent} requests and {wanted} expected answers; each has one")
        if not isinstance(steps[-1], Expected):
            raise self.error(steps[-1].line, "what is sent last is followed by what is expected")

    def blocks(self, lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
        """Group lines of one mark; an empty line or another mark ends a block."""
        mark, block = "", list[Line]()
        for line in lines:
            found = re.match(r"(>>|>|<)(?: |$)|(<!|<=) |(<=)$|(closed|end)$", line.text)
            if not found and line.text.strip() and not line.text.startswith("#"):
                raise self.error(
                    line.number,
                    f"unknown: {line.text!r}; lines start with >, >>, <, <!, <=, ==, # or are 'end' or 'closed'",
                )
            now = found[0].strip() if found else ""
            now, kept = ("<", line.text) if now.startswith("<") else (now, line.text[len(now) + 1 :])
            if now != mark and block:
                yield mark, block
                block = []
            mark = now
            if now:
                block.append(Line(line.number, kept))
        if block:
            yield mark, block

    def step(self, mark: str, block: list[Line], server: _Server) -> Sent | Expected:
        if mark == "<":
            return self.expected(block, server)
        if mark == ">":
            return self.request(block, server)
        return Sent(block[0].number, b"\n".join(self.expand(line, server) for line in block))

    def request(self, block: list[Line], server: _Server) -> Sent:
        head, body = _split(block)
        if body is None:
            raise self.error(block[-1].number, "the headers of a request end with an empty line: '>'")
        parts = [self.expand(line, server) for line in head]
        data = b"\n".join(self.expand(line, server) for line in body)
        names = {part.partition(b":")[0].strip().lower() for part in parts[1:]}
        if data and not names & {b"content-length", b"transfer-encoding"}:
            parts.append(b"Content-Length: %d" % len(data))
        method = parts[0].split(b" ")[0].decode("latin-1")
        return Sent(block[0].number, b"\r\n".join(parts) + b"\r\n\r\n" + data, method or "?")

    def expected(self, block: list[Line], server: _Server) -> Expected:
        exact = any(line.text.startswith("<=") for line in block)
        absent = {line.number for line in block if line.text.startswith("<!")}
        plain = [Line(line.number, re.sub(r"^<[!=]? ?", "", line.text, count=1)) for line in block]
        head, body = _split(plain)
        status = self.fill(head[0], server) if head else ""
        if not re.fullmatch(r"HTTP/1\.[01] [1-5][0-9]{2}( [A-Za-z -]+)?", status):
            raise self.error(block[0].number, f"an answer starts with its status line, not {status!r}")
        headers: list[tuple[str, str | None]] = []
        for line in head[1:]:
            text = self.fill(line, server)
            name, colon, value = text.partition(":")
            if bool(colon) == (line.number in absent) or not re.fullmatch(r"[A-Za-z0-9-]+", name):
                raise self.error(line.number, f"neither '< Name: value' nor '<! Name': {text!r}")
            headers.append((name.lower(), value.strip() if colon else None))
            self.pattern(line.number, value)
        text = "\n".join(self.fill(line, server) for line in body or ())
        self.pattern(block[0].number, text)
        return Expected(block[0].number, status, tuple(headers), text if body else None, exact)

    def pattern(self, line: int, text: str) -> None:
        for found in MARKS.finditer(text):
            if found["name"] and found["name"] not in PLACEHOLDERS:
                known = ", ".join(f"<{name}>" for name in PLACEHOLDERS)
                raise self.error(
                    line, f"there is no placeholder {found[0]}; known: {known}; for the text say \\{found[0]}"
                )

    def fill(self, line: Line, server: _Server) -> str:
        """Put in what `{{word}}` and `{{"text" * times}}` stand for."""

        def put(found: re.Match[str]) -> str:
            inner = found[1].strip()
            repeat = re.fullmatch(r"""("[^"]*"|'[^']*') \* ([0-9]{1,8})""", inner)
            if repeat:
                return repeat[1][1:-1] * int(repeat[2])
            if inner not in server.words:
                raise self.error(line.number, f'{found[0]} is neither a word of this server nor {{{{"text" * times}}}}')
            self.used.add(inner)
            return server.words[inner]

        if "{{" not in line.text:
            return line.text
        return _BRACES.sub(put, line.text)

    def expand(self, line: Line, server: _Server) -> bytes:
        r"""Make bytes: words and repeats put in, text as UTF-8, `\xff` as that byte."""
        raw = self.fill(line, server).encode("utf-8")
        return re.sub(rb"\\x([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]), raw)


_BRACES = re.compile(r"\{\{(.*?)\}\}")


def _split(block: list[Line]) -> tuple[list[Line], list[Line] | None]:
    """Cut a message at its first empty line; None when it has none."""
    for index, line in enumerate(block):
        if not line.text.rstrip("\r"):
            return block[:index], block[index + 1 :]
    return block, None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
