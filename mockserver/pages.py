"""What every page of the mock has: static files under names that follow their content, and strict headers.

It knows no page and decides nothing about what one shows.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import flask

from mockserver import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HEADERS", "Assets", "content_policy"]

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Mock-Version": __version__,
}
"""Headers of every page and file."""


class Assets:
    """The static files of a package, each under a name that changes with its content, so that it can be kept for ever.

    names: file name -> that name.
    """

    def __init__(self, package: str) -> None:
        self.names: dict[str, str] = {}
        self._files: dict[str, tuple[bytes, str]] = {}
        for file in files(package).joinpath("static").iterdir():
            stem, dot, ending = file.name.rpartition(".")
            content = file.read_bytes()
            name = f"{stem}.{sha256(content).hexdigest()[:12]}{dot}{ending}"
            self._files[name] = content, _TYPES[dot + ending]
            self.names[file.name] = name

    def answer(self, name: str) -> flask.Response | None:
        """Serve a file by the name that its content gives it, or None."""
        if name not in self._files:
            return None
        content, content_type = self._files[name]
        response = flask.Response(content, 200, HEADERS, content_type=content_type)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response


def content_policy(*, script: bool = False, form: bool = False, connect: bool = False) -> str:
    """Allow what a page has, and no more: a picture is only the icon, and no script may write HTML."""
    policy: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": "'self'" if script else "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        **({"connect-src": "'self'"} if connect else {}),
        "form-action": "'self'" if form else "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())
