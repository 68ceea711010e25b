"""A contract whose files change is served anew; one that was broken changes nothing, and is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mockserver import watching
from mockserver.configuration import ConfigurationError
from mockserver.engine import Engine
from mockserver.lane import Lane
from mockserver.settings import Settings
from mockserver.watching import Asked, Sources, Watcher
from openapi.contract import load_contract
from tests.documents.making import ask

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from openapi.contract import Contract
    from openapi.routing import Match

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      responses:
        "200":
          description: ok
          content: {application/json: {example: {version: 1}}}
"""
OVERLAY = """\
overlay: 1.0.0
info: {title: More, version: "1"}
actions:
  - target: $.paths['/pets'].get.responses['200'].content['application/json'].example
    update: {version: over}
"""


class Watched:
    """A folder with a document, and a watcher that looks when it is told to."""

    def __init__(self, folder: Path, asked: Asked | None = None, config: Path | None = None) -> None:
        self.document = folder / "pets.yaml"
        if not self.document.exists():
            self.write(PETS)
        self.asked = asked or Asked((self.document,))
        self.said: list[str] = []
        first = self.asked.load()
        self.watcher = Watcher(Sources.of(first, lambda: self.asked, config), self._exchange, self.said.append)
        self.engine = Engine(first, Settings())

    def _exchange(self, contract: Contract) -> None:
        self.engine = self.engine.with_contract(contract)

    def write(self, text: str) -> None:
        self.document.write_text(text, encoding="utf-8")

    def look(self) -> list[str]:
        """Look once; give what was said since the last time."""
        self.said.clear()
        self.watcher.look()
        return list(self.said)

    @property
    def version(self) -> str:
        """What the document says that is served."""
        return ask(self.engine, "GET", "/pets").body.decode().partition(":")[2].strip(' "}\n')


def test_edit_is_served_and_told_with_the_version_that_is_now_served(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    assert (watched.look(), watched.version) == ([], "1")
    watched.write(PETS.replace("version: 1}", "version: 2}"))
    (said,) = watched.look()
    assert said.startswith("the contract changed (pets.yaml) and is served from now on: sha256 ")
    assert watched.engine.contract.sha256[:12] in said
    assert said.endswith("1 operation(s)")
    assert watched.version == "2"
    assert watched.look() == []


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (PETS.replace("get:", "get: ["), "pets.yaml:7: Not YAML"),
        (PETS.replace("openapi:", "swagger:"), "Swagger 2.0"),
        (PETS.replace("{example: {version: 1}}", "{schema: {$ref: other.yaml}}"), "'other.yaml' names a file that is"),
        ("", "pets.yaml: The file is empty."),
        (None, "pets.yaml: The file cannot be read: No such file or directory."),
    ],
)
def test_broken_edit_is_told_once_with_its_place_and_the_contract_before_it_stays(
    tmp_path: Path, broken: str | None, told: str
) -> None:
    watched = Watched(tmp_path)
    if broken is None:
        watched.document.unlink()
    else:
        watched.write(broken)
    (said,) = watched.look()
    assert said.startswith("the changed contract cannot be used, the one before stays: ")
    assert told in said
    assert (watched.look(), watched.version) == ([], "1")
    watched.write(PETS)
    (said,) = watched.look()
    assert "is served from now on" in said
    assert (watched.look(), watched.version) == ([], "1")


