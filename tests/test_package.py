"""What we ship: the wheel and the sdist opened, and the first commands run from the wheel in a new environment.

Builds both archives itself, or takes those in the folder that PACKAGE_DIST names (`make package` does).
Tests marked `registry` install from the package registry and run only in `make package`.
"""

from __future__ import annotations

import email
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent

TYPED_PACKAGES = ("openapi", "mockserver", "contract_tests")

SHIPPED_DATA = (
    "openapi/vendor/*.yaml",
    "openapi/vendor/SOURCES.md",
    "openapi/reconstructed/*.yaml",
    "openapi/reconstructed/SOURCES.md",
    "openapi/overlays/*.yaml",
    "openapi/effective/*.json",
    "mockserver/h5/templates/*.html",
    "mockserver/h5/static/*.*",
    "mockserver/overview/templates/*.html",
    "mockserver/overview/static/*.*",
    "contract_tests/html/*.*",
    "contract_tests/report-schema.json",
    "contract_tests/shapes-schema.json",
)
"""Files of the source tree that the installed package reads; each pattern must match at least one."""

FOREIGN_TO_THE_WHEEL = re.compile(r"(^|/)(tests?|benchmarks|docs|requirements|__pycache__|\.[^/]+)/|\.(pyc|toml)$")

OPERATION = "/volc/asset/CreateVisualValidateSession"

DEVELOPMENT_FILES = (
    "tests/test_package.py",
    "tests/conftest.py",
    "docs/decisions/README.md",
    "mkdocs.yml",
    "deploy/Dockerfile",
    "requirements/dev.txt",
    "requirements/dev.in",
    "Makefile",
    ".ci/run",
    "pyproject.toml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
)

LEAN = frozenset({
    "click",
    "flask",
    "granian",
    "jsonpath-rfc9535",
    "jsonschema-rs",
    "pyyaml",
    "rich",
    "segno",
    "tomli",
})  # fmt: skip
"""What `pip install anyfast-mockserver` asks for, and nothing else."""


