"""Overlays: what the specification says, where we are stricter, and who is recorded as the source of what."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openapi.document import DOCUMENTED, Document, Origin, read_document
from openapi.errors import ContractError, Notice
from openapi.overlay import BASES, Overlay, apply_overlay, extends, read_overlay

if TYPE_CHECKING:
    from openapi.reading import Json

BASE = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
tags: [dogs, cats]
servers:
  - {url: 'https://one.example', description: Dev}
  - {url: 'https://two.example'}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, required: false}
      responses:
        '200': {description: fine}
        '500': {description: broken}
"""
VENDOR = Path(__file__).parents[2] / "openapi" / "vendor" / "create-visual-validate-session.yaml"


def base() -> Document:
    return Document.parse(BASE.encode(), "pets.yaml", "file:///contracts/pets.yaml")


def overlay(*actions: dict[str, Json], version: str = "1.1.0", extending: str = "") -> Overlay:
    info: dict[str, Json] = {"title": "Test", "version": "1"}
    tree: dict[str, Json] = {"overlay": version, "info": info, "actions": list(actions)}
    if extending:
        tree["extends"] = extending
    return read_overlay(Document.parse(json.dumps(tree).encode(), "change.yaml", "file:///overlays/change.yaml"))


def apply(*actions: dict[str, Json], document: Document | None = None) -> tuple[Document, tuple[Notice, ...]]:
    return apply_overlay(document or base(), overlay(*actions))


def at(document: Document, *steps: str | int) -> Json:
    value: Json = document.tree
    for step in steps:
        value = value[step]  # type: ignore[index]
    return value


def refused(*actions: dict[str, Json]) -> ContractError:
    with pytest.raises(ContractError) as caught:
        apply(*actions)
    assert caught.value.remedy
    assert caught.value.place is not None
    assert caught.value.place.file == "change.yaml"
    return caught.value


# --- applying: update ------------------------------------------------------------------------------------------------


def test_update_of_an_object_merges_at_every_depth() -> None:
    changed, notices = apply(
        {"target": "$", "update": {"info": {"version": "2", "license": {"name": "MIT"}}, "x-new": [1]}}
    )

    assert changed.tree["info"] == {"title": "Pets", "version": "2", "license": {"name": "MIT"}}
    assert changed.tree["x-new"] == [1]
    assert changed.tree["paths"] == base().tree["paths"]
    assert notices == ()


def test_update_of_an_array_with_an_array_concatenates() -> None:
    assert apply({"target": "$.tags", "update": ["birds", "fish"]})[0].tree["tags"] == ["dogs", "cats", "birds", "fish"]


@pytest.mark.parametrize("item", ["birds", None, 5, {"name": "birds"}])
def test_update_of_an_array_with_anything_else_appends_one_item(item: Json) -> None:
    assert apply({"target": "$.tags", "update": item})[0].tree["tags"] == ["dogs", "cats", item]


def test_update_concatenates_arrays_inside_merged_objects() -> None:
    assert apply({"target": "$", "update": {"tags": ["birds"]}})[0].tree["tags"] == ["dogs", "cats", "birds"]


def test_update_replaces_selected_primitive_values() -> None:
    changed, _ = apply(
        {"target": "$.tags[?@ == 'cats']", "update": "lions"}, {"target": "$.info.title", "update": None}
    )

    assert changed.tree["tags"] == ["dogs", "lions"]
    assert at(changed, "info", "title") is None


def test_update_reaches_every_selected_node_with_a_copy_of_its_own() -> None:
    changed, _ = apply(
        {"target": "$.paths.*.get.responses.*", "update": {"content": {}}},
        {"target": "$.paths['/pets'].get.responses['200'].content", "update": {"text/plain": {}}},
    )

    assert at(changed, "paths", "/pets", "get", "responses", "500") == {"description": "broken", "content": {}}


def test_item_appended_to_several_arrays_is_a_copy_in_each() -> None:
    change = overlay(
        {"target": "$['tags', 'servers']", "update": {"x": 1}}, {"target": "$.tags[2]", "update": {"x": 2}}
    )

    changed, _ = apply_overlay(base(), change)

    assert (at(changed, "tags", 2), at(changed, "servers", 2)) == ({"x": 2}, {"x": 1})
    assert change.actions[0].value == {"x": 1}


