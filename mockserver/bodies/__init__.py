"""Request bodies: each kind has a reader that makes a value of its bytes, for the schema to judge."""

from mockserver.bodies.reading import NO_BODY, Body, read_body
from mockserver.bodies.strict_json import MAX_DEPTH, parse_json

__all__ = ["MAX_DEPTH", "NO_BODY", "Body", "parse_json", "read_body"]
