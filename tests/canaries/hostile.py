"""A host that tells everybody everything it ever heard: in each place of an answer, in each form, in each media type.

It gives out tokens of another shape than the vendor's; for a journey, which ends with such a one, tokens of that shape.
"""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from tests.wrong_servers import server
from tests.wrong_servers.mock import refusal, sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.wrong_servers.server import Answer, Request, Serve

__all__ = ["Hostile", "canary", "forms"]

LONGEST_HEADER, LATELY = 3000, 8


def canary(name: str, seed: int = 7) -> str:
    """Make a secret that is found again: letters and digits of chance."""
    drawn = random.Random(f"{name}{seed}")  # noqa: S311 - the same in every run
    return f"{name}-" + "".join(drawn.choice(string.ascii_letters + string.digits) for _ in range(28))


FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent twice": lambda text: quote("".join(f"%{byte:02x}" for byte in text.encode()), safe=""),
    "JSON": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "JSON twice": lambda text: json.dumps("".join(f"\\u{ord(letter):04x}" for letter in text))[1:-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of more": lambda text: base64.b64encode(f"ann:{text}!".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "other case": str.swapcase,
    "first part": lambda text: text[: len(text) // 2 + 2],
    "last part": lambda text: text[len(text) // 2 :],
    "HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
}


def forms(secrets: set[str]) -> Iterator[str]:
    """Write secrets in every form, next to words that are none."""
    for secret in sorted(secrets):
        yield from (f"so {form(secret)} it is" for form in FORMS.values())


class Hostile:
    """A fault for `Host`. known: secrets that it was told by hand. given: what it gave out.

    keys: of callers, each with the one that the right server knows it by. on_journey: whether to give out tokens of the
    vendor's shape.
    """

    def __init__(self, keys: dict[str, str], control: str) -> None:
        self.known: set[str] = set()
        self.given: dict[str, str] = {}
        self.count = 0
        self.on_journey = False
        self._keys = keys
        self._control = control

    def __call__(self, request: Request, serve: Serve) -> Answer:
        self.count += 1
        answer = self._right(request, serve)
        if request.path == server.PATH and answer.status == 200:
            answer = self._session(request, answer)
        heard = [value for name, value in request.headers.items() if "auth" in name or name in ("cookie", "x-api-key")]
        told = "  ".join([*heard, request.body.decode("latin-1"), *forms(self.known | set(self._lately))])
        return self._telling(answer, told, request)

    @property
    def _lately(self) -> list[str]:
        """What was given out last, but for the cookie: all of it would be megabytes at the end."""
        return list(self.given.values())[-LATELY:]

    def _right(self, request: Request, serve: Serve) -> Answer:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if request.path.startswith("/_mock/") and key != self._control:
            return refusal(401, "the token").having(x_mock_version="1")
        known = request.having(authorization=f"{scheme} {self._keys[key]}") if key in self._keys else request
        return serve(replace(known, target=urlsplit(request.target)._replace(scheme="", netloc="").geturl()))

    def _session(self, request: Request, answer: Answer) -> Answer:
        """Give a token and a link with secrets of its own."""
        body, number = answer.value(), len(self.given)
        made = {name: canary(name, number) for name in ("tok", "pl", "uid", "path")}
        if self.on_journey:
            made["tok"] = body["BytedToken"]
        self.given |= {f"{name} {number}": value for name, value in made.items()}
        sessions(request)[made["tok"]] = sessions(request).pop(body["BytedToken"], {"owner": "", "group": ""})
        link = f"https://h5.example/s/{made['path']}?pl={made['pl']}&uid={made['uid']}"
        return answer.saying({**body, "BytedToken": made["tok"], "H5Link": link})

    def _telling(self, answer: Answer, told: str, request: Request) -> Answer:
        cookie = self.given.setdefault("cookie", canary("cookie"))
        line = "".join(letter if letter.isprintable() and letter.isascii() else " " for letter in told)
        headers = {"X-Echo": line, "Link": f"<https://h5.example/?{line.replace(' ', '+')}>", "Server": line}
        headers = {name: value[-LONGEST_HEADER:] for name, value in headers.items()}
        headers |= {"Set-Cookie": f"sid={cookie}; Path=/", "X-Api-Key": min(self.known)}
        headers |= {f"X-{max(self.known)}": "1", **answer.headers}
        telling = replace(answer, headers=headers, reason=line[-LONGEST_HEADER:])
        if answer.status >= 400 or request.path.startswith("/_mock/"):
            return self._refusal(telling, told, line) if answer.status >= 400 else telling
        members: dict[str, Any] = {"echo": told, "in": [{"it": told, line: line, "token": self._lately}]}
        return telling.saying({**answer.value(), **members})

    def _refusal(self, answer: Answer, told: str, line: str) -> Answer:
        """Refuse in one media type after the other; some are broken, lead elsewhere, or end before they are over."""
        bodies: list[tuple[str, str]] = [
            ("application/json", json.dumps({"error": {"message": told, line: told}})),
            (
                "text/html; charset=utf-8",
                f"<h1>Error</h1><input name='token' value='{cookie_of(self)}'><pre>{told}</pre>",
            ),
            ("application/json", '{"error": "' + told.replace('"', "'")),
            ("application/xml", f"<error><token>{cookie_of(self)}</token>{line}</error>"),
            ("application/x-www-form-urlencoded", f"message={quote(told)}&token={quote(told)}"),
            ("text/plain; charset=utf-16", told),
            (f"text/plain; note={line[:200]}", told),
            ("application/problem+json", json.dumps([told, {"detail": json.dumps({"BytedToken": told})}])),
            ("application/octet-stream", f"\0{told}\0"),
        ]
        manner = self.count % (len(bodies) + 3)
        if manner < len(bodies):
            kind, body = bodies[manner]
            return replace(answer.having(content_type=kind), body=body.encode("utf-8", "replace"))
        if manner == len(bodies):
            to = f"https://elsewhere.example/?{line.replace(' ', '&')[-LONGEST_HEADER:]}"
            return replace(answer.having(location=to), status=302)
        if manner == len(bodies) + 1:  # a line that is no header, which libraries complain about and quote
            return replace(answer, headers={f"no header {line[-300:]}": line[-300:]}, body=told.encode(), cut="short")
        return replace(answer, body=told.encode(), cut="short")


def cookie_of(host: Hostile) -> str:
    """Give the cookie that a host gave out."""
    return host.given["cookie"]