def test_node_that_a_target_names_twice_is_updated_once() -> None:
    assert apply({"target": "$['tags', 'tags']", "update": "x"})[0].tree["tags"] == ["dogs", "cats", "x"]


def test_action_works_on_the_result_of_the_one_before() -> None:
    changed, _ = apply(
        {"target": "$.servers", "remove": True},
        {"target": "$", "update": {"servers": [{"url": "http://localhost"}]}},
        {"target": "$.servers[0]", "update": {"description": "here"}},
    )

    assert changed.tree["servers"] == [{"url": "http://localhost", "description": "here"}]


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("$.info", ["x"]),
        ("$.info", "x"),
        ("$.info", None),
        ("$.info.title", {"x": 1}),
        ("$.info.title", ["x"]),
        ("$", {"info": "x"}),
        ("$", {"tags": "x"}),
        ("$", {"tags": {"x": 1}}),
        ("$", {"info": {"title": {"x": 1}}}),
    ],
)
def test_update_with_a_value_of_another_kind_is_refused(target: str, value: Json) -> None:
    error = refused({"target": target, "update": value})

    assert "cannot take the place of" in error.what
    assert "pets.yaml:" in error.what


def test_update_of_objects_and_arrays_at_once_is_refused() -> None:
    assert "arrays and objects" in refused({"target": "$['info','tags']", "update": {"x": 1}}).what


def test_true_is_not_taken_for_one() -> None:
    document = Document.parse(b"a: 1\nb: [1]\n", "n.yaml")
    changed, notices = apply({"target": "$", "update": {"a": True}}, document=document)

    assert changed.tree["a"] is True
    assert notices == ()


def test_target_deep_in_a_document_is_found() -> None:
    deep = b"a: " + b"{b: " * 150 + b"{mark: 1}" + b"}" * 150
    changed, _ = apply({"target": "$..mark", "update": 2}, document=Document.parse(deep, "deep.yaml"))

    assert json.dumps(changed.tree).count('"mark": 2') == 1


def test_result_that_nests_too_deep_is_refused() -> None:
    deep = b"a: " + b"{b: " * 150 + b"{}" + b"}" * 150

    with pytest.raises(ContractError, match="nests deeper"):
        apply({"target": "$.a" + ".b" * 150, "copy": "$"}, document=Document.parse(deep, "deep.yaml"))


# --- applying: remove, copy ------------------------------------------------------------------------------------------


def test_remove_takes_array_items_from_the_last_to_the_first() -> None:
    document = Document.parse(b"list: [0, 1, 2, 3, 4]\n", "n.yaml")

    changed, _ = apply({"target": "$.list[0,1,3,0]", "remove": True}, document=document)

    assert changed.tree == {"list": [2, 4]}


def test_remove_of_nested_matches_takes_inner_and_outer() -> None:
    document = Document.parse(b"a: {x: {b: {x: 1}}, keep: 1}\n", "n.yaml")

    assert apply({"target": "$..x", "remove": True}, document=document)[0].tree == {"a": {"keep": 1}}


def test_remove_by_filter_takes_the_items_that_match() -> None:
    changed, _ = apply({"target": "$.servers[?@.description == 'Dev']", "remove": True})

    assert changed.tree["servers"] == [{"url": "https://two.example"}]


def test_remove_wins_over_update_and_copy_as_the_specification_says() -> None:
    assert "servers" not in apply({"target": "$.servers", "update": [], "copy": "$.tags", "remove": True})[0].tree


def test_remove_that_is_false_leaves_the_update_in_force() -> None:
    assert apply({"target": "$.tags", "update": "x", "remove": False})[0].tree["tags"] == ["dogs", "cats", "x"]


def test_remove_of_the_root_is_refused() -> None:
    assert "root" in refused({"target": "$", "remove": True}).what


def test_copy_then_remove_moves_a_path() -> None:
    changed, _ = apply(
        {"target": "$.paths", "update": {"/animals": {}}},
        {"target": "$.paths['/animals']", "copy": "$.paths['/pets']"},
        {"target": "$.paths['/pets']", "remove": True},
    )

    assert changed.tree["paths"] == {"/animals": base().tree["paths"]["/pets"]}  # type: ignore[index,call-overload]


