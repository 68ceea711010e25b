"""Turn a template of the phone page into an answer: escaped, self-contained, and with strict headers.

It decides nothing about sessions. It has an environment of its own, so that no setting of the application weakens it.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import flask
import jinja2

from mockserver import __version__
from mockserver.h5.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.h5.texts import Texts

__all__ = ["Renderer"]

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Anything stricter cuts the tie to a window that opened the link, and with it callback pages that report to their
    # opener. What the real page sends is not known; a mock must not break what may work there.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "X-Mock-Version": __version__,
}

_FORBIDDEN = ("accelerometer", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "payment", "usb")


class Renderer:
    """Renders pages, and serves what they are styled with."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("mockserver.h5"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._assets: dict[str, tuple[bytes, str]] = {}
        self._names: dict[str, str] = {}
        for file in files("mockserver.h5").joinpath("static").iterdir():
            stem, dot, ending = file.name.rpartition(".")
            content = file.read_bytes()
            name = f"{stem}.{sha256(content).hexdigest()[:12]}{dot}{ending}"
            self._assets[name] = content, _TYPES[dot + ending]
            self._names[file.name] = name

    def page(
        self,
        template: str,
        texts: Texts,
        values: Mapping[str, object],
        *,
        rule: str,
        status: int = 200,
        script: bool = False,
    ) -> flask.Response:
        """Render a page. rule: what `X-Mock-Rule` says. script: whether our script may run in it."""
        template_of = self._environment.get_template(f"{template}.html")
        # Relative, because a public URL may have a path that a proxy in front of the mock takes away.
        here = "../" if flask.request.path.endswith("/") else ""
        assets = {name: f"{here}static/{file}" for name, file in self._names.items()}
        html = template_of.render(
            values, t=texts, all_texts=TEXTS, here=here, assets=assets, script=script, version=__version__
        )
        response = flask.Response(html, status, _HEADERS)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = _policy(script=script, form="<form" in html)
        response.headers["Permissions-Policy"] = _permissions(camera="<video" in html)
        response.headers["X-Mock-Rule"] = rule
        return response

    def asset(self, name: str) -> flask.Response | None:
        """Serve a static file by the name that its content gives it, or None."""
        if name not in self._assets:
            return None
        content, content_type = self._assets[name]
        response = flask.Response(content, 200, _HEADERS, content_type=content_type)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response


def _policy(*, script: bool, form: bool) -> str:
    """Allow what a page has, and no more: a picture is only the icon, and no script may write HTML."""
    policy: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": "'self'" if script else "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'" if form else "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _permissions(*, camera: bool) -> str:
    return ", ".join([f"camera={'(self)' if camera else '()'}", *(f"{name}=()" for name in _FORBIDDEN)])
