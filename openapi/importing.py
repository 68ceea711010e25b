"""Take a vendor's contract into a folder and tell what changed, keeping the folder's SOURCES.md true.

Nothing is written before the new document was read and compared; what is written replaces its file in one step.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openapi.changes import Change, compare, operations
from openapi.document import Document, read_document
from openapi.errors import ContractError, Place
from openapi.pages import MAX_PAGE, extract_contract, fetch_page, shown_address

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "Change",
    "Imported",
    "Renewed",
    "changed_documents",
    "compare",
    "extract_contract",
    "fetch_page",
    "import_contract",
    "recorded_hashes",
]

SOURCES = "SOURCES.md"

_VERSION = re.compile(r"3\.[01]\.[0-9]+.*")
_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `before` and `after` are SHA-256 in hexadecimal; `before` is empty for a new file."""

    path: Path
    changes: tuple[Change, ...]
    before: str
    after: str

    @property
    def breaking(self) -> bool:
        """Whether any change may break a caller."""
        return any(change.breaking for change in self.changes)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A document whose bytes are not those that SOURCES.md records.

    source: where the new bytes stand. name: of the recorded file, '' when none documents the same operations.
    before, after: SHA-256 in hexadecimal. document: the new one, in the place of the recorded one.
    """

    source: str
    name: str
    before: str
    after: str
    changes: tuple[Change, ...]
    document: Document


def changed_documents(source: Path, recorded: Path) -> tuple[Renewed, ...]:
    """Find the documents of a file, page or folder that are not as the SOURCES.md of a folder records them.

    The folder itself may be the source: then a file that was edited by hand is found. Writes nothing. Raises
    `ContractError` when a file cannot be read, is no OpenAPI document, or when nothing is recorded.
    """
    hashes = recorded_hashes(recorded)
    found = []
    for path in _pages(source):
        page = _read(path)
        raw = extract_contract(page, str(path))
        after = hashlib.sha256(raw).hexdigest()
        if after in hashes.values():
            continue
        document = Document.parse(raw, str(path), path.resolve().as_uri())
        _require_openapi(document)
        present = _present(document, recorded)
        name = "" if present is None else Path(present.name).name
        older = present or Document(document.name, document.uri, b"", {**document.tree, "paths": {}})
        if present is not None:  # what refers to its own file means the new one, and overlays name the old
            document = Document(present.name, present.uri, raw, document.tree)
        found.append(Renewed(str(path), name, hashes.get(name, ""), after, compare(older, document), document))
    return tuple(found)


def recorded_hashes(folder: Path) -> dict[str, str]:
    """Read which SHA-256 the SOURCES.md of a folder records of each file. Raises `ContractError` when it has none."""
    path = folder / SOURCES
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    entries = re.split(r"^## +(\S+) *$", text, flags=re.MULTILINE)[1:]
    pairs = zip(entries[::2], entries[1::2], strict=True)
    hashes = {
        name: known[1]
        for name, facts in pairs
        if (known := re.search(r"^- SHA-256: `([0-9a-f]{64})`", facts, re.MULTILINE))
    }
    if not hashes:
        remedy = "Take the document in with `mockserver contract import PAGE --into FOLDER`."
        raise ContractError("No SHA-256 of a document is recorded there.", Place(str(path)), remedy)
    return hashes


def _pages(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    pages = [path for path in sorted(source.iterdir()) if path.suffix in (*_SUFFIXES, ".md") and path.name != SOURCES]
    if not pages:
        raise ContractError("The folder holds no document.", Place(str(source)), "Save the vendor's page into it.")
    return pages


def import_contract(source: str, into: Path, today: date) -> Imported:
    """Take the contract of a page, file or address into a folder, and record its source there.

    It replaces the folder's document with the same operations, or with some of them, or with the same operationIds;
    otherwise it becomes a new file named after its first operationId. Raises `ContractError` and leaves the folder as
    it was when the source cannot be had, is no OpenAPI 3.0 or 3.1 document with operations, or fits several files.
    """
    remote = "://" in source
    page = fetch_page(source) if remote else _read(Path(source))
    name = shown_address(source) if remote else source
    raw = extract_contract(page, name)
    document = Document.parse(raw, name, (into.resolve() / "imported.yaml").as_uri())
    _require_openapi(document)
    present = _present(document, into)
    path = Path(present.name) if present is not None else into / _file_name(document, raw)
    if present is None and path.exists():
        what = f"{path.name} is there already and documents other operations."
        raise ContractError(what, Place(str(path)), "Move that file away, or give the operations other operationIds.")
    document = Document(
        name, path.resolve().as_uri(), raw, document.tree
    )  # what refers to its own file means the new one
    compare(document, document)  # visits every reference, so that one to nowhere is found before anything is written
    older = present or Document(document.name, document.uri, b"", {**document.tree, "paths": {}})
    changes = compare(older, document)
    form = "as the file is" if raw == page else "the fenced block of the page, byte for byte"
    # The folder of a saved page is nobody's business, and a query may carry a signature.
    entry = _entry(f"<{name}>" if remote else f"the saved page {Path(source).name}", today, document, form)
    notes = _with_entry(into / SOURCES, path.name, entry, keep_origin=not remote)
    _replace({path: raw, into / SOURCES: notes})
    return Imported(path, changes, present.sha256 if present is not None else "", document.sha256)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            page = file.read(MAX_PAGE + 1)
    except OSError as error:
        what = f"The page cannot be read: {error.strerror}."
        raise ContractError(what, Place(str(path)), "Give a saved page, a YAML or JSON file, or an address.") from None
    if len(page) > MAX_PAGE:
        raise ContractError(f"The file is larger than {MAX_PAGE} bytes.", Place(str(path)), "Is it the right one?")
    return page


def _require_openapi(document: Document) -> None:
    version = document.tree.get("openapi")
    if version is None and "swagger" in document.tree:
        what = "This is Swagger 2.0, which is not supported."
        raise ContractError(what, document.place("/swagger"), "Convert it to OpenAPI 3.0 or 3.1.")
    if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
        what = f"'openapi' is {version!r}; 3.0 and 3.1 are supported." if version else "'openapi' is missing."
        raise ContractError(what, document.place("/openapi"), "Write for instance 'openapi: 3.1.0'.")
    if not operations(document):
        raise ContractError("The document has no operations.", document.place("/paths"), "Is it the right page?")


def _present(document: Document, into: Path) -> Document | None:
    """Find the document of the folder that the new one takes the place of."""
    wanted = operations(document)
    names, identifiers = set(wanted), {one for one in wanted.values() if one}
    found: list[tuple[tuple[bool, int, int], Document]] = []
    for path in sorted(into.glob("*")):
        try:
            known = read_document(path) if path.suffix in _SUFFIXES else None
            theirs = operations(known) if known is not None else {}
        except ContractError:
            continue  # a broken file is nobody's former version
        rank = (names == set(theirs), len(names & set(theirs)), len(identifiers & set(theirs.values())))
        if known is not None and any(rank):
            found.append((rank, known))
    best = [known for rank, known in found if rank == max(rank for rank, _ in found)]
    if len(best) > 1:
        files = " and ".join(Path(known.name).name for known in best)
        raise ContractError(f"{files} document the same operations.", Place(str(into)), "Move all but one away.")
    return best[0] if best else None


def _file_name(document: Document, raw: bytes) -> str:
    operation, identifier = next(iter(operations(document).items()))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", identifier or operation)
    stem = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "contract"
    return f"{stem[:100]}{'.json' if raw.lstrip()[:1] == b'{' else '.yaml'}"


def _entry(origin: str, today: date, document: Document, form: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Taken": f"{today.isoformat()}, {form}",
        "SHA-256": f"`{document.sha256}` ({len(document.raw)} bytes)",
    }


def _with_entry(path: Path, name: str, entry: dict[str, str], *, keep_origin: bool) -> bytes:
    """Give the text of SOURCES.md with the facts of one file renewed and every other line as it was."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        text = "# Where these documents come from\n"
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"The file cannot be read: {error}.", Place(str(path)), "Correct or remove it.") from None
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    heading = f"## {name}"
    start = next((index for index, line in enumerate(lines) if line.strip() == heading), None)
    if start is None:
        lines += ["\n", f"{heading}\n", "\n"]
        start = len(lines) - 2
        lines += [f"- {label}: {value}\n" for label, value in entry.items()]
        return "".join(lines).encode()
    end = next((index for index in range(start + 1, len(lines)) if lines[index].startswith("#")), len(lines))
    while not lines[end - 1].strip():
        end -= 1
    for label, value in entry.items():
        at = next((index for index in range(start, end) if lines[index].startswith(f"- {label}:")), None)
        if at is None:
            lines.insert(end, f"- {label}: {value}\n")
            end += 1
        elif label != "Origin" or not keep_origin:
            ending = "\r\n" if lines[at].endswith("\r\n") else "\n"
            lines[at] = f"- {label}: {value}{ending}"
    return "".join(lines).encode()


def _replace(files: dict[Path, bytes]) -> None:
    """Write all files beside their places first, then move each into its place."""
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, raw in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path].write_bytes(raw)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        what = f"The file cannot be written: {error.strerror}."
        raise ContractError(what, Place(str(error.filename or "")), "Check the folder's permissions.") from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