def test_copy_is_a_copy_and_may_go_into_itself() -> None:
    changed, _ = apply(
        {"target": "$.info", "update": {"x": {}}},
        {"target": "$.info.x", "copy": "$.info"},
        {"target": "$.info.x", "update": {"title": "Other"}},
    )

    assert at(changed, "info", "title") == "Pets"
    assert at(changed, "info", "x") == {"title": "Other", "version": "1", "x": {}}


@pytest.mark.parametrize(("source", "count"), [("$.nothing", 0), ("$.tags[*]", 2)])
def test_copy_from_other_than_one_node_is_refused(source: str, count: int) -> None:
    assert f"selects {count} nodes" in refused({"target": "$.info", "copy": source}).what


# --- stricter than the specification ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["update", "remove", "copy"])
def test_target_that_matches_nothing_is_refused_and_names_the_nearest(kind: str) -> None:
    values: dict[str, Json] = {"update": {}, "remove": True, "copy": "$.info"}

    error = refused({"target": "$.paths['/pet'].get", kind: values[kind]})

    assert "matches nothing in pets.yaml" in error.what
    assert "as far as $['paths']" in error.what
    assert "Did you mean '/pets'?" in error.what
    assert "switch it off unseen" in error.remedy


def test_target_that_matches_nothing_in_a_filter_says_how_far_it_came() -> None:
    assert "as far as $['servers']" in refused({"target": "$.servers[?@.url == 'x']", "remove": True}).what


def test_action_that_changes_nothing_is_a_warning_at_its_line() -> None:
    document = base()
    text = b"overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n- target: $.info\n  update: {title: Pets}\n"

    changed, notices = apply_overlay(document, read_overlay(Document.parse(text, "change.yaml")))

    assert [(notice.level, notice.code) for notice in notices] == [("warning", "overlay-action-changes-nothing")]
    assert str(notices[0].place) == "change.yaml:4 at /actions/0"
    assert "delete the action" in notices[0].remedy
    assert changed.tree == document.tree
    assert changed.origins == {}


def test_item_that_a_list_holds_already_is_appended_with_a_warning() -> None:
    changed, notices = apply({"target": "$", "update": {"tags": ["cats"]}})

    assert changed.tree["tags"] == ["dogs", "cats", "cats"]
    assert [notice.code for notice in notices] == ["overlay-action-repeats-an-item"]


def test_document_and_overlay_are_left_as_they_were() -> None:
    document, before = base(), copy.deepcopy(base().tree)
    change = overlay(
        {"target": "$", "update": {"x": {"list": [1]}}},
        {"target": "$.x.list", "update": 2},
        {"target": "$.tags[0]", "remove": True},
        {"target": "$.info", "copy": "$.x"},
    )
    value = copy.deepcopy(change.actions[0].value)

    once, _ = apply_overlay(document, change)
    twice, _ = apply_overlay(document, change)

    assert document.tree == before
    assert document.origins == {}
    assert change.actions[0].value == value
    assert once.tree == twice.tree


# --- origins ---------------------------------------------------------------------------------------------------------

PROSE = {"x-basis": "prose", "x-evidence": "the page says so"}
OBSERVED = {"x-basis": "observed", "x-evidence": "a client"}


def test_origin_is_recorded_at_changed_leaves_and_new_roots() -> None:
    changed, _ = apply(
        {
            "target": "$",
            "update": {"info": {"title": "Cats", "version": "1", "license": {"name": "MIT"}}, "tags": ["birds"]},
            **PROSE,
        }
    )

    said = Origin("prose", "the page says so")
    assert changed.origins == {"/info/title": said, "/info/license": said, "/tags/2": said}
    assert changed.origin("/info/license/name") == said
    assert changed.origin("/info/version") == DOCUMENTED
    assert changed.origin("/tags/1") == DOCUMENTED


def test_origin_without_a_basis_is_an_assumption_of_that_file() -> None:
    changed, _ = apply({"target": "$.info", "update": {"x": 1}})

    assert changed.origin("/info/x") == Origin("assumed", "overlay change.yaml")


