"""Get a contract out of a vendor's page: from a saved Markdown page, a YAML or JSON file, or an address.

The contract's bytes are passed on as they stand; nothing is judged here but where it begins and ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from openapi.errors import ContractError, Place
from openapi.reading import read_value

if TYPE_CHECKING:
    from http.client import HTTPMessage

__all__ = ["MAX_PAGE", "extract_contract", "fetch_page", "shown_address"]

MAX_PAGE = 10_000_000
"""Largest page that is fetched, in bytes; contracts of big vendors stay below 8 MB."""

TIMEOUT = 20.0
"""Seconds that a server may stay silent."""

_SAVE_MARKDOWN = "Save the Markdown version of the page: the vendor serves each page at its address with '.md' added."
_HTML = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*){0,5}<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_OPENING = re.compile(rb"( {0,3})(`{3,}|~{3,})[ \t]*([^\r\n]*)")
_TOP_KEY = re.compile(rb"""^(?:\{\s*)?["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_LANGUAGES = (b"yaml", b"yml", b"json", b"openapi")


@dataclass(frozen=True, slots=True)
class _Block:
    """A fenced block of Markdown: the line of its opening fence, from 1, and whether a closing fence was there."""

    line: int
    language: bytes
    content: bytes
    closed: bool


def extract_contract(raw: bytes, name: str) -> bytes:
    """Give the bytes of the OpenAPI document in a page, untouched.

    A YAML or JSON file is the document itself. In Markdown it is the one fenced block of YAML or JSON that has
    `openapi` (or `swagger`) at its top. Raises `ContractError` for HTML, for none and for several, naming lines.
    """
    if _HTML.match(raw.removeprefix(b"\xef\xbb\xbf")):
        raise ContractError(
            "This is an HTML page; the contract in it is rendered, not quoted.", Place(name), _SAVE_MARKDOWN
        )
    if PurePosixPath(name).suffix.lower() in (".yaml", ".yml", ".json") or _is_contract(raw):
        return raw
    blocks = [block for block in _blocks(raw) if block.language in _LANGUAGES]
    found = [block for block in blocks if _TOP_KEY.search(block.content) and _is_contract(block.content, broken=True)]
    if not found:
        lines = ", ".join(str(block.line) for block in blocks)
        what = (
            f"None of the fenced blocks (lines {lines}) has 'openapi' at its top."
            if blocks
            else ("The page holds no fenced block of YAML or JSON.")
        )
        raise ContractError(what, Place(name), _SAVE_MARKDOWN)
    if len(found) > 1:
        lines = ", ".join(str(block.line) for block in found)
        what = f"Several fenced blocks hold an OpenAPI document (lines {lines})."
        raise ContractError(what, Place(name, line=found[1].line), "Save each into a file of its own.")
    block = found[0]
    if not block.closed:
        what = "The fenced block is never closed: the page looks cut off."
        raise ContractError(what, Place(name, line=block.line), "Save the whole page again.")
    return block.content


def _is_contract(raw: bytes, *, broken: bool = False) -> bool:
    """Tell whether `openapi` or `swagger` stands at the top; `broken` is the answer for bytes that cannot be read."""
    try:
        value = read_value(raw, "")
    except ContractError:
        return broken
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


def _blocks(raw: bytes) -> list[_Block]:
    """Find the fenced blocks of Markdown as CommonMark does, outside of lists and quotations."""
    lines = raw.splitlines(keepends=True)
    blocks: list[_Block] = []
    at = 0
    while at < len(lines):
        opening = _OPENING.match(lines[at])
        if opening is None or (opening[2][:1] == b"`" and b"`" in opening[3]):
            at += 1
            continue
        start = at + 1
        fence = re.compile(rb" {0,3}%b{%d,}[ \t]*[\r\n]*" % (re.escape(opening[2][:1]), len(opening[2])))
        end = next((index for index in range(start, len(lines)) if fence.fullmatch(lines[index])), len(lines))
        indent = re.compile(rb" {0,%d}" % len(opening[1]))
        content = b"".join(indent.sub(b"", line, count=1) if opening[1] else line for line in lines[start:end])
        words = opening[3].split()
        blocks.append(_Block(start, words[0].lower() if words else b"", content, end < len(lines)))
        at = end + 1
    return blocks


def fetch_page(url: str) -> bytes:
    """Get a page over http or https. The proxy settings of the environment apply; credentials are never sent.

    Raises `ContractError` for other schemes, also after a redirect, for an answer other than 2xx, for more than
    `MAX_PAGE` bytes, and when the server is not there or silent for `TIMEOUT` seconds.
    """
    _check_address(url, Place(shown_address(url)))
    place = Place(shown_address(url))
    headers = {"Accept": "text/markdown, application/yaml, application/json, text/plain, */*;q=0.1"}
    opener = OpenerDirector()
    # Not build_opener(): it would also open file:, ftp: and data: addresses.
    handlers = (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, _Redirects, HTTPErrorProcessor)
    for handler in handlers:
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "anyfast-mockserver contract import")]
    try:
        with opener.open(Request(url, headers=headers), timeout=TIMEOUT) as answer:  # noqa: S310 - checked above
            page: bytes = answer.read(MAX_PAGE + 1)
            encoding = answer.headers.get("Content-Encoding", "identity")
            promised = answer.headers.get("Content-Length", "")
    except HTTPError as error:
        error.close()
        raise ContractError(f"The server answered {error.code}.", place, "Check the address.") from None
    except URLError as error:
        raise ContractError(f"The page cannot be fetched: {error.reason}.", place, "Check the address.") from None
    except OSError as error:
        raise ContractError(f"The page cannot be fetched: {error}.", place, "Try again later.") from None
    except (HTTPException, ValueError) as error:
        # By its class alone: the text of InvalidURL quotes the query, where secrets travel.
        what = f"The page cannot be fetched: {type(error).__name__}."
        raise ContractError(what, place, "Check the address, or save the page and import the file.") from None
    if len(page) > MAX_PAGE:
        raise ContractError(f"The page is larger than {MAX_PAGE} bytes.", place, "Save it and import the file.")
    if promised.isdecimal() and int(promised) > len(page):
        raise ContractError(f"Only {len(page)} of {promised} bytes came.", place, "Try again later.")
    if encoding.lower() != "identity":
        raise ContractError(f"The page came compressed ({encoding}).", place, "Save it and import the file.")
    return page


class _Redirects(HTTPRedirectHandler):
    """Follow redirects to http and https alone."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        try:
            _check_address(newurl, Place(shown_address(req.full_url)))
        except ContractError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(url: str, place: Place) -> None:
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
    except ValueError as error:
        raise ContractError(f"This is not an address: {error}.", place, "Correct it.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ContractError(f"The address leads to {parts.scheme or 'no'}: not to http or https.", place, "Correct it.")
    if user is not None:
        raise ContractError("The address carries a user name.", place, "Leave it out; credentials are never sent.")


def shown_address(url: str) -> str:
    """Write an address without user, query and fragment, where secrets travel."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "address"
    return f"{parts.scheme}://{host}{parts.path}" if host else url.partition("?")[0]
