"""What mkdocs needs to make a site of docs/ as it stands: pages for GitHub, with links into the whole repository.

It changes no file. Files outside docs/ that a page links to come along under `repository/`, and links are turned there.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files
from pymdownx.slugs import slugify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = "repository/"
LINK = re.compile(r"(!?\[(?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*\])\(([^)\s]+)\)")
"""A link or picture of Markdown: its text with the brackets, and its target."""

FENCED = re.compile(r"(^```.*?^```\n?)", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> None:
    """Make anchors as GitHub does, leave out pages that are not there, and give a folder as its pages."""
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    config.nav = list(_present(config.nav or []))


def _present(entries: list[Any]) -> Iterator[Any]:
    for entry in entries:
        if isinstance(entry, str):
            folder = ROOT / _place_of(entry)
            if folder.is_dir():  # all of it, the page that opens it first
                names = sorted(
                    (path.name for path in folder.glob("*.md")), key=lambda name: (name != "README.md", name)
                )
                yield from (f"{entry}{name}" for name in names)
            elif folder.is_file():
                yield entry
            continue
        ((title, inside),) = entry.items()
        kept = list(_present(inside if isinstance(inside, list) else [inside]))
        if kept:
            yield {title: kept if isinstance(inside, list) else kept[0]}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages link to outside docs/, and what that links to in turn."""
    waiting = [file.src_uri for file in files.documentation_pages()]
    while waiting:
        page = waiting.pop()
        text = (ROOT / _place_of(page)).read_text(encoding="utf-8")
        for _, target in LINK.findall(FENCED.sub("", text)):
            place = _meant(page, target)
            if place is None or place.startswith("docs/") or not (ROOT / place).is_file():
                continue
            name = _name_of(place)
            if files.get_file_from_path(name) is None:
                files.append(File.generated(config, name, abs_src_path=str(ROOT / place)))
                waiting += [name] if name.endswith(".md") else []
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - names are mkdocs'
    """Turn links to files of the repository into links within the site; a folder has no page and becomes plain text."""
    source = page.file.src_uri

    def turned(link: re.Match[str]) -> str:
        place = _meant(source, link[2])
        if place is None:
            return link[0]
        if (ROOT / place).is_dir():
            return link[1].strip("[]")
        name = _name_of(place)
        there = posixpath.relpath(name, posixpath.dirname(source) or ".")
        _, hash_sign, anchor = link[2].partition("#")
        return f"{link[1]}({there}{hash_sign}{anchor})"

    parts = FENCED.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(turned, part) for part in parts)


def _name_of(place: str) -> str:
    """Return what a file of the repository is called in the site, which has no hidden files."""
    return place.removeprefix("docs/") if place.startswith("docs/") else ELSEWHERE + re.sub(r"(^|/)\.", r"\1", place)


def _place_of(name: str) -> str:
    """Return where a page of the site lies in the repository."""
    return name.removeprefix(ELSEWHERE) if name.startswith(ELSEWHERE) else f"docs/{name}"


def _meant(page: str, target: str) -> str | None:
    """Return the path in the repository that a link of a page means; None where it leaves it or stays in the page."""
    path = target.partition("#")[0]
    if not path or re.match(r"[a-z]+:", target):
        return None
    place = posixpath.normpath(posixpath.join(posixpath.dirname(_place_of(page)), path))
    return None if place.startswith("..") else place