def test_origin_of_a_later_overlay_stands_beside_the_earlier() -> None:
    first, _ = apply({"target": "$.info", "update": {"license": {"name": "MIT"}}, **PROSE})
    second, _ = apply({"target": "$.info.license", "update": {"name": "ISC"}, **OBSERVED}, document=first)

    assert second.origin("/info/license/name").basis == "observed"
    assert second.origin("/info/license").basis == "prose"


def test_origins_move_up_with_array_items_and_go_with_removed_ones() -> None:
    document = Document.parse(b"list: [a, b, c]\nlist2: [a]\n", "n.yaml")
    first, _ = apply(
        {"target": "$.list", "update": [{"d": 1}, "e"], **PROSE},
        {"target": "$.list2", "update": "b"},
        document=document,
    )

    second, _ = apply({"target": "$.list[0,2,4]", "remove": True}, document=first)

    assert second.tree["list"] == ["b", {"d": 1}]
    assert sorted(second.origins) == ["/list/1", "/list2/1"]
    assert second.origin("/list/1/d").basis == "prose"


def test_origin_is_not_recorded_for_what_was_removed() -> None:
    changed, _ = apply({"target": "$.info", "update": {"x": 1}}, {"target": "$.info.x", "remove": True})

    assert changed.origins == {}


# --- reading ---------------------------------------------------------------------------------------------------------


def read(text: str) -> Overlay:
    return read_overlay(Document.parse(text.encode(), "change.yaml"))


HEAD = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\n"
ACTIONS = "actions:\n- target: $.info\n  update: {x: 1}\n"


def test_overlay_in_order_is_read_whole() -> None:
    got = read(
        HEAD
        + "extends: pets.yaml\nx-any: 1\n"
        + ACTIONS
        + "  description: why\n  x-basis: rfc\n  x-evidence: RFC 6750\n"
    )

    (action,) = got.actions
    assert (got.title, got.version, got.extends) == ("t", "1", "pets.yaml")
    assert (action.target, action.kind, action.value, action.description) == ("$.info", "update", {"x": 1}, "why")
    assert (action.basis, action.evidence, action.place.line) == ("rfc", "RFC 6750", 6)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.7", "1.1.0", "1.1.12"])
def test_overlay_of_a_supported_version_is_read(version: str) -> None:
    assert overlay({"target": "$", "remove": True}, version=version).actions[0].kind == "remove"