def test_bug_of_ours_is_told_without_a_stack_trace_and_the_watching_goes_on(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    good = watched.asked

    class Wrong(Asked):
        def load(self) -> Contract:
            raise RuntimeError("inside")

    watched.asked = Wrong((watched.document,))
    watched.write(PETS.replace("version: 1}", "version: 2}"))
    assert watched.look() == [
        "the changed contract cannot be used, the one before stays: RuntimeError while reading pets.yaml."
    ]
    watched.asked = good
    assert len(watched.look()) == 1
    assert watched.version == "2"


def test_touch_and_comments_are_no_news(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.document.touch()
    assert watched.look() == []
    watched.write(f"# {PETS}".replace("# openapi", "# a comment\nopenapi"))
    assert watched.look() == []


def test_files_that_documents_refer_to_are_watched_those_that_come_later_too(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.write(PETS.replace("{example: {version: 1}}", "{schema: {$ref: other.yaml}}"))
    assert "names a file that is not there" in watched.look()[0]
    (tmp_path / "other.yaml").write_text("{type: object, example: {version: other}}", encoding="utf-8")
    assert "is served from now on" in watched.look()[0]
    assert (watched.look(), watched.version) == ([], "other")
    (tmp_path / "other.yaml").write_text("{type: object, example: {version: changed}}", encoding="utf-8")
    assert "(other.yaml)" in watched.look()[0]
    assert watched.version == "changed"


def test_folder_and_overlay_are_watched(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(PETS, encoding="utf-8")
    overlay = tmp_path / "over" / "more.yaml"
    overlay.parent.mkdir()
    overlay.write_text(OVERLAY, encoding="utf-8")
    folder = tmp_path / "documents"
    folder.mkdir()
    (tmp_path / "pets.yaml").rename(folder / "pets.yaml")
    watched = Watched(folder, Asked((folder,), (overlay,)))
    assert watched.version == "over"
    overlay.write_text(OVERLAY.replace("$.paths['/pets']", "$.paths['/cats']"), encoding="utf-8")
    assert "more.yaml" in watched.look()[0]
    overlay.write_text(OVERLAY.replace("over}", "again}"), encoding="utf-8")
    (folder / "cats.yaml").write_text(PETS.replace("/pets", "/cats"), encoding="utf-8")
    (said,) = watched.look()
    assert "(cats.yaml, more.yaml)" in said
    assert "2 operation(s)" in said
    assert watched.version == "again"


def test_basis_that_an_overlay_states_is_part_of_the_version(tmp_path: Path) -> None:
    overlay = tmp_path / "more.yaml"
    overlay.write_text(OVERLAY, encoding="utf-8")
    watched = Watched(tmp_path, Asked((tmp_path / "pets.yaml",), (overlay,)))
    before = watched.engine.contract.sha256
    overlay.write_text(f"{OVERLAY}    x-basis: observed\n    x-evidence: seen\n", encoding="utf-8")
    assert len(watched.look()) == 1
    assert watched.engine.contract.sha256 != before


def test_packaged_contract_is_watched_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {path.name for path in Asked().files()}
    assert {"create-visual-validate-session.yaml", "published.yaml", "published.json"} <= names
    monkeypatch.setattr(watching, "HOME", tmp_path)
    assert Asked().files() == set()


def test_configuration_file_may_name_other_documents_and_what_else_it_says_waits(tmp_path: Path) -> None:
    config = tmp_path / "mock.toml"
    config.write_text("", encoding="utf-8")
    watched = Watched(tmp_path, config=config)
    other = tmp_path / "cats.yaml"
    other.write_text(PETS.replace("/pets", "/cats"), encoding="utf-8")
    watched.asked = Asked((watched.document, other), others={"port": 1})
    config.write_text("port = 1", encoding="utf-8")
    said = watched.look()
    assert said[0] == f"{config}: what is not about the contract counts from the next start on"
    assert "(cats.yaml, mock.toml)" in said[1] or "(mock.toml)" in said[1]
    assert ask(watched.engine, "GET", "/cats").status == 200


def test_configuration_file_that_is_broken_is_told(tmp_path: Path) -> None:
    config = tmp_path / "mock.toml"
    config.write_text("", encoding="utf-8")
    document = tmp_path / "pets.yaml"
    document.write_text(PETS, encoding="utf-8")
    broken = False

    def read() -> Asked:
        if broken:
            raise ConfigurationError("mock.toml is not TOML: at line 1.")
        return Asked((document,))

    said: list[str] = []
    watcher = Watcher(Sources.of(load_contract([document]), read, config), lambda _: None, said.append)
    broken = True
    config.write_text("=", encoding="utf-8")
    watcher.look()
    assert said == ["the changed contract cannot be used, the one before stays: mock.toml is not TOML: at line 1."]


def test_warning_that_is_new_is_told_and_one_that_is_known_is_not(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    odd = PETS.replace("{example: {version: 1}}", "{schema: {oops: 1}, example: {version: 1}}")
    watched.write(odd)
    assert ["schema-keyword-ignored" in line for line in watched.look()] == [True, False]
    watched.write(odd.replace("version: 1}}", "version: 2}}"))
    assert ["schema-keyword-ignored" in line for line in watched.look()] == [False]


def test_replies_that_cannot_be_used_are_refused_like_a_broken_document(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.write(f"{PETS}x-mock-replies: 5\n")
    (said,) = watched.look()
    assert said.startswith("the changed contract cannot be used")
    assert watched.version == "1"


# --- the exchange -----------------------------------------------------------------------------------------------------


def test_request_that_has_begun_is_answered_by_the_contract_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pets.yaml"
    contracts = []
    for version in ("1", "2"):
        path.write_text(PETS.replace("version: 1}", f"version: {version}}}"), encoding="utf-8")
        contracts.append(load_contract([path]))
    first, second = contracts
    lane = Lane(Engine(first, Settings()), lambda engine: _answering(str(engine.contract is second)))
    find = first.find

    def find_while_it_changes(path: str) -> Match | None:
        lane.exchange_contract(second)
        return find(path)

    monkeypatch.setattr(first, "find", find_while_it_changes)
    assert asked(lane, "/pets") == ("200 OK", b'{"version":1}')
    assert asked(lane, "/pets") == ("200 OK", b'{"version":2}')
    assert asked(lane, "/_mock/health") == ("200 OK", b"True"), "the pages are those of the contract that is served"


def _answering(text: str) -> WSGIApplication:
    def application(_: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [text.encode()]

    return application


def asked(lane: Lane, path: str) -> tuple[str, bytes]:
    chunks, status, _ = run_wsgi_app(lane, EnvironBuilder(path=path).get_environ())
    return status, b"".join(chunks)


def test_engine_of_another_contract_shares_the_sessions_and_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "pets.yaml"
    path.write_text(PETS, encoding="utf-8")
    first, second = load_contract([path]), load_contract([path])
    engine = Engine(first, Settings())
    other = engine.with_contract(second)
    assert other.sessions is engine.sessions
    assert (engine.contract, other.contract) == (first, second)
    assert ask(engine, "GET", "/pets").status == ask(other, "GET", "/pets").status == 200


def test_thread_waits_until_the_files_are_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        pass

    watched = Watched(tmp_path)
    watched.watcher.look()
    pauses: list[float] = []
    versions: list[str] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        versions.append(watched.version)
        if len(pauses) <= 3:  # an editor that writes again and again
            watched.write(PETS.replace("version: 1}", f"version: {len(pauses)}0}}"))
        if len(pauses) > 8:
            raise Stop

    monkeypatch.setattr("mockserver.watching.time.sleep", pause)
    with pytest.raises(Stop):
        watched.watcher.run()
    assert set(versions) == {"1", "30"}
    assert len(watched.said) == 1
    assert min(pauses) >= watching.PAUSE
