"""Who may call an operation, as its document says. Checks no credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import nearest
from openapi.parameters import listed
from openapi.pointers import child

if TYPE_CHECKING:
    from openapi.document import Library

__all__ = ["SecurityScheme", "compile_security"]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """One way to authenticate. `kind`: bearer, basic, apiKey; `place` and `parameter` are for apiKey."""

    name: str
    kind: str
    place: str = "header"
    parameter: str = "authorization"


def compile_security(library: Library, node: Node, root: Node) -> tuple[tuple[SecurityScheme, ...], ...]:
    """Compile the alternatives of an operation, else of its document: each a tuple of schemes that are all needed."""
    found = node.get("security") or root.get("security")
    components = root.get("components")
    schemes = (
        components.get("securitySchemes") if components is not None and isinstance(components.value, dict) else None
    )
    known = dict(schemes.members()) if schemes is not None and isinstance(schemes.value, dict) else {}
    alternatives = []
    for entry in listed(library, found):
        needed = []
        if not isinstance(entry.value, dict):
            what = "A mapping of security schemes is expected here; nothing is asked for."
            library.warn("security-scheme-unknown", what, entry, "Write the name of a scheme with '[]'.")
        for name in entry.value if isinstance(entry.value, dict) else ():
            at = Node(entry.document, child(entry.pointer, name), None)
            if name in known:
                scheme = _scheme(library, name, library.reached(known[name]) or known[name])
                needed += [scheme] if scheme is not None else []
            else:
                hint = nearest(name, known) or "Define it under components/securitySchemes."
                what = f"There is no security scheme {name!r}; nothing is asked for in its place."
                library.warn("security-scheme-unknown", what, at, hint)
        alternatives.append(tuple(needed))
    return tuple(alternatives)


def _scheme(library: Library, name: str, node: Node) -> SecurityScheme | None:
    mapping = node.value if isinstance(node.value, dict) else {}
    kind = mapping.get("type")
    scheme = str(mapping.get("scheme") or "").lower()
    if kind == "http" and scheme in ("bearer", "basic"):
        return SecurityScheme(name, scheme)
    if kind in ("oauth2", "openIdConnect"):
        return SecurityScheme(name, "bearer")  # both end as a bearer token on the wire (RFC 6750)
    if kind == "apiKey":
        place, parameter = mapping.get("in"), mapping.get("name")
        if place in ("header", "query", "cookie") and isinstance(parameter, str) and parameter:
            return SecurityScheme(name, "apiKey", str(place), parameter.lower() if place == "header" else parameter)
    what = (
        f"The security scheme {name!r} cannot be played ({kind or 'no type'} {scheme}".rstrip()
        + "); nothing is asked for."
    )
    remedy = "Played are http bearer, http basic, apiKey with 'in' and 'name', oauth2 and openIdConnect."
    library.warn("security-scheme-not-played", what, node, remedy)
    return None
