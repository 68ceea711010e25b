"""Which module may import which: the house of three rooms, and the floors within each.

The rules are the tables at the top. The rest finds every import by reading the source, without running it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
ROOMS = ("openapi", "mockserver", "contract_tests")

FLOORS: dict[str, tuple[str, ...]] = {
    # lowest first; a module imports from its own floor or lower ones; a folder stands for all that is in it
    "openapi": (
        "errors pointers escapes memory keywords",
        "json_places told",
        "reading pages draft4 dividing",
        "provenance naming violations",
        "nodes",
        "document",
        "walking servers shape versions folders object_kinds",
        "mending",
        "units",
        "bundling together",
        "schema overlay editing",
        "samples",
        "parameters",
        "media_types security own_parameters",
        "responses",
        "operation",
        "profiles routing checking oddities wrong_examples relocating troubles",
        "assembling",
        "contract",
        "schema_changes changes importing authorship",
    ),
    "contract_tests": (
        "codes budget escapes parser",
        "places",
        "redaction targets dialect report_files terms receiver texts drift_kinds parameter_texts gaps",
        "ledger shapes sending body_texts plain_values",
        "confirm spending failures samples credentials oracle case",
        "plain_request",
        "verdicts case_bodies case_parameters deviations fuzzing.fuzz",
        "deviations_file",
        "targeting judge cases exchanges event_parts",
        "events",
        "event_travel",
        "invariants expectations report outcomes",
        "comparing remedies shape_files shape_changes",
        "run coverage",
        "mock_process telling fuzzing offered",
        "traveller manners",
        "walk",
        "journey planning explain plan",
        "callback",
        "steps",
        "summary writers report_json report_html report_har report_github progress",
        "quiet_logs preparing checker",
        "person reporting",
        "strength",
        "subjects",
        "items",
        "plugin",
        "command_line sides drift_sources",
        "drift_live overview examples",
        "drift parity record",
        "cli schemathesis_checks",
        "test_authentication test_deviations test_fuzzing test_invariants test_journey test_requests test_routing",
    ),
    "mockserver": (
        "callback addresses fetching visiting errands intake tls kinship readiness",
        "exchange clock identifiers credentials negotiation offering replies bodies faults magic transmission",
        "redaction recording",
        "sessions.outcomes",
        "sessions.model",
        "sessions.store",
        "sessions.encoding sessions.keeper sessions.redis_scripts sessions.sqlite_file sessions.sqlite_tables",
        "sessions.in_memory sessions.in_redis sessions.in_sqlite",
        "sessions.opening",
        "sessions",
        "settings fault_queue distorting steering",
        "generating.circumstances generating.dice generating.equality generating.nodes generating.pattern_tree",
        "generating.automata generating.sequences generating.words",
        "generating.moments generating.patterns generating.saying generating.scopes generating.xml",
        "generating.parts generating.formats generating.media",
        "generating.likely_formats generating.names generating.negation generating.shapes",
        "generating.scalars generating.containers generating.choices generating.numbers generating.texts",
        "generating.joining generating.fitting generating.drafting",
        "generating.apart generating.appointing generating.hiding",
        "generating.echoing generating.settling generating.arrays generating.objects",
        "generating.making",
        "generating.answering",
        "generating behaviours",
        "known",
        "writer log expectations har asking",
        "journal",
        "engine",
        "browser control_access pages curl",
        "control_sessions control_requests control_faults",
        "lane control h5 overview",
        "app",
        "live in_process sandbox",
        "testing",
        "pytest_plugin",
        "wsgi_bridge asgi_objects",
        "asgi_bodies asgi_answers",
        "asgi_bridge",
        "serving asgi_worker granian_worker",
        "announcing configuration presenting fidelity session_request session_command waiting",
        "watching",
        "starting exec_command",
        "commands.ending commands.options",
        "commands.contracts",
        "commands.defaults_file",
        "commands.preparing",
        "commands",
        "cli",
        "__main__",
    ),
}


@dataclass(frozen=True, slots=True)
class Ban:
    """What nobody in `room` may import, except the modules in `but`."""

    room: str
    imports: str
    but: str = ""
    reason: str = ""


_DURABLE = "mockserver.sessions.in_redis mockserver.sessions.in_sqlite"

BANS = (
    Ban("openapi", "mockserver contract_tests", reason="the contract stands below both upper rooms"),
    Ban("mockserver", "contract_tests", reason="the mock and the suite never share a judge"),
    Ban("contract_tests", "mockserver", reason="the suite starts the mock only through its command"),
    Ban("openapi mockserver", "openapi_core", reason="the suite's judge; it costs the mock its start-up time"),
    Ban(
        "mockserver",
        "flask werkzeug",
        but="app control control_access control_faults control_requests control_sessions h5 in_process live overview "
        "pages",
        reason="the engine has other hosts than Flask",
    ),
    Ban("openapi", "flask werkzeug granian click rich requests", reason="reading needs no server and no terminal"),
    Ban("openapi mockserver", "cryptography", but="tls", reason="an extra, for --tls auto alone"),
    Ban("openapi contract_tests", "sqlite3 redis", reason="only the session store keeps state"),
    Ban(
        "mockserver",
        "sqlite3",
        but="sessions.in_sqlite sessions.sqlite_file sessions.sqlite_tables",
        reason="only the session store keeps state",
    ),
    Ban("mockserver", "redis", but="sessions.in_redis", reason="only the session store keeps state, redis is an extra"),
    Ban("mockserver", _DURABLE, but="sessions.opening", reason="most mocks keep their sessions in memory"),
    Ban("contract_tests", "rich segno", but="person", reason="only who waits for a person draws on a terminal"),
    Ban("openapi mockserver contract_tests", "tests benchmarks", reason="they are not installed"),
)

LATE = (
    "cryptography",
    "flask",
    "jsonpath_rfc9535",
    "granian",
    "openapi_core",
    "redis",
    "requests",
    "rich",
    "segno",
    "sqlite3",
    "ssl",
)
"""What importing the commands must not pull in: the start of the mock pays for every import."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target, as written in `importer` at `line`."""

    importer: str
    target: str
    line: int
    deferred: bool
    """Whether it stands in a function, and so runs only when that is called."""