@pytest.mark.parametrize(
    ("text", "told", "spot", "remedy"),
    [
        ("info: {title: t, version: '1'}\n" + ACTIONS, "'overlay' is missing", ":1", "overlay: 1.1.0"),
        (HEAD.replace("1.1.0", "1.1") + ACTIONS, "'overlay' is not text", ":1 at /overlay", "quotes"),
        (HEAD.replace("1.1.0", "1.2.0") + ACTIONS, "'1.2.0' is not supported", ":1 at /overlay", "1.1.0"),
        (HEAD.replace("1.1.0", "2.0.0") + ACTIONS, "not supported", ":1 at /overlay", "1.1.0"),
        ("overlay: 1.1.0\n" + ACTIONS, "no 'info'", ":1", "title"),
        ("overlay: 1.1.0\ninfo: text\n" + ACTIONS, "object is expected", ":2 at /info", "mapping"),
        ("overlay: 1.1.0\ninfo: {version: '1'}\n" + ACTIONS, "'title' is missing", ":2 at /info", "title:"),
        ("overlay: 1.1.0\ninfo: {title: t}\n" + ACTIONS, "'version' is missing", ":2 at /info", "version:"),
        ("overlay: 1.1.0\ninfo: {title: t, version: 1.0}\n" + ACTIONS, "not text", ":2 at /info/version", "quotes"),
        (
            "overlay: 1.1.0\ninfo: {title: t, version: '1', description: 1}\n" + ACTIONS,
            "not text",
            "/info/description",
            "",
        ),
        ("overlay: 1.1.0\ninfo: {titel: t, version: '1'}\n" + ACTIONS, "'titel'", "/info/titel", "'title'"),
        (HEAD, "no actions", ":1", "at least one"),
        (HEAD + "actions: []\n", "no actions", ":3 at /actions", "at least one"),
        (HEAD + "actions: {target: $}\n", "list is expected", ":3 at /actions", "sequence"),
        (HEAD + "actions: [text]\n", "object is expected", ":3 at /actions/0", "mapping"),
        (HEAD + "extend: x\n" + ACTIONS, "'extend' is no field of an overlay", ":3 at /extend", "'extends'"),
        (HEAD + "extends: 5\n" + ACTIONS, "not text", ":3 at /extends", ""),
        (HEAD + "actions:\n- update: {}\n", "'target' is missing", ":4 at /actions/0", "target:"),
        (HEAD + "actions:\n- target: 5\n  update: {}\n", "not text", ":4 at /actions/0/target", ""),
        (HEAD + "actions:\n- target: $\n", "does nothing", ":4 at /actions/0", "update"),
        (HEAD + "actions:\n- target: $\n  remove: false\n", "does nothing", "/actions/0", "update"),
        (
            HEAD + "actions:\n- target: $\n  remove: 'true'\n",
            "neither true nor false",
            ":5 at /actions/0/remove",
            "true",
        ),
        (HEAD + "actions:\n- target: $\n  update: 1\n  copy: $\n", "both 'update' and 'copy'", "/actions/0", "two"),
        (HEAD + "actions:\n- target: $\n  copy: 1\n", "not text", ":5 at /actions/0/copy", ""),
        (
            HEAD + "actions:\n- target: $\n  updates: 1\n",
            "'updates' is no field of an action",
            ":5 at /actions/0/updates",
            "'update'",
        ),
        (HEAD + "actions:\n- target: $\n  update: 1\n  description: 1\n", "not text", "/actions/0/description", ""),
        (HEAD + ACTIONS + ACTIONS.removeprefix("actions:\n"), "word for word", ":6 at /actions/1", "Remove"),
        (
            HEAD.replace("1.1.0", "1.0.0") + "actions:\n- target: $\n  copy: $\n",
            "Overlay 1.1",
            ":5 at /actions/0/copy",
            "overlay: 1.1.0",
        ),
        (HEAD + ACTIONS + "  x-basis: observd\n", "'observd' is no basis", ":6 at /actions/0/x-basis", "'observed'"),
        (HEAD + ACTIONS + "  x-evidence: 1\n", "not text", ":6 at /actions/0/x-evidence", ""),
        (HEAD + "actions:\n- target: info\n  update: 1\n", "not a JSONPath of RFC 9535", ":4 at /actions/0/target", ""),
        (HEAD + "actions:\n- target: $.a[\n  update: 1\n", "column 5", "/actions/0/target", ""),
        (HEAD + "actions:\n- target: $[?nope(@)]\n  update: 1\n", "'nope'", "/actions/0/target", ""),
        (HEAD + "actions:\n- target: $\n  copy: $.a..\n", "not a JSONPath", ":5 at /actions/0/copy", ""),
    ],
)
def test_overlay_that_is_not_in_order_is_refused(text: str, told: str, spot: str, remedy: str) -> None:
    with pytest.raises(ContractError) as caught:
        read(text)

    assert told in caught.value.what
    assert re.search(re.escape(spot) + "$", str(caught.value.place))
    assert remedy in caught.value.remedy
    assert caught.value.remedy


@pytest.mark.parametrize(("expression", "column"), [("", 1), ("info", 1), ("$.a[", 5), ("$[?nope(@)]", 4)])
def test_expression_that_is_no_jsonpath_is_refused_with_its_column(expression: str, column: int) -> None:
    with pytest.raises(ContractError, match=rf"column {column}\. Correct") as caught:
        overlay({"target": expression, "remove": True})

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("basis", BASES)
def test_every_basis_is_accepted(basis: str) -> None:
    assert overlay({"target": "$", "remove": True, "x-basis": basis}).actions[0].basis == basis


# --- extends ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", True),
        ("pets.yaml", True),
        ("../contracts/pets.yaml", True),
        ("../contracts/./p%65ts.yaml", True),
        ("file:///contracts/pets.yaml", True),
        ("../contracts/cats.yaml", False),
        ("contracts/pets.yaml", False),
        ("https://example.com/v1/p%65ts.yaml?x=1", True),
        ("https://example.com/cats.yaml", False),
        ("http://[broken", False),
    ],
)
def test_extends_names_the_document_by_address_or_file_name(written: str, meant: bool) -> None:
    assert extends(overlay({"target": "$", "remove": True}, extending=written), base()) is meant


