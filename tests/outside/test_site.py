"""The site of docs/: built strictly, self-contained, and strict enough to notice a dead link."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = re.compile(
    r"<(?:link|script|img|iframe|source|video)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"' >]+)"  # by a page
    r"|url\(\s*[\"']?((?:https?:)?//[^)\"']+)|@import\s+[\"']((?:https?:)?//[^\"']+)"  # by a style
)
"""What a browser would fetch from another host on its own; a link that a person follows is none of it."""


def make_docs(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build as `make docs` does, with the same tools, of another folder perhaps."""
    command = ["make", "--no-print-directory", "docs", f"ARGS=--site-dir {site} --config-file {root / 'mkdocs.yml'}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = make_docs(ROOT, folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_page_is_in_the_site_and_found_by_its_search(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    pages = {name.replace("README", "index") for name in pages}
    assert {name for name in pages if not (site / name).is_file()} == set()
    found = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert pages <= {one["location"].partition("#")[0] or "index.html" for one in found["docs"]}


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    assert LOADED.search('<link rel="stylesheet" href="https://fonts.example/css">'), "the pattern sleeps"
    foreign = []
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        foreign += [f"{path.name}: {found[0]}" for found in LOADED.finditer(path.read_text(encoding="utf-8"))]
    assert foreign == []


def test_no_list_or_table_of_a_page_became_running_text(site: Path) -> None:
    broken = []
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        article = re.sub(r"<pre.*?</pre>", "", text[text.find("<article") : text.find("</article")], flags=re.DOTALL)
        broken += [f"{path.name}: {line}" for line in re.findall(r"\n((?:- |\d+\. |\| )\S.{0,60})", article)]
    assert broken == []


def test_dead_links_and_a_page_in_no_menu_stop_the_build(tmp_path: Path) -> None:
    for path in ROOT.iterdir():
        if path.name not in ("docs", ".git", ".cache"):
            (tmp_path / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "docs" / "start.md").open("a", encoding="utf-8") as page:
        page.write("\n[a page](gone.md), [an anchor](reference.md#gone), [a file](../GONE.md)\n")
    (tmp_path / "docs" / "unlisted.md").write_text("# Nobody finds me\n", encoding="utf-8")
    built = make_docs(tmp_path, tmp_path / "site")
    said = built.stdout + built.stderr
    assert built.returncode != 0
    assert "Aborted with 4 warnings" in said, said
    assert [word for word in ("'gone.md'", "'reference.md#gone'", "GONE.md'", "unlisted.md") if word not in said] == []