def find_modules(root: Path, rooms: Iterable[str] = ROOMS) -> dict[str, Path]:
    """Return the modules under `root`, dotted name to file; a package goes by its own name."""
    found = {}
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def read_imports(modules: Mapping[str, Path]) -> list[Import]:
    """Return every import of every module, those within functions and under TYPE_CHECKING included."""
    found = []
    for name, path in modules.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node, deferred in _statements(ast.parse(path.read_bytes(), filename=str(path))):
            found += [Import(name, target, node.lineno, deferred) for target in _targets(node, package, modules)]
    return found


def _statements(tree: ast.AST, *, deferred: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, deferred
        within = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _statements(node, deferred=within)


def _targets(node: ast.Import | ast.ImportFrom, package: str, modules: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    source = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        source = ".".join([*above, *([source] if source else [])])
    for alias in node.names:
        inner = f"{source}.{alias.name}"
        yield inner if inner in modules else source


def is_within(module: str, places: Iterable[str]) -> bool:
    """Tell whether `module` is one of `places` or lies in one."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def floor_of(module: str, floors: Mapping[str, Sequence[str]]) -> int | None:
    """Return the floor of a module, 0 the lowest; None where the tables give it none.

    A room's own `__init__` has none: what matters about it is that it closes no circle.
    """
    room, _, inner = module.partition(".")
    for number, names in enumerate(floors.get(room, ())):
        if is_within(inner, names.split()):
            return number
    return None


def climbing_imports(imports: Iterable[Import], floors: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence for each import of a higher floor of the same room."""
    found = []
    for item in imports:
        if item.importer.partition(".")[0] != item.target.partition(".")[0]:
            continue
        mine, theirs = floor_of(item.importer, floors), floor_of(item.target, floors)
        if mine is not None and theirs is not None and theirs > mine:
            found.append(f"{item.importer}:{item.line} imports {item.target}, which stands above it")
    return found


def banned_imports(imports: Iterable[Import], bans: Iterable[Ban]) -> list[str]:
    """Return a sentence for each import that a ban forbids."""
    found = []
    for item in imports:
        room, _, inner = item.importer.partition(".")
        for ban in bans:
            concerned = room in ban.room.split() and not is_within(inner, ban.but.split())
            if concerned and is_within(item.target, ban.imports.split()):
                found.append(f"{item.importer}:{item.line} imports {item.target}: {ban.reason}")
    return found


def import_cycles(imports: Iterable[Import], modules: Iterable[str]) -> list[list[str]]:
    """Return the groups of modules that reach each other by imports outside functions, each sorted.

    What only types need counts as well: a circle of types is a circle to the reader.
    """
    names = set(modules)
    graph: dict[str, set[str]] = {name: set() for name in names}
    for item in imports:
        if item.target in names and item.target != item.importer and not item.deferred:
            graph[item.importer].add(item.target)
    reach = {name: _reachable(name, graph) for name in names}
    groups = {tuple(sorted(other for other in reach[name] if name in reach[other])) for name in names}
    return sorted(list(group) for group in groups if len(group) > 1)


def _reachable(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += graph[name]
    return seen


# --- the house as it stands -------------------------------------------------------------------------------------------

MODULES = find_modules(ROOT)
IMPORTS = read_imports(MODULES)


def test_every_module_has_its_floor() -> None:
    inside = [name for name in MODULES if name not in ROOMS and name.partition(".")[0] in FLOORS]
    homeless = [name for name in inside if floor_of(name, FLOORS) is None]
    assert not homeless, "give these a floor in FLOORS at the top of this file"


def test_no_module_imports_from_a_higher_floor() -> None:
    assert climbing_imports(IMPORTS, FLOORS) == []


def test_nobody_imports_what_is_banned() -> None:
    assert banned_imports(IMPORTS, BANS) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert import_cycles(IMPORTS, MODULES) == []


def test_importing_the_commands_leaves_heavy_libraries_alone() -> None:
    commands = ", ".join(name for name in MODULES if name.startswith("mockserver.commands."))
    program = f"import sys, {commands}; print(*[name for name in {LATE!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_the_list_of_commands_is_printed_without_importing_one() -> None:
    program = (
        "import sys, mockserver.cli as cli\ntry: cli.main(['--help'])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert "Commands:" in run.stdout
    loaded = {name for name in run.stderr.split() if name.partition(".")[0] in ROOMS}
    assert loaded == {"openapi", "mockserver", "mockserver.cli"}


# --- the checker itself, on a house with planted faults ---------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for room in ("openapi", "mockserver"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "openapi" / "errors.py").touch()
    (tmp_path / "openapi" / "document.py").write_text("from openapi.errors import Place\n", encoding="utf-8")
    return tmp_path


PLANTED = [
    pytest.param("openapi/errors.py", "from openapi.document import read", "stands above", id="climbs"),
    pytest.param("openapi/errors.py", "from openapi import document", "stands above", id="climbs-by-from-package"),
    pytest.param("openapi/errors.py", "from . import document", "stands above", id="climbs-relatively"),
    pytest.param("openapi/errors.py", "def f():\n import openapi.document", "stands above", id="climbs-in-function"),
    pytest.param("openapi/document.py", "import mockserver.engine", "below both upper rooms", id="crosses-rooms"),
    pytest.param("mockserver/engine.py", "import flask.json", "other hosts", id="framework-in-the-engine"),
    pytest.param("mockserver/h5/page.py", "import sqlite3", "session store", id="state-in-a-page"),
    pytest.param("mockserver/cli.py", "from openapi_core import OpenAPI", "start-up time", id="the-other-judge"),
]


@pytest.mark.parametrize(("file", "source", "sentence"), PLANTED)
def test_a_planted_fault_is_found(house: Path, file: str, source: str, sentence: str) -> None:
    path = house / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{source}\n", encoding="utf-8")
    modules = find_modules(house)
    imports = read_imports(modules)
    (found,) = climbing_imports(imports, FLOORS) + banned_imports(imports, BANS)
    assert sentence in found


def test_allowed_imports_are_not_reported(house: Path) -> None:
    for file, source in {
        "mockserver/app.py": "import flask\nimport mockserver.engine\nfrom openapi.document import read\n",
        "mockserver/engine.py": "from mockserver import settings\n",
        "mockserver/settings.py": "import flasks_unlike_flask\n",
        "mockserver/__init__.py": "from mockserver.app import create_app\n",
    }.items():
        (house / file).write_text(source, encoding="utf-8")
    modules = find_modules(house)
    imports = read_imports(modules)
    assert climbing_imports(imports, FLOORS) + banned_imports(imports, BANS) == []
    assert import_cycles(imports, modules) == []


def test_a_circle_through_a_room_is_found(house: Path) -> None:
    (house / "openapi" / "__init__.py").write_text("from openapi.document import read\n", encoding="utf-8")
    (house / "openapi" / "errors.py").write_text("from openapi import Contract\n", encoding="utf-8")
    modules = find_modules(house)
    assert import_cycles(read_imports(modules), modules) == [["openapi", "openapi.document", "openapi.errors"]]


def test_a_deferred_import_closes_no_circle(house: Path) -> None:
    (house / "openapi" / "a.py").write_text("def f():\n    import openapi.b\n", encoding="utf-8")
    (house / "openapi" / "b.py").write_text("import openapi.a\n", encoding="utf-8")
    modules = find_modules(house)
    assert import_cycles(read_imports(modules), modules) == []


def test_a_circle_over_three_modules_is_found(house: Path) -> None:
    for here, there in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        (house / "openapi" / f"{here}.py").write_text(f"from openapi import {there}\n", encoding="utf-8")
    modules = find_modules(house)
    assert import_cycles(read_imports(modules), modules) == [["openapi.a", "openapi.b", "openapi.c"]]