def test_extends_sees_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "pets.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "change.yaml").write_text(HEAD + "extends: link/pets.yaml\n" + ACTIONS, encoding="utf-8")

    assert extends(
        read_overlay(read_document(tmp_path / "change.yaml")), read_document(tmp_path / "real" / "pets.yaml")
    )


def test_vendor_document_takes_an_overlay_and_keeps_its_hash() -> None:
    vendor = read_document(VENDOR)
    schema = "$.paths['/volc/asset/CreateVisualValidateSession'].post.requestBody.content['application/json'].schema"

    changed, notices = apply({"target": schema, "update": {"required": ["CallbackURL"]}, **OBSERVED}, document=vendor)

    pointer = "/paths/~1volc~1asset~1CreateVisualValidateSession/post/requestBody/content/application~1json/schema"
    assert changed.origin(f"{pointer}/required/0").basis == "observed"
    assert changed.origin(f"{pointer}/properties/CallbackURL") == DOCUMENTED
    assert changed.sha256 == vendor.sha256
    assert notices == ()


def lenient(*actions: dict[str, Json], version: str = "1.1.0") -> tuple[Document, list[str]]:
    """Apply as strictly as the specification and no stricter; give the document and the codes of what is told."""
    text = json.dumps({"overlay": version, "info": {"title": "t", "version": "1"}, "actions": list(actions)})
    made = read_overlay(Document.parse(text.encode(), "o.json", "memory:o.json"), lenient=True)
    changed, notices = apply_overlay(base(), made, lenient=True)
    return changed, [one.code for one in notices]


def test_action_that_does_nothing_is_told_and_passed_over_where_the_specification_lets_it_stand() -> None:
    changed, told = lenient(
        {"target": "$.nothing", "update": {}},
        {"target": "$.info"},
        {"target": "$.info", "remove": False, "description": "no"},
        {"target": "$.info", "update": {"a": 1}, "copy": "$.paths"},
        {"target": "$.info", "update": {"title": "New"}},
    )
    assert changed.tree["info"] == {**base().tree["info"], "title": "New"}  # type: ignore[dict-item]
    nothing = "overlay-action-does-nothing"
    assert told == ["overlay-target-matches-nothing", nothing, nothing, nothing]


def test_primitive_member_is_removed_by_1_0_as_the_sample_of_the_initiative_does() -> None:
    changed, told = lenient({"target": "$.info.title", "remove": True}, version="1.0.0")
    assert "title" not in changed.tree["info"]  # type: ignore[operator]
    assert told == ["overlay-target-is-primitive"]


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ({"target": "$.info.title", "update": "New"}, "objects and arrays"),
        ({"target": "$.tags[0]", "remove": True}, "objects and arrays"),
        ({"target": "$.info", "copy": "$.paths"}, "came with Overlay 1.1"),
        ({"target": "$.info", "update": 1, "copy": 2}, "came with Overlay 1.1"),
        ({"target": "$.info", "description": 1}, "not text"),
    ],
)
def test_what_1_0_forbids_is_refused_however_lenient(action: dict[str, Json], told: str) -> None:
    with pytest.raises(ContractError, match=told):
        lenient({"target": "$", "update": {"tags": ["a"]}}, action, version="1.0.0")


@pytest.mark.parametrize("action", ["update: New", "remove: true"])
def test_primitive_value_is_no_target_of_overlay_1_0(action: str) -> None:
    text = f"overlay: {{}}\ninfo: {{title: o, version: '1'}}\nactions:\n- target: $.info.title\n  {action}\n"
    made = Document.parse(b"{openapi: 3.1.0, info: {title: Old, version: '1'}}", "a.yaml", "memory:a.yaml")
    older, newer = (
        read_overlay(Document.parse(text.replace("{}", version).encode(), "o.yaml", "memory:o.yaml"))
        for version in ("1.0.0", "1.1.0")
    )
    assert apply_overlay(made, newer)[0].tree["info"] != made.tree["info"]
    with pytest.raises(ContractError, match=r"targets of Overlay 1.0 are objects and arrays") as error:
        apply_overlay(made, older)
    assert "write 'overlay: 1.1.0'" in str(error.value)