@dataclass(frozen=True, slots=True)
class Built:
    """The two archives of one build."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = Path(os.environ["PACKAGE_DIST"]) if "PACKAGE_DIST" in os.environ else None
    if folder is None:
        folder = tmp_path_factory.mktemp("dist")
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel.resolve(), sdist.resolve())


@pytest.fixture(scope="session")
def wheel_files(built: Built) -> dict[str, bytes]:
    with zipfile.ZipFile(built.wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="session")
def sdist_files(built: Built) -> dict[str, bytes]:
    found = {}
    with tarfile.open(built.sdist) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member)
            if stream is not None:
                found[member.name.partition("/")[2]] = stream.read()
    return found


@pytest.fixture(scope="session")
def metadata(wheel_files: dict[str, bytes]) -> email.message.Message:
    (name,) = (name for name in wheel_files if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel_files[name])


def shipped_sources() -> list[str]:
    """Return the files of the source tree that an installed package needs, relative to the root."""
    patterns = (*SHIPPED_DATA, *(f"{package}/**/*.py" for package in TYPED_PACKAGES))
    found = {pattern: [path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)] for pattern in patterns}
    assert all(found.values()), f"no file matches: {[pattern for pattern, paths in found.items() if not paths]}"
    return [path for paths in found.values() for path in paths]


# --- the archives -----------------------------------------------------------------------------------------------------


def test_the_wheel_holds_code_and_data_unchanged(wheel_files: dict[str, bytes]) -> None:
    different = [path for path in shipped_sources() if wheel_files.get(path) != (ROOT / path).read_bytes()]
    assert different == []


def test_the_wheel_says_that_it_is_typed(wheel_files: dict[str, bytes]) -> None:
    assert [package for package in TYPED_PACKAGES if f"{package}/py.typed" not in wheel_files] == []


def test_the_wheel_holds_nothing_else(wheel_files: dict[str, bytes]) -> None:
    tops = {name.partition("/")[0] for name in wheel_files if ".dist-info/" not in name}
    assert tops == set(TYPED_PACKAGES)
    assert [name for name in wheel_files if FOREIGN_TO_THE_WHEEL.search(name)] == []


def test_the_sdist_can_be_developed_and_built_from(sdist_files: dict[str, bytes]) -> None:
    missing = [path for path in (*DEVELOPMENT_FILES, *shipped_sources(), "LICENSE") if path not in sdist_files]
    assert missing == []


def test_no_archive_names_a_folder_of_the_build_machine(
    wheel_files: dict[str, bytes], sdist_files: dict[str, bytes]
) -> None:
    folders = [place for place in (ROOT, Path.home(), Path(sys.prefix)) if place != Path(place.anchor)]
    ours = [f"{folder}/".encode() for folder in folders]
    named = [
        name
        for name, content in [*wheel_files.items(), *sdist_files.items()]
        if any(place in content for place in ours)
    ]
    assert named == []


def test_the_license_is_named_and_included(metadata: email.message.Message, wheel_files: dict[str, bytes]) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    (name,) = (name for name in wheel_files if name.endswith(".dist-info/licenses/LICENSE"))
    assert wheel_files[name] == (ROOT / "LICENSE").read_bytes()


def test_a_plain_install_stays_lean(metadata: email.message.Message) -> None:
    plain = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    names = {re.split(r"[^A-Za-z0-9._-]", line)[0].lower() for line in plain}
    assert names == LEAN


def test_extra_that_a_message_names_is_there(metadata: email.message.Message) -> None:
    extras = [line for line in metadata.get_all("Requires-Dist", []) if "extra == 'tls'" in line]
    assert [line.partition(">")[0] for line in extras] == ["cryptography"]
    assert "pip install 'anyfast-mockserver[tls]'" in (ROOT / "mockserver" / "tls.py").read_text(encoding="utf-8")


def test_the_command_says_the_version_of_the_wheel(metadata: email.message.Message) -> None:
    command = [str(Path(sys.executable).parent / "mockserver"), "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert metadata["Version"] in run.stdout.split()


# --- another package called openapi -----------------------------------------------------------------------------------


def test_a_foreign_package_called_openapi_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "__init__.py").write_text("VERSION = 'someone else'\n", encoding="utf-8")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from mockserver.cli import main; main(['routes'])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert run.returncode != 0
    last = run.stderr.splitlines()[-1]
    assert str(tmp_path / "openapi") in last, "the message says where the foreign package lies"
    assert "Uninstall it" in last, "the message says how to get rid of it"


# --- the wheel in a new environment -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Installed:
    """A virtual environment that holds the wheel and what it asks for."""

    bin: Path
    elsewhere: Path
    """A folder without the source tree, to run in."""

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment to its end; raise when it fails."""
        command = [str(self.bin / program), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=self.elsewhere, timeout=120)


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    environment = Installed(folder / "venv" / "bin", folder)
    environment.run("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(built.wheel))
    return environment


@contextmanager
def running(environment: Installed, folder: Path) -> Iterator[int]:
    """Run the mock of an environment on a free port of 127.0.0.1 and give the port."""
    port_file = folder / "port"
    command = [str(environment.bin / "mockserver"), "--port", "0", "--port-file", str(port_file)]
    with (folder / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 20
            while not (port_file.exists() and port_file.read_text(encoding="ascii").strip()):
                assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
                assert time.monotonic() < deadline, "no port file after 20 s"
                time.sleep(0.02)
            yield int(port_file.read_text(encoding="ascii"))
        finally:
            process.terminate()
            process.wait(timeout=10)


def post(port: int, authorization: str | None) -> int:
    """Post an empty object to the vendor's operation and return the status."""
    headers = {"Content-Type": "application/json", **({"Authorization": authorization} if authorization else {})}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("POST", OPERATION, body="{}", headers=headers)
        return connection.getresponse().status


@pytest.mark.registry
def test_installed_commands_run(installed: Installed, metadata: email.message.Message) -> None:
    assert metadata["Version"] in installed.run("mockserver", "--version").stdout.split()
    assert OPERATION in installed.run("mockserver", "routes").stdout


@pytest.mark.registry
def test_an_installed_mock_refuses_without_a_token_and_answers_with_one(installed: Installed, tmp_path: Path) -> None:
    with running(installed, tmp_path) as port:
        assert post(port, None) == 401
        assert post(port, "Bearer sk-mock-byteplus-direct") == 200


@pytest.mark.registry
def test_an_installed_mock_brings_no_test_libraries(installed: Installed) -> None:
    names = {
        line.partition("==")[0].lower() for line in installed.run("python", "-m", "pip", "freeze").stdout.splitlines()
    }
    assert names.isdisjoint({"pytest", "openapi-core", "requests", "responses"})
    assert {"flask", "granian"} <= names


# --- the image --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Image:
    """The last stage of deploy/Dockerfile, made in a folder. words: its instructions by name. files: what it copied."""

    folder: Path
    words: dict[str, str]
    environment: dict[str, str]

    def line(self, instruction: str) -> list[str]:
        """Give an instruction in exec form as a command."""
        command: list[str] = json.loads(self.words[instruction])
        return command


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Run the lines of deploy/Dockerfile in a folder, since there is no daemon: /opt, /src and /tmp lie in it."""
    folder = tmp_path_factory.mktemp("image")
    sources = folder / "src"
    sources.mkdir()
    (folder / "tmp").mkdir()
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    words: dict[str, str] = {}
    environment: dict[str, str] = {}
    for instruction, rest in re.findall(r"^([A-Z]+) +(.+)$", text, re.MULTILINE):
        there = re.sub(r"(?<![\w.])/(opt|src|tmp)\b", rf"{folder}/\1", rest)
        words[instruction] = there
        if instruction == "ENV":
            environment |= dict(one.split("=", 1) for one in there.split())
        elif instruction == "COPY" and "--from" not in there:
            *copied, target = there.split()
            for path in copied:
                _copy(ROOT / path, sources / target / ("" if len(copied) == 1 and "." not in path else Path(path).name))
        elif instruction == "RUN" and "pip uninstall" not in there:
            quick = {"PIP_NO_COMPILE": "1"}  # the image wants its modules compiled, a test does not
            pythons = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            command = ["sh", "-e", "-c", there]
            ran = subprocess.run(command, cwd=sources, env={**os.environ, **environment, **quick, "PATH": pythons},
                                 capture_output=True, text=True, check=False, timeout=300)  # fmt: skip
            assert ran.returncode == 0, f"{there}\n{ran.stdout}{ran.stderr}"
    path = environment.pop("PATH").replace("$PATH", os.environ["PATH"])
    return Image(folder, words, {**environment, "PATH": path, "HOME": str(folder)})


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


@pytest.mark.registry
def test_the_image_holds_the_mock_and_nothing_that_builds(image: Image) -> None:
    holds = {
        path.name.partition("-")[0].lower() for path in image.folder.glob("opt/anyfast/lib/*/site-packages/*.dist-info")
    }
    assert {"anyfast_mockserver", "granian", "redis", "cryptography"} <= holds
    assert holds.isdisjoint({"pip", "setuptools", "wheel", "build", "hatchling", "pytest"})


@pytest.mark.registry
def test_a_container_whose_mock_is_gone_is_not_healthy(image: Image) -> None:
    check = ["sh", "-c", image.words["HEALTHCHECK"].partition("CMD ")[2].replace("--timeout 3", "--timeout 0")]
    gone = subprocess.run(check, env=image.environment, capture_output=True, text=True, check=False)
    assert gone.returncode == 1
    assert "is not there" in gone.stdout, "what `docker inspect` shows has to help"


@pytest.mark.registry
@pytest.mark.parametrize("token", ["", "a-token-of-a-test"], ids=["makes its token", "is given one"])
def test_the_container_is_healthy_on_another_port_and_ends_at_a_signal(image: Image, token: str) -> None:
    told = {**image.environment, "ANYFAST_MOCK_PORT": "0"} | ({"ANYFAST_MOCK_CONTROL_TOKEN": token} if token else {})
    ready = Path(told["ANYFAST_MOCK_READY_FILE"])
    check = ["sh", "-c", image.words["HEALTHCHECK"].partition("CMD ")[2]]
    command = [*image.line("ENTRYPOINT"), *image.line("CMD")]
    with subprocess.Popen(command, env=told, cwd=image.folder / "tmp", stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not ready.exists():
                assert time.monotonic() < deadline, "no ready file after 20 s"
                time.sleep(0.02)
            healthy = subprocess.run(check, env=told, capture_output=True, text=True, check=False)
            assert healthy.returncode == 0, healthy.stdout + healthy.stderr
        finally:
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 2


@pytest.mark.registry
def test_every_transcript_holds_for_the_installed_mock(installed: Installed) -> None:
    """Every refusal at the wire, against what users install; `make test` has run the same against the checkout."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/wire/test_transcripts.py"]
    environment = {**os.environ, "MOCKSERVER_COMMAND": str(installed.bin / "mockserver")}
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert re.search(r"[0-9]{3,} passed", ran.stdout), ran.stdout[-500:]
