"""Who wrote what of an effective document, to the line; and which overlay actions no longer do anything."""

from __future__ import annotations

from openapi.authorship import author
from openapi.document import Document
from openapi.overlay import Overlay, read_overlay
from openapi.profiles import PROFILES, packaged_documents, packaged_sources, profile_overlays

VENDOR = Document.parse(
    b"""openapi: 3.1.0
info:
  title: T
  version: '1'
paths:
  /a:
    get:
      summary: Get
      responses: {}
""",
    "vendor.yaml",
)


def overlay(actions: str, top: str = "") -> Overlay:
    """Read an overlay."""
    text = f"overlay: 1.1.0\ninfo: {{title: t, version: 1.0.0}}\n{top}actions:\n{actions}"
    return read_overlay(Document.parse(text.encode(), "ours.yaml"))


def test_each_place_names_the_line_where_it_was_written() -> None:
    ours = overlay(
        "- target: $.paths['/a'].get\n  update: {description: more}\n- {target: $.info, update: {title: U}}\n"
    )
    (authored,), stale = author([VENDOR], [ours])
    assert stale == []
    places = [authored.place(pointer) for pointer in ("/paths/~1a/get/description", "/info/title")]
    assert [(place.file, place.line) for place in places] == [("ours.yaml", 4), ("ours.yaml", 6)]
    untouched = [authored.place(pointer) for pointer in ("/paths/~1a/get/summary", "/info/version")]
    assert [(place.file, place.line) for place in untouched] == [("vendor.yaml", 8), ("vendor.yaml", 4)]


def test_an_action_that_matches_nothing_is_stale_and_the_others_are_applied() -> None:
    ours = overlay("- {target: $.nowhere, update: {a: 1}}\n- {target: $.info, update: {title: U}}\n")
    (authored,), (stale,) = author([VENDOR], [ours])
    assert (stale.why, stale.place.line) == ("matches nothing", 4)
    assert authored.document.tree["info"] == {"title": "U", "version": "1"}


def test_an_action_that_changes_nothing_is_stale_unless_it_does_elsewhere() -> None:
    ours = overlay("- {target: $.info, update: {title: T}}\n")
    (_, (stale,)) = author([VENDOR], [ours])
    assert (stale.why, stale.remedy) == ("changes nothing", "The vendor caught up: delete the action.")
    other = Document.parse(VENDOR.raw.replace(b"title: T", b"title: O"), "other.yaml")
    assert author([VENDOR, other], [ours])[1] == []


def test_an_overlay_that_names_no_document_is_meant_for_those_that_it_fits() -> None:
    other = Document.parse(VENDOR.raw.replace(b"/a:", b"/b:"), "other.yaml")
    ours = overlay("- target: $.paths['/a'].get\n  update: {x-a: 1}\n- {target: $.info, update: {title: U}}\n")
    (first, second), stale = author([VENDOR, other], [ours], every=False)
    assert stale == []
    assert (first.document.tree["info"], second.document.tree) == ({"title": "U", "version": "1"}, other.tree)
    (_, (misfit,)) = author([VENDOR, other], [ours])
    assert misfit.why == "matches nothing"
    gone = overlay("- target: $.paths['/c'].get\n  update: {x-a: 1}\n")
    assert len(author([VENDOR], [gone], every=False)[1]) == 1


def test_an_overlay_of_a_document_that_is_not_there_is_stale() -> None:
    ours = overlay("- {target: $.info, update: {title: U}}\n", "extends: gone.yaml\n")
    (_, (stale,)) = author([VENDOR], [ours])
    assert "'gone.yaml'" in stale.what


def test_the_packaged_overlays_come_to_the_documents_that_are_served() -> None:
    for profile in PROFILES:
        authored, stale = author(packaged_sources(), profile_overlays(profile))
        assert stale == []
        served, _ = packaged_documents(profile)
        assert {one.document.name: one.document.tree for one in authored} == {one.name: one.tree for one in served}
